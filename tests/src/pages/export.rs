use crate::browser::World;

/// Making and handing over the file.
#[derive(Debug)]
pub struct Export<'a>(&'a World);

impl<'a> Export<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        Export(world)
    }

    /// What the page says the file will contain.
    pub async fn claims(&self) -> String {
        let script = "return document.querySelector('[data-claims]').textContent";
        self.0.browser.ask(script, vec![]).await
    }

    /// Signs, and returns the text of the file.
    pub async fn sign(&self) -> String {
        self.0.browser.click("“Sign”", "[data-action='sign']").await;
        let script = "return document.querySelector('pre[data-file]')?.textContent || null";
        self.0.browser.until("the signed file", script, vec![]).await
    }

    /// Downloads the file; in Chromium and Firefox, where the place is known, returns its text.
    pub async fn download(&self) -> String {
        self.0.browser.click("“Download”", "[data-action='download']").await;
        self.0.browser.downloaded(".result.jws.json").await.1
    }
}
