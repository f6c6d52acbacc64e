//! One stored row before the slices of a view: for whoever asks why a feature is seen, and why not.

use super::areas::{Fate, SliceAreas};
use super::cells::{self, CellTale};
use super::made::Showing;
use super::piece::Frame;
use super::plan::Faces;
use crate::access::Slice;
use crate::catalog::entry::LayerEntry;
use crate::filter::Filter;
use crate::geometry::region::Scratch;
use crate::layer::Rows as _;

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

/// What a view makes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowTale {
    /// What each slice makes of it; nothing where everything or nothing is seen.
    pub fates: Vec<RowFate>,
    /// In which cell it is counted, if slices of cells show it and it is not shown itself.
    pub cells: Option<CellTale>,
}

/// What a view makes of a row of a part of a layer; `None` for a CRS that cannot be transformed, of which no layer is.
pub(in crate::catalog) fn tale(
    entry: &LayerEntry,
    (part, row): (usize, usize),
    slices: &[Slice],
) -> Option<RowTale> {
    let frame = Frame::of(entry.layer.storage_crs())?;
    let parts = entry.layer.parts();
    let segment = &*parts[part].segment;
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
    let fates = slices.iter().zip(&areas).map(&mut fate).collect();
    if slices.iter().all(|s| s.precision.is_none()) {
        return Some(RowTale { fates, cells: None });
    }
    // How many others share its cell says only the whole layer.
    let faces = Faces::of(slices, |field| field);
    let showing: Vec<Showing<'_>> = parts
        .iter()
        .map(|part| Showing::of(part, &faces, &frame))
        .collect();
    let cells = cells::tale(&showing, &faces, &frame.grid, (part, row));
    Some(RowTale { fates, cells })
}
