//! Every check and test, in the order in which they fail fastest, and the sum of them.

use std::env;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::dist;
use crate::fuzz;
use crate::step::{Failure, Result, elapsed, not_started, run};
use crate::tools::{self, Tools};

/// A browser engine, and the programs that drive it: of each group, one must be there.
#[derive(Debug, PartialEq)]
struct Engine {
    name: &'static str,
    programs: &'static [&'static [&'static str]],
}

const ENGINES: [Engine; 3] = [
    Engine {
        name: "chromium",
        programs: &[&["chromium", "chromium-browser", "google-chrome"], &["chromedriver"]],
    },
    Engine { name: "firefox", programs: &[&["firefox-esr", "firefox"], &["geckodriver"]] },
    Engine { name: "webkit", programs: &[&["WebKitWebDriver"], &["xvfb-run"]] },
];

impl Engine {
    /// The first program that is missing, if any.
    fn missing(&self, tools: &Tools) -> Option<&'static str> {
        let missing = |group: &&&[&'static str]| !group.iter().any(|program| tools.has(program));
        self.programs.iter().find(missing)?.first().copied()
    }
}

#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// Only tests whose names contain one of these.
    names: Vec<String>,
    /// Empty for all.
    engines: Vec<&'static str>,
    ci: bool,
    /// Only the tests that take too long for every day.
    scale: bool,
}

impl Options {
    pub fn parse(args: &[&str]) -> Result<Self> {
        let mut options =
            Self { ci: env::var("CI").is_ok_and(|ci| ci == "true"), ..Self::default() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if *arg == "--engine" {
                let name = args.next().copied().unwrap_or_default();
                let engine = ENGINES.iter().find(|engine| engine.name == name);
                let engine = engine
                    .ok_or_else(|| crate::usage("--engine needs chromium, firefox or webkit"))?;
                options.engines.push(engine.name);
            } else if *arg == "--scale" {
                options.scale = true;
            } else if arg.starts_with('-') {
                return Err(crate::usage(&format!("`test` does not know `{arg}`")));
            } else {
                options.names.push((*arg).to_owned());
            }
        }
        if options.scale && !(options.names.is_empty() && options.engines.is_empty()) {
            return Err(crate::usage("--scale stands alone"));
        }
        Ok(options)
    }

    pub fn ci() -> Self {
        Self { ci: true, ..Self::default() }
    }

    fn wants(&self, engine: &Engine) -> bool {
        self.engines.is_empty() || self.engines.contains(&engine.name)
    }

    /// In CI an engine that is not there is a fault; so it is where it was asked for by name.
    fn insists_on_engines(&self) -> bool {
        self.ci || !self.engines.is_empty()
    }
}

/// Runs all of it, whatever fails on the way. The last line of its output is the sum.
pub fn run_all(options: &Options) -> Result<ExitCode> {
    let start = Instant::now();
    let mut tally = Tally::default();
    let purpose = if options.scale { tools::For::Scale } else { tools::For::Testing };
    let tools = match tools::set_up(purpose) {
        Ok(tools) => Some(tools),
        Err(failure) => {
            println!("{failure}\nwithout the tools, only what needs none of them is run");
            tally.failed.push("setup".into());
            None
        }
    };

    let mut steps = if options.scale { Vec::new() } else { native_steps(options) };
    match &tools {
        Some(tools) if options.scale => steps.extend(scale_steps(tools)?),
        Some(tools) => {
            let engines = engines(tools, options, &mut tally);
            steps.extend(browser_steps(tools, options, &engines)?);
        }
        None => {}
    }
    if !options.names.is_empty() {
        steps.retain(|step| !step.is_lint);
    }

    let count = steps.len();
    for (step_idx, step) in steps.into_iter().enumerate() {
        println!("\n== {} of {count}: {}", step_idx + 1, step.name);
        step.run(&mut tally);
    }
    if !options.names.is_empty() && tally.tests == 0 {
        let names = options.names.join("`, `");
        tally.failed.push(format!("no test has `{names}` in its name"));
    }

    println!("\nall of it took {}", elapsed(start.elapsed()));
    println!("{}", tally.summary());
    Ok(tally.exit_code())
}

/// The engines to test in. A missing one is a failure or a loud skip.
fn engines(tools: &Tools, options: &Options, tally: &mut Tally) -> Vec<&'static str> {
    let mut found = Vec::new();
    for engine in ENGINES.iter().filter(|engine| options.wants(engine)) {
        let Some(program) = engine.missing(tools) else {
            found.push(engine.name);
            continue;
        };
        let advice = tools.unmet().map_or("install it, with its driver", |failure| &failure.advice);
        let what = format!("{}: `{program}` is not in PATH; to do: {advice}", engine.name);
        println!("MISSING ENGINE {what}");
        if options.insists_on_engines() {
            tally.failed.push(what);
        } else {
            tally.skipped.push(what);
        }
    }
    found
}

