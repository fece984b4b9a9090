use crate::browser::World;
use crate::server::Server;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// More stops than a page of a record has.
const MOST_TABS: usize = 120;

/// What the form of a new piece of evidence says before anybody writes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is called.
    pub name: String,
    /// When it was signed.
    pub date: String,
}

/// An engagement record on one device: what a coach writes into it, hands over and brings back.
#[derive(Debug)]
pub struct Engagement<'a> {
    world: &'a World,
    device: &'a Server,
    id: String,
}

impl<'a> Engagement<'a> {
    /// Starts a record on a device, with the keyboard alone.
    pub async fn start(world: &'a World, device: &'a Server, title: &str, leader: &str) -> Self {
        let browser = &world.browser;
        browser.go(&device.url("#/work/engagement/new")).await;
        browser.page("engagement-new").await;
        browser.write("the title", "#title", title).await;
        browser.write("the leader", "#leader", &format!("{leader}\u{e007}")).await;
        browser.page("engagement").await;
        Self::of(world, device).await
    }

    /// Opens a record from a file, among all worksheets.
    pub async fn receive(world: &'a World, device: &'a Server, file: &str) -> Self {
        let browser = &world.browser;
        browser.go(&device.url("#/work")).await;
        browser.page("work").await;
        browser.hand_over("#worksheet-file", &[saved(world, file)]).await;
        browser.page("engagement").await;
        Self::of(world, device).await
    }

    async fn of(world: &'a World, device: &'a Server) -> Self {
        let fragment = world.browser.fragment().await;
        let id = fragment.strip_prefix("#/work/engagement/").expect("a record's address");
        Engagement { world, device, id: id.to_owned() }
    }

    /// Comes to the record's first page.
    pub async fn overview(&self) {
        self.place("", "engagement").await;
    }

    /// Comes to a phase.
    pub async fn phase(&self, code: &str) {
        self.place(&format!("/{code}"), "engagement-phase").await;
        let script = "return location.hash.endsWith(arguments[0]) || null";
        self.world.browser.until::<bool>(code, script, vec![json!(code)]).await;
    }

    /// Turns to a phase within the app, whatever field somebody is in.
    pub async fn turn_to(&self, code: &str) {
        let script = "location.hash = location.hash.replace(/[^/]*$/, arguments[0])";
        self.world.browser.ask::<Value>(script, vec![json!(code)]).await;
        let script = "return document.querySelector(`.places [aria-current][href$='${arguments[0]}']`) !== null || null";
        self.world.browser.until::<bool>(code, script, vec![json!(code)]).await;
    }

    /// Comes to the monthly values.
    pub async fn measures(&self) {
        self.place("/measures", "engagement-measures").await;
    }

    /// Comes to the page of everything.
    pub async fn dossier(&self) {
        self.place("/dossier", "engagement-dossier").await;
    }

    async fn place(&self, place: &str, page: &str) {
        // Loaded anew: whatever is shown then was kept.
        self.world.browser.go("about:blank").await;
        let address = format!("#/work/engagement/{}{place}", self.id);
        self.world.browser.go(&self.device.url(&address)).await;
        self.world.browser.page(page).await;
    }

    /// Writes into a field of one line, or of several, and leaves it.
    pub async fn write(&self, field: &str, text: &str) {
        let css = format!("[id='{field}']");
        self.world.browser.write_anew(field, &css, &format!("{text}\u{e004}")).await;
        // What is said of the field moves what stands below it.
        self.world.browser.settle().await;
    }

    /// Writes into a field and stays in it.
    pub async fn write_into(&self, field: &str, text: &str) {
        self.world.browser.write_anew(field, &format!("[id='{field}']"), text).await;
    }

    /// Writes into a field and stays in it, until what was written is kept.
    pub async fn pause_in(&self, field: &str, text: &str) {
        self.write_into(field, text).await;
        let script = "return Object.values(localStorage).some((kept) => kept.includes(arguments[0])) || null";
        self.world.browser.until::<bool>("a kept text", script, vec![json!(text)]).await;
    }

    /// Chooses a day or an option, whose controls differ between engines; into another field, writes in one change.
    pub async fn choose(&self, field: &str, value: &str) {
        let script = "const field = document.getElementById(arguments[0]);
            field.value = arguments[1];
            for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
            return field.value";
        let args = vec![json!(field), json!(value)];
        let chosen: String = self.world.browser.ask(script, args).await;
        assert_eq!(chosen, value, "{field} does not take this");
        self.world.browser.settle().await;
    }

    /// Begins a new entry.
    pub async fn add(&self, kind: &str) {
        self.click(&format!("add-{kind}")).await;
        self.world.browser.settle().await;
    }

    /// Closes the form of an entry, which has to be kept then.
    pub async fn done(&self) {
        self.click("done").await;
        let script = "return document.querySelector('[data-action=done]') === null || null";
        self.world.browser.until::<bool>("a closed form", script, vec![]).await;
    }

    /// Offers a file as evidence to the phase that is shown; returns what the form of the new entry says of it, or
    /// the code of the refusal.
    pub async fn rest_on(&self, file: &str) -> Result<Evidence, String> {
        let browser = &self.world.browser;
        let path = saved(self.world, file);
        browser.hand_over("[data-entries='evidence'] input[type='file']", &[path]).await;
        let script = "const field = (code) => document.getElementById(`evidence-new-${code}`)?.value;
            const refused = document.querySelector('[data-entries=evidence] [data-error]')?.dataset.error;
            if (field('name') === undefined && refused === undefined) return null;
            return [refused ?? null, field('name') ?? '', field('date') ?? '']";
        let (refused, name, date) = browser
            .until::<(Option<String>, String, String)>("a form or a refusal", script, vec![])
            .await;
        // The form takes the focus, and what stands below it moves.
        browser.settle().await;
        refused.map_or(Ok(Evidence { name, date }), Err)
    }

