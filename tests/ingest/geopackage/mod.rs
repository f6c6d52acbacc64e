//! GeoPackages as the standard wants them, as programs write them, and as an enemy would.

mod crs;
mod damage;
pub mod file;
mod hostile;
mod shapes;

use std::path::Path;

use guichet::ingest::{self, Code, IngestError, IngestLimits};
use guichet::model::id::IdStability;
use guichet::model::{FeatureIdRef, ValueRef};
use rusqlite::params;

use self::file::{File, point};
use crate::open::{Ask, Got, good, load};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn of(layer: &str) -> Ask<'_> {
    Ask {
        layer: Some(layer),
        ..Ask::default()
    }
}

/// A file with one layer `t` of two points with a name.
fn two_points(folder: &Path) -> File {
    let file = File::new(folder, "two.gpkg");
    file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT, nom TEXT)")
        .features("t", 4326);
    let insert = "INSERT INTO t VALUES (?1, ?2, ?3)";
    file.sql
        .execute(insert, params![7, point(4326, 5.0, 43.0), "sept"])
        .unwrap();
    file.sql
        .execute(insert, params![3, point(4326, 5.1, 43.1), "trois"])
        .unwrap();
    file
}

fn value<'a>(got: &'a Got, id: i64, field: &str) -> ValueRef<'a> {
    let field = got.layer.schema().index_of(field).expect(field);
    got.layer.row(&FeatureIdRef::Int(id)).unwrap().value(field)
}

#[test]
fn the_key_is_the_id_and_no_property() {
    let folder = folder();
    let got = good(&two_points(folder.path()).done(), &Ask::default());
    assert_eq!(got.ids(), ["3", "7"]);
    assert_eq!(got.layer.id_stability(), IdStability::Source);
    assert_eq!(got.fields(), "nom string");
    assert_eq!(got.layer.schema().geometry_name(), "geom");
    assert_eq!(value(&got, 3, "nom"), ValueRef::Text("trois"));
    assert_eq!(got.report.source_layer.as_deref(), Some("t"));
    assert_eq!(got.report.format, "GeoPackage");
    assert_eq!(got.report.crs, "EPSG:4326");
    assert_eq!(got.codes(), "");
}

#[test]
fn a_key_that_the_publisher_names_is_a_property_too() {
    let folder = folder();
    let ask = Ask {
        feature_id: Some("fid"),
        ..Ask::default()
    };
    let got = good(&two_points(folder.path()).done(), &ask);
    assert_eq!(got.fields(), "fid integer, nom string");
    assert_eq!(got.layer.id_stability(), IdStability::Declared);
    assert_eq!(got.ids(), ["3", "7"]);
}

#[test]
fn other_keys_keep_their_values() {
    let folder = folder();
    let file = File::new(folder.path(), "keys.gpkg");
    file.run(
        "CREATE TABLE texte (code TEXT PRIMARY KEY, n INTEGER); INSERT INTO texte VALUES ('b', 1), ('a', 2);
         CREATE TABLE deux (a INTEGER, b INTEGER, PRIMARY KEY (a, b)); INSERT INTO deux VALUES (2, 1), (1, 2);
         CREATE INDEX couvrant ON deux (a, b);
         CREATE TABLE sans (a INTEGER PRIMARY KEY, b TEXT) WITHOUT ROWID; INSERT INTO sans VALUES (5, 'x');",
    )
    .attributes("texte")
    .attributes("deux")
    .attributes("sans");
    let path = file.done();
    let texte = good(&path, &of("texte"));
    assert_eq!(texte.ids(), ["a", "b"]);
    assert_eq!(texte.fields(), "code string, n integer");
    // Without a key there are places: those of the table, not those of the index that covers it.
    let deux = good(&path, &of("deux"));
    assert_eq!(deux.layer.id_stability(), IdStability::Positional);
    assert_eq!(value(&deux, 1, "a"), ValueRef::Int(2));
    assert_eq!(value(&deux, 2, "a"), ValueRef::Int(1));
    assert_eq!(good(&path, &of("sans")).ids(), ["5"]);
}

#[test]
fn several_layers_want_a_choice() {
    let folder = folder();
    let file = two_points(folder.path());
    let odd = [
        "select",
        "Points d'intérêt \"été\"",
        "x\"; DROP TABLE t; --",
        "a`b]c[",
        "%_",
    ];
    for (n, name) in odd.iter().enumerate() {
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        file.run(&format!(
            "CREATE TABLE {quoted} (\"from\" INTEGER PRIMARY KEY, \"geom\" BLOB, \"d'où \"\"?\" TEXT);
             INSERT INTO {quoted} VALUES ({n}, NULL, 'là');"
        ))
        .features(name, 2154);
    }
    file.run("CREATE TABLE tuiles (id INTEGER PRIMARY KEY); INSERT INTO gpkg_contents (table_name, data_type) VALUES ('tuiles', 'tiles')");
    let path = file.done();
    let names = ingest::layer_names(&path, &IngestLimits::default()).unwrap();
    let names: Vec<String> = names.into_iter().flatten().collect();
    assert_eq!(names[0], "t");
    assert_eq!(names[1..], odd);
    for (n, name) in odd.iter().enumerate() {
        let got = good(&path, &of(name));
        assert_eq!(got.ids(), [n.to_string()]);
        assert_eq!(got.fields(), "d'où \"? string");
        assert_eq!(value(&got, n as i64, "d'où \"?"), ValueRef::Text("là"));
    }
    assert_eq!(good(&path, &of("t")).layer.feature_count(), 2);
    let many = load(&path, &Ask::default()).unwrap_err();
    assert!(matches!(many, IngestError::ManyLayers { .. }), "{many}");
    let none = load(&path, &of("tuiles")).unwrap_err();
    assert!(matches!(none, IngestError::NoSuchLayer { .. }), "{none}");
    assert!(none.to_string().contains("select"), "{none}");
}

