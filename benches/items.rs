//! Pages of items, from the parsed query to the bytes: first and deep pages, boxes, filters, one item; see benches/README.md.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use guichet::catalog::{Row, VisibleLayer};
use guichet::features::{Counts, ItemsQuery, Limits, PageStart, Room, Secret, Sink, first_rows};
use guichet::formats::Placement;
use guichet::formats::geojson::FeatureWriter;
use guichet::geometry::crs::Crs;

const ROWS: usize = 200_000;

/// Name, CRS of the answer, parameters.
type Case<'a> = (&'a str, Crs, &'a [(&'a str, &'a str)]);

struct Pen {
    writer: FeatureWriter,
    written: Vec<u8>,
}

impl Sink for Pen {
    fn weigh(&self, row: &Row<'_>) -> u64 {
        self.writer.weigh(row)
    }

    fn take(&mut self, row: &Row<'_>) -> Room {
        self.writer.feature(row, &mut self.written);
        self.written.push(b',');
        Room::More
    }
}

fn query(layer: &VisibleLayer, pairs: &[(&str, &str)]) -> ItemsQuery {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    ItemsQuery::parse(&pairs, layer, Limits::default()).expect("a query")
}

/// One page, written; `counts` may remember how many rows match.
fn page(layer: &VisibleLayer, query: &ItemsQuery, counts: &Counts, pen: &mut Pen) -> PageStart {
    pen.written.clear();
    let secret = Secret::new([7; 32]);
    let cancel = AtomicBool::new(false);
    first_rows(layer, query, (&secret, counts), &cancel, pen)
        .expect("a good cursor")
        .expect("nobody cancels")
}

fn items(c: &mut Criterion) {
    let folder = support::folder();
    let layer = support::visible(&support::addresses(&folder, ROWS));
    let pen = |target| Pen {
        writer: FeatureWriter::new(
            layer.schema(),
            Placement::new(layer.storage_crs(), target).expect("a transformation"),
        ),
        written: Vec::new(),
    };
    let mut group = c.benchmark_group("items");
    let cases: &[Case] = &[
        ("page of 10", Crs::CRS84, &[("limit", "10")]),
        ("page of 1,000", Crs::CRS84, &[("limit", "1000")]),
        ("page of 10,000", Crs::CRS84, &[("limit", "10000")]),
        (
            "page of 1,000 in Lambert-93",
            Crs::LAMBERT_93,
            &[("limit", "1000")],
        ),
        (
            "page of 1,000 at offset 150,000",
            Crs::CRS84,
            &[("limit", "1000"), ("offset", "150000")],
        ),
        (
            "page of 1,000 in a box of a town",
            Crs::CRS84,
            &[("limit", "1000"), ("bbox", "5.3,43.4,5.4,43.5")],
        ),
        (
            "page of 10 in a box of half of all",
            Crs::CRS84,
            &[("limit", "10"), ("bbox", "4.3,43,6,45")],
        ),
        (
            "page of 10 by a property",
            Crs::CRS84,
            &[("limit", "10"), ("commune", "Ville 7")],
        ),
    ];
    for (name, target, pairs) in cases {
        let query = query(&layer, pairs);
        let mut pen = pen(*target);
        let rows = page(&layer, &query, &Counts::new(1), &mut pen).number_returned;
        group.throughput(Throughput::Elements(rows.max(1).into()));
        group.bench_function(*name, |b| {
            // Nothing is remembered between two pages.
            b.iter(|| black_box(page(&layer, &query, &Counts::new(1), &mut pen)));
        });
    }
    group.throughput(Throughput::Elements(1));
    let mut alone = pen(Crs::CRS84);
    group.bench_function("one item", |b| {
        b.iter(|| {
            alone.written.clear();
            let row = layer.find_id("123456").expect("it is there");
            alone.writer.feature(&row, &mut alone.written);
            black_box(alone.written.len())
        });
    });
    group.finish();
    std::fs::remove_dir_all(folder).expect("our own folder");
}

criterion_group!(benches, items);
criterion_main!(benches);
