//! Going through the rows of a layer in public order.

use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use super::visible::Row;
use crate::filter::{Bound, Filter};
use crate::geometry::grid::GridBox;
use crate::layer::{Part, Position, RowSet, Segment, bits};

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
    shown: Option<&'a RowSet>,
    /// With `shown`: the place of the first of its blocks that is in `now` or after it.
    place: usize,
    windows: Option<&'a [GridBox]>,
    ranges: std::vec::IntoIter<Range<usize>>,
    /// What is left of the range at hand, from the next block on.
    now: Range<usize>,
    filter: Option<Bound<'a, Segment>>,
    cancel: Option<&'a AtomicBool>,
    /// The block at hand, and those of its rows that have not been met yet.
    block: usize,
    left: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(part: &'a Part, scan: &Scan<'a>) -> Self {
        let shown = part.set();
        Self {
            segment: &part.segment,
            shown,
            place: 0,
            windows: scan.windows,
            ranges: ranges(&part.segment, shown, scan).into_iter(),
            now: 0..0,
            filter: scan.filter.map(|f| f.bind(&*part.segment)),
            cancel: scan.cancel,
            block: 0,
            left: 0,
        }
    }

    /// Goes on at the row of that rank, of a scan of all rows that has not met any.
    pub(super) fn skip_to(&mut self, rank: usize) {
        let rows = self.segment.rows();
        let start = self.shown.map_or(Some(rank), |set| set.nth(rank));
        let rest = start.unwrap_or(rows).min(rows)..rows;
        self.ranges = Vec::from([rest]).into_iter();
    }

    /// Number of rows not met yet; `None` if it was cancelled.
    pub(super) fn count(&mut self) -> Option<u64> {
        let mut count = 0;
        if self.filter.is_some() {
            while self.next_block() {
                count += u64::from(self.left.count_ones());
            }
        } else if self.windows.is_some() {
            count = self.by_ref().map(|_| 1).sum();
        } else {
            let rank = |row| self.shown.map_or(row, |set| set.rank(row)) as u64;
            count = self
                .ranges
                .by_ref()
                .map(|r| rank(r.end) - rank(r.start))
                .sum();
        }
        (!self.is_cancelled()).then_some(count)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_some_and(|c| c.load(Ordering::Relaxed))
    }

    /// True if the row's box meets a window.
    fn is_candidate(&self, row: usize) -> bool {
        match (self.windows, self.segment.grid_bbox(row)) {
            (Some(windows), Some(bbox)) => windows.iter().any(|w| w.intersects(&bbox)),
            _ => true,
        }
    }

    /// Steps to the next block with rows that are shown, within the ranges; their bits.
    fn next_mask(&mut self) -> Option<u64> {
        loop {
            if self.now.is_empty() {
                self.now = self.ranges.next()?;
                if let Some(shown) = self.shown {
                    self.place = shown.place_of(self.now.start / 64);
                }
                continue;
            }
            self.block = self.now.start / 64;
            let mut mask = u64::MAX << (self.now.start % 64);
            if let Some(shown) = self.shown {
                let (block, bits) = shown.block(self.place)?;
                if block * 64 >= self.now.end {
                    self.now.start = self.now.end;
                    continue;
                }
                if block > self.block {
                    self.block = block;
                    mask = u64::MAX;
                }
                self.place += 1;
                mask &= bits;
            }
            let end = self.now.end.min((self.block + 1) * 64);
            mask &= u64::MAX >> ((self.block + 1) * 64 - end);
            self.now.start = end;
            return Some(mask);
        }
    }

    /// The same, and what the filter leaves of them; false at the end.
    fn next_block(&mut self) -> bool {
        if self.is_cancelled() {
            return false;
        }
        let Some(mut mask) = self.next_mask() else {
            return false;
        };
        // Without a filter windows are looked at row by row, when its turn comes.
        if self.filter.is_some() && self.windows.is_some() {
            for row in bits(self.block, mask) {
                if !self.is_candidate(row) {
                    mask ^= 1 << (row % 64);
                }
            }
        }
        let block = self.block;
        self.left = match &mut self.filter {
            Some(filter) => filter.block(block, mask),
            None => mask,
        };
        true
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        loop {
            while self.left == 0 {
                if !self.next_block() {
                    return None;
                }
            }
            let row = self.block * 64 + self.left.trailing_zeros() as usize;
            self.left &= self.left - 1;
            if self.filter.is_some() || self.is_candidate(row) {
                return Some(Row {
                    segment: self.segment,
                    row,
                });
            }
        }
    }
}

/// Ranges of rows of one segment that a scan has to look at.
fn ranges(segment: &Segment, shown: Option<&RowSet>, scan: &Scan<'_>) -> Vec<Range<usize>> {
    let start = scan
        .after
        .map_or(0, |after| segment.first_after(&after, shown));
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

/// Rows of all parts in public order. One part needs no comparison; there are few parts, so a linear choice is enough.
pub(super) fn merge<'a>(
    cursors: &mut [Cursor<'a>],
    visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) {
    if let [cursor] = cursors {
        for row in cursor {
            if visit(row).is_break() {
                return;
            }
        }
        return;
    }
    let head = |cursor: &mut Cursor<'a>| cursor.next().map(|row| (row.position(), row));
    let mut heads: Vec<Option<(Position<'a>, Row<'a>)>> = cursors.iter_mut().map(head).collect();
    loop {
        let first = heads
            .iter()
            .enumerate()
            .filter_map(|(i, head)| head.map(|(position, row)| (position, i, row)))
            .min_by_key(|(position, i, _)| (*position, *i));
        let Some((_, i, row)) = first else { return };
        if visit(row).is_break() {
            return;
        }
        heads[i] = head(&mut cursors[i]);
    }
}

/// All rows of the parts in public order.
pub(super) fn in_order(parts: &[Part], visit: &mut dyn FnMut(Row<'_>)) {
    let scan = Scan::default();
    let mut cursors: Vec<Cursor<'_>> = parts.iter().map(|p| Cursor::new(p, &scan)).collect();
    merge(&mut cursors, &mut |row| {
        visit(row);
        ControlFlow::Continue(())
    });
}

/// How many rows of each part are among the first `offset` of the public order.
pub(super) fn ranks_at(parts: &[Part], offset: usize) -> Vec<usize> {
    if let [part] = parts {
        return vec![offset.min(part.len())];
    }
    let mut low = vec![0; parts.len()];
    let mut high: Vec<usize> = parts.iter().map(Part::len).collect();
    // Invariant: rows below `low` come before the wanted place, rows from `high` on do not.
    loop {
        let widest = (0..parts.len()).max_by_key(|i| high[*i] - low[*i]);
        let Some(widest) = widest.filter(|i| high[*i] > low[*i]) else {
            return low;
        };
        let middle = low[widest].midpoint(high[widest]);
        let Some(position) = parts[widest].position_of(middle) else {
            return low;
        };
        let ranks: Vec<usize> = parts
            .iter()
            .map(|part| part.rank_after(&position))
            .collect();
        let up_to = ranks.iter().sum::<usize>();
        for (i, rank) in ranks.into_iter().enumerate() {
            if up_to <= offset {
                low[i] = low[i].max(rank);
            } else {
                // The middle row itself is at the wanted place or after it, and ids are unique: nothing else stands at its position.
                let rank = if i == widest { middle } else { rank };
                high[i] = high[i].min(rank).max(low[i]);
            }
        }
    }
}
