//! What a definition and its wordings must satisfy beyond their shape.

use super::pair::{PAIR_CODES, check_pair};
use super::{
    Chart, Condition, Definition, Item, ItemKind, Problems, Response, RuleKind, ScaleDefinition,
    Wording, reach,
};
use crate::gather;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn definition(definition: &Definition, problems: &mut Problems) {
    let items: BTreeMap<&str, &Item> =
        gather(definition.items.iter().map(|item| (item.id.as_str(), item)));
    identity(definition, problems);
    ids("items", definition.items.iter().map(|item| item.id.as_str()), problems);
    ids("sections", definition.sections.iter().map(|section| section.id.as_str()), problems);
    ids("groups", definition.groups.iter().map(|group| group.id.as_str()), problems);
    ids("scales", definition.scales.iter().map(|scale| scale.id.as_str()), problems);
    ids("rules", definition.rules.iter().map(|rule| rule.id.as_str()), problems);
    responses(definition, problems);
    item_details(definition, &items, problems);
    let order = presentation(definition, &items, problems);
    for (idx, item) in definition.items.iter().enumerate() {
        if let Some(condition) = &item.shown_when {
            shown_when(condition, &format!("items[{idx}].shown_when"), &item.id, &order, problems);
            references(
                condition,
                &format!("items[{idx}].shown_when"),
                definition,
                &items,
                problems,
            );
        }
    }
    for (idx, scale) in definition.scales.iter().enumerate() {
        scale_details(scale, &format!("scales[{idx}]"), definition, &items, problems);
    }
    for (idx, group) in definition.groups.iter().enumerate() {
        let n_scales = definition.scales.iter().filter(|scale| scale.group == group.id).count();
        if n_scales == 0 || (group.chart == Chart::Radar && n_scales < 3) {
            problems
                .add(format!("groups[{idx}]"), format!("its chart cannot show {n_scales} scales"));
        }
        if group.agreement_from.is_some_and(|from| !(1..=100).contains(&from)) {
            problems.add(format!("groups[{idx}].agreement_from"), "expected 1 to 100, hundredths");
        }
    }
    rules(definition, &items, problems);
    if let Some(pair) = &definition.pair {
        check_pair(pair, definition, problems);
    }
    if problems.found.is_empty() {
        reach::check(definition, problems);
    }
}

fn identity(definition: &Definition, problems: &mut Problems) {
    if !is_id(&definition.id) {
        problems.add("id", ID_FORM);
    }
    let parts: Vec<_> = definition.version.split('.').collect();
    if parts.len() != 2 || !parts.iter().all(|part| is_number(part)) {
        problems.add("version", "expected two numbers, such as 1.0");
    }
    if !(1..=120).contains(&definition.minutes) {
        problems.add("minutes", "expected 1 to 120");
    }
    for (path, empty) in [
        ("languages", definition.languages.is_empty()),
        ("raters", definition.raters.is_empty()),
        ("items", definition.items.is_empty()),
        ("sections", definition.sections.is_empty()),
        ("scales", definition.scales.is_empty()),
    ] {
        if empty {
            problems.add(path, "at least one is needed");
        }
    }
}

/// A version part: digits without a sign or a leading zero, small enough for any reader.
fn is_number(part: &str) -> bool {
    part.len() <= 4
        && part.chars().all(|digit| digit.is_ascii_digit())
        && (part == "0" || !part.starts_with('0'))
        && !part.is_empty()
}

const ID_FORM: &str =
    "an id is letters, digits and _, begins with a letter, and has at most 64 characters";

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_alphabetic())
        && id.len() <= 64
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn ids<'a>(list: &str, ids: impl Iterator<Item = &'a str>, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (idx, id) in ids.enumerate() {
        if !is_id(id) {
            problems.add(format!("{list}[{idx}].id"), ID_FORM);
        }
        // Columns of a spreadsheet are matched without regard to case.
        if !seen.insert(id.to_ascii_lowercase()) {
            problems.add(format!("{list}[{idx}].id"), format!("\"{id}\" is used twice"));
        }
    }
}

fn responses(definition: &Definition, problems: &mut Problems) {
    for (id, response) in &definition.responses {
        let path = format!("responses.{id}");
        match response {
            Response::Rating { min, max, favourable_from, .. } => {
                if !(*min >= 0 && min < max && *max <= 100) {
                    problems.add(&path, "expected 0 ≤ min < max ≤ 100");
                }
                if !(min < favourable_from && favourable_from <= max) {
                    problems.add(&path, "favourable_from must lie above min and not above max");
                }
            }
            Response::Choice { codes, .. } => {
                let distinct: BTreeSet<i64> = gather(codes.iter().copied());
                if !(2..=100).contains(&codes.len()) || distinct.len() != codes.len() {
                    problems.add(&path, "expected 2 to 100 codes, each once");
                }
            }
        }
        let used = definition.items.iter().any(|item| match &item.kind {
            ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => response == id,
            ItemKind::Text { .. } | ItemKind::Ranking { .. } => false,
        });
        if !used {
            problems.add(&path, "no item uses it");
        }
    }
}

