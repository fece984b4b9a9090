//! An attacker who reads every released report, knows who is in which group, and computes.
//!
//! Whatever is published of some people is a sum over them, and so is whatever can be added and subtracted from
//! such sums. The attacker wins when a combination rests on somebody, but on fewer than the minimum.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use proptest::prelude::*;
use scoring::answers::{Answer, AnswerSheet};
use scoring::coach::CoachKey;
use scoring::cohort::{
    Asked, Delivery, FewAsked, Isolates, Ledger, LedgerFault, LinkClaims, LinkCut, Report,
    ReportFault, ScaleRow, Told, VerifiedLink, isolates, reports,
};
use scoring::instrument::{Instrument, Rater};
use scoring::jose::{base64url, sign};
use scoring::participant::public;
use scoring::result::{App, Membership, Policy, Reader, Signing, Timing, VerifiedResult, unsigned};
use scoring::tally::{Recorder, Tally, TallyFault};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

const ITEMS: [&str; 5] = ["a1", "a2", "b1", "b2", "b3"];
const SCALES: [(&str, &[usize]); 2] = [("a", &[0, 1]), ("b", &[2, 3, 4])];
const CUTS: [&str; 3] = ["level", "site", "team"];
const SUSPECTS: &str = "suspects";
const MIN_COMMENTS: usize = 10;

/// Two scales, of which each needs two answers, a cut of its own and an open question.
static INSTRUMENT: LazyLock<Arc<Instrument>> = LazyLock::new(|| {
    let item = |id| {
        format!(r#"{{"id":"{id}","response":"five","reversed":{},"type":"rating"}}"#, id == "b2")
    };
    let items = ITEMS.map(item).join(",");
    let definition = format!(
        r#"{{"format":1,"groups":[{{"chart":"profile","id":"all"}}],"id":"attacked","items":[{items},
        {{"cut":true,"id":"level","response":"levels","type":"choice"}},{{"id":"why","max_chars":100,"type":"text"}}],
        "languages":["en"],"limits":{{"focus":1}},"minutes":1,"raters":["self"],"responses":{{
        "five":{{"favourable_from":4,"max":5,"min":1,"not_applicable":true,"type":"rating"}},
        "levels":{{"codes":[1,2,3,4],"not_applicable":false,"type":"choice"}}}},"rules":[
        {{"id":"low","kind":"verdict","when":{{"score":{{"below":40,"scale":"a"}}}}}},
        {{"id":"mixed","kind":"verdict","when":{{"score":{{"below":60,"scale":"b"}}}}}},
        {{"id":"fine","kind":"verdict","when":{{"always":true}}}},
        {{"id":"top","kind":"gate","when":{{"answer":{{"is":[5],"item":"a1"}}}}}},
        {{"id":"apart","kind":"pattern","when":{{"all":[{{"score":{{"at_least":60,"scale":"a"}}}},
          {{"score":{{"below":50,"scale":"b"}}}}]}}}}],"scales":[
        {{"bands":[{{"from":0,"id":"any"}}],"group":"all","id":"a","items":["a1","a2"],"min_answered":2}},
        {{"bands":[{{"from":0,"id":"any"}}],"group":"all","id":"b","items":["b1","b2","b3"],"min_answered":2}}],
        "sections":[{{"id":"one","screens":[["a1","a2","b1","b2","b3","level","why"]]}}],"version":"1.0"}}"#
    );
    let value = scoring::json::parse(definition.as_bytes()).unwrap();
    Arc::new(Instrument::load(scoring::json::canonical(&value).as_bytes()).unwrap())
});

/// The cohort's link with this minimum.
fn link(wave: usize, min_group: i64) -> VerifiedLink {
    let coach = CoachKey::from_seeds([101; 32], [102; 32]);
    let cut = |id: &str, n: usize| LinkCut {
        id: id.to_owned(),
        title: id.to_owned(),
        options: (1..=n).map(|option| option.to_string()).collect(),
    };
    let claims = LinkClaims {
        iat: 2,
        id: base64url(&[30; 16]),
        title: "Cohort".to_owned(),
        coach: "Coach".to_owned(),
        wave: wave.to_string(),
        nonce: base64url(&[32; 16]),
        instruments: vec![Asked {
            id: "attacked".to_owned(),
            version: "1.0".to_owned(),
            sha256: *INSTRUMENT.sha256(),
        }],
        languages: vec!["en".to_owned()],
        closes: None,
        cuts: vec![cut("site", 4), cut("team", 5)],
        policy: Policy { min_group, min_comments: MIN_COMMENTS as i64 },
        seal: None,
        delivery: Delivery::File,
        invitation: false,
    };
    let unsigned = claims.unsigned(&coach.public()).unwrap();
    let token = unsigned.compact(&coach.sign(&unsigned.signing_input()));
    VerifiedLink::verify(&token).unwrap()
}

/// Somebody's option of each cut (0: did not say), and answers of 1 to 5 (0: left out). Who hurried and gave the
/// same answer to everything looks careless.
#[derive(Debug, Clone, PartialEq)]
struct Person {
    groups: [u8; 3],
    answers: [u8; 5],
    wrote: bool,
    hurried: bool,
}

fn person(groups: [u8; 3], answers: [u8; 5]) -> Person {
    Person { groups, answers, wrote: false, hurried: false }
}

