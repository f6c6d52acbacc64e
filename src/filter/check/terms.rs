//! The terms of a filter: what has a value for a row, and of which type.

use super::{Checker, cost, mismatch};
use crate::filter::ast::{Bound, Expr, Node, Span};
use crate::filter::fault::{Fault, FaultKind};
use crate::filter::functions;
use crate::filter::near::nearest;
use crate::filter::settle::{computed, text_bytes, type_of};
use crate::filter::spatial::box_shape;
use crate::filter::term::{GeometryFrame, Term};
use crate::filter::value::{Type, Value};
use crate::geometry::crs::{Crs, Transform};
use crate::model::DataType;

impl Checker<'_> {
    pub(super) fn scalar(&mut self, expr: &Expr) -> Result<(Term, Type), Fault> {
        const SCALARS: [Type; 5] = [
            Type::Number,
            Type::Text,
            Type::Date,
            Type::Timestamp,
            Type::Bool,
        ];
        self.of_types(expr, &SCALARS)
    }

    pub(super) fn array(&mut self, expr: &Expr) -> Result<Term, Fault> {
        self.spend(cost::ARRAY, expr.at)?;
        if let Node::Property(name) = &expr.node
            && let Some((field, DataType::Json)) = self.property(name, expr.at)?
        {
            return Ok(Term::Column(field));
        }
        Ok(self.of_types(expr, &[Type::Array])?.0)
    }

    /// A term of one of these types.
    pub(super) fn of_types(
        &mut self,
        expr: &Expr,
        expected: &[Type],
    ) -> Result<(Term, Type), Fault> {
        let (term, found) = self.term(expr)?;
        if expected.contains(&found) {
            Ok((term, found))
        } else {
            Err(mismatch(expr.at, expected, found))
        }
    }

    /// A term whose type is known.
    pub(super) fn term(&mut self, expr: &Expr) -> Result<(Term, Type), Fault> {
        if let Node::Property(name) = &expr.node
            && let Some((_, DataType::Json)) = self.property(name, expr.at)?
        {
            return Err(Fault::new(expr.at, FaultKind::Untyped(name.clone())));
        }
        self.any_term(expr)
    }

    pub(super) fn any_term(&mut self, expr: &Expr) -> Result<(Term, Type), Fault> {
        let constant = |value, of_type| Ok((Term::Constant(value), of_type));
        match &expr.node {
            Node::Bool(b) => constant(Value::Bool(*b), Type::Bool),
            Node::Int(i) => constant(Value::Int(*i), Type::Number),
            Node::Float(f) => constant(Value::Float(*f), Type::Number),
            Node::Text(text) => constant(Value::Text(text.clone().into()), Type::Text),
            Node::Date(date) => constant(Value::Date(date.0), Type::Date),
            Node::Timestamp(us) => constant(Value::Timestamp(*us), Type::Timestamp),
            Node::Interval(ends) => self.interval(ends, expr.at),
            Node::Geometry(shape) => {
                let shape = self.turned(shape);
                constant(Value::Geometry(shape.into()), Type::Geometry)
            }
            Node::Bbox(bbox) => {
                let shape = box_shape(&self.turned_box(bbox), self.frame.filter_crs)
                    .map_err(|kind| Fault::new(expr.at, kind))?;
                constant(Value::Geometry(shape.into()), Type::Geometry)
            }
            Node::Array(members) => {
                let terms: Result<Vec<_>, _> = members
                    .iter()
                    .map(|m| match &m.node {
                        Node::Array(_) => Ok(self.any_term(m)?.0),
                        _ => Ok(self.term(m)?.0),
                    })
                    .collect();
                self.spend(cost::MEMBER * members.len() as u64, expr.at)?;
                Ok((computed(Term::Array(terms?)), Type::Array))
            }
            Node::Property(name) => Ok(match self.property(name, expr.at)? {
                Some((field, data_type)) => (Term::Column(field), type_of(data_type)),
                None => (Term::Geometry(GeometryFrame::Filter), Type::Geometry),
            }),
            Node::Arithmetic(op, sides) => {
                let terms = [
                    self.of_types(&sides[0], &[Type::Number])?.0,
                    self.of_types(&sides[1], &[Type::Number])?.0,
                ];
                self.spend(cost::VALUE, expr.at)?;
                let term = computed(Term::Arithmetic(*op, Box::new(terms)));
                Ok((term, Type::Number))
            }
            Node::Fold(op, inner) => {
                let (term, _) = self.of_types(inner, &[Type::Text])?;
                self.spend(cost::FOLD + cost::FOLD_BYTE * text_bytes(&term), expr.at)?;
                Ok((computed(Term::Fold(*op, Box::new(term))), Type::Text))
            }
            Node::Function(name, arguments) => self.call(name, arguments, expr.at),
            _ => {
                let predicate = self.predicate(expr)?;
                Ok((computed(Term::Truth(Box::new(predicate))), Type::Bool))
            }
        }
    }

    fn interval(&mut self, ends: &[Bound; 2], at: Span) -> Result<(Term, Type), Fault> {
        let mut days = false;
        let mut terms = Vec::with_capacity(2);
        for end in ends {
            terms.push(match end {
                Bound::Open => None,
                Bound::At(expr) => {
                    let (term, found) = self.of_types(expr, &[Type::Date, Type::Timestamp])?;
                    days |= found == Type::Date;
                    Some(term)
                }
            });
        }
        if days {
            terms = terms
                .into_iter()
                .map(|t| t.map(Term::by_the_clock))
                .collect();
        }
        let is_free = terms.iter().flatten().all(|t| t.constant().is_some());
        let ends: [Option<Term>; 2] = terms.try_into().expect("two bounds give two ends");
        let term = computed(Term::Interval {
            ends: Box::new(ends),
            days,
        });
        if is_free && matches!(term.constant(), Some(Value::Null)) {
            return Err(Fault::new(at, FaultKind::IntervalOrder));
        }
        Ok((term, Type::Interval))
    }

    fn call(&mut self, name: &str, arguments: &[Expr], at: Span) -> Result<(Term, Type), Fault> {
        let function = functions::find(name).ok_or_else(|| {
            let kind = FaultKind::UnknownFunction {
                name: name.to_owned(),
                near: functions::near(name).map(str::to_owned),
            };
            Fault::new(at, kind)
        })?;
        if !(function.least..=function.most).contains(&arguments.len()) {
            let kind = FaultKind::ArgumentCount {
                name: function.name.to_owned(),
                least: function.least,
                most: function.most,
                found: arguments.len(),
            };
            return Err(Fault::new(at, kind));
        }
        let mut terms = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            let types = function.argument(i).map_or(&[][..], |a| a.types);
            let (term, found) = self.of_types(argument, types)?;
            terms.push(match found {
                Type::Geometry => self.on_the_ellipsoid(term, argument.at)?,
                // The year, the hour are those that the clock showed.
                Type::Timestamp => term.by_the_clock(),
                _ => term,
            });
        }
        let bytes: u64 = terms.iter().map(text_bytes).sum();
        self.spend(u64::from(function.cost) + bytes, at)?;
        Ok((computed(Term::Call(function, terms)), function.returns))
    }

    /// Functions of geometries measure on the ellipsoid, whatever the CRS of the filter.
    fn on_the_ellipsoid(&self, term: Term, at: Span) -> Result<Term, Fault> {
        Ok(match term {
            Term::Geometry(_) => Term::Geometry(GeometryFrame::Crs84),
            Term::Constant(Value::Geometry(shape)) => {
                let no_transform = || Fault::new(at, FaultKind::NoTransform);
                let mut shape = (*shape).clone();
                Transform::between(self.frame.filter_crs, Crs::CRS84)
                    .map_err(|_| no_transform())?
                    .convert(&mut shape.xy)
                    .map_err(|_| no_transform())?;
                Term::Constant(Value::Geometry(shape.into()))
            }
            other => other,
        })
    }

    /// The property of that name: its place and type, or `None` for the geometry.
    pub(super) fn property(
        &self,
        name: &str,
        at: Span,
    ) -> Result<Option<(usize, DataType)>, Fault> {
        let schema = self.frame.schema;
        if let Some(field) = schema.index_of(name) {
            return Ok(Some((field, schema.fields[field].data_type)));
        }
        let has_geometry = !schema.geometry_kinds.is_empty();
        if has_geometry && (name == schema.geometry_name() || name == "geometry") {
            return Ok(None);
        }
        let names = schema.fields.iter().map(|f| f.name.as_str());
        let geometry = has_geometry.then(|| schema.geometry_name());
        let kind = FaultKind::UnknownProperty {
            name: name.to_owned(),
            near: nearest(name, names.chain(geometry)).map(str::to_owned),
        };
        Err(Fault::new(at, kind))
    }
}
