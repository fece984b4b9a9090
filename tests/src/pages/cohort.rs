use crate::browser::World;
use crate::pages::{Export, Survey};
use scoring::cohort::VerifiedLink;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a coach's link leads.
#[derive(Debug)]
pub struct Cohort<'a> {
    world: &'a World,
    slug: String,
}

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

    /// Goes to the file of a finished survey.
    pub async fn export(&self, instrument: &str, version: &str) -> Export<'a> {
        let fragment = format!("#/{}/self/export", self.survey(instrument, version));
        let script = "location.hash = arguments[0]";
        self.world.browser.ask::<Value>(script, vec![json!(fragment)]).await;
        self.world.browser.page("export").await;
        Export::of(self.world)
    }
}
