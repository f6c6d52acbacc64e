//! The same files read by other means: FlatGeobuf by its accessors, GeoJSON as one JSON value, GeoPackage by SQL and a WKB parser of
//! its own. Slow and simple, so that what guichet holds can be compared with something that shares no code with it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;

use flatgeobuf::{FallibleStreamingIterator, FgbReader, Geometry, GeometryType};
use geozero::error::Result as GeozeroResult;
use geozero::{ColumnValue, FeatureProperties, PropertyProcessor};
use rusqlite::types::ValueRef as Sql;

/// A feature of a file.
#[derive(Debug, Default, PartialEq)]
pub struct Feature {
    pub id: Option<String>,
    /// `None` for a null geometry, else its structure: `Polygon[4 4]`.
    pub shape: Option<String>,
    /// x, y, z, m by their bits; z and m absent where a vertex has none.
    pub vertices: Vec<Vertex>,
    pub values: BTreeMap<String, Value>,
}

/// x, y, z, m by their bits.
pub type Vertex = (u64, u64, Option<u64>, Option<u64>);

/// A value as the file has it.
#[derive(Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Json(serde_json::Value),
}

/// A vertex from its ordinates; a height or measure that is no number is none.
pub fn vertex(x: f64, y: f64, z: Option<f64>, m: Option<f64>) -> Vertex {
    let bits = |v: Option<f64>| v.filter(|v| !v.is_nan()).map(f64::to_bits);
    (x.to_bits(), y.to_bits(), bits(z), bits(m))
}

/// The bytes of a file, unpacked.
fn bytes(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut plain = Vec::new();
    let mut gz = flate2::read::MultiGzDecoder::new(&*bytes);
    gz.read_to_end(&mut plain).unwrap();
    plain
}

// --- FlatGeobuf ---

/// Features of a FlatGeobuf, in the file's order.
pub fn flatgeobuf(path: &Path) -> Vec<Feature> {
    let reader = FgbReader::open(std::io::Cursor::new(bytes(path))).unwrap();
    let general = reader.header().geometry_type();
    let mut features = reader.select_all_seq().unwrap();
    let mut all = Vec::new();
    while let Some(feature) = features.next().unwrap() {
        let mut out = Feature::default();
        if let Some(geometry) = feature.geometry() {
            let mut shape = String::new();
            fgb_geometry(&geometry, general, &mut shape, &mut out.vertices);
            out.shape = Some(shape);
        }
        feature
            .process_properties(&mut Values(&mut out.values))
            .unwrap();
        all.push(out);
    }
    all
}

fn fgb_geometry(
    g: &Geometry<'_>,
    general: GeometryType,
    shape: &mut String,
    out: &mut Vec<Vertex>,
) {
    // Parts of a MultiPolygon are polygons, whatever the writer calls them.
    let kind = match (g.type_(), general) {
        (GeometryType::Unknown, kind) | (_, kind @ GeometryType::Polygon) => kind,
        (kind, _) => kind,
    };
    let xy: Vec<f64> = g.xy().map(|v| v.iter().collect()).unwrap_or_default();
    let count = xy.len() / 2;
    for i in 0..count {
        let z = g.z().filter(|z| i < z.len()).map(|z| z.get(i));
        let m = g.m().filter(|m| i < m.len()).map(|m| m.get(i));
        out.push(vertex(xy[2 * i], xy[2 * i + 1], z, m));
    }
    let ends: Vec<usize> = match g.ends() {
        Some(ends) if !ends.is_empty() => ends.iter().map(|e| e as usize).collect(),
        _ => vec![count],
    };
    let runs = |shape: &mut String| {
        let mut start = 0;
        shape.push('[');
        for end in &ends {
            let _infallible = write!(shape, "{} ", end - start);
            start = *end;
        }
        shape.push(']');
    };
    let parts = |shape: &mut String, out: &mut Vec<Vertex>, general| {
        shape.push('[');
        for part in g.parts().into_iter().flatten() {
            fgb_geometry(&part, general, shape, out);
        }
        shape.push(']');
    };
    match kind {
        GeometryType::Point => _ = write!(shape, "Point{count} "),
        GeometryType::MultiPoint => _ = write!(shape, "MultiPoint{count} "),
        GeometryType::LineString => _ = write!(shape, "LineString{count} "),
        GeometryType::MultiLineString => {
            shape.push_str("MultiLineString");
            runs(shape);
        }
        GeometryType::Polygon | GeometryType::Triangle => {
            shape.push_str("Polygon");
            runs(shape);
        }
        GeometryType::MultiPolygon | GeometryType::PolyhedralSurface | GeometryType::TIN => {
            shape.push_str("MultiPolygon");
            if g.parts().is_some() {
                let mut members = String::new();
                parts(&mut members, out, GeometryType::Polygon);
                shape.push_str(&members.replace("Polygon", ""));
            } else {
                shape.push('[');
                runs(shape);
                shape.push(']');
            }
        }
        GeometryType::GeometryCollection => {
            shape.push_str("GeometryCollection");
            parts(shape, out, GeometryType::Unknown);
        }
        other => panic!("{other:?} in a test file"),
    }
}

