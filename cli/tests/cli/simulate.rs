use crate::support::{files, folder, payload, run, simulate, text};
use serde_json::Value;
use std::fs;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (a, b, c) = (folder("simulate_a"), folder("simulate_b"), folder("simulate_c"));
    let first = simulate("readiness", 12, &a, &[]);
    let second = simulate("readiness", 5, &b, &[]);
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(one.file_name(), other.file_name());
        assert_eq!(
            fs::read(one).unwrap(),
            fs::read(other).unwrap(),
            "the number of people matters"
        );
    }
    assert!(text(&first[0]).ends_with("/readiness-00001.result.jws.json"));
    run(["simulate", "readiness", "--n", "1", "--seed", "2", "--out", text(&c)]).exits(0);
    assert_ne!(fs::read(&first[0]).unwrap(), fs::read(&files(&c)[0]).unwrap());
}

/// The first 16 bytes of ChaCha20's keystream after the 32 of the signing key, from an implementation
/// of RFC 8439's block function in Python whose key is SHA-256 of the documented domain string:
/// `b"plumbline-simulate-v1\nfive_factor_demo\n1.0\nself\n1\nrespondent 1"`.
#[test]
fn the_random_source_is_the_documented_one() {
    let file = simulate("five_factor_demo", 1, &folder("simulate_pinned"), &[]).remove(0);
    assert_eq!(payload(&file)["jti"], "o82ew3edVDNKWgvkhzRyvw");
}

#[test]
fn lines_hold_what_the_files_hold() {
    let out = folder("simulate_lines");
    let (single, lines) = (out.join("single"), out.join("all.jsonl"));
    let files = simulate("ops", 9, &single, &["--jsonl", text(&lines)]);
    let expected: Vec<String> =
        files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let lines = fs::read_to_string(&lines).unwrap();
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn results_are_never_mixed_by_accident() {
    let out = folder("simulate_force");
    let lines = out.join("x.jsonl");
    fs::write(out.join("precious.txt"), "keep").unwrap();
    let args = ["simulate", "ops", "--n", "1", "--seed", "1", "--out", text(&out)];
    let refused = run(args).exits(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(files(&out).len(), 1);
    run(args.iter().chain(&["--force"])).exits(0);
    assert_eq!(fs::read(out.join("precious.txt")).unwrap(), b"keep");

    fs::write(&lines, "keep").unwrap();
    let args = ["simulate", "ops", "--n", "1", "--seed", "1", "--jsonl", text(&lines)];
    run(args).exits(2);
    assert_eq!(fs::read(&lines).unwrap(), b"keep");
    run(args.iter().chain(&["--force"])).exits(0);
    assert_eq!(fs::read_to_string(&lines).unwrap().lines().count(), 1);
}

#[test]
fn people_are_varied_and_scales_hang_together() {
    let out = folder("simulate_people");
    let surveys: Vec<Value> =
        simulate("ops", 400, &out, &[]).iter().map(|file| payload(file)["survey"].take()).collect();
    let answers =
        || surveys.iter().flat_map(|survey| survey["answers"].as_object().unwrap().values());
    let (n, skipped) = (answers().count(), answers().filter(|answer| answer.is_null()).count());
    let na = answers().filter(|answer| *answer == "na").count();
    assert!((0.008..0.022).contains(&(skipped as f64 / n as f64)), "{skipped} of {n}");
    assert!((0.012..0.028).contains(&(na as f64 / n as f64)), "{na} of {n}");
    assert!(surveys.iter().any(|survey| survey["texts"].as_object().unwrap().len() == 2));
    assert!(surveys.iter().any(|survey| survey["texts"].as_object().unwrap().is_empty()));
    for role in 1..=4 {
        assert!(
            surveys.iter().filter(|survey| survey["answers"]["role_level"] == role).count() > 60
        );
    }

    // Cronbach's α of one scale on complete rows, from its definition; one item of it is reversed.
    let items =
        ["internal_1", "internal_2", "relational_1", "relational_2", "outcomes_1", "outcomes_2"];
    let rows: Vec<Vec<f64>> = surveys
        .iter()
        .filter_map(|survey| {
            let keyed = |item: &&str| {
                let code = survey["answers"][&format!("strategy_{item}")].as_f64()?;
                Some(if *item == "outcomes_2" { 6.0 - code } else { code })
            };
            items.iter().map(keyed).collect()
        })
        .collect();
    let variance = |values: Vec<f64>| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
    };
    let of_items: f64 = (0..6).map(|idx| variance(rows.iter().map(|row| row[idx]).collect())).sum();
    let of_sums = variance(rows.iter().map(|row| row.iter().sum()).collect());
    let alpha = 6.0 / 5.0 * (1.0 - of_items / of_sums);
    assert!((0.6..0.9).contains(&alpha), "alpha {alpha}");
}

#[test]
fn raters_are_those_of_the_instrument() {
    let out = folder("simulate_rater");
    let managers = simulate("leader_180", 3, &out, &["--rater", "manager"]);
    assert!(text(&managers[0]).ends_with("/leader_180-manager-00001.result.jws.json"));
    assert_eq!(payload(&managers[0])["survey"]["rater"], "manager");
    let rankings = payload(&managers[0])["survey"]["rankings"].take();
    assert!(!rankings.as_object().unwrap().is_empty());
    run(["simulate", "ops", "--rater", "manager", "--n", "1", "--seed", "1", "--jsonl", "/tmp/x"])
        .exits(2);
    let unknown = run(["simulate", "nobody_knows", "--n", "1", "--seed", "1", "--jsonl", "/tmp/x"]);
    assert!(unknown.exits(2).stderr.contains("nobody_knows"));
    run(["simulate", "ops", "--n", "1", "--seed", "1"]).exits(2);
    run(["simulate", "ops", "--n", "0", "--seed", "1", "--jsonl", "/tmp/x"]).exits(2);
}

/// No refusal can come from the simulator itself.
#[test]
fn every_instrument_can_be_simulated_in_every_role() {
    for (instrument, rater) in [
        ("ops", "self"),
        ("leader_180", "self"),
        ("leader_180", "manager"),
        ("readiness", "self"),
        ("five_factor_demo", "self"),
    ] {
        let out = folder(&format!("simulate_all_{instrument}_{rater}"));
        simulate(instrument, 300, &out, &["--rater", rater]);
        let verified = run(["verify", text(&out)]).exits(0).stdout;
        assert!(verified.contains("300 accepted"), "{verified}");
    }
}
