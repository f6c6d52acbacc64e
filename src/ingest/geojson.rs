//! GeoJSON (RFC 7946) and GeoJSON text sequences (RFC 8142, and one text a line).
//!
//! The file is cut into the texts of its features, without reading them, by one thread; others read the texts. So a collection of any
//! size is never in memory whole, and what is wrong inside of one feature does not reach its neighbours.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, Read};

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue as Text;

use super::pipeline::{Batches, Stop};
use super::report::Code;
use super::row::RowBuilder;
use crate::geometry::source::GeometryKind;
use crate::layer::RawValue;

/// Features per batch: enough to keep the hand-over cheap, few enough to keep batches small.
const BATCH: usize = 2_000;
/// Bytes per batch, whichever comes first.
const BATCH_BYTES: usize = 8 << 20;
/// Longest single text of a sequence. A feature of a million vertices takes some 40 MB.
const MAX_TEXT: u64 = 512 << 20;
/// Nesting of a property's JSON value: more breaks readers, and no data set needs it.
const MAX_DEPTH: usize = 64;

/// Texts of features, with the place of the first one in the file (from 1).
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) first: u32,
    pub(super) texts: Vec<Box<str>>,
    bytes: usize,
}

/// What stands in a file besides its features.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The `crs` member of 2008, as text.
    pub(super) crs: Option<String>,
    /// The features came before the `crs` member.
    pub(super) crs_after_features: bool,
    /// More texts follow the first: it is a sequence.
    pub(super) is_sequence: bool,
}

/// How cutting failed.
#[derive(Debug)]
pub(super) struct Cut {
    /// In words, with line and column.
    pub(super) what: String,
    /// Features that were complete before.
    pub(super) complete: u32,
}

/// Cuts a GeoJSON file into the texts of its features.
pub(super) fn cut(reader: impl Read, batches: &mut Batches<'_, Texts>) -> Result<Outline, Cut> {
    let mut reader = std::io::BufReader::with_capacity(1 << 20, reader);
    skip_bom(&mut reader);
    let mut outline = Outline::default();
    let mut sender = Sender::new(batches);
    let mut de = serde_json::Deserializer::from_reader(reader);
    let done = Document {
        outline: &mut outline,
        sender: &mut sender,
    }
    .deserialize(&mut de);
    if let Err(e) = done {
        return Err(Cut {
            what: e.to_string(),
            complete: sender.sent,
        });
    }
    if de.end().is_err() {
        outline.is_sequence = true;
        return Ok(outline);
    }
    sender.flush();
    Ok(outline)
}

/// Cuts a sequence into texts: at record separators if the file starts with one, else at line ends.
pub(super) fn cut_sequence(
    mut reader: impl BufRead,
    batches: &mut Batches<'_, Texts>,
) -> Result<Outline, Cut> {
    skip_bom(&mut reader);
    let mut sender = Sender::new(batches);
    let end = match reader.fill_buf() {
        Ok([0x1e, ..]) => 0x1e,
        _ => b'\n',
    };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let read = (&mut reader).take(MAX_TEXT).read_until(end, &mut buffer);
        let stopped = match read {
            Ok(0) => break,
            Ok(n) if n as u64 == MAX_TEXT => Some("a text longer than 512 MiB".to_owned()),
            Ok(_) => None,
            Err(e) => Some(e.to_string()),
        };
        if let Some(what) = stopped {
            return Err(Cut {
                what: format!("after text {}: {what}", sender.sent),
                complete: sender.sent,
            });
        }
        let text = buffer.strip_suffix(&[end]).unwrap_or(&buffer).trim_ascii();
        if !text.is_empty() && sender.send(String::from_utf8_lossy(text).into()).is_err() {
            break;
        }
    }
    sender.flush();
    Ok(Outline::default())
}

fn skip_bom(reader: &mut impl BufRead) {
    if reader
        .fill_buf()
        .is_ok_and(|b| b.starts_with(b"\xef\xbb\xbf"))
    {
        reader.consume(3);
    }
}

struct Sender<'a, 'b> {
    batches: &'a mut Batches<'b, Texts>,
    batch: Texts,
    sent: u32,
}

impl<'a, 'b> Sender<'a, 'b> {
    fn new(batches: &'a mut Batches<'b, Texts>) -> Self {
        Self {
            batches,
            batch: Texts {
                first: 1,
                ..Texts::default()
            },
            sent: 0,
        }
    }

    fn send(&mut self, text: Box<str>) -> Result<(), Stop> {
        self.sent += 1;
        self.batch.bytes += text.len();
        self.batch.texts.push(text);
        if self.batch.texts.len() >= BATCH || self.batch.bytes >= BATCH_BYTES {
            return self.flush_batch();
        }
        Ok(())
    }

    fn flush_batch(&mut self) -> Result<(), Stop> {
        let next = Texts {
            first: self.sent + 1,
            ..Texts::default()
        };
        let batch = std::mem::replace(&mut self.batch, next);
        let n = batch.texts.len() as u64;
        if n == 0 {
            Ok(())
        } else {
            self.batches.send(batch, n)
        }
    }

    fn flush(&mut self) {
        // If nobody listens any more, the reason is known on the other side.
        let _stopped = self.flush_batch();
    }
}

/// The outermost object of a file.
struct Document<'a, 'b, 'c> {
    outline: &'a mut Outline,
    sender: &'a mut Sender<'b, 'c>,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<(), D::Error> {
        de.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut members: Vec<(String, Box<Text>)> = Vec::new();
        let mut seen_features = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "features" {
                map.next_value_seed(Features(self.sender))?;
                seen_features = true;
            } else {
                let value: Box<Text> = map.next_value()?;
                if key == "crs" {
                    self.outline.crs = Some(value.get().to_owned());
                    self.outline.crs_after_features = seen_features;
                }
                members.push((key, value));
            }
        }
        if seen_features {
            return Ok(());
        }
        // A Feature or a geometry: put together again as one text.
        let kind = members
            .iter()
            .find(|(k, _)| k == "type")
            .map(|(_, v)| v.get().trim_matches('"'));
        let Some(kind) = kind else {
            return Err(A::Error::custom(
                "the object has no \"type\", so it is no GeoJSON",
            ));
        };
        let body = object(&members);
        let text = if kind == "Feature" {
            body
        } else if GeometryKind::ALL.iter().any(|k| k.name() == kind) {
            format!("{{\"type\":\"Feature\",\"properties\":null,\"geometry\":{body}}}")
        } else {
            return Err(A::Error::custom(format!(
                "the object's type is \"{kind}\": a FeatureCollection with its features, a Feature or a geometry was expected"
            )));
        };
        let _stopped = self.sender.send(text.into());
        Ok(())
    }
}

fn object(members: &[(String, Box<Text>)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(k, v)| format!("{}:{}", serde_json::Value::from(k.as_str()), v.get()))
        .collect();
    format!("{{{}}}", members.join(","))
}

struct Features<'a, 'b, 'c>(&'a mut Sender<'b, 'c>);

impl<'de> DeserializeSeed<'de> for Features<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<(), D::Error> {
        de.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut stopped = false;
        while let Some(text) = seq.next_element::<Box<Text>>()? {
            stopped = stopped || self.0.send(text.into()).is_err();
        }
        Ok(())
    }
}

/// The EPSG or OGC name in a `crs` member of 2008: `{"type":"name","properties":{"name":"…"}}`.
pub(super) fn crs_name(member: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(member).ok()?;
    Some(value.get("properties")?.get("name")?.as_str()?.to_owned())
}

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
pub(super) fn read_feature(text: &str, row: &mut RowBuilder) {
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
