//! The exports in `exports/` were written by hand, in the layout that each tool is documented to write, with the
//! same six people's answers in each.

use crate::support::{Ran, folder, run, text};
use scoring::cohort::tally_reports;
use scoring::instrument::Instrument;
use scoring::tally::{Overlap, Tally};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const LAYOUTS: [&str; 4] = ["google_forms", "microsoft_forms", "qualtrics", "surveymonkey"];

fn exports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/exports")
}

fn import(csv: &Path, map: &Path) -> Ran {
    let definition = exports();
    run(["import", "--definition", text(&definition), "--csv", text(csv), "--map", text(map)])
}

fn imported(layout: &str) -> Ran {
    let folder = exports().join(layout);
    import(&folder.join("export.csv"), &folder.join("map.json")).exits(0)
}

fn instrument() -> Arc<Instrument> {
    let bytes = fs::read(exports().join("definition.json")).unwrap();
    Arc::new(Instrument::load(&bytes).unwrap())
}

fn tally(ran: &Ran) -> Tally {
    Tally::read(ran.stdout.as_bytes(), &[instrument()]).unwrap()
}

/// Counted by hand: plan 5 4 3 – 2 4, praise 4 na 2 5 1 3, delay 1 2 3 4 – 5, role 1 2 1 2 – 1.
#[test]
fn every_layout_gives_the_same_counts() {
    for layout in LAYOUTS {
        let found: Value = serde_json::from_str(&imported(layout).stdout).unwrap();
        let (key, survey) = (&found["surveys"][0][0], &found["surveys"][0][1]);
        assert_eq!([&key["wave"], &key["cohort"]], ["2026-spring", ""], "{layout}");
        assert_eq!(
            (&key["signed"], &survey["title"]),
            (&json!(false), &json!("Leadership habits"))
        );
        assert_eq!(survey["all"]["n"], 6, "{layout}");
        assert_eq!(
            survey["all"]["items"],
            json!([
                {"codes": [0, 1, 1, 2, 1], "not_applicable": 0, "skipped": 1},
                {"codes": [1, 1, 1, 1, 1], "not_applicable": 1, "skipped": 0},
                {"codes": [1, 1, 1, 1, 1], "not_applicable": 0, "skipped": 1},
                {"codes": [3, 2], "not_applicable": 0, "skipped": 1},
            ]),
            "{layout}"
        );
        // The definition's own cut and that of a column: North 3, South 2, one did not say.
        let cuts = &survey["cuts"];
        assert_eq!([&cuts[0][0]["id"], &cuts[1][0]["id"]], ["role", "site"], "{layout}");
        assert_eq!([&cuts[0][1]["1"]["n"], &cuts[0][1]["2"]["n"]], [3, 2], "{layout}");
        assert_eq!([&cuts[1][1]["North"]["n"], &cuts[1][1]["South"]["n"]], [3, 2], "{layout}");
        assert_eq!(cuts[1][1].as_object().unwrap().len(), 2, "{layout}");
    }
}

#[test]
fn nothing_personal_is_copied() {
    for layout in LAYOUTS {
        let tally = imported(layout).stdout;
        for personal in ["@", "192.0.2", "anonymous", "p1", "R_1", "1180000", "09:1", "48.2"] {
            let ids = ["\"respondents\":\"", "\"results\":\""];
            let without_ids = ids.iter().fold(tally.clone(), |tally, begins| {
                let (before, after) = tally.split_once(begins).unwrap();
                before.to_owned() + after.split_once('"').unwrap().1
            });
            assert!(!without_ids.contains(personal), "{layout}: {personal}");
        }
    }
}

#[test]
fn says_what_became_of_every_row() {
    let check = |layout: &str, lines: &[&str]| {
        let said = imported(layout).stderr;
        for line in lines {
            assert!(said.lines().any(|found| found == *line), "{layout}: no \"{line}\" in\n{said}");
        }
    };
    check(
        "google_forms",
        &[
            "7 rows, 6 counted, unsigned",
            "1 replaced by a later row with the same Email Address",
            "Columns that the map does not name: Timestamp",
        ],
    );
    check("microsoft_forms", &["6 rows, 6 counted, unsigned"]);
    check(
        "qualtrics",
        &[
            "9 rows, 6 counted, unsigned",
            "2 left out: Status is Survey Preview or Survey Test or Spam",
            "1 left out: Finished is False or 0",
        ],
    );
    check("surveymonkey", &["6 rows, 6 counted, unsigned"]);
}

