//! A cohort link, and an invitation to the cohort of a known one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::{COACH, Input, KEY, LINK};
use scoring::cohort::{Invitation, MAX_LINK_CHARS, VerifiedLink, link_tokens};

fuzz_target!(|input: &[u8]| {
    let input = Input::of(input);
    let text = input.compact("survey-cohort+jwt", &COACH);
    if let Some((token, invitation)) = link_tokens(&text) {
        let _ = VerifiedLink::verify(token);
        let _ = invitation.map(|token| Invitation::verify(token, &LINK));
    }
    let _ = Invitation::verify(&text, &LINK);
    if let Ok(link) = VerifiedLink::verify(&text) {
        assert!(text.len() <= MAX_LINK_CHARS);
        assert_eq!(
            link_tokens(&text),
            Some((text.as_str(), None)),
            "every link is found in a text"
        );
        let _ = link.slug();
        // What was read can be written, and says the same when it is read again.
        let unsigned = link.claims().unsigned(&KEY.public()).expect("readable claims");
        let again = unsigned.compact(&KEY.sign(&unsigned.signing_input()));
        if again.len() <= MAX_LINK_CHARS {
            let again = VerifiedLink::verify(&again).expect("a link as we write it");
            assert_eq!(again.claims(), link.claims());
        }
    }
});
