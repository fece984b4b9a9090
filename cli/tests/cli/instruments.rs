use crate::support::{folder, instruments, run, text, variant};
use scoring::instrument::hex;
use sha2::{Digest, Sha256};
use std::fs;

#[test]
fn the_list_names_the_hash_of_each_definition() {
    for args in [&["instruments"][..], &["instruments", "list"]] {
        let list = run(args).exits(0).stdout;
        for (id, title) in [
            ("ops", "Organizational Performance Survey"),
            ("leader_180", "180"),
            ("readiness", "Readiness"),
            ("five_factor_demo", "Five"),
        ] {
            let line =
                list.lines().find(|line| line.trim().starts_with(&format!("{id} "))).unwrap();
            let definition = fs::read(instruments().join(id).join("1.0/definition.json")).unwrap();
            assert!(line.contains(&hex(&Sha256::digest(definition))), "{line}");
            assert!(line.contains(title) && line.contains(" 1.0 "), "{line}");
        }
    }
}

#[test]
fn a_folder_adds_instruments_and_replaces_versions() {
    let root = folder("instruments_more");
    variant(&root.join("ops/1.0"), "ops/1.0", "\"minutes\":7", "\"minutes\":99");
    variant(
        &root.join("mine/2.0"),
        "five_factor_demo/1.0",
        "\"id\":\"five_factor_demo\"",
        "\"id\":\"mine\"",
    );
    let wording = root.join("mine/2.0/en.json");
    let text_of = fs::read_to_string(&wording).unwrap().replace("\"five_factor_demo\"", "\"mine\"");
    fs::write(&wording, text_of).unwrap();
    let list = run(["instruments", "--instruments", text(&root)]).exits(0).stdout;
    assert_eq!(list.lines().count(), 1 + 5, "{list}");
    assert!(list.lines().any(|line| line.contains(" ops ") && line.contains(" 99 ")), "{list}");
    assert!(list.contains(" mine "), "{list}");

    let empty = folder("instruments_none");
    let ran = run(["instruments", "--instruments", text(&empty)]).exits(2);
    assert!(ran.stderr.contains("definition.json") && ran.stderr.contains("What to do"));
    run(["instruments", "--instruments", "/no/such/folder"]).exits(2);
}

#[test]
fn every_problem_is_listed_with_its_path() {
    run(["instruments", "check", text(&instruments())]).exits(0);

    let root = folder("instruments_broken");
    variant(&root, "ops/1.0", "\"minutes\":7", "\"minutes\":0");
    let definition = root.join("definition.json");
    let broken = fs::read_to_string(&definition).unwrap().replacen(
        "\"min_answered\":5",
        "\"min_answered\":9",
        1,
    );
    fs::write(&definition, broken).unwrap();
    let found = run(["instruments", "check", text(&root)]).exits(1).stdout;
    assert!(found.contains("definition.json: minutes: expected 1 to 120"), "{found}");
    assert!(found.contains("definition.json: scales[0]: min_answered"), "{found}");
    let used = run(["verify", "--instruments", text(&root), text(&root)]).exits(2);
    assert!(used.stderr.contains("minutes: expected 1 to 120"), "{}", used.stderr);

    let words = folder("instruments_words");
    variant(&words, "ops/1.0", "\"languages\":[\"en\"]", "\"languages\":[\"en\",\"fr\"]");
    let wording = words.join("en.json");
    let missing =
        fs::read_to_string(&wording).unwrap().replacen("\"strategy_internal_1\"", "\"other\"", 1);
    fs::write(&wording, missing).unwrap();
    let found = run(["instruments", "check", text(&words)]).exits(1).stdout;
    for problem in [
        "definition.json: languages[1]: there is no file fr.json",
        "en.json: items.strategy_internal_1.self: missing text",
        "en.json: items.other.self: the definition has nothing that this is the text of",
    ] {
        assert!(found.contains(problem), "{problem}\n{found}");
    }
    assert!(found.contains("3 problems"), "{found}");
}

#[test]
fn the_canonical_form_is_what_is_published() {
    let root = folder("instruments_canonical");
    let published = fs::read_to_string(instruments().join("ops/1.0/definition.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&published).unwrap();
    let draft = root.join("draft.json");
    fs::write(&draft, serde_json::to_string_pretty(&value).unwrap()).unwrap();
    assert_eq!(run(["instruments", "canonical", text(&draft)]).exits(0).stdout, published);
    fs::write(&draft, "{\"a\":1,\"a\":2}").unwrap();
    let ran = run(["instruments", "canonical", text(&draft)]).exits(2);
    assert!(ran.stderr.contains("same member twice"), "{}", ran.stderr);
}

#[test]
fn help_says_how_each_command_ends() {
    for command in ["instruments", "score", "verify", "report", "simulate"] {
        let help = run([command, "--help"]).exits(0).stdout;
        assert!(help.contains("Examples:"), "{help}");
    }
    let help = run(["--help"]).exits(0).stdout;
    assert!(help.contains("Exit codes:") && help.contains("--instruments <DIR>"), "{help}");
}
