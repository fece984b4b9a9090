//! What two devices make of one record: the laws of a merge, and that nothing is lost.

use crate::fixture::{BASELINE, change, complete, content, id, key};
use proptest::collection::vec;
use proptest::prelude::*;
use scoring::plan::Worksheet;
use scoring::plan::engagement::{Change, Content, Engagement, Key, Kind, Movement};
use std::collections::{BTreeMap, BTreeSet};

fn said(text: &str) -> Content {
    Content::read(Kind::Statement, |_| text.to_owned()).unwrap()
}

/// Anything that could be in a file, forgeries included: few ids, so that they meet.
fn any_record() -> impl Strategy<Value = Engagement> {
    let version = || (0..6_u64).prop_map(id);
    let text = prop_oneof![Just(None), "[ab]".prop_map(|text| Some(said(&text)))];
    let key = prop_oneof![Just("goals"), Just("loop")];
    let change = (key, text, version(), vec(version(), 0..3));
    vec(change, 0..8).prop_map(|changes| {
        let mut record = Engagement::default();
        for (key, content, version, seen) in changes {
            let seen = seen.into_iter().filter(|seen| *seen != version).collect();
            let key = Key::new(Kind::Statement, key);
            // A version that was replaced does not come again: devices draw ids at random.
            let mut next = record.clone();
            next.apply(Change { key, content, version, seen }).unwrap();
            if Engagement::from_json(&next.to_json()).is_ok() {
                record = next;
            }
        }
        record
    })
}

proptest! {
    #[test]
    fn order_and_repetition_of_merges_do_not_matter(
        a in any_record(), b in any_record(), c in any_record(),
    ) {
        prop_assert_eq!(a.merge(&b), b.merge(&a));
        prop_assert_eq!(a.merge(&b).merge(&c), a.merge(&b.merge(&c)));
        prop_assert_eq!(&a.merge(&a), &a);
        prop_assert_eq!(a.merge(&b).merge(&b), a.merge(&b));
        prop_assert_eq!(&a.merge(&Engagement::default()), &a);
        prop_assert_eq!(a.merged(&b), Some(a.merge(&b)));
    }

    #[test]
    fn what_two_readable_records_make_is_readable(a in any_record(), b in any_record()) {
        let both = a.merge(&b);
        prop_assert_eq!(Engagement::from_json(&both.to_json()), Ok(both));
    }

    /// Devices that write and bring each other their files, in any order: at the end everything stands that
    /// nobody who had seen it replaced, and nothing else.
    #[test]
    fn nothing_is_lost_between_devices(
        steps in vec((0..3_usize, 0..2_usize, prop_oneof![
            "[a-z]{1,4}".prop_map(Some), Just(None),
        ], any::<bool>(), 0..3_usize), 1..40),
    ) {
        let keys = ["goals", "loop"].map(|id| Key::new(Kind::Statement, id));
        let mut devices = vec![Engagement::default(); 3];
        let mut written: BTreeMap<(Key, String), Option<Content>> = BTreeMap::new();
        let mut replaced: BTreeSet<(Key, String)> = BTreeSet::new();
        for (n, (device, entry, text, brings, from)) in (1..).zip(steps) {
            if brings {
                devices[device] = devices[device].merge(&devices[from]);
                continue;
            }
            let (key, content) = (keys[entry].clone(), text.as_deref().map(said));
            let change = change(&devices[device], key.clone(), content.clone(), n);
            replaced.extend(change.seen.iter().map(|seen| (key.clone(), seen.clone())));
            written.insert((key, id(n)), content);
            devices[device].apply(change).unwrap();
        }
        let all = devices.iter().fold(Engagement::default(), |all, device| all.merge(device));
        for key in &keys {
            let stands = written.iter().filter(|((own, id), _)| {
                own == key && !replaced.contains(&(own.clone(), id.clone()))
            });
            let stands: BTreeMap<&String, &Option<Content>> =
                stands.map(|((_, id), content)| (id, content)).collect();
            let versions = all.versions(key).map(|versions| versions.ids()).unwrap_or_default();
            prop_assert_eq!(stands.keys().map(|id| (*id).clone()).collect::<BTreeSet<_>>(), versions);
            let contents: BTreeSet<Option<&Content>> = stands.values().map(|c| c.as_ref()).collect();
            let shown = all.versions(key).map(|versions| versions.said()).unwrap_or_default();
            prop_assert_eq!(contents, shown);
        }
    }
}

