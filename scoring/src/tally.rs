//! The tally: everything a cohort report needs, counted in integers that add up over any number of machines.
//!
//! [`Tallying`] counts one by one; [`Tally::merge`] adds tallies up. Merging is associative and commutative, so
//! any partition of the same results, in any order, ends in the same tally, byte for byte. Counts added twice
//! would be wrong without a trace, therefore a tally lists what it counted, and merging refuses an overlap.

mod cell;
mod count;
mod layout;
mod profiles;
mod statistics;
mod unsigned;

pub use cell::{Cell, Gathering, ItemCounts, ScaleSums, ScoreCounts};
pub use count::{Frame, Identity, Packed, Record, Recorder, Standing, Tallying};
pub use layout::{Layout, NOT_APPLICABLE, NOT_SHOWN, Place, SKIPPED, ScaleLayout};
pub use profiles::Profiles;
pub use statistics::statistics;
pub use unsigned::UnsignedRow;

use crate::cohort::CutTexts;
use crate::instrument::{Instrument, Rater, Rule, RuleKind};
use crate::jose::{base64url, from_base64url};
use crate::json;
use crate::result::Policy;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The format number that this code reads and writes.
pub const FORMAT: u32 = 2;

/// How the lists of ids begin in a file.
const RESPONDENTS: &str = "\"respondents\":\"";
const RESULTS: &str = "\"results\":\"";

/// What several people gave, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// [`FORMAT`].
    plumbline_tally: u32,
    /// One a cohort, wave, instrument and rater, in this order.
    #[serde(with = "entries")]
    pub surveys: BTreeMap<SurveyKey, Survey>,
    /// Whose results were counted: a result's person and, if it came with one, its invitation.
    pub respondents: Ids,
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyKey {
    /// Cohort id; empty for people who answered for themselves, and for answers from elsewhere.
    pub cohort: String,
    /// The wave.
    pub wave: String,
    /// Instrument id.
    pub instrument: String,
    /// Instrument version.
    pub version: String,
    /// SHA-256 of the definition, lower-case hexadecimal.
    pub sha256: String,
    /// Who answered: `self` or `manager`.
    pub rater: String,
    /// Whether signatures were checked; not of answers that came from another survey tool.
    pub signed: bool,
}

/// The counts of one survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Results that were counted: half of the SHA-256 of each signing input.
    pub results: Ids,
    /// What participants were invited to; of several titles the first in alphabetical order.
    pub title: String,
    /// The earliest result, in seconds since 1970; 0 for answers from elsewhere, whose dates are not read.
    pub first: i64,
    /// The strictest policy among the results.
    pub min_group: u64,
    /// The strictest policy among the results.
    pub min_comments: u64,
    /// Everybody.
    pub all: Cell,
    /// Everybody again, divided by a closed question.
    #[serde(with = "entries")]
    pub cuts: BTreeMap<CutKey, BTreeMap<String, Cell>>,
    /// Who is in which groups at once.
    pub profiles: Profiles,
}

/// What divides people into groups. A group's name is the number of an option, or empty for people who did
/// not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutKey {
    /// A choice item, the id of a question of the coach's own, or a column of a table.
    pub id: String,
    /// The texts of a question of the coach's own; none for an item.
    pub asked: Option<CutTexts>,
}

/// Ids, each once and in ascending order, written as one text: what a hundred thousand take should not need as many
/// quotation marks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Ids(Vec<[u8; 16]>);

impl Ids {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[[u8; 16]] {
        &self.0
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn contains(&self, id: &[u8; 16]) -> bool {
        self.0.binary_search(id).is_ok()
    }

    /// How many are in both.
    #[must_use]
    pub fn n_shared(&self, other: &Self) -> usize {
        let (few, many) = if self.len() < other.len() { (self, other) } else { (other, self) };
        few.0.iter().filter(|id| many.contains(id)).count()
    }

    fn merge(&mut self, other: impl IntoIterator<Item = [u8; 16]>) {
        self.0.extend(other);
        // Two lists that ascend, one after the other, are merged by it and not sorted anew.
        self.0.sort();
        self.0.dedup();
    }
}

impl FromIterator<[u8; 16]> for Ids {
    fn from_iter<I: IntoIterator<Item = [u8; 16]>>(ids: I) -> Self {
        let mut all = Ids::default();
        all.merge(ids);
        all
    }
}

impl Serialize for Ids {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url(self.0.as_flattened()))
    }
}

