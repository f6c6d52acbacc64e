//! GeoPackages as the standard wants them, as programs write them, and as an enemy would.

use std::fs;
use std::path::Path;

use guichet::geometry::source::GeometryKind;
use guichet::ingest::{self, Code, IngestError, IngestLimits};
use guichet::model::id::IdStability;
use guichet::model::{DataType, FeatureIdRef, ValueRef};
use rusqlite::params;

use crate::geopackage_file::{File, Part, blob, point, wkb};
use crate::open::{Ask, Got, good, load, refused};

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
fn the_crs_comes_from_the_code_or_the_definition() {
    let folder = folder();
    let crs84 = "GEOGCRS[\"WGS 84 (CRS84)\",DATUM[\"World Geodetic System 1984\",ELLIPSOID[\"WGS 84\",6378137,298.257223563]],CS[ellipsoidal,2],AXIS[\"lon\",east],AXIS[\"lat\",north],ANGLEUNIT[\"degree\",0.0174532925199433],ID[\"OGC\",\"CRS84\"]]";
    let lambert = "PROJCS[\"RGF93 / Lambert-93\",AUTHORITY[\"EPSG\",\"2154\"]]";
    let cases = [
        (4326, "EPSG:4326"),
        (2154, "EPSG:2154"),
        (100_000, "OGC:CRS84"),
        (100_001, "EPSG:2154"),
    ];
    for (srs, name) in cases {
        let file = File::new(folder.path(), &format!("crs-{srs}.gpkg"));
        let insert = "INSERT INTO gpkg_spatial_ref_sys VALUES ('x', ?1, 'NONE', ?1, ?2, NULL)";
        file.sql.execute(insert, params![100_000, crs84]).unwrap();
        file.sql
            .execute(insert, params![100_001, "undefined"])
            .unwrap();
        file.run("ALTER TABLE gpkg_spatial_ref_sys ADD COLUMN definition_12_063 TEXT");
        file.sql
            .execute(
                "UPDATE gpkg_spatial_ref_sys SET definition_12_063 = ?1 WHERE srs_id = 100001",
                [lambert],
            )
            .unwrap();
        file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT)")
            .features("t", srs);
        // The number in a geometry's header says nothing: here it always contradicts.
        file.sql
            .execute("INSERT INTO t VALUES (1, ?1)", [point(27_700, 5.0, 45.0)])
            .unwrap();
        let got = good(&file.done(), &Ask::default());
        assert_eq!(
            (got.report.crs.as_str(), got.codes().as_str()),
            (name, ""),
            "{srs}"
        );
    }
}

#[test]
fn undefined_and_unknown_crs_want_the_option() {
    let folder = folder();
    for srs in [-1, 31_415, 100_000] {
        let file = File::new(folder.path(), &format!("undefined{srs}.gpkg"));
        file.run("INSERT INTO gpkg_spatial_ref_sys VALUES ('Plan local', 100000, 'NONE', 100000, 'LOCAL_CS[\"Plan local\"]', NULL)")
            .run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT)")
            .features("t", srs);
        file.sql
            .execute(
                "INSERT INTO t VALUES (1, ?1)",
                [point(srs as i32, 9e5, 6.2e6)],
            )
            .unwrap();
        let path = file.done();
        let message = refused(&path, &Ask::default());
        assert!(message.contains("option `crs`"), "{message}");
        let ask = Ask {
            crs: Some("EPSG:2154"),
            ..Ask::default()
        };
        assert_eq!(good(&path, &ask).report.crs, "EPSG:2154", "{srs}");
    }
    // Degrees of nobody knows which system are taken for WGS 84, metres under that flag are not.
    for (x, y, loads) in [(5.0, 43.0, true), (9e5, 6.2e6, false)] {
        let file = File::new(folder.path(), &format!("degrees-{loads}.gpkg"));
        file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT)")
            .features("t", 0);
        file.sql
            .execute("INSERT INTO t VALUES (1, ?1)", [point(0, x, y)])
            .unwrap();
        let path = file.done();
        if loads {
            let got = good(&path, &Ask::default());
            assert_eq!(
                (got.report.crs.as_str(), got.codes().as_str()),
                ("OGC:CRS84", "crs_assumed 1")
            );
        } else {
            let message = refused(&path, &Ask::default());
            assert!(message.contains("option `crs`"), "{message}");
        }
    }
    let declared = Ask {
        crs: Some("EPSG:2154"),
        ..Ask::default()
    };
    let message = refused(
        &two_points(folder.path()).done(),
        &Ask {
            layer: Some("u"),
            ..Ask::default()
        },
    );
    assert!(message.contains("its layers are: t"), "{message}");
    let got = load(&folder.path().join("two.gpkg"), &declared);
    assert_eq!(got.unwrap().count(Code::CrsOverridden), 1);
}

