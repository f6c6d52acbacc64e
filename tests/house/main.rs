//! The house's own rules: who may import whom, and what only some rooms may name. The source text is read, because inside of one package
//! the compiler forbids none of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and the floor each stands on (src/ARCHITECTURE.md). A room that is not listed here fails the test.
const FLOORS: &[(&str, u8)] = &[
    // Switches of seeded leaks, for tests.
    ("leaks", 0),
    ("geometry", 0),
    ("model", 1),
    ("filter", 2),
    ("layer", 3),
    ("access", 3),
    ("catalog", 4),
    ("ingest", 4),
    ("store", 4),
    ("features", 5),
    ("tiles", 5),
    ("styles", 5),
    ("formats", 5),
    ("api", 6),
    ("portal", 6),
    ("cli", 7),
];

/// Read by the command line alone, which hands plain values down.
const PLAIN: &[&str] = &["config", "telemetry"];

/// Edges between rooms of one floor.
const SIBLINGS: &[(&str, &str)] = &[("portal", "api")];

/// Words that only some places may use: word, places, reason.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("axum", &["api", "portal"], "only the HTTP floor knows HTTP"),
    ("tokio", &["api", "cli"], "the core is synchronous"),
    (
        "anyhow",
        &["cli"],
        "below the command line errors are typed",
    ),
    ("rusqlite", &["ingest", "store"], "no I/O while answering"),
    (
        "ureq",
        &["cli/fetch.rs"],
        "the one request that guichet makes goes to an address of the configuration",
    ),
    (
        "memmap2",
        &["layer/section.rs", "layer/snapshot.rs"],
        "mapped files belong to snapshots",
    ),
    (
        "std::fs",
        &["ingest", "layer/snapshot.rs", "store", "config", "cli"],
        "no I/O while answering",
    ),
    (
        "fs::",
        &["ingest", "layer/snapshot.rs", "store", "config", "cli"],
        "no I/O while answering",
    ),
    (
        "unsafe",
        &["layer/snapshot.rs"],
        "one mapped file is the only need for it",
    ),
    (
        "resolve_ready",
        &["catalog", "api/door.rs"],
        "requests pass one door, which knows who asks",
    ),
    (
        "resolve_in",
        &["catalog", "api/door.rs"],
        "requests pass one door, which knows who asks",
    ),
    (
        "catalog.resolve",
        &["catalog", "api/door.rs"],
        "requests pass one door, which knows who asks",
    ),
    ("exit", &["cli"], "only the command line ends the process"),
    (
        "update_mmap",
        &[],
        "a publisher's file may be cut at any moment: it is read, never mapped",
    ),
    (
        "SystemTime",
        &["ingest", "api", "cli"],
        "the core has no clock",
    ),
];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(r, _)| *r == room).map(|(_, f)| *f)
}

/// The room of a file below `src`, `None` for `lib.rs` and `main.rs`.
fn room(path: &str) -> Option<&str> {
    path.split_once('/').map(|(room, _)| room)
}

/// What is against the rules in the text of one file.
fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // Unit tests in files of their own may reach where their room may not.
    let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
    let Some(from) = room(path).filter(|_| !is_test) else {
        return faults;
    };
    if floor(from).is_none() && !PLAIN.contains(&from) {
        faults.push(format!(
            "{path}: the room `{from}` has no floor in tests/house"
        ));
        return faults;
    }
    for (number, line) in code_lines(text) {
        for to in named_rooms(&line) {
            if let Some(reason) = forbidden(from, &to) {
                faults.push(format!("{path}:{number}: `{from}` names `{to}`: {reason}"));
            }
        }
        for (word, places, reason) in RESERVED {
            let allowed = places.iter().any(|p| path == *p || from == *p);
            if !allowed && has_word(&line, word) {
                faults.push(format!(
                    "{path}:{number}: `{word}` does not belong here: {reason}"
                ));
            }
        }
    }
    faults
}

