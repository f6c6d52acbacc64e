//! The one sink that all readers feed: it keeps ordinates and values of a feature exactly and adds the feature to a chunk, or takes
//! it back whole.

use hashbrown::HashMap;

use super::report::{Code, Report};
use crate::geometry::source::GeometryKind;
use crate::layer::{Chunk, HAS_M, HAS_Z, RawColumn, RawValue};

/// Ceilings on one feature.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowLimits {
    pub(super) vertices: usize,
    pub(super) value_bytes: usize,
    pub(super) columns: usize,
}

/// Rows per chunk: small enough to spread over cores, large enough to make columns worth while.
const CHUNK_ROWS: usize = 16_384;
/// Vertices per chunk.
const CHUNK_VERTICES: usize = 1 << 20;
/// Bytes of text per chunk; a column of a chunk addresses its texts with 32 bits.
const CHUNK_TEXT: usize = 32 << 20;

/// Builds a chunk feature by feature.
#[derive(Debug)]
pub(super) struct RowBuilder {
    pub(super) chunk: Chunk,
    pub(super) report: Report,
    /// Bytes of text so far.
    text: usize,
    places: HashMap<Box<str>, usize>,
    limits: RowLimits,
    fault: Option<(Code, String)>,
    /// Vertices, counts and z/m flags before the current feature.
    start: Start,
    kind: u8,
    /// Open geometries and lists.
    open: Vec<Open>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Start {
    xy: usize,
    counts: usize,
}

#[derive(Debug, Clone, Copy)]
enum Open {
    /// A run of vertices beyond the ceiling, of which nothing is kept.
    Skipped,
    /// A geometry; a collection remembers where its number of members stands.
    Geometry { members_at: usize },
    /// A list whose length stands at `at`.
    List { at: usize },
    /// A run of vertices whose number stands at `at`, starting at vertex `first`.
    Path { at: usize, first: usize },
}

impl RowBuilder {
    pub(super) fn new(limits: RowLimits) -> Self {
        Self {
            chunk: Chunk::default(),
            report: Report::default(),
            text: 0,
            places: HashMap::new(),
            limits,
            fault: None,
            start: Start::default(),
            kind: 0,
            open: Vec::new(),
        }
    }

    /// True once the chunk holds as much as a chunk should.
    pub(super) fn is_full(&self) -> bool {
        self.chunk.rows() >= CHUNK_ROWS
            || self.chunk.shapes.xy.len() >= CHUNK_VERTICES
            || self.text >= CHUNK_TEXT
    }

    /// Marks the current feature as faulty; the first fault counts.
    pub(super) fn fail(&mut self, code: Code, what: impl Into<String>) {
        if self.fault.is_none() {
            self.fault = Some((code, what.into()));
        }
    }

    /// Sets a property of the current feature.
    pub(super) fn set(&mut self, name: &str, value: RawValue<'_>) {
        if let RawValue::Text(t) | RawValue::Json(t) = value {
            if t.len() > self.limits.value_bytes {
                return self.fail(
                    Code::ValueTooLong,
                    format!("\"{name}\" has a value of {} bytes", t.len()),
                );
            }
            self.text += t.len();
        }
        let row = self.chunk.rows();
        let place = match self.places.get(name) {
            Some(place) => *place,
            None if self.chunk.names.len() >= self.limits.columns => {
                return self.fail(Code::TooManyColumns, "more columns than limits.columns");
            }
            None => {
                self.places.insert(name.into(), self.chunk.names.len());
                self.chunk.names.push(name.into());
                self.chunk.columns.push(RawColumn::default());
                self.chunk.names.len() - 1
            }
        };
        self.chunk.columns[place].set(row, value);
    }

    /// Sets the file's own id of the current feature.
    pub(super) fn set_id(&mut self, id: RawValue<'_>) {
        let row = self.chunk.rows();
        self.chunk.ids.set(row, id);
    }

