use crate::browser::World;
use scoring::cohort::{VerifiedLink, link_tokens};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A coach's own pages: keys, cohorts, what comes back.
#[derive(Debug)]
pub struct Coaching<'a>(&'a World);

impl<'a> Coaching<'a> {
    /// Comes to the page of keys.
    pub async fn open(world: &'a World) -> Self {
        world.open("#/coach/key", "coach-key").await;
        Coaching(world)
    }

    /// Makes a key and saves its file, without which it is not kept.
    pub async fn make_key(&self, name: &str, passphrase: &str) {
        let browser = &self.0.browser;
        browser.write("the name", "#key-name", name).await;
        browser.write("the passphrase", "#key-passphrase", passphrase).await;
        browser.write("the passphrase", "#key-passphrase-again", passphrase).await;
        browser.click("“Make the key”", "[data-action='make-key']").await;
        browser.click("“Save the key”", "[data-action='save-key']").await;
        browser.click("“New cohort”", "[data-action='to-new']").await;
        browser.page("coach-new").await;
    }

    /// Makes a sealed cohort of one instrument with a question of the coach's own; returns the
    /// address that participants get.
    pub async fn make_cohort(&self, title: &str, wave: &str, instrument: &str) -> String {
        let browser = &self.0.browser;
        browser.write("the title", "#cohort-title", title).await;
        browser.write_anew("the wave", "#cohort-wave", wave).await;
        let of_id = format!("input[name='instrument'][value^='{instrument}']");
        browser.click(instrument, &format!("label:has({of_id})")).await;
        browser.click("“Add a question”", "[data-action='add-cut']").await;
        // The new question takes the focus.
        browser.settle().await;
        browser.write("the question", "fieldset[data-cut] input", "Which site?").await;
        browser.write("its options", "fieldset[data-cut] textarea", "North\nSouth").await;
        let sealed = "return document.querySelector('#cohort-seal').checked";
        assert!(browser.ask::<bool>(sealed, vec![]).await, "sealing is not the default");
        browser.click("“Make the link”", "[data-action='make-link']").await;
        browser.page("coach-cohort").await;
        browser.ask("return document.querySelector('#cohort-link').value", vec![]).await
    }

    /// Makes a cohort of pairs, whose files are not locked, so that a leader can read their manager's.
    pub async fn make_pairs_cohort(&self, title: &str) -> String {
        let browser = &self.0.browser;
        browser.write("the title", "#cohort-title", title).await;
        let instrument = "label:has(input[name='instrument'][value^='leader_180'])";
        browser.click("the leadership survey", instrument).await;
        browser.click("“Lock”", "label:has(#cohort-seal)").await;
        browser.click("“Invite one by one”", "label:has(#cohort-invitation)").await;
        browser.click("“Make the link”", "[data-action='make-link']").await;
        browser.page("coach-cohort").await;
        browser.ask("return document.querySelector('#cohort-link').value", vec![]).await
    }

    /// Types part of a new cohort, with as many questions as it can have, and leaves the page.
    pub async fn begin_cohort(&self, title: &str, questions: [&str; 4]) {
        let browser = &self.0.browser;
        browser.write("the title", "#cohort-title", title).await;
        for (idx, question) in (1..).zip(questions) {
            browser.click("“Add a question”", "[data-action='add-cut']").await;
            browser.settle().await;
            browser.write("a question", &format!("#cut-q{idx}-title"), question).await;
        }
        let hidden = "return document.querySelector(\"[data-action='add-cut']\").checkVisibility()";
        assert!(!browser.ask::<bool>(hidden, vec![]).await, "a fifth question is offered");
        self.0.open("#/coach/cohorts", "coach-cohorts").await;
    }

    /// What stands in the form of a new cohort on coming back to it: its title, and each question.
    pub async fn begun_cohort(&self) -> Vec<String> {
        self.0.open("#/coach/cohorts/new", "coach-new").await;
        self.typed().await
    }

