//! Small layers out of GeoJSON, and policies over them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;

use crate::access::{
    Access, Action, AreaMode, AreaSource, Attributes, Derived, Grant, Policy, PolicyParts,
    Precision, Profile, ProfileArea, Subject, Zooms,
};
use crate::catalog::told::Told;
use crate::catalog::{
    Catalog, LayerEntry, Platform, Principal, Publication, Resolution, Scan, Surface, TileSettings,
    Views, VisibleLayer,
};
use crate::geometry::paths::PathKind;
use crate::ingest::{self, DeclaredField, IngestLimits, LoadOptions, SourceSpec};
use crate::layer::Layer;
use crate::model::DataType;
use crate::model::metadata::Metadata;

pub(super) const SECRET: [u8; 32] = [42; 32];

pub(super) const FIELDS: [(&str, DataType); 5] = [
    ("k", DataType::Integer),
    ("nom", DataType::String),
    ("n", DataType::Integer),
    ("x", DataType::Number),
    ("jour", DataType::Date),
];

/// A row; `None` is null.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) k: Option<i64>,
    pub(super) nom: Option<&'static str>,
    pub(super) n: Option<i64>,
    pub(super) x: Option<f64>,
    pub(super) jour: Option<&'static str>,
    pub(super) shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Nowhere,
    Point(i32, i32),
    /// From a corner, with a side.
    Square(i32, i32, i32),
    Line(i32, i32, i32),
}

/// Degrees of a step of the lattice on which all shapes lie.
pub(super) const STEP: f64 = 0.01;

pub(super) fn at(x: i32, y: i32) -> [f64; 2] {
    [5.0 + f64::from(x) * STEP, 43.0 + f64::from(y) * STEP]
}

fn coordinates(points: &[[f64; 2]]) -> String {
    let all: Vec<String> = points.iter().map(|[x, y]| format!("[{x},{y}]")).collect();
    all.join(",")
}

impl Shape {
    fn json(self) -> String {
        match self {
            Self::Nowhere => "null".to_owned(),
            Self::Point(x, y) => format!(
                r#"{{"type":"Point","coordinates":{}}}"#,
                coordinates(&[at(x, y)])
            ),
            Self::Square(x, y, side) => {
                let ring = [
                    at(x, y),
                    at(x + side, y),
                    at(x + side, y + side),
                    at(x, y + side),
                    at(x, y),
                ];
                format!(
                    r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
                    coordinates(&ring)
                )
            }
            Self::Line(x, y, length) => format!(
                r#"{{"type":"LineString","coordinates":[{}]}}"#,
                coordinates(&[at(x, y), at(x + length, y + 1)])
            ),
        }
    }
}

impl Row {
    fn json(&self, fields: &[&str]) -> String {
        fn show<T: std::fmt::Debug>(value: Option<T>) -> String {
            value.map_or("null".to_owned(), |v| format!("{v:?}"))
        }
        let mut properties = Vec::new();
        for name in fields {
            let value = match *name {
                "k" => show(self.k),
                "nom" => show(self.nom),
                "n" => show(self.n),
                "x" => show(self.x),
                _ => show(self.jour),
            };
            properties.push(format!("{name:?}:{value}"));
        }
        format!(
            r#"{{"type":"Feature","properties":{{{}}},"geometry":{}}}"#,
            properties.join(","),
            self.shape.json()
        )
    }
}

/// The layer of rows with those properties, declared; ids are those of `feature_id`, else places in the file.
pub(super) fn layer(rows: &[Row], fields: &[&str], feature_id: Option<&str>) -> Layer {
    load(rows, fields, feature_id, false)
}

