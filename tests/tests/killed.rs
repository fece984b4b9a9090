//! What survives a browser that is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::engine::Engine;
use e2e::mortal::Desk;
use e2e::place;
use e2e::respondent::instrument;
use e2e::server::{LISTENER, Manner, Server};
use serde_json::Value;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

/// Says what the app shows and keeps, gives one answer, and says when it did and when the app called
/// it saved. The address's query holds the item, the value, and `journal=without` to do as a browser
/// does that has no IndexedDB.
const RESPONDENT: &str = r#"(() => {
  const asked = new URLSearchParams(location.search);
  const said = new URL("e2e-said", document.currentScript.src).href;
  const say = (kind, value) => navigator.sendBeacon(said, JSON.stringify({ [kind]: value }));
  const prefix = "plumbline.1/ops/1.0/self/answer/";
  const kept = () => Object.fromEntries(Object.keys(localStorage).filter((key) => key.startsWith(prefix))
    .map((key) => [key.slice(prefix.length), Number(localStorage.getItem(key))]));
  const shown = () => Object.fromEntries([...document.querySelectorAll("main input:checked")]
    .map((input) => [input.name, Number(input.value)]));
  const until = (ready) => new Promise((resolve) => {
    const look = () => (ready() ? resolve() : setTimeout(look, 5));
    look();
  });
  if (asked.get("journal") === "without") indexedDB.deleteDatabase("plumbline");
  addEventListener("load", async () => {
    await until(() => document.querySelector("main[data-page=answer] .saved[data-saved=true]"));
    say("found", { kept: kept(), shown: shown() });
    if (!asked.has("item")) return;
    const start = performance.now();
    document.querySelector(`input[name="${asked.get("item")}"][value="${asked.get("value")}"]`).click();
    say("clicked", true);
    // The page is brought up to date right after the click.
    await new Promise((resolve) => setTimeout(resolve));
    await until(() => document.querySelector(".saved[data-saved=true]"));
    say("saved", Math.round(performance.now() - start));
  });
})();
"#;

/// When the browser is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// As soon as the page calls the answer saved.
    Saved,
    /// As soon as the answer was clicked on, and so long after.
    Clicked(Duration),
}

/// A participant who loses their browser again and again.
struct Unlucky {
    engine: Engine,
    server: Server,
    desk: Desk,
    journal: &'static str,
    n_said: usize,
    /// Milliseconds from each click to the page's word that the answer is saved.
    waited: Vec<u64>,
}

/// What a page found when it started: entries on the device, and options that show as chosen.
struct Found {
    kept: BTreeMap<String, i64>,
    shown: BTreeMap<String, i64>,
}

impl Unlucky {
    fn new(engine: Engine, name: &str, journal: &'static str) -> Self {
        let first_script = format!("{LISTENER}{RESPONDENT}");
        let manner = Manner { first_script, ..Manner::default() };
        Unlucky {
            engine,
            server: Server::start(&place::dist(), "/", manner),
            desk: Desk::new(engine, place::scratch(&format!("{name}-{}", engine.name()))),
            journal,
            n_said: 0,
            waited: Vec::new(),
        }
    }

    /// Opens the screen of an item; gives an answer, if one is said, and is killed at the moment.
    fn live(&mut self, screen: usize, answer: Option<(&str, i64)>, moment: Moment) -> Found {
        let mut query = format!("?journal={}", self.journal);
        if let Some((item, value)) = answer {
            query += &format!("&item={item}&value={value}");
        }
        let address = self.server.url(&format!("{query}#/survey/ops/1.0/self/{screen}"));
        let browser = self.desk.browse(&address);
        let found = self.hear("found");
        if answer.is_some() {
            match moment {
                Moment::Saved => {
                    let ms = self.hear("saved");
                    self.waited.push(ms.as_u64().expect("milliseconds"));
                }
                Moment::Clicked(later) => {
                    self.hear("clicked");
                    thread::sleep(later);
                }
            }
        }
        drop(browser);
        self.n_said = self.server.said().len();
        let read = |part: &str| serde_json::from_value(found[part].clone()).expect("answers");
        Found { kept: read("kept"), shown: read("shown") }
    }

