//! A tree against a schema: names, types and frames. Every fault is one of the filter's text; no row is looked at.

mod terms;

use super::ast::{CompareOp, Expr, Node, Span, SpatialOp, TemporalOp};
use super::fault::{Expected, Fault, FaultKind};
use super::like::Pattern;
use super::limits::Limits;
use super::settle::{has_days, matched, settle, value_set};
use super::shape::{BboxLiteral, Shape};
use super::spatial::Prepared;
use super::term::{GeometryFrame, Predicate, Term};
use super::value::{Type, Value};
use super::weigh::{weigh, weigh_pair};
use crate::geometry::crs::Crs;
use crate::model::Schema;

/// What a filter is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The properties and the geometry.
    pub schema: &'a Schema,
    /// The CRS of the geometries written in the filter, in the axis order of its authority.
    pub filter_crs: Crs,
    /// The CRS of the rows' geometries.
    pub storage_crs: Crs,
}

/// Checks a tree.
pub(in crate::filter) fn check(
    expr: &Expr,
    frame: &Frame<'_>,
    limits: &Limits,
) -> Result<Predicate, Fault> {
    let mut checker = Checker {
        frame,
        most: limits.cost,
        cost: 0,
    };
    checker.predicate(expr)
}

/// Estimated costs of one row, in comparisons of numbers.
mod cost {
    /// A comparison of columns and constants.
    pub const COMPARE: u64 = 1;
    /// A value computed, or a comparison of such.
    pub const VALUE: u64 = 20;
    /// Folding a text, and for each byte of it.
    pub const FOLD: u64 = 50;
    pub const FOLD_BYTE: u64 = 3;
    /// Reading a JSON array, and for each member of an array of the filter.
    pub const ARRAY: u64 = 300;
    pub const MEMBER: u64 = 40;
    /// A geometry predicate, which the index spares most rows.
    pub const SPATIAL: u64 = 100;
    /// A predicate of two geometries that no index serves.
    pub const RELATE: u64 = 2_000;
}

struct Checker<'a> {
    frame: &'a Frame<'a>,
    /// The ceiling on `cost`, asked each time that something is added: the check itself is bounded by it.
    most: u64,
    cost: u64,
}

