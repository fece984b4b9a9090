//! What holds for all files, and for any number of them in any order.

use crate::fixture::{
    CLOSES, COACH, INVITED, LINK, READER, claims, invitation, linked, membership, result,
};
use crate::group_report;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use scoring::coach::CoachKey;
use scoring::cohort::{
    Asked, Delivery, GroupReport, Import, LinkClaims, LinkCut, VerifiedLink, link_tokens, reports,
};
use scoring::explain::{Kind, explain};
use scoring::jose::{Locking, Sealing, base64url, seal, unseal};
use scoring::participant::{public, seed};
use scoring::result::{Policy, Reader, Refusal, VerifiedResult};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Files of every kind that a coach may be handed at once, each with a name of its own.
static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let sealed = |file: &str, random: u8| {
        let fresh = Sealing { ephemeral: [random; 32], iv: [random; 12] };
        seal(file, &COACH.seal_public(), &fresh).unwrap()
    };
    let member = |person, at| result(person, at, Some(membership(&LINK, None)));
    let guest = |person, at, number| {
        let invitation = invitation(&INVITED, number);
        result(person, at, Some(membership(&INVITED, Some(invitation))))
    };
    let files = [
        ("solo", result(1, 10, None)),
        ("solo, newer", result(1, 20, None)),
        ("member", member(2, 10)),
        ("member, copied", member(2, 10)),
        ("member, sealed", sealed(&member(2, 10), 50)),
        ("member, sealed again", sealed(&member(2, 10), 51)),
        ("member, newer, sealed", sealed(&member(2, 11), 52)),
        ("of the same age, one", member(3, 10)),
        ("of the same age, other", {
            let mut other = membership(&LINK, None);
            other.cuts.insert("site".to_owned(), 2);
            result(3, 10, Some(other))
        }),
        ("late", member(4, CLOSES + 1)),
        ("in time", member(4, CLOSES)),
        ("guest", guest(5, 10, 1)),
        ("guest on another device", guest(6, 30, 1)),
        ("guest on a third device, sealed", sealed(&guest(7, 20, 1), 53)),
        ("guest with two invitations", guest(8, 10, 2)),
        ("guest with two invitations, newer", guest(8, 11, 3)),
        ("another guest with the second", guest(9, 5, 2)),
        ("uninvited", result(10, 10, Some(membership(&INVITED, None)))),
        ("nobody's", "{}".to_owned()),
        ("link", LINK.token().to_owned()),
        ("sealed nonsense", sealed("{}", 54)),
        ("many.jsonl", format!("{}\n{}\n\nnonsense\n", member(2, 10), member(11, 10))),
    ];
    files.map(|(name, file)| (name.to_owned(), file.into_bytes())).to_vec()
});

fn import(files: impl IntoIterator<Item = usize>) -> Import {
    let mut import = Import::default();
    for idx in files {
        import.add(&FILES[idx].0, &FILES[idx].1, &READER);
    }
    import
}

/// The verdict on every file, by its name.
fn verdicts(import: &Import) -> BTreeMap<String, String> {
    import.outcomes().into_iter().map(|outcome| (outcome.file, outcome.code)).collect()
}

static IN_ORDER: LazyLock<Import> = LazyLock::new(|| import(0..FILES.len()));

