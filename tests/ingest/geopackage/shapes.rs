//! Geometries: exact where they are any, rejected alone where they are none.

use guichet::geometry::source::GeometryKind;
use guichet::ingest::Code;
use guichet::model::FeatureIdRef;
use rusqlite::params;

use super::file::{File, Part, blob, wkb};
use super::{folder, two_points};
use crate::open::{Ask, Got, good};

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
