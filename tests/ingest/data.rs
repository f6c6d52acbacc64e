//! The folder of real and awkward files, which is not part of the repository.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs};

/// Suites that need the folder.
const SUITES: &[&str] = &[
    "awkward",
    "corpus",
    "lossless corpus",
    "geojsonhint",
    "answer key",
    "published CQL2 JSON",
    "published CQL2 texts",
];

/// The folder, or `None` (said on standard error, past the capture of the test harness) if there is none.
pub fn folder(suite: &str) -> Option<PathBuf> {
    assert!(SUITES.contains(&suite), "{suite} is not counted");
    let folder = env::var_os("GUICHET_TEST_DATA").map(PathBuf::from);
    if let Some(folder) = &folder {
        assert!(
            folder.join("SOURCES.md").is_file(),
            "GUICHET_TEST_DATA={} is no folder of test data",
            folder.display()
        );
        return Some(folder.clone());
    }
    assert!(
        !required(),
        "suite {suite} needs GUICHET_TEST_DATA, and GUICHET_REQUIRE_DATA forbids to skip it"
    );
    say(&format!("skipped suite {suite}: set GUICHET_TEST_DATA"));
    None
}

fn required() -> bool {
    env::var("GUICHET_REQUIRE_DATA").is_ok_and(|v| !v.is_empty() && v != "0")
}

/// One line that counts and names the skipped suites.
pub fn name_skipped() {
    let skipped = if env::var_os("GUICHET_TEST_DATA").is_some() {
        Vec::new()
    } else {
        SUITES.to_vec()
    };
    let names = if skipped.is_empty() {
        String::new()
    } else {
        format!(" ({}): set GUICHET_TEST_DATA", skipped.join(", "))
    };
    say(&format!("skipped suites: {}{names}", skipped.len()));
    assert!(!required() || skipped.is_empty());
}

/// Says something even of a test that passes.
pub fn say(line: &str) {
    let _nobody_listens = writeln!(std::io::stderr(), "{line}");
}

/// All files below a folder, with what tells whether they were touched.
pub fn listing(folder: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let metadata = entry.metadata().expect("its metadata");
        if metadata.is_dir() {
            files.extend(listing(&entry.path()));
        } else {
            files.insert(entry.path(), (metadata.len(), metadata.modified().ok()));
        }
    }
    files
}

/// True for names that guichet takes for its formats.
pub fn is_of_our_formats(path: &Path) -> bool {
    let name = path.file_name().expect("a name").to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    ["fgb", "geojson", "geojsonl", "geojsons", "gpkg"]
        .iter()
        .any(|e| name.ends_with(&format!(".{e}")))
}
