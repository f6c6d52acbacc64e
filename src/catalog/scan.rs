//! Going through the rows of a layer in public order.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use roaring::RoaringBitmap;

use super::visible::Row;
use crate::filter::{Bound, Filter};
use crate::geometry::grid::GridBox;
use crate::layer::{Position, Segment};

/// Which rows a scan meets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scan<'a> {
    /// Only rows after that place in the public order.
    pub after: Option<Position<'a>>,
    /// Only rows whose box meets one of these.
    pub windows: Option<&'a [GridBox]>,
    /// With `windows`: rows without geometry too (a `bbox` does not exclude them: OGC 17-069r4 `/req/core/fc-bbox-response`).
    pub with_unlocated: bool,
    /// Only rows that it selects.
    pub filter: Option<&'a Filter>,
    /// Once true, the scan ends: a filter may pass over millions of rows before it meets one.
    pub cancel: Option<&'a AtomicBool>,
}

/// Where a scan stands in one segment.
pub(super) struct Cursor<'a> {
    segment: &'a Segment,
    gone: Option<&'a RoaringBitmap>,
    windows: Option<&'a [GridBox]>,
    ranges: std::vec::IntoIter<Range<usize>>,
    now: Range<usize>,
    filter: Option<Bound<'a, Segment>>,
    cancel: Option<&'a AtomicBool>,
    /// With a filter: the block at hand, and its selected rows that have not been met yet.
    block: usize,
    left: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(segment: &'a Segment, gone: &'a RoaringBitmap, scan: &Scan<'a>) -> Self {
        Self {
            segment,
            gone: (!gone.is_empty()).then_some(gone),
            windows: scan.windows,
            ranges: ranges(segment, scan).into_iter(),
            now: 0..0,
            filter: scan.filter.map(|f| f.bind(segment)),
            cancel: scan.cancel,
            block: 0,
            left: 0,
        }
    }

    /// Number of rows not met yet; `None` if it was cancelled.
    pub(super) fn count(&mut self) -> Option<u64> {
        let mut count = 0;
        if self.filter.is_some() {
            while self.next_block() {
                count += u64::from(self.left.count_ones());
            }
        } else {
            count = self.by_ref().map(|_| 1).sum();
        }
        (!self.is_cancelled()).then_some(count)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|c| c.load(Ordering::Relaxed))
    }

    /// True if the row is still there and its box meets a window.
    fn is_candidate(&self, row: usize) -> bool {
        if self.gone.is_some_and(|gone| gone.contains(row as u32)) {
            return false;
        }
        match (self.windows, self.segment.grid_bbox(row)) {
            (Some(windows), Some(bbox)) => windows.iter().any(|w| w.intersects(&bbox)),
            _ => true,
        }
    }

    /// Asks the filter for the next block with candidates; false at the end.
    fn next_block(&mut self) -> bool {
        loop {
            if self.now.is_empty() {
                let Some(range) = self.ranges.next() else {
                    return false;
                };
                self.now = range;
                continue;
            }
            if self.is_cancelled() {
                return false;
            }
            self.block = self.now.start / 64;
            let end = self.now.end.min((self.block + 1) * 64);
            let mut wanted = u64::MAX << (self.now.start % 64);
            wanted &= u64::MAX >> ((self.block + 1) * 64 - end);
            self.now.start = end;
            if self.gone.is_some() || self.windows.is_some() {
                let mut rows = wanted;
                while rows != 0 {
                    let bit = rows & rows.wrapping_neg();
                    rows ^= bit;
                    if !self.is_candidate(self.block * 64 + bit.trailing_zeros() as usize) {
                        wanted ^= bit;
                    }
                }
            }
            let block = self.block;
            self.left = self
                .filter
                .as_mut()
                .map_or(wanted, |f| f.block(block, wanted));
            return true;
        }
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let row = if self.filter.is_some() {
            while self.left == 0 {
                if !self.next_block() {
                    return None;
                }
            }
            let row = self.block * 64 + self.left.trailing_zeros() as usize;
            self.left &= self.left - 1;
            row
        } else {
            loop {
                match self.now.next() {
                    Some(row) if self.is_candidate(row) => break row,
                    Some(_) => {}
                    None => self.now = self.ranges.next()?,
                }
            }
        };
        Some(Row {
            segment: self.segment,
            row,
        })
    }
}

/// Ranges of rows of one segment that a scan has to look at.
fn ranges(segment: &Segment, scan: &Scan<'_>) -> Vec<Range<usize>> {
    let start = scan.after.map_or(0, |after| segment.first_after(&after));
    let filter_windows = scan.filter.and_then(Filter::windows);
    // Rows without a place meet no window of a filter.
    let mut ranges = match (scan.windows, filter_windows) {
        (None, None) => std::iter::once(0..segment.rows()).collect(),
        (None, Some(narrow)) => segment.candidates(narrow),
        (Some(windows), None) => {
            let mut ranges = segment.candidates(windows);
            if scan.with_unlocated {
                ranges.push(segment.located()..segment.rows());
            }
            ranges
        }
        (Some(a), Some(b)) => {
            let a_is_narrower = GridBox::total_area(a) < GridBox::total_area(b);
            segment.candidates(if a_is_narrower { a } else { b })
        }
    };
    for range in &mut ranges {
        range.start = range.start.max(start).min(range.end);
    }
    ranges
}

/// Rows of all segments in public order. One segment needs no comparison; edits make few segments, so a linear choice is enough.
pub(super) fn merge(cursors: &mut [Cursor<'_>], visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>) {
    if let [cursor] = cursors {
        for row in cursor {
            if visit(row).is_break() {
                return;
            }
        }
        return;
    }
    let mut heads: Vec<Option<Row<'_>>> = cursors.iter_mut().map(Iterator::next).collect();
    loop {
        let first = heads
            .iter()
            .enumerate()
            .filter_map(|(i, head)| head.map(|row| (row.position(), i)))
            .min();
        let Some((_, i)) = first else { return };
        if let Some(row) = heads[i]
            && visit(row).is_break()
        {
            return;
        }
        heads[i] = cursors[i].next();
    }
}
