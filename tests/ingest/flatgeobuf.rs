//! FlatGeobufs of the reference writer.

use std::fs;
use std::path::{Path, PathBuf};

use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use geozero::wkb::Wkb;
use geozero::{ColumnValue, PropertyProcessor};
use guichet::geometry::source::GeometryKind;
use guichet::ingest::{self, Code, IngestLimits};
use guichet::model::ValueRef;
use guichet::model::id::IdStability;

use crate::geopackage::file::{Part, wkb};
use crate::lossless;
use crate::open::{Ask, good, refused};

/// How a file is written.
#[derive(Clone, Copy)]
pub struct Options {
    pub index: bool,
    pub code: i32,
    pub wkt: Option<&'static str>,
    pub z: bool,
}

impl Options {
    pub const PLAIN: Self = Self {
        index: true,
        code: 4326,
        wkt: None,
        z: false,
    };
}

/// Writes geometries (WKB), each with the properties `n` (its number) and `nom`.
pub fn write(folder: &Path, name: &str, options: Options, geometries: &[Vec<u8>]) -> PathBuf {
    let mut writer = writer(options);
    writer.add_column("n", ColumnType::Int, |_, _| {});
    writer.add_column("nom", ColumnType::String, |_, _| {});
    for (n, geometry) in geometries.iter().enumerate() {
        writer
            .add_feature_geom(Wkb(geometry), |f| {
                f.property(0, "n", &ColumnValue::Int(n as i32)).unwrap();
                let nom = format!("n° {n}");
                f.property(1, "nom", &ColumnValue::String(&nom)).unwrap();
            })
            .unwrap();
    }
    let path = folder.join(name);
    writer.write(fs::File::create(&path).unwrap()).unwrap();
    path
}

fn writer(options: Options) -> FgbWriter<'static> {
    let options = FgbWriterOptions {
        write_index: options.index,
        detect_type: false,
        promote_to_multi: false,
        crs: FgbCrs {
            code: options.code,
            wkt: options.wkt,
            ..FgbCrs::default()
        },
        has_z: options.z,
        ..FgbWriterOptions::default()
    };
    FgbWriter::create_with_options("couche", GeometryType::Unknown, options).unwrap()
}

/// One geometry of each kind that the writer knows.
pub fn kinds() -> Vec<Vec<u8>> {
    use Part::{Count, Member, Ordinates};
    let p = wkb(1, &[Ordinates(&[0.1 + 0.2, 43.0])]);
    let q = wkb(1, &[Ordinates(&[5.5, 43.5])]);
    let line = wkb(
        2,
        &[Count(3), Ordinates(&[5.0, 43.0, 5.1, 43.2, 5.2, 43.1])],
    );
    let other = wkb(2, &[Count(2), Ordinates(&[6.0, 44.0, 6.1, 44.1])]);
    let outer = [5.0, 43.0, 6.0, 43.0, 6.0, 44.0, 5.0, 44.0, 5.0, 43.0];
    let hole = [5.2, 43.2, 5.2, 43.4, 5.4, 43.4, 5.2, 43.2];
    let area = wkb(
        3,
        &[
            Count(2),
            Count(5),
            Ordinates(&outer),
            Count(4),
            Ordinates(&hole),
        ],
    );
    let far: Vec<f64> = outer.iter().map(|v| v - 3.0).collect();
    let far = wkb(3, &[Count(1), Count(5), Ordinates(&far)]);
    vec![
        p.clone(),
        wkb(4, &[Count(2), Member(&p), Member(&q)]),
        line.clone(),
        wkb(5, &[Count(2), Member(&line), Member(&other)]),
        area.clone(),
        wkb(6, &[Count(2), Member(&area), Member(&far)]),
    ]
}

#[test]
fn all_kinds_are_read_with_and_without_an_index() {
    let folder = tempfile::tempdir().unwrap();
    for index in [true, false] {
        let options = Options {
            index,
            ..Options::PLAIN
        };
        let path = write(
            folder.path(),
            &format!("kinds-{index}.fgb"),
            options,
            &kinds(),
        );
        let got = good(&path, &Ask::default());
        assert_eq!(got.layer.feature_count(), 6);
        assert_eq!(got.fields(), "n integer, nom string");
        assert_eq!(got.layer.schema().geometry_kinds, &GeometryKind::ALL[..6]);
        assert_eq!(got.layer.id_stability(), IdStability::Positional);
        assert_eq!(
            (got.codes().as_str(), got.report.format.as_str()),
            ("", "FlatGeobuf")
        );
        assert_eq!(lossless::compare_file(&path, &Ask::default()), 1);
    }
}

#[test]
fn heights_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let points: Vec<Vec<u8>> = (0..50)
        .map(|i| {
            let i = f64::from(i);
            wkb(
                1001,
                &[Part::Ordinates(&[5.0 + i * 0.1, 43.0, 1000.0 / (i + 3.0)])],
            )
        })
        .collect();
    let options = Options {
        z: true,
        ..Options::PLAIN
    };
    let path = write(folder.path(), "z.fgb", options, &points);
    let got = good(&path, &Ask::default());
    assert!(got.layer.schema().has_z && !got.layer.schema().has_m);
    assert_eq!(got.layer.z_range(), Some([1000.0 / 52.0, 1000.0 / 3.0]));
    lossless::compare_file(&path, &Ask::default());
}

