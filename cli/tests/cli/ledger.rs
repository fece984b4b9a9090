//! One report after the other.

use crate::support::{Ran, folder, key, link, payload, run, run_as_coach, sign, simulate, text};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

fn report(files: &[PathBuf], ledger: &Path) -> Ran {
    let args = ["report", "--format", "json", "--ledger", text(ledger)];
    run(args.into_iter().chain(files.iter().map(|file| text(file))))
}

#[test]
fn a_report_differs_from_earlier_ones_by_nobody_or_by_enough() {
    let out = folder("ledger_report");
    let files = simulate("ops", 20, &out.join("results"), &[]);
    let ledger = out.join("team.ledger.json");
    let first = report(&files[..14], &ledger).exits(0).stdout;
    let noted = fs::read(&ledger).unwrap();
    // The same once more adds nothing.
    assert_eq!(report(&files[..14], &ledger).exits(0).stdout, first);
    assert_eq!(fs::read(&ledger).unwrap(), noted);

    // It says nothing but how few there are.
    report(&files[..1], &ledger).exits(0);
    for few in [&files[..15], &files[..18], &files[..13], &files[1..]] {
        let refused = report(few, &ledger).exits(1);
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.contains("What to do: Wait until"), "{}", refused.stderr);
    }
    assert!(report(&files[..15], &ledger).stderr.contains("(results new: 1, missing: 0)"));

    let later = report(&files[..19], &ledger).exits(0).json();
    assert_eq!(later[0]["n"], json!(19));
    assert!(later[0]["scales"][0]["estimate"].is_object());
    // Five new people are in several groups: none is shown whose growth would show fewer.
    let groups = |report: &serde_json::Value| -> Vec<Option<u64>> {
        let groups = report[0]["cuts"][0]["groups"].as_array().unwrap();
        groups.iter().map(|group| group["n"].as_u64()).collect()
    };
    let before = groups(&serde_json::from_str(&first).unwrap());
    for (before, later) in before.iter().zip(groups(&later)) {
        assert!(
            later.is_none_or(|later| before.is_none_or(|n| later == n || later >= n + 5)),
            "{before:?} {later:?}"
        );
    }
    report(&files, &ledger).exits(1);
    assert_eq!(crate::support::files(&out).len(), 2, "only results and the ledger are left");
}

#[test]
fn an_answer_given_anew_stays_out() {
    let out = folder("ledger_superseded");
    let files = simulate("ops", 15, &out.join("results"), &[]);
    let older = payload(&files[14]);
    let mut newer = older.clone();
    newer["iat"] = json!(older["iat"].as_i64().unwrap() + 1);
    newer["jti"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    let (older_file, newer_file) = (out.join("older.json"), out.join("newer.json"));
    fs::write(&older_file, sign(older, |_| ())).unwrap();
    fs::write(&newer_file, sign(newer, |_| ())).unwrap();
    let ledger = out.join("ledger.json");
    let with = |file: &PathBuf| [&files[..14], std::slice::from_ref(file)].concat();
    report(&with(&older_file), &ledger).exits(0);
    let refused = report(&with(&newer_file), &ledger).exits(1).stderr;
    assert!(refused.contains("(results new: 1, missing: 1)"), "{refused}");
    report(&with(&older_file), &ledger).exits(0);
}

#[test]
fn publishing_keeps_to_the_ledger() {
    let out = folder("ledger_publish");
    let (link, key) = (link(&out, "team.link", &[]), key("coach"));
    let files = simulate("ops", 16, &out.join("results"), &["--link", text(&link)]);
    let ledger = out.join("ledger.json");
    let publish = |files: &[PathBuf], name: &str| {
        let args = ["publish", "--key", text(&key), "--link", text(&link)];
        let made = out.join(name);
        let rest = ["--ledger", text(&ledger), "--out", text(&made)];
        run_as_coach(args.into_iter().chain(rest).chain(files.iter().map(|file| text(file))))
    };
    publish(&files[..10], "first.json").exits(0);
    let refused = publish(&files[..11], "second.json").exits(1);
    assert!(refused.stderr.contains("nothing was released"), "{}", refused.stderr);
    assert!(!out.join("second.json").exists());
    publish(&files, "second.json").exits(0);

    fs::write(&ledger, "{}").unwrap();
    let refused = publish(&files, "third.json").exits(2).stderr;
    assert!(
        refused.contains("this is no ledger") && refused.contains("--ledger made"),
        "{refused}"
    );
}
