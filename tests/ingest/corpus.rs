//! Real files: each loads with the number of features that its table of sources states.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use guichet::ingest::{self, Code, Format, IngestLimits};

use crate::data;
use crate::open::{Ask, good, load, refused};

/// Files that do not load, with the reason and a word of the message.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "fixtures/flatgeobuf/topp_states.fgb",
    "FlatGeobuf 2, which no reader of version 3 understands",
    "older, incompatible version",
)];

/// Files that load with fewer features than stated: how many are rejected, with which code, and why.
const REJECTS: &[(&str, u64, Code, &str)] = &[(
    "fixtures/geojson-small/points.geojson",
    1,
    Code::OutOfRange,
    "one of its points is at latitude 100",
)];

/// Good by the rules of geojsonhint, which do not look at latitudes.
const BEYOND_DEGREES: &str = "issue82.geojson";

/// Systems that were compared with PROJ; a file in any other comes with a warning.
const TESTED: &[&str] = &[
    "OGC:CRS84",
    "EPSG:4326",
    "EPSG:4258",
    "EPSG:4171",
    "EPSG:3857",
    "EPSG:2154",
];

/// Why a file does not load, if it does not.
pub fn exception(name: &str) -> Option<&'static str> {
    let found = EXCEPTIONS.iter().find(|(file, ..)| *file == name);
    found.map(|(_, _, word)| *word)
}

/// Real files of the formats that are read, with their names below the folder. Sets of awkward or broken files are other suites.
pub fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let below = |path: &Path| {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy();
        name.replace('\\', "/")
    };
    data::listing(folder)
        .into_keys()
        .filter(|path| data::is_of_our_formats(path))
        .map(|path| (path.clone(), below(&path)))
        .filter(|(_, name)| !name.starts_with("awkward/") && !name.contains("geojsonhint/"))
        .collect()
}

/// The column `features` of the table of sources, by file.
fn stated(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("SOURCES.md")).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|')
            .split('|')
            .map(|c| c.trim().to_owned())
            .collect()
    };
    let mut lines = text.lines().skip_while(|l| !l.starts_with("| file |"));
    let head = cells(lines.next().unwrap());
    let column = head.iter().position(|c| c == "features").unwrap();
    lines
        .take_while(|l| l.starts_with('|'))
        .map(|line| {
            let cells = cells(line);
            (cells[0].clone(), cells[column].clone())
        })
        .collect()
}

/// `communes 947; epci 52` by layer; `None` if the text says otherwise.
fn by_layer(text: &str) -> Option<BTreeMap<String, u64>> {
    text.split("; ")
        .map(|part| {
            let (name, count) = part.rsplit_once(' ')?;
            Some((name.to_owned(), count.parse().ok()?))
        })
        .collect()
}

#[test]
fn every_real_file_loads_with_its_count() {
    let Some(folder) = data::folder("corpus") else {
        return;
    };
    let stated = stated(&folder);
    let before = data::listing(&folder);
    let mut wrong = Vec::new();
    let files = files(&folder);
    assert!(files.len() >= 60, "{} files", files.len());
    for (path, name) in &files {
        assert!(Format::is_candidate(path), "{name}");
        if let Some(word) = exception(name) {
            let message = refused(path, &Ask::default());
            assert!(message.contains(word), "{message}");
            continue;
        }
        match stated.get(name) {
            Some(text) => check(path, name, text, &mut wrong),
            None => wrong.push(format!("{name} is not in SOURCES.md")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        data::listing(&folder),
        before,
        "the folder of data was written to"
    );
    let refusals = EXCEPTIONS.iter().map(|(name, reason, _)| (name, reason));
    let rejects = REJECTS.iter().map(|(name, _, _, reason)| (name, reason));
    for (name, reason) in refusals.chain(rejects) {
        data::say(&format!("exception: {name}: {reason}"));
    }
}

fn check(path: &Path, name: &str, text: &str, wrong: &mut Vec<String>) {
    let names = ingest::layer_names(path, &IngestLimits::default()).unwrap();
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for layer in &names {
        let ask = Ask {
            layer: layer.as_deref(),
            ..Ask::default()
        };
        match load(path, &ask) {
            Ok(got) => {
                let warned = got.count(Code::CrsUntested) == 1;
                if warned == TESTED.contains(&got.report.crs.as_str()) {
                    wrong.push(format!("{name}: {} warned: {warned}", got.report.crs));
                }
                let rejects = REJECTS.iter().find(|(file, ..)| *file == name);
                let rejected =
                    rejects.map_or(0, |(_, count, code, _)| got.count(*code).min(*count));
                let served = got.layer.feature_count();
                found.insert(layer.clone().unwrap_or_default(), served + rejected);
            }
            Err(e) => wrong.push(e.to_string()),
        }
    }
    let total: u64 = found.values().sum();
    let right = if let Ok(count) = text.parse::<u64>() {
        names.len() == 1 && total == count
    } else if let Some((count, layers)) = text.split_once(" in ") {
        count.parse() == Ok(total) && layers == format!("{} layers", names.len())
    } else if let Some(layers) = by_layer(text) {
        layers == found
    } else if text == "many layers" {
        // Its count is fixed by the comparison row by row.
        names.len() > 30 && total > 60
    } else {
        false
    };
    if !right {
        wrong.push(format!("{name}: {text} was stated, {found:?} found"));
    }
}

#[test]
fn files_of_geojsonhint_load_or_are_refused_in_words() {
    let Some(folder) = data::folder("geojsonhint") else {
        return;
    };
    let folder = folder.join("fixtures/geojsonhint");
    let mut files = 0;
    for path in data::listing(&folder).into_keys() {
        if !data::is_of_our_formats(&path) {
            continue;
        }
        files += 1;
        if path.ends_with(BEYOND_DEGREES) {
            assert!(refused(&path, &Ask::default()).contains("beyond degrees"));
        } else if path.components().any(|c| c.as_os_str() == "good") {
            let got = good(&path, &Ask::default());
            assert_eq!(got.report.read, got.report.accepted, "{}", path.display());
        } else if let Err(e) = load(&path, &Ask::default()) {
            assert!(
                e.to_string().len() > path.to_string_lossy().len() + 10,
                "{e}"
            );
        }
    }
    assert!(files > 50, "{files}");
}
