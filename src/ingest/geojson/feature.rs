//! The text of one feature, read into a row.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue as Text;

use crate::geometry::source::GeometryKind;
use crate::ingest::report::Code;
use crate::ingest::row::RowBuilder;
use crate::layer::RawValue;

/// Nesting of a property's JSON value: more breaks readers, and no data set needs it.
const MAX_DEPTH: usize = 64;

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<&'a Text>,
    #[serde(borrow)]
    geometry: Option<&'a Text>,
    #[serde(borrow)]
    properties: Option<&'a Text>,
    #[serde(borrow)]
    coordinates: Option<&'a Text>,
    #[serde(borrow)]
    geometries: Option<&'a Text>,
}

/// Reads the text of a feature (or of a bare geometry, as sequences may hold) into `row`. The caller ends the row.
pub(in crate::ingest) fn read_feature(text: &str, row: &mut RowBuilder) {
    if text == super::NOT_UTF8 {
        return row.fail(Code::Syntax, "the text is not UTF-8");
    }
    let feature: Feature<'_> = match serde_json::from_str(text) {
        Ok(f) => f,
        Err(e) => return row.fail(Code::Syntax, e.to_string()),
    };
    let kind = feature.kind.as_deref().unwrap_or_default();
    if kind != "Feature" {
        if feature.coordinates.is_some() || feature.geometries.is_some() {
            return geometry(text, row, 0);
        }
        return row.fail(Code::NotAFeature, format!("its type is \"{kind}\""));
    }
    if let Some(id) = feature.id {
        match scalar(id.get()) {
            Ok(Scalar::Value(v @ (RawValue::Int(_) | RawValue::Text(_)))) => row.set_id(v),
            Ok(Scalar::Owned(text)) => row.set_id(RawValue::Text(&text)),
            // RFC 7946 §3.2: a string or a number; other ids are kept by their spelling.
            _ => row.set_id(RawValue::Text(id.get())),
        }
    }
    if let Some(geometry_text) = feature.geometry {
        geometry(geometry_text.get(), row, 0);
    }
    if let Some(properties) = feature.properties {
        let mut de = serde_json::Deserializer::from_str(properties.get());
        if let Err(e) = Properties(row).deserialize(&mut de) {
            row.fail(Code::NotAFeature, format!("properties: {e}"));
        }
    }
}

/// A property value that is no list or object.
enum Scalar<'a> {
    Value(RawValue<'a>),
    /// A text that had escapes in it.
    Owned(String),
}

fn scalar(text: &str) -> Result<Scalar<'_>, String> {
    let value = match text.as_bytes().first() {
        Some(b'"') => {
            match serde_json::from_str::<Cow<'_, str>>(text).map_err(|e| e.to_string())? {
                Cow::Owned(s) => return Ok(Scalar::Owned(s)),
                Cow::Borrowed(_) => {
                    // `Cow<str>` borrows only through an attribute; without escapes the text stands between its quotes.
                    RawValue::Text(&text[1..text.len() - 1])
                }
            }
        }
        Some(b't') => RawValue::Bool(true),
        Some(b'f') => RawValue::Bool(false),
        Some(b'n') => RawValue::Null,
        Some(b'{' | b'[') => {
            if depth(text) > MAX_DEPTH {
                return Err(format!("a value is nested deeper than {MAX_DEPTH}"));
            }
            RawValue::Json(text)
        }
        _ if text.bytes().any(|b| matches!(b, b'.' | b'e' | b'E')) => {
            RawValue::Float(serde_json::from_str(text).map_err(|e| format!("{text}: {e}"))?)
        }
        // An integer beyond 64 bits keeps its digits as JSON text.
        _ => text.parse().map_or(RawValue::Json(text), RawValue::Int),
    };
    Ok(Scalar::Value(value))
}

/// Greatest nesting of brackets outside of strings.
fn depth(json: &str) -> usize {
    let (mut depth, mut most, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for b in json.bytes() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                most = most.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    most
}

struct Properties<'a>(&'a mut RowBuilder);

