use crate::support::{
    files, folder, instruments, oracle, payload, run, run_with, simulate, text, variant,
};
use serde_json::{Value, json};
use std::fs;

/// Ids alone of fired rules, which the oracle knows without their reasons.
fn rules(fired: &Value) -> Value {
    fired.as_array().unwrap().iter().map(|fired| fired["rule"].clone()).collect()
}

#[test]
fn scores_and_rules_equal_an_independent_computation() {
    for (instrument, rater) in [
        ("ops", "self"),
        ("leader_180", "self"),
        ("leader_180", "manager"),
        ("readiness", "self"),
        ("five_factor_demo", "self"),
    ] {
        let out = folder(&format!("score_{instrument}_{rater}"));
        let files = simulate(instrument, 150, &out, &["--rater", rater]);
        let found = run(["score", "--format", "json", text(&out)]).exits(0).json();
        let expected = oracle("score", &files);
        let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
        assert_eq!((found.len(), expected.len()), (150, 150));
        let mut n_scores = 0;
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found["file"], expected["file"]);
            for (scale, expected) in found["scales"]
                .as_array()
                .unwrap()
                .iter()
                .zip(expected["scales"].as_array().unwrap())
            {
                for (member, expected) in expected.as_object().unwrap() {
                    assert_eq!(&scale[member], expected, "{member} of {scale}");
                }
                assert_eq!(scale["pomp"].is_null(), scale["pomp_reason"] == "too_few_answered");
                n_scores += usize::from(scale["pomp"].is_string());
            }
            for list in ["gates", "patterns", "levers", "focus", "recommendations"] {
                assert_eq!(rules(&found[list]), expected[list], "{list} of {}", found["file"]);
            }
            match &expected["verdict"] {
                Value::Null => assert!(found["verdict"].is_null()),
                verdict => assert_eq!(found["verdict"]["rule"], verdict["rule"]),
            }
        }
        assert!(n_scores > 150 * 3);
    }
}

#[test]
fn a_plain_sheet_gives_what_the_signed_file_gives() {
    let out = folder("score_plain");
    for instrument in ["ops", "leader_180", "readiness", "five_factor_demo"] {
        let signed = simulate(instrument, 1, &out.join(instrument), &[]).remove(0);
        let survey = payload(&signed)["survey"].take();
        let plain = json!({
            "instrument": instrument,
            "version": "1.0",
            "rater": "self",
            "answers": survey["answers"],
            "rankings": survey["rankings"],
            "texts": survey["texts"],
        });
        let score = |ran: crate::support::Ran| {
            let mut scored = ran.exits(0).json()[0].take();
            for differing in ["file", "signed", "claimed_scores_differ"] {
                scored.as_object_mut().unwrap().remove(differing).unwrap();
            }
            scored
        };
        let of_plain =
            score(run_with(plain.to_string().as_bytes(), &["score", "--format", "json", "-"]));
        assert_eq!(of_plain, score(run(["score", "--format", "json", text(&signed)])));
    }
}

/// By hand: 4 + 4 + (6 − 2) and so on; the expected digits need no program.
#[test]
fn a_sheet_by_hand() {
    let sheet = json!({
        "instrument": "five_factor_demo",
        // A1 is reversed: 2 counts 5. Mean (5+5+4+6)/4 = 5, (5−1)/5 = 80.0; C has 2 answers of 4 needed.
        "answers": {"A1": 2, "A2": 5, "A3": 4, "A4": 6, "A5": null, "C1": 6, "C2": 6},
    });
    let ran = run_with(sheet.to_string().as_bytes(), &["score", "-", "--format", "json"]).exits(0);
    let scored = ran.json()[0].take();
    let agreeableness = &scored["scales"][0];
    assert_eq!(
        [&agreeableness["pomp"], &agreeableness["mean"], &agreeableness["band"]],
        ["80.0", "5.00", "high"]
    );
    assert_eq!(
        [&agreeableness["n_answered"], &agreeableness["n_items"], &agreeableness["sum"]],
        [4, 5, 20]
    );
    // Wilson 3 of 4: R prop.test(3, 4, correct = FALSE) 0.3006418 0.9544127.
    assert_eq!(
        agreeableness["favourable"],
        json!({"n": 3, "percent": "75.0", "ci95": ["30.1", "95.4"]})
    );
    let conscientiousness = &scored["scales"][1];
    assert!(conscientiousness["pomp"].is_null() && conscientiousness["band"].is_null());
    assert_eq!(conscientiousness["pomp_reason"], "too_few_answered");
    assert_eq!(scored["scales"][4]["favourable"], Value::Null);

    let page = run_with(sheet.to_string().as_bytes(), &["score", "-"]).exits(0).stdout;
    assert!(page.contains("not signed"), "{page}");
    assert!(page.contains("no score: at least 4 answers needed"), "{page}");
}