struct Step<'a> {
    name: &'static str,
    work: Work<'a>,
    /// Steps without which this one says nothing.
    needs: &'static [&'static str],
    /// Left out where tests are asked for by name.
    is_lint: bool,
}

enum Work<'a> {
    /// Counts as one, passed or failed.
    Check(Box<dyn FnOnce() -> Result<()> + 'a>),
    /// A `cargo test`: each test counts.
    Tests(Command),
}

impl<'a> Step<'a> {
    fn check(name: &'static str, work: impl FnOnce() -> Result<()> + 'a) -> Self {
        Self { name, work: Work::Check(Box::new(work)), needs: &[], is_lint: false }
    }

    fn cargo(name: &'static str, args: &'static [&'static str], advice: &'static str) -> Self {
        Self::check(name, move || run(Command::new("cargo").args(args), advice))
    }

    fn lint(name: &'static str, args: &'static [&'static str], advice: &'static str) -> Self {
        Self { is_lint: true, ..Self::cargo(name, args, advice) }
    }

    fn tests(name: &'static str, command: Command) -> Self {
        Self { name, work: Work::Tests(command), needs: &[], is_lint: false }
    }

    fn needing(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }

    fn run(self, tally: &mut Tally) {
        let start = Instant::now();
        if let Some(need) =
            self.needs.iter().find(|need| tally.failed.iter().any(|name| name == *need))
        {
            println!("not run, because `{need}` failed");
            tally.failed.push(self.name.into());
            return;
        }
        let said = match self.work {
            Work::Check(work) => match work() {
                Ok(()) => {
                    tally.passed += 1;
                    "passed".to_owned()
                }
                Err(failure) => {
                    tally.failed.push(self.name.into());
                    failure.to_string()
                }
            },
            Work::Tests(mut command) => match tee(&mut command) {
                Ok((text, succeeded)) => {
                    let results = TestResults::parse(&text);
                    let said = results.to_string();
                    tally.add(self.name, results, succeeded);
                    said
                }
                Err(failure) => {
                    tally.failed.push(self.name.into());
                    failure.to_string()
                }
            },
        };
        println!("{}: {said} ({})", self.name, elapsed(start.elapsed()));
    }
}

/// `cargo test` of one package, all of it even after a failure.
fn cargo_test(package: &str, names: &[String]) -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--package", package, "--no-fail-fast"]);
    if !names.is_empty() {
        command.arg("--").args(names);
    }
    command
}

fn native_steps<'a>(options: &Options) -> Vec<Step<'a>> {
    vec![
        Step::lint("format", &["fmt", "--all", "--check"], "run `cargo fmt --all`"),
        Step::lint(
            "format of the fuzz targets",
            &["fmt", "--manifest-path=fuzz/Cargo.toml", "--check"],
            "run `cargo fmt --manifest-path=fuzz/Cargo.toml`",
        ),
        Step::lint(
            "clippy",
            &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            "mend what clippy names above",
        ),
        Step::tests("xtask", cargo_test("xtask", &options.names)),
        Step::tests("scoring", cargo_test("scoring", &options.names)),
        Step::tests("command line", cargo_test("plumbline", &options.names)),
        // What needs no browser: its state transitions, charts and texts.
        Step::tests("app without a browser", cargo_test("app", &options.names)),
        Step { is_lint: true, ..Step::check("fuzz targets", fuzz::check) },
    ]
}

const APP: &str = "app";
const PARITY: &str = "scoring for WebAssembly";
const COMMAND_LINE: &str = "command line program";

fn browser_steps<'a>(
    tools: &'a Tools,
    options: &Options,
    engines: &[&str],
) -> Result<Vec<Step<'a>>> {
    let build = "see the compiler's message above";
    Ok(vec![
        Step::lint(
            "clippy for the browser",
            &["clippy", "--package=app", "--target=wasm32-unknown-unknown", "--", "-Dwarnings"],
            "mend what clippy names above",
        ),
        Step::check(APP, || dist::build(tools)),
        Step::check("size of a first visit", || dist::measure(tools)).needing(&[APP]),
        Step::check(PARITY, || {
            let args =
                ["build", "--package=parity", "--target=wasm32-unknown-unknown", "--profile=wasm"];
            run(dist::for_size(&mut Command::new("cargo")).args(args), build)
        }),
        Step::cargo(COMMAND_LINE, &["build", "--package=plumbline"], build),
        Step::tests("journeys", journeys(tools, options, engines)?).needing(&[
            APP,
            PARITY,
            COMMAND_LINE,
        ]),
    ])
}

