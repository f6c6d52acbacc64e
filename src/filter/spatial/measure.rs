//! Numbers that functions of filters take from geometries. Lengths and areas are those on the ellipsoid of WGS 84 (geodesics between the
//! vertices), whatever the CRS.

use geo::line_measures::{Geodesic, LengthMeasurable as _};
use geo::{GeodesicArea as _, LineString, Polygon};

use crate::filter::fault::FaultKind;
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::source::{GeometryKind, SourceGeometry, SourcePath, Step};

/// Lengths and areas of geometries of one CRS.
#[derive(Debug, Clone)]
pub struct Measures {
    to_degrees: Transform,
}

impl Measures {
    /// For geometries in the CRS `frame`.
    pub fn new(frame: Crs) -> Result<Self, FaultKind> {
        let to_degrees =
            Transform::between(frame, Crs::CRS84).map_err(|_| FaultKind::NoTransform)?;
        Ok(Self { to_degrees })
    }

    /// The area of the polygons, in m²: that within exterior rings (the smaller side of each on Earth, whichever way it turns) without
    /// that within holes. 0 where there is no polygon; `None` if a vertex has no place on Earth.
    pub fn area_m2(&self, geometry: &SourceGeometry<'_>) -> Option<f64> {
        self.sum(geometry, |path, line| match path.dimension {
            2 => {
                let area = Polygon::new(line, Vec::new()).geodesic_area_signed().abs();
                if path.is_hole { -area } else { area }
            }
            _ => 0.0,
        })
        .map(|area| area.max(0.0))
    }

    /// The length of the lines, in m. 0 where there is no line; `None` if a vertex has no place on Earth.
    pub fn length_m(&self, geometry: &SourceGeometry<'_>) -> Option<f64> {
        self.sum(geometry, |path, line| match path.dimension {
            1 => line.length(&Geodesic),
            _ => 0.0,
        })
    }

    /// The length of the rings of the polygons, in m. 0 where there is no polygon; `None` if a vertex has no place on Earth.
    pub fn perimeter_m(&self, geometry: &SourceGeometry<'_>) -> Option<f64> {
        self.sum(geometry, |path, line| match path.dimension {
            2 => line.length(&Geodesic),
            _ => 0.0,
        })
    }

    /// Adds up a number of each path; rings are closed first.
    fn sum(
        &self,
        geometry: &SourceGeometry<'_>,
        of: impl Fn(&SourcePath<'_>, LineString) -> f64,
    ) -> Option<f64> {
        let mut degrees = geometry.xy.to_vec();
        self.to_degrees.convert(&mut degrees).ok()?;
        let moved = SourceGeometry {
            xy: &degrees,
            ..*geometry
        };
        let sum: f64 = moved
            .paths()
            .iter()
            .map(|path| {
                let mut line = LineString::from(path.xy.to_vec());
                if path.dimension == 2 {
                    line.close();
                }
                of(path, line)
            })
            .sum();
        sum.is_finite().then_some(sum)
    }
}

/// The coordinate of a point along x (east); `None` for other kinds and empty points.
pub fn x(geometry: &SourceGeometry<'_>) -> Option<f64> {
    coordinate(geometry, 0)
}

/// The coordinate of a point along y (north); `None` for other kinds and empty points.
pub fn y(geometry: &SourceGeometry<'_>) -> Option<f64> {
    coordinate(geometry, 1)
}

fn coordinate(geometry: &SourceGeometry<'_>, axis: usize) -> Option<f64> {
    match (geometry.kind, geometry.xy) {
        (GeometryKind::Point, [p]) => Some(p[axis]).filter(|v| v.is_finite()),
        _ => None,
    }
}

/// The number of vertices, the repeated one that closes a ring included, also where the source left it out.
pub fn vertex_count(geometry: &SourceGeometry<'_>) -> usize {
    let open = |path: &&SourcePath<'_>| path.dimension == 2 && path.xy.first() != path.xy.last();
    geometry.xy.len() + geometry.paths().iter().filter(open).count()
}

/// The topological dimension of its kind: 0 for points, 1 for lines, 2 for polygons, that of the highest member for collections; `None`
/// for collections without members.
pub fn dimension(geometry: &SourceGeometry<'_>) -> Option<u8> {
    let mut most = None;
    geometry.walk(&mut |step| {
        if let Step::Begin(kind) = step {
            most = most.max(kind.dimension());
        }
    });
    most
}
