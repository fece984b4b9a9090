//! Ed25519 (RFC 8032), checked strictly.
//!
//! The equation is written out here and not asked of ed25519-dalek for the sake of its last step, a division, which
//! many signatures can share. Each is still judged by itself: batch verification in the usual sense accepts or refuses
//! some signatures depending on their company. The verdict is always that of ed25519-dalek's `verify_strict`.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha512};

/// What a signature comes down to: R, as it stands there, must be the encoding of SB − kA.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    commitment: CompressedEdwardsY,
    expected: EdwardsPoint,
}

impl Claim {
    /// Of a signature of 64 bytes; nothing where something else than the equation refuses it already.
    ///
    /// RFC 8032 section 5.1.7 with the strict additions of "Taming the many EdDSAs" (Chalkias, Garillot & Nikolaenko
    /// 2020): S is below the group's order, and neither A nor R has a small order. R needs no decompression, for what
    /// equals the encoding of a point is one, and the only one of it.
    pub(super) fn of(public: &[u8; 32], message: &[u8], signature: &[u8]) -> Option<Self> {
        let (r, s) = signature.split_first_chunk::<32>()?;
        let s = Scalar::from_canonical_bytes(s.try_into().ok()?).into_option()?;
        if has_small_order(public) || has_small_order(r) {
            return None;
        }
        let a = CompressedEdwardsY(*public).decompress()?;
        let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-a, &s);
        Some(Claim { commitment: CompressedEdwardsY(*r), expected })
    }

    pub(super) fn holds(&self) -> bool {
        self.expected.compress() == self.commitment
    }

    /// [`Claim::holds`] of each of many.
    pub(super) fn hold<'a>(many: impl Iterator<Item = &'a Self> + Clone) -> Vec<bool> {
        let expected: Vec<EdwardsPoint> = many.clone().map(|claim| claim.expected).collect();
        let expected = EdwardsPoint::compress_batch_alloc(&expected);
        many.zip(expected).map(|(claim, expected)| expected == claim.commitment).collect()
    }
}

/// Whether a signature holds. The verdict is that of ed25519-dalek's `verify_strict`.
#[must_use]
pub fn is_signature(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    Claim::of(public, message, signature).is_some_and(|claim| claim.holds())
}

/// Whether some bytes encode a point of order 1, 2, 4 or 8, whatever its sign: there are five such y ("Taming the many
/// EdDSAs", table 1), two of which are small enough to be encoded a second time, the prime added.
fn has_small_order(encoding: &[u8; 32]) -> bool {
    const fn y(first: u8, middle: u8, last: u8) -> [u8; 32] {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    }
    const SMALL: [[u8; 32]; 7] = [
        y(0, 0, 0),
        y(1, 0, 0),
        *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
        y(0xec, 0xff, 0x7f),
        y(0xed, 0xff, 0x7f),
        y(0xee, 0xff, 0x7f),
    ];
    let mut y = *encoding;
    y[31] &= 0x7f;
    SMALL.contains(&y)
}

/// Signs with a 32-byte seed (RFC 8032 section 5.1.6).
#[must_use]
pub fn sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(seed).sign(message).to_bytes()
}
