use crate::browser::World;
use scoring::plan::Day;
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

/// A script that runs before the app's own: where a test said which day it is, it is that day.
pub const ANOTHER_DAY: &str = r#"(() => {
  const from = Number(sessionStorage.getItem("e2e.now"));
  if (!from) return;
  const Real = Date;
  const now = () => from + Math.round(performance.now());
  globalThis.Date = class extends Real {
    constructor(...args) { if (args.length > 0) super(...args); else super(now()); }
    static now() { return now(); }
  };
})();"#;

/// Puts a text in the place of what a field holds, all at once and with characters that no keyboard has.
async fn paste(world: &World, field: &str, text: &str) {
    let script = "const field = document.getElementById(arguments[0]);
        field.focus();
        field.value = arguments[1];
        field.dispatchEvent(new Event('input', { bubbles: true }))";
    world.browser.ask::<Value>(script, vec![json!(field), json!(text)]).await;
}

const TAB: char = '\u{e004}';
const RIGHT: char = '\u{e014}';
const ENTER: char = '\u{e007}';

/// A 90-day test: its plan, its weeks, its verdict, on the day that is set.
#[derive(Debug)]
pub struct NinetyDays<'a> {
    world: &'a World,
    id: String,
}

impl<'a> NinetyDays<'a> {
    /// Begins a plan, by the keyboard alone.
    pub async fn plan(world: &'a World, title: &str) -> Self {
        world.open("#/work/plan/new", "plan-new").await;
        Self::write(world, title).await
    }

    /// Fills in the form of a new plan.
    pub(super) async fn write(world: &'a World, title: &str) -> Self {
        world.browser.write("the name", "#plan-title", &format!("{title}{ENTER}")).await;
        Self::begun(world).await
    }

    /// Begins a plan whose name is pasted.
    pub async fn pasted(world: &'a World, title: &str) -> Self {
        world.open("#/work/plan/new", "plan-new").await;
        paste(world, "plan-title", title).await;
        world.browser.click("create", "main [data-action='create']").await;
        Self::begun(world).await
    }

    async fn begun(world: &'a World) -> Self {
        world.browser.page("plan-build").await;
        let fragment = world.browser.fragment().await;
        let id = fragment.strip_prefix("#/work/plan/").expect("a plan's address");
        NinetyDays { world, id: id.to_owned() }
    }

    /// Goes on at another day, as somebody does who comes back: the page is loaded anew.
    pub async fn on(&self, day: Day) {
        let noon = day.number() * 86_400_000 + 43_200_000;
        let script = "sessionStorage.setItem('e2e.now', arguments[0])";
        self.world.browser.ask::<Value>(script, vec![json!(noon.to_string())]).await;
        self.go("", None).await;
    }

    /// Comes to a place in it.
    pub async fn place(&self, place: &str, page: &str) {
        self.go(place, Some(page)).await;
    }

    async fn go(&self, place: &str, page: Option<&str>) {
        let place = if place.is_empty() { String::new() } else { format!("/{place}") };
        let address = format!("#/work/plan/{}{place}", self.id);
        // From elsewhere, so that the page loads anew, and no load is broken off.
        self.world.browser.go("about:blank").await;
        self.world.browser.go(&self.world.server.url(&address)).await;
        let browser = &self.world.browser;
        match page {
            Some(page) => browser.page(page).await,
            None => {
                let script = "return document.querySelector('main')?.dataset.page ?? null";
                browser.until::<String>("a page", script, vec![]).await;
            }
        }
    }

    /// Writes into a field and leaves it.
    pub async fn fill(&self, field: &str, text: &str) {
        let css = format!("[id='{field}']");
        self.world.browser.write_anew(field, &css, &format!("{text}{TAB}")).await;
        self.world.browser.settle().await;
    }

