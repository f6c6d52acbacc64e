//! Places on edges between grid vertices, exact: fractions of the way from one end to the other.

use std::cmp::Ordering;

use super::wide::sign_of_sum;
use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::predicates::cross;

/// A fraction of the way along an edge, from 0 at its start to 1 at its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along {
    n: i128,
    d: i128,
}

impl Along {
    pub(super) const START: Self = Self { n: 0, d: 1 };
    pub(super) const END: Self = Self { n: 1, d: 1 };

    /// The place of the vertex `p`, which lies on the edge `ab`.
    pub(super) fn of_vertex([a, b]: [GridPoint; 2], p: GridPoint) -> Self {
        let axis = usize::from(a[0] == b[0]);
        let [n, d] = [p, b].map(|q| i128::from(q[axis]) - i128::from(a[axis]));
        Self {
            n: n.abs(),
            d: d.abs(),
        }
    }

    /// The place at which the edge `ab` crosses the line through `cd`, between its ends.
    pub(super) fn of_crossing([a, b]: [GridPoint; 2], [c, d]: [GridPoint; 2]) -> Self {
        let (at_a, at_b) = (cross(c, d, a), cross(c, d, b));
        Self {
            n: at_a.abs(),
            d: (at_a - at_b).abs(),
        }
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        sign_of_sum(self.n, other.d, -other.n, self.d).cmp(&0)
    }

    pub(super) fn is_start(&self) -> bool {
        self.n == 0
    }

    pub(super) fn is_end(&self) -> bool {
        self.n == self.d
    }

    /// The share of the way from the lesser end of `ab` to the greater one: the same number whichever way the edge is drawn.
    pub(super) fn share(&self, [a, b]: [GridPoint; 2]) -> f64 {
        let n = if a < b { self.n } else { self.d - self.n };
        n as f64 / self.d as f64
    }

    /// The nearest grid vertex, halves towards south-east. It depends on nothing but the exact place: edges that pass through it in either
    /// direction, and the border that they meet there, agree on it.
    pub(super) fn vertex(&self, [a, b]: [GridPoint; 2]) -> GridPoint {
        if self.is_start() {
            return a;
        }
        if self.is_end() {
            return b;
        }
        [0, 1].map(|axis| {
            let run = i128::from(b[axis]) - i128::from(a[axis]);
            let shift = (2 * run * self.n + self.d).div_euclid(2 * self.d);
            // Between the coordinates of two vertices.
            (i128::from(a[axis]) + shift) as i32
        })
    }
}

/// A stretch of an edge between two places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Number of the edge in its [`super::pool::Pool`].
    pub(super) edge: u32,
    pub(super) from: Along,
    pub(super) to: Along,
}

/// A place inside of a stretch of an edge, from which a ray goes out along an axis, aside of the edge: northward, or westward from edges
/// that go north or south.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    edge: [GridPoint; 2],
    n: i128,
    d: i128,
    /// The axis across the ray.
    axis: usize,
    /// Coordinates across and along the ray, rounded down.
    floor: [i64; 2],
}

/// What a ray does with an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hit {
    Misses,
    /// The ray crosses the edge: 1 if it comes from the edge's left, −1 from its right.
    Crosses(i32),
    /// The spot lies on the edge, which goes the way of its own (of the same value as above if it did not).
    Through(i32),
}

impl Spot {
    /// Inside of the stretch of `edge` from `from` to `to`.
    pub(super) fn within(edge: [GridPoint; 2], from: Along, to: Along) -> Self {
        // The mediant of two fractions lies between them.
        let (n, d) = (from.n + to.n, from.d + to.d);
        let [a, b] = edge;
        let axis = usize::from(a[0] == b[0]);
        let floor = [axis, 1 - axis].map(|axis| {
            let run = i128::from(b[axis]) - i128::from(a[axis]);
            (i128::from(a[axis]) + (run * n).div_euclid(d)) as i64
        });
        Self {
            edge,
            n,
            d,
            axis,
            floor,
        }
    }

    /// The box in which all edges lie that the ray may hit.
    pub(super) fn window(&self) -> GridBox {
        let [across, along] = self.floor.map(|v| v as i32);
        let mut window = GridBox {
            min: [i32::MIN; 2],
            max: [i32::MAX; 2],
        };
        window.min[self.axis] = across;
        window.max[self.axis] = across.saturating_add(1);
        window.max[1 - self.axis] = along.saturating_add(1);
        window
    }

    /// True if the ray starts on the left of the spot's own edge.
    pub(super) fn ray_is_left(&self) -> bool {
        let [a, b] = self.edge;
        match self.axis {
            0 => b[0] < a[0],
            _ => b[1] > a[1],
        }
    }