#[test]
fn the_same_rows_count_once() {
    let mut all = Tally::default();
    for (n, layout) in (1..).zip(LAYOUTS) {
        let tally = tally(&imported(layout));
        assert_eq!(tally, self::tally(&imported(layout)));
        all.merge(&tally).unwrap();
        let people = 6;
        assert_eq!(all.merge(&tally), Err(Overlap { n_results: people, n_respondents: people }));
        // Those of other tools are other people in the same survey.
        assert_eq!(all.surveys.values().map(|survey| survey.all.n).collect::<Vec<_>>(), [6 * n]);
    }
    assert_eq!((n_results(&all), all.respondents.len()), (24, 24));
}

/// Without anything that tells people apart, equal rows are different people, and a longer export of the same
/// survey still holds the people of the shorter one.
#[test]
fn rows_without_a_respondent() {
    let folder = folder("import_rows");
    let (csv, map) = (folder.join("export.csv"), folder.join("map.json"));
    let items = json!({"plan": "a", "praise": "b", "delay": null});
    let plain = json!({"format": 1, "layout": "plain", "title": "t", "wave": "1", "items": items});
    fs::write(&map, plain.to_string()).unwrap();
    let of = |table: &str| {
        fs::write(&csv, table).unwrap();
        tally(&import(&csv, &map).exits(0))
    };
    let three = of("a,b\n1,2\n1,2\n3,4\n");
    assert_eq!((n_results(&three), three.respondents.len()), (3, 3));
    let overlap = |more: &str| three.clone().merge(&of(more)).err().map(|found| found.n_results);
    assert_eq!(overlap("a,b\n1,2\n3,4\n1,2\n1,2\n5,5\n"), Some(3));
    assert_eq!(overlap("a,b\n1,2\n4,4\n"), Some(1));
    assert_eq!(overlap("a,b\n5,5\n"), None);
    // An item that was not asked was neither skipped nor answered.
    let survey = three.surveys.values().next().unwrap();
    assert_eq!((survey.all.items[2].skipped, survey.all.items[2].codes.iter().sum()), (0, 0_u64));
}

#[test]
fn reports_call_it_unsigned() {
    let tally = tally(&imported("qualtrics"));
    let reports = tally_reports(&tally, &[instrument()]);
    assert_eq!(reports.len(), 1);
    assert!(reports[0].unsigned);
    let cohort = reports[0].cohort.as_ref().unwrap();
    assert_eq!([&*cohort.wave, &*cohort.title], ["2026-spring", "Leadership habits"]);
    assert_eq!(reports[0].n, 6);
    // Six people may be shown; three of North and two of South may not.
    assert!(reports[0].scales[0].estimate.is_some());
    let site = reports[0].cuts.iter().find(|cut| cut.item == "site").unwrap();
    assert!(site.groups.iter().all(|group| group.n.unwrap_or(0) == 0));
}

/// Runs an export of a layout, with one text changed in it and one member of the map.
fn changed(layout: &str, from: &str, to: &str, path: &str, value: &Value) -> Ran {
    // Tests run side by side.
    let test = std::thread::current().name().unwrap().replace("::", "_");
    let folder = folder(&format!("changed_{test}"));
    let own = exports().join(layout);
    let (csv, map) = (folder.join("export.csv"), folder.join("map.json"));
    let table = fs::read_to_string(own.join("export.csv")).unwrap();
    assert!(table.contains(from), "{from}");
    fs::write(&csv, table.replacen(from, to, 1)).unwrap();
    let mut changed: Value =
        serde_json::from_slice(&fs::read(own.join("map.json")).unwrap()).unwrap();
    let (parent, name) = path.rsplit_once('/').unwrap();
    changed.pointer_mut(parent).unwrap()[name] = value.clone();
    fs::write(&map, changed.to_string()).unwrap();
    import(&csv, &map)
}

