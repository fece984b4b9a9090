use crate::support::{
    Ran, files, folder, instruments, key, link, oracle_script, run, run_as_coach, text,
};
use scoring::cohort::{Invitation, VerifiedLink, link_tokens};
use scoring::instrument::Rater;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A link to a cohort of pairs whose files are not sealed.
fn pair_link(folder: &Path) -> PathBuf {
    link(folder, "pairs.link", &["--instrument", "leader_180", "--invitations", "--no-seal"])
}

fn simulated(link: &Path, n: usize, out: &Path) -> Vec<PathBuf> {
    let n = n.to_string();
    let args = ["simulate", "leader_180", "--pairs", &n, "--seed", "1", "--out", text(out)];
    let key = key("coach");
    run_as_coach(args.into_iter().chain(["--link", text(link), "--key", text(&key)])).exits(0);
    files(out)
}

fn compared(folder: &Path, link: &Path) -> Value {
    run(["pair", text(folder), "--link", text(link), "--format", "json"]).exits(0).json()
}

fn expected(folder: &Path) -> Value {
    let mut python = Command::new("python3");
    python.arg(oracle_script("pairs.py")).arg(instruments()).arg(folder);
    let ran: Ran = python.output().expect("apt-get install python3").into();
    ran.exits(0).json()
}

/// The value of a fraction.
fn fraction(text: &str) -> f64 {
    let (numer, denom) = text.split_once('/').unwrap_or((text, "1"));
    numer.parse::<f64>().unwrap() / denom.parse::<f64>().unwrap()
}

/// No name for a person whose gap is inside of its error.
fn check_labels(reports: &Value) -> BTreeMap<String, usize> {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for pair in reports.as_array().unwrap() {
        let report = &pair["report"];
        for of in report["areas"].as_array().unwrap().iter().chain([&report["overall"]]) {
            let says = of["says"].as_str().unwrap();
            *said.entry(says.to_owned()).or_default() += 1;
            let Some(gap) = of["gap"]["value"].as_str().map(fraction) else { continue };
            let error = fraction(of["error_squared"]["value"].as_str().unwrap()).sqrt();
            let names = ["blind_spot", "seen_less", "hidden_strength", "seen_more"];
            let is_named =
                names.contains(&says) || ["overall_over", "overall_under"].contains(&says);
            let within = fraction(of["within_squared"].as_str().unwrap()).sqrt();
            assert_eq!(is_named, gap.abs() > 1.959_963_985 * error && gap.abs() > within, "{of}");
        }
    }
    said
}

/// What a report says of all pairs together.
#[track_caller]
fn check_gaps(folder: &Path, link: &Path, expected: &Value) {
    let args = ["report", text(folder), "--link", text(link), "--format", "json"];
    let reports = run(args).exits(0).json();
    assert_eq!(reports[1]["gaps"], Value::Null, "they stand beside the leaders' answers only");
    let gaps = &reports[0]["gaps"];
    let found = gaps["scales"].as_array().unwrap();
    assert_eq!(found.len(), expected.as_array().unwrap().len());
    assert!(found.iter().filter(|row| !row["estimate"].is_null()).count() > found.len() / 2);
    for (row, expected) in found.iter().zip(expected.as_array().unwrap()) {
        let found = &row["estimate"];
        assert_eq!(row["scale"], expected["scale"]);
        if found.is_null() {
            // Without the few who are not compared, their own scores could be computed.
            assert!(expected["n"].as_u64() < gaps["n"].as_u64(), "{row}");
            continue;
        }
        for name in ["n", "gap", "over", "under"] {
            assert_eq!(found[name], expected[name], "{name} of {row}");
        }
        let sd = (found["gap_sd"].as_f64().unwrap() - expected["sd"].as_f64().unwrap()).abs();
        assert!(sd <= 0.050_001, "{row}");
    }
}

#[test]
fn a_cohorts_pattern_shows_no_pair() {
    let out = folder("pair_gaps");
    let link = pair_link(&out);
    let gaps = |results: &Path, more: &[&str]| -> Value {
        let args = ["report", text(results), "--link", text(&link), "--format", "json"];
        run(args.iter().chain(more)).exits(0).json()[0]["gaps"].clone()
    };
    let results = out.join("results");
    let files = simulated(&link, 10, &results);
    assert_eq!(gaps(&results, &[])["n"], 10);
    // A manager is missing: with the gaps of nine, the tenth leader's own scores could be computed.
    fs::remove_file(files.last().unwrap()).unwrap();
    assert_eq!(gaps(&results, &[]), Value::Null);
    // Nor with fewer than the minimum of pairs.
    let few = out.join("few");
    simulated(&link, 4, &few);
    assert_eq!(gaps(&few, &[]), Value::Null);
}

