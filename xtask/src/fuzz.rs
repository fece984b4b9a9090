//! The fuzz targets, built as cargo-fuzz builds them but by the everyday compiler, and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist;
use crate::step::{Failure, Result, not_started, output, run};

const TARGETS: [&str; 10] = [
    "result",
    "sealed",
    "link",
    "key_backup",
    "group_report",
    "tally",
    "definition",
    "csv",
    "explain",
    "import",
];

/// Instrumentation for libFuzzer: which edges were reached, and what was compared with what. An address sanitizer
/// would need another compiler and find little: the code under test has no unsafe block.
const RUSTFLAGS: &str = "-Dwarnings --cfg=fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

#[derive(Debug, PartialEq)]
pub struct Options {
    targets: Vec<&'static str>,
    seconds: u32,
}

impl Options {
    pub fn parse(args: &[&str]) -> Result<Self> {
        let mut options = Self { targets: Vec::new(), seconds: 60 };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if *arg == "--seconds" {
                let seconds = args.next().and_then(|seconds| seconds.parse().ok());
                options.seconds = seconds
                    .filter(|seconds| *seconds > 0)
                    .ok_or_else(|| crate::usage("--seconds needs a number"))?;
            } else {
                let target = TARGETS.into_iter().find(|target| target == arg).ok_or_else(|| {
                    let known = TARGETS.join(", ");
                    crate::usage(&format!("`{arg}` is no fuzz target; there are {known}"))
                })?;
                options.targets.push(target);
            }
        }
        if options.targets.is_empty() {
            options.targets.extend(TARGETS);
        }
        Ok(options)
    }
}

/// Looks for something new, as long as wanted. What it finds worth keeping stays below the target directory.
pub fn explore(options: &Options) -> Result<()> {
    let programs = build()?;
    for target in &options.targets {
        let found = programs.corpus(target)?;
        let seconds = format!("-max_total_time={}", options.seconds);
        println!("fuzzing {target} for {} s", options.seconds);
        let advice = advice(target);
        run(programs.command(target, &found)?.arg(&seconds), &advice)?;
    }
    Ok(())
}

/// A few thousand runs of each target over what is committed, the same each time.
pub fn check() -> Result<()> {
    let programs = build()?;
    for target in TARGETS {
        let found = programs.corpus(target)?.join("checked");
        // Not there the first time.
        fs::remove_dir_all(&found).ok();
        fs::create_dir_all(&found).map_err(|error| not_made(&found, &error))?;
        let mut command = programs.command(target, &found)?;
        command.args(["-seed=1", "-runs=3000", "-max_total_time=5", "-verbosity=0"]);
        // What it says is for whoever explores, unless it found something.
        let ended = command.output().map_err(|error| not_started(&command, &error))?;
        if !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.stderr);
            return Err(Failure::new(format!("{said}\n`{target}` failed"), advice(target)));
        }
    }
    println!("{} fuzz targets found nothing", TARGETS.len());
    Ok(())
}

/// Where the programs of all targets were built, and what they found.
struct Programs {
    folder: PathBuf,
    found: PathBuf,
}

impl Programs {
    /// A folder for the inputs that one target finds worth keeping.
    fn corpus(&self, target: &str) -> Result<PathBuf> {
        let folder = self.found.join(target);
        fs::create_dir_all(&folder).map_err(|error| not_made(&folder, &error))?;
        Ok(folder)
    }

    /// One target over what is committed; what is new goes to `found`.
    fn command(&self, target: &str, found: &Path) -> Result<Command> {
        let artifacts = artifacts(target);
        fs::create_dir_all(&artifacts).map_err(|error| not_made(Path::new(&artifacts), &error))?;
        let mut command = Command::new(self.folder.join(target));
        command
            .args(["-timeout=20", "-max_len=4096"])
            .arg(format!("-artifact_prefix={artifacts}"))
            .arg(found)
            .arg(format!("fuzz/corpus/{target}"));
        Ok(command)
    }
}

/// Where an input is kept that broke a target.
fn artifacts(target: &str) -> String {
    format!("fuzz/artifacts/{target}/")
}

fn advice(target: &str) -> String {
    let artifacts = artifacts(target);
    format!(
        "the input lies in {artifacts}: mend what it shows, then keep it in fuzz/corpus/{target}, by a name that says \
         what it is"
    )
}

fn build() -> Result<Programs> {
    let version = output(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or_else(|| {
        Failure::new("rustc does not say what machine this is", "reinstall it with rustup")
    })?;
    let target_dir = dist::target_dir()?.join("fuzz");
    run(
        Command::new("cargo")
            .args(["build", "--release", "--bins", "--quiet"])
            .args(["--manifest-path", "fuzz/Cargo.toml"])
            // With a target named, the flags below are not for build scripts.
            .args(["--target", host])
            .arg("--target-dir")
            .arg(&target_dir)
            .env("RUSTFLAGS", RUSTFLAGS),
        "see the compiler's message above; libFuzzer itself needs a C++ compiler",
    )?;
    Ok(Programs { folder: target_dir.join(host).join("release"), found: target_dir.join("found") })
}

fn not_made(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot make {}: {error}", folder.display()), "free some disk space")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test should stop at the line that failed")]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let parse = |args: &[&str]| Options::parse(args).ok();
        let all = TARGETS.to_vec();
        assert_eq!(parse(&[]), Some(Options { targets: all.clone(), seconds: 60 }));
        assert_eq!(
            parse(&["link", "--seconds", "5", "csv"]),
            Some(Options { targets: vec!["link", "csv"], seconds: 5 })
        );
        assert_eq!(parse(&["--seconds", "600"]), Some(Options { targets: all, seconds: 600 }));
        assert_eq!(parse(&["everything"]), None);
        assert_eq!(parse(&["--seconds"]), None);
        assert_eq!(parse(&["--seconds", "0"]), None);
    }

    /// Every target has its program and something to begin with, small enough to be committed.
    #[test]
    fn targets_are_what_the_folder_holds() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let names = |folder: &str| {
            let entries = fs::read_dir(fuzz.join(folder)).unwrap().flatten();
            let mut names: Vec<String> = entries
                .map(|entry| entry.path().file_stem().unwrap().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        let mut targets: Vec<String> = TARGETS.map(str::to_owned).to_vec();
        targets.sort();
        assert_eq!(names("fuzz_targets"), targets);
        assert_eq!(names("corpus"), targets);
        for target in TARGETS {
            let inputs = fs::read_dir(fuzz.join("corpus").join(target)).unwrap().flatten();
            let sizes: Vec<u64> = inputs.map(|input| input.metadata().unwrap().len()).collect();
            assert!((1..=100).contains(&sizes.len()), "{target}: {} inputs", sizes.len());
            assert!(sizes.iter().all(|size| *size <= 4096), "{target}: a large input");
        }
    }
}
