//! Files that contradict themselves, and files that mean harm.

use guichet::ingest::{Code, IngestLimits};
use guichet::model::{DataType, ValueRef};

use super::file::File;
use super::{folder, of, two_points, value};
use crate::open::{Ask, good, refused};

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
