//! The worker's side: everything that only coaches need, which no participant downloads. A coach's keys are
//! opened here and nowhere else: in the memory of the worker, until they are locked again or the tab closes.
//!
//! Messages are `[number, question, text, bytes or null]`; answers are
//! `[number, text or null, failure or null]`; one message without a number says that it is ready.

use crate::platform::{clock, crypto, http};
use crate::route;
use js_sys::{Array, Uint8Array};
use scoring::coach::CoachKey;
use scoring::cohort::{
    GroupReport, Import, Ledger, Outcome, Release, Report, VerifiedLink, report_csv,
};
use scoring::explain::explain;
use scoring::instrument::Instrument;
use scoring::jose::{Locking, base64url};
use scoring::pair::{pair_reports, seats};
use scoring::result::{Reader, VerifiedResult};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// What the page can ask.
pub mod ask {
    /// Read a file: its name and its bytes come along.
    pub const ADD: &str = "add";
    /// Note a file whose size alone rules it out: its name comes along.
    pub const ADD_TOO_LARGE: &str = "add_too_large";
    /// How many people were asked, by [`super::survey_name`]: an object as JSON.
    pub const SET_ROSTERS: &str = "set_rosters";
    /// Verdicts on all files, and the reports: a [`super::CohortView`] as JSON. A roster of fewer people than were
    /// counted narrows nothing here; the field in which it was typed says so.
    pub const REPORT: &str = "report";
    /// Forget all files.
    pub const CLEAR: &str = "clear";
    /// Make a coach's key and open it: its passphrase comes along. The locked file.
    pub const MAKE_KEY: &str = "make_key";
    /// Open a coach's key: its passphrase and its locked file come along.
    pub const UNLOCK: &str = "unlock";
    /// Close the coach's key of the thumbprint that comes along.
    pub const LOCK: &str = "lock";
    /// The coach's keys that are open: a list of [`super::OpenKey`] as JSON.
    pub const OPEN_KEYS: &str = "open_keys";
    /// A coach's signature over the bytes that come along, in base64url, with the open key of the thumbprint.
    pub const SIGN_AS: &str = "sign_as";
    /// The cohort links to know, and no others: a list of tokens as JSON.
    pub const SET_LINKS: &str = "set_links";
    /// The signed group report of the link whose slug comes along with the ledger of the cohort, if there is one:
    /// a [`super::Published`] as JSON.
    pub const PUBLISH: &str = "publish";
    /// The pairs of the link whose slug comes along of whom something counts: a list of [`super::PairView`] as JSON.
    pub const PAIRS: &str = "pairs";
    /// The report of one of them, whose id stands behind the slug: a `scoring::pair::PairReport` as JSON.
    pub const PAIR: &str = "pair";
    /// What the file or link that comes along says: a `scoring::explain::Explanation` as JSON.
    pub const EXPLAIN: &str = "explain";
}

/// What a coach sees of all files read so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortView {
    /// A verdict a file, in order of arrival.
    pub outcomes: Vec<Outcome>,
    /// A report an instrument, version and rater.
    pub reports: Vec<Report>,
    /// The reports for a spreadsheet.
    pub csv: String,
}

/// What tells the survey of a report from all others; first its cohort and wave.
#[must_use]
pub fn survey_name(report: &Report) -> String {
    let Report { cohort, instrument, version, rater, .. } = report;
    let (id, wave) = cohort.as_ref().map_or(("solo", ""), |cohort| (&cohort.id, &cohort.wave));
    format!("{id}/{wave}/{instrument}/{version}/{rater}")
}

/// A group report to give away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The signed file.
    pub file: String,
    /// The ledger of the cohort with this release in it.
    pub ledger: String,
}

/// A leader and their manager, as far as their files are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairView {
    /// The pair's id.
    pub pair: String,
    /// Whether the leader's file counts, and whether the manager's does.
    pub here: [bool; 2],
}

/// The public halves of a coach's key that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenKey {
    /// Thumbprint of the signing key.
    pub kid: String,
    /// The signing key.
    pub public: [u8; 32],
    /// The key that results are sealed for.
    pub seal: [u8; 32],
}

