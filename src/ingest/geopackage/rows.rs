//! The rows of a table of a GeoPackage.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use geozero::error::GeozeroError;
use geozero::wkb::process_gpkg_geom;
use geozero::{ColumnValue, PropertyProcessor};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Result, Row};

use super::contents::{Column, Role, Table};
use crate::ingest::load::IngestLimits;
use crate::ingest::pipeline::Batches;
use crate::ingest::report::Code;
use crate::ingest::row::{RowBuilder, RowLimits};
use crate::layer::{Chunk, RawValue};
use crate::model::DataType;

/// Steps of SQLite's machine between two looks at the clockwork of a view.
const STEPS: i32 = 1_000_000;
/// Looks without a row after which a view is given up: a thousand million steps are some seconds of work, enough to sort millions
/// of rows.
const PATIENCE: u32 = 1_000;

/// What is wrong with the pages of a table, if anything. A scan alone can miss rows without noticing.
pub(super) fn damage(connection: &Connection, table: &Table) -> Option<String> {
    let mut found = None;
    let mut look = |row: &Row<'_>| {
        let message: String = row.get(0)?;
        // Other messages are of values that break constraints, and of indices, which are not used.
        if found.is_none() && message.starts_with("*** in database") {
            let lines: Vec<&str> = message.lines().skip(1).take(1).collect();
            found = Some(format!(
                "its pages contradict each other ({})",
                lines.concat()
            ));
        }
        Ok(())
    };
    let checked = if table.is_view {
        // What a view reads is known to SQLite only.
        connection.pragma_query(Some("main"), "quick_check", &mut look)
    } else {
        connection.pragma(Some("main"), "quick_check", &table.name, &mut look)
    };
    match checked {
        Ok(()) => found,
        // A value that a generated column computes, met after the pages were looked at: the scan will tell if it matters.
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::TooBig) => found,
        Err(e) => Some(format!("its pages cannot be read: {e}")),
    }
}

/// Why a scan ended before the last row.
pub(super) enum Stop {
    /// In words.
    Cut(String),
    /// A view made more bytes than a file may have.
    TooMuch,
}

/// Streams the rows into chunks, up to one more than the ceiling on features.
pub(super) fn read(
    connection: &Connection,
    table: &Table,
    limits: RowLimits,
    ceilings: &IngestLimits,
    batches: &mut Batches<'_, Chunk>,
) -> std::result::Result<(), Stop> {
    let (mut n, mut bytes) = (0u64, 0u64);
    let idle = Arc::new(AtomicU32::new(0));
    if table.is_view {
        give_up_when_idle(connection, &idle).map_err(|e| Stop::Cut(e.to_string()))?;
    }
    let mut row = RowBuilder::new(limits);
    if !table.binary.is_empty() {
        row.report.add(Code::BinaryColumn, 0, || {
            format!("binary columns: {}", table.binary.join(", "))
        });
    }
    let end = scan(connection, table, &mut |sql_row| {
        n += 1;
        idle.store(0, Ordering::Relaxed);
        if table.is_program {
            bytes += size(sql_row, table);
        }
        let read = catch_unwind(AssertUnwindSafe(|| read_row(sql_row, table, &mut row)));
        if read.is_err() {
            row.fail(Code::Unreadable, "its bytes contradict each other");
        }
        row.end(n as u32);
        let mut go_on = n <= ceilings.features && bytes <= ceilings.source_file_bytes;
        if row.is_full() {
            let full = std::mem::replace(&mut row, RowBuilder::new(limits));
            go_on &= batches.send_read(full).is_ok();
        }
        go_on
    });
    let _stopped = batches.send_read(row);
    if bytes > ceilings.source_file_bytes {
        return Err(Stop::TooMuch);
    }
    end.map_err(|e| {
        Stop::Cut(match e.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => format!(
                "the view \"{}\" gave no row in 1,000 million steps after row {n}",
                table.name
            ),
            _ => format!("row {} cannot be read: {e}", n + 1),
        })
    })
}

/// Bytes of a row, as a file would hold them.
fn size(sql_row: &Row<'_>, table: &Table) -> u64 {
    let of = |place: usize| match sql_row.get_ref(place) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.len() as u64,
        _ => 8,
    };
    (0..table.columns.len()).map(of).sum()
}

/// Shows `visit` the rows until it has enough.
fn scan(
    connection: &Connection,
    table: &Table,
    visit: &mut dyn FnMut(&Row<'_>) -> bool,
) -> Result<()> {
    let mut statement = connection.prepare(&select(table))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !visit(row) {
            break;
        }
    }
    Ok(())
}

