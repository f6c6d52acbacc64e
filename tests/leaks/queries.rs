//! Queries for items: boxes, times, values and filters over properties and places, seen or not.

use std::fmt::Write as _;

use guichet::model::DataType;

use crate::requests::encoded;
use crate::subjects::Subjects;
use crate::world::{Layer, Value};

/// A page of items, chosen in one way or several.
pub fn items(subjects: &mut Subjects) -> String {
    let layer = subjects.layer();
    let mut target = format!("/collections/{}/items", layer.id);
    let mut sign = '?';
    let mut add = |name: &str, value: &str| {
        let _ = write!(target, "{sign}{}={}", encoded(name), encoded(value));
        sign = '&';
    };
    if !subjects.rng().one_in(3) {
        let limit = *subjects
            .rng()
            .pick(&["1", "2", "3", "7", "50", "10000", "99999999999"]);
        add("limit", limit);
    }
    if subjects.rng().one_in(6) {
        let offset = subjects.rng().below(60).to_string();
        add("offset", &offset);
    }
    if subjects.rng().one_in(4) {
        let (text, crs) = bbox(subjects);
        add("bbox", &text);
        if let Some(crs) = crs {
            add("bbox-crs", crs);
        }
    }
    if subjects.rng().one_in(8) {
        let text = datetime(subjects, &layer);
        add("datetime", &text);
    }
    if subjects.rng().one_in(5) {
        let (name, _, value) = subjects.property(&layer);
        add(&name, &value.text());
    }
    if subjects.rng().one_in(2) {
        let text = filter(subjects, &layer, 2);
        add("filter", &text);
    }
    if subjects.rng().one_in(6) {
        let crs = *subjects.rng().pick(&[
            "http://www.opengis.net/def/crs/EPSG/0/3857",
            "http://www.opengis.net/def/crs/EPSG/0/2154",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        ]);
        add("crs", crs);
    }
    if subjects.rng().one_in(8) {
        // Sorting is not there yet: refused alike.
        let (name, ..) = subjects.property(&layer);
        add("sortby", &name);
    }
    target
}

/// A box around a place, from some metres wide to all of the territory.
fn bbox(subjects: &mut Subjects) -> (String, Option<&'static str>) {
    let [x, y] = subjects.place();
    let size = *subjects.rng().pick(&[0.0, 1e-9, 1e-5, 1e-3, 0.05, 1.0]);
    if subjects.rng().one_in(8) {
        let metres = |v: f64, k: f64| v * k;
        let (mx, my) = (
            metres(x, 111_319.490_8),
            (y.to_radians().tan().asinh()) * 6_378_137.0,
        );
        let text = format!(
            "{},{},{},{}",
            mx - size * 1e5,
            my - size * 1e5,
            mx + size * 1e5,
            my + size * 1e5
        );
        return (text, Some("http://www.opengis.net/def/crs/EPSG/0/3857"));
    }
    (
        format!("{},{},{},{}", x - size, y - size, x + size, y + size),
        None,
    )
}

fn datetime(subjects: &mut Subjects, layer: &Layer) -> String {
    let place = layer
        .time
        .as_ref()
        .and_then(|name| layer.fields.iter().position(|f| f.name == *name));
    let text = place
        .filter(|_| !layer.rows.is_empty())
        .map(|p| subjects.rng().pick(&layer.rows).values[p].text())
        .filter(|t| !t.is_empty())
        .unwrap_or_else(|| "1789-07-14".to_owned());
    match subjects.rng().below(4) {
        0 => text,
        1 => format!("{text}/.."),
        2 => format!("../{text}"),
        _ => "1000-01-01/1500-01-01".to_owned(),
    }
}

/// A filter of CQL2.
pub fn filter(subjects: &mut Subjects, layer: &Layer, depth: usize) -> String {
    if depth > 0 && subjects.rng().one_in(3) {
        let a = filter(subjects, layer, depth - 1);
        let b = filter(subjects, layer, depth - 1);
        return match subjects.rng().below(3) {
            0 => format!("({a}) AND ({b})"),
            1 => format!("({a}) OR ({b})"),
            _ => format!("NOT ({a})"),
        };
    }
    if subjects.rng().one_in(4) {
        return spatial(subjects);
    }
    let (name, data_type, value) = subjects.property(layer);
    let name = format!("\"{}\"", name.replace('"', "\"\""));
    let literal = value.literal(data_type);
    let (Some(literal), false) = (literal, subjects.rng().one_in(6)) else {
        return match subjects.rng().below(2) {
            0 => format!("{name} IS NULL"),
            _ => format!("{name} IS NOT NULL"),
        };
    };
    compared(subjects, &name, data_type, &value, &literal)
}

fn compared(
    subjects: &mut Subjects,
    name: &str,
    data_type: DataType,
    value: &Value,
    literal: &str,
) -> String {
    match (data_type, value, subjects.rng().below(6)) {
        (DataType::String, Value::Text(text), 0 | 1) => {
            let kept = text
                .char_indices()
                .nth(subjects.rng().below(16))
                .map_or(text.as_str(), |(at, _)| &text[..at]);
            let pattern = kept
                .replace('\\', "")
                .replace(['%', '_'], "")
                .replace('\'', "''");
            format!("{name} LIKE '{pattern}%'")
        }
        (DataType::String, _, 2) => format!("CASEI({name}) = CASEI({literal})"),
        (DataType::Integer | DataType::Number, _, 0) => {
            format!("{name} BETWEEN {literal} AND {literal}")
        }
        (DataType::Integer | DataType::Number, _, 1) => {
            format!("{name} * 2 / ({name} - {literal}) > 1")
        }
        (DataType::Date | DataType::DateTime, _, 0) => format!("T_AFTER({name}, {literal})"),
        (_, _, 3) => format!("{name} IN ({literal})"),
        (_, _, n) => format!("{name} {} {literal}", ["=", "<>", "<", ">=", "<=", ">"][n]),
    }
}

/// A filter on places, as whoever looks for the place of something would write it.
fn spatial(subjects: &mut Subjects) -> String {
    let [x, y] = subjects.place();
    let size = *subjects.rng().pick(&[1e-8, 1e-5, 1e-3, 0.05, 1.0]);
    let name = *subjects.rng().pick(&[
        "S_INTERSECTS",
        "S_WITHIN",
        "S_DISJOINT",
        "S_TOUCHES",
        "S_CROSSES",
        "S_EQUALS",
    ]);
    let (w, s, e, n) = (x - size, y - size, x + size, y + size);
    let geometry = match subjects.rng().below(3) {
        0 => format!("POINT({x} {y})"),
        1 => format!("LINESTRING({w} {y}, {e} {y})"),
        _ => format!("POLYGON(({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))"),
    };
    format!("{name}(geometry, {geometry})")
}
