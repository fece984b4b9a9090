use crate::browser::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Makes the texts of downloads known to the page, in every engine alike.
pub const NOTE_DOWNLOADS: &str = "window.saved = [];
    const address = URL.createObjectURL;
    URL.createObjectURL = (blob) => { blob.text().then((text) => window.saved.push(text)); return address.call(URL, blob); };";

/// The pairs of a cohort, on its coach's page.
#[derive(Debug)]
pub struct Pairs<'a>(&'a World);

/// A line of the table that a coach sends links from.
#[derive(Debug, Clone)]
pub struct InvitedRow {
    /// The leader's name.
    pub leader: String,
    /// The manager's name.
    pub manager: String,
    /// The pair's id.
    pub pair: String,
    /// The leader's link.
    pub leader_link: String,
    /// The manager's link.
    pub manager_link: String,
}

impl<'a> Pairs<'a> {
    /// Waits for the part of a cohort's page that is about pairs.
    pub async fn of(world: &'a World) -> Self {
        let script = "return document.querySelector('[data-pairs]') !== null";
        world.browser.until::<bool>("the pairs of a cohort", script, vec![]).await;
        Pairs(world)
    }

    /// Pastes names; returns what is wrong with them, if anything is.
    pub async fn paste(&self, names: &str) -> Option<String> {
        let browser = &self.0.browser;
        browser.write_anew("the names", "#pair-names", names).await;
        browser.click("“Save links”", "[data-action='make-pairs']").await;
        let script = "const wrong = document.querySelector('#pair-names-error').textContent;
            const made = document.querySelector('[data-invite-pairs] [data-made]');
            return wrong ? { wrong } : made && { wrong: null }";
        let said: Value = browser.until("links, or what is wrong", script, vec![]).await;
        said["wrong"].as_str().map(str::to_owned)
    }

    /// The table that was saved; the page notes downloads.
    pub async fn table(&self) -> Vec<InvitedRow> {
        let script = "return window.saved.find((text) => text.startsWith('leader,')) ?? null";
        let table: String = self.0.browser.until("the table of links", script, vec![]).await;
        // Nothing here has a comma in it.
        let rows = table.lines().skip(1).map(|line| line.split(',').map(str::to_owned));
        let row = |mut cells: Vec<String>| {
            let mut next = || cells.remove(0);
            let (leader, manager, pair) = (next(), next(), next());
            InvitedRow { leader, manager, pair, leader_link: next(), manager_link: next() }
        };
        rows.map(|cells| row(cells.collect())).collect()
    }

    /// Adds files, and waits until so many pairs are complete.
    pub async fn add(&self, files: &[PathBuf], n_complete: usize) {
        self.0.browser.hand_over("#files", files).await;
        let script = "return document.querySelector('[data-complete-pairs]')?.dataset.completePairs === String(arguments[0])";
        let what = format!("{n_complete} complete pairs");
        self.0.browser.until::<bool>(&what, script, vec![json!(n_complete)]).await;
    }

    /// Every pair: what it is called, whether the leader's and the manager's file are here, what comes next.
    pub async fn rows(&self) -> Vec<(String, bool, bool, String)> {
        let script = "return [...document.querySelectorAll('tr[data-pair]')].map((row) => {
            const [own, manager] = row.querySelectorAll('[data-here]');
            return [row.querySelector('th').textContent, own.dataset.here === 'true',
                manager.dataset.here === 'true', row.lastElementChild.innerText];
        })";
        self.0.browser.ask(script, vec![]).await
    }

    /// Their ids.
    pub async fn ids(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('tr[data-pair]')].map((row) => row.dataset.pair)";
        self.0.browser.ask(script, vec![]).await
    }

    /// Opens the report of a pair.
    pub async fn read(&self, pair: &str) -> PairPart<'a> {
        let css = format!("tr[data-pair='{pair}'] a");
        self.0.browser.click("“Read the report”", &css).await;
        self.0.browser.page("coach-pair").await;
        PairPart::of(self.0)
    }
}

/// A leader and their manager side by side, for either of them or for their coach.
#[derive(Debug)]
pub struct PairPart<'a>(&'a World);

