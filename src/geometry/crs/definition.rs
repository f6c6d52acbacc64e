//! What is known of each system: its projection string and the box it is made for.

use super::{Crs, Id};
use crate::geometry::bbox::Bbox;

/// Degrees on WGS 84.
pub(super) const WGS84_DEGREES: &str = "+proj=longlat +datum=WGS84 +no_defs";

/// The projection string of a system.
pub(super) fn of(crs: Crs) -> &'static str {
    match crs.0 {
        Id::Crs84 | Id::Crs84h => WGS84_DEGREES,
        Id::Epsg(code) => crs_definitions::from_code(code).map_or("", |def| def.proj4),
    }
}

/// The value of `+key=` in a projection string.
pub(super) fn number(definition: &str, key: &str) -> Option<f64> {
    definition.split_ascii_whitespace().find_map(|token| {
        let (name, value) = token.strip_prefix('+')?.split_once('=')?;
        (name == key).then(|| value.parse().ok())?
    })
}

/// See [`Crs::domain`]. Areas of use are EPSG's; zones are taken at their nominal width.
pub(super) fn domain(crs: Crs) -> Option<Bbox> {
    let zone = |number: u16, south: f64, north: f64| {
        let west = f64::from(number) * 6.0 - 186.0;
        Some(Bbox::new([west, south], [west + 6.0, north]))
    };
    match crs.0 {
        Id::Crs84 | Id::Crs84h | Id::Epsg(4326) => Some(Bbox::new([-180.0, -90.0], [180.0, 90.0])),
        Id::Epsg(code) => match code {
            3857 => Some(Bbox::new([-180.0, -85.06], [180.0, 85.06])),
            2154 | 4171 => Some(Bbox::new([-9.86, 41.15], [10.38, 51.56])),
            4258 => Some(Bbox::new([-16.1, 33.26], [38.01, 84.73])),
            3942..=3950 => {
                let parallel = f64::from(code - 3900);
                Some(Bbox::new([-9.86, parallel - 1.0], [10.38, parallel + 1.0]))
            }
            25828..=25838 => zone(code - 25800, 25.0, 84.01),
            32601..=32660 => zone(code - 32600, 0.0, 84.0),
            32701..=32760 => zone(code - 32700, -80.0, 0.0),
            _ => None,
        },
    }
}
