//! Tallies: what is counted, that it adds up in any order and parts, and which files are refused.

use crate::fixture::{
    CLOSES, COACH, INVITED, LINK, OPS, READER, claims, instrument, invitation, linked, membership,
    result, signed,
};
use crate::{Case, Table};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use scoring::answers::{Answer, AnswerSheet};
use scoring::cohort::{Import, LinkClaims, VerifiedLink, reports, tally_reports};
use scoring::instrument::{Instrument, ItemKind, Rater, RuleKind};
use scoring::jose::base64url;
use scoring::json;
use scoring::result::{Policy, Reader, VerifiedResult};
use scoring::score::{Verdict, interpret};
use scoring::stats::{Complete, Partial};
use scoring::tally::{
    Cell, CutKey, Ids, ItemCounts, Layout, Record, Recorder, ScaleSums, ScoreCounts, Standing,
    Survey, SurveyKey, Tally,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, LazyLock};

/// Another link of the same cohort and wave, as a coach makes who changes the title and promises more.
static RENAMED: LazyLock<VerifiedLink> = LazyLock::new(|| {
    let policy = Policy { min_group: 8, min_comments: 10 };
    linked(&LinkClaims { iat: 4, title: "Autumn offsite".to_owned(), policy, ..claims() }, &COACH)
});

static EVERYTHING: LazyLock<Reader> = LazyLock::new(|| Reader {
    instruments: vec![OPS.clone(), instrument("readiness"), instrument("leader_180")],
    links: vec![Arc::new(LINK.clone()), Arc::new(RENAMED.clone()), Arc::new(INVITED.clone())],
    keys: Vec::new(),
});

/// Numbers that look random and are the same each time (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Somebody's answers: most of them everything, some of them hardly anything.
fn sheet(instrument: &Instrument, rater: Rater, draw: &mut Draw) -> AnswerSheet {
    let left_out = [0, 0, 3, 10, 60][draw.below(5)];
    let mut sheet = AnswerSheet::new(rater);
    for item in instrument.presented() {
        if let Some(response) = instrument.response_of(item) {
            let codes = response.codes();
            let answer = if !draw.happens(left_out) {
                Answer::Code(codes[draw.below(codes.len())])
            } else if response.not_applicable() && draw.happens(50) {
                Answer::NotApplicable
            } else {
                Answer::Skipped
            };
            sheet.answers.insert(item.id.clone(), answer);
        } else if matches!(item.kind, ItemKind::Text { .. }) && draw.happens(30) {
            sheet.texts.insert(item.id.clone(), "A comment.".to_owned());
        }
    }
    // An item that these answers hide was answered all the same; `completed` takes it out.
    sheet.completed(instrument)
}

/// A thousand people with one result each that counts, after later ones of the same people, and of others with
/// the same invitation, have taken the place of theirs.
static COUNTED: LazyLock<Vec<VerifiedResult>> = LazyLock::new(|| {
    let mut draw = Draw(1);
    let mut import = Import::default();
    let mut add = |name: String, file: String| import.add(&name, file.as_bytes(), &EVERYTHING);
    for person in 0..1_000_u16 {
        let (instrument, rater, link) = match person % 10 {
            0..=3 => ("ops", Rater::Own, Some(&*LINK)),
            4 => ("ops", Rater::Own, Some(&*RENAMED)),
            5 => ("ops", Rater::Own, Some(&*INVITED)),
            6 => ("ops", Rater::Own, None),
            7 => ("readiness", Rater::Own, None),
            8 => ("leader_180", Rater::Own, None),
            _ => ("leader_180", Rater::Manager, None),
        };
        let instrument = EVERYTHING.instruments.iter().find(|i| i.definition().id == instrument);
        let instrument = instrument.unwrap();
        let mut seed = [7; 32];
        seed[..2].copy_from_slice(&person.to_le_bytes());
        let invitation = (person % 10 == 5).then(|| invitation(&INVITED, (person / 10) as u8));
        // Every seventh handed in before, and every eleventh of the invited on another device.
        for (idx, earlier) in [person % 7 == 0, person % 11 == 0, true].into_iter().enumerate() {
            let is_other_device = idx == 1;
            if !earlier || is_other_device && invitation.is_none() {
                continue;
            }
            let sheet = sheet(instrument, rater, &mut draw);
            let member = link.map(|link| {
                let mut member = membership(link, invitation.clone());
                match draw.below(4) {
                    0 => member.cuts.clear(),
                    option => _ = member.cuts.insert("site".to_owned(), option as i64),
                }
                member
            });
            let seed = if is_other_device { [9; 32].map(|byte| byte ^ seed[0]) } else { seed };
            let file = signed(instrument, &sheet, &seed, 100 + idx as i64, member);
            add(format!("{person}-{idx}.json"), file);
        }
    }
    import.counted().into_iter().cloned().collect()
});

