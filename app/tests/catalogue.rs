//! The interface's texts and the sources that ask for them agree.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What the files of a bundle hold.
fn catalogue(files: &[&str]) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/locales");
    let read = |file: &&str| {
        let text = fs::read(folder.join(format!("{file}.json"))).unwrap();
        serde_json::from_slice::<BTreeMap<String, String>>(&text).unwrap()
    };
    files.iter().flat_map(read).collect()
}

/// Everything that a bundle may load.
const WORK: [&str; 3] = ["en", "en.aside", "en.work"];

const KINDS: [&str; 3] = ["ninety_days", "decision_map", "engagement"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("bin") {
            // The bundles name catalogue files there, not keys.
            continue;
        } else if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every string literal of the sources that has the form of a key, by its file's path.
fn asked() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let is_key = |text: &str| {
        text == "brand"
            || text == "skip"
            || (text.contains('.')
                // Names of what is kept on the device.
                && !text.starts_with("plumbline.")
                && !text.ends_with(".js")
                && !text.ends_with(".json")
                && !text.ends_with(".ini")
                && text.split('.').all(|part| {
                    !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                }))
    };
    let mut asked = BTreeSet::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        for literal in source.split('"').filter(|literal| is_key(literal)) {
            asked.insert((name.clone(), literal.to_owned()));
        }
    }
    asked
}

fn has(catalogue: &BTreeMap<String, String>, key: &str) -> bool {
    let forms = [key.to_owned(), format!("{key}.other"), format!("error.{key}.what")];
    forms.iter().any(|form| catalogue.contains_key(form))
}

#[test]
fn every_text_that_a_participants_page_asks_for_is_in_the_participants_catalogue() {
    let catalogue = catalogue(&["en"]);
    let aside = [
        "components/commitments",
        "components/drop",
        "components/fields",
        "components/pair",
        "pages/coach",
        "pages/data",
        "pages/verify",
        "pages/work",
        "state/problem",
    ];
    for (file, key) in asked() {
        assert!(
            aside.iter().any(|path| file.starts_with(path)) || has(&catalogue, &key),
            "{file}: no text for {key}"
        );
    }
}

#[test]
fn every_text_that_a_page_aside_asks_for_is_in_one_of_its_catalogues() {
    let coach = catalogue(&["en", "en.aside"]);
    let work = catalogue(&WORK);
    for (file, key) in asked() {
        let catalogue = if file.starts_with("pages/work") { &work } else { &coach };
        assert!(has(catalogue, &key), "{file}: no text for {key}");
    }
}

#[test]
fn no_text_is_left_over_and_every_error_says_what_to_do() {
    let asked: BTreeSet<String> = asked().into_iter().map(|(_, key)| key).collect();
    let catalogue = catalogue(&WORK);
    for key in catalogue.keys() {
        let stem = key.rsplit_once('.').map_or(key.as_str(), |(stem, _)| stem);
        if let Some(code) = key.strip_prefix("error.").and_then(|rest| rest.strip_suffix(".what")) {
            assert!(
                catalogue.contains_key(&format!("error.{code}.do")),
                "{code}: what to do is missing"
            );
        }
        let is_error = key.starts_with("error.");
        // Put together from codes; the command line's tests hold these keys against the codes.
        let is_explained = key.starts_with("explain.");
        // Put together from the codes of a decision map's rules, or asked for by its sentences; likewise.
        let parts =
            ["flag", "step", "cell_fault", "unnamed", "hanging", "ratio", "repair", "words"];
        let is_map = parts.iter().any(|part| key.starts_with(&format!("map.{part}.")));
        // Put together from a part of a commitment.
        let is_part = key.starts_with("commitment.");
        // Put together from the code of a worksheet's kind.
        let is_kind = KINDS.iter().any(|kind| key.starts_with(&format!("work.{kind}.")));
        assert!(
            is_error
                || is_explained
                || is_map
                || is_part
                || is_kind
                || asked.contains(key)
                || asked.contains(stem),
            "nobody asks for {key}"
        );
    }
}

