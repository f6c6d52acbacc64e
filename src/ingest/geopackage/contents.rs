//! What a GeoPackage says it holds: its vector layers, their columns and their CRS.

use rusqlite::{Connection, OptionalExtension, Result};

use crate::geometry::crs::{self, Crs};
use crate::model::DataType;

/// A row of `gpkg_contents` that stands for rows of features (OGC 12-128r18 §1.1.3, §2.1, §2.4).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) table: String,
    pub(super) has_geometry: bool,
}

/// A table or view as it will be read.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) is_view: bool,
    /// A view, or a table with generated columns: what it gives is computed.
    pub(super) is_program: bool,
    /// The columns that are read, in their order.
    pub(super) columns: Vec<Column>,
    /// Names of the binary columns that are not.
    pub(super) binary: Vec<String>,
    pub(super) srs: Srs,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) role: Role,
    /// What its declaration promises; its values may differ.
    pub(super) data_type: Option<DataType>,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Geometry,
    Id,
    /// An id that the publisher also wants as a property, or that may hold other values than ids.
    IdAndProperty,
    Property,
}

/// The spatial reference system of a layer.
#[derive(Debug, PartialEq)]
pub(super) enum Srs {
    /// A table without geometry.
    None,
    /// An identifier or a definition.
    Named(String),
    /// `srs_id` 0: degrees of an unknown datum.
    UndefinedDegrees,
    /// `srs_id` -1: plane coordinates on nobody knows what.
    UndefinedPlane,
    /// No row of `gpkg_spatial_ref_sys` has that id.
    Missing(i64),
}

/// True if the database is a GeoPackage at all.
pub(super) fn has_contents(connection: &Connection) -> Result<bool> {
    has_table(connection, "gpkg_contents")
}

fn has_table(connection: &Connection, name: &str) -> Result<bool> {
    Ok(kind_of(connection, name)?.is_some())
}

/// `table` or `view`, `None` if there is neither of that name.
fn kind_of(connection: &Connection, name: &str) -> Result<Option<String>> {
    connection
        .query_row(
            "SELECT type FROM main.sqlite_schema
             WHERE lower(name) = lower(?1) AND type IN ('table', 'view') AND sql NOT LIKE 'create virtual%'",
            [name],
            |row| row.get(0),
        )
        .optional()
}

/// The vector layers, in the file's order. GDAL before 2.2 wrote `aspatial` for `attributes`.
pub(super) fn contents(connection: &Connection) -> Result<Vec<Content>> {
    connection
        .prepare(
            "SELECT table_name, lower(data_type) = 'features' FROM main.gpkg_contents NOT INDEXED
             WHERE lower(data_type) IN ('features', 'attributes', 'aspatial')",
        )?
        .query_map([], |row| {
            Ok(Content {
                table: row.get(0)?,
                has_geometry: row.get(1)?,
            })
        })?
        .collect()
}

/// Describes the table of `content`; `Err(Ok(what))` if it contradicts itself. `wanted` tells which keys the publisher names as properties.
pub(super) fn describe(
    connection: &Connection,
    content: &Content,
    wanted: impl Fn(&str) -> bool,
) -> Result<std::result::Result<Table, String>> {
    let Some(kind) = kind_of(connection, &content.table)? else {
        let what = format!(
            "gpkg_contents names \"{}\", which is no table of the file",
            content.table
        );
        return Ok(Err(what));
    };
    let mut declared = declared_columns(connection, &content.table)?;
    let is_view = kind == "view";
    let mut table = Table {
        name: content.table.clone(),
        is_view,
        is_program: is_view || declared.iter().any(|c| c.is_generated),
        columns: Vec::new(),
        binary: Vec::new(),
        srs: Srs::None,
    };
    let mut geometry = None;
    if content.has_geometry {
        let Some((column, srs_id)) = geometry_column(connection, &content.table)? else {
            let what = format!("gpkg_geometry_columns has no row for \"{}\"", table.name);
            return Ok(Err(what));
        };
        geometry = declared
            .iter()
            .position(|c| c.name.eq_ignore_ascii_case(&column));
        if geometry.is_none() {
            let what = format!(
                "gpkg_geometry_columns names \"{column}\", which is no column of \"{}\"",
                table.name
            );
            return Ok(Err(what));
        }
        table.srs = srs(connection, srs_id)?;
    }
    let key = key(&declared, table.is_view);
    let json = json_columns(connection, &content.table)?;
    for (place, column) in declared.drain(..).enumerate() {
        let role = if geometry == Some(place) {
            Role::Geometry
        } else if key == Some(place) {
            // Only INTEGER PRIMARY KEY is sure to hold nothing but ids.
            let only_ids = column.key > 0 && column.declared.eq_ignore_ascii_case("INTEGER");
            if only_ids && !wanted(&column.name) {
                Role::Id
            } else {
                Role::IdAndProperty
            }
        } else if is_binary(&column.declared) {
            table.binary.push(column.name);
            continue;
        } else {
            Role::Property
        };
        let data_type = if json.iter().any(|n| n.eq_ignore_ascii_case(&column.name)) {
            Some(DataType::Json)
        } else {
            data_type(&column.declared)
        };
        table.columns.push(Column {
            name: column.name,
            role,
            data_type,
        });
    }
    Ok(Ok(table))
}