    /// What the ray does with the edge `uv`. No other edge than those along its own may pass through the spot.
    pub(super) fn hit(&self, u: GridPoint, v: GridPoint) -> Hit {
        let (across, along) = (self.axis, 1 - self.axis);
        let [u_across, v_across] = [u, v].map(|p| i64::from(p[across]));
        // An end in line with the ray belongs to the lower side, so that a ray through a vertex crosses once.
        if (u_across > self.floor[0]) == (v_across > self.floor[0]) {
            return Hit::Misses;
        }
        let [low, high] = [
            i64::from(u[along].min(v[along])),
            i64::from(u[along].max(v[along])),
        ];
        if low > self.floor[1] {
            return Hit::Misses;
        }
        // Seen along a northward ray left and right are the other way round than along a westward one.
        let mirror = if self.axis == 0 { 1 } else { -1 };
        let way = if v_across > u_across { mirror } else { -mirror };
        if high < self.floor[1] {
            return Hit::Crosses(way);
        }
        let [a, b] = self.edge;
        let turn = sign_of_sum(cross(u, v, a), self.d - self.n, cross(u, v, b), self.n);
        match i32::from(turn) * way {
            0 => Hit::Through(way),
            1 => Hit::Crosses(way),
            _ => Hit::Misses,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = GridPoint> {
        (-40i32..40, -40i32..40).prop_map(|(x, y)| [x, y])
    }

    #[test]
    fn crossings_are_rounded_alike_from_all_sides() {
        let (ab, cd) = ([[0, 0], [7, 3]], [[2, 5], [5, -2]]);
        let seen = |e: [GridPoint; 2], f| Along::of_crossing(e, f).vertex(e);
        let turned = |[a, b]: [GridPoint; 2]| [b, a];
        let p = seen(ab, cd);
        for (e, f) in [
            (turned(ab), cd),
            (ab, turned(cd)),
            (cd, ab),
            (turned(cd), turned(ab)),
        ] {
            assert_eq!(seen(e, f), p);
        }
    }

    #[test]
    fn the_whole_range_of_the_grid_fits() {
        let (lo, hi) = (i32::MIN, i32::MAX);
        let (ab, cd) = ([[lo, lo], [hi, hi]], [[lo, hi], [hi, lo]]);
        let along = Along::of_crossing(ab, cd);
        // The middle of −2^31 and 2^31 − 1 is −½.
        assert_eq!(along.vertex(ab), [0, 0]);
        let spot = Spot::within(ab, along, Along::END);
        assert_eq!(spot.hit([lo, lo], [hi, lo]), Hit::Crosses(1));
        assert_eq!(spot.hit([lo, hi], [hi, lo]), Hit::Crosses(1));
        assert_eq!(spot.hit(ab[1], ab[0]), Hit::Through(-1));
        assert_eq!(spot.hit([lo, hi], [hi, hi]), Hit::Misses);
    }

    proptest! {
        #[test]
        fn a_crossing_is_one_place_on_both_edges(a in point(), b in point(), c in point(), d in point()) {
            use crate::geometry::predicates::{Contact, contact};
            prop_assume!(a != b && c != d && contact(a, b, c, d) == Contact::Cross);
            let (ab, cd) = ([a, b], [c, d]);
            let p = Along::of_crossing(ab, cd).vertex(ab);
            prop_assert_eq!(p, Along::of_crossing(cd, ab).vertex(cd));
            prop_assert_eq!(p, Along::of_crossing([b, a], cd).vertex([b, a]));
            // Nearest: the exact place is within half a unit along either axis.
            let t = Along::of_crossing(ab, cd).n as f64 / Along::of_crossing(ab, cd).d as f64;
            for axis in 0..2 {
                let exact = f64::from(a[axis]) + t * f64::from(b[axis] - a[axis]);
                prop_assert!((f64::from(p[axis]) - exact).abs() <= 0.5 + 1e-9);
            }
        }

        #[test]
        fn rays_count_what_winds_around_a_spot(ring in prop::collection::vec(point(), 3..9), a in point(), b in point()) {
            // A spot in the middle of an edge off the grid lines of the ring's vertices: the winding number by angles agrees.
            prop_assume!(a != b);
            let edge = [a, b];
            let spot = Spot::within(edge, Along::START, Along::END);
            let q = [0, 1].map(|i| f64::midpoint(f64::from(a[i]), f64::from(b[i])));
            let mut turned = 0.0;
            let mut counted = 0;
            let mut on_it = false;
            for i in 0..ring.len() {
                let (u, v) = (ring[i], ring[(i + 1) % ring.len()]);
                let [p, r] = [u, v].map(|w| [f64::from(w[0]) - q[0], f64::from(w[1]) - q[1]]);
                let (cross, dot) = (p[0] * r[1] - p[1] * r[0], p[0] * r[0] + p[1] * r[1]);
                on_it |= cross == 0.0 && dot <= 0.0;
                turned += cross.atan2(dot);
                if let Hit::Crosses(way) = spot.hit(u, v) {
                    counted += way;
                }
            }
            prop_assume!(!on_it);
            prop_assert_eq!(f64::from(counted), (turned / std::f64::consts::TAU).round());
        }
    }
}
