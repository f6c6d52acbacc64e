//! Six small layers, as a publisher would hand them in: GeoJSON files, read by the real reader.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use guichet::catalog::{
    Access, Catalog, Language, LayerEntry, Organisation, Platform, Publication, TileSettings,
};
use guichet::geometry::crs::Crs;
use guichet::ingest::{DeclaredField, IngestLimits, LoadOptions, Loaded, SourceSpec, load};
use guichet::model::DataType;
use guichet::model::metadata::Metadata;
use jiff::tz::TimeZone;

/// Towns: points in CRS84 with every type of property; ids are the file's integers; some have no place, some no time.
pub const TOWNS: &str = "villes";
/// Squares with a hole in Lambert-93; ids are texts of a property.
pub const PARISHES: &str = "sud.communes";
/// Points with heights.
pub const PEAKS: &str = "sommets";
/// Shapes at and across the antimeridian.
pub const DATELINE: &str = "antimeridien";
/// A table.
pub const TABLE: &str = "table";
/// Nobody may see it.
pub const SECRET: &str = "secret";

/// Number of towns.
pub const TOWN_COUNT: usize = 137;
/// Towns without a place: every 20th.
pub const UNPLACED: usize = 6;

pub fn catalog() -> Catalog {
    of(entries())
}

/// The fixture and more layers.
pub fn with(more: Vec<Arc<LayerEntry>>) -> Catalog {
    let mut all = entries();
    all.extend(more);
    of(all)
}

fn entries() -> Vec<Arc<LayerEntry>> {
    static ENTRIES: OnceLock<Vec<Arc<LayerEntry>>> = OnceLock::new();
    let entries = ENTRIES.get_or_init(|| {
        vec![
            towns(TOWN_COUNT),
            parishes(),
            peaks(),
            dateline(),
            table(),
            layer(Spec::new(SECRET, &towns_text(9)).restricted()),
        ]
    });
    entries.clone()
}

pub fn of(entries: Vec<Arc<LayerEntry>>) -> Catalog {
    let platform = Platform {
        title: "Données d’essai".to_owned(),
        description: Some("Six couches pour les tests.".to_owned()),
        language: Language::Fr,
        contact: Some("geo@example.org".to_owned()),
    };
    let organisation = Organisation {
        id: "sud".to_owned(),
        title: "Région Sud".to_owned(),
        ..Organisation::default()
    };
    Catalog::new(platform, vec![organisation], entries)
}

/// What is said of a source.
pub struct Spec<'a> {
    pub id: &'a str,
    pub text: &'a str,
    pub crs: Option<Crs>,
    pub feature_id: Option<&'a str>,
    pub time: Option<&'a str>,
    pub fields: Vec<DeclaredField>,
    pub access: Access,
    pub organisation: Option<&'a str>,
    pub metadata: Metadata,
}

impl<'a> Spec<'a> {
    pub fn new(id: &'a str, text: &'a str) -> Self {
        Self {
            id,
            text,
            crs: None,
            feature_id: None,
            time: None,
            fields: Vec::new(),
            access: Access::Open,
            organisation: None,
            metadata: Metadata {
                title: format!("Titre de {id}"),
                ..Metadata::default()
            },
        }
    }

    pub fn restricted(mut self) -> Self {
        self.access = Access::Restricted;
        self
    }

    pub fn field(mut self, name: &str, data_type: DataType) -> Self {
        self.fields.push(DeclaredField {
            name: name.to_owned(),
            data_type: Some(data_type),
            title: Some(format!("Le champ {name}")),
            description: None,
            codes: std::collections::BTreeMap::new(),
        });
        self
    }
}

/// The rows of a source.
pub fn loaded(spec: &Spec<'_>) -> Loaded {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("source.geojson");
    std::fs::write(&path, spec.text).expect("a file");
    let loaded = load(&source(&path, spec.crs), &options(spec)).expect("a layer");
    let rejected = loaded.report.read - loaded.report.accepted;
    assert_eq!(rejected, 0, "{:?}", loaded.report);
    loaded
}

pub fn layer(spec: Spec<'_>) -> Arc<LayerEntry> {
    let loaded = loaded(&spec);
    let publication = Publication {
        id: spec.id.to_owned(),
        organisation: spec.organisation.map(str::to_owned),
        access: spec.access,
        metadata: spec.metadata,
        time: spec.time.map(str::to_owned),
        tiles: TileSettings::default(),
        ..Publication::default()
    };
    Arc::new(LayerEntry::new(publication, loaded.layer).expect("a publication"))
}

fn source(path: &Path, crs: Option<Crs>) -> SourceSpec {
    SourceSpec {
        path: path.to_owned(),
        crs,
        ..SourceSpec::default()
    }
}

fn options<'a>(spec: &'a Spec<'a>) -> LoadOptions<'a> {
    LoadOptions {
        feature_id: spec.feature_id,
        fields: &spec.fields,
        time_zone: TimeZone::get("Europe/Paris").expect("a zone"),
        limits: IngestLimits::default(),
        hash_key: [1; 32],
        snapshot: None,
        workers: 1,
        progress: &|_| {},
    }
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    )
}

/// A place in the south of France for each number, the same in every run.
pub fn place(i: usize) -> [f64; 2] {
    let t = i as f64;
    [
        4.3 + (t * 0.618_033_988_75).fract() * 3.2,
        42.9 + (t * 0.754_877_666_2).fract() * 2.1,
    ]
}

pub fn town_is_placed(i: usize) -> bool {
    i % 20 != 19
}

