//! Numbers that functions of filters take from geometries. Lengths and areas are those on the ellipsoid of WGS 84 (geodesics between the
//! vertices), whatever the CRS; the centroid is that of the shape in the plane of its CRS.

use geo::line_measures::{Geodesic, LengthMeasurable as _};
use geo::{GeodesicArea as _, LineString, Polygon};

use super::prepared::are_finite;
use crate::filter::fault::FaultKind;
use crate::filter::shape::Shape;
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

/// The centroid in the plane of the geometry's CRS, of its parts of the highest dimension that have an extent; `None` if it is empty, or a
/// coordinate not finite.
pub fn centroid(geometry: &SourceGeometry<'_>) -> Option<Shape> {
    let origin = *geometry.xy.first()?;
    if !are_finite(geometry.xy) {
        return None;
    }
    // Sums of weight, weight × x, weight × y for each dimension, relative to a vertex so that little is lost to rounding.
    let mut sums = [[0.0; 3]; 3];
    let mut add = |dimension: usize, weight: f64, [x, y]: [f64; 2]| {
        for (sum, term) in sums[dimension]
            .iter_mut()
            .zip([weight, weight * x, weight * y])
        {
            *sum += term;
        }
    };
    for path in geometry.paths() {
        let xy: Vec<[f64; 2]> = path
            .xy
            .iter()
            .map(|p| [p[0] - origin[0], p[1] - origin[1]])
            .collect();
        let Some((start, end)) = xy.first().zip(xy.last()) else {
            continue;
        };
        for p in &xy {
            add(0, 1.0, *p);
        }
        let closing = (path.dimension == 2).then_some([*end, *start]);
        let edges = || xy.windows(2).map(|w| [w[0], w[1]]).chain(closing);
        if path.dimension > 0 {
            for [a, b] in edges() {
                add(
                    1,
                    (b[0] - a[0]).hypot(b[1] - a[1]),
                    [0, 1].map(|i| a[i].midpoint(b[i])),
                );
            }
        }
        if path.dimension == 2 {
            let twice = |[a, b]: [[f64; 2]; 2]| {
                (a[0] - start[0]) * (b[1] - start[1]) - (b[0] - start[0]) * (a[1] - start[1])
            };
            let area: f64 = edges().map(twice).sum();
            // Exterior rings count for, holes against, whichever way they turn.
            let sign = area.signum() * if path.is_hole { -1.0 } else { 1.0 };
            for [a, b] in edges() {
                add(
                    2,
                    sign * twice([a, b]),
                    [0, 1].map(|i| (start[i] + a[i] + b[i]) / 3.0),
                );
            }
        }
    }
    let [weight, x, y] = sums.into_iter().rev().find(|[weight, ..]| *weight > 0.0)?;
    let at = [origin[0] + x / weight, origin[1] + y / weight];
    at.iter().all(|v| v.is_finite()).then(|| Shape {
        kind: GeometryKind::Point,
        counts: vec![1],
        xy: vec![at],
        z: Vec::new(),
    })
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
