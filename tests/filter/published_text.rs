//! Every text that the standard publishes: its examples, and the filters of its abstract tests.

use std::fs;

use guichet::filter::{Limits, parse_text, to_text};

use crate::data;

/// It is read, and read again as it is printed it is the same.
#[track_caller]
fn round_trips(text: &str, from: &str) {
    let limits = Limits::default();
    let tree =
        parse_text(text, &limits).unwrap_or_else(|fault| panic!("{from}: {text}: {fault:?}"));
    let printed = to_text(&tree);
    let again = parse_text(&printed, &limits);
    assert_eq!(again, Ok(tree), "{from}: {text} is printed as {printed}");
}

#[test]
fn examples() {
    let Some(folder) = data::folder("published CQL2 texts") else {
        return;
    };
    let mut count = 0;
    for entry in fs::read_dir(folder.join("cql2/examples/text")).unwrap() {
        let path = entry.unwrap().path();
        round_trips(
            &fs::read_to_string(&path).unwrap(),
            &path.display().to_string(),
        );
        count += 1;
    }
    assert!(count >= 100, "only {count} examples");
}

#[test]
fn abstract_tests() {
    let Some(folder) = data::folder("published CQL2 texts") else {
        return;
    };
    let table = fs::read_to_string(folder.join("cql2/ats-expected-counts.csv")).unwrap();
    let mut rows = table.lines();
    let place = fields(rows.next().unwrap())
        .iter()
        .position(|name| name == "cql2_text")
        .unwrap();
    let mut count = 0;
    for row in rows {
        round_trips(&fields(row)[place], "ats-expected-counts.csv");
        count += 1;
    }
    assert!(count >= 270, "only {count} rows");
}

/// The fields of a line of CSV (RFC 4180).
pub fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let last = fields.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                last.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => last.push(c),
        }
    }
    fields
}
