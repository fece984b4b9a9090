//! A browser without a driver, which can be killed at any moment and started again on its profile.
//!
//! The test's own script in the page clicks and says what it sees (see [`crate::server`]); no driver
//! could be told to stop between a click and what follows from it.

use crate::engine::{Engine, chromium_args};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Where a browser is started again and again: its profile and, for WebKit, a screen.
#[derive(Debug)]
pub struct Desk {
    engine: Engine,
    profile: PathBuf,
    screen: Option<(Mortal, String)>,
}

/// A running program. Dropping it kills all of its processes at once, without a warning; so does the
/// end of the test, however it ends.
#[derive(Debug)]
pub struct Mortal {
    keeper: Child,
}

/// Kills its whole group, itself included, as soon as the pipe to it closes.
const KEEPER: &str = r#""$@" </dev/null & cat >/dev/null; kill -KILL 0"#;

/// What keeps Firefox from asking, updating, and doubting itself after a few crashes.
const FIREFOX: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.sessionstore.resume_from_crash", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.startup.max_resumed_crashes", -1);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"#;

impl Desk {
    /// A desk at which nobody sat before.
    #[must_use]
    pub fn new(engine: Engine, profile: PathBuf) -> Self {
        if engine == Engine::Firefox {
            fs::write(profile.join("user.js"), FIREFOX).expect("a profile can be made");
        }
        let screen = (engine == Engine::Webkit).then(|| {
            let mut screen = Mortal::command("Xvfb".as_ref());
            // Without `-noreset` it starts over whenever a browser dies, and refuses the next one meanwhile.
            screen.args(["-displayfd", "1", "-noreset", "-screen", "0", "1400x1000x24"]);
            screen.stderr(Stdio::null());
            let mut screen = Mortal::spawn(screen.stdout(Stdio::piped()));
            let number = screen.keeper.stdout.take().expect("the pipe was asked for");
            let mut line = String::new();
            BufReader::new(number).read_line(&mut line).expect("Xvfb says its number");
            (screen, format!(":{}", line.trim()))
        });
        Desk { engine, profile, screen }
    }

    /// Starts the browser at an address.
    #[must_use]
    pub fn browse(&self, address: &str) -> Mortal {
        let programs = self.engine.programs().expect("asked before");
        let mut command = Mortal::command(&programs.browser);
        match self.engine {
            Engine::Chromium => {
                command.args(chromium_args(Default::default()));
                command.args(["--no-default-browser-check", "--disable-breakpad"]);
                command.arg(format!("--user-data-dir={}", self.profile.display()));
            }
            Engine::Firefox => {
                command.args(["-headless", "-no-remote", "-profile"]).arg(&self.profile);
            }
            // Without a driver MiniBrowser keeps what sites store, as other browsers do.
            Engine::Webkit => {}
        }
        if let Some((_, display)) = &self.screen {
            command.env("DISPLAY", display);
        }
        let homes = ["HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];
        let log = File::create(self.log()).expect("the log can be written");
        command
            .arg(address)
            .envs(homes.map(|name| (name, &self.profile)))
            .stdout(log.try_clone().expect("the log can be shared"))
            .stderr(log);
        Mortal::spawn(&mut command)
    }

    /// Where the browser writes what it has to say.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.profile.join("browser.log")
    }
}

impl Mortal {
    fn command(program: &Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(program);
        command
    }

    fn spawn(command: &mut Command) -> Self {
        let keeper = command.stdin(Stdio::piped()).process_group(0).spawn();
        Mortal { keeper: keeper.expect("the program can be started") }
    }

    /// Whether any process of it still runs.
    fn runs(&self) -> bool {
        let group = self.keeper.id().to_string();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut stats =
            processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
        // `pid (name) state parent group …`; the name may hold anything.
        stats.any(|stat| {
            let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            let fields: Vec<&str> = rest.split_whitespace().collect();
            matches!(fields.as_slice(), [state, _, of, ..] if *of == group && *state != "Z")
        })
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
        let start = Instant::now();
        while self.runs() && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}