static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| records(COUNTED.iter()));

fn records<'a>(results: impl Iterator<Item = &'a VerifiedResult>) -> Vec<Record> {
    let mut recorder = Recorder::default();
    results.map(|result| recorder.record(result)).collect()
}

static WHOLE: LazyLock<Tally> = LazyLock::new(|| Tally::of(RECORDS.iter()));

fn read(tally: &Tally) -> Tally {
    Tally::read(tally.to_json().as_bytes(), &EVERYTHING.instruments).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Each result goes to one of up to eight machines, in any order; what they made is written, read and added
    /// up two by two, any two at a time.
    #[test]
    fn any_parts_in_any_order_add_up_to_the_same_tally(
        machines in vec(0..8_usize, 1_000),
        order in Just((0..1_000).collect::<Vec<usize>>()).prop_shuffle(),
        pairs in vec(any::<[Index; 2]>(), 8),
    ) {
        let mut tallies: Vec<Tally> = (0..8)
            .map(|machine| {
                let own = order.iter().filter(|idx| machines[**idx] == machine);
                read(&Tally::of(&records(own.map(|idx| &COUNTED[*idx]))))
            })
            .collect();
        for [one, other] in pairs {
            if tallies.len() > 1 {
                let mut one = tallies.swap_remove(one.index(tallies.len()));
                let other = other.index(tallies.len());
                one.merge(&tallies[other]).unwrap();
                tallies[other] = one;
            }
        }
        prop_assert_eq!(tallies.len(), 1);
        prop_assert_eq!(&tallies[0], &*WHOLE);
        prop_assert_eq!(tallies[0].to_json(), WHOLE.to_json());
    }
}

#[test]
fn a_thousand_count_and_nobody_twice() {
    assert_eq!(COUNTED.len(), 1_000);
    let standing = Standing::of(RECORDS.iter().map(|record| &record.identity));
    assert_eq!(standing.counted, (0..1_000).collect::<Vec<_>>());
    let [results, respondents] = ["results", "respondents"].map(|name| n_ids(&WHOLE, name));
    assert_eq!((results, respondents), (1_000, 1_100), "the invited hundred have two ids");
}

/// How many ids the lists of this name hold, 16 bytes each.
fn n_ids(tally: &Tally, name: &str) -> usize {
    fn n(value: &Value, name: &str) -> usize {
        match value {
            Value::Array(list) => list.iter().map(|value| n(value, name)).sum(),
            Value::Object(object) => object
                .iter()
                .map(|(key, value)| match value {
                    Value::String(ids) if key == name => ids.len() * 3 / 4 / 16,
                    value => n(value, name),
                })
                .sum(),
            _ => 0,
        }
    }
    n(&json::parse(tally.to_json().as_bytes()).unwrap(), name)
}

#[test]
fn a_tally_that_was_written_says_the_same() {
    assert_eq!(read(&WHOLE), *WHOLE);
    assert_eq!(read(&WHOLE).to_json(), WHOLE.to_json());
    assert_eq!(read(&Tally::default()), Tally::default());
}