#[test]
fn who_wrote_without_having_seen_a_change_does_not_undo_it() {
    let goals = Key::new(Kind::Statement, "goals");
    let mut record = complete();
    let stale = change(&record, goals.clone(), Some(said("Typed in another tab.")), 5001);
    record.apply(change(&record, goals.clone(), Some(said("Saved meanwhile.")), 5000)).unwrap();
    record.apply(stale).unwrap();
    let both = record.versions(&goals).unwrap();
    assert!(both.is_conflict());
    assert_eq!(both.ids(), BTreeSet::from([id(5000), id(5001)]));
    let chosen = change(&record, goals.clone(), Some(said("Saved meanwhile.")), 5002);
    record.apply(chosen).unwrap();
    assert_eq!(record.conflicts().count(), 0);
    assert_eq!(record.shown(&goals), Some(&said("Saved meanwhile.")));
}

#[test]
fn equal_words_of_two_devices_need_no_choice() {
    let goals = Key::new(Kind::Statement, "goals");
    let write = |version| {
        let mut record = complete();
        record.apply(change(&record, goals.clone(), Some(said("The same.")), version)).unwrap();
        record
    };
    let both = write(6000).merge(&write(6001));
    assert_eq!(both.conflicts().count(), 0);
    assert_eq!(both.versions(&goals).unwrap().ids().len(), 2);
}

#[test]
fn a_deletion_and_a_change_wait_for_a_choice() {
    let session = key(Kind::Session, 1);
    let (mut one, mut other) = (complete(), complete());
    one.apply(change(&one, session.clone(), None, 7000)).unwrap();
    let fields = [("date", "2026-02-10"), ("focus", "Another"), ("held", "yes")];
    let changed = content(Kind::Session, &fields);
    other.apply(change(&other, session.clone(), Some(changed.clone()), 7001)).unwrap();
    let mut both = one.merge(&other);
    assert_eq!(both.versions(&session).unwrap().said(), BTreeSet::from([None, Some(&changed)]));
    assert_eq!(both.shown(&session), Some(&changed));
    both.apply(change(&both, session.clone(), None, 7002)).unwrap();
    assert_eq!(both.shown(&session), None);
    // A device that had not heard of the deletion does not bring it back.
    assert_eq!(both.merge(&complete()).shown(&session), None);
}

#[test]
fn a_value_that_lies_before_the_others_baseline_is_kept_and_not_compared() {
    let criterion = key(Kind::Criterion, 1);
    let mut one = complete();
    one.apply(change(&one, Key::value(&id(1), "2026-03"), None, 8000)).unwrap();
    one.apply(change(&one, Key::value(&id(1), "2026-02"), None, 8001)).unwrap();
    let mut other = one.clone();
    let later = [&BASELINE[..], &[("baseline_date", "2026-04-30")]].concat();
    let later = content(Kind::Criterion, &later);
    one.apply(change(&one, criterion, Some(later), 8002)).unwrap();
    let early = Key::value(&id(1), "2026-03");
    let value = content(Kind::Value, &[("value", "7")]);
    other.apply(change(&other, early.clone(), Some(value), 8003)).unwrap();
    let both = one.merge(&other);
    assert!(both.shown(&early).is_some());
    assert_eq!(both.course(&id(1)).unwrap().movement, Movement::NoValues);
}
