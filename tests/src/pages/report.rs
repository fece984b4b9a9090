use crate::browser::World;
use crate::pages::{Export, NinetyDays, PairPart};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The participant's own report.
#[derive(Debug)]
pub struct Report<'a>(&'a World);

impl<'a> Report<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        Report(world)
    }

    /// The printed score of each scale.
    pub async fn values(&self) -> BTreeMap<String, String> {
        let script = "return Object.fromEntries([...document.querySelectorAll('tr[data-scale]')].map((row) =>
            [row.dataset.scale, row.querySelector('td[data-value]').textContent.trim()]))";
        self.0.browser.ask(script, vec![]).await
    }

    /// The verdict's rule, for instruments that have one.
    pub async fn verdict(&self) -> Option<String> {
        let script = "return document.querySelector('[data-verdict]')?.dataset.verdict ?? null";
        self.0.browser.ask(script, vec![]).await
    }

    /// Every other rule that the report states.
    pub async fn rules(&self) -> BTreeSet<String> {
        let script =
            "return [...document.querySelectorAll('[data-rule]')].map((e) => e.dataset.rule)";
        self.0.browser.ask(script, vec![]).await
    }

    /// Opens everything that says why, below an element, and reads it: line by line, as it is shown.
    pub async fn why(&self, of: &str) -> Vec<String> {
        let script = "
            const reasons = [...document.querySelectorAll(`${arguments[0]} details.reasons`)];
            reasons.forEach((one) => one.querySelector('summary').click());
            return reasons.flatMap((one) => one.innerText.split('\\n')).map((line) => line.trim()).filter(Boolean)";
        let lines = self.0.browser.ask(script, vec![json!(of)]).await;
        self.0.browser.settle().await;
        lines
    }

    /// Where the verdict leads on to.
    pub async fn leads_on(&self) -> Option<String> {
        let script = "return document.querySelector('[data-action=plan]')?.hash ?? null";
        self.0.browser.ask(script, vec![]).await
    }

    /// Follows the verdict's link to a plan.
    pub async fn to_plan(self) -> NinetyDays<'a> {
        self.0.browser.click("the link to a plan", "[data-action=plan]").await;
        self.0.browser.page("plan-new").await;
        NinetyDays::write(self.0, "").await
    }

    /// How many sentences of rules and of bands there are, and how many of them say why.
    pub async fn traced(&self) -> (usize, usize) {
        let script = "
            const said = [...document.querySelectorAll('[data-rule], [data-verdict], .meanings dd')];
            const saysWhy = (e) => e.querySelector('details.reasons .grounds')?.textContent.trim().length > 20;
            return [said.length, said.filter(saysWhy).length]";
        self.0.browser.ask(script, vec![]).await
    }

    /// Charts without a text that says what they show, by their place on the page.
    pub async fn silent_charts(&self) -> Vec<usize> {
        let script = "return [...document.querySelectorAll('main canvas')].flatMap((canvas, idx) =>
            canvas.getAttribute('aria-label')?.length > 20 && canvas.width > 0 ? [] : [idx])";
        self.0.browser.ask(script, vec![]).await
    }

    /// Goes on to the leader's own answers beside their manager's.
    pub async fn to_pair(self) -> PairPart<'a> {
        self.0.browser.click("“Compare”", "[data-action='to-pair']").await;
        self.0.browser.page("own-pair").await;
        PairPart::of(self.0)
    }

    /// Goes on to the file.
    pub async fn to_export(self) -> Export<'a> {
        self.0.browser.click("the link to the file", "[data-action='to-export']").await;
        self.0.browser.page("export").await;
        Export::of(self.0)
    }
}
