//! The participant's signing key: one a slot, made of a secret that is offered once as a recovery
//! code, then kept in IndexedDB where nobody can read it out, if the browser can keep it so.

use super::crypto;
use super::database::{self, Change, KEYS};
use js_sys::{Array, Uint8Array};
use litemap::LiteMap;
use scoring::jose;
use scoring::participant::{Secret, pkcs8, public, recovery_code, seed};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CryptoKey;

thread_local! {
    /// Keys that the browser does not keep: they last until the page closes.
    static MEMORY: RefCell<LiteMap<String, ParticipantKey>> = const { RefCell::new(LiteMap::new()) };
}

/// A key that can sign.
#[derive(Clone)]
pub struct ParticipantKey {
    signer: Signer,
    /// The public half.
    pub public: [u8; 32],
}

#[derive(Clone)]
enum Signer {
    /// WebCrypto keeps it and never gives it out.
    Kept(CryptoKey),
    /// For browsers without WebCrypto's Ed25519, and pages without TLS.
    Seed([u8; 32]),
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError(pub String);

/// The key of a slot, made on first use; then also its recovery code, which nobody can have again.
///
/// # Errors
/// Where the browser offers no randomness at all.
pub async fn key_of(slot: &str) -> Result<(ParticipantKey, Option<String>), KeyError> {
    if let Some(known) = find(slot).await {
        return Ok((known, None));
    }
    let secret: Secret = crypto::random().ok_or_else(|| KeyError("no randomness".to_owned()))?;
    let made = make(&secret).await;
    // Two tabs may race: `add` lets one of them win, and both read back the winner.
    let _ = database::change(KEYS, vec![(slot.to_owned(), Change::Add(made.record()))]).await;
    match find(slot).await {
        Some(winner) if winner.public != made.public => Ok((winner, None)),
        Some(winner) => Ok((winner, Some(recovery_code(&secret)))),
        None => {
            MEMORY.with_borrow_mut(|memory| memory.insert(slot.to_owned(), made.clone()));
            Ok((made, Some(recovery_code(&secret))))
        }
    }
}

/// Puts the key of a recovery code into a slot.
pub async fn restore(slot: &str, secret: &Secret) {
    let made = make(secret).await;
    let _ = database::change(KEYS, vec![(slot.to_owned(), Change::Put(made.record()))]).await;
    if kept(slot).await.is_none_or(|kept| kept.public != made.public) {
        MEMORY.with_borrow_mut(|memory| memory.insert(slot.to_owned(), made));
    }
}

/// Forgets the key of a slot: the next file will look like another person's.
pub async fn forget(slot: &str) {
    MEMORY.with_borrow_mut(|memory| memory.remove(slot));
    let _ = database::change(KEYS, vec![(slot.to_owned(), Change::Delete)]).await;
}

/// Forgets all keys.
pub async fn forget_all() {
    MEMORY.take();
    database::clear(KEYS).await;
}

/// Whether any key is kept on this device.
pub async fn any_kept() -> bool {
    !database::all(KEYS).await.is_empty()
}

/// Whether the key of a slot outlives the page.
pub async fn is_kept(slot: &str) -> bool {
    kept(slot).await.is_some()
}

async fn find(slot: &str) -> Option<ParticipantKey> {
    match MEMORY.with_borrow(|memory| memory.get(slot).cloned()) {
        Some(known) => Some(known),
        None => kept(slot).await,
    }
}

async fn kept(slot: &str) -> Option<ParticipantKey> {
    ParticipantKey::of_record(&database::get(KEYS, slot).await?)
}

/// A key that WebCrypto holds, if a signature by it is one that every reader accepts; a seed if not.
async fn make(secret: &Secret) -> ParticipantKey {
    let seed = seed(secret);
    let public = public(&seed);
    if let Ok(key) = crypto::import(&pkcs8(&seed)).await
        && let Ok(signature) = crypto::sign(&key, &public).await
        && jose::is_signature(&public, &public, &signature)
    {
        return ParticipantKey { signer: Signer::Kept(key), public };
    }
    ParticipantKey { signer: Signer::Seed(seed), public }
}

impl ParticipantKey {
    /// Signs some bytes.
    ///
    /// # Errors
    /// Where the browser refuses.
    pub async fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
        match &self.signer {
            Signer::Kept(key) => crypto::sign(key, message).await.map_err(KeyError),
            Signer::Seed(seed) => Ok(jose::sign(seed, message)),
        }
    }

    fn record(&self) -> JsValue {
        let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
        let signer = match &self.signer {
            Signer::Kept(key) => key.into(),
            Signer::Seed(seed) => bytes(seed),
        };
        Array::of2(&bytes(&self.public), &signer).into()
    }

    fn of_record(record: &JsValue) -> Option<Self> {
        let record = Array::from(record);
        let fixed = |place| {
            let bytes: Uint8Array = record.get(place).dyn_into().ok()?;
            <[u8; 32]>::try_from(bytes.to_vec()).ok()
        };
        let signer = match fixed(1) {
            Some(seed) => Signer::Seed(seed),
            None => Signer::Kept(record.get(1).dyn_into().ok()?),
        };
        Some(ParticipantKey { signer, public: fixed(0)? })
    }
}