#[test]
fn declared_types_are_announced_and_other_values_are_kept() {
    let folder = folder();
    let file = File::new(folder.path(), "types.gpkg");
    file.run(
        "CREATE TABLE t (fid INTEGER PRIMARY KEY, b BOOLEAN, i TINYINT, n BIGINT, f FLOAT, t TEXT(5), j DATE, h DATETIME,
            p BLOB, v, num NUMERIC(9, 2), oui_non BOOLEAN, faux_jour DATE, chiffres TEXT, vide MEDIUMINT, json TEXT);
         CREATE TABLE gpkg_data_columns (table_name TEXT, column_name TEXT, mime_type TEXT);
         INSERT INTO gpkg_data_columns VALUES ('T', 'Json', 'application/json');
         INSERT INTO t VALUES
            (1, 1, 200, 9007199254740993, 1, '2024-01-01', '2024-02-29', '2024-02-29T10:11:12.345Z', x'00', 1, 1.50, 0, '29/02/2024', '007', NULL, '{\"a\": [1, 2]}'),
            (2, 0, -1, -9223372036854775808, 9e999, 'é', '0001-01-01', '2024-02-29T10:11:12.345Z', x'01', 'deux', 2, 7, '2024-02-29', '8', NULL, 'pas du json'),
            (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);",
    )
    .attributes("t");
    let got = good(&file.done(), &Ask::default());
    assert_eq!(
        got.fields(),
        "b boolean, i integer, n integer, f number, t string, j date, h date-time, v json, num number, \
         oui_non json, faux_jour string, chiffres string, vide integer, json json"
    );
    assert_eq!(got.codes(), "binary_column 1");
    assert!(got.report.codes[&Code::BinaryColumn].example.contains('p'));
    assert_eq!(value(&got, 1, "b"), ValueRef::Bool(true));
    assert_eq!(value(&got, 1, "n"), ValueRef::Int(9_007_199_254_740_993));
    assert_eq!(value(&got, 2, "n"), ValueRef::Int(i64::MIN));
    assert_eq!(value(&got, 2, "f"), ValueRef::Float(f64::INFINITY));
    assert_eq!(value(&got, 1, "t"), ValueRef::Text("2024-01-01"));
    assert_eq!(value(&got, 1, "v"), ValueRef::Json("1"));
    assert_eq!(value(&got, 2, "v"), ValueRef::Json("\"deux\""));
    assert_eq!(value(&got, 1, "num"), ValueRef::Float(1.5));
    assert_eq!(value(&got, 1, "oui_non"), ValueRef::Json("false"));
    assert_eq!(value(&got, 2, "oui_non"), ValueRef::Json("7"));
    assert_eq!(value(&got, 1, "chiffres"), ValueRef::Text("007"));
    assert_eq!(value(&got, 1, "json"), ValueRef::Json("{\"a\": [1, 2]}"));
    assert_eq!(value(&got, 2, "json"), ValueRef::Json("\"pas du json\""));
    for field in &got.layer.schema().fields {
        assert_eq!(value(&got, 3, &field.name), ValueRef::Null);
    }
    let ValueRef::DateTime(t) = value(&got, 1, "h") else {
        panic!("h is a date-time");
    };
    assert_eq!(t.to_string(), "2024-02-29T10:11:12.345Z");
}

#[test]
fn utf16_databases_are_read() {
    let folder = folder();
    let path = folder.path().join("utf16.gpkg");
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch(
        "PRAGMA encoding = 'UTF-16';
         CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);
         INSERT INTO gpkg_contents VALUES ('été', 'attributes', NULL);
         CREATE TABLE \"été\" (fid INTEGER PRIMARY KEY, nom TEXT);
         INSERT INTO \"été\" VALUES (1, 'Châteauneuf 🏰');",
    )
    .unwrap();
    sql.close().unwrap();
    let got = good(&path, &Ask::default());
    assert_eq!(value(&got, 1, "nom"), ValueRef::Text("Châteauneuf 🏰"));
}

#[test]
fn views_are_layers() {
    let folder = folder();
    let file = two_points(folder.path());
    file.run("CREATE VIEW v AS SELECT fid, geom, upper(nom) AS NOM, length(nom) * 1.5 AS l FROM t ORDER BY nom")
        .features("v", 4326);
    file.run("CREATE VIEW w AS SELECT nom, fid FROM t")
        .attributes("w");
    let path = file.done();
    let got = good(&path, &of("v"));
    assert_eq!(got.ids(), ["3", "7"]);
    assert_eq!(got.fields(), "fid integer, NOM string, l number");
    assert_eq!(value(&got, 3, "NOM"), ValueRef::Text("TROIS"));
    assert!(got.layer.extent_crs84().is_some());
    assert_eq!(
        good(&path, &of("w")).layer.id_stability(),
        IdStability::Positional
    );
}
