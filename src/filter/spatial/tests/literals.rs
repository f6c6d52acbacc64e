//! Prepared literals: boxes on the grid never contradict vertices, boxes of filters select what `bbox` selects, NULL.

use proptest::prelude::*;

use super::wkt;
use crate::filter::ast::SpatialOp;
use crate::filter::fault::FaultKind;
use crate::filter::spatial::{Prepared, Scratch, relate};
use crate::filter::{BboxLiteral, Shape};
use crate::geometry::box_search::{BoxCorners, BoxSearch};
use crate::geometry::crs::{Crs, Transform};
use crate::geometry::grid::{self, GridBox};
use crate::geometry::source::GeometryKind;

fn crs(code: u32) -> Crs {
    if code == 84 {
        Crs::CRS84
    } else {
        Crs::epsg(code).expect("known")
    }
}

/// The box of a row on the world grid, as it is computed when a row is read.
fn on_grid(row: &Shape, storage: Crs) -> Option<GridBox> {
    let mut xy = row.xy.clone();
    Transform::between(storage, Crs::CRS84)
        .expect("known")
        .convert(&mut xy)
        .ok()?;
    let places: Vec<_> = xy
        .iter()
        .map(|[lon, lat]| grid::from_lonlat(*lon, *lat))
        .collect();
    Some(GridBox::around(&places))
}

fn moved(shape: &Shape, from: Crs, to: Crs) -> Option<Shape> {
    let mut shape = shape.clone();
    Transform::between(from, to)
        .expect("known")
        .convert(&mut shape.xy)
        .ok()?;
    Some(shape)
}

/// A star of that many points around a place.
fn star(center: [f64; 2], reach: f64, radii: &[f64], kind: GeometryKind) -> Shape {
    let n = radii.len();
    let mut xy: Vec<[f64; 2]> = radii
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let angle = std::f64::consts::TAU * i as f64 / n as f64;
            [
                center[0] + reach * r * angle.cos(),
                (center[1] + reach * r * angle.sin()).clamp(-90.0, 90.0),
            ]
        })
        .collect();
    let counts = match kind {
        GeometryKind::Polygon => {
            xy.push(xy[0]);
            vec![1, n as u32 + 1]
        }
        _ => vec![n as u32],
    };
    Shape {
        kind,
        counts,
        xy,
        z: Vec::new(),
    }
}

fn any_star(
    lon: std::ops::Range<f64>,
    lat: std::ops::Range<f64>,
    reach: std::ops::Range<f64>,
    most: usize,
) -> impl Strategy<Value = Shape> {
    let kinds = prop::sample::select(vec![
        GeometryKind::Polygon,
        GeometryKind::Polygon,
        GeometryKind::LineString,
        GeometryKind::MultiPoint,
    ]);
    let radii = prop::collection::vec(0.2f64..1.0, 3..most);
    (lon, lat, reach, radii, kinds)
        .prop_map(|(lon, lat, reach, radii, kind)| star([lon, lat], reach, &radii, kind))
}