struct Values<'a>(&'a mut BTreeMap<String, Value>);

impl PropertyProcessor for Values<'_> {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue<'_>) -> GeozeroResult<bool> {
        let value = match *value {
            ColumnValue::Byte(v) => Value::Int(v.into()),
            ColumnValue::UByte(v) => Value::Int(v.into()),
            ColumnValue::Bool(v) => Value::Bool(v),
            ColumnValue::Short(v) => Value::Int(v.into()),
            ColumnValue::UShort(v) => Value::Int(v.into()),
            ColumnValue::Int(v) => Value::Int(v.into()),
            ColumnValue::UInt(v) => Value::Int(v.into()),
            ColumnValue::Long(v) => Value::Int(v),
            ColumnValue::ULong(v) => {
                i64::try_from(v).map_or_else(|_| Value::Json(v.into()), Value::Int)
            }
            // What a person would read there.
            ColumnValue::Float(v) => Value::Float(v.to_string().parse().unwrap()),
            ColumnValue::Double(v) => Value::Float(v),
            ColumnValue::String(v) | ColumnValue::DateTime(v) => Value::Text(v.to_owned()),
            ColumnValue::Json(v) => json_or_text(v),
            ColumnValue::Binary(_) => return Ok(false),
        };
        self.0.insert(name.to_owned(), value);
        Ok(false)
    }
}

fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).map_or_else(|_| Value::Text(text.to_owned()), Value::Json)
}

// --- GeoJSON ---

/// Features of a GeoJSON file or sequence, in the file's order; texts that are no JSON are left out and counted.
pub fn geojson(path: &Path) -> (Vec<Feature>, usize) {
    let text = String::from_utf8(bytes(path)).unwrap();
    let text = text.trim_start_matches('\u{feff}');
    let name = path.to_string_lossy();
    let name = name.trim_end_matches(".gz");
    let texts: Vec<&str> = if name.ends_with(".geojson") {
        vec![text]
    } else if text.starts_with('\u{1e}') {
        text.split('\u{1e}').skip(1).collect()
    } else {
        text.lines().filter(|l| !l.trim().is_empty()).collect()
    };
    let (mut all, mut bad) = (Vec::new(), 0);
    for text in texts {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) => match value.get("features") {
                Some(features) => all.extend(features.as_array().unwrap().iter().map(json_feature)),
                None => all.push(json_feature(&value)),
            },
            Err(_) => bad += 1,
        }
    }
    (all, bad)
}

fn json_feature(value: &serde_json::Value) -> Feature {
    let mut out = Feature::default();
    let is_feature = value["type"] == "Feature";
    let geometry = if is_feature {
        &value["geometry"]
    } else {
        value
    };
    if !geometry.is_null() {
        let mut shape = String::new();
        json_geometry(geometry, &mut shape, &mut out.vertices);
        out.shape = Some(shape);
    }
    out.id = match value.get("id") {
        Some(serde_json::Value::String(id)) if is_feature => Some(id.clone()),
        Some(id) if is_feature => Some(id.to_string()),
        _ => None,
    };
    for (name, value) in value["properties"].as_object().into_iter().flatten() {
        let value = match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(v) => Value::Bool(*v),
            serde_json::Value::String(v) => Value::Text(v.clone()),
            serde_json::Value::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(v), _) => Value::Int(v),
                (None, Some(_)) => Value::Json(value.clone()),
                _ => Value::Float(n.as_f64().unwrap()),
            },
            other => Value::Json(other.clone()),
        };
        out.values.insert(name.clone(), value);
    }
    out
}

fn json_geometry(g: &serde_json::Value, shape: &mut String, out: &mut Vec<Vertex>) {
    let kind = g["type"].as_str().unwrap();
    shape.push_str(kind);
    if kind == "GeometryCollection" {
        shape.push('[');
        for member in g["geometries"].as_array().unwrap() {
            json_geometry(member, shape, out);
        }
        shape.push(']');
        return;
    }
    let coordinates = g["coordinates"].as_array().unwrap();
    if kind == "Point" {
        let _infallible = write!(shape, "{} ", usize::from(!coordinates.is_empty()));
        out.extend((!coordinates.is_empty()).then(|| json_position(&g["coordinates"])));
    } else {
        let depth = match kind {
            "LineString" | "MultiPoint" => 0,
            "Polygon" | "MultiLineString" => 1,
            _ => 2,
        };
        json_lists(&g["coordinates"], depth, shape, out);
    }
}

fn json_lists(list: &serde_json::Value, depth: usize, shape: &mut String, out: &mut Vec<Vertex>) {
    let list = list.as_array().unwrap();
    if depth == 0 {
        let _infallible = write!(shape, "{} ", list.len());
        return out.extend(list.iter().map(json_position));
    }
    shape.push('[');
    for inner in list {
        json_lists(inner, depth - 1, shape, out);
    }
    shape.push(']');
}

