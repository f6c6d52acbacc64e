//! The examples that the standard publishes, each in both encodings, and the filters of its abstract tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use guichet::filter::{Expr, Limits, parse_json, parse_text, to_json};

use crate::data;
use crate::published_text::fields;

const SUITE: &str = "published CQL2 JSON";

/// The files of a folder with that ending, by name.
fn files(folder: PathBuf, ending: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap();
    let files = entries.filter_map(|entry| {
        let path = entry.unwrap().path();
        let is_one = path.extension().is_some_and(|e| e == ending);
        let name = path.file_stem()?.to_str()?.to_owned();
        is_one.then(|| (name, fs::read_to_string(path).unwrap()))
    });
    files.collect()
}

fn from_json(name: &str, json: &str) -> Expr {
    parse_json(json, &Limits::default()).unwrap_or_else(|f| panic!("{name}: {f:?}\n{json}"))
}

fn from_text(name: &str, text: &str) -> Expr {
    parse_text(text, &Limits::default()).unwrap_or_else(|f| panic!("{name}: {f:?}\n{text}"))
}

/// JSON, with numbers by value.
fn value(json: &str) -> serde_json::Value {
    fn by_value(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Number(n) => *value = n.as_f64().into(),
            serde_json::Value::Array(values) => values.iter_mut().for_each(by_value),
            serde_json::Value::Object(values) => values.values_mut().for_each(by_value),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(json).unwrap();
    by_value(&mut value);
    value
}

#[test]
fn each_example_is_one_filter_in_both_encodings() {
    let Some(folder) = data::folder(SUITE) else {
        return;
    };
    let jsons = files(folder.join("cql2/examples/json"), "json");
    let texts = files(folder.join("cql2/examples/text"), "txt");
    assert_eq!((jsons.len(), texts.len()), (109, 120));
    for (name, json) in &jsons {
        let tree = from_json(name, json);
        assert_eq!(value(&to_json(&tree)), value(json), "{name}");
        assert_eq!(from_json(name, &to_json(&tree)), tree, "{name}");
    }
    for (name, text) in &texts {
        // Other texts of an example are `example36-alt01` beside `example36`.
        let (of, _) = name.split_once('-').unwrap_or((name, ""));
        assert_eq!(from_text(name, text), from_json(of, &jsons[of]), "{name}");
    }
}

#[test]
fn filters_of_the_test_suite_are_the_same_in_json() {
    let Some(folder) = data::folder(SUITE) else {
        return;
    };
    let rows = fs::read_to_string(folder.join("cql2/ats-expected-counts.csv")).unwrap();
    let mut seen = 0;
    for row in rows.lines().skip(1) {
        let text = fields(row).swap_remove(3);
        let tree = from_text(row, &text);
        assert_eq!(from_json(row, &to_json(&tree)), tree, "{text}");
        seen += 1;
    }
    assert_eq!(seen, 274);
}
