//! Tokens that betray where they come from: texts of a hundred random bits behind a mark, and numbers of twelve digits and more. They
//! are found again in whatever a server says, however it is encoded.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::encodings::{
    base64_core, entities, hex, percent, six, unbase64, unhex, unicode_escapes,
};
use crate::rng::Rng;

/// What every token starts with: short enough to be looked for quickly, and in no word of any language.
const MARK: &str = "zq7xvk";
/// Characters after the mark, of 32 kinds each.
const LENGTH: usize = 20;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Digits of a number that are looked at, from the first that is not 0.
const DIGITS: usize = 12;

/// A token.
pub fn token(rng: &mut Rng) -> String {
    let random = (0..LENGTH).map(|_| char::from(*rng.pick(ALPHABET)));
    MARK.chars().chain(random).collect()
}

/// What was found in a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Tokens, and parts of tokens where something was cut.
    pub tokens: BTreeSet<String>,
    /// The first digits of long numbers.
    pub numbers: BTreeSet<u64>,
}

impl Found {
    pub fn add(&mut self, other: Self) {
        self.tokens.extend(other.tokens);
        self.numbers.extend(other.numbers);
    }

    /// What was found and is not among what may be. A part of a token may be if the token may.
    pub fn beyond(&self, allowed: &Self) -> Self {
        Self {
            tokens: self
                .tokens
                .iter()
                .filter(|t| !allowed.begins_with(t))
                .cloned()
                .collect(),
            numbers: self.numbers.difference(&allowed.numbers).copied().collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.numbers.is_empty()
    }

    /// What is of that world: of numbers and tokens many others are about.
    pub fn known(&self, world: &Self) -> Self {
        let is_of = |part: &&String| part.len() > MARK.len() + 3 && world.begins_with(part);
        Self {
            tokens: self.tokens.iter().filter(is_of).cloned().collect(),
            numbers: self.numbers.intersection(&world.numbers).copied().collect(),
        }
    }

    fn begins_with(&self, part: &str) -> bool {
        let next = self.tokens.range(part.to_owned()..).next();
        next.is_some_and(|token| token.starts_with(part))
    }
}

/// What stands in a text as it is.
pub fn plain(bytes: &[u8]) -> Found {
    let mut found = Found::default();
    let folded = bytes.to_ascii_lowercase();
    for at in memmem::find_iter(&folded, MARK) {
        let rest = &folded[at + MARK.len()..];
        let end = rest
            .iter()
            .take(LENGTH)
            .take_while(|b| ALPHABET.contains(b))
            .count();
        found
            .tokens
            .insert(String::from_utf8_lossy(&folded[at..at + MARK.len() + end]).into_owned());
    }
    numbers(bytes, &mut found.numbers);
    found
}

fn numbers(bytes: &[u8], into: &mut BTreeSet<u64>) {
    for number in bytes.split(|b| !b.is_ascii_digit() && *b != b'.') {
        let mut digits = number
            .iter()
            .filter(|b| b.is_ascii_digit())
            .skip_while(|b| **b == b'0');
        let mut value = 0u64;
        if (0..DIGITS).all(|_| {
            digits
                .next()
                .map(|d| value = value * 10 + u64::from(d - b'0'))
                .is_some()
        }) {
            into.insert(value);
        }
    }
}

/// A text as it is, and as it is without the escapes of URLs, JSON and HTML.
pub fn variants(bytes: &[u8]) -> Vec<Vec<u8>> {
    let decoded = [percent(bytes), unicode_escapes(bytes), entities(bytes)];
    std::iter::once(bytes.to_vec())
        .chain(decoded.into_iter().flatten())
        .collect()
}

/// What stands in a text, as it is or encoded: capitals, percent signs, escapes of JSON and HTML, hexadecimal digits, base64.
pub fn any(bytes: &[u8]) -> Found {
    let mut found = Found::default();
    for text in variants(bytes) {
        found.add(plain(&text));
    }
    let folded = bytes.to_ascii_lowercase();
    for at in memmem::find_iter(&folded, &hex(MARK.as_bytes())) {
        found.add(plain(&unhex(&folded[at..], MARK.len() + LENGTH)));
    }
    for shift in 0..3 {
        for at in memmem::find_iter(bytes, &base64_core(MARK.as_bytes(), shift)) {
            // The mark may begin in the character before.
            let before = usize::from(at > 0 && six(bytes[at - 1]).is_some());
            found.add(plain(&unbase64(&bytes[at - before..])));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encodings::base64;

    #[test]
    fn tokens_are_found_in_every_encoding() {
        let mut rng = Rng::new(1, "tokens");
        let token = token(&mut rng);
        let escaped = |f: &dyn Fn(u8) -> String| token.bytes().map(f).collect::<String>();
        let encoded = |prefix: &str| base64(format!("{prefix}{token}").as_bytes());
        for text in [
            token.clone(),
            token.to_uppercase(),
            format!("x{token}y"),
            escaped(&|b| format!("%{b:02X}")),
            escaped(&|b| format!("\\u{b:04x}")),
            escaped(&|b| format!("&#{b};")),
            escaped(&|b| format!("&#x{b:X};")),
            escaped(&|b| format!("{b:02X}")),
            encoded(""),
            encoded("a").replace('+', "-"),
            encoded("é"),
        ] {
            let found = any(format!("before {text} after").as_bytes());
            assert!(
                found.tokens.iter().any(|t| *t == token),
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn long_numbers_are_known_by_their_first_digits() {
        let found =
            plain(b"[5.1234567890123,0.00123456789012] 12345678901 \"2024-01-01\" x=123456789012");
        assert_eq!(
            found.numbers,
            BTreeSet::from([512_345_678_901, 123_456_789_012])
        );
    }

    #[test]
    fn parts_of_what_may_be_seen_may_be_seen() {
        let allowed = plain(b"zq7xvkabcdefghijklmnopqrst");
        assert!(
            plain(b"zq7xvkabcdefgh\xe2\x80\xa6")
                .beyond(&allowed)
                .is_empty()
        );
        assert!(!plain(b"zq7xvkabcdefgi").beyond(&allowed).is_empty());
    }
}
