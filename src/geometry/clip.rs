//! Cuts paths at the border of a box: rings by Sutherland and Hodgman, lines by Liang and Barsky.
//!
//! Where an edge meets the border the result has a vertex of its own, rounded to the nearest unit and the same whichever way the edge
//! is drawn, so that neighbours still share it. A ring that leaves the box several times comes back as one ring with stretches along
//! the border; where these overlap, the ring is not valid any more and has to be repaired once it is on the tile's grid.

use super::grid::{GridBox, GridPoint};

/// A closed box that may reach beyond the range of the grid (a tile seen one world further).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClipBox {
    /// Lowest x and y.
    pub min: [i64; 2],
    /// Highest x and y.
    pub max: [i64; 2],
}

impl ClipBox {
    /// True if the point lies inside or on the border.
    #[inline]
    pub fn contains(&self, p: GridPoint) -> bool {
        (0..2).all(|a| self.min[a] <= i64::from(p[a]) && i64::from(p[a]) <= self.max[a])
    }

    /// True if the boxes share at least a point of their borders.
    pub fn meets(&self, other: &GridBox) -> bool {
        (0..2).all(|a| {
            self.min[a] <= i64::from(other.max[a]) && i64::from(other.min[a]) <= self.max[a]
        })
    }

    /// True if `other` lies wholly inside (borders may touch).
    pub fn encloses(&self, other: &GridBox) -> bool {
        (0..2).all(|a| {
            self.min[a] <= i64::from(other.min[a]) && i64::from(other.max[a]) <= self.max[a]
        })
    }
}

/// Clips to one box after another with the same buffers.
#[derive(Debug, Default)]
pub struct Clip {
    from: Vec<GridPoint>,
    to: Vec<GridPoint>,
}

impl Clip {
    /// The part of a ring inside the box, as one ring (first point not repeated); empty if there is none. May repeat points and run
    /// back and forth along the border.
    pub fn ring(&mut self, ring: &[GridPoint], bounds: &ClipBox) -> &[GridPoint] {
        let around = GridBox::around(ring);
        self.from.clear();
        if ring.is_empty() || !bounds.meets(&around) {
            return &self.from;
        }
        self.from.extend_from_slice(ring);
        for axis in 0..2 {
            if i64::from(around.min[axis]) < bounds.min[axis] {
                self.cut(axis, bounds.min[axis], 1);
            }
            if i64::from(around.max[axis]) > bounds.max[axis] {
                self.cut(axis, bounds.max[axis], -1);
            }
        }
        &self.from
    }

    /// Keeps what lies on one side of a line across `axis` at `border`: above for `sign` 1, below for −1.
    fn cut(&mut self, axis: usize, border: i64, sign: i64) {
        let Self { from, to } = self;
        to.clear();
        let Some(&last) = from.last() else {
            return;
        };
        let depth = |p: GridPoint| sign * (i64::from(p[axis]) - border);
        let mut a = last;
        let mut a_depth = depth(a);
        for &b in from.iter() {
            let b_depth = depth(b);
            // An end on the border is its own crossing.
            if (a_depth < 0 && b_depth > 0) || (a_depth > 0 && b_depth < 0) {
                to.push(crossing(a, b, axis, border));
            }
            if b_depth >= 0 {
                to.push(b);
            }
            (a, a_depth) = (b, b_depth);
        }
        std::mem::swap(from, to);
    }

    /// Calls `piece` on each part of a line inside the box, in order; a part can be a single point where the line only touches it.
    pub fn line(
        &mut self,
        line: &[GridPoint],
        bounds: &ClipBox,
        mut piece: impl FnMut(&[GridPoint]),
    ) {
        let around = GridBox::around(line);
        if line.is_empty() || !bounds.meets(&around) {
            return;
        }
        if bounds.encloses(&around) {
            piece(line);
            return;
        }
        let part = &mut self.from;
        part.clear();
        for edge in line.windows(2) {
            let Some([a, b]) = clip_segment(edge[0], edge[1], bounds) else {
                continue;
            };
            if part.last() != Some(&a) {
                if !part.is_empty() {
                    piece(part);
                    part.clear();
                }
                part.push(a);
            }
            if a != b {
                part.push(b);
            }
            if b != edge[1] {
                piece(part);
                part.clear();
            }
        }
        if !part.is_empty() {
            piece(part);
        }
    }
}

