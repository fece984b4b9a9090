//! Readiness as it is read: a verdict that can be traced to answers and rule, another verdict of another definition,
//! and what a coach reads about several people.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, World, in_browser};
use e2e::engine::Engine;
use e2e::forge::signed;
use e2e::in_every_engine;
use e2e::oracle::plumbline;
use e2e::pages::{Coach, Intro, Report};
use e2e::place;
use e2e::respondent::{Act, Plan, instrument};
use scoring::instrument::{Item, ItemKind, Rater};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The coaching trap of the seed articles: much coaching, and a firm that runs on rescue work and informal
/// ownership. In the direction of each scale: 2 of 5 for rhythm, ownership and rewards, 5 for coaching talks, else 4.
fn trapped(item: &Item) -> Act {
    let weak = ["operating_cadence", "accountability", "reinforcement"];
    let id = item.id.as_str();
    let value = match &item.kind {
        ItemKind::Rating { reversed, .. } => {
            let value = match id {
                _ if weak.iter().any(|scale| id.starts_with(scale)) => 2,
                _ if id.starts_with("core_ongoing") => 5,
                _ => 4,
            };
            if *reversed { 6 - value } else { value }
        }
        ItemKind::Choice { .. } if id == "design_authority" || id == "sign_firefighting" => 1,
        ItemKind::Choice { .. } => 2,
        ItemKind::Text { .. } | ItemKind::Ranking { .. } => return Act::Skip,
    };
    Act::Choose(value.to_string())
}

/// Answers readiness and goes on to the report.
async fn answered<'a>(world: &'a World, mut act: impl FnMut(&Item) -> Act) -> Report<'a> {
    let plan = Plan::of(&instrument("readiness", "1.0"), Rater::Own, &mut act);
    let survey = Intro::open(world, "readiness", "1.0").await.start("self").await;
    survey.answer_all(&plan, async |_, _| {}).await.finish().await
}

#[track_caller]
fn says(lines: &[String], expected: &[&str]) {
    for line in expected {
        assert!(lines.iter().any(|shown| shown == line), "{line:?} is not among {lines:#?}");
    }
}

fn every_sentence_opens_to_its_rule(engine: Engine) {
    in_browser(engine, "traced", Setting::default(), async |world| {
        let report = answered(world, trapped).await;
        assert_eq!(report.verdict().await.as_deref(), Some("build_structure"));
        let rules = report.rules().await;
        assert!(rules.contains("insight_without_absorption"), "{rules:?}");
        assert!(rules.contains("no_clear_gap"), "the lever check says something: {rules:?}");
        let (n_said, n_traced) = report.traced().await;
        assert!(n_said > 15 && n_said == n_traced, "{n_said} sentences, {n_traced} say why");

        let lines = report.why("[data-verdict]").await;
        says(
            &lines,
            &[
                // The facts.
                "Accountability is 25.0, below 50.",
                // The rule, with all that it counts.
                "At least one of these holds:",
                "At least 2 of these 6 scores are below 50:",
                "Operating cadence 25.0 (counts)",
                "Decision rights 75.0",
                "Accountability is below 40. Yours: 25.0.",
                // What comes before.
                "These suggestions come first, and do not apply:",
                "Stabilize first",
                "At least 1 of these 3 questions are answered “Yes”:",
                "Is cash so short right now that payroll or normal bills are at risk? “No”",
            ],
        );
        let lines = report.why("[data-rule='rec_behaviour_targets']").await;
        says(
            &lines,
            &[
                "All of these hold:",
                "At most 0 of these 3 questions are answered “Yes”:",
                "The answer is “Yes” or “Not sure” to: Has the leader been formally given authority over the decisions \
                 they are held responsible for? Yours: “Yes”.",
            ],
        );
        assert_eq!(report.leads_on().await.as_deref(), Some("#/work/plan/new"));
    });
}

/// Nobody can be told to coach who has an emergency: no plan is offered either.
fn a_crisis_leads_to_no_plan(engine: Engine) {
    in_browser(engine, "crisis", Setting::default(), async |world| {
        let act = |item: &Item| match item.id.as_str() {
            "crisis_cash" => Act::Choose("1".to_owned()),
            _ => trapped(item),
        };
        let report = answered(world, act).await;
        assert_eq!(report.verdict().await.as_deref(), Some("stabilize_first"));
        assert_eq!(report.leads_on().await, None);
    });
}

