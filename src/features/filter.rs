//! What selects rows: box, time, properties and a CQL2 filter, all of which a row has to meet (OGC 17-069r4 §7.15.1, OGC 19-079r2
//! `/req/filter/mixing-expressions`).

use std::sync::atomic::AtomicBool;

use super::bbox::BoxFilter;
use super::datetime::Interval;
use super::equality::Equality;
use crate::catalog::{Row, Scan};
use crate::filter;

/// The selection of a query.
#[derive(Debug, Default)]
pub struct Filter {
    pub(super) bbox: Option<BoxFilter>,
    /// The interval, and the property that is meant. Without such a property every row matches.
    pub(super) time: Option<(Interval, usize)>,
    pub(super) equalities: Vec<Equality>,
    /// The `filter` parameter.
    pub(super) cql2: Option<filter::Filter>,
}

impl Filter {
    /// True if every row matches.
    pub fn is_all(&self) -> bool {
        self.is_scanned() && self.cql2.is_none()
    }

    /// True if [`Filter::scan`] meets the rows that match and no others.
    pub(super) fn is_scanned(&self) -> bool {
        self.bbox.is_none() && self.time.is_none() && self.equalities.is_empty()
    }

    /// A scan that meets all rows that match, and others that [`Filter::matches`] tells from them.
    pub(super) fn scan<'a>(&'a self, cancel: &'a AtomicBool) -> Scan<'a> {
        Scan {
            after: None,
            windows: self.bbox.as_ref().and_then(BoxFilter::windows),
            with_unlocated: true,
            filter: self.cql2.as_ref(),
            cancel: Some(cancel),
        }
    }

    /// True if the row, met by the scan, is selected. The cheapest tests come first. `scratch` spares an allocation a row.
    pub(super) fn matches(&self, row: &Row<'_>, scratch: &mut Vec<[f64; 2]>) -> bool {
        self.equalities
            .iter()
            .all(|e| e.holds(row.value(e.field())))
            && self
                .time
                .is_none_or(|(interval, field)| interval.meets(row.value(field)))
            && self.bbox.as_ref().is_none_or(|b| b.matches(row, scratch))
    }
}
