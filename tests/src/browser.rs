//! One browser session: going places, clicking, waiting for what a person would wait for, and
//! listening for errors.

use crate::engine::{Driver, Engine, Privacy};
use crate::place;
use crate::server::{LISTENER, Manner, Server};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::any::Any;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::{self, Runtime};

/// How long a person would wait before they say that it does not work. Generous: the machine runs
/// two browsers at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// A session of one engine.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    /// Which engine it is.
    pub engine: Engine,
    /// Where its downloads arrive (not in WebKit, whose driver cannot say where).
    pub downloads: PathBuf,
    // Last: the client says goodbye first.
    _driver: Driver,
}

/// What a test's browser and server are like.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The path that the app is served below.
    pub mount: &'a str,
    /// What is served; the built app if not said.
    pub root: Option<&'a Path>,
    /// Whether the console may show errors and places may be asked in vain.
    pub may_be_loud: bool,
    /// What the browser stores.
    pub privacy: Privacy,
    /// A script that runs in every page of the app before its own.
    pub first_script: &'a str,
    /// Whether pages of other origins may frame the app.
    pub may_be_framed: bool,
    /// Whether the test changes the browser such that no other test should get it.
    pub own_session: bool,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Setting {
            mount: "/",
            root: None,
            may_be_loud: false,
            privacy: Privacy::Usual,
            first_script: "",
            may_be_framed: false,
            own_session: false,
        }
    }
}

impl Setting<'_> {
    fn leaves_no_trace(&self) -> bool {
        self.privacy == Privacy::Usual && !self.own_session
    }

    fn server(&self, engine: Engine) -> Server {
        let root = self.root.map_or_else(place::dist, Path::to_owned);
        let listener = if engine.tells_its_console() { "" } else { LISTENER };
        let first_script = format!("{listener}{}", self.first_script);
        let manner = Manner { first_script, may_be_framed: self.may_be_framed };
        Server::start(&root, self.mount, manner)
    }
}

/// What a test has: a browser, the app on servers of its own, a folder of its own.
#[derive(Debug)]
pub struct World {
    /// The browser.
    pub browser: Browser,
    /// The server.
    pub server: Server,
    /// The same app at another origin: as good as another device, of which the browser knows
    /// nothing, and somebody else's site, which can frame the app.
    pub elsewhere: Server,
    /// An empty folder.
    pub folder: PathBuf,
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("a runtime can be made")
    })
}

/// Sessions that no test uses at the moment. They end with this program (see [`Driver`]).
static IDLE: Mutex<Vec<Browser>> = Mutex::new(Vec::new());

/// Runs a test in a browser, unless the engine is missing. Afterwards the console must be free of
/// errors, and nothing may have been asked of any other place than the app's folder.
///
/// WebKitGTK's own process dies now and then (an assertion of its own, a fault in its collector), in a different place
/// each time and without a word of the app's. Such a test begins anew, once and in another browser. It has failed where the
/// page can still be asked anything, and where the browser dies twice.
pub fn in_browser(engine: Engine, name: &str, setting: Setting<'_>, test: impl AsyncFn(&World)) {
    if !engine.is_wanted() {
        return;
    }
    let name = format!("{}-{name}", engine.name());
    let Err(failed) = attempt(engine, &name, setting, &test) else { return };
    let (world, cause) = *failed;
    if engine != Engine::Webkit || runtime().block_on(world.browser.answers()) {
        world.report_and_fail(&name, cause);
    }
    println!("{name}: the browser itself died; once more in another one");
    drop(world);
    if let Err(failed) = attempt(engine, &name, setting, &test) {
        let (world, cause) = *failed;
        world.report_and_fail(&name, cause);
    }
}

type Failed = (World, Box<dyn Any + Send>);

fn attempt(
    engine: Engine,
    name: &str,
    setting: Setting<'_>,
    test: &impl AsyncFn(&World),
) -> Result<(), Box<Failed>> {
    let start = Instant::now();
    let browser = session(engine, setting);
    let world = World {
        browser,
        server: setting.server(engine),
        elsewhere: setting.server(engine),
        folder: place::scratch(name),
    };
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        runtime().block_on(async {
            world.browser.start_afresh().await;
            test(&world).await;
            if !setting.may_be_loud {
                world.check_silence().await;
            }
            if setting.leaves_no_trace() {
                world.browser.leave().await;
            }
        });
    }));
    println!("{name} took {:.1} s", start.elapsed().as_secs_f32());
    match outcome {
        Ok(()) if setting.leaves_no_trace() => {
            IDLE.lock().expect("no test died holding the sessions").push(world.browser);
            Ok(())
        }
        Ok(()) => Ok(()),
        Err(cause) => Err(Box::new((world, cause))),
    }
}

