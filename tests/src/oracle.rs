//! Programs that the app's output is compared with: our own command line, and readers that share no
//! code with us (npm `jose`, npm `ajv`, Python and its JOSE libraries).

use crate::place;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ended {
    fn of(program: &str, output: std::io::Result<Output>) -> Self {
        let output = output.unwrap_or_else(|error| panic!("{program} did not start: {error}"));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Its standard output as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("expected JSON ({error}) but got:\n{}\n{}", self.stdout, self.stderr)
        })
    }

    fn or_fail(self, program: &str) -> Self {
        assert!(self.code == 0, "{program} failed:\n{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs our command line.
pub fn plumbline(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
    Ended::of("plumbline", Command::new(place::command_line()).args(args).output())
}

/// What npm `jose` reads from each file: header and payload, or why it refuses.
#[must_use]
pub fn jose(files: &[PathBuf]) -> Vec<Result<Value, String>> {
    let ended = node("verify_jose.mjs", files.iter(), None).or_fail("jose");
    let results = ended.stdout.lines().map(|line| {
        let result: Value = serde_json::from_str(line).expect("a JSON line a file");
        match result["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(result),
        }
    });
    results.collect()
}

/// What npm `ajv` finds wrong with each document under one of our published schemas.
#[must_use]
pub fn faults(schema: &str, documents: &[Value]) -> Vec<Option<String>> {
    let schema = place::public().join("schemas").join(schema);
    let input = serde_json::to_vec(documents).expect("JSON can be written");
    let ended = node("validate.mjs", [&schema], Some(input)).or_fail("ajv");
    serde_json::from_str(&ended.stdout).expect("a list of faults")
}

/// Fails if a document is not valid under one of our published schemas.
pub fn assert_valid(schema: &str, name: &str, document: &Value) {
    if let [Some(fault)] = faults(schema, std::slice::from_ref(document)).as_slice() {
        panic!("{name} does not fit {schema}: {fault}\n{document:#}");
    }
}

/// The digests that a WebAssembly build of the parity module computes, one a definition.
#[must_use]
pub fn parity_digests(module: &Path, definitions: &[PathBuf]) -> Vec<String> {
    let args = std::iter::once(module).chain(definitions.iter().map(PathBuf::as_path));
    let ended = node("parity.mjs", args, None).or_fail("the WebAssembly module");
    ended.stdout.lines().map(str::to_owned).collect()
}

/// The cohort report that Python computes from the files of a folder.
#[must_use]
pub fn python_report(results: &Path) -> Value {
    let script = place::tests().join("python/cohort.py");
    // The system's own: that is where the packages of apt are.
    let mut python = Command::new("/usr/bin/python3");
    python.arg(script).arg(place::public().join("instruments")).arg(results);
    Ended::of("python", python.output()).or_fail("the independent computation").json()
}

/// What a library that shares no code with us answers to requests; `python/interop.py` describes them.
/// Nothing where Python's packages are not installed, which is a failure in CI.
#[must_use]
pub fn library(name: &str, requests: &[Value]) -> Option<Vec<Value>> {
    let input = serde_json::to_vec(requests).expect("JSON can be written");
    let ended = if name == "jose" {
        node("interop.mjs", [""; 0], Some(input))
    } else {
        let mut python = Command::new(place::python()?);
        python.arg(place::tests().join("python/interop.py")).arg(name);
        with_input("python", python, Some(input))
    };
    let answers = ended.or_fail(name).json();
    Some(answers.as_array().expect("a list of answers").clone())
}

fn node(
    script: &str,
    args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    input: Option<Vec<u8>>,
) -> Ended {
    assert!(
        place::tests().join("node_modules/jose").is_dir(),
        "the Node packages are missing: type `npm ci` in {}",
        place::tests().display()
    );
    let mut command = Command::new("node");
    command.arg(place::tests().join("node").join(script)).args(args);
    with_input("node", command, input)
}

fn with_input(program: &str, mut command: Command, input: Option<Vec<u8>>) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = command.spawn();
    let mut child = started.unwrap_or_else(|error| panic!("{program} did not start: {error}"));
    let stdin = child.stdin.take();
    let writer = thread::spawn(move || {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A script that ends early says why on its own.
            stdin.write_all(&input).ok();
        }
    });
    let ended = Ended::of(program, child.wait_with_output());
    writer.join().expect("the writer does not fail");
    ended
}
