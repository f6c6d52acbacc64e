//! The public order of rows: along the world's Hilbert curve, then by id; rows without a place last, by id.

use crate::geometry::grid::{GridBox, hilbert};
use crate::model::FeatureIdRef;

/// First part of a row's place in the public order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey(u64);

impl SortKey {
    /// Rows without geometry come last. No box has this key: its middle would lie at a corner of the grid, beyond the poles.
    pub const UNLOCATED: Self = Self(u64::MAX);

    /// The key of a row with that box.
    pub fn of(bbox: &GridBox) -> Self {
        Self(hilbert(bbox.center()))
    }

    /// As a number, for a cursor.
    pub fn to_u64(self) -> u64 {
        self.0
    }

    /// From a number, out of a cursor.
    pub fn from_u64(key: u64) -> Self {
        Self(key)
    }
}

/// A row's place in the public order. It says nothing of how many rows there are, so it survives a change of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position<'a> {
    /// Where it lies.
    pub key: SortKey,
    /// Which of those that lie there.
    pub id: FeatureIdRef<'a>,
}
