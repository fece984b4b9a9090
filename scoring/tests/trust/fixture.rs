//! A coach, a cohort, its participants, and files that are signed after they were changed.

use scoring::answers::AnswerSheet;
use scoring::coach::CoachKey;
use scoring::cohort::{Asked, Delivery, Invitation, LinkClaims, LinkCut, Seat, VerifiedLink};
use scoring::instrument::{Instrument, Rater};
use scoring::jose::{Curve, base64url, from_base64url, sign};
use scoring::json::{canonical, parse};
use scoring::participant::public;
use scoring::result::{App, Membership, Policy, Reader, Signing, Timing, unsigned};
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, LazyLock};

pub const CLOSES: i64 = 1_000;

pub static OPS: LazyLock<Arc<Instrument>> = LazyLock::new(|| instrument("ops"));
pub static COACH: LazyLock<Arc<CoachKey>> =
    LazyLock::new(|| Arc::new(CoachKey::from_seeds([101; 32], [102; 32])));
pub static OTHER_COACH: LazyLock<CoachKey> =
    LazyLock::new(|| CoachKey::from_seeds([103; 32], [104; 32]));

/// The cohort that most files are for.
pub static LINK: LazyLock<VerifiedLink> = LazyLock::new(|| linked(&claims(), &COACH));
/// A later link of the same cohort, which the reader does not know.
pub static REISSUED: LazyLock<VerifiedLink> =
    LazyLock::new(|| linked(&LinkClaims { iat: 3, ..claims() }, &COACH));
/// A cohort that is invited one by one.
pub static INVITED: LazyLock<VerifiedLink> = LazyLock::new(|| {
    let id = base64url(&[31; 16]);
    linked(&LinkClaims { id, invitation: true, ..claims() }, &COACH)
});

/// Knows the instrument, both links and the coach's key.
pub static READER: LazyLock<Reader> = LazyLock::new(|| Reader {
    instruments: vec![OPS.clone(), instrument("readiness")],
    links: vec![Arc::new(LINK.clone()), Arc::new(INVITED.clone())],
    keys: vec![COACH.clone()],
});

/// A published instrument in its first version.
pub fn instrument(id: &str) -> Arc<Instrument> {
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments");
    let definition = std::fs::read(public.join(id).join("1.0/definition.json")).unwrap();
    Arc::new(Instrument::load(&definition).unwrap())
}

pub fn claims() -> LinkClaims {
    LinkClaims {
        iat: 2,
        id: base64url(&[30; 16]),
        title: "Spring offsite".to_owned(),
        coach: "Somebody".to_owned(),
        wave: "spring".to_owned(),
        nonce: base64url(&[32; 16]),
        instruments: vec![Asked {
            id: "ops".to_owned(),
            version: "1.0".to_owned(),
            sha256: *OPS.sha256(),
        }],
        languages: vec!["en".to_owned()],
        closes: Some(CLOSES),
        cuts: vec![LinkCut {
            id: "site".to_owned(),
            title: "Where do you work?".to_owned(),
            options: ["North", "South", "West"].map(str::to_owned).to_vec(),
        }],
        policy: Policy { min_group: 6, min_comments: 12 },
        seal: Some(COACH.seal_public()),
        delivery: Delivery::File,
        invitation: false,
    }
}

pub fn linked(claims: &LinkClaims, coach: &CoachKey) -> VerifiedLink {
    let unsigned = claims.unsigned(&coach.public()).unwrap();
    let token = unsigned.compact(&coach.sign(&unsigned.signing_input()));
    VerifiedLink::verify(&token).unwrap()
}

pub fn invitation(link: &VerifiedLink, number: u8) -> String {
    let unsigned = Invitation::unsigned(&link.claims().id, &[number; 16], None);
    unsigned.compact(&COACH.sign(&unsigned.signing_input()))
}

