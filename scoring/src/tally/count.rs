//! Counting: which results count, and where.

use super::cell::{Cell, Gathering};
use super::{CutKey, Layout, Profiles, Survey, SurveyKey, Tally, verdicts};
use crate::cohort::CutTexts;
use crate::instrument::{ItemKind, Rater};
use crate::result::{Policy, VerifiedResult};
use crate::score::{Verdict, interpret};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

/// What decides whether a result counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The result's receipt: equal exactly when two files say the same, byte for byte.
    pub receipt: [u8; 32],
    /// When it was made; of several results of one respondent the latest counts.
    pub iat: i64,
    /// Whose answers to what it is, in which wave of which cohort.
    pub person: [u8; 16],
    /// The same with the invitation in place of the person: an invitation is for one person, whatever key
    /// their browser made.
    pub invitation: Option<[u8; 16]>,
}

impl Identity {
    /// Half of the receipt, by which tallies name the result.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        half(&self.receipt)
    }

    /// By which tallies name the respondent: the person and, if there was one, the invitation.
    pub fn respondents(&self) -> impl Iterator<Item = [u8; 16]> + use<> {
        [self.person].into_iter().chain(self.invitation)
    }

    /// The identity of a verified result.
    #[must_use]
    pub fn of(result: &VerifiedResult) -> Self {
        let claims = result.claims();
        let survey = &claims.survey;
        let wave = survey.cohort.as_ref().map_or("", |cohort| cohort.wave.as_str());
        let rater = survey.sheet.rater.code();
        let respondent = |kind: &str, who: &str| {
            let mut hash = Sha256::new();
            let parts = [kind, who, &claims.aud, wave, &survey.instrument, &survey.version, rater];
            for part in parts {
                // No text of ours holds a zero byte, so no two lists of texts are the same bytes.
                hash.update(part);
                hash.update([0]);
            }
            half(&hash.finalize().into())
        };
        Identity {
            receipt: *result.receipt(),
            iat: claims.iat,
            person: respondent("person", &claims.iss),
            invitation: result.invitation().map(|own| respondent("invitation", own.id())),
        }
    }
}

pub(super) fn half(digest: &[u8; 32]) -> [u8; 16] {
    digest.first_chunk().copied().unwrap_or_default()
}

/// Which of many results are left after each step: content by content, then person by person, then invitation
/// by invitation. Each step keeps one of equal ones, by a rule that does not know the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Places of results that no earlier one repeats.
    pub distinct: Vec<usize>,
    /// Of those, everybody's latest.
    pub newest: Vec<usize>,
    /// Of those, every invitation's latest: the results that count.
    pub counted: Vec<usize>,
}

impl Standing {
    /// Decides over identities; of equal receipts the first stands.
    #[must_use]
    pub fn of<'a>(identities: impl IntoIterator<Item = &'a Identity>) -> Self {
        let mut left: Vec<(usize, &Identity)> = identities.into_iter().enumerate().collect();
        let places = |left: &[(usize, &Identity)]| {
            let mut places: Vec<usize> = left.iter().map(|(place, _)| *place).collect();
            places.sort_unstable();
            places
        };
        let latest_first = |who: &Identity| Reverse((who.iat, who.receipt));
        // What says the same is of one person and age.
        left.sort_unstable_by_key(|(place, who)| (who.person, latest_first(who), *place));
        left.dedup_by_key(|(_, who)| who.receipt);
        let distinct = places(&left);
        left.dedup_by_key(|(_, who)| who.person);
        let newest = places(&left);
        left.sort_unstable_by_key(|(_, who)| who.invitation.map(|own| (own, latest_first(who))));
        left.dedup_by(|(_, next), (_, who)| {
            who.invitation.is_some() && next.invitation == who.invitation
        });
        Standing { distinct, newest, counted: places(&left) }
    }
}

/// What results share that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where they count.
    pub key: SurveyKey,
    /// How their answers are rows.
    pub layout: Arc<Layout>,
    /// What participants were invited to.
    pub title: String,
    /// The policy that they pin.
    pub policy: Policy,
    /// What divides them; the place of a row that holds the group, or none for a question of the coach's own.
    pub cuts: Vec<(CutKey, Option<usize>)>,
}

/// What counting needs of a result: about 150 bytes instead of the thousands of a whole one.
#[derive(Debug, Clone)]
pub struct Record {
    /// What decides whether it counts.
    pub identity: Identity,
    frame: Arc<Frame>,
    row: Box<[u8]>,
    beside: Arc<Beside>,
}