    /// Throws away what was typed before; returns what stands in the form then.
    pub async fn start_over(&self) -> Vec<String> {
        self.0.browser.click("“Start with an empty form”", "[data-action='start-over']").await;
        self.0.browser.settle().await;
        self.typed().await
    }

    async fn typed(&self) -> Vec<String> {
        let script = "const fields = [...document.querySelectorAll('#cohort-title, fieldset[data-cut] input')];
            return fields.length > 0 && fields.map((field) => field.value)";
        self.0.browser.until("the form of a new cohort", script, vec![]).await
    }

    /// Keeps a link as if it had been made here.
    pub async fn keep(&self, link: &VerifiedLink) {
        let script = "localStorage.setItem(`plumbline.1/coach/links/${arguments[0]}`,
            JSON.stringify({ base: location.href.split('#')[0], link: arguments[1] }))";
        let args = vec![json!(link.slug()), json!(link.token())];
        self.0.browser.ask::<Value>(script, args).await;
    }

    /// Comes to a cohort anew, as after closing the browser: keys are locked then.
    pub async fn come_back(&self, link: &VerifiedLink) {
        self.0.browser.go("about:blank").await;
        self.0.open(&format!("#/coach/cohorts/{}", link.slug()), "coach-cohort").await;
    }

    /// Adds sealed files, opens the key for them, and waits until so many results count.
    pub async fn count(&self, files: &[PathBuf], passphrase: &str, n: usize) {
        let browser = &self.0.browser;
        browser.hand_over("#files", files).await;
        let waiting = format!("[data-waiting='{}'] form.unlock", files.len());
        browser.write("the passphrase", &format!("{waiting} input"), passphrase).await;
        browser.click("“Open”", &format!("{waiting} [data-action='unlock']")).await;
        self.counted(n).await;
    }

    /// Waits until so many results count.
    pub async fn counted(&self, n: usize) {
        let script = "return document.querySelector('[data-counted]')?.dataset.counted === String(arguments[0])";
        let what = format!("{n} counted results");
        self.0.browser.until::<bool>(&what, script, vec![json!(n)]).await;
    }

    /// Signs and downloads the group report; in Chromium and Firefox, returns its text.
    pub async fn publish(&self) {
        self.0.browser.click("“Publish”", "[data-action='publish']").await;
    }

    /// What the page “Verify” says of a pasted text: its kind, refusal, and checks that failed.
    pub async fn verify(&self, text: &str) -> (String, String, Vec<String>) {
        self.0.open("#/verify", "verify").await;
        self.verify_too(text).await
    }

    /// [`Coaching::verify`] on the page that is open, beside what was looked at there. Some engines load a page anew
    /// whose address is opened again.
    pub async fn verify_too(&self, text: &str) -> (String, String, Vec<String>) {
        let browser = &self.0.browser;
        // Typing thousands of characters takes the drivers seconds.
        let script =
            "const field = document.querySelector('#verify-text'); field.value = arguments[0];
            field.dispatchEvent(new InputEvent('input', { bubbles: true }))";
        browser.ask::<Value>(script, vec![json!(text)]).await;
        // What was looked at before stays on the page, below.
        let script = "return document.querySelectorAll('article[data-file]').length";
        let before: u64 = browser.ask(script, vec![]).await;
        browser.click("“Check”", "[data-action='verify-text']").await;
        let script = "const files = document.querySelectorAll('article[data-file]');
            const file = files.length > arguments[0] && files[0];
            return file && [file.dataset.kind, file.dataset.refusal,
                [...file.querySelectorAll('li[data-check][data-passed=false]')].map((check) => check.dataset.check)]";
        browser.until("an explanation", script, vec![json!(before)]).await
    }
}

/// The link in an address that a coach copied.
#[must_use]
pub fn link_in(address: &str) -> VerifiedLink {
    let (token, _) = link_tokens(address).expect("an address with a link");
    VerifiedLink::verify(token).expect("a link that was just made")
}
