//! Floor 2: CQL2 (OGC 21-065r2), the language of filters, rights and queries.
//!
//! A filter is read from text or JSON into one tree ([`Expr`]), checked against a [`Schema`](crate::model::Schema) into terms of known
//! type, and evaluated over a [`Table`]: columns and geometries, never a layer. Errors come from the text of the filter alone;
//! evaluation is total: what cannot be computed of a row is NULL, and NULL is not true (three-valued logic, §6.1).

pub mod ast;
mod fault;
mod limits;
mod shape;
pub mod spatial;
mod table;
mod value;

pub use ast::{Expr, Node, Span};
pub use fault::{Expected, Fault, FaultKind, GeometryFault};
pub use limits::Limits;
pub use shape::{Box2, Shape};
pub use table::{Codes, Column, Table, Texts, Values, Zones};
pub use value::{Interval, Type, Value};