fn item_details(definition: &Definition, items: &BTreeMap<&str, &Item>, problems: &mut Problems) {
    for (idx, item) in definition.items.iter().enumerate() {
        let path = format!("items[{idx}]");
        match &item.kind {
            ItemKind::Rating { response, .. } => match definition.responses.get(response) {
                Some(Response::Rating { .. }) => {}
                Some(Response::Choice { .. }) => {
                    problems.add(
                        path,
                        format!("a rating item needs a rating response, not \"{response}\""),
                    );
                }
                None => problems.add(path, format!("there is no response \"{response}\"")),
            },
            ItemKind::Choice { response, .. } => {
                if !definition.responses.contains_key(response) {
                    problems.add(path, format!("there is no response \"{response}\""));
                }
            }
            ItemKind::Text { max_chars } => {
                if !(1..=5000).contains(max_chars) {
                    problems.add(path, "max_chars must be 1 to 5000");
                }
            }
            ItemKind::Ranking { candidates, pick } => {
                for candidate in candidates {
                    if !items.contains_key(candidate.as_str()) {
                        problems.add(&path, format!("there is no item \"{candidate}\""));
                    }
                }
                let distinct: BTreeSet<_> = gather(candidates);
                if distinct.len() != candidates.len() {
                    problems.add(&path, "a candidate is listed twice");
                }
                if *pick == 0 || *pick > candidates.len() {
                    problems
                        .add(&path, "pick must be at least 1 and at most the number of candidates");
                }
            }
        }
    }
}

/// Checks that every item is presented exactly once; returns the position of each.
fn presentation(
    definition: &Definition,
    items: &BTreeMap<&str, &Item>,
    problems: &mut Problems,
) -> BTreeMap<String, usize> {
    let mut order = BTreeMap::new();
    for (section_idx, section) in definition.sections.iter().enumerate() {
        for (screen_idx, screen) in section.screens.iter().enumerate() {
            let path = format!("sections[{section_idx}].screens[{screen_idx}]");
            if screen.is_empty() {
                problems.add(&path, "a screen needs at least one item");
            }
            let is_rating = |id: &&String| {
                items.get(id.as_str()).is_some_and(|i| matches!(i.kind, ItemKind::Rating { .. }))
            };
            if screen.iter().filter(is_rating).count() > 8 {
                problems.add(&path, "more than 8 ratings on one screen");
            }
            for id in screen {
                if !items.contains_key(id.as_str()) {
                    problems.add(&path, format!("there is no item \"{id}\""));
                }
                if order.insert(id.clone(), order.len()).is_some() {
                    problems.add(&path, format!("item \"{id}\" is shown twice"));
                }
            }
        }
    }
    for (idx, item) in definition.items.iter().enumerate() {
        if !order.contains_key(&item.id) {
            problems.add(format!("items[{idx}]"), format!("item \"{}\" is on no screen", item.id));
        }
    }
    order
}

fn shown_when(
    condition: &Condition,
    path: &str,
    own: &str,
    order: &BTreeMap<String, usize>,
    problems: &mut Problems,
) {
    let own_position = order.get(own);
    condition.walk(&mut |part| {
        let asked: Vec<&String> = match part {
            Condition::Answer { item, .. } => vec![item],
            Condition::Count(count) => count.items.iter().collect(),
            Condition::Score(_) | Condition::Lowest { .. } | Condition::CountScores(_) => {
                problems.add(path, "may depend on answers only, not on scores");
                Vec::new()
            }
            _ => Vec::new(),
        };
        for item in asked {
            if order.get(item) >= own_position {
                problems.add(path, format!("item \"{item}\" is not asked before it"));
            }
        }
    });
}

