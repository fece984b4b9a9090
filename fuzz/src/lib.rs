//! What the targets share: published keys, a cohort, and how an input becomes a signed file.
//!
//! A mutated signature never fits, so a fuzzer that mutates files sees little behind it. Here an
//! input is the content, which the target signs:
//!
//! | first line of an input | what the rest is |
//! |---|---|
//! | empty | the payload, under the header that its kind has |
//! | `raw` | the whole file |
//! | anything else | the payload, and the first line is the header |

use scoring::coach::CoachKey;
use scoring::cohort::{Asked, Delivery, LinkClaims, LinkCut, VerifiedLink};
use scoring::instrument::Instrument;
use scoring::jose::{Curve, base64url, sign};
use scoring::participant::public;
use scoring::result::{Policy, Reader};
use std::sync::{Arc, LazyLock};

/// The participant's seed.
pub const PARTICIPANT: [u8; 32] = [3; 32];
/// The coach's signing seed.
pub const COACH: [u8; 32] = [1; 32];
/// The coach's seed for what is sealed.
pub const SEAL: [u8; 32] = [2; 32];
/// Some time before the cohort closes.
pub const NOW: i64 = 1_790_000_000;

/// The definition that results are answers to.
pub const DEFINITION: &[u8] = include_bytes!("../fixtures/definition.json");

/// The instrument of [`DEFINITION`].
pub static INSTRUMENT: LazyLock<Arc<Instrument>> =
    LazyLock::new(|| Arc::new(Instrument::load(DEFINITION).expect("the fixture is a definition")));

/// The coach's keys.
pub static KEY: LazyLock<Arc<CoachKey>> =
    LazyLock::new(|| Arc::new(CoachKey::from_seeds(COACH, SEAL)));

/// The cohort's link.
pub static LINK: LazyLock<Arc<VerifiedLink>> = LazyLock::new(|| {
    let unsigned = link_claims().unsigned(&KEY.public()).expect("the fixture is a link");
    let token = unsigned.compact(&KEY.sign(&unsigned.signing_input()));
    Arc::new(VerifiedLink::verify(&token).expect("the fixture is a link"))
});

/// A reader that knows all of these.
pub static READER: LazyLock<Reader> = LazyLock::new(|| Reader {
    instruments: vec![INSTRUMENT.clone()],
    links: vec![LINK.clone()],
    keys: vec![KEY.clone()],
});

/// What the cohort's link pins.
pub fn link_claims() -> LinkClaims {
    LinkClaims {
        iat: NOW,
        id: base64url(&[4; 16]),
        title: "Team day".to_owned(),
        coach: "A coach".to_owned(),
        wave: "1".to_owned(),
        nonce: base64url(&[5; 16]),
        instruments: vec![Asked {
            id: "pulse".to_owned(),
            version: "1.0".to_owned(),
            sha256: *INSTRUMENT.sha256(),
        }],
        languages: vec!["en".to_owned()],
        closes: Some(NOW + 1_000_000),
        cuts: vec![LinkCut {
            id: "site".to_owned(),
            title: "Where?".to_owned(),
            options: vec!["North".to_owned(), "South".to_owned()],
        }],
        policy: Policy::default(),
        seal: Some(KEY.seal_public()),
        delivery: Delivery::File,
        invitation: false,
    }
}

/// An input, by its first line.
pub enum Input<'a> {
    /// A whole file.
    Raw(&'a [u8]),
    /// Something to sign.
    Signed {
        /// The header; empty for the usual one.
        header: &'a [u8],
        /// The payload.
        payload: &'a [u8],
    },
}

impl<'a> Input<'a> {
    /// Reads the first line.
    pub fn of(input: &'a [u8]) -> Self {
        let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        let (header, rest) = input.split_at(end);
        let payload = rest.get(1..).unwrap_or_default();
        match header {
            b"raw" => Input::Raw(payload),
            header => Input::Signed { header, payload },
        }
    }

    /// The file: a flattened JWS where there is something to sign.
    pub fn flattened(&self, typ: &str, seed: &[u8; 32]) -> Vec<u8> {
        match self {
            Input::Raw(file) => file.to_vec(),
            Input::Signed { header, payload } => {
                let [protected, payload, signature] = signed(header, payload, typ, seed);
                format!(
                    r#"{{"payload":"{payload}","protected":"{protected}","signature":"{signature}"}}"#
                )
                .into_bytes()
            }
        }
    }

    /// The token: a compact JWS where there is something to sign.
    pub fn compact(&self, typ: &str, seed: &[u8; 32]) -> String {
        match self {
            Input::Raw(file) => String::from_utf8_lossy(file).into_owned(),
            Input::Signed { header, payload } => signed(header, payload, typ, seed).join("."),
        }
    }
}

fn signed(header: &[u8], payload: &[u8], typ: &str, seed: &[u8; 32]) -> [String; 3] {
    let header = match header {
        b"" => self_signed_header(typ, seed).into_bytes(),
        header => header.to_vec(),
    };
    let (protected, payload) = (base64url(&header), base64url(payload));
    let signature = sign(seed, format!("{protected}.{payload}").as_bytes());
    [protected, payload, base64url(&signature)]
}

/// The header of a file that brings its key along.
pub fn self_signed_header(typ: &str, seed: &[u8; 32]) -> String {
    let x = base64url(&public(seed));
    let kid = Curve::Ed25519.thumbprint(&x);
    format!(
        r#"{{"alg":"EdDSA","jwk":{{"crv":"Ed25519","kty":"OKP","x":"{x}"}},"kid":"{kid}","typ":"{typ}"}}"#
    )
}
