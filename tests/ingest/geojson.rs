//! GeoJSON in all its forms.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use guichet::ingest::{Code, IngestLimits};
use guichet::model::ValueRef;
use guichet::model::id::IdStability;

use crate::lossless;
use crate::open::{Ask, good, refused};

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Features that differ in every way allowed, as texts.
pub fn features() -> Vec<&'static str> {
    vec![
        r#"{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[0.30000000000000004,-0.0]},"properties":{"n":1,"s":"a"}}"#,
        r#"{"type":"Feature","id":2,"geometry":{"type":"MultiPoint","coordinates":[[5,43],[5.1,43.1,7]]},"properties":{"n":-9223372036854775808,"s":null}}"#,
        r#"{"type":"Feature","id":3,"geometry":{"type":"LineString","coordinates":[[5,43,1,2],[6,44,3,4]]},"properties":null}"#,
        r#"{ "properties" : { "s" : "\u00e9\n\"\\" , "o" : { "a" : [ 1 , 2.50 ] } } , "geometry" : { "coordinates" : [[[5,43],[6,43],[6,44],[5,43]],[[5.5,43.2],[5.6,43.2],[5.6,43.3],[5.5,43.2]]] , "type" : "Polygon" } , "id" : 4 , "type" : "Feature" , "bbox" : [0,0,1,1] }"#,
        r#"{"type":"Feature","id":5,"geometry":{"type":"MultiLineString","coordinates":[[[5,43],[6,44]],[]]},"properties":{"jour":"2024-02-29","t":"2024-02-29T00:00:00Z"}}"#,
        r#"{"type":"Feature","id":6,"geometry":{"type":"MultiPolygon","coordinates":[[[[5,43],[6,43],[6,44],[5,43]]],[[[1,43],[2,43],[2,44],[1,43]]]]},"properties":{"n":3,"f":1e-7}}"#,
        r#"{"type":"Feature","id":7,"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[]},{"type":"LineString","coordinates":[[5,43],[6,44]]}]},"properties":{"jour":"2023-01-01","t":"2024-02-29T00:00:00Z"}}"#,
        r#"{"type":"Feature","id":8,"geometry":null,"properties":{"n":5,"f":2}}"#,
    ]
}

/// A FeatureCollection of texts.
pub fn collection(features: &[&str]) -> String {
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
        features.join(",")
    )
}

#[test]
fn collections_and_sequences_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let features = features();
    let one_a_line = features.join("\n");
    let records = format!("\u{1e}{}\n", features.join("\n\u{1e}"));
    let forms = [
        ("a.geojson", collection(&features)),
        ("b.geojson", format!("\u{feff}{}\n", collection(&features))),
        ("c.geojsonl", one_a_line.clone()),
        ("d.geojsonl", one_a_line.replace('\n', "\r\n\r\n")),
        ("e.geojsons", records),
        // A sequence under another name is found out.
        ("f.geojson", one_a_line.clone()),
    ];
    for (name, text) in &forms {
        let path = file(folder.path(), name, text);
        let got = good(&path, &Ask::default());
        assert_eq!(
            got.ids(),
            ["1", "2", "3", "4", "5", "6", "7", "8"],
            "{name}"
        );
        assert_eq!(
            got.fields(),
            "n integer, s string, o json, jour date, t date-time, f number",
            "{name}"
        );
        assert_eq!(got.codes(), "", "{name}");
        assert_eq!(got.layer.id_stability(), IdStability::Source);
        if !name.starts_with('f') {
            lossless::compare_file(&path, &Ask::default());
        }
    }
    let gz = folder.path().join("g.geojsonl.gz");
    let mut out =
        flate2::write::GzEncoder::new(fs::File::create(&gz).unwrap(), flate2::Compression::fast());
    out.write_all(one_a_line.as_bytes()).unwrap();
    out.finish().unwrap();
    assert_eq!(good(&gz, &Ask::default()).layer.feature_count(), 8);
    lossless::compare_file(&gz, &Ask::default());
}