impl Person {
    /// Whether they are part of a number: of people, of a scale, of those who answered all of it, or of an item.
    fn counts(&self, variable: &str) -> bool {
        let items = items(variable);
        let n = items.iter().filter(|item| self.answers[**item] > 0).count();
        n >= if is_scale(variable) { 2 } else { items.len() }
    }

    /// The mean of their answers in the direction of the scale, in sixths.
    fn value(&self, variable: &str) -> u32 {
        let given: Vec<u32> = items(variable)
            .into_iter()
            .filter(|item| self.answers[*item] > 0)
            .map(|item| match u32::from(self.answers[item]) {
                answer if ITEMS[item] == "b2" => 6 - answer,
                answer => answer,
            })
            .collect();
        6 * given.iter().sum::<u32>() / u32::try_from(given.len().max(1)).unwrap()
    }
}

/// What somebody is told: worked out by hand from the rules above.
struct Outcome {
    verdict: Option<&'static str>,
    rules: Vec<&'static str>,
}

impl Person {
    /// The score of a scale in hundredths of a point, 0 to 10,000; none where it is not scored.
    fn score(&self, scale: &str) -> Option<u32> {
        self.counts(scale).then(|| (self.value(scale) - 6) * 10_000 / 24)
    }

    fn told(&self) -> Outcome {
        let (a, b) = (self.score("a"), self.score("b"));
        let verdict = match (a, b) {
            (None, _) => None,
            (Some(..4_000), _) => Some("low"),
            (_, None) => None,
            (_, Some(..6_000)) => Some("mixed"),
            _ => Some("fine"),
        };
        let top = (self.answers[0] == 5).then_some("top");
        let apart =
            (a.is_some_and(|a| a >= 6_000) && b.is_some_and(|b| b < 5_000)).then_some("apart");
        Outcome { verdict, rules: top.into_iter().chain(apart).collect() }
    }
}

fn is_scale(variable: &str) -> bool {
    SCALES.iter().any(|(scale, _)| *scale == variable)
}

/// What rests on people who answered the whole scale.
fn whole(scale: &str) -> String {
    format!("all of {scale}")
}

/// The items of a scale, or an item alone; of people, none.
fn items(variable: &str) -> Vec<usize> {
    let scale = SCALES.iter().find(|(scale, _)| *scale == variable || whole(scale) == variable);
    let item = ITEMS.iter().position(|item| *item == variable);
    scale.map_or_else(|| item.into_iter().collect(), |(_, items)| items.to_vec())
}

/// The signed and verified results of some people; everybody has a key of their own, by their place.
fn results(people: &[(usize, Person)], min_group: i64) -> Vec<VerifiedResult> {
    results_of(1, people, min_group)
}

