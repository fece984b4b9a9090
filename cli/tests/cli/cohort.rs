//! From a link to a receipt.

use crate::support::{
    PASSPHRASE, files, folder, key, link, payload, run, run_as_coach, simulate, text,
};
use std::fs;
use std::path::{Path, PathBuf};

const CUT: &str = "site: Where do you work? = North | South";

struct Cohort {
    folder: PathBuf,
    link: PathBuf,
    key: PathBuf,
    results: Vec<PathBuf>,
}

/// Twenty sealed results of one cohort.
#[track_caller]
fn cohort(name: &str, more: &[&str]) -> Cohort {
    let folder = folder(name);
    let link = link(&folder, "team.link", &[&["--cut", CUT], more].concat());
    let results = simulate("ops", 20, &folder.join("results"), &["--link", text(&link)]);
    Cohort { folder, link, key: key("coach"), results }
}

impl Cohort {
    /// The link and the key as options.
    fn known(&self) -> [&str; 4] {
        ["--link", text(&self.link), "--key", text(&self.key)]
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// How often each code occurs.
fn codes(args: &[&str], exit: i32) -> Vec<(String, usize)> {
    let rows = run_as_coach(["verify", "--json"].iter().chain(args)).exits(exit).json();
    let mut codes = std::collections::BTreeMap::new();
    for row in rows.as_array().unwrap() {
        *codes.entry(row["code"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    codes.into_iter().collect()
}

fn only(code: &str, n: usize) -> Vec<(String, usize)> {
    vec![(code.to_owned(), n)]
}

#[test]
fn sealed_results_count_for_whoever_has_link_and_key() {
    let cohort = cohort("cohort_counts", &[]);
    assert!(text(&cohort.results[0]).ends_with("/ops-00001.result.jwe.json"));
    let results = cohort.at("results");
    let results = text(&results);
    let [_, link, _, key] = cohort.known();
    assert_eq!(codes(&[results, "--link", link, "--key", key], 0), only("counted", 20));
    assert_eq!(codes(&[results, "--link", link], 1), only("sealed_no_key", 20));
    assert_eq!(codes(&[results, "--key", key], 1), only("unknown_cohort", 20));
    // Several links and keys do not disturb one another.
    let (other, other_key) = (
        crate::support::link(&cohort.folder, "other.link", &["--cohort", "AAAAAAAAAAAAAAAAAAAAAA"]),
        crate::support::key("other"),
    );
    let more =
        [results, "--link", text(&other), "--link", link, "--key", text(&other_key), "--key", key];
    assert_eq!(codes(&more, 0), only("counted", 20));
    assert_eq!(
        codes(&[results, "--link", text(&other), "--key", key], 1),
        only("unknown_cohort", 20)
    );

    let report = run_as_coach(["report", results].iter().chain(&cohort.known())).exits(0).stdout;
    assert!(report.starts_with("Team check, wave 1\n"), "{report}");
    assert!(report.contains("Where do you work?\n") && report.contains(" South "), "{report}");
    let score = ["score", text(&cohort.results[0])];
    assert!(run_as_coach(score.iter().chain(&cohort.known())).exits(0).stdout.contains("Strategy"));
    run(score).exits(1);
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let cohort = cohort("cohort_passphrase", &[]);
    let file = cohort.at("passphrase");
    fs::write(&file, "not the passphrase at all").unwrap();
    let args = ["report", text(&cohort.results[0]), "--passphrase-file", text(&file)];
    let refused = run(args.iter().chain(&cohort.known())).exits(2);
    assert!(refused.stderr.contains("Small and capital letters matter"), "{}", refused.stderr);
    fs::write(&file, PASSPHRASE).unwrap();
    run(args.iter().chain(&cohort.known())).exits(0);
}

/// Opening gives back the very bytes that simulating without sealing writes.
#[test]
fn opening_undoes_sealing() {
    let cohort = cohort("cohort_open", &[]);
    let plain = cohort.at("plain");
    let plain = simulate("ops", 20, &plain, &["--link", text(&cohort.link), "--unsealed"]);
    let (results, opened) = (cohort.at("results"), cohort.at("opened"));
    let open = ["open", text(&results), text(&plain[0]), "--key", text(&cohort.key), "--out"];
    let ran = run_as_coach(open.iter().chain(&[text(&opened)])).exits(0);
    assert_eq!(ran.stdout, "20 opened, 0 refused, 1 not sealed\n");
    for (opened, plain) in files(&opened).iter().zip(&plain) {
        assert_eq!(opened.file_name(), plain.file_name());
        assert_eq!(fs::read(opened).unwrap(), fs::read(plain).unwrap());
    }
    // Nothing is written over by accident; files of one name from two folders get two names.
    run_as_coach(open.iter().chain(&[text(&opened)])).exits(2);
    let (twice, both) = (cohort.at("results/again"), cohort.at("both"));
    fs::create_dir(&twice).unwrap();
    fs::copy(&cohort.results[0], twice.join("ops-00001.result.jwe.json")).unwrap();
    run_as_coach(open.iter().chain(&[text(&both)])).exits(0);
    assert_eq!(files(&both).len(), 21);

    let other = key("other");
    let refused = ["open", text(&results), "--key", text(&other), "--out", text(&opened)];
    let refused = run_as_coach(refused).exits(1).stdout;
    assert!(refused.contains("(sealed_no_key)") && refused.contains("0 opened, 21 refused"));
}

#[test]
fn a_signed_result_can_be_sealed_afterwards() {
    let cohort = cohort("cohort_seal", &[]);
    let plain = cohort.at("plain");
    let plain = simulate("ops", 1, &plain, &["--link", text(&cohort.link), "--unsealed"]).remove(0);
    let sealed = cohort.at("x.result.jwe.json");
    let seal = |file: &Path, link: &Path| {
        run(["seal", text(file), "--link", text(link), "--out", text(&sealed)])
    };
    seal(&plain, &cohort.link).exits(0);
    let [_, link, _, key] = cohort.known();
    assert_eq!(codes(&[text(&sealed), "--link", link, "--key", key], 0), only("counted", 1));
    seal(&plain, &cohort.link).exits(2);
    fs::remove_file(&sealed).unwrap();

    // What its coach would refuse is not sealed, and neither is what is sealed already.
    let other = crate::support::link(&cohort.folder, "other.link", &[]);
    assert!(seal(&plain, &other).exits(1).stdout.contains("(unknown_cohort)"));
    assert!(seal(&cohort.results[0], &cohort.link).exits(1).stdout.contains("(sealed_no_key)"));
    let open = crate::support::link(&cohort.folder, "open.link", &["--no-seal"]);
    assert!(seal(&plain, &open).exits(2).stderr.contains("not sealed"));
    assert!(!sealed.exists());
}

#[test]
fn invitations_are_counted_once() {
    let folder = folder("cohort_invited");
    let (link, key) = (link(&folder, "team.link", &["--invitations", "--no-seal"]), key("coach"));
    let results = folder.join("results");
    let simulate = ["simulate", "ops", "--n", "6", "--seed", "1", "--out", text(&results)];
    let refused = run_as_coach(simulate.iter().chain(&["--link", text(&link)])).exits(2);
    assert!(refused.stderr.contains("--key"), "{}", refused.stderr);
    run_as_coach(simulate.iter().chain(&["--link", text(&link), "--key", text(&key)])).exits(0);
    assert_eq!(codes(&[text(&results), "--link", text(&link)], 0), only("counted", 6));
}

#[test]
fn a_simulated_cohort_needs_a_link_that_asks_for_it() {
    let folder = folder("cohort_not_asked");
    let link = link(&folder, "team.link", &[]);
    let out = folder.join("out");
    let args = ["simulate", "readiness", "--n", "1", "--seed", "1", "--out", text(&out)];
    let refused = run(args.iter().chain(&["--link", text(&link)])).exits(2);
    assert!(refused.stderr.contains("readiness 1.0"), "{}", refused.stderr);
}

#[test]
fn a_published_report_lists_whom_it_counts() {
    let cohort = cohort("cohort_publish", &[]);
    let (results, opened) = (cohort.at("results"), cohort.at("opened"));
    let args = ["open", text(&results), "--key", text(&cohort.key), "--out", text(&opened)];
    run_as_coach(args).exits(0);
    let signed = files(&opened);
    let report = cohort.at("team.report.jws.json");
    let publish = |results: &[PathBuf], more: &[&str]| {
        let results = results.iter().map(|path| text(path));
        let args = ["publish"].into_iter().chain(results).chain(cohort.known());
        run_as_coach(args.chain(["--out", text(&report)]).chain(more.iter().copied()))
    };
    // All but the last one, and a file that is none.
    let nothing = cohort.at("nothing.json");
    fs::write(&nothing, "{}").unwrap();
    let published =
        publish(&[&cohort.results[..19], std::slice::from_ref(&nothing)].concat(), &[]).exits(0);
    assert_eq!(published.stdout, "19 results counted and listed\n");
    assert!(published.stderr.contains("1 rejected"), "{}", published.stderr);

    let receipt = |result: &Path, report: &Path, link: &Path| {
        run(["receipt", text(result), text(report), "--link", text(link)])
    };
    for result in &signed[..19] {
        let listed = receipt(result, &report, &cohort.link).exits(0);
        assert!(listed.stdout.starts_with("Listed: "), "{}", listed.stdout);
    }
    let missing = receipt(&signed[19], &report, &cohort.link).exits(1);
    assert!(missing.stdout.starts_with("Not listed: "), "{}", missing.stdout);

    // A report that somebody else signed, or that was changed, says nothing.
    let changed = cohort.at("changed.report.jws.json");
    let content =
        fs::read_to_string(&report).unwrap().replacen("\"payload\":\"eyJ", "\"payload\":\"eyK", 1);
    fs::write(&changed, content).unwrap();
    assert!(receipt(&signed[0], &changed, &cohort.link).exits(1).stdout.contains("(signature)"));
    let other = link(&cohort.folder, "other.link", &[]);
    assert!(receipt(&signed[0], &report, &other).exits(1).stdout.contains("(unknown_cohort)"));

    assert!(publish(&cohort.results, &[]).exits(2).stderr.contains("--force"));
    let few = publish(&cohort.results, &["--force", "--roster", "19"]).exits(2).stderr;
    assert!(few.contains("more people answered (20) than were asked (19)"), "{few}");
    publish(&cohort.results, &["--force", "--roster", "24"]).exits(0);
    assert_eq!(payload(&report)["report"]["reports"][0]["roster"], 24);
    receipt(&signed[19], &report, &cohort.link).exits(0);
    fs::remove_file(&report).unwrap();
    publish(&[nothing], &[]).exits(1);
    assert!(
        publish(&cohort.results, &["--link", text(&other)])
            .exits(2)
            .stderr
            .contains("different cohorts")
    );
    let other_key = key("other");
    let args = ["publish", text(&results), "--key", text(&other_key), "--link", text(&cohort.link)];
    let refused = run_as_coach(args.iter().chain(&["--out", text(&report)])).exits(2);
    assert!(refused.stderr.contains("another key"), "{}", refused.stderr);
    assert!(!report.exists());
}
