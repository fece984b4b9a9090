use crate::browser::World;
use serde_json::{Value, json};
use std::path::Path;

const TAB: char = '\u{e004}';

/// A decision map: what is written into it, what is said about it, what goes out and comes in.
#[derive(Debug)]
pub struct DecisionMap<'a>(&'a World);

impl<'a> DecisionMap<'a> {
    /// Starts an empty map, from the list of worksheets, with the keyboard alone.
    pub async fn start(world: &'a World, title: &str) -> Self {
        world.open("#/work", "work").await;
        let map = DecisionMap(world);
        let shelf = "const at = document.activeElement;
            return at?.dataset?.action === 'new' ? at.closest('[data-shelf]').dataset.shelf : ''";
        map.press_tab_until(shelf, "decision_map", 30).await;
        world.browser.press('\u{e007}').await;
        world.browser.page("map-new").await;
        map.tab_to("map-title", 30).await;
        map.type_in(title).await;
        world.browser.press('\u{e007}').await;
        world.browser.page("map").await;
        map
    }

    /// Starts with the example.
    pub async fn example(world: &'a World) -> Self {
        world.open("#/work/map/new", "map-new").await;
        world.browser.click("“Start with an example”", "[data-action='example']").await;
        world.browser.page("map").await;
        DecisionMap(world)
    }

    /// Fills the example into an empty map; waits until the way back has the focus.
    pub async fn fill_in_example(&self) {
        self.click("[data-action='example']").await;
        self.said("the example").await;
    }

    async fn said(&self, what: &str) {
        let script = "return document.activeElement.matches('.note [data-action=undo]')";
        self.0.browser.until::<bool>(&format!("the focus on undoing {what}"), script, vec![]).await;
    }

    /// Loads the map's page anew: whatever is shown then was kept.
    pub async fn reload(&self) {
        self.0.browser.reload().await;
        self.0.browser.page("map").await;
    }

    /// Opens the form of a new entry, which takes the focus; returns its id.
    pub async fn add(&self, kind: &str) -> String {
        self.click(&format!("[data-action='add-{kind}']")).await;
        let script = "const at = document.activeElement;
            return at.matches('.entry-form input[id$=-name]') && at.closest('[data-entry]').dataset.entry";
        self.0.browser.until("the focus in the new form", script, vec![]).await
    }

    /// Writes into a field of the open form, and leaves it.
    pub async fn write(&self, id: &str, field: &str, text: &str) {
        let css = format!("[id='{id}-{field}']");
        self.0.browser.write_anew(field, &css, &format!("{text}{TAB}")).await;
    }

    /// Chooses a day, for which each engine has controls of its own.
    pub async fn day(&self, id: &str, field: &str, day: &str) {
        let script = "const field = document.getElementById(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event('change', { bubbles: true }))";
        let id = format!("{id}-{field}");
        self.0.browser.ask::<Value>(script, vec![json!(id), json!(day)]).await;
    }

    /// Chooses one of few.
    pub async fn choose(&self, id: &str, field: &str, code: &str) {
        let css = format!("[id='{id}-{field}'] label:has([value='{code}'])");
        self.click(&css).await;
    }

    /// Closes the open form.
    pub async fn done(&self) {
        self.click(".entry-form [data-action='done']").await;
        let script = "return document.querySelector('.entry-form') === null";
        self.0.browser.until::<bool>("a closed form", script, vec![]).await;
        self.0.browser.settle().await;
    }

    /// Opens the form of an entry.
    pub async fn edit(&self, id: &str) {
        self.click(&format!("[data-entry='{id}'] > .entry-what [data-action='edit']")).await;
        self.0.browser.settle().await;
    }

    /// Removes an entry; waits until the way back has the focus.
    pub async fn remove(&self, id: &str) {
        self.click(&format!("[data-entry='{id}'] > .entry-what [data-action='delete']")).await;
        self.said("a removal").await;
    }

    /// Takes back what was just said to be done.
    pub async fn undo(&self) {
        self.click(".note [data-action='undo']").await;
        let script = "return document.querySelector('.note') === null";
        self.0.browser.until::<bool>("a change taken back", script, vec![]).await;
        self.0.browser.settle().await;
    }

    /// Takes the last change back, whatever it was.
    pub async fn undo_last(&self) {
        self.click(".kept [data-action='undo']").await;
        self.0.browser.settle().await;
    }

    /// Types into a field of the open form, and stays in it.
    pub async fn type_into(&self, id: &str, field: &str, text: &str) {
        self.0.browser.write(field, &format!("[id='{id}-{field}']"), text).await;
    }

    /// Goes to the page for the board by its address, out of the field that has the focus, and comes back.
    pub async fn leave_and_come_back(&self) {
        let script =
            "location.hash = document.querySelector(`[data-action='${arguments[0]}']`).hash";
        for (action, page) in [("board", "map-board"), ("back", "map")] {
            self.0.browser.ask::<Value>(script, vec![json!(action)]).await;
            self.0.browser.page(page).await;
        }
    }