fn results_of(wave: usize, people: &[(usize, Person)], min_group: i64) -> Vec<VerifiedResult> {
    let link = link(wave, min_group);
    let reader = Reader {
        instruments: vec![INSTRUMENT.clone()],
        links: vec![Arc::new(link.clone())],
        keys: Vec::new(),
    };
    let result = |(seed, person): &(usize, Person)| {
        let mut sheet = AnswerSheet::new(Rater::Own);
        let given = ITEMS.iter().zip(person.answers).chain([(&"level", person.groups[0])]);
        for (item, answer) in given.filter(|(_, answer)| *answer > 0) {
            sheet.answers.insert((*item).to_owned(), Answer::Code(answer.into()));
        }
        if person.wrote {
            sheet.texts.insert("why".to_owned(), format!("because of {seed}"));
        }
        let cuts = CUTS.iter().zip(person.groups).skip(1).filter(|(_, group)| *group > 0);
        let cuts = cuts.map(|(cut, group)| ((*cut).to_owned(), i64::from(group))).collect();
        let signing = Signing {
            app: App { name: "test".to_owned(), version: "1".to_owned(), build: String::new() },
            lang: "en".to_owned(),
            started_at: 1,
            submitted_at: 2,
            issued_at: 3 + i64::try_from(wave).unwrap(),
            token_id: [7; 16],
            timing: Timing { screens: vec![if person.hurried { 2 } else { 60 }] },
            membership: Some(Membership { link: link.clone(), invitation: None, cuts }),
        };
        let mut key = [9; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let sheet = sheet.completed(&INSTRUMENT);
        let unsigned = unsigned(&INSTRUMENT, &sheet, &public(&key), &signing);
        let file = unsigned.signed(&sign(&key, &unsigned.signing_input()));
        reader.verify(file.as_bytes()).unwrap()
    };
    people.iter().map(result).collect()
}

/// Whoever reads the reports: of each number the people it rests on, and from which cut it comes.
struct Attacker {
    /// By variable. A person who answered anew is another one.
    known: BTreeMap<String, Vec<(String, BTreeSet<usize>)>>,
    people: Vec<Person>,
    suspect: BTreeSet<usize>,
}

impl Attacker {
    fn new(people: &[Person], results: &[VerifiedResult]) -> Self {
        let suspect = (0..results.len()).filter(|one| results[*one].is_suspect()).collect();
        Attacker { people: people.to_vec(), suspect, known: BTreeMap::new() }
    }

    /// Reads a report on some people, which are known by their places.
    fn read(&mut self, report: &Report, on: &[usize], k: u64) {
        let least = k as usize;
        assert_eq!(report.n, on.len() as u64);
        assert_eq!(report.min_group, k);
        let all: BTreeSet<usize> = on.iter().copied().collect();
        if all.len() >= least {
            self.note("people", "", &all);
        }
        self.read_scales(&report.scales, "", &all, k);
        for row in &report.items {
            if let Some(estimate) = &row.estimate {
                let members = self.note(&row.item, "", &all);
                assert_eq!(estimate.n, members.len() as u64);
            } else {
                assert!(row.favourable.is_none() && row.favourable_ci95.is_none());
            }
        }
        for cut in &report.cuts {
            let place = CUTS.iter().position(|id| *id == cut.item).unwrap();
            let members = |code: i64| -> BTreeSet<usize> {
                let own = |one: &&usize| i64::from(self.people[**one].groups[place]) == code;
                all.iter().filter(own).copied().collect()
            };
            let mut hidden = BTreeSet::new();
            let groups: Vec<_> =
                cut.groups.iter().map(|group| (group, members(group.code.unwrap_or(0)))).collect();
            for (group, members) in groups {
                match group.n {
                    None => {
                        assert!(group.scales.iter().all(|row| row.estimate.is_none()));
                        hidden.extend(members);
                    }
                    Some(n) => {
                        assert_eq!(n, members.len() as u64);
                        assert!(n == 0 || n >= k, "a group of {n} is shown");
                        self.note("people", &cut.item, &members);
                        self.read_scales(&group.scales, &cut.item, &members, k);
                    }
                }
            }
            if let Some(other) = &cut.other {
                assert_eq!(other.n, Some(hidden.len() as u64));
                self.note("people", &cut.item, &hidden);
                self.read_scales(&other.scales, &cut.item, &hidden, k);
            }
        }
        self.read_outcomes(report, &all, k);
        if let Some(without) = &report.without_suspects {
            let suspect: BTreeSet<usize> = &self.suspect & &all;
            let others = &all - &suspect;
            if let Some(n) = without.n_suspect {
                assert_eq!(n, suspect.len() as u64);
                self.note("people", SUSPECTS, &suspect);
                self.note("people", SUSPECTS, &others);
            }
            self.read_scales(&without.scales, SUSPECTS, &others, k);
        }
        for list in report.comments.iter().filter_map(|list| list.texts.as_ref()) {
            let n_wrote = on.iter().filter(|one| self.people[**one].wrote).count();
            assert!(list.len() == n_wrote && n_wrote >= MIN_COMMENTS);
        }
    }

    /// How many people are told what: numbers of people, of groups that the attacker knows, as of any question.
    fn read_outcomes(&mut self, report: &Report, all: &BTreeSet<usize>, k: u64) {
        let Some(outcomes) = &report.outcomes else { return assert!((all.len() as u64) < k) };
        let mut rest = all.clone();
        for Told { rule, n } in &outcomes.verdicts {
            if let Some(n) = *n {
                let members = self.told(all, |told| told.verdict == rule.as_deref());
                self.read_told(n, "verdict", &members, all, k);
                rest = &rest - &members;
            }
        }
        if let Some(n) = outcomes.other {
            assert_eq!(n, rest.len() as u64);
            self.note("people", "verdict", &rest);
        }
        for Told { rule, n } in &outcomes.rules {
            let rule = rule.as_deref().unwrap();
            if let Some(n) = *n {
                let members = self.told(all, |told| told.rules.contains(&rule));
                self.read_told(n, rule, &members, all, k);
                self.note("people", rule, &(all - &members));
            }
        }
    }

    fn read_told(
        &mut self,
        n: u64,
        cut: &str,
        members: &BTreeSet<usize>,
        all: &BTreeSet<usize>,
        k: u64,
    ) {
        assert_eq!(n, members.len() as u64);
        assert!(n >= k, "{n} are told one thing");
        assert!(members != all || n >= 2 * k, "all {n} are told the same");
        self.note("people", cut, members);
    }

    fn told(&self, among: &BTreeSet<usize>, is: impl Fn(&Outcome) -> bool) -> BTreeSet<usize> {
        among.iter().filter(|one| is(&self.people[**one].told())).copied().collect()
    }

    fn read_scales(&mut self, rows: &[ScaleRow], cut: &str, among: &BTreeSet<usize>, k: u64) {
        for row in rows {
            if let Some(estimate) = &row.estimate {
                let members = self.note(&row.scale, cut, among);
                assert_eq!(estimate.n, members.len() as u64);
                assert!(estimate.n >= k);
            }
            if let Some(quality) = &row.quality {
                let members = self.note(&whole(&row.scale), cut, among);
                assert_eq!(quality.n, members.len() as u64);
                assert!(quality.n >= k && row.estimate.is_some());
            }
        }
    }

    /// Notes a number over some people; those of them who count.
    fn note(&mut self, variable: &str, cut: &str, among: &BTreeSet<usize>) -> BTreeSet<usize> {
        let counts = |one: &&usize| self.people[**one].counts(variable);
        let members: BTreeSet<usize> = among.iter().filter(counts).copied().collect();
        let known = self.known.entry(variable.to_owned()).or_default();
        if !members.is_empty() && !known.iter().any(|(of, set)| of == cut && *set == members) {
            known.push((cut.to_owned(), members.clone()));
        }
        members
    }

    /// A combination that rests on too few, or shows what few people all said.
    fn finds(&self, k: u64) -> Option<String> {
        self.known.iter().find_map(|(variable, known)| {
            let mut sets: Vec<&BTreeSet<usize>> = known.iter().map(|(_, set)| set).collect();
            sets.sort();
            sets.dedup();
            let small = combination(&sets, k).map(|found| format!("{variable}: {found:?}"));
            small.or_else(|| self.unanimous(variable, known, k))
        })
    }

    /// Fewer than 2k people who all said the same: published, or left when the parts of a cut are taken from
    /// everybody.
    fn unanimous(
        &self,
        variable: &str,
        known: &[(String, BTreeSet<usize>)],
        k: u64,
    ) -> Option<String> {
        if variable == "people" {
            return None;
        }
        let exposed = |set: &BTreeSet<usize>| {
            let values: BTreeSet<u32> =
                set.iter().map(|one| self.people[*one].value(variable)).collect();
            values.len() == 1 && (set.len() as u64) < 2 * k
        };
        let rests = known.iter().filter(|(cut, _)| cut.is_empty()).flat_map(|(_, all)| {
            CUTS.iter().chain([&SUSPECTS]).map(move |cut| {
                let parts = known.iter().filter(|(of, set)| of == cut && set.is_subset(all));
                parts.fold(all.clone(), |rest, (_, part)| &rest - part)
            })
        });
        let mut sets = known.iter().map(|(_, set)| set.clone()).chain(rests);
        sets.find(exposed).map(|set| format!("{variable}: all the same, {set:?}"))
    }
}

/// A combination of up to so many columns with weights of 1 and −1.
fn search(
    columns: &[Vec<i32>],
    sum: &[i32],
    depth: usize,
    is_found: &impl Fn(&[i32]) -> bool,
) -> Option<Vec<i32>> {
    if is_found(sum) {
        return Some(sum.to_vec());
    }
    (0..columns.len()).filter(|_| depth > 0).find_map(|next| {
        let weights: &[i32] = if sum.iter().all(|v| *v == 0) { &[1] } else { &[1, -1] };
        weights.iter().find_map(|weight| {
            let sum: Vec<i32> =
                sum.iter().zip(&columns[next]).map(|(sum, value)| sum + weight * value).collect();
            search(&columns[next + 1..], &sum, depth - 1, is_found)
        })
    })
}

/// People on whom some combination of sums over these sets rests, if they are fewer than `k`: every combination of
/// up to five with weights of 1 and −1, and where that is feasible, of all with any weights.
fn combination(sets: &[&BTreeSet<usize>], k: u64) -> Option<Vec<usize>> {
    let people: BTreeSet<usize> = sets.iter().copied().flatten().copied().collect();
    let columns: Vec<Vec<i32>> = sets
        .iter()
        .map(|set| people.iter().map(|one| i32::from(set.contains(one))).collect())
        .collect();
    let rests_on = |sum: &[i32]| -> Vec<usize> {
        people.iter().zip(sum).filter(|(_, value)| **value != 0).map(|(one, _)| *one).collect()
    };
    let is_found = |sum: &[i32]| {
        let n = sum.iter().filter(|value| **value != 0).count() as u64;
        n > 0 && n < k
    };
    let depth = if sets.len() <= 12 { 5 } else { 4 };
    let nothing = vec![0; people.len()];
    if let Some(sum) = search(&columns, &nothing, depth, &is_found) {
        return Some(rests_on(&sum));
    }
    // Any weights: without whom do the sets say less?
    let mut rows: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for one in people {
        rows.entry(sets.iter().map(|set| set.contains(&one)).collect()).or_default().push(one);
    }
    let all: Vec<&Vec<bool>> = rows.keys().collect();
    let light: Vec<&Vec<bool>> =
        rows.iter().filter(|(_, who)| (who.len() as u64) < k).map(|(row, _)| row).collect();
    if light.len() > 12 {
        return None;
    }
    (1_u32..1 << light.len()).find_map(|mask| {
        let left_out: Vec<&Vec<bool>> =
            (0..light.len()).filter(|bit| mask >> bit & 1 == 1).map(|bit| light[bit]).collect();
        let who: Vec<usize> = left_out.iter().flat_map(|row| rows[*row].clone()).collect();
        let rest: Vec<&Vec<bool>> =
            all.iter().filter(|row| !left_out.contains(row)).copied().collect();
        ((who.len() as u64) < k && rank(&rest) < rank(&all)).then_some(who)
    })
}

/// Gaussian elimination in doubles, exact enough for a dozen rows of zeros and ones.
fn rank(rows: &[&Vec<bool>]) -> usize {
    let mut rows: Vec<Vec<f64>> =
        rows.iter().map(|row| row.iter().map(|bit| f64::from(u8::from(*bit))).collect()).collect();
    let width = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..width {
        let pivot = (rank..rows.len())
            .max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()));
        let Some(pivot) = pivot.filter(|pivot| rows[*pivot][column].abs() > 1e-6) else { continue };
        rows.swap(rank, pivot);
        let known = rows[rank].clone();
        for row in rows.iter_mut().skip(rank + 1) {
            let factor = row[column] / known[column];
            row.iter_mut().zip(&known).for_each(|(value, known)| *value -= factor * known);
        }
        rank += 1;
    }
    rank
}

