//! Points that are outside of what a system can express: flagged, never a panic, never half a NaN.

use crate::geometry::crs::{Crs, Transform};
use proptest::prelude::*;

fn transform(from: u32, to: u32) -> Transform {
    Transform::between(Crs::epsg(from).unwrap(), Crs::epsg(to).unwrap()).unwrap()
}

#[test]
fn the_rest_of_the_slice_is_converted() {
    let to_mercator = Transform::between(Crs::CRS84, Crs::WEB_MERCATOR).unwrap();
    let mut points = [
        [0.0, 0.0],
        [0.0, 90.0],
        [0.0, -90.0],
        [0.0, 91.0],
        [f64::NAN, 1.0],
        [1.0, f64::NAN],
        [f64::INFINITY, 0.0],
        [0.0, f64::NEG_INFINITY],
        [361.0, 0.0],
        [180.0, 0.0],
    ];
    let error = to_mercator.convert(&mut points).unwrap_err();
    assert_eq!((error.count, error.first), (6, 3));
    assert_eq!(points[0], [0.0, 0.0]);
    // The tangent of the nearest number to a right angle is finite: the poles are where PROJ has them.
    assert!((points[1][1] - 242_528_680.943_7).abs() < 1e-3 && points[2][1] == -points[1][1]);
    for p in &points[3..9] {
        assert!(p[0].is_nan() && p[1].is_nan(), "{p:?}");
    }
    assert!((points[9][0] - 20_037_508.342_789_244).abs() < 1e-8);
    assert!(error.to_string().contains("6 point(s)"));
}

#[test]
fn an_identity_flags_what_is_no_coordinate() {
    let identity = Transform::between(Crs::WGS84, Crs::CRS84).unwrap();
    let mut points = [[5.0, 43.0], [43.0, 95.0], [f64::NAN, 0.0], [180.0, 90.0]];
    assert_eq!(identity.convert(&mut points).unwrap_err().count, 2);
    assert_eq!((points[0], points[3]), ([5.0, 43.0], [180.0, 90.0]));
    assert!(points[1][0].is_nan() && points[2][1].is_nan());
    let same = transform(2154, 2154);
    assert_eq!(
        same.convert_point([652_000.1, 6_862_000.7]),
        Some([652_000.1, 6_862_000.7])
    );
    assert_eq!(same.convert_point([f64::INFINITY, 0.0]), None);
}

#[test]
fn lambert_93_far_from_france() {
    let to_l93 = transform(4326, 2154);
    // La Réunion: far outside the area of use, yet the cone reaches it. PROJ gives the same.
    let [x, y] = to_l93.convert_point([55.5, -21.1]).unwrap();
    assert!((x - 10_216_072.598_434_623).hypot(y - 516_874.951_508_393_5) < 1e-4);
    assert!(!Crs::LAMBERT_93.domain().unwrap().contains([55.5, -21.1]));
    // The cone's edge lies at infinity, its tip does not.
    assert_eq!(to_l93.convert_point([0.0, -90.0]), None);
    assert!(to_l93.convert_point([0.0, 90.0]).is_some());
    // Degrees in a file said to be in metres come out far from the domain, as a reader can tell.
    let lost = transform(2154, 4326).convert_point([2.35, 48.85]).unwrap();
    assert!(!Crs::LAMBERT_93.domain().unwrap().contains(lost));
    assert_eq!(transform(2154, 4326).convert_point([1e30, 1e30]), None);
}

#[test]
fn shapes_across_the_antimeridian_stay_whole() {
    // Zone 60: its central meridian is 177, so that 900 km east of it lie beyond 180.
    let [lon, _] = transform(32760, 4326)
        .convert_point([1_000_000.0, 8_000_000.0])
        .unwrap();
    assert!(lon > 180.0 && lon < 183.0, "{lon}");
    let [lon, _] = transform(3857, 4326)
        .convert_point([20_100_000.0, 0.0])
        .unwrap();
    assert!(lon > 180.0 && lon < 181.0, "{lon}");
    // On the way in, either writing of a longitude means the same place.
    let zone = transform(4326, 32760);
    let (a, b) = (
        zone.convert_point([181.0, -18.0]).unwrap(),
        zone.convert_point([-179.0, -18.0]).unwrap(),
    );
    assert!((a[0] - b[0]).hypot(a[1] - b[1]) < 1e-6);
}

#[test]
fn no_points_no_error() {
    assert_eq!(transform(2154, 3857).convert(&mut []), Ok(()));
}

#[test]
fn a_transform_is_shared_by_threads() {
    let shared = transform(2154, 4326);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| {
                let mine = shared.clone();
                scope.spawn(move || mine.convert_point([652_000.0, 6_862_000.0]))
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|a| a.is_some() && *a == answers[0]));
}

fn any_ordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -400.0..400.0,
        -3e7..3e7,
        prop_oneof![
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(90.0),
            Just(-90.0),
            Just(180.0),
            Just(-0.0)
        ],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever comes in, of whatever system: both ordinates are finite or both are NaN, and the count is that of the NaN pairs.
    #[test]
    fn nothing_escapes(code in 2000u32..32_800, x in any_ordinate(), y in any_ordinate()) {
        let Ok(crs) = Crs::epsg(code) else { return Ok(()) };
        for (from, to) in [(crs, Crs::CRS84), (Crs::CRS84, crs), (crs, Crs::WEB_MERCATOR), (crs, Crs::LAMBERT_93)] {
            let mut points = [[x, y]];
            let outcome = Transform::between(from, to).unwrap().convert(&mut points);
            let [[a, b]] = points;
            prop_assert!(a.is_finite() && b.is_finite() || a.is_nan() && b.is_nan(), "{from}→{to} {x} {y}: {a} {b}");
            prop_assert_eq!(outcome.is_err(), a.is_nan());
        }
    }
}

/// The same over every code of the table, on points that strain projections: poles, antimeridian, origin, far away.
#[test]
fn nothing_escapes_any_system() {
    let degrees: Vec<[f64; 2]> = [-180.0, -90.0, 0.0, 1e-12, 89.999, 180.0, 359.0]
        .iter()
        .flat_map(|lon| [-90.0, -89.999, 0.0, 45.0, 90.0].map(|lat| [*lon, lat]))
        .collect();
    let plane: Vec<[f64; 2]> = [-1e9, -2e7, 0.0, 5e5, 1e8]
        .iter()
        .flat_map(|x| [-1e9, -1e7, 0.0, 6.6e6, 3e7].map(|y| [*x, y]))
        .collect();
    for crs in (0..=65_535).filter_map(|code| Crs::epsg(code).ok()) {
        for (from, to, points) in [(Crs::CRS84, crs, &degrees), (crs, Crs::CRS84, &plane)] {
            let mut points = points.clone();
            let outcome = Transform::between(from, to).unwrap().convert(&mut points);
            let rejected = points
                .iter()
                .filter(|p| p[0].is_nan() && p[1].is_nan())
                .count();
            let whole = points
                .iter()
                .filter(|p| p[0].is_finite() && p[1].is_finite())
                .count();
            assert_eq!(rejected + whole, points.len(), "{from}→{to}");
            assert_eq!(
                outcome.err().map_or(0, |e| e.count),
                rejected,
                "{from}→{to}"
            );
        }
    }
}
