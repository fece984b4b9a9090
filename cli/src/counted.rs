//! Any number of results, counted in memory that hardly grows with them.
//!
//! Which results count is decided person by person, then invitation by invitation. So records go to the bin of their
//! person, and what is left of those with an invitation to that of the invitation; cores take one bin after the other.
//! The ids of what counts go to bins, too, whose order is that of a tally's lists.

use crate::commands::tally::SomeIds;
use crate::commands::verify::Counts;
use crate::failure::Failure;
use crate::files::{self, Judged, Source, joined, lock};
use crate::random;
use crate::spool::{N_BINS, Scratch, Spool};
use crate::texts::UNREADABLE;
use scoring::result::Reader;
use scoring::tally::{
    Identity, Ids, Packed, Record, Recorder, Standing, SurveyKey, Tally, Tallying,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What counts of many results, and how many of their files went which way.
pub struct Counted {
    /// Without its lists of ids.
    pub tally: Tally,
    lists: Lists,
    /// The files.
    pub counts: Counts,
}

impl Counted {
    /// Reads, verifies and counts by all cores.
    pub fn read(sources: Vec<Source>, reader: &Reader) -> Result<Self, Failure> {
        let scratch = Arc::new(Scratch::new(random::bytes()?));
        Self::through(&scratch, sources, reader).map_err(Failure::Scratch)
    }

    fn through(scratch: &Arc<Scratch>, sources: Vec<Source>, reader: &Reader) -> io::Result<Self> {
        let by_person = Mutex::new(Spool::new(scratch.clone()));
        let recorded = files::share(sources, "counted", reader, |core, judged| {
            Recorded::read(core, judged, &by_person)
        });
        let recorded: Vec<Recorded> = recorded.into_iter().collect::<io::Result<_>>()?;

        let lists = Mutex::new(Lists::new(scratch.clone()));
        let count = |tallying: &mut Tallying, some: Vec<Entry>| {
            let record = |Entry { core, packed }| recorded.get(core)?.recorder.unpack(packed);
            let records: Option<Vec<Record>> = some.into_iter().map(record).collect();
            let records = records.ok_or(io::ErrorKind::InvalidData)?;
            records.iter().for_each(|record| tallying.add_unlisted(record));
            lock(&lists).push(&records)
        };
        let counts = Mutex::new(Counts::default());
        let by_invitation = Mutex::new(Spool::new(scratch.clone()));
        let of_persons = each_bin(by_person, |tallying, entries| {
            let standing = standing(entries);
            {
                let mut counts = lock(&counts);
                counts.n_duplicates += entries.len() - standing.distinct.len();
                counts.n_accepted += standing.distinct.len();
                counts.n_superseded += standing.distinct.len() - standing.newest.len();
            }
            each_some(those(entries, &standing.newest), |some| {
                let (invited, others): (Vec<_>, Vec<_>) =
                    some.into_iter().partition(|entry| entry.packed.identity.invitation.is_some());
                push(&by_invitation, &invited, |who| who.invitation.unwrap_or(who.person))?;
                count(tallying, others)
            })
        })?;
        let of_invitations = each_bin(by_invitation, |tallying, entries| {
            let standing = standing(entries);
            lock(&counts).n_reused += entries.len() - standing.counted.len();
            each_some(those(entries, &standing.counted), |some| count(tallying, some))
        })?;

        let mut tally = Tally::default();
        for tallying in of_persons.into_iter().chain(of_invitations) {
            tallying.finish_into(&mut tally);
        }
        let mut counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (code, n) in recorded.iter().flat_map(|recorded| &recorded.rejected) {
            *counts.rejected.entry((*code).to_owned()).or_default() += n;
        }
        let lists = lists.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Counted { tally, lists, counts })
    }

    /// The lists of ids: the respondents, then each survey's results.
    pub fn lists(&self) -> impl Iterator<Item = impl Iterator<Item = SomeIds>> {
        let results = self.tally.surveys.keys().map(|survey| self.lists.results.get(survey));
        let lists = [Some(&self.lists.respondents)].into_iter().chain(results);
        lists.map(|list| list.into_iter().flat_map(list_of))
    }

    /// The tally.
    pub fn into_tally(mut self) -> Result<Tally, Failure> {
        let ids = |list: &Spool| -> io::Result<Ids> {
            let bins: Vec<_> = list_of(list).collect::<io::Result<_>>()?;
            Ok(bins.into_iter().flatten().collect())
        };
        for (survey, list) in &self.lists.results {
            if let Some(survey) = self.tally.surveys.get_mut(survey) {
                survey.results = ids(list).map_err(Failure::Scratch)?;
            }
        }
        self.tally.respondents = ids(&self.lists.respondents).map_err(Failure::Scratch)?;
        Ok(self.tally)
    }
}

/// What a core read.
struct Recorded {
    recorder: Recorder,
    /// Files that count nowhere, by code.
    rejected: BTreeMap<&'static str, usize>,
}

