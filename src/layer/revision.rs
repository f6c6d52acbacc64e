//! Revisions: a keyed sum of per-row hashes, so that a change of a few rows costs a few hashes.

use std::fmt;

use rayon::prelude::*;

use super::segment::Segment;
use crate::geometry::crs::Crs;
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

/// The revision of a whole segment under `schema`, its ordinates in `crs`.
pub(super) fn revision(key: &[u8; 32], schema: &Schema, crs: Crs, segment: &Segment) -> Revision {
    let rows = (0..segment.rows)
        .into_par_iter()
        .fold(
            || (0u128, Vec::new()),
            |(sum, mut buffer), row| {
                (
                    sum.wrapping_add(row_hash(key, segment, row, &mut buffer)),
                    buffer,
                )
            },
        )
        .map(|(sum, _)| sum)
        .reduce(|| 0, u128::wrapping_add);
    Revision(rows.wrapping_add(schema_hash(key, schema, crs)))
}

fn first_half(hash: &blake3::Hash) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    u128::from_le_bytes(half)
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
    first_half(&hasher.finalize())
}

/// Hash of the id, values and exact geometry of one row. Each part is preceded by its length or kind, so that no two rows spell the
/// same bytes.
fn row_hash(key: &[u8; 32], segment: &Segment, row: usize, buffer: &mut Vec<u8>) -> u128 {
    buffer.clear();
    match segment.id(row) {
        FeatureIdRef::Int(i) => {
            buffer.push(b'i');
            buffer.extend_from_slice(&i.to_le_bytes());
        }
        FeatureIdRef::Text(t) => text(buffer, b't', t),
    }
    for field in 0..segment.columns.len() {
        value(buffer, segment.value(row, field));
    }
    if let Some(g) = segment.source_geometry(row) {
        buffer.push(g.kind as u8);
        buffer.extend_from_slice(bytemuck::cast_slice(g.counts));
        buffer.extend_from_slice(bytemuck::cast_slice(g.xy));
        buffer.push(u8::from(!g.z.is_empty()) + 2 * u8::from(!g.m.is_empty()));
        buffer.extend_from_slice(bytemuck::cast_slice(g.z));
        buffer.extend_from_slice(bytemuck::cast_slice(g.m));
    }
    first_half(&blake3::keyed_hash(key, buffer))
}

fn text(buffer: &mut Vec<u8>, tag: u8, text: &str) {
    buffer.push(tag);
    buffer.extend_from_slice(&(text.len() as u32).to_le_bytes());
    buffer.extend_from_slice(text.as_bytes());
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
        ValueRef::Text(t) => text(buffer, b't', t),
        ValueRef::Json(t) => text(buffer, b'j', t),
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
