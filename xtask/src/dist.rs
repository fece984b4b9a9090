//! The built app: making it, weighing it, serving it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::step::{Failure, Result, not_started, output, run};
use crate::tools::{self, Tools};

const DIST: &str = "dist";

/// Bytes, brotli-compressed, of everything a participant's first visit downloads. SurveyJS needs 325,000.
const LIMIT: u64 = 200_000;

/// What the app asks for before the first question of an OPS survey can be shown. The rest of a first visit is what
/// `index.html` names.
const REQUESTED_AT_START: [&str; 4] = [
    "locales/en.json",
    "instruments/index.json",
    "instruments/ops/1.0/definition.json",
    "instruments/ops/1.0/en.json",
];

/// How the names of files begin that only the pages beside a participant's way need.
const ASIDE: [&str; 4] = ["aside", "coach", "engine", "work"];

pub fn build_and_measure() -> Result<()> {
    let tools = tools::set_up(tools::For::Building)?;
    build(&tools)?;
    measure(&tools)
}

pub fn build(tools: &Tools) -> Result<()> {
    fetch_crates()?;
    println!("building the app (about 3 minutes the first time, seconds after that)");
    run(trunk(tools).args(["build", "--release", "--offline"]), "see Trunk's message above")?;
    minify(tools)
}

/// Trunk's own minifier gives up on what wasm-bindgen writes.
fn minify(tools: &Tools) -> Result<()> {
    let files = files_below(Path::new(DIST)).map_err(|error| {
        Failure::new(format!("cannot list {DIST}: {error}"), "run `cargo xtask build` again")
    })?;
    let scripts_and_styles =
        files.iter().filter(|file| file.ends_with(".js") || file.ends_with(".css"));
    run(
        tools
            .command("esbuild")
            .args(scripts_and_styles)
            .args([
                "--minify",
                "--target=es2022",
                "--log-level=warning",
                "--allow-overwrite",
                "--outdir=.",
            ])
            .current_dir(DIST),
        "see esbuild's message above",
    )
}

/// Trunk is kept offline, so that it cannot download tools, and passes that on to cargo. What only the standard
/// library of WebAssembly needs is fetched by its name alone.
fn fetch_crates() -> Result<()> {
    for args in [&["fetch"] as &[_], &["fetch", "--target", "wasm32-unknown-unknown"]] {
        let mut fetch = Command::new("cargo");
        run(for_size(&mut fetch).args(args), "check the network, then try again")?;
    }
    Ok(())
}

/// Builds the standard library along with the app, for size and without panic messages, and copies values
/// by one instruction instead of word by word, which takes a quarter off every participant's download.
/// Stable Rust keeps these switches behind `RUSTC_BOOTSTRAP`; without them (a plain `trunk build`) the same code works and is larger.
pub fn for_size(command: &mut Command) -> &mut Command {
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "--cfg erase_components -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none -Cllvm-args=-inline-threshold=0 -Cllvm-args=-max-store-memcpy=1 --cfg sha2_backend_soft=\"compact\"",
        )
}

fn trunk(tools: &Tools) -> Command {
    let mut trunk = tools.command("trunk");
    // Trunk takes only `true` and `false` for it, and stops at the customary `1`.
    trunk.env_remove("NO_COLOR");
    for_size(&mut trunk);
    trunk
}

/// Prints the size of a first visit, writes it for the tests, and fails over the limit.
pub fn measure(tools: &Tools) -> Result<()> {
    let files = Files::of_dist()?;
    let first_visit = weigh(tools, &files.first_visit)?;
    let finish = weigh(tools, &files.finish)?;
    let engine = weigh(tools, &files.engine)?;

    let total = total(&first_visit).brotli;
    print_table("a participant's first visit", &first_visit);
    println!("  {} of at most {} bytes", grouped(total), grouped(LIMIT));
    if !finish.is_empty() {
        print_table("at the end of a survey", &finish);
    }
    if !engine.is_empty() {
        print_table("beside a participant's way", &engine);
    }

    let report = report_path()?;
    fs::write(&report, to_json(&first_visit, &engine)).map_err(|error| {
        Failure::new(format!("cannot write {}: {error}", report.display()), "free some disk space")
    })?;
    if total > LIMIT {
        return Err(Failure::new(
            format!("a first visit is {} bytes over its limit", grouped(total - LIMIT)),
            "take something off the participant's path: the table above shows what weighs most",
        ));
    }
    Ok(())
}

/// Where the sizes of the last build are kept, for the tests.
pub fn report_path() -> Result<PathBuf> {
    Ok(target_dir()?.join("first-visit.json"))
}

/// The directory this very program was built into.
pub fn target_dir() -> Result<PathBuf> {
    std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.ancestors().nth(2)?.to_owned()))
        .ok_or_else(|| {
            Failure::new(
                "the target directory was not found",
                "start this program with `cargo xtask`",
            )
        })
}

pub fn absolute_path() -> Result<PathBuf> {
    std::path::absolute(DIST).map_err(|error| {
        Failure::new(
            format!("the path of {DIST} cannot be determined: {error}"),
            "start again in a directory that exists",
        )
    })
}