/// The page of a decision map puts keys together from the library's codes; no other key is left over.
#[test]
fn every_code_of_a_decision_map_has_its_texts() {
    use scoring::plan::decision_map::{Field, Kind, Permission, When, YesNo};
    let (kinds, sections) =
        ([Kind::Metric, Kind::Outcome, Kind::Owed], [Kind::Metric, Kind::Outcome]);
    let mut keys = BTreeSet::new();
    for kind in kinds {
        keys.insert(format!("add.{}", kind.code()));
        let of_field = |field: &Field| format!("field.{}.{}", kind.code(), field.code());
        keys.extend(kind.fields().iter().map(of_field));
    }
    for kind in sections {
        keys.insert(format!("list.{}", kind.code()));
        let parts = ["", ".one", ".two", ".three"];
        keys.extend(parts.map(|part| format!("needs.{}{part}", kind.code())));
    }
    let said = |name: &str, codes: Vec<&str>| -> Vec<String> {
        codes.into_iter().chain(["none"]).map(|code| format!("{name}.{code}")).collect()
    };
    keys.extend(said("when", When::SAID.iter().map(|(code, _)| *code).collect()));
    keys.extend(said("permission", Permission::SAID.iter().map(|(code, _)| *code).collect()));
    keys.extend(said("choice", YesNo::SAID.iter().map(|(code, _)| *code).collect()));
    let facts = [
        "owner",
        "threshold",
        "lever",
        "permission",
        "decisions",
        "responsible",
        "casting_vote",
        "on_track",
        "owes",
        "by",
        "delivered",
    ];
    keys.extend(facts.map(|code| format!("fact.{code}")));
    keys.extend(
        [
            "title",
            "what",
            "new",
            "not_said",
            "nothing_to_mend",
            "edit",
            "remove",
            "wrong.by",
            "wrong.decisions",
        ]
        .map(str::to_owned),
    );

    let catalogue = catalogue(&WORK);
    let asked: BTreeSet<String> = asked().into_iter().map(|(_, key)| key).collect();
    for key in &keys {
        let key = format!("work.decision_map.{key}");
        assert!(catalogue.contains_key(&key), "no text for {key}");
    }
    for key in catalogue.keys() {
        let Some(own) = key.strip_prefix("work.decision_map.") else { continue };
        let stem = own.rsplit_once('.').map_or(own, |(stem, _)| stem);
        let is_hint = own.ends_with(".hint") && keys.contains(stem);
        let is_asked = [key.as_str(), key.rsplit_once('.').map_or("", |(stem, _)| stem)]
            .iter()
            .any(|key| asked.contains(*key));
        assert!(is_hint || is_asked || keys.contains(own), "nobody asks for {key}");
    }
}

/// The example is a map whose gaps show what the rules say, and it ages into no other.
#[test]
fn the_example_of_a_decision_map_has_gaps_of_every_step() {
    use scoring::plan::decision_map::{Step, Words, read_file};
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../public/worksheets/decision_map/example.en.json");
    let map = read_file(&fs::read(file).unwrap(), String::new).unwrap().map;
    let texts = catalogue(&WORK);
    let words = |part: &str| texts.get(&format!("map.words.{part}")).unwrap();
    let words = Words::new(words("groups"), words("nothing"), words("joining"));
    let repairs = map.repairs(&words, "2026-01-01");
    assert_eq!(repairs, map.repairs(&words, "2099-12-31"));
    let steps: BTreeSet<Step> = repairs.iter().map(|repair| repair.step).collect();
    assert_eq!(steps, Step::ALL.into());
    assert!(
        map.metrics.first().is_some_and(|sound| repairs.iter().all(|repair| repair.id != sound.id))
    );
}