#[test]
fn gaps_stay_hidden_where_an_earlier_report_held_other_results() {
    let out = folder("pair_ledger");
    let link = pair_link(&out);
    let (some, all, ledger) = (out.join("some"), out.join("all"), out.join("ledger.json"));
    simulated(&link, 10, &some);
    simulated(&link, 20, &all);
    let report = |results: &Path| -> Value {
        let args = ["report", text(results), "--link", text(&link), "--format", "json"];
        run(args.into_iter().chain(["--ledger", text(&ledger)])).exits(0).json()
    };
    assert_eq!(report(&some)[0]["gaps"]["n"], 10);
    assert_eq!(report(&some)[0]["gaps"]["n"], 10, "the same again");
    assert_eq!(report(&all)[0]["gaps"], Value::Null);
}

/// 1,000 pairs, first together, then 25 at a time, where nothing but the pair itself is known.
#[test]
fn every_number_equals_an_independent_computation() {
    let out = folder("pair_oracle");
    let link = pair_link(&out);
    let all = out.join("all");
    let files = simulated(&link, 1000, &all);
    assert_eq!(files.len(), 2000);
    let together = compared(&all, &link);
    let independent = expected(&all);
    assert_eq!(together, independent["pairs"]);
    check_gaps(&all, &link, &independent["gaps"]);
    assert_eq!(together.as_array().unwrap().len(), 1000);
    assert_eq!(together[0]["report"]["areas"][0]["error_from"], "cohort");
    check_labels(&together);

    let (leaders, managers): (Vec<_>, Vec<_>) =
        files.iter().partition(|file| !text(file).contains("manager"));
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for (idx, (leaders, managers)) in leaders.chunks(25).zip(managers.chunks(25)).enumerate() {
        let some = out.join(format!("some_{idx}"));
        fs::create_dir(&some).unwrap();
        for file in leaders.iter().chain(managers) {
            fs::rename(file, some.join(file.file_name().unwrap())).unwrap();
        }
        let alone = compared(&some, &link);
        let independent = expected(&some);
        assert_eq!(alone, independent["pairs"], "{}", some.display());
        if idx == 0 {
            check_gaps(&some, &link, &independent["gaps"]);
        }
        assert_eq!(alone[0]["report"]["areas"][0]["error_from"], "pair");
        for (code, n) in check_labels(&alone) {
            *said.entry(code).or_default() += n;
        }
    }
    // The comparison has seen everything that can be said of a gap.
    assert_eq!(said.values().sum::<usize>(), 9000);
    let overall =
        ["overall_over", "overall_under", "overall_good", "overall_poor", "overall_unclear"];
    let areas = ["blind_spot", "seen_less", "hidden_strength", "seen_more", "agreed_good"];
    for code in overall.iter().chain(&areas).chain(&["agreed_poor", "unclear", "not_compared"]) {
        assert!(said.contains_key(*code), "never {code}: {said:?}");
    }
}

