//! Every page, as axe-core sees it: no violation, narrow or wide, light or dark.
//!
//! With a folder's name in `PLUMBLINE_PICTURES`, Chromium leaves a picture of each view there, to be looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, World, in_browser};
use e2e::cohort::{claims, fragment, link};
use e2e::engine::Engine;
use e2e::pages::{
    Coach, Coaching, Cohort, Data, DecisionMap, Engagement, Home, Intro, Next, NinetyDays, Pairs,
    link_in,
};
use e2e::respondent::{Draw, Plan, instrument};
use e2e::{forge, place};
use scoring::answers::AnswerSheet;
use scoring::cohort::LinkClaims;
use scoring::instrument::Rater;
use scoring::plan::Day;
use scoring::plan::engagement::Phase;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where to look for what a page is like.
const VIEWS: [(u32, &str); 4] = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")];

#[test]
fn chromium() {
    every_page(Engine::Chromium);
}

#[test]
fn firefox() {
    every_page(Engine::Firefox);
}

#[test]
fn webkit() {
    every_page(Engine::Webkit);
}

fn every_page(engine: Engine) {
    // Width and theme are changed by Chromium's own protocol; the others look once, as they are.
    let setting = Setting { own_session: engine == Engine::Chromium, ..Setting::default() };
    in_browser(engine, "accessibility", setting, async |world| {
        let mut faults = Vec::new();
        let mut look = async |page: &str| faults.extend(examine(world, page).await);

        Home::open(world).await;
        look("home").await;
        world.open("#/about", "about").await;
        look("about").await;
        world.open("#/nowhere", "not-found").await;
        look("not-found").await;
        Data::open(world).await;
        look("data, empty").await;

        // Readiness has every kind of item but a ranking, and the longest report.
        let readiness = instrument("readiness", "1.0");
        let plan = Plan::draw(&readiness, Rater::Own, &mut Draw::named("accessibility"));
        let intro = Intro::open(world, "readiness", "1.0").await;
        look("intro").await;
        let survey = intro.start("self").await;
        look("answer, untouched").await;
        assert!(survey.try_next().await.is_none(), "an untouched screen passes silently");
        look("answer, prompted").await;
        let review = survey.answer_all(&plan, async |_, _| {}).await;
        look("review").await;
        let report = review.finish().await;
        look("report").await;
        open_everything(world).await;
        look("report, with all reasons").await;
        let export = report.to_export().await;
        look("export, before signing").await;
        export.sign().await;
        open_everything(world).await;
        look("export, signed").await;

        let key = e2e::cohort::coach(1);
        let asked = claims(1, &[("ops", "1.0"), ("leader_180", "1.0")]);
        let link = link(&LinkClaims { seal: Some(key.seal_public()), ..asked.clone() }, &key);
        let cohort = Cohort::follow(world, &world.server.url(&fragment(&link)), &link).await;
        look("cohort").await;
        let export = cohort.finished("ops", "1.0", &BTreeMap::new()).await;
        open_everything(world).await;
        look("export for a coach, before signing").await;
        assert_eq!(export.recover("no code").await.as_deref(), Some("recovery"));
        look("export, after a wrong recovery code").await;
        export.sign().await;
        assert!(export.recovery_code().await.is_some(), "a new key comes with a recovery code");
        open_everything(world).await;
        look("export with a recovery code").await;
        let other_key = e2e::cohort::coach(2);
        let closed =
            e2e::cohort::link(&LinkClaims { closes: Some(1_790_000_001), ..asked }, &other_key);
        Cohort::follow(world, &world.server.url(&fragment(&closed)), &closed).await;
        look("cohort, closed and with another key").await;
        world.open("#/join/cut-off", "link-failed").await;
        look("link-failed").await;

        let leader = Intro::open(world, "leader_180", "1.0").await;
        look("intro with two roles").await;
        let mut screen = leader.start("manager").await;
        while !screen.items().await.contains(&"priorities".to_owned()) {
            match screen.next().await {
                Next::Screen(next) => screen = next,
                Next::Review(_) => panic!("no ranking before the review"),
            }
        }
        look("answer with a ranking").await;
        Data::open(world).await;
        look("data").await;

        let coach = Coach::open(world).await;
        look("coach, empty").await;
        coach.choose(&files(world)).await;
        coach.reports(1).await;
        open_everything(world).await;
        look("coach with files").await;

        world.open("#/coach/cohorts", "coach-cohorts").await;
        look("cohorts, empty").await;
        let coaching = Coaching::open(world).await;
        open_everything(world).await;
        look("key, none yet").await;
        world.browser.click("“Make the key”", "[data-action='make-key']").await;
        look("key, with nothing filled in").await;
        coaching.make_key("Coach & Partners", "Seven quiet herons, 1 pond").await;
        look("new cohort").await;
        world.browser.click("“Make the link”", "[data-action='make-link']").await;
        look("new cohort, with nothing filled in").await;
        let address = coaching.make_cohort("How we lead", "Spring 2027", "ops").await;
        look("cohort of a coach").await;
        world.open("#/coach/cohorts", "coach-cohorts").await;
        look("cohorts").await;
        coaching.come_back(&link_in(&address)).await;
        look("cohort of a coach, key locked").await;
        Coaching::open(world).await;
        look("key, locked").await;
        coaching.verify(&address).await;
        open_everything(world).await;
        look("verify, a link").await;

        let (own, manager) = (pair_sheet(Rater::Own), pair_sheet(Rater::Manager));
        let of_pairs = e2e::cohort::link(&claims(3, &[("leader_180", "1.0")]), &key);
        let path = |name: &str| world.folder.join(name);
        for (sheet, name) in [(&own, "own.result.jws.json"), (&manager, "manager.result.jws.json")]
        {
            let file = e2e::cohort::pair_result(&of_pairs, &key, sheet);
            fs::write(path(name), file).expect("the file can be written");
        }
        coaching.keep(&of_pairs).await;
        coaching.come_back(&of_pairs).await;
        let pairs = Pairs::of(world).await;
        look("cohort of pairs, nobody yet").await;
        pairs.add(&[path("own.result.jws.json"), path("manager.result.jws.json")], 1).await;
        open_everything(world).await;
        look("cohort of pairs").await;
        let part = pairs.read(&pairs.ids().await[0]).await;
        part.add_commitment().await;
        part.check().await;
        open_everything(world).await;
        look("pair, for its coach").await;
        let leader = Intro::open(world, "leader_180", "1.0").await;
        let part = leader.finished_with("leader_180", "1.0", &own).await.to_pair().await;
        look("own pair, without the manager").await;
        let solo = forge::sign(&instrument("leader_180", "1.0"), &manager, 9);
        fs::write(path("solo.result.jws.json"), solo).expect("the file can be written");
        assert_eq!(part.give(path("solo.result.jws.json")).await, None);
        part.add_commitment().await;
        open_everything(world).await;
        look("own pair").await;

        coaching.verify(&forge::signed(&instrument("ops", "1.0"), 3)).await;
        open_everything(world).await;
        look("verify, a result").await;
        coaching.verify("nothing of ours").await;
        look("verify, nothing of ours").await;

        world.open("#/work", "work").await;
        look("worksheets").await;
        world.open("#/work/map/new", "map-new").await;
        look("new map").await;
        let map = DecisionMap::start(world, "Board").await;
        look("map, empty").await;
        let metric = map.add("metric").await;
        look("map, a new number").await;
        map.write(&metric, "name", "Orders").await;
        map.write(&metric, "decisions", "many").await;
        look("map, with a fault").await;
        map.done().await;
        map.remove(&metric).await;
        look("map, a number removed").await;
        let map = DecisionMap::example(world).await;
        open_everything(world).await;
        look("map").await;
        let table = world.folder.join("map.csv");
        fs::write(&table, "kind,name,when\nmetric,Orders,above\nmetric,Visits,beyond\n").unwrap();
        map.bring(&table).await;
        open_everything(world).await;
        look("map, a file brought").await;
        map.print().await;
        open_everything(world).await;
        look("map for the board").await;
        world.open("#/work/map/AAAAAAAAAAAAAAAAAAAAAQ", "map-absent").await;
        look("no such map").await;
        world.open("#/work/engagement/new", "engagement-new").await;
        look("new record").await;
        let record = Engagement::start(world, &world.server, "Northern region", "Head").await;
        open_everything(world).await;
        look("record").await;
        for phase in Phase::ALL {
            record.phase(phase.code()).await;
            open_everything(world).await;
            look(phase.code()).await;
        }
        record.phase("contracting").await;
        record.add("criterion").await;
        record.choose("criterion-example", "decisions").await;
        record.write("criterion-new-baseline", "12,5").await;
        look("contracting, with a fault").await;
        record.write("criterion-new-baseline", "12.5").await;
        record.choose("criterion-new-baseline_date", "2026-01-31").await;
        record.done().await;
        record.measures().await;
        record.write_month("2026-02", "11").await;
        open_everything(world).await;
        look("monthly values").await;
        let file = record.export().await;
        record.phase("contracting").await;
        record.write("statement-goals-text", "One.").await;
        let other = Engagement::receive(world, &world.elsewhere, &file).await;
        other.phase("contracting").await;
        other.write("statement-goals-text", "Another.").await;
        let file = other.export().await;
        record.bring_back(&file).await;
        look("record with two versions").await;
        record.dossier().await;
        look("dossier").await;
        world.open("#/work/engagement/AAAAAAAAAAAAAAAAAAAAAQ", "engagement-absent").await;
        look("no such record").await;

        world.open("#/work/plan/new", "plan-new").await;
        look("new 90-day test").await;
        let test = NinetyDays::plan(world, "Operations").await;
        test.fill("own-0", "Improve collaboration across the functions").await;
        open_everything(world).await;
        test.click("start").await;
        look("plan, refused").await;
        for slot in 0..3 {
            test.example(&format!("[data-slot='{slot}']"), "dissent").await;
            test.example(&format!("[data-indicator='{slot}']"), "dissent").await;
        }
        test.example("[data-part='mechanism']", "dissent").await;
        let first_day = today().after(-7 * 9);
        test.choose_day("start-day", first_day).await;
        test.click("start").await;
        world.browser.page("plan").await;
        look("90-day test").await;
        test.check_in(10, ["5", "na", "1"], &["1", "2", "3"], "yes").await;
        test.place("9", "plan-week").await;
        test.fill("value-0", "many").await;
        open_everything(world).await;
        look("week that is over, with a fault").await;
        test.place("2", "plan-week").await;
        look("missed week").await;
        test.place("team", "plan-team").await;
        test.fill("asked", "4").await;
        test.fill("sees-0", "3").await;
        test.name("decisions").await;
        look("questions for the team").await;
        test.verdict().await;
        open_everything(world).await;
        look("90-day test, not decided").await;
        test.click("end").await;
        open_everything(world).await;
        look("verdict").await;
        world.open("#/work/plan/AAAAAAAAAAAAAAAAAAAAAQ", "plan-absent").await;
        look("no such test").await;

        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

/// Today; at midnight, a day more or less makes no difference here.
fn today() -> Day {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Day::of_instant(now.as_secs().try_into().unwrap())
}

/// Files of fourteen people, so that some groups are shown and some are hidden, and three bad ones.
fn files(world: &World) -> Vec<PathBuf> {
    let ops = instrument("ops", "1.0");
    let mut files: Vec<PathBuf> = (1..=14)
        .map(|person| {
            let path = world.folder.join(format!("{person}.result.jws.json"));
            fs::write(&path, forge::signed(&ops, person)).expect("the file can be written");
            path
        })
        .collect();
    files.extend(forge::bad_files(&world.folder).into_iter().map(|bad| bad.path).take(3));
    files
}

/// What a leader or their manager answers.
fn pair_sheet(rater: Rater) -> AnswerSheet {
    Plan::draw(&instrument("leader_180", "1.0"), rater, &mut Draw::named(rater.code())).sheet
}

async fn open_everything(world: &World) {
    let script = "for (const part of document.querySelectorAll('main details')) part.open = true";
    world.browser.ask::<Value>(script, vec![]).await;
}

/// Examines the page in every view; returns what is wrong, in words, each with the views it is
/// wrong in.
async fn examine(world: &World, page: &str) -> Vec<String> {
    if world.browser.engine != Engine::Chromium {
        let faults = axe(world).await.into_iter();
        return faults.map(|fault| format!("{page}: {fault}")).collect();
    }
    let mut faults: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (width, theme) in VIEWS {
        world.browser.look_through(width, theme).await;
        let mut found = axe(world).await;
        found.extend(sideways(world).await);
        if let Some(folder) = env::var_os("PLUMBLINE_PICTURES") {
            let name = format!("{} {width} {theme}.png", page.replace(' ', "-"));
            let picture = world.browser.picture(width).await;
            fs::write(Path::new(&folder).join(name), picture).expect("the folder is there");
        }
        for fault in found {
            faults.entry(fault).or_default().push(format!("{width} px {theme}"));
        }
    }
    let faults = faults.into_iter();
    faults.map(|(fault, views)| format!("{page} ({}): {fault}", views.join(", "))).collect()
}

/// Whether the page has to be scrolled sideways, and because of what.
async fn sideways(world: &World) -> Option<String> {
    let script = "const root = document.documentElement;
        if (root.scrollWidth <= innerWidth) return null;
        const name = (e) => e.tagName.toLowerCase() + (e.className ? `.${e.className}` : '');
        const scrolls = (e) => e && (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
        const wide = [...document.querySelectorAll('main *')].filter((e) =>
          e.getBoundingClientRect().right > innerWidth && !scrolls(e.parentElement));
        return `${root.scrollWidth} px wide, it has to be scrolled sideways because of ${wide.slice(0, 3).map(name).join(', ')}`";
    world.browser.ask(script, vec![]).await
}

async fn axe(world: &World) -> Vec<String> {
    let loaded: bool = world.browser.ask("return typeof window.axe === 'object'", vec![]).await;
    if !loaded {
        let path = place::tests().join("node_modules/axe-core/axe.min.js");
        let source = fs::read_to_string(path).expect("axe-core is installed: `npm ci` in tests");
        world.browser.ask::<Value>(&source, vec![]).await;
    }
    // Of a violation, the first few places are enough to find it.
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, arguments[0]).then(
          (result) => done(result.violations.map((fault) => [`${fault.id}: ${fault.help}`,
            ...fault.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} — ${node.failureSummary}`)])),
          (error) => done([['axe', String(error)]]))";
    let options = json!({
        "resultTypes": ["violations"],
        "rules": {"target-size": {"enabled": true}},
    });
    let faults: Vec<Vec<String>> = world.browser.ask_later(script, vec![options]).await;
    faults.into_iter().map(|fault| fault.join("\n    ").replace("\n  ", "\n      ")).collect()
}