#[test]
fn every_code_of_an_engagement_record_has_its_texts() {
    use scoring::plan::engagement::{
        Difference, Kind, Movement, Phase, Quality, RULES, Refusal, Takes, Unfit,
    };
    let mut keys = Vec::new();
    for kind in Kind::ALL {
        let kind_code = kind.code();
        keys.push(format!("kind.{kind_code}"));
        for field in kind.fields() {
            keys.push(format!("field.{kind_code}.{}", field.code));
            if let Takes::Choice(codes) = field.takes {
                let of_phase = |code: &&str| match field.code {
                    "phase" => format!("phase.{code}"),
                    _ => format!("choice.{kind_code}.{}.{code}", field.code),
                };
                keys.extend(codes.iter().map(of_phase));
            }
        }
        if *kind != Kind::Phase && *kind != Kind::About {
            keys.extend(kind.ids().iter().copied().flatten().map(|id| format!("{kind_code}.{id}")));
        }
    }
    for phase in Phase::ALL {
        keys.extend(["", ".what", ".evidence"].map(|part| format!("phase.{}{part}", phase.code())));
    }
    for rule in RULES {
        keys.extend(["what", "do", "why"].map(|part| format!("rule.{}.{part}", rule.code)));
    }
    keys.extend(Quality::ALL.map(|quality| format!("quality.{}", quality.code())));
    keys.extend(Movement::ALL.map(|movement| format!("movement.{}", movement.code())));
    keys.extend(Difference::ALL.map(|difference| format!("difference.{}", difference.code())));
    keys.extend(Unfit::ALL.map(|unfit| format!("unfit.{}", unfit.code())));
    let catalogue = catalogue(&WORK);
    for key in keys {
        assert!(catalogue.contains_key(&format!("work.engagement.{key}")), "no text for {key}");
    }
    for refusal in Refusal::ALL {
        assert!(has(&catalogue, refusal.code()), "no text for {}", refusal.code());
    }
}

/// Texts of the 90-day test that are put together from a code: none is missing, and none is left over.
#[test]
fn every_code_of_a_ninety_day_test_has_its_texts() {
    use scoring::plan::ninety_days::{Answer, Direction, Fact, Obstacle, Phase, RuleKind, Scope};
    let mut keys: BTreeSet<String> =
        ["title", "what", "new", "one"].map(|part| part.to_owned()).into_iter().collect();
    let mut add = |stem: &str, codes: &[&str]| {
        keys.extend(codes.iter().map(|code| format!("{stem}.{code}")));
    };
    add("place", &["now", "plan", "team", "verdict"]);
    add("part", &Phase::ALL.map(Phase::code)[..3]);
    add("behaviour", &["own", "own.hint", "team", "team.hint"]);
    add("wanted", &Direction::ALL.map(Direction::code));
    add("answer", &Answer::ALL.map(Answer::code));
    add("obstacle", &Obstacle::ALL.map(Obstacle::code));
    add("ask", &["sees", "does", "named", "moment"]);
    add("team.by", &["self", "other"]);
    add("outcome", &["changed", "seen", "done", "moved"]);
    add("is", &["yes", "no", "open"]);
    for entry in ["check_in", "ask", "verdict"] {
        add("calendar", &[entry, &format!("{entry}.text")]);
    }
    // What is open is a fact that a verdict of the published rules rests on.
    let definition =
        include_bytes!("../../public/worksheets/ninety_days/1.0/definition.json").as_slice();
    let definition = scoring::plan::ninety_days::Definition::load(definition).unwrap();
    for rule in definition.rules.iter().filter(|rule| RuleKind::is_verdict(rule.kind)) {
        rule.when.walk(&mut |bound| {
            assert_eq!(Fact::scope(bound.fact), Scope::Plan);
            keys.insert(format!("todo.{}", bound.fact.code()));
        });
    }
    let asked: BTreeSet<String> = asked().into_iter().map(|(_, key)| key).collect();
    let catalogue = catalogue(&WORK);
    for key in &keys {
        assert!(catalogue.contains_key(&format!("work.ninety_days.{key}")), "no text for {key}");
    }
    for key in catalogue.keys() {
        let Some(own) = key.strip_prefix("work.ninety_days.") else { continue };
        let stem = key.rsplit_once('.').map_or(key.as_str(), |(stem, _)| stem);
        let is_asked = keys.contains(own) || asked.contains(key) || asked.contains(stem);
        assert!(is_asked, "nobody asks for {key}");
    }
}
