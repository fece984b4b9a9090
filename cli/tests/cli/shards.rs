use crate::support::{folder, link, run, simulate, text};
use serde_json::{Value, json};
use std::fs;

/// As many as it takes until one more is few beside those that are already added up.
#[test]
fn many_small_tallies_end_in_the_same_bytes() {
    let out = folder("shards");
    let files = simulate("ops", 40, &out.join("files"), &[]);
    let all = run(["tally", text(&out.join("files"))]).exits(0).stdout;
    let tallies: Vec<_> = (0..files.len()).map(|idx| out.join(format!("{idx}.json"))).collect();
    for (file, tally) in files.iter().zip(&tallies) {
        run(["tally", text(file), "--out", text(tally)]).exits(0);
    }
    let merged = run(["merge"].into_iter().chain(tallies.iter().map(|tally| text(tally)))).exits(0);
    assert_eq!(merged.stdout, all);

    let again = run(["merge", text(&tallies[3]), text(&tallies[7]), text(&tallies[3])]).exits(2);
    assert!(again.stderr.contains(text(&tallies[3])), "{}", again.stderr);
    assert!(!again.stderr.contains(text(&tallies[7])), "{}", again.stderr);
}

#[test]
fn counts_name_every_file_once() {
    let out = folder("counts");
    let made = |more: &[&str]| -> Value {
        let link = link(&out, "new.link", &[&["--no-seal", "--json"], more].concat());
        serde_json::from_slice(&fs::read(link).unwrap()).unwrap()
    };
    let first = made(&[]);
    let again = made(&["--cohort", first["cohort"].as_str().unwrap()]);
    let (first, again) = (first["link"].as_str().unwrap(), again["link"].as_str().unwrap());
    let results = out.join("results");
    let first_files = simulate("ops", 5, &results.join("first"), &["--link", first]);
    simulate("ops", 2, &results.join("again"), &["--link", again]);
    fs::copy(&first_files[4], results.join("copy.json")).unwrap();
    fs::write(results.join("broken.json"), "{").unwrap();

    let counts = out.join("counts.json");
    let links = ["--link", first, "--link", again];
    run(["tally", text(&results), "--counts", text(&counts)].iter().chain(&links)).exits(0);
    let counts: Value = serde_json::from_slice(&fs::read(counts).unwrap()).unwrap();
    let expected = json!({
        "counted": 5, "superseded": 2, "invitation_reused": 0, "duplicate": 1, "not_json": 1
    });
    assert_eq!(counts, expected);
}
