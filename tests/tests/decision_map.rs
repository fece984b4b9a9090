//! A decision map from empty to printed, and tables that come in; the command line says the same of the same map.
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
use e2e::oracle::{self, plumbline};
use e2e::pages::DecisionMap;
use scoring::jose::from_base64url;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn saved(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.folder.join(name);
    fs::write(&path, text).expect("the folder can be written to");
    path
}

/// What the command line finds in a file.
fn found(path: &Path) -> Value {
    let today = ["map", "--format", "json"].map(AsRef::as_ref);
    let ended = plumbline(today.into_iter().chain([path.as_os_str()]));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.json()
}

in_every_engine!(from_empty_to_printed);

/// Nothing, then a number with the keyboard alone, then an outcome; what is said, files, paper.
fn from_empty_to_printed(engine: Engine) {
    in_browser(engine, "map-journey", Setting::default(), async |world| {
        let browser = &world.browser;
        let map = DecisionMap::start(world, "Board of March").await;
        assert!(map.text("main").await.contains("A lever: what the owner does then"));

        map.press_on("add-metric", 40).await;
        let id = "return document.activeElement.closest('[data-entry]')?.dataset.entry";
        let metric: String = browser.until("the new form", id, vec![]).await;
        assert_eq!(
            map.flags(&metric).await,
            [""; 0],
            "nothing is said of what was not written yet"
        );
        assert!(!map.text("main").await.contains("Start here"), "nor above");
        map.type_in("Customers lost").await;
        map.tab_to(&format!("{metric}-owner"), 3).await;
        map.type_in("Our team").await;
        map.tab_to(&format!("{metric}-when"), 3).await;
        // From “Not said”, which is chosen and last, to the first. Not every engine goes round at the end.
        for _ in 0..3 {
            browser.press('\u{e012}').await;
        }
        map.tab_to(&format!("{metric}-amount"), 3).await;
        map.type_in("3 %").await;
        map.press_on("done", 12).await;
        browser.settle().await;
        assert_eq!(map.flags(&metric).await, ["everyone", "no_lever", "vanity"]);
        let told = map.told().await;
        assert!(told[0].0.contains("“Our team” is a group"), "{told:?}");
        assert!(told[0].1.starts_with("Every word under owner names a group"), "{told:?}");

        // From the first thing to mend to its field; every flag goes as its reason does.
        assert_eq!(map.mend_first().await, format!("{metric}-owner"));
        map.write(&metric, "owner", "Ana").await;
        assert_eq!(map.flags(&metric).await, ["no_lever", "vanity"]);
        map.write(&metric, "lever", "Pause the price change").await;
        map.choose(&metric, "permission", "needed").await;
        map.write(&metric, "ask", "the board").await;
        assert_eq!(map.flags(&metric).await, ["needs_permission", "vanity"]);
        map.choose(&metric, "permission", "given").await;
        map.write(&metric, "decisions", "two").await;
        assert!(
            map.text(".field-error").await.contains("A whole number"),
            "what does not fit is said"
        );
        map.write(&metric, "decisions", "2").await;
        map.done().await;
        assert_eq!(map.flags(&metric).await, [""; 0]);
        assert!(
            map.text(".ratio")
                .await
                .contains("2 decisions made in the last quarter for each number")
        );

        let outcome = map.add("outcome").await;
        map.write(&outcome, "name", "New routes open").await;
        map.write(&outcome, "owner", "Ben").await;
        map.write(&outcome, "second_owner", "Cy").await;
        map.choose(&outcome, "casting_vote", "yes").await;
        map.choose(&outcome, "on_track", "no").await;
        map.done().await;
        assert_eq!(map.flags(&outcome).await, ["two_responsible"]);
        let owed = map.add("owed").await;
        map.write(&owed, "name", "Carrier data").await;
        map.write(&owed, "owner", "Data").await;
        map.day(&owed, "by", "2026-01-31").await;
        map.done().await;
        assert_eq!(map.flags(&owed).await, ["owed_date_passed"]);
        assert!(map.text("[data-mend] .rank").await.starts_with('1'));

        // A form that was opened for nothing leaves nothing; what was removed comes back, with all that belonged to it.
        map.add("metric").await;
        map.done().await;
        assert_eq!(map.names("metric").await, ["Customers lost"]);
        map.remove(&outcome).await;
        assert_eq!(map.names("owed").await, [""; 0]);
        map.undo().await;
        assert_eq!(map.names("owed").await, ["Carrier data"]);
        map.reload().await;
        assert_eq!(map.names("outcome").await, ["New routes open"]);
        let order = map.order().await;
        assert_eq!(order, [(1, "New routes open".to_owned()), (2, "New routes open".to_owned())]);

        // Three files say the same, and the command line finds in each what the page says.
        let (name, plain) = map.save("save-json").await;
        assert_eq!(name, "board-of-march.decision-map.json");
        let content: Value = serde_json::from_str(&plain).unwrap();
        oracle::assert_valid("decision-map.schema.json", "a map", &content);
        let (name, signed) = map.save("export").await;
        assert_eq!(name, "board-of-march.decision-map.jws.json");
        let (name, table) = map.save("save-csv").await;
        assert_eq!(name, "board-of-march.decision-map.csv");
        assert!(table.starts_with('\u{feff}'), "spreadsheets take it for UTF-8");
        let file: Value = serde_json::from_str(&signed).unwrap();
        let payload = from_base64url(file["payload"].as_str().unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload["worksheet"]["content"], content);
        for (name, text) in
            [("plain.json", &plain), ("signed.json", &signed), ("table.csv", &table)]
        {
            let found = found(&saved(world, name, text));
            assert_eq!(found["signed"], json!(name == "signed.json"));
            assert_eq!(
                (&found["ratio"]["numbers"], &found["ratio"]["decisions"]),
                (&json!(1), &json!(2))
            );
            let codes: Vec<&Value> =
                found["flags"].as_array().unwrap().iter().map(|flag| &flag["code"]).collect();
            assert_eq!(codes, ["two_responsible", "owed_date_passed"], "{name}");
            let places: Vec<&Value> = found["repairs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|repair| &repair["place"])
                .collect();
            assert_eq!(places, [1, 2], "{name}");
        }

        map.print().await;
        let board = map.text("main").await;
        for text in [
            "Board of March",
            "Customers lost",
            "above 3 %",
            "Ben · Cy",
            "Carrier data: Data, by",
            "More than one answers for it",
        ] {
            assert!(board.contains(text), "the board's page lacks “{text}”");
        }
    });
}

in_every_engine!(a_form_is_left);

/// What was typed is kept, and nothing stays of what was opened for nothing, however a form goes.
fn a_form_is_left(engine: Engine) {
    in_browser(engine, "map-left", Setting::default(), async |world| {
        let map = DecisionMap::start(world, "Board").await;
        map.fill_in_example().await;
        map.add("metric").await;
        // The form goes with its entry, and what stands above is of the map again.
        map.undo_last().await;
        map.undo_last().await;
        assert_eq!(map.names("metric").await, [""; 0]);
        assert!(!map.text("main [data-action='example']").await.is_empty());

        let metric = map.add("metric").await;
        map.write(&metric, "name", "Visits").await;
        map.type_into(&metric, "decisions", "7").await;
        map.leave_and_come_back().await;
        assert_eq!(map.text("[data-fact='decisions'] dd").await, "7");
        map.add("metric").await;
        map.leave_and_come_back().await;
        map.add("outcome").await;
        map.reload().await;
        assert_eq!(map.names("metric").await, ["Visits"]);
        assert_eq!(map.names("outcome").await, [""; 0]);
    });
}

in_every_engine!(a_table_comes_in);

const TABLE: &str = "kind;outcome;name;owner;when;amount;decisions\n\
    map;;From a table;;;;\n\
    metric;;Orders late;Ana;above;5;1\n\
    metric;;Visits;Ben;beyond;5;1\n\
    outcome;A;Faster;Cy;;;\n\
    owed;B;Data;Dee;;;\n\
    metric;;Costs;;below;9 EUR;many\n";

/// Faulty rows are named by line and cell; nothing changes until somebody says so, and all of it can be taken back.
fn a_table_comes_in(engine: Engine) {
    in_browser(engine, "map-table", Setting::default(), async |world| {
        let table = saved(world, "table.csv", TABLE);
        let map = DecisionMap::example(world).await;
        let before = map.names("metric").await;
        assert_eq!(before.len(), 5);
        let faults = [("4", "choice"), ("6", "outcome"), ("7", "count")];
        let faults = faults.map(|(line, fault)| (line.to_owned(), fault.to_owned()));
        assert_eq!(map.bring(&table).await, faults);
        let said = map.text(".refused-rows").await;
        assert!(said.contains("Line 4, column 5 (when): “beyond”"), "{said}");
        assert!(said.contains("Line 7, column 7 (decisions): “many”"), "{said}");
        assert_eq!(map.names("metric").await, before, "nothing changes before somebody says so");

        map.take("add").await;
        let all = [before.clone(), vec!["Orders late".to_owned()]].concat();
        assert_eq!(map.names("metric").await, all);
        map.undo().await;
        assert_eq!(map.names("metric").await, before);

        map.bring(&table).await;
        map.take("replace").await;
        assert_eq!(map.text("h1").await, "From a table");
        assert_eq!(map.names("metric").await, ["Orders late"]);
        map.undo().await;
        assert_eq!(map.names("metric").await, before);

        map.bring(&table).await;
        map.take("create").await;
        world
            .browser
            .until::<bool>(
                "the new map",
                "return document.querySelector('h1').textContent === 'From a table'",
                vec![],
            )
            .await;
        assert_eq!(map.names("outcome").await, ["Faster"]);
        world.open("#/work", "work").await;
        let listed = map.text("[data-shelf='decision_map'] li").await;
        assert!(listed.contains("From a table") && listed.contains("Example"), "{listed}");

        // What is no map says what it is instead, and what to do.
        world.open("#/work/map/new", "map-new").await;
        map.bring(&saved(world, "other.csv", "name,KPI\n")).await;
        assert!(map.text("[data-error]").await.contains("a column that no decision map has"));
    });
}

/// Ten numbers, four outcomes, and all that is said of them fit on two sheets.
#[test]
fn a_board_gets_two_sheets_at_most() {
    in_browser(Engine::Chromium, "map-paper", Setting::default(), async |world| {
        let map = DecisionMap::start(world, "Board").await;
        map.fill_in_example().await;
        map.undo().await;
        assert_eq!(map.names("metric").await, [""; 0]);
        map.fill_in_example().await;
        let five = saved(world, "five.csv", &map.save("save-csv").await.1);
        map.bring(&five).await;
        map.take("add").await;
        assert_eq!(map.names("metric").await.len(), 10);
        map.print().await;
        let paper = json!({"paperWidth": 8.27, "paperHeight": 11.69});
        let printed = world.browser.devtools("Page.printToPDF", paper).await;
        let printed = printed["data"].as_str().expect("a file in base64");
        let decode =
            "const text = atob(arguments[0]); return text.split('/Type /Page\\n').length - 1";
        let n_sheets: usize = world.browser.ask(decode, vec![json!(printed)]).await;
        assert!((1..=2).contains(&n_sheets), "{n_sheets} sheets");
    });
}
