//! Place of the compiler of filters: parses nothing yet.

use super::ast::Span;
use super::fault::{Expected, Fault, FaultKind};
use super::limits::Limits;
use super::table::Table;
use crate::geometry::crs::Crs;
use crate::geometry::grid::GridBox;
use crate::model::Schema;

/// The two ways of writing a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// CQL2 text.
    Text,
    /// CQL2 JSON.
    Json,
}

/// What a filter is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The properties.
    pub schema: &'a Schema,
    /// The CRS of its geometries.
    pub filter_crs: Crs,
    /// The CRS of the rows.
    pub storage_crs: Crs,
}

/// A filter that can be evaluated.
#[derive(Debug)]
pub struct Filter {
    canonical: String,
}

/// A filter over one table.
#[derive(Debug)]
pub struct Bound;

impl Filter {
    /// Reads and checks it.
    pub fn parse(
        encoding: Encoding,
        text: &str,
        frame: &Frame<'_>,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        let _ = (encoding, frame);
        if text.len() > limits.length_bytes {
            return Err(Fault::new(
                Span::new(0, text.len()),
                FaultKind::TooLong(limits.length_bytes),
            ));
        }
        Err(Fault::new(
            Span::new(0, text.len()),
            FaultKind::Expected {
                expected: Expected::Predicate,
                found: text.to_owned(),
            },
        ))
    }

    /// One spelling for all that mean the same.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Hash of the canonical form.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(self.canonical.as_bytes()).as_bytes()
    }

    /// Boxes for the index.
    pub fn windows(&self) -> Option<&[GridBox]> {
        None
    }

    /// Over that table.
    pub fn bind(&self, table: &impl Table) -> Bound {
        let _ = table;
        Bound
    }
}

impl Bound {
    /// The rows of a block that match.
    pub fn block(&self, block: usize, want: u64) -> u64 {
        let _ = block;
        want
    }
}

/// As CQL2 text.
pub fn to_text(expr: &super::ast::Expr) -> String {
    format!("{expr:?}")
}
