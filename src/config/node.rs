//! One value of the configuration, read as the type that is expected; what does not fit is a fault at its line.
//!
//! Every reader returns `None` only after it has recorded a fault.

use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeValue;
use toml::value::Datetime;

use super::document::Document;
use super::fault::Place;
use super::size::parse_bytes;
use super::suggest::{alternatives, hint};
use super::table::Table;

/// A value, and what it is called in messages (`"title" in [[layer]]`).
pub(super) struct Node<'d> {
    /// The file it is in.
    pub(super) doc: &'d Document<'d>,
    /// What messages call it.
    pub(super) label: String,
    /// The value and where it is.
    pub(super) value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Node<'d> {
    /// Where it is.
    pub(super) fn place(&self) -> Place {
        self.doc.place(&self.value.span())
    }

    /// Records a fault at the value.
    pub(super) fn fault(&self, message: impl Into<String>) {
        self.doc.fault(self.value.span(), message);
    }

    /// Records that the value is not what it must be.
    pub(super) fn wrong<T>(&self, expected: impl Display) -> Option<T> {
        self.fault(format!(
            "{} must be {expected}, not {}",
            self.label,
            self.describe()
        ));
        None
    }

    /// The value as messages quote it: scalars as written, the rest by type.
    fn describe(&self) -> String {
        match self.value.get_ref() {
            DeValue::String(s) if s.chars().count() > 60 => "this text".to_owned(),
            DeValue::String(s) => format!("{s:?}"),
            DeValue::Integer(i) => i.to_string(),
            DeValue::Float(x) => x.to_string(),
            DeValue::Boolean(b) => b.to_string(),
            DeValue::Datetime(d) => format!("the date {d}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }

    /// Text with something in it.
    pub(super) fn string(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(s) if s.trim().is_empty() => {
                self.fault(format!(
                    "{} is empty: give it a value or remove the key",
                    self.label
                ));
                None
            }
            DeValue::String(s) => Some(s.clone().into_owned()),
            _ => self.wrong("a text in quotes"),
        }
    }

    /// true or false.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value.get_ref() {
            DeValue::Boolean(b) => Some(*b),
            _ => self.wrong("true or false"),
        }
    }

    /// A whole number within `range`.
    pub(super) fn integer(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let number = match self.value.get_ref() {
            DeValue::Integer(i) => u64::from_str_radix(i.as_str(), i.radix()).ok(),
            _ => None,
        };
        match number.filter(|n| range.contains(n)) {
            Some(n) => Some(n),
            None => self.wrong(format!(
                "a whole number from {} to {}",
                range.start(),
                range.end()
            )),
        }
    }

    /// An amount of bytes within `range`: an integer, or a text with a unit.
    pub(super) fn bytes(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let bytes = match self.value.get_ref() {
            DeValue::Integer(i) => u64::from_str_radix(i.as_str(), i.radix()).ok(),
            DeValue::String(s) => parse_bytes(s),
            _ => None,
        };
        match bytes {
            Some(n) if range.contains(&n) => Some(n),
            Some(_) => self.wrong(format!("from {} to {} bytes", range.start(), range.end())),
            None => self.wrong("a size such as \"8GiB\", \"500MB\" or a whole number of bytes"),
        }
    }

    /// An address to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
    pub(super) fn socket(&self) -> Option<SocketAddr> {
        let DeValue::String(text) = self.value.get_ref() else {
            return self.wrong("an address and port in quotes, such as \"127.0.0.1:8080\"");
        };
        match super::network::parse_listen(text) {
            Some(address) => Some(address),
            None => self.wrong("an address and port such as \"127.0.0.1:8080\""),
        }
    }

    /// One of a closed list of words.
    pub(super) fn choice<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let names = || words.iter().map(|(word, _)| *word);
        let DeValue::String(given) = self.value.get_ref() else {
            return self.wrong(alternatives(names()));
        };
        let found = words.iter().find(|(word, _)| word == given);
        if found.is_none() {
            let hint = hint(given, names());
            let label = &self.label;
            self.fault(format!(
                "{label} must be {}, not {given:?}{hint}",
                alternatives(names())
            ));
        }
        found.map(|(_, value)| *value)
    }

    /// A calendar day, given as a TOML date or as text.
    pub(super) fn day(&self) -> Option<String> {
        let text = match self.value.get_ref() {
            DeValue::Datetime(d) if d.time.is_none() => d.to_string(),
            DeValue::String(s) => s.clone().into_owned(),
            _ => return self.wrong("a day such as 2026-01-31"),
        };
        match text.parse::<jiff::civil::Date>() {
            Ok(day) if day.to_string() == text => Some(text),
            _ => self.wrong("a day such as 2026-01-31"),
        }
    }

    /// A colour as `#rrggbb`: it is written into pages as it is.
    pub(super) fn colour(&self) -> Option<String> {
        let text = self.string()?;
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Some(text);
        }
        self.wrong("a colour such as \"#0b5cad\"")
    }

    /// A TOML date or date-time.
    pub(super) fn datetime(&self) -> Option<Datetime> {
        match self.value.get_ref() {
            DeValue::Datetime(d) if d.date.is_some() => Some(*d),
            _ => self.wrong("a day such as 2026-01-31 or an instant such as 2026-01-31T12:00:00Z, without quotes"),
        }
    }

    /// A table, named `name` in messages.
    pub(super) fn table(&self, name: impl Into<String>) -> Option<Table<'d>> {
        match self.value.get_ref() {
            DeValue::Table(entries) => Some(Table::new(
                self.doc,
                name.into(),
                self.value.span(),
                entries,
            )),
            _ => self.wrong("a table"),
        }
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Option<Vec<Node<'d>>> {
        let DeValue::Array(elements) = self.value.get_ref() else {
            return self.wrong("a list in square brackets");
        };
        let nodes = elements.iter().map(|value| Node {
            doc: self.doc,
            label: format!("an element of {}", self.label),
            value,
        });
        Some(nodes.collect())
    }

    /// A list of texts.
    pub(super) fn strings(&self) -> Option<Vec<String>> {
        self.list()?.iter().map(Node::string).collect()
    }
}
