//! A leader, their manager and their coach: links of a pair, who is told what, both sides of the report.
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
use e2e::pages::{Coaching, Cohort, Data, Intro, NOTE_DOWNLOADS, PairPart, Pairs, link_in};
use e2e::respondent::{Draw, Plan, instrument};
use scoring::answers::AnswerSheet;
use scoring::cohort::VerifiedLink;
use scoring::instrument::Rater;
use scoring::pair::PairReport;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const LEADER: &str = "leader_180";

/// What the report shows, from the library; its numbers are held against Python by the command line's tests.
fn expected(own: &AnswerSheet, manager: &AnswerSheet) -> BTreeMap<String, Vec<String>> {
    let report = PairReport::of(&instrument(LEADER, "1.0"), own, manager, None).unwrap();
    let dash = || "–".to_owned();
    let areas = report.areas.iter().chain([&report.overall]).map(|of| {
        let name = of.scale.clone().unwrap_or_else(|| "all".to_owned());
        let row =
            vec![of.own.shown(), of.manager.shown(), of.gap.signed(), of.error(), of.says.clone()];
        (name, row)
    });
    let behaviours = report.behaviours.iter().map(|of| {
        let number = |number: Option<i64>| number.map_or_else(dash, |number| number.to_string());
        let sign = |gap: i64| if gap > 0 { format!("+{gap}") } else { gap.to_string() };
        let gap = of.gap().map_or_else(dash, sign);
        let said = of.agreement.clone().unwrap_or_default();
        (of.item.clone(), vec![number(of.own), number(of.manager), gap, of.error(), said])
    });
    areas.chain(behaviours).collect()
}

/// Follows one of a pair's links on a device of its own, answers, and hands over the file. Returns the report's page.
async fn answer(
    world: &World,
    address: &str,
    link: &VerifiedLink,
    sheet: &AnswerSheet,
    file: &str,
) -> PathBuf {
    let elsewhere = address.replace(&world.server.origin(), &world.elsewhere.origin());
    let cohort = Cohort::follow(world, &elsewhere, link).await;
    let role = sheet.rater.code().to_owned();
    assert_eq!(
        cohort.starts().await,
        [(LEADER.to_owned(), role)],
        "only the invited role is offered"
    );
    if sheet.rater == Rater::Manager {
        let told = cohort.text().await;
        assert!(told.contains("The leader's report will show your answers"), "{told}");
    }
    let report = cohort.finished_with(LEADER, "1.0", sheet).await;
    let signed = report.to_export().await.sign().await;
    let path = world.folder.join(file);
    fs::write(&path, signed).expect("the file can be written");
    path
}

/// What every report on a pair keeps to.
async fn check_report(part: &PairPart<'_>, own: &AnswerSheet, manager: &AnswerSheet) {
    assert_eq!(part.rows().await, expected(own, manager));
    assert_eq!(
        part.bare().await,
        Vec::<String>::new(),
        "sentences without a reason or a next step"
    );
    let said = part.said().await;
    assert!(said.iter().any(|code| code.starts_with("overall_")), "{said:?}");
    assert!(said.iter().any(|code| code.starts_with("priorities_")), "{said:?}");
    let questions = part.questions().await;
    assert_eq!(questions.len(), 3);
    assert_eq!(questions[0], ["What the leader wrote", "What the manager wrote"]);
}

in_every_engine!(leader_manager_and_coach_on_one_pair);

