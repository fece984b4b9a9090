use crate::browser::World;

/// What is kept on this device.
#[derive(Debug)]
pub struct Data<'a>(&'a World);

impl<'a> Data<'a> {
    /// Comes to the page.
    pub async fn open(world: &'a World) -> Self {
        world.open("#/data", "data").await;
        Data(world)
    }

    /// The page, where somebody came to it already.
    #[must_use]
    pub fn here(world: &'a World) -> Self {
        Data(world)
    }

    /// What is listed.
    pub async fn kept(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('[data-kept]')].map((e) => e.textContent)";
        self.0.browser.ask(script, vec![]).await
    }

    /// Saves everything; in Chromium and Firefox, where the place is known, returns its text.
    pub async fn export(&self) -> String {
        self.0.browser.click("“Save everything”", "[data-action='export-data']").await;
        self.0.browser.downloaded(".json").await.1
    }

    /// Deletes everything, and waits until nothing is listed.
    pub async fn delete_all(&self) {
        self.0.browser.click("“Delete everything”", "[data-action='delete-all']").await;
        self.0.browser.click("the confirmation", "[data-action='confirm']").await;
        let script = "return document.querySelectorAll('[data-kept]').length === 0";
        self.0.browser.until::<bool>("an empty list", script, vec![]).await;
    }

    /// How many entries of this app local storage holds.
    pub async fn n_entries(&self) -> usize {
        let script =
            "return Object.keys(localStorage).filter((key) => key.startsWith('plumbline.')).length";
        self.0.browser.ask(script, vec![]).await
    }
}