fn forbidden(from: &str, to: &str) -> Option<&'static str> {
    if from == to {
        return None;
    }
    if PLAIN.contains(&to) {
        return (from != "cli").then_some("configuration is read by the command line alone");
    }
    if PLAIN.contains(&from) {
        return Some("configuration is plain values");
    }
    let (a, b) = (floor(from)?, floor(to)?);
    if to == "layer" && a >= 5 {
        return Some("rows are reached through the catalogue alone");
    }
    if b < a || SIBLINGS.contains(&(from, to)) {
        return None;
    }
    Some(if a == b {
        "rooms of one floor do not know each other"
    } else {
        "that is a way up"
    })
}

/// Lines of code with their numbers: comments, and tests at the end of a file, are left out (a test may reach where its room may not).
fn code_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.lines()
        .take_while(|l| !l.starts_with("#[cfg(test)]"))
        .enumerate()
        .map(|(i, l)| (i + 1, l.split("//").next().unwrap_or_default().to_owned()))
}

/// Rooms named by `crate::room` or `crate::{room, other::…}` in a line. Multi-line groups have their rooms on lines of their own, which
/// rustfmt only makes for a `use crate::{` that is refused here.
fn named_rooms(line: &str) -> Vec<String> {
    let word = |s: &str| {
        s.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut rooms = Vec::new();
    for (_, rest) in line
        .match_indices("crate::")
        .map(|(i, m)| (i, &line[i + m.len()..]))
    {
        if let Some(group) = rest.strip_prefix('{') {
            rooms.extend(group.split(',').map(|part| word(part.trim())));
            if !group.contains('}') {
                rooms.push("a group over several lines".to_owned());
            }
        } else {
            rooms.push(word(rest));
        }
    }
    rooms.retain(|r| !r.is_empty());
    rooms
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(i, _)| {
        let before = line[..i].chars().next_back();
        let after = line[i + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && (word.ends_with(':') || !part(after))
    })
}

#[expect(clippy::unwrap_used, reason = "the test's own sources")]
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn every_import_goes_down() {
    let sources = sources();
    assert!(sources.len() > 40, "the sources were not found");
    let faults: Vec<String> = sources
        .iter()
        .flat_map(|(path, text)| faults(path, text))
        .collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The test above can fail: each planted edge is found.
#[test]
fn planted_edges_are_found() {
    let planted = [
        ("features/page.rs", "use crate::layer::Rows;"),
        (
            "api/items.rs",
            "    let rows = crate::layer::Rows::segments(&layer);",
        ),
        ("layer/mod.rs", "use crate::catalog::Catalog;"),
        ("geometry/clip.rs", "use crate::model::Schema;"),
        ("tiles/render.rs", "use crate::features::page;"),
        ("catalog/mod.rs", "use crate::{access, ingest::Report};"),
        ("api/mod.rs", "use crate::portal::render;"),
        ("features/page.rs", "use axum::Json;"),
        (
            "tiles/cache.rs",
            "    let t = std::time::SystemTime::now();",
        ),
        ("tiles/cache.rs", "    unsafe { hint() }"),
        ("api/state.rs", "use crate::config::Config;"),
        (
            "api/tiles.rs",
            "    match caller.catalog.resolve(who, name, surface) {",
        ),
        ("attic/mod.rs", ""),
    ];
    for (path, text) in planted {
        assert!(!faults(path, text).is_empty(), "{path}: {text}");
    }
    let fine = [
        ("portal/mod.rs", "use crate::api::Pages;"),
        ("catalog/mod.rs", "use crate::layer::Rows;"),
        ("api/mod.rs", "use crate::catalog::Catalog;"),
        (
            "features/page.rs",
            "// the layer:: is not named here: crate::layer",
        ),
        ("layer/snapshot.rs", "use std::fs; unsafe { map() }"),
    ];
    for (path, text) in fine {
        assert_eq!(faults(path, text), Vec::<String>::new());
    }
}
