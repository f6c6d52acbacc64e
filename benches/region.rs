//! What it costs to choose and cut parcels along an outline; see benches/README.md.
//!
//! `GUICHET_BENCH_SIDE` is the side of the lattice of parcels: 1000 makes a million of them.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use guichet::geometry::crs::Crs;
use guichet::geometry::grid::{GridBox, GridPoint};
use guichet::geometry::paths::{GridPaths, PathKind};
use guichet::geometry::region::{
    BoxPlace, Cut, PreparedRegion, Region, Scratch, StorageFrame, Unite,
};
use guichet::geometry::source::{GeometryKind, SourceGeometry};

/// West and south of the parcels in degrees, and the side of their square: about that of a department.
const CORNER: [f64; 2] = [4.6, 43.2];
const EXTENT: f64 = 1.0;

/// Parcels of nine vertices, neighbours with common corners, and their boxes on the grid.
struct Parcels {
    xy: Vec<[f64; 2]>,
    boxes: Vec<GridBox>,
}

const COUNTS: [u32; 2] = [1, 9];

impl Parcels {
    fn new(side: usize, frame: &StorageFrame) -> Self {
        let mut dice = support::Dice::new(7);
        let wide = 2 * side + 1;
        let step = EXTENT / side as f64;
        // Corners and middles of sides, moved a little.
        let points: Vec<[f64; 2]> = (0..wide * wide)
            .map(|i| [i % wide, i / wide].map(|k| (k as f64 + 0.4 * dice.unit()) * step / 2.0))
            .map(|[x, y]| [CORNER[0] + x, CORNER[1] + y])
            .collect();
        let mut parcels = Self {
            xy: Vec::new(),
            boxes: Vec::new(),
        };
        let (mut degrees, mut grid) = (Vec::new(), Vec::new());
        for row in 0..side {
            for column in 0..side {
                let around = [
                    [0, 0],
                    [1, 0],
                    [2, 0],
                    [2, 1],
                    [2, 2],
                    [1, 2],
                    [0, 2],
                    [0, 1],
                    [0, 0],
                ];
                let from = parcels.xy.len();
                parcels
                    .xy
                    .extend(around.map(|[x, y]| points[(2 * row + y) * wide + 2 * column + x]));
                frame
                    .place(&parcels.xy[from..], &mut degrees, &mut grid)
                    .expect("on Earth");
                parcels.boxes.push(GridBox::around(&grid));
            }
        }
        parcels
    }

    fn get(&self, row: usize) -> SourceGeometry<'_> {
        SourceGeometry {
            kind: GeometryKind::Polygon,
            counts: &COUNTS,
            xy: &self.xy[9 * row..9 * row + 9],
            z: &[],
            m: &[],
        }
    }

    /// How many are whole, cut and gone.
    fn cut(
        &self,
        rows: std::ops::Range<usize>,
        region: &PreparedRegion,
        frame: &StorageFrame,
    ) -> [usize; 3] {
        let mut scratch = Scratch::default();
        let mut found = [0; 3];
        for row in rows {
            let place = match region.classify_box(&self.boxes[row]) {
                BoxPlace::Inside => 0,
                BoxPlace::Outside => 2,
                BoxPlace::Maybe => match scratch.cut(region, &self.get(row), frame) {
                    Cut::Whole => 0,
                    Cut::Part(clipped) => {
                        black_box(&clipped);
                        1
                    }
                    Cut::Nothing => 2,
                },
            };
            found[place] += 1;
        }
        found
    }
}

