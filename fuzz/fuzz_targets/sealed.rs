//! A sealed result: its outside, and what the coach's key finds inside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::{Input, KEY, PARTICIPANT, READER};
use scoring::jose::{Sealing, base64url, is_sealed, seal, sealed_kid};

const SEALING: Sealing = Sealing { ephemeral: [6; 32], iv: [7; 12] };

fuzz_target!(|input: &[u8]| {
    match Input::of(input) {
        Input::Raw(file) => {
            let opened = READER.open(file);
            assert!(opened.is_err() || is_sealed(file), "opened, but not known as sealed");
            assert!(opened.is_err() || sealed_kid(file).is_ok());
            let _ = READER.verify(file);
        }
        // An outside with this header; nobody can make its tag.
        Input::Signed { header, payload } if header.starts_with(b"outside ") => {
            let (protected, epk) = (base64url(&header[8..]), base64url(payload));
            let file = format!(
                r#"{{"ciphertext":"{epk}","iv":"AAAAAAAAAAAAAAAA","protected":"{protected}","tag":"AAAAAAAAAAAAAAAAAAAAAA"}}"#
            );
            assert!(READER.open(file.as_bytes()).is_err());
            let _ = READER.verify(file.as_bytes());
        }
        // Anybody can seal anything for a coach.
        signed => {
            let inside = signed.flattened("survey-result+jwt", &PARTICIPANT);
            let Ok(inside) = String::from_utf8(inside) else { return };
            let sealed = seal(&inside, &KEY.seal_public(), &SEALING).expect("the key is sound");
            if sealed.len() <= scoring::jose::MAX_SEALED_BYTES {
                assert_eq!(READER.open(sealed.as_bytes()).as_deref(), Ok(inside.as_bytes()));
                let (outer, inner) =
                    (READER.verify(sealed.as_bytes()), READER.verify(inside.as_bytes()));
                assert_eq!(outer.map(|r| *r.receipt()), inner.map(|r| *r.receipt()));
            }
        }
    }
});