fn scale_details(
    scale: &ScaleDefinition,
    path: &str,
    definition: &Definition,
    items: &BTreeMap<&str, &Item>,
    problems: &mut Problems,
) {
    if !definition.groups.iter().any(|group| group.id == scale.group) {
        problems.add(path, format!("there is no group \"{}\"", scale.group));
    }
    let distinct: BTreeSet<_> = gather(&scale.items);
    if scale.items.is_empty() || distinct.len() != scale.items.len() {
        problems.add(path, "needs at least one item, each once");
    }
    if scale.min_answered == 0 || scale.min_answered > scale.items.len() {
        problems.add(path, "min_answered must be at least 1 and at most the number of items");
    }
    let mut shared = None;
    for id in &scale.items {
        match items.get(id.as_str()).map(|item| &item.kind) {
            Some(ItemKind::Rating { response, .. }) => {
                if *shared.get_or_insert(response) != response {
                    problems.add(path, "its items use different responses");
                }
            }
            Some(_) => problems.add(path, format!("item \"{id}\" is not a rating")),
            None => problems.add(path, format!("there is no item \"{id}\"")),
        }
    }
    let starts: Vec<i64> = scale.bands.iter().map(|band| band.from).collect();
    if starts.first() != Some(&0)
        || !starts.is_sorted_by(|a, b| a < b)
        || starts.last() > Some(&100)
    {
        problems.add(path, "bands must begin at 0 and ascend to at most 100");
    }
}

fn rules(definition: &Definition, items: &BTreeMap<&str, &Item>, problems: &mut Problems) {
    for (idx, rule) in definition.rules.iter().enumerate() {
        let path = format!("rules[{idx}]");
        references(&rule.when, &path, definition, items, problems);
        match (&rule.rank_by, rule.kind) {
            (Some(scale), RuleKind::Focus) => {
                if !definition.scales.iter().any(|known| known.id == *scale) {
                    problems.add(&path, format!("there is no scale \"{scale}\""));
                }
            }
            (None, RuleKind::Focus) => problems.add(&path, "a focus rule needs rank_by"),
            (Some(_), _) => problems.add(&path, "only focus rules have rank_by"),
            (None, _) => {}
        }
        if rule.then.is_some() && rule.kind != RuleKind::Verdict {
            problems.add(&path, "only verdicts say what comes then");
        }
    }
    let verdicts: Vec<_> =
        definition.rules.iter().filter(|rule| rule.kind == RuleKind::Verdict).collect();
    if let Some((last, earlier)) = verdicts.split_last() {
        if last.when != Condition::Always(true) {
            problems
                .add("rules", "the last verdict must hold always, so that one always comes out");
        }
        for rule in earlier.iter().filter(|rule| rule.when == Condition::Always(true)) {
            problems.add("rules", format!("verdict \"{}\" hides the ones after it", rule.id));
        }
    }
    if definition.rules.iter().any(|rule| rule.kind == RuleKind::Focus)
        && definition.focus_limit == 0
    {
        problems.add("limits.focus", "focus rules are declared, but none may be shown");
    }
}

/// Checks that a condition names existing items and scales, offered codes and reachable thresholds.
fn references(
    condition: &Condition,
    path: &str,
    definition: &Definition,
    items: &BTreeMap<&str, &Item>,
    problems: &mut Problems,
) {
    let response_of = |id: &str| -> Option<&Response> {
        match &items.get(id)?.kind {
            ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => {
                definition.responses.get(response)
            }
            ItemKind::Text { .. } | ItemKind::Ranking { .. } => None,
        }
    };
    let scale_size = |id: &str| {
        let scale = definition.scales.iter().find(|scale| scale.id == id)?;
        Some(definition.scales.iter().filter(|other| other.group == scale.group).count())
    };
    condition.walk(&mut |part| {
        let mut fail = |message: String| problems.add(path, message);
        let mut answer = |item: &str, is: &[i64]| match response_of(item) {
            None => fail(format!("there is no item with options \"{item}\"")),
            Some(response) => {
                for code in is.iter().filter(|code| !response.has_code(**code)) {
                    fail(format!("item \"{item}\" has no option {code}"));
                }
                if is.is_empty() {
                    fail(format!("no option of \"{item}\" is named, so this can never hold"));
                }
            }
        };
        match part {
            Condition::Always(true) | Condition::Not(_) => {}
            Condition::Always(false) => fail("a rule that never holds".to_owned()),
            Condition::All(parts) | Condition::Any(parts) => {
                if parts.is_empty() {
                    fail("an empty list of conditions".to_owned());
                }
            }
            Condition::Answer { item, is } => answer(item, is),
            Condition::Count(count) => {
                for item in &count.items {
                    answer(item, &count.is);
                }
                let n_items = count.items.len();
                match (count.at_least, count.at_most) {
                    (Some(n), None) if n >= 1 && n <= n_items => {}
                    (None, Some(n)) if n < n_items => {}
                    _ => problems.add(
                        path,
                        "count: give at_least (1 to the number of items) or at_most (below it)",
                    ),
                }
            }
            Condition::Score(threshold) => {
                if scale_size(&threshold.scale).is_none() {
                    fail(format!("there is no scale \"{}\"", threshold.scale));
                }
                if !one_threshold(threshold.below, threshold.at_least) {
                    fail(THRESHOLD_FORM.to_owned());
                }
            }
            Condition::Lowest { scale, among } => match scale_size(scale) {
                None => fail(format!("there is no scale \"{scale}\"")),
                Some(n_scales) if *among == 0 || *among >= n_scales => {
                    fail(format!("among must be 1 to {}", n_scales.saturating_sub(1)));
                }
                Some(_) => {}
            },
            Condition::CountScores(count) => {
                for scale in count.scales.iter().filter(|scale| scale_size(scale).is_none()) {
                    fail(format!("there is no scale \"{scale}\""));
                }
                if !one_threshold(count.below, count.at_least_score) {
                    fail(THRESHOLD_FORM.to_owned());
                }
                if count.at_least == 0 || count.at_least > count.scales.len() {
                    fail("at_least must be 1 to the number of scales".to_owned());
                }
            }
        }
    });
}

