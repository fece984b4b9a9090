//! The participant's signing key: one random key a slot, kept in IndexedDB, never readable where
//! the browser can keep it so.

use super::{crypto, reason, worker};
use js_sys::{Promise, Reflect, Uint8Array};
use scoring::instrument::hex;
use sha2::{Digest, Sha256};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CryptoKeyPair, IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbTransactionMode,
};

const DATABASE: &str = "plumbline";
const STORE: &str = "keys";

/// A key that can sign.
#[derive(Clone)]
pub struct ParticipantKey {
    secret: Secret,
    /// The public half.
    pub public: [u8; 32],
}

#[derive(Clone)]
enum Secret {
    /// WebCrypto keeps it and never gives it out.
    Pair(CryptoKeyPair),
    /// For browsers without WebCrypto's Ed25519, and pages without TLS: the worker signs.
    Seed([u8; 32]),
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError(pub String);

/// The name of a key's slot (formats: one key a coach and cohort; without a cohort, the solo slot).
fn solo_slot() -> String {
    hex(&Sha256::digest(b"survey-key-slot-v1solo"))
}

/// The key of the solo slot, made on first use. Where the browser keeps nothing, the key lasts
/// until the page closes, and the next file will look like another person's.
///
/// # Errors
/// Where the browser offers no randomness at all.
pub async fn participant_key() -> Result<ParticipantKey, KeyError> {
    let slot = solo_slot();
    let database = open().await.ok();
    if let Some(database) = &database
        && let Some(stored) = load(database, &slot).await
    {
        return public_half(stored).await;
    }
    let fresh = generate().await?;
    if let Some(database) = &database {
        // Two tabs may race: `add` lets one of them win, and both read back the winner.
        let _ = add(database, &slot, &fresh).await;
        if let Some(winner) = load(database, &slot).await {
            return public_half(winner).await;
        }
    }
    public_half(fresh).await
}

/// A new key that cannot be read out, or else a seed.
async fn generate() -> Result<Secret, KeyError> {
    // WebKitGTK's generator fails about one time in a hundred for no reason of ours, while a browser
    // without Ed25519 fails every time.
    for _ in 0..3 {
        if let Ok(pair) = crypto::generate().await {
            return Ok(Secret::Pair(pair));
        }
    }
    let seed = crypto::random().ok_or_else(|| KeyError("no randomness".to_owned()))?;
    Ok(Secret::Seed(seed))
}

/// Forgets all keys: the next file will look like another person's.
pub async fn forget_all() {
    if let Ok(database) = open().await
        && let Ok(transaction) =
            database.transaction_with_str_and_mode(STORE, IdbTransactionMode::Readwrite)
        && let Ok(store) = transaction.object_store(STORE)
        && let Ok(request) = store.clear()
    {
        let _ = settled(&request).await;
    }
}

/// Whether a key is kept on this device.
pub async fn is_kept() -> bool {
    match open().await {
        Ok(database) => load(&database, &solo_slot()).await.is_some(),
        Err(_) => false,
    }
}

impl ParticipantKey {
    /// Signs some bytes.
    ///
    /// # Errors
    /// Where the browser refuses.
    pub async fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeyError> {
        match &self.secret {
            Secret::Pair(pair) => crypto::sign(pair, message).await.map_err(KeyError),
            Secret::Seed(seed) => worker::sign(seed, message).await.map_err(KeyError),
        }
    }
}

async fn public_half(secret: Secret) -> Result<ParticipantKey, KeyError> {
    let public = match &secret {
        Secret::Pair(pair) => crypto::public_bytes(pair).await,
        Secret::Seed(seed) => worker::public_key(seed).await,
    };
    Ok(ParticipantKey { secret, public: public.map_err(KeyError)? })
}

async fn open() -> Result<IdbDatabase, String> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(|e| reason(&e))?;
    let factory: IdbFactory = factory.dyn_into().map_err(|_| "no IndexedDB")?;
    let request: IdbOpenDbRequest =
        factory.open_with_u32(DATABASE, 1).map_err(|error| reason(&error))?;
    let upgrading = request.clone();
    let upgrade = Closure::once_into_js(move || {
        if let Ok(database) = upgrading.result() {
            let _ = database.unchecked_into::<IdbDatabase>().create_object_store(STORE);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    settled(&request).await.map(JsCast::unchecked_into)
}

async fn load(database: &IdbDatabase, slot: &str) -> Option<Secret> {
    let transaction = database.transaction_with_str(STORE).ok()?;
    let request = transaction.object_store(STORE).ok()?.get(&slot.into()).ok()?;
    let stored = settled(&request).await.ok().filter(|stored| !stored.is_undefined())?;
    match stored.dyn_ref::<Uint8Array>() {
        Some(seed) => seed.to_vec().try_into().ok().map(Secret::Seed),
        None => Some(Secret::Pair(stored.unchecked_into())),
    }
}

async fn add(database: &IdbDatabase, slot: &str, secret: &Secret) -> Result<JsValue, String> {
    let value: JsValue = match secret {
        Secret::Pair(pair) => pair.into(),
        Secret::Seed(seed) => Uint8Array::from(seed.as_slice()).into(),
    };
    let transaction = database
        .transaction_with_str_and_mode(STORE, IdbTransactionMode::Readwrite)
        .map_err(|error| reason(&error))?;
    let store = transaction.object_store(STORE).map_err(|error| reason(&error))?;
    let request = store.add_with_key(&value, &slot.into()).map_err(|error| reason(&error))?;
    settled(&request).await
}

/// The result of a database request, once it has one.
async fn settled(request: &IdbRequest) -> Result<JsValue, String> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(|error| reason(&error)),
        Err(event) => {
            // An uncaught failure would reach the window as an error.
            event.unchecked_into::<web_sys::Event>().prevent_default();
            Err("the database refused".to_owned())
        }
    }
}