fn session(engine: Engine, setting: Setting<'_>) -> Browser {
    let mut idle = IDLE.lock().expect("no test died holding the sessions");
    match idle.iter().position(|browser| browser.engine == engine) {
        Some(idx) if setting.leaves_no_trace() => idle.swap_remove(idx),
        _ => {
            drop(idle);
            let driver = engine.start_driver();
            runtime().block_on(Browser::start(engine, setting.privacy, driver))
        }
    }
}

impl World {
    /// Opens a page of the app and waits until it is there.
    pub async fn open(&self, fragment: &str, page: &str) {
        self.browser.go(&self.server.url(fragment)).await;
        self.browser.page(page).await;
    }

    /// What the console said so far that a person would see in red.
    pub async fn console_errors(&self) -> Vec<String> {
        let mut errors = self.server.heard();
        errors.extend(self.elsewhere.heard());
        errors.extend(self.browser.console_errors().await);
        errors
    }

    async fn check_silence(&self) {
        let errors = self.console_errors().await;
        assert!(errors.is_empty(), "the console shows errors:\n{}", errors.join("\n"));
        let origins = [self.server.origin(), self.elsewhere.origin()];
        let mut away: Vec<String> = self.browser.requests().await;
        away.retain(|url| !origins.iter().any(|origin| url.starts_with(origin)));
        assert!(away.is_empty(), "the app asked another place: {away:?}");
        let requests = [self.server.requests(), self.elsewhere.requests()].concat();
        let refused: Vec<_> = requests.iter().filter(|request| request.status >= 300).collect();
        assert!(refused.is_empty(), "the app asked for what is not there: {refused:?}");
    }

    fn report_and_fail(&self, name: &str, cause: Box<dyn Any + Send>) -> ! {
        let seen = panic::catch_unwind(AssertUnwindSafe(|| {
            runtime().block_on(async {
                let picture = self.folder.join("screen.png");
                if let Ok(png) = self.browser.client.screenshot().await {
                    fs::write(&picture, png).ok();
                }
                let errors = self.console_errors().await.join("\n  ");
                let state = self.browser.describe().await;
                format!("{state}\nconsole: {errors}\npicture: {}", picture.display())
            })
        }));
        eprintln!("{name} failed.\n{}", seen.unwrap_or_else(|_| "the browser is gone".to_owned()));
        panic::resume_unwind(cause)
    }
}

