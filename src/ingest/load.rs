//! From a source to a layer: which reader, which CRS, which snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::detect::{self, Format};
use super::error::IngestError;
use super::geopackage;
use super::read::{read_flatgeobuf, read_geojson};
use super::report::{Code, Report};
use crate::geometry::crs::Crs;
use crate::layer::{self, BuildError, BuildOptions, Chunk, DeclaredField, Layer, RowFault};
use crate::model::DataType;

/// Where a layer comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceSpec {
    /// The file.
    pub path: PathBuf,
    /// The layer in it, for formats that hold several.
    pub layer: Option<String>,
    /// The CRS of its coordinates; wins over what the file says.
    pub crs: Option<Crs>,
    /// Serve what can be read of a file that is cut or damaged.
    pub partial: bool,
}

/// Ceilings on a source: those of `[limits]`, where the reasons stand; the defaults are the same (a test compares them).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IngestLimits {
    /// Bytes of the file, unpacked.
    pub source_file_bytes: u64,
    /// Features.
    pub features: u64,
    /// Vertices of one feature.
    pub vertices_per_feature: usize,
    /// Columns.
    pub columns: usize,
    /// Bytes of one value.
    pub property_value_bytes: usize,
}

impl Default for IngestLimits {
    fn default() -> Self {
        Self {
            source_file_bytes: 8 << 30,
            features: 50_000_000,
            vertices_per_feature: 5_000_000,
            columns: 2_000,
            property_value_bytes: 1 << 20,
        }
    }
}

/// How to make a layer of a source.
pub struct LoadOptions<'a> {
    /// The property that gives ids.
    pub feature_id: Option<&'a str>,
    /// What the publisher says of fields.
    pub fields: &'a [DeclaredField],
    /// The zone of naive date-times.
    pub time_zone: TimeZone,
    /// Ceilings.
    pub limits: IngestLimits,
    /// Key of revisions.
    pub hash_key: [u8; 32],
    /// Where the layer's snapshot is kept; none without it.
    pub snapshot: Option<PathBuf>,
    /// Threads that read and project.
    pub workers: usize,
    /// Told how many features were met since the last call.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// A layer and what there is to say of its source.
#[derive(Debug)]
pub struct Loaded {
    /// The layer; opaque outside of the catalogue.
    pub layer: Layer,
    /// What was met in the source.
    pub report: Report,
    /// It was mapped from its snapshot.
    pub from_snapshot: bool,
    /// The snapshot could not be written or used; the layer is in memory all the same.
    pub snapshot_fault: Option<String>,
}

/// Names of the layers in a file: `None` for formats that hold one.
pub fn layer_names(path: &Path, limits: &IngestLimits) -> Result<Vec<Option<String>>, IngestError> {
    let opened = detect::open(path, limits.source_file_bytes)?;
    match opened.format {
        Format::GeoPackage => {
            let names = geopackage::layer_names(&opened)?;
            Ok(names.into_iter().map(Some).collect())
        }
        _ => Ok(vec![None]),
    }
}

/// Loads a layer: from its snapshot if that is still good, else from the source.
pub fn load(spec: &SourceSpec, options: &LoadOptions<'_>) -> Result<Loaded, IngestError> {
    let Some(snapshot) = &options.snapshot else {
        let (layer, report) = read(spec, options)?;
        return Ok(Loaded {
            layer,
            report,
            from_snapshot: false,
            snapshot_fault: None,
        });
    };
    let before = stamp(&spec.path)?;
    if before.0 > options.limits.source_file_bytes {
        return Err(detect::too_large(
            &spec.path,
            options.limits.source_file_bytes,
        ));
    }
    let key = snapshot_key(spec, options)?;
    let stale = match Layer::open_snapshot::<Report>(snapshot, &key) {
        Ok((layer, report)) => {
            return Ok(Loaded {
                layer,
                report,
                from_snapshot: true,
                snapshot_fault: None,
            });
        }
        Err(e) => e,
    };
    let damaged = matches!(stale, layer::SnapshotError::Damaged(_)).then(|| stale.to_string());
    let (layer, report) = read(spec, options)?;
    if stamp(&spec.path)? != before {
        return Err(IngestError::Changed {
            path: spec.path.clone(),
        });
    }
    let (layer, fault) = match layer.into_snapshot(snapshot, &key, &report) {
        Ok(layer) => (layer, damaged),
        Err(kept) => (kept.0, Some(kept.1.to_string())),
    };
    Ok(Loaded {
        layer,
        report,
        from_snapshot: false,
        snapshot_fault: fault,
    })
}

/// Everything that a snapshot depends on: the source's bytes and the options, but for the number of threads.
fn snapshot_key(spec: &SourceSpec, options: &LoadOptions<'_>) -> Result<String, IngestError> {
    let mut hasher = blake3::Hasher::new_keyed(&options.hash_key);
    hash_file(&spec.path, &mut hasher).map_err(|source| IngestError::Io {
        path: spec.path.clone(),
        source,
    })?;
    let options = format!(
        "{}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
        // Another version may read, type or mend differently.
        env!("CARGO_PKG_VERSION"),
        spec.layer,
        spec.crs,
        spec.partial,
        options.feature_id,
        options.fields,
        options.time_zone.iana_name(),
        options.limits
    );
    hasher.update(options.as_bytes());
    Ok(hasher.finalize().to_hex().to_string())
}

