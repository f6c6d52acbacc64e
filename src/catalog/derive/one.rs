//! One stored row before the slices of a view: for whoever asks why a feature is seen, and why not.

use super::areas::{Fate, SliceAreas};
use super::piece::Frame;
use crate::access::Slice;
use crate::filter::Filter;
use crate::geometry::crs::Crs;
use crate::geometry::region::Scratch;
use crate::layer::Part;

/// What a slice makes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// It is shown whole.
    Whole,
    /// A piece of it is shown.
    Cut,
    /// That filter of the slice, by its place there, is not true of it.
    Filtered(usize),
    /// It does not lie in an area of the slice as it must.
    Outside,
}

/// What each slice makes of a row of a part; `None` for a CRS that cannot be transformed, of which no layer is.
pub(in crate::catalog) fn fates(
    part: &Part,
    row: usize,
    slices: &[Slice],
    crs: Crs,
) -> Option<Vec<RowFate>> {
    let frame = Frame::of(crs)?;
    let segment = &*part.segment;
    let areas = SliceAreas::of_all(slices);
    let mut scratch = Scratch::default();
    let mut fate = |(slice, areas): (&Slice, &SliceAreas)| {
        let is_true = |filter: &Filter| {
            let mut bound = filter.bind(segment);
            bound.block(row / 64, 1 << (row % 64)) != 0
        };
        if let Some(place) = slice.rows.iter().position(|f| !is_true(f)) {
            return RowFate::Filtered(place);
        }
        if areas.is_empty() {
            return RowFate::Whole;
        }
        match areas.fate(segment, row, &frame.grid, &mut scratch) {
            Fate::Hidden => RowFate::Outside,
            Fate::Whole => RowFate::Whole,
            Fate::Cut(_) => RowFate::Cut,
        }
    };
    Some(slices.iter().zip(&areas).map(&mut fate).collect())
}