#[test]
fn a_feature_and_a_geometry_alone_are_layers() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "feature.geojson", features()[3]);
    let got = good(&path, &Ask::default());
    assert_eq!(
        (got.ids(), got.fields().as_str()),
        (vec!["4".to_owned()], "s string, o json")
    );
    lossless::compare_file(&path, &Ask::default());
    let path = file(
        folder.path(),
        "geometry.geojson",
        r#"{"type":"Point","coordinates":[5,43]}"#,
    );
    assert_eq!(good(&path, &Ask::default()).layer.feature_count(), 1);
    lossless::compare_file(&path, &Ask::default());
    let path = file(folder.path(), "none.geojson", &collection(&[]));
    assert_eq!(good(&path, &Ask::default()).layer.feature_count(), 0);
}

#[test]
fn a_faulty_feature_is_rejected_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut features = features();
    let bad = [
        (
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[5]},"properties":{}}"#,
            Code::BadGeometry,
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[5,43]]},"properties":{}}"#,
            Code::BadGeometry,
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Cercle","coordinates":[5,43]},"properties":{}}"#,
            Code::BadGeometry,
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Point"},"properties":{}}"#,
            Code::BadGeometry,
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1e400,43]},"properties":{}}"#,
            Code::NotFinite,
        ),
        (
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[5,91]},"properties":{}}"#,
            Code::OutOfRange,
        ),
        (
            r#"{"type":"Feature","geometry":null,"properties":[1]}"#,
            Code::NotAFeature,
        ),
        (
            r#"{"type":"Objet","geometry":null,"properties":{}}"#,
            Code::NotAFeature,
        ),
    ];
    features.extend(bad.iter().map(|(text, _)| *text));
    let path = file(folder.path(), "bad.geojson", &collection(&features));
    let got = good(&path, &Ask::default());
    assert_eq!(got.layer.feature_count(), 8);
    assert_eq!(
        got.codes(),
        "not_a_feature 2, bad_geometry 4, not_finite 1, out_of_range 1"
    );
    assert_eq!(got.report.codes[&Code::NotAFeature].places, [15, 16]);
    assert_eq!(got.report.codes[&Code::OutOfRange].places, [14]);

    let torn = format!("{}\n{{\"type\":\n{}", features[0], features[1]);
    let got = good(
        &file(folder.path(), "torn.geojsonl", &torn),
        &Ask::default(),
    );
    assert_eq!(
        (got.layer.feature_count(), got.codes().as_str()),
        (2, "syntax 1")
    );
}

#[test]
fn the_old_crs_member_counts_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let member = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}}"#;
    let features = r#""features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[900000.5,6250000.25]},"properties":{}}]"#;
    for (name, text) in [
        ("before.geojson", format!("{{{member},{features}}}")),
        ("after.geojson", format!("{{{features},{member}}}")),
    ] {
        let path = file(folder.path(), name, &text);
        let got = good(&path, &Ask::default());
        assert_eq!(
            (got.report.crs.as_str(), got.codes().as_str()),
            ("EPSG:2154", ""),
            "{name}"
        );
        lossless::compare_file(&path, &Ask::default());
    }
    let path = file(folder.path(), "metres.geojson", &format!("{{{features}}}"));
    let message = refused(&path, &Ask::default());
    assert!(message.contains("option `crs`"), "{message}");
    let declared = Ask {
        crs: Some("EPSG:2154"),
        ..Ask::default()
    };
    assert_eq!(good(&path, &declared).report.crs, "EPSG:2154");
}

