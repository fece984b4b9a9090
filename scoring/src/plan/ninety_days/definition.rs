//! The rules of the 90-day test as data, and what such data must satisfy.

use super::fact::{Fact, Facts, Scope, Span};
use super::{N_SLOTS, WEEKS};
use crate::instrument::decode::{Node, Object};
use crate::instrument::wording::decode_wording;
use crate::instrument::{Problem, Problems, Wording};
use crate::score::Truth;
use num_rational::Rational64;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// The format number that this code reads.
const FORMAT: i64 = 1;

const DEFINITION: &str = "definition.json";

/// The rules of the 90-day test.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Published version, such as `1.0`.
    pub version: String,
    /// The weeks that show where somebody started.
    pub early: RangeInclusive<usize>,
    /// The weeks that show where it led.
    pub late: RangeInclusive<usize>,
    /// Fewer weeks with a value than this in one of the two: nothing is concluded from them.
    pub min_weeks: usize,
    /// When a behaviour counts as changed.
    pub changed: Condition,
    /// When an indicator counts as moved.
    pub moved: Condition,
    /// When a behaviour counts as seen by the team.
    pub seen: Condition,
    /// When the team counts as doing its part.
    pub done: Condition,
    /// Everything that a verdict may say.
    pub rules: Vec<Rule>,
    /// How a phrase is told from a behaviour, in the order in which it is tested.
    pub form: Vec<FormCheck>,
    /// Ids of the examples that the wording has.
    pub examples: Vec<String>,
}

/// A sentence and what calls for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Identifier, and key of its texts.
    pub id: String,
    /// What it is.
    pub kind: RuleKind,
    /// When it is said.
    pub when: Condition,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleKind {
    /// Verdict: nothing can be concluded.
    NotEnough,
    /// Verdict: coaching is the lever.
    Lever,
    /// Verdict: the constraint is structural.
    Structural,
    /// Something to bear in mind beside the verdict.
    Note,
    /// A step that what the team named calls for.
    Step,
}

impl RuleKind {
    /// Every kind.
    pub const ALL: [RuleKind; 5] = [
        RuleKind::NotEnough,
        RuleKind::Lever,
        RuleKind::Structural,
        RuleKind::Note,
        RuleKind::Step,
    ];

    /// Its name in files and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            RuleKind::NotEnough => "not_enough",
            RuleKind::Lever => "lever",
            RuleKind::Structural => "structural",
            RuleKind::Note => "note",
            RuleKind::Step => "step",
        }
    }

    /// Whether it is a verdict, of which one is given.
    #[must_use]
    pub fn is_verdict(self) -> bool {
        matches!(self, RuleKind::NotEnough | RuleKind::Lever | RuleKind::Structural)
    }
}

/// A condition over facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Always true.
    Always,
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// A fact compared with a threshold.
    Fact(Bound),
}

/// A fact and the threshold that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The fact.
    pub fact: Fact,
    /// The threshold.
    pub threshold: i64,
    /// Whether the fact has to reach the threshold; otherwise it has to lie below it.
    pub at_least: bool,
}

/// A fact behind a sentence, with the threshold that the rule compares it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// What the rule asks.
    pub bound: Bound,
    /// What the fact is or can be.
    pub is: Span,
}

impl Bound {
    fn truth(self, facts: &Facts) -> Truth {
        let (span, threshold) = (facts.get(self.fact), Rational64::from(self.threshold));
        let reached = match (span.low >= threshold, span.high >= threshold) {
            (true, _) => Truth::True,
            (false, true) => Truth::Unknown,
            (false, false) => Truth::False,
        };
        if self.at_least { reached } else { !reached }
    }
}

impl Condition {
    /// Whether it holds, in Kleene's strong logic.
    #[must_use]
    pub fn truth(&self, facts: &Facts) -> Truth {
        match self {
            Condition::Always => Truth::True,
            Condition::All(parts) => Truth::all(parts.iter().map(|part| part.truth(facts))),
            Condition::Any(parts) => Truth::any(parts.iter().map(|part| part.truth(facts))),
            Condition::Fact(bound) => bound.truth(facts),
        }
    }

    /// The comparisons that have the wanted truth and so decide it, each once, in the order written.
    #[must_use]
    pub fn because(&self, facts: &Facts, wanted: Truth) -> Vec<Evidence> {
        let mut found = Vec::new();
        self.walk(&mut |bound| {
            let evidence = Evidence { bound, is: facts.get(bound.fact) };
            if bound.truth(facts) == wanted && !found.contains(&evidence) {
                found.push(evidence);
            }
        });
        found
    }

