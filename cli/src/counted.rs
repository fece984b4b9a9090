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
use scoring::tally::{Ids, Packed, Record, Recorder, Standing, SurveyKey, Tally, Tallying};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::io;
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
        let count = |tallying: &mut Tallying, Entry { core, packed }: Entry| {
            let record = recorded.get(core).and_then(|own| own.recorder.unpack(packed));
            let record = record.ok_or(io::ErrorKind::InvalidData)?;
            tallying.add_unlisted(&record);
            lock(&lists).push(&record)
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
            those(entries, &standing.newest).try_for_each(|entry| {
                match entry.packed.identity.invitation {
                    Some(invitation) => lock(&by_invitation).push(&invitation, &entry.bytes()?),
                    None => count(tallying, entry),
                }
            })
        })?;
        let of_invitations = each_bin(by_invitation, |tallying, entries| {
            let standing = standing(entries);
            lock(&counts).n_reused += entries.len() - standing.counted.len();
            those(entries, &standing.counted).try_for_each(|entry| count(tallying, entry))
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
        for (_, Judged { verdict, .. }) in judged {
            let code = match verdict {
                Ok(Ok(result)) => {
                    let entry = Entry { core, packed: recorded.recorder.pack(&result) };
                    let bytes = entry.bytes()?;
                    lock(by_person).push(&entry.packed.identity.person, &bytes)?;
                    continue;
                }
                Ok(Err(refusal)) => refusal.code(),
                Err(_) => UNREADABLE,
            };
            *recorded.rejected.entry(code).or_default() += 1;
        }
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

impl Entry {
    fn bytes(&self) -> io::Result<Vec<u8>> {
        postcard::to_allocvec(self).map_err(io::Error::other)
    }
}

/// What all cores do with the entries of each bin, and what each core has counted.
fn each_bin(
    spool: Mutex<Spool>,
    work: impl Fn(&mut Tallying, &mut Vec<Entry>) -> io::Result<()> + Sync,
) -> io::Result<Vec<Tallying>> {
    let spool = spool.into_inner().unwrap_or_else(PoisonError::into_inner);
    let bins = Mutex::new(0..N_BINS);
    let work = || {
        // Made once: a new list for each bin would leave many gaps in memory.
        let (mut tallying, mut entries) = (Tallying::default(), Vec::new());
        loop {
            let Some(bin) = lock(&bins).next() else { return Ok(tallying) };
            entries.clear();
            spool.read(bin, |block| entries_of(block, &mut entries))?;
            work(&mut tallying, &mut entries)?;
        }
    };
    thread::scope(|scope| {
        let cores: Vec<_> = (0..files::n_cores()).map(|_| scope.spawn(work)).collect();
        cores.into_iter().map(joined).collect()
    })
}

fn entries_of(mut block: &[u8], entries: &mut Vec<Entry>) -> io::Result<()> {
    while !block.is_empty() {
        let (entry, rest) = postcard::take_from_bytes(block).map_err(io::Error::other)?;
        entries.push(entry);
        block = rest;
    }
    Ok(())
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

    fn push(&mut self, record: &Record) -> io::Result<()> {
        if !self.results.contains_key(record.survey()) {
            self.results.insert(record.survey().clone(), Spool::new(self.scratch.clone()));
        }
        if let Some(results) = self.results.get_mut(record.survey()) {
            let id = record.identity.id();
            results.push(&id, &id)?;
        }
        record.identity.respondents().try_for_each(|id| self.respondents.push(&id, &id))
    }
}

/// Ids in ascending order, bin by bin.
fn list_of(list: &Spool) -> impl Iterator<Item = SomeIds> {
    (0..N_BINS).map(|bin| {
        let mut ids = Vec::new();
        list.read(bin, |block| {
            ids.extend_from_slice(block.as_chunks().0);
            Ok(())
        })?;
        ids.sort_unstable();
        Ok(ids)
    })
}
