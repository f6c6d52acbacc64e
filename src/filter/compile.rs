//! A filter ready to be used.

use super::ast::{Expr, SpatialOp};
use super::canonical::canonical;
use super::check::{Frame, check};
use super::fault::Fault;
use super::limits::Limits;
use super::plan::Bound;
use super::table::Table;
use super::term::Predicate;
use super::{parse_json, parse_text, to_text};
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::grid::GridBox;

/// The two encodings of CQL2 (§8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `cql2-text`
    Text,
    /// `cql2-json`
    Json,
}

/// A filter that was parsed, checked against a schema and prepared. It holds nothing of any row.
#[derive(Debug)]
pub struct Filter {
    pub(super) predicate: Predicate,
    canonical: String,
    hash: [u8; 32],
    windows: Option<Vec<GridBox>>,
    /// From the storage CRS to that of the filter, and to CRS84; `None` where they are the same.
    to_filter: Option<Transform>,
    to_crs84: Option<Transform>,
}

impl Filter {
    /// Parses and checks.
    pub fn parse(
        encoding: Encoding,
        text: &str,
        frame: &Frame<'_>,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        let expr = match encoding {
            Encoding::Text => parse_text(text, limits),
            Encoding::Json => parse_json(text, limits),
        }?;
        Self::of_expr(&expr, frame, limits)
    }

    /// Checks a tree.
    pub fn of_expr(expr: &Expr, frame: &Frame<'_>, limits: &Limits) -> Result<Self, Fault> {
        let predicate = check(expr, frame, limits)?;
        let canonical = to_text(&canonical(expr, frame.schema));
        let mut hasher = blake3::Hasher::new_derive_key("guichet 2026 cql2 filter");
        hasher.update(frame.filter_crs.uri().as_bytes());
        hasher.update(b"\n");
        hasher.update(canonical.as_bytes());
        let from_storage = |to: Crs| {
            Transform::between(frame.storage_crs, to)
                .ok()
                .filter(|t| !t.is_identity())
        };
        Ok(Self {
            windows: windows(&predicate),
            predicate,
            canonical,
            hash: *hasher.finalize().as_bytes(),
            to_filter: from_storage(frame.filter_crs),
            to_crs84: from_storage(Crs::CRS84),
        })
    }

    /// The same filter in one spelling: whatever order, brackets and case it was written in.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// A hash of the canonical form and of the CRS of its geometries: filters of equal hash select the same rows of the same layer.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Boxes on the world grid: rows outside of all of them, and rows without a place, are not selected. `None` if nothing is known.
    pub fn windows(&self) -> Option<&[GridBox]> {
        self.windows.as_deref()
    }

    /// Gets ready to look at the rows of a table that has the columns of the schema.
    pub fn bind<'a, T: Table>(&'a self, table: &'a T) -> Bound<'a, T> {
        Bound::new(
            &self.predicate,
            table,
            self.to_filter.as_ref(),
            self.to_crs84.as_ref(),
        )
    }
}

/// What the conjuncts say of the place of a row.
fn windows(predicate: &Predicate) -> Option<Vec<GridBox>> {
    match predicate {
        Predicate::All(members) => members
            .iter()
            .filter_map(windows)
            // The narrower one alone: a large shape may meet two boxes and not what they have in common.
            .min_by(|a, b| GridBox::total_area(a).total_cmp(&GridBox::total_area(b))),
        Predicate::Spatial(op, literal) if *op != SpatialOp::Disjoint => {
            // Empty geometries equal each other wherever they are not.
            let windows = literal.windows().filter(|w| !w.is_empty());
            windows.map(<[GridBox]>::to_vec)
        }
        _ => None,
    }
}
