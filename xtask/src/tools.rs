//! What a build and the tests need from outside, at versions that are known to work together.
//!
//! Tools live outside the target directory, so that neither `cargo clean` nor a fresh clone costs their compile time
//! again. Trunk could download the others itself, but only from code-hosting sites; here everything comes through the
//! package clients that the machine has anyway.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::step::{Failure, Result, elapsed, output, run};

/// 0.22 needs a newer Rust than the one this workspace is pinned to.
const TRUNK: &str = "0.21.14";
const GECKODRIVER: &str = "0.36.0";
const WASM_OPT: NodeTool = NodeTool { package: "binaryen", version: "132.0.0", binary: "wasm-opt" };
const ESBUILD: NodeTool = NodeTool { package: "esbuild", version: "0.28.2", binary: "esbuild" };

/// The compiler of libFuzzer, browsers, their drivers, and the independent calculator of the cohort test.
const TEST_SYSTEM: &[&str] = &[
    "g++",
    "chromium",
    "chromium-driver",
    "firefox-esr",
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "python3-numpy",
    "python3-pandas",
    "python3-scipy",
    "python3-venv",
];

/// What Spark runs on.
const SCALE_SYSTEM: &[&str] = &["openjdk-17-jre-headless", "python3-venv"];

/// Python packages in an environment of their own: nothing that the machine has is touched.
#[derive(Clone, Copy)]
struct PythonPackages {
    /// The environment's folder.
    name: &'static str,
    list: &'static str,
}

const TEST_PYTHON: PythonPackages =
    PythonPackages { name: "python", list: "tests/python/requirements.txt" };
const SCALE_PYTHON: PythonPackages =
    PythonPackages { name: "spark", list: "spark/requirements.txt" };

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    Building,
    Testing,
    /// The tests on an Apache Spark cluster.
    Scale,
}

/// The tools, once they are there.
pub struct Tools {
    path: OsString,
    python: PathBuf,
    unmet: Option<Failure>,
}

impl Tools {
    /// A command that finds our tools before any others of the same name.
    pub fn command(&self, program: &str) -> Command {
        command(program, &self.path)
    }

    /// PATH with our tools in front.
    pub fn path(&self) -> &OsStr {
        &self.path
    }

    /// The Python that has the packages of the tests.
    pub fn python(&self) -> &Path {
        &self.python
    }

    pub fn has(&self, program: &str) -> bool {
        env::split_paths(&self.path).any(|dir| dir.join(program).is_file())
    }

    /// Fails if only an administrator can install the rest. `test` goes on without it, and counts what it could not
    /// run.
    pub fn complete(self) -> Result<()> {
        self.unmet.map_or(Ok(()), Err)?;
        println!("all tools are there");
        Ok(())
    }

    pub fn unmet(&self) -> Option<&Failure> {
        self.unmet.as_ref()
    }
}