const THRESHOLD_FORM: &str = "give one threshold: below (1 to 100) or at least (0 to 100)";

fn one_threshold(below: Option<i64>, at_least: Option<i64>) -> bool {
    match (below, at_least) {
        (Some(below), None) => (1..=100).contains(&below),
        (None, Some(at_least)) => (0..=100).contains(&at_least),
        _ => false,
    }
}

/// Checks that every id of the definition has its text, that nothing else has, and that none is empty.
pub(super) fn wording(definition: &Definition, wording: &Wording, problems: &mut Problems) {
    for (path, expected) in [("instrument", &definition.id), ("version", &definition.version)] {
        if wording.text(path) != expected {
            problems.add(path, format!("expected \"{expected}\""));
        }
    }
    if !definition.languages.iter().any(|language| language == wording.text("language")) {
        problems.add("language", "not among the definition's languages");
    }
    let mut expected = expected_texts(definition);
    // Lists may be of any length from one, and hints are optional.
    let mut lists = vec!["purpose".to_owned()];
    lists.extend(definition.rules.iter().map(|rule| format!("rules.{}.next", rule.id)));
    let pair_codes = definition.pair.iter().flat_map(|_| PAIR_CODES);
    lists.extend(pair_codes.map(|code| format!("pair.{code}.next")));
    for list in lists {
        let n_texts = wording.list(&list).count().max(1);
        expected.extend((0..n_texts).map(|idx| format!("{list}.{idx}")));
    }
    let hints = definition.items.iter().map(|item| format!("hints.{}", item.id));
    expected.extend(hints.filter(|hint| wording.find(hint).is_some()));

    for path in expected.iter().filter(|path| wording.find(path).is_none()) {
        problems.add(path.as_str(), "missing text");
    }
    for (path, text) in wording.texts() {
        if !expected.contains(path) {
            problems.add(path.as_str(), "the definition has nothing that this is the text of");
        }
        if text.trim().is_empty() {
            problems.add(path.as_str(), "empty text");
        }
    }
}

/// The paths of all texts that a definition calls for, other than lists and hints.
fn expected_texts(definition: &Definition) -> BTreeSet<String> {
    let mut expected = BTreeSet::new();
    let mut expect = |path: &str, id: &str, parts: &[&str]| {
        expected.extend(parts.iter().map(|part| match id {
            "" => format!("{path}{part}"),
            id => format!("{path}.{id}{part}"),
        }));
    };
    expect("", "", &["instrument", "version", "language", "title", "short_title", "summary"]);
    let raters: Vec<String> =
        definition.raters.iter().map(|rater| format!(".{}", rater.code())).collect();
    let raters: Vec<&str> = raters.iter().map(String::as_str).collect();
    for rater in &definition.raters {
        expect("raters", rater.code(), &[".label", ".instruction", ".notice"]);
    }
    for section in &definition.sections {
        expect("sections", &section.id, &[".title", ".intro"]);
    }
    for (id, response) in &definition.responses {
        for code in response.codes() {
            expect("responses", id, &[&format!(".{code}")]);
        }
        if response.not_applicable() {
            expect("responses", id, &[".na"]);
        }
    }
    for item in &definition.items {
        expect("items", &item.id, &raters);
    }
    for group in &definition.groups {
        expect("groups", &group.id, &[".title", ".description"]);
    }
    for scale in &definition.scales {
        expect("scales", &scale.id, &[".name", ".description"]);
        if definition.agreement_from(scale).is_some() {
            expect("scales", &scale.id, &[".disagreement"]);
        }
        for band in &scale.bands {
            expect("scales", &scale.id, &[&format!(".bands.{}", band.id)]);
            expect("bands", &band.id, &[""]);
        }
    }
    for rule in &definition.rules {
        expect("rules", &rule.id, &[".title", ".text"]);
    }
    for code in definition.pair.iter().flat_map(|_| PAIR_CODES) {
        expect("pair", code, &[".title", ".text", ".rule"]);
    }
    expected
}
