//! OGC GeoPackage (OGC 12-128r18): feature and attribute tables of an SQLite file, read by a plain scan. The file's own R-trees, extents
//! and envelopes are never believed.

mod connection;
mod contents;
mod rows;

use rusqlite::Connection;

use super::detect::Opened;
use super::error::IngestError;
use super::load::{LoadOptions, Rows, SourceSpec};
use super::pipeline;
use super::read::{FoundCrs, accept_cut, check_assumed, locator, resolve_crs};
use super::report::{Code, Report};
use crate::geometry::crs::Crs;
use contents::{Content, Role, Srs, Table};
use rows::Stop;

/// Names of the feature and attribute tables, in the file's order.
pub(super) fn layer_names(opened: &Opened) -> Result<Vec<String>, IngestError> {
    let connection = connection::connect(opened)?;
    let contents = list(opened, &connection)?;
    Ok(contents.into_iter().map(|c| c.table).collect())
}

/// Reads one layer.
pub(super) fn read(
    opened: &Opened,
    spec: &SourceSpec,
    options: &LoadOptions<'_>,
) -> Result<Rows, IngestError> {
    let before = connection::state(opened);
    let connection = connection::connect(opened)?;
    let content = choose(opened, spec, list(opened, &connection)?)?;
    let wanted = |name: &str| {
        options.feature_id == Some(name) || options.fields.iter().any(|f| f.name == name)
    };
    let table = contents::describe(&connection, &content, wanted)
        .map_err(|e| connection::unreadable(opened, &e))?
        .map_err(|what| opened.damaged(what, None))?;
    let found = find_crs(opened, spec, &table)?;
    rows::bound_values(&connection, &table, options.row_limits())
        .map_err(|e| connection::unreadable(opened, &e))?;
    let mut damage = rows::damage(&connection, &table);
    if let Some(what) = &damage {
        // Said now, before hours are spent on reading what will be refused.
        accept_cut(opened, spec, &mut Report::default(), what.clone())?;
    }
    let locator = locator(opened, found.crs)?;
    let (chunks, mut report, end) = pipeline::run(
        options,
        |batches| {
            let limits = options.row_limits();
            rows::read(&connection, &table, limits, &options.limits, batches)
        },
        |chunk, report| locator.locate(chunk, report),
    );
    if connection::state(opened) != before {
        return Err(opened.damaged("it changed while it was read", Some("load it again")));
    }
    match end {
        Ok(()) => {}
        Err(Stop::Cut(what)) => damage = Some(what),
        Err(Stop::TooMuch) => {
            return Err(IngestError::Limit {
                path: opened.path.clone(),
                what: format!(
                    "its layer \"{}\" computes more than {} bytes",
                    table.name, options.limits.source_file_bytes
                ),
                limit: "source_file_bytes",
            });
        }
    }
    if let Some(what) = damage {
        accept_cut(opened, spec, &mut report, what)?;
    }
    check_assumed(opened, &found, &report)?;
    for (code, what) in found.notes {
        report.add(code, 0, || what);
    }
    report.source_layer = Some(table.name);
    let geometry_column = table.columns.iter().find(|c| c.role == Role::Geometry);
    let geometry_column = geometry_column.map(|c| c.name.clone());
    let announced = table.columns.into_iter();
    let announced = announced.filter(|c| matches!(c.role, Role::Property | Role::IdAndProperty));
    Ok(Rows {
        chunks,
        report,
        announced: announced.map(|c| (c.name, c.data_type)).collect(),
        geometry_column,
        crs: found.crs,
    })
}

fn list(opened: &Opened, connection: &Connection) -> Result<Vec<Content>, IngestError> {
    let unreadable = |e| connection::unreadable(opened, &e);
    if !contents::has_contents(connection).map_err(unreadable)? {
        return Err(IngestError::Format {
            path: opened.path.clone(),
            found: "an SQLite database that is no GeoPackage (it has no table gpkg_contents)"
                .into(),
        });
    }
    let contents = contents::contents(connection).map_err(unreadable)?;
    if contents.is_empty() {
        return Err(IngestError::Format {
            path: opened.path.clone(),
            found: "a GeoPackage without feature or attribute tables".into(),
        });
    }
    Ok(contents)
}

fn choose(
    opened: &Opened,
    spec: &SourceSpec,
    mut contents: Vec<Content>,
) -> Result<Content, IngestError> {
    let path = || opened.path.clone();
    let names = |contents: Vec<Content>| contents.into_iter().map(|c| c.table).collect();
    match &spec.layer {
        Some(wanted) => match contents.iter().position(|c| c.table == *wanted) {
            Some(place) => Ok(contents.swap_remove(place)),
            None => Err(IngestError::NoSuchLayer {
                path: path(),
                wanted: wanted.clone(),
                found: names(contents),
            }),
        },
        None if contents.len() == 1 => Ok(contents.swap_remove(0)),
        None => Err(IngestError::ManyLayers {
            path: path(),
            found: names(contents),
        }),
    }
}

fn find_crs(opened: &Opened, spec: &SourceSpec, table: &Table) -> Result<FoundCrs, IngestError> {
    let refused = |what: String| IngestError::Crs {
        path: opened.path.clone(),
        what,
    };
    match (&table.srs, spec.crs) {
        (Srs::Named(name), _) => resolve_crs(opened, spec, Some(name)),
        (_, Some(_)) => resolve_crs(opened, spec, None),
        (Srs::None, None) => Ok(FoundCrs {
            // Nothing has coordinates: any would do.
            crs: Crs::CRS84,
            assumed: false,
            notes: Vec::new(),
        }),
        (Srs::UndefinedDegrees, None) => {
            let mut found = resolve_crs(opened, spec, None)?;
            found.notes.push((
                Code::CrsAssumed,
                "the file says degrees of an undefined system (srs_id 0)".into(),
            ));
            Ok(found)
        }
        (Srs::UndefinedPlane, None) => Err(refused(
            "its coordinates are in an undefined plane system (srs_id -1)".into(),
        )),
        (Srs::Missing(id), None) => Err(refused(format!(
            "its layer has the CRS number {id}, which the file does not explain"
        ))),
    }
}
