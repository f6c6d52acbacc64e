//! A window of the world grid in cells that are known to lie inside of a geometry, or outside, or not known: it answers for the box of a
//! row without looking at a vertex.

use crate::geometry::grid::{GridBox, Y_LIMIT};
use crate::geometry::window::SLACK;

/// Cells along the longer side of a window, at most: two bits each, 64 KiB in all, stay close to the processor.
const MOST_CELLS: f64 = 512.0;
/// And for a geometry of next to no vertices.
const LEAST_CELLS: f64 = 64.0;
/// Cells per root of the number of edges: a border of n edges passes through some n cells at most.
const CELLS_PER_ROOT: f64 = 16.0;

/// A stretch of the border on the grid, straight up to the margin.
pub(super) type Chord = [[f64; 2]; 2];

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Cells {
    /// First place of the first cell.
    origin: [i64; 2],
    /// A cell has 2^shift units a side.
    shift: u32,
    columns: usize,
    rows: usize,
    /// Words of 64 cells per row.
    words: usize,
    /// One bit a cell: not known.
    unknown: Vec<u64>,
    /// One bit a cell: inside, where known.
    inside: Vec<u64>,
}

impl Cells {
    /// The cells of `window` around the border `chords`, from which the true border strays by less than `margin`. `judge` tells whether
    /// a place away from the border is inside; `None` if it cannot.
    pub(super) fn new(
        window: &GridBox,
        chords: &[Chord],
        margin: f64,
        mut judge: impl FnMut([i64; 2]) -> Option<bool>,
    ) -> Self {
        let mut cells = Self::empty(window, chords.len(), margin);
        for chord in chords {
            cells.mark(*chord, margin);
        }
        cells.mark_clamped();
        for row in 0..cells.rows {
            let mut column = 0;
            while let Some(start) = cells.next(row, column, false) {
                column = cells.next(row, start, true).unwrap_or(cells.columns);
                let known = cells
                    .above(row, start, column)
                    .or_else(|| judge(cells.middle(row, start)));
                let plane = match known {
                    Some(true) => &mut cells.inside,
                    Some(false) => continue,
                    None => &mut cells.unknown,
                };
                set(&mut plane[row * cells.words..], start, column);
            }
        }
        cells
    }

    fn empty(window: &GridBox, chords: usize, margin: f64) -> Self {
        let side = |i: usize| f64::from(window.max[i]) - f64::from(window.min[i]) + 1.0;
        let longest = side(0).max(side(1));
        let most = (CELLS_PER_ROOT * (chords as f64).sqrt()).clamp(LEAST_CELLS, MOST_CELLS);
        let mut shift = 0;
        while f64::from(1u32 << shift) < (2.0 * margin).max(longest / most) && shift < 31 {
            shift += 1;
        }
        // A cell more on each side, so that the outermost are free of the border.
        let origin = window.min.map(|v| ((i64::from(v) >> shift) - 1) << shift);
        let count = |i: usize| (((i64::from(window.max[i]) - origin[i]) >> shift) + 2) as usize;
        let (columns, rows) = (count(0), count(1));
        let words = columns.div_ceil(64);
        Self {
            origin,
            shift,
            columns,
            rows,
            words,
            unknown: vec![0; words * rows],
            inside: vec![0; words * rows],
        }
    }

    /// The column or row of a place, which may lie outside of the window.
    fn at(&self, axis: usize, place: f64) -> i64 {
        ((place - self.origin[axis] as f64) / f64::from(1u32 << self.shift)).floor() as i64
    }

    /// Marks all cells that `chord` comes closer to than `margin` as not known.
    fn mark(&mut self, [a, b]: Chord, margin: f64) {
        let (low, high) = (a[1].min(b[1]) - margin, a[1].max(b[1]) + margin);
        let first = self.at(1, low).max(0);
        let last = self.at(1, high).min(self.rows as i64 - 1);
        // A border that reaches the clamped edge of the grid is bent there.
        let clamped = a[1].abs().max(b[1].abs()) >= Y_LIMIT as f64;
        let cell = (1i64 << self.shift) as f64;
        for row in first..=last {
            let top = self.origin[1] as f64 + row as f64 * cell - margin;
            let bottom = top + cell + 2.0 * margin;
            let share = |y: f64| {
                if clamped || a[1] == b[1] {
                    None
                } else {
                    Some(((y - a[1]) / (b[1] - a[1])).clamp(0.0, 1.0))
                }
            };
            let ends = match (share(top), share(bottom)) {
                (Some(s), Some(t)) => [s, t].map(|t| a[0] + t * (b[0] - a[0])),
                _ => [a[0], b[0]],
            };
            let start = self.at(0, ends[0].min(ends[1]) - margin).max(0);
            let end = self
                .at(0, ends[0].max(ends[1]) + margin)
                .min(self.columns as i64 - 1);
            if start <= end {
                set(
                    &mut self.unknown[row as usize * self.words..],
                    start as usize,
                    end as usize + 1,
                );
            }
        }
    }

    /// Rows beyond the clamped edge of the grid all lie on it: their place there proves nothing.
    fn mark_clamped(&mut self) {
        let edge = Y_LIMIT as f64 - SLACK;
        for row in 0..self.rows {
            let top = self.origin[1] as f64 + row as f64 * (1i64 << self.shift) as f64;
            if top + (1i64 << self.shift) as f64 >= edge || top <= -edge {
                set(&mut self.unknown[row * self.words..], 0, self.columns);
            }
        }
    }

