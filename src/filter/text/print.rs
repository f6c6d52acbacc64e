//! From tree to text, in one way only.

use std::fmt::Write as _;

use super::keywords::{Callee, Word};
use super::lex::{CONTROLS, continues_name, starts_name};
use super::rank::{Place, Rank};
use crate::filter::ast::{Bound, Expr, Node};
use crate::filter::instant::format_instant;
use crate::filter::shape::BboxLiteral;
use crate::filter::wkt;

/// The filter in CQL2 text: keywords in upper case, no bracket and no quote that is not needed, numbers in the shortest form that reads
/// back to the same bits. Read again, it gives the same tree.
pub fn to_text(expr: &Expr) -> String {
    let mut printer = Printer { out: String::new() };
    printer.expression(expr, Rank::Or, Place::Predicate);
    printer.out
}

struct Printer {
    out: String,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A part, in brackets if it binds looser than `least`.
    fn expression(&mut self, expr: &Expr, least: Rank, place: Place) {
        if Rank::of(expr) < least {
            self.push("(");
            self.node(&expr.node, Place::Value);
            self.push(")");
        } else {
            self.node(&expr.node, place);
        }
    }

    fn value(&mut self, expr: &Expr) {
        self.expression(expr, Rank::Sum, Place::Value);
    }

    fn node(&mut self, node: &Node, place: Place) {
        match node {
            Node::Bool(true) => self.push("TRUE"),
            Node::Bool(false) => self.push("FALSE"),
            Node::Int(value) => self.push(itoa::Buffer::new().format(*value)),
            Node::Float(value) => self.float(*value),
            Node::Text(value) => self.text(value),
            Node::Date(date) => self.format(format_args!("DATE('{date}')")),
            Node::Timestamp(us) => {
                let instant = format_instant(*us);
                self.format(format_args!("TIMESTAMP('{instant}')"));
            }
            Node::Interval(bounds) => self.interval(bounds),
            Node::Geometry(shape) => wkt::write(shape, &mut self.out),
            Node::Bbox(bbox) => self.bbox(bbox),
            Node::Array(members) => self.array(members, place),
            Node::Property(name) => self.name(name),
            Node::And(members) => self.chain(members, " AND ", Rank::And),
            Node::Or(members) => self.chain(members, " OR ", Rank::Or),
            Node::Not(inner) => self.negation(inner),
            Node::IsNull(operand) => self.before(operand, "", " IS NULL"),
            Node::Compare(op, sides) => self.infix(sides, op.text(), [Rank::Sum; 2]),
            Node::Arithmetic(op, sides) => {
                let rank = Rank::of_arithmetic(*op);
                // What does not chain does not on the left either.
                let left = if rank.then() == rank {
                    rank
                } else {
                    rank.tighter()
                };
                self.infix(sides, op.text(), [left, rank.tighter()]);
            }
            Node::Like(sides) => self.like(sides, ""),
            Node::Between(sides) => self.between(sides, ""),
            Node::In(operand, members) => self.in_list(operand, members, ""),
            Node::Fold(op, argument) => {
                self.push(op.text());
                self.arguments([&**argument], Place::Element);
            }
            Node::Spatial(op, pair) => {
                self.push(op.text());
                self.arguments(&**pair, Place::Element);
            }
            Node::Temporal(op, pair) => {
                self.push(op.text());
                self.arguments(&**pair, Place::Element);
            }
            Node::ArrayRelation(op, pair) => {
                self.push(op.text());
                self.arguments(&**pair, Place::ArrayOperand);
            }
            Node::Function(name, arguments) => {
                self.name(name);
                self.arguments(arguments, Place::Element);
            }
        }
    }

    fn chain(&mut self, members: &[Expr], word: &str, rank: Rank) {
        for (i, member) in members.iter().enumerate() {
            if i > 0 {
                self.push(word);
            }
            self.expression(member, rank.tighter(), Place::Predicate);
        }
    }

    /// `NOT` stands inside of those operators that have a place for it.
    fn negation(&mut self, inner: &Expr) {
        match &inner.node {
            Node::IsNull(operand) => self.before(operand, "", " IS NOT NULL"),
            Node::Like(sides) => self.like(sides, " NOT"),
            Node::Between(sides) => self.between(sides, " NOT"),
            Node::In(operand, members) => self.in_list(operand, members, " NOT"),
            _ => {
                self.push("NOT ");
                self.expression(inner, Rank::Not.tighter(), Place::Predicate);
            }
        }
    }

    fn infix(&mut self, [left, right]: &[Expr; 2], op: &str, ranks: [Rank; 2]) {
        self.expression(left, ranks[0], Place::Value);
        self.push(" ");
        self.push(op);
        self.push(" ");
        self.expression(right, ranks[1], Place::Value);
    }

