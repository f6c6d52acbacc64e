//! The `bbox` parameter (OGC 17-069r4 §7.15.3, OGC 18-058r1 §6.3.1), matched by geometry.

use super::crs::{CrsList, OfferedCrs};
use super::fault::FaultKind;
use crate::catalog::Row;
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::grid::GridBox;
use crate::geometry::meets::{Region, meets};
use crate::geometry::window::Windows;

/// Circumference of the sphere of EPSG:3857, in its metres.
const MERCATOR_WORLD: f64 = std::f64::consts::TAU * 6_378_137.0;
/// Degrees by which a coordinate may exceed ±180 or ±90: what is lost when a client computes its box from pixels.
const DEGREE_SLACK: f64 = 1e-6;

/// A parsed box.
#[derive(Debug)]
pub(super) struct BoxFilter {
    /// Where the rectangle lies, once per world in which a geometry may have been drawn.
    regions: Vec<Region>,
    windows: Windows,
    /// From the storage CRS to that of the box; `None` if they are the same.
    transform: Option<Transform>,
}

impl BoxFilter {
    /// Parses `bbox` in that CRS (in the axis order of its authority) for a layer stored in another.
    pub(super) fn parse(text: &str, frame: &OfferedCrs, crss: &CrsList) -> Result<Self, FaultKind> {
        let region = parse_region(text, frame.crs)?;
        let (frame, storage) = (frame.crs, crss.storage_crs().crs);
        let windows = Windows::around(&region.plane, frame);
        let transform = Transform::between(storage, frame)
            .map_err(|_| FaultKind::CrsNotOffered(frame.uri()))?;
        Ok(Self {
            regions: each_world(region, frame),
            windows,
            transform: (!transform.is_identity()).then_some(transform),
        })
    }

    /// Boxes for the index; `None` if every row has to be looked at.
    pub(super) fn windows(&self) -> Option<&[GridBox]> {
        self.windows.outer.as_deref()
    }

    /// True if the row meets the box. A row without geometry meets every box (`/req/core/fc-bbox-response` C).
    pub(super) fn matches(&self, row: &Row<'_>, scratch: &mut Vec<[f64; 2]>) -> bool {
        let Some(on_grid) = row.grid_bbox() else {
            return true;
        };
        if self.regions[0].heights.is_none() && self.windows.contain(&on_grid) {
            return true;
        }
        let Some(geometry) = row.source_geometry() else {
            return true;
        };
        let xy = match &self.transform {
            None => geometry.xy,
            Some(transform) => {
                scratch.clear();
                scratch.extend_from_slice(geometry.xy);
                // A vertex that has no place in the CRS of the box becomes NaN, which meets nothing.
                let _ = transform.convert(scratch);
                scratch.as_slice()
            }
        };
        self.regions
            .iter()
            .any(|region| meets(&geometry, xy, region))
    }
}

