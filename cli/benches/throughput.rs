//! How fast signed files are counted, against their signatures alone: `cargo bench -p plumbline`. Linux only.
//!
//! For each size it simulates results, as a folder of files and as one JSON Lines file, and then, in turns so that
//! a busy machine is busy for all alike:
//!
//! | row | what is done |
//! |---|---|
//! | `verify_strict` | every signature is checked by all cores, from memory: its key decompressed, and nothing else |
//! | folder, JSON Lines | `plumbline tally`: read, parsed, verified, scored again, counted, written |
//!
//! A ratio is taken within each turn; the table shows medians. Seconds are those of the clock and, because other
//! programs may be running, those that the processors spent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement stops where it fails"
)]

use ed25519_dalek::{Signature, VerifyingKey};
use scoring::jose::{fixed, from_base64url};
use serde_json::Value;
use std::fs;
use std::iter;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_plumbline");
const SIZES: [usize; 2] = [10_000, 100_000];
const TURNS: usize = 7;

fn main() {
    let n_cores = thread::available_parallelism().unwrap().get();
    println!("{n_cores} cores, medians of {TURNS} turns\n");
    println!("| files | | clock, s | files/s | ratio | processors, s | ratio | peak memory, MB |");
    println!("|---|---|---|---|---|---|---|---|");
    for n in SIZES {
        measure(n, n_cores);
    }
}

fn measure(n: usize, n_cores: usize) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("throughput-{n}"));
    let (files, lines) = (folder.join("files"), folder.join("results.jsonl"));
    if !lines.exists() {
        let [n, files, lines] = [&n.to_string(), files.to_str().unwrap(), lines.to_str().unwrap()];
        run(&["simulate", "ops", "--n", n, "--seed", "1", "--out", files, "--jsonl", lines]);
    }
    let signed = signed(&fs::read_to_string(&lines).unwrap());
    assert_eq!(signed.len(), n);
    let tally = folder.join("tally.json");
    let count = |results: &Path| {
        let args =
            ["tally", results.to_str().unwrap(), "--force", "--out", tally.to_str().unwrap()];
        let used = run(&args);
        (used, fs::read(&tally).unwrap())
    };
    let (mut raw, mut by_file, mut by_line) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        raw.push(verify_strict(&signed, n_cores));
        let (used, one) = count(&files);
        by_file.push(used);
        let (used, other) = count(&lines);
        by_line.push(used);
        assert!(one == other, "the same results have the same tally");
    }
    for (name, turns) in [("`verify_strict`", &raw), ("folder", &by_file), ("JSON Lines", &by_line)]
    {
        let of = |measure: fn(&Used) -> f64| {
            let ratios = turns.iter().zip(&raw).map(|(used, raw)| measure(used) / measure(raw));
            (median(turns.iter().map(measure)), median(ratios))
        };
        let (clock, clock_ratio) = of(|used| used.clock.as_secs_f64());
        let (processors, processors_ratio) = of(|used| used.processors);
        let files_a_second = n as f64 / clock;
        let memory = turns.iter().filter_map(|used| used.memory).max();
        let memory = memory.map_or_else(String::new, |kilobytes| (kilobytes / 1024).to_string());
        println!(
            "| {n} | {name} | {clock:.2} | {files_a_second:.0} | {clock_ratio:.2} | {processors:.2} \
             | {processors_ratio:.2} | {memory} |"
        );
    }
}

/// What something took.
struct Used {
    clock: Duration,
    /// Seconds of all cores.
    processors: f64,
    /// Most kilobytes held at once.
    memory: Option<u64>,
}

/// A key, what it signed, and the signature.
type Signed = ([u8; 32], Vec<u8>, [u8; 64]);

fn signed(lines: &str) -> Vec<Signed> {
    let one = |line: &str| {
        let file: Value = serde_json::from_str(line).unwrap();
        let part = |name: &str| file[name].as_str().unwrap();
        let header: Value =
            serde_json::from_slice(&from_base64url(part("protected")).unwrap()).unwrap();
        let message = format!("{}.{}", part("protected"), part("payload")).into_bytes();
        let key = fixed(header["jwk"]["x"].as_str().unwrap()).unwrap();
        (key, message, fixed(part("signature")).unwrap())
    };
    lines.lines().map(one).collect()
}

fn verify_strict(signed: &[Signed], n_cores: usize) -> Used {
    let (started, before) = (Instant::now(), processor_seconds("self"));
    let shares = Mutex::new(signed.chunks(64));
    let next = || shares.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..n_cores {
            scope.spawn(|| {
                for (key, message, signature) in iter::from_fn(next).flatten() {
                    let key = VerifyingKey::from_bytes(key).unwrap();
                    key.verify_strict(message, &Signature::from_bytes(signature)).unwrap();
                }
            });
        }
    });
    let clock = started.elapsed();
    Used { clock, processors: processor_seconds("self") - before, memory: None }
}

/// Runs the program and watches it.
fn run(args: &[&str]) -> Used {
    let started = Instant::now();
    let mut program = Command::new(PROGRAM);
    let mut child = program.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let id = child.id().to_string();
    let mut memory = None;
    // An ended program keeps its times until it is waited for, but not its memory.
    while let Some(peak) = peak_kilobytes(&id) {
        memory = Some(peak);
        thread::sleep(Duration::from_millis(10));
    }
    let (clock, processors) = (started.elapsed(), processor_seconds(&id));
    assert!(child.wait().unwrap().success(), "{args:?}");
    Used { clock, processors, memory }
}

fn peak_kilobytes(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse().ok()
}

/// Time in user and in system mode, which Linux counts in hundredths of a second.
fn processor_seconds(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name before the last parenthesis may hold anything; fields 14 and 15 are the times.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let hundredths = |field: usize| fields[field].parse::<f64>().unwrap();
    (hundredths(11) + hundredths(12)) / 100.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
