//! Operands: numbers, texts and what stands in brackets. Names are in [`call`](super::call).

use super::cursor::Part;
use super::keywords::Word;
use super::lex::{self, Kind};
use super::parse::Parser;
use super::rank::{Place, Rank};
use crate::filter::ast::{ArithmeticOp, Expr, Node, Span};
use crate::filter::fault::{Expected, Fault, FaultKind};

/// What stands between brackets.
struct List {
    members: Vec<Expr>,
    commas: usize,
    /// Height of the highest member.
    below: usize,
}

impl Parser<'_> {
    /// One operand.
    pub(super) fn operand(&mut self, place: Place) -> Result<Part, Fault> {
        let at = self.cursor.at();
        match self.cursor.kind() {
            Kind::Sign(b'(') => self.bracket(place),
            Kind::Sign(sign @ (b'+' | b'-')) => self.signed(sign),
            Kind::Name => self.name(),
            Kind::Quoted => {
                let name = lex::name_value(self.cursor.slice());
                self.cursor.advance()?;
                self.property_or_function(name, at)
            }
            Kind::Number => self.number(false, at),
            Kind::Text => self.text(),
            Kind::Word(Word::True) => self.leaf(Node::Bool(true)),
            Kind::Word(Word::False) => self.leaf(Node::Bool(false)),
            _ => Err(self.cursor.expected(match place {
                Place::Predicate => Expected::Predicate,
                _ => Expected::Value,
            })),
        }
    }

    pub(super) fn text(&mut self) -> Result<Part, Fault> {
        let text = lex::text_value(self.cursor.slice());
        self.leaf(Node::Text(text))
    }

    /// A part that is this one token.
    pub(super) fn leaf(&mut self, node: Node) -> Result<Part, Fault> {
        let at = self.cursor.at();
        self.cursor.advance()?;
        self.cursor.part(node, at, 0)
    }

    /// `-1`, `+1`; `-a` is `-1 * a`.
    fn signed(&mut self, sign: u8) -> Result<Part, Fault> {
        let at = self.cursor.at();
        self.cursor.enter()?;
        let part = if self.cursor.kind() == Kind::Number {
            self.number(sign == b'-', at)?
        } else if sign == b'+' {
            return Err(self.cursor.expected(Expected::Number));
        } else {
            let operand = self.operand(Place::Value)?;
            let minus = self.cursor.part(Node::Int(-1), at, 0)?;
            let node =
                Node::Arithmetic(ArithmeticOp::Multiply, Box::new([minus.expr, operand.expr]));
            let at = self.cursor.since(at);
            self.cursor.part(node, at, operand.height)?
        };
        self.cursor.leave();
        Ok(part)
    }

    /// `(a)` or an array: see [`Place`]. `(a,)` is always an array; the grammar has no other way of writing one of a single number.
    fn bracket(&mut self, place: Place) -> Result<Part, Fault> {
        let start = self.cursor.at();
        self.cursor.enter()?;
        let mut list = self.list([place.inside(), Place::Element], ")")?;
        let (at, is_whole) = self.closed(start)?;
        let alone = list
            .members
            .pop_if(|only| list.commas == 0 && !(is_whole && place.is_array_of(only)));
        if let Some(expr) = alone {
            return Ok(Part {
                expr: Expr { at, ..expr },
                height: list.below,
            });
        }
        self.cursor.part(Node::Array(list.members), at, list.below)
    }

    /// `a, b, …` up to the closing bracket. A comma after the first and only member is let through. `after` tells what
    /// else can follow a member.
    fn list(&mut self, [first, others]: [Place; 2], after: &'static str) -> Result<List, Fault> {
        let mut list = List {
            members: Vec::new(),
            commas: 0,
            below: 0,
        };
        let mut place = first;
        while !(self.cursor.sees(b')') && list.commas < 2) {
            let member = self.expression(Rank::Or, place)?;
            if !self.cursor.sees(b',') && !self.cursor.sees(b')') {
                return Err(self.not_after(&member, Expected::Token(after)));
            }
            list.below = list.below.max(member.height);
            list.members.push(member.expr);
            if !self.cursor.take(b',')? {
                break;
            }
            list.commas += 1;
            place = others;
        }
        Ok(list)
    }

    /// `(a, b, …)`, at its opening bracket: the arguments and the height of the highest.
    pub(super) fn arguments(&mut self, place: Place) -> Result<(Vec<Expr>, usize), Fault> {
        let start = self.cursor.at();
        self.cursor.enter()?;
        let list = self.list([place; 2], ", )")?;
        if list.commas == list.members.len() && list.commas > 0 {
            return Err(self.cursor.expected(Expected::Value));
        }
        self.closed(start)?;
        Ok((list.members, list.below))
    }

    /// Moves past the `)` that stands here. Also tells whether what was opened at `start` is all of its place.
    pub(super) fn closed(&mut self, start: Span) -> Result<(Span, bool), Fault> {
        self.cursor.demand(b')', ")")?;
        self.cursor.leave();
        let whole = self.cursor.sees(b',') || self.cursor.sees(b')');
        Ok((self.cursor.since(start), whole))
    }

    /// A number, at its digits; `at` is where its sign stands, if it has one.
    fn number(&mut self, negative: bool, at: Span) -> Result<Part, Fault> {
        let node = self.number_node(negative)?;
        self.cursor.advance()?;
        let at = self.cursor.since(at);
        self.cursor.part(node, at, 0)
    }

    fn number_node(&self, negative: bool) -> Result<Node, Fault> {
        let digits = self.cursor.slice();
        if let Ok(magnitude) = digits.parse::<u64>() {
            let whole = if negative {
                0i64.checked_sub_unsigned(magnitude)
            } else {
                i64::try_from(magnitude).ok()
            };
            if let Some(whole) = whole {
                return Ok(Node::Int(whole));
            }
        }
        match digits.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                Ok(Node::Float(if negative { -value } else { value }))
            }
            _ => {
                let kind = FaultKind::Number(lex::quote(digits));
                Err(Fault::new(self.cursor.at(), kind))
            }
        }
    }
}
