//! Edges are straight in the CRS in which they are compared, and bent on the grid, where boxes are kept: by how much.

use super::crs::{Crs, Transform};
use super::grid::{self, GridBox};
use super::window::{grown, on_grid};

/// Half of the stretch of a plane over which its bend is measured, in its own units (metres or feet).
const BEND_STRETCH: f64 = 10_000.0;
/// By how much a measured bend may be exceeded nearby.
const BEND_SAFETY: f64 = 2.0;
/// The bend of the shortest lines on the sphere, seen on the grid, at most: they are bent by one over its radius.
const LEAST_BEND: f64 = std::f64::consts::TAU / (8.0 * grid::WORLD as f64);

/// How far lines that are straight in some CRS are bent on the grid: a line between two points of the grid strays from the straight line
/// there by this times the square of their distance. A box on the grid around the ends of an edge need not be one around the edge.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bend(f64);

impl Bend {
    /// The bend near some points of that CRS; `None` if it has no grid around them.
    pub fn measure(points: impl IntoIterator<Item = [f64; 2]>, crs: Crs) -> Option<Self> {
        // The grid's axes run along longitude and latitude: a box stays one.
        if crs.is_geographic() || crs == Crs::WEB_MERCATOR {
            return Some(Self::default());
        }
        let to_degrees = Transform::between(crs, Crs::CRS84).ok()?;
        let mut most = LEAST_BEND;
        for p in points {
            for [dx, dy] in [[1.0, 0.0], [0.0, 1.0], [0.7, 0.7], [0.7, -0.7]] {
                let by = |t: f64| [p[0] + t * dx, p[1] + t * dy];
                let mut line = [-BEND_STRETCH, 0.0, BEND_STRETCH].map(by);
                to_degrees.convert(&mut line).ok()?;
                let [a, m, b] = line.map(on_grid);
                let stray = (m[0] - a[0].midpoint(b[0])).hypot(m[1] - a[1].midpoint(b[1]));
                let length = (b[0] - a[0]).hypot(b[1] - a[1]);
                most = most.max(stray / (length * length).max(1.0));
            }
        }
        Some(Self(most * BEND_SAFETY))
    }

    /// The bend that lines straight in degrees have on the grid, and the shortest lines on the sphere.
    pub const OF_DEGREES: Self = Self(LEAST_BEND * BEND_SAFETY);

    /// How far an edge of that length strays, in units of the grid.
    pub fn of(self, length: f64) -> f64 {
        self.0 * length * length
    }

    /// A box that holds every edge between vertices in `row`.
    pub fn reach(self, row: &GridBox) -> GridBox {
        if self.0 == 0.0 {
            return *row;
        }
        let side = |axis: usize| f64::from(row.max[axis]) - f64::from(row.min[axis]);
        grown(*row, self.0 * (side(0) * side(0) + side(1) * side(1)))
    }
}
