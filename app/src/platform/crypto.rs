//! Random bits and WebCrypto's Ed25519.

use super::reason;
use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

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

/// Takes over a private key in PKCS #8, which then cannot be read out again.
///
/// # Errors
/// Where the browser has no Ed25519.
pub async fn import(pkcs8: &[u8]) -> Result<CryptoKey, String> {
    let subtle = subtle().ok_or("no WebCrypto")?;
    let (bytes, usages) = (Uint8Array::from(pkcs8), Array::of1(&"sign".into()));
    let promise = subtle.import_key_with_str("pkcs8", &bytes, "Ed25519", false, &usages);
    let key = JsFuture::from(promise.map_err(|error| reason(&error))?).await;
    key.map(JsCast::unchecked_into).map_err(|error| reason(&error))
}

/// Signs some bytes.
///
/// # Errors
/// Where the browser refuses the key.
pub async fn sign(key: &CryptoKey, message: &[u8]) -> Result<[u8; 64], String> {
    let subtle = subtle().ok_or("no WebCrypto")?;
    let promise = subtle.sign_with_str_and_u8_array("Ed25519", key, message);
    let signature = JsFuture::from(promise.map_err(|error| reason(&error))?).await;
    let signature: ArrayBuffer = signature.map_err(|error| reason(&error))?.unchecked_into();
    Uint8Array::new(&signature).to_vec().try_into().map_err(|_| "unexpected length".to_owned())
}
