//! The R-tree: over blocks of rows that are neighbours on the Hilbert curve.
//!
//! A tree entry per row costs 96 bytes and most of a second per million; one per 64 rows costs next to nothing, answers faster
//! because the rows of a block lie side by side in memory, and is rebuilt at each start instead of being stored.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::shapes::GridShapes;
use crate::geometry::grid::GridBox;

/// Rows per block: 64 measured faster than 32 on large windows and as fast on small ones.
pub(crate) const BLOCK_ROWS: usize = 64;

/// What the tree costs for each of them: its box, its number, and its share of the nodes above, six children each.
pub(super) const BLOCK_BYTES: usize = 96;

/// R-tree over the blocks of a segment's located rows.
#[derive(Debug)]
pub(crate) struct Blocks {
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
    located: usize,
}

fn envelope(b: &GridBox) -> (/* min */ [f64; 2], /* max */ [f64; 2]) {
    (b.min.map(f64::from), b.max.map(f64::from))
}

impl Blocks {
    /// Bulk-loads the tree over the first `located` rows.
    pub(super) fn build(shapes: &GridShapes, located: usize) -> Self {
        let boxes = (0..located.div_ceil(BLOCK_ROWS))
            .map(|block| {
                let rows = block * BLOCK_ROWS..((block + 1) * BLOCK_ROWS).min(located);
                let bbox = rows.fold(GridBox::EMPTY, |b, row| b.union(&shapes.bbox(row)));
                let (min, max) = envelope(&bbox);
                GeomWithData::new(Rectangle::from_corners(min, max), block as u32)
            })
            .collect();
        Self {
            tree: RTree::bulk_load(boxes),
            located,
        }
    }

    /// Ranges of rows, ascending and apart, that hold every located row whose box meets one of `windows`. Rows in them need a test
    /// of their own box.
    pub(crate) fn candidates(&self, windows: &[GridBox]) -> Vec<std::ops::Range<usize>> {
        let mut blocks: Vec<u32> = Vec::new();
        for window in windows {
            let (min, max) = envelope(window);
            let hits = self
                .tree
                .locate_in_envelope_intersecting(AABB::from_corners(min, max));
            blocks.extend(hits.map(|hit| hit.data));
        }
        blocks.sort_unstable();
        blocks.dedup();
        let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
        for block in blocks {
            let start = block as usize * BLOCK_ROWS;
            let end = (start + BLOCK_ROWS).min(self.located);
            match ranges.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        ranges
    }
}