#[test]
fn each_file_has_its_verdict() {
    let verdicts = verdicts(&IN_ORDER);
    for (file, code) in [
        ("solo", "superseded"),
        ("solo, newer", "counted"),
        ("member, newer, sealed", "counted"),
        ("late", "late"),
        ("in time", "superseded"),
        ("guest", "invitation_reused"),
        ("guest on another device", "counted"),
        ("guest on a third device, sealed", "invitation_reused"),
        ("guest with two invitations", "superseded"),
        ("guest with two invitations, newer", "counted"),
        ("another guest with the second", "counted"),
        ("uninvited", "not_invited"),
        ("nobody's", "not_a_result"),
        ("link", "not_json"),
        ("sealed nonsense", "not_a_result"),
        ("many.jsonl:2", "counted"),
        ("many.jsonl:4", "not_json"),
    ] {
        assert_eq!(verdicts[file], code, "{file}");
    }
    // Of equally new ones exactly one counts; of copies, sealed or not, none is more than one file.
    let code = |file: &str| verdicts[file].as_str();
    let same_age = [code("of the same age, one"), code("of the same age, other")];
    assert!(same_age.contains(&"counted") && same_age.contains(&"superseded"), "{same_age:?}");
    let copies =
        ["member", "member, copied", "member, sealed", "member, sealed again", "many.jsonl:1"];
    let copies = copies.map(code);
    assert_eq!(copies.iter().filter(|code| **code == "superseded").count(), 1, "{copies:?}");
    assert_eq!(copies.iter().filter(|code| **code == "duplicate").count(), 4, "{copies:?}");
}

/// Links and keys may come after the files, one after the other.
#[test]
fn files_read_again_fare_as_if_all_had_been_known_at_first() {
    let nothing = Reader { instruments: READER.instruments.clone(), ..Reader::default() };
    let mut import = Import::default();
    for (name, file) in FILES.iter() {
        import.add(name, file, &nothing);
    }
    import.read_again(&Reader { keys: Vec::new(), ..READER.clone() });
    assert!(!import.is_complete());
    assert_eq!(verdicts(&import)["member, sealed"], "sealed_no_key");
    import.read_again(&READER);
    assert!(import.is_complete());
    assert_eq!(verdicts(&import), verdicts(&IN_ORDER));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The same verdict for every file whatever the order, and the same report from all.
    #[test]
    fn verdicts_do_not_depend_on_order(order in Just((0..FILES.len()).collect::<Vec<_>>()).prop_shuffle()) {
        let shuffled = import(order);
        prop_assert_eq!(verdicts(&shuffled), verdicts(&IN_ORDER));
        let receipts = |import: &Import| import.counted().iter().map(|r| *r.receipt()).collect::<Vec<_>>();
        prop_assert_eq!(receipts(&shuffled), receipts(&IN_ORDER));
        prop_assert_eq!(reports(&shuffled.counted()), reports(&IN_ORDER.counted()));
    }

    /// Whether a file is valid never depends on which other files come with it, even if whether it
    /// counts does: a part of the files in any order, then the rest.
    #[test]
    fn validity_does_not_depend_on_company(
        order in Just((0..FILES.len()).collect::<Vec<_>>()).prop_shuffle(),
        count in 1..22_usize,
    ) {
        let mut growing = import(order[..count].iter().copied());
        let refused = |import: &Import| -> BTreeMap<String, String> {
            let outcomes = import.outcomes().into_iter();
            outcomes.filter(|o| o.instrument.is_none()).map(|o| (o.file, o.code)).collect()
        };
        let all = refused(&IN_ORDER);
        for (file, code) in refused(&growing) {
            prop_assert_eq!(all.get(&file), Some(&code), "{}", file);
        }
        // Each person, and each invitation, is counted once.
        let mut people: Vec<_> = growing.counted().iter().map(|r| (r.claims().iss.clone(), r.claims().aud.clone())).collect();
        people.sort();
        prop_assert!(people.windows(2).all(|pair| pair[0] != pair[1]));
        // What came in parts is judged as what came at once.
        for idx in &order[count..] {
            growing.add(&FILES[*idx].0, &FILES[*idx].1, &READER);
        }
        prop_assert_eq!(verdicts(&growing), verdicts(&IN_ORDER));
    }
}

fn shown(max: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("[a-zA-Z0-9äÖß€語😀<>\"'&/ ]{{0,{}}}[a-zü😀]", max - 1))
        .unwrap()
}

fn name(max: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("[a-z][a-z0-9_]{{0,{}}}", max - 1)).unwrap()
}