/// The same, `mapped` from its snapshot or not.
pub(super) fn load(rows: &[Row], fields: &[&str], feature_id: Option<&str>, mapped: bool) -> Layer {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.geojson");
    let features: Vec<String> = rows.iter().map(|row| row.json(fields)).collect();
    let features = features.join(",");
    let text = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
    std::fs::write(&path, text).unwrap();
    let declared: Vec<DeclaredField> = FIELDS
        .iter()
        .filter(|(name, _)| fields.contains(name))
        .map(|(name, data_type)| DeclaredField {
            name: (*name).to_owned(),
            data_type: Some(*data_type),
            ..DeclaredField::default()
        })
        .collect();
    let options = LoadOptions {
        feature_id,
        fields: &declared,
        time_zone: jiff::tz::TimeZone::UTC,
        limits: IngestLimits::default(),
        hash_key: SECRET,
        snapshot: mapped.then(|| folder.path().join("t.snapshot")),
        workers: 1,
        progress: &|_| {},
    };
    let spec = SourceSpec {
        path,
        ..SourceSpec::default()
    };
    let loaded = ingest::load(&spec, &options).unwrap();
    assert_eq!(loaded.report.read, loaded.report.accepted);
    loaded.layer
}

pub(super) fn publication(access: Access) -> Publication {
    Publication {
        id: "t".into(),
        access,
        declared: FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        time: Some("jour".into()),
        metadata: Metadata {
            label: Some("nom".into()),
            ..Metadata::default()
        },
        tiles: TileSettings {
            min_zoom: Some(0),
            ..TileSettings::default()
        },
        ..Publication::default()
    }
}

/// What a profile says, in short.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Opened {
    pub(super) rows: &'static str,
    pub(super) attributes: Vec<&'static str>,
    /// From a corner of the lattice, with a side.
    pub(super) area: Option<(i32, i32, i32, AreaMode)>,
    pub(super) derived: Vec<(&'static str, Derived)>,
    pub(super) precision: Option<Precision>,
    pub(super) zooms: Zooms,
}

impl Opened {
    pub(super) fn rows(rows: &'static str, attributes: &[&'static str]) -> Self {
        Self {
            rows,
            attributes: attributes.to_vec(),
            area: None,
            derived: Vec::new(),
            precision: None,
            zooms: Zooms::ALL,
        }
    }

    fn profile(&self, id: usize) -> Profile {
        Profile {
            id: format!("p{id}"),
            organisation: None,
            rows: self.rows.to_owned(),
            attributes: Attributes::Only(self.attributes.iter().map(|a| (*a).to_owned()).collect()),
            area: self.area.map(|(x, y, side, mode)| {
                let [[west, south], [east, north]] = [at(x, y), at(x + side, y + side)];
                let wkt = format!("POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))");
                (ProfileArea::Given(AreaSource::Wkt(wkt)), mode)
            }),
            derived: self
                .derived
                .iter()
                .map(|(name, d)| ((*name).to_owned(), *d))
                .collect(),
            zooms: self.zooms,
            precision: self.precision.clone(),
            formats: None,
        }
    }
}

/// A policy that opens that much of layer `t` to everybody.
pub(super) fn policy(opened: &[Opened]) -> Policy {
    let profiles = opened.iter().enumerate();
    let profiles: BTreeMap<String, Profile> = profiles
        .map(|(i, o)| (format!("p{i}"), o.profile(i)))
        .collect();
    let grants = (0..opened.len()).map(|i| Grant {
        id: format!("g{i}"),
        subject: Subject::Public,
        layers: BTreeSet::from(["t".to_owned()]),
        profile: format!("p{i}"),
        actions: BTreeSet::from([
            Action::Discover,
            Action::Tiles,
            Action::Items,
            Action::Export,
        ]),
        from_us: None,
        until_us: None,
        terms: None,
    });
    Policy::new(PolicyParts {
        grants: grants.collect(),
        profiles,
        ..PolicyParts::default()
    })
}

/// A catalogue of one restricted layer `t`.
pub(super) fn catalog(layer: Layer, opened: &[Opened]) -> Catalog {
    let entry = LayerEntry::new(publication(Access::Restricted), layer).unwrap();
    Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)])
        .under(Arc::new(policy(opened)), 0)
        .keeping(Arc::new(Views::new(SECRET, 1 << 30)))
}

