//! How often each seeded leak was seen when it was last switched on: `kills.csv`, beside the list of them. Of those that pairs of requests
//! find, how many pairs differed in the first thousands; of canaries, how many got out of the first world; of the model, in how many of
//! its cases something was seen that should not be, up to a hundred; of a table or a test, 1.

use std::collections::BTreeMap;
use std::path::Path;

const HEADER: &str = "name,kills";

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/leaks/kills.csv")
}

/// By name of the leak.
pub fn read() -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(path()).expect("kills.csv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER));
    let line = |line: &str| {
        let (name, kills) = line.split_once(',')?;
        Some((name.to_owned(), kills.parse().ok()?))
    };
    lines
        .map(|l| line(l).unwrap_or_else(|| panic!("kills.csv: {l}")))
        .collect()
}

/// Writes those down that were found, beside those that others found, if that is wanted.
#[cfg(guichet_leaks)]
pub fn write(found: &BTreeMap<String, u64>) {
    if std::env::var_os("GUICHET_LEAKS_WRITE").is_none() {
        return;
    }
    let listed = std::fs::read_to_string(path().with_file_name("mutants.csv")).expect("a list");
    let mut all = read();
    all.extend(found.clone());
    let names = listed.lines().skip(1).filter_map(|l| l.split(',').next());
    let lines = names.filter_map(|n| Some(format!("{n},{}\n", all.get(n)?)));
    let text = format!("{HEADER}\n{}", lines.collect::<String>());
    std::fs::write(path(), text).expect("kills.csv is written");
}