/// Reads the file through: the source is its publisher's and may be cut at any moment, so it is never mapped.
fn hash_file(path: &Path, hasher: &mut blake3::Hasher) -> std::io::Result<()> {
    use std::io::Read as _;
    let mut file = fs::File::open(path)?;
    let mut buffer = vec![0; 8 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => hasher.update_rayon(&buffer[..n]),
        };
    }
}

/// Length and time of change.
fn stamp(path: &Path) -> Result<(u64, Option<std::time::SystemTime>), IngestError> {
    let metadata = fs::metadata(path).map_err(|source| IngestError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok((metadata.len(), metadata.modified().ok()))
}

/// Rows of a source before they are packed.
pub(super) struct Rows {
    pub(super) chunks: Vec<Chunk>,
    pub(super) report: Report,
    pub(super) announced: Vec<(String, Option<DataType>)>,
    /// What the source calls the geometry, where it has a name for it.
    pub(super) geometry_column: Option<String>,
    pub(super) crs: Crs,
}

fn read(spec: &SourceSpec, options: &LoadOptions<'_>) -> Result<(Layer, Report), IngestError> {
    let opened = detect::open(&spec.path, options.limits.source_file_bytes)?;
    if spec.layer.is_some() && opened.format != Format::GeoPackage {
        return Err(IngestError::OneLayer {
            path: spec.path.clone(),
            format: opened.format.name(),
        });
    }
    let mut rows = match opened.format {
        Format::FlatGeobuf => read_flatgeobuf(&opened, spec, options)?,
        Format::GeoJson | Format::GeoJsonSeq => read_geojson(&opened, spec, options)?,
        Format::GeoPackage => geopackage::read(&opened, spec, options)?,
    };
    rows.report.format = opened.format.name().to_owned();
    rows.report.crs = rows.crs.name();
    if rows.report.read > options.limits.features {
        return Err(IngestError::Limit {
            path: spec.path.clone(),
            what: format!("it holds {} features", rows.report.read),
            limit: "features_per_layer",
        });
    }
    pack(rows, spec, options)
}

fn pack(
    rows: Rows,
    spec: &SourceSpec,
    options: &LoadOptions<'_>,
) -> Result<(Layer, Report), IngestError> {
    let Rows {
        chunks,
        mut report,
        announced,
        geometry_column,
        crs,
    } = rows;
    let zone = options.time_zone.clone();
    let naive = move |civil_us: i64| naive_offset(&zone, civil_us);
    let built = layer::build(
        chunks,
        &BuildOptions {
            declared: options.fields,
            announced: &announced,
            geometry_column: geometry_column.as_deref(),
            feature_id: options.feature_id,
            max_columns: options.limits.columns,
            naive_offset: &naive,
        },
    )
    .map_err(|e| match e {
        BuildError::TooManyColumns(_) => IngestError::Limit {
            path: spec.path.clone(),
            what: e.to_string(),
            limit: "columns",
        },
        e => IngestError::Build {
            path: spec.path.clone(),
            what: e.to_string(),
        },
    })?;
    for fault in &built.faults {
        match fault {
            RowFault::MissingId { ordinal } => report.add(Code::MissingId, *ordinal, || {
                "its feature_id is neither an integer nor a text of 1 to 1,024 bytes that a URL can end with".into()
            }),
            RowFault::DuplicateId { ordinal, id } => {
                report.add(Code::DuplicateId, *ordinal, || {
                    format!("\"{id}\" is the id of an earlier feature")
                });
            }
            RowFault::NotOfType {
                ordinal,
                field,
                data_type,
            } => {
                report.add(Code::NotOfType, *ordinal, || {
                    format!("\"{field}\" is no {}", data_type.name())
                });
            }
        }
    }
    if built.source_ids_repeat {
        report.add(Code::IdsRepeat, 0, || {
            "the ids in the file repeat: items are numbered by their place instead".into()
        });
    }
    report.accepted = built.rows() as u64;
    if report.accepted == 0 && report.read > 0 && !spec.partial {
        let first = report.codes.values().find(|f| !f.places.is_empty());
        return Err(IngestError::NothingLeft {
            path: spec.path.clone(),
            read: report.read,
            first: first.map(|f| f.example.clone()).unwrap_or_default(),
        });
    }
    Ok((Layer::of_built(built, crs, &options.hash_key), report))
}

/// Minutes east of UTC in `zone` at a civil time.
fn naive_offset(zone: &TimeZone, civil_us: i64) -> i16 {
    let seconds = civil_us.div_euclid(1_000_000);
    let offset = jiff::Timestamp::from_second(seconds)
        .map(|t| TimeZone::UTC.to_datetime(t))
        .ok()
        .and_then(|civil| {
            zone.to_ambiguous_timestamp(civil)
                .compatible()
                .ok()
                .map(|t| zone.to_offset(t))
        });
    offset.map_or(0, |o| (o.seconds() / 60) as i16)
}

/// Removes snapshots of layers that are no longer there. `keep` are the paths still in use.
pub fn sweep_snapshots(folder: &Path, keep: &[PathBuf]) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "snapshot") && !keep.contains(&path) {
            // A snapshot that cannot be removed costs disk, nothing else; the next start tries again.
            let _kept = fs::remove_file(&path);
        }
    }
}
