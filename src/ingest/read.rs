//! The readers of each format under one roof: which CRS, what to make of a file that is cut, which thread does what.

use super::detect::{Format, Opened};
use super::error::IngestError;
use super::load::{LoadOptions, Rows, SourceSpec};
use super::locate::Locator;
use super::report::{Code, Report};
use super::row::{RowBuilder, RowLimits};
use super::{flatgeobuf, geojson, pipeline};
use crate::geometry::crs::{Crs, Support, Transform};

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

pub(super) fn read_flatgeobuf(
    opened: &Opened,
    spec: &SourceSpec,
    options: &LoadOptions<'_>,
) -> Result<Rows, IngestError> {
    let (reader, length) = opened.reader()?;
    let file = flatgeobuf::open(reader, length).map_err(|what| opened.damaged(what, None))?;
    let announced = file.outline.columns.clone();
    if announced.len() > options.limits.columns {
        return Err(IngestError::Limit {
            path: opened.path.clone(),
            what: format!("it announces {} columns", announced.len()),
            limit: "columns",
        });
    }
    let mut found = resolve_crs(opened, spec, file.outline.crs.as_deref())?;
    if found.assumed {
        found.notes.push((
            Code::CrsAssumed,
            "the file names no CRS; its coordinates are degrees".into(),
        ));
    }
    let locator = locator(opened, found.crs)?;
    let (chunks, mut report, end) = pipeline::run(
        options,
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
        geometry_column: None,
        crs: found.crs,
    })
}

pub(super) fn read_geojson(
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
            options,
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
                let named = match outline.crs.as_deref() {
                    None | Some("null") => None,
                    Some(_) if spec.crs.is_some() => None,
                    Some(member) => {
                        Some(geojson::crs_name(member).ok_or_else(|| IngestError::Crs {
                            path: opened.path.clone(),
                            what: "its crs member does not name a CRS".to_owned(),
                        })?)
                    }
                };
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
            geometry_column: None,
            crs: found.crs,
        });
    }
}