    /// What an operator stands after.
    fn before(&mut self, operand: &Expr, not: &str, op: &str) {
        self.value(operand);
        self.push(not);
        self.push(op);
    }

    fn like(&mut self, [text, pattern]: &[Expr; 2], not: &str) {
        self.before(text, not, " LIKE ");
        self.value(pattern);
    }

    fn between(&mut self, [operand, low, high]: &[Expr; 3], not: &str) {
        self.before(operand, not, " BETWEEN ");
        self.value(low);
        self.push(" AND ");
        self.value(high);
    }

    fn in_list(&mut self, operand: &Expr, members: &[Expr], not: &str) {
        self.before(operand, not, " IN (");
        self.list(members, |printer, member, _| printer.value(member));
        self.push(")");
    }

    /// Members and commas; the number of those before a member goes with it.
    fn list<'a>(
        &mut self,
        members: impl IntoIterator<Item = &'a Expr>,
        mut print: impl FnMut(&mut Self, &Expr, usize),
    ) {
        for (i, member) in members.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            print(self, member, i);
        }
    }

    fn arguments<'a>(&mut self, arguments: impl IntoIterator<Item = &'a Expr>, place: Place) {
        self.push("(");
        self.list(arguments, |printer, argument, _| {
            printer.expression(argument, Rank::Or, place);
        });
        self.push(")");
    }

    fn array(&mut self, members: &[Expr], place: Place) {
        self.push("(");
        self.list(members, |printer, member, before| {
            let place = if before == 0 {
                place.inside()
            } else {
                Place::Element
            };
            printer.expression(member, Rank::Or, place);
        });
        if let [only] = members
            && !place.is_array_of(only)
        {
            self.push(",");
        }
        self.push(")");
    }

    fn interval(&mut self, [first, last]: &[Bound; 2]) {
        self.push("INTERVAL(");
        self.bound(first);
        self.push(", ");
        self.bound(last);
        self.push(")");
    }

    fn bound(&mut self, bound: &Bound) {
        match bound {
            Bound::Open => self.push("'..'"),
            Bound::At(expr) => match &expr.node {
                Node::Date(date) => self.format(format_args!("'{date}'")),
                Node::Timestamp(us) => {
                    let instant = format_instant(*us);
                    self.format(format_args!("'{instant}'"));
                }
                _ => self.value(expr),
            },
        }
    }

    fn bbox(&mut self, bbox: &BboxLiteral) {
        let corner = |[a, b]: [f64; 2], height: Option<f64>| [Some(a), Some(b), height];
        let heights = bbox.heights;
        let numbers = [
            corner(bbox.low, heights.map(|[low, _]| low)),
            corner(bbox.high, heights.map(|[_, high]| high)),
        ];
        self.push("BBOX");
        for (i, number) in numbers.into_iter().flatten().flatten().enumerate() {
            self.push(if i == 0 { "(" } else { "," });
            wkt::write_number(number, &mut self.out);
        }
        self.push(")");
    }

    /// Always with a point or an exponent: without, it would be an integer.
    fn float(&mut self, value: f64) {
        let start = self.out.len();
        wkt::write_number(value, &mut self.out);
        if !self.out[start..].contains(['.', 'e']) {
            self.push(".0");
        }
    }

    /// In double quotes where it is no identifier, or a word that CQL2 gives a meaning.
    fn name(&mut self, name: &str) {
        let mut chars = name.chars();
        let is_plain = chars.next().is_some_and(starts_name)
            && chars.all(continues_name)
            && Word::find(name).is_none()
            && Callee::find(name).is_none();
        if is_plain {
            self.push(name);
        } else {
            self.push("\"");
            self.push(&name.replace('"', "\"\""));
            self.push("\"");
        }
    }

    /// In single quotes, with `''` for a quote. A backslash is doubled, except before a wildcard of `LIKE`, where it is read as itself:
    /// `'100\%'` is how the standard writes that.
    fn text(&mut self, value: &str) {
        self.push("'");
        let mut chars = value.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\'' => self.push("''"),
                '\\' if matches!(chars.peek(), Some('%' | '_')) => self.push("\\"),
                '\\' => self.push("\\\\"),
                _ => match CONTROLS.iter().find(|(control, _)| *control == c) {
                    Some((_, letter)) => {
                        self.push("\\");
                        self.out.push(char::from(*letter));
                    }
                    None => self.out.push(c),
                },
            }
        }
        self.push("'");
    }

    fn format(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.out
            .write_fmt(arguments)
            .expect("a string takes everything");
    }
}