#[test]
fn a_table_without_geometry_needs_no_crs() {
    let folder = folder();
    let file = File::new(folder.path(), "table.gpkg");
    file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 2)")
        .attributes("t");
    let got = good(&file.done(), &Ask::default());
    assert_eq!(got.codes(), "");
    assert_eq!(got.layer.schema().geometry_kinds, []);
    assert!(got.layer.extent_crs84().is_none());
}

/// Kind, ordinates (x, y, z, m) and number of vertices of the row `id`.
fn shape(got: &Got, id: i64) -> (GeometryKind, Vec<[f64; 4]>) {
    let row = got.layer.row(&FeatureIdRef::Int(id)).unwrap();
    let g = row.source_geometry().unwrap();
    let at = |all: &[f64], i: usize| all.get(i).copied().unwrap_or(-9.0);
    let vertices = g.xy.iter().enumerate();
    let all = vertices.map(|(i, p)| [p[0], p[1], at(g.z, i), at(g.m, i)]);
    (g.kind, all.collect())
}

#[test]
fn every_kind_with_z_and_m_is_exact() {
    use Part::{Count, Member, Ordinates};
    let folder = folder();
    let file = File::new(folder.path(), "kinds.gpkg");
    file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom GEOMETRY)")
        .features("t", 4326);
    let odd = 0.1 + 0.2;
    let p = wkb(3001, &[Ordinates(&[odd, 43.0, 5e-324, -0.0])]);
    let line = wkb(
        2002,
        &[Count(2), Ordinates(&[5.0, 43.0, 1.0, 5.1, 43.1, 2.0])],
    );
    let ring = [
        5.0, 43.0, 7.0, 5.1, 43.0, 8.0, 5.1, 43.1, 9.0, 5.0, 43.0, 7.0,
    ];
    let area = wkb(1003, &[Count(1), Count(4), Ordinates(&ring)]);
    let far: Vec<f64> = ring.iter().map(|v| v + 1.0).collect();
    let far = wkb(1003, &[Count(1), Count(4), Ordinates(&far)]);
    let several = wkb(1006, &[Count(2), Member(&area), Member(&far)]);
    let mixed = wkb(
        3007,
        &[
            Count(2),
            Member(&p),
            Member(&wkb(7, &[Count(1), Member(&line)])),
        ],
    );
    let nowhere = wkb(1001, &[Ordinates(&[f64::NAN, f64::NAN, f64::NAN])]);
    let no_line = wkb(2, &[Count(0)]);
    let half = wkb(7, &[Count(2), Member(&nowhere), Member(&p)]);
    for (id, g) in [
        &p, &line, &area, &several, &mixed, &nowhere, &no_line, &half,
    ]
    .iter()
    .enumerate()
    {
        file.sql
            .execute(
                "INSERT INTO t VALUES (?1, ?2)",
                params![id as i64, blob(4326, g)],
            )
            .unwrap();
    }
    // Big-endian, with an envelope that lies.
    let mut big = b"GP\0\x02".to_vec();
    big.extend(4326i32.to_be_bytes());
    for v in [170.0f64, 171.0, 80.0, 81.0] {
        big.extend(v.to_be_bytes());
    }
    big.extend([0, 0, 0, 0, 1]);
    for v in [5.5f64, 43.5] {
        big.extend(v.to_be_bytes());
    }
    file.sql
        .execute("INSERT INTO t VALUES (8, ?1)", [big])
        .unwrap();
    file.run("INSERT INTO t VALUES (9, NULL)");
    let path = file.done();
    crate::lossless::compare_file(&path, &Ask::default());
    let got = good(&path, &Ask::default());
    assert_eq!(got.codes(), "");
    assert_eq!(
        shape(&got, 0),
        (GeometryKind::Point, vec![[odd, 43.0, 5e-324, -0.0]])
    );
    assert!(shape(&got, 0).1[0][3].is_sign_negative());
    let line = vec![[5.0, 43.0, -9.0, 1.0], [5.1, 43.1, -9.0, 2.0]];
    assert_eq!(shape(&got, 1), (GeometryKind::LineString, line));
    assert_eq!(shape(&got, 2).1[2], [5.1, 43.1, 9.0, -9.0]);
    assert_eq!(shape(&got, 3).1.len(), 8);
    let (kind, vertices) = shape(&got, 4);
    assert_eq!(
        (kind, vertices.len()),
        (GeometryKind::GeometryCollection, 3)
    );
    assert_eq!(shape(&got, 5), (GeometryKind::Point, vec![]));
    assert_eq!(shape(&got, 6), (GeometryKind::LineString, vec![]));
    // An empty member stays a member.
    let row = got.layer.row(&FeatureIdRef::Int(7)).unwrap();
    assert_eq!(row.source_geometry().unwrap().counts, [2, 1, 0, 1, 1]);
    assert_eq!(
        shape(&got, 8),
        (GeometryKind::Point, vec![[5.5, 43.5, -9.0, -9.0]])
    );
    assert!(
        got.layer
            .row(&FeatureIdRef::Int(9))
            .unwrap()
            .source_geometry()
            .is_none()
    );
    let extent = got.layer.extent_crs84().unwrap();
    assert!(extent.max[0] < 7.0, "the envelope was believed: {extent:?}");
}

