//! The Dimensionally Extended 9-Intersection Model (OGC 06-103r4 §6.1.15) and the relations that are read off it.

use crate::filter::ast::SpatialOp;

/// Where a point lies as seen by a geometry: a row or a column of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Location {
    Interior = 0,
    Boundary = 1,
    Exterior = 2,
}

use Location::{Boundary, Exterior, Interior};

/// For each pair of locations (first geometry, second geometry) the dimension of what they have in common, −1 for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Matrix(pub(super) [[i8; 3]; 3]);

impl Matrix {
    /// Nothing but the outside of both, which is never bounded.
    pub(super) const APART: Self = Self([[-1, -1, -1], [-1, -1, -1], [-1, -1, 2]]);

    /// Tells of something of that dimension in common.
    pub(super) fn raise(&mut self, a: Location, b: Location, dimension: i8) {
        let cell = &mut self.0[a as usize][b as usize];
        *cell = (*cell).max(dimension);
    }

    /// The dimension of what is in common, −1 for nothing.
    pub(super) fn get(&self, a: Location, b: Location) -> i8 {
        self.0[a as usize][b as usize]
    }

    fn has(&self, a: Location, b: Location) -> bool {
        self.get(a, b) >= 0
    }

    /// True if no cell of `other` is higher.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let (mine, others) = (self.0.as_flattened(), other.0.as_flattened());
        mine.iter().zip(others).all(|(mine, other)| mine >= other)
    }

    fn share(&self) -> bool {
        self.has(Interior, Interior) || self.meet_on_boundary()
    }

    fn meet_on_boundary(&self) -> bool {
        self.has(Interior, Boundary) || self.has(Boundary, Interior) || self.has(Boundary, Boundary)
    }

    /// True if part of the first geometry is outside of the second.
    fn first_sticks_out(&self) -> bool {
        self.has(Interior, Exterior) || self.has(Boundary, Exterior)
    }

    /// True if part of the second geometry is outside of the first.
    fn second_sticks_out(&self) -> bool {
        self.has(Exterior, Interior) || self.has(Exterior, Boundary)
    }
}

/// A relation asked of two geometries that are not empty, of known dimensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relation {
    pub(super) op: SpatialOp,
    pub(super) dimensions: [u8; 2],
}

impl Relation {
    /// Whether it holds, by the whole matrix. The patterns are those of 06-103r4 §6.1.15.3; `Crosses` and `Overlaps`, which it defines
    /// for some dimensions only, hold for no others, and `Crosses` may be asked in either order.
    pub(super) fn holds(self, m: &Matrix) -> bool {
        match self.op {
            SpatialOp::Intersects => m.share(),
            SpatialOp::Disjoint => !m.share(),
            SpatialOp::Contains => m.has(Interior, Interior) && !m.second_sticks_out(),
            SpatialOp::Within => m.has(Interior, Interior) && !m.first_sticks_out(),
            SpatialOp::Equals => {
                m.has(Interior, Interior) && !m.first_sticks_out() && !m.second_sticks_out()
            }
            SpatialOp::Touches => !m.has(Interior, Interior) && m.meet_on_boundary(),
            SpatialOp::Crosses => match self.dimensions {
                [1, 1] => m.get(Interior, Interior) == 0,
                [a, b] if a < b => m.has(Interior, Interior) && m.has(Interior, Exterior),
                [a, b] if a > b => m.has(Interior, Interior) && m.has(Exterior, Interior),
                _ => false,
            },
            SpatialOp::Overlaps => {
                let [a, b] = self.dimensions;
                let least = i8::from(a == 1);
                a == b
                    && m.get(Interior, Interior) >= least
                    && m.has(Interior, Exterior)
                    && m.has(Exterior, Interior)
            }
        }
    }

    /// Whether it holds, if what is known of the matrix so far settles it: cells only grow.
    pub(super) fn settled(self, m: &Matrix) -> Option<bool> {
        let [a, b] = self.dimensions;
        match self.op {
            SpatialOp::Intersects => m.share().then_some(true),
            SpatialOp::Disjoint => m.share().then_some(false),
            SpatialOp::Contains => m.second_sticks_out().then_some(false),
            SpatialOp::Within => m.first_sticks_out().then_some(false),
            SpatialOp::Equals => (m.first_sticks_out() || m.second_sticks_out()).then_some(false),
            SpatialOp::Touches => m.has(Interior, Interior).then_some(false),
            SpatialOp::Crosses if [a, b] == [1, 1] => {
                (m.get(Interior, Interior) > 0).then_some(false)
            }
            SpatialOp::Crosses if a == b => Some(false),
            SpatialOp::Overlaps if a != b => Some(false),
            SpatialOp::Crosses | SpatialOp::Overlaps => self.holds(m).then_some(true),
        }
    }

    /// Whether it holds of geometries one of which is empty: the empty set has no point in common with any other, and equals itself.
    pub(super) fn of_empty(op: SpatialOp, both: bool) -> bool {
        match op {
            SpatialOp::Disjoint => true,
            SpatialOp::Equals => both,
            _ => false,
        }
    }
}
