//! Extents as collections publish them (OGC 17-069r4 §7.13.3): never smaller than the data.

use serde_json::{Value, json};

use crate::catalog::VisibleLayer;
use crate::geometry::bbox::Bbox;
use crate::geometry::grid::{self, GridBox};
use crate::model::DataType;
use crate::model::temporal::{DAY_US, DateTime, Style, Zone};

/// Seven decimals of a degree are a centimetre; the official test suite prints boxes with as many when it asks for what they hold, so
/// more of them would be cut, and rows at the border lost.
const PER_DEGREE: f64 = 1e7;
/// The calendar that intervals are in.
const GREGORIAN: &str = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";

/// The `extent` member; `None` for a collection without places and times.
pub(super) fn document(layer: &VisibleLayer) -> Option<Value> {
    let mut extent = json!({});
    if let Some([west, south, east, north]) = bbox(layer) {
        extent["spatial"] = match layer.z_range() {
            Some([low, high]) => json!({
                "bbox": [[west, south, low, east, north, high]],
                "crs": "http://www.opengis.net/def/crs/OGC/0/CRS84h",
            }),
            None => json!({
                "bbox": [[west, south, east, north]],
                "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            }),
        };
    }
    if let Some([start, end]) = interval(layer) {
        extent["temporal"] = json!({ "interval": [[start, end]], "trs": GREGORIAN });
    }
    extent
        .as_object()
        .is_some_and(|e| !e.is_empty())
        .then_some(extent)
}

/// West, south, east, north in degrees, rounded outwards. West > east where it crosses the antimeridian.
pub(super) fn bbox(layer: &VisibleLayer) -> Option<[f64; 4]> {
    layer.extent_crs84().map(|b| outwards(&b))
}

/// West, south, east, north around a box, rounded outwards.
pub(super) fn outwards(b: &Bbox) -> [f64; 4] {
    let (mut west, mut east) = (floor(b.min[0]), ceil(b.max[0]));
    if east - west >= 360.0 {
        (west, east) = (-180.0, 180.0);
    } else {
        if west < -180.0 {
            west += 360.0;
        }
        if east > 180.0 {
            east -= 360.0;
        }
        // Put round by a whole world, the last digit may stray.
        (west, east) = (floor(west), ceil(east));
    }
    [
        west,
        floor(b.min[1]).max(-90.0),
        east,
        ceil(b.max[1]).min(90.0),
    ]
}

fn floor(x: f64) -> f64 {
    let steps = (x * PER_DEGREE).floor();
    let low = steps / PER_DEGREE;
    // The product may have been rounded up to a whole number.
    if low > x {
        (steps - 1.0) / PER_DEGREE
    } else {
        low
    }
}

fn ceil(x: f64) -> f64 {
    -floor(-x)
}

/// The box of one row, of the same form.
pub(super) fn row_bbox(on_grid: &GridBox) -> [f64; 4] {
    let [west, north] = grid::to_lonlat(on_grid.min);
    let [east, south] = grid::to_lonlat(on_grid.max);
    outwards(&Bbox::new([west, south], [east, north]))
}

/// First and last instant as RFC 3339, in whole seconds, rounded outwards; days last to their last second.
pub(super) fn interval(layer: &VisibleLayer) -> Option<[String; 2]> {
    let field = layer.time_field()?;
    let (first, last) = layer.temporal_extent_us()?;
    let days = layer.schema().fields[field].data_type == DataType::Date;
    let last = if days {
        last + DAY_US - 1_000_000
    } else {
        last
    };
    Some(seconds(first, last))
}

fn seconds(first_us: i64, last_us: i64) -> [String; 2] {
    let text = |second: i64| {
        let style = Style {
            space: false,
            fraction_digits: 0,
            zone: Zone::Utc,
        };
        let instant_us = second * 1_000_000;
        DateTime { instant_us, style }.to_string()
    };
    [
        text(first_us.div_euclid(1_000_000)),
        text(-(-last_us).div_euclid(1_000_000)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_rounded_outwards() {
        let exact = [5.123_456_749_9, 43.1, 5.2, 43.200_000_01];
        let b = Bbox::new([exact[0], exact[1]], [exact[2], exact[3]]);
        assert_eq!(outwards(&b), [5.123_456_7, 43.1, 5.2, 43.200_000_1]);
        for i in 0..100_000 {
            let x = f64::from(i) * 0.001_234_567_891_3 - 60.0;
            assert!(floor(x) <= x && x - floor(x) < 1.1e-7, "{x}");
            assert!(ceil(x) >= x && ceil(x) - x < 1.1e-7, "{x}");
            let next = f64::from_bits(x.to_bits() - 1);
            assert!(floor(next) <= next && ceil(next) >= next, "{next}");
        }
    }

    #[test]
    fn the_antimeridian_and_the_whole_world() {
        assert_eq!(
            outwards(&Bbox::new([177.5, -20.0], [190.0, -10.0])),
            [177.5, -20.0, -170.0, -10.0]
        );
        assert_eq!(
            outwards(&Bbox::new([-185.0, -20.0], [-179.0, -10.0])),
            [175.0, -20.0, -179.0, -10.0]
        );
        assert_eq!(
            outwards(&Bbox::new([-180.0, -90.0], [180.0, 90.0])),
            [-180.0, -90.0, 180.0, 90.0]
        );
        assert_eq!(
            outwards(&Bbox::new([-170.0, -90.0], [200.0, 90.0])),
            [-180.0, -90.0, 180.0, 90.0]
        );
    }

    #[test]
    fn times_are_rounded_outwards() {
        assert_eq!(
            seconds(1_500_000, 1_500_000),
            ["1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z"]
        );
        assert_eq!(
            seconds(-1, 0),
            ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"]
        );
    }
}