#[test]
fn all_column_types_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = writer(Options::PLAIN);
    let columns = [
        ("b", ColumnType::Bool, ColumnValue::Bool(true)),
        ("i8", ColumnType::Byte, ColumnValue::Byte(-128)),
        ("u8", ColumnType::UByte, ColumnValue::UByte(255)),
        ("i16", ColumnType::Short, ColumnValue::Short(-32768)),
        ("u16", ColumnType::UShort, ColumnValue::UShort(65535)),
        ("i32", ColumnType::Int, ColumnValue::Int(i32::MIN)),
        ("u32", ColumnType::UInt, ColumnValue::UInt(u32::MAX)),
        ("i64", ColumnType::Long, ColumnValue::Long(i64::MIN)),
        ("u64", ColumnType::ULong, ColumnValue::ULong(u64::MAX)),
        ("f32", ColumnType::Float, ColumnValue::Float(0.1)),
        (
            "f64",
            ColumnType::Double,
            ColumnValue::Double(f64::MIN_POSITIVE),
        ),
        ("s", ColumnType::String, ColumnValue::String("a\0é")),
        ("j", ColumnType::Json, ColumnValue::Json("{\"a\":[1,null]}")),
        (
            "t",
            ColumnType::DateTime,
            ColumnValue::DateTime("2024-02-29T12:00:00+02:00"),
        ),
        ("x", ColumnType::Binary, ColumnValue::Binary(&[1, 2])),
    ];
    for (name, column, _) in &columns {
        writer.add_column(name, *column, |_, _| {});
    }
    let point = wkb(1, &[Part::Ordinates(&[5.0, 43.0])]);
    for empty in [false, true] {
        writer
            .add_feature_geom(Wkb(&point), |f| {
                for (i, (name, _, value)) in columns.iter().enumerate().filter(|_| !empty) {
                    f.property(i, name, value).unwrap();
                }
            })
            .unwrap();
    }
    let path = folder.path().join("types.fgb");
    writer.write(fs::File::create(&path).unwrap()).unwrap();
    let got = good(&path, &Ask::default());
    assert_eq!(
        got.fields(),
        "b boolean, i8 integer, u8 integer, i16 integer, u16 integer, i32 integer, u32 integer, i64 integer, \
         u64 json, f32 number, f64 number, s string, j json, t date-time"
    );
    assert_eq!(got.count(Code::BinaryColumn), 1);
    let f32s = got.layer.schema().index_of("f32").unwrap();
    let mut seen = Vec::new();
    got.each(&mut |row| seen.push(format!("{:?}", row.value(f32s))));
    seen.sort();
    assert_eq!(seen, ["Float(0.1)", "Null"]);
    lossless::compare_file(&path, &Ask::default());
}

#[test]
fn the_crs_is_the_headers() {
    let folder = tempfile::tempdir().unwrap();
    let lambert = [wkb(1, &[Part::Ordinates(&[900_000.125, 6_250_000.5])])];
    let code = |code, wkt| Options {
        code,
        wkt,
        ..Options::PLAIN
    };
    let path = write(folder.path(), "code.fgb", code(2154, None), &lambert);
    assert_eq!(good(&path, &Ask::default()).report.crs, "EPSG:2154");
    lossless::compare_file(&path, &Ask::default());
    let wkt = "PROJCS[\"RGF93 v1 / Lambert-93\",AUTHORITY[\"EPSG\",\"2154\"]]";
    let path = write(folder.path(), "wkt.fgb", code(0, Some(wkt)), &lambert);
    assert_eq!(good(&path, &Ask::default()).report.crs, "EPSG:2154");

    let path = write(folder.path(), "none.fgb", code(0, None), &lambert);
    let message = refused(&path, &Ask::default());
    assert!(message.contains("option `crs`"), "{message}");
    let declared = Ask {
        crs: Some("EPSG:2154"),
        ..Ask::default()
    };
    assert_eq!(good(&path, &declared).codes(), "");
    let path = write(folder.path(), "degrees.fgb", code(0, None), &kinds());
    assert_eq!(good(&path, &Ask::default()).codes(), "crs_assumed 1");
    let path = write(
        folder.path(),
        "unknown.fgb",
        code(32_000_000, None),
        &kinds(),
    );
    let message = refused(&path, &Ask::default());
    assert!(message.contains("not known here"), "{message}");
}

#[test]
fn cut_and_oversized_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let points: Vec<Vec<u8>> = (0..300)
        .map(|i| wkb(1, &[Part::Ordinates(&[f64::from(i) / 100.0, 43.0])]))
        .collect();
    let path = write(folder.path(), "points.fgb", Options::PLAIN, &points);
    let bytes = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.fgb");
    fs::write(&cut, &bytes[..bytes.len() - 1000]).unwrap();
    let message = refused(&cut, &Ask::default());
    assert!(message.contains("partial = true"), "{message}");
    let partial = Ask {
        partial: true,
        ..Ask::default()
    };
    let got = good(&cut, &partial);
    assert_eq!(got.codes(), "cut_short 1");
    assert!((280..300).contains(&got.layer.feature_count()));
    let limits = IngestLimits {
        features: 299,
        ..IngestLimits::default()
    };
    let ask = Ask {
        limits,
        ..Ask::default()
    };
    assert!(refused(&path, &ask).contains("limits.features_per_layer"));
    assert_eq!(ingest::layer_names(&path, &limits).unwrap(), [None]);
    let got = good(&path, &Ask::default());
    let n = got.layer.schema().index_of("n").unwrap();
    let mut sum = 0;
    got.each(&mut |row| {
        if let ValueRef::Int(v) = row.value(n) {
            sum += v;
        }
    });
    assert_eq!(sum, 299 * 300 / 2);
}
