//! CQL2 JSON (OGC 21-065r2 §9 and its schema `cql2.schema.json`).
//!
//! Read as the schema has it, and beyond it what can mean one thing only:
//! - names of operators in any mixture of cases (`isnull`, `T_METBY`), as in text;
//! - drafts of the standard: the operand of `isNull` without an array, the bounds of `between` in an array of their own;
//! - the ends of an interval also as `{"date": …}` and `{"timestamp": …}`;
//! - geometries without vertices (`"coordinates": []`), collections of fewer than two members and collections in collections;
//! - `between` with dates and texts, as in text.
//!
//! Two things that the schema lets pass are refused. A member without meaning (`"not": true` beside an `op`, or the `crs` of old
//! GeoJSON) would be a part of the filter without effect; only the `bbox` of a geometry is let pass. Of a member given twice two readers
//! could take different ones.
//!
//! What is written is in the schema's form, without spaces.

mod geometry;
mod members;
mod operation;
mod parse;
mod print;
mod scan;
mod tokens;

pub(super) use operation::is_operator;
pub use parse::parse_json;
pub use print::to_json;

#[cfg(test)]
mod tests;
