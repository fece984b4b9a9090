use crate::support::{folder, oracle_script, run, sign, text};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ID: &str = "AAAAAAAAAAAAAAAAAAAAAQ";
const OTHER_ID: &str = "AAAAAAAAAAAAAAAAAAAAAg";

fn file(folder: &Path, name: &str, id: &str, content: &Value) -> PathBuf {
    let payload = json!({
        "iss": "", "aud": "urn:survey:worksheet", "iat": 1_760_000_000,
        "worksheet": {"v": 1, "id": id, "content": content},
    });
    let signed = sign(payload, |header| header["typ"] = json!("survey-engagement+jwt"));
    let path = folder.join(name);
    fs::write(&path, signed).unwrap();
    path
}

/// `python3 cli/tests/oracle/engagement.py 200 1`
#[test]
fn records_of_several_devices_are_what_python_makes_of_them() {
    let folder = folder("engagement");
    let drawn = Command::new("python3")
        .args([text(&oracle_script("engagement.py")), "200", "1"])
        .output()
        .expect("these tests compute numbers anew with Python: apt-get install python3");
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
    let cases: Vec<Value> = serde_json::from_slice(&drawn.stdout).unwrap();
    assert_eq!(cases.len(), 200);
    let mut fired = std::collections::BTreeSet::new();
    for (number, case) in cases.iter().enumerate() {
        let records = case["records"].as_array().unwrap();
        let files: Vec<PathBuf> = records
            .iter()
            .enumerate()
            .map(|(device, content)| file(&folder, &format!("{device}.json"), ID, content))
            .collect();
        let args: Vec<&str> = files.iter().map(|file| text(file)).collect();
        let found = run([&["engagement", "--format", "json"], &args[..]].concat()).exits(0).json();
        for member in ["content", "measures", "findings"] {
            assert_eq!(found[member], case["expected"][member], "case {number}: {member}");
        }
        let findings = found["findings"].as_array().unwrap();
        fired.extend(findings.iter().map(|finding| finding["rule"].to_string()));
    }
    // The draws reach every rule; one of them is shared by six phases.
    assert_eq!(fired.len(), scoring::plan::engagement::RULES.len() - 5);
}

#[test]
fn files_together_are_written_and_read_again() {
    let folder = folder("engagement_out");
    let statement = |id: &str, version: &str, text: &str| {
        json!({"entries": [{
            "kind": "statement", "id": id, "replaced": [],
            "versions": [{"id": version, "content": {"text": text}}],
        }]})
    };
    let one = file(&folder, "one.json", ID, &statement("goals", ID, "Faster decisions."));
    let two =
        file(&folder, "two.json", ID, &statement("goals", OTHER_ID, "Fewer questions passed up."));
    let both = folder.join("both.json");
    let out = ["--out", text(&both)];
    let said = run([&["engagement", text(&one), text(&two)], &out[..]].concat()).exits(0).stdout;
    assert!(said.contains("Two devices say different things."), "{said}");
    assert!(said.contains("Agreement: Faster decisions."), "{said}");
    let again = run(["engagement", text(&both), text(&one), "--format", "json"]).exits(0).json();
    assert_eq!(again["content"]["entries"][0]["versions"].as_array().unwrap().len(), 2);
    // Nothing is written over without a word.
    let refused = run([&["engagement", text(&one)], &out[..]].concat()).exits(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);

    let other = file(&folder, "other.json", OTHER_ID, &statement("goals", ID, "Another record."));
    let refused = run(["engagement", text(&one), text(&other)]).exits(1);
    assert!(refused.stdout.contains("engagement_other"), "{}", refused.stdout);
    assert!(refused.stdout.contains("What to do:"), "{}", refused.stdout);
    fs::write(&other, "{}").unwrap();
    run(["engagement", text(&other)]).exits(1);
    run(["engagement", "nowhere.json"]).exits(2);
}