/// Layer `t` as that much of it is seen; `None` if nothing is.
pub(super) fn seen(layer: Layer, opened: &[Opened]) -> Option<VisibleLayer> {
    let catalog = catalog(layer, opened);
    assert_eq!(catalog.missing_areas().count(), 0);
    match catalog.resolve(&Principal::Anonymous, "t", Surface::Items) {
        Resolution::Visible(layer) => Some(layer),
        Resolution::Absent => None,
        Resolution::Listed(_) => panic!("nothing is listed"),
    }
}

/// A layer all of which is seen.
pub(super) fn open(layer: Layer, fields: &[&str]) -> VisibleLayer {
    let mut publication = publication(Access::Open);
    publication.time = publication.time.filter(|t| fields.contains(&t.as_str()));
    publication.metadata.label = publication
        .metadata
        .label
        .filter(|l| fields.contains(&l.as_str()));
    // A restricted layer has the time that is declared and no other.
    let entry = LayerEntry::new(publication, layer).unwrap();
    VisibleLayer::unrestricted(&Arc::new(entry), Told::Exactly)
}

/// Everything that can be asked of a layer, as text, but for ids.
pub(super) fn told(layer: &VisibleLayer, with_ids: bool) -> Vec<String> {
    let mut told = vec![format!(
        "{:?} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
        layer.schema(),
        layer.feature_count(),
        layer.extent_crs84(),
        layer.grid_extent(),
        layer.z_range(),
        layer.temporal_extent_us(),
        layer.tile_zooms(),
        layer.tile_properties(),
        layer.metadata(),
        layer.ids_are_small_integers(),
    )];
    if with_ids {
        told.push(layer.revision().to_string());
    }
    layer.scan(&Scan::default(), &mut |row| {
        let mut line = String::new();
        if with_ids {
            write!(line, "{} {:?} ", row.id(), row.position()).unwrap();
        }
        for field in 0..layer.schema().fields.len() {
            write!(line, "{:?} ", row.value(field)).unwrap();
        }
        let paths = row.grid_paths();
        let paths: Vec<_> = paths
            .iter()
            .map(|p| {
                // That of points is of no meaning.
                let weighed = p.kind != PathKind::Points;
                (p.kind, p.xy, weighed.then_some(p.importance))
            })
            .collect();
        write!(
            line,
            "{:?} {:?} {paths:?}",
            row.source_geometry(),
            row.grid_bbox()
        )
        .unwrap();
        told.push(line);
        ControlFlow::Continue(())
    });
    told
}

pub(super) fn some_row() -> impl Strategy<Value = Row> {
    let shape = prop_oneof![
        1 => Just(Shape::Nowhere),
        4 => (0..12, 0..12).prop_map(|(x, y)| Shape::Point(x, y)),
        6 => (0..12, 0..12, 1..4).prop_map(|(x, y, s)| Shape::Square(x, y, s)),
        3 => (0..12, 0..12, 1..4).prop_map(|(x, y, s)| Shape::Line(x, y, s)),
    ];
    let nom = prop::option::weighted(0.8, prop::sample::select(vec!["a", "b", "bois", "été", ""]));
    let jour = prop::option::weighted(
        0.8,
        prop::sample::select(vec!["2020-01-01", "2021-05-06", "1999-12-31"]),
    );
    let n = prop::option::weighted(0.8, -5i64..5);
    let x = prop::option::weighted(0.8, (-8i32..8).prop_map(|i| f64::from(i) / 4.0 + 0.125));
    (nom, n, x, jour, shape).prop_map(|(nom, n, x, jour, shape)| Row {
        k: None,
        nom,
        n,
        x,
        jour,
        shape,
    })
}

/// Rows under distinct ids, in no order.
pub(super) fn some_rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(some_row(), 1..300).prop_map(|mut rows| {
        let n = rows.len() as i64;
        for (i, row) in rows.iter_mut().enumerate() {
            row.k = Some((i as i64 * 7919) % (n * 3 + 1));
        }
        let mut seen = BTreeSet::new();
        rows.retain(|row| seen.insert(row.k));
        rows
    })
}