fn leader_manager_and_coach_on_one_pair(engine: Engine) {
    let setting = Setting { first_script: NOTE_DOWNLOADS, ..Setting::default() };
    in_browser(engine, "pair", setting, async |world| {
        let leader_180 = instrument(LEADER, "1.0");
        let sheet = |rater: Rater, wrote: &str| {
            let mut draw = Draw::named(rater.code());
            let mut sheet = Plan::draw(&leader_180, rater, &mut draw).sheet;
            sheet.texts.insert("success_today".to_owned(), wrote.to_owned());
            sheet
        };
        let own = sheet(Rater::Own, "What the leader wrote");
        let manager = sheet(Rater::Manager, "What the manager wrote");

        let coaching = Coaching::open(world).await;
        coaching.make_key("Coach & Partners", "Seven quiet herons, 1 pond").await;
        let link = link_in(&coaching.make_pairs_cohort("Leading here").await);
        let pairs = Pairs::of(world).await;
        let wrong = pairs.paste("Ann Lee, Bo Ray\nCy Moe").await.expect("a name is missing");
        assert!(wrong.contains("Line 2"), "{wrong}");
        assert_eq!(pairs.paste("Ann Lee, Bo Ray\nCy Moe, Di Poe").await, None);
        let table = pairs.table().await;
        assert_eq!(table.len(), 2);
        let row = &table[0];
        assert_eq!((row.leader.as_str(), row.manager.as_str()), ("Ann Lee", "Bo Ray"));

        let manager_file =
            answer(world, &row.manager_link, &link, &manager, "manager.result.jws.json").await;
        forget_everything(world).await;
        let other_file =
            answer(world, &table[1].manager_link, &link, &manager, "other.result.jws.json").await;
        forget_everything(world).await;
        let own_file = answer(world, &row.leader_link, &link, &own, "own.result.jws.json").await;

        // The leader, on their own device.
        let cohort = {
            let elsewhere =
                row.leader_link.replace(&world.server.origin(), &world.elsewhere.origin());
            Cohort::follow(world, &elsewhere, &link).await
        };
        let part = cohort.finished_with(LEADER, "1.0", &own).await.to_pair().await;
        assert_eq!(part.give(own_file.clone()).await.as_deref(), Some("pair_leader"));
        assert_eq!(part.give(other_file).await.as_deref(), Some("pair_other"));
        assert_eq!(part.give(manager_file.clone()).await, None);
        check_report(&part, &own, &manager).await;
        part.add_commitment().await;
        assert_eq!(part.check().await.len(), 6, "everything is missing");
        let kept = ["decisions_1", "decisions_2", "decisions_3"]
            .map(|behaviour| (behaviour.to_owned(), "in the Monday meeting".to_owned()));
        for (idx, (behaviour, text)) in kept.iter().enumerate() {
            if idx > 0 {
                part.add_commitment().await;
            }
            part.write_commitment(idx, behaviour, text).await;
        }
        assert_eq!(part.check().await, Vec::<String>::new());
        assert!(part.is_complete().await);
        world.browser.reload().await;
        world.browser.page("own-pair").await;
        check_report(&part, &own, &manager).await;
        assert_eq!(part.commitments().await, kept, "after a reload");

        // The coach, back at their own.
        coaching.come_back(&link).await;
        let pairs = Pairs::of(world).await;
        let wait = "Send both their links, then add their files.".to_owned();
        let second = ("Cy Moe · Di Poe".to_owned(), false, false, wait);
        assert_eq!(pairs.rows().await[1], second, "names are kept");
        pairs.add(&[manager_file], 0).await;
        pairs.add(&[own_file], 1).await;
        let first = ("Ann Lee · Bo Ray", true, true);
        let rows = pairs.rows().await;
        assert_eq!((rows[0].0.as_str(), rows[0].1, rows[0].2), first);
        assert_eq!(rows[1], second);
        let part = pairs.read(&row.pair).await;
        check_report(&part, &own, &manager).await;
        assert!(part.text().await.contains("Ann Lee · Bo Ray"));
    });
}

in_every_engine!(a_leader_asks_their_manager);

/// Without a coach: the leader's own link tells the manager who asks and who will see every rating.
fn a_leader_asks_their_manager(engine: Engine) {
    in_browser(engine, "own-pair", Setting::default(), async |world| {
        let leader_180 = instrument(LEADER, "1.0");
        let sheet = |rater| Plan::draw(&leader_180, rater, &mut Draw::named("own")).sheet;
        let (own, manager) = (sheet(Rater::Own), sheet(Rater::Manager));
        let leader = Intro::open(world, LEADER, "1.0").await;
        let part = leader.finished_with(LEADER, "1.0", &own).await.to_pair().await;
        let address = part.ask_manager("Ann Lee").await;
        let link = link_in(&address);
        assert_eq!(link.claims().coach, "Ann Lee");

        let elsewhere = address.replace(&world.server.origin(), &world.elsewhere.origin());
        let told = Cohort::follow(world, &elsewhere, &link).await.text().await;
        assert!(told.contains("Ann Lee asks you"), "{told}");
        assert!(!told.contains("group report"), "one pair is no group: {told}");
        let file = answer(world, &address, &link, &manager, "manager.result.jws.json").await;

        let leader = Intro::open(world, LEADER, "1.0").await;
        let part = leader.finished_with(LEADER, "1.0", &own).await.to_pair().await;
        assert_eq!(part.give(file).await, None);
        assert_eq!(part.by().await, "invitation");
        assert_eq!(part.rows().await, expected(&own, &manager));
    });
}

/// The next person comes to the device as to their own.
async fn forget_everything(world: &World) {
    world.browser.go(&world.elsewhere.url("#/data")).await;
    world.browser.page("data").await;
    Data::here(world).delete_all().await;
}
