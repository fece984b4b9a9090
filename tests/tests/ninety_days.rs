//! A 90-day test from a readiness verdict and its plan over twelve weeks to its verdict, on days that the test sets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, World, in_browser};
use e2e::engine::Engine;
use e2e::in_every_engine;
use e2e::oracle;
use e2e::pages::{ANOTHER_DAY, Intro, NinetyDays};
use e2e::respondent::{Act, Plan, instrument};
use scoring::instrument::{Item, ItemKind, Rater};
use scoring::jose::from_base64url;
use scoring::plan::Day;
use serde_json::Value;

in_every_engine!(from_readiness_to_the_lever);
in_every_engine!(a_team_that_cannot_follow);

fn setting() -> Setting<'static> {
    Setting { first_script: ANOTHER_DAY, own_session: true, ..Setting::default() }
}

fn start() -> Day {
    Day::read("2026-09-07").unwrap()
}

/// Answers readiness as somebody who is ready.
fn is_ready(item: &Item) -> Act {
    match &item.kind {
        ItemKind::Rating { reversed, .. } => {
            Act::Choose(if *reversed { "1" } else { "5" }.to_owned())
        }
        ItemKind::Choice { .. } if item.id == "design_authority" => Act::Choose("1".to_owned()),
        ItemKind::Choice { .. } => Act::Choose("2".to_owned()),
        ItemKind::Text { .. } | ItemKind::Ranking { .. } => Act::Skip,
    }
}

/// Makes a plan of three examples and begins it on a Monday.
async fn begin(world: &World, test: &NinetyDays<'_>) {
    test.on(start().after(-3)).await;
    for (slot, example) in ["written_decisions", "dissent", "one_owner"].into_iter().enumerate() {
        test.example(&format!("[data-slot='{slot}']"), example).await;
        test.example(&format!("[data-indicator='{slot}']"), example).await;
    }
    test.example("[data-part='mechanism']", "one_owner").await;
    test.choose_day("start-day", start()).await;
    test.click("start").await;
    world.browser.page("plan").await;
}

/// The Friday of a week.
fn friday(week: usize) -> Day {
    start().after(7 * week as i64 - 3)
}

/// What the leader set out to do spreads; two weeks are missed, one is noted late.
fn from_readiness_to_the_lever(engine: Engine) {
    in_browser(engine, "ninety-days-lever", setting(), async |world| {
        let readiness = Plan::of(&instrument("readiness", "1.0"), Rater::Own, &mut is_ready);
        let survey = Intro::open(world, "readiness", "1.0").await.start("self").await;
        let review = survey.answer_all(&readiness, async |_, _| {}).await;
        let test = review.finish().await.to_plan().await;
        // An outcome is refused with its reason; the test does not begin with it.
        test.fill("own-0", "Improve collaboration across the functions").await;
        assert_eq!(test.said("data-fault").await, ["outcome"]);
        assert!(test.texts("#own-0-said").await[0].contains("An outcome cannot be done"));
        test.click("start").await;
        let focused = "return document.activeElement.id";
        assert_eq!(world.browser.ask::<String>(focused, vec![]).await, "own-0");
        assert_eq!(test.said("data-refused").await, [""]);
        // It can be kept by whoever read why, and that stays visible; other words are looked at anew.
        test.click("keep").await;
        assert_eq!(test.said("data-kept").await, ["outcome"]);
        test.fill("own-0", "Reduce escalations by 20%").await;
        assert_eq!(test.said("data-fault").await, ["target"]);
        test.example("[data-slot='0']", "dissent").await;
        assert_eq!(test.said("data-fault").await, [""; 0]);
        // Three examples are a plan; until there are three, the test does not begin.
        test.click("start").await;
        assert_eq!(world.browser.ask::<String>(focused, vec![]).await, "own-1");

        begin(world, &test).await;
        assert_eq!(test.said("data-next").await, ["begin"]);
        let dates = test.save("calendar").await;
        let unfolded = dates.replace("\r\n ", "");
        assert_eq!(unfolded.matches("BEGIN:VEVENT").count(), 7);
        assert!(
            unfolded.contains("SUMMARY:One mechanism\r\n")
                && unfolded.contains("DTSTART;VALUE=DATE:20261005")
        );

        // A week is three answers and three numbers; the second one by keyboard alone.
        test.on(friday(1)).await;
        assert_eq!(test.said("data-next").await, ["check_in"]);
        test.check_in(1, ["1", "2", "na"], &["10", "2", "8"], "").await;
        assert_eq!(test.weeks().await[..2], ["checked", "ahead"]);
        test.on(friday(2)).await;
        let n_keys = test.check_in_by_keyboard([1, 1, 1], ["9", "2", "9"]).await;
        assert!(n_keys <= 40, "{n_keys} keys are more than a minute likes");
        assert_eq!(test.weeks().await[..3], ["checked", "checked", "ahead"]);
        // Two weeks away: the third week can still be noted for two weeks after it, and is marked.
        test.on(friday(5)).await;
        assert_eq!(test.said("data-next").await, ["catch_up"]);
        assert_eq!(
            test.weeks().await[..6],
            ["checked", "checked", "late", "late", "open", "ahead"]
        );
        test.check_in(3, ["2", "3", "2"], &["9", "3", "9"], "").await;
        test.on(friday(7)).await;
        // Nobody noted weeks 4 and 5: the one is missed, the other is not yet.
        assert_eq!(test.weeks().await[2..6], ["checked-late", "missed", "late", "late"]);
        assert!(test.texts("[data-missed]").await[0].contains("1 week was missed"));
        test.place("4", "plan-week").await;
        assert_eq!(test.said("data-closed").await, [""]);
        let (verdict, rule) = test.verdict().await;
        assert_eq!((verdict.as_str(), rule.as_str()), ("open", "too_few_weeks"));
        assert_eq!(test.said("data-missing").await, ["weeks_checked"]);
        for week in 7..=12 {
            test.on(friday(week)).await;
            test.check_in(week, ["4", "5", "4"], &["3", "6", "2"], "yes").await;
        }
        // Weeks 9 to 12 are for the team's word.
        test.place("team", "plan-team").await;
        test.fill("asked", "5").await;
        test.choose("by", "other").await;
        for (field, people) in [
            ("sees-0", "5"),
            ("does-0", "4"),
            ("sees-1", "3"),
            ("does-1", "3"),
            ("sees-2", "1"),
            ("does-2", "0"),
        ] {
            test.fill(field, people).await;
        }
        // More people than were asked are refused, and what stood there stays.
        test.fill("sees-2", "6").await;
        assert!(test.texts("#sees-2-error").await[0].contains("from 0 to 5"));
        test.fill("sees-2", "1").await;
        for (group, code) in
            [("pressure-0", "yes"), ("pressure-1", "yes"), ("pressure-2", "no"), ("alone", "yes")]
        {
            test.choose(group, code).await;
        }
        let (verdict, rule) = test.verdict().await;
        assert_eq!((verdict.as_str(), rule.as_str()), ("lever", "lever"));
        // The facts, the rule in words with what it counts, and the verdicts before it.
        let why = test.texts("section[data-verdict] details").await[0].clone();
        for said in [
            "Behaviours that took hold: 3. The rule asks for at least 2.",
            "Behaviours for which your team does its part: 2. The rule asks for at least 2.",
            "All of these hold:",
            "A behaviour took hold when:",
            "Weeks with a full check-in: 9. The rule asks for less than 8.",
        ] {
            assert!(why.contains(said), "“{said}” is not in {why}");
        }
        assert_eq!(test.said("data-passed-over").await, ["too_few_weeks", "team_not_asked"]);
        assert_eq!(test.texts("table.course .bars td").await.len(), 36);
        assert!(!test.texts("section[data-verdict] .next li").await.is_empty());

        // The file goes to another device as it is.
        let file = test.save("export").await;
        let payload = payload(&file);
        oracle::assert_valid("ninety-days.schema.json#/$defs/payload", "a test", &payload);
        let weeks = payload["worksheet"]["content"]["run"]["weeks"].as_array().unwrap();
        assert_eq!(weeks[0]["values"], serde_json::json!([10, 2, 8]));
        assert_eq!(weeks.iter().filter(|week| week["on"].is_null()).count(), 3);
        assert_eq!(test.open_file(&file).await, "plan");
    });
}

