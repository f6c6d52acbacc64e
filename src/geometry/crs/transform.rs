//! Moving coordinates from one system to another, a slice at a time.

use super::{Crs, CrsError, definition};
use proj4rs::errors::Result as ProjResult;
use proj4rs::transform::{Transform as ProjTransform, TransformClosure, transform};
use proj4rs::{Proj, errors::Error as ProjError};
use std::sync::Arc;

/// Radius of the sphere of EPSG:3857, in metres: the semi-major axis of WGS 84.
const MERCATOR_RADIUS: f64 = 6_378_137.0;
/// No plane coordinate of any system, in metres or in feet, is as large: the false eastings of zone-numbered grids stay below 2e8.
const PLANE_LIMIT: f64 = 1e9;
/// Longitudes may run past the antimeridian, once around at most.
const LONGITUDE_LIMIT: f64 = 360.0;
const LATITUDE_LIMIT: f64 = 90.0;
/// What a point becomes that cannot be converted.
const REJECTED: [f64; 2] = [f64::NAN; 2];

/// A transform between two systems: built once, shared by threads, cheap to clone.
///
/// Points are `[x, y]`, east before north, degrees where a system is geographic. Results agree with PROJ (without grids) to 1e-5 m for
/// systems of full [`super::Support`]; forward and back returns to within 1e-9 degrees.
///
/// Longitudes that come out of a projection are continuous around its central meridian, also past ±180: a shape across the
/// antimeridian stays in one piece. (Where the datum is shifted as well, they are wrapped to ±180.)
#[derive(Debug, Clone)]
pub struct Transform(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    from: Crs,
    to: Crs,
    steps: Steps,
}

#[derive(Debug)]
enum Steps {
    /// The same numbers on both sides.
    Identity,
    /// Both ends lie on the WGS 84 degrees: no datum, no projection library.
    Direct(Frame, Frame),
    /// Through the projection library, in radians.
    Projected {
        from: Frame,
        source: Box<Proj>,
        to: Frame,
        target: Box<Proj>,
    },
}

/// How the numbers of a system relate to what the projection library takes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Frame {
    /// Degrees; the library wants radians.
    Degrees,
    /// Spherical Mercator, done here; the library sees WGS 84 radians.
    Mercator,
    /// Any other plane, the library's own.
    Plane,
}

/// Some points of a slice could not be converted: outside of what the projections can express, or not numbers at all. They were
/// replaced by `[NaN, NaN]`, the others were converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{count} point(s) cannot be expressed in the other coordinate reference system, the first at position {first}"
)]
pub struct OutOfDomain {
    /// How many points.
    pub count: usize,
    /// Index of the first of them in the slice.
    pub first: usize,
}

impl Transform {
    /// Builds the transform. It fails only if the projection library refuses a definition.
    pub fn between(from: Crs, to: Crs) -> Result<Self, CrsError> {
        let steps = if from == to || (from.is_wgs84_degrees() && to.is_wgs84_degrees()) {
            Steps::Identity
        } else if on_wgs84(from) && on_wgs84(to) {
            Steps::Direct(Frame::of(from), Frame::of(to))
        } else {
            Steps::Projected {
                from: Frame::of(from),
                source: Box::new(source(from)?),
                to: Frame::of(to),
                target: Box::new(target(to)?),
            }
        };
        Ok(Self(Arc::new(Inner { from, to, steps })))
    }

    /// The system of the points given.
    pub fn from(&self) -> Crs {
        self.0.from
    }

    /// The system of the points returned.
    pub fn to(&self) -> Crs {
        self.0.to
    }

    /// True if [`Transform::convert`] changes no point within the domain: callers may then skip it.
    pub fn is_identity(&self) -> bool {
        matches!(self.0.steps, Steps::Identity)
    }

    /// Converts `points` in place. Points that cannot be converted become `[NaN, NaN]`, and the error tells how many: it never stops
    /// at one. Out of domain are: numbers that are not finite, latitudes beyond ±90,
    /// longitudes beyond ±360, and what the projection itself cannot express.
    pub fn convert(&self, points: &mut [[f64; 2]]) -> Result<(), OutOfDomain> {
        match &self.0.steps {
            Steps::Identity => {
                let frame = Frame::of(self.0.from);
                each(points, |p| frame.contains(p).then_some(p));
            }
            Steps::Direct(from, to) => each(points, |p| to.leave(from.enter(p)?)),
            Steps::Projected {
                from,
                source,
                to,
                target,
            } => {
                each(points, |p| from.enter(p));
                if transform(source, target, &mut Batch(points)).is_err() {
                    points.fill(REJECTED);
                }
                each(points, |p| to.leave(p));
            }
        }
        count(points)
    }