/// What a row does not hold, and many results have alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Beside {
    /// Whether there is a text, for each text item.
    wrote: Vec<bool>,
    /// The option that was chosen in each of the frame's cuts.
    groups: Vec<Option<i64>>,
}

impl Record {
    /// Where it counts.
    #[must_use]
    pub fn survey(&self) -> &SurveyKey {
        &self.frame.key
    }

    /// The respondent's group of each of some cuts; empty where they did not say.
    #[must_use]
    pub fn groups_of(&self, cuts: &[CutKey]) -> Vec<String> {
        let group = |cut: &CutKey| {
            let place = self.frame.cuts.iter().position(|(own, _)| own == cut)?;
            self.beside.groups.get(place).copied().flatten()
        };
        cuts.iter().map(|cut| group(cut).map(|code| code.to_string()).unwrap_or_default()).collect()
    }
}

/// A record for where it is kept outside memory: what it shares with others is numbers of its [`Recorder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// What decides whether it counts.
    pub identity: Identity,
    frame: usize,
    beside: usize,
    row: Box<[u8]>,
}

/// All that a frame depends on: the definition, the link, the rater and the policy.
type FrameId = ([u8; 32], Option<[u8; 32]>, Rater, Policy);

/// Makes records, and what they share only once.
#[derive(Debug, Default)]
pub struct Recorder {
    frames: Shared<FrameId, Frame>,
    layouts: HashMap<[u8; 32], Arc<Layout>>,
    beside: Shared<Beside, Beside>,
}