impl Recorded {
    fn read(
        core: usize,
        judged: &mut dyn Iterator<Item = (usize, Judged)>,
        by_person: &Mutex<Spool>,
    ) -> io::Result<Self> {
        let mut recorded = Recorded { recorder: Recorder::default(), rejected: BTreeMap::new() };
        let entries = judged.filter_map(|(_, Judged { verdict, .. })| {
            let code = match verdict {
                Ok(Ok(result)) => {
                    return Some(Entry { core, packed: recorded.recorder.pack(&result) });
                }
                Ok(Err(refusal)) => refusal.code(),
                Err(_) => UNREADABLE,
            };
            *recorded.rejected.entry(code).or_default() += 1;
            None
        });
        each_some(entries, |some| push(by_person, &some, |who| who.person))?;
        Ok(recorded)
    }
}

/// A record in a bin.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// Whose recorder packed it.
    core: usize,
    packed: Packed,
}

/// Does something with a few entries at once: for each one, cores would often wait for each other.
fn each_some(
    entries: impl Iterator<Item = Entry>,
    work: impl FnMut(Vec<Entry>) -> io::Result<()>,
) -> io::Result<()> {
    let mut entries = entries.peekable();
    iter::from_fn(|| entries.peek().is_some().then(|| entries.by_ref().take(64).collect()))
        .try_for_each(work)
}

/// Adds entries to the bins of an id.
fn push(
    spool: &Mutex<Spool>,
    entries: &[Entry],
    id: impl Fn(&Identity) -> [u8; 16],
) -> io::Result<()> {
    let bytes = |entry| postcard::to_extend(entry, Vec::with_capacity(192));
    let bytes: Result<Vec<Vec<u8>>, _> = entries.iter().map(bytes).collect();
    let mut spool = lock(spool);
    for (entry, bytes) in entries.iter().zip(bytes.map_err(io::Error::other)?) {
        spool.push(&id(&entry.packed.identity), &bytes)?;
    }
    Ok(())
}

/// What all cores do with the entries of each bin, and what each core has counted.
fn each_bin(
    spool: Mutex<Spool>,
    work: impl Fn(&mut Tallying, &mut Vec<Entry>) -> io::Result<()> + Sync,
) -> io::Result<Vec<Tallying>> {
    let spool = spool.into_inner().unwrap_or_else(PoisonError::into_inner);
    let bins = Mutex::new(0..N_BINS);
    let work = || {
        let mut tallying = Tallying::default();
        // Made once: new lists for each bin would leave many gaps in memory.
        let (mut bytes, mut entries) = (Vec::new(), Vec::new());
        loop {
            let Some(bin) = lock(&bins).next() else { return Ok(tallying) };
            bytes.clear();
            spool.read(bin, &mut bytes)?;
            let mut left = bytes.as_slice();
            while !left.is_empty() {
                let (entry, rest) = postcard::take_from_bytes(left).map_err(io::Error::other)?;
                entries.push(entry);
                left = rest;
            }
            work(&mut tallying, &mut entries)?;
            entries.clear();
        }
    };
    thread::scope(|scope| {
        let cores: Vec<_> = (0..files::n_cores()).map(|_| scope.spawn(work)).collect();
        cores.into_iter().map(joined).collect()
    })
}

fn standing(entries: &[Entry]) -> Standing {
    Standing::of(entries.iter().map(|entry| &entry.packed.identity))
}

/// The entries at some places, which ascend.
fn those(entries: &mut Vec<Entry>, places: &[usize]) -> impl Iterator<Item = Entry> {
    let mut places = places.iter().peekable();
    let among = move |(place, _): &(usize, Entry)| places.next_if(|next| *next == place).is_some();
    entries.drain(..).enumerate().filter(among).map(|(_, entry)| entry)
}

/// Ids of what counts.
struct Lists {
    results: HashMap<SurveyKey, Spool>,
    respondents: Spool,
    scratch: Arc<Scratch>,
}

impl Lists {
    fn new(scratch: Arc<Scratch>) -> Self {
        Lists { results: HashMap::new(), respondents: Spool::new(scratch.clone()), scratch }
    }

    fn push(&mut self, records: &[Record]) -> io::Result<()> {
        for of_one in records.chunk_by(|one, next| one.survey() == next.survey()) {
            let Some(survey) = of_one.first().map(Record::survey) else { continue };
            if !self.results.contains_key(survey) {
                self.results.insert(survey.clone(), Spool::new(self.scratch.clone()));
            }
            if let Some(results) = self.results.get_mut(survey) {
                let mut ids = of_one.iter().map(|record| record.identity.id());
                ids.try_for_each(|id| results.push(&id, &id))?;
            }
        }
        let mut respondents = records.iter().flat_map(|record| record.identity.respondents());
        respondents.try_for_each(|id| self.respondents.push(&id, &id))
    }
}

/// Ids in ascending order, bin by bin.
fn list_of(list: &Spool) -> impl Iterator<Item = SomeIds> {
    (0..N_BINS).map(|bin| {
        let mut bytes = Vec::new();
        list.read(bin, &mut bytes)?;
        let mut ids = bytes.as_chunks().0.to_vec();
        ids.sort_unstable();
        Ok(ids)
    })
}
