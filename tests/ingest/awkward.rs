//! Awkward and broken files: each gets the verdict that its manifest names, in words, in bounded memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use guichet::ingest::{self, IngestLimits};

use crate::data;
use crate::open::{Ask, good, load, refused};

/// What a loading may add to the peak of memory: twice the largest of these files, unpacked, would be 10 MB.
const MOST_KIB: u64 = 200 << 10;

/// How files that can be read in part are read.
enum Partly {
    /// They load, with so many features and these codes.
    Loads(u64, &'static str),
    /// They are refused with a message that names the option; with it they load, with so many features and these codes.
    Wants(&'static str, Ask<'static>, u64, &'static str),
}

/// The decision for each file whose verdict is `partial`.
fn decision(name: &str) -> Option<Partly> {
    let crs = |crs| Ask {
        crs: Some(crs),
        ..Ask::default()
    };
    let partial = || Ask {
        partial: true,
        ..Ask::default()
    };
    Some(match name {
        "duplicate-ids.geojson" => Partly::Loads(10, "ids_repeat 1"),
        // Its only feature has the coordinate 1e400.
        "number-overflow.geojson" => {
            Partly::Wants("`partial = true`", partial(), 0, "not_finite 1")
        }
        "lambert-no-crs.geojson" => Partly::Wants("`crs`", crs("EPSG:2154"), 120, ""),
        "invalid-polygons.geojson" => Partly::Loads(
            11,
            "self_intersection 5, unclosed_ring 1, degenerate_ring 2, misplaced_ring 1",
        ),
        "seq-one-bad.geojsonl" => Partly::Loads(499, "syntax 1"),
        "truncated.fgb" => Partly::Wants("`partial = true`", partial(), 75, "cut_short 1"),
        // The index is skipped, not believed.
        "bad-index.fgb" => Partly::Loads(120, ""),
        // One feature is no flatbuffer any more and ends the file, another has a vertex far beyond the Earth.
        "noise-in-features.fgb" => Partly::Wants(
            "`partial = true`",
            partial(),
            118,
            "out_of_range 1, cut_short 1",
        ),
        "bad-wkb.gpkg" => Partly::Loads(2, "bad_geometry 1"),
        "undefined-srs.gpkg" => Partly::Wants("`crs`", crs("EPSG:4326"), 3, ""),
        _ => return None,
    })
}

#[test]
fn every_awkward_file_gets_its_verdict() {
    let Some(folder) = data::folder("awkward") else {
        return;
    };
    let folder = folder.join("awkward");
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: BTreeMap<String, serde_json::Value> = serde_json::from_str(&manifest).unwrap();
    let before = data::listing(&folder);
    let mut ours = 0;
    for (name, entry) in &manifest {
        let path = folder.join(name);
        if !data::is_of_our_formats(&path) {
            let message = refused(&path, &Ask::default());
            let empty = fs::metadata(&path).unwrap().len() == 0;
            assert!(message.contains("today"), "{message}");
            assert!(!empty || message.contains("empty"), "{message}");
            continue;
        }
        ours += 1;
        bounded_alone(&path);
        match entry["verdict"].as_str().unwrap() {
            "ok" => loads(&path, &entry["features"]),
            "reject" => {
                let message = refused(&path, &Ask::default());
                assert!(
                    message.len() > path.to_string_lossy().len() + 20,
                    "{message}"
                );
                let partial = Ask {
                    partial: true,
                    ..Ask::default()
                };
                // What was asked for by name: the readable part, said to be one, or a layer without rows.
                if let Ok(got) = load(&path, &partial) {
                    let cut = got.codes().contains("cut_short 1");
                    assert!(
                        cut || got.layer.feature_count() == 0,
                        "{name}: {}",
                        got.codes()
                    );
                }
            }
            "partial" => partly(&path, name),
            other => panic!("{name}: the verdict {other} is not known"),
        }
    }
    assert_eq!(ours, 54, "files of the formats that are read");
    assert_eq!(data::listing(&folder), before, "the folder was written to");
}

fn loads(path: &Path, features: &serde_json::Value) {
    let names = ingest::layer_names(path, &IngestLimits::default()).unwrap();
    let mut found = BTreeMap::new();
    for layer in &names {
        let ask = Ask {
            layer: layer.as_deref(),
            ..Ask::default()
        };
        let got = good(path, &ask);
        assert_eq!(
            got.report.read,
            got.report.accepted,
            "{}: {}",
            path.display(),
            got.codes()
        );
        found.insert(layer.clone().unwrap_or_default(), got.layer.feature_count());
    }
    let found = match (features, found.get("")) {
        (serde_json::Value::Number(_), None) => found.values().sum::<u64>().into(),
        (_, Some(count)) => (*count).into(),
        _ => serde_json::to_value(found).unwrap(),
    };
    assert_eq!(found, *features, "{}", path.display());
}

fn partly(path: &Path, name: &str) {
    let decision = decision(name).unwrap_or_else(|| panic!("{name} is not decided"));
    match decision {
        Partly::Loads(count, codes) => {
            let got = good(path, &Ask::default());
            assert_eq!(
                (got.layer.feature_count(), &*got.codes()),
                (count, codes),
                "{name}"
            );
        }
        Partly::Wants(option, ask, count, codes) => {
            let message = refused(path, &Ask::default());
            assert!(message.contains(option), "{message}");
            let got = good(path, &ask);
            assert_eq!(
                (got.layer.feature_count(), &*got.codes()),
                (count, codes),
                "{name}"
            );
        }
    }
}

/// Loads the file in a process of its own, whose peak of memory is the file's alone, and which a stack overflow may kill.
fn bounded_alone(path: &Path) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "awkward::one_file_alone", "--nocapture"])
        .env("GUICHET_TEST_FILE", path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {text}", path.display());
    let (_, grown) = text.split_once("peak grew by ").expect("the child's word");
    let grown: u64 = grown.split(' ').next().unwrap().parse().unwrap();
    assert!(grown < MOST_KIB, "{}: {grown} KiB", path.display());
}

/// The child of [`bounded_alone`]; by itself it reads a file of the demonstration.
#[test]
fn one_file_alone() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/data/parcelles.fgb");
    let path = env::var_os("GUICHET_TEST_FILE").unwrap_or_else(|| own.into());
    let path = Path::new(&path);
    let before = peak_kib();
    let names = ingest::layer_names(path, &IngestLimits::default()).unwrap_or(vec![None]);
    for partial in [false, true] {
        for layer in &names {
            let ask = Ask {
                layer: layer.as_deref(),
                partial,
                ..Ask::default()
            };
            let _verdict_is_the_parents = load(path, &ask);
        }
    }
    println!("peak grew by {} KiB", peak_kib() - before);
}

/// The highest resident memory of this process so far.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
