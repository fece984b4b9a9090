//! The engine, from the page's side: one worker, started on first use, asked one thing at a time
//! by number.

use crate::route::ENGINE;
use js_sys::{Array, Promise, Uint8Array};
use litemap::LiteMap;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker};

thread_local! {
    static ENGINE_WORKER: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Engine {
    worker: Option<Worker>,
    ready: bool,
    /// Messages asked before the engine had started.
    waiting: Vec<Array>,
    asked: u32,
    /// Resolvers of questions without an answer yet.
    open: LiteMap<u32, js_sys::Function>,
}

/// Asks the engine, which answers with a text.
///
/// # Errors
/// When the engine cannot start, or says why it could not do it.
pub async fn ask(question: &str, text: &str, bytes: Option<&Uint8Array>) -> Result<String, String> {
    let promise = Promise::new(&mut |resolve, _| {
        ENGINE_WORKER.with_borrow_mut(|engine| {
            let engine = engine.get_or_insert_with(start);
            engine.asked += 1;
            engine.open.insert(engine.asked, resolve);
            let bytes = bytes.map_or(JsValue::NULL, JsValue::from);
            engine.send(Array::of4(&engine.asked.into(), &question.into(), &text.into(), &bytes));
        });
    });
    let reply = JsFuture::from(promise).await.map_err(|_| "no answer".to_owned())?;
    if reply.is_undefined() {
        return Err("the engine could not start".to_owned());
    }
    let reply = Array::from(&reply);
    match reply.get(2).as_string() {
        Some(failure) => Err(failure),
        None => reply.get(1).as_string().ok_or_else(|| "unexpected answer".to_owned()),
    }
}

/// Asks the engine for something that it answers as JSON.
///
/// # Errors
/// When the engine cannot start, or says why it could not do it.
pub async fn ask_json<T: DeserializeOwned>(
    question: &str,
    text: &str,
    bytes: Option<&Uint8Array>,
) -> Result<T, String> {
    let answer = ask(question, text, bytes).await?;
    serde_json::from_str(&answer).map_err(|error| error.to_string())
}

impl Engine {
    fn send(&mut self, message: Array) {
        match &self.worker {
            Some(worker) if self.ready => {
                let _ = worker.post_message(&message);
            }
            Some(_) => self.waiting.push(message),
            // The worker could not be made: every question ends at once, with nothing.
            None => self.end_all(),
        }
    }

    fn end_all(&mut self) {
        for (_, resolve) in std::mem::take(&mut self.open) {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }
}

fn start() -> Engine {
    let Ok(worker) = Worker::new(ENGINE) else { return Engine::default() };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        ENGINE_WORKER.with_borrow_mut(|engine| {
            if let Some(engine) = engine {
                received(engine, &event.data());
            }
        });
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    let on_error = Closure::<dyn Fn()>::new(|| {
        ENGINE_WORKER.with_borrow_mut(|engine| {
            // Forgetting it lets the next question start a new one.
            if let Some(mut engine) = engine.take() {
                engine.end_all();
            }
        });
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_error.forget();
    Engine { worker: Some(worker), ..Engine::default() }
}

/// The engine says "ready" once (a message without a number), then answers by number.
fn received(engine: &mut Engine, data: &JsValue) {
    let message = Array::from(data);
    match message.get(0).as_f64() {
        None => {
            engine.ready = true;
            for message in std::mem::take(&mut engine.waiting) {
                engine.send(message);
            }
        }
        Some(number) => {
            if let Some(resolve) = engine.open.remove(&(number as u32)) {
                let _ = resolve.call1(&JsValue::NULL, &message);
            }
        }
    }
}
