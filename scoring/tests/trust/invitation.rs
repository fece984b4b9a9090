//! Malformed invitations.

use crate::fixture::{Forge, INVITED, LINK, OTHER_COACH, compact, invitation, linked};
use crate::{Case, Table};
use scoring::cohort::{Invitation, InvitationFault, VerifiedLink};
use scoring::explain::explain;
use scoring::jose::base64url;
use scoring::result::Reader;
use serde_json::{Value, json};
use std::sync::Arc;

pub fn read(token: &[u8]) -> Option<String> {
    let fault = Invitation::verify(std::str::from_utf8(token).unwrap(), &INVITED).err()?;
    Some(match fault {
        InvitationFault::Envelope(fault) => fault.code().to_owned(),
        InvitationFault::Content(_) => "content".to_owned(),
    })
}

fn forge() -> Forge {
    Forge::of_token(&invitation(&INVITED, 1), [101; 32])
}

fn header(change: impl FnOnce(&mut Value)) -> String {
    compact(forge().with(|header, _| change(header)))
}

fn payload(change: impl FnOnce(&mut Value)) -> String {
    compact(forge().with(|_, payload| change(payload)))
}

pub fn cases() -> Vec<Case> {
    let mut table = Table::new(&read);
    let t = &mut table;
    let good = invitation(&INVITED, 1);
    assert_eq!(read(good.as_bytes()), None);
    t.refused("empty", "nothing", "");
    t.refused("not_a_result", "two parts", &good[..good.rfind('.').unwrap()]);
    t.refused("too_large", "too long", "a".repeat(500));
    t.refused("encoding", "padded", format!("{good}=="));
    t.refused("encoding", "white space at its end", format!("{good}\n"));
    t.refused(
        "signature",
        "signed by nobody",
        format!("{}.{}", &good[..good.rfind('.').unwrap()], base64url(&[0; 64])),
    );
    t.refused("signature", "signed by another coach", {
        compact(Forge { seed: [103; 32], ..forge() }.with(|_, _| ()))
    });
    t.refused("content", "to another cohort of this coach", invitation(&LINK, 1));
    t.refused("content", "to nobody", payload(|p| p["aud"] = json!("")));
    t.refused("content", "to a list of cohorts", payload(|p| p["aud"] = json!([p["aud"]])));
    t.refused(
        "content",
        "without a number",
        payload(|p| drop(p.as_object_mut().unwrap().remove("jti"))),
    );
    t.refused("content", "a short number", payload(|p| p["jti"] = json!("AA")));
    t.refused(
        "content",
        "a number with trailing bits",
        payload(|p| p["jti"] = json!("AAAAAAAAAAAAAAAAAAAAAB")),
    );
    for (name, pair, rater) in [
        ("a pair without a role", Some(json!("A".repeat(22))), None),
        ("a role without a pair", None, Some(json!("self"))),
        ("a short pair", Some(json!("AA")), Some(json!("self"))),
        ("a pair that is none", Some(Value::Null), Some(json!("self"))),
        ("a role that is none", Some(json!("A".repeat(22))), Some(json!("boss"))),
    ] {
        t.refused(
            "content",
            name,
            payload(|p| {
                for (key, value) in [("pair", pair), ("rater", rater)] {
                    if let Some(value) = value {
                        p[key] = value;
                    }
                }
            }),
        );
    }
    t.refused("content", "a surplus claim", payload(|p| p["name"] = json!("somebody")));
    t.refused(
        "duplicate_member",
        "a number twice",
        compact(forge().replaced("\"jti\"", "\"jti\":\"x\",\"jti\"")),
    );
    t.refused("header", "a key of its own", header(|h| h["jwk"] = json!({})));
    t.refused("header", "alg none", header(|h| h["alg"] = json!("none")));
    t.refused("header", "alg HS256", header(|h| h["alg"] = json!("HS256")));
    t.refused("header", "crit", header(|h| h["crit"] = json!(["exp"])));
    t.refused(
        "header",
        "a name of its key: the link has it",
        header(|h| h["kid"] = json!(INVITED.kid())),
    );
    t.refused("header", "no typ", header(|h| drop(h.as_object_mut().unwrap().remove("typ"))));
    t.refused("too_large", "a link for an invitation", LINK.token());
    for (name, typ) in [
        ("typ of a result", "survey-result+jwt"),
        ("typ of a link", "survey-cohort+jwt"),
        ("typ of a group report", "survey-group-report+jwt"),
        ("typ in capitals", "SURVEY-INVITATION+JWT"),
    ] {
        t.refused("purpose", name, header(|h| h["typ"] = json!(typ)));
    }
    table.cases
}

/// It does not name its key, so the links to its cohort are tried: not only the coach's first one, and not
/// only one that a stranger made for the same cohort.
#[test]
fn an_invitation_is_explained_by_the_link_that_it_belongs_to() {
    let stranger = Arc::new(linked(INVITED.claims(), &OTHER_COACH));
    let reader = |links: &[&Arc<VerifiedLink>]| Reader {
        links: links.iter().copied().cloned().collect(),
        ..Reader::default()
    };
    let (known, invited) = (Arc::new(LINK.clone()), Arc::new(INVITED.clone()));
    let check = |links: &[&Arc<VerifiedLink>], refusal: Option<&str>, kid: Option<&str>| {
        let explained = explain(invitation(&INVITED, 1).as_bytes(), &reader(links), 0);
        assert_eq!((explained.refusal.as_deref(), explained.kid.as_deref()), (refusal, kid));
    };
    check(&[&known, &stranger, &invited], None, Some(INVITED.kid()));
    check(&[&stranger], Some("invitation"), None);
    check(&[&known], Some("unknown_cohort"), None);
}
