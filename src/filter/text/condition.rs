//! Operators that make something true or false of values: comparisons, `IS NULL`, `LIKE`, `IN`, `BETWEEN`.

use super::cursor::{Part, Spent};
use super::keywords::Word;
use super::lex::Kind;
use super::parse::Parser;
use super::rank::{Place, Rank};
use crate::filter::ast::{CompareOp, Expr, FoldOp, Node};
use crate::filter::fault::{Expected, Fault};

impl Parser<'_> {
    /// `a IS NULL`, `a IS NOT NULL`
    pub(super) fn is_null(&mut self, left: Part) -> Result<Part, Fault> {
        self.cursor.advance()?;
        let negated = self.take_word(Word::Not)?;
        if !self.take_word(Word::Null)? {
            return Err(self.cursor.expected(Expected::Token("NULL")));
        }
        let at = self.cursor.since(left.expr.at);
        let part = self
            .cursor
            .part(Node::IsNull(Box::new(left.expr)), at, left.height)?;
        self.negate_if(negated, part)
    }

    /// `=`, `<>` and so on. The two signs of an operator may be apart (rule `comparisonOperator`).
    pub(super) fn comparison(&mut self) -> Result<CompareOp, Fault> {
        let first = self.cursor.kind();
        self.cursor.advance()?;
        Ok(match first {
            Kind::Sign(b'<') if self.cursor.take(b'>')? => CompareOp::NotEqual,
            Kind::Sign(b'<') if self.cursor.take(b'=')? => CompareOp::LessOrEqual,
            Kind::Sign(b'<') => CompareOp::Less,
            Kind::Sign(b'>') if self.cursor.take(b'=')? => CompareOp::GreaterOrEqual,
            Kind::Sign(b'>') => CompareOp::Greater,
            _ => CompareOp::Equal,
        })
    }

    pub(super) fn compare(
        &mut self,
        op: CompareOp,
        left: Part,
        right: Part,
    ) -> Result<Part, Fault> {
        let at = left.expr.at.to(right.expr.at);
        let below = left.height.max(right.height);
        let node = Node::Compare(op, Box::new([left.expr, right.expr]));
        self.cursor.part(node, at, below)
    }

    /// `a [NOT] LIKE b`, `a [NOT] IN (…)`, `a [NOT] BETWEEN b AND c`. What was spent on `a` was spent after `before`.
    pub(super) fn test(&mut self, left: Part, before: Spent) -> Result<Part, Fault> {
        let negated = self.take_word(Word::Not)?;
        let part = match self.cursor.kind() {
            Kind::Word(Word::Like) => self.like(left)?,
            Kind::Word(Word::In) => self.in_list(left)?,
            Kind::Word(Word::Between) => self.between(left, before)?,
            _ => return Err(self.cursor.expected(Expected::Operator)),
        };
        self.negate_if(negated, part)
    }

    fn negate_if(&mut self, negated: bool, part: Part) -> Result<Part, Fault> {
        if !negated {
            return Ok(part);
        }
        let at = part.expr.at;
        self.cursor
            .part(Node::Not(Box::new(part.expr)), at, part.height)
    }

    fn like(&mut self, left: Part) -> Result<Part, Fault> {
        self.cursor.advance()?;
        let pattern = self.pattern()?;
        let at = left.expr.at.to(pattern.expr.at);
        let below = left.height.max(pattern.height);
        let node = Node::Like(Box::new([left.expr, pattern.expr]));
        self.cursor.part(node, at, below)
    }

    /// A text in any number of `CASEI` and `ACCENTI` (rule `patternExpression`).
    fn pattern(&mut self) -> Result<Part, Fault> {
        let at = self.cursor.at();
        if self.cursor.kind() == Kind::Text {
            return self.text();
        }
        let fold = match self.cursor.kind() {
            Kind::Name => FoldOp::find(self.cursor.slice()),
            _ => None,
        };
        let Some(op) = fold else {
            return Err(self.cursor.expected(Expected::Text));
        };
        self.cursor.advance()?;
        if !self.cursor.sees(b'(') {
            return Err(self.cursor.expected(Expected::Token("(")));
        }
        self.cursor.enter()?;
        let inner = self.pattern()?;
        let (closed, _) = self.closed(at)?;
        let node = Node::Fold(op, Box::new(inner.expr));
        self.cursor.part(node, closed, inner.height)
    }

    /// The list may be empty, as in JSON: it has to be printed somehow.
    fn in_list(&mut self, left: Part) -> Result<Part, Fault> {
        self.cursor.advance()?;
        self.cursor.demand(b'(', "(")?;
        let mut below = left.height;
        let mut members = Vec::new();
        if !self.cursor.sees(b')') {
            loop {
                let member = self.expression(Rank::Sum, Place::Value)?;
                below = below.max(member.height);
                members.push(member.expr);
                if !self.cursor.take(b',')? {
                    break;
                }
            }
        }
        self.cursor.demand(b')', ", )")?;
        let at = self.cursor.since(left.expr.at);
        let node = Node::In(Box::new(left.expr), members);
        self.cursor.part(node, at, below)
    }

    /// Bounds that are texts, days or instants make it two comparisons: `BETWEEN` of the standard is about numbers.
    fn between(&mut self, left: Part, before: Spent) -> Result<Part, Fault> {
        let after = self.cursor.spent();
        self.cursor.advance()?;
        let low = self.expression(Rank::Sum, Place::Value)?;
        if !self.take_word(Word::And)? {
            return Err(self.cursor.expected(Expected::Token("AND")));
        }
        let high = self.expression(Rank::Sum, Place::Value)?;
        let at = self.cursor.since(left.expr.at);
        if !is_no_number(&low.expr) && !is_no_number(&high.expr) {
            let below = left.height.max(low.height).max(high.height);
            let node = Node::Between(Box::new([left.expr, low.expr, high.expr]));
            return self.cursor.part(node, at, below);
        }
        self.cursor.again(before, after, left.expr.at)?;
        let twin = Part {
            expr: left.expr.clone(),
            height: left.height,
        };
        let from = self.compare(CompareOp::GreaterOrEqual, left, low)?;
        let to = self.compare(CompareOp::LessOrEqual, twin, high)?;
        let below = from.height.max(to.height);
        self.cursor
            .part(Node::And(vec![from.expr, to.expr]), at, below)
    }

    fn take_word(&mut self, word: Word) -> Result<bool, Fault> {
        let there = self.cursor.kind() == Kind::Word(word);
        if there {
            self.cursor.advance()?;
        }
        Ok(there)
    }
}

/// Literals that can be compared but are no numbers.
fn is_no_number(expr: &Expr) -> bool {
    matches!(
        expr.node,
        Node::Text(_) | Node::Fold(..) | Node::Date(_) | Node::Timestamp(_)
    )
}