#[test]
fn invitations_say_who_belongs_together_and_name_nobody() {
    let out = folder("pair_invite");
    let link = pair_link(&out);
    let names = out.join("names.csv");
    fs::write(&names, "leader,manager\n\"Lee, Ann\",Bo Ray\nCy Moe,Di Poe\n").unwrap();
    let table = out.join("pairs.csv");
    let key = key("coach");
    let args = ["invite", "--key", text(&key), "--link", text(&link), "--pairs", text(&names)];
    run_as_coach(args.into_iter().chain(["--out", text(&table)])).exits(0);
    let mut rows = csv::Reader::from_path(&table).unwrap();
    assert_eq!(
        rows.headers().unwrap(),
        vec!["leader", "manager", "pair", "leader_link", "manager_link"]
    );
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let who: Vec<_> = rows.iter().map(|row| [&row[0], &row[1]]).collect();
    assert_eq!(who, [["Lee, Ann", "Bo Ray"], ["Cy Moe", "Di Poe"]]);
    assert_ne!(rows[0][2], rows[1][2]);
    for row in &rows {
        for (place, rater) in [(3, Rater::Own), (4, Rater::Manager)] {
            assert!(row[place].chars().count() <= 1500);
            let (token, invitation) = link_tokens(&row[place]).unwrap();
            let link = VerifiedLink::verify(token).unwrap();
            let invitation = Invitation::verify(invitation.unwrap(), &link).unwrap();
            let seat = invitation.seat().unwrap();
            assert_eq!((seat.pair.as_str(), seat.rater), (&row[2], rater));
            let decoded = token.split('.').chain(row[place].rsplit('/').next().unwrap().split('.'));
            for part in decoded.filter_map(scoring::jose::from_base64url) {
                let part = String::from_utf8_lossy(&part);
                assert!(!["Ann", "Ray", "Moe", "Poe"].iter().any(|name| part.contains(name)));
            }
        }
    }
    fs::write(&names, "Ann,Bo\nCy\n").unwrap();
    let refused = run_as_coach(args).exits(2);
    assert!(refused.stderr.contains("line 2"), "{}", refused.stderr);
    fs::write(&names, "leader,manager\n").unwrap();
    run_as_coach(args).exits(2);
    // Pairs are invited to a cohort that asks nobody for an invitation, too.
    fs::write(&names, "Ann,Bo\n").unwrap();
    let open =
        crate::support::link(&out, "open.link", &["--instrument", "leader_180", "--no-seal"]);
    let args = ["invite", "--key", text(&key), "--link", text(&open), "--pairs", text(&names)];
    assert_eq!(run_as_coach(args).exits(0).stdout.lines().count(), 2);
}

#[test]
fn invitations_of_different_pairs_are_no_pair() {
    let out = folder("pair_strangers");
    let link = pair_link(&out);
    let files = simulated(&link, 2, &out.join("results"));
    let mut compared = 0;
    for (idx, one) in files.iter().enumerate() {
        for other in &files[idx + 1..] {
            let found = run(["pair", text(one), text(other), "--link", text(&link)]);
            assert!(!found.stdout.contains("is your word"), "{}", found.stdout);
            compared += usize::from(found.code == 0);
        }
    }
    assert_eq!((files.len(), compared), (4, 2));
}

#[test]
fn two_files_without_an_invitation_are_a_pair_by_the_callers_word() {
    let out = folder("pair_two");
    for rater in ["self", "manager"] {
        let (folder, more) = (out.join(rater), ["--rater", rater]);
        crate::support::simulate("leader_180", 1, &folder, &more);
    }
    let found = run(["pair", text(&out), "--format", "json"]).exits(0).json();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["pair"]), (1, &Value::Null));
    let read = run(["pair", text(&out)]).exits(0).stdout;
    assert!(read.contains("is your word"), "{read}");
    assert!(read.contains("Said when"), "{read}");
    for place in ["{within}", "{good_from}", "{frequent}", "{chance}"] {
        assert!(!read.contains(place), "{read}");
    }
    let leader = run(["pair", text(&out.join("self"))]).exits(2);
    assert!(leader.stderr.contains("What to do"), "{}", leader.stderr);
}

#[test]
fn a_report_names_pairs_only_from_the_coachs_own_table() {
    let out = folder("pair_names");
    let link = pair_link(&out);
    let results = out.join("results");
    simulated(&link, 2, &results);
    let pairs = compared(&results, &link);
    let table = out.join("pairs.csv");
    let rows = format!("leader,manager,pair\nAnn,Bo,{}\n", pairs[0]["pair"].as_str().unwrap());
    fs::write(&table, rows).unwrap();
    let args = ["pair", text(&results), "--link", text(&link), "--names", text(&table)];
    let read = run(args).exits(0).stdout;
    assert!(
        read.contains("Ann · Bo") && read.contains(pairs[1]["pair"].as_str().unwrap()),
        "{read}"
    );
    assert_eq!(pairs[0]["report"]["rules"]["within"], json!(50));
    fs::write(&table, "date,amount,account\n2026-11-01,12,7\n").unwrap();
    let refused = run(args).exits(2);
    assert!(refused.stderr.contains("line 1 is not one of a table of pairs"), "{}", refused.stderr);
}
