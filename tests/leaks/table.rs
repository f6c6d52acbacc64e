//! Small tables in files: lines of fields, the first line their names. A field in double quotes may hold commas.

use std::path::{Path, PathBuf};

/// The lines of `tests/leaks/{name}` after the first, which must be `header`.
pub fn read(name: &str, header: &str) -> Vec<Vec<String>> {
    let path = path(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(header), "{name}");
    let count = header.split(',').count();
    let rows: Vec<_> = lines.map(fields).collect();
    for row in &rows {
        assert_eq!(row.len(), count, "{name}: {row:?}");
    }
    rows
}

/// A file of this suite.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/leaks")
        .join(name)
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().expect("one at least").push(c),
        }
    }
    fields
}

/// All source files below a folder of the package, with their texts.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).expect("a text");
                files.push((path, text));
            }
        }
    }
    files
}