#[test]
fn ids_are_the_files_only_if_they_are_unique_and_complete() {
    let folder = tempfile::tempdir().unwrap();
    let feature = |id: &str| {
        format!(
            r#"{{"type":"Feature",{id}"geometry":null,"properties":{{"k":"{}"}}}}"#,
            id.len()
        )
    };
    let write = |name: &str, ids: &[&str]| {
        let features: Vec<String> = ids.iter().map(|id| feature(id)).collect();
        let features: Vec<&str> = features.iter().map(String::as_str).collect();
        file(folder.path(), name, &collection(&features))
    };
    let got = good(
        &write(
            "mixed.geojson",
            &[r#""id":"é/?#","#, r#""id":9007199254740993,"#],
        ),
        &Ask::default(),
    );
    assert_eq!(got.ids(), ["9007199254740993", "é/?#"]);
    assert_eq!(got.layer.id_stability(), IdStability::Source);
    let got = good(
        &write("repeat.geojson", &[r#""id":7,"#, r#""id":7,"#]),
        &Ask::default(),
    );
    assert_eq!(
        (got.ids(), got.count(Code::IdsRepeat)),
        (vec!["1".to_owned(), "2".to_owned()], 1)
    );
    assert_eq!(got.layer.id_stability(), IdStability::Positional);
    let got = good(&write("some.geojson", &[r#""id":7,"#, ""]), &Ask::default());
    assert_eq!(got.ids(), ["1", "2"]);
    let ask = Ask {
        feature_id: Some("k"),
        ..Ask::default()
    };
    let got = good(&write("declared.geojson", &[r#""id":7,"#, "", ""]), &ask);
    assert_eq!(
        (got.ids(), got.codes().as_str()),
        (vec!["0".to_owned(), "7".to_owned()], "duplicate_id 1")
    );
}

#[test]
fn ceilings_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.geojson", &collection(&features()));
    let limits = IngestLimits::default();
    let with = |limits| Ask {
        limits,
        ..Ask::default()
    };
    let tight = IngestLimits {
        features: 7,
        ..limits
    };
    assert!(refused(&path, &with(tight)).contains("limits.features_per_layer"));
    let tight = IngestLimits {
        source_file_bytes: 100,
        ..limits
    };
    assert!(refused(&path, &with(tight)).contains("limits.source_file_bytes"));
    let tight = IngestLimits {
        vertices_per_feature: 3,
        ..limits
    };
    assert_eq!(good(&path, &with(tight)).count(Code::TooManyVertices), 2);
    let tight = IngestLimits {
        property_value_bytes: 9,
        ..limits
    };
    assert_eq!(good(&path, &with(tight)).count(Code::ValueTooLong), 3);
    // A bomb: small when packed, beyond the ceiling when unpacked.
    let bomb = folder.path().join("bomb.geojson.gz");
    let mut out = flate2::write::GzEncoder::new(
        fs::File::create(&bomb).unwrap(),
        flate2::Compression::best(),
    );
    for _ in 0..64 {
        out.write_all(&vec![b' '; 1 << 16]).unwrap();
    }
    out.finish().unwrap();
    assert!(fs::metadata(&bomb).unwrap().len() < 20_000);
    let tight = IngestLimits {
        source_file_bytes: 1 << 20,
        ..limits
    };
    assert!(refused(&bomb, &with(tight)).contains("limits.source_file_bytes"));
}

#[test]
fn declared_types_win() {
    use guichet::ingest::DeclaredField;
    use guichet::model::DataType;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.geojson", &collection(&features()));
    let field = |name: &str, data_type| DeclaredField {
        name: name.into(),
        data_type: Some(data_type),
        ..DeclaredField::default()
    };
    let fields = [
        field("n", DataType::String),
        field("jour", DataType::String),
        field("s", DataType::Integer),
    ];
    let ask = Ask {
        fields: &fields,
        ..Ask::default()
    };
    let got = good(&path, &ask);
    assert_eq!(
        got.fields(),
        "n string, s integer, o string, jour string, t date-time, f number"
    );
    assert_eq!(got.codes(), "not_of_type 2");
    let n = got.layer.schema().index_of("n").unwrap();
    let two = got.layer.find_id("2").unwrap();
    assert_eq!(two.value(n), ValueRef::Text("-9223372036854775808"));
}
