//! Ids: how they are written, where each was defined, and that every use of one has its definition.

use std::collections::BTreeMap;

use super::fault::{Fault, Place};
use super::node::Node;
use super::suggest::hint;
use super::table::Table;

/// What an id can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Organisation,
    /// A layer, by its collection id.
    Layer,
    Profile,
    Member,
    /// A key, by its eight hexadecimal digits.
    Key,
    /// A version of terms, `id@version`.
    Terms,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Layer => "layer",
            Self::Profile => "profile",
            Self::Member => "member",
            Self::Key => "key",
            Self::Terms => "terms",
        }
    }
}

/// A use of an id.
struct Use {
    kind: Kind,
    id: String,
    /// What messages call the value that uses it.
    label: String,
    place: Place,
    /// It may be defined elsewhere: in the store.
    is_open: bool,
}

/// An organisation that owns a layer of the configuration and does not stand in it: the store may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Its id.
    pub id: String,
    /// Its title, once whoever reads the store has found it there.
    pub title: Option<String>,
    /// What is wrong if it is not there either.
    pub fault: Fault,
}

/// Every id that the files define or use.
#[derive(Default)]
pub(super) struct Names {
    defined: BTreeMap<(Kind, String), Place>,
    used: Vec<Use>,
}

impl Names {
    /// One fault for each id that is used and nowhere defined.
    pub(super) fn unresolved(&self) -> Vec<Fault> {
        let known = |u: &Use| self.defined.contains_key(&(u.kind, u.id.clone()));
        let missing = self.used.iter().filter(|u| !known(u) && !u.is_open);
        missing.map(|u| self.explain(u)).collect()
    }

    /// The organisations that the store must have.
    pub(super) fn guests(&self) -> Vec<Guest> {
        let mut guests: Vec<Guest> = Vec::new();
        for u in self.used.iter().filter(|u| u.is_open) {
            let is_known = self.defined.contains_key(&(u.kind, u.id.clone()));
            if !is_known && guests.iter().all(|g| g.id != u.id) {
                guests.push(Guest {
                    id: u.id.clone(),
                    title: None,
                    fault: self.explain(u),
                });
            }
        }
        guests
    }

    fn explain(&self, u: &Use) -> Fault {
        let of_kind = || self.defined.keys().filter(|(kind, _)| *kind == u.kind);
        let mut remedy = hint(&u.id, of_kind().map(|(_, id)| id.as_str()));
        if u.kind == Kind::Layer && remedy.is_empty() {
            // A layer of an organisation is often named by its short id.
            let full = of_kind().find(|(_, id)| id.rsplit('.').next() == Some(u.id.as_str()));
            remedy = full.map_or(remedy, |(_, id)| format!("; did you mean {id:?}?"));
        }
        Fault {
            place: u.place.clone(),
            message: format!(
                "{}: there is no {} {:?}{remedy}",
                u.label,
                u.kind.word(),
                u.id
            ),
        }
    }
}

/// Records that `table` defines `id`; a second definition is a fault that names both places.
pub(super) fn define(table: &Table<'_>, kind: Kind, id: &str) {
    let mut names = table.doc.names.borrow_mut();
    let key = (kind, id.to_owned());
    if let Some(first) = names.defined.get(&key) {
        let message = format!("the {} {id:?} is already defined at {first}", kind.word());
        table.fault(message);
    } else {
        names.defined.insert(key, table.place());
    }
}

/// Reads a reference to something defined anywhere in the configuration.
pub(super) fn reference(node: &Node<'_>, kind: Kind) -> Option<String> {
    let id = node.string()?;
    refer(node, kind, &id);
    Some(id)
}

/// The same, to something that the store may define.
pub(super) fn open_reference(node: &Node<'_>, kind: Kind) -> Option<String> {
    let id = node.string()?;
    note(node, kind, &id, true);
    Some(id)
}

/// Records that the value `node` uses `id`.
pub(super) fn refer(node: &Node<'_>, kind: Kind, id: &str) {
    note(node, kind, id, false);
}

fn note(node: &Node<'_>, kind: Kind, id: &str, is_open: bool) {
    node.doc.names.borrow_mut().used.push(Use {
        kind,
        id: id.to_owned(),
        label: node.label.clone(),
        place: node.place(),
        is_open,
    });
}

/// Reads the id of a group: nothing defines one but those who are in it.
pub(super) fn group(node: &Node<'_>) -> Option<String> {
    let id = node.string()?;
    if is_id(&id) {
        return Some(id);
    }
    node.wrong("the id of a group, made of a-z, 0-9, _ and -")
}

/// Reads the id of a key.
pub(super) fn key_id(node: &Node<'_>) -> Option<u32> {
    let text = node.string()?;
    parse_key_id(&text).or_else(|| node.wrong("the eight digits (0-9, a-f) in the text of a key"))
}

/// Eight lower-case hexadecimal digits.
pub(super) fn parse_key_id(text: &str) -> Option<u32> {
    let plain = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
    let is_one = text.len() == 8 && text.as_bytes().iter().all(plain);
    is_one.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

/// Longest id: ids are parts of URLs, of cache keys and of file names in the state folder.
const ID_CHARS_MAX: usize = 64;

/// True for `[a-z0-9][a-z0-9_-]*` of at most 64 characters.
pub fn is_id(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let rest_ok = bytes.iter().all(|b| ok(*b) || matches!(b, b'_' | b'-'));
    bytes.first().is_some_and(|b| ok(*b)) && rest_ok && bytes.len() <= ID_CHARS_MAX
}

/// Reads the `id` of a table.
pub(super) fn own_id(table: &Table<'_>) -> Option<String> {
    let node = table.need(
        "id",
        "give it a short name that is unique, such as \"communes\"",
    )?;
    let id = node.string()?;
    if is_id(&id) {
        return Some(id);
    }
    node.wrong("made of at most 64 of a-z, 0-9, _ and -, and begin with a letter or digit")
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn ids_are_short_and_plain() {
        for good in ["a", "0", "region-sud", "communes_2026", "13-bouches"] {
            assert!(is_id(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in ["", "-a", "_a", "A", "é", "a.b", "a b", "a/b", long.as_str()] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
