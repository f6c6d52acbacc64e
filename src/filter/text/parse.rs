//! From text to tree, by operator precedence: operators wait in a list for what stands to their right. Only brackets and signs recur,
//! and they are counted.

use super::cursor::{Cursor, Part};
use super::keywords::Word;
use super::lex::Kind;
use super::rank::{Place, Rank};
use crate::filter::ast::{ArithmeticOp, CompareOp, Expr, Node, Span};
use crate::filter::fault::{Expected, Fault};
use crate::filter::limits::Limits;

/// Reads a filter in CQL2 text.
pub fn parse_text(text: &str, limits: &Limits) -> Result<Expr, Fault> {
    let mut parser = Parser {
        cursor: Cursor::new(text, limits)?,
        pending: Vec::new(),
    };
    let part = parser.expression(Rank::Or, Place::Predicate)?;
    parser.demand_predicate(&part)?;
    if parser.cursor.kind() != Kind::End {
        return Err(parser.not_after(&part, Expected::End));
    }
    Ok(part.expr)
}

pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    /// Operators that wait, those of the innermost bracket last.
    pending: Vec<Pending>,
}

/// What can stand between two operands.
#[derive(Clone, Copy)]
enum Infix {
    /// `AND`, `OR`
    Chain(Word),
    Is,
    Compare,
    /// `LIKE`, `IN`, `BETWEEN`, with `NOT` before or without
    Test,
    Arithmetic(ArithmeticOp),
}

fn infix(kind: Kind) -> Option<(Rank, Infix)> {
    let arithmetic = |op| (Rank::of_arithmetic(op), Infix::Arithmetic(op));
    Some(match kind {
        Kind::Word(Word::Or) => (Rank::Or, Infix::Chain(Word::Or)),
        Kind::Word(Word::And) => (Rank::And, Infix::Chain(Word::And)),
        Kind::Word(Word::Is) => (Rank::Is, Infix::Is),
        Kind::Word(Word::Not | Word::Like | Word::In | Word::Between) => {
            (Rank::Compare, Infix::Test)
        }
        Kind::Sign(b'=' | b'<' | b'>') => (Rank::Compare, Infix::Compare),
        Kind::Sign(b'+') => arithmetic(ArithmeticOp::Add),
        Kind::Sign(b'-') => arithmetic(ArithmeticOp::Subtract),
        Kind::Sign(b'*') => arithmetic(ArithmeticOp::Multiply),
        Kind::Sign(b'/') => arithmetic(ArithmeticOp::Divide),
        Kind::Sign(b'%') => arithmetic(ArithmeticOp::Remainder),
        Kind::Word(Word::Div) => arithmetic(ArithmeticOp::WholeDivide),
        Kind::Sign(b'^') => arithmetic(ArithmeticOp::Power),
        _ => return None,
    })
}

/// An operator that waits for its right side.
enum Pending {
    /// `NOT`, and where it stands
    Not(Span),
    Chain(Chain),
    Compare(CompareOp, Part),
    Arithmetic(ArithmeticOp, Part),
}

impl Pending {
    fn rank(&self) -> Rank {
        match self {
            Self::Not(_) => Rank::Not,
            Self::Chain(chain) => chain.rank(),
            Self::Compare(..) => Rank::Compare,
            Self::Arithmetic(op, _) => Rank::of_arithmetic(*op),
        }
    }
}

/// `a AND b AND`
struct Chain {
    word: Word,
    members: Vec<Expr>,
    /// Height of the highest member.
    below: usize,
    start: Span,
}

impl Chain {
    fn rank(&self) -> Rank {
        match self.word {
            Word::And => Rank::And,
            _ => Rank::Or,
        }
    }

    /// One more member, or all of its members if it is a chain of that word: brackets around some of them change nothing.
    fn add(&mut self, part: Part) {
        match (self.word, part.expr.node) {
            (Word::And, Node::And(inner)) | (Word::Or, Node::Or(inner)) => {
                self.below = self.below.max(part.height - 1);
                if self.members.is_empty() {
                    self.members = inner;
                } else {
                    self.members.extend(inner);
                }
            }
            (_, node) => {
                self.below = self.below.max(part.height);
                self.members.push(Expr::new(node, part.expr.at));
            }
        }
    }
}

