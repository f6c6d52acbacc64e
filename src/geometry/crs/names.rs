//! Names under which well-known systems go in definitions that carry no identifier (ESRI's `.prj` above all).

use super::wkt::Node;
use super::{Crs, definition};
use std::f64::consts::PI;

/// Names in the spellings of EPSG and of ESRI, reduced to lowercase letters and digits.
const PROJECTED: &[(&str, u32)] = &[
    ("wgs84pseudomercator", 3857),
    ("wgs1984webmercatorauxiliarysphere", 3857),
    ("rgf93lambert93", 2154),
    ("rgf93v1lambert93", 2154),
    ("rgf1993lambert93", 2154),
    ("lambert93", 2154),
    ("ntfparislambertzoneii", 27572),
    ("rgaf09utmzone20n", 5490),
    ("rgfg95utmzone22n", 2972),
    ("rgfg1995utm22n", 2972),
    ("rgr92utmzone40s", 2975),
    ("rgr1992utm40s", 2975),
    ("rgm04utmzone38s", 4471),
    ("rgm2004utmzone38s", 4471),
    ("rgspm06utmzone21n", 4467),
    ("rgspm2006utmzone21n", 4467),
    ("rgnc9193lambertnewcaledonia", 3163),
    ("rgnc199193lambertnewcaledonia", 3163),
    ("etrs89extendedlaeaeurope", 3035),
    ("etrs89laeaeurope", 3035),
    ("etrs1989laea", 3035),
    ("osgb36britishnationalgrid", 27700),
    ("osgb1936britishnationalgrid", 27700),
    ("britishnationalgrid", 27700),
    ("amersfoortrdnew", 28992),
    ("rdnew", 28992),
    ("ch1903lv95", 2056),
];

/// The zones of one system: prefix of the name, code of zone 0 on the northern side and on the southern, if there is one.
const ZONES: &[(&str, u32, Option<u32>)] = &[
    ("wgs84utmzone", 32600, Some(32700)),
    ("wgs1984utmzone", 32600, Some(32700)),
    ("etrs89utmzone", 25800, None),
    ("etrs1989utmzone", 25800, None),
];

const CONIC_ZONES: &[&str] = &["rgf93v1cc", "rgf93cc", "rgf1993cc"];

/// Geographic names, with the ellipsoid's inverse flattening that must go with them.
const GEOGRAPHIC: &[(&str, u32, f64)] = &[
    ("wgs84", 4326, 298.257_223_563),
    ("wgs1984", 4326, 298.257_223_563),
    ("gcswgs1984", 4326, 298.257_223_563),
    ("etrs89", 4258, 298.257_222_101),
    ("gcsetrs1989", 4258, 298.257_222_101),
    ("rgf93", 4171, 298.257_222_101),
    ("rgf93v1", 4171, 298.257_222_101),
    ("gcsrgf93", 4171, 298.257_222_101),
    ("gcsrgf1993", 4171, 298.257_222_101),
];

/// The system of a definition without an identifier: its name is one of the tables' *and* its parameters say the same.
pub(super) fn identify(node: &Node, projected: bool) -> Option<Crs> {
    let name: String = node
        .name()?
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if !projected {
        let (_, code, flattening) = GEOGRAPHIC.iter().find(|(known, ..)| *known == name)?;
        return is_greenwich_degrees(node, *flattening).then(|| Crs::epsg(*code).ok())?;
    }
    let crs = Crs::epsg(projected_code(&name)?).ok()?;
    has_parameters_of(node, crs).then_some(crs)
}

