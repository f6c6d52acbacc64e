//! From text to tree, by precedence climbing. Recursion happens inside of brackets and by rank only, and brackets are counted;
//! chains and runs of `NOT` are loops.

use super::cursor::{Cursor, Part, Spent};
use super::keywords::Word;
use super::lex::{self, Kind};
use super::rank::{Place, Rank};
use crate::filter::ast::{ArithmeticOp, CompareOp, Expr, FoldOp, Node, Span};
use crate::filter::fault::{Expected, Fault, FaultKind};
use crate::filter::limits::Limits;

/// Reads a filter in CQL2 text.
pub fn parse_text(text: &str, limits: &Limits) -> Result<Expr, Fault> {
    let mut parser = Parser {
        cursor: Cursor::new(text, limits)?,
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

impl Parser<'_> {
    /// Operands and operators that bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: Rank, place: Place) -> Result<Part, Fault> {
        let before = self.cursor.spent();
        let (mut left, mut most) = self.prefix(least, place)?;
        while let Some((rank, infix)) = infix(self.cursor.kind()) {
            if rank < least || rank > most {
                break;
            }
            left = match infix {
                Infix::Chain(word) => self.chain(left, word, rank)?,
                Infix::Is => self.is_null(left)?,
                Infix::Compare => self.comparison(left)?,
                Infix::Test => self.test(left, before)?,
                Infix::Arithmetic(op) => self.arithmetic(left, op, rank)?,
            };
            most = rank.then();
        }
        Ok(left)
    }

    /// One operand, and the tightest rank of an operator that may follow it.
    fn prefix(&mut self, least: Rank, place: Place) -> Result<(Part, Rank), Fault> {
        let at = self.cursor.at();
        let part = match self.cursor.kind() {
            Kind::Word(Word::Not) if least <= Rank::Not => {
                return Ok((self.negation()?, Rank::Not.then()));
            }
            Kind::Sign(b'(') => self.bracket(place)?,
            Kind::Sign(sign @ (b'+' | b'-')) => self.signed(sign)?,
            Kind::Name => self.name()?,
            Kind::Quoted => {
                let name = lex::name_value(self.cursor.slice());
                self.cursor.advance()?;
                self.property_or_function(name, at)?
            }
            Kind::Number => self.number(false, at)?,
            Kind::Text => {
                let text = lex::text_value(self.cursor.slice());
                self.leaf(Node::Text(text))?
            }
            Kind::Word(Word::True) => self.leaf(Node::Bool(true))?,
            Kind::Word(Word::False) => self.leaf(Node::Bool(false))?,
            _ => {
                let wanted = match place {
                    Place::Predicate => Expected::Predicate,
                    _ => Expected::Value,
                };
                return Err(self.cursor.expected(wanted));
            }
        };
        Ok((part, Rank::Exponent))
    }

    /// A part that is this one token.
    fn leaf(&mut self, node: Node) -> Result<Part, Fault> {
        let at = self.cursor.at();
        self.cursor.advance()?;
        self.cursor.part(node, at, 0)
    }

    /// `NOT a`, `NOT NOT a`
    fn negation(&mut self) -> Result<Part, Fault> {
        let mut starts = Vec::new();
        while self.cursor.kind() == Kind::Word(Word::Not) {
            let at = self.cursor.at();
            starts.push(at);
            self.cursor.check_height(starts.len(), at)?;
            self.cursor.advance()?;
        }
        let mut part = self.expression(Rank::Is, Place::Predicate)?;
        self.demand_predicate(&part)?;
        for start in starts.into_iter().rev() {
            let at = start.to(part.expr.at);
            part = self
                .cursor
                .part(Node::Not(Box::new(part.expr)), at, part.height)?;
        }
        Ok(part)
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
            let (operand, _) = self.prefix(Rank::Operand, Place::Value)?;
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
        let mut members = Vec::new();
        let mut below = 0;
        let mut is_array = self.cursor.sees(b')');
        if !is_array {
            let first = self.expression(Rank::Or, place.inside())?;
            if self.cursor.sees(b')') {
                let (at, whole) = self.closed(start)?;
                if !(whole && place.is_array_of(&first.expr)) {
                    return Ok(Part {
                        expr: Expr { at, ..first.expr },
                        ..first
                    });
                }
                return self
                    .cursor
                    .part(Node::Array(vec![first.expr]), at, first.height);
            }
            is_array = self.cursor.sees(b',');
            if !is_array {
                return Err(self.not_after(&first, Expected::Token(")")));
            }
            below = first.height;
            members.push(first.expr);
        }
        while self.cursor.take(b',')? {
            if members.len() == 1 && self.cursor.sees(b')') {
                break;
            }
            let member = self.expression(Rank::Or, Place::Element)?;
            if !self.cursor.sees(b',') && !self.cursor.sees(b')') {
                return Err(self.not_after(&member, Expected::Token(")")));
            }
            below = below.max(member.height);
            members.push(member.expr);
        }
        let (at, _) = self.closed(start)?;
        self.cursor.part(Node::Array(members), at, below)
    }

    /// Moves past the `)` that stands here. Also tells whether what was opened at `start` is all of its place.
    fn closed(&mut self, start: Span) -> Result<(Span, bool), Fault> {
        self.cursor.demand(b')', ")")?;
        self.cursor.leave();
        let whole = self.cursor.sees(b',') || self.cursor.sees(b')');
        Ok((self.cursor.since(start), whole))
    }

    /// What stands here cannot follow that part. A value that stands alone misses an operator more than what closes its place.
    fn not_after(&self, last: &Part, closing: Expected) -> Fault {
        let is_value = matches!(
            last.expr.node,
            Node::Property(_) | Node::Function(..) | Node::Arithmetic(..) | Node::Fold(..)
        );
        self.cursor.expected(match is_value {
            true => Expected::Operator,
            false => closing,
        })
    }

    /// `a AND b AND c`; brackets around some of them change nothing.
    fn chain(&mut self, first: Part, word: Word, rank: Rank) -> Result<Part, Fault> {
        self.demand_predicate(&first)?;
        let start = first.expr.at;
        let mut below = 0;
        let mut members = Vec::new();
        let mut add = |part: Part| {
            match (word, part.expr.node) {
                (Word::And, Node::And(inner)) | (Word::Or, Node::Or(inner)) => {
                    below = below.max(part.height - 1);
                    if members.is_empty() {
                        members = inner;
                    } else {
                        members.extend(inner);
                    }
                }
                (_, node) => {
                    below = below.max(part.height);
                    members.push(Expr::new(node, part.expr.at));
                }
            };
        };
        add(first);
        while self.cursor.kind() == Kind::Word(word) {
            self.cursor.advance()?;
            let member = self.expression(rank.tighter(), Place::Predicate)?;
            self.demand_predicate(&member)?;
            add(member);
        }
        let at = self.cursor.since(start);
        let node = match word {
            Word::And => Node::And(members),
            _ => Node::Or(members),
        };
        self.cursor.part(node, at, below)
    }

    /// `a IS NULL`, `a IS NOT NULL`
    fn is_null(&mut self, left: Part) -> Result<Part, Fault> {
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

    /// `a = b`. The two signs of an operator may be apart (rule `comparisonOperator`).
    fn comparison(&mut self, left: Part) -> Result<Part, Fault> {
        let first = self.cursor.kind();
        self.cursor.advance()?;
        let op = match first {
            Kind::Sign(b'<') if self.cursor.take(b'>')? => CompareOp::NotEqual,
            Kind::Sign(b'<') if self.cursor.take(b'=')? => CompareOp::LessOrEqual,
            Kind::Sign(b'<') => CompareOp::Less,
            Kind::Sign(b'>') if self.cursor.take(b'=')? => CompareOp::GreaterOrEqual,
            Kind::Sign(b'>') => CompareOp::Greater,
            _ => CompareOp::Equal,
        };
        let right = self.expression(Rank::Sum, Place::Value)?;
        self.compare(op, left, right)
    }

    fn compare(&mut self, op: CompareOp, left: Part, right: Part) -> Result<Part, Fault> {
        let at = left.expr.at.to(right.expr.at);
        let below = left.height.max(right.height);
        let node = Node::Compare(op, Box::new([left.expr, right.expr]));
        self.cursor.part(node, at, below)
    }

    /// `a + b`
    fn arithmetic(&mut self, left: Part, op: ArithmeticOp, rank: Rank) -> Result<Part, Fault> {
        self.cursor.advance()?;
        let right = self.expression(rank.tighter(), Place::Value)?;
        let at = left.expr.at.to(right.expr.at);
        let below = left.height.max(right.height);
        let node = Node::Arithmetic(op, Box::new([left.expr, right.expr]));
        self.cursor.part(node, at, below)
    }

    /// `a [NOT] LIKE b`, `a [NOT] IN (…)`, `a [NOT] BETWEEN b AND c`. What was spent on `a` was spent after `before`.
    fn test(&mut self, left: Part, before: Spent) -> Result<Part, Fault> {
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
            let text = lex::text_value(self.cursor.slice());
            return self.leaf(Node::Text(text));
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
        self.cursor.demand(b')', ")")?;
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
        self.cursor.again(before, after, at)?;
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

    /// Where something true or false is wanted, a number or text still needs an operator. A property may be of type boolean: that is
    /// for the schema to say.
    fn demand_predicate(&self, part: &Part) -> Result<(), Fault> {
        match part.expr.node {
            Node::Bool(_)
            | Node::Property(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Not(_)
            | Node::Compare(..)
            | Node::Like(_)
            | Node::Between(_)
            | Node::In(..)
            | Node::IsNull(_)
            | Node::Spatial(..)
            | Node::Temporal(..)
            | Node::Array2(..)
            | Node::Function(..) => Ok(()),
            _ => Err(self.cursor.expected(Expected::Operator)),
        }
    }

    /// `a, b, …)`, at its opening bracket.
    pub(super) fn arguments(&mut self, place: Place) -> Result<(Vec<Expr>, usize), Fault> {
        self.cursor.enter()?;
        let mut below = 0;
        let mut arguments = Vec::new();
        if !self.cursor.sees(b')') {
            loop {
                let argument = self.expression(Rank::Or, place)?;
                if !self.cursor.sees(b',') && !self.cursor.sees(b')') {
                    return Err(self.not_after(&argument, Expected::Token(")")));
                }
                below = below.max(argument.height);
                arguments.push(argument.expr);
                if !self.cursor.take(b',')? {
                    break;
                }
            }
        }
        self.cursor.demand(b')', ")")?;
        self.cursor.leave();
        Ok((arguments, below))
    }

    /// After a name that CQL2 gives no meaning to.
    pub(super) fn property_or_function(&mut self, name: String, at: Span) -> Result<Part, Fault> {
        if !self.cursor.sees(b'(') {
            return self.cursor.part(Node::Property(name), at, 0);
        }
        let (arguments, below) = self.arguments(Place::Element)?;
        let at = self.cursor.since(at);
        self.cursor.part(Node::Function(name, arguments), at, below)
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

/// Literals that can be compared but are no numbers.
fn is_no_number(expr: &Expr) -> bool {
    matches!(
        expr.node,
        Node::Text(_) | Node::Fold(..) | Node::Date(_) | Node::Timestamp(_)
    )
}