const FAST_COMMAND_LINE: &str = "command line program, optimized";

/// Very many files, on one machine and on an Apache Spark cluster.
fn scale_steps(tools: &Tools) -> Result<Vec<Step<'_>>> {
    let target = dist::target_dir()?;
    let build: &[&str] = &["build", "--release", "--package=plumbline"];
    Ok(vec![
        Step::cargo(FAST_COMMAND_LINE, build, "see the compiler's message above"),
        Step::check("Spark, with a worker killed", move || {
            let mut command = Command::new(tools.python());
            command.arg("spark/scale.py").arg(target.join("release/plumbline"));
            run(command.arg(target.join("scale")), "see what it says above")
        })
        .needing(&[FAST_COMMAND_LINE]),
    ])
}

/// The end-to-end tests find everything that was built for them in their environment.
fn journeys(tools: &Tools, options: &Options, engines: &[&str]) -> Result<Command> {
    let target = dist::target_dir()?;
    let built = |path: &str| -> PathBuf { target.join(path) };
    let mut command = cargo_test("e2e", &options.names);
    command
        .env("PATH", tools.path())
        .env("PLUMBLINE_ENGINES", engines.join(","))
        .env("PLUMBLINE_DIST", dist::absolute_path()?)
        .env("PLUMBLINE_CLI", built("debug/plumbline"))
        .env("PLUMBLINE_PYTHON", tools.python())
        .env("PLUMBLINE_PARITY_WASM", built("wasm32-unknown-unknown/wasm/parity.wasm"))
        .env("PLUMBLINE_FIRST_VISIT", dist::report_path()?);
    if options.ci {
        command.env("CI", "true");
    }
    Ok(command)
}

/// Runs a program, shows what it writes as it writes it, and keeps it. Also says whether it succeeded.
fn tee(command: &mut Command) -> Result<(String, bool)> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    let lost = |error: io::Error| {
        Failure::new(
            format!("the output of the tests was lost: {error}"),
            "see that the disk is not full and the terminal still open",
        )
    };
    let mut kept = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        let mut shown = io::stdout();
        let mut chunk = [0; 4096];
        loop {
            let length = stdout.read(&mut chunk).map_err(lost)?;
            let Some(read @ [_, ..]) = chunk.get(..length) else {
                break;
            };
            kept.extend_from_slice(read);
            shown.write_all(read).and_then(|()| shown.flush()).map_err(lost)?;
        }
    }
    let status = child.wait().map_err(lost)?;
    Ok((String::from_utf8_lossy(&kept).into_owned(), status.success()))
}

/// What the test programs of one `cargo test` said, summed up.
#[derive(Debug, Default, PartialEq)]
struct TestResults {
    passed: usize,
    failed: Vec<String>,
    ignored: usize,
    /// Test programs that were killed or crashed before they said how it went.
    unfinished: usize,
    /// What tests could not look into here, and why.
    skipped: Vec<String>,
}

impl TestResults {
    fn parse(text: &str) -> Self {
        let mut results = Self::default();
        let mut started = 0_usize;
        let mut ended = 0_usize;
        // A failed program prints its failures twice, both times below this heading: outputs first, then bare names.
        let mut names = Vec::new();
        for line in text.lines() {
            if line == "failures:" {
                names.clear();
            } else if let Some(name) = line.strip_prefix("    ") {
                names.push(name.to_owned());
            } else if let Some(skipped) = line.strip_prefix("SKIPPED ") {
                results.skipped.push(skipped.to_owned());
            } else if is_start(line) {
                started += 1;
                names.clear();
            } else if let Some(counts) = line.strip_prefix("test result: ") {
                ended += 1;
                results.passed += count(counts, "passed");
                results.ignored += count(counts, "ignored");
                names.truncate(count(counts, "failed"));
                names.resize(count(counts, "failed"), "a test without a name".into());
                results.failed.append(&mut names);
            }
        }
        results.unfinished = started.saturating_sub(ended);
        results
    }
}

/// `running 12 tests`
fn is_start(line: &str) -> bool {
    line.strip_prefix("running ")
        .and_then(|rest| rest.split_once(' '))
        .is_some_and(|(number, rest)| number.parse::<usize>().is_ok() && rest.starts_with("test"))
}

