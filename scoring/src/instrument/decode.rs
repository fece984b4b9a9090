//! Reading JSON values one by one, noting every problem with its path and going on.
//!
//! By hand rather than derived: a derived reader stops at an element's first fault, and its code for
//! a definition would be a third of what a participant downloads.

use super::Problems;
use litemap::LiteMap;
use serde_json::{Map, Value};

/// A value and where it stands.
pub(crate) struct Node<'a> {
    value: &'a Value,
    path: String,
}

/// An object whose members are read by name.
pub(crate) struct Object<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Node { value, path: String::new() }
    }

    fn expected(&self, what: &str, problems: &mut Problems) {
        self.problem(&format!("expected {what}"), problems);
    }

    /// Notes a fault of this value.
    pub(crate) fn problem(&self, message: &str, problems: &mut Problems) {
        problems.add(self.path.as_str(), message);
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(crate) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// An object that has no members beside the allowed ones.
    pub(crate) fn object(self, allowed: &[&str], problems: &mut Problems) -> Option<Object<'a>> {
        let Value::Object(members) = self.value else {
            self.expected("an object", problems);
            return None;
        };
        let object = Object { members, path: self.path };
        for key in members.keys().filter(|key| !allowed.contains(&key.as_str())) {
            problems.add(object.at(key), "unknown member");
        }
        Some(object)
    }

    pub(crate) fn text(&self, problems: &mut Problems) -> String {
        match self.value {
            Value::String(text) => text.clone(),
            _ => {
                self.expected("a text", problems);
                String::new()
            }
        }
    }

    pub(crate) fn integer(&self, problems: &mut Problems) -> i64 {
        self.value.as_i64().unwrap_or_else(|| {
            self.expected("an integer", problems);
            0
        })
    }

    pub(crate) fn count(&self, problems: &mut Problems) -> usize {
        self.value.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_else(|| {
            self.expected("a count", problems);
            0
        })
    }

    pub(crate) fn flag(&self, problems: &mut Problems) -> bool {
        self.value.as_bool().unwrap_or_else(|| {
            self.expected("true or false", problems);
            false
        })
    }

    /// One of the given names.
    pub(crate) fn one_of<T: Copy>(
        &self,
        names: &[(&str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let name = self.value.as_str().unwrap_or_default();
        let found = names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = names.iter().map(|(known, _)| *known).collect();
            self.expected(&format!("one of {}", known.join(", ")), problems);
        }
        found
    }

    pub(crate) fn list(&self, problems: &mut Problems) -> Vec<Node<'a>> {
        let Value::Array(list) = self.value else {
            self.expected("a list", problems);
            return Vec::new();
        };
        let node = |(idx, value)| Node { value, path: format!("{}[{idx}]", self.path) };
        list.iter().enumerate().map(node).collect()
    }

    pub(crate) fn texts(&self, problems: &mut Problems) -> Vec<String> {
        self.list(problems).iter().map(|node| node.text(problems)).collect()
    }

    pub(crate) fn integers(&self, problems: &mut Problems) -> Vec<i64> {
        self.list(problems).iter().map(|node| node.integer(problems)).collect()
    }

    /// The members of an object that maps ids to values.
    pub(crate) fn map<T>(
        &self,
        problems: &mut Problems,
        mut read: impl FnMut(Node<'a>, &mut Problems) -> T,
    ) -> LiteMap<String, T> {
        let mut map = LiteMap::new();
        for (id, node) in self.members(problems) {
            map.insert(id, read(node, problems));
        }
        map
    }

    /// Ids and values of an object.
    pub(crate) fn members(&self, problems: &mut Problems) -> Vec<(String, Node<'a>)> {
        let Value::Object(members) = self.value else {
            self.expected("an object", problems);
            return Vec::new();
        };
        let node = |(id, value): (&String, &'a Value)| {
            (id.clone(), Node { value, path: format!("{}.{id}", self.path) })
        };
        members.iter().map(node).collect()
    }
}

impl<'a> Object<'a> {
    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(crate) fn expected_one_member(&self, problems: &mut Problems) {
        problems.add(self.path.as_str(), "expected exactly one member, which names the condition");
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    /// A member, which reads as null when it is missing; that is noted.
    pub(crate) fn get(&self, key: &str, problems: &mut Problems) -> Node<'a> {
        const NULL: &Value = &Value::Null;
        let path = self.at(key);
        match self.members.get(key) {
            Some(value) => Node { value, path },
            None => {
                problems.add(path.as_str(), "missing");
                Node { value: NULL, path }
            }
        }
    }

    /// A member that may be absent.
    pub(crate) fn optional(&self, key: &str) -> Option<Node<'a>> {
        self.members.get(key).map(|value| Node { value, path: self.at(key) })
    }

    pub(crate) fn text(&self, key: &str, problems: &mut Problems) -> String {
        self.get(key, problems).text(problems)
    }
}
