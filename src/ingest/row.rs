//! The one sink that all readers feed: it keeps ordinates and values of a feature exactly and adds the feature to a chunk, or takes
//! it back whole.

use geozero::error::{GeozeroError, Result as GeozeroResult};
use geozero::{ColumnValue, CoordDimensions, GeomProcessor, PropertyProcessor};
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
/// Nesting of collections and lists: no data set needs as much, and readers take stack for each.
const MAX_OPEN: usize = 64;

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
                return self.fail(Code::NotAFeature, "more columns than limits.columns");
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

    fn unsupported(&mut self, what: &str) -> GeozeroResult<()> {
        let what = format!("{what} geometries are not served");
        self.fail(Code::UnsupportedGeometry, what.as_str());
        // The reader stops here; of two faults the first one counts.
        Err(GeozeroError::Geometry(what))
    }
}

impl GeomProcessor for RowBuilder {
    fn dimensions(&self) -> CoordDimensions {
        CoordDimensions::xyzm()
    }

    fn multi_dim(&self) -> bool {
        true
    }

    fn xy(&mut self, x: f64, y: f64, _: usize) -> GeozeroResult<()> {
        self.vertex(x, y, None, None);
        Ok(())
    }

    fn coordinate(
        &mut self,
        x: f64,
        y: f64,
        z: Option<f64>,
        m: Option<f64>,
        _: Option<f64>,
        _: Option<u64>,
        _: usize,
    ) -> GeozeroResult<()> {
        self.vertex(x, y, z, m);
        Ok(())
    }

    fn empty_point(&mut self, idx: usize) -> GeozeroResult<()> {
        self.point_begin(idx)?;
        self.point_end(idx)
    }

    fn point_begin(&mut self, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::Point);
        self.open_path();
        Ok(())
    }

    fn point_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn multipoint_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::MultiPoint);
        self.open_path();
        Ok(())
    }

    fn multipoint_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn linestring_begin(&mut self, tagged: bool, _: usize, _: usize) -> GeozeroResult<()> {
        if tagged {
            self.begin_geometry(GeometryKind::LineString);
        }
        self.open_path();
        Ok(())
    }

    fn linestring_end(&mut self, tagged: bool, _: usize) -> GeozeroResult<()> {
        self.close();
        if tagged {
            self.close();
        }
        Ok(())
    }

    fn multilinestring_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::MultiLineString);
        self.open_list();
        Ok(())
    }

    fn multilinestring_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn polygon_begin(&mut self, tagged: bool, _: usize, _: usize) -> GeozeroResult<()> {
        if tagged {
            self.begin_geometry(GeometryKind::Polygon);
        }
        self.open_list();
        Ok(())
    }

    fn polygon_end(&mut self, tagged: bool, _: usize) -> GeozeroResult<()> {
        self.close();
        if tagged {
            self.close();
        }
        Ok(())
    }

    fn multipolygon_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.begin_geometry(GeometryKind::MultiPolygon);
        self.open_list();
        Ok(())
    }

    fn multipolygon_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        self.close();
        Ok(())
    }

    fn geometrycollection_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        if self.open.len() >= MAX_OPEN {
            return Err(GeozeroError::Geometry("collections nested too deep".into()));
        }
        self.begin_geometry(GeometryKind::GeometryCollection);
        Ok(())
    }

    fn geometrycollection_end(&mut self, _: usize) -> GeozeroResult<()> {
        self.close();
        Ok(())
    }

    // A triangle is a polygon of one ring, a TIN or polyhedral surface many of them.
    fn triangle_begin(&mut self, tagged: bool, _: usize, _: usize) -> GeozeroResult<()> {
        self.polygon_begin(tagged, 1, 0)
    }

    fn triangle_end(&mut self, tagged: bool, _: usize) -> GeozeroResult<()> {
        self.polygon_end(tagged, 0)
    }

    fn polyhedralsurface_begin(&mut self, size: usize, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_begin(size, idx)
    }

    fn polyhedralsurface_end(&mut self, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_end(idx)
    }

    fn tin_begin(&mut self, size: usize, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_begin(size, idx)
    }

    fn tin_end(&mut self, idx: usize) -> GeozeroResult<()> {
        self.multipolygon_end(idx)
    }

    fn circularstring_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("CircularString")
    }

    fn compoundcurve_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("CompoundCurve")
    }

    fn curvepolygon_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("CurvePolygon")
    }

    fn multicurve_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("MultiCurve")
    }

    fn multisurface_begin(&mut self, _: usize, _: usize) -> GeozeroResult<()> {
        self.unsupported("MultiSurface")
    }
}

impl PropertyProcessor for RowBuilder {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue<'_>) -> GeozeroResult<bool> {
        let big;
        let value = match value {
            ColumnValue::Byte(v) => RawValue::Int((*v).into()),
            ColumnValue::UByte(v) => RawValue::Int((*v).into()),
            ColumnValue::Bool(v) => RawValue::Bool(*v),
            ColumnValue::Short(v) => RawValue::Int((*v).into()),
            ColumnValue::UShort(v) => RawValue::Int((*v).into()),
            ColumnValue::Int(v) => RawValue::Int((*v).into()),
            ColumnValue::UInt(v) => RawValue::Int((*v).into()),
            ColumnValue::Long(v) => RawValue::Int(*v),
            ColumnValue::ULong(v) => {
                if let Ok(v) = i64::try_from(*v) {
                    RawValue::Int(v)
                } else {
                    // Beyond 64 signed bits: kept exact as the text of a JSON number.
                    big = v.to_string();
                    RawValue::Json(&big)
                }
            }
            // Through its shortest decimal form: 0.1 in single precision means 0.1, not 0.10000000149.
            ColumnValue::Float(v) => RawValue::Float(widen(*v)),
            ColumnValue::Double(v) => RawValue::Float(*v),
            ColumnValue::String(v) | ColumnValue::DateTime(v) => RawValue::Text(v),
            ColumnValue::Json(v) => match serde_json::from_str::<&serde_json::value::RawValue>(v) {
                Ok(_) => RawValue::Json(v),
                Err(_) => RawValue::Text(v),
            },
            ColumnValue::Binary(_) => {
                self.report
                    .add(Code::BinaryColumn, 0, || format!("column \"{name}\""));
                return Ok(false);
            }
        };
        self.set(name, value);
        Ok(false)
    }
}

/// A single-precision value as the double of the same decimal spelling.
fn widen(v: f32) -> f64 {
    if v.is_finite() {
        v.to_string().parse().unwrap_or(f64::from(v))
    } else {
        f64::from(v)
    }
}
