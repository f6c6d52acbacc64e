//! GeoPackages made in code.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// A GeoPackage under construction.
pub struct File {
    pub path: PathBuf,
    pub sql: Connection,
}

impl File {
    /// The tables that every GeoPackage has, with the three systems that it must have and Lambert-93.
    pub fn new(folder: &Path, name: &str) -> Self {
        let path = folder.join(name);
        let sql = Connection::open(&path).unwrap();
        sql.execute_batch(
            "PRAGMA application_id = 0x47504B47;
             CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
                organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
             INSERT INTO gpkg_spatial_ref_sys VALUES
                ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL), ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL),
                ('WGS 84', 4326, 'epsg', 4326, 'undefined', NULL), ('Lambert-93', 2154, 'EPSG', 2154, 'undefined', NULL);
             CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
                description TEXT DEFAULT '', last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
             CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
                srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));",
        )
        .unwrap();
        Self { path, sql }
    }

    /// Runs statements.
    pub fn run(&self, sql: &str) -> &Self {
        self.sql
            .execute_batch(sql)
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
        self
    }

    /// Enters a table or view, whose geometry column is `geom`, into the contents.
    pub fn features(&self, table: &str, srs_id: i64) -> &Self {
        let insert =
            "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES (?1, 'features', ?2)";
        self.sql.execute(insert, (table, srs_id)).unwrap();
        let insert = "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', 'GEOMETRY', ?2, 2, 2)";
        self.sql.execute(insert, (table, srs_id)).unwrap();
        self
    }

    /// Enters a table without geometry into the contents.
    pub fn attributes(&self, table: &str) -> &Self {
        let insert = "INSERT INTO gpkg_contents (table_name, data_type) VALUES (?1, 'attributes')";
        self.sql.execute(insert, [table]).unwrap();
        self
    }

    /// Closes the file.
    pub fn done(self) -> PathBuf {
        self.sql.close().unwrap();
        self.path
    }
}

/// A GeoPackage geometry around a WKB, little-endian, without envelope.
pub fn blob(srs_id: i32, wkb: &[u8]) -> Vec<u8> {
    let mut blob = b"GP\0\x01".to_vec();
    blob.extend(srs_id.to_le_bytes());
    blob.extend(wkb);
    blob
}

/// The WKB of a geometry without members: its number (with 1000 for z, 2000 for m), and the parts.
pub fn wkb(number: u32, parts: &[Part<'_>]) -> Vec<u8> {
    let mut wkb = vec![1];
    wkb.extend(number.to_le_bytes());
    for part in parts {
        match part {
            Part::Count(n) => wkb.extend(n.to_le_bytes()),
            Part::Ordinates(all) => all.iter().for_each(|v| wkb.extend(v.to_le_bytes())),
            Part::Member(bytes) => wkb.extend(*bytes),
        }
    }
    wkb
}

/// A piece of a WKB.
pub enum Part<'a> {
    Count(u32),
    Ordinates(&'a [f64]),
    Member(&'a [u8]),
}

/// A point as a GeoPackage geometry.
pub fn point(srs_id: i32, x: f64, y: f64) -> Vec<u8> {
    blob(srs_id, &wkb(1, &[Part::Ordinates(&[x, y])]))
}
