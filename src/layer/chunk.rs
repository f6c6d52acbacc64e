//! What readers hand in: runs of features in the order of the file, not yet typed, sorted or packed.

use roaring::RoaringBitmap;

use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::paths::PathKind;

/// What a cell of a raw column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    Null = 0,
    Bool = 1,
    Int = 2,
    Float = 3,
    Text = 4,
    /// The text of a JSON value that is no boolean, 64-bit integer, double or text.
    Json = 5,
}

/// A value on its way in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RawValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Json(&'a str),
}

impl RawValue<'_> {
    pub(crate) fn tag(self) -> Tag {
        match self {
            Self::Null => Tag::Null,
            Self::Bool(_) => Tag::Bool,
            Self::Int(_) => Tag::Int,
            Self::Float(_) => Tag::Float,
            Self::Text(_) => Tag::Text,
            Self::Json(_) => Tag::Json,
        }
    }
}

/// Cells of one column: nine bytes each, texts aside.
#[derive(Debug, Default)]
pub(crate) struct RawColumn {
    tags: Vec<u8>,
    payload: Vec<u64>,
    text: String,
    seen: u8,
}

impl RawColumn {
    /// Sets the cell of `row`; cells between the last one and `row` become null. A row that is set twice keeps its last value.
    pub(crate) fn set(&mut self, row: usize, value: RawValue<'_>) {
        self.pad(row + 1);
        let tag = value.tag();
        let payload = match value {
            RawValue::Null => 0,
            RawValue::Bool(b) => u64::from(b),
            RawValue::Int(i) => i as u64,
            RawValue::Float(f) => f.to_bits(),
            RawValue::Text(t) | RawValue::Json(t) => self.keep(t),
        };
        self.seen |= 1 << tag as u8;
        self.tags[row] = tag as u8;
        self.payload[row] = payload;
    }

    fn keep(&mut self, text: &str) -> u64 {
        let start = self.text.len() as u64;
        self.text.push_str(text);
        start << 32 | text.len() as u64
    }

    /// Makes the column `rows` long.
    pub(crate) fn pad(&mut self, rows: usize) {
        if self.tags.len() < rows {
            self.tags.resize(rows, Tag::Null as u8);
            self.payload.resize(rows, 0);
        }
    }

    /// Forgets the cells from `rows` on.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.tags.truncate(rows);
        self.payload.truncate(rows);
    }

    /// The cell of a row, null beyond the end.
    pub(crate) fn get(&self, row: usize) -> RawValue<'_> {
        let Some(tag) = self.tags.get(row) else {
            return RawValue::Null;
        };
        let payload = self.payload[row];
        let text = || {
            let start = (payload >> 32) as usize;
            &self.text[start..start + (payload & 0xffff_ffff) as usize]
        };
        match *tag {
            1 => RawValue::Bool(payload != 0),
            2 => RawValue::Int(payload as i64),
            3 => RawValue::Float(f64::from_bits(payload)),
            4 => RawValue::Text(text()),
            5 => RawValue::Json(text()),
            _ => RawValue::Null,
        }
    }

    /// Bits `1 << Tag` of the kinds of value met so far.
    pub(crate) fn seen(&self) -> u8 {
        self.seen
    }
}

/// Exact and cleaned geometries of a chunk's rows, one after the other.
#[derive(Debug, Default)]
pub(crate) struct RawShapes {
    /// Shape byte of each row, see [`super::shapes`].
    pub(crate) kinds: Vec<u8>,
    pub(crate) counts: Vec<u32>,
    pub(crate) counts_end: Vec<u32>,
    pub(crate) xy: Vec<[f64; 2]>,
    pub(crate) xy_end: Vec<u32>,
    /// As long as `xy` once any vertex has a height, else empty.
    pub(crate) z: Vec<f64>,
    pub(crate) m: Vec<f64>,
    pub(crate) grid: RawGrid,
}

/// Cleaned shapes on the world grid.
#[derive(Debug, Default)]
pub(crate) struct RawGrid {
    pub(crate) xy: Vec<GridPoint>,
    /// One byte per vertex (0 for points).
    pub(crate) importance: Vec<u8>,
    pub(crate) path_kind: Vec<u8>,
    pub(crate) path_end: Vec<u32>,
    pub(crate) row_end: Vec<u32>,
    pub(crate) bbox: Vec<GridBox>,
}

impl RawGrid {
    /// Adds a path of points, which nothing simplifies.
    pub(crate) fn push_points(&mut self, points: &[GridPoint]) {
        self.xy.extend_from_slice(points);
        self.importance.resize(self.xy.len(), u8::MAX);
        self.path_kind.push(PathKind::Points as u8);
        self.path_end.push(self.xy.len() as u32);
    }
}

/// A run of features.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Names of the columns, in order of appearance.
    pub(crate) names: Vec<Box<str>>,
    pub(crate) columns: Vec<RawColumn>,
    /// The file's own ids.
    pub(crate) ids: RawColumn,
    /// Place of each row in the file, from 1.
    pub(crate) ordinals: Vec<u32>,
    pub(crate) shapes: RawShapes,
    /// Rows that were taken back after they had been added.
    pub(crate) gone: RoaringBitmap,
}

impl Chunk {
    /// Number of rows that were finished.
    pub(crate) fn rows(&self) -> usize {
        self.ordinals.len()
    }
}
