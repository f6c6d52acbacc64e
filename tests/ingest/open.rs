//! Loading a file in a test, and the door to its rows.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet::catalog::{
    Access, Catalog, LayerEntry, Platform, Principal, Publication, Resolution, Row, Scan, Surface,
    TileSettings, VisibleLayer,
};
use guichet::geometry::crs::Crs;
use guichet::ingest::{
    self, Code, DeclaredField, IngestError, IngestLimits, LoadOptions, Report, SourceSpec,
};
use guichet::model::metadata::Metadata;

/// What a test asks of a load.
#[derive(Default)]
pub struct Ask<'a> {
    pub layer: Option<&'a str>,
    pub crs: Option<&'a str>,
    pub partial: bool,
    pub feature_id: Option<&'a str>,
    pub fields: &'a [DeclaredField],
    pub limits: IngestLimits,
    pub snapshot: Option<PathBuf>,
}

/// A layer behind its door.
#[derive(Debug)]
pub struct Got {
    pub layer: VisibleLayer,
    pub report: Report,
    pub from_snapshot: bool,
    pub snapshot_fault: Option<String>,
}

impl Got {
    /// How often `code` occurred.
    pub fn count(&self, code: Code) -> u64 {
        self.report.codes.get(&code).map_or(0, |f| f.count)
    }

    /// Codes and counts, for comparisons: `bad_geometry 1, crs_assumed 1`.
    pub fn codes(&self) -> String {
        let codes: Vec<String> = self
            .report
            .codes
            .iter()
            .map(|(code, faults)| format!("{} {}", code.name(), faults.count))
            .collect();
        codes.join(", ")
    }

    /// Shows every row.
    pub fn each(&self, visit: &mut dyn FnMut(Row<'_>)) {
        self.layer.scan(&Scan::default(), &mut |row| {
            visit(row);
            ControlFlow::Continue(())
        });
    }

    /// Names and types of the properties: `nom string, n integer`.
    pub fn fields(&self) -> String {
        let fields: Vec<String> = self
            .layer
            .schema()
            .fields
            .iter()
            .map(|f| format!("{} {}", f.name, f.data_type.name()))
            .collect();
        fields.join(", ")
    }

    /// Ids, sorted as texts.
    pub fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        self.each(&mut |row| ids.push(row.id().to_string()));
        ids.sort();
        ids
    }
}

/// Loads a file.
pub fn load(path: &Path, ask: &Ask<'_>) -> Result<Got, IngestError> {
    let spec = SourceSpec {
        path: path.to_owned(),
        layer: ask.layer.map(str::to_owned),
        crs: ask.crs.map(|c| Crs::parse(c).unwrap()),
        partial: ask.partial,
    };
    let options = LoadOptions {
        feature_id: ask.feature_id,
        fields: ask.fields,
        time_zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap(),
        limits: ask.limits,
        hash_key: [7; 32],
        snapshot: ask.snapshot.clone(),
        workers: 2,
        progress: &|_| {},
    };
    let loaded = ingest::load(&spec, &options)?;
    let publication = Publication {
        id: "layer".into(),
        organisation: None,
        access: Access::Open,
        metadata: Metadata::default(),
        time: None,
        tiles: TileSettings::default(),
        ..Publication::default()
    };
    let entry = Arc::new(LayerEntry::new(publication, loaded.layer).unwrap());
    let catalog = Catalog::new(Platform::default(), Vec::new(), vec![entry]);
    let Resolution::Visible(layer) =
        catalog.resolve(&Principal::Anonymous, "layer", Surface::Items)
    else {
        panic!("an open layer is visible");
    };
    assert_eq!(layer.feature_count(), loaded.report.accepted);
    Ok(Got {
        layer,
        report: loaded.report,
        from_snapshot: loaded.from_snapshot,
        snapshot_fault: loaded.snapshot_fault,
    })
}

/// Loads a file that must load.
pub fn good(path: &Path, ask: &Ask<'_>) -> Got {
    load(path, ask).unwrap_or_else(|e| panic!("{e}"))
}

/// The message of a file that must be refused.
pub fn refused(path: &Path, ask: &Ask<'_>) -> String {
    match load(path, ask) {
        Ok(got) => panic!("{} loads: {:?}", path.display(), got.report),
        Err(e) => e.to_string(),
    }
}

/// A small deterministic generator (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }
}
