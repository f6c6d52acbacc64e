//! How fast files become layers, all steps included: read, project, clean, type, sort, pack, hash. See benches/README.md.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn ingest(c: &mut Criterion) {
    let folder = support::folder();
    let mut group = c.benchmark_group("ingest");
    group.sample_size(10);
    for (name, path, features) in [
        ("addresses", support::addresses(&folder, 100_000), 100_000),
        ("parcels", support::parcels(&folder, 200), 40_000),
    ] {
        group.throughput(Throughput::Elements(features));
        group.bench_function(name, |b| b.iter(|| support::load(&path)));
    }
    let flatgeobuf = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/parcelles.fgb");
    group.throughput(Throughput::Elements(3_000));
    group.bench_function("parcels, FlatGeobuf", |b| {
        b.iter(|| support::load(&flatgeobuf));
    });
    group.finish();
    let _left = std::fs::remove_dir_all(folder);
}

criterion_group!(benches, ingest);
criterion_main!(benches);
