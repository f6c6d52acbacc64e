//! Members of arrays in a total order.

use std::cmp::Ordering;

use crate::filter::compare::compare_int_float;
use crate::filter::shape::Shape;
use crate::filter::value::{Interval, Value};

/// A known member of an array: two that are equal are the same member.
#[derive(Debug, Clone)]
pub(super) enum Key<'v> {
    Bool(bool),
    Int(i64),
    /// Finite.
    Float(f64),
    Text(&'v str),
    /// A day, an instant or an interval.
    Time(Interval),
    Geometry(&'v Shape),
    /// Sorted, each once.
    Array(Vec<Key<'v>>),
}

/// Which kinds of time occur.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    days: bool,
    instants: bool,
}

impl Times {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            days: self.days || other.days,
            instants: self.instants || other.instants,
        }
    }

    pub(super) fn mixed(self) -> bool {
        self.days && self.instants
    }
}

impl<'v> Key<'v> {
    /// `None` for what is not known: NULL, no number, or an array with such a member.
    pub(super) fn of(value: &'v Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(n) => Self::Int(*n),
            Value::Float(n) if n.is_finite() => Self::Float(*n),
            Value::Float(_) => return None,
            Value::Text(text) => Self::Text(text),
            Value::Date(_) | Value::Timestamp(_) | Value::Interval(_) => {
                Self::Time(Interval::of(value)?)
            }
            Value::Geometry(shape) => Self::Geometry(shape),
            Value::Array(values) => {
                let mut keys = values.iter().map(Self::of).collect::<Option<Vec<_>>>()?;
                sort(&mut keys);
                Self::Array(keys)
            }
        })
    }

    /// A total order; equal are those that are one member.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Int(a), Self::Float(b)) => compare_int_float(*a, *b).unwrap_or(Ordering::Less),
            (Self::Float(a), Self::Int(b)) => {
                compare_int_float(*b, *a).map_or(Ordering::Greater, Ordering::reverse)
            }
            (Self::Float(a), Self::Float(b)) => order_doubles(*a, *b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => {
                (a.days, a.start, a.end).cmp(&(b.days, b.start, b.end))
            }
            (Self::Geometry(a), Self::Geometry(b)) => order_shapes(a, b),
            (Self::Array(a), Self::Array(b)) => order_lists(a, b, Self::order),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) | Self::Float(_) => 1,
            Self::Text(_) => 2,
            Self::Time(_) => 3,
            Self::Geometry(_) => 4,
            Self::Array(_) => 5,
        }
    }
}

/// Sorts, and keeps each member once.
pub(super) fn sort(keys: &mut Vec<Key<'_>>) {
    keys.sort_unstable_by(Key::order);
    keys.dedup_by(|a, b| a.order(b).is_eq());
}

/// The kinds of time among the members, and in arrays among them.
pub(super) fn times(keys: &[Key<'_>]) -> Times {
    keys.iter().fold(Times::default(), |found, key| {
        found.and(match key {
            Key::Time(time) => Times {
                days: time.days,
                instants: !time.days,
            },
            Key::Array(keys) => times(keys),
            _ => Times::default(),
        })
    })
}

/// The members with all instants taken as their UTC days.
pub(super) fn to_days<'v>(keys: &[Key<'v>]) -> Vec<Key<'v>> {
    let mut keys = keys
        .iter()
        .map(|key| match key {
            Key::Time(time) => Key::Time(time.to_days()),
            Key::Array(keys) => Key::Array(to_days(keys)),
            other => other.clone(),
        })
        .collect();
    sort(&mut keys);
    keys
}

/// Zeros are one number, and what is no number (a missing height) comes last.
fn order_doubles(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn order_shapes(a: &Shape, b: &Shape) -> Ordering {
    (a.kind.cmp(&b.kind))
        .then_with(|| a.counts.cmp(&b.counts))
        .then_with(|| {
            order_lists(&a.xy, &b.xy, |a, b| {
                order_doubles(a[0], b[0]).then_with(|| order_doubles(a[1], b[1]))
            })
        })
        .then_with(|| order_lists(&a.z, &b.z, |a, b| order_doubles(*a, *b)))
}

fn order_lists<T>(a: &[T], b: &[T], order: impl Fn(&T, &T) -> Ordering) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| order(a, b))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.len().cmp(&b.len()))
}
