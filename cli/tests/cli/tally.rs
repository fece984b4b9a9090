//! Counting in parts and adding up.

use crate::support::{
    Ran, files, folder, key, link, payload, program, run, run_as_coach, run_with, sign, simulate,
    text,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FORMATS: [&str; 3] = ["json", "csv", "text"];

/// Counts a folder into a file beside it.
#[track_caller]
fn tally(results: &Path) -> PathBuf {
    let out = results.with_extension("tally.json");
    run(["tally", text(results), "--out", text(&out)]).exits(0);
    out
}

/// Results of two instruments, some in each of three folders, and all of them in a fourth.
struct Shards {
    folder: PathBuf,
    all: PathBuf,
    parts: [PathBuf; 3],
}

fn shards(name: &str) -> Shards {
    let folder = folder(name);
    let all = folder.join("all");
    let ops = simulate("ops", 60, &all.join("ops"), &[]);
    let managers = simulate("leader_180", 20, &all.join("managers"), &["--rater", "manager"]);
    let parts = ["north", "south", "west"].map(|part| folder.join(part));
    parts.iter().for_each(|part| fs::create_dir(part).unwrap());
    for (idx, file) in ops.iter().chain(&managers).enumerate() {
        let part = &parts[idx * idx % 7 % 3];
        fs::copy(file, part.join(file.file_name().unwrap())).unwrap();
    }
    Shards { folder, all, parts }
}

#[test]
fn parts_add_up_to_the_whole() {
    let Shards { folder, all, parts } = shards("tally_parts");
    let whole = fs::read_to_string(tally(&all)).unwrap();
    let [north, south, west] = parts.each_ref().map(|part| tally(part));
    let merge = |tallies: [&Path; 3]| run(["merge"].into_iter().chain(tallies.map(text))).exits(0);
    let merged = merge([&north, &south, &west]);
    assert_eq!(merged.stderr, "80 results counted\n");
    assert_eq!(merged.stdout, whole);
    assert_eq!(merge([&west, &north, &south]).stdout, whole);
    // In two steps, one of them over two folders at once.
    let two = folder.join("two.tally.json");
    run(["tally", text(&parts[2]), text(&parts[0]), "--out", text(&two)]).exits(0);
    let again = folder.join("again.tally.json");
    run(["merge", text(&north), text(&west), "--out", text(&again)]).exits(0);
    assert_eq!(fs::read(&two).unwrap(), fs::read(&again).unwrap());
    let again = run(["merge", text(&two), text(&south), "--out", text(&again), "--force"]).exits(0);
    assert!(again.stdout.is_empty());
    assert_eq!(fs::read_to_string(folder.join("again.tally.json")).unwrap(), whole);
}

#[test]
fn standard_input_holds_one_result_a_line() {
    let folder = folder("tally_stdin");
    let lines = folder.join("ops.jsonl");
    let args = ["simulate", "ops", "--n", "200", "--seed", "1", "--jsonl", text(&lines)];
    run(args).exits(0);
    let content = fs::read_to_string(&lines).unwrap();
    let whole = run(["tally", text(&lines)]).exits(0).stdout;
    assert_eq!(run_with(content.as_bytes(), &["tally", "--stdin"]).exits(0).stdout, whole);
    assert_eq!(run_with(content.as_bytes(), &["tally", "-"]).exits(0).stdout, whole);

    // What is no result is counted as such and does not disturb the others.
    let spoilt = format!("\n{{}}\n{}\r\n\nnonsense", content.replacen('\n', "\r\n", 9));
    let ran = run_with(spoilt.as_bytes(), &["tally", "--stdin"]).exits(0);
    assert_eq!(ran.stdout, whole);
    assert!(
        ran.stderr.contains("200 accepted (0 of them superseded by a newer one), 0 duplicates, 2")
    );
    assert!(ran.stderr.contains("Rejected: 1 not_a_result, 1 not_json."), "{}", ran.stderr);

    // One line is a share like any other, and so is none.
    let (first, rest) = content.split_once('\n').unwrap();
    let first = run_with(first.as_bytes(), &["tally", "--stdin"]).exits(0).stdout;
    let rest = run_with(rest.as_bytes(), &["tally", "--stdin"]).exits(0).stdout;
    let none = run_with(b"", &["tally", "--stdin"]).exits(0).stdout;
    let tallies = [("first", first), ("none", none), ("rest", rest)].map(|(name, tally)| {
        let path = folder.join(name);
        fs::write(&path, tally).unwrap();
        path
    });
    let merge = ["merge"].into_iter().chain(tallies.iter().map(|path| text(path)));
    assert_eq!(run(merge).exits(0).stdout, whole);

    let nothing = run_with(b"{}\n", &["tally", "--stdin"]).exits(1);
    assert!(nothing.stderr.contains("Nothing could be counted"), "{}", nothing.stderr);
    assert_eq!(nothing.stdout, fs::read_to_string(folder.join("none")).unwrap());
}

#[test]
fn everybody_counts_once_and_files_are_counted_as_in_a_report() {
    let folder = folder("tally_once");
    let results = folder.join("results");
    let mut simulated = simulate("ops", 8, &results, &[]);
    let expected = {
        let first = simulated.remove(0);
        let older = payload(&first);
        fs::remove_file(&first).unwrap();
        let mut newer = older.clone();
        newer["iat"] = json!(older["iat"].as_i64().unwrap() + 1);
        fs::write(results.join("newer.json"), sign(newer, |_| ())).unwrap();
        let expected = fs::read(tally(&results)).unwrap();
        fs::write(results.join("older.json"), sign(older, |_| ())).unwrap();
        expected
    };
    fs::copy(&simulated[0], results.join("copy.json")).unwrap();
    fs::write(results.join("broken.json"), "{").unwrap();
    let ran = run(["tally", text(&results)]).exits(0);
    assert_eq!(ran.stdout.as_bytes(), expected);
    let counts = "9 accepted (1 of them superseded by a newer one), 1 duplicate, 1 rejected\n";
    assert!(ran.stderr.starts_with(counts), "{}", ran.stderr);
    assert_eq!(ran.stderr, run(["report", text(&results)]).exits(0).stderr);
    assert_eq!(ran.stderr, run(["report", "--no-comments", text(&results)]).exits(0).stderr);
}

/// So many that records go to a temporary file, of people who handed in again, whose invitation somebody else used, and
/// files twice. `verify` and `report` have the results themselves in memory.
#[test]
fn more_results_than_are_kept_in_memory_are_counted_as_if_they_were() {
    let folder = folder("tally_many");
    let made = |name, more: &[&str]| -> Value {
        let more = [&["--no-seal", "--json", "--invitations"], more].concat();
        serde_json::from_slice(&fs::read(link(&folder, name, &more)).unwrap()).unwrap()
    };
    let site = ["--cut", "site: Where? = North | South"];
    let first = made("first", &site);
    let cohort = first["cohort"].as_str().unwrap();
    let again = made("again", &[&site[..], &["--cohort", cohort]].concat());
    let [first, again] = [&first, &again].map(|made| made["link"].as_str().unwrap().to_owned());
    let key = key("coach");
    let mut lines: Vec<PathBuf> = Vec::new();
    for (n, link) in [("3000", None), ("200", Some(&first)), ("90", Some(&again))] {
        let out = folder.join(format!("{}.jsonl", lines.len()));
        let what = ["simulate", "ops", "--n", n, "--seed", "1", "--jsonl", text(&out)];
        let link = link.map(|link| ["--link", link, "--key", text(&key)]);
        run_as_coach(what.iter().chain(link.iter().flatten())).exits(0);
        lines.push(out);
    }
    let content = fs::read_to_string(&lines[1]).unwrap();
    let [copies, one, other] = ["copies.jsonl", "one.json", "other.json"].map(|f| folder.join(f));
    fs::write(&copies, content.lines().take(50).collect::<Vec<_>>().join("\n")).unwrap();
    fs::write(&one, content.lines().last().unwrap()).unwrap();
    let mut same_invitation = payload(&one);
    same_invitation["iat"] = json!(same_invitation["iat"].as_i64().unwrap() + 1);
    fs::write(&other, sign(same_invitation, |_| ())).unwrap();
    lines.extend([copies, other]);

    let all = lines.iter().map(|path| text(path)).chain(["--link", &first, "--link", &again]);
    let all: Vec<&str> = all.collect();
    let (out, counts) = (folder.join("tally.json"), folder.join("counts.json"));
    let made = ["tally", "--out", text(&out), "--counts", text(&counts)];
    run(made.iter().chain(&all)).exits(0);
    let counts: BTreeMap<String, u64> = serde_json::from_slice(&fs::read(counts).unwrap()).unwrap();
    let mut by_code = BTreeMap::<String, u64>::new();
    let verified = run(["verify", "--json"].iter().chain(&all)).exits(0).stdout;
    for row in serde_json::from_str::<Vec<Value>>(&verified).unwrap() {
        *by_code.entry(row["code"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(counts, by_code);
    assert!(counts.values().all(|n| *n > 0) && counts.len() == 4, "{counts:?}");

    let report = |what: &[&str]| -> Value {
        let ran = run(["report", "--format", "json"].iter().chain(what)).exits(0);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let mut from_results = report(&all);
    let reports = from_results.as_array_mut().unwrap();
    reports.iter_mut().for_each(|report| report["comments"] = json!([]));
    assert_eq!(report(&["--tally", text(&out)]), from_results);
    assert_eq!(report(&[&["--no-comments"], &all[..]].concat()), from_results);
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_named_and_nothing_is_written() {
    let folder = folder("tally_no_room");
    let lines = folder.join("ops.jsonl");
    run(["simulate", "ops", "--n", "3000", "--seed", "1", "--jsonl", text(&lines)]).exits(0);
    let out = folder.join("tally.json");
    let mut tally = program();
    tally.env("TMPDIR", folder.join("nowhere")).args(["tally", text(&lines), "--out", text(&out)]);
    let failed = Ran::from(tally.output().unwrap()).exits(2);
    assert!(failed.stderr.contains("temporary file in"), "{}", failed.stderr);
    assert!(failed.stderr.contains("TMPDIR"), "{}", failed.stderr);
    assert!(!out.exists());
}

#[test]
fn tallies_of_the_same_people_are_not_added_up() {
    let Shards { folder, parts, .. } = shards("tally_overlap");
    let [north, south, west] = parts.each_ref().map(|part| tally(part));
    // One more copy of a file of the north among those of the west.
    let shared = files(&parts[0]).remove(0);
    fs::copy(&shared, parts[2].join("copy.json")).unwrap();
    fs::remove_file(&west).unwrap();
    let west = tally(&parts[2]);
    let out = folder.join("out.tally.json");
    let refused =
        run(["merge", text(&south), text(&north), text(&west), "--out", text(&out)]).exits(2);
    let both = format!("{} and {} count the same people", north.display(), west.display());
    assert!(refused.stderr.contains(&both), "{}", refused.stderr);
    assert!(refused.stderr.contains("results in both: 1,"), "{}", refused.stderr);
    assert!(refused.stderr.contains("What to do: Count the results of both together"));
    assert!(refused.stdout.is_empty() && !out.exists());
    run(["merge", text(&north), text(&north)]).exits(2);
    assert!(run(["report", "--tally", text(&west), text(&north)]).exits(2).stdout.is_empty());
}

#[test]
fn a_report_on_tallies_is_the_report_without_comments() {
    let Shards { all, parts, .. } = shards("tally_report");
    let tallies = parts.each_ref().map(|part| tally(part));
    for format in FORMATS {
        let from =
            |what: &[&str]| run(["report", "--format", format].iter().chain(what)).exits(0).stdout;
        let plain = from(&[text(&all), "--no-comments"]);
        let [north, south, west] = tallies.each_ref().map(|tally| text(tally));
        assert_eq!(from(&["--tally", west, north, south]), plain);
        assert_eq!(from(&["--tally", west, "--tally", north, south]), plain);
        // And nothing but comments is left out.
        let full = from(&[text(&all)]);
        match format {
            "json" => {
                let mut full: Value = serde_json::from_str(&full).unwrap();
                for report in full.as_array_mut().unwrap() {
                    assert!(!report["comments"].as_array().unwrap().is_empty());
                    report["comments"] = json!([]);
                }
                assert_eq!(serde_json::from_str::<Value>(&plain).unwrap(), full);
            }
            "csv" => assert_eq!(plain, full),
            _ => {
                assert!(full.contains("  - ") && !plain.contains("  - "), "{plain}");
                let missing = plain.lines().find(|line| !full.contains(line));
                assert_eq!(missing, None);
            }
        }
    }
}

#[test]
fn a_cohort_is_counted_with_its_link_and_key() {
    let folder = folder("tally_cohort");
    let link = link(&folder, "team.link", &["--cut", "site: Where do you work? = North | South"]);
    let results = folder.join("results");
    simulate("ops", 30, &results, &["--link", text(&link)]);
    let out = folder.join("team.tally.json");
    let key = key("coach");
    let args = ["tally", text(&results), "--link", text(&link), "--key", text(&key)];
    run_as_coach(args.iter().chain(&["--out", text(&out)])).exits(0);
    let refused = run(["tally", text(&results), "--link", text(&link)]).exits(1);
    assert!(refused.stderr.contains("30 sealed_no_key"), "{}", refused.stderr);
    let report = run(["report", "--tally", text(&out)]).exits(0).stdout;
    assert!(report.starts_with("Team check, wave 1\n"), "{report}");
    assert!(report.contains("Where do you work?\n"), "{report}");
}

#[test]
fn a_damaged_tally_is_named() {
    let folder = folder("tally_damaged");
    let results = folder.join("results");
    let simulated = simulate("ops", 6, &results, &[]);
    let good = tally(&results);
    let whole = fs::read_to_string(&good).unwrap();
    assert!(whole.ends_with("}\n"));
    let bad = folder.join("bad.tally.json");
    for (damaged, why) in [
        (whole[..whole.len() - 9].to_owned(), "This is no tally"),
        (fs::read_to_string(&simulated[0]).unwrap(), "no member plumbline_tally"),
        (whole.replacen("\"n\":6", "\"n\":7", 1), "contradict each other"),
        (whole.replacen("\"plumbline_tally\":2", "\"plumbline_tally\":1", 1), "format 1"),
        (whole.replacen("\"version\":\"1.0\"", "\"version\":\"1.1\"", 1), "contradict each other"),
        (whole.replacen("\"sha256\":\"", "\"sha256\":\"0", 1), "version 1.0 of \"ops\""),
    ] {
        assert_ne!(damaged, whole, "{why}");
        fs::write(&bad, damaged).unwrap();
        for command in [vec!["merge"], vec!["report", "--tally"]] {
            let args = command.into_iter().chain([text(&good), text(&bad)]);
            let refused = run(args).exits(2);
            let named = format!("plumbline: {}: ", bad.display());
            assert!(
                refused.stderr.to_lowercase().contains(&why.to_lowercase()),
                "{}",
                refused.stderr
            );
            assert!(refused.stderr.starts_with(&named), "{}", refused.stderr);
            assert!(refused.stderr.contains("\nWhat to do: ") && refused.stdout.is_empty());
        }
    }
}

#[test]
fn nothing_is_written_over_and_nothing_is_guessed() {
    let folder = folder("tally_arguments");
    let results = folder.join("results");
    simulate("ops", 2, &results, &[]);
    let (results, out) = (text(&results).to_owned(), folder.join("out"));
    fs::write(&out, "precious").unwrap();
    let refused = run(["tally", &results, "--out", text(&out)]).exits(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&out).unwrap(), "precious");
    run(["tally", &results, "--out", text(&out), "--force"]).exits(0);
    for args in [
        vec!["tally"],
        vec!["tally", &results, "--stdin"],
        vec!["tally", &results, "--force"],
        vec!["tally", "/no/such/path"],
        vec!["merge"],
        vec!["merge", "/no/such/path"],
        vec!["merge", text(&out), "--out", text(&out)],
        vec!["report", &results, "--tally", text(&out)],
        vec!["report", "--tally", text(&out), "--link", "x"],
        vec!["report"],
    ] {
        assert!(run(&args).exits(2).stdout.is_empty(), "{args:?}");
    }
    let empty = folder.join("empty");
    fs::create_dir(&empty).unwrap();
    let ran = run(["tally", text(&empty)]).exits(0);
    assert!(ran.stderr.contains("Nothing could be counted"), "{}", ran.stderr);
}
