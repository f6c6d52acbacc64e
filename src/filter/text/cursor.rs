//! A place in the text that moves forward, and what may still be spent from there on.

use super::lex::{self, Kind, Token};
use crate::filter::ast::{Expr, Node, Span};
use crate::filter::fault::{Expected, Fault, FaultKind};
use crate::filter::limits::Limits;

/// A place in the text of a filter.
pub(in crate::filter) struct Cursor<'a> {
    text: &'a str,
    limits: Limits,
    token: Token,
    /// One past the last byte of the token before.
    last: usize,
    /// Brackets that are open.
    level: usize,
    spent: Spent,
}

/// What was spent of the ceilings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    nodes: usize,
    vertices: usize,
    /// Bytes of what stands in the tree more often than in the text.
    doubled: usize,
}

/// A part of a tree under construction.
pub(super) struct Part {
    pub(super) expr: Expr,
    /// Parts inside of each other; 1 for a leaf. Trees are dropped, printed and checked by recursion.
    pub(super) height: usize,
}

impl<'a> Cursor<'a> {
    /// At the first token.
    pub(in crate::filter) fn new(text: &'a str, limits: &Limits) -> Result<Self, Fault> {
        if text.len() > limits.length_bytes {
            let at = Span::new(limits.length_bytes, text.len());
            return Err(Fault::new(at, FaultKind::TooLong(limits.length_bytes)));
        }
        Ok(Self {
            text,
            limits: *limits,
            token: lex::token(text, 0)?,
            last: 0,
            level: 0,
            spent: Spent {
                nodes: 0,
                vertices: 0,
                doubled: 0,
            },
        })
    }

    /// What stands here.
    pub(in crate::filter) fn kind(&self) -> Kind {
        self.token.kind
    }

    /// Where it stands.
    pub(in crate::filter) fn at(&self) -> Span {
        self.token.at()
    }

    /// How it is written.
    pub(in crate::filter) fn slice(&self) -> &'a str {
        &self.text[self.token.start..self.token.end]
    }

    /// From there to the end of the token before this one.
    pub(in crate::filter) fn since(&self, start: Span) -> Span {
        Span::new(start.start as usize, self.last)
    }

    /// Moves to the next token.
    pub(in crate::filter) fn advance(&mut self) -> Result<(), Fault> {
        let next = lex::token(self.text, self.token.end)?;
        self.last = self.token.end;
        self.token = next;
        Ok(())
    }

    /// True if that sign stands here.
    pub(in crate::filter) fn sees(&self, sign: u8) -> bool {
        self.token.kind == Kind::Sign(sign)
    }

    /// Moves on if that sign stands here.
    pub(in crate::filter) fn take(&mut self, sign: u8) -> Result<bool, Fault> {
        let there = self.sees(sign);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    /// True if that word, which could also be a name, stands here.
    pub(in crate::filter) fn sees_name(&self, name: &str) -> bool {
        self.token.kind == Kind::Name && self.slice().eq_ignore_ascii_case(name)
    }

    /// Moves past that sign, which must stand here.
    pub(in crate::filter) fn demand(&mut self, sign: u8, name: &'static str) -> Result<(), Fault> {
        if !self.take(sign)? {
            return Err(self.expected(Expected::Token(name)));
        }
        Ok(())
    }

    /// Something else was expected here.
    pub(in crate::filter) fn expected(&self, expected: Expected) -> Fault {
        let found = lex::quote(self.slice());
        Fault::new(self.at(), FaultKind::Expected { expected, found })
    }

    /// Moves past an opening bracket, after which `leave` must be called at its end.
    pub(in crate::filter) fn enter(&mut self) -> Result<(), Fault> {
        self.level += 1;
        if self.level > self.limits.depth {
            let kind = FaultKind::TooDeep(self.limits.depth);
            return Err(Fault::new(self.at(), kind));
        }
        self.advance()
    }

    /// A bracket is closed.
    pub(in crate::filter) fn leave(&mut self) {
        self.level -= 1;
    }

    /// One more vertex, at that place.
    pub(in crate::filter) fn count_vertex(&mut self, at: Span) -> Result<(), Fault> {
        self.spent.vertices += 1;
        self.check(at)
    }

    /// A part of the tree, around parts of which the highest has that height.
    pub(super) fn part(&mut self, node: Node, at: Span, below: usize) -> Result<Part, Fault> {
        let height = below + 1;
        self.check_height(height, at)?;
        self.spent.nodes += 1;
        self.check(at)?;
        Ok(Part {
            expr: Expr::new(node, at),
            height,
        })
    }

    /// Refuses parts that are higher than there may be.
    pub(super) fn check_height(&self, height: usize, at: Span) -> Result<(), Fault> {
        if height > self.limits.depth {
            return Err(Fault::new(at, FaultKind::TooDeep(self.limits.depth)));
        }
        Ok(())
    }

    /// What was spent up to here.
    pub(super) fn spent(&self) -> Spent {
        self.spent
    }

    /// Spends once more what was spent from `before` to `after` on the part that stands there.
    pub(super) fn again(&mut self, before: Spent, after: Spent, at: Span) -> Result<(), Fault> {
        self.spent.nodes += after.nodes - before.nodes;
        self.spent.vertices += after.vertices - before.vertices;
        self.spent.doubled += after.doubled - before.doubled + (at.end - at.start) as usize;
        self.check(at)
    }

    fn check(&self, at: Span) -> Result<(), Fault> {
        if self.spent.nodes > self.limits.nodes {
            let kind = FaultKind::TooManyNodes(self.limits.nodes);
            return Err(Fault::new(at, kind));
        }
        if self.spent.vertices > self.limits.vertices {
            let kind = FaultKind::TooManyVertices(self.limits.vertices);
            return Err(Fault::new(at, kind));
        }
        if self.spent.doubled > self.limits.length_bytes {
            let kind = FaultKind::TooLong(self.limits.length_bytes);
            return Err(Fault::new(at, kind));
        }
        Ok(())
    }
}
