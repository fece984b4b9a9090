//! The worker's side: everything that only coaches need, and signing where WebCrypto cannot.
//!
//! A participant does not download this. Messages are `[number, question, file name, bytes or null]`;
//! answers are `[number, JSON or bytes or null, failure or null]`; one message without a number says
//! that it is ready.

use crate::platform::http;
use crate::route;
use js_sys::{Array, Uint8Array};
use scoring::cohort::{Import, Outcome, Report, report_csv, reports};
use scoring::instrument::Instrument;
use scoring::result::Reader;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
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
    /// Verdicts on all files, and the reports: a [`super::CohortView`] as JSON.
    pub const REPORT: &str = "report";
    /// Forget all files.
    pub const CLEAR: &str = "clear";
}

/// What the engine answers: JSON, or why it could not be done.
enum Answer {
    Json(String),
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
    static READER: RefCell<Option<Reader>> = const { RefCell::new(None) };
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
                Answer::Json(json) => (JsValue::from_str(&json), JsValue::NULL),
                Answer::Failed(reason) => (JsValue::NULL, JsValue::from_str(&reason)),
            };
            let _ = scope.post_message(&Array::of3(&message.get(0), &answer, &failure));
        });
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    let _ = scope.post_message(&Array::new());
}

async fn answer(question: &str, name: &str, bytes: &[u8]) -> Answer {
    let done = || Answer::Json("null".to_owned());
    match question {
        ask::ADD => match reader().await {
            Ok(reader) => {
                IMPORT.with_borrow_mut(|import| import.add(name, bytes, &reader));
                done()
            }
            Err(message) => Answer::Failed(message),
        },
        ask::ADD_TOO_LARGE => {
            IMPORT.with_borrow_mut(|import| import.add_too_large(name));
            done()
        }
        ask::REPORT => IMPORT.with_borrow(|import| {
            let reports = reports(&import.counted());
            let csv = report_csv(&reports);
            let view = CohortView { outcomes: import.outcomes(), csv, reports };
            serde_json::to_string(&view)
                .map_or_else(|error| Answer::Failed(error.to_string()), Answer::Json)
        }),
        ask::CLEAR => {
            IMPORT.set(Import::default());
            done()
        }
        _ => Answer::Failed("no such question".to_owned()),
    }
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

/// A reader that knows all published instruments, which are read once.
async fn reader() -> Result<Reader, String> {
    if let Some(known) = READER.with_borrow(Clone::clone) {
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
    let reader = Reader { instruments: known, ..Reader::default() };
    READER.set(Some(reader.clone()));
    Ok(reader)
}