#[track_caller]
fn refused(layout: &str, [from, to]: [&str; 2], path: &str, value: Value, expected: &[&str]) {
    let ran = changed(layout, from, to, path, &value).exits(2);
    for expected in expected.iter().chain(&["What to do: "]) {
        assert!(ran.stderr.contains(expected), "no \"{expected}\" in\n{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
}

const SAME: [&str; 2] = ["North", "North"];

#[test]
fn a_text_without_a_code_is_named_with_its_place() {
    refused(
        "google_forms",
        SAME,
        "/labels/often",
        json!({"Never": 1, "Rarely": 2, "Always": 5}),
        &[
            "line 2, column \"How often do you do this? [Give praise]\" (praise): the map has no code for \"Often\"",
            "line 3, column \"How often do you do this? [Plan the week]\" (plan): the map has no code for \"Often\"",
            "line 4, column \"How often do you do this? [Plan the week]\" (plan): the map has no code for \"Sometimes\"",
            "Add each to the map with its code, at `labels` below the item's response",
            "{\"column\": …, \"labels\": {\"Often\": CODE}} at `items.praise`",
        ],
    );
    // A number that is no code needs one as well; a row that is left out or replaced does not matter.
    refused(
        "qualtrics",
        ["55,True,2026-03-02 09:11", "55,True,2026-03-02 09:11"],
        "/missing",
        json!([]),
        &["line 11, column \"Q1_1\" (plan): the map has no code for \"-99\""],
    );
}

#[test]
fn a_table_that_does_not_fit_is_refused() {
    let layout = |expected: &str| format!("this is no export of the layout {expected}");
    for (of, named, expected) in [
        ("google_forms", "qualtrics", "; its header looks like google_forms"),
        ("google_forms", "microsoft_forms", "; its header looks like google_forms"),
        ("google_forms", "surveymonkey", "; its header looks like google_forms"),
        ("microsoft_forms", "google_forms", "; its header looks like microsoft_forms"),
        ("qualtrics", "plain", "; its header looks like qualtrics"),
        ("qualtrics", "surveymonkey", "; its header looks like qualtrics"),
        ("surveymonkey", "plain", "; its header looks like surveymonkey"),
        ("surveymonkey", "qualtrics", "; its header looks like surveymonkey"),
    ] {
        let expected = layout(named) + expected;
        // The delimiter of the Microsoft fixture is part of its map.
        refused(of, SAME, "/layout", json!(named), &[&expected]);
    }
    let wrong_header = ["\"ImportId\"", "\"Id\""];
    refused("qualtrics", wrong_header, "/title", json!("t"), &[&layout("qualtrics")]);

    let check = |change: [&str; 2], expected: &str| {
        refused("google_forms", change, "/title", json!("t"), &[expected]);
    };
    check(
        ["[Plan the week]", "[Plan]"],
        "the table has no column \"How often do you do this? [Plan the week]\"",
    );
    check(
        ["\"Timestamp\"", "\"What is your role?\""],
        "the table has two columns \"What is your role?\"",
    );
    check(
        ["\"I lead nobody\",\"South\"\n", "\"I lead nobody\"\n"],
        "line 3 has 6 cells instead of 7",
    );
    check(["\"I lead nobody\",\"South\"\n", "\"I lead nobody\",\"South\n"], "line 3 has 13 cells");
    refused(
        "microsoft_forms",
        SAME,
        "/delimiter",
        json!(","),
        &["the table has no column", "`delimiter` says what parts cells"],
    );
}

#[test]
fn what_is_no_text_is_refused() {
    let folder = folder("import_bytes");
    let map = exports().join("google_forms/map.json");
    let google = fs::read_to_string(exports().join("google_forms/export.csv")).unwrap();
    let utf16: Vec<u8> = "\u{feff}a,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut latin = google.clone().into_bytes();
    let place = google.find("Often").unwrap();
    latin[place] = 0xd6;
    for (bytes, expected) in [
        (b"PK\x03\x04rest".to_vec(), "this is a workbook, and not CSV in UTF-8"),
        (utf16, "this is UTF-16, and not CSV in UTF-8"),
        (latin, "line 2, column \"How often do you do this? [Give praise]\": this is not UTF-8"),
        (Vec::new(), "the table is empty"),
    ] {
        let csv = folder.join("export.csv");
        fs::write(&csv, bytes).unwrap();
        let ran = import(&csv, &map).exits(2);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    // More groups than a closed question has.
    let rows: String = (0..102).map(|i| format!("\"t\",\"{i}\",1,1,1,1,\"site {i}\"\n")).collect();
    let header = google.lines().next().unwrap();
    let csv = folder.join("groups.csv");
    fs::write(&csv, format!("{header}\n{rows}")).unwrap();
    let ran = import(&csv, &map).exits(2);
    assert!(ran.stderr.contains("\"Where do you work?\" holds more than 100 different texts"));
}

#[test]
fn every_fault_of_a_map_has_its_path() {
    for (path, value, expected) in [
        ("/format", json!(2), "format: this program reads format 1 only"),
        ("/layout", json!("typeform"), "layout: expected one of google_forms, microsoft_forms"),
        ("/delimiter", json!("|"), "delimiter: expected one of"),
        ("/title", json!(" "), "title: may not be empty"),
        ("/wave", json!(1), "wave: expected a text"),
        ("/rater", json!("manager"), "rater: expected one of self"),
        ("/surplus", json!(1), "surplus: unknown member"),
        ("/items/plan", json!(7), "items.plan: expected an object"),
        ("/items/plan", json!(""), "items.plan: the name of a column may not be empty"),
        (
            "/items/nothing",
            json!("x"),
            "items.nothing: the definition has no rating or choice item",
        ),
        ("/items/plan", json!("What is your role?"), "items.plan is in this column already"),
        ("/items/plan", json!({"labels": {}}), "items.plan.column: missing"),
        ("/items/plan", json!({"column": "x", "label": {}}), "items.plan.label: unknown member"),
        (
            "/items/plan",
            json!({"column": "x", "labels": {"Never": 6}}),
            "items.plan.labels.Never: 6 is not one of the codes 1, 2, 3, 4, 5",
        ),
        ("/items", json!({}), "items.delay: missing: name its column, or write null"),
        ("/labels/role", json!({"I lead people": 3}), "labels.role.I lead people: 3 is not one of"),
        ("/labels/mood", json!({}), "labels.mood: the definition has no response \"mood\""),
        ("/labels/often", json!({"a b": 1, "a  b": 2}), "labels.often: \"a b\" has two codes"),
        ("/not_applicable", json!(["Never"]), "not_applicable: \"Never\" is a label of"),
        ("/missing", json!(["Not part of my work"]), "means not applicable as well"),
        ("/cuts/plan", json!("x"), "cuts.plan: a cut needs a name of its own"),
        ("/cuts/who", json!("email address"), "cuts.who: this column tells who somebody is"),
        ("/leave_out", json!([{"column": "x"}]), "leave_out[0].is: missing"),
        ("/leave_out", json!({"x": "y"}), "leave_out: expected a list"),
    ] {
        refused("google_forms", SAME, path, value, &["the map has problems", expected]);
    }
}

#[test]
fn a_file_that_exists_is_left_alone() {
    let folder = folder("import_out");
    let out = folder.join("t.tally.json");
    let own = exports().join("google_forms");
    let (csv, map, definition) = (own.join("export.csv"), own.join("map.json"), exports());
    let args = ["import", "--definition", text(&definition), "--csv", text(&csv)];
    let more = ["--map", text(&map), "--out", text(&out)];
    assert_eq!(run(args.iter().chain(&more)).exits(0).stdout, "");
    assert_eq!(fs::read_to_string(&out).unwrap(), imported("google_forms").stdout);
    assert!(run(args.iter().chain(&more)).exits(2).stderr.contains("exists"));
    run(args.iter().chain(&more).chain(&["--force"])).exits(0);
}

/// The documentation shows the very files that are tested here.
#[test]
fn the_documentation_shows_these_maps() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/import.md");
    let docs = fs::read_to_string(docs).unwrap();
    for layout in LAYOUTS {
        let map = fs::read_to_string(exports().join(layout).join("map.json")).unwrap();
        assert!(docs.contains(&format!("```json\n{map}```\n")), "{layout}");
    }
}

fn n_results(tally: &Tally) -> usize {
    tally.surveys.values().map(|survey| survey.results.len()).sum()
}