    /// Waits until the page says something of this kind.
    fn hear(&self, kind: &str) -> Value {
        let start = Instant::now();
        loop {
            let said = self.server.said();
            let mut said = said[self.n_said..]
                .iter()
                .map(|said| -> Value { serde_json::from_str(said).expect("the script says JSON") });
            if let Some(value) = said.find_map(|said| said.get(kind).cloned()) {
                return value;
            }
            let errors = self.server.heard();
            assert!(errors.is_empty(), "the console shows errors:\n{}", errors.join("\n"));
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{} did not say “{kind}”; it wrote {}",
                self.engine.name(),
                self.desk.log().display()
            );
            thread::sleep(Duration::from_micros(500));
        }
    }
}

/// The first items of the OPS with their screens, and an answer to each.
fn answers(n: usize) -> Vec<(usize, String, i64)> {
    let ops = instrument("ops", "1.0");
    let screens = ops.definition().sections.iter().flat_map(|section| section.screens.clone());
    let items = (1..)
        .zip(screens)
        .flat_map(|(screen, items)| items.into_iter().map(move |item| (screen, item)));
    items
        .zip((1..=5).cycle())
        .map(|((screen, item), value)| (screen, item, value))
        .take(n)
        .collect()
}

/// Kills the browser after each of twenty answers that the page called saved: none may be missing,
/// neither from the device nor from the page.
fn no_saved_answer_is_lost(engine: Engine) {
    if !engine.is_wanted() {
        return;
    }
    let start = Instant::now();
    let mut participant = Unlucky::new(engine, "killed", "with");
    let answers = answers(20);
    let mut given: BTreeMap<String, i64> = BTreeMap::new();
    for (screen, item, value) in &answers {
        let found = participant.live(*screen, Some((item, *value)), Moment::Saved);
        assert_eq!(found.kept, given, "what survived the browser's death before “{item}”");
        let on_screen =
            answers.iter().filter(|(of, item, _)| of == screen && given.contains_key(item));
        let on_screen: BTreeMap<_, _> =
            on_screen.map(|(_, item, value)| (item.clone(), *value)).collect();
        assert_eq!(found.shown, on_screen, "what the page shows before “{item}”");
        given.insert(item.clone(), *value);
    }
    assert_eq!(participant.live(4, None, Moment::Saved).kept, given, "after the last death");
    participant.waited.sort_unstable();
    let (took, median) = (start.elapsed().as_secs_f32(), participant.waited[10]);
    println!("{}-killed took {took:.1} s; an answer is saved after {median} ms", engine.name());
}

#[test]
fn chromium() {
    no_saved_answer_is_lost(Engine::Chromium);
}

#[test]
fn firefox() {
    no_saved_answer_is_lost(Engine::Firefox);
}

#[test]
fn webkit() {
    no_saved_answer_is_lost(Engine::Webkit);
}

/// How often an answer is lost when the browser dies before the page calls it saved: an answer is
/// given, the browser is killed, and the next start looks for it. See BENCHMARKS.md.
#[test]
#[ignore = "a measurement of several minutes: cargo test -p e2e --test killed -- --ignored --nocapture"]
fn measure() {
    for engine in Engine::ALL.into_iter().filter(|engine| engine.is_wanted()) {
        for journal in ["with", "without"] {
            for ms in [0, 1000] {
                let moment = Moment::Clicked(Duration::from_millis(ms));
                let name = format!("killed-{journal}-{ms}");
                let mut participant = Unlucky::new(engine, &name, journal);
                let mut lost = 0;
                let mut before: Option<(String, i64)> = None;
                for (screen, item, value) in answers(20) {
                    let found = participant.live(screen, Some((&item, value)), moment);
                    if let Some((item, value)) = before {
                        lost += usize::from(found.kept.get(&item) != Some(&value));
                    }
                    before = Some((item, value));
                }
                let found = participant.live(4, None, moment);
                let (item, value) = before.expect("twenty answers");
                lost += usize::from(found.kept.get(&item) != Some(&value));
                println!(
                    "{}, killed {ms} ms after the click, {journal} journal: {lost} of 20 lost",
                    engine.name()
                );
            }
        }
    }
}
