use crate::browser::World;
use crate::pages::{Export, Report, Survey};
use scoring::answers::{Answer, AnswerSheet};
use scoring::cohort::VerifiedLink;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a coach's link leads.
#[derive(Debug)]
pub struct Cohort<'a> {
    world: &'a World,
    slug: String,
}

/// Keeps a whole sheet as if it had been answered and finished on this device.
const FINISH_SHEET: &str = "
const [prefix, answers, rankings, texts] = arguments;
const keep = (key, value) => localStorage.setItem(`${prefix}${key}`, JSON.stringify(value));
const now = Math.floor(Date.now() / 1000);
for (const [item, answer] of Object.entries(answers)) if (answer !== null) keep(`answer/${item}`, answer);
for (const [item, picked] of Object.entries(rankings)) keep(`ranking/${item}`, picked);
for (const [item, text] of Object.entries(texts)) keep(`text/${item}`, text);
keep('started_at', now - 60);
keep('finished_at', now)";

/// Keeps a survey as if it had been answered and finished on this device.
const FINISH: &str = "
const [prefix, answers] = arguments;
const now = Math.floor(Date.now() / 1000);
for (const [item, code] of Object.entries(answers)) localStorage.setItem(`${prefix}answer/${item}`, String(code));
localStorage.setItem(`${prefix}started_at`, String(now - 60));
localStorage.setItem(`${prefix}finished_at`, String(now))";

impl<'a> Cohort<'a> {
    /// Comes by a link, as the whole address of it.
    pub async fn follow(world: &'a World, address: &str, link: &VerifiedLink) -> Self {
        world.browser.go(address).await;
        Cohort::arrived(world, link).await
    }

    /// Waits for the page that a link leads to.
    pub async fn arrived(world: &'a World, link: &VerifiedLink) -> Self {
        world.browser.page("cohort").await;
        let cohort = Cohort { world, slug: link.slug() };
        let script = "return document.querySelectorAll('[data-asked]').length === arguments[0]";
        let n_asked = json!(link.claims().instruments.len());
        world.browser.until::<bool>("everything asked for", script, vec![n_asked]).await;
        cohort
    }

    /// What the page says, as text.
    pub async fn text(&self) -> String {
        self.world.browser.ask("return document.querySelector('main').innerText", vec![]).await
    }

    /// The coach's key, as words.
    pub async fn words(&self) -> String {
        let script = "return document.querySelector('[data-words]').textContent";
        self.world.browser.ask(script, vec![]).await
    }

    /// Instruments that can be started, by role.
    pub async fn starts(&self) -> Vec<(String, String)> {
        let script = "return [...document.querySelectorAll('[data-asked] a[data-action=start]')].map((start) =>
            [start.closest('[data-asked]').dataset.asked, start.dataset.rater])";
        self.world.browser.ask(script, vec![]).await
    }

    /// Chooses an option of the coach's own question, counted from 1.
    pub async fn choose_cut(&self, cut: &str, option: usize) {
        let css = format!("fieldset[data-cut='{cut}'] label:nth-of-type({option})");
        self.world.browser.click(&format!("option {option} of “{cut}”"), &css).await;
        assert_eq!(self.chosen_cut(cut).await, Some(option), "the choice shows");
    }

    /// Which option of a coach's question is chosen, counted from 1; the last means “not said”.
    pub async fn chosen_cut(&self, cut: &str) -> Option<usize> {
        let script =
            "const options = [...document.querySelectorAll(`fieldset[data-cut='${arguments[0]}'] input`)];
            return options.findIndex((option) => option.checked) + 1 || null";
        self.world.browser.ask(script, vec![json!(cut)]).await
    }

    /// Starts, or goes on.
    pub async fn start(self, instrument: &str, rater: &str) -> Survey<'a> {
        let css =
            format!("[data-asked='{instrument}'] [data-action='start'][data-rater='{rater}']");
        self.world.browser.click("“Start”", &css).await;
        self.world.browser.page("answer").await;
        Survey::of(self.world)
    }

    /// What the keys of this cohort's survey begin with on the device, after the app's own prefix.
    #[must_use]
    pub fn survey(&self, instrument: &str, version: &str) -> String {
        format!("cohort/{}/{instrument}/{version}", self.slug)
    }

    /// Goes to the file of a survey that is finished with these answers. What lies between is not
    /// walked: other journeys do.
    pub async fn finished(
        &self,
        instrument: &str,
        version: &str,
        answers: &BTreeMap<String, i64>,
    ) -> Export<'a> {
        let survey = self.survey(instrument, version);
        let args = vec![json!(format!("plumbline.1/{survey}/self/")), json!(answers)];
        self.world.browser.ask::<Value>(FINISH, args).await;
        self.export(instrument, version).await
    }

    /// Goes to the report on a survey that is finished with this sheet.
    pub async fn finished_with(
        &self,
        instrument: &str,
        version: &str,
        sheet: &AnswerSheet,
    ) -> Report<'a> {
        let survey = format!("{}/{}", self.survey(instrument, version), sheet.rater.code());
        finish(self.world, &survey, &survey, sheet).await
    }

    /// Goes to the file of a finished survey.
    pub async fn export(&self, instrument: &str, version: &str) -> Export<'a> {
        let fragment = format!("#/{}/self/export", self.survey(instrument, version));
        let script = "location.hash = arguments[0]";
        self.world.browser.ask::<Value>(script, vec![json!(fragment)]).await;
        self.world.browser.page("export").await;
        Export::of(self.world)
    }
}

/// Keeps a whole sheet under the keys of a survey as if it had been answered on this device, and goes to its report.
pub(super) async fn finish<'a>(
    world: &'a World,
    keys: &str,
    address: &str,
    sheet: &AnswerSheet,
) -> Report<'a> {
    let answers: BTreeMap<&String, Value> = sheet
        .answers
        .iter()
        .map(|(item, answer)| {
            let kept = match answer {
                Answer::Code(code) => json!(code),
                Answer::NotApplicable => json!("na"),
                Answer::Skipped => Value::Null,
            };
            (item, kept)
        })
        .collect();
    let rankings: BTreeMap<_, _> = sheet.rankings.iter().collect();
    let texts: BTreeMap<_, _> = sheet.texts.iter().collect();
    let prefix = json!(format!("plumbline.1/{keys}/"));
    let args = vec![prefix, json!(answers), json!(rankings), json!(texts)];
    world.browser.ask::<Value>(FINISH_SHEET, args).await;
    let script = "location.hash = arguments[0]";
    let fragment = json!(format!("#/{address}/report"));
    world.browser.ask::<Value>(script, vec![fragment]).await;
    world.browser.page("report").await;
    Report::of(world)
}
