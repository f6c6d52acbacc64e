//! Which rows of a part a slice shows. Tests are made on the rows as they are stored: what a publisher writes into a profile may look at
//! properties that nobody sees.

use rayon::prelude::*;

use super::areas::{Fate, SliceAreas};
use super::bits::{self, Bits};
use crate::access::Slice;
use crate::filter::{Bound, Filter};
use crate::geometry::grid::GridBox;
use crate::geometry::region::{Clipped, Scratch, StorageFrame};
use crate::layer::{Part, Segment, bits as rows_of};

/// What a slice shows of a part.
#[derive(Debug)]
pub(super) struct Match {
    /// The rows that pass all its tests.
    pub(super) rows: Bits,
    /// Those of which it shows a piece only.
    pub(super) cut: Bits,
    /// These pieces, by row.
    pieces: Vec<(usize, Clipped)>,
}

impl Match {
    /// What it shows of a row that it cuts.
    pub(super) fn piece(&self, row: usize) -> Option<&Clipped> {
        let place = self.pieces.binary_search_by_key(&row, |(r, _)| *r).ok()?;
        Some(&self.pieces[place].1)
    }
}

/// What it shows of one block.
struct Tested {
    block: usize,
    rows: u64,
    pieces: Vec<(usize, Clipped)>,
}

/// Blocks that are worth binding the filters once more for.
const BLOCKS_PER_TASK: usize = 128;

/// Tests the rows of a part.
pub(super) fn find(part: &Part, slice: &Slice, areas: &SliceAreas, frame: &StorageFrame) -> Match {
    let segment = &*part.segment;
    let mut candidates = bits::all(part);
    let filters = &slice.rows[..];
    for windows in filters.iter().filter_map(|f| f.windows()) {
        narrow(&mut candidates, segment, windows);
    }
    for bbox in areas.boxes() {
        narrow(&mut candidates, segment, &[bbox]);
    }
    let blocks: Vec<usize> = (0..candidates.len())
        .filter(|b| candidates[*b] != 0)
        .collect();
    let tested: Vec<Tested> = blocks
        .par_chunks(BLOCKS_PER_TASK)
        .flat_map_iter(|blocks| {
            let mut bound: Vec<Bound<'_, Segment>> =
                filters.iter().map(|f| Filter::bind(f, segment)).collect();
            let mut scratch = Scratch::default();
            let candidates = &candidates;
            blocks.iter().map(move |block| {
                let mut rows = candidates[*block];
                if !crate::leak!("row-filter-skipped") {
                    for filter in &mut bound {
                        rows = filter.block(*block, rows);
                    }
                }
                located(segment, areas, (*block, rows), frame, &mut scratch)
            })
        })
        .collect();
    let mut found = Match {
        rows: bits::none(part),
        cut: bits::none(part),
        pieces: Vec::new(),
    };
    for tested in tested {
        found.rows[tested.block] = tested.rows;
        for (row, _) in &tested.pieces {
            bits::set(&mut found.cut, *row);
        }
        found.pieces.extend(tested.pieces);
    }
    found
}

/// Of the rows of a block those that pass the tests of areas, and the pieces of those that are cut.
fn located(
    segment: &Segment,
    areas: &SliceAreas,
    (block, mut rows): (usize, u64),
    frame: &StorageFrame,
    scratch: &mut Scratch,
) -> Tested {
    let mut pieces = Vec::new();
    if !areas.is_empty() {
        for row in rows_of(block, rows) {
            match areas.fate(segment, row, frame, scratch) {
                Fate::Hidden => rows ^= 1 << (row % 64),
                Fate::Whole => {}
                Fate::Cut(piece) => pieces.push((row, *piece)),
            }
        }
    }
    Tested {
        block,
        rows,
        pieces,
    }
}

/// Takes out the rows that lie in no block near the windows: none of them has a box that meets one.
fn narrow(candidates: &mut Bits, segment: &Segment, windows: &[GridBox]) {
    let mut near = vec![0; candidates.len()];
    for range in segment.candidates(windows) {
        for word in &mut near[range.start / 64..range.end.div_ceil(64)] {
            *word = u64::MAX;
        }
    }
    bits::keep(candidates, &near);
}