/// Compares the quick answers of a literal with its exact ones. Gives how many there were of each kind: apart, inside, open.
fn agree(
    literal: &Shape,
    frame: Crs,
    rows: &[Shape],
    storage: Crs,
    windows_too: bool,
) -> Result<[usize; 3], TestCaseError> {
    let Some(literal) = moved(literal, Crs::CRS84, frame) else {
        return Ok([0; 3]);
    };
    let prepared = Prepared::of_shape(&literal, frame, storage).expect("a literal");
    let mut scratch = Scratch::default();
    let mut counts = [0; 3];
    for row in rows
        .iter()
        .filter_map(|row| moved(row, Crs::CRS84, storage))
    {
        let Some(bbox) = on_grid(&row, storage) else {
            continue;
        };
        let in_frame = moved(&row, storage, frame);
        for op in SpatialOp::ALL {
            let exact = prepared.holds(*op, &row.as_source(), &mut scratch);
            prop_assert_eq!(exact.is_some(), in_frame.is_some());
            if let Some(exact) = exact {
                if let Some(quick) = prepared.quick(*op, &bbox) {
                    prop_assert_eq!(quick, exact, "{:?} {:?} {:?}", op, row, bbox);
                }
                if let Some(quick) = prepared.quick(op.reversed(), &bbox) {
                    prop_assert_eq!(
                        Some(quick),
                        prepared.holds(op.reversed(), &row.as_source(), &mut scratch)
                    );
                }
                if let Some(in_frame) = in_frame
                    .as_ref()
                    .filter(|_| storage == frame && literal.xy.len() < 50)
                {
                    prop_assert_eq!(
                        relate(*op, &in_frame.as_source(), &literal.as_source()),
                        Some(exact)
                    );
                }
                if let (SpatialOp::Intersects, true, true, Some(windows)) =
                    (op, exact, windows_too, prepared.windows())
                {
                    prop_assert!(
                        windows.iter().any(|w| w.intersects(&bbox)),
                        "{:?} {:?}",
                        row,
                        bbox
                    );
                }
            }
        }
        let kind = match prepared.quick(SpatialOp::Intersects, &bbox) {
            Some(false) => 0,
            Some(true) => 1,
            None => 2,
        };
        counts[kind] += 1;
    }
    Ok(counts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Rows of the size of parcels and of towns around literals of the size of towns and of regions.
    #[test]
    fn boxes_never_contradict_vertices(
        literal in any_star(4.0..6.0, 43.0..45.0, 0.01..0.5, 40),
        rows in prop::collection::vec(any_star(3.8..6.2, 42.8..45.2, 0.0001..0.1, 8), 30),
        frame in prop::sample::select(vec![84, 3857, 2154, 3035, 4275, 32631]),
        storage in prop::sample::select(vec![84, 2154, 3857]),
    ) {
        agree(&literal, crs(frame), &rows, crs(storage), true)?;
    }

    /// Shapes as large as continents, across the antimeridian and at the poles. (Not in degrees of another datum: longitudes are wrapped
    /// there, which tears shapes beyond 180 to pieces; their boxes on the grid know better.)
    #[test]
    fn boxes_never_contradict_vertices_anywhere(
        literal in any_star(-190.0..190.0, -90.0..90.0, 1.0..60.0, 40),
        rows in prop::collection::vec(any_star(-200.0..200.0, -90.0..90.0, 0.1..40.0, 8), 30),
        frame in prop::sample::select(vec![84, 3857, 4326, 4258]),
    ) {
        agree(&literal, crs(frame), &rows, Crs::CRS84, true)?;
    }

    /// Long edges, straight in a plane, are far from straight on the grid.
    #[test]
    fn boxes_never_contradict_long_edges(
        literal in any_star(-5.0..15.0, 40.0..55.0, 0.5..8.0, 20),
        rows in prop::collection::vec(any_star(-10.0..20.0, 38.0..58.0, 0.2..8.0, 6), 30),
        frame in prop::sample::select(vec![2154, 3035, 25832, 3857]),
        storage in prop::sample::select(vec![84, 3035]),
    ) {
        agree(&literal, crs(frame), &rows, crs(storage), false)?;
    }

    /// A box selects with `Intersects` what it selects as `bbox`, and in the plane what its rectangle meets.
    #[test]
    fn boxes_select_what_bbox_selects(
        west in -180.0..180.0f64, south in -90.0..80.0f64, width in 0.0..100.0f64, height in 0.0..40.0f64,
        rows in prop::collection::vec(any_star(-190.0..190.0, -90.0..90.0, 0.1..40.0, 8), 30),
    ) {
        let (low, high) = ([west, south], [if west + width > 180.0 { west + width - 360.0 } else { west + width }, (south + height).min(90.0)]);
        let frame = Crs::CRS84;
        let prepared = Prepared::of_bbox(&BboxLiteral { low, high, heights: None }, frame, frame).expect("a box");
        let search = BoxSearch::new(BoxCorners { low, high, heights: None }, frame, frame).expect("a box");
        prop_assert_eq!(prepared.windows(), search.windows());
        let (mut scratch, mut xy) = (Scratch::default(), Vec::new());
        for row in &rows {
            let bbox = on_grid(row, frame).expect("on Earth");
            let expected = search.meets(&row.as_source(), &mut xy).expect("known");
            let quick = prepared.quick(SpatialOp::Intersects, &bbox);
            prop_assert!(quick.is_none_or(|quick| quick == expected));
            prop_assert_eq!(prepared.holds(SpatialOp::Intersects, &row.as_source(), &mut scratch), Some(expected));
            prop_assert_eq!(prepared.holds(SpatialOp::Disjoint, &row.as_source(), &mut scratch), Some(!expected));
            let worlds = [-360.0, 0.0, 360.0].map(|by| {
                let east = if low[0] > high[0] { high[0] + 360.0 } else { high[0] };
                let [x0, x1] = [low[0] + by, east + by];
                let text = format!("POLYGON(({x0:?} {y0:?},{x1:?} {y0:?},{x1:?} {y1:?},{x0:?} {y1:?}))", y0 = low[1], y1 = high[1]);
                relate(SpatialOp::Intersects, &row.as_source(), &wkt(&text).as_source()).expect("finite")
            });
            prop_assert_eq!(worlds.contains(&true), expected, "{:?}", worlds);
            for op in SpatialOp::ALL {
                let exact = prepared.holds(*op, &row.as_source(), &mut scratch);
                prop_assert!(prepared.quick(*op, &bbox).is_none_or(|quick| Some(quick) == exact), "{:?}", op);
            }
        }
    }
}

/// Most rows are settled by their boxes, or the tests above would tell little.
#[test]
fn boxes_settle_most_rows() {
    let radii: Vec<f64> = (0..1000).map(|i| 0.9 + 0.1 * f64::from(i).sin()).collect();
    let literal = star([5.0, 44.0], 0.2, &radii, GeometryKind::Polygon);
    let rows: Vec<Shape> = (0..2500)
        .map(|i| {
            star(
                [
                    4.7 + 0.6 * f64::from(i % 50) / 50.0,
                    43.7 + 0.6 * f64::from(i / 50) / 50.0,
                ],
                0.0005,
                &[1.0; 4],
                GeometryKind::Polygon,
            )
        })
        .collect();
    for frame in [84, 3857, 2154, 3035, 32631] {
        let [apart, inside, open] =
            agree(&literal, crs(frame), &rows, Crs::CRS84, true).expect("they agree");
        assert!(
            apart > 1500 && inside > 550 && open < 250,
            "{frame}: {apart} {inside} {open}"
        );
    }
}

/// Parts far from each other are looked for apart.
#[test]
fn overseas_parts_have_windows_of_their_own() {
    let square = |x: f64, y: f64| {
        format!(
            "(({x} {y},{} {y},{} {},{x} {y}))",
            x + 1.0,
            x + 1.0,
            y + 1.0
        )
    };
    let places = [
        [2.0, 46.0],
        [4.0, 45.0],
        [9.0, 42.0],
        [55.0, -21.0],
        [-53.0, 4.0],
        [165.0, -22.0],
    ];
    let text: Vec<String> = places.iter().map(|[x, y]| square(*x, *y)).collect();
    let literal = wkt(&format!("MULTIPOLYGON({})", text.join(",")));
    let prepared = Prepared::of_shape(&literal, Crs::CRS84, Crs::CRS84).expect("a literal");
    let windows = prepared.windows().expect("windows");
    assert!((12..=24).contains(&windows.len()), "{windows:?}");
    let dot = |lon, lat| {
        let p = grid::from_lonlat(lon, lat);
        GridBox { min: p, max: p }
    };
    let met = |b: GridBox| windows.iter().any(|w| w.intersects(&b));
    assert!(met(dot(55.5, -20.5)) && met(dot(2.5, 46.2)));
    assert!(!met(dot(30.0, 10.0)) && !met(dot(0.0, 0.0)));
    assert_eq!(
        prepared.quick(SpatialOp::Within, &dot(55.7, -20.8)),
        Some(true)
    );
    let islands: Vec<String> = (0..500)
        .map(|i| square(f64::from(i % 25) * 3.0, f64::from(i / 25) * 3.0))
        .collect();
    let many = wkt(&format!("MULTIPOLYGON({})", islands.join(",")));
    let prepared = Prepared::of_shape(&many, Crs::CRS84, Crs::CRS84).expect("a literal");
    assert!(prepared.windows().expect("windows").len() <= 24);
}

/// Relations but `Intersects` and `Disjoint` see a box across the antimeridian as two rectangles.
#[test]
fn boxes_across_the_antimeridian() {
    let bbox = BboxLiteral {
        low: [170.0, -10.0],
        high: [-170.0, 10.0],
        heights: None,
    };
    let prepared = Prepared::of_bbox(&bbox, Crs::CRS84, Crs::CRS84).expect("a box");
    let mut scratch = Scratch::default();
    let mut holds = |op, text| prepared.holds(op, &wkt(text).as_source(), &mut scratch);
    for (text, intersects, within) in [
        ("POINT(175 0)", true, true),
        ("POINT(-175 0)", true, true),
        ("POINT(0 0)", false, false),
        ("MULTIPOINT(175 0,-175 0)", true, true),
        ("LINESTRING(175 0,-175 0)", true, false),
        ("LINESTRING(175 0,185 0)", true, false),
        ("POINT(185 0)", true, false),
        ("POLYGON((170 -10,180 -10,180 10,170 10))", true, true),
    ] {
        assert_eq!(
            holds(SpatialOp::Intersects, text),
            Some(intersects),
            "{text}"
        );
        assert_eq!(
            holds(SpatialOp::Disjoint, text),
            Some(!intersects),
            "{text}"
        );
        assert_eq!(holds(SpatialOp::Within, text), Some(within), "{text}");
    }
    assert_eq!(
        prepared.holds(
            SpatialOp::Contains.reversed(),
            &wkt("POINT(175 0)").as_source(),
            &mut scratch
        ),
        Some(true)
    );
}

/// A box without width is a line, one without any extent a point.
#[test]
fn boxes_without_extent() {
    let of = |low, high| {
        Prepared::of_bbox(
            &BboxLiteral {
                low,
                high,
                heights: None,
            },
            Crs::CRS84,
            Crs::CRS84,
        )
        .expect("a box")
    };
    let mut scratch = Scratch::default();
    let square = wkt("POLYGON((0 0,4 0,4 4,0 4,0 0))");
    let line = of([1.0, 1.0], [1.0, 6.0]);
    assert_eq!(
        line.holds(SpatialOp::Crosses, &square.as_source(), &mut scratch),
        Some(true)
    );
    assert_eq!(
        line.holds(
            SpatialOp::Within,
            &wkt("POINT(1 2)").as_source(),
            &mut scratch
        ),
        Some(true)
    );
    assert_eq!(
        line.holds(
            SpatialOp::Touches,
            &wkt("POINT(1 1)").as_source(),
            &mut scratch
        ),
        Some(true)
    );
    let point = of([2.0, 2.0], [2.0, 2.0]);
    assert_eq!(
        point.holds(
            SpatialOp::Equals,
            &wkt("POINT(2 2)").as_source(),
            &mut scratch
        ),
        Some(true)
    );
    assert_eq!(
        point.holds(SpatialOp::Contains, &square.as_source(), &mut scratch),
        Some(true)
    );
}

#[test]
fn heights_count_for_intersects_alone() {
    let bbox = BboxLiteral {
        low: [0.0, 0.0],
        high: [4.0, 4.0],
        heights: Some([10.0, 20.0]),
    };
    let prepared = Prepared::of_bbox(&bbox, Crs::CRS84H, Crs::CRS84).expect("a box");
    let mut scratch = Scratch::default();
    let mut point = wkt("POINT(1 1)");
    for (z, met) in [(15.0, true), (30.0, false)] {
        point.z = vec![z];
        let bbox = on_grid(&point, Crs::CRS84).expect("on Earth");
        assert_eq!(prepared.quick(SpatialOp::Intersects, &bbox), None);
        assert_eq!(
            prepared.holds(SpatialOp::Intersects, &point.as_source(), &mut scratch),
            Some(met)
        );
        assert_eq!(
            prepared.holds(SpatialOp::Disjoint, &point.as_source(), &mut scratch),
            Some(!met)
        );
        assert_eq!(
            prepared.holds(SpatialOp::Within, &point.as_source(), &mut scratch),
            Some(true)
        );
    }
}

/// What cannot be computed is NULL, neither true nor false.
#[test]
fn vertices_without_a_place() {
    let literal = moved(
        &wkt("POLYGON((2 46,3 46,3 47,2 47,2 46))"),
        Crs::CRS84,
        Crs::epsg(32631).expect("known"),
    )
    .expect("in the zone");
    let prepared = Prepared::of_shape(&literal, Crs::epsg(32631).expect("known"), Crs::CRS84)
        .expect("a literal");
    let mut scratch = Scratch::default();
    let row = wkt("LINESTRING(2.5 46.5,2.5 100)");
    for op in SpatialOp::ALL {
        assert_eq!(prepared.holds(*op, &row.as_source(), &mut scratch), None);
    }
    for bad in [f64::NAN, f64::INFINITY, 1e300] {
        let mut row = wkt("LINESTRING(2 46,3 47)");
        row.xy[1][0] = bad;
        let prepared =
            Prepared::of_shape(&wkt("POINT(2 46)"), Crs::CRS84, Crs::CRS84).expect("a literal");
        for op in SpatialOp::ALL {
            assert_eq!(prepared.holds(*op, &row.as_source(), &mut scratch), None);
            assert_eq!(relate(*op, &row.as_source(), &row.as_source()), None);
        }
    }
    // Of a box it is enough that another part of the row meets it.
    let bbox = BboxLiteral {
        low: [400_000.0, 5_000_000.0],
        high: [500_000.0, 5_200_000.0],
        heights: None,
    };
    let prepared =
        Prepared::of_bbox(&bbox, Crs::epsg(32631).expect("known"), Crs::CRS84).expect("a box");
    let mut holds =
        |text| prepared.holds(SpatialOp::Intersects, &wkt(text).as_source(), &mut scratch);
    assert_eq!(holds("MULTIPOINT(2.5 46.5,2.5 100)"), Some(true));
    assert_eq!(holds("MULTIPOINT(2.5 10,2.5 100)"), None);
    assert_eq!(holds("MULTIPOINT(2.5 10,2.5 20)"), Some(false));
}

#[test]
fn faults_of_literals() {
    let lat_first = Crs::epsg(4326).expect("known");
    let shape = |text| Prepared::of_shape(&wkt(text), lat_first, Crs::CRS84).map(|_| ());
    assert_eq!(
        shape("POINT(5 91)"),
        Err(FaultKind::OutOfCrs("91 5".into()))
    );
    assert_eq!(
        shape("POINT(400 5)"),
        Err(FaultKind::OutOfCrs("5 400".into()))
    );
    let bbox = |low, high, heights, frame| {
        Prepared::of_bbox(&BboxLiteral { low, high, heights }, frame, Crs::CRS84).map(|_| ())
    };
    assert_eq!(
        bbox([0.0, 0.0], [1.0, 91.0], None, lat_first),
        Err(FaultKind::OutOfCrs("91".into()))
    );
    assert_eq!(
        bbox([0.0, 2.0], [1.0, 1.0], None, lat_first),
        Err(FaultKind::BoxOrder(1))
    );
    assert_eq!(
        bbox([0.0, 2.0], [1.0, 1.0], None, Crs::CRS84),
        Err(FaultKind::BoxOrder(2))
    );
    assert_eq!(
        bbox([2.0, 0.0], [1.0, 1.0], None, Crs::LAMBERT_93),
        Err(FaultKind::BoxOrder(1))
    );
    assert_eq!(
        bbox([0.0, 0.0], [1.0, 1.0], Some([2.0, 1.0]), lat_first),
        Err(FaultKind::BoxOrder(3))
    );
}

/// An empty literal meets nothing: no row has to be looked at.
#[test]
fn empty_literals() {
    let prepared =
        Prepared::of_shape(&wkt("POLYGON()"), Crs::CRS84, Crs::CRS84).expect("a literal");
    assert_eq!(prepared.windows(), Some(&[][..]));
    let bbox = GridBox {
        min: [0, 0],
        max: [9, 9],
    };
    assert_eq!(prepared.quick(SpatialOp::Disjoint, &bbox), Some(true));
    assert_eq!(prepared.quick(SpatialOp::Equals, &bbox), Some(false));
}