impl TryFrom<String> for Ids {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = from_base64url(&text).ok_or("not base64url")?;
        let (ids, rest) = bytes.as_chunks::<16>();
        if rest.is_empty() && ids.is_sorted_by(|a, b| a < b) {
            Ok(Ids(ids.to_vec()))
        } else {
            Err("not a list of ids in ascending order")
        }
    }
}

/// Why a tally cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TallyFault {
    /// Not the strict JSON of a tally.
    #[error("this is no tally: {0}")]
    Json(String),
    /// Written by another version.
    #[error("the tally is of format {0}, which this version does not know")]
    Format(u32),
    /// Of an instrument that is not known here.
    #[error("the tally counts version {version} of \"{instrument}\", which is not known here")]
    UnknownInstrument {
        /// Instrument id.
        instrument: String,
        /// Its version.
        version: String,
    },
    /// What nobody could have counted.
    #[error("the counts of \"{0}\" contradict each other")]
    Contradiction(String),
}

impl TallyFault {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TallyFault::Json(_) => "no_tally",
            TallyFault::Format(_) => "tally_format",
            TallyFault::UnknownInstrument { .. } => "unknown_instrument",
            TallyFault::Contradiction(_) => "tally_contradiction",
        }
    }
}

/// Two tallies count the same results or the same people: added up, somebody would count twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("results in both: {n_results}, people or invitations in both: {n_respondents}")]
pub struct Overlap {
    /// Results that both count.
    pub n_results: usize,
    /// People, or invitations, that both count; each result that both count has one.
    pub n_respondents: usize,
}

impl Overlap {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "tally_overlap"
    }
}

impl Default for Tally {
    fn default() -> Self {
        Tally { plumbline_tally: FORMAT, surveys: BTreeMap::new(), respondents: Ids::default() }
    }
}

impl Tally {
    /// Reads a tally and checks that its numbers are possible. A tally carries no signature: who adds it up
    /// trusts whoever counted.
    ///
    /// # Errors
    /// The first fault met.
    pub fn read(file: &[u8], instruments: &[Arc<Instrument>]) -> Result<Self, TallyFault> {
        let value = json::parse(file).map_err(|fault| TallyFault::Json(fault.to_string()))?;
        let format = value.get("plumbline_tally").and_then(serde_json::Value::as_u64);
        match format {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(other) => {
                return Err(TallyFault::Format(u32::try_from(other).unwrap_or(u32::MAX)));
            }
            None => return Err(TallyFault::Json("it has no member plumbline_tally".to_owned())),
        }
        let tally: Tally = serde_json::from_value(value)
            .map_err(|error: serde_json::Error| TallyFault::Json(error.to_string()))?;
        for (key, survey) in &tally.surveys {
            let instrument = key.find(instruments).ok_or_else(|| {
                let (instrument, version) = (key.instrument.clone(), key.version.clone());
                TallyFault::UnknownInstrument { instrument, version }
            })?;
            if !key.is_possible(instrument) || !survey.is_possible(instrument, key.signed) {
                return Err(TallyFault::Contradiction(key.instrument.clone()));
            }
        }
        // Somebody who counts has one id, and another one if they were invited.
        let n = tally.surveys.values().try_fold(0_u64, |n, survey| n.checked_add(survey.all.n));
        let results = tally.surveys.values().map(|survey| survey.results.len());
        let (n_results, n_respondents) = (results.sum::<usize>(), tally.respondents.len());
        if n == Some(n_results as u64) && (n_results..=2 * n_results).contains(&n_respondents) {
            Ok(tally)
        } else {
            Err(TallyFault::Contradiction("results".to_owned()))
        }
    }

    /// The tally as a file: RFC 8785, so that equal tallies are equal bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::canonical(&serde_json::to_value(self).unwrap_or_default())
    }

    /// The file of a tally whose ids are listed elsewhere: pieces that end where the respondents belong, then where
    /// each survey's results do, and the rest.
    #[must_use]
    pub fn to_json_around_ids(&self) -> Vec<String> {
        // A quotation mark within a text is escaped, so that this can be nothing but the members themselves.
        let json = self.to_json();
        let (respondents, surveys) =
            json.split_at(json.find(RESPONDENTS).map_or(0, |place| place + RESPONDENTS.len()));
        [respondents]
            .into_iter()
            .chain(surveys.split_inclusive(RESULTS))
            .map(str::to_owned)
            .collect()
    }

    /// What both count, if they count anything twice.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Option<Overlap> {
        let shared = |(key, survey): (&SurveyKey, &Survey)| {
            Some(self.surveys.get(key)?.results.n_shared(&survey.results))
        };
        let n_results: usize = other.surveys.iter().filter_map(shared).sum();
        let n_respondents = self.respondents.n_shared(&other.respondents);
        (n_results + n_respondents > 0).then_some(Overlap { n_results, n_respondents })
    }

    /// Adds a tally of other results.
    ///
    /// # Errors
    /// Results or people that both count; then nothing was added.
    pub fn merge(&mut self, other: &Self) -> Result<(), Overlap> {
        if let Some(overlap) = self.overlap(other) {
            return Err(overlap);
        }
        for (key, survey) in &other.surveys {
            self.add(key, survey.clone());
        }
        self.respondents.merge(other.respondents.0.iter().copied());
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, key: &SurveyKey, survey: Survey) {
        match self.surveys.get_mut(key) {
            Some(own) => own.merge(&survey),
            None => {
                self.surveys.insert(key.clone(), survey);
            }
        }
    }
}