    /// Goes on with the tabulator until something has the focus.
    pub async fn tab_to(&self, css: &str) {
        let script = "return document.activeElement.matches(arguments[0])";
        for _ in 0..MOST_TABS {
            self.world.browser.press('\u{e004}').await;
            if self.world.browser.ask::<bool>(script, vec![json!(css)]).await {
                return;
            }
        }
        panic!("no tabulator leads to {css}");
    }

    /// Types where the focus is.
    pub async fn type_in(&self, text: &str) {
        for key in text.chars() {
            self.world.browser.press(key).await;
        }
    }

    /// Waits until something has the focus.
    pub async fn has_focus(&self, css: &str) {
        let script = "return document.activeElement.matches(arguments[0]) || null";
        self.world.browser.until::<bool>(css, script, vec![json!(css)]).await;
    }

    /// Activates something by its action.
    pub async fn click(&self, action: &str) {
        self.world.browser.click(action, &format!("main [data-action='{action}']")).await;
    }

    /// Turns to a month.
    pub async fn choose_month(&self, month: &str) {
        let select = "return document.querySelector('.next-month select').id";
        let select: String = self.world.browser.ask(select, vec![]).await;
        self.choose(&select, month).await;
    }

    /// Writes the value of a month.
    pub async fn write_month(&self, month: &str, value: &str) {
        self.choose_month(month).await;
        self.write_value(value).await;
    }

    /// Writes the value of the month that is chosen.
    pub async fn write_value(&self, value: &str) {
        let browser = &self.world.browser;
        browser
            .write_anew("the value", ".next-month form input", &format!("{value}\u{e007}"))
            .await;
        let script = "return [...document.querySelectorAll('tbody td:nth-child(2)')]
            .some((cell) => cell.textContent === arguments[0]) || null";
        browser.until::<bool>("the value in the table", script, vec![json!(value)]).await;
    }

    /// Text of everything that a selector finds.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)";
        self.world.browser.ask(script, vec![json!(css)]).await
    }

    /// The codes of the rules that are shown as not holding.
    pub async fn lacks(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('[data-rule]')].map((e) => e.dataset.rule)";
        self.world.browser.ask(script, vec![]).await
    }

    /// Waits until something says this.
    pub async fn says(&self, css: &str, text: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .some((found) => found.textContent.includes(arguments[1])) || null";
        self.world.browser.until::<bool>(text, script, vec![json!(css), json!(text)]).await;
    }

    /// The value of a field.
    pub async fn value(&self, field: &str) -> String {
        let script = "return document.getElementById(arguments[0]).value";
        self.world.browser.ask(script, vec![json!(field)]).await
    }

    /// Waits until a field holds this, and the page is at rest.
    pub async fn holds(&self, field: &str, text: &str) {
        let script = "return document.getElementById(arguments[0])?.value === arguments[1] || null";
        self.world.browser.until::<bool>(field, script, vec![json!(field), json!(text)]).await;
        self.world.browser.settle().await;
    }

    /// Saves the signed file; returns its text, which is read where the page makes it, because not every
    /// driver says where downloads go.
    pub async fn export(&self) -> String {
        self.overview().await;
        let hook = "const make = URL.createObjectURL;
            URL.createObjectURL = (blob) => {
                blob.text().then((text) => { window.madeFile = text; });
                return make.call(URL, blob);
            }";
        self.world.browser.ask::<Value>(hook, vec![]).await;
        self.click("export").await;
        self.world
            .browser
            .until::<bool>(
                "word of the file",
                "return document.querySelector('[data-saved]') !== null || null",
                vec![],
            )
            .await;
        self.world.browser.until("the file", "return window.madeFile ?? null", vec![]).await
    }

    /// Brings a file of this record back; returns what it brought: what became of how many entries.
    pub async fn bring_back(&self, file: &str) -> Vec<String> {
        self.overview().await;
        self.world.browser.hand_over("#record-file", &[saved(self.world, file)]).await;
        let script = "return document.querySelector('[data-merged]')
            ? [...document.querySelectorAll('[data-difference]')].map((e) => e.dataset.difference) : null";
        self.world.browser.until("what the file brought", script, vec![]).await
    }

    /// The texts of the versions that wait for a choice.
    pub async fn versions(&self) -> Vec<String> {
        self.texts(".version dd").await
    }

    /// Keeps the version that says this.
    pub async fn keep(&self, text: &str) {
        let script = "const version = [...document.querySelectorAll('.version')]
                .find((version) => version.querySelector('dd')?.textContent === arguments[0]);
            version?.querySelector('[data-action=keep]').setAttribute('data-chosen', '');
            return version ? true : null";
        let browser = &self.world.browser;
        browser.until::<bool>("the version", script, vec![json!(text)]).await;
        browser.click("“Keep this version”", "[data-chosen]").await;
        let gone = "return document.querySelector('.version') === null || null";
        browser.until::<bool>("no more versions", gone, vec![]).await;
    }
}

fn saved(world: &World, file: &str) -> PathBuf {
    let path = world.folder.join("brought.engagement.jws.json");
    fs::write(&path, file).expect("the folder can be written to");
    path
}
