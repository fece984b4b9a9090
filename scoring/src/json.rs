//! Strict reading and canonical writing of integer-only JSON.
//!
//! Every file that reaches Plumbline from outside is read here first. The usual reader keeps the
//! last of two equal keys and accepts any number; a signed file must not be that forgiving, because
//! two programs could then read two different contents under one signature.

use litemap::LiteMap;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::map::Map;
use std::borrow::Cow;
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

/// A value in JSON text that was read strictly. It points into the text where it can: most of what a signed file
/// says is looked at once, and copying it would take longer than reading it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Node<'a> {
    /// `null`.
    #[default]
    Null,
    /// `false`. It and its opposite are two, because a node that holds a single byte takes longer to move.
    False,
    /// `true`.
    True,
    /// A number, below [`MAX_INTEGER`] in magnitude.
    Integer(i64),
    /// A text; a copy only where the text has escapes.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Node<'a>>),
    /// An object.
    Object(Members<'a>),
}

/// The members of an object, in ascending order of their names.
pub type Members<'a> = LiteMap<Cow<'a, str>, Node<'a>>;

impl<'a> Node<'a> {
    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Node::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// Whether it is `true`, if it is that or `false`.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Node::False => Some(false),
            Node::True => Some(true),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node<'a>]> {
        match self {
            Node::List(list) => Some(list),
            _ => None,
        }
    }

    /// The members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Members<'a>> {
        match self {
            Node::Object(members) => Some(members),
            _ => None,
        }
    }

    /// A member, if it is an object that has one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.as_object()?.get(name)
    }

    /// The members, if it is an object that has exactly these; quickest where they are expected in ascending order.
    ///
    /// # Errors
    /// The first that is surplus, or else missing; no name if it is no object.
    pub(crate) fn exactly(&self, expected: &[&str]) -> Result<&Members<'a>, Option<String>> {
        let members = self.as_object().ok_or(None)?;
        let mut names = members.keys().map(AsRef::as_ref);
        if names.clone().eq(expected.iter().copied()) {
            return Ok(members);
        }
        let surplus = names.find(|name| !expected.contains(name));
        let missing = || expected.iter().copied().find(|name| !members.contains_key(*name));
        surplus.or_else(missing).map_or(Ok(members), |name| Err(Some(name.to_owned())))
    }

    /// What lies below, member by member.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node<'a>> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }
}

impl<'a> From<&'a Value> for Node<'a> {
    /// A number that is no integer, which [`parse`] never gives, becomes an empty text: nobody takes it for a number.
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Node::Null,
            Value::Bool(false) => Node::False,
            Value::Bool(true) => Node::True,
            Value::Number(number) => number.as_i64().map_or(Node::Text("".into()), Node::Integer),
            Value::String(text) => Node::Text(text.as_str().into()),
            Value::Array(list) => Node::List(list.iter().map(Node::from).collect()),
            // Its members ascend as ours do.
            Value::Object(object) => Node::Object(Members::from_sorted_store_unchecked(
                object.iter().map(|(name, value)| (name.as_str().into(), value.into())).collect(),
            )),
        }
    }
}

impl From<&Node<'_>> for Value {
    fn from(node: &Node<'_>) -> Self {
        match node {
            Node::Null => Value::Null,
            Node::False => Value::Bool(false),
            Node::True => Value::Bool(true),
            Node::Integer(integer) => Value::from(*integer),
            Node::Text(text) => Value::String(text.as_ref().to_owned()),
            Node::List(list) => list.iter().map(Value::from).collect(),
            Node::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    object.insert(name.as_ref().to_owned(), Value::from(member));
                }
                Value::Object(object)
            }
        }
    }
}

/// Reads JSON text, refusing duplicate members, deep nesting and numbers that are not integers.
///
/// ```
/// use scoring::json::{read, Fault};
/// assert!(read(br#"{"a":[1,null,"x"]}"#).is_ok());
/// assert_eq!(read(br#"{"a":1,"a":2}"#), Err(Fault::DuplicateMember));
/// assert_eq!(read(br#"{"a":1.5}"#), Err(Fault::NotInteger));
/// ```
///
/// # Errors
/// The first [`Fault`] met, in reading order.
pub fn read(text: &[u8]) -> Result<Node<'_>, Fault> {
    // Checked once, and not again for each text in it.
    match str::from_utf8(text) {
        Ok(text) => read_valid(text),
        Err(invalid) => {
            let text = text.get(..invalid.valid_up_to()).unwrap_or_default();
            let before = str::from_utf8(text).unwrap_or_default();
            read_valid(before).and(Err(syntax_fault_behind(before)))
        }
    }
}

fn read_valid(text: &str) -> Result<Node<'_>, Fault> {
    let fault = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let strict = Strict { depth: 0, fault: &fault };
    strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value)).map_err(
        |error| fault.get().unwrap_or(Fault::Syntax { line: error.line(), column: error.column() }),
    )
}