    /// Calls `visit` on every comparison.
    pub fn walk(&self, visit: &mut impl FnMut(Bound)) {
        match self {
            Condition::Always => {}
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.walk(visit));
            }
            Condition::Fact(bound) => visit(*bound),
        }
    }
}

/// One test of a phrase's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormCheck {
    /// Identifier, and key of its texts and patterns.
    pub id: String,
    /// What is tested.
    pub test: FormTest,
}

/// What makes a phrase fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormTest {
    /// It has fewer words.
    FewerWords(usize),
    /// It has more words.
    MoreWords(usize),
    /// One of the wording's patterns is in it.
    Present,
    /// None of the wording's patterns is in it.
    Absent,
}

impl Definition {
    /// Reads and checks the bytes of `definition.json`.
    ///
    /// # Errors
    /// Every problem found: of form, thresholds out of reach, rules that can never fire.
    pub fn load(file: &[u8]) -> Result<Self, Vec<Problem>> {
        let definition = Self::load_published(file)?;
        let mut problems = Problems::new(DEFINITION);
        check(&definition, &mut problems);
        if problems.found.is_empty() { Ok(definition) } else { Err(problems.found) }
    }

    /// Reads a definition that [`Definition::load`] accepted when it was published: only its form is checked.
    ///
    /// # Errors
    /// Every fault of form.
    pub fn load_published(file: &[u8]) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::new(DEFINITION);
        let definition = problems.read(file).and_then(|value| decode(&value, &mut problems));
        definition.filter(|_| problems.found.is_empty()).ok_or(problems.found)
    }

    /// Reads the wording of one language and checks that it is complete; `file` names it in problems.
    ///
    /// # Errors
    /// Every missing, empty or surplus text.
    pub fn wording(&self, file: &str, text: &[u8]) -> Result<Wording, Vec<Problem>> {
        let mut problems = Problems::new(file);
        let Some(wording) =
            problems.read(text).and_then(|value| decode_wording(&value, &mut problems))
        else {
            return Err(problems.found);
        };
        self.check_wording(&wording, &mut problems);
        if problems.found.is_empty() { Ok(wording) } else { Err(problems.found) }
    }

    fn check_wording(&self, wording: &Wording, problems: &mut Problems) {
        let mut needed: BTreeSet<String> = BTreeSet::new();
        let mut need = |path: String| needed.insert(path);
        for rule in &self.rules {
            for part in ["title", "text", "next.0"] {
                need(format!("rules.{}.{part}", rule.id));
            }
        }
        for check in &self.form {
            need(format!("form.{}.what", check.id));
            need(format!("form.{}.do", check.id));
            if matches!(check.test, FormTest::Present | FormTest::Absent) {
                need(format!("form.{}.patterns.0", check.id));
            }
        }
        for example in &self.examples {
            for part in ["behaviour", "team", "indicator", "unit", "wanted", "mechanism"] {
                need(format!("examples.{example}.{part}"));
            }
        }
        for fact in Fact::ALL {
            need(format!("facts.{}", fact.code()));
        }
        for kind in RuleKind::ALL.into_iter().filter(|kind| kind.is_verdict()) {
            need(format!("verdicts.{}", kind.code()));
        }
        for path in TEXTS {
            need(path.to_owned());
        }
        for path in &needed {
            if wording.text(path).trim().is_empty() {
                problems.add(path.as_str(), "missing, or empty");
            }
        }
        // Of a list, the first element is needed and more are welcome.
        let continues_a_list = |path: &str| {
            let place =
                path.rsplit_once('.').filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
            place.is_some_and(|(list, _)| needed.contains(&format!("{list}.0")))
        };
        for (path, text) in wording.texts() {
            if !needed.contains(path) && !continues_a_list(path) {
                problems.add(path.as_str(), "no rule, form or fact has this text");
            } else if text.trim().is_empty() && !needed.contains(path) {
                problems.add(path.as_str(), "missing, or empty");
            }
        }
    }
}

/// Texts that every wording has, whatever the rules are.
const TEXTS: [&str; 21] = [
    "form_words.openers.0",
    "form_words.pledges.0",
    "shown.1",
    "shown.2",
    "shown.3",
    "shown.4",
    "shown.5",
    "shown.na",
    "phases.targets.name",
    "phases.targets.text",
    "phases.indicators.name",
    "phases.indicators.text",
    "phases.mechanism.name",
    "phases.mechanism.text",
    "phases.validation.name",
    "phases.validation.text",
    "counts.changed",
    "counts.moved",
    "counts.seen",
    "counts.done",
    "language",
];

