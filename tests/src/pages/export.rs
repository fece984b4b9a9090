use crate::browser::World;
use serde_json::Value;

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
        self.download_as("jws").await
    }

    /// As [`Export::download`], for a sealed file.
    pub async fn download_sealed(&self) -> String {
        self.download_as("jwe").await
    }

    async fn download_as(&self, form: &str) -> String {
        self.0.browser.click("“Download”", "[data-action='download']").await;
        self.0.browser.downloaded(&format!(".result.{form}.json")).await.1
    }

    /// The recovery code, where one is shown.
    pub async fn recovery_code(&self) -> Option<String> {
        let script =
            "return document.querySelector('[data-recovery-code]')?.textContent.trim() ?? null";
        self.0.browser.ask(script, vec![]).await
    }

    /// Enters a recovery code; returns the code of the failure, if there was one.
    pub async fn recover(&self, code: &str) -> Option<String> {
        self.open_key_choice().await;
        let script = "document.querySelector('#recovery-code').value = ''";
        self.0.browser.ask::<Value>(script, vec![]).await;
        self.0.browser.write("the recovery code", "#recovery-code", code).await;
        self.0.browser.click("“Use this code”", "[data-action='recover']").await;
        self.told().await
    }

    /// Asks for a key of a new person.
    pub async fn become_new(&self) -> Option<String> {
        self.open_key_choice().await;
        self.0.browser.click("“Start as a new person”", "[data-action='new-person']").await;
        self.told().await
    }

    /// Delivers the file as the link says; returns the code of the failure, if there was one.
    pub async fn send(&self) -> Option<String> {
        self.0.browser.click("“Send”", "[data-action='send']").await;
        self.told().await
    }

    async fn open_key_choice(&self) {
        let script = "document.querySelector('details:has(#recovery-code)').open = true";
        self.0.browser.ask::<Value>(script, vec![]).await;
    }

    /// Waits for what the page says of an action: the code of a failure, or none.
    async fn told(&self) -> Option<String> {
        let script = "const told = document.querySelector('main [role=status] :is([data-error], .calm):not([data-seen])');
            if (told) told.dataset.seen = '';
            return told ? { code: told.dataset.error ?? null } : null";
        let told: Value = self.0.browser.until("word of what happened", script, vec![]).await;
        told["code"].as_str().map(str::to_owned)
    }
}