impl<'de> DeserializeSeed<'de> for Properties<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<(), D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Properties<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of properties")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let text: &Text = map.next_value()?;
            match scalar(text.get()) {
                Ok(Scalar::Value(v)) => self.0.set(&name.0, v),
                Ok(Scalar::Owned(s)) => self.0.set(&name.0, RawValue::Text(&s)),
                Err(e) => {
                    let code = if e.contains("out of range") {
                        Code::NotFinite
                    } else {
                        Code::ValueTooLong
                    };
                    self.0.fail(code, format!("\"{}\": {e}", name.0));
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    coordinates: Option<&'a Text>,
    #[serde(borrow)]
    geometries: Option<Vec<&'a Text>>,
}

fn geometry(text: &str, row: &mut RowBuilder, depth: usize) {
    if text == "null" {
        return;
    }
    if depth > MAX_DEPTH {
        return row.fail(Code::BadGeometry, "collections nested too deep");
    }
    let g: Geometry<'_> = match serde_json::from_str(text) {
        Ok(g) => g,
        Err(e) => return row.fail(Code::BadGeometry, e.to_string()),
    };
    let Some(kind) = GeometryKind::ALL.into_iter().find(|k| k.name() == g.kind) else {
        return row.fail(
            Code::BadGeometry,
            format!("\"{}\" is no geometry type", g.kind),
        );
    };
    row.begin_geometry(kind);
    if kind == GeometryKind::GeometryCollection {
        for member in g.geometries.unwrap_or_default() {
            geometry(member.get(), row, depth + 1);
        }
    } else if let Some(coordinates) = g.coordinates {
        let mut de = serde_json::Deserializer::from_str(coordinates.get());
        let shape = match kind {
            GeometryKind::Point => Shape::Position,
            GeometryKind::LineString | GeometryKind::MultiPoint => Shape::Path,
            GeometryKind::Polygon | GeometryKind::MultiLineString => Shape::Paths,
            _ => Shape::PathLists,
        };
        if shape == Shape::Position {
            row.open_path();
        }
        if let Err(e) = (Coordinates { row, shape }).deserialize(&mut de) {
            let code = if e.to_string().contains("out of range") {
                Code::NotFinite
            } else {
                Code::BadGeometry
            };
            row.fail(code, format!("coordinates: {e}"));
        }
        if shape == Shape::Position {
            row.close();
        }
    } else {
        row.fail(
            Code::BadGeometry,
            format!("a {} without coordinates", g.kind),
        );
    }
    row.close();
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Position,
    Path,
    Paths,
    PathLists,
}

/// Coordinates of a known depth, straight into the row.
struct Coordinates<'a> {
    row: &'a mut RowBuilder,
    shape: Shape,
}

impl<'de> DeserializeSeed<'de> for Coordinates<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<(), D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Coordinates<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.shape {
            Shape::Position => "a position of two to four numbers",
            Shape::Path => "a list of positions",
            Shape::Paths => "a list of lists of positions",
            Shape::PathLists => "a list of lists of lists of positions",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = match self.shape {
            Shape::Position => return position(self.row, &mut seq),
            Shape::Path => Shape::Position,
            Shape::Paths => Shape::Path,
            Shape::PathLists => Shape::Paths,
        };
        match self.shape {
            Shape::Path => self.row.open_path(),
            _ => self.row.open_list(),
        }
        loop {
            let next = Coordinates {
                row: &mut *self.row,
                shape: inner,
            };
            if seq.next_element_seed(next)?.is_none() {
                break;
            }
        }
        self.row.close();
        Ok(())
    }
}

fn position<'de, A: SeqAccess<'de>>(row: &mut RowBuilder, seq: &mut A) -> Result<(), A::Error> {
    let Some(x) = seq.next_element::<f64>()? else {
        return Ok(()); // an empty Point
    };
    let Some(y) = seq.next_element::<f64>()? else {
        return Err(A::Error::custom("a position needs two numbers at least"));
    };
    let z = seq.next_element::<f64>()?;
    let m = if z.is_some() {
        seq.next_element::<f64>()?
    } else {
        None
    };
    // RFC 7946 §3.1.1: implementations may ignore more elements.
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    row.vertex(x, y, z, m);
    Ok(())
}