fn json_position(position: &serde_json::Value) -> Vertex {
    let at = |i: usize| position.get(i).map(|v| v.as_f64().unwrap());
    vertex(at(0).unwrap(), at(1).unwrap(), at(2), at(3))
}

// --- GeoPackage ---

/// Rows of a table of a GeoPackage, by rowid.
pub fn geopackage(path: &Path, table: &str) -> Vec<Feature> {
    let mut plain = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut plain, &bytes(path)).unwrap();
    let sql = rusqlite::Connection::open(plain.path()).unwrap();
    let geometry: Option<String> = sql
        .query_row(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?1",
            [table],
            |r| r.get(0),
        )
        .ok();
    let quoted = format!("\"{}\"", table.replace('"', "\"\""));
    let columns: Vec<(String, String, i64)> = sql
        .prepare(&format!("PRAGMA table_info({quoted})"))
        .unwrap()
        .query_map([], |r| Ok((r.get(1)?, r.get(2)?, r.get(5)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut statement = sql
        .prepare(&format!("SELECT * FROM {quoted} ORDER BY rowid"))
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let mut out = Feature::default();
        for (i, (name, declared, key)) in columns.iter().enumerate() {
            let value = row.get_ref(i).unwrap();
            if Some(name) == geometry.as_ref() {
                if let Sql::Blob(blob) = value {
                    let envelope = [0, 32, 48, 48, 64][usize::from(blob[3] >> 1 & 7)];
                    let mut shape = String::new();
                    Wkb(&blob[8 + envelope..]).geometry(&mut shape, &mut out.vertices);
                    out.shape = Some(shape);
                }
                continue;
            }
            let value = match value {
                Sql::Null => Value::Null,
                Sql::Integer(v) if declared == "BOOLEAN" => Value::Bool(v == 1),
                Sql::Integer(v) => Value::Int(v),
                Sql::Real(v) => Value::Float(v),
                Sql::Text(v) => Value::Text(String::from_utf8(v.to_vec()).unwrap()),
                Sql::Blob(_) => continue,
            };
            match (key, value) {
                (1, Value::Int(id)) => out.id = Some(id.to_string()),
                (_, value) => _ = out.values.insert(name.clone(), value),
            }
        }
        all.push(out);
    }
    all
}

/// What is left of a WKB.
struct Wkb<'a>(&'a [u8]);

impl Wkb<'_> {
    fn take<const N: usize>(&mut self, little: bool) -> [u8; N] {
        let (head, tail) = self.0.split_at(N);
        self.0 = tail;
        let mut bytes: [u8; N] = head.try_into().unwrap();
        if !little {
            bytes.reverse();
        }
        bytes
    }

    fn geometry(&mut self, shape: &mut String, out: &mut Vec<Vertex>) {
        let little = self.take::<1>(true)[0] == 1;
        let number = u32::from_le_bytes(self.take(little));
        let (z, m) = ((number / 1000) & 1 == 1, number / 1000 >= 2);
        let kinds = [
            "Point",
            "LineString",
            "Polygon",
            "MultiPoint",
            "MultiLineString",
            "MultiPolygon",
            "GeometryCollection",
        ];
        let kind = kinds[number as usize % 1000 - 1];
        shape.push_str(kind);
        if kind == "Point" {
            let before = out.len();
            self.vertices(1, little, (z, m), out);
            if f64::from_bits(out[before].0).is_nan() {
                out.truncate(before);
            }
            let _infallible = write!(shape, "{} ", out.len() - before);
            return;
        }
        let count = u32::from_le_bytes(self.take(little));
        match kind {
            "LineString" => {
                self.vertices(count, little, (z, m), out);
                let _infallible = write!(shape, "{count} ");
            }
            "Polygon" => {
                shape.push('[');
                for _ in 0..count {
                    let ring = u32::from_le_bytes(self.take(little));
                    self.vertices(ring, little, (z, m), out);
                    let _infallible = write!(shape, "{ring} ");
                }
                shape.push(']');
            }
            "MultiPoint" => {
                let mut members = String::new();
                (0..count).for_each(|_| self.geometry(&mut members, out));
                let _infallible = write!(shape, "{count} ");
            }
            _ => {
                let mut members = String::new();
                (0..count).for_each(|_| self.geometry(&mut members, out));
                let members = match kind {
                    "MultiLineString" => members.replace("LineString", ""),
                    "MultiPolygon" => members.replace("Polygon", ""),
                    _ => members,
                };
                let _infallible = write!(shape, "[{members}]");
            }
        }
    }

    fn vertices(&mut self, count: u32, little: bool, (z, m): (bool, bool), out: &mut Vec<Vertex>) {
        for _ in 0..count {
            let x = f64::from_le_bytes(self.take(little));
            let y = f64::from_le_bytes(self.take(little));
            let z = z.then(|| f64::from_le_bytes(self.take(little)));
            let m = m.then(|| f64::from_le_bytes(self.take(little)));
            out.push(vertex(x, y, z, m));
        }
    }
}
