//! The three browser engines, their drivers, and their end.

use crate::place;
use serde_json::{Value, json};
use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// Chrome, Edge and their kin.
    Chromium,
    /// Firefox.
    Firefox,
    /// Safari's engine, here in its GTK port.
    Webkit,
}

/// Runs one scenario, a function of the engine, in every engine: three tests in a module of its name.
#[macro_export]
macro_rules! in_every_engine {
    ($scenario:ident) => {
        mod $scenario {
            #[test]
            fn chromium() {
                super::$scenario($crate::Engine::Chromium);
            }
            #[test]
            fn firefox() {
                super::$scenario($crate::Engine::Firefox);
            }
            #[test]
            fn webkit() {
                super::$scenario($crate::Engine::Webkit);
            }
        }
    };
}

/// What a session is started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privacy {
    /// As browsers are delivered.
    #[default]
    Usual,
    /// Sites may store nothing (Firefox only: for the others it is done from outside).
    NoStorage,
    /// A private window (not in WebKit, whose every session under a driver is one).
    Private,
}

impl Engine {
    /// All of them.
    pub const ALL: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::Webkit];

    /// Its name in `PLUMBLINE_ENGINES`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::Webkit => "webkit",
        }
    }

    /// Whether to test in this engine. Says so when it will not; fails when it was asked for by
    /// name, or in CI, and cannot.
    #[must_use]
    pub fn is_wanted(self) -> bool {
        let asked = env::var("PLUMBLINE_ENGINES").ok();
        if let Some(asked) = &asked
            && !asked.split(',').any(|name| name.trim() == self.name())
        {
            eprintln!("SKIPPED: {} is not among PLUMBLINE_ENGINES", self.name());
            return false;
        }
        match self.programs() {
            Ok(_) => true,
            Err(missing) => {
                let insists = asked.is_some() || env::var("CI").is_ok_and(|ci| ci == "true");
                assert!(!insists, "{} cannot be tested: {missing}", self.name());
                eprintln!("SKIPPED: {} cannot be tested: {missing}", self.name());
                false
            }
        }
    }

    /// Whether its driver hands out what the console said.
    #[must_use]
    pub fn tells_its_console(self) -> bool {
        self == Engine::Chromium
    }

    pub(crate) fn programs(self) -> Result<Programs, String> {
        let find = |names: &[&str]| {
            names.iter().find_map(|name| place::program(name)).ok_or_else(|| {
                format!("`{}` is not in PATH; `cargo xtask setup` says how to get it", names[0])
            })
        };
        Ok(match self {
            Engine::Chromium => Programs {
                browser: find(&["chromium", "chromium-browser", "google-chrome"])?,
                driver: vec![find(&["chromedriver"])?],
            },
            Engine::Firefox => Programs {
                browser: find(&["firefox-esr", "firefox"])?,
                driver: vec![find(&["geckodriver"])?],
            },
            Engine::Webkit => Programs {
                browser: mini_browser().ok_or("the MiniBrowser of WebKitGTK is not installed")?,
                driver: vec![find(&["xvfb-run"])?, find(&["WebKitWebDriver"])?],
            },
        })
    }

    /// Starts a driver. Each session gets its own: two of the three drivers serve one only.
    #[must_use]
    pub fn start_driver(self) -> Driver {
        let programs = self.programs().expect("asked before");
        let port = free_port();
        let port_arg = format!("--port={port}");
        let args: Vec<&str> = match self {
            Engine::Chromium => vec![&port_arg],
            Engine::Firefox => vec![&port_arg, "--websocket-port=0"],
            Engine::Webkit => vec![&port_arg],
        };
        let driver: Vec<&Path> = programs.driver.iter().map(PathBuf::as_path).collect();
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]);
        match (self, driver.as_slice()) {
            (Engine::Webkit, [screen, driver]) => {
                command.arg(screen).args(["-a", "-s", "-screen 0 1400x1000x24"]).arg(driver);
            }
            (_, driver) => {
                command.args(driver);
            }
        }
        let logs = place::target().join("e2e/drivers");
        fs::create_dir_all(&logs).expect("a folder for the drivers' logs can be made");
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}-{}", self.name(), STARTED.fetch_add(1, Ordering::Relaxed));
        let log = File::create(logs.join(format!("{name}.log")))
            .expect("the driver's log can be written");
        let keeper = command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("the log can be shared"))
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("the driver can be started");
        let driver = Driver { name, port, keeper };
        driver.wait_until_it_listens(self);
        driver
    }

    /// Capabilities of a new session with a fresh profile; downloads go to a folder where the
    /// engine lets us choose.
    #[must_use]
    pub fn capabilities(
        self,
        privacy: Privacy,
        downloads: &Path,
    ) -> serde_json::Map<String, Value> {
        let browser = self.programs().expect("asked before").browser;
        let capabilities = match self {
            Engine::Chromium => json!({
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                "goog:chromeOptions": {
                    "binary": browser,
                    "args": chromium_args(privacy),
                    "prefs": {
                        "download.default_directory": downloads,
                        "download.prompt_for_download": false,
                    },
                },
            }),
            Engine::Firefox => json!({
                "moz:firefoxOptions": {
                    "binary": browser,
                    "args": ["-headless", "-width", "1280", "-height", "900"],
                    "prefs": {
                        "browser.download.folderList": 2,
                        "browser.download.dir": downloads,
                        "browser.helperApps.neverAsk.saveToDisk":
                            "text/csv,text/calendar,application/json,application/jose+json",
                        "ui.prefersReducedMotion": 1,
                        // 2: no site may store anything; 5: the browser's own default.
                        "network.cookie.cookieBehavior":
                            if privacy == Privacy::NoStorage { 2 } else { 5 },
                        "browser.privatebrowsing.autostart": privacy == Privacy::Private,
                    },
                },
            }),
            Engine::Webkit => json!({
                "webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]},
            }),
        };
        match capabilities {
            Value::Object(capabilities) => capabilities,
            _ => serde_json::Map::new(),
        }
    }
}

