//! From the world grid to the grid of a tile.

use super::grid::GridPoint;

/// The frame of a tile: where its corner lies on the world grid and how many units of one make a unit of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The north-west corner, in units of the world grid; outside of the grid's range for a tile seen one world further.
    pub origin: [i64; 2],
    /// Binary logarithm of the world grid's units per unit of the tile; negative where the tile's grid is the finer one.
    pub shift: i8,
}

impl Frame {
    /// The nearest point of the tile's grid, halves towards south-east. Tiles of one zoom round alike: their corners lie on the same
    /// grid. The point must lie in the tile or some thousand tiles around it.
    #[inline]
    pub fn snap(&self, p: GridPoint) -> GridPoint {
        [0, 1].map(|axis| {
            let v = i64::from(p[axis]) - self.origin[axis];
            let v = if self.shift > 0 {
                (v + (1 << (self.shift - 1))) >> self.shift
            } else {
                v << -self.shift
            };
            v as i32
        })
    }

    /// Appends the snapped points to `out`, leaving out those equal to the one before.
    pub fn line(&self, points: &[GridPoint], out: &mut Vec<GridPoint>) {
        let mut last = None;
        for p in points {
            let q = self.snap(*p);
            if last != Some(q) {
                out.push(q);
                last = Some(q);
            }
        }
    }

    /// As [`Frame::line`], for a ring whose first point is not repeated: nor is it in the result.
    pub fn ring(&self, points: &[GridPoint], out: &mut Vec<GridPoint>) {
        let start = out.len();
        self.line(points, out);
        while out.len() > start + 1 && out.last() == out.get(start) {
            out.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_one_way_on_both_sides_of_a_border() {
        let west = Frame {
            origin: [-4096 * 4, 0],
            shift: 2,
        };
        let east = Frame {
            origin: [0, 0],
            shift: 2,
        };
        for x in -20..20 {
            assert_eq!(west.snap([x, 0])[0] - 4096, east.snap([x, 0])[0]);
        }
        assert_eq!(east.snap([2, -2]), [1, 0]);
    }

    #[test]
    fn deep_tiles_have_a_finer_grid() {
        let f = Frame {
            origin: [10, 10],
            shift: -5,
        };
        assert_eq!(f.snap([11, 9]), [32, -32]);
    }

    #[test]
    fn rings_do_not_repeat_their_first_point() {
        let f = Frame {
            origin: [0, 0],
            shift: 3,
        };
        let mut out = vec![[7, 7]];
        f.ring(
            &[[0, 0], [1, 1], [80, 0], [80, 80], [3, 1], [1, 3]],
            &mut out,
        );
        assert_eq!(out, [[7, 7], [0, 0], [10, 0], [10, 10]]);
        out.clear();
        f.ring(&[[0, 0], [1, 1], [0, 2]], &mut out);
        assert_eq!(out, [[0, 0]]);
    }

    proptest! {
        #[test]
        fn the_error_is_at_most_half_a_unit(x in -(1i32 << 24)..1 << 24, shift in -5i8..20) {
            let f = Frame { origin: [-(1 << 24), 0], shift };
            let unit = f64::from(shift).exp2();
            let back = f64::from(f.snap([x, 0])[0]) * unit - f64::from(1 << 24);
            prop_assert!((back - f64::from(x)).abs() <= unit / 2.0);
        }
    }
}