/// The number before `what` in `ok. 12 passed; 0 failed; …`.
fn count(counts: &str, what: &str) -> usize {
    let mut words = counts.split([' ', ';', '.']).filter(|word| !word.is_empty());
    let mut before = "";
    words
        .find_map(|word| {
            let number = (word == what).then(|| before.parse().unwrap_or(0));
            before = word;
            number
        })
        .unwrap_or(0)
}

impl std::fmt::Display for TestResults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed.len() + self.unfinished)?;
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    /// Names of failed checks, and of failed tests behind that of their step.
    failed: Vec<String>,
    skipped: Vec<String>,
    /// Tests that ran, as opposed to checks.
    tests: usize,
}

impl Tally {
    fn add(&mut self, step: &str, results: TestResults, succeeded: bool) {
        self.passed += results.passed;
        self.tests += results.passed + results.failed.len() + results.unfinished;
        let is_explained = !results.failed.is_empty() || results.unfinished > 0;
        self.skipped.extend(results.skipped.iter().map(|skipped| format!("{step}: {skipped}")));
        self.failed.extend(results.failed.iter().map(|test| format!("{step}: {test}")));
        for _ in 0..results.unfinished {
            self.failed.push(format!("{step}: a test program ended before its tests did"));
        }
        if !succeeded && !is_explained {
            self.failed.push(format!("{step}: did not compile, or could not be run"));
        }
    }

    /// Names of failures, then the one line that CI reads.
    fn summary(&self) -> String {
        let mut text = String::new();
        for (title, names) in [("skipped", &self.skipped), ("failed", &self.failed)] {
            for name in names {
                text.push_str(&format!("{title}: {name}\n"));
            }
        }
        text.push_str(&format!("{} passed, {} failed", self.passed, self.failed.len()));
        if !self.skipped.is_empty() {
            text.push_str(&format!(", {} skipped", self.skipped.len()));
        }
        text
    }

    fn exit_code(&self) -> ExitCode {
        if self.failed.is_empty() && self.passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "
running 3 tests
test a::works ... ok
test b::breaks ... FAILED
test c::waits ... ignored

SKIPPED d: there is no such folder here
failures:

---- b::breaks stdout ----
    an indented line of its output

failures:
    b::breaks

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s


running 2 tests
test src/lib.rs - mean (line 3) ... ok
test src/lib.rs - sum (line 9) ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.31s
";

    #[test]
    fn results_of_several_programs_are_added() {
        assert_eq!(
            TestResults::parse(OUTPUT),
            TestResults {
                passed: 3,
                failed: vec!["b::breaks".into()],
                ignored: 1,
                unfinished: 0,
                skipped: vec!["d: there is no such folder here".into()],
            }
        );
    }

    #[test]
    fn a_crashed_program_is_a_failure() {
        let results = TestResults::parse("running 2 tests\ntest a ... ok\n");
        assert_eq!(results.unfinished, 1);

        let mut tally = Tally::default();
        tally.add("journeys", results, false);
        assert_eq!(
            tally.summary(),
            "failed: journeys: a test program ended before its tests did\n0 passed, 1 failed"
        );
    }

    #[test]
    fn a_compiler_error_is_a_failure() {
        let mut tally = Tally { passed: 4, ..Tally::default() };
        tally.add("scoring", TestResults::parse(""), false);
        assert_eq!(tally.summary().lines().last(), Some("4 passed, 1 failed"));
        assert_ne!(tally.exit_code(), ExitCode::SUCCESS);
    }

    #[test]
    fn nothing_run_is_no_success() {
        assert_ne!(Tally::default().exit_code(), ExitCode::SUCCESS);
    }

    #[test]
    fn skipped_engines_end_the_sum() {
        let tally = Tally {
            passed: 9,
            skipped: vec!["webkit: `WebKitWebDriver` is not in PATH".into()],
            ..Tally::default()
        };
        assert_eq!(
            tally.summary(),
            "skipped: webkit: `WebKitWebDriver` is not in PATH\n9 passed, 0 failed, 1 skipped"
        );
    }

    #[test]
    fn options() {
        let parse = |args: &[&str]| {
            Options::parse(args).ok().map(|options| (options.names, options.engines))
        };
        assert_eq!(parse(&[]), Some((vec![], vec![])));
        assert_eq!(
            parse(&["coach", "--engine", "webkit", "--engine", "firefox"]),
            Some((vec!["coach".into()], vec!["webkit", "firefox"]))
        );
        assert_eq!(parse(&["--engine", "opera"]), None);
        assert_eq!(parse(&["--engine"]), None);
        assert_eq!(parse(&["--fast"]), None);
        assert_eq!(parse(&["--scale"]), Some((vec![], vec![])));
        assert_eq!(parse(&["--scale", "coach"]), None);
    }
}
