//! What can be wrong with a filter: a closed list. It depends on the text of the filter and the public schema only, never on a row.

use super::ast::Span;
use super::value::Type;

/// A fault and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Where in the text.
    pub at: Span,
    /// What is wrong there.
    pub kind: FaultKind,
}

impl Fault {
    /// That fault there.
    pub fn new(at: Span, kind: FaultKind) -> Self {
        Self { at, kind }
    }
}

/// The ways in which a filter can be wrong. Texts in it are quoted from the filter itself.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// Longer than that many bytes.
    TooLong(usize),
    /// Parts inside of each other deeper than that.
    TooDeep(usize),
    /// More parts than that.
    TooManyNodes(usize),
    /// More vertices than that.
    TooManyVertices(usize),
    /// Too costly to evaluate on many rows: estimated cost and ceiling.
    TooCostly {
        /// Estimated cost of a row.
        cost: u64,
        /// The ceiling.
        most: u64,
    },
    /// Something else was expected here.
    Expected {
        /// What was expected.
        expected: Expected,
        /// What stands there; empty at the end of the text.
        found: String,
    },
    /// A text, name or comment that has no end.
    Unclosed(char),
    /// A number that is none, or too great for a double.
    Number(String),
    /// No day of the calendar (`YYYY-MM-DD`).
    Date(String),
    /// No instant (`YYYY-MM-DDThh:mm:ss[.f]Z`).
    Timestamp(String),
    /// An interval that ends before it starts.
    IntervalOrder,
    /// A geometry that is none: a ring that is not closed, too few vertices, numbers of dimensions that differ.
    Geometry(GeometryFault),
    /// A box of another count of numbers than four or six.
    BoxCount(usize),
    /// A box whose second corner is below its first on that axis (counted from 1).
    BoxOrder(usize),
    /// A coordinate outside of the CRS of the filter.
    OutOfCrs(String),
    /// JSON that is no JSON.
    Json(String),
    /// A member of a JSON object that has no meaning there.
    UnknownMember {
        /// As it was written.
        name: String,
        /// A name that is close.
        near: Option<String>,
    },
    /// A member that a JSON object has twice: two readers could take different ones.
    RepeatedMember(String),
    /// No operator or function of that name.
    UnknownFunction {
        /// As it was written.
        name: String,
        /// A name that is close.
        near: Option<String>,
    },
    /// Another number of arguments.
    ArgumentCount {
        /// The operator or function.
        name: String,
        /// The least number.
        least: usize,
        /// The greatest number.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// The collection has no such property.
    UnknownProperty {
        /// As it was written.
        name: String,
        /// A name that is close.
        near: Option<String>,
    },
    /// A property whose values are of no single type: only `IS NULL` and the `A_` functions can look at it.
    Untyped(String),
    /// A value of another type than this place takes.
    TypeMismatch {
        /// The types that this place takes.
        expected: Vec<Type>,
        /// The type of what stands there.
        found: Type,
    },
    /// Two values that cannot be compared.
    Incomparable(Type, Type),
    /// A function of intervals that was given an instant (§7.8.2).
    InstantNotInterval,
    /// A CRS in which a filter's geometries cannot be brought together with those of the collection.
    NoTransform,
}

/// What a parser expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A predicate: something true or false.
    Predicate,
    /// A value: property, literal, function or `(…)`.
    Value,
    /// A comparison, `LIKE`, `IN`, `BETWEEN` or `IS NULL`.
    Operator,
    /// A word or sign; of several, with spaces between them, one.
    Token(&'static str),
    /// The end of the filter.
    End,
    /// A number.
    Number,
    /// A text in quotes.
    Text,
    /// A geometry.
    Geometry,
    /// A date, timestamp or `'..'`.
    Bound,
    /// A member of that name of a JSON object.
    Member(&'static str),
    /// A JSON object with `op`, `property`, or one of the literals.
    JsonExpression,
}

/// What is wrong with a geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum GeometryFault {
    RingNotClosed,
    RingTooShort,
    LineTooShort,
    MixedDimensions,
    /// A position of other than two or three numbers.
    Position,
    NotFinite,
    Kind,
}
