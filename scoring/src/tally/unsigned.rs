//! Answers that came from another survey tool: the same counts, and no signature that vouches for them.

use super::cell::Gathering;
use super::count::half;
use super::{Cell, CutKey, Layout, Profiles, Survey, SurveyKey, Tally};
use crate::instrument::{Instrument, ItemKind, Rater};
use crate::result::Policy;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// One person's answers in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedRow {
    /// The answers, as [`Layout`] says.
    pub answers: Vec<u8>,
    /// The group in each cut; none for people who did not say.
    pub groups: Vec<Option<String>>,
    /// What tells people apart; without it each row is somebody else.
    pub respondent: Option<String>,
    /// SHA-256 of everything in the row.
    pub content: [u8; 32],
}

impl Tally {
    /// The tally of one wave's rows, which are divided by these cuts and by the definition's own.
    ///
    /// Ids are hashes of the respondent, or of the row's content and how many rows before it are equal: the same
    /// rows, tallied twice, have the same ids, and merging refuses them. Two rows of one respondent would have
    /// one id, so the caller decides which of them counts.
    #[must_use]
    pub fn unsigned(
        instrument: &Instrument,
        rater: Rater,
        [title, wave]: [&str; 2],
        cuts: &[String],
        rows: &[UnsignedRow],
    ) -> Self {
        let layout = Layout::of(instrument);
        let definition = instrument.definition();
        let key = SurveyKey {
            cohort: String::new(),
            wave: wave.to_owned(),
            instrument: definition.id.clone(),
            version: definition.version.clone(),
            sha256: instrument.sha256_hex(),
            rater: rater.code().to_owned(),
            signed: false,
        };
        // Places of the definition's own cuts.
        let own = definition.items.iter().filter(|item| cuts_by(&item.kind));
        let own: Vec<(&str, usize)> =
            own.filter_map(|item| Some((item.id.as_str(), layout.place(&item.id)?))).collect();
        let mut all = Gathering::new(&layout);
        let mut groups: Vec<BTreeMap<String, Gathering>> =
            vec![BTreeMap::new(); own.len() + cuts.len()];
        let (mut results, mut respondents) = (Vec::new(), Vec::new());
        let mut n_before: HashMap<[u8; 32], u64> = HashMap::new();
        let ids = own.iter().map(|(id, _)| (*id).to_owned()).chain(cuts.iter().cloned());
        let cuts: Vec<CutKey> = ids.map(|id| CutKey { id, asked: None }).collect();
        let mut profiles = Profiles { cuts: cuts.clone(), counts: BTreeMap::new() };
        for row in rows {
            all.add(&layout, &row.answers, &[]);
            let chosen = own.iter().map(|(_, place)| {
                let codes = &layout.items.get(*place)?.codes;
                let byte = usize::from(*row.answers.get(*place)?);
                codes.get(byte).map(i64::to_string)
            });
            let chosen: Vec<Option<String>> = chosen.chain(row.groups.iter().cloned()).collect();
            for (cells, group) in groups.iter_mut().zip(&chosen) {
                if let Some(group) = group {
                    let cell = cells.entry(group.clone());
                    cell.or_insert_with(|| Gathering::new(&layout)).add(&layout, &row.answers, &[]);
                }
            }
            let counts: Vec<u64> = layout.behind(&row.answers).collect();
            profiles.add(chosen.into_iter().map(Option::unwrap_or_default), &counts);
            let n_before = n_before.entry(row.content).or_default();
            let content = [row.content.as_slice(), &n_before.to_le_bytes()].concat();
            *n_before += 1;
            results.push(id(&key, "row", &content));
            respondents.push(match &row.respondent {
                Some(respondent) => id(&key, "respondent", respondent.as_bytes()),
                None => id(&key, "row", &content),
            });
        }
        let finish = |cells: BTreeMap<String, Gathering>| {
            cells.into_iter().map(|(group, cell)| (group, cell.finish(&layout))).collect()
        };
        let cuts: BTreeMap<CutKey, BTreeMap<String, Cell>> =
            cuts.into_iter().zip(groups.into_iter().map(finish)).collect();
        let survey = Survey {
            results: results.into_iter().collect(),
            all: all.finish(&layout),
            profiles: profiles.by(&cuts.keys().cloned().collect::<Vec<_>>()),
            cuts,
            ..Survey::new(&layout, title, Policy::default(), 0)
        };
        Tally {
            surveys: [(key, survey)].into(),
            respondents: respondents.into_iter().collect(),
            ..Tally::default()
        }
    }
}

fn cuts_by(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Choice { cut: true, .. })
}

/// The id of something within a survey.
fn id(survey: &SurveyKey, kind: &str, what: &[u8]) -> [u8; 16] {
    let mut hash = Sha256::new();
    let SurveyKey { wave, sha256, rater, .. } = survey;
    for part in ["unsigned", kind, wave, sha256, rater] {
        // A length before each part: no two lists of parts are the same bytes.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(what);
    half(&hash.finalize().into())
}
