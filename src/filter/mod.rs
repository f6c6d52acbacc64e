//! Floor 2: CQL2 (OGC 21-065r2), the language of filters, rights and queries.
//!
//! A filter is read from text or JSON into one tree ([`Expr`]), checked against a [`Schema`](crate::model::Schema) into terms of known
//! type, and evaluated over a [`Table`]: columns and geometries, never a layer. Errors come from the text of the filter alone;
//! evaluation is total: what cannot be computed of a row is NULL, and NULL is not true (three-valued logic, §6.1).

mod arithmetic;
mod arrays;
pub mod ast;
mod canonical;
mod cells;
mod check;
mod compare;
mod compile;
mod evaluate;
mod fault;
mod fold;
pub mod functions;
mod instant;
mod json;
mod kernel;
mod like;
mod limits;
mod near;
mod plan;
mod ranges;
mod settle;
mod shape;
pub(crate) mod spatial;
mod table;
mod temporal;
mod term;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod weigh;
mod wkt;
mod words;

pub use ast::{Expr, Node, Span};
pub use check::Frame;
pub use compile::{Encoding, Filter};
pub use fault::{Expected, Fault, FaultKind, GeometryFault};
pub use json::{parse_json, to_json};
pub use limits::Limits;
pub use plan::Bound;
pub use shape::{BboxLiteral, Shape};
pub use spatial::Measures;
pub use table::{Clocks, Codes, Column, Table, Texts, Values, Zones, head};
pub use text::{parse_text, to_text};
pub use value::{Interval, Type, Value};
pub use wkt::parse_wkt;
pub use words::Place;
