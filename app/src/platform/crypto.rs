//! Random bits and WebCrypto's Ed25519.

use super::reason;
use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, CryptoKeyPair, SubtleCrypto};

fn crypto() -> Option<Crypto> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).ok()?;
    (!crypto.is_undefined()).then(|| crypto.unchecked_into())
}

/// `subtle` exists only on pages served over TLS or from this machine.
fn subtle() -> Option<SubtleCrypto> {
    let crypto = crypto()?;
    let subtle = Reflect::get(&crypto, &"subtle".into()).ok()?;
    (!subtle.is_undefined()).then(|| subtle.unchecked_into())
}

/// Random bytes; none where the browser has no source of them.
#[must_use]
pub fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    crypto()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// A key pair whose private half cannot be read out again.
///
/// # Errors
/// Where the browser has no Ed25519.
pub async fn generate() -> Result<CryptoKeyPair, String> {
    let subtle = subtle().ok_or("no WebCrypto")?;
    let usages = js_sys::Array::of2(&"sign".into(), &"verify".into());
    let promise = subtle.generate_key_with_str("Ed25519", false, &usages);
    let pair = JsFuture::from(promise.map_err(|error| reason(&error))?).await;
    pair.map(JsCast::unchecked_into).map_err(|error| reason(&error))
}

/// The public half, 32 bytes.
///
/// # Errors
/// Where the browser cannot export it.
pub async fn public_bytes(pair: &CryptoKeyPair) -> Result<[u8; 32], String> {
    let subtle = subtle().ok_or("no WebCrypto")?;
    let key = member(pair, "publicKey")?;
    let promise = subtle.export_key("raw", &key).map_err(|error| reason(&error))?;
    let raw = JsFuture::from(promise).await.map_err(|error| reason(&error))?;
    Uint8Array::new(&raw).to_vec().try_into().map_err(|_| "unexpected key length".to_owned())
}

/// Signs some bytes.
///
/// # Errors
/// Where the browser refuses the key.
pub async fn sign(pair: &CryptoKeyPair, message: &[u8]) -> Result<[u8; 64], String> {
    let subtle = subtle().ok_or("no WebCrypto")?;
    let key = member(pair, "privateKey")?;
    let promise = subtle.sign_with_str_and_u8_array("Ed25519", &key, message);
    let signature = JsFuture::from(promise.map_err(|error| reason(&error))?).await;
    let signature: ArrayBuffer = signature.map_err(|error| reason(&error))?.unchecked_into();
    Uint8Array::new(&signature).to_vec().try_into().map_err(|_| "unexpected length".to_owned())
}

fn member(pair: &JsValue, name: &str) -> Result<CryptoKey, String> {
    Reflect::get(pair, &name.into()).map(JsCast::unchecked_into).map_err(|error| reason(&error))
}