fn delivery() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        Just(Delivery::File),
        "https://[a-z]{1,9}\\.example(:[1-9][0-9]{1,3})?"
            .prop_map(|origin| Delivery::Message { origin }),
        "([a-z0-9]{1,8}/){1,3}".prop_map(|path| Delivery::Drop { path }),
    ]
}

fn link_claims() -> impl Strategy<Value = LinkClaims> {
    let times =
        (0..=scoring::json::MAX_INTEGER - 1, option::of(0..=scoring::json::MAX_INTEGER - 1));
    let instruments = vec((name(12), 0..100_u8), 1..3);
    let cut = (shown(20), vec(shown(12), 2..4));
    let bounds = (3..=1000_i64, 3..=1000_i64);
    let random =
        (any::<[u8; 16]>(), any::<[u8; 16]>(), option::of(any::<[u8; 32]>()), any::<bool>());
    let texts = (shown(30), shown(20), shown(20));
    (times, texts, instruments, vec(cut, 0..2), bounds, random, delivery()).prop_map(
        |(
            (iat, closes),
            (title, coach, wave),
            instruments,
            cuts,
            (group, comments),
            random,
            delivery,
        )| {
            let (id, nonce, seal, invitation) = random;
            LinkClaims {
                iat,
                id: base64url(&id),
                title,
                coach,
                wave,
                nonce: base64url(&nonce),
                instruments: instruments
                    .into_iter()
                    .enumerate()
                    .map(|(idx, (id, minor))| Asked {
                        id: format!("{id}{idx}"),
                        version: format!("1.{minor}"),
                        sha256: [15; 32],
                    })
                    .collect(),
                languages: vec!["en".to_owned(), "de-CH".to_owned()],
                closes,
                cuts: cuts
                    .into_iter()
                    .enumerate()
                    .map(|(idx, (title, options))| LinkCut {
                        id: format!("c{idx}"),
                        title,
                        options,
                    })
                    .collect(),
                policy: Policy { min_group: group, min_comments: comments },
                seal,
                delivery,
                invitation,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A link says what it was made to say, however it reaches the reader.
    #[test]
    fn a_link_brings_its_claims_back(claims in link_claims()) {
        let unsigned = claims.unsigned(&COACH.public()).unwrap();
        let token = unsigned.compact(&COACH.sign(&unsigned.signing_input()));
        let address = format!("https://survey.example/#/join/{token}");
        prop_assert_eq!(link_tokens(&address), Some((token.as_str(), None)));
        match VerifiedLink::verify(&token) {
            Ok(link) => prop_assert_eq!(link.claims(), &claims),
            Err(fault) => prop_assert_eq!(fault.code(), "link_too_long"),
        }
    }

    #[test]
    fn what_is_sealed_is_unsealed(content in ".{0,200}", to: [u8; 32], ephemeral: [u8; 32], iv: [u8; 12]) {
        let key = CoachKey::from_seeds([1; 32], to);
        let sealed = seal(&content, &key.seal_public(), &Sealing { ephemeral, iv }).unwrap();
        prop_assert_eq!(unseal(sealed.as_bytes(), &[&[7; 32], &to]).unwrap(), content.as_bytes());
        prop_assert!(unseal(sealed.as_bytes(), &[&[7; 32]]).is_err());
    }

    /// Many files are judged as each is by itself, whatever their company.
    #[test]
    fn company_changes_no_verdict(picks in vec((0..FILES.len(), any::<prop::sample::Index>(), option::of(any::<u8>())), 0..40)) {
        let changed = |(idx, place, byte): &(usize, prop::sample::Index, Option<u8>)| {
            let mut file = FILES[*idx].1.clone();
            if let Some(byte) = byte {
                let place = place.index(file.len());
                file[place] = *byte;
            }
            file
        };
        let files: Vec<Vec<u8>> = picks.iter().map(changed).collect();
        let said = |verdict: Result<VerifiedResult, Refusal>| verdict.map(|result| *result.receipt());
        let together = READER.verify_all(files.iter().map(Vec::as_slice));
        let one_by_one = files.iter().map(|file| said(READER.verify(file)));
        prop_assert_eq!(together.into_iter().map(said).collect::<Vec<_>>(), one_by_one.collect::<Vec<_>>());
    }

    /// Nothing that is explained makes it fail, and a result is explained as it is judged.
    #[test]
    fn what_is_explained_is_what_is_judged(idx in 0..FILES.len(), place: prop::sample::Index, byte: u8, now: i64) {
        let mut file = FILES[idx].1.clone();
        let place = place.index(file.len());
        file[place] = byte;
        for file in [&FILES[idx].1, &file] {
            let explained = explain(file, &READER, now);
            if matches!(explained.kind, Kind::Result | Kind::SealedResult | Kind::Unknown) {
                let verdict = READER.verify(file).err().map(|refusal| refusal.code().to_owned());
                prop_assert_eq!(explained.refusal, verdict);
            }
        }
    }

    #[test]
    fn any_text_is_explained(text in ".{0,80}", now: i64) {
        prop_assert!(explain(text.as_bytes(), &READER, now).refusal.is_some());
    }

    #[test]
    fn a_secret_makes_a_working_key(secret: [u8; 16], message: [u8; 9]) {
        let seed = seed(&secret);
        let signature = scoring::jose::sign(&seed, &message);
        prop_assert!(scoring::jose::is_signature(&public(&seed), &message, &signature));
    }
}

proptest! {
    // Each locks and unlocks with as many iterations as a real one.
    #![proptest_config(ProptestConfig::with_cases(1))]

    #[test]
    fn what_is_locked_is_unlocked(signing: [u8; 32], sealing: [u8; 32], passphrase in ".{12,40}", salt: [u8; 16], key: [u8; 32], iv: [u8; 12]) {
        let coach = CoachKey::from_seeds(signing, sealing);
        let file = coach.lock(&passphrase, &Locking { salt, key, iv }).unwrap();
        let opened = CoachKey::unlock(file.as_bytes(), &passphrase).unwrap();
        prop_assert_eq!(opened.kid(), coach.kid());
        prop_assert_eq!(opened.seal_public(), coach.seal_public());
    }
}

/// Found by the fuzzer: the header of a lock in a file that is no lock is no purpose of its own.
#[test]
fn the_header_of_a_lock_does_not_explain_a_file() {
    let header = base64url(br#"{"typ":"survey-coach-key+jwe"}"#);
    let file = format!(r#"{{"text":"","protected":"{header}"}}"#);
    let explained = explain(file.as_bytes(), &READER, 0);
    assert_eq!(
        (explained.kind, explained.refusal.as_deref()),
        (Kind::Unknown, Some("not_a_result"))
    );
}

/// A group report says the same after it was published, and lists whom it counted and nobody else.
#[test]
fn a_group_report_brings_its_numbers_back() {
    let (reports, receipts) = group_report::counted();
    let report = GroupReport::verify(group_report::published(&COACH).as_bytes()).unwrap();
    assert!(reports.iter().any(|report| report.scales.len() > 1));
    let without_texts: Vec<_> = reports
        .into_iter()
        .map(|mut report| {
            report.comments.iter_mut().for_each(|comments| comments.texts = None);
            report
        })
        .collect();
    assert_eq!(report.reports, without_texts);
    assert!(receipts.iter().all(|receipt| report.lists(receipt)));
    assert!(!report.lists(&[0; 32]));
    assert_eq!((report.cohort, report.kid), (claims().id, COACH.kid()));
    // The same link of another coach is another link, and its results are not this cohort's.
    assert_ne!(linked(&claims(), &crate::fixture::OTHER_COACH).sha256_hex(), LINK.sha256_hex());
}
