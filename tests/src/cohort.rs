//! Coaches' keys, links and invitations, made as a coach's own tool makes them.

use crate::forge::sign_for;
use crate::respondent::instrument;
use scoring::answers::AnswerSheet;
use scoring::coach::CoachKey;
use scoring::cohort::{Asked, Delivery, Invitation, LinkClaims, LinkCut, Seat, VerifiedLink};
use scoring::instrument::Rater;
use scoring::jose::base64url;
use scoring::result::{Membership, Policy, Reader, VerifiedResult};
use std::sync::Arc;

/// A coach's keys, of a number.
#[must_use]
pub fn coach(number: u8) -> CoachKey {
    CoachKey::from_seeds([number; 32], [number.wrapping_add(100); 32])
}

/// A cohort that is asked for these instruments and hands over files that are not sealed.
#[must_use]
pub fn claims(id: u8, instruments: &[(&str, &str)]) -> LinkClaims {
    let asked = |(id, version): &(&str, &str)| Asked {
        id: (*id).to_owned(),
        version: (*version).to_owned(),
        sha256: *instrument(id, version).sha256(),
    };
    LinkClaims {
        iat: 1_790_000_000,
        id: base64url(&[id; 16]),
        title: "How we lead together".to_owned(),
        coach: "Coach & Partners".to_owned(),
        wave: "Spring 2027".to_owned(),
        nonce: base64url(&[id.wrapping_add(1); 16]),
        instruments: instruments.iter().map(asked).collect(),
        languages: vec!["en".to_owned()],
        closes: None,
        cuts: vec![LinkCut {
            id: "site".to_owned(),
            title: "Where do you work?".to_owned(),
            options: ["Main office", "Plant <2>", "On the road"].map(str::to_owned).to_vec(),
        }],
        policy: Policy { min_group: 6, min_comments: 12 },
        seal: None,
        delivery: Delivery::File,
        invitation: false,
    }
}

/// A coach's link.
#[must_use]
pub fn link(claims: &LinkClaims, key: &CoachKey) -> VerifiedLink {
    let unsigned = claims.unsigned(&key.public()).expect("claims that a reader accepts");
    let token = unsigned.compact(&key.sign(&unsigned.signing_input()));
    VerifiedLink::verify(&token).expect("a link that was just made")
}

/// An invitation to a link's cohort.
#[must_use]
pub fn invitation(link: &VerifiedLink, key: &CoachKey, id: u8) -> String {
    let unsigned = Invitation::unsigned(&link.claims().id, &[id; 16], None);
    unsigned.compact(&key.sign(&unsigned.signing_input()))
}

/// The result of a leader or a manager, who are one pair of a link.
#[must_use]
pub fn pair_result(link: &VerifiedLink, key: &CoachKey, sheet: &AnswerSheet) -> String {
    let person = if sheet.rater == Rater::Own { 1 } else { 2 };
    let seat = Seat { pair: base64url(&[7; 16]), rater: sheet.rater };
    let unsigned = Invitation::unsigned(&link.claims().id, &[person; 16], Some(&seat));
    let invitation = unsigned.compact(&key.sign(&unsigned.signing_input()));
    let cuts = [].into_iter().collect();
    let membership = Membership { link: link.clone(), invitation: Some(invitation), cuts };
    sign_for(&instrument("leader_180", "1.0"), sheet, person, Some(membership))
}

/// The fragment that a participant is sent.
#[must_use]
pub fn fragment(link: &VerifiedLink) -> String {
    format!("#/join/{}", link.token())
}

/// What a coach reads from a file that was answered through one of these links.
#[must_use]
pub fn read(file: &str, links: &[&VerifiedLink], key: CoachKey) -> VerifiedResult {
    let asked = links.iter().flat_map(|link| &link.claims().instruments);
    let reader = Reader {
        instruments: asked.map(|asked| Arc::new(instrument(&asked.id, &asked.version))).collect(),
        links: links.iter().map(|link| Arc::new((*link).clone())).collect(),
        keys: vec![Arc::new(key)],
    };
    reader.verify(file.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}: {file}"))
}