/// An invitation to one of the two places of a pair.
pub fn seated(link: &VerifiedLink, number: u8, rater: Rater) -> String {
    let seat = Seat { pair: base64url(&[50 + number; 16]), rater };
    let unsigned = Invitation::unsigned(&link.claims().id, &[number; 16], Some(&seat));
    unsigned.compact(&COACH.sign(&unsigned.signing_input()))
}

/// The signed result of the person with this seed, who skipped everything.
pub fn result(seed: u8, issued_at: i64, membership: Option<Membership>) -> String {
    let sheet = AnswerSheet::new(Rater::Own).completed(&OPS);
    signed(&OPS, &sheet, &[seed; 32], issued_at, membership)
}

/// A signed result with these answers.
pub fn signed(
    instrument: &Instrument,
    sheet: &AnswerSheet,
    seed: &[u8; 32],
    issued_at: i64,
    membership: Option<Membership>,
) -> String {
    let signing = Signing {
        app: App { name: "test".to_owned(), version: "1".to_owned(), build: String::new() },
        lang: "en".to_owned(),
        started_at: 1,
        submitted_at: 2,
        issued_at,
        token_id: [seed[0]; 16],
        timing: Timing::default(),
        membership,
    };
    let unsigned = unsigned(instrument, sheet, &public(seed), &signing);
    unsigned.signed(&sign(seed, &unsigned.signing_input()))
}

/// A place in a cohort, with the first option of its cut.
pub fn membership(link: &VerifiedLink, invitation: Option<String>) -> Membership {
    let cuts = [("site".to_owned(), 1)].into_iter().collect();
    Membership { link: link.clone(), invitation, cuts }
}

/// Header and payload of a signed file, to be changed and signed again, as somebody with a key of
/// their own could.
pub struct Forge {
    pub header: Value,
    pub payload: Value,
    pub seed: [u8; 32],
}

impl Forge {
    /// Of a flattened file.
    pub fn of(file: &str, seed: [u8; 32]) -> Self {
        let file = parse(file.as_bytes()).unwrap();
        let part = |name: &str| file[name].as_str().unwrap();
        Forge { header: decoded(part("protected")), payload: decoded(part("payload")), seed }
    }

    /// Of a compact token.
    pub fn of_token(token: &str, seed: [u8; 32]) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        Forge { header: decoded(parts[0]), payload: decoded(parts[1]), seed }
    }

    /// One change, signed.
    pub fn with(mut self, change: impl FnOnce(&mut Value, &mut Value)) -> [String; 3] {
        change(&mut self.header, &mut self.payload);
        self.signed(&canonical(&self.header), &canonical(&self.payload))
    }

    /// The texts of header and payload with one part replaced, signed.
    pub fn replaced(self, from: &str, to: &str) -> [String; 3] {
        let texts = [canonical(&self.header), canonical(&self.payload)];
        assert!(texts.iter().any(|text| text.contains(from)), "there is no {from}");
        let [header, payload] = texts.map(|text| text.replacen(from, to, 1));
        self.signed(&header, &payload)
    }

    pub fn signed(&self, header: &str, payload: &str) -> [String; 3] {
        let (header, payload) = (base64url(header.as_bytes()), base64url(payload.as_bytes()));
        let signature = sign(&self.seed, format!("{header}.{payload}").as_bytes());
        [header, payload, base64url(&signature)]
    }
}

fn decoded(part: &str) -> Value {
    parse(&from_base64url(part).unwrap()).unwrap()
}

/// The flattened form.
pub fn flat([protected, payload, signature]: [String; 3]) -> String {
    format!(r#"{{"payload":"{payload}","protected":"{protected}","signature":"{signature}"}}"#)
}

/// The compact form.
pub fn compact(parts: [String; 3]) -> String {
    parts.join(".")
}

/// The thumbprint of a seed's key.
pub fn kid(seed: &[u8; 32]) -> String {
    Curve::Ed25519.thumbprint(&base64url(&public(seed)))
}