/// Installs what is missing; quick when nothing is.
pub fn set_up(purpose: For) -> Result<Tools> {
    let cache = Cache::locate()?;
    let path = cache.search_path()?;
    let needs = needs(purpose)?;
    let missing: Vec<&Need> = needs.iter().filter(|need| !need.is_met(&cache, &path)).collect();

    let mut unmet = None;
    for (step_idx, need) in missing.iter().enumerate() {
        println!("[setup {} of {}] {}", step_idx + 1, missing.len(), need.describe());
        let start = Instant::now();
        match need.install(&cache, &path) {
            Ok(()) => println!("[setup] done in {}", elapsed(start.elapsed())),
            Err(failure) if matches!(need, Need::SystemPackages(_)) => {
                println!("{failure}");
                unmet = Some(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    if missing.iter().any(|need| matches!(need, Need::Program(_))) {
        // About a gigabyte of no more use. That it stays is not worth failing over.
        fs::remove_dir_all(cache.build()).ok();
    }
    let python = if purpose == For::Scale { SCALE_PYTHON } else { TEST_PYTHON };
    Ok(Tools { path, python: cache.python(python), unmet })
}

fn needs(purpose: For) -> Result<Vec<Need>> {
    if purpose == For::Scale {
        return Ok(vec![Need::SystemPackages(SCALE_SYSTEM), Need::PythonPackages(SCALE_PYTHON)]);
    }
    let mut needs = vec![
        Need::WasmTarget,
        Need::StdSource,
        Need::NodeTool(WASM_OPT),
        Need::NodeTool(ESBUILD),
        Need::Program(Program {
            package: "wasm-bindgen-cli",
            binary: "wasm-bindgen",
            version: locked_version("wasm-bindgen")?,
            // The release's own lock file names a package version that not every registry mirror has yet.
            options: &[],
            usual: "40 s",
        }),
        Need::Program(Program {
            package: "trunk",
            binary: "trunk",
            version: TRUNK.into(),
            // The defaults are TLS and a check for updates: Trunk is never online here.
            options: &["--locked", "--no-default-features"],
            usual: "2 minutes",
        }),
    ];
    if purpose == For::Testing {
        needs.extend([
            Need::Component("rustfmt", "fmt"),
            Need::Component("clippy", "clippy"),
            Need::NodePackages,
            Need::SystemPackages(TEST_SYSTEM),
            Need::PythonPackages(TEST_PYTHON),
            Need::Program(Program {
                package: "geckodriver",
                binary: "geckodriver",
                version: GECKODRIVER.into(),
                options: &["--locked"],
                usual: "40 s",
            }),
        ]);
    }
    Ok(needs)
}

enum Need {
    WasmTarget,
    /// The standard library's source: see `dist::for_size`.
    StdSource,
    /// A rustup component, and the cargo command it provides.
    Component(&'static str, &'static str),
    Program(Program),
    NodeTool(NodeTool),
    NodePackages,
    PythonPackages(PythonPackages),
    SystemPackages(&'static [&'static str]),
}

/// A program from the Node registry.
#[derive(Clone, Copy)]
struct NodeTool {
    package: &'static str,
    version: &'static str,
    binary: &'static str,
}

/// A program from a cargo registry.
struct Program {
    package: &'static str,
    binary: &'static str,
    version: String,
    options: &'static [&'static str],
    usual: &'static str,
}

impl Need {
    fn is_met(&self, cache: &Cache, path: &OsStr) -> bool {
        match self {
            Self::WasmTarget => output(
                Command::new("rustc")
                    .args(["--print=target-libdir", "--target=wasm32-unknown-unknown"]),
            )
            .is_some_and(|dir| Path::new(dir.trim_end()).is_dir()),
            Self::StdSource => {
                output(Command::new("rustc").arg("--print=sysroot")).is_some_and(|dir| {
                    Path::new(dir.trim_end())
                        .join("lib/rustlib/src/rust/library/Cargo.lock")
                        .exists()
                })
            }
            Self::Component(_, subcommand) => {
                output(Command::new("cargo").args([subcommand, "--version"])).is_some()
            }
            Self::Program(program) => output(command(program.binary, path).arg("--version"))
                .is_some_and(|text| text.split_whitespace().nth(1) == Some(&program.version)),
            // Asking wasm-opt for its version compiles the whole of binaryen: too slow for every time.
            Self::NodeTool(NodeTool { package, version, binary }) => {
                cache.bin().join(binary).exists()
                    && fs::read_to_string(cache.node_manifest(package))
                        .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
            }
            Self::NodePackages => fs::read(NODE_STAMP)
                .is_ok_and(|stamp| fs::read(NODE_LOCK).is_ok_and(|lock| lock == stamp)),
            Self::PythonPackages(packages) => fs::read(cache.python_stamp(*packages))
                .is_ok_and(|stamp| fs::read(packages.list).is_ok_and(|list| list == stamp)),
            Self::SystemPackages(packages) => missing(packages).is_empty(),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::WasmTarget => "adding the WebAssembly target to Rust".into(),
            Self::StdSource => "adding the standard library's source to Rust".into(),
            Self::Component(name, _) => format!("adding {name} to Rust"),
            Self::Program(program) => format!(
                "compiling {} {} (usually about {} on two cores)",
                program.package, program.version, program.usual
            ),
            Self::NodeTool(tool) => format!("installing {} {}", tool.package, tool.version),
            Self::NodePackages => "installing the Node packages of the tests".into(),
            Self::PythonPackages(packages) => {
                format!("installing the Python packages of {}", packages.list)
            }
            Self::SystemPackages(packages) => {
                format!("installing system packages: {}", missing(packages).join(" "))
            }
        }
    }

    fn install(&self, cache: &Cache, path: &OsStr) -> Result<()> {
        match self {
            Self::WasmTarget => run(
                Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]),
                "check the network, then try again",
            ),
            Self::StdSource => run(
                Command::new("rustup").args(["component", "add", "rust-src"]),
                "check the network, then try again",
            ),
            Self::Component(name, _) => run(
                Command::new("rustup").args(["component", "add", name]),
                "check the network, then try again",
            ),
            Self::Program(program) => program.install(cache),
            Self::NodeTool(tool) => run(
                Command::new("npm")
                    .args(["install", "--global", "--no-audit", "--no-fund", "--prefix"])
                    .arg(&cache.tools)
                    .arg(format!("{}@{}", tool.package, tool.version)),
                "check the network and that Node is version 20 or newer, then try again",
            ),
            Self::NodePackages => install_node_packages(path),
            Self::PythonPackages(packages) => packages.install(cache),
            Self::SystemPackages(packages) => install_system_packages(&missing(packages)),
        }
    }
}

impl Program {
    /// The cheapest profile that does the job: these tools run for seconds, so time spent on optimizing them is lost.
    fn install(&self, cache: &Cache) -> Result<()> {
        run(
            Command::new("cargo")
                .args(["install", self.package, "--version", &self.version])
                .args(["--debug", "--force"])
                .args(self.options)
                .arg("--root")
                .arg(&cache.tools)
                .arg("--target-dir")
                .arg(cache.build())
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
                .env("CARGO_INCREMENTAL", "0"),
            "check the network, the free disk space (1 GB) and the compiler's message above, then try again",
        )
    }
}

