//! Revisions: a keyed sum of per-row hashes, so that a change of a few rows costs a few hashes.

use std::fmt;

use siphasher::sip128::SipHasher24;

use super::column::{Column, Values};
use super::part::Part;
use super::segment::Segment;
use crate::geometry::crs::Crs;
use crate::geometry::source::SourceGeometry;
use crate::model::{FeatureIdRef, Schema, ValueRef};

/// What a layer's rows, schema and CRS are, in 128 bits. Equal data have equal revisions under one key; the key keeps anybody from
/// guessing rows by comparing revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision(pub u128);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The revision of those rows under `schema`, their ordinates in `crs`.
pub(crate) fn revision(key: &[u8; 32], schema: &Schema, crs: Crs, parts: &[Part]) -> Revision {
    let row_key = RowKey::of(key);
    let of_part = |part: &Part| {
        let (sum, _) = part.sum(
            || (0u128, Vec::new()),
            |(sum, buffer), row| {
                *sum = sum.wrapping_add(row_hash(&row_key, &part.segment, row, buffer));
            },
            |a, b| (a.0.wrapping_add(b.0), Vec::new()),
        );
        sum
    };
    let rows = parts.iter().map(of_part).fold(0, u128::wrapping_add);
    Revision(rows.wrapping_add(schema_hash(key, schema, crs)))
}

/// The key of hashes of rows. They are made with SipHash-2-4 of 128 bits, which is a keyed function for short texts: without the key
/// nothing can be told of them, and a row of some 300 bytes takes a third of the time that BLAKE3 takes. A million of them are half of
/// what a view costs to derive.
pub(crate) struct RowKey(SipHasher24);

impl RowKey {
    /// A key that follows from another one.
    pub(crate) fn of(key: &[u8; 32]) -> Self {
        let mut half = [0; 16];
        let derived = blake3::derive_key("guichet 2026 hashes of rows", key);
        half.copy_from_slice(&derived[..16]);
        Self(SipHasher24::new_with_key(&half))
    }

    fn hash(&self, text: &[u8]) -> u128 {
        self.0.hash(text).as_u128()
    }
}

fn schema_hash(key: &[u8; 32], schema: &Schema, crs: Crs) -> u128 {
    let mut hasher = blake3::Hasher::new_keyed(key);
    // The same ordinates in another CRS are other places.
    hasher.update(crs.uri().as_bytes());
    for field in &schema.fields {
        hasher.update(field.name.as_bytes());
        hasher.update(&[0xff, field.data_type as u8]);
    }
    // Filters name the geometry.
    hasher.update(schema.geometry_name().as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(half)
}

/// Hash of the id, values and exact geometry of one row. Each part is preceded by its length or kind, so that no two rows spell the
/// same bytes.
fn row_hash(key: &RowKey, segment: &Segment, row: usize, buffer: &mut Vec<u8>) -> u128 {
    buffer.clear();
    match segment.id(row) {
        FeatureIdRef::Int(i) => {
            buffer.push(b'i');
            buffer.extend_from_slice(&i.to_le_bytes());
        }
        FeatureIdRef::Text(t) => text(buffer, b't', t.as_bytes()),
    }
    for column in &segment.columns {
        cell(buffer, column, row);
    }
    spell_geometry(buffer, segment.source_geometry(row));
    key.hash(buffer)
}

/// What a view shows of a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    /// The value of a row in a column of a segment.
    Of(&'a Segment, usize, usize),
    Value(ValueRef<'a>),
}

/// Hash of what a row shows besides its id.
pub(crate) fn content_hash<'a>(
    key: &RowKey,
    cells: impl Iterator<Item = Cell<'a>>,
    geometry: Option<SourceGeometry<'a>>,
    buffer: &mut Vec<u8>,
) -> u128 {
    buffer.clear();
    for shown in cells {
        match shown {
            Cell::Of(segment, row, field) => cell(buffer, &segment.columns[field], row),
            Cell::Value(v) => value(buffer, v),
        }
    }
    spell_geometry(buffer, geometry);
    key.hash(buffer)
}

fn spell_geometry(buffer: &mut Vec<u8>, geometry: Option<SourceGeometry<'_>>) {
    if let Some(g) = geometry {
        buffer.push(g.kind as u8);
        buffer.extend_from_slice(bytemuck::cast_slice(g.counts));
        buffer.extend_from_slice(bytemuck::cast_slice(g.xy));
        buffer.push(u8::from(!g.z.is_empty()) + 2 * u8::from(!g.m.is_empty()));
        buffer.extend_from_slice(bytemuck::cast_slice(g.z));
        buffer.extend_from_slice(bytemuck::cast_slice(g.m));
    }
}

/// The value of a row as [`value`] spells it; texts are not looked at.
fn cell(buffer: &mut Vec<u8>, column: &Column, row: usize) {
    match &*column.values {
        Values::Text(texts) if column.is_valid(row) => text(buffer, b't', texts.bytes_of(row)),
        Values::Json(texts) if column.is_valid(row) => text(buffer, b'j', texts.bytes_of(row)),
        _ => value(buffer, column.get(row)),
    }
}

fn text(buffer: &mut Vec<u8>, tag: u8, text: &[u8]) {
    buffer.push(tag);
    buffer.extend_from_slice(&(text.len() as u32).to_le_bytes());
    buffer.extend_from_slice(text);
}

fn value(buffer: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => buffer.push(b'n'),
        ValueRef::Bool(b) => buffer.extend_from_slice(&[b'b', u8::from(b)]),
        ValueRef::Int(i) => {
            buffer.push(b'i');
            buffer.extend_from_slice(&i.to_le_bytes());
        }
        ValueRef::Float(f) => {
            buffer.push(b'f');
            buffer.extend_from_slice(&f.to_bits().to_le_bytes());
        }
        ValueRef::Text(t) => text(buffer, b't', t.as_bytes()),
        ValueRef::Json(t) => text(buffer, b'j', t.as_bytes()),
        ValueRef::Date(d) => {
            buffer.push(b'd');
            buffer.extend_from_slice(&d.0.to_le_bytes());
        }
        ValueRef::DateTime(t) => {
            buffer.push(b'z');
            buffer.extend_from_slice(&t.instant_us.to_le_bytes());
            let style = t.style;
            buffer.extend_from_slice(&[u8::from(style.space), style.fraction_digits]);
            use crate::model::temporal::Zone;
            let (zone, offset) = match style.zone {
                Zone::Utc => (0, 0),
                Zone::Offset(m) => (1, m),
                Zone::Naive(m) => (2, m),
            };
            buffer.push(zone);
            buffer.extend_from_slice(&offset.to_le_bytes());
        }
    }
}
