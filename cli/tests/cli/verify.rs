use crate::support::{
    files, folder, payload, program, run, run_with, sign, simulate, text, variant,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Stdio;

/// Status and code of each file, by the last part of its name.
fn verdicts(rows: &Value) -> BTreeMap<String, (String, String)> {
    let row = |row: &Value| {
        let members: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(members, ["code", "file", "message", "status"]);
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        let name = text("file").rsplit('/').next().unwrap().to_owned();
        assert!(!text("message").is_empty());
        (name, (text("status"), text("code")))
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn simulated_files_are_accepted() {
    let out = folder("verify_simulated");
    simulate("ops", 30, &out, &[]);
    let ran = run(["verify", text(&out), "--json"]).exits(0);
    let verdicts = verdicts(&ran.json());
    assert_eq!(verdicts.len(), 30);
    assert!(verdicts.values().all(|(status, code)| status == "accepted" && code == "counted"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn the_same_content_twice_is_a_duplicate() {
    let out = folder("verify_duplicate");
    let files = simulate("ops", 2, &out, &[]);
    // Other bytes, same content: what was signed decides, not the file.
    let spaced = fs::read_to_string(&files[0]).unwrap().replace(':', " : ");
    fs::write(out.join("z.json"), spaced).unwrap();
    let found = verdicts(&run(["verify", text(&out), "--json"]).exits(0).json());
    assert_eq!(found["z.json"], ("duplicate".to_owned(), "duplicate".to_owned()));
    assert_eq!(found.values().filter(|(status, _)| status == "accepted").count(), 2);

    let twice = run(["verify", text(&files[0]), text(&files[0])]).exits(0);
    assert!(
        twice.stdout.contains("1 accepted (0 of them superseded by a newer one), 1 duplicate, 0")
    );
}

#[test]
fn a_changed_character_anywhere_is_rejected() {
    let out = folder("verify_flipped");
    let original = simulate("ops", 1, &out, &[]).remove(0);
    let bytes = fs::read(&original).unwrap();
    let n_positions = 250;
    for idx in 0..n_positions {
        let mut changed = bytes.clone();
        let position = idx * bytes.len() / n_positions;
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        fs::write(out.join(format!("flip-{position:05}.json")), changed).unwrap();
    }
    let found = verdicts(&run(["verify", text(&out), "--json"]).exits(1).json());
    let (accepted, rejected): (Vec<_>, Vec<_>) =
        found.iter().partition(|(_, (status, _))| status == "accepted");
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    assert_eq!(rejected.len(), n_positions);
    assert!(rejected.iter().any(|(_, (_, code))| code == "signature"));
}

#[test]
fn bad_input_is_named_for_what_it_is() {
    let out = folder("verify_bad");
    let good = folder("verify_bad_good");
    let good = simulate("ops", 1, &good, &[]).remove(0);
    let bytes = fs::read(&good).unwrap();
    let content = payload(&good);
    let write = |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).unwrap();

    write("cut.json", &bytes[..bytes.len() / 2]);
    write("empty.json", b" \n");
    write("wrong_type.json", br#"{"payload":1,"protected":"","signature":""}"#);
    write("list.json", b"[]");
    write("other_app.json", br#"{"questions":[{"q":"How are you?","a":"fine"}],"version":3}"#);
    write("decimal.json", br#"{"score":1.5}"#);
    write("deep.json", "[".repeat(100_000).as_bytes());
    write("twice.json", br#"{"payload":"","payload":"","protected":"","signature":""}"#);
    write("binary.json", &[0, 159, 146, 150]);
    write("not_json.json", b"PK\x03\x04 a workbook");
    File::create(out.join("huge.json")).unwrap().set_len(50 << 20).unwrap();
    let spoiled = String::from_utf8(bytes.clone()).unwrap().replacen(
        "\"signature\":\"",
        "\"signature\":\"=",
        1,
    );
    write("padding.json", spoiled.as_bytes());

    write("purpose.json", sign(content.clone(), |h| h["typ"] = json!("JWT")).as_bytes());
    write("crit.json", sign(content.clone(), |h| h["crit"] = json!(["exp"])).as_bytes());
    write("kid.json", sign(content.clone(), |h| h["kid"] = json!("A")).as_bytes());
    let with = |pointer: &str, value: Value| {
        let mut content = content.clone();
        *content.pointer_mut(pointer).unwrap() = value;
        sign(content, |_| ())
    };
    write("cohort.json", with("/aud", json!("urn:survey:cohort:other")).as_bytes());
    write("lax_policy.json", with("/survey/policy/min_group", json!(1)).as_bytes());
    write("text_answer.json", with("/survey/answers/role_level", json!("boss")).as_bytes());
    write("option.json", with("/survey/answers/role_level", json!(5)).as_bytes());
    write("unknown.json", with("/survey/instrument/id", json!("nobody_knows")).as_bytes());
    write("claims.json", with("/survey/claimed_scores", json!({})).as_bytes());

    // The same three faults as they would really come about: from another folder of instruments.
    for (name, from, to) in [
        ("renamed", "\"id\":\"ops\",\"items\"", "\"id\":\"opt\",\"items\""),
        ("newer", "\"version\":\"1.0\"", "\"version\":\"9.0\""),
        ("edited", "\"minutes\":7", "\"minutes\":8"),
    ] {
        let root = folder(&format!("verify_bad_{name}"));
        variant(&root.join("instruments"), "ops/1.0", from, to);
        let id = if name == "renamed" { "opt" } else { "ops" };
        let made = simulate(id, 1, &root.join("out"), &["--instruments", text(&root)]).remove(0);
        fs::copy(&made, out.join(format!("{name}.json"))).unwrap();
        run(["verify", text(&made), "--instruments", text(&root)]).exits(0);
    }

    let ran = run(["verify", text(&out), "--json"]).exits(1);
    let found = verdicts(&ran.json());
    for (name, code) in [
        ("cut.json", "not_json"),
        ("empty.json", "empty"),
        ("wrong_type.json", "not_a_result"),
        ("list.json", "not_a_result"),
        ("other_app.json", "not_a_result"),
        ("decimal.json", "not_integer"),
        ("deep.json", "too_deep"),
        ("twice.json", "duplicate_member"),
        ("binary.json", "not_json"),
        ("not_json.json", "not_json"),
        ("huge.json", "too_large"),
        ("padding.json", "encoding"),
        ("purpose.json", "purpose"),
        ("crit.json", "header"),
        ("kid.json", "key_mismatch"),
        ("cohort.json", "audience"),
        ("lax_policy.json", "content"),
        ("text_answer.json", "content"),
        ("option.json", "answers"),
        ("unknown.json", "unknown_instrument"),
        ("renamed.json", "unknown_instrument"),
        ("newer.json", "unknown_version"),
        ("edited.json", "definition_mismatch"),
    ] {
        assert_eq!(found[name], ("rejected".to_owned(), code.to_owned()), "{name}");
        let one = run(["verify", text(&out.join(name))]).exits(1);
        assert!(one.stdout.contains(&format!("({code})")), "{}", one.stdout);
        assert!(one.stdout.contains("What to do: "), "{}", one.stdout);
    }
    assert_eq!(found["claims.json"], ("accepted".to_owned(), "scores_differ".to_owned()));
    assert_eq!(found.len(), 24);

    // Nothing of it counts.
    fs::remove_file(out.join("claims.json")).unwrap();
    let report = run(["report", text(&out), "--format", "json"]).exits(1);
    assert_eq!(report.stdout.trim(), "[]");
    assert!(report.stderr.contains("23 rejected") && report.stderr.contains("What to do"));
}

#[test]
fn json_lines_and_standard_input_are_read_line_by_line() {
    let out = folder("verify_lines");
    let lines = out.join("all.JSONL");
    let args = ["simulate", "ops", "--n", "3", "--seed", "1", "--jsonl", text(&lines)];
    run(args).exits(0);
    let mut content = fs::read_to_string(&lines).unwrap();
    content.insert(0, '\n');
    content.push_str(&"x".repeat(300_000));
    content.push_str("\r\n{}\r\n");
    fs::write(&lines, &content).unwrap();
    let expected = [
        ("accepted", "counted", 2),
        ("accepted", "counted", 3),
        ("accepted", "counted", 4),
        ("rejected", "too_large", 5),
        ("rejected", "not_a_result", 6),
    ];
    for (ran, name) in [
        (run(["verify", "--json", text(&lines)]).exits(1), "all.JSONL"),
        (run_with(content.as_bytes(), &["verify", "--json", "-"]).exits(1), "-"),
    ] {
        let found = verdicts(&ran.json());
        assert_eq!(found.len(), expected.len());
        for (status, code, line) in expected {
            let verdict = (status.to_owned(), code.to_owned());
            assert_eq!(found[&format!("{name}:{line}")], verdict);
        }
    }
}

#[test]
fn folders_are_searched_for_json_only() {
    let out = folder("verify_walk");
    let deep = out.join("a/b");
    simulate("ops", 1, &deep, &[]);
    fs::write(out.join("notes.txt"), "not a result").unwrap();
    fs::write(out.join("a/.DS_Store"), "not a result").unwrap();
    assert_eq!(verdicts(&run(["verify", "--json", text(&out)]).exits(0).json()).len(), 1);
    // A file that is named is read whatever it is called.
    run(["verify", text(&out.join("notes.txt"))]).exits(1);

    let empty = folder("verify_walk_empty");
    let ran = run(["verify", "--json", text(&empty)]).exits(0);
    assert_eq!(ran.json(), json!([]));
    assert!(ran.stderr.contains("no .json or .jsonl files"));
}

#[test]
fn a_path_that_is_missing_is_a_usage_error() {
    let ran = run(["verify", "/no/such/path", "--json"]).exits(2);
    assert!(ran.stdout.is_empty());
    assert!(ran.stderr.contains("/no/such/path") && ran.stderr.contains("What to do"));
    run(["verify"]).exits(2);
    run(["nonsense"]).exits(2);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_opened_does_not_stop_the_others() {
    let out = folder("verify_unreadable");
    simulate("ops", 1, &out, &[]);
    std::os::unix::fs::symlink(out.join("gone"), out.join("link.json")).unwrap();
    let found = verdicts(&run(["verify", "--json", text(&out)]).exits(1).json());
    assert_eq!(found["link.json"], ("rejected".to_owned(), "unreadable".to_owned()));
    assert_eq!(found.len(), 2);
}

#[test]
fn control_characters_of_a_file_do_not_reach_the_terminal() {
    let out = folder("verify_control");
    let good = simulate("ops", 1, &folder("verify_control_good"), &[]).remove(0);
    let mut content = payload(&good);
    content["survey"]["instrument"]["id"] = json!("\u{1b}[2J\u{202e}evil");
    fs::write(out.join("x.json"), sign(content, |_| ())).unwrap();
    let ran = run(["verify", text(&out)]).exits(1);
    assert!(ran.stdout.contains("evil"));
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.stdout);
}

#[test]
fn a_closed_pipe_ends_quietly_and_keeps_the_exit_code() {
    let out = folder("verify_pipe");
    simulate("ops", 300, &out, &[]);
    fs::write(out.join("bad.json"), "").unwrap();
    for (args, code) in [(vec!["verify"], 1), (vec!["report", "--format", "json"], 0)] {
        let mut child = program()
            .args(args)
            .arg(&out)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{stderr}");
        assert!(!stderr.contains("panic") && !stderr.contains("pipe"), "{stderr}");
    }
    assert_eq!(files(&out).len(), 301);
}