fn parse_region(text: &str, frame: Crs) -> Result<Region, FaultKind> {
    let mut numbers = Vec::with_capacity(6);
    for part in text.split(',') {
        let number = part.trim().parse().ok().filter(|x: &f64| x.is_finite());
        numbers.push(number.ok_or_else(|| FaultKind::BoxNumber(part.to_owned()))?);
        if numbers.len() > 6 {
            break;
        }
    }
    let (low, high, heights) = match numbers[..] {
        [a0, a1, b0, b1] => ([a0, a1], [b0, b1], None),
        [a0, a1, a2, b0, b1, b2] => ([a0, a1], [b0, b1], Some([a2, b2])),
        _ => return Err(FaultKind::BoxCount(text.split(',').count())),
    };
    if heights.is_some_and(|[bottom, top]| bottom > top) {
        return Err(FaultKind::BoxOrder(3));
    }
    let (mut min, mut max) = (frame.from_authority(low), frame.from_authority(high));
    // The axis on which a fault lies, as the request counts them.
    let axis = |xy: usize| {
        if frame.from_authority([0.0, 1.0]) == [0.0, 1.0] {
            xy + 1
        } else {
            2 - xy
        }
    };
    if frame.is_geographic() {
        for corner in [&mut min, &mut max] {
            for (value, limit) in corner.iter_mut().zip([180.0, 90.0]) {
                if value.abs() > limit + DEGREE_SLACK {
                    return Err(FaultKind::BoxRange(value.to_string()));
                }
                *value = value.clamp(-limit, limit);
            }
        }
    }
    if min[1] > max[1] {
        return Err(FaultKind::BoxOrder(axis(1)));
    }
    if min[0] > max[0] {
        if !frame.is_geographic() {
            return Err(FaultKind::BoxOrder(axis(0)));
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

#[cfg(test)]
mod tests {
    use super::*;

    const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    const LATLON: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
    const LAMBERT: &str = "http://www.opengis.net/def/crs/EPSG/0/2154";

    fn parse(text: &str, uri: &str) -> Result<Region, FaultKind> {
        parse_region(text, Crs::parse(uri).expect("known"))
    }

    #[test]
    fn four_or_six_finite_numbers() {
        let box4 = parse("1, -2.5e0,3,+4", CRS84).expect("a box");
        assert_eq!(box4.plane, Bbox::new([1.0, -2.5], [3.0, 4.0]));
        let box6 = parse("1,2,-10,3,4,20", CRS84).expect("a box");
        assert_eq!(box6.heights, Some([-10.0, 20.0]));
        for (text, count) in [
            ("1,2,3", 3),
            ("1,2,3,4,5", 5),
            ("1,2,3,4,5,6,7", 7),
            ("1", 1),
        ] {
            assert_eq!(
                parse(text, CRS84),
                Err(FaultKind::BoxCount(count)),
                "{text}"
            );
        }
        for (text, part) in [
            ("1,2,3,NaN", "NaN"),
            ("inf,2,3,4", "inf"),
            ("1,2,x,4", "x"),
            ("", ""),
            ("1,2,,4", ""),
        ] {
            assert_eq!(
                parse(text, CRS84),
                Err(FaultKind::BoxNumber(part.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn axes_follow_the_authority() {
        assert_eq!(
            parse("43,5,44,6", LATLON).expect("a box").plane,
            Bbox::new([5.0, 43.0], [6.0, 44.0])
        );
        assert_eq!(parse("44,5,43,6", LATLON), Err(FaultKind::BoxOrder(1)));
        assert_eq!(parse("5,44,6,43", CRS84), Err(FaultKind::BoxOrder(2)));
        assert_eq!(
            parse("5,100,6,101", CRS84),
            Err(FaultKind::BoxRange("100".to_owned()))
        );
        assert_eq!(
            parse("5,100,6,101", LATLON).expect("a box").plane.min,
            [100.0, 5.0]
        );
        assert_eq!(parse("1,2,20,3,4,10", CRS84), Err(FaultKind::BoxOrder(3)));
    }

    #[test]
    fn the_antimeridian_is_crossed_in_degrees_only() {
        assert_eq!(
            parse("177,65,-177,70", CRS84).expect("a box").plane,
            Bbox::new([177.0, 65.0], [183.0, 70.0])
        );
        assert_eq!(
            parse("65,177,70,-177", LATLON).expect("a box").plane,
            Bbox::new([177.0, 65.0], [183.0, 70.0])
        );
        assert_eq!(
            parse("900000,6200000,800000,6300000", LAMBERT),
            Err(FaultKind::BoxOrder(1))
        );
    }

    #[test]
    fn a_box_computed_from_pixels_may_overshoot_by_rounding() {
        let slightly =
            parse("-180.0000000001,-90.0000000001,180.0000000001,90", CRS84).expect("a box");
        assert_eq!(slightly.plane, Bbox::new([-180.0, -90.0], [180.0, 90.0]));
        assert!(parse("-180.1,-90,180,90", CRS84).is_err());
    }
}
