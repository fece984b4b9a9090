use crate::support::{Ran, folder, oracle_script, run, text};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Members that the oracle does not know, or knows only with `SciPy` and where a fit is clear.
const EXTRA: [&str; 6] = [
    "ci95",
    "ci95_reason",
    "omega_total",
    "omega_total_reason",
    "rwg_j_uniform_flag",
    "rwg_j_slight_skew_flag",
];

#[track_caller]
fn same(found: &Value, expected: &Value, path: &str, n_numbers: &mut usize) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (name, expected) in expected {
                same(&found[name], expected, &format!("{path}.{name}"), n_numbers);
            }
            for name in found.keys().filter(|name| !EXTRA.contains(&name.as_str())) {
                assert!(expected.contains_key(name), "{path}.{name} is {}", found[name]);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{path}");
            for (found, expected) in found.iter().zip(expected) {
                same(found, expected, path, n_numbers);
            }
        }
        (Value::Number(found), Value::Number(expected)) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            // A general optimizer knows omega less well; quantiles are rounded differently.
            let tolerance = match path.rsplit('.').next() {
                Some("omega_total") => 1e-6,
                Some("ci95") => 1e-9,
                _ => 1e-12,
            };
            let is_near = (found - expected).abs() <= tolerance * expected.abs().max(1.0);
            assert!(is_near, "{path}: {found} is not {expected}");
            *n_numbers += 1;
        }
        _ => assert_eq!(found, expected, "{path}"),
    }
}

/// `tests/oracle/of_tables.py` draws tables and computes everything in fractions: with missing answers, items
/// in several scales, scales of 2 to 101 points that begin anywhere, constant and empty items, groups of one.
#[test]
fn equals_an_independent_computation() {
    let folder = folder("stats_random");
    let n_cases = 80;
    let made = Command::new("python3")
        .args([text(&oracle_script("of_tables.py")), text(&folder), &n_cases.to_string(), "1"])
        .output()
        .expect("these tests compute numbers anew with Python: apt-get install python3");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut n_numbers = 0;
    for case in 0..n_cases {
        let case = folder.join(case.to_string());
        let expected: Value =
            serde_json::from_slice(&fs::read(case.join("expected.json")).unwrap()).unwrap();
        let table = case.join("table.csv");
        let args = ["stats", "--definition", text(&case), "--csv", text(&table), "--json"];
        let has_groups = expected["has_groups"].as_bool().unwrap();
        let group: &[&str] = if has_groups { &["--group", "team"] } else { &[] };
        let found = run(args.iter().chain(group)).exits(0).json();
        same(&found, &expected["expected"], text(&case), &mut n_numbers);
        // What is printed as text is printed at all.
        let page = run(args.iter().take(5).chain(group)).exits(0).stdout;
        assert!(page.contains("alpha"), "{page}");
    }
    assert!(n_numbers > 2000, "{n_numbers}");
}

/// A definition of items a, b (reversed) and c with codes 1 to 5, in a folder of its own.
fn definition(name: &str) -> PathBuf {
    let folder = folder(name);
    let item =
        |id: &str| json!({"type": "rating", "id": id, "response": "r", "reversed": id == "b"});
    let definition = json!({
        "format": 1, "id": "t", "version": "1.0", "languages": ["en"], "minutes": 1, "raters": ["self"],
        "responses": {
            "r": {"type": "rating", "min": 1, "max": 5, "favourable_from": 4, "not_applicable": false}
        },
        "items": [item("a"), item("b"), item("c")],
        "sections": [{"id": "s", "screens": [["a", "b", "c"]]}],
        "groups": [{"id": "g", "chart": "bars"}],
        "scales": [{
            "id": "x", "group": "g", "items": ["a", "b", "c"], "min_answered": 2,
            "bands": [{"id": "low", "from": 0}]
        }],
        "rules": [{"id": "v", "kind": "verdict", "when": {"always": true}}],
        "limits": {"focus": 1}
    });
    fs::write(folder.join("definition.json"), definition.to_string()).unwrap();
    folder
}

fn stats(folder: &Path, table: &[u8], more: &[&str]) -> Ran {
    let path = folder.join("table.csv");
    fs::write(&path, table).unwrap();
    let args = ["stats", "--definition", text(folder), "--csv", text(&path), "--json"];
    run(args.iter().chain(more))
}

const PLAIN: &str = "a,b,c,team\n1,5,2,N\n3,,3,N\n5,2,4,S\n4,1,5,S\n2,NA,,\n";

#[test]
fn one_table_written_in_many_ways() {
    let folder = definition("stats_ways");
    let expected = stats(&folder, PLAIN.as_bytes(), &["--group", "team"]).exits(0).json();
    assert_eq!(expected["n"], 5);
    assert_eq!(expected["scales"]["x"]["n_complete"], 3);
    let ways = [
        format!("\u{feff}{PLAIN}"),
        PLAIN.replace('\n', "\r\n"),
        PLAIN.trim_end().to_owned(),
        format!("\r\n\n{}", PLAIN.replace('\n', "\n\n")),
        // As R's write.csv does.
        PLAIN.replace("a,b,c,team", "\"a\",\"b\",\"c\",\"team\"").replace(",N\n", ",\"N\"\n"),
        PLAIN.replace("NA", "nan").replace(",,", ", ,").replace(",5,", ", 5,"),
        PLAIN.replace("1,5,2", "1.0,5.00,2.0").replace("3,,3", "3.0,NaN,3"),
        // Columns in any order, and columns of no concern; a header over two lines.
        "team,\"some\ntext\",c,b,a\nN,,2,5,1\nN,\"x,\"\"y\"\"\n\n\",3,,3\nS,1,4,2,5\nS,9,5,1,4\n,z,,NA,2\n"
            .to_owned(),
        "team,x,c,b,a\r\nN,,2,5,1\r\nN,\"\r\n\",3,,3\r\nS,1,4,2,5\r\nS,9,5,1,4\r\n,\"z\",,NA,2\r\n"
            .to_owned(),
    ];
    for way in ways {
        let found = stats(&folder, way.as_bytes(), &["--group", "team"]).exits(0).json();
        assert_eq!(found, expected, "{way}");
    }
}

