//! Decision maps as the program reads them.

use crate::support::{folder, run, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const TODAY: &str = "2026-11-20";

fn python(args: &[&str]) -> Vec<u8> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python/decision_map.py");
    let ran = Command::new("python3")
        .arg(script)
        .args(args)
        .output()
        .expect("these tests compute flags anew with Python: apt-get install python3");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

/// `tests/python/decision_map.py` draws five hundred maps and judges them by the documented rules.
#[test]
fn equals_an_independent_judgement() {
    let folder = folder("map_random");
    python(&["make", text(&folder), "500", "1"]);
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 500);
    let locale = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/locales/en.work.json");
    let judge = ["judge", text(&locale), TODAY];
    let args: Vec<&str> = judge.into_iter().chain(files.iter().map(|file| text(file))).collect();
    let judged: Vec<Value> = serde_json::from_slice(&python(&args)).unwrap();
    let mut fired = BTreeSet::new();
    for (file, mut expected) in files.iter().zip(judged) {
        let mut found =
            run(["map", text(file), "--format", "json", "--today", TODAY]).exits(0).json();
        let says = found["ratio"].as_object_mut().unwrap().remove("says").unwrap();
        let fraction = expected.as_object_mut().unwrap().remove("fraction").unwrap();
        assert!(says_fraction(&says, &fraction), "{}: {says} for {fraction}", file.display());
        assert_eq!(found, expected, "{}", file.display());
        let codes = found["flags"].as_array().unwrap().iter();
        fired.extend(codes.map(|flag| flag["code"].as_str().unwrap().to_owned()));
    }
    let rules = scoring::plan::decision_map::RULES.iter().map(|rule| rule.code.to_owned());
    assert_eq!(fired, rules.collect(), "not every rule fired in some map");
}

/// Whether the first sentence of a ratio gives the numbers of a fraction in lowest terms, and no other.
fn says_fraction(says: &Value, fraction: &Value) -> bool {
    let sentence = says[0].as_str().unwrap();
    let numbers: Vec<u64> = sentence
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    match [fraction[0].as_u64(), fraction[1].as_u64()] {
        [None, _] | [_, None] => !sentence.contains("for e"),
        [Some(numbers_tracked), Some(1)] => numbers == [numbers_tracked],
        [Some(1), Some(decisions)] => numbers == [decisions],
        [Some(tracked), Some(decisions)] => numbers == [tracked, decisions],
    }
}

const TABLE: &str = "\
kind,outcome,name,owner,second_owner,when,amount,lever,permission,ask,decisions,casting_vote,on_track,by,delivered
map,,Board of March,,,,,,,,,,,,
metric,,Lead quality,Sales & Marketing,,above,too low,,,,0,,,,
metric,,Churn,Ana Ruiz,,above,3 %,Pause the price change,given,,2,,,,
outcome,A,New routes,CTO,COO,,,,,,,,yes,,
owed,A,Specification,COO,,,,,,,,,,2026-11-01,
metric,,Stock,Cy,,over,9,,,,,,,,
";

#[test]
fn a_table_is_read_row_by_row() {
    let folder = folder("map_table");
    let file = folder.join("board.csv");
    fs::write(&file, TABLE).unwrap();
    let args = ["map", text(&file), "--today", TODAY];
    let found = run(args).exits(1);
    for part in [
        "Board of March (not signed)",
        "metrics 2, outcomes 1",
        "refused    line 7, column 6 (when): \"over\"",
        "1 number tracked for each decision",
        "Of 2 numbers, 1 led to none: ask who would miss it",
        "  1. New routes\n     The outcome depends on it, and 1 thing is still owed.\n     - More than one answers for it (owner)",
        "“CTO · COO” reads as more than one name.",
        "“Sales & Marketing” is a group.",
        "“Specification” was due on 2026-11-01 and is not marked as delivered.",
    ] {
        assert!(found.stdout.contains(part), "no {part:?} in\n{}", found.stdout);
    }
    let found = run(args.into_iter().chain(["--format", "json"])).exits(1).json();
    assert_eq!(
        found["refused"],
        json!([{"line": 7, "column": 6, "name": "when", "fault": "choice"}])
    );
    let table = run(args.into_iter().chain(["--format", "csv"])).exits(1).stdout;
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows[0], "place,tied,step,kind,name,hanging,flag,cell,what,do");
    assert!(
        rows[1].starts_with("1,no,owner,outcome,New routes,2,two_responsible,owner,"),
        "{}",
        rows[1]
    );
    assert_eq!(rows.len(), 1 + found["flags"].as_array().unwrap().len());
}

#[test]
fn what_is_no_map_is_refused_with_what_to_do() {
    let folder = folder("map_refused");
    let file = folder.join("map.csv");
    fs::write(&file, "kind,KPI\n").unwrap();
    let refused = run(["map", text(&file)]).exits(1).stdout;
    assert!(refused.contains("(map_table_unknown_column)"), "{refused}");
    assert!(refused.contains("What to do: Remove the column"), "{refused}");
    run(["map", text(&folder.join("missing.csv"))]).exits(2);
    run(["map", text(&file), "--today", "2026-02-30"]).exits(2);
}
