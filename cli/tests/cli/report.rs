use crate::support::{folder, oracle, payload, run, sign, simulate, text};
use serde_json::{Value, json};
use std::fs;

/// Every number, hidden or shown, of every instrument.
#[test]
fn numbers_equal_an_independent_computation() {
    for (instrument, rater, n) in [
        ("ops", "self", 200),
        ("ops", "self", 17),
        ("ops", "self", 4),
        ("leader_180", "self", 60),
        ("leader_180", "manager", 60),
        ("readiness", "self", 200),
        ("readiness", "self", 6),
        ("five_factor_demo", "self", 200),
    ] {
        let out = folder(&format!("report_{instrument}_{rater}_{n}"));
        let files = simulate(instrument, n, &out, &["--rater", rater]);
        let ran = run(["report", "--format", "json", text(&out)]).exits(0);
        let (mut found, mut expected) = (ran.json(), oracle("report", &files));
        without_iterated(&mut found);
        let told = expected[0].as_object_mut().unwrap().remove("told").unwrap();
        let outcomes = found[0].as_object_mut().unwrap().remove("outcomes");
        check_outcomes(&outcomes.unwrap_or_default(), &told, n);
        assert_eq!(found.as_array().unwrap().len(), 1);
        for (member, expected) in expected[0].as_object().unwrap() {
            assert_eq!(&found[0][member], expected, "{member} of {instrument} {rater} {n}");
        }
        assert_eq!(found, expected);
        assert!(ran.stderr.starts_with(&format!("{n} accepted (0 of them superseded")));
    }
}

/// What is said of how many is what the independent computation counts; what may be said is for
/// `scoring/tests/disclosure.rs` to judge.
fn check_outcomes(found: &Value, counted: &Value, n: usize) {
    if n < 5 || counted.is_null() {
        return assert!(found.is_null());
    }
    let mut n_shown = 0;
    for part in ["verdicts", "rules"] {
        let (found, counted) = (found[part].as_array().unwrap(), counted[part].as_array().unwrap());
        assert_eq!(found.len(), counted.len());
        for (found, counted) in found.iter().zip(counted) {
            assert_eq!(found["rule"], counted["rule"]);
            assert!(found["n"].is_null() || found["n"] == counted["n"], "{found} {counted}");
            n_shown += usize::from(!found["n"].is_null());
        }
    }
    // Of many people, more than a few numbers.
    assert!(n_shown >= if n >= 200 { 8 } else { 0 }, "{found}");
}

/// Leaves out what the independent computation does not compute: see the tests of `plumbline stats`.
fn without_iterated(found: &mut Value) {
    match found {
        Value::Array(values) => values.iter_mut().for_each(without_iterated),
        Value::Object(members) => {
            if let Some(Value::Object(quality)) = members.get_mut("quality") {
                assert!(
                    quality.remove("alpha_ci95").is_some() && quality.remove("omega").is_some()
                );
            }
            members.values_mut().for_each(without_iterated);
        }
        _ => {}
    }
}

#[test]
fn order_makes_no_difference() {
    let out = folder("report_order");
    let mut files = simulate("ops", 40, &out, &[]);
    let args = |files: &[std::path::PathBuf], format: &str| -> Vec<String> {
        let fixed = ["report", "--format", format].map(str::to_owned);
        fixed.into_iter().chain(files.iter().map(|file| text(file).to_owned())).collect()
    };
    for format in ["json", "csv", "text"] {
        let forward = run(args(&files, format)).exits(0).stdout;
        files.reverse();
        let backward = run(args(&files, format)).exits(0).stdout;
        files.rotate_left(13);
        assert_eq!(forward, backward);
        assert_eq!(forward, run(args(&files, format)).exits(0).stdout);
        assert_eq!(forward, run(["report", "--format", format, text(&out)]).exits(0).stdout);
    }
}

#[test]
fn csv_holds_the_numbers_of_the_json() {
    let out = folder("report_csv");
    simulate("ops", 50, &out, &[]);
    let csv = run(["report", "--format", "csv", text(&out)]).exits(0).stdout;
    let report = run(["report", "--format", "json", text(&out)]).exits(0).json();
    let mut lines = csv.split("\r\n");
    assert!(
        lines.next().unwrap().starts_with("instrument,version,rater,table,cut,group,id,n,mean")
    );
    let scales = report[0]["scales"].as_array().unwrap();
    for (line, scale) in lines.zip(scales) {
        let estimate = &scale["estimate"];
        let start = format!(
            "ops,1.0,self,scale,,{},{},{},{:.1},",
            scale["group"].as_str().unwrap(),
            scale["scale"].as_str().unwrap(),
            estimate["n"],
            estimate["mean"].as_f64().unwrap(),
        );
        assert!(line.starts_with(&start), "{line} {start}");
    }
}

#[test]
fn several_instruments_and_raters_are_reported_apart() {
    let out = folder("report_mixed");
    simulate("leader_180", 6, &out.join("self"), &["--rater", "self"]);
    simulate("leader_180", 7, &out.join("manager"), &["--rater", "manager"]);
    simulate("ops", 8, &out.join("ops"), &[]);
    let reports = run(["report", "--format", "json", text(&out)]).exits(0).json();
    let heads: Vec<Value> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|report| json!([report["instrument"], report["rater"], report["n"]]))
        .collect();
    let expected = [
        json!(["leader_180", "self", 6]),
        json!(["leader_180", "manager", 7]),
        json!(["ops", "self", 8]),
    ];
    assert_eq!(heads, expected);
}

#[test]
fn a_person_counts_once_with_the_newest_result() {
    let out = folder("report_superseded");
    let first = simulate("ops", 1, &out, &[]).remove(0);
    let older = payload(&first);
    let mut newer = older.clone();
    newer["iat"] = json!(older["iat"].as_i64().unwrap() + 1);
    newer["jti"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    fs::remove_file(&first).unwrap();
    fs::write(out.join("b.json"), sign(older, |_| ())).unwrap();
    fs::write(out.join("a.json"), sign(newer, |_| ())).unwrap();
    let report = run(["report", "--format", "json", text(&out)]).exits(0);
    assert_eq!(report.json()[0]["n"], json!(1));
    assert!(report.stderr.contains("2 accepted (1 of them superseded by a newer one)"));
    let rows = run(["verify", "--json", text(&out)]).exits(0).json();
    assert_eq!([&rows[0]["code"], &rows[1]["code"]], ["counted", "superseded"]);
}

#[test]
fn small_groups_stay_hidden_in_words() {
    let out = folder("report_small");
    simulate("ops", 4, &out, &[]);
    let few = run(["report", text(&out)]).exits(0).stdout;
    assert!(few.contains("Organizational Performance Survey 1.0, rater self: 4 people"), "{few}");
    assert!(few.contains("Strategy       hidden (fewer than 5)"), "{few}");
    assert!(few.contains("hidden (fewer than 10 wrote)"), "{few}");

    let many = folder("report_many");
    simulate("ops", 60, &many, &[]);
    let many = run(["report", text(&many)]).exits(0).stdout;
    assert!(many.contains("Individual contributor"), "{many}");
    assert!(many.contains("hidden: fewer than 5 people"), "{many}");
}
