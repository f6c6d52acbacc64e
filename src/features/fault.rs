//! What can be wrong with the parameters of a request: a closed list, without words (the API says it in the caller's language).

use crate::filter;
use crate::model::DataType;

/// One fault of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The parameter, as the request spelled it.
    pub parameter: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// The ways in which a parameter can be wrong. They depend on the request and on the public description of the layer only, never
/// on its rows.
#[derive(Debug, Clone, PartialEq)]
pub enum FaultKind {
    /// The resource has no such parameter (`/req/core/query-param-unknown`).
    Unknown,
    /// It is given more than once: two readers could take different ones.
    Repeated,
    /// Not a whole number.
    NotInteger(String),
    /// A whole number below the least one allowed.
    TooSmall {
        /// What was given.
        given: String,
        /// The least number allowed.
        least: u64,
    },
    /// A box of another count of numbers than four or six.
    BoxCount(usize),
    /// A member of the box that is no finite number.
    BoxNumber(String),
    /// The first corner is not the lower one on this axis (counted from 1).
    BoxOrder(usize),
    /// A coordinate of the box outside the CRS (`/req/core/fc-bbox-response` D).
    BoxRange(String),
    /// Neither an instant nor an interval of RFC 3339.
    Time(String),
    /// An interval that ends before it starts.
    TimeOrder(String),
    /// A CRS that the collection does not offer (`/req/crs/fc-crs-valid-value`, `/req/crs/fc-bbox-crs-valid-value`).
    CrsNotOffered(String),
    /// Not a value of the property's type.
    NotOfType {
        /// What was given.
        given: String,
        /// The type of the property.
        expected: DataType,
    },
    /// A cursor that this server did not write, or not for this query.
    Cursor,
    /// Cannot be given together with that other parameter.
    ExcludedBy(&'static str),
    /// A filter that cannot be read, or does not fit the collection.
    Cql2 {
        /// What is wrong, and where in the text.
        fault: filter::Fault,
        /// The text.
        text: String,
    },
    /// A filter that looks like JSON, without `filter-lang` saying so.
    JsonUnannounced,
    /// Not one of the values that it may have.
    NotOneOf {
        /// What was given.
        given: String,
        /// What it may be.
        allowed: &'static [&'static str],
    },
}

impl Fault {
    /// A fault of that parameter.
    pub fn new(parameter: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            parameter: parameter.into(),
            kind,
        }
    }
}
