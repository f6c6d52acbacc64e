//! GeoJSON (RFC 7946) and GeoJSON text sequences (RFC 8142, and one text a line).
//!
//! The file is cut into the texts of its features, without reading them, by one thread; others read the texts. So a collection of any
//! size is never in memory whole, and what is wrong inside of one feature does not reach its neighbours.

mod feature;

use std::fmt;
use std::io::{BufRead, Read};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue as Text;

use super::pipeline::{Batches, Stop};
pub(super) use feature::read_feature;

use crate::geometry::source::GeometryKind;

/// Features per batch: enough to keep the hand-over cheap, few enough to keep batches small.
const BATCH: usize = 2_000;
/// Bytes per batch, whichever comes first.
const BATCH_BYTES: usize = 8 << 20;
/// Longest single text of a sequence. A feature of a million vertices takes some 40 MB.
const MAX_TEXT: u64 = 512 << 20;

/// Members of a Feature or of a geometry.
const MEMBERS: [&str; 6] = [
    "type",
    "id",
    "geometry",
    "properties",
    "coordinates",
    "geometries",
];
/// Stands for a text that is no UTF-8, and is no JSON itself.
const NOT_UTF8: &str = "not UTF-8";

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
        let text = std::str::from_utf8(text).unwrap_or(NOT_UTF8);
        if !text.is_empty() && sender.send(text.into()).is_err() {
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
            } else if key == "crs" {
                let value: Box<Text> = map.next_value()?;
                self.outline.crs = Some(value.get().to_owned());
            } else if MEMBERS.contains(&key.as_str()) {
                members.push((key, map.next_value()?));
            } else {
                // Foreign members (RFC 7946 §6.1) may be of any size: they are passed over, not held.
                map.next_value::<IgnoredAny>()?;
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