/// A wild outline of that many vertices over two thirds of the parcels.
fn outline(vertices: usize) -> Region {
    let mut dice = support::Dice::new(11);
    let ring: Vec<[f64; 2]> = (0..=vertices)
        .map(|i| {
            let angle = std::f64::consts::TAU * (i % vertices) as f64 / vertices as f64;
            let wave: f64 = [(3.0, 0.1), (11.0, 0.05), (47.0, 0.02), (211.0, 0.006)]
                .iter()
                .map(|(n, a)| a * (n * angle).sin())
                .sum();
            let r = EXTENT * (0.4 + 0.4 * wave + 1e-4 * dice.unit());
            [
                CORNER[0] + EXTENT / 2.0 + r * angle.cos(),
                CORNER[1] + EXTENT / 2.0 + r * angle.sin(),
            ]
        })
        .collect();
    let counts = [1, ring.len() as u32];
    let polygon = SourceGeometry {
        kind: GeometryKind::Polygon,
        counts: &counts,
        xy: &ring,
        z: &[],
        m: &[],
    };
    Region::of_geometry(&polygon, Crs::CRS84).expect("an area")
}

/// Communes: cells of a lattice with borders of many vertices that neighbours share.
fn communes(side: usize, vertices: usize) -> Vec<Vec<GridPoint>> {
    let step = 200_000;
    let between = |a: GridPoint, b: GridPoint| {
        // The same way for both neighbours, so that both draw the same vertices.
        let turned = a > b;
        let (p, q) = if turned { (b, a) } else { (a, b) };
        let mut dice =
            support::Dice::new(u64::from(p[0] as u32) << 32 | u64::from(p[1] as u32 ^ q[0] as u32));
        let mut line: Vec<GridPoint> = (1..vertices)
            .map(|i| {
                [0, 1].map(|k| {
                    let t = i as f64 / vertices as f64;
                    let along = f64::from(p[k]) + t * f64::from(q[k] - p[k]);
                    let aside = if p[k] == q[k] {
                        20_000.0 * (dice.unit() - 0.5)
                    } else {
                        0.0
                    };
                    (along + aside) as i32
                })
            })
            .collect();
        if turned {
            line.reverse();
        }
        line
    };
    (0..side * side)
        .map(|i| {
            let [x, y] = [i % side, i / side].map(|k| k as i32 * step);
            let corners = [[x, y], [x + step, y], [x + step, y + step], [x, y + step]];
            (0..4)
                .flat_map(|k| {
                    let (a, b) = (corners[k], corners[(k + 1) % 4]);
                    std::iter::once(a).chain(between(a, b))
                })
                .collect()
        })
        .collect()
}

fn region(c: &mut Criterion) {
    let side = std::env::var("GUICHET_BENCH_SIDE")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(300);
    let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
    let parcels = Parcels::new(side, &frame);
    let outline = outline(10_000);
    let rows = parcels.boxes.len();
    let mut group = c.benchmark_group("region");
    group.sample_size(10);
    group.bench_function("prepare 10,000 vertices", |b| b.iter(|| outline.prepare()));
    let prepared = outline.prepare();
    let count = |place| {
        let places = parcels.boxes.iter().map(|b| prepared.classify_box(b));
        places.filter(|p| *p == place).count()
    };
    eprintln!(
        "{rows} parcels: {} in by their box, {} out, {} to be looked at; whole, cut and gone: {:?}",
        count(BoxPlace::Inside),
        count(BoxPlace::Outside),
        count(BoxPlace::Maybe),
        parcels.cut(0..rows, &prepared, &frame)
    );
    group.bench_function("classify boxes", |b| b.iter(|| count(BoxPlace::Maybe)));
    group.bench_function("choose and cut, one thread", |b| {
        b.iter(|| parcels.cut(0..rows, &prepared, &frame));
    });
    group.bench_function("choose and cut, two threads", |b| {
        b.iter(|| {
            rayon::join(
                || parcels.cut(0..rows / 2, &prepared, &frame),
                || parcels.cut(rows / 2..rows, &prepared, &frame),
            )
        });
    });
    let communes = communes(30, 50);
    group.bench_function("unite 900 communes of 200 vertices", |b| {
        b.iter(|| {
            let mut unite = Unite::default();
            for ring in &communes {
                unite.add(&GridPaths::uniform(PathKind::Ring, ring, &[], &[], 0));
            }
            unite.finish().expect("an area")
        });
    });
    group.finish();
}

criterion_group!(benches, region);
criterion_main!(benches);
