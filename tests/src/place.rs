//! Where things lie on this machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's folder.
#[must_use]
pub fn workspace() -> PathBuf {
    tests().parent().expect("the tests lie in the workspace").to_owned()
}

/// The folder of this package.
#[must_use]
pub fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where published instruments, locales and schemas lie.
#[must_use]
pub fn public() -> PathBuf {
    workspace().join("public")
}

/// The built app: `PLUMBLINE_DIST`, else `dist` in the workspace.
#[must_use]
pub fn dist() -> PathBuf {
    let dist = from_env("PLUMBLINE_DIST").unwrap_or_else(|| workspace().join("dist"));
    assert!(
        dist.join("index.html").is_file(),
        "there is no built app in {}: type `cargo xtask build` first",
        dist.display()
    );
    dist
}

/// The command line: `PLUMBLINE_CLI`, else the debug build in the workspace.
#[must_use]
pub fn command_line() -> PathBuf {
    let program = from_env("PLUMBLINE_CLI").unwrap_or_else(|| target().join("debug/plumbline"));
    assert!(
        program.is_file(),
        "there is no command line at {}: type `cargo build -p plumbline` first",
        program.display()
    );
    program
}

/// The Python that has the packages of `python/requirements.txt`: `PLUMBLINE_PYTHON`, as `cargo xtask test` sets
/// it. Without it there is none, except in CI, where that is a failure.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let python = from_env("PLUMBLINE_PYTHON").or_else(|| program("../python/bin/python"));
    let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(python.is_some() || !is_ci, "PLUMBLINE_PYTHON is not set: `cargo xtask test` sets it");
    if python.is_none() {
        eprintln!("SKIPPED: PLUMBLINE_PYTHON is not set; `cargo xtask test` sets it");
    }
    python
}

/// Cargo's target folder.
#[must_use]
pub fn target() -> PathBuf {
    from_env("CARGO_TARGET_DIR").unwrap_or_else(|| workspace().join("target"))
}

/// The value of a variable that names a path.
#[must_use]
pub fn from_env(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// An empty folder for one test, below the target folder; it stays for whoever looks into a failure.
#[must_use]
pub fn scratch(test: &str) -> PathBuf {
    let name: String =
        test.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let folder = target().join("e2e").join(name);
    // Not there the first time.
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).expect("a folder for the test can be made");
    folder
}

/// The first program of this name in `PATH` or among the tools that `cargo xtask` installs.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let cached =
        env::var_os("HOME").map(|home| Path::new(&home).join(".cache/plumbline/tools/bin"));
    env::split_paths(&path)
        .chain(cached)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