thread_local! {
    static IMPORT: RefCell<Import> = RefCell::new(Import::default());
    /// The instruments are read on first use; links and keys come and go.
    static READER: RefCell<Reader> = RefCell::new(Reader::default());
    static ROSTERS: RefCell<BTreeMap<String, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Starts listening.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answering = scope.clone();
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let scope = answering.clone();
        let message = Array::from(&event.data());
        wasm_bindgen_futures::spawn_local(async move {
            let text = |place| message.get(place).as_string().unwrap_or_default();
            let bytes = message.get(3);
            let bytes = if bytes.is_null() { Vec::new() } else { Uint8Array::new(&bytes).to_vec() };
            let (answer, failure) = match answer(&text(1), &text(2), &bytes).await {
                Ok(answer) => (JsValue::from_str(&answer), JsValue::NULL),
                Err(reason) => (JsValue::NULL, JsValue::from_str(&reason)),
            };
            let _ = scope.post_message(&Array::of3(&message.get(0), &answer, &failure));
        });
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    let _ = scope.post_message(&Array::new());
}

/// What was asked for, as JSON or as a file, or nothing at all.
///
/// # Errors
/// A code that has texts, or a reason in English for whoever helps.
async fn answer(question: &str, text: &str, bytes: &[u8]) -> Result<String, String> {
    let done = || Ok(String::new());
    match question {
        ask::ADD => {
            let reader = reader().await?;
            IMPORT.with_borrow_mut(|import| import.add(text, bytes, &reader));
            done()
        }
        ask::ADD_TOO_LARGE => {
            IMPORT.with_borrow_mut(|import| import.add_too_large(text));
            done()
        }
        ask::REPORT => IMPORT.with_borrow(|import| {
            let fits = |report: &Report| roster(report).filter(|roster| *roster >= report.n);
            // A first report has nothing to differ from.
            let released = Ledger::default().reports(&import.counted(), &fits).unwrap_or_default();
            let reports: Vec<Report> = released.into_iter().map(|(report, _)| report).collect();
            let csv = report_csv(&reports);
            as_json(&CohortView { outcomes: import.outcomes(), csv, reports })
        }),
        ask::SET_ROSTERS => {
            ROSTERS.set(serde_json::from_str(text).map_err(|error| error.to_string())?);
            done()
        }
        ask::CLEAR => {
            IMPORT.set(Import::default());
            done()
        }
        ask::MAKE_KEY => {
            let key = CoachKey::from_seeds(fresh()?, fresh()?);
            let locking = Locking { salt: fresh()?, key: fresh()?, iv: fresh()? };
            let file = key.lock(text, &locking).ok_or("the key could not be locked")?;
            open(key).await?;
            Ok(file)
        }
        ask::UNLOCK => {
            let key = CoachKey::unlock(bytes, text).map_err(|failure| failure.code().to_owned())?;
            open(key).await?;
            done()
        }
        ask::LOCK => {
            READER.with_borrow_mut(|reader| reader.keys.retain(|key| key.kid() != text));
            done()
        }
        ask::OPEN_KEYS => READER.with_borrow(|reader| {
            let open = reader.keys.iter().map(|key| OpenKey {
                kid: key.kid(),
                public: key.public(),
                seal: key.seal_public(),
            });
            as_json(&open.collect::<Vec<_>>())
        }),
        ask::SIGN_AS => Ok(base64url(&open_key(text)?.sign(bytes))),
        ask::SET_LINKS => {
            let tokens: Vec<String> =
                serde_json::from_str(text).map_err(|error| error.to_string())?;
            let links = tokens.iter().filter_map(|token| VerifiedLink::verify(token).ok());
            let links = links.map(Arc::new).collect();
            READER.with_borrow_mut(|reader| reader.links = links);
            read_again().await?;
            done()
        }
        ask::PUBLISH => publish(text, bytes),
        ask::PAIRS => pairs(text),
        ask::PAIR => pair(text),
        ask::EXPLAIN => as_json(&explain(bytes, &reader().await?, clock::now())),
        _ => Err("no such question".to_owned()),
    }
}

fn as_json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

fn fresh<const N: usize>() -> Result<[u8; N], String> {
    crypto::random().ok_or_else(|| "no randomness".to_owned())
}

/// Takes a key into memory, and reads the files that waited for it.
async fn open(key: CoachKey) -> Result<(), String> {
    READER.with_borrow_mut(|reader| {
        reader.keys.retain(|open| open.kid() != key.kid());
        reader.keys.push(Arc::new(key));
    });
    read_again().await
}

fn open_key(kid: &str) -> Result<Arc<CoachKey>, String> {
    let find = |reader: &Reader| reader.keys.iter().find(|key| key.kid() == kid).cloned();
    READER.with_borrow(find).ok_or_else(|| "key_locked".to_owned())
}