impl Parser<'_> {
    /// Operands and operators that bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: Rank, place: Place) -> Result<Part, Fault> {
        let base = self.pending.len();
        let mut place = place;
        let mut may_negate = least <= Rank::Not;
        let mut before = self.cursor.spent();
        loop {
            if may_negate && self.negations()? {
                place = Place::Predicate;
            }
            let mut left = self.operand(place)?;
            let mut most = Rank::Exponent;
            // Operators that end with themselves, up to one that waits for another operand.
            let waiting = loop {
                let next = infix(self.cursor.kind()).filter(|(rank, _)| *rank >= least);
                let Some((rank, infix)) = next else {
                    return self.complete_all(left, base);
                };
                (left, most) = self.complete_tighter(left, most, base, rank)?;
                if rank > most {
                    return self.complete_all(left, base);
                }
                match infix {
                    Infix::Is => left = self.is_null(left)?,
                    Infix::Test => left = self.test(left, before)?,
                    Infix::Compare => break Pending::Compare(self.comparison()?, left),
                    Infix::Arithmetic(op) => {
                        self.cursor.advance()?;
                        break Pending::Arithmetic(op, left);
                    }
                    Infix::Chain(word) => break Pending::Chain(self.chain(word, left, base)?),
                }
                most = rank.then();
            };
            may_negate = matches!(waiting, Pending::Chain(_));
            if may_negate {
                place = Place::Predicate;
                before = self.cursor.spent();
            } else {
                place = Place::Value;
            }
            self.pending.push(waiting);
        }
    }

    /// Gives `right` to the operators above `base` that bind tighter than an operator of that rank to its right. Also tells the tightest
    /// rank that may follow.
    fn complete_tighter(
        &mut self,
        mut right: Part,
        mut most: Rank,
        base: usize,
        rank: Rank,
    ) -> Result<(Part, Rank), Fault> {
        while self.pending.len() > base
            && let Some(pending) = self.pending.pop_if(|pending| {
                // Of a chain and its own word, the chain goes on.
                pending.rank() > rank
                    || pending.rank() == rank && !matches!(pending, Pending::Chain(_))
            })
        {
            most = pending.rank().then();
            right = self.complete(pending, right)?;
        }
        Ok((right, most))
    }

    fn complete_all(&mut self, mut right: Part, base: usize) -> Result<Part, Fault> {
        while self.pending.len() > base
            && let Some(pending) = self.pending.pop()
        {
            right = self.complete(pending, right)?;
        }
        Ok(right)
    }

    /// An operation whose right side is there.
    fn complete(&mut self, pending: Pending, right: Part) -> Result<Part, Fault> {
        match pending {
            Pending::Not(start) => {
                self.demand_predicate(&right)?;
                let at = start.to(right.expr.at);
                self.cursor
                    .part(Node::Not(Box::new(right.expr)), at, right.height)
            }
            Pending::Chain(mut chain) => {
                self.demand_predicate(&right)?;
                let at = chain.start.to(right.expr.at);
                chain.add(right);
                let node = match chain.word {
                    Word::And => Node::And(chain.members),
                    _ => Node::Or(chain.members),
                };
                self.cursor.part(node, at, chain.below)
            }
            Pending::Compare(op, left) => self.compare(op, left, right),
            Pending::Arithmetic(op, left) => {
                let at = left.expr.at.to(right.expr.at);
                let below = left.height.max(right.height);
                let node = Node::Arithmetic(op, Box::new([left.expr, right.expr]));
                self.cursor.part(node, at, below)
            }
        }
    }

    /// Any number of `NOT`, which wait. Tells whether there is one.
    fn negations(&mut self) -> Result<bool, Fault> {
        let mut height = 0;
        while self.cursor.kind() == Kind::Word(Word::Not) {
            let at = self.cursor.at();
            height += 1;
            self.cursor.check_height(height, at)?;
            self.pending.push(Pending::Not(at));
            self.cursor.advance()?;
        }
        Ok(height > 0)
    }

    /// After its first member or one more, a chain that waits for the next.
    fn chain(&mut self, word: Word, member: Part, base: usize) -> Result<Chain, Fault> {
        self.demand_predicate(&member)?;
        self.cursor.advance()?;
        let mut chain = Chain {
            word,
            members: Vec::new(),
            below: 0,
            start: member.expr.at,
        };
        let goes_on = self.pending.len() > base
            && matches!(self.pending.last(), Some(Pending::Chain(c)) if c.word == word);
        if goes_on && let Some(Pending::Chain(waiting)) = self.pending.pop() {
            chain = waiting;
        }
        chain.add(member);
        Ok(chain)
    }

    /// Where something true or false is wanted, a number or text still needs an operator. A property may be of type boolean: that is
    /// for the schema to say.
    pub(super) fn demand_predicate(&self, part: &Part) -> Result<(), Fault> {
        if part.expr.node.may_be_true() {
            Ok(())
        } else {
            Err(self.cursor.expected(Expected::Operator))
        }
    }

    /// What stands here cannot follow that part. A value that stands alone misses an operator more than what closes its place.
    pub(super) fn not_after(&self, last: &Part, closing: Expected) -> Fault {
        let is_value = matches!(
            last.expr.node,
            Node::Property(_) | Node::Function(..) | Node::Arithmetic(..) | Node::Fold(..)
        );
        let expected = if is_value {
            Expected::Operator
        } else {
            closing
        };
        self.cursor.expected(expected)
    }
}