#[derive(Debug, Default, PartialEq)]
struct Files {
    first_visit: BTreeSet<String>,
    /// Charts and sealing, which the report and the export page load.
    finish: BTreeSet<String>,
    /// The bundles of the coach's pages and the worksheets, and the worker that reads signed files; no
    /// participant downloads them.
    engine: BTreeSet<String>,
}

impl Files {
    fn of_dist() -> Result<Self> {
        let index = fs::read_to_string(Path::new(DIST).join("index.html"));
        let index = index.map_err(|error| {
            Failure::new(
                format!("cannot read {DIST}/index.html: {error}"),
                "run `cargo xtask build`",
            )
        })?;
        let files = files_below(Path::new(DIST)).map_err(|error| {
            Failure::new(format!("cannot list {DIST}: {error}"), "run `cargo xtask build`")
        })?;
        if let Some(absent) = REQUESTED_AT_START.iter().find(|path| !files.contains(**path)) {
            return Err(Failure::new(
                format!("{DIST}/{absent} is missing, which the app asks for at its start"),
                "see that app/index.html copies public/, and that REQUESTED_AT_START in xtask is up to date",
            ));
        }
        Ok(Self::sort(&index, files))
    }

    fn sort(index: &str, files: BTreeSet<String>) -> Self {
        let named: BTreeSet<&str> =
            quoted(index).map(|value| value.trim_start_matches("./")).collect();
        let (engine, others): (BTreeSet<_>, BTreeSet<_>) =
            files.into_iter().partition(|path| ASIDE.iter().any(|name| path.starts_with(name)));
        let (finish, others): (BTreeSet<_>, BTreeSet<_>) =
            others.into_iter().partition(|path| path.starts_with("finish"));
        let first_visit = others.into_iter().filter(|path| {
            path == "index.html"
                // Modules that the main one imports.
                || path.starts_with("snippets/")
                || named.contains(path.as_str())
                || REQUESTED_AT_START.contains(&path.as_str())
        });
        Self { first_visit: first_visit.collect(), finish, engine }
    }
}

/// Attribute values of a page, roughly: what is between double quotes.
fn quoted(html: &str) -> impl Iterator<Item = &str> {
    html.split('"').skip(1).step_by(2)
}