const NODE_LOCK: &str = "tests/package-lock.json";
/// The lock file as it was when the packages were installed.
const NODE_STAMP: &str = "tests/node_modules/.installed-lock.json";

fn install_node_packages(path: &OsStr) -> Result<()> {
    if !Path::new(NODE_LOCK).exists() {
        return Err(Failure::new(
            format!("{NODE_LOCK} is missing"),
            "restore it from the repository, or make it anew with `npm install` in tests/",
        ));
    }
    run(
        command("npm", path)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir("tests")
            // Keeps package hosts out of the lock file: any mirror will do, the integrity hashes stay.
            .env("npm_config_omit_lockfile_registry_resolved", "true"),
        "check the network and that tests/package-lock.json fits tests/package.json, then try again",
    )?;
    fs::copy(NODE_LOCK, NODE_STAMP).map(drop).map_err(|error| {
        Failure::new(format!("cannot write {NODE_STAMP}: {error}"), "free some disk space")
    })
}

impl PythonPackages {
    fn install(self, cache: &Cache) -> Result<()> {
        let environment = cache.python_environment(self);
        run(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment),
            "see that Python 3.10 or newer is installed with its `venv` module (Debian: python3-venv)",
        )?;
        run(
            Command::new(cache.python(self))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--requirement", self.list]),
            "check the network, then try again",
        )?;
        let stamp = cache.python_stamp(self);
        fs::copy(self.list, &stamp).map(drop).map_err(|error| {
            let what = format!("cannot write {}: {error}", stamp.display());
            Failure::new(what, "free some disk space")
        })
    }
}

/// Empty where there is no dpkg: what is missing there shows when an engine is looked for.
fn missing(packages: &[&'static str]) -> Vec<&'static str> {
    // dpkg-query fails as soon as it does not know one name, but still lists the others.
    let Ok(known) = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(packages)
        .output()
    else {
        return Vec::new();
    };
    let known = String::from_utf8_lossy(&known.stdout);
    let installed: Vec<&str> =
        known.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    packages.iter().copied().filter(|package| !installed.contains(package)).collect()
}

fn install_system_packages(packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "type `sudo apt-get update && sudo apt-get install -y --no-install-recommends {}`",
        packages.join(" ")
    );
    let is_root = output(Command::new("id").arg("-u")).is_some_and(|id| id.trim_end() == "0");
    if !is_root {
        return Err(Failure::new("only an administrator can install the system packages", by_hand));
    }
    run(Command::new("apt-get").args(["update", "--quiet"]), &by_hand)?;
    run(
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            // Another installation may be under way: wait for it.
            .args(["--option", "DPkg::Lock::Timeout=300"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
        &by_hand,
    )
}

/// The version of a package in Cargo.lock. wasm-bindgen's command line and library must be of the same version, so
/// the number is written nowhere else.
fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string("Cargo.lock").unwrap_or_default();
    version_in_lock(&lock, package).map(Into::into).ok_or_else(|| {
        Failure::new(
            format!("Cargo.lock has no entry for {package}"),
            "restore Cargo.lock from the repository",
        )
    })
}

fn version_in_lock<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

fn command(program: &str, path: &OsStr) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", path);
    command
}

struct Cache {
    /// Laid out as cargo and npm do below a `--root` or `--prefix`.
    tools: PathBuf,
}

impl Cache {
    fn locate() -> Result<Self> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        set("PLUMBLINE_CACHE")
            .or_else(|| Some(set("XDG_CACHE_HOME")?.join("plumbline")))
            .or_else(|| Some(set("HOME")?.join(".cache/plumbline")))
            .and_then(|cache| std::path::absolute(cache).ok())
            .map(|cache| Self { tools: cache.join("tools") })
            .ok_or_else(|| {
                Failure::new(
                    "there is no place to keep the tools: neither PLUMBLINE_CACHE nor HOME is set",
                    "set PLUMBLINE_CACHE to a directory that outlives the build",
                )
            })
    }

    fn bin(&self) -> PathBuf {
        self.tools.join("bin")
    }

    fn build(&self) -> PathBuf {
        self.tools.with_file_name("tools-build")
    }

    fn python_environment(&self, packages: PythonPackages) -> PathBuf {
        self.tools.join(packages.name)
    }

    fn python(&self, packages: PythonPackages) -> PathBuf {
        self.python_environment(packages).join("bin/python")
    }

    /// The list of packages as it was when they were installed.
    fn python_stamp(&self, packages: PythonPackages) -> PathBuf {
        self.python_environment(packages).join("installed.txt")
    }

    fn node_manifest(&self, package: &str) -> PathBuf {
        self.tools.join("lib/node_modules").join(package).join("package.json")
    }

    fn search_path(&self) -> Result<OsString> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        env::join_paths([self.bin()].into_iter().chain(env::split_paths(&inherited))).map_err(
            |error| {
                Failure::new(
                    format!("{} cannot be part of PATH: {error}", self.bin().display()),
                    "set PLUMBLINE_CACHE to a directory without `:` in its name",
                )
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    #[test]
    fn a_longer_name_is_another_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
