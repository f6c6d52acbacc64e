//! Filters: from the text to the tree; see benches/README.md.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use guichet::filter::{Limits, parse_text, to_text};

/// What people and programs write: some 200 characters, a border of 1,000 vertices, and a list of 500 codes.
fn texts() -> Vec<(&'static str, String)> {
    let usual = "commune IN ('13055', '13001', '13103') AND surface_m2 BETWEEN 250 AND 12000.5 \
        AND CASEI(libelle) LIKE CASEI('%chemin du l\\_%') AND NOT (date_maj < DATE('2019-06-30') \
        OR S_DISJOINT(geom, BBOX(5.2, 43.2, 5.5, 43.4)))";
    let vertices: Vec<_> = (0..1_000)
        .map(|i| f64::from(i % 1_000) * std::f64::consts::TAU / 999.0)
        .map(|t| format!("{:.6} {:.6}", 5.4 + t.cos() / 10.0, 43.3 + t.sin() / 10.0))
        .collect();
    let ring = [&vertices[..999], &vertices[..1]].concat().join(",");
    let codes: Vec<_> = (13_000..13_500).map(|code| format!("'{code}'")).collect();
    vec![
        ("200 characters", usual.to_owned()),
        (
            "border of 1,000 vertices",
            format!("S_WITHIN(geom, POLYGON(({ring})))"),
        ),
        (
            "list of 500 codes",
            format!("commune IN ({})", codes.join(",")),
        ),
    ]
}

fn filter(c: &mut Criterion) {
    let limits = Limits::default();
    let mut group = c.benchmark_group("filter");
    for (name, text) in texts() {
        let tree = parse_text(&text, &limits).expect("a filter");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("parse {name}"), |b| {
            b.iter(|| parse_text(black_box(&text), &limits));
        });
        group.bench_function(format!("print {name}"), |b| {
            b.iter(|| to_text(black_box(&tree)));
        });
    }
    group.finish();
}

criterion_group!(benches, filter);
criterion_main!(benches);