#[test]
fn what_is_no_geometry_rejects_its_row_alone() {
    use Part::{Count, Member, Ordinates};
    let folder = folder();
    let file = two_points(folder.path());
    let good_one = wkb(1, &[Ordinates(&[5.0, 43.0])]);
    let mut bomb = Vec::new();
    for _ in 0..100_000 {
        bomb.extend(wkb(7, &[Count(1)]));
    }
    bomb.extend(&good_one);
    let mut extended = blob(4326, &good_one);
    extended[3] |= 0b10_0000;
    let mut version = blob(4326, &good_one);
    version[2] = 1;
    let curve = wkb(8, &[Count(3), Ordinates(&[0.0, 0.0, 1.0, 1.0, 2.0, 0.0])]);
    let bad: &[(&[u8], Code)] = &[
        (b"", Code::BadGeometry),
        (b"GP", Code::BadGeometry),
        (&good_one, Code::BadGeometry),
        (&version, Code::BadGeometry),
        (&blob(4326, &good_one[..20]), Code::BadGeometry),
        (&blob(4326, &wkb(2, &[Count(u32::MAX)])), Code::BadGeometry),
        (
            &blob(4326, &wkb(3, &[Count(u32::MAX), Count(0)])),
            Code::BadGeometry,
        ),
        (&blob(4326, &wkb(1234, &[])), Code::BadGeometry),
        (&blob(4326, &bomb), Code::BadGeometry),
        (&extended, Code::UnsupportedGeometry),
        (&blob(4326, &curve), Code::UnsupportedGeometry),
        (
            &blob(4326, &wkb(7, &[Count(1), Member(&curve)])),
            Code::UnsupportedGeometry,
        ),
        (
            &blob(4326, &wkb(10, &[Count(1), Member(&curve)])),
            Code::UnsupportedGeometry,
        ),
        (
            &blob(4326, &wkb(1, &[Ordinates(&[f64::NAN, 1.0])])),
            Code::NotFinite,
        ),
        (
            &blob(4326, &wkb(1, &[Ordinates(&[f64::INFINITY, 1.0])])),
            Code::NotFinite,
        ),
        (
            &blob(4326, &wkb(1, &[Ordinates(&[500.0, 1.0])])),
            Code::OutOfRange,
        ),
    ];
    for (n, (geometry, _)) in bad.iter().enumerate() {
        file.sql
            .execute(
                "INSERT INTO t VALUES (?1, ?2, 'mal')",
                params![100 + n as i64, geometry],
            )
            .unwrap();
    }
    file.run("INSERT INTO t VALUES (99, 'POINT (1 2)', 'texte')");
    let got = good(&file.done(), &Ask::default());
    assert_eq!(got.ids(), ["3", "7"]);
    let count = |code| bad.iter().filter(|(_, c)| *c == code).count() as u64;
    assert_eq!(got.count(Code::BadGeometry), count(Code::BadGeometry) + 1);
    assert_eq!(
        got.count(Code::UnsupportedGeometry),
        count(Code::UnsupportedGeometry)
    );
    assert_eq!(got.count(Code::NotFinite), count(Code::NotFinite));
    assert_eq!(got.count(Code::OutOfRange), 1, "{}", got.codes());
    assert_eq!(got.report.read, 2 + 1 + bad.len() as u64);
    // Places are those of the scan: 3, 7, 99, 100, …
    assert_eq!(got.report.codes[&Code::BadGeometry].places[..2], [3, 4]);
}