const SUSPECTS: &str = "~suspect";

impl CutKey {
    /// Divides people whose answers look careless, its only group, from the others. No item and no question has
    /// such an id.
    #[must_use]
    pub fn suspects() -> Self {
        CutKey { id: SUSPECTS.to_owned(), asked: None }
    }

    /// Whether this is [`CutKey::suspects`].
    #[must_use]
    pub fn is_suspects(&self) -> bool {
        self.id == SUSPECTS && self.asked.is_none()
    }

    /// Divides people by the verdict they are told, whose groups have the verdicts' numbers, from 1.
    #[must_use]
    pub fn verdict() -> Self {
        CutKey { id: "~verdict".to_owned(), asked: None }
    }

    /// Divides people who are told what a rule says, its only group, from the others.
    #[must_use]
    pub fn rule(rule: &str) -> Self {
        CutKey { id: format!("{TOLD}{rule}"), asked: None }
    }

    /// Whether it divides people by what they are told: [`CutKey::verdict`] or [`CutKey::rule`].
    #[must_use]
    pub fn is_outcome(&self) -> bool {
        *self == Self::verdict() || self.told().is_some()
    }

    /// The rule of [`CutKey::rule`].
    fn told(&self) -> Option<&str> {
        self.id.strip_prefix(TOLD).filter(|_| self.asked.is_none())
    }

    /// All cuts by what an instrument tells people, if it comes to a verdict.
    pub(crate) fn outcomes(instrument: &Instrument) -> Vec<Self> {
        let verdict = verdicts(instrument).next().map(|_| Self::verdict());
        let rules = told_rules(instrument).map(|rule| Self::rule(&rule.id));
        verdict.map_or_else(Vec::new, |verdict| [verdict].into_iter().chain(rules).collect())
    }
}

/// What the ids of [`CutKey::rule`] begin with. They come after those of all other cuts, so that what people are
/// told never hides what was shown without it.
const TOLD: &str = "~when.";

/// The verdicts of an instrument.
pub(crate) fn verdicts(instrument: &Instrument) -> impl Iterator<Item = &Rule> {
    instrument.definition().rules.iter().filter(|rule| rule.kind == RuleKind::Verdict)
}

/// Rules that are counted beside the verdict.
pub(crate) fn told_rules(instrument: &Instrument) -> impl Iterator<Item = &Rule> {
    let is_told =
        |rule: &&Rule| matches!(rule.kind, RuleKind::Gate | RuleKind::Pattern | RuleKind::Lever);
    instrument.definition().rules.iter().filter(is_told)
}

impl SurveyKey {
    /// The instrument that was answered, if it is one of these.
    #[must_use]
    pub fn find<'a>(&self, instruments: &'a [Arc<Instrument>]) -> Option<&'a Arc<Instrument>> {
        instruments.iter().find(|instrument| instrument.is_sha256(&self.sha256))
    }

    /// The rater.
    #[must_use]
    pub fn rater(&self) -> Rater {
        Rater::from_code(&self.rater).unwrap_or(Rater::Own)
    }

    /// Whether the instrument is the one that is named, and asks this rater.
    fn is_possible(&self, instrument: &Instrument) -> bool {
        let definition = instrument.definition();
        let is_asked = |rater| definition.raters.contains(&rater);
        definition.id == self.instrument
            && definition.version == self.version
            && Rater::from_code(&self.rater).is_some_and(is_asked)
    }
}

