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

#[test]
fn scales_that_do_not_hang_together_are_named() {
    let out = folder("report_weak");
    simulate("ops", 24, &out, &[]);
    let report = run(["report", text(&out)]).exits(0).stdout;
    let (_, quality) = report.split_once("How far to trust the scales").unwrap();
    let (rows, said) = quality.split_once("Questions that hang together too little").unwrap();
    let (_, said) = said.lines().next().unwrap().split_once("(alpha below 0.70): ").unwrap();
    let rows: Vec<Vec<&str>> = rows
        .lines()
        .skip(2)
        .map(|row| row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    let weak = rows.iter().filter(|row| row[2].parse::<f64>().unwrap() < 0.7);
    let weak: Vec<&str> = weak.map(|row| row[0]).collect();
    assert_eq!(said.split(", ").collect::<Vec<_>>(), weak);
    assert!(weak.len() < rows.len(), "{report}");
}

/// What the independent computation of the tests above gives for the scale `strategy`, in R 4.2.2:
///
/// ```r
/// s <- c(14, 14, 22, 17, 17, 15, 20, 19, 15, 15, 21, 21, 18, 16, 9, 20, 17, 12)  # sums
/// k <- c(5, 6, 6, 6, 5, 6, 6, 5, 6, 6, 6, 6, 6, 5, 6, 6, 5, 5)                   # answered
/// x <- 25 * (s / k - 1)
/// n <- length(x)
/// for (R in c(Inf, 20, 18)) print(mean(x) + c(-1, 1) * qt(.975, n - 1) * sd(x) / sqrt(n) * sqrt(1 - n / R))
/// # 41.90435 56.70676, 46.96509 51.64602, 49.30556 49.30556
/// ```
///
/// Of `resilience` 17 people have a score:
///
/// ```r
/// s <- c(18, 16, 23, 19, 23, 15, 21, 17, 17, 22, 21, 19, 18, 7, 21, 16, 18)
/// k <- c(6, 6, 6, 5, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 6, 5, 6)
/// # 46.19396 62.13937, 51.07885 57.25448, 52.28748 56.04585
/// ```
#[test]
fn a_roster_narrows_the_intervals_of_everybody() {
    let out = folder("report_roster");
    simulate("ops", 18, &out, &[]);
    let report = |more: &[&str]| {
        let args = ["report", text(&out), "--format", "json"];
        run(args.iter().chain(more)).exits(0).json()[0].clone()
    };
    let ends = |report: &Value| [0, 3].map(|idx| report["scales"][idx]["estimate"]["ci95"].clone());
    let plain = report(&[]);
    assert_eq!(ends(&plain), [json!([41.9, 56.7]), json!([46.2, 62.1])]);
    assert_eq!(plain.get("roster"), None);
    let of_20 = report(&["--roster", "20"]);
    assert_eq!(ends(&of_20), [json!([47.0, 51.6]), json!([51.1, 57.3])]);
    assert_eq!(of_20["roster"], json!(20));
    let all = report(&["--roster", "18"]);
    assert_eq!(ends(&all), [json!([49.3, 49.3]), json!([52.3, 56.0])]);
    for member in ["n", "items", "cuts", "outcomes", "without_suspects", "change"] {
        assert_eq!(of_20[member], plain[member], "{member}");
    }
    let counted = report(&["--roster", "20", "--no-comments"]);
    assert_eq!(counted["scales"], of_20["scales"]);

    let words = run(["report", text(&out), "--roster", "20"]).exits(0).stdout;
    assert!(words.contains(" 1.0, rater self: 18 of 20 people asked\n"), "{words}");
    let csv = run(["report", text(&out), "--roster", "20", "--format", "csv"]).exits(0).stdout;
    let last = |table: &str| {
        let line = csv.lines().find(|line| line.starts_with(&format!("ops,1.0,self,{table},")));
        line.unwrap().rsplit(',').next().unwrap().to_owned()
    };
    assert_eq!(csv.lines().next().unwrap().rsplit(',').next(), Some("roster"));
    assert_eq!([last("scale"), last("item"), last("cut")], ["20", "", ""]);

    let few = run(["report", text(&out), "--roster", "17"]).exits(2);
    assert_eq!(few.stdout, "");
    let said =
        "ops 1.0, rater self: more people answered (18) than were asked (17)\nWhat to do: Give";
    assert!(few.stderr.contains(said), "{}", few.stderr);
}
