//! From a source to a layer: which reader, which CRS, which snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::detect::{self, Format, Opened};
use super::error::IngestError;
use super::locate::Locator;
use super::report::{Code, Report};
use super::row::{RowBuilder, RowLimits};
use super::{flatgeobuf, geojson, geopackage, pipeline};
use crate::geometry::crs::{Crs, Support, Transform};
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

/// Ceilings on a source (`[limits]`).
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
            // Twice the largest file that fits comfortably in the memory of a modest server.
            source_file_bytes: 16 << 30,
            // Rows are numbered with 32 bits.
            features: 1 << 31,
            // Coastlines of continents at full scale stay below.
            vertices_per_feature: 5_000_000,
            // Wider tables are a fault of the export; every column costs a header and a section.
            columns: 4_096,
            // A long text, never a file in a cell.
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
    let (layer, fault) = match layer.into_snapshot(snapshot, &key, &report) {
        Ok(layer) => (layer, damaged),
        Err((layer, e)) => (layer, Some(e.to_string())),
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
    hasher
        .update_mmap_rayon(&spec.path)
        .map_err(|source| IngestError::Io {
            path: spec.path.clone(),
            source,
        })?;
    let options = format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
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

/// Rows of a source before they are packed.
pub(super) struct Rows {
    pub(super) chunks: Vec<Chunk>,
    pub(super) report: Report,
    pub(super) announced: Vec<(String, Option<DataType>)>,
    pub(super) crs: Crs,
}

fn read(spec: &SourceSpec, options: &LoadOptions<'_>) -> Result<(Layer, Report), IngestError> {
    let opened = detect::open(&spec.path, options.limits.source_file_bytes)?;
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
        crs,
    } = rows;
    let zone = options.time_zone.clone();
    let naive = move |civil_us: i64| naive_offset(&zone, civil_us);
    let built = layer::build(
        chunks,
        &BuildOptions {
            declared: options.fields,
            announced: &announced,
            feature_id: options.feature_id,
            naive_offset: &naive,
        },
    )
    .map_err(|e: BuildError| IngestError::Build {
        path: spec.path.clone(),
        what: e.to_string(),
    })?;
    for fault in &built.faults {
        match fault {
            RowFault::MissingId { ordinal } => report.add(Code::MissingId, *ordinal, || {
                "no value for feature_id".into()
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

/// The CRS of a source: declared, else named by the file, else CRS84 by assumption.
pub(super) struct FoundCrs {
    pub(super) crs: Crs,
    pub(super) assumed: bool,
    pub(super) notes: Vec<(Code, String)>,
}

pub(super) fn resolve_crs(
    opened: &Opened,
    spec: &SourceSpec,
    named: Option<&str>,
) -> Result<FoundCrs, IngestError> {
    let parse = |text: &str| Crs::parse(text).ok().or_else(|| Crs::from_wkt(text));
    let mut notes = Vec::new();
    let (crs, assumed) = match (spec.crs, named) {
        (Some(declared), named) => {
            if let Some(found) = named.and_then(parse)
                && found != declared
            {
                let what = format!(
                    "the file says {}, {} is declared",
                    found.name(),
                    declared.name()
                );
                notes.push((Code::CrsOverridden, what));
            }
            (declared, false)
        }
        (None, Some(named)) => {
            let crs = parse(named).ok_or_else(|| IngestError::Crs {
                path: opened.path.clone(),
                what: format!(
                    "its CRS is not known here ({})",
                    named.chars().take(80).collect::<String>()
                ),
            })?;
            (crs, false)
        }
        (None, None) => (Crs::CRS84, true),
    };
    if crs.support() != Support::Full {
        notes.push((
            Code::CrsUntested,
            format!("{} comes from the general EPSG table", crs.name()),
        ));
    }
    Ok(FoundCrs {
        crs,
        assumed,
        notes,
    })
}

pub(super) fn locator(opened: &Opened, crs: Crs) -> Result<Locator, IngestError> {
    let to_degrees = Transform::between(crs, Crs::CRS84).map_err(|e| IngestError::Crs {
        path: opened.path.clone(),
        what: e.to_string(),
    })?;
    Ok(Locator::new(to_degrees))
}

impl LoadOptions<'_> {
    pub(super) fn row_limits(&self) -> RowLimits {
        RowLimits {
            vertices: self.limits.vertices_per_feature,
            value_bytes: self.limits.property_value_bytes,
            columns: self.limits.columns,
        }
    }
}

/// A CRS that was only assumed must fit: coordinates beyond degrees mean that it is another.
pub(super) fn check_assumed(
    opened: &Opened,
    found: &FoundCrs,
    report: &Report,
) -> Result<(), IngestError> {
    let count = |code| report.codes.get(&code).map_or(0, |f| f.count);
    let beyond = count(Code::OutOfRange) + count(Code::Unprojectable);
    if found.assumed && beyond * 2 > report.read {
        return Err(IngestError::Crs {
            path: opened.path.clone(),
            what: format!(
                "it names no CRS and {beyond} of its {} features lie beyond degrees",
                report.read
            ),
        });
    }
    Ok(())
}

/// A file that ended early: accepted with a note if that was asked for.
pub(super) fn accept_cut(
    opened: &Opened,
    spec: &SourceSpec,
    report: &mut Report,
    what: String,
) -> Result<(), IngestError> {
    if !spec.partial {
        let advice = "correct it or fetch it again, or set `partial = true` on the source to serve what can be read";
        return Err(opened.damaged(what, Some(advice)));
    }
    report.add(Code::CutShort, 0, || what);
    Ok(())
}

fn read_flatgeobuf(
    opened: &Opened,
    spec: &SourceSpec,
    options: &LoadOptions<'_>,
) -> Result<Rows, IngestError> {
    let (reader, length) = opened.reader()?;
    let file = flatgeobuf::open(reader, length).map_err(|what| opened.damaged(what, None))?;
    let announced = file.outline.columns.clone();
    let mut found = resolve_crs(opened, spec, file.outline.crs.as_deref())?;
    if found.assumed {
        found.notes.push((
            Code::CrsAssumed,
            "the file names no CRS; its coordinates are degrees".into(),
        ));
    }
    let locator = locator(opened, found.crs)?;
    let (chunks, mut report, end) = pipeline::run(
        options.workers,
        options.progress,
        |batches| flatgeobuf::read(file, options.row_limits(), batches),
        |chunk, report| locator.locate(chunk, report),
    );
    if let Err((what, _)) = end {
        accept_cut(opened, spec, &mut report, what)?;
    }
    check_assumed(opened, &found, &report)?;
    for (code, what) in found.notes {
        report.add(code, 0, || what);
    }
    Ok(Rows {
        chunks,
        report,
        announced,
        crs: found.crs,
    })
}

fn read_geojson(
    opened: &Opened,
    spec: &SourceSpec,
    options: &LoadOptions<'_>,
) -> Result<Rows, IngestError> {
    let mut found = resolve_crs(opened, spec, None)?;
    let mut format = opened.format;
    loop {
        let locator = locator(opened, found.crs)?;
        let (reader, _) = opened.reader()?;
        let limits = options.row_limits();
        let (chunks, mut report, outline) = pipeline::run(
            options.workers,
            options.progress,
            |batches| match format {
                Format::GeoJson => geojson::cut(reader, batches),
                _ => geojson::cut_sequence(reader, batches),
            },
            |texts: geojson::Texts, report| {
                let mut row = RowBuilder::new(limits);
                for (i, text) in texts.texts.iter().enumerate() {
                    geojson::read_feature(text, &mut row);
                    row.end(texts.first + i as u32);
                }
                report.merge(&row.report);
                locator.locate(row.chunk, report)
            },
        );
        match outline {
            Ok(outline) if outline.is_sequence => {
                format = Format::GeoJsonSeq;
                continue;
            }
            Ok(outline) => {
                let named = outline.crs.as_deref().and_then(geojson::crs_name);
                let stated = resolve_crs(opened, spec, named.as_deref())?;
                if stated.crs != found.crs {
                    // The `crs` member of 2008 names another CRS than the one assumed: read again with it.
                    found = stated;
                    continue;
                }
                found.assumed = stated.assumed;
            }
            Err(cut) => accept_cut(
                opened,
                spec,
                &mut report,
                format!("{} (after {} features)", cut.what, cut.complete),
            )?,
        }
        check_assumed(opened, &found, &report)?;
        for (code, what) in found.notes {
            report.add(code, 0, || what);
        }
        return Ok(Rows {
            chunks,
            report,
            announced: Vec::new(),
            crs: found.crs,
        });
    }
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