/// Every count again, one person after the other and by the definition's own words.
#[test]
fn counts_are_those_of_a_naive_count() {
    let mut surveys: BTreeMap<SurveyKey, Vec<&VerifiedResult>> = BTreeMap::new();
    for (result, record) in COUNTED.iter().zip(&*RECORDS) {
        surveys.entry(record.survey().clone()).or_default().push(result);
    }
    assert_eq!(surveys.len(), 6);
    assert!(surveys.keys().eq(WHOLE.surveys.keys()));
    for (key, results) in &surveys {
        let (found, first) = (&WHOLE.surveys[key], results[0]);
        let survey = &first.claims().survey;
        let identity = [&key.instrument, &key.version, &key.sha256, &key.rater];
        assert_eq!(
            identity,
            [&survey.instrument, &survey.version, &survey.sha256, survey.sheet.rater.code()]
        );
        assert!(key.signed);
        let titles = results.iter().filter_map(|result| result.link());
        let title = titles.map(|link| link.claims().title.as_str()).min().unwrap_or_default();
        assert_eq!(found.title, title);
        assert_eq!(Some(found.first), results.iter().map(|result| result.claims().iat).min());
        let strictest = |of: fn(&Policy) -> i64| {
            results.iter().map(|result| of(&result.claims().survey.policy)).max().unwrap() as u64
        };
        assert_eq!(found.min_group, strictest(|policy| policy.min_group));
        assert_eq!(found.min_comments, strictest(|policy| policy.min_comments));
        assert_eq!(found.all, naive(results), "{key:?}");
        check_cuts(found, results);
    }
    let everybody: u64 = WHOLE.surveys.values().map(|survey| survey.all.n).sum();
    assert_eq!(everybody, 1_000);
    let shown = |pairs: &[u64]| pairs.iter().any(|n| *n > 0);
    let of_ops = WHOLE.surveys.values().find(|survey| survey.title == "Autumn offsite").unwrap();
    assert!(of_ops.all.scales.iter().all(|sums| shown(&sums.partial.n) && sums.complete.n() > 50));
    assert!(of_ops.all.items.iter().any(|item| item.not_applicable > 0 && item.skipped > 0));
    let hides = |survey: &Survey| {
        let n =
            |item: &ItemCounts| item.codes.iter().sum::<u64>() + item.not_applicable + item.skipped;
        survey.all.items.iter().any(|item| n(item) < survey.all.n)
    };
    assert!(WHOLE.surveys.values().any(hides), "somebody was not asked everything");
}

fn check_cuts(found: &Survey, results: &[&VerifiedResult]) {
    let definition = results[0].instrument().definition();
    let mut expected: BTreeMap<(String, bool), BTreeMap<String, Vec<&VerifiedResult>>> =
        BTreeMap::new();
    for item in &definition.items {
        if matches!(item.kind, ItemKind::Choice { cut: true, .. }) {
            let groups = expected.entry((item.id.clone(), false)).or_default();
            for result in results {
                if let Some(code) = result.claims().survey.sheet.code(&item.id) {
                    groups.entry(code.to_string()).or_default().push(result);
                }
            }
        }
    }
    for cut in results.iter().filter_map(|result| result.link()).flat_map(|l| &l.claims().cuts) {
        expected.entry((cut.id.clone(), true)).or_default();
    }
    for result in results {
        for (cut, option) in &result.claims().survey.cuts {
            let groups = expected.get_mut(&(cut.clone(), true)).unwrap();
            groups.entry(option.to_string()).or_default().push(result);
        }
    }
    // Of instruments that come to a verdict, whom each rule speaks to; verdicts by their place.
    let of_kind = |kind| definition.rules.iter().filter(move |rule| rule.kind == kind);
    let verdicts: Vec<&str> = of_kind(RuleKind::Verdict).map(|rule| rule.id.as_str()).collect();
    for result in results.iter().filter(|_| !verdicts.is_empty()) {
        let said = interpret(result.instrument(), &result.claims().survey.sheet, result.scores());
        let told = [said.gates, said.patterns, said.levers].concat();
        let mut told: Vec<_> =
            told.iter().map(|fired| (format!("~when.{}", fired.rule), "1".to_owned())).collect();
        if let Some(Verdict::Reached(fired)) = said.verdict {
            let place = 1 + verdicts.iter().position(|rule| *rule == fired.rule).unwrap();
            told.push(("~verdict".to_owned(), place.to_string()));
        }
        for (cut, group) in told {
            let groups = expected.entry((cut, false)).or_default();
            groups.entry(group).or_default().push(result);
        }
    }
    let expected: BTreeMap<(String, bool), BTreeMap<String, Cell>> = expected
        .into_iter()
        .map(|(cut, groups)| {
            (cut, groups.into_iter().map(|(group, results)| (group, naive(&results))).collect())
        })
        .collect();
    let id = |cut: &CutKey| (cut.id.clone(), cut.asked.is_some());
    let found: BTreeMap<_, _> =
        found.cuts.iter().map(|(cut, groups)| (id(cut), groups.clone())).collect();
    assert_eq!(found, expected);
}