/// A cohort whose questions divide it in similar ways, so that groups lie within groups.
fn cohort(max: usize) -> impl Strategy<Value = Vec<Person>> {
    let agreement = (0_u8..=10, 0_u8..=10);
    let one = |n_cuts: usize, (missing, alike): (u8, u8)| {
        let answer = (0_u8..100, 1_u8..=5).prop_map(move |(chance, answer)| match chance {
            chance if chance < 2 * missing => 0,
            chance if chance < 10 * alike => 4,
            _ => answer,
        });
        let group = (0_u8..=4, proptest::array::uniform3(0_u8..=7), any::<[bool; 2]>());
        (group, proptest::array::uniform5(answer)).prop_map(
            move |((own, other, [wrote, hurried]), answers)| {
                let group = |cut: usize| match other[cut] {
                    _ if cut >= n_cuts => 0,
                    other if other <= 3 => other,
                    _ => own.min(4),
                };
                Person { groups: [group(0), group(1), group(2)], answers, wrote, hurried }
            },
        )
    };
    (1_usize..=3, agreement)
        .prop_flat_map(move |(n_cuts, kind)| proptest::collection::vec(one(n_cuts, kind), 0..=max))
}

fn numbered(people: &[Person]) -> Vec<(usize, Person)> {
    people.iter().cloned().enumerate().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn one_report_shows_nobody(people in cohort(40), k in 3_u64..=7) {
        let results = results(&numbered(&people), k as i64);
        let reports = reports(&results.iter().collect::<Vec<_>>());
        let mut attacker = Attacker::new(&people, &results);
        for report in &reports {
            attacker.read(report, &(0..people.len()).collect::<Vec<_>>(), k);
        }
        prop_assert_eq!(attacker.finds(k), None);
    }

    /// Reports on the first so many, on everybody of a group, and with an answer given anew.
    #[test]
    fn many_reports_show_nobody(
        people in cohort(40),
        k in 3_u64..=5,
        releases in proptest::collection::vec((0_usize..=40, 0_usize..8, 0_u8..6), 2..5),
    ) {
        let results = results(&numbered(&people), k as i64);
        let mut attacker = Attacker::new(&people, &results);
        let mut ledger = Ledger::default();
        for (first, kind, group) in releases {
            let first = first.min(people.len());
            let on: Vec<usize> = match kind {
                0..5 => (0..first).collect(),
                5 => (0..people.len()).filter(|one| people[*one].groups[0] == group).collect(),
                6 => (0..people.len()).filter(|one| people[*one].groups[0] != group).collect(),
                _ => (people.len() - first..people.len()).collect(),
            };
            let counted: Vec<&VerifiedResult> = on.iter().map(|one| &results[*one]).collect();
            if let Ok(released) = ledger.reports(&counted, &|_| None) {
                for (report, release) in released {
                    attacker.read(&report, &on, k);
                    ledger.record([release]);
                }
            }
        }
        // Between releases an attacker may see that a few all say the same, but never fewer than the minimum.
        for (variable, known) in &attacker.known {
            let sets: Vec<&BTreeSet<usize>> = known.iter().map(|(_, set)| set).collect();
            prop_assert_eq!(combination(&sets, k), None, "{}", variable);
        }
        prop_assert_eq!(Ledger::read(ledger.to_json().as_bytes()), Ok(ledger));
    }
}

