//! TEMPORARY: replaced by the lead's at merge.
#![allow(missing_docs, clippy::pedantic)]
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::access::{Principal, Surface};
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::grid::{self, GridBox};
use crate::geometry::source::{GeometryKind, SourceGeometry};
use crate::model::id::IdStability;
use crate::model::metadata::Metadata;
use crate::model::temporal::{Date, DateTime};
use crate::model::{DataType, FeatureId, FeatureIdRef, Field, Schema, ValueRef};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    Fr,
    En,
}
#[derive(Debug, Clone, Default)]
pub struct Platform {
    pub title: String,
    pub description: Option<String>,
    pub language: Language,
    pub contact: Option<String>,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(u64);
impl SortKey {
    pub fn to_u64(self) -> u64 {
        self.0
    }
    pub fn from_u64(k: u64) -> Self {
        Self(k)
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position<'a> {
    pub key: SortKey,
    pub id: FeatureIdRef<'a>,
}
pub struct Scan<'a> {
    pub after: Option<Position<'a>>,
    pub windows: Option<&'a [GridBox]>,
    pub with_unlocated: bool,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(pub u128);
impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewId(pub u64);
impl fmt::Display for ViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
#[derive(Debug)]
pub struct CatalogHandle(ArcSwap<Catalog>);
impl CatalogHandle {
    pub fn new(c: Catalog) -> Self {
        Self(ArcSwap::from_pointee(c))
    }
    pub fn load(&self) -> Arc<Catalog> {
        self.0.load_full()
    }
    pub fn swap(&self, c: Catalog) {
        self.0.store(Arc::new(c));
    }
}
#[derive(Debug)]
pub struct Catalog {
    pub platform: Platform,
    pub layers: Vec<VisibleLayer>,
}
impl Catalog {
    pub fn platform(&self) -> &Platform {
        &self.platform
    }
    pub fn resolve(&self, _p: &Principal, id: &str, _s: Surface) -> Resolution {
        match self.layers.iter().find(|l| l.id() == id) {
            Some(l) if !l.0.restricted => Resolution::Visible(l.clone()),
            _ => Resolution::Absent,
        }
    }
    pub fn visible(&self, _p: &Principal, _s: Surface) -> Vec<VisibleLayer> {
        let mut v: Vec<_> = self
            .layers
            .iter()
            .filter(|l| !l.0.restricted)
            .cloned()
            .collect();
        v.sort_by(|a, b| a.id().cmp(b.id()));
        v
    }
}
#[derive(Debug)]
pub enum Resolution {
    Absent,
    Visible(VisibleLayer),
}
#[derive(Debug, Clone)]
enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Date(Date),
    DateTime(DateTime),
    Json(String),
}
#[derive(Debug, Clone)]
struct Geom {
    kind: GeometryKind,
    counts: Vec<u32>,
    xy: Vec<[f64; 2]>,
    z: Vec<f64>,
    m: Vec<f64>,
}
#[derive(Debug)]
struct RowData {
    id: FeatureId,
    key: SortKey,
    values: Vec<Value>,
    geom: Option<Geom>,
    grid: Option<GridBox>,
}
#[derive(Debug)]
struct Data {
    id: String,
    restricted: bool,
    metadata: Metadata,
    schema: Schema,
    crs: Crs,
    rows: Vec<RowData>,
    time: Option<usize>,
    revision: u128,
    stability: IdStability,
    extent: Option<Bbox>,
}
#[derive(Clone, Debug)]
pub struct VisibleLayer(Arc<Data>);
#[derive(Clone, Copy)]
pub struct Row<'a>(&'a RowData);
impl<'a> Row<'a> {
    pub fn id(&self) -> FeatureIdRef<'a> {
        self.0.id.as_ref()
    }
    pub fn position(&self) -> Position<'a> {
        Position {
            key: self.0.key,
            id: self.0.id.as_ref(),
        }
    }
    pub fn value(&self, field: usize) -> ValueRef<'a> {
        match &self.0.values[field] {
            Value::Null => ValueRef::Null,
            Value::Bool(b) => ValueRef::Bool(*b),
            Value::Int(b) => ValueRef::Int(*b),
            Value::Float(b) => ValueRef::Float(*b),
            Value::Text(b) => ValueRef::Text(b),
            Value::Date(b) => ValueRef::Date(*b),
            Value::DateTime(b) => ValueRef::DateTime(*b),
            Value::Json(b) => ValueRef::Json(b),
        }
    }
    pub fn source_geometry(&self) -> Option<SourceGeometry<'a>> {
        self.0.geom.as_ref().map(|g| SourceGeometry {
            kind: g.kind,
            counts: &g.counts,
            xy: &g.xy,
            z: &g.z,
            m: &g.m,
        })
    }
    pub fn grid_bbox(&self) -> Option<GridBox> {
        self.0.grid
    }
}
impl VisibleLayer {
    pub fn id(&self) -> &str {
        &self.0.id
    }
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }
    pub fn storage_crs(&self) -> Crs {
        self.0.crs
    }
    pub fn feature_count(&self) -> u64 {
        self.0.rows.len() as u64
    }
    pub fn extent_crs84(&self) -> Option<Bbox> {
        self.0.extent
    }
    pub fn z_range(&self) -> Option<[f64; 2]> {
        let mut r: Option<[f64; 2]> = None;
        for z in self
            .0
            .rows
            .iter()
            .filter_map(|r| r.geom.as_ref())
            .flat_map(|g| &g.z)
        {
            if !z.is_nan() {
                let q = r.get_or_insert([*z, *z]);
                *q = [q[0].min(*z), q[1].max(*z)];
            }
        }
        r
    }
    pub fn temporal_extent_us(&self) -> Option<(i64, i64)> {
        let f = self.0.time?;
        let times = self.0.rows.iter().filter_map(|r| match r.values[f] {
            Value::Date(d) => Some(d.start_us()),
            Value::DateTime(d) => Some(d.instant_us),
            _ => None,
        });
        let mut r: Option<(i64, i64)> = None;
        for t in times {
            let q = r.get_or_insert((t, t));
            *q = (q.0.min(t), q.1.max(t));
        }
        r
    }
    pub fn time_field(&self) -> Option<usize> {
        self.0.time
    }
    pub fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }
    pub fn view_id(&self) -> ViewId {
        ViewId(7)
    }
    pub fn id_stability(&self) -> IdStability {
        self.0.stability
    }
    pub fn tile_zooms(&self) -> (u8, u8) {
        (0, 14)
    }
    pub fn tile_properties(&self) -> &[usize] {
        &[]
    }
    pub fn find_id(&self, segment: &str) -> Option<Row<'_>> {
        self.0
            .rows
            .iter()
            .find(|r| r.id.to_string() == segment)
            .map(Row)
    }
    pub fn row(&self, id: &FeatureIdRef) -> Option<Row<'_>> {
        self.0.rows.iter().find(|r| r.id.as_ref() == *id).map(Row)
    }
    pub fn scan(&self, scan: &Scan, visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>) {
        let start = match scan.after {
            None => 0,
            Some(p) => self.0.rows.partition_point(|r| Row(r).position() <= p),
        };
        for r in &self.0.rows[start..] {
            let ok = match (scan.windows, &r.grid) {
                (None, Some(_)) => true,
                (Some(w), Some(g)) => w.iter().any(|b| b.intersects(g)),
                (_, None) => scan.with_unlocated,
            };
            if ok && visit(Row(r)).is_break() {
                return;
            }
        }
    }
    pub fn scan_offset(&self, offset: u64, visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>) {
        for r in self.0.rows.iter().skip(offset as usize) {
            if visit(Row(r)).is_break() {
                return;
            }
        }
    }
}

