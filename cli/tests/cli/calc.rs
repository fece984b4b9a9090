//! `plumbline calc`, held against published numbers and R 4.2.2.

use crate::support::{folder, run, text};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// R's `datasets::sleep`.
const SLEEP: [[&str; 10]; 2] = [
    ["0.7", "-1.6", "-0.2", "-1.2", "-0.1", "3.4", "3.7", "0.8", "0.0", "2.0"],
    ["1.9", "0.8", "1.1", "0.1", "-0.1", "4.4", "5.5", "1.6", "4.6", "3.4"],
];

fn table(name: &str, content: &str) -> PathBuf {
    let path = folder(&format!("calc_{name}")).join("table.csv");
    fs::write(&path, content).unwrap();
    path
}

fn calc(args: &[&str]) -> Value {
    run(["calc", "--json"].iter().chain(args)).exits(0).json()
}

#[track_caller]
fn is(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

/// Six targets and four judges: Shrout & Fleiss (1979), table 2; the interval from `psych::ICC`.
#[test]
fn six_targets_and_four_judges() {
    let rows = "a,b,c,d\n9,2,5,8\n6,1,3,2\n8,4,6,8\n7,1,2,6\n10,5,6,9\n6,2,4,7\n3,NA,1,1\n";
    let found = calc(&["icc", "--csv", text(&table("icc", rows))]);
    assert_eq!(found["icc_1_1"]["exact"], "448/2703");
    assert_eq!(found["icc_2_1"]["exact"], "184/635");
    assert_eq!(found["icc_3_1"]["exact"], "920/1287");
    is(&found["icc_2_1"]["ci95"][0], 0.018786513374712, 1e-9);
    is(&found["icc_2_1"]["ci95"][1], 0.761084369648953, 1e-9);
    assert_eq!((&found["n"], &found["n_left_out"]), (&6.into(), &1.into()));
}

/// `t.test(extra ~ group, sleep)`; g with the exact J of Hedges (1981).
#[test]
fn two_groups() {
    let mut rows = "extra,drug\n".to_owned();
    for (drug, values) in ["one", "two"].iter().zip(SLEEP) {
        values.iter().for_each(|value| rows.push_str(&format!("{value},{drug}\n")));
    }
    let path = table("welch", &rows);
    let args = ["welch", "--csv", text(&path), "--value", "extra", "--group", "drug"];
    let found = calc(&args);
    is(&found["t"], -1.86081346748685, 1e-12);
    is(&found["df"], 17.7764735161785, 1e-12);
    is(&found["p"], 0.07939, 5e-6);
    is(&found["ci95"][0], -3.3654832, 5e-8);
    is(&found["ci95"][1], 0.2054832, 5e-8);
    is(&found["hedges_g"]["value"], -0.796935239191122, 1e-12);
    assert_eq!(found["groups"], serde_json::json!(["one", "two"]));

    let three = table("three", &format!("{rows}1.0,three\n"));
    let refused =
        run(["calc", "welch", "--csv", text(&three), "--value", "extra", "--group", "drug"]);
    assert!(refused.exits(2).stderr.contains("column \"drug\" names 3 groups"));
}

/// `t.test(Pair(extra[1:10], extra[11:20]) ~ 1, sleep)`. d_z is t over √n.
#[test]
fn the_same_people_twice() {
    let rows = SLEEP[0].iter().zip(SLEEP[1]).map(|(first, second)| format!("{first},{second}\n"));
    let path = table("paired", &format!("before,after\n{}", rows.collect::<String>()));
    let found = calc(&["paired", "--csv", text(&path), "--first", "before", "--second", "after"]);
    is(&found["t"], -4.06212768338204, 1e-12);
    is(&found["p"], 0.002833, 5e-7);
    is(&found["d_z"]["value"], -4.06212768338204 / 10_f64.sqrt(), 1e-12);
    is(&found["difference"], -1.58, 1e-12);
}

/// `t.test(sleep$extra)`; with a roster of 80 the half-width times √(1 − 20/80).
#[test]
fn a_mean_of_some_or_nearly_all() {
    let rows: String = SLEEP.iter().flatten().map(|value| format!("{value}\n")).collect();
    let path = table("mean", &format!("extra\n{rows}NA\n"));
    let mean = ["mean", "--csv", text(&path), "--value", "extra"];
    let found = calc(&mean);
    is(&found["mean"], 1.54, 1e-12);
    is(&found["ci95"][0], 0.5955845, 5e-8);
    is(&found["ci95"][1], 2.4844155, 5e-8);
    assert_eq!((&found["n"], &found["n_left_out"]), (&20.into(), &1.into()));
    let of_80 = calc(&[&mean[..], &["--roster", "80"]].concat());
    is(&of_80["ci95"][1], 1.54 + 0.9444155 * 0.75_f64.sqrt(), 5e-8);
    let of_20 = calc(&[&mean[..], &["--roster", "20"]].concat());
    is(&of_20["ci95"][0], 1.54, 1e-12);
}

/// Python 3, `fractions`: 1 − ΣwO/ΣwE with squared weights, and (cov − d²/4)/((v₁ + v₂)/2 + d²/4).
#[test]
fn two_raters() {
    let rows = "me,boss\n1,2\n2,2\n3,3\n4,5\n5,5\n2,3\n3,1\n4,4\n5,4\n1,1\n2,4\n";
    let path = table("raters", rows);
    let found = calc(&["raters", "--csv", text(&path), "--first", "me", "--second", "boss"]);
    assert_eq!(found["weighted_kappa"]["exact"], "83/116");
    assert_eq!(found["double_entry_icc"]["exact"], "5/7");
    assert_eq!(found["double_entry_icc"]["unstable"], false);
}

/// Jacobson & Truax (1991), 13–14; `psych::alpha.ci`; `prop.test(4, 5, correct = FALSE)`; `p.adjust`.
#[test]
fn from_numbers_alone() {
    let change =
        ["change", "--sd", "7.5", "--reliability", "0.8", "--first", "32.5", "--second", "47.5"];
    let found = calc(&change);
    is(&found["sem"], 3.35410196624968, 1e-12);
    is(&found["rci"], 3.16227766016838, 1e-12);
    assert_eq!(found["reliable"], true);

    // Python 3, `10 * math.sqrt(2 - .8 - .7)`.
    let found = calc(&["scales", "--sd", "10", "--reliability", "0.8", "0.7"]);
    is(&found["se_difference"], 7.0710678118654755, 1e-12);

    let found = calc(&["feldt", "--alpha", "0.85", "--items", "7", "--n", "89"]);
    is(&found["ci95"][0], 0.797064879034911, 1e-9);
    is(&found["ci95"][1], 0.893166593737079, 1e-9);

    let found = calc(&["wilson", "4/5"]);
    is(&found["ci95"][0], 0.375534629762525, 1e-12);
    is(&found["ci95"][1], 0.96377589136757, 1e-12);

    let found = calc(&["holm", "0.04", "0.01", "0.03", "0.02"]);
    let expected = [0.06, 0.04, 0.06, 0.06];
    for (found, expected) in found["p_adjusted"].as_array().unwrap().iter().zip(expected) {
        is(found, expected, 1e-15);
    }
}

#[test]
fn no_number_has_its_reason() {
    let found =
        calc(&["change", "--sd", "1", "--reliability", "-0.1", "--first", "1", "--second", "2"]);
    assert_eq!(found["sem"], Value::Null);
    assert_eq!(found["sem_reason"], "reliability_not_positive");
    let found = calc(&["icc", "--csv", text(&table("same", "a,b\n3,3\n3,3\n"))]);
    assert_eq!(found["icc_2_1_reason"], "no_variance");
    assert_eq!(calc(&["wilson", "0/0"])["value_reason"], "too_few_people");
    let lines = run(["calc", "wilson", "0/0"]).exits(0).stdout;
    assert!(lines.contains("too_few_people"), "{lines}");
}

#[test]
fn what_is_no_number_is_refused() {
    for args in [["wilson", "5/4"], ["wilson", "x"], ["holm", "1.5"], ["holm", "nan"]] {
        run(["calc"].iter().chain(&args)).exits(2);
    }
    let refused = run(["calc", "icc", "--csv", text(&table("words", "a,b\n3,x\n"))]).exits(2);
    assert!(
        refused.stderr.contains("line 2, column \"b\": \"x\" is not a number"),
        "{}",
        refused.stderr
    );
    let path = table("digits", "a,b\n1,1e3\n");
    let refused = run(["calc", "paired", "--csv", text(&path), "--first", "a", "--second", "b"]);
    assert!(refused.exits(2).stderr.contains("\"1e3\""));
    let refused = run(["calc", "paired", "--csv", text(&path), "--first", "a", "--second", "c"]);
    let refused = refused.exits(2).stderr;
    assert!(refused.contains("no column \"c\"") && !refused.contains("definition"), "{refused}");
    run(["calc", "scales", "--sd", "10"]).exits(2);
}