/// The same program and the same answers, with one threshold changed in the definition that is served.
fn another_threshold_is_another_verdict(engine: Engine) {
    if !engine.is_wanted() {
        return;
    }
    let root = place::scratch(&format!("{}-changed-definition", engine.name()));
    copy(&place::dist(), &root);
    let path = root.join("instruments/readiness/1.0/definition.json");
    let published = fs::read_to_string(&path).unwrap();
    // Two scales below 50, or four below 60, or one of two below 40: all as low as it gets.
    let changed = [
        (
            r#""count_scores":{"at_least":2,"below":50"#,
            r#""count_scores":{"at_least":2,"below":10"#,
        ),
        (
            r#""score":{"below":40,"scale":"accountability"}"#,
            r#""score":{"below":10,"scale":"accountability"}"#,
        ),
    ]
    .iter()
    .fold(published, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    fs::write(&path, changed).unwrap();
    let setting = Setting { root: Some(&root), ..Setting::default() };
    in_browser(engine, "threshold", setting, async |world| {
        let report = answered(world, trapped).await;
        assert_eq!(report.verdict().await.as_deref(), Some("coach_and_build"));
        says(&report.why("[data-verdict]").await, &["At least 2 of these 6 scores are below 10:"]);
    });
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        match entry.path() {
            folder if folder.is_dir() => copy(&folder, &target),
            file => drop(fs::copy(file, target).unwrap()),
        }
    }
}

/// Forty people who answer as they like: the page names the scales on which they disagree and counts what they are
/// told, as the command line does.
fn a_coach_reads_where_people_disagree(engine: Engine) {
    in_browser(engine, "disagree", Setting::default(), async |world| {
        let out = world.folder.join("forty");
        fs::create_dir(&out).unwrap();
        let readiness = instrument("readiness", "1.0");
        for person in 1..=40 {
            let path = out.join(format!("{person}.result.jws.json"));
            fs::write(path, signed(&readiness, person)).unwrap();
        }
        let args = ["report".as_ref(), out.as_os_str(), "--format".as_ref(), "json".as_ref()];
        let expected = plumbline(args).json()[0].take();
        let names = |rows: &Value, key: &str| -> BTreeSet<String> {
            let rows = rows.as_array().unwrap().iter();
            rows.filter_map(|row| row[key].as_str().map(str::to_owned)).collect()
        };
        let disagree = expected["scales"].as_array().unwrap().iter();
        let disagree: Value =
            disagree.filter(|row| row["quality"]["disagree"] == true).cloned().collect();
        assert!(!disagree.as_array().unwrap().is_empty(), "people who answer at random disagree");

        let coach = Coach::open(world).await;
        let mut files: Vec<PathBuf> =
            fs::read_dir(&out).unwrap().flatten().map(|entry| entry.path()).collect();
        files.sort();
        coach.choose(&files).await;
        let report = coach.reports(1).await.remove(0);
        let found = report["disagree"].as_array().unwrap().iter();
        let found: BTreeSet<String> =
            found.map(|scale| scale.as_str().unwrap().to_owned()).collect();
        assert_eq!(found, names(&disagree, "scale"));
        let alphas = expected["scales"].as_array().unwrap().iter();
        let weak = alphas.filter(|row| row["quality"]["alpha"].as_f64().is_some_and(|a| a < 0.7));
        let weak: Vec<&Value> = weak.map(|row| &row["scale"]).collect();
        assert!(
            !weak.is_empty(),
            "the answers of people who answer at random do not hang together"
        );
        assert_eq!(report["weak"].as_array().unwrap().iter().collect::<Vec<_>>(), weak);
        let outcomes = &expected["outcomes"];
        let told = ["verdicts", "rules"].map(|part| outcomes[part].as_array().unwrap().clone());
        let row = |told: &Value| {
            let n = told["n"].as_u64().map_or_else(|| "–".to_owned(), |n| n.to_string());
            json!([told["rule"].as_str().unwrap_or("none"), n])
        };
        let mut expected: Vec<Value> = told[0].iter().map(row).collect();
        expected.extend(outcomes["other"].as_u64().map(|n| json!(["other", n.to_string()])));
        expected.extend(told[1].iter().map(row));
        assert_eq!(report["told"], Value::from(expected.clone()));
        let shown = expected.iter().filter(|row| row[1] != "–" && row[0] != "other");
        assert!(shown.count() >= 3, "of forty people some numbers are shown: {expected:?}");
    });
}

in_every_engine!(every_sentence_opens_to_its_rule);
in_every_engine!(a_crisis_leads_to_no_plan);
in_every_engine!(another_threshold_is_another_verdict);
in_every_engine!(a_coach_reads_where_people_disagree);
