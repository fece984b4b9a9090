//! Strict reading and canonical writing of integer-only JSON.
//!
//! Every file that reaches Plumbline from outside is read here first. The usual reader keeps the
//! last of two equal keys and accepts any number; a signed file must not be that forgiving, because
//! two programs could then read two different contents under one signature.

use litemap::LiteMap;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::{Entry, Map};
use serde_json::{Number, Value};
use std::cell::Cell;
use std::fmt::{self, Write as _};

/// Deepest nesting accepted anywhere in our formats.
pub const MAX_DEPTH: usize = 16;

/// Largest magnitude of an integer (exclusive): 2^53, beyond which JavaScript readers lose digits
/// (RFC 8259 section 6).
pub const MAX_INTEGER: i64 = 1 << 53;

/// Why a text is not acceptable JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not JSON at all, or cut off.
    #[error("not valid JSON at line {line}, column {column}")]
    Syntax {
        /// One-based line of the fault.
        line: usize,
        /// One-based column of the fault.
        column: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested too deeply")]
    TooDeep,
    /// One object has the same member twice.
    #[error("an object has the same member twice")]
    DuplicateMember,
    /// A number that is not an integer below 2^53 in magnitude.
    #[error("a number is not an integer, or too large")]
    NotInteger,
}

/// Reads JSON text, refusing duplicate members, deep nesting and numbers that are not integers.
///
/// ```
/// use scoring::json::{parse, Fault};
/// assert!(parse(br#"{"a":[1,null,"x"]}"#).is_ok());
/// assert_eq!(parse(br#"{"a":1,"a":2}"#), Err(Fault::DuplicateMember));
/// assert_eq!(parse(br#"{"a":1.5}"#), Err(Fault::NotInteger));
/// ```
///
/// # Errors
/// The first [`Fault`] met, in reading order.
pub fn parse(text: &[u8]) -> Result<Value, Fault> {
    let fault = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let strict = Strict { depth: 0, fault: &fault };
    strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value)).map_err(
        |error| fault.get().unwrap_or(Fault::Syntax { line: error.line(), column: error.column() }),
    )
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    fault: &'a Cell<Option<Fault>>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom(fault)
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(Fault::TooDeep));
        }
        Ok(Strict { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON with integers only")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() >= MAX_INTEGER.unsigned_abs() {
            return Err(self.refuse(Fault::NotInteger));
        }
        Ok(Value::Number(Number::from(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value)
            .map_err(|_| self.refuse(Fault::NotInteger))
            .and_then(|value| self.visit_i64(value))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Err(self.refuse(Fault::NotInteger))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(value) = elements.next_element_seed(inner)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let Entry::Vacant(place) = object.entry(key) else {
                return Err(self.refuse(Fault::DuplicateMember));
            };
            place.insert(members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

/// Writes a value in the canonical form of RFC 8785 (JSON Canonicalization Scheme).
///
/// Our formats hold integers only, so the number rules of the RFC reduce to plain decimal; any other
/// number is left out, because a general implementation would bring a float printer into every
/// participant's download.
///
/// ```
/// let value = scoring::json::parse(br#" { "b" : 2, "a" : "\u20ac" } "#).unwrap();
/// assert_eq!(scoring::json::canonical(&value), r#"{"a":"€","b":2}"#);
/// ```
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(list) => {
            out.push('[');
            for (index, element) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(element, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            // RFC 8785 section 3.2.3: members sorted by their UTF-16 code units.
            let mut members: LiteMap<Vec<u16>, _> = LiteMap::new();
            for member in object {
                members.insert(member.0.encode_utf16().collect(), member);
            }
            out.push('{');
            for (index, (_, (key, member))) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_canonical(member, out);
            }
            out.push('}');
        }
        Value::String(text) => write_string(text, out),
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            if let Some(integer) = number.as_i64() {
                let _ = write!(out, "{integer}");
            }
        }
    }
}

/// RFC 8785 section 3.2.2.2: short escapes where they exist, `\u00xx` for other controls, all else raw.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, Fault>) {
        let got = parse(text.as_bytes()).map(|value| canonical(&value));
        assert_eq!(got, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn refuses_what_two_readers_could_read_differently() {
        check(r#"{"a":1,"a":1}"#, Err(Fault::DuplicateMember));
        check(r#"{"o":{"a":1,"a":1}}"#, Err(Fault::DuplicateMember));
        check("9007199254740992", Err(Fault::NotInteger));
        check("-9007199254740991", Ok("-9007199254740991"));
        check("1.0", Err(Fault::NotInteger));
        check("1e2", Err(Fault::NotInteger));
        check("[1] x", Err(Fault::Syntax { line: 1, column: 5 }));
        check("[1", Err(Fault::Syntax { line: 1, column: 2 }));
    }

    #[test]
    fn depth_is_limited_before_the_stack_is() {
        let nest = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        check(&nest(MAX_DEPTH), Ok(nest(MAX_DEPTH).as_str()));
        check(&nest(MAX_DEPTH + 1), Err(Fault::TooDeep));
        check(&"[".repeat(100_000), Err(Fault::TooDeep));
    }

    /// RFC 8785 section 3.2.3 prints this order for these keys.
    #[test]
    fn sorts_members_as_rfc_8785_shows() {
        check(
            r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#,
            Ok("{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"),
        );
    }
}