    /// Converts one point, `None` if it is out of domain.
    pub fn convert_point(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        let mut one = [point];
        self.convert(&mut one).ok().map(|()| one[0])
    }
}

fn on_wgs84(crs: Crs) -> bool {
    crs.is_wgs84_degrees() || crs == Crs::WEB_MERCATOR
}

fn source(crs: Crs) -> Result<Proj, CrsError> {
    if on_wgs84(crs) {
        return build(crs, definition::WGS84_DEGREES);
    }
    // "+over": longitudes are not wrapped to ±180 on the way out of the projection.
    let proj = build(crs, &format!("{} +over", definition::of(crs)))?;
    if proj.has_inverse() {
        Ok(proj)
    } else {
        Err(no_way(crs, &ProjError::NoInverseProjectionDefined))
    }
}

fn target(crs: Crs) -> Result<Proj, CrsError> {
    if on_wgs84(crs) {
        return build(crs, definition::WGS84_DEGREES);
    }
    // Without "+over": any longitude is first brought next to the central meridian.
    let proj = build(crs, definition::of(crs))?;
    if proj.has_forward() {
        Ok(proj)
    } else {
        Err(no_way(crs, &ProjError::NoForwardProjectionDefined))
    }
}

fn build(crs: Crs, definition: &str) -> Result<Proj, CrsError> {
    Proj::from_proj_string(definition).map_err(|error| no_way(crs, &error))
}

fn no_way(crs: Crs, error: &ProjError) -> CrsError {
    CrsError::Definition {
        crs: crs.name(),
        reason: error.to_string(),
    }
}

impl Frame {
    fn of(crs: Crs) -> Self {
        if crs == Crs::WEB_MERCATOR {
            Self::Mercator
        } else if crs.is_geographic() {
            Self::Degrees
        } else {
            Self::Plane
        }
    }

    /// True if `p` can be a point of this frame. False for NaN and infinities.
    fn contains(self, [x, y]: [f64; 2]) -> bool {
        match self {
            Self::Degrees => x.abs() <= LONGITUDE_LIMIT && y.abs() <= LATITUDE_LIMIT,
            Self::Mercator | Self::Plane => x.abs() <= PLANE_LIMIT && y.abs() <= PLANE_LIMIT,
        }
    }

    /// From the numbers of this frame to those of the projection library.
    fn enter(self, p: [f64; 2]) -> Option<[f64; 2]> {
        if !self.contains(p) {
            return None;
        }
        let [x, y] = p;
        match self {
            Self::Degrees => Some([x.to_radians(), y.to_radians()]),
            Self::Plane => Some(p),
            Self::Mercator => {
                let radians = [x / MERCATOR_RADIUS, (y / MERCATOR_RADIUS).sinh().atan()];
                (radians[0].abs() <= LONGITUDE_LIMIT.to_radians()).then_some(radians)
            }
        }
    }

    /// From the numbers of the projection library to those of this frame.
    fn leave(self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        let p = match self {
            Self::Degrees => [x.to_degrees(), y.to_degrees()],
            Self::Plane => [x, y],
            Self::Mercator => [x * MERCATOR_RADIUS, y.tan().asinh() * MERCATOR_RADIUS],
        };
        self.contains(p).then_some(p)
    }
}

/// Replaces each point by what `step` makes of it. Rejected points stay rejected: no frame contains NaN.
fn each(points: &mut [[f64; 2]], step: impl Fn([f64; 2]) -> Option<[f64; 2]>) {
    for p in points {
        *p = step(*p).unwrap_or(REJECTED);
    }
}

fn count(points: &[[f64; 2]]) -> Result<(), OutOfDomain> {
    let mut rejected = points
        .iter()
        .enumerate()
        .filter(|(_, p)| p[0].is_nan())
        .map(|(i, _)| i);
    match rejected.next() {
        None => Ok(()),
        Some(first) => Err(OutOfDomain {
            count: 1 + rejected.count(),
            first,
        }),
    }
}

/// A slice as the projection library walks it: a point that fails is set aside instead of ending the walk.
struct Batch<'a>(&'a mut [[f64; 2]]);

impl ProjTransform for Batch<'_> {
    fn transform_coordinates<F: TransformClosure>(&mut self, f: &mut F) -> ProjResult<()> {
        for p in &mut *self.0 {
            // The iterative inverses would run to their last round on a NaN.
            if p[0].is_nan() {
                continue;
            }
            *p = match f(p[0], p[1], 0.0) {
                Ok((x, y, _)) => [x, y],
                Err(_) => REJECTED,
            };
        }
        Ok(())
    }
}