/// Paths with `/`, relative to `root`.
fn files_below(root: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    let mut dirs = vec![root.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                dirs.push(path);
            } else if let Ok(relative) = path.strip_prefix(root) {
                files.insert(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(files)
}

#[derive(Clone, Debug)]
struct Weight {
    path: String,
    raw: u64,
    brotli: u64,
}

/// A server sends whichever is smaller: images and fonts are compressed already.
const COMPRESS: &str = r"
const { readFileSync } = require('node:fs');
const { brotliCompressSync, constants } = require('node:zlib');
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
for (const path of process.argv.slice(1)) {
  const raw = readFileSync(path);
  console.log(raw.length, Math.min(raw.length, brotliCompressSync(raw, { params }).length));
}";

/// Node brings brotli along, optimized; a crate for it would make this program slow to compile or slow to run.
fn weigh(tools: &Tools, paths: &BTreeSet<String>) -> Result<Vec<Weight>> {
    let mut node = tools.command("node");
    node.args(["--eval", COMPRESS, "--"]).args(paths.iter().map(|path| Path::new(DIST).join(path)));
    let sizes = output(&mut node);
    let weights = sizes.as_deref().and_then(|sizes| {
        let weight = |(path, line): (&String, &str)| {
            let (raw, brotli) = line.split_once(' ')?;
            Some(Weight {
                path: path.clone(),
                raw: raw.parse().ok()?,
                brotli: brotli.parse().ok()?,
            })
        };
        paths.iter().zip(sizes.lines()).map(weight).collect::<Option<Vec<_>>>()
    });
    weights.filter(|weights| weights.len() == paths.len()).ok_or_else(|| {
        Failure::new(
            format!("the files in {DIST} could not be compressed with Node"),
            "see that `node --version` says 20 or newer, then run `cargo xtask build`",
        )
    })
}

fn total(weights: &[Weight]) -> Weight {
    Weight {
        path: "total".into(),
        raw: weights.iter().map(|weight| weight.raw).sum(),
        brotli: weights.iter().map(|weight| weight.brotli).sum(),
    }
}

fn print_table(title: &str, weights: &[Weight]) {
    println!("\n{title:<44} {:>9} {:>9}", "bytes", "brotli");
    for weight in weights.iter().chain([&total(weights)]) {
        println!("  {:<42} {:>9} {:>9}", weight.path, grouped(weight.raw), grouped(weight.brotli));
    }
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (digit_idx, digit) in digits.chars().enumerate() {
        if digit_idx > 0 && (digits.len() - digit_idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `{"limit","total","files":[{"path","raw","brotli"}],"engine":[…]}`, sizes in bytes.
fn to_json(first_visit: &[Weight], engine: &[Weight]) -> String {
    format!(
        "{{\"limit\":{LIMIT},\"total\":{},\"files\":{},\"engine\":{}}}\n",
        total(first_visit).brotli,
        weights_to_json(first_visit),
        weights_to_json(engine),
    )
}

fn weights_to_json(weights: &[Weight]) -> String {
    let mut json = String::from("[");
    for (weight_idx, Weight { path, raw, brotli }) in weights.iter().enumerate() {
        let comma = if weight_idx > 0 { "," } else { "" };
        // Writing to a string cannot fail. Trunk's file names need no escapes.
        let _ = write!(json, r#"{comma}{{"path":"{path}","raw":{raw},"brotli":{brotli}}}"#);
    }
    json + "]"
}

#[derive(Debug, PartialEq)]
pub struct ServeOptions {
    port: u16,
    open: bool,
}

impl ServeOptions {
    pub fn parse(args: &[&str]) -> Result<Self> {
        let mut options = Self { port: 8080, open: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--open" => options.open = true,
                "--port" => {
                    options.port = args
                        .next()
                        .and_then(|port| port.parse().ok())
                        .filter(|port| *port != 0)
                        .ok_or_else(|| crate::usage("--port needs a number from 1 to 65535"))?;
                }
                other => return Err(crate::usage(&format!("`serve` does not know `{other}`"))),
            }
        }
        Ok(options)
    }
}

/// Builds, serves, and rebuilds on every change of a source, until it is interrupted.
pub fn serve(options: &ServeOptions) -> Result<()> {
    let tools = tools::set_up(tools::For::Building)?;
    fetch_crates()?;
    let port = free_port(options.port)?;
    println!("building the app (about 3 minutes the first time, seconds after that)");

    let mut trunk = trunk(&tools);
    trunk
        .args(["serve", "--release", "--offline", "--address", "127.0.0.1"])
        .args(["--port", &port.to_string()])
        // As any static host does it: a missing file is missing, not the start page.
        .args(["--no-spa", "true", "--disable-address-lookup", "true"])
        .args(["--watch", "app", "--watch", "scoring", "--watch", "public"]);
    if options.open {
        trunk.args(["--open", "true"]);
    }
    let start = SystemTime::now();
    let mut server = trunk.spawn().map_err(|error| not_started(&trunk, &error))?;

    // Trunk listens once its first build has ended, well or not.
    while !listens(port) {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(Failure::new(
                format!("Trunk ended with {status}"),
                "see its message above",
            ));
        }
        thread::sleep(Duration::from_millis(100));
    }
    if is_newer(&Path::new(DIST).join("index.html"), start) {
        println!("\nPlumbline is at http://127.0.0.1:{port}/ (Ctrl+C ends it)\n");
    } else {
        println!("\nThe build failed, see above. Once it is mended: http://127.0.0.1:{port}/\n");
    }
    // Ctrl+C reaches Trunk too, which then ends by itself.
    server.wait().map(drop).map_err(|error| not_started(&trunk, &error))
}

fn free_port(wanted: u16) -> Result<u16> {
    let free = (wanted..=wanted.saturating_add(100))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| {
            Failure::new(
                format!("port {wanted} is taken, and so are the next hundred"),
                "choose another with `cargo xtask serve --port N`",
            )
        })?;
    if free != wanted {
        println!("port {wanted} is taken: using {free}");
    }
    Ok(free)
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn is_newer(path: &Path, than: SystemTime) -> bool {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|modified| modified >= than)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_first_visit_is_what_the_page_names_and_the_app_asks_for() {
        let index = r#"<link href="./plumbline-1.css"><script src="./start.js" data-wasm="./app-1_bg.wasm"></script>"#;
        let files = Files::sort(
            index,
            set(&[
                "index.html",
                "plumbline-1.css",
                "start.js",
                "app-1_bg.wasm",
                "engine.js",
                "engine_bg.wasm",
                "finish.js",
                "instruments/ops/1.0/definition.json",
                "instruments/180/1.0/definition.json",
                "snippets/app-1/inline0.js",
            ]),
        );
        assert_eq!(
            files,
            Files {
                first_visit: set(&[
                    "index.html",
                    "plumbline-1.css",
                    "start.js",
                    "app-1_bg.wasm",
                    "instruments/ops/1.0/definition.json",
                    "snippets/app-1/inline0.js",
                ]),
                finish: set(&["finish.js"]),
                engine: set(&["engine.js", "engine_bg.wasm"]),
            }
        );
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_report_is_json() {
        let weight = Weight { path: "index.html".into(), raw: 2, brotli: 1 };
        assert_eq!(
            to_json(&[weight], &[]),
            "{\"limit\":200000,\"total\":1,\"files\":[{\"path\":\"index.html\",\"raw\":2,\"brotli\":1}],\"engine\":[]}\n"
        );
    }

    #[test]
    fn serve_options() {
        let parse = |args: &[&str]| ServeOptions::parse(args).ok();
        assert_eq!(parse(&[]), Some(ServeOptions { port: 8080, open: false }));
        assert_eq!(
            parse(&["--open", "--port", "9000"]),
            Some(ServeOptions { port: 9000, open: true })
        );
        assert_eq!(parse(&["--port"]), None);
        assert_eq!(parse(&["--port", "0"]), None);
        assert_eq!(parse(&["8080"]), None);
    }
}