/// What a fixture says beside its GeoJSON.
pub struct Fixture<'a> {
    pub id: &'a str,
    pub crs: &'a str,
    pub feature_id: Option<&'a str>,
    pub time: Option<&'a str>,
    pub restricted: bool,
    pub metadata: Metadata,
    pub fields: Vec<(&'a str, DataType)>,
}

pub fn layer_from_geojson(text: &str, fx: Fixture<'_>) -> VisibleLayer {
    let doc: serde_json::Value = serde_json::from_str(text).unwrap();
    let crs = Crs::parse(fx.crs).unwrap();
    let to84 = Transform::between(crs, Crs::CRS84).unwrap();
    let mut schema = Schema {
        fields: fx.fields.iter().map(|(n, t)| Field::new(*n, *t)).collect(),
        ..Schema::default()
    };
    let mut extent = Bbox::EMPTY;
    let mut rows = Vec::new();
    for (i, f) in doc["features"].as_array().unwrap().iter().enumerate() {
        let values: Vec<Value> = fx
            .fields
            .iter()
            .map(|(n, t)| value(&f["properties"][*n], *t))
            .collect();
        let id = match fx.feature_id {
            Some(n) => json_id(&f["properties"][n]),
            None if f["id"].is_null() => FeatureId::Int(i as i64 + 1),
            None => json_id(&f["id"]),
        };
        let geom = (!f["geometry"].is_null())
            .then(|| geometry(&f["geometry"]))
            .filter(|g| !g.xy.is_empty());
        let grid = geom.as_ref().map(|g| {
            let mut p = g.xy.clone();
            to84.convert(&mut p).unwrap();
            let mut b = GridBox::EMPTY;
            for q in &p {
                extent.extend(*q);
                b.extend(grid::from_lonlat(q[0], q[1]));
            }
            b
        });
        if let Some(g) = &geom {
            schema.geometry_kinds.push(g.kind);
            schema.has_z |= !g.z.is_empty();
            schema.has_m |= !g.m.is_empty();
        }
        let key = SortKey(grid.map_or(u64::MAX, |g| grid::hilbert(g.center()).min(u64::MAX - 1)));
        rows.push(RowData {
            id,
            key,
            values,
            geom,
            grid,
        });
    }
    schema.geometry_kinds.sort_unstable();
    schema.geometry_kinds.dedup();
    rows.sort_by(|a, b| Row(a).position().cmp(&Row(b).position()));
    let hash = blake3::hash(format!("{rows:?}{schema:?}").as_bytes());
    let revision = u128::from_le_bytes(hash.as_bytes()[..16].try_into().unwrap());
    let stability = if fx.feature_id.is_some() {
        IdStability::Declared
    } else {
        IdStability::Source
    };
    VisibleLayer(Arc::new(Data {
        id: fx.id.into(),
        restricted: fx.restricted,
        metadata: fx.metadata,
        time: fx.time.and_then(|t| schema.index_of(t)),
        schema,
        crs,
        rows,
        revision,
        stability,
        extent: (!extent.is_empty()).then_some(extent),
    }))
}

