//! What came in goes out: every ordinate bit for bit, every value as it was.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use guichet::catalog::Row;
use guichet::geometry::source::{SourceGeometry, Step};
use guichet::ingest::{Code, Verdict};
use guichet::model::ValueRef;
use guichet::model::id::IdStability;

use crate::independent::{self, Feature, Value, Vertex};
use crate::open::{Ask, Got, good};
use crate::{corpus, data};

/// Compares a layer with the features of its file. Rows that the report rejected may be absent, no others.
pub fn compare(name: &str, got: &Got, features: &[Feature]) {
    let rejected = got.report.count(Verdict::Rejected);
    let kept = got.layer.feature_count();
    assert_eq!(kept + rejected, features.len() as u64, "{name}");
    let by_place = got.layer.id_stability() == IdStability::Positional;
    let mut by_id: HashMap<String, &Feature> = HashMap::new();
    for (place, feature) in features.iter().enumerate() {
        let id = if by_place {
            (place + 1).to_string()
        } else {
            feature.id.clone().unwrap_or_default()
        };
        by_id.insert(id, feature);
    }
    let mut met = 0;
    got.each(&mut |row| {
        let id = row.id().to_string();
        let feature = by_id.get(&id).unwrap_or_else(|| panic!("{name}: no {id}"));
        same_row(&format!("{name}, feature {id}"), got, &row, feature);
        met += 1;
    });
    assert_eq!(met, kept, "{name}");
}

fn same_row(place: &str, got: &Got, row: &Row<'_>, feature: &Feature) {
    let geometry = row.source_geometry();
    let shape = geometry.as_ref().map(structure);
    assert_eq!(shape, feature.shape, "{place}");
    let vertices = geometry.as_ref().map(vertices).unwrap_or_default();
    assert!(vertices == feature.vertices, "{place}: ordinates differ");
    let fields = &got.layer.schema().fields;
    for (i, field) in fields.iter().enumerate() {
        let source = feature.values.get(&field.name).unwrap_or(&Value::Null);
        let held = row.value(i);
        assert!(
            same(held, source),
            "{place}, {}: {held:?} is not {source:?}",
            field.name
        );
    }
    for name in feature.values.keys() {
        assert!(
            got.layer.schema().index_of(name).is_some(),
            "{place}: no property {name}"
        );
    }
}

fn structure(geometry: &SourceGeometry<'_>) -> String {
    let mut text = String::new();
    geometry.walk(&mut |step| match step {
        Step::Begin(kind) => text.push_str(kind.name()),
        Step::Open(_) => text.push('['),
        Step::Vertices { start, end } => _ = write!(text, "{} ", end - start),
        Step::Close => text.push(']'),
        Step::End => {}
    });
    text
}

fn vertices(geometry: &SourceGeometry<'_>) -> Vec<Vertex> {
    let at = |all: &[f64], i: usize| all.get(i).copied();
    let xy = geometry.xy.iter().enumerate();
    xy.map(|(i, p)| independent::vertex(p[0], p[1], at(geometry.z, i), at(geometry.m, i)))
        .collect()
}

fn same(held: ValueRef<'_>, source: &Value) -> bool {
    match (held, source) {
        (ValueRef::Null, Value::Null) => true,
        (ValueRef::Bool(a), Value::Bool(b)) => a == *b,
        (ValueRef::Int(a), Value::Int(b)) => a == *b,
        (ValueRef::Float(a), Value::Float(b)) => {
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
        }
        // Only integers that a double holds exactly become numbers.
        (ValueRef::Float(a), Value::Int(b)) => a == *b as f64 && *b == a as i64,
        (ValueRef::Text(a), Value::Text(b)) => a == b,
        (ValueRef::Date(a), Value::Text(b)) => a.to_string() == *b,
        (ValueRef::DateTime(a), Value::Text(b)) => a.to_string() == *b,
        (ValueRef::Json(a), b) => {
            let a: serde_json::Value = serde_json::from_str(a).expect(a);
            match b {
                Value::Null => false,
                Value::Bool(b) => a == *b,
                Value::Int(b) => a == *b,
                Value::Float(b) => a == *b,
                Value::Text(b) => a == *b.as_str(),
                Value::Json(b) => a == *b,
            }
        }
        _ => false,
    }
}

/// Compares a file, whatever its format, layer by layer.
pub fn compare_file(path: &Path, ask: &Ask<'_>) -> usize {
    let name = path.to_string_lossy();
    let stem = name.trim_end_matches(".gz");
    if stem.ends_with(".gpkg") {
        let names = guichet::ingest::layer_names(path, &ask.limits).unwrap();
        for layer in names.iter().flatten() {
            let ask = Ask {
                layer: Some(layer),
                crs: ask.crs,
                ..Ask::default()
            };
            let features = independent::geopackage(path, layer);
            compare(&format!("{name} {layer}"), &good(path, &ask), &features);
        }
        return names.len();
    }
    let got = good(path, ask);
    if stem.ends_with(".fgb") {
        compare(&name, &got, &independent::flatgeobuf(path));
    } else {
        let (features, bad) = independent::geojson(path);
        assert_eq!(got.count(Code::Syntax), bad as u64, "{name}");
        if bad == 0 {
            compare(&name, &got, &features);
        }
    }
    1
}

#[test]
fn real_files_are_held_without_loss() {
    let Some(folder) = data::folder("lossless corpus") else {
        return;
    };
    let mut layers = 0;
    for (path, name) in corpus::files(&folder) {
        if corpus::exception(&name).is_none() {
            layers += compare_file(&path, &Ask::default());
        }
    }
    assert!(layers > 100, "{layers} layers were compared");
}
