//! Geometries and boxes written in a filter.

use crate::geometry::source::{GeometryKind, SourceGeometry};

/// A geometry of its own. In a tree its ordinates are as they were written, in the axis order of the filter's CRS; once checked, and in
/// a [`Value`](super::Value), x east comes before y. Its structure is that of [`SourceGeometry`]. Empty geometries have no vertex.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its kind.
    pub kind: GeometryKind,
    /// Its structure.
    pub counts: Vec<u32>,
    /// Its vertices.
    pub xy: Vec<[f64; 2]>,
    /// Heights, one a vertex (NaN where a vertex has none); empty if there are none.
    pub z: Vec<f64>,
}

/// Missing heights are equal.
impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        self.kind == other.kind
            && self.counts == other.counts
            && self.xy == other.xy
            && self.z.len() == other.z.len()
            && self.z.iter().zip(&other.z).all(same)
    }
}

impl Shape {
    /// A look at it.
    pub fn as_source(&self) -> SourceGeometry<'_> {
        SourceGeometry {
            kind: self.kind,
            counts: &self.counts,
            xy: &self.xy,
            z: &self.z,
            m: &[],
        }
    }
}

/// `BBOX(…)`: numbers in the order in which they were written, axes still those of the CRS's authority; west may exceed east where the
/// box crosses the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BboxLiteral {
    /// First corner, axes 1 and 2.
    pub low: [f64; 2],
    /// Second corner, axes 1 and 2.
    pub high: [f64; 2],
    /// Lowest and highest height.
    pub heights: Option<[f64; 2]>,
}