fn syntax_fault_behind(text: &str) -> Fault {
    let line = text.split('\n').count();
    let column = 1 + text.len() - text.rfind('\n').map_or(0, |end| end + 1);
    Fault::Syntax { line, column }
}

/// [`read`] into a value that stands alone.
///
/// # Errors
/// The first [`Fault`] met, in reading order.
pub fn parse(text: &[u8]) -> Result<Value, Fault> {
    read(text).map(|node| Value::from(&node))
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
    type Value = Node<'de>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Node<'de>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Node<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON with integers only")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(if value { Node::True } else { Node::False })
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node<'de>, E> {
        if value.unsigned_abs() >= MAX_INTEGER.unsigned_abs() {
            return Err(self.refuse(Fault::NotInteger));
        }
        Ok(Node::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node<'de>, E> {
        i64::try_from(value)
            .map_err(|_| self.refuse(Fault::NotInteger))
            .and_then(|value| self.visit_i64(value))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Node<'de>, E> {
        Err(self.refuse(Fault::NotInteger))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(value) = elements.next_element_seed(inner)? {
            list.push(value);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut object = Read { members: Vec::with_capacity(8), places: None };
        while let Some(name) = members.next_key_seed(Name)? {
            if !object.is_new(&name) {
                return Err(self.refuse(Fault::DuplicateMember));
            }
            object.members.push((name, members.next_value_seed(inner)?));
        }
        Ok(Node::Object(object.finish()))
    }
}

/// The name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cow<'de, str>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Members as they are read. What we write has them in ascending order, so that each is new if it comes after the
/// one before; only others are looked up.
#[derive(Default)]
struct Read<'a> {
    members: Vec<(Cow<'a, str>, Node<'a>)>,
    /// The place of each member by its name, once the order was broken.
    places: Option<Map<String, Value>>,
}

impl Read<'_> {
    fn is_new(&mut self, name: &str) -> bool {
        let ascends = self.members.last().is_none_or(|(last, _)| last.as_ref() < name);
        if ascends && self.places.is_none() {
            return true;
        }
        let place = Value::from(self.members.len());
        let places = self.places.get_or_insert_with(|| {
            let mut places = Map::new();
            for (place, (name, _)) in self.members.iter().enumerate() {
                places.insert(name.as_ref().to_owned(), Value::from(place));
            }
            places
        });
        places.insert(name.to_owned(), place).is_none()
    }
}

impl<'a> Read<'a> {
    fn finish(mut self) -> Members<'a> {
        let Some(places) = self.places else {
            return Members::from_sorted_store_unchecked(self.members);
        };
        let mut sorted = Vec::with_capacity(self.members.len());
        for place in places.values() {
            let place = place.as_u64().and_then(|place| usize::try_from(place).ok());
            if let Some(member) = place.and_then(|place| self.members.get_mut(place)) {
                sorted.push(std::mem::take(member));
            }
        }
        Members::from_sorted_store_unchecked(sorted)
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
    let mut rest = text;
    let is_escaped = |character: char| character < ' ' || matches!(character, '"' | '\\');
    while let Some((raw, behind)) = rest.find(is_escaped).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(raw);
        let mut characters = behind.chars();
        match characters.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\u{8}') => out.push_str("\\b"),
            Some('\t') => out.push_str("\\t"),
            Some('\n') => out.push_str("\\n"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(control) => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
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

    /// Python 3.11: `json.loads` refuses each with `UnicodeDecodeError`.
    #[test]
    fn refuses_what_is_no_utf_8() {
        let read = |text: &[u8]| read(text).map(|_| ());
        let at = |line, column| Err(Fault::Syntax { line, column });
        assert_eq!(read(b"{}\n \xff"), at(2, 2));
        assert_eq!(read(b"[\"a\xc3\"]"), at(1, 3));
        // Whatever comes first.
        assert_eq!(read(b"{\"a\":1,\"a\":1,\"\xff\":1}"), Err(Fault::DuplicateMember));
    }

    /// Python 3.11, `json.loads` with an `object_pairs_hook` that refuses a repeated name, `sorted` by name.
    #[test]
    fn members_ascend_in_whatever_order_they_came() {
        check(r#"{"b":1,"c":2,"a":3,"d":4}"#, Ok(r#"{"a":3,"b":1,"c":2,"d":4}"#));
        check(
            r#"{"c":[{"z":1,"y":2}],"b":{},"a":null}"#,
            Ok(r#"{"a":null,"b":{},"c":[{"y":2,"z":1}]}"#),
        );
        // What repeats a name is refused at once, before what follows is looked at.
        check(r#"{"a":1,"c":2,"b":3,"a":1.5}"#, Err(Fault::DuplicateMember));
        check(r#"{"c":1,"a":2,"d":3,"d":4}"#, Err(Fault::DuplicateMember));
        let read = read(br#"{"b":1,"c":2,"a":3}"#).unwrap();
        assert_eq!(read.get("a"), Some(&Node::Integer(3)));
        assert_eq!(read.get("c"), Some(&Node::Integer(2)));
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
