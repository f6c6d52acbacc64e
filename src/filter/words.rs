//! Faults in words: what is wrong, where, and what to do.

mod en;
mod fr;

use std::ops::Range;

use super::fault::{Expected, Fault, FaultKind};
use super::value::Type;
use crate::model::Language;

/// Characters of a filter that are quoted at most.
const QUOTED: usize = 60;

/// Where a fault stands in its filter. Characters, lines and columns are counted from 1; a character is a Unicode scalar value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The character at which the offending part starts; one past the last one at the end of the filter.
    pub character: usize,
    /// Its line.
    pub line: usize,
    /// Its place in that line.
    pub column: usize,
    /// The offending part, cut to 60 characters; empty at the end of the filter.
    pub part: String,
}

impl Fault {
    /// What is wrong and what to do, in sentences; the first one starts with a small letter, to follow `filter:` or a place. Of each part
    /// of the filter 60 characters are repeated at most.
    pub fn describe(&self, language: Language) -> String {
        match language {
            Language::Fr => fr::describe(self),
            Language::En => en::describe(self),
        }
    }

    /// The bytes of the offending part in `filter`, the text that the fault was found in.
    pub fn range(&self, filter: &str) -> Range<usize> {
        let end = filter.ceil_char_boundary(self.at.end as usize);
        let start = filter.floor_char_boundary(self.at.start as usize).min(end);
        start..end
    }

    /// Where it stands in `filter`, the text that it was found in.
    pub fn place(&self, filter: &str) -> Place {
        let range = self.range(filter);
        let before = &filter[..range.start];
        let line = before.rsplit('\n').next().unwrap_or(before);
        Place {
            character: before.chars().count() + 1,
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            part: cut(&filter[range]),
        }
    }

    /// Whether a name was written in double quotes, as names are and texts are not. Only the text encoding has such names: in JSON the
    /// part is the whole object.
    fn is_quoted_name(&self, name: &str) -> bool {
        let quotes = name.matches('"').count() + 2;
        (self.at.end - self.at.start) as usize == name.len() + quotes
    }

    /// Whether a name was written as it is.
    fn is_bare_name(&self, name: &str) -> bool {
        (self.at.end - self.at.start) as usize == name.len()
    }
}

/// The first characters of a part of the filter, controls made visible.
fn cut(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(QUOTED)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(QUOTED).is_some() {
        short.push('…');
    }
    short
}

/// What a fault reminds of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hint {
    /// How a text is written.
    Text,
    /// How a number is written.
    Number,
    /// How dates and instants are written.
    Time,
    /// How an interval is written.
    Interval,
    /// How a geometry is written.
    Geometry,
    /// How an array is written.
    Array,
    /// That a condition compares something.
    Condition,
    /// `=` and `<>`
    Equality,
    /// `AND`, `OR`, `NOT`
    Words,
    /// `IS NULL`
    Null,
}

impl Hint {
    /// What helps against signs of other languages.
    fn of_sign(sign: &str) -> Option<Self> {
        match sign {
            "==" | "!=" | "!" | "=" => Some(Self::Equality),
            "&&" | "||" | "&" | "|" => Some(Self::Words),
            _ => None,
        }
    }

    /// What helps where `found` stands in the place of `expected`.
    fn of_token(expected: Expected, found: &str) -> Option<Self> {
        if let Some(hint) = Self::of_sign(found) {
            return Some(hint);
        }
        if found.eq_ignore_ascii_case("null") {
            return Some(Self::Null);
        }
        match found.chars().next() {
            Some('’' | '‘' | '“' | '”' | '`' | '´' | '«') => return Some(Self::Text),
            Some('"') if expected != Expected::End => return Some(Self::Text),
            _ => {}
        }
        match expected {
            Expected::Operator | Expected::Predicate => Some(Self::Condition),
            Expected::Text => Some(Self::Text),
            Expected::Geometry => Some(Self::Geometry),
            Expected::Bound => Some(Self::Interval),
            _ => None,
        }
    }

    /// What helps where a value of type `found` meets `expected`.
    fn of_type(expected: Type, found: Type) -> Option<Self> {
        match (expected, found) {
            (Type::Bool, _) => Some(Self::Condition),
            (Type::Date | Type::Timestamp, _) => Some(Self::Time),
            (Type::Interval, _) => Some(Self::Interval),
            (Type::Geometry, _) => Some(Self::Geometry),
            (Type::Array, _) => Some(Self::Array),
            (Type::Text, Type::Number | Type::Bool) => Some(Self::Text),
            (Type::Number, Type::Text) => Some(Self::Number),
            (Type::Text | Type::Number, _) => None,
        }
    }
}

/// A size in bytes, and whether it is in KiB.
fn bytes(size: usize) -> (usize, bool) {
    let whole = size >= 1024 && size.is_multiple_of(1024);
    if whole {
        (size / 1024, true)
    } else {
        (size, false)
    }
}

#[cfg(test)]
mod tests;
