//! Some rows of a segment: what layers and views are made of.

use std::sync::Arc;

use rayon::prelude::*;

use super::order::Position;
use super::row_set::{RowSet, bits};
use super::segment::Segment;
use crate::model::FeatureIdRef;

/// A segment and which of its rows are there. Cloning shares both.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) segment: Arc<Segment>,
    /// The rows that are there; all of them without it.
    pub(crate) rows: Option<Arc<RowSet>>,
}

impl Part {
    /// All rows of a segment.
    pub(crate) fn whole(segment: Segment) -> Self {
        Self {
            segment: Arc::new(segment),
            rows: None,
        }
    }

    /// The rows that are there, if not all are.
    pub(crate) fn set(&self) -> Option<&RowSet> {
        self.rows.as_deref()
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.set().map_or(self.segment.rows(), RowSet::len)
    }

    pub(crate) fn contains(&self, row: usize) -> bool {
        self.set().is_none_or(|set| set.contains(row))
    }

    /// The row of that id.
    pub(crate) fn find(&self, id: FeatureIdRef<'_>) -> Option<usize> {
        let found = self.segment.find(id);
        found.filter(|row| self.contains(*row) || crate::leak!("hidden-row-by-id"))
    }

    /// The row of that rank, counted from 0.
    pub(crate) fn nth(&self, rank: usize) -> Option<usize> {
        match self.set() {
            Some(set) => set.nth(rank),
            None => (rank < self.segment.rows()).then_some(rank),
        }
    }

    /// Where the row of that rank stands in the public order.
    pub(crate) fn position_of(&self, rank: usize) -> Option<Position<'_>> {
        self.nth(rank).map(|row| self.segment.position(row))
    }

    /// How many rows stand at `position` or before it.
    pub(crate) fn rank_after(&self, position: &Position<'_>) -> usize {
        self.segment.rank_after(position, self.set())
    }

    /// Number of blocks with rows.
    pub(crate) fn blocks(&self) -> usize {
        self.set()
            .map_or(self.segment.rows().div_ceil(64), RowSet::blocks)
    }

    /// The `place`-th block with rows, and a bit for each of them.
    pub(crate) fn block(&self, place: usize) -> (usize, u64) {
        match self.set() {
            Some(set) => set.block(place).unwrap_or((place, 0)),
            None => {
                let left = self.segment.rows().saturating_sub(place * 64);
                let mask = if left >= 64 {
                    u64::MAX
                } else {
                    (1 << left) - 1
                };
                (place, mask)
            }
        }
    }

    /// Its rows, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.blocks()).flat_map(|place| {
            let (block, mask) = self.block(place);
            bits(block, mask)
        })
    }

    /// Sums up all rows, on all cores, in no particular order.
    pub(crate) fn sum<T: Send>(
        &self,
        zero: impl Fn() -> T + Sync + Send,
        add: impl Fn(&mut T, usize) + Sync + Send,
        join: impl Fn(T, T) -> T + Sync + Send,
    ) -> T {
        (0..self.blocks())
            .into_par_iter()
            .with_min_len(SMALLEST_TASK)
            .fold(&zero, |mut sum, place| {
                let (block, mask) = self.block(place);
                for row in bits(block, mask) {
                    add(&mut sum, row);
                }
                sum
            })
            .reduce(&zero, join)
    }
}

/// Blocks that are worth handing to another core: 1,024 rows take it some tens of microseconds.
const SMALLEST_TASK: usize = 16;