/// The leader changed, the team sees it and cannot follow: what it names is what to settle.
fn a_team_that_cannot_follow(engine: Engine) {
    in_browser(engine, "ninety-days-structure", setting(), async |world| {
        // What cannot be seen came along with the name, and is left out.
        let test = NinetyDays::pasted(world, "Operations,\u{200b}\t autumn").await;
        begin(world, &test).await;
        assert!(test.texts("main").await[0].contains("Operations, autumn"));
        for week in (1..=4).chain(9..=12) {
            test.on(friday(week)).await;
            let shown = if week < 9 { ["2", "2", "2"] } else { ["5", "4", "5"] };
            test.check_in(week, shown, &[], "yes").await;
        }
        test.place("team", "plan-team").await;
        test.fill("asked", "4").await;
        test.choose("by", "self").await;
        for slot in 0..3 {
            test.fill(&format!("sees-{slot}"), "4").await;
            test.fill(&format!("does-{slot}"), "1").await;
            test.choose(&format!("pressure-{slot}"), "unsure").await;
        }
        test.name("decisions").await;
        // Correcting how many were asked takes no count back, neither half-way nor by fewer than a count says.
        test.empty("asked").await;
        assert_eq!(test.value("sees-2").await, "4");
        test.fill("asked", "3").await;
        assert!(test.texts("#asked-error").await[0].contains("from 4 to"));
        test.fill("asked", "5").await;
        assert_eq!(test.texts("#asked-error").await, [""]);
        test.place("team", "plan-team").await;
        assert_eq!(
            (test.value("asked").await, test.value("sees-2").await),
            ("5".into(), "4".into())
        );
        let (verdict, rule) = test.verdict().await;
        assert_eq!((verdict.as_str(), rule.as_str()), ("structural", "structural"));
        assert_eq!(
            test.said("data-rule").await,
            ["structural", "step_decisions", "asked_by_leader"]
        );
        // Closed, it is final; opened again, it can still change; another round begins with the same words.
        test.click("end").await;
        assert!(test.texts("section[data-verdict] .eyebrow").await[0].contains("The verdict"));
        test.click("reopen").await;
        assert!(test.texts("section[data-verdict] .eyebrow").await[0].contains("As of"));
        test.click("again").await;
        world.browser.page("plan-build").await;
        let own = "return document.getElementById('own-1').value";
        let own: String = world.browser.until("the words of the plan", own, vec![]).await;
        assert!(own.starts_with("In the weekly meeting"), "{own}");
    });
}

fn payload(file: &str) -> Value {
    let file: Value = serde_json::from_str(file).unwrap();
    let payload = from_base64url(file["payload"].as_str().unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}
