//! What a tile costs, whole and by its parts. See benches/README.md.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use guichet::catalog::VisibleLayer;
use guichet::geometry::clip::Clip;
use guichet::geometry::grid::{GridPoint, from_lonlat};
use guichet::geometry::importance::Importance;
use guichet::geometry::paths::PathKind;
use guichet::geometry::prepare::Prepare;
use guichet::geometry::repair::Repair;
use guichet::geometry::validity::Validity;
use guichet::tiles::coord::TileCoord;
use guichet::tiles::gzip::gzip;
use guichet::tiles::render::render;

/// Parcels along a side of the lattice.
const PARCELS: usize = 300;
/// Vertices of the coast.
const COAST: usize = 100_000;

/// A round coast with bays within bays, in degrees.
fn coast() -> Vec<[f64; 2]> {
    (0..COAST)
        .map(|i| {
            let t = i as f64 / COAST as f64 * TAU;
            let r = 0.5
                + 0.05 * (t * 7.0).sin()
                + 0.01 * (t * 131.0).sin()
                + 0.0005 * (t * 9001.0).sin();
            [5.5 + r * t.cos(), 43.5 + 0.7 * r * t.sin()]
        })
        .collect()
}

fn coast_file(folder: &Path) -> PathBuf {
    let mut ring = coast();
    ring.push(ring[0]);
    let mut text = String::from(
        r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[["#,
    );
    for (i, [x, y]) in ring.iter().enumerate() {
        let _infallible = write!(text, "{}[{x},{y}]", if i > 0 { "," } else { "" });
    }
    text.push_str("]]}}\n");
    let path = folder.join("coast.geojson");
    fs::write(&path, text).expect("the bench's data");
    path
}

/// The tile of a place.
fn at(zoom: u32, lon: f64, lat: f64) -> TileCoord {
    let place = from_lonlat(lon, lat);
    let index = |v: i32| ((i64::from(v) + (1 << 30)) >> (31 - zoom)) as u32;
    TileCoord::from_zxy(zoom, index(place[0]), index(place[1])).expect("a tile of the world")
}

fn tiles(c: &mut Criterion) {
    let folder = support::folder();
    let parcels = support::visible(&support::parcels(&folder, PARCELS));
    let coast = support::visible(&coast_file(&folder));
    let mut group = c.benchmark_group("tile");
    let cases: [(&str, &VisibleLayer, TileCoord); 6] = [
        ("world: 90,000 parcels", &parcels, at(0, 5.0, 43.2)),
        ("region: 90,000 parcels", &parcels, at(9, 5.12, 43.29)),
        ("town: parcels", &parcels, at(14, 5.12, 43.29)),
        (
            "boundary: coast of 100,000 vertices",
            &coast,
            at(10, 5.99, 43.5),
        ),
        ("boundary: all of that coast", &coast, at(7, 5.5, 43.5)),
        ("empty", &parcels, at(14, -40.0, 20.0)),
    ];
    for (name, layer, coord) in cases {
        group.bench_function(name, |b| {
            b.iter(|| render(black_box(&[layer]), coord).expect("a tile"));
        });
    }
    let town = render(&[&parcels], at(12, 5.12, 43.29)).expect("a tile");
    group.throughput(Throughput::Bytes(town.mvt.len() as u64));
    group.bench_function("gzip", |b| b.iter(|| gzip(black_box(&town.mvt))));
    group.finish();
    let _left = fs::remove_dir_all(folder);
}

/// Polygons of twelve vertices, as of a cadastre.
fn plots() -> Vec<Vec<GridPoint>> {
    let mut dice = support::Dice::new(11);
    (0..1000)
        .map(|i| {
            let center = [f64::from(i % 40) * 4000.0, f64::from(i / 40) * 4000.0];
            let mut ring: Vec<GridPoint> = (0..12)
                .map(|k| {
                    let (t, r) = (-f64::from(k) / 12.0 * TAU, 1000.0 + 800.0 * dice.unit());
                    [
                        (center[0] + r * t.cos()) as i32,
                        (center[1] + r * t.sin()) as i32,
                    ]
                })
                .collect();
            ring.push(ring[0]);
            ring
        })
        .collect()
}

fn kernels(c: &mut Criterion) {
    let plots = plots();
    let mut group = c.benchmark_group("kernels");
    group.throughput(Throughput::Elements(plots.len() as u64));
    let mut prepare = Prepare::default();
    group.bench_function("prepare a plot of 12 vertices", |b| {
        b.iter(|| {
            for plot in &plots {
                prepare.begin();
                prepare.add(PathKind::Ring, false, plot.iter().copied());
                black_box(prepare.finish());
            }
        });
    });

    let coast: Vec<GridPoint> = coast()
        .iter()
        .rev()
        .map(|p| from_lonlat(p[0], p[1]))
        .collect();
    let ends = [coast.len() as u32];
    group.throughput(Throughput::Elements(coast.len() as u64));
    let mut validity = Validity::default();
    group.bench_function("judge a coast", |b| {
        b.iter(|| validity.check(black_box(&coast), &ends));
    });
    let (mut importance, mut bytes) = (Importance::default(), Vec::new());
    group.bench_function("weigh a coast", |b| {
        b.iter(|| {
            bytes.clear();
            importance.ring(black_box(&coast), &mut bytes);
        });
    });
    let mut clip = Clip::default();
    let bounds = at(10, 5.99, 43.5).clip_box(0);
    group.bench_function("clip a coast", |b| {
        b.iter(|| clip.ring(black_box(&coast), &bounds).len());
    });
    let mut repair = Repair::default();
    group.sample_size(10);
    group.bench_function("rebuild a coast", |b| {
        b.iter(|| {
            let (mut xy, mut ends) = (coast.clone(), ends.to_vec());
            repair.rebuild(&mut xy, &mut ends, &[false], &mut validity)
        });
    });
    group.finish();
}

criterion_group!(benches, tiles, kernels);
criterion_main!(benches);
