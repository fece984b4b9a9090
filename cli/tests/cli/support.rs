//! Running the program, folders to run it in, and files signed by hand.

use ed25519_dalek::{Signer, SigningKey};
use scoring::jose::{Curve, base64url};
use scoring::json::canonical;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_plumbline"));
    program.env_remove("PLUMBLINE_PASSPHRASE");
    program
}

pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code().expect("ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    program().args(args).stdin(Stdio::null()).output().unwrap().into()
}

/// A coach's keys, made with jwcrypto 1.6.1 and locked with few iterations, so that tests open them quickly.
pub fn key(coach: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/keys/{coach}.key.jwe.json"))
}

/// The passphrase of [`key`].
pub const PASSPHRASE: &str = "six words chosen for these tests";

/// Runs the program where the coach's passphrase is in the environment.
pub fn run_as_coach<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    let mut program = program();
    program.env("PLUMBLINE_PASSPHRASE", PASSPHRASE).args(args);
    program.stdin(Stdio::null()).output().unwrap().into()
}

/// A cohort's link in a file of its own.
#[track_caller]
pub fn link(folder: &Path, name: &str, more: &[&str]) -> PathBuf {
    let key = key("coach");
    let args = ["link", "new", "--key", text(&key), "--title", "Team check", "--coach", "A. Coach"];
    let rest = ["--instrument", "ops", "--wave", "1", "--base", "https://example.org/survey/"];
    let made = run_as_coach(args.iter().chain(&rest).chain(more)).exits(0);
    let path = folder.join(name);
    fs::write(&path, made.stdout).unwrap();
    path
}

pub fn run_with(input: &[u8], args: &[&str]) -> Ran {
    let mut child = program()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A new empty folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub fn instruments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments")
}

#[track_caller]
pub fn simulate(instrument: &str, n: usize, out: &Path, more: &[&str]) -> Vec<PathBuf> {
    let n = n.to_string();
    let args = ["simulate", instrument, "--n", &n, "--seed", "1", "--out", text(out)];
    run(args.iter().chain(more)).exits(0);
    files(out)
}

/// The files of a folder by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

pub fn oracle_script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name)
}

/// The independent computation.
pub fn oracle(what: &str, files: &[PathBuf]) -> Value {
    let output = Command::new("python3")
        .arg(oracle_script("plumbline.py"))
        .arg(what)
        .arg(instruments())
        .args(files)
        .output()
        .expect("these tests compute numbers anew with Python: apt-get install python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A copy of an instrument's folder with one change to the definition.
pub fn variant(out: &Path, instrument: &str, from: &str, to: &str) {
    let definition =
        fs::read_to_string(instruments().join(instrument).join("definition.json")).unwrap();
    assert!(definition.contains(from));
    fs::create_dir_all(out).unwrap();
    fs::write(out.join("definition.json"), definition.replacen(from, to, 1)).unwrap();
    for wording in files(&instruments().join(instrument)) {
        let name = wording.file_name().unwrap();
        if name != "definition.json" {
            fs::copy(&wording, out.join(name)).unwrap();
        }
    }
}

pub fn payload(file: &Path) -> Value {
    let file: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let payload = scoring::jose::from_base64url(file["payload"].as_str().unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// Signs a payload with a fixed key, whose name is put in; `change` may spoil the header first.
pub fn sign(mut payload: Value, change: impl FnOnce(&mut Value)) -> String {
    let key = SigningKey::from_bytes(&[9; 32]);
    let x = base64url(&key.verifying_key().to_bytes());
    let kid = Curve::Ed25519.thumbprint(&x);
    payload["iss"] = json!(format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{kid}"));
    let mut header = json!({
        "alg": "EdDSA",
        "typ": scoring::result::TYP,
        "kid": kid,
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": x},
    });
    change(&mut header);
    let protected = base64url(canonical(&header).as_bytes());
    let payload = base64url(canonical(&payload).as_bytes());
    let signature = key.sign(format!("{protected}.{payload}").as_bytes()).to_bytes();
    canonical(&json!({
        "payload": payload,
        "protected": protected,
        "signature": base64url(&signature),
    }))
}