/// Tables of several megabytes are read by all cores in pieces, unless there are quotation marks.
#[test]
fn where_a_table_is_cut_into_pieces_makes_no_difference() {
    let folder = definition("stats_pieces");
    let row = |i: usize| format!("{},{},{}", 1 + i % 5, 1 + i / 5 % 5, 1 + i * i / 3 % 5);
    let n = 400_000;
    let plain: String = (0..n).map(|i| row(i) + &format!(",{}\n", i % 7)).collect();
    let expected = stats(&folder, format!("a,b,c,g\n{plain}").as_bytes(), &["--group", "g"]);
    let expected = expected.exits(0).json();
    assert_eq!(expected["n"], n);
    // By hand: codes 1 to 5 equally often, 80,000 times each, so the mean is 3 and n of group 0 is ⌈n/7⌉.
    assert_eq!(expected["scales"]["x"]["items"]["a"]["mean"], 3.0);
    assert_eq!(expected["scales"]["x"]["groups"]["by_group"]["0"]["n"], n.div_ceil(7));
    let quoted = |from: usize| -> String {
        let line = |i: usize| match i {
            i if i < from => row(i) + &format!(",{}\n", i % 7),
            i => row(i) + &format!(",\"{}\n\"\n", i % 7),
        };
        (0..n).map(line).collect()
    };
    for from in [0, 300_000] {
        let table = format!("a,b,c,g\n{}", quoted(from));
        let found = stats(&folder, table.as_bytes(), &["--group", "g"]).exits(0).json();
        assert_eq!(found, expected, "quoted from row {from}");
    }
}

/// People can be divided by an item, which counts all the same.
#[test]
fn a_group_may_be_an_item() {
    let folder = definition("stats_item_group");
    let alone = stats(&folder, PLAIN.as_bytes(), &[]).exits(0).json();
    let mut found = stats(&folder, PLAIN.as_bytes(), &["--group", "c"]).exits(0).json();
    let groups = found["scales"]["x"].as_object_mut().unwrap().remove("groups").unwrap();
    assert_eq!(found, alone);
    assert_eq!(groups["by_group"].as_object().unwrap().len(), 4);
}

#[track_caller]
fn refused(folder: &Path, table: &[u8], more: &[&str], expected: &str) {
    let ran = stats(folder, table, more).exits(2);
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    assert!(ran.stderr.contains("What to do: "), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn what_is_wrong_has_a_line_and_a_column() {
    let folder = definition("stats_wrong");
    let check = |table: &str, expected: &str| refused(&folder, table.as_bytes(), &[], expected);
    check("", "the table is empty");
    check("\n\n", "the table is empty");
    check("a,b\n1,2\n", "the table has no column c");
    check("x\n1\n", "the table has no column a, b, c");
    check("a,b,c,b\n1,2,3,4\n", "the table has two columns \"b\"");
    check("a,b,c\n1,2,3\n1,2\n", "line 3 has 2 cells instead of 3");
    check("a,b,c\n1,2,3\n\n1,2,3,4,5\n", "line 4 has 5 cells instead of 3");
    for cell in ["6", "0", "x", "2.5", "2.", "-1", "1e0", "\u{e9}", "N/A", "two words"] {
        let expected =
            format!("line 3, column \"b\": \"{cell}\" is not one of the answers 1, 2, 3, 4, 5");
        for cell in [cell.to_owned(), format!("\"{cell}\"")] {
            check(&format!("a,b,c\n1,2,3\n1,{cell},3\n"), &expected);
            check(&format!("a,b,c\r\n1,2,3\r\n1,{cell},3\r\n"), &expected);
        }
    }
    // After quotation marks lines are counted as well.
    check("a,b,c,d\r\n1,2,3,\"x\r\ny\"\r\n\r\n1,9,3,z\r\n", "line 5, column \"b\"");
    check("a,b,c,d\n1,2,3,\"x\ny\"\n\n1,2\n", "line 5 has 2 cells");
    check("a,b,c,d\n1,2,3,\"x\n1,2,3,4\n1,2,3,4\n", "the row of line 2 is never closed");
    check("a,b,\"c\n1,2,3\n", "the row of line 1 is never closed");
    refused(&folder, PLAIN.as_bytes(), &["--group", "Team"], "the table has no column Team");
    // Of several faults the first, whichever core met which.
    let mut rows: Vec<String> = (0..400_000).map(|_| "1,2,3".to_owned()).collect();
    (rows[100_000], rows[350_000]) = ("1,2,7".to_owned(), "1,2".to_owned());
    check(&format!("a,b,c\n{}\n", rows.join("\n")), "line 100002, column \"c\": \"7\"");
    (rows[100_000], rows[350_000]) = ("1,2".to_owned(), "1,2,7".to_owned());
    check(&format!("a,b,c\n{}\n", rows.join("\n")), "line 100002 has 2 cells");

    let missing = folder.join("nowhere.csv");
    let args = ["stats", "--definition", text(&folder), "--csv", text(&missing)];
    assert!(run(args).exits(2).stderr.contains("cannot read"));
}
