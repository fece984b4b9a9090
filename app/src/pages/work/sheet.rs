//! One worksheet on this device, and its verbs.

use crate::app::Device;
use crate::platform::keys::{self, KeyError};
use crate::platform::{clock, crypto, storage};
use crate::state::file_stem;
use leptos::prelude::*;
use scoring::jose::base64url;
use scoring::plan::{self, Worksheet};
use serde_json::Value;

/// How many changes can be taken back.
const MAX_UNDO: usize = 50;

/// What is kept under the id of a worksheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<T> {
    /// A worksheet.
    Here(T),
    /// Nothing: it was deleted, or is on another device.
    Missing,
    /// Something that cannot be read: where its first fault is, and all of it, so that nothing is lost.
    Broken {
        /// JSON path of the first fault.
        at: String,
        /// What is kept.
        raw: Value,
    },
}

impl<T: Worksheet> Found<T> {
    fn of(kept: Option<Value>) -> Self {
        match kept.map(|raw| (T::from_json(&raw), raw)) {
            None => Found::Missing,
            Some((Ok(content), _)) => Found::Here(content),
            Some((Err(at), raw)) => Found::Broken { at, raw },
        }
    }
}

/// Where the worksheets of a kind are kept.
pub(super) fn place<T: Worksheet>() -> String {
    format!("{}work/{}/", storage::PREFIX, T::KIND.code())
}

/// What is kept now, whoever wrote it.
pub(super) fn kept<T: Worksheet>(id: &str) -> Found<T> {
    Found::of(storage::read(&format!("{}{id}", place::<T>())))
}

/// Keeps or removes a worksheet.
pub(super) fn keep<T: Worksheet>(device: Device, id: &str, content: Option<&T>) {
    let content = content.map(Worksheet::to_json);
    device.write(&format!("{}{id}", place::<T>()), content.as_ref());
}

/// A change that can be taken back: what was there, and what it became.
#[derive(Clone)]
struct Step<T> {
    before: T,
    after: T,
}

/// A worksheet on this device. Every change is made to what is kept at that moment, so that two tabs never undo
/// each other's, and is kept at once.
pub struct Sheet<T: Send + Sync + 'static> {
    id: StoredValue<String>,
    device: Device,
    found: Memo<Found<T>>,
    changed: RwSignal<u32>,
    steps: RwSignal<Vec<Step<T>>>,
}

impl<T: Send + Sync + 'static> Clone for Sheet<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Sheet<T> {}

impl<T: Worksheet + Send + Sync + 'static> Sheet<T> {
    /// The worksheet with this id.
    #[must_use]
    pub fn open(id: &str) -> Self {
        let device = expect_context::<Device>();
        let changed = RwSignal::new(0);
        let id = StoredValue::new(id.to_owned());
        let found = Memo::new(move |_| {
            changed.track();
            device.changed_elsewhere.track();
            id.with_value(|id| kept(id))
        });
        Sheet { id, device, found, changed, steps: RwSignal::new(Vec::new()) }
    }

    /// Keeps a new worksheet under a fresh id.
    ///
    /// # Errors
    /// Where the browser offers no randomness.
    pub fn create(content: &T) -> Result<String, &'static str> {
        let id = fresh_id().ok_or("no randomness")?;
        keep(expect_context::<Device>(), &id, Some(content));
        Ok(id)
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> String {
        self.id.get_value()
    }

    /// What is kept, followed.
    #[must_use]
    pub fn found(self) -> Memo<Found<T>> {
        self.found
    }

    /// The content, followed; nothing where it cannot be shown.
    #[must_use]
    pub fn content(self) -> Option<T> {
        match self.found.get() {
            Found::Here(content) => Some(content),
            Found::Missing | Found::Broken { .. } => None,
        }
    }

    /// Changes what is kept now.
    pub fn change(self, change: impl FnOnce(&mut T)) {
        let Found::Here(before) = self.id.with_value(|id| kept::<T>(id)) else { return };
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        self.write(Some(&after));
        self.steps.update(|steps| {
            steps.push(Step { before, after });
            if steps.len() > MAX_UNDO {
                steps.remove(0);
            }
        });
    }

    /// Whether the last change made here can be taken back: nobody has changed anything since.
    #[must_use]
    pub fn can_undo(self) -> bool {
        let Found::Here(now) = self.found.get() else { return false };
        self.steps.with(|steps| steps.last().is_some_and(|step| step.after == now))
    }

    /// Takes the last change back.
    pub fn undo(self) {
        if untrack(|| self.can_undo())
            && let Some(step) = self.steps.try_update(Vec::pop).flatten()
        {
            self.write(Some(&step.before));
        }
    }

    /// Deletes it from this device.
    pub fn remove(self) {
        self.write(None);
    }

    fn write(self, content: Option<&T>) {
        self.id.with_value(|id| keep(self.device, id, content));
        self.changed.update(|n| *n = n.wrapping_add(1));
    }

    /// A signed file of it, and what that should be called.
    ///
    /// # Errors
    /// Where there is nothing to sign, or no key to sign with.
    pub async fn export(self) -> Result<(String, String), KeyError> {
        let nothing = || KeyError("nothing is kept".to_owned());
        // The page may be left, and the sheet with it, while the key is looked for.
        let id = self.id.try_get_value().ok_or_else(nothing)?;
        let Found::Here(content) = kept::<T>(&id) else { return Err(nothing()) };
        let (key, _) = keys::key_of(&plan::slot()).await?;
        let unsigned = plan::unsigned(&content, &id, &key.public, clock::now());
        let signature = key.sign(&unsigned.signing_input()).await?;
        let kind = T::KIND.code().replace('_', "-");
        let name = format!("{}.{kind}.jws.json", file_stem(content.title()));
        Ok((name, unsigned.signed(&signature)))
    }
}

/// 128 random bits in base64url: an id of a worksheet or of something in it.
#[must_use]
pub fn fresh_id() -> Option<String> {
    crypto::random::<16>().map(|bits| base64url(&bits))
}
