use crate::browser::World;
use crate::pages::Report;
use serde_json::json;

/// What is left open, before finishing.
#[derive(Debug)]
pub struct Review<'a>(&'a World);

impl<'a> Review<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        Review(world)
    }

    /// How many links lead back to questions left open.
    pub async fn n_unanswered(&self) -> usize {
        let script = "return document.querySelectorAll('main [data-unanswered]').length";
        self.0.browser.ask(script, vec![json!(null)]).await
    }

    /// Finishes.
    pub async fn finish(self) -> Report<'a> {
        self.0.browser.click("“Finish”", "[data-action='finish']").await;
        self.0.browser.page("report").await;
        Report::of(self.0)
    }
}