#[test]
fn reasons_are_given_in_words() {
    let answers: Value =
        payload(&simulate("ops", 1, &folder("score_words"), &[])[0])["survey"]["answers"]
            .as_object()
            .unwrap()
            .keys()
            .map(|item| (item.clone(), json!(if item == "role_level" { 1 } else { 3 })))
            .collect::<serde_json::Map<_, _>>()
            .into();
    let sheet = json!({"instrument": "ops", "answers": answers}).to_string();
    let page = run_with(sheet.as_bytes(), &["score", "-"]).exits(0).stdout;
    assert!(
        page.contains("Because Strategy is 50.0, below 60, among the 2 lowest of its kind."),
        "{page}"
    );
    let scored = run_with(sheet.as_bytes(), &["score", "-", "--format", "json"]).exits(0).json();
    assert_eq!(
        scored[0]["focus"][0]["because"][0],
        json!({"type": "below", "scale": "strategy", "pomp": "50.0", "threshold": 60})
    );
}

/// Rules are data: another threshold is another verdict of the same program, and a dead rule is refused.
#[test]
fn a_changed_threshold_changes_the_verdict() {
    let published = instruments().join("readiness/1.0/definition.json");
    let definition: Value = serde_json::from_slice(&fs::read(published).unwrap()).unwrap();
    let items = definition["items"].as_array().unwrap();
    // 4 of 5 in every scale, once towards it is kept: a score of 75. No crisis, authority, no sign.
    let code = |item: &Value| match item["type"].as_str().unwrap() {
        "rating" if item["reversed"] == true => json!(2),
        "rating" => json!(4),
        _ if item["id"] == "design_authority" => json!(1),
        _ => json!(2),
    };
    let is_asked = |item: &&Value| item["type"] != "text" && item["shown_when"].is_null();
    let answers: serde_json::Map<_, _> = items
        .iter()
        .filter(is_asked)
        .map(|item| (item["id"].as_str().unwrap().to_owned(), code(item)))
        .collect();
    let sheet = json!({"instrument": "readiness", "answers": answers}).to_string();
    let verdict = |more: &[&str]| {
        let args = [&["score", "-", "--format", "json"], more].concat();
        run_with(sheet.as_bytes(), &args).exits(0).json()[0]["verdict"]["rule"].take()
    };
    assert_eq!(verdict(&[]), "ready");

    let root = folder("score_threshold");
    let changed = root.join("readiness/1.0");
    let below = r#""count_scores":{"at_least":1,"below":60,"#;
    variant(&changed, "readiness/1.0", below, &below.replace("60", "76"));
    run(["instruments", "check", text(&root)]).exits(0);
    assert_eq!(verdict(&["--instruments", text(&root)]), "coach_and_build");

    // From 0 on, some score is always as high: nobody would be told to coach and build, or to coach.
    let always = below.replace(r#""below":60"#, r#""at_least_score":0"#);
    variant(&changed, "readiness/1.0", below, &always);
    let found = run(["instruments", "check", text(&root)]).exits(1).stdout;
    assert!(found.contains("a verdict before it does, so it is never said"), "{found}");
    run_with(sheet.as_bytes(), &["score", "-", "--instruments", text(&root)]).exits(2);
}

#[test]
fn impossible_sheets_are_refused() {
    for (sheet, code) in [
        (json!({"instrument": "nobody_knows", "answers": {}}), "unknown_instrument"),
        (json!({"instrument": "ops", "version": "9.9", "answers": {}}), "unknown_version"),
        (json!({"instrument": "ops", "answers": {"strategy_internal_1": 6}}), "answers"),
        (json!({"instrument": "ops", "answers": {"nothing": 1}}), "answers"),
        (json!({"instrument": "ops", "rater": "manager", "answers": {}}), "answers"),
        (json!({"instrument": "ops", "rater": "boss", "answers": {}}), "content"),
        (json!({"instrument": "ops", "answers": {"strategy_internal_1": "yes"}}), "content"),
        (json!({"instrument": "ops", "answers": {}, "extra": 1}), "content"),
        (json!({"instrument": "ops", "answers": []}), "content"),
        (json!({"instrument": "ops", "answers": {"strategy_internal_1": 1.5}}), "not_integer"),
        // Not asked without a crisis.
        (json!({"instrument": "readiness", "answers": {"crisis_led": 1}}), "answers"),
        // A signed file never passes as a plain sheet.
        (json!({"instrument": "ops", "answers": {}, "payload": ""}), "not_a_result"),
    ] {
        let ran = run_with(sheet.to_string().as_bytes(), &["score", "--format", "json", "-"]);
        let refused = ran.exits(1).json()[0].take();
        assert_eq!([&refused["status"], &refused["code"]], ["rejected", code], "{sheet}");
        let page = run_with(sheet.to_string().as_bytes(), &["score", "-"]).exits(1).stdout;
        assert!(page.contains("What to do: "), "{page}");
    }
}

#[test]
fn every_simulated_page_can_be_printed() {
    for instrument in ["ops", "leader_180", "readiness", "five_factor_demo"] {
        let out = folder(&format!("score_page_{instrument}"));
        simulate(instrument, 40, &out, &[]);
        fs::write(out.join("bad.json"), "{").unwrap();
        let page = run(["score", text(&out)]).exits(1).stdout;
        assert_eq!(page.matches("rater self (signature valid").count(), 40);
        assert!(page.contains("(not_json)"));
        assert_eq!(files(&out).len(), 41);
    }
}
