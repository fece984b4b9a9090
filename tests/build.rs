//! Writes one journey test per engine, instrument and rater, so that a new instrument's folder is
//! all it takes to have its journeys tested.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const ENGINES: [(&str, &str); 3] =
    [("chromium", "Chromium"), ("firefox", "Firefox"), ("webkit", "Webkit")];

fn main() -> Result<(), Box<dyn Error>> {
    let instruments = Path::new("../public/instruments");
    println!("cargo::rerun-if-changed={}", instruments.display());
    let index = read(&instruments.join("index.json"))?;
    let mut surveys: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    for entry in list(&index, "instruments") {
        let (id, version) = (text(entry, "id"), text(entry, "version"));
        let definition = read(&instruments.join(id).join(version).join("definition.json"))?;
        let raters = list(&definition, "raters");
        for rater in raters.iter().filter_map(serde_json::Value::as_str) {
            // An instrument with one rater gives its name to the test.
            let name = if raters.len() == 1 { id.to_owned() } else { format!("{id}_{rater}") };
            surveys.insert(name, (id.to_owned(), version.to_owned(), rater.to_owned()));
        }
    }
    let mut tests = String::new();
    for (module, engine) in ENGINES {
        writeln!(tests, "mod {module} {{")?;
        for (name, (id, version, rater)) in &surveys {
            writeln!(
                tests,
                "    #[test]\n    fn {name}() {{\n        super::journey(e2e::Engine::{engine}, \
                 {id:?}, {version:?}, {rater:?});\n    }}"
            )?;
        }
        writeln!(tests, "}}")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("journeys.rs"), tests)?;
    Ok(())
}

fn read(path: &Path) -> Result<serde_json::Value, Box<dyn Error>> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

fn list<'a>(value: &'a serde_json::Value, key: &str) -> &'a [serde_json::Value] {
    value.get(key).and_then(serde_json::Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a serde_json::Value, key: &str) -> &'a str {
    value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default()
}
