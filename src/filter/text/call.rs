//! Names before brackets: the functions and literals of CQL2.

use super::cursor::Part;
use super::keywords::Callee;
use super::lex::{self, Kind};
use super::parse::Parser;
use super::rank::{Place, Rank};
use crate::filter::ast::{Bound, Expr, Node, Span};
use crate::filter::fault::{Expected, Fault, FaultKind};
use crate::filter::instant::parse_instant;
use crate::filter::json::is_operator;
use crate::filter::shape::BboxLiteral;
use crate::filter::wkt;
use crate::geometry::source::GeometryKind;
use crate::model::temporal::Date;

impl Parser<'_> {
    /// A property, function or literal that starts with a name.
    pub(super) fn name(&mut self) -> Result<Part, Fault> {
        let name = self.cursor.slice();
        let at = self.cursor.at();
        self.cursor.advance()?;
        let callee = match self.cursor.kind() {
            Kind::Sign(b'(') => Callee::find(name),
            // `POINT Z (…)`, `POINT EMPTY`
            Kind::Name => Callee::find(name).filter(|callee| {
                matches!(callee, Callee::Geometry(..))
                    && (self.cursor.sees_name("Z") || self.cursor.sees_name("EMPTY"))
            }),
            _ => None,
        };
        match callee {
            None => self.property_or_function(name.to_owned(), at),
            Some(Callee::Fold(op)) => {
                let (at, [argument], below) = self.exactly(name, at, Place::Element)?;
                self.cursor
                    .part(Node::Fold(op, Box::new(argument)), at, below)
            }
            Some(Callee::Spatial(op)) => {
                let (at, pair, below) = self.exactly(name, at, Place::Element)?;
                self.cursor
                    .part(Node::Spatial(op, Box::new(pair)), at, below)
            }
            Some(Callee::Temporal(op)) => {
                let (at, pair, below) = self.exactly(name, at, Place::Element)?;
                self.cursor
                    .part(Node::Temporal(op, Box::new(pair)), at, below)
            }
            Some(Callee::Array(op)) => {
                let (at, pair, below) = self.exactly(name, at, Place::ArrayOperand)?;
                self.cursor
                    .part(Node::ArrayRelation(op, Box::new(pair)), at, below)
            }
            Some(Callee::Date) => self.time(at, date),
            Some(Callee::Timestamp) => self.time(at, timestamp),
            Some(Callee::Interval) => self.interval(at),
            Some(Callee::Bbox) => self.bbox(at),
            Some(Callee::Geometry(kind, has_z)) => self.geometry(at, kind, has_z),
        }
    }

    /// After a name that CQL2 gives no meaning to.
    pub(super) fn property_or_function(&mut self, name: String, at: Span) -> Result<Part, Fault> {
        if !self.cursor.sees(b'(') {
            return self.cursor.part(Node::Property(name), at, 0);
        }
        if is_operator(&name) {
            let kind = FaultKind::UnknownFunction { name, near: None };
            return Err(Fault::new(at, kind));
        }
        let (arguments, below) = self.arguments(Place::Element)?;
        let at = self.cursor.since(at);
        self.cursor.part(Node::Function(name, arguments), at, below)
    }

    /// The arguments of a function that takes `N`: where it stands, they and the height of the highest.
    fn exactly<const N: usize>(
        &mut self,
        name: &str,
        start: Span,
        place: Place,
    ) -> Result<(Span, [Expr; N], usize), Fault> {
        let (arguments, below) = self.arguments(place)?;
        let at = self.cursor.since(start);
        let arguments = arguments.try_into().map_err(|arguments: Vec<Expr>| {
            let kind = FaultKind::ArgumentCount {
                name: name.to_owned(),
                least: N,
                most: N,
                found: arguments.len(),
            };
            Fault::new(at, kind)
        })?;
        Ok((at, arguments, below))
    }

    /// `DATE('…')` or `TIMESTAMP('…')`, at its bracket.
    fn time(
        &mut self,
        start: Span,
        read: impl FnOnce(&str) -> Result<Node, FaultKind>,
    ) -> Result<Part, Fault> {
        self.cursor.enter()?;
        if self.cursor.kind() != Kind::Text {
            return Err(self.cursor.expected(Expected::Text));
        }
        let node = read(&lex::text_value(self.cursor.slice()))
            .map_err(|kind| Fault::new(self.cursor.at(), kind))?;
        self.cursor.advance()?;
        self.cursor.demand(b')', ")")?;
        self.cursor.leave();
        let at = self.cursor.since(start);
        self.cursor.part(node, at, 0)
    }

    /// `INTERVAL(a, b)`, at its bracket.
    fn interval(&mut self, start: Span) -> Result<Part, Fault> {
        self.cursor.enter()?;
        let (first, height) = self.bound()?;
        self.cursor.demand(b',', ",")?;
        let (last, other) = self.bound()?;
        self.cursor.demand(b')', ")")?;
        self.cursor.leave();
        let at = self.cursor.since(start);
        let node = Node::Interval(Box::new([first, last]));
        self.cursor.part(node, at, height.max(other))
    }

    /// An end of an interval and its height: a text that is a day, an instant or `..`, a property or a function. `DATE('…')` and
    /// `TIMESTAMP('…')` say the same as their texts.
    fn bound(&mut self) -> Result<(Bound, usize), Fault> {
        let at = self.cursor.at();
        if self.cursor.kind() == Kind::Text {
            let text = lex::text_value(self.cursor.slice());
            if text == ".." {
                self.cursor.advance()?;
                return Ok((Bound::Open, 0));
            }
            // A day has ten letters.
            let read = if text.len() > 10 { timestamp } else { date };
            let node = read(&text).map_err(|kind| Fault::new(at, kind))?;
            self.cursor.advance()?;
            let part = self.cursor.part(node, at, 0)?;
            return Ok((Bound::At(part.expr), part.height));
        }
        if !matches!(self.cursor.kind(), Kind::Name | Kind::Quoted) {
            return Err(self.cursor.expected(Expected::Bound));
        }
        let fault = self.cursor.expected(Expected::Bound);
        let part = self.expression(Rank::Operand, Place::Value)?;
        match part.expr.node {
            Node::Property(_) | Node::Function(..) | Node::Date(_) | Node::Timestamp(_) => {
                Ok((Bound::At(part.expr), part.height))
            }
            _ => Err(fault),
        }
    }

    /// `BBOX(…)`, at its bracket. Which axis is which, and so which corner may be the greater, depends on the CRS.
    fn bbox(&mut self, start: Span) -> Result<Part, Fault> {
        self.cursor.enter()?;
        let mut numbers = [0.0; 6];
        let mut count = 0;
        loop {
            let (number, _) = wkt::read_number(&mut self.cursor)?;
            if let Some(place) = numbers.get_mut(count) {
                *place = number;
            }
            count += 1;
            if !self.cursor.take(b',')? {
                break;
            }
        }
        self.cursor.demand(b')', ", )")?;
        self.cursor.leave();
        let at = self.cursor.since(start);
        let [a, b, c, d, e, f] = numbers;
        let bbox = match count {
            4 => BboxLiteral {
                low: [a, b],
                high: [c, d],
                heights: None,
            },
            6 => BboxLiteral {
                low: [a, b],
                high: [d, e],
                heights: Some([c, f]),
            },
            _ => return Err(Fault::new(at, FaultKind::BoxCount(count))),
        };
        self.cursor.part(Node::Bbox(bbox), at, 0)
    }

    /// A geometry, after its kind.
    fn geometry(&mut self, start: Span, kind: GeometryKind, has_z: bool) -> Result<Part, Fault> {
        let shape = wkt::read(&mut self.cursor, kind, has_z)?;
        let at = self.cursor.since(start);
        self.cursor.part(Node::Geometry(shape), at, 0)
    }
}

fn date(text: &str) -> Result<Node, FaultKind> {
    let date = Date::parse(text).map(Node::Date);
    date.ok_or_else(|| FaultKind::Date(lex::quote(text)))
}

fn timestamp(text: &str) -> Result<Node, FaultKind> {
    let instant = parse_instant(text).map(Node::Timestamp);
    instant.ok_or_else(|| FaultKind::Timestamp(lex::quote(text)))
}
