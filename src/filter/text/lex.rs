//! Words, names, numbers, texts and signs of CQL2 text, one at a time.

use super::keywords::Word;
use crate::filter::ast::Span;
use crate::filter::fault::{Fault, FaultKind};

/// What stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::filter) enum Kind {
    /// A name, or a word that is one unless a bracket follows.
    Name,
    /// A word that is never a name.
    Word(Word),
    /// A name in double quotes.
    Quoted,
    /// A text in single quotes.
    Text,
    /// A number without a sign.
    Number,
    /// One of `( ) , = < > + - * / % ^`.
    Sign(u8),
    /// A character that means nothing.
    Stray,
    /// The end of the text.
    End,
}

/// A part of the text that is not divided further.
#[derive(Debug, Clone, Copy)]
pub(in crate::filter) struct Token {
    pub(in crate::filter) kind: Kind,
    pub(in crate::filter) start: usize,
    pub(in crate::filter) end: usize,
}

impl Token {
    /// Where it stands.
    pub(in crate::filter) fn at(self) -> Span {
        Span::new(self.start, self.end)
    }
}

/// The first token at or after byte `from`.
pub(super) fn token(text: &str, from: usize) -> Result<Token, Fault> {
    let bytes = text.as_bytes();
    let start = skip_whitespace(text, from);
    let Some(&first) = bytes.get(start) else {
        return Ok(Token {
            kind: Kind::End,
            start: text.len(),
            end: text.len(),
        });
    };
    let (kind, end) = match first {
        b'\'' => (Kind::Text, text_end(text, start)?),
        b'"' => (Kind::Quoted, quoted_end(text, start)?),
        b'0'..=b'9' => (Kind::Number, number_end(text, start)?),
        b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => {
            (Kind::Number, number_end(text, start)?)
        }
        b'(' | b')' | b',' | b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'^' => {
            (Kind::Sign(first), start + 1)
        }
        _ => match char_at(text, start) {
            Some(c) if starts_name(c) => {
                let end = name_end(text, start);
                let word = Word::find(&text[start..end]);
                (word.map_or(Kind::Name, Kind::Word), end)
            }
            other => (Kind::Stray, start + other.map_or(1, char::len_utf8)),
        },
    };
    Ok(Token { kind, start, end })
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

fn skip_whitespace(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = text.as_bytes().get(at) {
        at += match byte {
            b'\t'..=b'\r' | b' ' => 1,
            0x80.. => match char_at(text, at) {
                Some(c) if is_wide_whitespace(c) => c.len_utf8(),
                _ => break,
            },
            _ => break,
        };
    }
    at
}

/// The whitespace of the grammar that is not ASCII.
fn is_wide_whitespace(c: char) -> bool {
    matches!(
        c,
        '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// True for the characters that a name can start with (rule `identifierStart`). U+1680 is among them, but whitespace before that.
pub(super) fn starts_name(c: char) -> bool {
    matches!(
        c,
        ':' | '_'
            | 'A'..='Z'
            | 'a'..='z'
            | '\u{C0}'..='\u{D6}'
            | '\u{D8}'..='\u{F6}'
            | '\u{F8}'..='\u{2FF}'
            | '\u{370}'..='\u{37D}'
            | '\u{37F}'..='\u{167F}'
            | '\u{1681}'..='\u{1FFE}'
            | '\u{200C}'..='\u{200D}'
            | '\u{2070}'..='\u{218F}'
            | '\u{2C00}'..='\u{2FEF}'
            | '\u{3001}'..='\u{D7FF}'
            | '\u{F900}'..='\u{FDCF}'
            | '\u{FDF0}'..='\u{FFFD}'
            | '\u{10000}'..='\u{EFFFF}'
    )
}

/// True for the characters that a name can go on with (rule `identifierPart`).
pub(super) fn continues_name(c: char) -> bool {
    matches!(c, '.' | '0'..='9' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}') || starts_name(c)
}

fn name_end(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = text.as_bytes().get(at) {
        at += match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b':' | b'.' => 1,
            0x80.. => match char_at(text, at) {
                Some(c) if continues_name(c) => c.len_utf8(),
                _ => break,
            },
            _ => break,
        };
    }
    at
}

/// `12`, `12.`, `12.5`, `.5`, each with an exponent or without. What runs on into a name or a second point is no number.
fn number_end(text: &str, start: usize) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let mut end = digits(start);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    let run = name_end(text, end);
    if run > end {
        let at = Span::new(start, run);
        return Err(Fault::new(at, FaultKind::Number(quote(&text[start..run]))));
    }
    Ok(end)
}

/// One past the closing quote of a text.
fn text_end(text: &str, start: usize) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'\'') if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            Some(b'\'') => return Ok(at + 1),
            Some(b'\\') if matches!(bytes.get(at + 1), Some(b'\'' | b'\\')) => at += 2,
            Some(_) => at += 1,
            None => return Err(unclosed(text, start, '\'')),
        }
    }
}

/// One past the closing quote of a name.
fn quoted_end(text: &str, start: usize) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') if bytes.get(at + 1) == Some(&b'"') => at += 2,
            Some(b'"') => return Ok(at + 1),
            Some(_) => at += 1,
            None => return Err(unclosed(text, start, '"')),
        }
    }
}

fn unclosed(text: &str, start: usize, quote: char) -> Fault {
    Fault::new(Span::new(start, text.len()), FaultKind::Unclosed(quote))
}

/// What a text in quotes says. See the module's documentation for what a backslash means.
pub(super) fn text_value(quoted: &str) -> String {
    let inner = inside(quoted);
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find(['\'', '\\']) {
        value.push_str(&rest[..at]);
        let escape = &rest[at..];
        let meant = match escape.as_bytes() {
            [b'\'', ..] | [b'\\', b'\'', ..] => Some('\''),
            [b'\\', b'\\', ..] => Some('\\'),
            [b'\\', letter, ..] => control(*letter),
            _ => None,
        };
        match meant {
            Some(c) => {
                value.push(c);
                rest = &escape[2..];
            }
            None => {
                value.push('\\');
                rest = &escape[1..];
            }
        }
    }
    value.push_str(rest);
    value
}

/// The control characters that have an escape, and its letter (/req/cql2-text/escaping).
pub(super) const CONTROLS: [(char, u8); 7] = [
    ('\u{7}', b'a'),
    ('\u{8}', b'b'),
    ('\t', b't'),
    ('\n', b'n'),
    ('\u{B}', b'v'),
    ('\u{C}', b'f'),
    ('\r', b'r'),
];

fn control(letter: u8) -> Option<char> {
    let found = CONTROLS.iter().find(|(_, l)| *l == letter)?;
    Some(found.0)
}

/// What a name in quotes says.
pub(super) fn name_value(quoted: &str) -> String {
    inside(quoted).replace("\"\"", "\"")
}

fn inside(quoted: &str) -> &str {
    quoted.get(1..quoted.len() - 1).unwrap_or_default()
}

/// The beginning of what stands somewhere, for a message.
pub(in crate::filter) fn quote(text: &str) -> String {
    /// Enough to find it again, and nothing that fills a page.
    const CHARS: usize = 40;
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