impl Checker<'_> {
    fn spend(&mut self, cost: u64, at: Span) -> Result<(), Fault> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost <= self.most {
            return Ok(());
        }
        let kind = FaultKind::TooCostly {
            cost: self.cost,
            most: self.most,
        };
        Err(Fault::new(at, kind))
    }

    fn predicate(&mut self, expr: &Expr) -> Result<Predicate, Fault> {
        Ok(match &expr.node {
            Node::Bool(known) => Predicate::Known(Some(*known)),
            Node::And(members) => Predicate::All(self.predicates(members)?),
            Node::Or(members) => Predicate::Any(self.predicates(members)?),
            Node::Not(inner) => match self.predicate(inner)? {
                Predicate::Known(known) => Predicate::Known(known.map(|t| !t)),
                other => Predicate::Not(Box::new(other)),
            },
            Node::Compare(op, sides) => {
                let terms = self.comparable(&sides[0], &sides[1])?;
                settle(Predicate::Compare(*op, Box::new(terms)))
            }
            Node::Like(sides) => self.like(&sides[0], &sides[1])?,
            Node::Between(parts) => {
                let [a, low] = self.comparable(&parts[0], &parts[1])?;
                let [b, high] = self.comparable(&parts[0], &parts[2])?;
                let at_least = Predicate::Compare(CompareOp::GreaterOrEqual, Box::new([a, low]));
                let at_most = Predicate::Compare(CompareOp::LessOrEqual, Box::new([b, high]));
                Predicate::All(vec![settle(at_least), settle(at_most)])
            }
            Node::In(wanted, list) => self.is_in(wanted, list)?,
            Node::IsNull(inner) => self.is_null(inner)?,
            Node::Spatial(op, sides) => self.spatial(*op, &sides[0], &sides[1])?,
            Node::Temporal(op, sides) => self.temporal(*op, &sides[0], &sides[1])?,
            Node::ArrayRelation(op, sides) => {
                let terms = [self.array(&sides[0])?, self.array(&sides[1])?];
                settle(Predicate::Arrays(*op, Box::new(terms)))
            }
            Node::Property(_) | Node::Function(..) => {
                let term = self.of_types(expr, &[Type::Bool])?.0;
                settle(Predicate::Holds(term))
            }
            _ => {
                let found = self.term(expr)?.1;
                return Err(mismatch(expr.at, &[Type::Bool], found));
            }
        })
    }

    fn predicates(&mut self, members: &[Expr]) -> Result<Vec<Predicate>, Fault> {
        members.iter().map(|m| self.predicate(m)).collect()
    }

    /// Two terms that can be compared with `=` or `<`.
    fn comparable(&mut self, left: &Expr, right: &Expr) -> Result<[Term; 2], Fault> {
        let a = self.scalar(left)?;
        let b = self.scalar(right)?;
        let pair = matched((left, a), (right, b))?;
        let simple = |t: &Term| matches!(t, Term::Column(_) | Term::Constant(_));
        let is_simple = pair.iter().all(simple);
        self.spend(
            if is_simple {
                cost::COMPARE
            } else {
                cost::VALUE
            },
            left.at.to(right.at),
        )?;
        Ok(pair)
    }

    fn like(&mut self, text: &Expr, pattern: &Expr) -> Result<Predicate, Fault> {
        let (term, _) = self.of_types(text, &[Type::Text])?;
        let mut folds = Vec::new();
        let mut inner = pattern;
        while let Node::Fold(op, deeper) = &inner.node {
            // The innermost is applied first.
            folds.insert(0, *op);
            inner = deeper;
        }
        let Node::Text(literal) = &inner.node else {
            let kind = FaultKind::Expected {
                expected: Expected::Text,
                found: String::new(),
            };
            return Err(Fault::new(inner.at, kind));
        };
        let pattern = Pattern::new(literal, &folds);
        self.spend(pattern.cost(), text.at)?;
        if pattern.is_exact() {
            let text = pattern.prefix().unwrap_or("").to_owned();
            let same = [term, Term::Constant(Value::Text(text.into()))];
            return Ok(settle(Predicate::Compare(CompareOp::Equal, Box::new(same))));
        }
        Ok(settle(Predicate::Like(term, pattern)))
    }

    fn is_in(&mut self, wanted: &Expr, list: &[Expr]) -> Result<Predicate, Fault> {
        if let Node::Text(_) = wanted.node {
            // What it is read as follows from each member.
            let equal = |this: &mut Self, member| {
                let sides = this.comparable(wanted, member)?;
                Ok(settle(Predicate::Compare(
                    CompareOp::Equal,
                    Box::new(sides),
                )))
            };
            let each: Result<_, _> = list.iter().map(|member| equal(self, member)).collect();
            return Ok(settle(Predicate::Any(each?)));
        }
        let (term, found) = self.scalar(wanted)?;
        let (mut members, mut by_the_clock) = (Vec::new(), Vec::new());
        for member in list {
            let checked = self.scalar(member)?;
            // What is looked for was checked once; here it stands for its type.
            let stand_in = (Term::Column(usize::MAX), found);
            let [a, b] = matched((wanted, stand_in), (member, checked))?;
            if matches!(a, Term::Civil(_)) {
                by_the_clock.push(b);
            } else {
                members.push(b);
            }
        }
        let column = match term {
            Term::Column(field) => Some(field),
            _ => None,
        };
        Ok(match column {
            // Days among instants: each is looked for in its own way.
            Some(field) if !by_the_clock.is_empty() && !members.is_empty() => {
                let days = self.one_of(Term::Civil(field), found, by_the_clock, wanted.at)?;
                Predicate::Any(vec![
                    days,
                    self.one_of(Term::Column(field), found, members, wanted.at)?,
                ])
            }
            _ if by_the_clock.is_empty() => self.one_of(term, found, members, wanted.at)?,
            _ => {
                by_the_clock.append(&mut members);
                self.one_of(term.by_the_clock(), found, by_the_clock, wanted.at)?
            }
        })
    }

    fn one_of(
        &mut self,
        term: Term,
        found: Type,
        members: Vec<Term>,
        at: Span,
    ) -> Result<Predicate, Fault> {
        let set = value_set(&members, &term, found);
        let each = if set.is_some() {
            cost::COMPARE
        } else {
            cost::VALUE
        };
        self.spend(cost::VALUE + each * members.len() as u64, at)?;
        Ok(settle(match set {
            Some(set) => Predicate::InSet(term, set),
            None => Predicate::In(term, members),
        }))
    }

    fn is_null(&mut self, inner: &Expr) -> Result<Predicate, Fault> {
        let term = match &inner.node {
            Node::Property(name) => match self.property(name, inner.at)? {
                Some((field, _)) => Term::Column(field),
                None => Term::Geometry(GeometryFrame::Filter),
            },
            _ => self.any_term(inner)?.0,
        };
        self.spend(cost::COMPARE, inner.at)?;
        Ok(settle(Predicate::IsNull(term)))
    }

    fn spatial(&mut self, op: SpatialOp, left: &Expr, right: &Expr) -> Result<Predicate, Fault> {
        let (row_first, row_last) = (self.is_row_geometry(left), self.is_row_geometry(right));
        match (&left.node, &right.node) {
            (_, Node::Geometry(_) | Node::Bbox(_)) if row_first => self.meets(op, right),
            (Node::Geometry(_) | Node::Bbox(_), _) if row_last => {
                // The sides are exchanged with the name of the relation.
                self.meets(op.reversed(), left)
            }
            _ => {
                let terms = [
                    self.of_types(left, &[Type::Geometry])?.0,
                    self.of_types(right, &[Type::Geometry])?.0,
                ];
                let pair = match (terms[0].constant(), terms[1].constant()) {
                    (Some(Value::Geometry(a)), Some(Value::Geometry(b))) => weigh_pair(a, b),
                    _ => 0,
                };
                self.spend(cost::RELATE + pair, left.at.to(right.at))?;
                Ok(settle(Predicate::Relate(op, Box::new(terms))))
            }
        }
    }

    /// True for the name of the row's geometry. Whether there is such a property at all is asked later.
    fn is_row_geometry(&self, expr: &Expr) -> bool {
        matches!(&expr.node, Node::Property(name) if matches!(self.property(name, expr.at), Ok(None)))
    }

    fn meets(&mut self, op: SpatialOp, literal: &Expr) -> Result<Predicate, Fault> {
        let (filter, storage) = (self.frame.filter_crs, self.frame.storage_crs);
        let prepared = match &literal.node {
            Node::Bbox(bbox) => Prepared::of_bbox(&self.turned_box(bbox), filter, storage),
            Node::Geometry(shape) => {
                let prepared = !matches!(op, SpatialOp::Intersects | SpatialOp::Disjoint);
                self.spend(weigh(shape, prepared), literal.at)?;
                Prepared::of_shape(&self.turned(shape), filter, storage)
            }
            _ => unreachable!("only asked for literals"),
        };
        self.spend(cost::SPATIAL, literal.at)?;
        let prepared = prepared.map_err(|kind| Fault::new(literal.at, kind))?;
        Ok(Predicate::Spatial(op, Box::new(prepared)))
    }

    /// A geometry of the filter with x before y.
    fn turned(&self, shape: &Shape) -> Shape {
        let mut shape = shape.clone();
        for xy in &mut shape.xy {
            *xy = self.frame.filter_crs.from_authority(*xy);
        }
        shape
    }

    /// A box of the filter with x before y.
    fn turned_box(&self, bbox: &BboxLiteral) -> BboxLiteral {
        let crs = self.frame.filter_crs;
        BboxLiteral {
            low: crs.from_authority(bbox.low),
            high: crs.from_authority(bbox.high),
            heights: bbox.heights,
        }
    }

    fn temporal(&mut self, op: TemporalOp, left: &Expr, right: &Expr) -> Result<Predicate, Fault> {
        use TemporalOp::{After, Before, Disjoint, Equals, Intersects};
        let mut days = false;
        let mut terms = Vec::with_capacity(2);
        for side in [left, right] {
            let (term, found) =
                self.of_types(side, &[Type::Date, Type::Timestamp, Type::Interval])?;
            let instants = matches!(op, After | Before | Disjoint | Equals | Intersects);
            if found != Type::Interval && !instants {
                return Err(Fault::new(side.at, FaultKind::InstantNotInterval));
            }
            days |= found == Type::Date || has_days(&term);
            terms.push(term);
        }
        self.spend(cost::VALUE, left.at.to(right.at))?;
        let terms: [Term; 2] = terms.try_into().expect("two sides give two terms");
        let terms = if days {
            terms.map(Term::by_the_clock)
        } else {
            terms
        };
        Ok(settle(Predicate::Temporal {
            op,
            terms: Box::new(terms),
            days,
        }))
    }
}

fn mismatch(at: Span, expected: &[Type], found: Type) -> Fault {
    let expected = expected.to_vec();
    Fault::new(at, FaultKind::TypeMismatch { expected, found })
}