/// What a program of the file's author computes is in no file whose size was checked: its values get a ceiling of their own.
pub(super) fn bound_values(
    connection: &Connection,
    table: &Table,
    limits: RowLimits,
) -> Result<()> {
    if table.is_program {
        // A vertex takes 32 bytes, and as much again for what stands around it.
        let bytes = limits.value_bytes.max(limits.vertices.saturating_mul(64));
        let bytes = i32::try_from(bytes).unwrap_or(i32::MAX);
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, bytes)?;
    }
    Ok(())
}

/// A view may work without end and never give a row.
fn give_up_when_idle(connection: &Connection, idle: &Arc<AtomicU32>) -> Result<()> {
    let idle = Arc::clone(idle);
    let tired = move || idle.fetch_add(1, Ordering::Relaxed) >= PATIENCE;
    connection.progress_handler(STEPS, Some(tired))
}

/// A plain scan in the order of the file: an index is as little believed here as elsewhere.
fn select(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
    let columns = if columns.is_empty() {
        "NULL".to_owned()
    } else {
        columns.join(", ")
    };
    let plain = if table.is_view { "" } else { " NOT INDEXED" };
    format!("SELECT {columns} FROM main.{}{plain}", quoted(&table.name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn read_row(sql_row: &Row<'_>, table: &Table, row: &mut RowBuilder) {
    for (place, column) in table.columns.iter().enumerate() {
        let value = match sql_row.get_ref(place) {
            Ok(value) => value,
            Err(e) => return row.fail(Code::Unreadable, e.to_string()),
        };
        if column.role == Role::Geometry {
            match value {
                ValueRef::Null => {}
                ValueRef::Blob(blob) => geometry(blob, row),
                _ => row.fail(Code::BadGeometry, "its geometry is no binary value"),
            }
        } else {
            set(column, value, row);
        }
    }
}

fn set(column: &Column, value: ValueRef<'_>, row: &mut RowBuilder) {
    let name = &*column.name;
    let value = match value {
        ValueRef::Null => RawValue::Null,
        ValueRef::Integer(v @ (0 | 1)) if column.data_type == Some(DataType::Boolean) => {
            RawValue::Bool(v == 1)
        }
        ValueRef::Integer(v) => RawValue::Int(v),
        ValueRef::Real(v) => RawValue::Float(v),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if text.contains('\0') => {
                return row.fail(Code::Syntax, format!("\"{name}\" has a NUL in its text"));
            }
            Ok(text) => RawValue::Text(text),
            Err(_) => return row.fail(Code::Syntax, format!("\"{name}\" is not UTF-8")),
        },
        ValueRef::Blob(_) => {
            row.report.add(Code::BinaryColumn, 0, || {
                format!("a binary value in \"{name}\"")
            });
            return;
        }
    };
    if matches!(column.role, Role::Id | Role::IdAndProperty) {
        match value {
            RawValue::Int(_) | RawValue::Text(_) => row.set_id(value),
            RawValue::Null => {}
            _ if column.role == Role::Id => {
                row.fail(Code::NotAFeature, format!("its key \"{name}\" is no id"));
            }
            _ => {}
        }
        if column.role == Role::Id {
            return;
        }
    }
    match (value, column.data_type) {
        (RawValue::Text(text), Some(DataType::Json)) => {
            // Checks the text, and takes what is no JSON for what it is. It only fails where `row` has been told.
            let _told = row.property(0, name, &ColumnValue::Json(text));
        }
        _ => row.set(name, value),
    }
}

/// Reads a GeoPackage geometry (§2.1.3). Its header's SRS and envelope are copies of what is known better: they are not looked at.
fn geometry(blob: &[u8], row: &mut RowBuilder) {
    const EXTENDED: u8 = 0b10_0000;
    match blob {
        [b'G', b'P', 0, flags, ..] if flags & EXTENDED == 0 => {
            let what = match process_gpkg_geom(&mut &*blob, row) {
                Ok(()) => return,
                Err(GeozeroError::IoError(_)) => "its geometry ends early".to_owned(),
                Err(e) => format!("its geometry cannot be read: {e}"),
            };
            row.fail(Code::BadGeometry, what);
        }
        [b'G', b'P', 0, _, ..] => row.fail(
            Code::UnsupportedGeometry,
            "geometries of GeoPackage extensions are not served",
        ),
        _ => row.fail(Code::BadGeometry, "its geometry is no GeoPackage geometry"),
    }
}