impl CutKey {
    /// The names that its groups can have; none for a column of a table, where anything may stand.
    fn codes(&self, instrument: &Instrument) -> Option<Vec<String>> {
        let names = |codes: Vec<i64>| codes.iter().map(i64::to_string).collect();
        match &self.asked {
            Some(asked) => Some(names((1..).take(asked.options.len()).collect())),
            None if self.is_suspects() => Some(names(vec![1])),
            None if self.is_outcome() => Some(match self.told() {
                None => names((1..).zip(verdicts(instrument)).map(|(code, _)| code).collect()),
                Some(told) => names(
                    told_rules(instrument).filter(|rule| rule.id == told).map(|_| 1).collect(),
                ),
            }),
            None => {
                let item = instrument.item(&self.id)?;
                Some(names(instrument.response_of(item)?.codes()))
            }
        }
    }
}

impl Survey {
    /// Nobody yet, under the policy that holds for everybody.
    fn new(layout: &Layout, title: &str, policy: Policy, first: i64) -> Self {
        let at_least = |n: i64| u64::try_from(n).unwrap_or(u64::MAX);
        Survey {
            results: Ids::default(),
            title: title.to_owned(),
            first,
            min_group: at_least(policy.min_group),
            min_comments: at_least(policy.min_comments),
            all: Cell::new(layout),
            cuts: BTreeMap::new(),
            profiles: Profiles::default(),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.results.merge(other.results.0.iter().copied());
        if other.title < self.title {
            self.title.clone_from(&other.title);
        }
        self.first = self.first.min(other.first);
        self.min_group = self.min_group.max(other.min_group);
        self.min_comments = self.min_comments.max(other.min_comments);
        self.all.merge(&other.all);
        self.profiles.merge(&other.profiles);
        for (cut, groups) in &other.cuts {
            let own = self.cuts.entry(cut.clone()).or_default();
            for (group, cell) in groups {
                match own.get_mut(group) {
                    Some(own) => own.merge(cell),
                    None => {
                        own.insert(group.clone(), cell.clone());
                    }
                }
            }
        }
    }

    /// Everybody who is in none of a cut's groups: they did not say, or were not asked.
    #[must_use]
    pub fn not_stated(&self, cut: &CutKey) -> Option<Cell> {
        let mut rest = self.all.clone();
        for cell in self.cuts.get(cut)?.values() {
            rest = rest.minus(cell)?;
        }
        Some(rest)
    }

    fn is_possible(&self, instrument: &Instrument, signed: bool) -> bool {
        let layout = Layout::of(instrument);
        let cells = self.cuts.values().flat_map(BTreeMap::values);
        let groups_exist = |(cut, groups): (&CutKey, &BTreeMap<String, Cell>)| {
            let codes = cut.codes(instrument);
            codes.map_or(!signed, |codes| groups.keys().all(|group| codes.contains(group)))
        };
        let policies = [self.min_group, self.min_comments].map(i64::try_from);
        policies.iter().flatten().filter(|least| Policy::POSSIBLE.contains(least)).count() == 2
            && cells.chain([&self.all]).all(|cell| cell.has_shape(&layout))
            && self.cuts.iter().all(groups_exist)
            && self.results.len() as u64 == self.all.n
            && self.profiles_fit(&layout)
    }

    /// Whether the profiles count the very people of the cells.
    fn profiles_fit(&self, layout: &Layout) -> bool {
        let counted = |groups: &[(&str, &Cell)]| -> BTreeMap<Vec<String>, Vec<u64>> {
            let present = groups.iter().filter(|(_, cell)| cell.n > 0);
            present.map(|(group, cell)| (vec![(*group).to_owned()], cell.bases(layout))).collect()
        };
        let all = self.all.bases(layout);
        let total = self.profiles.counts.values().try_fold(vec![0; all.len()], |total, counts| {
            let sums = total.iter().zip(counts).map(|(a, b): (&u64, &u64)| a.checked_add(*b));
            (counts.len() == all.len()).then(|| sums.collect::<Option<Vec<u64>>>())?
        });
        let same_groups = |(cut, cells): (&CutKey, &BTreeMap<String, Cell>)| {
            let not_stated = self.not_stated(cut).unwrap_or_else(|| Cell::new(layout));
            let mut groups: Vec<(&str, &Cell)> = vec![("", &not_stated)];
            groups.extend(cells.iter().map(|(group, cell)| (group.as_str(), cell)));
            self.profiles.by(std::slice::from_ref(cut)).counts == counted(&groups)
        };
        total == Some(all)
            && self.profiles.cuts.iter().eq(self.cuts.keys())
            && self.profiles.counts.keys().all(|groups| groups.len() == self.cuts.len())
            && self.cuts.iter().all(same_groups)
    }
}

/// Maps whose keys are no texts, as lists of key and value.
mod entries {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let entries = Vec::<(K, V)>::deserialize(deserializer)?;
        if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(D::Error::custom("entries are not in ascending order"));
        }
        Ok(entries.into_iter().collect())
    }
}
