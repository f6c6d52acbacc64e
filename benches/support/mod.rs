//! Layers for benches, made in code: the same on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet::catalog::{
    Access, Catalog, LayerEntry, Platform, Principal, Publication, Resolution, Surface,
    TileSettings, VisibleLayer,
};
use guichet::ingest::{self, IngestLimits, LoadOptions, SourceSpec};
use guichet::model::metadata::Metadata;

/// A small deterministic generator (xorshift64*): benches must not differ by their data.
pub struct Dice(u64);

impl Dice {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number in `0..1`.
    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A folder that goes with the bench.
pub fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("guichet-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// Addresses: points clustered in towns, nine attributes, one GeoJSON text a line.
pub fn addresses(folder: &Path, count: usize) -> PathBuf {
    let mut dice = Dice::new(42);
    let towns: Vec<[f64; 2]> = (0..400)
        .map(|_| [4.3 + 3.3 * dice.unit(), 43.0 + 2.0 * dice.unit()])
        .collect();
    let mut text = String::new();
    for i in 0..count {
        let town = (dice.unit() * dice.unit() * towns.len() as f64) as usize;
        let [x, y] = towns[town];
        let (dx, dy) = (
            0.04 * (dice.unit() - dice.unit()),
            0.03 * (dice.unit() - dice.unit()),
        );
        let _infallible = writeln!(
            text,
            r#"{{"type":"Feature","id":{i},"properties":{{"numero":{},"suffixe":{},"voie":"rue {}","insee":"{:05}","commune":"Ville {town}","certifiee":{},"precision":{:.1},"maj":"20{:02}-0{}-11","source":"bal"}},"geometry":{{"type":"Point","coordinates":[{:.7},{:.7}]}}}}"#,
            i % 300,
            if i % 17 == 0 { "\"bis\"" } else { "null" },
            (dice.unit() * 900.0) as u32,
            13000 + town,
            i % 3 == 0,
            dice.unit() * 9.0,
            10 + i % 15,
            1 + i % 9,
            x + dx,
            y + dy,
        );
    }
    let path = folder.join(format!("addresses-{count}.geojsonl"));
    fs::write(&path, text).expect("the bench's data");
    path
}

/// Parcels: a jittered lattice of polygons of twelve vertices, four attributes.
pub fn parcels(folder: &Path, side: usize) -> PathBuf {
    let mut dice = Dice::new(7);
    let mut text = String::new();
    let step = 0.0008;
    for i in 0..side * side {
        let (cx, cy) = (
            5.0 + (i % side) as f64 * step,
            43.2 + (i / side) as f64 * step * 0.75,
        );
        let mut ring = String::new();
        let mut first = String::new();
        for k in 0..12 {
            let angle = f64::from(k) * std::f64::consts::TAU / 12.0;
            let r = step * (0.3 + 0.15 * dice.unit());
            let vertex = format!(
                "[{:.7},{:.7}]",
                cx + r * angle.cos(),
                cy + 0.75 * r * angle.sin()
            );
            if k == 0 {
                first.clone_from(&vertex);
            }
            ring.push_str(&vertex);
            ring.push(',');
        }
        ring.push_str(&first);
        let _infallible = writeln!(
            text,
            r#"{{"type":"Feature","properties":{{"idu":"13{i:010}","section":"{}","contenance":{},"usage":"{}"}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#,
            ["A", "B", "C", "D"][i % 4],
            100 + i % 5000,
            ["bati", "terre", "bois"][i % 3],
        );
    }
    let path = folder.join(format!("parcels-{side}.geojsonl"));
    fs::write(&path, text).expect("the bench's data");
    path
}

/// Loads a file, in memory alone.
pub fn load(path: &Path) -> ingest::Loaded {
    load_with(path, None)
}

/// The same with ids of a property.
pub fn load_with(path: &Path, feature_id: Option<&str>) -> ingest::Loaded {
    ingest::load(
        &SourceSpec {
            path: path.to_owned(),
            ..SourceSpec::default()
        },
        &LoadOptions {
            feature_id,
            fields: &[],
            time_zone: jiff::tz::TimeZone::UTC,
            limits: IngestLimits::default(),
            hash_key: [1; 32],
            snapshot: None,
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            progress: &|_| {},
        },
    )
    .expect("the bench's data load")
}

/// The layer of a file as everybody sees it.
pub fn visible(path: &Path) -> VisibleLayer {
    let publication = Publication {
        id: "bench".into(),
        organisation: None,
        access: Access::Open,
        metadata: Metadata::default(),
        time: None,
        tiles: TileSettings {
            min_zoom: Some(0),
            max_zoom: Some(16),
            properties: None,
        },
        ..Publication::default()
    };
    let entry = LayerEntry::new(publication, load(path).layer).expect("an entry");
    let catalog = Catalog::new(Platform::default(), Vec::new(), vec![Arc::new(entry)]);
    match catalog.resolve(&Principal::Anonymous, "bench", Surface::Items) {
        Resolution::Visible(layer) => layer,
        Resolution::Absent | Resolution::Listed(_) => unreachable!("the layer is open"),
    }
}