fn decode(value: &serde_json::Value, p: &mut Problems) -> Option<Definition> {
    let members = [
        "format",
        "version",
        "early",
        "late",
        "min_weeks",
        "changed",
        "moved",
        "seen",
        "done",
        "rules",
        "form",
        "examples",
    ];
    let object = Node::root(value).object(&members, p)?;
    if object.get("format", p).integer(p) != FORMAT {
        p.add("format", format!("this program reads format {FORMAT} only"));
    }
    let weeks = |key: &str, p: &mut Problems| {
        let node = object.get(key, p);
        match node.list(p).as_slice() {
            [from, to] => from.count(p)..=to.count(p),
            _ => {
                node.problem("expected two weeks", p);
                1..=1
            }
        }
    };
    let (early, late) = (weeks("early", p), weeks("late", p));
    let condition = |key: &str, p: &mut Problems| decode_condition(object.get(key, p), p);
    let (changed, moved) = (condition("changed", p), condition("moved", p));
    let (seen, done) = (condition("seen", p), condition("done", p));
    Some(Definition {
        version: object.text("version", p),
        early,
        late,
        min_weeks: object.get("min_weeks", p).count(p),
        changed: changed?,
        moved: moved?,
        seen: seen?,
        done: done?,
        rules: elements(&object, "rules", p, decode_rule),
        form: elements(&object, "form", p, decode_form),
        examples: object.get("examples", p).texts(p),
    })
}

fn elements<'a, T>(
    object: &Object<'a>,
    key: &str,
    p: &mut Problems,
    decode: impl Fn(Node<'a>, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let nodes = object.get(key, p).list(p);
    nodes.into_iter().filter_map(|node| decode(node, p)).collect()
}

fn decode_rule(node: Node<'_>, p: &mut Problems) -> Option<Rule> {
    let rule = node.object(&["id", "kind", "when"], p)?;
    let kinds = RuleKind::ALL.map(|kind| (kind.code(), kind));
    Some(Rule {
        id: rule.text("id", p),
        kind: rule.get("kind", p).one_of(&kinds, p)?,
        when: decode_condition(rule.get("when", p), p)?,
    })
}

/// `{"always": true}`, `{"all": […]}`, `{"any": […]}`, or `{"fact": …}` with one threshold.
fn decode_condition(node: Node<'_>, p: &mut Problems) -> Option<Condition> {
    let object = node.object(&["always", "all", "any", "fact", "at_least", "below"], p)?;
    let parts = |key: &str, p: &mut Problems| {
        let nodes = object.get(key, p).list(p);
        nodes.into_iter().filter_map(|node| decode_condition(node, p)).collect()
    };
    let has = ["always", "all", "any", "fact", "at_least", "below"].map(|key| object.has(key));
    match has {
        [true, false, false, false, false, false] => {
            let always = object.get("always", p);
            if !always.flag(p) {
                always.problem("a rule that never holds", p);
            }
            Some(Condition::Always)
        }
        [false, true, false, false, false, false] => Some(Condition::All(parts("all", p))),
        [false, false, true, false, false, false] => Some(Condition::Any(parts("any", p))),
        [false, false, false, true, at_least, below] if at_least != below => {
            let facts = Fact::ALL.map(|fact| (fact.code(), fact));
            let key = if at_least { "at_least" } else { "below" };
            Some(Condition::Fact(Bound {
                fact: object.get("fact", p).one_of(&facts, p)?,
                threshold: object.get(key, p).integer(p),
                at_least,
            }))
        }
        _ => {
            object.expected_one_member(p);
            None
        }
    }
}

fn decode_form(node: Node<'_>, p: &mut Problems) -> Option<FormCheck> {
    let form = node.object(&["id", "fewer_words", "more_words", "patterns"], p)?;
    let tests = [("present", FormTest::Present), ("absent", FormTest::Absent)];
    let has = ["fewer_words", "more_words", "patterns"].map(|key| form.has(key));
    let test = match has {
        [true, false, false] => FormTest::FewerWords(form.get("fewer_words", p).count(p)),
        [false, true, false] => FormTest::MoreWords(form.get("more_words", p).count(p)),
        [false, false, true] => form.get("patterns", p).one_of(&tests, p)?,
        _ => {
            form.expected_one_member(p);
            return None;
        }
    };
    Some(FormCheck { id: form.text("id", p), test })
}

