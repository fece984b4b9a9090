//! A participant's keys: which one belongs where, and the code that brings one back.

use crate::instrument::hex;
use crate::result::SOLO_AUDIENCE;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};

/// The secret that a key is made of: 128 random bits, short enough to be written down.
pub type Secret = [u8; 16];

/// The place of a key on a device: one for each coach and cohort, so that the waves of a cohort are
/// linked and cohorts are not. Without a cohort there is one place for everything.
#[must_use]
pub fn slot(cohort: Option<(&str, &str)>) -> String {
    let (coach_kid, cohort) = cohort.unwrap_or(("", SOLO_AUDIENCE));
    hex(&Sha256::digest(format!("survey-key-slot-v1{coach_kid}{cohort}")))
}

/// The Ed25519 seed of a secret. 128 bits are the security level of the curve itself.
#[must_use]
pub fn seed(secret: &Secret) -> [u8; 32] {
    Sha256::new().chain_update(b"survey-key-recovery-v1").chain_update(secret).finalize().into()
}

/// The public half of a seed.
#[must_use]
pub fn public(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// An Ed25519 private key in PKCS #8 (RFC 8410 section 7), as WebCrypto imports it.
#[must_use]
pub fn pkcs8(seed: &[u8; 32]) -> [u8; 48] {
    let mut key = [0; 48];
    let prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    for (place, byte) in key.iter_mut().zip(prefix.iter().chain(seed)) {
        *place = *byte;
    }
    key
}

/// Crockford's base 32: no letter that is taken for a digit, and none that spells by accident.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 26 hold the secret, 2 catch a mistake.
const CODE_CHARS: usize = 28;

/// The code of a secret, in groups of four.
///
/// ```
/// use scoring::participant::{recovery_code, from_recovery_code};
/// let code = recovery_code(&[7; 16]);
/// assert_eq!(code.len(), 34);
/// assert_eq!(from_recovery_code(&code.to_lowercase().replace('-', " ")), Some([7; 16]));
/// ```
#[must_use]
pub fn recovery_code(secret: &Secret) -> String {
    let mut code = String::new();
    for (idx, digit) in digits(secret).into_iter().enumerate() {
        if idx > 0 && idx.is_multiple_of(4) {
            code.push('-');
        }
        code.push(char::from(*ALPHABET.get(usize::from(digit)).unwrap_or(&b'0')));
    }
    code
}

/// The secret of a code as somebody typed it; nothing where a character is wrong.
#[must_use]
pub fn from_recovery_code(code: &str) -> Option<Secret> {
    let mut typed = Vec::new();
    for character in code.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let character = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|known| char::from(*known) == character)?;
        typed.push(u8::try_from(digit).ok()?);
    }
    let mut bits: u128 = 0;
    for digit in typed.iter().take(26) {
        bits = (bits << 5) | u128::from(*digit);
    }
    let secret = bits.to_be_bytes();
    (typed == digits(&secret)).then_some(secret)
}

/// 26 digits of the secret, then 10 bits of its hash.
fn digits(secret: &Secret) -> Vec<u8> {
    let bits = u128::from_be_bytes(*secret);
    let check = Sha256::digest(secret);
    let check = check.iter().take(2).fold(0_u16, |sum, byte| (sum << 8) | u16::from(*byte)) >> 6;
    let low = |value: u128| u8::try_from(value & 31).unwrap_or_default();
    let mut digits: Vec<u8> = (0..26).rev().map(|place| low(bits >> (5 * place))).collect();
    digits.extend([low(u128::from(check >> 5)), low(u128::from(check))]);
    debug_assert_eq!(digits.len(), CODE_CHARS);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_brings_its_secret_back(secret: [u8; 16]) {
            prop_assert_eq!(from_recovery_code(&recovery_code(&secret)), Some(secret));
        }

        #[test]
        fn one_wrong_character_is_noticed_nearly_always(secret: [u8; 16], place in 0..26_usize, digit in 1..32_u8) {
            let mut wrong = digits(&secret);
            wrong[place] = (wrong[place] + digit) % 32;
            let typed: String = wrong.iter().map(|d| char::from(ALPHABET[usize::from(*d)])).collect();
            // Two check characters let one mistake in 1024 pass; it then makes another, working key.
            if let Some(found) = from_recovery_code(&typed) {
                prop_assert_ne!(found, secret);
            }
        }
    }

    #[test]
    fn letters_that_look_like_digits_are_taken_for_them() {
        let code = recovery_code(&[0; 16]);
        assert_eq!(from_recovery_code(&code.replace('0', "o")), Some([0; 16]));
        assert_eq!(from_recovery_code(&code[..code.len() - 1]), None);
        assert_eq!(from_recovery_code(""), None);
    }

    #[test]
    fn the_slot_is_the_hash_that_the_format_names() {
        // printf 'survey-key-slot-v1KIDCID' | sha256sum
        assert_eq!(
            slot(Some(("KID", "CID"))),
            "3fa89f5b18522ed506aafb31a81911d4e801804370b05072daecac34ab9f07de"
        );
    }
}