    /// Empties a field and stays in it, for longer than the app waits until it keeps what is typed.
    pub async fn empty(&self, field: &str) {
        paste(self.world, field, "").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    /// What stands in a field.
    pub async fn value(&self, field: &str) -> String {
        let script = "return document.getElementById(arguments[0])?.value ?? null";
        self.world.browser.until(field, script, vec![json!(field)]).await
    }

    /// Takes an example, in the part of the plan that a selector finds.
    pub async fn example(&self, part: &str, id: &str) {
        let browser = &self.world.browser;
        let open = "document.querySelector(arguments[0] + ' details.examples').open = true";
        browser.ask::<Value>(open, vec![json!(part)]).await;
        browser.click(id, &format!("{part} [data-example='{id}']")).await;
        browser.settle().await;
    }

    /// Chooses a day, whose control differs between engines.
    pub async fn choose_day(&self, field: &str, day: Day) {
        let script = "const field = document.getElementById(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('input', { bubbles: true }));
            return field.value";
        let args = vec![json!(field), json!(day.to_string())];
        let chosen: String = self.world.browser.ask(script, args).await;
        assert_eq!(chosen, day.to_string());
    }

    /// Activates something by its action.
    pub async fn click(&self, action: &str) {
        self.world.browser.click(action, &format!("main [data-action='{action}']")).await;
        self.world.browser.settle().await;
    }

    /// Chooses an answer of a group.
    pub async fn choose(&self, group: &str, code: &str) {
        let css = format!("#choose-{group} label:has([value='{code}'])");
        self.world.browser.click(code, &css).await;
        self.world.browser.settle().await;
    }

    /// Ticks something that the team named.
    pub async fn name(&self, obstacle: &str) {
        let css = format!("#named label:has([value='{obstacle}'])");
        self.world.browser.click(obstacle, &css).await;
        self.world.browser.settle().await;
    }

    /// Fills in a week: how often each behaviour showed, its numbers, whether the mechanism ran.
    pub async fn check_in(&self, week: usize, shown: [&str; 3], values: &[&str], ran: &str) {
        self.place(&week.to_string(), "plan-week").await;
        for (slot, code) in shown.into_iter().enumerate() {
            self.choose(&format!("shown-{slot}"), code).await;
        }
        for (slot, value) in values.iter().enumerate() {
            self.fill(&format!("value-{slot}"), value).await;
        }
        if week >= 5 {
            self.choose("ran", ran).await;
        }
        let whole = "return document.querySelector('[data-answered=\"3\"]') !== null || null";
        self.world.browser.until::<bool>("a full week", whole, vec![]).await;
        self.click("done").await;
        self.world.browser.page("plan").await;
    }

    /// As [`NinetyDays::check_in`] of an early week, by Tab, Space, arrows and typing; returns how many keys that took.
    pub async fn check_in_by_keyboard(&self, steps: [usize; 3], values: [&str; 3]) -> usize {
        let browser = &self.world.browser;
        let mut n_keys = 0;
        browser.page("plan").await;
        self.tab_to("next", &mut n_keys).await;
        browser.press(ENTER).await;
        browser.page("plan-week").await;
        for (slot, steps) in steps.into_iter().enumerate() {
            self.tab_to(&format!("shown-{slot}"), &mut n_keys).await;
            browser.press(' ').await;
            for _ in 0..steps {
                browser.press(RIGHT).await;
            }
            n_keys += 1 + steps;
        }
        for (slot, value) in values.into_iter().enumerate() {
            self.tab_to(&format!("value-{slot}"), &mut n_keys).await;
            for key in value.chars() {
                browser.press(key).await;
                n_keys += 1;
            }
        }
        self.tab_to("done", &mut n_keys).await;
        browser.press(ENTER).await;
        browser.page("plan").await;
        n_keys + 2
    }

    /// Presses Tab until the focus is on a field of this id or name, or something of this action.
    async fn tab_to(&self, place: &str, n_keys: &mut usize) {
        let here = "const at = document.activeElement;
            return [at?.id, at?.name, at?.dataset?.action].includes(arguments[0])";
        for _ in 0..40 {
            if self.world.browser.ask::<bool>(here, vec![json!(place)]).await {
                return;
            }
            self.world.browser.press(TAB).await;
            *n_keys += 1;
        }
        panic!("40 presses of Tab did not lead to “{place}”");
    }

    /// Text of everything that a selector finds.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)";
        self.world.browser.ask(script, vec![json!(css)]).await
    }

    /// What an attribute says of everything that has it.
    pub async fn said(&self, attribute: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(`main [${arguments[0]}]`)]
            .map((e) => e.getAttribute(arguments[0]))";
        self.world.browser.ask(script, vec![json!(attribute)]).await
    }

    /// How each week stands.
    pub async fn weeks(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('li[data-week]')].map((e) => e.dataset.state)";
        self.world.browser.ask(script, vec![]).await
    }

    /// The verdict and the rule that gave it, or that is open.
    pub async fn verdict(&self) -> (String, String) {
        self.place("verdict", "plan-verdict").await;
        let script = "const said = document.querySelector('section[data-verdict]');
            return said && [said.dataset.verdict, said.dataset.rule]";
        self.world.browser.until("a verdict", script, vec![]).await
    }

    /// Saves something; returns the file's text, which is read where the page makes it, because not every driver
    /// says where downloads go.
    pub async fn save(&self, action: &str) -> String {
        let hook = "const make = URL.createObjectURL;
            window.madeFile = null;
            URL.createObjectURL = (blob) => {
                blob.text().then((text) => { window.madeFile = text; });
                return make.call(URL, blob);
            }";
        self.world.browser.ask::<Value>(hook, vec![]).await;
        self.click(action).await;
        self.world.browser.until("the file", "return window.madeFile ?? null", vec![]).await
    }

    /// Brings a file in on the page of all worksheets; says what page it leads to.
    pub async fn open_file(&self, file: &str) -> String {
        let browser = &self.world.browser;
        browser.go(&self.world.elsewhere.url("#/work")).await;
        browser.page("work").await;
        let path = self.world.folder.join("plan.ninety-days.jws.json");
        fs::write(&path, file).expect("the folder can be written to");
        browser.hand_over("#worksheet-file", &[path]).await;
        let script = "const page = document.querySelector('main')?.dataset.page;
            return page && page !== 'work' ? page : null";
        browser.until("a worksheet", script, vec![]).await
    }
}
