use crate::support::{folder, key, link, run, run_as_coach, simulate, text};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// One file of each kind that Plumbline makes, all of one cohort, and the kinds.
fn one_of_each(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let (link, key) = (link(folder, "team.link", &["--invitations"]), key("coach"));
    let (link, key) = (link, text(&key).to_owned());
    let known = ["--link", text(&link), "--key", &key];
    let result = |name: &str, more: &[&str]| {
        let out = folder.join(name);
        let args = ["simulate", "ops", "--n", "1", "--seed", "1", "--out", text(&out)];
        run_as_coach(args.iter().chain(&known).chain(more)).exits(0);
        crate::support::files(&out).remove(0)
    };
    let (sealed, signed) = (result("sealed", &[]), result("signed", &["--unsealed"]));
    let report = folder.join("team.report.jws.json");
    let args = ["publish", text(&signed), "--out", text(&report)];
    run_as_coach(args.iter().chain(&known)).exits(0);
    let invited = run_as_coach(["invite", "--n", "1"].iter().chain(&known)).exits(0).stdout;
    let invitation = folder.join("invitation.txt");
    fs::write(&invitation, invited.trim().rsplit('/').next().unwrap()).unwrap();
    vec![
        (signed, "result"),
        (sealed, "sealed_result"),
        (link, "link"),
        (invitation, "invitation"),
        (report, "group_report"),
        (PathBuf::from(key), "coach_key"),
    ]
}

fn explained(files: &[&Path], more: &[&str], exit: i32) -> Vec<Value> {
    let files = files.iter().map(|file| text(file));
    let args = ["verify", "--explain", "--json"].into_iter().chain(files);
    let ran = run_as_coach(args.chain(more.iter().copied())).exits(exit);
    ran.json().as_array().unwrap().clone()
}

#[test]
fn every_kind_of_file_is_explained() {
    let folder = folder("explain_kinds");
    let files = one_of_each(&folder);
    let paths: Vec<&Path> = files.iter().map(|(path, _)| path.as_path()).collect();
    let (link, key) = (text(paths[2]), text(paths[5]));
    let rows = explained(&paths, &["--link", link, "--key", key], 0);
    for ((path, kind), row) in files.iter().zip(&rows) {
        assert_eq!((&row["kind"], &row["refusal"]), (&Value::from(*kind), &Value::Null), "{row:#}");
        assert_eq!(row["file"], text(path));
        let checks = row["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["passed"] == true), "{kind}");
        assert_eq!(row["words"].as_str().unwrap().split(' ').count(), 8);
        // For people, the same in sentences, none of which lacks its text.
        let args = ["verify", "--explain", text(path), "--link", link, "--key", key];
        let said = run_as_coach(args).exits(0).stdout;
        assert!(said.contains("What this proves:") && said.contains("What it says:"), "{said}");
        assert!(!said.contains("explain."), "{said}");
    }
    assert_eq!(rows.len(), 6);
}

#[test]
fn a_link_need_not_be_in_a_file() {
    let link = link(&folder("explain_link"), "team.link", &[]);
    let address = fs::read_to_string(&link).unwrap();
    let rows = explained(&[Path::new(address.trim()), &link], &[], 0);
    assert_eq!((&rows[0]["kind"], &rows[0]["said"]), (&rows[1]["kind"], &rows[1]["said"]));
}

#[test]
fn what_lacks_its_link_or_key_says_so_and_claims_only() {
    let folder = folder("explain_missing");
    let files = one_of_each(&folder);
    let codes = ["unknown_cohort", "sealed_no_key", "", "unknown_cohort", "unknown_cohort", ""];
    for ((path, kind), code) in files.iter().zip(codes) {
        let row = explained(&[path], &[], i32::from(!code.is_empty())).remove(0);
        assert_eq!(row["refusal"].as_str().unwrap_or_default(), code, "{kind}");
        if !code.is_empty() {
            let said = run(["verify", "--explain", text(path)]).exits(1).stdout;
            assert!(said.contains("What it claims.") && said.contains("What to do:"), "{said}");
            let proven =
                if *kind == "group_report" { "Only that whoever holds" } else { "Nothing." };
            assert!(said.contains(&format!("proves:\n  {proven}")), "{said}");
        }
    }
}

#[test]
fn checks_stop_where_the_first_one_fails() {
    let folder = folder("explain_changed");
    let file = simulate("ops", 1, &folder, &[]).remove(0);
    let content = fs::read_to_string(&file).unwrap();
    fs::write(&file, content.replacen("\"payload\":\"eyJ", "\"payload\":\"eyK", 1)).unwrap();
    let row = explained(&[&file], &[], 1).remove(0);
    let passed: Vec<&Value> =
        row["checks"].as_array().unwrap().iter().map(|check| &check["passed"]).collect();
    let expected = [Some(true), Some(true), Some(false), None, None, None, None, None];
    assert_eq!(passed, expected.map(Value::from).iter().collect::<Vec<_>>());
    let said = run(["verify", "--explain", text(&file)]).exits(1).stdout;
    assert!(said.contains("  NO   Nothing in it was changed since it was signed."), "{said}");
}

#[test]
fn anything_else_is_named_as_such() {
    let folder = folder("explain_other");
    let file = folder.join("notes.txt");
    fs::write(&file, "hello").unwrap();
    let row = explained(&[&file], &[], 1).remove(0);
    assert_eq!((&row["kind"], &row["refusal"]), (&"unknown".into(), &"not_json".into()));
    // A terminal is not told what to do by a file.
    fs::write(&file, "{\"payload\":\"\",\"\u{1b}[2J\":1}").unwrap();
    let said = run(["verify", "--explain", text(&file)]).exits(1).stdout;
    assert!(!said.contains('\u{1b}'), "{said}");
    run(["verify", "--explain", "/no/such/file"]).exits(2);
}