impl<'a> PairPart<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        PairPart(world)
    }

    /// Makes the link for the manager; returns its address.
    pub async fn ask_manager(&self, name: &str) -> String {
        let browser = &self.0.browser;
        browser.write("the leader's name", "#own-name", name).await;
        browser.click("“Make the link”", "[data-action='ask-manager']").await;
        let script = "return document.querySelector('[data-asked-manager] input')?.value ?? null";
        browser.until("the link for the manager", script, vec![]).await
    }

    /// Who says that both belong together: `invitation` or `word`.
    pub async fn by(&self) -> String {
        let script = "return document.querySelector('[data-by]').dataset.by";
        self.0.browser.ask(script, vec![]).await
    }

    /// Gives the manager's file; returns the code of why it is none.
    pub async fn give(&self, file: PathBuf) -> Option<String> {
        self.0.browser.hand_over("#manager-file", &[file]).await;
        let script = "const failed = document.querySelector('[role=status] [data-error]:not([data-seen])');
            // The next failure is another element.
            if (failed) failed.dataset.seen = '';
            return failed ? { code: failed.dataset.error } : document.querySelector('[data-pair-report]') && { code: null }";
        let said: Value = self.0.browser.until("word of the file", script, vec![]).await;
        said["code"].as_str().map(str::to_owned)
    }

    /// Every row of an area or a behaviour by its name: own, manager, gap, error, what is said.
    pub async fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let script = "const rows = [...document.querySelectorAll('tr[data-area], tr[data-behaviour]')];
            return rows.length > 0 && Object.fromEntries(rows.map((row) => [row.dataset.area ?? row.dataset.behaviour,
                [...['own', 'manager', 'gap', 'error'].map((cell) => row.querySelector(`[data-${cell}]`).textContent),
                    row.dataset.says ?? row.querySelector('[data-agreement]')?.dataset.agreement ?? '']]))";
        self.0.browser.until("a report on a pair", script, vec![]).await
    }

    /// Codes of everything that is said.
    pub async fn said(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('[data-said]')].map((said) => said.dataset.said)";
        self.0.browser.ask(script, vec![]).await
    }

    /// Sentences that do not open to their rule and facts, or end in nothing to do, by their codes.
    pub async fn bare(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-said]')].filter((said) => {
            const why = said.querySelector('details');
            why.open = true;
            const shown = (css) => [...said.querySelectorAll(css)].some((part) => part.innerText.trim() && !/[{}]/.test(part.innerText));
            return !(shown('details p') && shown('details li') && shown('ul.next li'));
        }).map((said) => said.dataset.said)";
        self.0.browser.ask(script, vec![]).await
    }

    /// Both answers to each open question.
    pub async fn questions(&self) -> Vec<Vec<String>> {
        let script = "return [...document.querySelectorAll('[data-question]')].map((question) =>
            [...question.querySelectorAll('p')].map((answer) => answer.textContent))";
        self.0.browser.ask(script, vec![]).await
    }

    /// What the page says, as text.
    pub async fn text(&self) -> String {
        self.0.browser.ask("return document.querySelector('main').innerText", vec![]).await
    }

    /// Begins a commitment.
    pub async fn add_commitment(&self) {
        self.0.browser.click("“Add a commitment”", "[data-action='add-commitment']").await;
        self.0.browser.settle().await;
    }

    /// Asks what is missing; returns the fields that are.
    pub async fn check(&self) -> Vec<String> {
        self.0.browser.click("“Check”", "[data-action='check-commitments']").await;
        self.0.browser.settle().await;
        let script = "return [...document.querySelectorAll('[data-commitment] .field-error')]
            .filter((error) => error.textContent).map((error) => error.id)";
        self.0.browser.ask(script, vec![]).await
    }

    /// Fills a commitment: its behaviour, and the same text in each other part.
    pub async fn write_commitment(&self, idx: usize, behaviour: &str, text: &str) {
        let script = "const select = document.querySelector(`#commitment-${arguments[0]}-behaviour`);
            select.value = arguments[1]; select.dispatchEvent(new Event('change', { bubbles: true }))";
        self.0.browser.ask::<Value>(script, vec![json!(idx), json!(behaviour)]).await;
        for part in ["shows_when", "outcome", "took_part", "monitored", "judged"] {
            self.0.browser.write(part, &format!("#commitment-{idx}-{part}"), text).await;
        }
    }

    /// Whether nothing is missing any more.
    pub async fn is_complete(&self) -> bool {
        self.0
            .browser
            .ask("return document.querySelector('[data-complete]') !== null", vec![])
            .await
    }

    /// What stands in the form: the behaviour and how it is judged, commitment by commitment.
    pub async fn commitments(&self) -> Vec<(String, String)> {
        let script = "return [...document.querySelectorAll('[data-commitment]')].map((one) =>
            [one.querySelector('select').value, one.querySelector('[id$=judged]').value])";
        self.0.browser.ask(script, vec![]).await
    }
}
