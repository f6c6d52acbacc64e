//! Places in the plane that can be compared with edges exactly: vertices, and points in which two edges cross. The coordinates of a
//! crossing cannot be written as doubles; on which side of a line it lies can still be told without error.

use std::cmp::Ordering;

use robust::{Coord, orient2d};

use super::expansion::Expansion;

/// A point of the plane.
pub(super) type Point = [f64; 2];

/// The side of the line from `a` to `b` on which `p` lies: 1 left, −1 right, 0 on the line. Exact.
pub(super) fn side(a: Point, b: Point, p: Point) -> i8 {
    let coord = |[x, y]: Point| Coord { x, y };
    sign(orient2d(coord(a), coord(b), coord(p)))
}

fn sign(number: f64) -> i8 {
    i8::from(number > 0.0) - i8::from(number < 0.0)
}

/// A place that can be compared with vertices and edges.
pub(super) trait Site {
    /// A box around it.
    fn reach(&self) -> [Point; 2];
    /// Its coordinate on that axis, compared with a number.
    fn cmp(&self, axis: usize, number: f64) -> Ordering;
    /// The side of the line from `a` to `b` on which it lies.
    fn side(&self, a: Point, b: Point) -> i8;

    /// True if it is that vertex.
    fn is(&self, vertex: Point) -> bool {
        (0..2).all(|axis| self.cmp(axis, vertex[axis]) == Ordering::Equal)
    }
}

impl Site for Point {
    fn reach(&self) -> [Point; 2] {
        [*self, *self]
    }

    fn cmp(&self, axis: usize, number: f64) -> Ordering {
        // Coordinates are finite: this only spares a case that cannot be.
        self[axis].partial_cmp(&number).unwrap_or(Ordering::Equal)
    }

    fn side(&self, a: Point, b: Point) -> i8 {
        side(a, b, *self)
    }
}

/// The point in which two edges cross, which is inside of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    edges: [[Point; 2]; 2],
    /// It lies between these corners.
    reach: [Point; 2],
}

/// Something that is zero along a line: a coordinate's distance from a number, or the area of a triangle over two points.
#[derive(Clone, Copy)]
enum Line {
    Level(usize, f64),
    Through(Point, Point),
}

impl Line {
    fn sign(self, p: Point) -> i8 {
        match self {
            Self::Level(axis, number) => sign(p[axis] - number),
            Self::Through(a, b) => side(a, b, p),
        }
    }

    fn exact(self, p: Point) -> Expansion {
        match self {
            Self::Level(axis, number) => Expansion::difference(p[axis], number),
            Self::Through(a, b) => {
                let from_p = |q: Point| [0, 1].map(|axis| Expansion::difference(q[axis], p[axis]));
                let ([ax, ay], [bx, by]) = (from_p(a), from_p(b));
                ax.times(&by).minus(&ay.times(&bx))
            }
        }
    }
}

impl Crossing {
    /// The crossing of two edges; `None` unless they meet in one point inside of both.
    pub(super) fn of(a: [Point; 2], b: [Point; 2]) -> Option<Self> {
        let apart = |e: [Point; 2], f: [Point; 2]| side(e[0], e[1], f[0]) * side(e[0], e[1], f[1]);
        (apart(a, b) < 0 && apart(b, a) < 0).then(|| Self {
            edges: [a, b],
            reach: reach(a, b),
        })
    }

    /// The sign of `line` at the crossing.
    fn sign(&self, line: Line) -> i8 {
        for [p, q] in self.edges {
            match (line.sign(p), line.sign(q)) {
                (a, b) if a == b => return a,
                (0, one) | (one, 0) => return one,
                _ => {}
            }
        }
        // At a share t of the first edge from p to q, line = line(p) + t (line(q) − line(p)), where t = f(p) / (f(p) − f(q)) and f is
        // zero along the second edge; f(p) and f(q) differ in sign.
        let [[p, q], [c, d]] = self.edges;
        let f = Line::Through(c, d);
        let share = f.exact(p).times(&line.exact(q));
        let rest = f.exact(q).times(&line.exact(p));
        share.minus(&rest).sign() * f.sign(p)
    }
}

