//! Coarse cells over the box of a region, each known to lie inside, outside, or to be met by the border.

use super::prepared::BoxPlace;
use crate::geometry::grid::{GridBox, GridPoint};

/// Cells a side at least and at most. Twice the square root of the number of edges is in between: the border then meets a few hundredths
/// of the cells, and sums of the most cells fit in 16 bits.
const SIDE: [usize; 2] = [16, 250];

#[derive(Debug)]
pub(super) struct Raster {
    bbox: GridBox,
    side: usize,
    /// Width and height of a cell.
    cell: [i64; 2],
    /// Number of border cells, and of cells inside, north-west of each corner: `(side + 1)²` of them, row by row.
    border: Vec<u16>,
    inside: Vec<u16>,
}

impl Raster {
    /// Over the box `bbox` of `edges`; `holds` tells whether a vertex lies in the region.
    pub(super) fn new(
        bbox: GridBox,
        edges: &[[GridPoint; 2]],
        holds: impl Fn(GridPoint) -> bool,
    ) -> Self {
        let side = (2.0 * (edges.len() as f64).sqrt()) as usize;
        let side = side.clamp(SIDE[0], SIDE[1]);
        let cell = [0, 1].map(|axis| {
            let extent = i64::from(bbox.max[axis]) - i64::from(bbox.min[axis]) + 1;
            // At least one, also of a box that is empty.
            (extent.max(1) + side as i64 - 1) / side as i64
        });
        let mut raster = Self {
            bbox,
            side,
            cell,
            border: Vec::new(),
            inside: Vec::new(),
        };
        let mut is_border = vec![false; side * side];
        for edge in edges {
            raster.draw(*edge, &mut is_border);
        }
        let is_inside = raster.fill(&is_border, holds);
        raster.border = sums(side, &is_border);
        raster.inside = sums(side, &is_inside);
        raster
    }

    /// Where a box lies, by its cells.
    #[inline]
    pub(super) fn classify(&self, around: &GridBox) -> BoxPlace {
        let bbox = &self.bbox;
        if around.is_empty() || !bbox.intersects(around) {
            return BoxPlace::Outside;
        }
        let low = [0, 1].map(|axis| self.cell_of(axis, around.min[axis].max(bbox.min[axis])));
        let high = [0, 1].map(|axis| self.cell_of(axis, around.max[axis].min(bbox.max[axis])) + 1);
        let within = |sums: &[u16]| {
            let at = |column: usize, row: usize| sums[row * (self.side + 1) + column];
            at(high[0], high[1])
                .wrapping_sub(at(low[0], high[1]))
                .wrapping_sub(at(high[0], low[1]))
                .wrapping_add(at(low[0], low[1]))
        };
        if within(&self.border) > 0 {
            return BoxPlace::Maybe;
        }
        // Cells side by side, none of which the border meets, are all alike.
        if within(&self.inside) == 0 {
            BoxPlace::Outside
        } else if bbox.contains(around) {
            BoxPlace::Inside
        } else {
            BoxPlace::Maybe
        }
    }

    fn cell_of(&self, axis: usize, v: i32) -> usize {
        ((i64::from(v) - i64::from(self.bbox.min[axis])) / self.cell[axis]) as usize
    }

    /// Marks every cell that an edge meets, and some that it nearly does.
    fn draw(&self, [a, b]: [GridPoint; 2], is_border: &mut [bool]) {
        let (a, b) = if a[0] <= b[0] { (a, b) } else { (b, a) };
        let run = f64::from(b[0]) - f64::from(a[0]);
        let rise = f64::from(b[1]) - f64::from(a[1]);
        let (top, bottom) = (a[1].min(b[1]), a[1].max(b[1]));
        for column in self.cell_of(0, a[0])..=self.cell_of(0, b[0]) {
            let west = i64::from(self.bbox.min[0]) + column as i64 * self.cell[0];
            let east = west + self.cell[0];
            let height = |x: i64| {
                let share = (x as f64 - f64::from(a[0])) / run;
                f64::from(a[1]) + share.clamp(0.0, 1.0) * rise
            };
            // An upright edge fills its column. A unit of slack covers what rounding may lose.
            let [y, z] = if run == 0.0 {
                [f64::from(top), f64::from(bottom)]
            } else {
                [height(west), height(east)]
            };
            let low = ((y.min(z) - 1.0) as i32).clamp(top, bottom);
            let high = ((y.max(z) + 1.0) as i32).clamp(top, bottom);
            for row in self.cell_of(1, low)..=self.cell_of(1, high) {
                is_border[row * self.side + column] = true;
            }
        }
    }

    /// Which of the other cells lie inside: along a row that changes only where the border was met.
    fn fill(&self, is_border: &[bool], holds: impl Fn(GridPoint) -> bool) -> Vec<bool> {
        let mut is_inside = vec![false; is_border.len()];
        for row in 0..self.side {
            let mut known = None;
            for column in 0..self.side {
                let cell = row * self.side + column;
                if is_border[cell] {
                    known = None;
                    continue;
                }
                is_inside[cell] = *known.get_or_insert_with(|| {
                    let corner = [column, row].map(|i| i as i64);
                    let at = |axis: usize| {
                        i64::from(self.bbox.min[axis]) + corner[axis] * self.cell[axis]
                    };
                    // The last cells may lie beyond the box, and the range of the grid.
                    let in_box = (0..2).all(|axis| at(axis) <= i64::from(self.bbox.max[axis]));
                    in_box && holds([at(0) as i32, at(1) as i32])
                });
            }
        }
        is_inside
    }
}

fn sums(side: usize, marked: &[bool]) -> Vec<u16> {
    let wide = side + 1;
    let mut sums = vec![0u16; wide * wide];
    for row in 0..side {
        let mut in_row = 0;
        for column in 0..side {
            in_row += u16::from(marked[row * side + column]);
            sums[(row + 1) * wide + column + 1] = sums[row * wide + column + 1] + in_row;
        }
    }
    sums
}