    /// The codes of the rules that fire for an entry.
    pub async fn flags(&self, id: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(`[data-entry='${arguments[0]}'] > .entry-flags [data-flag]`)]
            .map((flag) => flag.dataset.flag)";
        self.0.browser.ask(script, vec![json!(id)]).await
    }

    /// Every flag on the page: what is said of it, and its rule.
    pub async fn told(&self) -> Vec<(String, String)> {
        let script = "return [...document.querySelectorAll('[data-entry] [data-flag]')].map((flag) =>
            [flag.querySelector('p + p').textContent, flag.querySelector('details p').textContent])";
        self.0.browser.ask(script, vec![]).await
    }

    /// What to mend, in its order: place, name.
    pub async fn order(&self) -> Vec<(u64, String)> {
        let script = "return [...document.querySelectorAll('.order li')]
            .map((item) => [Number(item.dataset.place), item.querySelector('button').textContent])";
        self.0.browser.ask(script, vec![]).await
    }

    /// Goes to where the first thing is mended; returns the id of the field that has the focus then.
    pub async fn mend_first(&self) -> String {
        self.click(".mending [data-action='mend']").await;
        let script = "const at = document.activeElement;
            return at.closest('.entry-form') && (at.closest('fieldset')?.id ?? at.id)";
        self.0.browser.until("the focus in a form", script, vec![]).await
    }

    /// The names of the entries of a kind.
    pub async fn names(&self, kind: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(`[data-kind='${arguments[0]}'] > .entry-what :is(h3, h4)`)]
            .map((name) => name.textContent)";
        self.0.browser.ask(script, vec![json!(kind)]).await
    }

    /// The text of whatever a selector finds.
    pub async fn text(&self, css: &str) -> String {
        let script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent).join('\\n')";
        self.0.browser.ask(script, vec![json!(css)]).await
    }

    /// Saves a file; returns its name and its text, which is read where the page makes it, because not every
    /// driver says where downloads go.
    pub async fn save(&self, action: &str) -> (String, String) {
        let hook = "window.madeFile = null;
            window.hooked ??= (() => {
                const make = URL.createObjectURL, click = HTMLAnchorElement.prototype.click;
                URL.createObjectURL = (blob) => {
                    // Not text(), which takes the mark of UTF-8 away.
                    blob.arrayBuffer().then((bytes) => { window.madeFile = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes); });
                    return make.call(URL, blob);
                };
                HTMLAnchorElement.prototype.click = function () { window.madeName = this.download; click.call(this); };
                return true;
            })()";
        self.0.browser.ask::<Value>(hook, vec![]).await;
        self.click(&format!(".handover [data-action='{action}']")).await;
        let script = "return window.madeFile !== null && [window.madeName, window.madeFile]";
        self.0.browser.until("the file", script, vec![]).await
    }

    /// Chooses a file; waits until the page says what is in it, and returns where rows are refused: line, fault.
    pub async fn bring(&self, file: &Path) -> Vec<(String, String)> {
        self.0.browser.hand_over("#map-file", &[file.to_owned()]).await;
        let script = "const found = document.activeElement.closest('.brought');
            return found && [...found.querySelectorAll('[data-line]')].map((row) => [row.dataset.line, row.dataset.fault])";
        self.0.browser.until("what is in the file", script, vec![]).await
    }

    /// Takes a file over in one of the ways that are offered.
    pub async fn take(&self, way: &str) {
        self.click(&format!(".brought [data-action='{way}']")).await;
        let script = "return document.querySelector('.brought') === null";
        self.0.browser.until::<bool>("a file taken over", script, vec![]).await;
        self.0.browser.page("map").await;
    }

    /// Comes to the page for the board, and presses its button.
    pub async fn print(&self) {
        self.click("[data-action='board']").await;
        self.0.browser.page("map-board").await;
        let hook = "window.print = () => { window.printed = true }";
        self.0.browser.ask::<Value>(hook, vec![]).await;
        self.click("[data-action='print']").await;
        let script = "return window.printed === true";
        self.0.browser.until::<bool>("the dialog of the printer", script, vec![]).await;
    }

    /// Presses Tab until the focus is on an action, and Enter there.
    pub async fn press_on(&self, action: &str, most: usize) {
        let here = "const at = document.activeElement; return at?.dataset?.action ?? ''";
        self.press_tab_until(here, action, most).await;
        self.0.browser.press('\u{e007}').await;
    }

    /// Presses Tab until the focus is on an element by its id, or on its group of buttons.
    pub async fn tab_to(&self, id: &str, most: usize) {
        let here =
            "const at = document.activeElement; return at?.closest('fieldset')?.id || at?.id || ''";
        self.press_tab_until(here, id, most).await;
    }

    async fn press_tab_until(&self, here: &str, wanted: &str, most: usize) {
        for _ in 0..most {
            if self.0.browser.ask::<String>(here, vec![]).await == wanted {
                return;
            }
            self.0.browser.press(TAB).await;
        }
        panic!("{most} presses of Tab did not lead to “{wanted}”");
    }

    /// Types, wherever the focus is.
    pub async fn type_in(&self, text: &str) {
        for key in text.chars() {
            self.0.browser.press(key).await;
        }
    }

    async fn click(&self, css: &str) {
        self.0.browser.click(css, &format!("main {css}")).await;
    }
}
