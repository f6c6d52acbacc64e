//! Snapshots: a second start maps what the first one packed, and never believes a file that is not exactly that.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use guichet::ingest::{DeclaredField, IngestLimits};
use guichet::model::DataType;

use crate::geojson;
use crate::geopackage::file::{File, point};
use crate::open::{Ask, Dice, Got, good};

fn source(folder: &Path) -> PathBuf {
    let path = folder.join("a.geojson");
    fs::write(&path, geojson::collection(&geojson::features())).unwrap();
    path
}

fn ask(folder: &Path) -> Ask<'static> {
    Ask {
        snapshot: Some(folder.join("state/a.snapshot")),
        ..Ask::default()
    }
}

/// Everything that a layer says, as text.
fn whole(got: &Got) -> String {
    let mut text = format!(
        "{:?} {:?} {:?} {:?} {:?}\n",
        got.layer.revision(),
        got.layer.schema(),
        got.layer.storage_crs(),
        got.layer.id_stability(),
        got.report
    );
    got.each(&mut |row| {
        let values: Vec<_> = (0..got.layer.schema().fields.len())
            .map(|i| row.value(i))
            .collect();
        let g = row.source_geometry();
        let paths = row.grid_paths();
        let _infallible = writeln!(
            text,
            "{} {values:?} {g:?} {:?} {paths:?}",
            row.id(),
            row.grid_bbox()
        );
    });
    text
}

#[test]
fn the_second_start_maps_the_same_layer() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    let plain = good(&path, &Ask::default());
    let first = good(&path, &ask(folder.path()));
    let second = good(&path, &ask(folder.path()));
    assert!(!first.from_snapshot && second.from_snapshot);
    assert_eq!(
        (&first.snapshot_fault, &second.snapshot_fault),
        (&None, &None)
    );
    assert_eq!(whole(&plain), whole(&first));
    assert_eq!(whole(&first), whole(&second));
}

#[test]
fn a_geopackage_layer_has_its_own_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::new(folder.path(), "a.gpkg");
    for layer in ["a", "b"] {
        file.run(&format!(
            "CREATE TABLE {layer} (fid INTEGER PRIMARY KEY, geom POINT, nom TEXT)"
        ))
        .features(layer, 4326);
        let insert = format!("INSERT INTO {layer} VALUES (1, ?1, '{layer}')");
        file.sql.execute(&insert, [point(4326, 5.0, 43.0)]).unwrap();
    }
    let path = file.done();
    let of = |layer| Ask {
        layer: Some(layer),
        ..ask(folder.path())
    };
    let a = good(&path, &of("a"));
    let again = good(&path, &of("a"));
    assert!(again.from_snapshot);
    assert_eq!(again.report.source_layer.as_deref(), Some("a"));
    assert_eq!(whole(&a), whole(&again));
    assert_eq!(again.layer.schema().geometry_name(), "geom");
    // The same place for another layer: built again, not mistaken.
    let b = good(&path, &of("b"));
    assert!(!b.from_snapshot);
    assert_ne!(whole(&a), whole(&b));
}

#[test]
fn other_options_or_another_source_build_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    let base = || ask(folder.path());
    let string = DeclaredField {
        name: "n".into(),
        data_type: Some(DataType::String),
        ..DeclaredField::default()
    };
    let limits = IngestLimits {
        columns: 17,
        ..IngestLimits::default()
    };
    let fields = [string];
    let others = [
        Ask {
            crs: Some("EPSG:4258"),
            ..base()
        },
        Ask {
            partial: true,
            ..base()
        },
        Ask {
            fields: &fields,
            ..base()
        },
        Ask { limits, ..base() },
    ];
    for other in &others {
        good(&path, &base());
        assert!(good(&path, &base()).from_snapshot);
        assert!(!good(&path, other).from_snapshot);
        assert!(good(&path, other).from_snapshot);
    }
    good(&path, &base());
    let mut text = fs::read_to_string(&path).unwrap();
    text = text.replace("\"s\":\"a\"", "\"s\":\"b\"");
    fs::write(&path, text).unwrap();
    assert!(!good(&path, &base()).from_snapshot);
    assert!(good(&path, &base()).from_snapshot);
}

#[test]
fn a_damaged_snapshot_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    let wanted = whole(&good(&path, &ask(folder.path())));
    let snapshot = ask(folder.path()).snapshot.unwrap();
    let bytes = fs::read(&snapshot).unwrap();
    let mut dice = Dice::new(2);
    for n in 0..240 {
        let mut changed = bytes.clone();
        let at = dice.below(bytes.len());
        match n % 4 {
            // Most of a small snapshot is header and padding; the first bytes matter most.
            0 => changed[at.min(n)] ^= 1 << dice.below(8),
            1 => changed[at] ^= 1 << dice.below(8),
            2 => changed.truncate(at),
            _ => changed.extend_from_slice(&bytes[..at]),
        }
        fs::write(&snapshot, &changed).unwrap();
        let got = good(&path, &ask(folder.path()));
        // Padding and what follows the last section belong to nothing: such a file may be used, and gives the same.
        assert_eq!(whole(&got), wanted, "change {n} at {at}");
        if n % 4 == 0 && at.min(n) < 44 {
            assert!(!got.from_snapshot, "change {n} at {at}");
        }
        assert_eq!(
            fs::read(&snapshot).unwrap().len(),
            if got.from_snapshot {
                changed.len()
            } else {
                bytes.len()
            }
        );
    }
    fs::remove_file(&snapshot).unwrap();
    assert!(!good(&path, &ask(folder.path())).from_snapshot);
}

#[test]
fn a_snapshot_that_cannot_be_written_costs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = source(folder.path());
    fs::write(
        folder.path().join("state"),
        "a file where the folder should be",
    )
    .unwrap();
    let got = good(&path, &ask(folder.path()));
    assert!(got.snapshot_fault.is_some() && !got.from_snapshot);
    assert_eq!(got.layer.feature_count(), 8);
}