async fn read_again() -> Result<(), String> {
    if IMPORT.with_borrow(Import::is_complete) {
        return Ok(());
    }
    let reader = reader().await?;
    IMPORT.with_borrow_mut(|import| import.read_again(&reader));
    Ok(())
}

/// The group report on the results of a link's wave, signed by the link's coach, and beside what was released before
/// a risk to nobody.
fn publish(slug: &str, ledger: &[u8]) -> Result<String, String> {
    let mut ledger = match ledger {
        [] => Ledger::default(),
        file => Ledger::read(file).map_err(|fault| fault.code().to_owned())?,
    };
    let link = known_link(slug)?;
    let key = open_key(link.kid())?;
    IMPORT.with_borrow(|import| {
        let counted = counted_of(import, &link);
        if counted.is_empty() {
            return Err("nothing_counted".to_owned());
        }
        let receipts: Vec<[u8; 32]> = counted.iter().map(|result| *result.receipt()).collect();
        let released = ledger.reports(&counted, &roster);
        let released = released.map_err(|fault| fault.code().to_owned())?;
        let (reports, releases): (Vec<Report>, Vec<Release>) = released.into_iter().unzip();
        ledger.record(releases);
        let unsigned = GroupReport::unsigned(&link, &reports, &receipts, clock::now());
        let file = unsigned.signed(&key.sign(&unsigned.signing_input()));
        as_json(&Published { file, ledger: ledger.to_json() })
    })
}

fn roster(report: &Report) -> Option<u64> {
    ROSTERS.with_borrow(|rosters| rosters.get(&survey_name(report)).copied())
}

fn known_link(slug: &str) -> Result<Arc<VerifiedLink>, String> {
    let find = |reader: &Reader| reader.links.iter().find(|link| link.slug() == slug).cloned();
    READER.with_borrow(find).ok_or_else(|| "unknown_cohort".to_owned())
}

/// The results that count for a link's wave.
fn counted_of<'a>(import: &'a Import, link: &VerifiedLink) -> Vec<&'a VerifiedResult> {
    let (id, wave) = (&link.claims().id, &link.claims().wave);
    let mut counted = import.counted();
    counted.retain(|result| {
        result.link().is_some_and(|own| own.claims().id == *id && own.claims().wave == *wave)
    });
    counted
}

fn pairs(slug: &str) -> Result<String, String> {
    let link = known_link(slug)?;
    IMPORT.with_borrow(|import| {
        let counted = counted_of(import, &link);
        let views = seats(&counted)
            .into_iter()
            // A cohort may ask the same people for surveys that compare nobody.
            .filter(|(_, seats)| seats.iter().flatten().any(|result| compares(result)))
            .map(|(key, seats)| PairView {
                pair: key.pair,
                here: seats.map(|seat| seat.is_some()),
            });
        as_json(&views.collect::<Vec<_>>())
    })
}

fn compares(result: &VerifiedResult) -> bool {
    result.instrument().definition().pair.is_some()
}

fn pair(text: &str) -> Result<String, String> {
    let (slug, id) = text.split_once('/').unwrap_or((text, ""));
    let link = known_link(slug)?;
    IMPORT.with_borrow(|import| {
        let mut reports = pair_reports(&counted_of(import, &link)).into_iter();
        let found = reports.find(|(key, _)| key.pair == id);
        as_json(&found.ok_or("nothing_counted")?.1)
    })
}

#[derive(Deserialize)]
struct Index {
    instruments: Vec<IndexEntry>,
}

#[derive(Deserialize)]
struct IndexEntry {
    id: String,
    version: String,
}

/// A reader that knows all published instruments, which are read once, and the links and keys of now.
async fn reader() -> Result<Reader, String> {
    if READER.with_borrow(|reader| reader.instruments.is_empty()) {
        let instruments = instruments().await?;
        READER.with_borrow_mut(|reader| reader.instruments = instruments);
    }
    Ok(READER.with_borrow(Clone::clone))
}

async fn instruments() -> Result<Vec<Arc<Instrument>>, String> {
    let index = http::get(route::INSTRUMENT_INDEX).await.map_err(|error| error.to_string())?;
    let index: Index = serde_json::from_slice(&index).map_err(|error| error.to_string())?;
    let mut known = Vec::new();
    for entry in index.instruments {
        let address = route::instrument_file(&entry.id, &entry.version, "definition.json");
        let definition = http::get(&address).await.map_err(|error| error.to_string())?;
        let instrument = Instrument::load(&definition)
            .map_err(|problems| problems.iter().map(|p| format!("{p} ")).collect::<String>())?;
        known.push(Arc::new(instrument));
    }
    Ok(known)
}
