//! Against PROJ: the table that `tests/tools/make_proj_reference.py` wrote.

use crate::geometry::crs::{Crs, Support, Transform};
use std::collections::BTreeMap;

/// `lon`, `lat`, `x`, `y` of each point of a system.
type Rows = Vec<[f64; 4]>;

fn reference() -> BTreeMap<u32, Rows> {
    let mut table: BTreeMap<u32, Rows> = BTreeMap::new();
    for line in include_str!("../../../../tests/data/proj-reference.csv")
        .lines()
        .skip(1)
    {
        let (code, rest) = line.split_once(',').unwrap();
        let numbers: Vec<f64> = rest.split(',').map(|f| f.parse().unwrap()).collect();
        table
            .entry(code.parse().unwrap())
            .or_default()
            .push(numbers.try_into().unwrap());
    }
    table
}

/// Metres between two points of a system, generously for degrees and feet.
fn metres(crs: Crs, a: [f64; 2], b: [f64; 2]) -> f64 {
    let scale = if crs.is_geographic() { 111_320.0 } else { 1.0 };
    (a[0] - b[0]).hypot(a[1] - b[1]) * scale
}

/// The worst distance in metres of (forward, inverse) over the points of a system.
fn worst(crs: Crs, rows: &Rows) -> (f64, f64) {
    let mut there: Vec<[f64; 2]> = rows.iter().map(|r| [r[0], r[1]]).collect();
    let mut back: Vec<[f64; 2]> = rows.iter().map(|r| [r[2], r[3]]).collect();
    let forward = Transform::between(Crs::CRS84, crs).unwrap();
    let inverse = Transform::between(crs, Crs::CRS84).unwrap();
    forward.convert(&mut there).unwrap();
    inverse.convert(&mut back).unwrap();
    rows.iter()
        .zip(there.iter().zip(&back))
        .fold((0.0, 0.0), |(f, i), (row, (x, lon))| {
            let ahead = metres(crs, *x, [row[2], row[3]]);
            let behind = metres(Crs::CRS84, *lon, [row[0], row[1]]);
            assert!(ahead.is_finite() && behind.is_finite(), "{crs} {row:?}");
            (f64::max(f, ahead), f64::max(i, behind))
        })
}

#[test]
fn full_support_is_proj_within_a_hundredth_of_a_millimetre() {
    let table = reference();
    let mut tested = 0;
    for (code, rows) in &table {
        let crs = Crs::epsg(*code).unwrap();
        if crs.support() != Support::Full {
            continue;
        }
        assert!(rows.len() >= 5, "{crs} has {} points", rows.len());
        let (forward, inverse) = worst(crs, rows);
        assert!(forward <= 1e-5, "{crs}: {forward} m forward");
        assert!(inverse <= 1e-5, "{crs}: {inverse} m inverse");
        tested += 1;
    }
    // 4326, 4258, 4171, 3857, 2154, nine conic zones, eleven and 120 transverse ones.
    assert_eq!(tested, 5 + 9 + 11 + 120);
    let all = (0..=65_535).filter_map(|code| Crs::epsg(code).ok());
    let full = all.filter(|crs| crs.support() == Support::Full).count();
    assert_eq!(full, tested, "a system of full support has no reference");
}

#[test]
fn warned_systems_are_within_ten_metres_of_proj() {
    let table = reference();
    let mut tested = 0;
    for (code, rows) in &table {
        let crs = Crs::epsg(*code).unwrap();
        if crs.support() == Support::Warned {
            let (forward, inverse) = worst(crs, rows);
            assert!(
                forward <= 10.0 && inverse <= 10.0,
                "{crs}: {forward} m, {inverse} m"
            );
            tested += 1;
        }
    }
    assert_eq!(tested, 19);
}

#[test]
fn there_and_back_is_within_a_billionth_of_a_degree() {
    for (code, rows) in reference() {
        let crs = Crs::epsg(code).unwrap();
        if crs.support() != Support::Full {
            continue;
        }
        let start: Vec<[f64; 2]> = rows.iter().map(|r| [r[0], r[1]]).collect();
        let mut points = start.clone();
        for (from, to) in [(Crs::CRS84, crs), (crs, Crs::CRS84)] {
            Transform::between(from, to)
                .unwrap()
                .convert(&mut points)
                .unwrap();
        }
        for (a, b) in start.iter().zip(&points) {
            let off = f64::max((a[0] - b[0]).abs(), (a[1] - b[1]).abs());
            assert!(off <= 1e-9, "{crs} {a:?} came back as {b:?}");
        }
    }
}

#[test]
fn a_chain_is_its_two_halves() {
    let zone = Crs::epsg(32631).unwrap();
    let table = reference();
    let direct = Transform::between(Crs::LAMBERT_93, zone).unwrap();
    let through = [
        Transform::between(Crs::LAMBERT_93, Crs::CRS84).unwrap(),
        Transform::between(Crs::CRS84, zone).unwrap(),
    ];
    for row in &table[&2154] {
        let x = [row[2], row[3]];
        let halves = through[1].convert_point(through[0].convert_point(x).unwrap());
        let (a, b) = (direct.convert_point(x).unwrap(), halves.unwrap());
        assert!(metres(zone, a, b) < 1e-5, "{a:?} {b:?}");
    }
    let mercator = Transform::between(Crs::LAMBERT_93, Crs::WEB_MERCATOR).unwrap();
    // A point of the harbour of Marseille, by PROJ.
    let got = mercator.convert_point([893_000.0, 6_245_000.0]).unwrap();
    let expected = [598_515.055_772_855_8, 5_354_387.837_768_258_5];
    assert!(metres(Crs::WEB_MERCATOR, got, expected) < 1e-5, "{got:?}");
}

#[test]
fn null_transformations_change_nothing() {
    let degrees = [5.369_952_1, 43.296_482];
    for code in [4326, 4258, 4171] {
        let crs = Crs::epsg(code).unwrap();
        for (from, to) in [(Crs::CRS84, crs), (crs, Crs::CRS84H), (crs, crs)] {
            let transform = Transform::between(from, to).unwrap();
            assert!(transform.is_identity());
            assert_eq!(transform.convert_point(degrees), Some(degrees));
        }
    }
    assert!(
        !Transform::between(Crs::CRS84, Crs::WEB_MERCATOR)
            .unwrap()
            .is_identity()
    );
}