/// In which of three waves somebody answered.
type Waves = [bool; 3];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Each wave has its own sums; a change of some people is a sum over the later wave minus one over the earlier.
    #[test]
    fn changes_show_nobody(
        people in proptest::collection::vec((0_u8..=2, 0_u8..12, proptest::array::uniform5(0_u8..=5)), 8..24),
        k in 3_u64..=4,
        apart in any::<bool>(),
    ) {
        let waves = |kind: u8| -> Waves {
            match kind { 0 => [true, false, true], 1 => [false, true, true], 2 => [true, true, false], _ => [true; 3] }
        };
        let people: Vec<(Person, Waves)> = people
            .into_iter()
            .map(|(group, kind, answers)| (person([group, 0, 0], answers), waves(kind)))
            .collect();
        let by_wave: Vec<(Vec<usize>, Vec<VerifiedResult>)> = (0..3)
            .map(|wave| {
                let there: Vec<usize> = (0..people.len()).filter(|one| people[*one].1[wave]).collect();
                let answers = |one: usize| people[one].0.answers.map(|answer| match answer {
                    0 => 0,
                    given => 1 + (usize::from(given) + wave * (one % 3)) as u8 % 5,
                });
                let own: Vec<_> =
                    there.iter().map(|one| (*one, person(people[*one].0.groups, answers(*one)))).collect();
                let results = results_of(wave + 1, &own, k as i64);
                (there, results)
            })
            .collect();
        // All waves at once, or one after the other, each with all earlier ones.
        let mut ledger = Ledger::default();
        let mut reports = Vec::new();
        for last in if apart { 1..=3 } else { 3..=3 } {
            let counted: Vec<&VerifiedResult> = by_wave[..last].iter().flat_map(|(_, results)| results).collect();
            for (report, release) in ledger.reports(&counted, &|_| None).unwrap() {
                ledger.record([release]);
                reports.push(report);
            }
        }
        for (scale, _) in SCALES {
            let mut columns: Vec<Vec<i32>> = Vec::new();
            let mut note = |holds: &dyn Fn(usize, usize) -> i32| {
                let column: Vec<i32> = (0..3)
                    .flat_map(|wave| (0..people.len()).map(move |one| (wave, one)))
                    .map(|(wave, one)| holds(wave, one))
                    .collect();
                if !columns.contains(&column) && column.iter().any(|v| *v != 0) {
                    columns.push(column);
                }
            };
            let there = |wave: usize, one: usize| people[one].1[wave] && people[one].0.counts(scale);
            for report in &reports {
                let wave: usize = report.cohort.as_ref().unwrap().wave.parse().unwrap();
                let wave = wave - 1;
                let shows = |rows: &[ScaleRow]| rows.iter().any(|row| row.scale == scale && row.estimate.is_some());
                if shows(&report.scales) {
                    note(&|at, one| i32::from(at == wave && there(at, one)));
                }
                let level = report.cuts.iter().find(|cut| cut.item == "level").unwrap();
                for group in level.groups.iter().filter(|group| shows(&group.scales)) {
                    let code = group.code.unwrap_or(0);
                    let is_in = |one: usize| i64::from(people[one].0.groups[0]) == code;
                    note(&|at, one| i32::from(at == wave && there(at, one) && is_in(one)));
                }
                let Some(change) = &report.change else { continue };
                let row = change.scales.iter().find(|row| row.scale == scale).unwrap();
                if change.matched.is_some() && row.estimate.is_some() {
                    let both = |one| there(wave, one) && there(wave - 1, one);
                    note(&|at, one| match at {
                        _ if !both(one) => 0,
                        at if at == wave => 1,
                        at if at + 1 == wave => -1,
                        _ => 0,
                    });
                }
            }
            let found = search(&columns, &vec![0; 3 * people.len()], 5, &|sum: &[i32]| {
                let moved = |one: &usize| (0..3).any(|wave| sum[wave * people.len() + one] != 0);
                let n = (0..people.len()).filter(moved).count() as u64;
                n > 0 && n < k
            });
            prop_assert_eq!(found, None, "{}", scale);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The search for people to leave out against all of them, one by one.
    #[test]
    fn the_search_finds_exactly_what_there_is(
        rows in proptest::collection::btree_map(proptest::collection::vec(any::<bool>(), 4), 1_usize..6, 1..8),
        k in 1_u64..8,
    ) {
        let mut people = 0..;
        let mut sets = vec![BTreeSet::new(); 4];
        for (row, n) in &rows {
            for one in people.by_ref().take(*n) {
                sets.iter_mut().zip(row).filter(|(_, holds)| **holds).for_each(|(set, _)| {
                    set.insert(one);
                });
            }
        }
        let found = combination(&sets.iter().collect::<Vec<_>>(), k);
        let rows = rows.into_iter().map(|(row, n)| (row, n as u64));
        prop_assert_eq!(isolates(rows, k), found.is_some(), "{:?}", found);
    }
}

/// So many people of some groups, whose answers vary.
fn some(groups: [u8; 3], n: u8) -> impl Iterator<Item = Person> {
    (0..n).map(move |one| person(groups, [1 + one % 5, 1 + one % 3, 1, 1 + one % 4, 5]))
}

fn released(ledger: &Ledger, results: &[VerifiedResult]) -> Result<Report, ReportFault> {
    let counted: Vec<&VerifiedResult> = results.iter().collect();
    ledger.reports(&counted, &|_| None).map(|mut released| released.remove(0).0)
}

/// The sizes of a cut's groups as they are shown, those who did not say at the end.
fn shown(report: &Report, cut: &str) -> Vec<Option<u64>> {
    let cut = report.cuts.iter().find(|own| own.item == cut).unwrap();
    cut.groups.iter().map(|group| group.n).collect()
}

fn report_on(people: impl Iterator<Item = Person>) -> Report {
    released(&Ledger::default(), &results(&numbered(&people.collect::<Vec<_>>()), 5)).unwrap()
}

/// Level 1 is site 1 and two people more: the second question that is asked gives way.
#[test]
fn a_group_within_a_group_of_another_cut() {
    let (n, no) = (|n| Some(n), None);
    let near = [some([1, 1, 0], 8), some([1, 2, 0], 2), some([2, 2, 0], 9), some([2, 3, 0], 6)];
    let report = report_on(near.into_iter().flatten());
    assert_eq!(shown(&report, "level"), [n(10), n(15), n(0), n(0), n(0)]);
    assert_eq!(shown(&report, "site"), [no, n(11), no, n(0), n(0)]);
    assert_eq!(report.cuts[1].other.as_ref().unwrap().n, n(14));
    // With five people more, both are shown.
    let far = [some([1, 1, 0], 8), some([1, 2, 0], 5), some([2, 2, 0], 9), some([2, 3, 0], 6)];
    let report = report_on(far.into_iter().flatten());
    assert_eq!(shown(&report, "site"), [n(8), n(14), n(6), n(0), n(0)]);
}

/// Level 1 and site 1 and not team 1: only all three together show the three people, twice each.
#[test]
fn three_cuts_together() {
    let cells = [([1, 1, 2], 3), ([1, 2, 1], 3), ([2, 1, 1], 3), ([2, 2, 2], 3)];
    let report = report_on(cells.into_iter().flat_map(|(groups, n)| some(groups, n)));
    assert_eq!(shown(&report, "level")[..2], [Some(6), Some(6)]);
    assert_eq!(shown(&report, "site")[..2], [Some(6), Some(6)]);
    assert_eq!(shown(&report, "team")[..2], [None, None]);
}

/// As many people as are told each verdict; then one pattern beside them.
#[test]
fn what_people_are_told_is_counted_like_any_group() {
    let alike = |answers, n| std::iter::repeat_n(person([0, 0, 0], answers), n);
    let verdicts = |low, mixed, fine| {
        let report = report_on(
            alike([1, 1, 5, 1, 5], low)
                .chain(alike([5, 3, 1, 5, 1], mixed))
                .chain(alike([4, 4, 5, 1, 5], fine)),
        );
        let outcomes = report.outcomes.unwrap();
        assert_eq!(outcomes.verdicts[3], Told { rule: None, n: None });
        let n = |told: &[Told]| told.iter().map(|told| told.n).collect::<Vec<_>>();
        (n(&outcomes.verdicts[..3]), outcomes.other, n(&outcomes.rules))
    };
    let (some, no) = (|n| Some(n), None);
    // Who is told of the gate and the pattern is told "mixed", too: the same people, and no difference.
    assert_eq!(verdicts(8, 7, 6), (vec![some(8), some(7), some(6)], no, vec![some(7), some(7)]));
    // Three would be the rest of everybody, so the next smallest is hidden with them.
    assert_eq!(verdicts(8, 7, 3), (vec![some(8), no, no], some(10), vec![no, no]));
    // What all are told says what each answered, unless they are many.
    assert_eq!(verdicts(9, 0, 0), (vec![no, no, no], no, vec![no, no]));
    assert_eq!(verdicts(10, 0, 0), (vec![some(10), no, no], no, vec![no, no]));
}

/// Nine people in two hidden groups gave the same answers: the difference to everybody would say so.
#[test]
fn hidden_groups_that_all_say_the_same() {
    let alike = |groups, n| std::iter::repeat_n(person(groups, [4, 4, 4, 2, 4]), n);
    let people = alike([1, 0, 0], 4).chain(alike([2, 0, 0], 5)).chain(some([3, 0, 0], 8));
    let report = report_on(people.chain(some([4, 0, 0], 6)));
    let cut = &report.cuts[0];
    assert_eq!(shown(&report, "level")[2..4], [Some(8), Some(6)]);
    let shows = |code: usize| cut.groups[code - 1].scales[0].estimate.is_some();
    assert_eq!([1, 2, 3, 4].map(shows), [false, false, true, false]);
    assert!(cut.other.as_ref().unwrap().scales.iter().all(|row| row.estimate.is_none()));
}

/// Everybody gave the same answer to one item, which the scale and its other items would tell.
#[test]
fn an_item_that_its_scale_would_tell() {
    let shown = |answers: &dyn Fn(u8) -> [u8; 5]| -> Vec<String> {
        let report = report_on((0..8).map(|one| person([0, 0, 0], answers(one))));
        let rows = report.items.into_iter().filter(|row| row.estimate.is_some());
        rows.map(|row| row.item).collect()
    };
    let varied = |one: u8| [1 + one % 5, 1 + one % 3, 1 + one % 2, 1 + one % 4, 5 - one % 3];
    assert_eq!(shown(&varied), ITEMS);
    assert_eq!(shown(&|one| [4, varied(one)[1], 1 + one % 2, 1 + one % 4, 5]), ["b2"]);
    // What few answered takes nothing with it: nobody else's answers are known.
    assert_eq!(
        shown(&|one| [varied(one)[0], varied(one)[1], one / 7, 3 - one % 2, 1 + one % 3]),
        ["a1", "a2", "b2", "b3"]
    );
}

/// Twenty people were reported on.
fn ledger_of(results: &[VerifiedResult]) -> Ledger {
    let mut ledger = Ledger::default();
    let counted: Vec<&VerifiedResult> = results.iter().collect();
    for (_, release) in ledger.reports(&counted, &|_| None).unwrap() {
        ledger.record([release]);
    }
    ledger
}

/// A roster is the coach's own number: it narrows intervals of everybody's scales, and nothing else.
#[test]
fn a_roster_hides_and_shows_nothing() {
    let people = some([1, 1, 0], 8).chain(some([2, 1, 0], 3)).chain(some([3, 2, 0], 9));
    let all = results(&numbered(&people.collect::<Vec<_>>()), 5);
    let counted: Vec<&VerifiedResult> = all.iter().collect();
    let of = |roster| Ledger::default().reports(&counted, &|_| roster);
    let (plain, release) = of(None).unwrap().remove(0);
    for roster in [20, 21, 1000] {
        let (mut narrowed, released) = of(Some(roster)).unwrap().remove(0);
        assert_eq!(released, release);
        assert_eq!(narrowed.roster.take(), Some(roster));
        for (row, plain) in narrowed.scales.iter_mut().zip(&plain.scales) {
            let (row, plain) = (row.estimate.as_mut().unwrap(), plain.estimate.as_ref().unwrap());
            let ([low, high], [plain_low, plain_high]) = (row.ci95.unwrap(), plain.ci95.unwrap());
            assert!(plain_low <= low && low <= row.mean && row.mean <= high && high <= plain_high);
            assert_eq!(low == high, roster == 20, "of a census the mean is known");
            row.ci95 = plain.ci95;
        }
        assert_eq!(narrowed, plain);
    }
    let few = FewAsked {
        instrument: "attacked".to_owned(),
        version: "1.0".to_owned(),
        rater: "self".to_owned(),
        n: 20,
        roster: 19,
    };
    assert_eq!(of(Some(19)), Err(few.into()));
}

#[test]
fn a_later_report_differs_by_nobody_or_by_enough() {
    let people: Vec<Person> = some([1, 0, 0], 10).chain(some([2, 0, 0], 10)).collect();
    let more: Vec<Person> = some([1, 0, 0], 3).chain(some([2, 0, 0], 4)).collect();
    let all = results(&numbered(&[people, more].concat()), 5);
    let ledger = ledger_of(&all[..20]);
    let again = released(&ledger, &all[..20]).unwrap();
    assert_eq!(again, released(&Ledger::default(), &all[..20]).unwrap());
    let isolates = |n_added, n_removed| {
        let instrument = "attacked".to_owned();
        Err(ReportFault::from(Isolates { instrument, min_group: 5, n_added, n_removed }))
    };
    assert_eq!(released(&ledger, &all[..21]), isolates(1, 0));
    assert_eq!(released(&ledger, &all[..24]), isolates(4, 0));
    assert_eq!(released(&ledger, &all[..17]), isolates(0, 3));
    // One left, many came; it may be the same person.
    assert_eq!(released(&ledger, &all[1..]), isolates(7, 1));
    // Seven are enough, but each group gained fewer.
    let later = released(&ledger, &all).unwrap();
    assert_eq!((later.n, shown(&later, "level")[..2].to_vec()), (27, vec![None, None]));
    // Who was reported on is in no other wave.
    let mut other = ledger.releases.first().unwrap().clone();
    other.survey.wave = "2".to_owned();
    let mut ledger = Ledger::default();
    ledger.record([other]);
    assert!(released(&ledger, &all[..21]).is_ok());
}

/// Two halves were reported on; everybody but for two people is their sum.
#[test]
fn several_earlier_reports_together() {
    let all = results(&numbered(&some([1, 0, 0], 20).collect::<Vec<_>>()), 5);
    let mut ledger = ledger_of(&all[..9]);
    ledger.record(ledger_of(&all[9..18]).releases);
    assert!(released(&ledger, &all[..18]).is_ok());
    assert!(released(&ledger, &all).is_err());
}

#[test]
fn a_ledger_is_read_strictly() {
    let people: Vec<Person> = some([1, 1, 1], 6).collect();
    let ledger = ledger_of(&results(&numbered(&people), 5));
    let file = ledger.to_json();
    assert_eq!(Ledger::read(file.as_bytes()), Ok(ledger));
    let code = |from: &str, to: &str| {
        assert!(file.contains(from));
        Ledger::read(file.replacen(from, to, 1).as_bytes()).map_err(|fault| fault.code())
    };
    assert_eq!(code(r#""plumbline_ledger":2"#, r#""plumbline_ledger":1"#), Err("ledger_format"));
    assert_eq!(code(r#""plumbline_ledger":2"#, r#""plumbline_tally":2"#), Err("no_ledger"));
    assert_eq!(code(r#""shown":"#, r#""seen":"#), Err("no_ledger"));
    assert!(matches!(Ledger::read(b"nothing"), Err(LedgerFault::Json(_))));
}

/// Counted in two places or in one: the same tally, which says who is in which groups at once.
#[test]
fn profiles_add_up() {
    let people: Vec<Person> =
        some([1, 1, 1], 3).chain(some([1, 2, 0], 4)).chain(some([2, 0, 3], 5)).collect();
    let results = results(&numbered(&people), 5);
    let mut recorder = Recorder::default();
    let records: Vec<_> = results.iter().map(|result| recorder.record(result)).collect();
    let whole = Tally::of(&records);
    let mut sum = Tally::of(&records[5..]);
    sum.merge(&Tally::of(&records[..5])).unwrap();
    assert_eq!(sum, whole);
    assert!(sum.merge(&Tally::of(&records[..1])).is_err());
    let profiles = &whole.surveys.values().next().unwrap().profiles;
    let counts = profiles.by(&profiles.cuts[..3]).counts;
    let counts: Vec<(String, u64)> = counts.iter().map(|(k, v)| (k.join(","), v[0])).collect();
    let expected = [("1,1,1", 3), ("1,2,", 4), ("2,,3", 5)];
    assert_eq!(counts, expected.map(|(groups, n)| (groups.to_owned(), n)));

    let file = whole.to_json();
    let read = |file: &str| Tally::read(file.as_bytes(), std::slice::from_ref(&INSTRUMENT));
    assert_eq!(read(&file), Ok(whole));
    let moved = file.replacen(r#"[["1","2","","2",""],"#, r#"[["1","2","2","2",""],"#, 1);
    assert_ne!(moved, file);
    assert!(matches!(read(&moved), Err(TallyFault::Contradiction(_))));
}

/// The first wave's ten and the third wave's ten are all in the second wave, and eight of them are the same.
#[test]
fn changes_from_and_to_a_wave_differ_by_two_people() {
    let people = numbered(&some([0, 0, 0], 18).collect::<Vec<_>>());
    let waves = [&people[..10], &people, &people[2..12]];
    let waves: Vec<Vec<VerifiedResult>> =
        waves.iter().zip(1..).map(|(people, wave)| results_of(wave, people, 5)).collect();
    let matched = |ledger: &Ledger, waves: &[Vec<VerifiedResult>]| {
        let released =
            ledger.reports(&waves.iter().flatten().collect::<Vec<_>>(), &|_| None).unwrap();
        let matched: Vec<_> = released
            .iter()
            .map(|(report, _)| report.change.as_ref().map(|change| change.matched))
            .collect();
        (matched, released.into_iter().map(|(_, release)| release))
    };
    let first = Ledger::default();
    assert_eq!(matched(&first, &waves).0, [None, Some(Some(10)), Some(None)]);
    assert_eq!(matched(&first, &waves[1..]).0, [None, Some(Some(10))]);
    // It is the same if the third wave comes later.
    let mut ledger = Ledger::default();
    ledger.record(matched(&first, &waves[..2]).1);
    assert_eq!(matched(&ledger, &waves).0, [None, Some(Some(10)), Some(None)]);
    assert_eq!(matched(&ledger, &waves[1..]).0, [None, Some(None)]);
}
