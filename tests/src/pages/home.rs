use super::cohort::finish;
use crate::browser::World;
use crate::pages::{Report, Survey};
use scoring::answers::AnswerSheet;

/// The list of instruments.
#[derive(Debug)]
pub struct Home<'a>(&'a World);

impl<'a> Home<'a> {
    /// Comes to the app as a stranger does: by its bare address.
    pub async fn open(world: &'a World) -> Self {
        world.open("", "home").await;
        Home(world)
    }

    /// Follows the link to an instrument.
    pub async fn choose(self, instrument: &str) -> Intro<'a> {
        let css = format!("a[data-instrument='{instrument}']");
        self.0.browser.click(&format!("the link to {instrument}"), &css).await;
        self.0.browser.page("intro").await;
        Intro(self.0)
    }
}

/// What an instrument is, before it starts.
#[derive(Debug)]
pub struct Intro<'a>(&'a World);

impl<'a> Intro<'a> {
    /// Comes by a link to the instrument.
    pub async fn open(world: &'a World, instrument: &str, version: &str) -> Self {
        world.open(&format!("#/survey/{instrument}/{version}"), "intro").await;
        Intro(world)
    }

    /// Goes to the report on a survey that is finished with this sheet.
    pub async fn finished_with(
        self,
        instrument: &str,
        version: &str,
        sheet: &AnswerSheet,
    ) -> Report<'a> {
        let keys = format!("{instrument}/{version}/{}", sheet.rater.code());
        finish(self.0, &keys, &format!("survey/{keys}"), sheet).await
    }

    /// Starts, or goes on, in a role.
    pub async fn start(self, rater: &str) -> Survey<'a> {
        let css = format!("[data-action='start'][data-rater='{rater}']");
        self.0.browser.click("“Start”", &css).await;
        self.0.browser.page("answer").await;
        Survey::of(self.0)
    }
}