impl Browser {
    async fn start(engine: Engine, privacy: Privacy, driver: Driver) -> Self {
        let downloads = place::scratch(&format!("downloads-{}", driver.name()));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(engine.capabilities(privacy, &downloads))
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("{} did not start: {error}", engine.name()));
        Browser { client, engine, downloads, _driver: driver }
    }

    /// Whether the page can be asked anything at all.
    async fn answers(&self) -> bool {
        self.client.execute("return 1", Vec::new()).await.is_ok()
    }

    /// Forgets what an earlier test left in the logs.
    async fn start_afresh(&self) {
        self.console_errors().await;
        if self.engine == Engine::Chromium {
            self.log("performance").await;
        }
    }

    /// Leaves one empty tab behind for the next test.
    async fn leave(&self) {
        let tabs = self.client.windows().await.expect("the tabs can be listed");
        let (first, others) = tabs.split_first().expect("one tab is open");
        for tab in others {
            self.client.switch_to_window(tab.clone()).await.expect("the tab is there");
            self.client.close_window().await.expect("the tab can be closed");
        }
        self.client.switch_to_window(first.clone()).await.expect("the tab is there");
        self.client.goto("about:blank").await.expect("the app can be left");
        for file in fs::read_dir(&self.downloads).into_iter().flatten().flatten() {
            fs::remove_file(file.path()).ok();
        }
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url} did not open: {error}"));
    }

    /// Loads the page again, as F5 does.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page can be loaded again");
    }

    /// Opens a tab and goes on in it; returns the tab left behind.
    pub async fn open_tab(&self) -> Tab {
        let here = Tab(self.client.window().await.expect("a tab is open"));
        let new = self.client.new_window(true).await.expect("a tab can be opened");
        self.client.switch_to_window(new.handle).await.expect("the new tab is there");
        here
    }

    /// Goes on in another tab; returns the one left behind.
    pub async fn switch_to(&self, tab: &Tab) -> Tab {
        let here = Tab(self.client.window().await.expect("a tab is open"));
        self.client.switch_to_window(tab.0.clone()).await.expect("the tab is still open");
        here
    }

    /// Closes this tab and goes on in another.
    pub async fn close_tab(&self, then: &Tab) {
        self.client.close_window().await.expect("the tab can be closed");
        self.client.switch_to_window(then.0.clone()).await.expect("the other tab is still open");
    }

    /// Goes on inside the first frame of the page, whose own scripts are asked from then on.
    pub async fn enter_frame(&self) {
        self.client.clone().enter_frame(0).await.expect("the page frames another");
    }

    /// Goes on in the page around the frame.
    pub async fn leave_frame(&self) {
        self.client.clone().enter_parent_frame().await.expect("there is a page around this one");
    }

    /// The address bar's fragment.
    pub async fn fragment(&self) -> String {
        self.ask("return location.hash", vec![]).await
    }

    /// Waits for a page of the app by the name it gives itself.
    pub async fn page(&self, name: &str) {
        // An app that could not start says so, and never will.
        let script = "return document.querySelector('#boot[role=alert]')?.textContent
            ?? (document.querySelector('main')?.dataset.page === arguments[0] && '')";
        let what = format!("the page “{name}”");
        let fault: String = self.until(&what, script, vec![json!(name)]).await;
        assert!(fault.is_empty(), "{fault}");
        self.settle().await;
    }

    /// Waits out the two frames in which a new page moves focus and scrolls. A person is never that
    /// fast, and a click that is aimed before and lands after hits something else.
    pub async fn settle(&self) {
        // A tab in the background has no frames; a busy machine may take its time for two.
        let script = "const done = arguments[arguments.length - 1];
            setTimeout(() => done(null), document.hidden ? 100 : 5000);
            requestAnimationFrame(() => requestAnimationFrame(() => done(null)))";
        // A page that is being left may not answer; whoever waits for the next one will.
        self.client.execute_async(script, vec![]).await.ok();
    }

    /// Runs a script's function body in the page and returns what it returns.
    pub async fn ask<T: DeserializeOwned>(&self, script: &str, args: Vec<Value>) -> T {
        let value = self.client.execute(script, args).await;
        let value = value.unwrap_or_else(|error| panic!("the page did not answer: {error}"));
        serde_json::from_value(value).expect("the page answers in the expected form")
    }

    /// As [`Browser::ask`], for a script that calls its last argument when it is done.
    pub async fn ask_later<T: DeserializeOwned>(&self, script: &str, args: Vec<Value>) -> T {
        let value = self.client.execute_async(script, args).await;
        let value = value.unwrap_or_else(|error| panic!("the page did not answer: {error}"));
        serde_json::from_value(value).expect("the page answers in the expected form")
    }

    /// Asks again and again until the answer is neither null nor false.
    pub async fn until<T: DeserializeOwned>(
        &self,
        what: &str,
        script: &str,
        args: Vec<Value>,
    ) -> T {
        let start = Instant::now();
        loop {
            // A page that is just being left does not answer.
            let answer = self.client.execute(script, args.clone()).await;
            match answer {
                Ok(Value::Null | Value::Bool(false)) => {}
                Ok(value) => {
                    return serde_json::from_value(value)
                        .expect("the page answers in the expected form");
                }
                Err(error) if start.elapsed() > PATIENCE => panic!("waiting for {what}: {error}"),
                Err(_) => {}
            }
            if start.elapsed() > PATIENCE {
                let state = self.describe().await;
                panic!("waited {} s for {what} in vain. {state}", PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks on something as soon as it is there and nothing covers it.
    pub async fn click(&self, what: &str, css: &str) {
        self.with_element(what, css, "clicked", async |element| element.click().await).await;
    }

    /// Types into a field after what it holds; a new line by the Enter key, the only way to type it
    /// that all three drivers know.
    pub async fn write(&self, what: &str, css: &str, text: &str) {
        let keys = text.replace('\n', "\u{e007}");
        self.with_element(what, css, "written to", async |element| element.send_keys(&keys).await)
            .await;
    }

    /// As [`Browser::write`], in the place of what the field holds.
    pub async fn write_anew(&self, what: &str, css: &str, text: &str) {
        self.with_element(what, css, "emptied", async |element| element.clear().await).await;
        self.write(what, css, text).await;
    }

    /// Hands files to a file input.
    pub async fn hand_over(&self, css: &str, files: &[PathBuf]) {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let names = names.join("\n");
        self.with_element("the file input", css, "used", async |element| {
            element.send_keys(&names).await
        })
        .await;
    }

    /// Does something with an element as soon as that can be done, once it is in view: of what is not, WebKit's driver
    /// brings only some there.
    async fn with_element(
        &self,
        what: &str,
        css: &str,
        verb: &str,
        action: impl AsyncFn(&Element) -> Result<(), CmdError>,
    ) {
        let start = Instant::now();
        loop {
            let done = async {
                let element = self.client.find(Locator::Css(css)).await?;
                let args = vec![serde_json::to_value(&element).unwrap_or_default()];
                let script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";
                self.client.execute(script, args).await?;
                action(&element).await
            };
            let Err(error) = done.await else { return };
            if start.elapsed() > PATIENCE {
                let state = self.describe().await;
                panic!("{what} could not be {verb} ({css}): {error}. {state}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses and releases a key on the keyboard, wherever the focus is.
    pub async fn press(&self, key: char) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        self.client.perform_actions(keys).await.expect("keys can be pressed");
    }

    /// Makes the page as wide as this, in light or dark, in Chromium; the other engines have no
    /// such narrow windows.
    pub async fn look_through(&self, width: u32, theme: &str) {
        let size = json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let theme = json!({"features": [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", theme).await;
    }

    /// A picture of the whole page in Chromium, however long, after [`Browser::look_through`].
    pub async fn picture(&self, width: u32) -> Vec<u8> {
        let height: u32 = self.ask("return document.documentElement.scrollHeight", vec![]).await;
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        self.settle().await;
        self.client.screenshot().await.expect("the driver takes pictures")
    }

    /// Waits for a downloaded file and returns its text.
    pub async fn downloaded(&self, name_ends_with: &str) -> (PathBuf, String) {
        let start = Instant::now();
        loop {
            let files = fs::read_dir(&self.downloads).into_iter().flatten().flatten();
            let found = files.map(|entry| entry.path()).find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().ends_with(name_ends_with))
            });
            // Firefox reserves the name first and fills it later.
            if let Some(path) = found
                && let Ok(text) = fs::read_to_string(&path)
                && !text.is_empty()
            {
                return (path, text);
            }
            assert!(
                start.elapsed() < PATIENCE,
                "no file *{name_ends_with} arrived in {}",
                self.downloads.display()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What a person sees, for messages.
    pub async fn describe(&self) -> String {
        let script = "return location.href + ' shows “' + (document.querySelector('main')?.dataset.page ?? 'no page')
            + '”: ' + document.body.innerText.replace(/\\s+/g, ' ').slice(0, 600)";
        match self.client.execute(script, vec![]).await {
            Ok(text) => text.as_str().unwrap_or_default().to_owned(),
            Err(error) => format!("the page cannot be read: {error}"),
        }
    }

    /// Addresses of everything that was asked for since the session began (Chromium) or since the
    /// page was loaded (the others).
    pub async fn requests(&self) -> Vec<String> {
        let is_request = |url: &String| url.starts_with("http") || url.starts_with("ws");
        if self.engine != Engine::Chromium {
            let script =
                "return performance.getEntriesByType('resource').map((entry) => entry.name)";
            let urls: Vec<String> = self.ask(script, vec![]).await;
            return urls.into_iter().filter(is_request).collect();
        }
        let messages = self.log("performance").await;
        let events = messages.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = &message["message"];
            let is_start = event["method"] == "Network.requestWillBeSent";
            is_start.then(|| event["params"]["request"]["url"].as_str().map(str::to_owned))?
        });
        events.filter(is_request).collect()
    }

    async fn console_errors(&self) -> Vec<String> {
        if self.engine != Engine::Chromium {
            return Vec::new();
        }
        let entries = self.log("browser").await;
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        severe.filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect()
    }

    /// Chromium's log of one kind since it was last asked for.
    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.command("se/log", json!({"type": kind})).await;
        entries.as_array().cloned().unwrap_or_default()
    }

    /// A command of Chromium's own protocol.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        self.command("goog/cdp/execute", json!({"cmd": command, "params": params})).await
    }

    async fn command(&self, path: &'static str, body: Value) -> Value {
        let result = self.client.issue_cmd(Vendor { path, body }).await;
        result.unwrap_or_else(|error| panic!("the driver refused {path}: {error}"))
    }
}

/// A tab that is not looked at.
#[derive(Debug, Clone)]
pub struct Tab(fantoccini::wd::WindowHandle);

/// A command that only one vendor's driver has.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(
        &self,
        base_url: &url::Url,
        session_id: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