/// The part of a segment inside the box, in its direction.
fn clip_segment(a: GridPoint, b: GridPoint, bounds: &ClipBox) -> Option<[GridPoint; 2]> {
    let mut ends = [a, b];
    for axis in 0..2 {
        for (border, sign) in [(bounds.min[axis], 1), (bounds.max[axis], -1)] {
            let depth = ends.map(|p| sign * (i64::from(p[axis]) - border));
            if depth[0] < 0 && depth[1] < 0 {
                return None;
            }
            for end in 0..2 {
                if depth[end] < 0 {
                    // Cut on the whole segment, so that rounding does not add up.
                    let mut cut = crossing(a, b, axis, border);
                    let other = 1 - axis;
                    let within = [
                        ends[0][other].min(ends[1][other]),
                        ends[0][other].max(ends[1][other]),
                    ];
                    cut[other] = cut[other].clamp(within[0], within[1]);
                    ends[end] = cut;
                }
            }
        }
    }
    Some(ends)
}

/// Where the segment `ab` meets the line across `axis` at `border`, which lies between its ends; the other coordinate is rounded to
/// the nearest unit, halves upward, and does not depend on the direction of the segment.
fn crossing(a: GridPoint, b: GridPoint, axis: usize, border: i64) -> GridPoint {
    let (a, b) = if a[axis] < b[axis] { (a, b) } else { (b, a) };
    let other = 1 - axis;
    let run = i64::from(b[axis]) - i64::from(a[axis]);
    let rise = i64::from(b[other]) - i64::from(a[other]);
    let along = border - i64::from(a[axis]);
    // Only edges that span more than half a world need the wider numbers.
    let shift = if let Some(product) = rise.checked_mul(along) {
        let whole = product.div_euclid(run);
        whole + i64::from(product.rem_euclid(run) * 2 >= run)
    } else {
        let (product, run) = (i128::from(rise) * i128::from(along), i128::from(run));
        (product.div_euclid(run) + i128::from(product.rem_euclid(run) * 2 >= run)) as i64
    };
    let mut p = [0; 2];
    // Both lie between the coordinates of two vertices.
    p[axis] = border as i32;
    p[other] = (i64::from(a[other]) + shift) as i32;
    p
}

#[cfg(test)]
mod tests {
    use super::super::predicates::ring_area;
    use super::*;
    use proptest::prelude::*;

    const BOX: ClipBox = ClipBox {
        min: [0, 0],
        max: [100, 100],
    };

    fn ring(xy: &[GridPoint]) -> Vec<GridPoint> {
        Clip::default().ring(xy, &BOX).to_vec()
    }

    fn lines(xy: &[GridPoint]) -> Vec<Vec<GridPoint>> {
        let mut out = Vec::new();
        Clip::default().line(xy, &BOX, |p| out.push(p.to_vec()));
        out
    }

    #[test]
    fn rings_inside_around_and_outside() {
        let inside = [[1, 1], [9, 1], [9, 9]];
        assert_eq!(ring(&inside), inside);
        let around = [[-500, -500], [500, -500], [500, 500], [-500, 500]];
        assert_eq!(ring_area(&ring(&around)), 20_000);
        assert_eq!(
            ring(&[[200, 0], [300, 0], [300, 9]]),
            Vec::<GridPoint>::new()
        );
        // Its box meets the clip box, the ring does not.
        let beside = ring(&[[-90, 50], [50, -90], [-90, -90]]);
        assert!(beside.is_empty() || ring_area(&beside) == 0);
    }