fn check(definition: &Definition, problems: &mut Problems) {
    for (path, weeks) in [("early", &definition.early), ("late", &definition.late)] {
        let (from, to) = (*weeks.start(), *weeks.end());
        if !(1 <= from && from <= to && to <= WEEKS) {
            problems.add(path, format!("expected two weeks between 1 and {WEEKS} in order"));
        } else if !(1..=to - from + 1).contains(&definition.min_weeks) {
            problems.add(
                "min_weeks",
                format!("\"{path}\" does not have so many weeks, or none is needed"),
            );
        }
    }
    for (path, condition, scope) in [
        ("changed", &definition.changed, Scope::Behaviour),
        ("moved", &definition.moved, Scope::Indicator),
        ("seen", &definition.seen, Scope::Behaviour),
        ("done", &definition.done, Scope::Behaviour),
    ] {
        can_fire(path, condition, &[], scope, problems);
    }
    let ids = definition.rules.iter().map(|rule| &rule.id);
    unique("rules", ids, problems);
    unique("form", definition.form.iter().map(|check| &check.id), problems);
    unique("examples", definition.examples.iter(), problems);
    if definition.examples.len() < N_SLOTS {
        problems.add("examples", format!("a plan needs {N_SLOTS}"));
    }
    let mut earlier: Vec<&Condition> = Vec::new();
    for (idx, rule) in definition.rules.iter().enumerate() {
        let path = format!("rules[{idx}]");
        if rule.kind.is_verdict() {
            can_fire(&path, &rule.when, &earlier, Scope::Plan, problems);
            earlier.push(&rule.when);
        } else {
            can_fire(&path, &rule.when, &[], Scope::Plan, problems);
        }
    }
    for kind in RuleKind::ALL.into_iter().filter(|kind| kind.is_verdict()) {
        if !definition.rules.iter().any(|rule| rule.kind == kind) {
            problems.add("rules", format!("no rule gives the verdict \"{}\"", kind.code()));
        }
    }
    if earlier.last() != Some(&&Condition::Always) {
        problems.add("rules", "the last verdict must hold always, so that one always comes out");
    }
}

fn unique<'a>(path: &str, ids: impl Iterator<Item = &'a String>, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (idx, id) in ids.enumerate() {
        let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if !is_id || !seen.insert(id) {
            let message = "an id is lower-case letters and _, and is used once";
            problems.add(format!("{path}[{idx}]"), message);
        }
    }
}

/// More combinations than these are not tried; no sensible set of rules comes near.
const MAX_COMBINATIONS: usize = 1_000_000;

/// Checks that facts exist under which a condition holds while none of the earlier ones does. Facts are
/// taken as free of each other, so that what is refused can indeed never fire.
fn can_fire(
    path: &str,
    condition: &Condition,
    earlier: &[&Condition],
    scope: Scope,
    problems: &mut Problems,
) {
    // Between two thresholds nothing changes: the ends of the range, each threshold and what is just below it will do.
    let mut candidates: BTreeMap<Fact, BTreeSet<i64>> = BTreeMap::new();
    for part in earlier.iter().copied().chain([condition]) {
        part.walk(&mut |bound| {
            let (low, high) = bound.fact.range();
            let values = candidates.entry(bound.fact).or_insert_with(|| [low, high].into());
            let near = [bound.threshold - 1, bound.threshold];
            values.extend(near.into_iter().filter(|value| (low..=high).contains(value)));
        });
    }
    condition.walk(&mut |bound| {
        let (low, high) = bound.fact.range();
        if bound.fact.scope() != scope {
            problems.add(path, format!("\"{}\" is not known here", bound.fact.code()));
        } else if !(low + 1..=high).contains(&bound.threshold) {
            let message = format!(
                "\"{}\" is {low} to {high}, so a threshold of {} says nothing",
                bound.fact.code(),
                bound.threshold
            );
            problems.add(path, message);
        }
    });
    if has_empty_list(condition) {
        problems.add(path, "an empty list of conditions");
    }
    let n_combinations = candidates.values().map(BTreeSet::len).try_fold(1, usize::checked_mul);
    if n_combinations.is_none_or(|n| n > MAX_COMBINATIONS) {
        problems.add(path, "too many thresholds to tell whether this can ever hold");
        return;
    }
    let fires = |world: &Facts| {
        condition.truth(world) == Truth::True
            && earlier.iter().all(|earlier| earlier.truth(world) == Truth::False)
    };
    let candidates: Vec<_> = candidates.into_iter().collect();
    if !any_world(&candidates, &mut Facts::default(), &fires) {
        let message =
            "can never fire: its thresholds contradict, or an earlier rule always comes first";
        problems.add(path, message);
    }
}

/// Whether one of all combinations of these values is such a world.
fn any_world(
    candidates: &[(Fact, BTreeSet<i64>)],
    world: &mut Facts,
    is_one: &impl Fn(&Facts) -> bool,
) -> bool {
    let Some(((fact, values), others)) = candidates.split_first() else { return is_one(world) };
    values.iter().any(|value| {
        world.set(*fact, Span::known(*value));
        any_world(others, world, is_one)
    })
}

fn has_empty_list(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.is_empty() || parts.iter().any(has_empty_list)
        }
        Condition::Always | Condition::Fact(_) => false,
    }
}