/// Corners around the crossing of two edges: their boxes' common part, narrowed by the rounded crossing and its error where the edges are
/// not all but parallel.
fn reach(a: [Point; 2], b: [Point; 2]) -> [Point; 2] {
    let mut low = [0, 1].map(|i| (a[0][i].min(a[1][i])).max(b[0][i].min(b[1][i])));
    let mut high = [0, 1].map(|i| (a[0][i].max(a[1][i])).min(b[0][i].max(b[1][i])));
    // Twice the area over the second edge, and a bound of its error (four roundings of up to half a unit in the last place each).
    let area = |p: Point| {
        let left = (b[0][0] - p[0]) * (b[1][1] - p[1]);
        let right = (b[0][1] - p[1]) * (b[1][0] - p[0]);
        (
            left - right,
            4.0 * f64::EPSILON * (left.abs() + right.abs()),
        )
    };
    let ((from, from_error), (to, to_error)) = (area(a[0]), area(a[1]));
    let doubt = from_error / from.abs() + to_error / to.abs();
    if from * to < 0.0 && doubt < 1e-3 {
        let share = from / (from - to);
        for i in 0..2 {
            let near = a[0][i] + share * (a[1][i] - a[0][i]);
            let error = (2.0 * doubt + 8.0 * f64::EPSILON) * (a[1][i] - a[0][i]).abs()
                + 4.0 * f64::EPSILON * (a[0][i].abs() + a[1][i].abs());
            low[i] = low[i].max(near - error);
            high[i] = high[i].min(near + error);
        }
    }
    [low, high]
}

impl Site for Crossing {
    fn reach(&self) -> [Point; 2] {
        self.reach
    }

    fn cmp(&self, axis: usize, number: f64) -> Ordering {
        if number < self.reach[0][axis] {
            return Ordering::Greater;
        }
        if number > self.reach[1][axis] {
            return Ordering::Less;
        }
        self.sign(Line::Level(axis, number)).cmp(&0)
    }

    fn side(&self, a: Point, b: Point) -> i8 {
        self.sign(Line::Through(a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = [i64; 2]> {
        [-9i64..10, -9i64..10]
    }

    fn float(p: [i64; 2]) -> Point {
        p.map(|v| v as f64)
    }

    /// The crossing as fractions of integers: numerators of x and y over one denominator.
    fn fraction(a: [[i64; 2]; 2], b: [[i64; 2]; 2]) -> ([i64; 2], i64) {
        let d = |e: [[i64; 2]; 2]| [e[1][0] - e[0][0], e[1][1] - e[0][1]];
        let (u, v) = (d(a), d(b));
        let cross = u[0] * v[1] - u[1] * v[0];
        let w = [b[0][0] - a[0][0], b[0][1] - a[0][1]];
        let t = w[0] * v[1] - w[1] * v[0];
        ([0, 1].map(|i| a[0][i] * cross + t * u[i]), cross)
    }

    proptest! {
        #[test]
        fn crossings_compare_as_fractions_do(a in [point(), point()], b in [point(), point()], c in [point(), point()]) {
            let Some(crossing) = Crossing::of(a.map(float), b.map(float)) else {
                return Ok(());
            };
            let (numerators, denominator) = fraction(a, b);
            prop_assert!(denominator != 0);
            for axis in 0..2 {
                let scaled = c[0][axis] * denominator;
                let expected = (numerators[axis] * denominator.signum()).cmp(&(scaled * denominator.signum()));
                prop_assert_eq!(crossing.cmp(axis, c[0][axis] as f64), expected);
                let value = numerators[axis] as f64 / denominator as f64;
                prop_assert!(crossing.reach[0][axis] <= value + 1e-12 && value - 1e-12 <= crossing.reach[1][axis]);
            }
            let [u, v] = c;
            let area = (u[0] * denominator - numerators[0]) * (v[1] * denominator - numerators[1])
                - (u[1] * denominator - numerators[1]) * (v[0] * denominator - numerators[0]);
            prop_assert_eq!(crossing.side(float(u), float(v)), area.signum() as i8);
        }
    }

    #[test]
    fn three_lines_that_all_but_meet() {
        // The crossing of the diagonals is (0.5, 0.5); the third line passes through it, or a hair beside it.
        let crossing =
            Crossing::of([[0.0, 0.0], [1.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]).expect("they cross");
        assert_eq!(crossing.side([0.0, 0.25], [1.0, 0.75]), 0);
        assert_eq!(crossing.side([0.0, 0.25], [1.0, 0.75f64.next_up()]), -1);
        assert_eq!(crossing.side([0.0, 0.25], [1.0, 0.75f64.next_down()]), 1);
        assert!(crossing.is([0.5, 0.5]));
        assert!(!crossing.is([0.5, 0.5f64.next_up()]));
    }
}
