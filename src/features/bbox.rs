//! The `bbox` parameter (OGC 17-069r4 §7.15.3, OGC 18-058r1 §6.3.1), matched by geometry.

use super::crs::{CrsList, OfferedCrs};
use super::fault::FaultKind;
use crate::catalog::Row;
use crate::geometry::box_search::{BoxCorners, BoxFault, BoxSearch};
use crate::geometry::crs::Crs;
use crate::geometry::grid::GridBox;

/// A parsed box.
#[derive(Debug)]
pub(super) struct BoxFilter(BoxSearch);

impl BoxFilter {
    /// Parses `bbox` in that CRS (in the axis order of its authority) for a layer stored in another.
    pub(super) fn parse(text: &str, frame: &OfferedCrs, crss: &CrsList) -> Result<Self, FaultKind> {
        parse(text, frame.crs, crss.storage_crs().crs).map(Self)
    }

    /// Boxes for the index; `None` if every row has to be looked at.
    pub(super) fn windows(&self) -> Option<&[GridBox]> {
        self.0.windows()
    }

    /// True if the row meets the box. A row without geometry meets every box (`/req/core/fc-bbox-response` C).
    pub(super) fn matches(&self, row: &Row<'_>, scratch: &mut Vec<[f64; 2]>) -> bool {
        let Some(on_grid) = row.grid_bbox() else {
            return true;
        };
        if let Some(known) = self.0.quick(&on_grid) {
            return known;
        }
        let Some(geometry) = row.source_geometry() else {
            return true;
        };
        self.0.meets(&geometry, scratch).unwrap_or(false)
    }
}

fn parse(text: &str, frame: Crs, storage: Crs) -> Result<BoxSearch, FaultKind> {
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
    let corners = BoxCorners {
        low: frame.from_authority(low),
        high: frame.from_authority(high),
        heights,
    };
    BoxSearch::new(corners, frame, storage).map_err(|fault| match fault {
        BoxFault::Range(value) => FaultKind::BoxRange(value.to_string()),
        BoxFault::Order(axis) => FaultKind::BoxOrder(axis_as_written(axis, frame)),
        BoxFault::NoTransform => FaultKind::CrsNotOffered(frame.uri()),
    })
}

/// The axis on which a fault lies, as the request counts them.
fn axis_as_written(axis: usize, frame: Crs) -> usize {
    let numbers = frame.to_authority([1.0, 2.0]);
    numbers.get(axis).map_or(3, |number| *number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::bbox::Bbox;
    use crate::geometry::meets::Region;

    const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    const LATLON: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
    const LAMBERT: &str = "http://www.opengis.net/def/crs/EPSG/0/2154";

    fn parse(text: &str, uri: &str) -> Result<Region, FaultKind> {
        super::parse(text, Crs::parse(uri).expect("known"), Crs::CRS84).map(|b| b.region())
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