fn json_id(v: &serde_json::Value) -> FeatureId {
    match v {
        serde_json::Value::String(s) => FeatureId::Text(s.clone()),
        v => FeatureId::Int(v.as_i64().unwrap()),
    }
}

fn value(v: &serde_json::Value, t: DataType) -> Value {
    if v.is_null() {
        return Value::Null;
    }
    match t {
        DataType::Boolean => Value::Bool(v.as_bool().unwrap()),
        DataType::Integer => Value::Int(v.as_i64().unwrap()),
        DataType::Number => Value::Float(v.as_f64().unwrap_or(f64::NAN)),
        DataType::String => Value::Text(v.as_str().unwrap().into()),
        DataType::Date => Value::Date(Date::parse(v.as_str().unwrap()).unwrap()),
        DataType::DateTime => {
            Value::DateTime(DateTime::parse(v.as_str().unwrap(), |_| 60).unwrap())
        }
        DataType::Json => Value::Json(v.to_string()),
    }
}

fn geometry(v: &serde_json::Value) -> Geom {
    let kind = GeometryKind::ALL
        .into_iter()
        .find(|k| k.name() == v["type"])
        .unwrap();
    let mut g = Geom {
        kind,
        counts: vec![],
        xy: vec![],
        z: vec![],
        m: vec![],
    };
    fill(kind, v, &mut g);
    g
}

fn fill(kind: GeometryKind, v: &serde_json::Value, g: &mut Geom) {
    use GeometryKind as K;
    let c = &v["coordinates"];
    match kind {
        K::Point => {
            g.counts.push(u32::from(!c.as_array().unwrap().is_empty()));
            if !c.as_array().unwrap().is_empty() {
                vertex(c, g);
            }
        }
        K::LineString | K::MultiPoint => path(c, g),
        K::Polygon | K::MultiLineString => paths(c, g),
        K::MultiPolygon => {
            g.counts.push(c.as_array().unwrap().len() as u32);
            for p in c.as_array().unwrap() {
                paths(p, g);
            }
        }
        K::GeometryCollection => {
            let members = v["geometries"].as_array().unwrap();
            g.counts.push(members.len() as u32);
            for m in members {
                let k = GeometryKind::ALL
                    .into_iter()
                    .find(|k| k.name() == m["type"])
                    .unwrap();
                g.counts.push(k as u32);
                fill(k, m, g);
            }
        }
    }
}
fn paths(c: &serde_json::Value, g: &mut Geom) {
    g.counts.push(c.as_array().unwrap().len() as u32);
    for p in c.as_array().unwrap() {
        path(p, g);
    }
}
fn path(c: &serde_json::Value, g: &mut Geom) {
    g.counts.push(c.as_array().unwrap().len() as u32);
    for p in c.as_array().unwrap() {
        vertex(p, g);
    }
}
fn vertex(c: &serde_json::Value, g: &mut Geom) {
    let n: Vec<f64> = c
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect();
    g.xy.push([n[0], n[1]]);
    if n.len() > 2 {
        g.z.push(n[2]);
    }
    if n.len() > 3 {
        g.m.push(n[3]);
    }
}