fn projected_code(name: &str) -> Option<u32> {
    if let Some((_, code)) = PROJECTED.iter().find(|(known, _)| *known == name) {
        return Some(*code);
    }
    for prefix in CONIC_ZONES {
        if let Some(zone) = name.strip_prefix(prefix) {
            let parallel: u32 = zone.parse().ok()?;
            return (42..=50).contains(&parallel).then_some(3900 + parallel);
        }
    }
    for (prefix, north, south) in ZONES {
        let Some(zone) = name.strip_prefix(prefix) else {
            continue;
        };
        let (digits, base) = match (zone.strip_suffix('n'), zone.strip_suffix('s')) {
            (Some(digits), _) => (digits, *north),
            (None, Some(digits)) => (digits, (*south)?),
            (None, None) => return None,
        };
        let number: u32 = digits.parse().ok()?;
        return (1..=60).contains(&number).then_some(base + number);
    }
    None
}

/// Degrees from Greenwich on the semi-major axis that WGS 84 and GRS 80 share.
fn is_greenwich_degrees(node: &Node, flattening: f64) -> bool {
    let ellipsoid = node
        .child(&["DATUM", "GEODETICDATUM", "ENSEMBLE"])
        .and_then(|datum| datum.child(&["SPHEROID", "ELLIPSOID"]));
    let near = |value: Option<f64>, wanted: f64, tolerance: f64| {
        value.is_some_and(|v| (v - wanted).abs() <= tolerance)
    };
    near(ellipsoid.and_then(|e| e.number(1)), 6_378_137.0, 1e-6)
        && near(ellipsoid.and_then(|e| e.number(2)), flattening, 1e-6)
        // WKT 2 may leave Greenwich unsaid.
        && node.child(&["PRIMEM", "PRIMEMERIDIAN"]).is_none_or(|pm| near(pm.number(1), 0.0, 0.0))
        && all_units(node, &["UNIT", "ANGLEUNIT"], |factor| (factor - PI / 180.0).abs() <= 1e-9)
}

/// Metres, and the false origin and central meridian of the system's own definition.
fn has_parameters_of(node: &Node, crs: Crs) -> bool {
    let definition = definition::of(crs);
    let Some(wanted) = origin(definition) else {
        return false;
    };
    // WKT 2 puts the parameters one level down.
    let holder = node.child(&["CONVERSION"]).unwrap_or(node);
    let mut found = [false; 3];
    for parameter in holder.nodes().filter(|n| n.is("PARAMETER")) {
        let Some(slot) = parameter.name().and_then(parameter_slot) else {
            continue;
        };
        let tolerance = if slot == 2 { 1e-7 } else { 1e-3 };
        match parameter.number(1) {
            Some(value) if (value - wanted[slot]).abs() <= tolerance => found[slot] = true,
            _ => return false,
        }
    }
    found == [true; 3] && all_units(node, &["UNIT", "LENGTHUNIT"], |factor| factor == 1.0)
}

/// Which of false easting, false northing and central meridian a parameter is, in any of their names.
fn parameter_slot(name: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase().replace('_', " ");
    match name.as_str() {
        "false easting" | "easting at false origin" | "easting at projection centre" => Some(0),
        "false northing" | "northing at false origin" | "northing at projection centre" => Some(1),
        "central meridian"
        | "longitude of center"
        | "longitude of natural origin"
        | "longitude of false origin"
        | "longitude of projection centre" => Some(2),
        _ => None,
    }
}

/// False easting, false northing and central meridian of a projection string.
fn origin(definition: &str) -> Option<[f64; 3]> {
    let number = |key| definition::number(definition, key);
    if let Some(zone) = number("zone") {
        let south = definition.contains("+south");
        return Some([500_000.0, if south { 1e7 } else { 0.0 }, zone * 6.0 - 183.0]);
    }
    Some([number("x_0")?, number("y_0")?, number("lon_0")?])
}

/// True if the node, or its axes, state at least one unit, and `accept` takes the conversion factors of all.
fn all_units(node: &Node, keywords: &[&str], accept: impl Fn(f64) -> bool) -> bool {
    let axes = node.nodes().filter(|n| n.is("AXIS"));
    let mut stated = 0;
    std::iter::once(node)
        .chain(axes)
        .filter_map(|holder| holder.child(keywords))
        .inspect(|_| stated += 1)
        .all(|unit| unit.number(1).is_some_and(&accept))
        && stated > 0
}
