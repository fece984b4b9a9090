//! The worker's side: everything that only coaches need, and signing where WebCrypto cannot.
//!
//! A participant does not download this. Messages are `[number, question as JSON, bytes or null]`;
//! answers are `[number, answer as JSON]`; one message without a number says that it is ready.

use crate::platform::http;
use crate::route;
use ed25519_dalek::{Signer, SigningKey};
use js_sys::{Array, Uint8Array};
use scoring::cohort::{Import, Outcome, Report, report_csv, reports};
use scoring::instrument::Instrument;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// What the page asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Question {
    /// Read a file; its bytes come along.
    Add {
        /// Its name.
        name: String,
    },
    /// Note a file whose size alone rules it out.
    AddTooLarge {
        /// Its name.
        name: String,
    },
    /// Verdicts on all files, and the report.
    Report,
    /// Forget all files.
    Clear,
    /// The public half of the seed that comes along.
    PublicKey,
    /// The signature of what comes along: 32 bytes of seed, then the message.
    Sign,
}

/// What the engine answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// Done, with nothing to say.
    Done,
    /// Verdicts and reports.
    Report(CohortView),
    /// A key or a signature.
    Bytes(Vec<u8>),
    /// It could not be done.
    Failed(String),
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

thread_local! {
    static IMPORT: RefCell<Import> = RefCell::new(Import::default());
    static INSTRUMENTS: RefCell<Option<Vec<Arc<Instrument>>>> = const { RefCell::new(None) };
}

/// Starts listening.
pub fn start() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let answering = scope.clone();
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let scope = answering.clone();
        let message = Array::from(&event.data());
        wasm_bindgen_futures::spawn_local(async move {
            let bytes = message.get(2);
            let bytes = if bytes.is_null() { Vec::new() } else { Uint8Array::new(&bytes).to_vec() };
            let question = message.get(1).as_string().unwrap_or_default();
            let answer = match serde_json::from_str(&question) {
                Ok(question) => answer(question, &bytes).await,
                Err(error) => Answer::Failed(error.to_string()),
            };
            let answer = serde_json::to_string(&answer).unwrap_or_default();
            let _ = scope.post_message(&Array::of2(&message.get(0), &JsValue::from_str(&answer)));
        });
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    let _ = scope.post_message(&Array::new());
}

async fn answer(question: Question, bytes: &[u8]) -> Answer {
    match question {
        Question::Add { name } => match instruments().await {
            Ok(instruments) => {
                IMPORT.with_borrow_mut(|import| import.add(&name, bytes, &instruments));
                Answer::Done
            }
            Err(message) => Answer::Failed(message),
        },
        Question::AddTooLarge { name } => {
            IMPORT.with_borrow_mut(|import| import.add_too_large(&name));
            Answer::Done
        }
        Question::Report => IMPORT.with_borrow(|import| {
            let reports = reports(&import.counted());
            Answer::Report(CohortView {
                outcomes: import.outcomes(),
                csv: report_csv(&reports),
                reports,
            })
        }),
        Question::Clear => {
            IMPORT.set(Import::default());
            Answer::Done
        }
        Question::PublicKey => match seed(bytes) {
            Some((key, _)) => Answer::Bytes(key.verifying_key().to_bytes().to_vec()),
            None => Answer::Failed("a seed has 32 bytes".to_owned()),
        },
        Question::Sign => match seed(bytes) {
            Some((key, message)) => Answer::Bytes(key.sign(message).to_bytes().to_vec()),
            None => Answer::Failed("a seed has 32 bytes".to_owned()),
        },
    }
}

fn seed(bytes: &[u8]) -> Option<(SigningKey, &[u8])> {
    bytes.split_first_chunk::<32>().map(|(seed, message)| (SigningKey::from_bytes(seed), message))
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

/// All published instruments, read once.
async fn instruments() -> Result<Vec<Arc<Instrument>>, String> {
    if let Some(known) = INSTRUMENTS.with_borrow(Clone::clone) {
        return Ok(known);
    }
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
    INSTRUMENTS.set(Some(known.clone()));
    Ok(known)
}
