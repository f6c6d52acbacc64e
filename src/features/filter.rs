//! What selects rows: box, time, properties and filter, all of which a row has to meet (OGC 17-069r4 §7.15.1, OGC 19-079r2
//! `/req/filter/mixing-expressions`).

use super::bbox::BoxFilter;
use super::datetime::Interval;
use super::equality::Equality;
use crate::catalog::Row;
use crate::filter;
use crate::geometry::grid::GridBox;

/// The selection of a query.
#[derive(Debug, Default)]
pub struct Filter {
    pub(super) bbox: Option<BoxFilter>,
    /// The interval, and the property that is meant. Without such a property every row matches.
    pub(super) time: Option<(Interval, usize)>,
    pub(super) equalities: Vec<Equality>,
    /// The parameter `filter`.
    pub(super) cql2: Option<filter::Filter>,
}

impl Filter {
    /// True if every row matches.
    pub fn is_all(&self) -> bool {
        self.bbox.is_none()
            && self.time.is_none()
            && self.equalities.is_empty()
            && self.cql2.is_none()
    }

    /// Boxes for the index, `None` to look at every row.
    pub(super) fn windows(&self) -> Option<&[GridBox]> {
        self.bbox.as_ref()?.windows()
    }

    /// True if the row is selected. The cheapest tests come first. `scratch` spares an allocation a row.
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
