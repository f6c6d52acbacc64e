//! A checked filter over one row: the meaning of CQL2, in the plainest way.
//!
//! What is asked of many rows is planned ([`plan`](super::plan)); this is what plans fall back to, and what they are tested against.
//! Three-valued logic: `None` is unknown. Total: what cannot be computed is [`Value::Null`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::shape::Shape;
use super::spatial::Scratch;
use super::temporal::End;
use super::term::{GeometryFrame, Predicate, Term};
use super::value::{Interval, Value};
use super::{arithmetic, arrays, compare, spatial, temporal};
use crate::geometry::source::SourceGeometry;

/// A row, or what stands for one.
pub(super) trait Cells<'t> {
    /// The value of a property; of a JSON property, the array that it is.
    fn value(&self, field: usize) -> Value<'t>;

    /// What the clock by which an instant was written showed, as if it were the time in UTC.
    fn civil(&self, field: usize) -> Value<'t>;

    /// True if the property has no value at all.
    fn is_null(&self, field: usize) -> bool;

    /// The geometry in the storage CRS.
    fn geometry(&self) -> Option<SourceGeometry<'t>>;

    /// The geometry in another frame; `None` if a vertex has no place there.
    fn shape(&self, frame: GeometryFrame) -> Option<Shape>;
}

/// No row: what constants are computed from.
pub(super) struct NoCells;

impl<'t> Cells<'t> for NoCells {
    fn value(&self, _: usize) -> Value<'t> {
        Value::Null
    }

    fn civil(&self, _: usize) -> Value<'t> {
        Value::Null
    }

    fn is_null(&self, _: usize) -> bool {
        true
    }

    fn geometry(&self) -> Option<SourceGeometry<'t>> {
        None
    }

    fn shape(&self, _: GeometryFrame) -> Option<Shape> {
        None
    }
}

/// Is it true of the row?
pub(super) fn truth<'t>(predicate: &'t Predicate, row: &dyn Cells<'t>) -> Option<bool> {
    match predicate {
        Predicate::Known(known) => *known,
        Predicate::All(members) => all(members, row),
        Predicate::Any(members) => any(members, row),
        Predicate::Not(p) => truth(p, row).map(|t| !t),
        Predicate::IsNull(term) => Some(is_null(term, row)),
        Predicate::Holds(term) => as_bool(&value(term, row)),
        Predicate::Compare(op, terms) => {
            compare::holds(*op, &value(&terms[0], row), &value(&terms[1], row))
        }
        Predicate::Like(term, pattern) => match value(term, row) {
            Value::Text(text) => Some(pattern.matches(&text)),
            _ => None,
        },
        Predicate::InSet(term, set) => match value(term, row) {
            Value::Null => None,
            wanted => {
                let order = |v: &Value<'_>| compare::compare(v, &wanted).unwrap_or(Ordering::Less);
                Some(set.binary_search_by(order).is_ok())
            }
        },
        Predicate::In(term, list) => is_in(&value(term, row), list, row),
        Predicate::Spatial(op, literal) => {
            literal.holds(*op, &row.geometry()?, &mut Scratch::default())
        }
        Predicate::Relate(op, terms) => match (value(&terms[0], row), value(&terms[1], row)) {
            (Value::Geometry(a), Value::Geometry(b)) => {
                spatial::relate(*op, &a.as_source(), &b.as_source())
            }
            _ => None,
        },
        Predicate::Temporal { op, terms, days } => {
            let a = interval(&value(&terms[0], row), *days)?;
            let b = interval(&value(&terms[1], row), *days)?;
            Some(temporal::holds(*op, a, b))
        }
        Predicate::Arrays(op, terms) => match (value(&terms[0], row), value(&terms[1], row)) {
            (Value::Array(a), Value::Array(b)) => arrays::holds(*op, &a, &b),
            _ => None,
        },
    }
}

fn all<'t>(members: &'t [Predicate], row: &dyn Cells<'t>) -> Option<bool> {
    let mut known = Some(true);
    for member in members {
        match truth(member, row) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = None,
        }
    }
    known
}

fn any<'t>(members: &'t [Predicate], row: &dyn Cells<'t>) -> Option<bool> {
    let mut known = Some(false);
    for member in members {
        match truth(member, row) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = None,
        }
    }
    known
}

fn is_null<'t>(term: &'t Term, row: &dyn Cells<'t>) -> bool {
    match term {
        // A geometry that has no place in the filter's frame is still there.
        Term::Geometry(_) => row.geometry().is_none(),
        Term::Column(field) => row.is_null(*field),
        _ => value(term, row).is_null(),
    }
}

fn as_bool(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        _ => None,
    }
}

/// `a IN (b, c)` is `a = b OR a = c`.
fn is_in<'t>(wanted: &Value<'t>, list: &'t [Term], row: &dyn Cells<'t>) -> Option<bool> {
    let mut known = Some(false);
    for member in list {
        match compare::equal(wanted, &value(member, row)) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = None,
        }
    }
    known
}

/// The value of a term for the row.
pub(super) fn value<'t>(term: &'t Term, row: &dyn Cells<'t>) -> Value<'t> {
    match term {
        Term::Constant(Value::Text(text)) => Value::Text(Cow::Borrowed(text)),
        Term::Constant(constant) => constant.clone(),
        Term::Column(field) => row.value(*field),
        Term::Civil(field) => row.civil(*field),
        Term::Geometry(frame) => row
            .shape(*frame)
            .map_or(Value::Null, |shape| Value::Geometry(Arc::new(shape))),
        Term::Arithmetic(op, terms) => {
            arithmetic::apply(*op, &value(&terms[0], row), &value(&terms[1], row))
        }
        Term::Fold(op, term) => match value(term, row) {
            Value::Text(Cow::Borrowed(text)) => Value::Text(op.apply(text)),
            Value::Text(Cow::Owned(text)) => Value::Text(Cow::Owned(op.apply(&text).into_owned())),
            _ => Value::Null,
        },
        Term::Call(function, terms) => {
            let values: Vec<_> = terms.iter().map(|t| value(t, row)).collect();
            function.call(&values)
        }
        Term::Interval { ends, .. } => {
            let [start, end] = ends.each_ref().map(|e| e.as_ref().map(|t| value(t, row)));
            temporal::interval(end_of(start.as_ref()), end_of(end.as_ref()))
        }
        Term::Array(terms) => Value::Array(terms.iter().map(|t| value(t, row)).collect()),
        Term::Truth(predicate) => truth(predicate, row).map_or(Value::Null, Value::Bool),
    }
}

fn end_of<'v>(value: Option<&'v Value<'v>>) -> End<'v> {
    value.map_or(End::Open, End::At)
}

/// A date, an instant or an interval as an interval, of days if so wanted.
fn interval(value: &Value<'_>, days: bool) -> Option<Interval> {
    let interval = Interval::of(value)?;
    Some(if days { interval.to_days() } else { interval })
}
