//! Public test vectors. What is under test is what the reader of files itself uses: the one check of
//! a signature, the one parser, the canonical writer, the seal and the lock.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod encrypted;
mod folder;
mod json;
mod numbers;
mod signatures;

/// The bytes of lower-case hexadecimal.
fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}