/// What many records have alike, numbered in the order in which it came.
#[derive(Debug)]
struct Shared<K, V> {
    known: HashMap<K, (usize, Arc<V>)>,
    by_number: Vec<Arc<V>>,
}

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Shared { known: HashMap::new(), by_number: Vec::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Shared<K, V> {
    fn get_or_insert(&mut self, key: K, new: impl FnOnce(K) -> V) -> (usize, Arc<V>) {
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let value = Arc::new(new(key.clone()));
        self.by_number.push(value.clone());
        let numbered = (self.by_number.len() - 1, value);
        self.known.insert(key, numbered.clone());
        numbered
    }
}

impl Recorder {
    /// The record of a verified result.
    pub fn record(&mut self, result: &VerifiedResult) -> Record {
        self.numbered(result).1
    }

    /// The record of a verified result, packed.
    pub fn pack(&mut self, result: &VerifiedResult) -> Packed {
        let ([frame, beside], Record { identity, row, .. }) = self.numbered(result);
        Packed { identity, frame, beside, row }
    }

    /// What this recorder packed; none of another's, which has numbers of its own.
    #[must_use]
    pub fn unpack(&self, packed: Packed) -> Option<Record> {
        let Packed { identity, frame, beside, row } = packed;
        let frame = self.frames.by_number.get(frame)?.clone();
        Some(Record { identity, frame, row, beside: self.beside.by_number.get(beside)?.clone() })
    }

    /// A record, with the numbers of its frame and of what stands beside its row.
    fn numbered(&mut self, result: &VerifiedResult) -> ([usize; 2], Record) {
        let survey = &result.claims().survey;
        let sheet = &survey.sheet;
        let (frame_number, frame) = self.frame(result);
        let row = frame.layout.row_of(result.placed());
        let outcomes = outcomes(result, &frame);
        let group = |(cut, place): &(CutKey, Option<usize>)| match place {
            Some(_) => sheet.code(&cut.id),
            None if cut.is_suspects() => result.is_suspect().then_some(1),
            None if cut.is_outcome() => outcomes.get(cut).copied(),
            None => survey.cuts.get(&cut.id).copied(),
        };
        let beside = Beside {
            wrote: frame.layout.texts.iter().map(|id| sheet.texts.contains_key(id)).collect(),
            groups: frame.cuts.iter().map(group).collect(),
        };
        let (beside_number, beside) = self.beside.get_or_insert(beside, |beside| beside);
        let record = Record { identity: Identity::of(result), frame, row, beside };
        ([frame_number, beside_number], record)
    }

    fn frame(&mut self, result: &VerifiedResult) -> (usize, Arc<Frame>) {
        let survey = &result.claims().survey;
        let (instrument, link) = (result.instrument(), result.link());
        let link_digest = link.map(|link| *link.digest());
        let id = (*instrument.sha256(), link_digest, survey.sheet.rater, survey.policy);
        let layouts = &mut self.layouts;
        self.frames.get_or_insert(id, |_| {
            let layout = layouts
                .entry(*instrument.sha256())
                .or_insert_with(|| Arc::new(Layout::of(instrument)));
            Frame {
                key: SurveyKey::of(result),
                layout: layout.clone(),
                title: link.map(|link| link.claims().title.clone()).unwrap_or_default(),
                policy: match link {
                    // Its reader has seen that the file is as strict as its link.
                    Some(_) => survey.policy,
                    // Nobody was promised anything, and nothing is laxer than usual.
                    None => survey.policy.stricter(Policy::default()),
                },
                cuts: cuts(result, layout),
            }
        })
    }
}

/// The instrument's own cuts, then those of the link.
fn cuts(result: &VerifiedResult, layout: &Layout) -> Vec<(CutKey, Option<usize>)> {
    let built_in = result.instrument().definition().items.iter().filter_map(|item| {
        matches!(item.kind, ItemKind::Choice { cut: true, .. }).then_some(())?;
        Some((CutKey { id: item.id.clone(), asked: None }, Some(layout.place(&item.id)?)))
    });
    let asked = result.link().into_iter().flat_map(|link| &link.claims().cuts).map(|cut| {
        let asked = CutTexts { title: cut.title.clone(), options: cut.options.clone() };
        (CutKey { id: cut.id.clone(), asked: Some(asked) }, None)
    });
    let outcomes = CutKey::outcomes(result.instrument());
    let derived = [CutKey::suspects()].into_iter().chain(outcomes).map(|cut| (cut, None));
    built_in.chain(asked).chain(derived).collect()
}

/// The groups that a result is in by what its rules say.
fn outcomes(result: &VerifiedResult, frame: &Frame) -> BTreeMap<CutKey, i64> {
    if !frame.cuts.iter().any(|(cut, _)| cut.is_outcome()) {
        return BTreeMap::new();
    }
    let (instrument, sheet) = (result.instrument(), &result.claims().survey.sheet);
    let said = interpret(instrument, sheet, result.scores());
    let verdict = match &said.verdict {
        Some(Verdict::Reached(fired)) => {
            let place = (1..).zip(verdicts(instrument)).find(|(_, rule)| rule.id == fired.rule);
            place.map(|(code, _)| (CutKey::verdict(), code))
        }
        Some(Verdict::Undetermined { .. }) | None => None,
    };
    let fired = [&said.gates, &said.patterns, &said.levers].into_iter().flatten();
    let rules = fired.map(|fired| (CutKey::rule(&fired.rule), 1));
    verdict.into_iter().chain(rules).collect()
}

impl SurveyKey {
    fn of(result: &VerifiedResult) -> Self {
        let survey = &result.claims().survey;
        let cohort = survey.cohort.as_ref();
        SurveyKey {
            cohort: cohort.map(|cohort| cohort.id.clone()).unwrap_or_default(),
            wave: cohort.map(|cohort| cohort.wave.clone()).unwrap_or_default(),
            instrument: survey.instrument.clone(),
            version: survey.version.clone(),
            sha256: survey.sha256.clone(),
            rater: survey.sheet.rater.code().to_owned(),
            signed: true,
        }
    }
}

/// Counts records, one by one.
#[derive(Debug, Default)]
pub struct Tallying {
    /// By the address of the frame, which the slot keeps alive.
    slots: HashMap<usize, Slot>,
    respondents: Vec<[u8; 16]>,
}

#[derive(Debug)]
struct Slot {
    frame: Arc<Frame>,
    results: Vec<[u8; 16]>,
    first: i64,
    all: Gathering,
    cuts: Vec<BTreeMap<i64, Gathering>>,
    /// By the address of what stands beside their rows, which the entry keeps alive.
    profiles: HashMap<usize, (Arc<Beside>, Vec<u64>)>,
}

impl Tallying {
    /// Counts a record and lists its ids. Whether it should count is [`Standing`]'s to say.
    pub fn add(&mut self, record: &Record) {
        self.count(record).results.push(record.identity.id());
        self.respondents.extend(record.identity.respondents());
    }

    /// Counts a record whose ids are listed elsewhere; this tally has none of them.
    pub fn add_unlisted(&mut self, record: &Record) {
        self.count(record);
    }

    fn count(&mut self, record: &Record) -> &mut Slot {
        let Record { identity, frame, row, beside } = record;
        let Beside { wrote, groups } = &**beside;
        let layout = &frame.layout;
        let slot = self.slots.entry(Arc::as_ptr(frame).addr()).or_insert_with(|| Slot {
            frame: frame.clone(),
            results: Vec::new(),
            first: identity.iat,
            all: Gathering::new(layout),
            cuts: vec![BTreeMap::new(); frame.cuts.len()],
            profiles: HashMap::new(),
        });
        slot.first = slot.first.min(identity.iat);
        let add = |cell: &mut Gathering| cell.add(layout, row, wrote);
        add(&mut slot.all);
        for (cells, group) in slot.cuts.iter_mut().zip(groups) {
            if let Some(group) = group {
                add(cells.entry(*group).or_insert_with(|| Gathering::new(layout)));
            }
        }
        let profile = slot.profiles.entry(Arc::as_ptr(beside).addr());
        let nobody = || (beside.clone(), vec![0; 1 + 2 * layout.scales.len()]);
        let (_, counts) = profile.or_insert_with(nobody);
        for (count, n) in counts.iter_mut().zip(layout.behind(row)) {
            *count += n;
        }
        slot
    }

    /// The tally of all records.
    #[must_use]
    pub fn finish(self) -> Tally {
        let mut tally = Tally::default();
        self.finish_into(&mut tally);
        tally
    }

    /// Adds all records to a tally of others. That they are others is [`Standing`]'s to say, too.
    pub fn finish_into(self, tally: &mut Tally) {
        tally.respondents.merge(self.respondents);
        for slot in self.slots.into_values() {
            let Slot { frame, results, first, all, cuts, profiles } = slot;
            let layout = &frame.layout;
            let cells = |groups: BTreeMap<i64, Gathering>| {
                let cell =
                    |(group, cell): (i64, Gathering)| (group.to_string(), cell.finish(layout));
                groups.into_iter().map(cell).collect()
            };
            let keys: Vec<CutKey> = frame.cuts.iter().map(|(cut, _)| cut.clone()).collect();
            let mut by_frame = Profiles { cuts: keys, counts: BTreeMap::new() };
            for (beside, counts) in profiles.values() {
                let name = |group: &Option<i64>| group.map(|code| code.to_string());
                by_frame
                    .add(beside.groups.iter().map(|group| name(group).unwrap_or_default()), counts);
            }
            let mut cuts: BTreeMap<CutKey, BTreeMap<String, Cell>> =
                by_frame.cuts.iter().cloned().zip(cuts.into_iter().map(cells)).collect();
            cuts.retain(|cut, groups| {
                !((cut.is_suspects() || cut.is_outcome()) && groups.is_empty())
            });
            let survey = Survey {
                results: results.into_iter().collect(),
                profiles: by_frame.by(&cuts.keys().cloned().collect::<Vec<_>>()),
                all: all.finish(layout),
                cuts,
                ..Survey::new(layout, &frame.title, frame.policy, first)
            };
            tally.add(&frame.key, survey);
        }
    }
}

impl Tally {
    /// The tally of the records that count.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut tallying = Tallying::default();
        for record in records {
            tallying.add(record);
        }
        tallying.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One of a few people, at one of a few times, with one of a few invitations or none.
    fn identity() -> impl Strategy<Value = Identity> {
        (0..6_u8, 0..4_i64, prop::option::of(0..3_u8), 0..2_u8).prop_map(
            |(person, iat, invitation, content)| {
                let mut receipt = [0; 32];
                let iat_byte = u8::try_from(iat).unwrap();
                receipt[..4].copy_from_slice(&[
                    content,
                    person,
                    iat_byte,
                    invitation.map_or(9, |own| own),
                ]);
                Identity {
                    receipt,
                    iat,
                    person: [person; 16],
                    invitation: invitation.map(|own| [own; 16]),
                }
            },
        )
    }

    proptest! {
        /// By the words of each step's definition, every result against every other.
        #[test]
        fn what_stands_is_what_nothing_else_outdoes(all in prop::collection::vec(identity(), 0..40)) {
            let age = |idx: usize| (all[idx].iat, all[idx].receipt);
            let left = |among: &[usize], is_outdone: &dyn Fn(usize, usize) -> bool| -> Vec<usize> {
                let stands = |idx: &usize| !among.iter().any(|other| is_outdone(*idx, *other));
                among.iter().copied().filter(stands).collect()
            };
            let places: Vec<usize> = (0..all.len()).collect();
            let distinct =
                left(&places, &|idx, other| other < idx && all[other].receipt == all[idx].receipt);
            let newest = left(&distinct, &|idx, other| {
                age(other) > age(idx) && all[other].person == all[idx].person
            });
            let counted = left(&newest, &|idx, other| {
                let invitation = all[idx].invitation;
                age(other) > age(idx) && invitation.is_some() && all[other].invitation == invitation
            });
            prop_assert_eq!(Standing::of(&all), Standing { distinct, newest, counted });
        }
    }
}