/// The counts of some people who answered the same.
fn naive(results: &[&VerifiedResult]) -> Cell {
    let instrument = results[0].instrument();
    let definition = instrument.definition();
    let sheets: Vec<&AnswerSheet> = results.iter().map(|r| &r.claims().survey.sheet).collect();
    let n = |of: &dyn Fn(&AnswerSheet) -> bool| sheets.iter().filter(|s| of(s)).count() as u64;
    let mut cell = Cell { n: sheets.len() as u64, items: vec![], scales: vec![], texts: vec![] };
    for item in &definition.items {
        let gave = |answer| n(&|sheet| sheet.answers.get(&item.id) == Some(&answer));
        if let Some(response) = instrument.response_of(item) {
            cell.items.push(ItemCounts {
                codes: response.codes().into_iter().map(|code| gave(Answer::Code(code))).collect(),
                not_applicable: gave(Answer::NotApplicable),
                skipped: gave(Answer::Skipped),
            });
        } else if matches!(item.kind, ItemKind::Text { .. }) {
            cell.texts.push(n(&|sheet| sheet.texts.contains_key(&item.id)));
        }
    }
    for scale in &definition.scales {
        let (low, high) = instrument.bounds(scale).unwrap();
        let value = |sheet: &AnswerSheet, id: &str| {
            let ItemKind::Rating { reversed, .. } = instrument.item(id).unwrap().kind else {
                panic!("{id} is no rating")
            };
            let code = sheet.code(id)?;
            Some(if reversed { high - code } else { code - low } as u64)
        };
        let k = scale.items.len();
        let rows: Vec<Vec<Option<u64>>> = sheets
            .iter()
            .map(|sheet| scale.items.iter().map(|id| value(sheet, id)).collect())
            .collect();
        let answered = |row: &[Option<u64>]| row.iter().flatten().count();
        let mut scores: BTreeMap<[u64; 2], u64> = BTreeMap::new();
        for row in &rows {
            *scores.entry([answered(row) as u64, row.iter().flatten().sum()]).or_default() += 1;
        }
        let scores: Vec<[u64; 3]> = scores.into_iter().map(|([a, sum], n)| [a, sum, n]).collect();
        let complete: Vec<_> = rows.iter().filter(|row| answered(row) == k).collect();
        let partial: Vec<_> = rows.iter().filter(|row| (1..k).contains(&answered(row))).collect();
        let sum = |rows: &[&Vec<Option<u64>>], of: &dyn Fn(&[Option<u64>]) -> Option<u64>| {
            rows.iter().filter_map(|row| of(row)).sum::<u64>()
        };
        let products = |rows: &[&Vec<Option<u64>>], first: usize| -> Vec<u64> {
            let pairs = (0..k).flat_map(|i| (i + first..k).map(move |j| (i, j)));
            pairs.map(|(i, j)| sum(rows, &|row| Some(row[i]? * row[j]?))).collect()
        };
        let pairs = || (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
        let both = |(i, j): (usize, usize)| {
            partial.iter().filter(|row| row[i].is_some() && row[j].is_some()).count() as u64
        };
        cell.scales.push(ScaleSums {
            scores: ScoreCounts::try_from(scores).unwrap(),
            complete: Complete {
                values: (0..k)
                    .map(|i| {
                        let gave = |v| complete.iter().filter(|row| row[i] == Some(v)).count();
                        (0..=(high - low) as u64).map(|v| gave(v) as u64).collect()
                    })
                    .collect(),
                products: products(&complete, 1),
            },
            partial: if partial.is_empty() {
                Partial::default()
            } else {
                Partial {
                    n: pairs().filter(|(i, j)| i <= j).map(both).collect(),
                    sums: pairs().map(|(i, j)| sum(&partial, &|row| row[j].and(row[i]))).collect(),
                    products: products(&partial, 0),
                }
            },
        });
    }
    cell
}

/// A report from results says the same as one from their tally, but for what people wrote.
#[test]
fn a_tally_gives_the_report_of_its_results() {
    let mut from_results = reports(&COUNTED.iter().collect::<Vec<_>>());
    let from_tally = tally_reports(&read(&WHOLE), &EVERYTHING.instruments);
    assert_eq!(from_results.len(), 6);
    assert!(from_results.iter().all(|report| report.scales.iter().all(|s| s.estimate.is_some())));
    assert!(from_results.iter().any(|report| report.comments.iter().any(|c| c.texts.is_some())));
    from_results.iter_mut().for_each(|report| report.comments.clear());
    assert_eq!(from_results, from_tally);
}

#[test]
fn a_file_around_lists_that_are_elsewhere_is_that_of_the_whole() {
    let mut around = WHOLE.clone();
    let results = around.surveys.values_mut().map(|survey| mem::take(&mut survey.results));
    let lists: Vec<Ids> = [mem::take(&mut around.respondents)].into_iter().chain(results).collect();
    let pieces = around.to_json_around_ids();
    assert_eq!((pieces.len(), lists.len()), (8, 7));
    let texts = lists.iter().map(|ids| base64url(ids.as_slice().as_flattened()));
    let texts = texts.chain([String::new()]);
    let whole: String =
        pieces.into_iter().zip(texts).flat_map(|(piece, ids)| [piece, ids]).collect();
    assert_eq!(whole, WHOLE.to_json());
}

fn tally(files: &[String]) -> Tally {
    let results: Vec<VerifiedResult> =
        files.iter().map(|file| EVERYTHING.verify(file.as_bytes()).unwrap()).collect();
    let records = records(results.iter());
    let standing = Standing::of(records.iter().map(|record| &record.identity));
    Tally::of(standing.counted.iter().map(|idx| &records[*idx]))
}

/// Tallies that count somebody twice are refused, and what they were stays.
#[test]
fn nobody_is_counted_twice() {
    let member = |person, at| result(person, at, Some(membership(&LINK, None)));
    let guest = |person, number| {
        let invitation = invitation(&INVITED, number);
        result(person, 10, Some(membership(&INVITED, Some(invitation))))
    };
    let solo = |person| result(person, 10, None);
    for (what, one, other, n_results, n_respondents) in [
        ("the same result", vec![member(1, 10), member(2, 10)], vec![member(2, 10)], 1, 1),
        (
            "another result of one person",
            vec![member(1, 10)],
            vec![member(1, 11), member(2, 9)],
            0,
            1,
        ),
        ("one invitation on two devices", vec![guest(1, 1)], vec![guest(2, 1)], 0, 1),
        ("the same result with its invitation", vec![guest(1, 1)], vec![guest(1, 1)], 1, 2),
        ("all of it", vec![solo(1), solo(2)], vec![solo(2), solo(1)], 2, 2),
    ] {
        let (one, other) = (tally(&one), tally(&other));
        let mut merged = one.clone();
        let overlap = merged.merge(&other).unwrap_err();
        let found = (overlap.n_results, overlap.n_respondents);
        assert_eq!(found, (n_results, n_respondents), "{what}");
        assert_eq!(merged, one, "{what}");
        let mut merged = other.clone();
        assert_eq!(merged.merge(&one), Err(overlap.clone()), "{what}");
        assert_eq!(merged, other, "{what}");
        assert_eq!(overlap.code(), "tally_overlap");
    }
    // The same person for another survey, or for none, is somebody else.
    let mut merged = tally(&[member(1, 10), guest(2, 1)]);
    merged.merge(&tally(&[solo(1), guest(3, 2)])).unwrap();
    assert_eq!(n_ids(&merged, "results"), 4);
    assert_eq!(merged.merge(&Tally::default()), Ok(()));
}

/// Twenty people of one cohort, whose tally is then spoilt.
static SMALL: LazyLock<Value> = LazyLock::new(|| {
    let mut draw = Draw(2);
    let files: Vec<String> = (0..20)
        .map(|person| {
            let sheet = sheet(&OPS, Rater::Own, &mut draw);
            signed(&OPS, &sheet, &[person + 1; 32], CLOSES, Some(membership(&LINK, None)))
        })
        .collect();
    json::parse(tally(&files).to_json().as_bytes()).unwrap()
});

/// Malformations of a tally.
pub fn cases() -> Vec<Case> {
    let read = |file: &[u8]| {
        Tally::read(file, &READER.instruments).err().map(|fault| fault.code().to_owned())
    };
    let mut table = Table::new(&read);
    let whole = SMALL.to_string();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut tally = SMALL.clone();
        change(&mut tally);
        assert_ne!(tally, *SMALL);
        tally.to_string()
    };
    let replaced = |from: &str, to: &str| {
        assert!(whole.contains(from), "there is no {from}");
        whole.replacen(from, to, 1)
    };

    let no_tally = "no_tally";
    table.accepted("what counts is what it says", "spaces", SMALL.to_string().replace(':', " : "));
    table.refused(no_tally, "empty", "");
    table.refused(no_tally, "cut off", &whole[..whole.len() / 2]);
    table.refused(no_tally, "a list", "[]");
    table.refused(no_tally, "a signed result", result(1, 10, None));
    table.refused(no_tally, "without a format", replaced("\"plumbline_tally\":2,", ""));
    table.refused(no_tally, "format as text", replaced("tally\":2", "tally\":\"2\""));
    table.refused(no_tally, "negative format", replaced("tally\":2", "tally\":-2"));
    table.refused("tally_format", "a later format", replaced("tally\":2", "tally\":3"));
    table.refused("tally_format", "an earlier format", replaced("tally\":2", "tally\":1"));
    table.refused(no_tally, "one member twice", replaced("{", "{\"plumbline_tally\":2,"));
    table.refused(no_tally, "a member more", changed(&|t| t["by"] = json!("me")));
    table.refused(no_tally, "a member less", changed(&|t| _ = remove(t, "respondents")));
    table.refused(no_tally, "a member more in a survey", changed(&|t| survey(t)["x"] = json!(1)));
    table.refused(no_tally, "a member less in a cell", changed(&|t| _ = remove(all(t), "texts")));
    table.refused(no_tally, "a decimal", changed(&|t| all(t)["n"] = json!(20.5)));
    table.refused(no_tally, "fewer than nobody", changed(&|t| all(t)["n"] = json!(-1)));
    table.refused(no_tally, "2^53 people", changed(&|t| all(t)["n"] = json!(1_u64 << 53)));
    table.refused(
        no_tally,
        "one survey twice",
        changed(&|t| {
            let twice = t["surveys"][0].clone();
            t["surveys"].as_array_mut().unwrap().push(twice);
        }),
    );
    table.refused(no_tally, "cuts out of order", changed(&|t| swap(&mut survey(t)["cuts"])));
    table.refused(no_tally, "scores out of order", changed(&|t| swap(&mut scale(t)["scores"])));
    table.refused(
        no_tally,
        "one score twice",
        changed(&|t| scale(t)["scores"][1] = scale(t)["scores"][0].clone()),
    );
    table.refused(no_tally, "a score of nobody", changed(&|t| scale(t)["scores"][0][2] = json!(0)));
    table.refused(no_tally, "ids that are none", changed(&|t| *ids(t) = json!("====")));
    table.refused(no_tally, "half an id", changed(&|t| edit_ids(t, |ids| _ = ids.pop())));
    table.refused(
        no_tally,
        "ids out of order",
        changed(&|t| edit_ids(t, |ids| ids.rotate_left(16))),
    );
    table.refused(
        no_tally,
        "one id twice",
        changed(&|t| edit_ids(t, |ids| ids.copy_within(..16, 16))),
    );

    let unknown = "unknown_instrument";
    table.refused(
        unknown,
        "another definition",
        changed(&|t| key(t)["sha256"] = json!("00".repeat(32))),
    );
    table.refused(
        unknown,
        "a hash in capitals",
        changed(&|t| key(t)["sha256"] = json!(OPS.sha256_hex().to_uppercase())),
    );

    let wrong = "tally_contradiction";
    table.refused(
        wrong,
        "another instrument's name",
        changed(&|t| key(t)["instrument"] = json!("x")),
    );
    table.refused(wrong, "another version", changed(&|t| key(t)["version"] = json!("1.1")));
    table.refused(wrong, "nobody's role", changed(&|t| key(t)["rater"] = json!("peer")));
    table.refused(
        wrong,
        "a role that is not asked",
        changed(&|t| key(t)["rater"] = json!("manager")),
    );
    table.refused(wrong, "a lax policy", changed(&|t| survey(t)["min_group"] = json!(2)));
    table.refused(
        wrong,
        "a lax policy for comments",
        changed(&|t| survey(t)["min_comments"] = json!(0)),
    );
    table.refused(wrong, "an endless policy", changed(&|t| survey(t)["min_group"] = json!(1_001)));
    table.refused(wrong, "one person more", changed(&|t| all(t)["n"] = json!(21)));
    table.refused(wrong, "one item less", changed(&|t| _ = list(&mut all(t)["items"]).pop()));
    table.refused(wrong, "one option less", changed(&|t| _ = list(&mut item(t)["codes"]).pop()));
    table.refused(wrong, "one answer more", changed(&|t| add(&mut item(t)["codes"][0], 1)));
    table.refused(wrong, "everybody once more", changed(&|t| add(&mut item(t)["skipped"], 20)));
    table.refused(
        wrong,
        "an answer moved",
        changed(&|t| {
            add(&mut item(t)["codes"][0], 1);
            add(&mut item(t)["codes"][1], -1);
        }),
    );
    table.refused(wrong, "more writers than people", changed(&|t| all(t)["texts"][0] = json!(21)));
    table.refused(wrong, "one text item less", changed(&|t| _ = list(&mut all(t)["texts"]).pop()));
    table.refused(wrong, "one scale less", changed(&|t| _ = list(&mut all(t)["scales"]).pop()));
    table.refused(wrong, "a score more", changed(&|t| add(&mut scale(t)["scores"][0][2], 1)));
    table.refused(
        wrong,
        "a score of more items than there are",
        changed(&|t| last(&mut scale(t)["scores"])[0] = json!(7)),
    );
    table.refused(
        wrong,
        "a score beyond the highest",
        changed(&|t| last(&mut scale(t)["scores"])[1] = json!(25)),
    );
    table.refused(
        wrong,
        "another score",
        changed(&|t| add(&mut last(&mut scale(t)["scores"])[1], 1)),
    );
    let complete = |t: &mut Value, change: &dyn Fn(&mut Value)| change(&mut scale(t)["complete"]);
    table.refused(
        wrong,
        "a value less",
        changed(&|t| complete(t, &|c| _ = list(&mut c["values"][0]).pop())),
    );
    table.refused(
        wrong,
        "a person who gave two values",
        changed(&|t| complete(t, &|c| add(&mut c["values"][0][0], 1))),
    );
    table.refused(
        wrong,
        "a product less",
        changed(&|t| complete(t, &|c| _ = list(&mut c["products"]).pop())),
    );
    table.refused(
        wrong,
        "another product",
        changed(&|t| complete(t, &|c| add(&mut c["products"][0], 1))),
    );
    table.refused(
        wrong,
        "a product beyond its items, and another that makes up for it",
        changed(&|t| {
            complete(t, &|c| {
                let product = c["products"][0].as_i64().unwrap();
                add(&mut c["products"][0], -product);
                add(&mut c["products"][1], product);
            });
        }),
    );
    let partial = |t: &mut Value, change: &dyn Fn(&mut Value)| change(&mut scale(t)["partial"]);
    table.refused(wrong, "a pair more", changed(&|t| partial(t, &|p| add(&mut p["n"][0], 1))));
    table.refused(wrong, "a pair of nobody", changed(&|t| partial(t, &|p| p["n"][1] = json!(20))));
    table.refused(
        wrong,
        "a sum of nobody",
        changed(&|t| partial(t, &|p| p["sums"][1] = json!(99))),
    );
    table.refused(
        wrong,
        "a product of nobody",
        changed(&|t| partial(t, &|p| add(&mut p["products"][1], 50))),
    );
    table.refused(
        wrong,
        "pairs left out",
        changed(&|t| partial(t, &|p| _ = list(&mut p["n"]).pop())),
    );
    table.refused(
        wrong,
        "pairs of no people",
        changed(&|t| {
            let mut nobody = serde_json::to_value(Cell::new(&Layout::of(&OPS))).unwrap();
            nobody["scales"][0]["partial"] = serde_json::to_value(Partial::new(6)).unwrap();
            cut(t, "site")["2"] = nobody;
        }),
    );
    table.refused(
        wrong,
        "a group larger than all",
        changed(&|t| {
            let mut twice = naive_of(t);
            twice.merge(&twice.clone());
            *group(t, "site", "1") = serde_json::to_value(twice).unwrap();
        }),
    );
    table.refused(wrong, "a group in two", changed(&|t| *group(t, "site", "2") = all(t).clone()));
    table.refused(wrong, "a group of no option", changed(&|t| rename(t, "site", "1", "4")));
    table.refused(wrong, "a group of no code", changed(&|t| rename(t, "role_level", "1", "x")));
    table.refused(
        wrong,
        "a cut by no item",
        changed(&|t| survey(t)["cuts"][1][0] = json!({"id": "zodiac", "asked": null})),
    );
    table.refused(wrong, "ids left out", changed(&|t| edit_ids(t, |ids| ids.truncate(16 * 19))));
    table.refused(wrong, "ids of nobody", changed(&|t| edit_ids(t, |ids| ids.extend([255; 16]))));
    table.refused(wrong, "no ids of people", changed(&|t| t["respondents"] = json!("")));
    table.refused(
        wrong,
        "more people than results have",
        changed(&|t| {
            let many: Vec<u8> = (0..41_u8).flat_map(|id| [id; 16]).collect();
            t["respondents"] = json!(base64url(&many));
        }),
    );
    table.cases
}