    /// Ends the current feature, which stands at `ordinal` (from 1) in the file: keeps it, or takes it back and reports why.
    pub(super) fn end(&mut self, ordinal: u32) {
        self.report.read += 1;
        if !self.open.is_empty() {
            self.open.clear();
            self.fail(Code::BadGeometry, "the geometry is cut");
        }
        let shapes = &mut self.chunk.shapes;
        if self.fault.is_none() {
            let new = &shapes.xy[self.start.xy..];
            if new.iter().any(|p| !p[0].is_finite() || !p[1].is_finite()) {
                self.fault = Some((Code::NotFinite, "an ordinate is not a finite number".into()));
            }
        }
        if let Some((code, what)) = self.fault.take() {
            self.take_back();
            self.report.add(code, ordinal, || what);
            return;
        }
        let vertices = shapes.xy.len();
        if !shapes.z.is_empty() {
            shapes.z.resize(vertices, f64::NAN);
        }
        if !shapes.m.is_empty() {
            shapes.m.resize(vertices, f64::NAN);
        }
        shapes.kinds.push(self.kind);
        shapes.counts_end.push(shapes.counts.len() as u32);
        shapes.xy_end.push(vertices as u32);
        self.chunk.ordinals.push(ordinal);
        self.begin();
    }

    /// Forgets the current feature without a word (the caller has reported it).
    pub(super) fn take_back(&mut self) {
        let rows = self.chunk.rows();
        for column in &mut self.chunk.columns {
            column.truncate(rows);
        }
        self.chunk.ids.truncate(rows);
        let shapes = &mut self.chunk.shapes;
        shapes.xy.truncate(self.start.xy);
        shapes.counts.truncate(self.start.counts);
        shapes.z.truncate(self.start.xy);
        shapes.m.truncate(self.start.xy);
        self.fault = None;
        self.begin();
    }

    fn begin(&mut self) {
        self.start = Start {
            xy: self.chunk.shapes.xy.len(),
            counts: self.chunk.shapes.counts.len(),
        };
        self.kind = 0;
        self.open.clear();
    }

    /// Geometries and lists that are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Starts a geometry: the feature's own, or the next member of an open collection.
    pub(super) fn begin_geometry(&mut self, kind: GeometryKind) {
        let counts = &mut self.chunk.shapes.counts;
        match self.open.last_mut() {
            None => self.kind = kind as u8,
            Some(Open::Geometry { members_at, .. }) => {
                counts[*members_at] += 1;
                counts.push(kind as u32);
            }
            Some(_) => {
                return self.fail(
                    Code::BadGeometry,
                    "a geometry inside of a list of coordinates",
                );
            }
        }
        let members_at = counts.len();
        if kind == GeometryKind::GeometryCollection {
            counts.push(0);
        }
        self.open.push(Open::Geometry { members_at });
    }

    /// Starts a list of lists.
    pub(super) fn open_list(&mut self) {
        self.count_in_list();
        let counts = &mut self.chunk.shapes.counts;
        counts.push(0);
        self.open.push(Open::List {
            at: counts.len() - 1,
        });
    }

    /// Starts a run of vertices.
    pub(super) fn open_path(&mut self) {
        self.count_in_list();
        // Empty lines cost as much as vertices; a few parts more than vertices are no flood.
        if self.chunk.shapes.counts.len() - self.start.counts > self.limits.vertices + 64 {
            self.fail(
                Code::TooManyVertices,
                "more lines and rings than limits.vertices_per_feature",
            );
            return self.open.push(Open::Skipped);
        }
        let shapes = &mut self.chunk.shapes;
        shapes.counts.push(0);
        self.open.push(Open::Path {
            at: shapes.counts.len() - 1,
            first: shapes.xy.len(),
        });
    }

    fn count_in_list(&mut self) {
        if let Some(Open::List { at }) = self.open.last() {
            self.chunk.shapes.counts[*at] += 1;
        }
    }

    /// Ends what was opened last.
    pub(super) fn close(&mut self) {
        if let Some(Open::Path { at, first }) = self.open.pop() {
            let shapes = &mut self.chunk.shapes;
            shapes.counts[at] = (shapes.xy.len() - first) as u32;
        }
    }

    /// Adds a vertex; `NaN` for a height or measure that it does not have.
    pub(super) fn vertex(&mut self, x: f64, y: f64, z: Option<f64>, m: Option<f64>) {
        let shapes = &mut self.chunk.shapes;
        if shapes.xy.len() - self.start.xy >= self.limits.vertices {
            if self.fault.is_none() {
                self.fault = Some((
                    Code::TooManyVertices,
                    format!(
                        "more than {} vertices (limits.vertices_per_feature)",
                        self.limits.vertices
                    ),
                ));
            }
            return;
        }
        let place = shapes.xy.len();
        shapes.xy.push([x, y]);
        if let Some(z) = z {
            shapes.z.resize(place, f64::NAN);
            shapes.z.push(z);
            self.kind |= HAS_Z;
        }
        if let Some(m) = m {
            shapes.m.resize(place, f64::NAN);
            shapes.m.push(m);
            self.kind |= HAS_M;
        }
    }
}