#[test]
fn texts_that_are_none_reject_their_row_alone() {
    let folder = folder();
    let file = two_points(folder.path());
    file.run("INSERT INTO t VALUES (8, NULL, CAST(x'ff61' AS TEXT)), (9, NULL, CAST(x'610062' AS TEXT)), (10, NULL, x'61')");
    let got = good(&file.done(), &Ask::default());
    assert_eq!(got.codes(), "syntax 2, binary_column 1");
    assert_eq!(got.ids(), ["10", "3", "7"]);
    assert_eq!(value(&got, 10, "nom"), ValueRef::Null);
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
fn ceilings_hold() {
    let folder = folder();
    let path = two_points(folder.path()).done();
    let with = |limits| Ask {
        limits,
        ..Ask::default()
    };
    let limits = IngestLimits::default();
    let message = refused(
        &path,
        &with(IngestLimits {
            features: 1,
            ..limits
        }),
    );
    assert!(message.contains("limits.features_per_layer"), "{message}");
    let message = refused(
        &path,
        &with(IngestLimits {
            source_file_bytes: 1000,
            ..limits
        }),
    );
    assert!(message.contains("limits.source_file_bytes"), "{message}");
    let got = good(
        &path,
        &with(IngestLimits {
            property_value_bytes: 4,
            ..limits
        }),
    );
    assert_eq!(
        (got.ids(), got.count(Code::ValueTooLong)),
        (vec!["7".to_owned()], 1)
    );
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

#[test]
fn a_view_cannot_run_for_ever_or_fill_the_memory() {
    let folder = folder();
    let file = two_points(folder.path());
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, NULL AS geom FROM c";
    file.run(&format!("CREATE VIEW sans_fin AS {endless}"))
        .features("sans_fin", 4326);
    file.run(&format!("CREATE VIEW muet AS {endless} WHERE x < 0"))
        .features("muet", 4326);
    file.run("CREATE VIEW enorme AS SELECT 1 AS x, zeroblob(999000000) AS geom")
        .features("enorme", 4326);
    file.run("CREATE VIEW mechant AS SELECT 1 AS x, load_extension('x.so') AS geom")
        .features("mechant", 4326);
    file.run("CREATE VIEW perdu AS SELECT 1 AS x, nulle AS geom FROM nulle_part")
        .features("perdu", 4326);
    file.run(
        "CREATE TABLE calcul (a INTEGER PRIMARY KEY, geom BLOB, t TEXT AS (printf('%.*c', 999000000, 'x')));
         INSERT INTO calcul (a) VALUES (1), (2)",
    )
    .features("calcul", 4326);
    let path = file.done();
    let limits = IngestLimits {
        features: 10_000,
        ..IngestLimits::default()
    };
    let ask = |layer| Ask {
        layer: Some(layer),
        limits,
        ..Ask::default()
    };
    let message = refused(&path, &ask("sans_fin"));
    assert!(message.contains("limits.features_per_layer"), "{message}");
    let message = refused(&path, &ask("muet"));
    assert!(message.contains("gave no row"), "{message}");
    let small = Ask {
        layer: Some("sans_fin"),
        limits: IngestLimits {
            source_file_bytes: 1 << 20,
            ..IngestLimits::default()
        },
        ..Ask::default()
    };
    let message = refused(&path, &small);
    assert!(message.contains("limits.source_file_bytes"), "{message}");
    for layer in ["enorme", "mechant", "perdu", "calcul"] {
        let message = refused(&path, &ask(layer));
        assert!(message.contains("cannot be read"), "{layer}: {message}");
    }
}

#[test]
fn a_file_that_contradicts_itself_is_refused_in_words() {
    let folder = folder();
    let file = two_points(folder.path());
    file.features("absente", 4326);
    file.run("CREATE TABLE sans_colonne (fid INTEGER PRIMARY KEY, forme BLOB)")
        .features("sans_colonne", 4326);
    file.run(
        "CREATE TABLE sans_ligne (fid INTEGER PRIMARY KEY, geom BLOB);
              INSERT INTO gpkg_contents (table_name, data_type) VALUES ('sans_ligne', 'features')",
    );
    file.run("CREATE VIRTUAL TABLE arbre USING rtree(id, a, b)")
        .attributes("arbre");
    let path = file.done();
    for (layer, word) in [
        ("absente", "no table of the file"),
        ("sans_colonne", "no column"),
        ("sans_ligne", "gpkg_geometry_columns has no row"),
        ("arbre", "no table of the file"),
    ] {
        let message = refused(&path, &of(layer));
        assert!(message.contains(word), "{layer}: {message}");
    }
    assert_eq!(good(&path, &of("t")).layer.feature_count(), 2);

    let plain = folder.path().join("plain.gpkg");
    let sql = rusqlite::Connection::open(&plain).unwrap();
    sql.execute_batch("CREATE TABLE t (a)").unwrap();
    sql.close().unwrap();
    let message = refused(&plain, &Ask::default());
    assert!(
        message.contains("no GeoPackage") && message.contains("today"),
        "{message}"
    );
    let tiles = File::new(folder.path(), "tiles.gpkg").done();
    let message = refused(&tiles, &Ask::default());
    assert!(
        message.contains("without feature or attribute tables"),
        "{message}"
    );
}

/// A layer that takes many pages.
fn many_pages(folder: &Path) -> std::path::PathBuf {
    let file = File::new(folder, "pages.gpkg");
    file.run("CREATE TABLE t (fid INTEGER PRIMARY KEY, geom POINT, nom TEXT)")
        .features("t", 4326);
    let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                  INSERT INTO t SELECT i, ?1, printf('%0200d', i) FROM n";
    file.sql.execute(insert, [point(4326, 5.0, 43.0)]).unwrap();
    file.run(
        "CREATE TABLE autre (fid INTEGER PRIMARY KEY, n INTEGER); INSERT INTO autre VALUES (1, 1)",
    )
    .attributes("autre");
    file.done()
}

#[test]
fn damaged_pages_are_found_before_anything_is_served() {
    let folder = folder();
    let path = many_pages(folder.path());
    let bytes = fs::read(&path).unwrap();
    assert_eq!(good(&path, &of("t")).layer.feature_count(), 2000);
    let pages = bytes.len() / 4096;
    assert!(pages > 100);
    // Noise, nothing, and one cell less than there are: a plain scan would miss the last without a word.
    let noise: &dyn Fn(&mut [u8]) = &|page| {
        for (i, b) in page.iter_mut().enumerate() {
            *b = (i * 37) as u8;
        }
    };
    let nothing: &dyn Fn(&mut [u8]) = &|page| page.fill(0);
    let fewer: &dyn Fn(&mut [u8]) = &|page| page[4] -= 1;
    for (name, damage) in [("noise", noise), ("nothing", nothing), ("fewer", fewer)] {
        let mut bytes = bytes.clone();
        let page = 60 * 4096;
        assert_eq!(bytes[page], 13, "a leaf of the table");
        damage(&mut bytes[page..page + 4096]);
        let broken = folder.path().join(format!("{name}.gpkg"));
        fs::write(&broken, &bytes).unwrap();
        let message = refused(&broken, &of("t"));
        assert!(message.contains("partial = true"), "{name}: {message}");
        let partial = Ask {
            partial: true,
            ..of("t")
        };
        let got = good(&broken, &partial);
        assert_eq!(got.count(Code::CutShort), 1, "{name}");
        let rows = got.layer.feature_count();
        assert!(rows > 500 && rows < 2000, "{name}: {rows}");
        // One bad layer does not stop the others.
        assert_eq!(
            good(&broken, &of("autre")).layer.feature_count(),
            1,
            "{name}"
        );
    }
    let cut = folder.path().join("cut.gpkg");
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let message = refused(&cut, &of("t"));
    assert!(message.contains("it is cut"), "{message}");
}

#[test]
fn logs_beside_the_file_are_neither_read_nor_forgotten_nor_made() {
    let folder = folder();
    let path = two_points(folder.path()).done();
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch("PRAGMA journal_mode = WAL; UPDATE t SET nom = 'neuf'")
        .unwrap();
    let message = refused(&path, &Ask::default());
    assert!(message.contains("-wal"), "{message}");
    sql.close().unwrap();
    // Closed: the log went into the file, which stays in WAL mode.
    let before = crate::data::listing(folder.path());
    assert_eq!(before.len(), 1);
    let got = good(&path, &Ask::default());
    assert_eq!(value(&got, 3, "nom"), ValueRef::Text("neuf"));
    assert_eq!(crate::data::listing(folder.path()), before);

    let journal = folder.path().join("two.gpkg-journal");
    fs::write(&journal, [0; 512]).unwrap();
    assert_eq!(good(&path, &Ask::default()).layer.feature_count(), 2);
    fs::write(
        &journal,
        [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0],
    )
    .unwrap();
    let message = refused(&path, &Ask::default());
    assert!(message.contains("-journal"), "{message}");
}

#[test]
fn awkward_paths_and_gzip_are_read() {
    use std::io::Write;
    let folder = folder();
    let path = two_points(folder.path()).done();
    for name in [
        "a b?mode=rwc&x#é%41.gpkg",
        "sans extension",
        "point.gpkg.gz",
    ] {
        let to = folder.path().join(name);
        if name.ends_with(".gz") {
            let out = fs::File::create(&to).unwrap();
            let mut gz = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            gz.write_all(&fs::read(&path).unwrap()).unwrap();
            gz.finish().unwrap();
        } else {
            fs::copy(&path, &to).unwrap();
        }
        let files = crate::data::listing(folder.path()).len();
        assert_eq!(good(&to, &Ask::default()).ids(), ["3", "7"], "{name}");
        assert_eq!(crate::data::listing(folder.path()).len(), files, "{name}");
    }
}

#[test]
fn the_files_own_index_is_not_believed() {
    let folder = folder();
    let file = two_points(folder.path());
    // What programs make, but pointing nowhere.
    file.run(
        "CREATE VIRTUAL TABLE rtree_t_geom USING rtree(id, minx, maxx, miny, maxy);
         INSERT INTO rtree_t_geom VALUES (4000, 1, 2, 1, 2);
         CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT, definition TEXT, scope TEXT);
         INSERT INTO gpkg_extensions VALUES ('t', 'geom', 'gpkg_rtree_index', 'x', 'write-only');
         CREATE TABLE gpkg_ogr_contents (table_name TEXT, feature_count INTEGER); INSERT INTO gpkg_ogr_contents VALUES ('t', 77);
         UPDATE gpkg_contents SET min_x = 100, max_x = 101, min_y = 0, max_y = 1;",
    );
    let got = good(&file.done(), &Ask::default());
    assert_eq!(got.ids(), ["3", "7"]);
    assert!(got.layer.extent_crs84().unwrap().max[0] < 6.0);
    assert_eq!(got.layer.schema().fields[0].data_type, DataType::String);
}