fn remove(value: &mut Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap()
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().unwrap()
}

fn last(value: &mut Value) -> &mut Value {
    list(value).last_mut().unwrap()
}

fn swap(value: &mut Value) {
    list(value).swap(0, 1);
}

fn add(value: &mut Value, more: i64) {
    *value = json!(value.as_i64().unwrap() + more);
}

fn key(tally: &mut Value) -> &mut Value {
    &mut tally["surveys"][0][0]
}

fn survey(tally: &mut Value) -> &mut Value {
    &mut tally["surveys"][0][1]
}

fn all(tally: &mut Value) -> &mut Value {
    &mut survey(tally)["all"]
}

/// An item of the first scale, which is not reversed.
fn item(tally: &mut Value) -> &mut Value {
    let id = &OPS.definition().scales[0].items[0];
    let with_options = OPS.definition().items.iter().filter(|i| OPS.response_of(i).is_some());
    let place = with_options.map(|item| &item.id).position(|other| other == id).unwrap();
    &mut all(tally)["items"][place]
}

fn scale(tally: &mut Value) -> &mut Value {
    &mut all(tally)["scales"][0]
}

/// The cell of everybody.
fn naive_of(tally: &mut Value) -> Cell {
    serde_json::from_value(all(tally).clone()).unwrap()
}

fn cut<'a>(tally: &'a mut Value, id: &str) -> &'a mut Value {
    let mut cuts = list(&mut survey(tally)["cuts"]).iter_mut();
    &mut cuts.find(|cut| cut[0]["id"] == id).unwrap()[1]
}

fn group<'a>(tally: &'a mut Value, id: &str, name: &str) -> &'a mut Value {
    &mut cut(tally, id)[name]
}

fn rename(tally: &mut Value, id: &str, from: &str, to: &str) {
    let cell = remove(cut(tally, id), from);
    cut(tally, id)[to] = cell;
}

/// The list of results' ids.
fn ids(tally: &mut Value) -> &mut Value {
    &mut survey(tally)["results"]
}

fn edit_ids(tally: &mut Value, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = scoring::jose::from_base64url(ids(tally).as_str().unwrap()).unwrap();
    change(&mut bytes);
    *ids(tally) = json!(base64url(&bytes));
}
