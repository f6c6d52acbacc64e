//! A JSON text in tokens.
//!
//! The meaning of a member depends on members that may stand behind it (`args` on `op`), so the text is cut first and understood
//! afterwards; without the tokens each level of nesting would be read again. A token takes 16 bytes and stands for two bytes of text at
//! least, so that memory follows from the ceiling on the length.

use super::super::ast::Span;
use super::super::fault::{Fault, FaultKind};
use super::super::limits::Limits;
use super::super::text::lex::quote;
use super::scan::scan;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its tokens follow: name, value, name, value…
    Object,
    /// Its tokens follow.
    Array,
    /// A text with its quotes, and whether it has escapes.
    Text(bool),
    Number,
    True,
    False,
    Null,
}

/// A value, or the name of a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The first token behind it and all that is in it.
    pub(super) next: u32,
}

impl Token {
    /// Its place.
    pub(super) fn at(self) -> Span {
        Span {
            start: self.start,
            end: self.end,
        }
    }
}

/// A JSON text in tokens; the first one is the whole.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// Cuts `text`.
    pub(super) fn cut(text: &'a str, limits: &Limits) -> Result<Self, Fault> {
        let tokens = scan(text, limits)?;
        Ok(Self { text, tokens })
    }

    /// The token of that number.
    pub(super) fn get(&self, token: usize) -> Token {
        self.tokens[token]
    }

    /// How it is written.
    pub(super) fn written(&self, token: usize) -> &'a str {
        self.slice(self.tokens[token].at())
    }

    /// What stands at a place.
    pub(super) fn slice(&self, at: Span) -> &'a str {
        &self.text[at.start as usize..at.end as usize]
    }

    /// The numbers of the tokens that stand directly in an array or object.
    pub(super) fn children(&self, token: usize) -> impl Iterator<Item = usize> {
        let end = self.tokens[token].next as usize;
        let follow = move |next: usize| (next < end).then_some(next);
        let first = match self.tokens[token].kind {
            Kind::Object | Kind::Array => follow(token + 1),
            _ => None,
        };
        std::iter::successors(first, move |t| follow(self.tokens[*t].next as usize))
    }

    /// The text of a token of kind [`Kind::Text`].
    pub(super) fn text(&self, token: usize) -> Result<String, Fault> {
        let written = self.written(token);
        if self.tokens[token].kind == Kind::Text(false) {
            return Ok(written[1..written.len() - 1].to_owned());
        }
        serde_json::from_str(written).map_err(|_| {
            let at = self.tokens[token].at();
            Fault::new(at, FaultKind::Json(quote(written)))
        })
    }
}
