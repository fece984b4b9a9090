//! Malformed invitations.

use crate::fixture::{Forge, INVITED, LINK, compact, invitation};
use crate::{Case, Table};
use scoring::cohort::{Invitation, InvitationFault};
use scoring::jose::{Curve, base64url};
use serde_json::{Value, json};

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
    t.refused("key_mismatch", "signed and named by another coach", {
        let kid = Curve::Ed25519.thumbprint(&base64url(&scoring::participant::public(&[103; 32])));
        compact(Forge { seed: [103; 32], ..forge() }.with(|header, _| header["kid"] = json!(kid)))
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
    t.refused("header", "no kid", header(|h| drop(h.as_object_mut().unwrap().remove("kid"))));
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