/// How Chromium is started, beside what a driver adds.
pub(crate) fn chromium_args(privacy: Privacy) -> Vec<&'static str> {
    let mut args = vec![
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-prefers-reduced-motion",
        // Anything but this machine does not exist.
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--window-size=1280,900",
    ];
    if privacy == Privacy::Private {
        args.push("--incognito");
    }
    args
}

pub(crate) struct Programs {
    pub(crate) browser: PathBuf,
    /// The driver, and before it what it has to be started with.
    pub(crate) driver: Vec<PathBuf>,
}

/// The browser that comes with WebKitGTK lies outside of PATH, in a folder named after machine and
/// library version.
fn mini_browser() -> Option<PathBuf> {
    let libraries = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let folders = libraries.chain([PathBuf::from("/usr/libexec")]);
    let candidates = folders.flat_map(|folder| {
        ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]
            .map(|library| folder.join(library).join("MiniBrowser"))
    });
    candidates.into_iter().find(|candidate| candidate.is_file())
}

/// Runs a driver until the test program ends, in whatever way it ends: then the pipe to it closes.
/// Browsers keep their profiles in the temporary folder, which goes with them.
const KEEPER: &str = r#"
TMPDIR=$(mktemp -d) && export TMPDIR || exit 1
"$@" </dev/null &
trap : TERM
cat >/dev/null
kill -TERM 0
wait
rm -rf "$TMPDIR" 2>/dev/null || { sleep 1; rm -rf "$TMPDIR"; }
"#;

/// A running driver with its browser; both end when it is dropped.
#[derive(Debug)]
pub struct Driver {
    name: String,
    port: u16,
    keeper: Child,
}

impl Driver {
    /// Engine and number.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it takes commands.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait_until_it_listens(&self, engine: Engine) {
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "the driver of {} did not start: see target/e2e/drivers",
                engine.name()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closing the pipe ends the driver; waiting for that keeps two browsers from fighting for
        // two processors.
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("the listener has an address").port()
}
