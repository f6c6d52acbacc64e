//! CQL2 filters: parse and check, and how many of a million parcels they select, on one core; see benches/README.md.
//!
//! `GUICHET_BENCH_PARCELS` names a FlatGeobuf file of parcels with the properties below; without it parcels are made here, fewer of them.
//! `GUICHET_BENCH_FILTERS` names a file that the filters are written into, for filter_peers.py.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, criterion_group, criterion_main};
use guichet::catalog::{Scan, VisibleLayer};
use guichet::filter::{Encoding, Filter, Frame, Limits};
use guichet::geometry::crs::Crs;

/// Side of the lattice of parcels that are made where no file is named.
const SIDE: usize = 450;

/// What the properties of the parcels are called: an integer and one in the midst, a text of few values and one of them, a unique text and
/// the start of one.
struct Names {
    number: (&'static str, u32),
    word: (&'static str, &'static str),
    unique: (&'static str, &'static str),
}

fn layer() -> (VisibleLayer, Names) {
    match std::env::var_os("GUICHET_BENCH_PARCELS") {
        Some(path) => (
            support::visible(&PathBuf::from(path)),
            Names {
                number: ("contenance_m2", 950),
                word: ("code_insee", "13001"),
                unique: ("id", "13001"),
            },
        ),
        None => (
            support::visible(&support::parcels(&support::folder(), SIDE)),
            Names {
                number: ("contenance", 2500),
                word: ("usage", "terre"),
                unique: ("idu", "1300000"),
            },
        ),
    }
}

fn parse(layer: &VisibleLayer, text: &str) -> Filter {
    let frame = Frame {
        schema: layer.schema(),
        filter_crs: Crs::CRS84,
        storage_crs: layer.storage_crs(),
    };
    Filter::parse(Encoding::Text, text, &frame, &Limits::default()).expect(text)
}

fn count(layer: &VisibleLayer, filter: &Filter) -> u64 {
    let scan = Scan {
        filter: Some(filter),
        ..Scan::default()
    };
    layer.count(&scan).expect("nobody cancels")
}

/// A star of that many vertices, in WKT.
fn star([x, y]: [f64; 2], radius: f64, vertices: usize) -> String {
    let vertex = |i: usize| {
        let angle = std::f64::consts::TAU * (i % vertices) as f64 / vertices as f64;
        let r = radius * (1.0 + 0.08 * (17.0 * angle).sin());
        format!(
            "{:.7} {:.7}",
            x + r * angle.cos(),
            y + 0.75 * r * angle.sin()
        )
    };
    let ring: Vec<_> = (0..=vertices).map(vertex).collect();
    format!("POLYGON(({}))", ring.join(","))
}

/// The middle of the place with most parcels: the layer's extent cut in 40 by 40.
fn town(layer: &VisibleLayer) -> [f64; 2] {
    let extent = layer.extent_crs84().expect("parcels have a place");
    let step = [0, 1].map(|a| (extent.max[a] - extent.min[a]) / 40.0);
    let corner = |i: usize, j: usize| {
        [
            extent.min[0] + step[0] * i as f64,
            extent.min[1] + step[1] * j as f64,
        ]
    };
    let parcels = |i, j| {
        let [x, y] = corner(i, j);
        let text = format!(
            "S_INTERSECTS(geometry, BBOX({x},{y},{},{}))",
            x + step[0],
            y + step[1]
        );
        count(layer, &parse(layer, &text))
    };
    let (i, j) = (0..40)
        .flat_map(|i| (0..40).map(move |j| (i, j)))
        .max_by_key(|(i, j)| parcels(*i, *j))
        .expect("places");
    let [x, y] = corner(i, j);
    [x + step[0] / 2.0, y + step[1] / 2.0]
}

/// Writes the filters where `GUICHET_BENCH_FILTERS` says, for other engines to be asked the same (filter_peers.py).
fn write_down(cases: &[(&str, String)], long: &str) {
    let Some(path) = std::env::var_os("GUICHET_BENCH_FILTERS") else {
        return;
    };
    let all: serde_json::Map<_, _> = cases
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .chain([("several conditions", long)])
        .map(|(name, text)| (name.to_owned(), text.into()))
        .collect();
    let text = serde_json::to_string_pretty(&all).expect("texts are JSON");
    std::fs::write(path, text).expect("a file that can be written");
}

fn filters(c: &mut Criterion) {
    let (layer, names) = layer();
    let [x, y] = town(&layer);
    let (number, middle) = names.number;
    // Wide enough for ten thousand parcels, as far as there are.
    let mut radius = 0.005;
    let polygon = loop {
        let text = format!("S_INTERSECTS(geometry, {})", star([x, y], radius, 1000));
        if radius > 2.0 || count(&layer, &parse(&layer, &text)) >= 10_000 {
            break text;
        }
        radius *= 1.2;
    };
    let (word, a_word) = names.word;
    let (unique, start) = names.unique;
    let bbox = format!("BBOX({},{},{},{})", x - 0.01, y - 0.01, x + 0.01, y + 0.01);
    let cases = [
        ("number", format!("{number} > {middle}")),
        ("number, arithmetic", format!("{number} * 2 > 2 * {middle}")),
        ("number in a list of 100", {
            let list: Vec<_> = (0..100).map(|i| (middle + 3 * i).to_string()).collect();
            format!("{number} IN ({})", list.join(","))
        }),
        ("word", format!("{word} = '{a_word}'")),
        (
            "word, case and accents",
            format!("ACCENTI(CASEI({word})) = ACCENTI(CASEI('{a_word}'))"),
        ),
        (
            "LIKE prefix of a unique text",
            format!("{unique} LIKE '{start}%'"),
        ),
        (
            "LIKE part of a unique text",
            format!("{unique} LIKE '%{start}%'"),
        ),
        (
            "bbox and number in a town",
            format!("S_INTERSECTS(geometry, {bbox}) AND {number} > {middle}"),
        ),
        ("S_INTERSECTS, 1,000 vertices", polygon.clone()),
        (
            "S_WITHIN, 1,000 vertices",
            polygon.replace("S_INTERSECTS", "S_WITHIN"),
        ),
        (
            "S_TOUCHES, 1,000 vertices",
            polygon.replace("S_INTERSECTS", "S_TOUCHES"),
        ),
    ];
    let mut long = String::new();
    let _infallible = write!(
        long,
        "({number} BETWEEN 500 AND 1500 OR {word} IN ('{a_word}', 'x')) AND {unique} LIKE '{start}%' AND NOT (CASEI({word}) = CASEI('Terre'))"
    );
    while long.len() < 200 {
        let _infallible = write!(long, " AND {number} <> {}", long.len());
    }
    write_down(&cases, &long);
    let mut group = c.benchmark_group(format!("filter/{} parcels", layer.feature_count()));
    for (name, text) in &cases {
        let filter = parse(&layer, text);
        // What is measured is worth nothing if it selects nothing.
        let selected = count(&layer, &filter);
        eprintln!("{name}: {selected} selected: {text:.100}");
        group.bench_function(*name, |b| b.iter(|| black_box(count(&layer, &filter))));
    }
    group.finish();

    let mut group = c.benchmark_group("parse and check");
    group.bench_function(format!("{} characters", long.len()), |b| {
        b.iter(|| black_box(parse(&layer, &long)));
    });
    group.bench_function(
        format!("1,000 vertices, {} characters", polygon.len()),
        |b| {
            b.iter(|| black_box(parse(&layer, &polygon)));
        },
    );
    group.finish();
}

criterion_group!(benches, filters);
criterion_main!(benches);
