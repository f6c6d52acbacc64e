//! Which geometries meet a box: the test behind the `bbox` parameter (OGC 17-069r4 §7.15.3) and behind `BBOX` in filters (OGC 21-065r2
//! §7.7), so that both select the same rows.

use super::bbox::Bbox;
use super::crs::{Crs, Transform};
use super::grid::GridBox;
use super::meets::{Region, meets};
use super::source::SourceGeometry;
use super::window::Windows;

/// Circumference of the sphere of EPSG:3857, in its metres.
const MERCATOR_WORLD: f64 = std::f64::consts::TAU * 6_378_137.0;
/// Degrees by which a coordinate may exceed ±180 or ±90: what is lost when a client computes its box from pixels.
const DEGREE_SLACK: f64 = 1e-6;

/// A box as somebody wrote it, x (east) before y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxCorners {
    /// West and south. In degrees, west may exceed east: the box then crosses the antimeridian.
    pub low: [f64; 2],
    /// East and north.
    pub high: [f64; 2],
    /// Lowest and highest height.
    pub heights: Option<[f64; 2]>,
}

/// Why a box is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BoxFault {
    /// That coordinate lies beyond longitude ±180 or latitude ±90, or is not finite.
    Range(f64),
    /// The second corner is below the first: 0 along x, 1 along y, 2 in height.
    Order(usize),
    /// Rows cannot be brought into the CRS of the box.
    NoTransform,
}

/// A box, ready to be compared with geometries stored in some CRS.
#[derive(Debug, Clone)]
pub struct BoxSearch {
    /// Where the rectangle lies, once per world in which a geometry may have been drawn.
    regions: Vec<Region>,
    windows: Windows,
    /// From the storage CRS to that of the box; `None` if they are the same.
    transform: Option<Transform>,
}

impl BoxSearch {
    /// A box in the CRS `frame`, for geometries stored in the CRS `storage`.
    pub fn new(corners: BoxCorners, frame: Crs, storage: Crs) -> Result<Self, BoxFault> {
        let region = region(corners, frame)?;
        let windows = Windows::around(&region.plane, frame);
        let transform = Transform::between(storage, frame).map_err(|_| BoxFault::NoTransform)?;
        Ok(Self {
            regions: each_world(region, frame),
            windows,
            transform: (!transform.is_identity()).then_some(transform),
        })
    }

    /// The box with east not below west: beyond 180 degrees (or −180) where it crosses the antimeridian.
    pub fn region(&self) -> Region {
        self.regions[0]
    }

    /// Boxes on the world grid, one of which every geometry that meets the box meets; `None` if none are known.
    pub fn windows(&self) -> Option<&[GridBox]> {
        self.windows.outer.as_deref()
    }

    /// Whether a geometry meets the box, where its box on the grid leaves no doubt.
    pub fn quick(&self, on_grid: &GridBox) -> Option<bool> {
        if self.windows.are_apart(on_grid) {
            return Some(false);
        }
        (self.regions[0].heights.is_none() && self.windows.contain(on_grid)).then_some(true)
    }

    /// Whether the geometry (in the storage CRS) meets the box. `None` where it cannot be known: no other part of it does, and a vertex
    /// has no place in the CRS of the box.
    pub fn meets(
        &self,
        geometry: &SourceGeometry<'_>,
        scratch: &mut Vec<[f64; 2]>,
    ) -> Option<bool> {
        let (xy, placed) = match &self.transform {
            None => (geometry.xy, true),
            Some(transform) => {
                scratch.clear();
                scratch.extend_from_slice(geometry.xy);
                // A vertex that has no place in the CRS of the box becomes NaN, which meets nothing.
                let placed = transform.convert(scratch).is_ok();
                (scratch.as_slice(), placed)
            }
        };
        let met = self
            .regions
            .iter()
            .any(|region| meets(geometry, xy, region));
        (met || placed).then_some(met)
    }
}

/// The box with its corners in order.
fn region(corners: BoxCorners, frame: Crs) -> Result<Region, BoxFault> {
    let BoxCorners {
        low: mut min,
        high: mut max,
        heights,
    } = corners;
    let numbers = [min, max, heights.unwrap_or_default()];
    if let Some(number) = numbers.as_flattened().iter().find(|n| !n.is_finite()) {
        return Err(BoxFault::Range(*number));
    }
    if heights.is_some_and(|[bottom, top]| bottom > top) {
        return Err(BoxFault::Order(2));
    }
    if frame.is_geographic() {
        for corner in [&mut min, &mut max] {
            for (value, limit) in corner.iter_mut().zip([180.0, 90.0]) {
                if value.abs() > limit + DEGREE_SLACK {
                    return Err(BoxFault::Range(*value));
                }
                *value = value.clamp(-limit, limit);
            }
        }
    }
    if min[1] > max[1] {
        return Err(BoxFault::Order(1));
    }
    if min[0] > max[0] {
        if !frame.is_geographic() {
            return Err(BoxFault::Order(0));
        }
        // West of it lies east of it: the box crosses the antimeridian (`/req/core/fc-bbox-definition`).
        max[0] += 360.0;
        // Kept within ±360, where the index looks for rows; the worlds on either side are looked at as well.
        if min[0] + max[0] > 360.0 {
            min[0] -= 360.0;
            max[0] -= 360.0;
        }
    }
    Ok(Region {
        plane: Bbox::new(min, max),
        heights,
    })
}

/// The length of the world along x, where x comes round again.
fn period(crs: Crs) -> Option<f64> {
    if crs.is_geographic() {
        Some(360.0)
    } else {
        (crs == Crs::WEB_MERCATOR).then_some(MERCATOR_WORLD)
    }
}

fn each_world(region: Region, frame: Crs) -> Vec<Region> {
    let shifted = |by: f64| Region {
        plane: Bbox::new(
            [region.plane.min[0] + by, region.plane.min[1]],
            [region.plane.max[0] + by, region.plane.max[1]],
        ),
        ..region
    };
    match period(frame) {
        Some(world) => vec![region, shifted(-world), shifted(world)],
        None => vec![region],
    }
}