    /// The first cell of a row, from `column` on, that is unknown, or known.
    fn next(&self, row: usize, column: usize, unknown: bool) -> Option<usize> {
        let mut word = column / 64;
        let mut skip = column % 64;
        while word < self.words {
            let bits = self.unknown[row * self.words + word];
            let wanted = (if unknown { bits } else { !bits }) >> skip << skip;
            if wanted != 0 {
                let found = word * 64 + wanted.trailing_zeros() as usize;
                return (found < self.columns).then_some(found);
            }
            word += 1;
            skip = 0;
        }
        None
    }

    /// What is known of the cells above these, which are of the same kind: no border lies between.
    fn above(&self, row: usize, start: usize, end: usize) -> Option<bool> {
        let before = row.checked_sub(1)?;
        let column = self
            .next(before, start, false)
            .filter(|column| *column < end)?;
        Some(self.is_inside(before, column))
    }

    fn is_inside(&self, row: usize, column: usize) -> bool {
        self.inside[row * self.words + column / 64] >> (column % 64) & 1 == 1
    }

    fn middle(&self, row: usize, column: usize) -> [i64; 2] {
        let half = (1i64 << self.shift) / 2;
        [column, row]
            .map(|n| n as i64)
            .iter()
            .zip(self.origin)
            .fold([0; 2], |[_, x], (n, origin)| {
                [x, origin + (n << self.shift) + half]
            })
    }

    /// Whether a box lies wholly inside of the geometry or wholly outside; `None` if neither is certain.
    pub(super) fn quick(&self, b: &GridBox) -> Option<bool> {
        let cell = |axis: usize, v: i32| (i64::from(v) - self.origin[axis]) >> self.shift;
        let low = [0, 1].map(|axis| cell(axis, b.min[axis]));
        let high = [0, 1].map(|axis| cell(axis, b.max[axis]));
        let counts = [self.columns as i64, self.rows as i64];
        let (start, end) = (
            [0, 1].map(|i| low[i].max(0)),
            [0, 1].map(|i| high[i].min(counts[i] - 1)),
        );
        if (0..2).any(|i| start[i] > end[i]) {
            return Some(false);
        }
        let [first, last] = [start[0] as usize, end[0] as usize];
        for row in start[1] as usize..=end[1] as usize {
            if self
                .next(row, first, true)
                .is_some_and(|column| column <= last)
            {
                return None;
            }
        }
        let inside = self.is_inside(start[1] as usize, first);
        let sticks_out = (0..2).any(|i| low[i] < 0 || high[i] >= counts[i]);
        (!inside || !sticks_out).then_some(inside)
    }
}

/// Sets the bits `start..end` of a row.
fn set(row: &mut [u64], start: usize, end: usize) {
    for word in start / 64..end.div_ceil(64) {
        let from = start.saturating_sub(word * 64).min(63);
        let to = (end - word * 64).min(64);
        row[word] |= (u64::MAX << from) & (u64::MAX >> (64 - to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A circle of chords, whose cells must agree with the circle.
    #[test]
    fn cells_agree_with_the_shape() {
        let n = 200;
        let at = |i: i32| {
            let angle = std::f64::consts::TAU * f64::from(i) / f64::from(n);
            [angle.cos() * 1e6 + 5e6, angle.sin() * 1e6 - 3e6]
        };
        let chords: Vec<Chord> = (0..n).map(|i| [at(i), at(i + 1)]).collect();
        let window = GridBox {
            min: [3_990_000, -4_010_000],
            max: [6_010_000, -1_990_000],
        };
        let distance = |[x, y]: [i64; 2]| ((x as f64 - 5e6).hypot(y as f64 + 3e6)) / 1e6;
        let mut judged = 0;
        let cells = Cells::new(&window, &chords, 500.0, |p| {
            judged += 1;
            Some(distance(p) < 1.0)
        });
        assert!(judged < 10, "{judged}");
        let (mut inside, mut outside, mut unknown) = (0, 0, 0);
        for x in 0..150 {
            for y in 0..150 {
                let p = [3_900_000 + x * 15_000, -4_100_000 + y * 15_000];
                let dot = GridBox { min: p, max: p };
                let far = distance(p.map(i64::from));
                match cells.quick(&dot) {
                    Some(true) => {
                        assert!(far < 1.0);
                        inside += 1;
                    }
                    Some(false) => {
                        assert!(far > 0.9998);
                        outside += 1;
                    }
                    None => {
                        assert!((far - 1.0).abs() < 0.05, "{far}");
                        unknown += 1;
                    }
                }
            }
        }
        assert!(
            inside > 10 * unknown && outside > 5 * unknown,
            "{inside} {outside} {unknown}"
        );
        let b = |min, max| GridBox { min, max };
        assert_eq!(
            cells.quick(&b([4_500_000, -3_500_000], [5_500_000, -2_500_000])),
            Some(true)
        );
        assert_eq!(
            cells.quick(&b([0, -9_000_000], [9_000_000, 9_000_000])),
            None
        );
        assert_eq!(cells.quick(&b([0, 0], [9_000_000, 9_000_000])), Some(false));
        assert_eq!(
            cells.quick(&b([3_900_000, -4_100_000], [4_200_000, -3_800_000])),
            Some(false)
        );
    }

    #[test]
    fn bits_are_set_across_words() {
        let mut row = [0u64; 3];
        set(&mut row, 60, 130);
        assert_eq!(row, [0xf << 60, u64::MAX, 0b11]);
        let mut row = [0u64; 1];
        set(&mut row, 0, 64);
        assert_eq!(row, [u64::MAX]);
    }
}
