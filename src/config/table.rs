//! A table being read: the keys that are asked for are the known keys; whatever is left over is a fault.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::fault::Place;
use super::node::Node;
use super::suggest::hint;

/// A table of the configuration, named as the user writes it (`[[layer]]`, `[platform]`, `source`).
pub(super) struct Table<'d> {
    /// The file it is in.
    pub(super) doc: &'d Document<'d>,
    /// Its name in messages.
    pub(super) name: String,
    /// Where it is.
    pub(super) span: Range<usize>,
    entries: &'d DeTable<'d>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'d> Table<'d> {
    /// A reader of `entries`.
    pub(super) fn new(
        doc: &'d Document<'d>,
        name: String,
        span: Range<usize>,
        entries: &'d DeTable<'d>,
    ) -> Self {
        Self {
            doc,
            name,
            span,
            entries,
            asked: RefCell::default(),
        }
    }

    /// Where the table begins.
    pub(super) fn place(&self) -> Place {
        self.doc.place(&self.span)
    }

    /// Records a fault of the table as a whole.
    pub(super) fn fault(&self, message: impl Into<String>) {
        self.doc.fault(self.span.clone(), message);
    }

    /// The value of a key, which becomes a known key.
    pub(super) fn get(&self, key: &'static str) -> Option<Node<'d>> {
        self.asked.borrow_mut().push(key);
        let value = self.entries.get(key)?;
        Some(self.node(key, value))
    }

    /// The value of a key that must be there; `why` completes the sentence when it is not.
    pub(super) fn need(&self, key: &'static str, why: &str) -> Option<Node<'d>> {
        let node = self.get(key);
        if node.is_none() {
            self.fault(format!("{} has no {key:?}: {why}", self.name));
        }
        node
    }

    /// Text that must be there.
    pub(super) fn need_string(&self, key: &'static str, why: &str) -> Option<String> {
        self.need(key, why)?.string()
    }

    /// Text, if it is there.
    pub(super) fn string(&self, key: &'static str) -> Option<String> {
        self.get(key)?.string()
    }

    /// A list of texts; empty if it is not there.
    pub(super) fn strings(&self, key: &'static str) -> Vec<String> {
        self.get(key).and_then(|n| n.strings()).unwrap_or_default()
    }

    /// A table inside this one, named `name` in messages.
    pub(super) fn table(&self, key: &'static str, name: impl Into<String>) -> Option<Table<'d>> {
        self.get(key)?.table(name)
    }

    /// The elements of `[[key]]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'d>> {
        let Some(node) = self.get(key) else {
            return Vec::new();
        };
        if matches!(node.value.get_ref(), DeValue::Table(_)) {
            node.fault(format!(
                "write [[{key}]] in double brackets: there may be several of them"
            ));
            return Vec::new();
        }
        let elements = node.list().unwrap_or_default();
        elements
            .into_iter()
            .filter_map(|element| element.table(format!("[[{key}]]")))
            .collect()
    }

    /// All entries in the order of the file, for tables whose keys are names chosen by the user.
    pub(super) fn entries(&self) -> Vec<(&'d str, Node<'d>)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| (key.get_ref().as_ref(), self.node(key.get_ref(), value)))
            .collect()
    }

    /// Reports every key that nobody asked for. `elsewhere` may tell where such a key belongs.
    pub(super) fn finish_with(self, elsewhere: impl Fn(&str) -> Option<String>) {
        let asked = self.asked.borrow();
        let unknown = self
            .entries
            .keys()
            .filter(|key| !asked.contains(&key.get_ref().as_ref()));
        for key in unknown {
            let word = key.get_ref().as_ref();
            let remedy = elsewhere(word).unwrap_or_else(|| hint(word, asked.iter().copied()));
            let message = format!("unknown key {word:?} in {}{remedy}", self.name);
            self.doc.fault(key.span(), message);
        }
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        self.finish_with(|_| None);
    }

    fn node(&self, key: &str, value: &'d Spanned<DeValue<'d>>) -> Node<'d> {
        Node {
            doc: self.doc,
            label: format!("{key:?} in {}", self.name),
            value,
        }
    }
}
