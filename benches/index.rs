//! The block R-tree against a linear scan, for boxes from 10 % of the extent down to 0.001 %. See benches/README.md.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, criterion_group, criterion_main};
use guichet::catalog::{Scan, VisibleLayer};
use guichet::geometry::grid::GridBox;

fn count(layer: &VisibleLayer, windows: Option<&[GridBox]>, keep: &GridBox) -> usize {
    let mut hits = 0;
    let scan = Scan {
        windows,
        ..Scan::default()
    };
    layer.scan(&scan, &mut |row| {
        hits += usize::from(row.grid_bbox().is_some_and(|b| b.intersects(keep)));
        ControlFlow::Continue(())
    });
    hits
}

fn windows(layer: &VisibleLayer, share: f64, n: usize) -> Vec<GridBox> {
    let e = layer.grid_extent();
    let side = share.sqrt();
    let mut dice = support::Dice::new(3);
    (0..n)
        .map(|_| {
            let mut b = GridBox::EMPTY;
            for axis in 0..2 {
                let length = f64::from(e.max[axis]) - f64::from(e.min[axis]);
                let start = f64::from(e.min[axis]) + dice.unit() * (1.0 - side) * length;
                b.min[axis] = start as i32;
                b.max[axis] = (start + side * length) as i32;
            }
            b
        })
        .collect()
}

fn index(c: &mut Criterion) {
    let folder = support::folder();
    let layer = support::visible(&support::addresses(&folder, 200_000));
    let mut group = c.benchmark_group("index");
    for share in [0.1, 0.01, 0.001, 0.000_1, 0.000_01] {
        let windows = windows(&layer, share, 64);
        group.bench_function(format!("window of {} %", share * 100.0), |b| {
            let mut next = windows.iter().cycle();
            b.iter(|| {
                let w = next.next().expect("a cycle");
                black_box(count(&layer, Some(std::slice::from_ref(w)), w))
            });
        });
    }
    group.sample_size(20);
    let w = windows(&layer, 0.000_1, 1)[0];
    group.bench_function("linear scan", |b| {
        b.iter(|| black_box(count(&layer, None, &w)));
    });
    group.finish();
    let _left = std::fs::remove_dir_all(folder);
}

criterion_group!(benches, index);
criterion_main!(benches);