pub fn town(i: usize) -> String {
    let [x, y] = place(i);
    let geometry = if town_is_placed(i) {
        format!(r#"{{"type":"Point","coordinates":[{x},{y}]}}"#)
    } else {
        "null".to_owned()
    };
    let name = match i {
        0 => r#"L'Étang-de-\"Berre\" & <fils>\\"#.to_owned(),
        1 => "Aix+Gardanne 100%".to_owned(),
        _ => format!("Ville {}", i % 40),
    };
    let updated = if i % 10 == 3 {
        "null".to_owned()
    } else {
        format!(
            "\"20{:02}-0{}-15T1{}:30:00+02:00\"",
            i % 24,
            1 + i % 9,
            i % 9
        )
    };
    let mut text = String::new();
    let _ = write!(
        text,
        r#"{{"type":"Feature","id":{},"geometry":{geometry},"properties":{{"nom":"{name}","population":{},"aire":{},"prefecture":{},"fondation":"1{:03}-03-01","maj":{updated},"extra":{{"rang":[{i},null]}},"limit":{}}}}}"#,
        1000 + i,
        i * 7_000_000_000_000,
        t(i),
        i.is_multiple_of(3),
        i * 7 % 1000,
        i % 5,
    );
    text
}

/// A number that needs all of its digits.
fn t(i: usize) -> f64 {
    1.0 / (i as f64 + 3.0)
}

pub fn towns_text(n: usize) -> String {
    collection(&(0..n).map(town).collect::<Vec<_>>())
}

pub fn towns(n: usize) -> Arc<LayerEntry> {
    towns_of(&towns_text(n))
}

pub fn towns_of(text: &str) -> Arc<LayerEntry> {
    let mut spec = Spec::new(TOWNS, text)
        .field("fondation", DataType::Date)
        .field("maj", DataType::DateTime)
        .field("extra", DataType::Json)
        .field("aire", DataType::Number);
    spec.time = Some("maj");
    spec.metadata.description = Some("Des villes, pour essayer.".to_owned());
    spec.metadata.keywords = vec!["villes".to_owned(), "essai".to_owned()];
    spec.metadata.licence = Some("etalab-2.0".to_owned());
    spec.metadata.label = Some("nom".to_owned());
    layer(spec)
}

/// Lower left corners of the parishes, in metres.
pub fn parish_corner(i: usize) -> [f64; 2] {
    [
        880_000.0 + 1000.0 * (i % 5) as f64 + 0.123_456_789,
        6_240_000.0 + 1000.0 * (i / 5) as f64,
    ]
}

pub fn parishes() -> Arc<LayerEntry> {
    let feature = |i: usize| {
        let [x, y] = parish_corner(i);
        let ring = |a: f64, b: f64| {
            let c = [
                [x + a, y + a],
                [x + b, y + a],
                [x + b, y + b],
                [x + a, y + b],
                [x + a, y + a],
            ];
            format!("{c:?}")
        };
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[{},{}]}},"properties":{{"insee":"13/{i:03} é","habitants":{}}}}}"#,
            ring(0.0, 900.0),
            ring(300.0, 600.0),
            i * 100
        )
    };
    let text = collection(&(0..25).map(feature).collect::<Vec<_>>());
    let mut spec = Spec::new(PARISHES, &text);
    spec.crs = Some(Crs::LAMBERT_93);
    spec.feature_id = Some("insee");
    spec.organisation = Some("sud");
    layer(spec)
}

fn peaks() -> Arc<LayerEntry> {
    let feature = |i: usize| {
        let [x, y] = place(i);
        let z = 100.0 * i as f64 + 0.25;
        format!(
            r#"{{"type":"Feature","id":"pic-{i}","geometry":{{"type":"Point","coordinates":[{x},{y},{z}]}},"properties":{{"jour":"2024-01-{:02}"}}}}"#,
            i + 1
        )
    };
    let text = collection(&(0..12).map(feature).collect::<Vec<_>>());
    let mut spec = Spec::new(PEAKS, &text).field("jour", DataType::Date);
    spec.time = Some("jour");
    layer(spec)
}

fn dateline() -> Arc<LayerEntry> {
    let shapes = [
        ("est", r#"{"type":"Point","coordinates":[179.5,-17.0]}"#),
        ("ouest", r#"{"type":"Point","coordinates":[-179.5,-17.0]}"#),
        (
            "continu",
            r#"{"type":"Polygon","coordinates":[[[178.0,-18.0],[182.0,-18.0],[182.0,-16.0],[178.0,-16.0],[178.0,-18.0]]]}"#,
        ),
        (
            "coupe",
            r#"{"type":"MultiPolygon","coordinates":[[[[178.0,-18.0],[180.0,-18.0],[180.0,-16.0],[178.0,-16.0],[178.0,-18.0]]],[[[-180.0,-18.0],[-178.0,-18.0],[-178.0,-16.0],[-180.0,-16.0],[-180.0,-18.0]]]]}"#,
        ),
        ("loin", r#"{"type":"Point","coordinates":[5.0,-17.0]}"#),
        (
            "pole",
            r#"{"type":"Polygon","coordinates":[[[-180.0,-90.0],[180.0,-90.0],[180.0,-80.0],[-180.0,-80.0],[-180.0,-90.0]]]}"#,
        ),
    ];
    let feature = |(id, g): &(&str, &str)| {
        format!(r#"{{"type":"Feature","id":"{id}","geometry":{g},"properties":{{}}}}"#)
    };
    layer(Spec::new(
        DATELINE,
        &collection(&shapes.iter().map(feature).collect::<Vec<_>>()),
    ))
}

fn table() -> Arc<LayerEntry> {
    let feature = |i: usize| {
        format!(
            r#"{{"type":"Feature","geometry":null,"properties":{{"code":"c{i}","montant":{i}.5}}}}"#
        )
    };
    layer(Spec::new(
        TABLE,
        &collection(&(0..7).map(feature).collect::<Vec<_>>()),
    ))
}
