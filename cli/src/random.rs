//! Random bits from the operating system.

use crate::failure::Failure;

/// So many random bytes, fit for keys.
pub fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Random(error.to_string()))?;
    Ok(bytes)
}
