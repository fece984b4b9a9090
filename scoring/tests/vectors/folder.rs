//! Where the large public vectors lie: `shared/vectors` beside the repository, or `PLUMBLINE_VECTORS`.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder, if this machine has it. Otherwise it is said where `cargo xtask test` counts it.
pub fn find(test: &str) -> Option<PathBuf> {
    let found = env::var_os("PLUMBLINE_VECTORS").map(PathBuf::from).filter(|path| path.is_dir());
    let found = found.or_else(|| {
        let repositories = [Some(env!("CARGO_MANIFEST_DIR").to_owned()), git(COMMON), git(ORIGIN)];
        repositories.into_iter().flatten().find_map(|repository| beside(Path::new(&repository)))
    });
    if found.is_none() {
        // Not by `println!`, which the test harness keeps to itself.
        let line = format!("\nSKIPPED {test}: there is no folder of public vectors here\n");
        io::stdout().write_all(line.as_bytes()).unwrap();
    }
    found
}

/// The repository that a work tree belongs to, and the one that a clone was made from.
const COMMON: &[&str] = &["rev-parse", "--path-format=absolute", "--git-common-dir"];
const ORIGIN: &[&str] = &["config", "--get", "remote.origin.url"];

fn git(args: &[&str]) -> Option<String> {
    let git = Command::new("git").current_dir(env!("CARGO_MANIFEST_DIR")).args(args).output();
    let said = String::from_utf8(git.ok()?.stdout).ok()?;
    let said = said.trim().trim_start_matches("file://");
    said.starts_with('/').then(|| said.to_owned())
}

fn beside(repository: &Path) -> Option<PathBuf> {
    let folders = repository.ancestors().map(|folder| folder.join("shared/vectors"));
    folders.into_iter().find(|folder| folder.is_dir())
}

/// The files of a folder by name, in order.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}