    #[test]
    fn an_edge_on_the_border_is_kept_as_it_is() {
        let on = [[0, 0], [100, 0], [100, 100], [0, 100]];
        assert_eq!(ring(&on), on);
        assert_eq!(
            ring(&[[-50, 20], [0, 20], [0, 30], [-50, 30]]),
            [[0, 20], [0, 30]]
        );
    }

    #[test]
    fn lines_come_in_pieces() {
        assert_eq!(
            lines(&[[-10, 50], [110, 50], [110, 60], [-10, 60]]),
            [vec![[0, 50], [100, 50]], vec![[100, 60], [0, 60]],]
        );
        assert_eq!(lines(&[[10, 10], [20, 20], [-20, 20], [10, 30]]).len(), 2);
        assert_eq!(lines(&[[-10, 10], [10, -10]]), [vec![[0, 0]]]);
        assert_eq!(lines(&[[-10, 9], [9, -10]]), Vec::<Vec<GridPoint>>::new());
        assert_eq!(
            lines(&[[100, 10], [110, 10], [100, 20]]),
            [vec![[100, 10]], vec![[100, 20]]]
        );
    }

    #[test]
    fn a_box_beyond_the_grid_is_met() {
        let beyond = ClipBox {
            min: [1 << 30, -100],
            max: [3 << 30, 100],
        };
        let far = [
            [(1 << 30) - 50, -50],
            [(1 << 30) + 50, -50],
            [(1 << 30) + 50, 50],
        ];
        let mut clip = Clip::default();
        assert!(clip.ring(&far, &beyond).iter().all(|p| p[0] >= 1 << 30));
        let world = [
            [i32::MIN, i32::MIN],
            [i32::MAX, i32::MIN],
            [i32::MAX, i32::MAX],
            [i32::MIN, i32::MAX - 1],
        ];
        assert!(clip.ring(&world, &beyond).len() >= 4);
    }

    fn points() -> impl Strategy<Value = Vec<GridPoint>> {
        let near = -150i32..250;
        prop::collection::vec((near.clone(), near), 3..20)
            .prop_map(|v| v.into_iter().map(|(x, y)| [x, y]).collect())
    }

    proptest! {
        #[test]
        fn rings_stay_inside_and_do_not_grow(radii in prop::collection::vec(20f64..250.0, 5..24)) {
            // A star around a point does not cross itself; the area of one that does means nothing.
            let turn = std::f64::consts::TAU / radii.len() as f64;
            let xy: Vec<GridPoint> = radii
                .iter()
                .zip(0..)
                .map(|(r, i)| {
                    let (sin, cos) = (turn * f64::from(i)).sin_cos();
                    [(50.0 + r * cos).round() as i32, (50.0 + r * sin).round() as i32]
                })
                .collect();
            let out = ring(&xy);
            prop_assert!(out.iter().all(|p| BOX.contains(*p)));
            // Rounded crossings move an edge by half a unit.
            prop_assert!(ring_area(&out).abs() <= ring_area(&xy).abs() + 400);
        }

        #[test]
        fn neighbours_share_their_crossings(a in (-150i32..250, -150i32..250), b in (-150i32..250, -150i32..250)) {
            let (a, b) = ([a.0, a.1], [b.0, b.1]);
            let forth = lines(&[a, b]);
            let back = lines(&[b, a]);
            let back: Vec<Vec<_>> = back.iter().map(|l| l.iter().rev().copied().collect()).collect();
            prop_assert_eq!(forth, back);
        }

        #[test]
        fn lines_stay_inside_and_lose_nothing(xy in points()) {
            let pieces = lines(&xy);
            prop_assert!(pieces.iter().flatten().all(|p| BOX.contains(*p)));
            for p in xy.iter().filter(|p| BOX.contains(**p)) {
                prop_assert!(pieces.iter().any(|l| l.contains(p)));
            }
        }
    }
}