struct Declared {
    name: String,
    declared: String,
    /// Place in the primary key, from 1; 0 outside of it.
    key: u32,
    is_generated: bool,
}

fn declared_columns(connection: &Connection, table: &str) -> Result<Vec<Declared>> {
    let mut columns = Vec::new();
    connection.pragma(Some("main"), "table_xinfo", table, |row| {
        columns.push(Declared {
            name: row.get("name")?,
            declared: row.get("type")?,
            key: row.get("pk")?,
            // 1 is a hidden column of a virtual table, 2 and 3 are generated ones.
            is_generated: row.get::<_, i64>("hidden")? > 1,
        });
        Ok(())
    })?;
    Ok(columns)
}

/// The column that identifies rows: the lone primary key; the first column of a view, which cannot have a key (§2.1.6.1), if it holds
/// integers.
fn key(columns: &[Declared], is_view: bool) -> Option<usize> {
    if is_view {
        let first = data_type(&columns.first()?.declared);
        return (first == Some(DataType::Integer)).then_some(0);
    }
    let mut keys = columns.iter().enumerate().filter(|(_, c)| c.key > 0);
    let (place, _) = keys.next()?;
    keys.next().is_none().then_some(place)
}

fn geometry_column(connection: &Connection, table: &str) -> Result<Option<(String, i64)>> {
    if !has_table(connection, "gpkg_geometry_columns")? {
        return Ok(None);
    }
    connection
        .query_row(
            "SELECT column_name, srs_id FROM main.gpkg_geometry_columns NOT INDEXED
             WHERE lower(table_name) = lower(?1)",
            [table],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
}

/// Columns that `gpkg_data_columns` (§F.9) says to hold JSON.
fn json_columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    if !has_table(connection, "gpkg_data_columns")? {
        return Ok(Vec::new());
    }
    connection
        .prepare(
            "SELECT column_name FROM main.gpkg_data_columns NOT INDEXED
             WHERE lower(table_name) = lower(?1) AND lower(mime_type) = 'application/json'",
        )?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// What `gpkg_spatial_ref_sys` (§1.1.2) says of an id: its authority's code if that is known here, else the first definition that is.
fn srs(connection: &Connection, id: i64) -> Result<Srs> {
    match id {
        -1 => return Ok(Srs::UndefinedPlane),
        0 => return Ok(Srs::UndefinedDegrees),
        _ => {}
    }
    if !has_table(connection, "gpkg_spatial_ref_sys")? {
        return Ok(Srs::Missing(id));
    }
    let row = connection
        .prepare("SELECT * FROM main.gpkg_spatial_ref_sys NOT INDEXED WHERE srs_id = ?1")?
        .query_row([id], |row| {
            let code = format!(
                "{}:{}",
                row.get::<_, String>("organization")?.to_uppercase(),
                row.get::<_, i64>("organization_coordsys_id")?
            );
            let definition: String = row.get("definition")?;
            // The second definition is an extension (WKT 2): most files do not have the column.
            let wkt2: Option<String> = row.get("definition_12_063").unwrap_or_default();
            Ok((code, [Some(definition), wkt2]))
        })
        .optional()?;
    let Some((code, definitions)) = row else {
        return Ok(Srs::Missing(id));
    };
    let definitions = || definitions.iter().flatten();
    if Crs::parse(&code).is_ok() {
        return Ok(Srs::Named(code));
    }
    let known = definitions().find(|d| Crs::from_wkt(d).is_some());
    let named = known.cloned().unwrap_or_else(|| {
        definitions()
            .find_map(|d| crs::describe_wkt(d))
            .unwrap_or(code)
    });
    Ok(Srs::Named(named))
}

/// The declared type without its length, in capitals.
fn bare(declared: &str) -> String {
    let word = declared.split('(').next().unwrap_or_default();
    word.trim().to_ascii_uppercase()
}

fn is_binary(declared: &str) -> bool {
    bare(declared) == "BLOB"
}

/// The type that a declaration promises (§1.1.1.1.3), and what other programs write for it; `None` leaves it to the values.
fn data_type(declared: &str) -> Option<DataType> {
    let word = bare(declared);
    Some(match word.as_str() {
        "BOOLEAN" | "BOOL" => DataType::Boolean,
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" | "BIGINT" => DataType::Integer,
        "FLOAT" | "DOUBLE" | "DOUBLE PRECISION" | "REAL" => DataType::Number,
        "TEXT" | "VARCHAR" | "CHAR" | "CLOB" => DataType::String,
        "DATE" => DataType::Date,
        "DATETIME" | "TIMESTAMP" => DataType::DateTime,
        "JSON" => DataType::Json,
        _ => return None,
    })
}
