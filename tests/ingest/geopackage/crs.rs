//! Which CRS a layer has.

use guichet::ingest::Code;
use rusqlite::params;

use super::file::{File, point};
use super::{folder, two_points};
use crate::open::{Ask, good, load, refused};

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
