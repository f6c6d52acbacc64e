//! `LIKE` (§7.2, `/req/advanced-comparison-operators/like-predicate`): `%` stands for any run of characters, `_` for one character
//! (one code point), `\` takes the meaning from what follows. A `\` that ends the pattern means itself.
//!
//! A pattern comes from anybody and meets millions of texts. It is compiled once, and matching never goes back: each run between two
//! `%` is looked for from left to right and stays where it is first found, which is right because a `%` can take what lies between. The
//! time is that of reading the text once, for runs with a `_` inside times their length in 64s.

mod run;

use run::Run;

use super::ast::FoldOp;

/// A compiled pattern. Texts are matched byte by byte; both sides are UTF-8.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// What stands before the first `%`, or all of it.
    head: Vec<Piece>,
    /// What follows the first `%`; `None` if there is no `%`.
    rest: Option<Rest>,
    /// No shorter text matches, in bytes.
    least: usize,
}

#[derive(Debug, Clone)]
struct Rest {
    /// To be found one after the other.
    runs: Vec<Run>,
    /// Characters, at least, between the last run and `tail`.
    skip: usize,
    /// What ends the text: a text first, unless empty.
    tail: Vec<Piece>,
}

/// A part of a pattern between two `%`.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// These characters; not empty.
    Text(String),
    /// That many characters, whichever; not zero.
    Skip(usize),
}

impl Pattern {
    /// Compiles a pattern. `folds` are applied to the characters that stand for themselves, in the order of the list, the innermost
    /// first: `CASEI(ACCENTI('É%'))` is `["É%", [Accenti, Casei]]`. Each stretch between two wildcards is folded by itself; wildcards
    /// and escapes remain what they are. The text to match is folded by its own expression: `_` is a character of the folded text.
    pub fn new(pattern: &str, folds: &[FoldOp]) -> Self {
        let mut groups = groups(pattern, folds);
        let least = groups.iter().flatten().map(Piece::least).sum();
        if groups.len() == 1 {
            let head = groups.remove(0);
            return Self {
                head,
                rest: None,
                least,
            };
        }
        let mut groups = groups.into_iter();
        let mut head = groups.next().unwrap_or_default();
        // `_` beside `%` may change places with it: what is left of a group starts and ends with a text.
        let mut skip = take_last_skip(&mut head);
        let mut runs = Vec::new();
        let mut tail = groups.next_back().unwrap_or_default();
        for mut group in groups {
            skip += take_first_skip(&mut group);
            let next = take_last_skip(&mut group);
            if group.is_empty() {
                skip += next;
            } else {
                runs.push(Run::new(skip, &group));
                skip = next;
            }
        }
        skip += take_first_skip(&mut tail);
        Self {
            head,
            rest: Some(Rest { runs, skip, tail }),
            least,
        }
    }

    /// True if the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.matches_bytes(text.as_bytes())
    }

    /// The same for the bytes of a text, which need not be checked to be UTF-8 first.
    pub fn matches_bytes(&self, text: &[u8]) -> bool {
        if text.len() < self.least {
            return false;
        }
        let Some(start) = forward(text, &self.head) else {
            return false;
        };
        let Some(rest) = &self.rest else {
            return start == text.len();
        };
        let Some(middle) = backward(&text[start..], &rest.tail) else {
            return false;
        };
        let mut at = 0;
        for run in &rest.runs {
            match run.find(&middle[at..]) {
                Some(end) => at += end,
                None => return false,
            }
        }
        skip_forward(&middle[at..], rest.skip).is_some()
    }

    /// What each match starts with, up to the first wildcard; `None` if the pattern starts with one or is empty.
    pub fn prefix(&self) -> Option<&str> {
        match self.head.first() {
            Some(Piece::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// True if a text matches when it starts with [`Self::prefix`], whatever follows: `abc%`.
    pub fn is_prefix_only(&self) -> bool {
        let anything = self
            .rest
            .as_ref()
            .is_some_and(|r| r.runs.is_empty() && r.skip == 0 && r.tail.is_empty());
        anything && matches!(self.head[..], [Piece::Text(_)])
    }

    /// True if there is no wildcard: one text alone matches, which is [`Self::prefix`], or the empty one if that is `None`.
    pub fn is_exact(&self) -> bool {
        self.rest.is_none() && matches!(self.head[..], [] | [Piece::Text(_)])
    }

    /// Estimated cost of matching a short text, in the unit of [`Limits::cost`](super::Limits).
    pub fn cost(&self) -> u64 {
        let runs = self.rest.iter().flat_map(|r| &r.runs);
        5 + runs.map(Run::cost).sum::<u64>()
    }
}

impl Piece {
    fn least(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Skip(count) => *count,
        }
    }
}

/// The pieces before, between and after the `%`.
fn groups(pattern: &str, folds: &[FoldOp]) -> Vec<Vec<Piece>> {
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => {
                push_text(&mut group, &mut text, folds);
                groups.push(std::mem::take(&mut group));
            }
            '_' => {
                push_text(&mut group, &mut text, folds);
                push_character(&mut group);
            }
            '\\' => text.push(chars.next().unwrap_or('\\')),
            c => text.push(c),
        }
    }
    push_text(&mut group, &mut text, folds);
    groups.push(group);
    groups
}

/// Ends a text, which may be empty once folded: a lone accent is.
fn push_text(group: &mut Vec<Piece>, text: &mut String, folds: &[FoldOp]) {
    let folded = fold(std::mem::take(text), folds);
    if !folded.is_empty() {
        group.push(Piece::Text(folded));
    }
}

fn push_character(group: &mut Vec<Piece>) {
    match group.last_mut() {
        Some(Piece::Skip(count)) => *count += 1,
        _ => group.push(Piece::Skip(1)),
    }
}

fn fold(text: String, folds: &[FoldOp]) -> String {
    folds
        .iter()
        .fold(text, |text, fold| fold.apply(&text).into_owned())
}

fn take_first_skip(group: &mut Vec<Piece>) -> usize {
    match group.first() {
        Some(&Piece::Skip(count)) => {
            group.remove(0);
            count
        }
        _ => 0,
    }
}

fn take_last_skip(group: &mut Vec<Piece>) -> usize {
    match group.last() {
        Some(&Piece::Skip(count)) => {
            group.pop();
            count
        }
        _ => 0,
    }
}

/// True for the bytes of a character after its first.
fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Where the text goes on after that many characters.
fn skip_forward(text: &[u8], count: usize) -> Option<usize> {
    let mut at = 0;
    for _ in 0..count {
        text.get(at)?;
        at += 1;
        while text.get(at).is_some_and(|b| continues(*b)) {
            at += 1;
        }
    }
    Some(at)
}

/// Where the text goes on after the pieces, which it must start with.
fn forward(text: &[u8], pieces: &[Piece]) -> Option<usize> {
    let mut at = 0;
    for piece in pieces {
        match piece {
            Piece::Text(part) if text[at..].starts_with(part.as_bytes()) => at += part.len(),
            Piece::Text(_) => return None,
            Piece::Skip(count) => at += skip_forward(&text[at..], *count)?,
        }
    }
    Some(at)
}

/// The text without the pieces, which it must end with.
fn backward<'t>(text: &'t [u8], pieces: &[Piece]) -> Option<&'t [u8]> {
    let mut text = text;
    for piece in pieces.iter().rev() {
        match piece {
            Piece::Text(part) => text = text.strip_suffix(part.as_bytes())?,
            Piece::Skip(count) => {
                for _ in 0..*count {
                    let start = text.iter().rposition(|b| !continues(*b))?;
                    text = &text[..start];
                }
            }
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests;
