//! An immutable block of a layer: rows in public order, their columns, shapes, ids and index.

use std::sync::Arc;

use super::blocks::Blocks;
use super::column::Column;
use super::ids::Ids;
use super::order::{Position, SortKey};
use super::row_set::RowSet;
use super::shapes::{GridShapes, SourceShapes};
use crate::geometry::grid::GridBox;
use crate::geometry::paths::GridPaths;
use crate::geometry::source::SourceGeometry;
use crate::model::{FeatureIdRef, ValueRef};

/// Rows `0..located` have a place and are in Hilbert order; rows `located..rows` have none. Both runs are by id where keys are equal.
/// All of it is shared by reference: another segment may show some of the same rows and columns for next to nothing.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(super) rows: usize,
    pub(super) located: usize,
    pub(super) columns: Vec<Column>,
    pub(super) source: Arc<SourceShapes>,
    pub(super) grid: Arc<GridShapes>,
    pub(super) ids: Ids,
    pub(super) blocks: Arc<Blocks>,
}

impl Segment {
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn located(&self) -> usize {
        self.located
    }

    pub(crate) fn id(&self, row: usize) -> FeatureIdRef<'_> {
        self.ids.get(&self.columns, row)
    }

    pub(crate) fn find(&self, id: FeatureIdRef<'_>) -> Option<usize> {
        self.ids.find(&self.columns, id)
    }

    pub(crate) fn ids_are_integers(&self) -> bool {
        self.ids.are_integers(&self.columns)
    }

    pub(crate) fn value(&self, row: usize, field: usize) -> ValueRef<'_> {
        self.columns[field].get(row)
    }

    pub(crate) fn source_geometry(&self, row: usize) -> Option<SourceGeometry<'_>> {
        self.source.get(row)
    }

    pub(crate) fn grid_bbox(&self, row: usize) -> Option<GridBox> {
        (row < self.located).then(|| self.grid.bbox(row))
    }

    pub(crate) fn grid_paths(&self, row: usize) -> GridPaths<'_> {
        if row < self.located {
            self.grid.get(row)
        } else {
            GridPaths::EMPTY
        }
    }

    pub(crate) fn position(&self, row: usize) -> Position<'_> {
        Position {
            key: self
                .grid_bbox(row)
                .map_or(SortKey::UNLOCATED, |b| SortKey::of(&b)),
            id: self.id(row),
        }
    }

    /// How many rows, or rows of a set, stand at `position` or before it. Other rows are not looked at: the order is that of the rows of
    /// the set alone.
    pub(crate) fn rank_after(&self, position: &Position<'_>, rows: Option<&RowSet>) -> usize {
        let (mut low, mut high) = (0, rows.map_or(self.rows, RowSet::len));
        while low < high {
            let middle = low.midpoint(high);
            let row = rows.map_or(Some(middle), |set| set.nth(middle));
            if row.is_some_and(|row| self.position(row) <= *position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The first row, or row of a set, after `position`; the number of rows if there is none.
    pub(crate) fn first_after(&self, position: &Position<'_>, rows: Option<&RowSet>) -> usize {
        let rank = self.rank_after(position, rows);
        rows.map_or(rank, |set| set.nth(rank).unwrap_or(self.rows))
    }

    /// Ranges of located rows that may meet a window, see [`Blocks::candidates`].
    pub(crate) fn candidates(&self, windows: &[GridBox]) -> Vec<std::ops::Range<usize>> {
        self.blocks.candidates(windows)
    }
}
