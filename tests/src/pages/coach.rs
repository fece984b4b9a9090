use crate::browser::World;
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// Adding up a folder of files.
#[derive(Debug)]
pub struct Coach<'a>(&'a World);

/// What the page says of one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Outcome {
    /// Its name.
    pub file: String,
    /// `accepted`, `rejected` or `duplicate`.
    pub status: String,
    /// The stable code.
    pub code: String,
    /// The words after the name.
    pub words: String,
    /// Whether the row can be seen without opening anything.
    pub visible: bool,
}

/// Everything that the report shows, in the form of `plumbline report --format json` with printed
/// numbers as text; absent where the page prints a dash or hides.
const REPORTS: &str = "
const text = (row, css) => row.querySelector(css)?.textContent.trim() ?? null;
return [...document.querySelectorAll('section[data-report]')].map((report) => ({
  instrument: report.dataset.report,
  rater: report.dataset.rater,
  n: report.querySelector('[data-n]').dataset.n,
  scales: [...report.querySelectorAll('tr[data-scale]')].map((row) => ({
    scale: row.dataset.scale,
    n: text(row, '[data-n]'), mean: text(row, '[data-mean]'), sd: text(row, '[data-sd]'),
    low: text(row, '[data-low]'), high: text(row, '[data-high]'),
  })),
  items: [...report.querySelectorAll('tr[data-item]')].map((row) => ({
    item: row.dataset.item,
    n: text(row, '[data-n]'), mean: text(row, '[data-mean]'), favourable: text(row, '[data-favourable]'),
  })),
  told: [...report.querySelectorAll('tr[data-told]')].map((row) => [row.dataset.told, text(row, 'td')]),
  disagree: [...report.querySelectorAll('[data-disagree]')].map((scale) => scale.dataset.disagree),
  weak: [...report.querySelectorAll('[data-weak-scales]')].flatMap((note) => note.dataset.weakScales.split(' ')),
  cuts: [...report.querySelectorAll('[data-cut]')].map((cut) => ({
    item: cut.dataset.cut,
    cells: [...cut.querySelectorAll('tr[data-cut-scale]')].flatMap((row) =>
      [...row.querySelectorAll('td')].map((cell) => ({
        scale: row.dataset.cutScale,
        group: cell.dataset.group,
        mean: cell.hasAttribute('data-mean') ? cell.textContent.trim() : null,
      }))),
  })),
}))";

impl<'a> Coach<'a> {
    /// Comes to the page.
    pub async fn open(world: &'a World) -> Self {
        world.open("#/coach", "coach").await;
        Coach(world)
    }

    /// Chooses files, and waits until each of them has a verdict.
    pub async fn choose(&self, files: &[PathBuf]) -> Vec<Outcome> {
        let wanted = self.outcomes().await.len() + files.len();
        self.0.browser.hand_over("#files", files).await;
        self.wait_for(wanted).await
    }

    /// Chooses a folder that holds so many files, and waits until each of them has a verdict.
    pub async fn choose_folder(&self, folder: PathBuf, n_files: usize) -> Vec<Outcome> {
        let wanted = self.outcomes().await.len() + n_files;
        self.0.browser.hand_over("#folder", &[folder]).await;
        self.wait_for(wanted).await
    }

    async fn wait_for(&self, n_outcomes: usize) -> Vec<Outcome> {
        let script = "return !document.querySelector('[data-busy]') &&
            document.querySelectorAll('tr[data-status]').length >= arguments[0]";
        let what = format!("a verdict on each of {n_outcomes} files");
        self.0.browser.until::<bool>(&what, script, vec![Value::from(n_outcomes)]).await;
        self.outcomes().await
    }

    /// The verdicts so far.
    pub async fn outcomes(&self) -> Vec<Outcome> {
        let script = "return [...document.querySelectorAll('tr[data-status]')].map((row) => ({
            file: row.querySelector('th').textContent.trim(),
            status: row.dataset.status,
            code: row.dataset.code,
            words: [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()).join(' '),
            visible: row.checkVisibility() && row.getClientRects().length > 0,
        }))";
        self.0.browser.ask(script, vec![]).await
    }

    /// What the reports show, once all of `n` are there.
    pub async fn reports(&self, n: usize) -> Vec<Value> {
        let script =
            "return document.querySelectorAll('section[data-report]').length === arguments[0]";
        let what = format!("{n} reports");
        self.0.browser.until::<bool>(&what, script, vec![Value::from(n)]).await;
        self.0.browser.ask(REPORTS, vec![]).await
    }

    /// Says of the first report how many people were asked.
    pub async fn asked(&self, roster: &str) {
        self.0.browser.write_anew("“How many people were asked?”", "#roster-0", roster).await;
        self.0.browser.click("“Use this number”", "[data-action='roster']").await;
    }

    /// Waits until the first report says so of how many people it counts.
    pub async fn says(&self, people: &str) {
        let script = "return document.querySelector('[data-n]')?.textContent === arguments[0]";
        self.0.browser.until::<bool>(people, script, vec![Value::from(people)]).await;
    }

    /// Downloads the table; in Chromium and Firefox, where the place is known, returns its text.
    pub async fn csv(&self) -> String {
        self.0.browser.click("“CSV”", "[data-action='csv']").await;
        self.0.browser.downloaded(".csv").await.1
    }
}
