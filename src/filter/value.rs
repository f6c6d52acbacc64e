//! What the terms of a filter evaluate to.

use std::borrow::Cow;
use std::sync::Arc;

use super::shape::Shape;

/// The type of a term, known before any row is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false.
    Bool,
    /// A number; whole numbers are exact.
    Number,
    /// Text.
    Text,
    /// A day.
    Date,
    /// An instant.
    Timestamp,
    /// Days or instants from one to another, both included.
    Interval,
    /// A geometry.
    Geometry,
    /// A list of values.
    Array,
}

/// A value of a row, or a constant. Text is borrowed from the column where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// No value, or one that cannot be computed.
    Null,
    /// [`Type::Bool`]
    Bool(bool),
    /// [`Type::Number`]
    Int(i64),
    /// [`Type::Number`]; finite
    Float(f64),
    /// [`Type::Text`]
    Text(Cow<'a, str>),
    /// [`Type::Date`]: days since 1970-01-01
    Date(i32),
    /// [`Type::Timestamp`]: microseconds since 1970-01-01T00:00:00Z
    Timestamp(i64),
    /// [`Type::Interval`]
    Interval(Interval),
    /// [`Type::Geometry`], in the frame of the filter
    Geometry(Arc<Shape>),
    /// [`Type::Array`]
    Array(Vec<Value<'a>>),
}

impl Value<'_> {
    /// True for [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// From `start` to `end`, both included: days since 1970-01-01 if `days`, else microseconds since 1970-01-01T00:00:00Z. An open end is
/// `i64::MIN` or `i64::MAX`. An instant is an interval that starts when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// First moment.
    pub start: i64,
    /// Last moment, not before `start`.
    pub end: i64,
    /// Whether the numbers are days.
    pub days: bool,
}
