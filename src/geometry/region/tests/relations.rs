//! Relations of shapes of all kinds, against ways to tell them that share nothing with the walk.

use super::*;
use crate::filter::ast::SpatialOp;
use crate::filter::spatial;
use proptest::prelude::*;

/// A star around the middle of a lattice: never crosses itself.
pub(super) fn star(side: i32) -> impl Strategy<Value = Vec<GridPoint>> {
    prop::collection::vec(0.15f64..1.0, 3..14).prop_map(move |radii| {
        let turn = std::f64::consts::TAU / radii.len() as f64;
        let mut ring: Vec<GridPoint> = Vec::new();
        for (i, r) in radii.iter().enumerate() {
            let half = f64::from(side) / 2.0;
            let (sin, cos) = (turn * i as f64).sin_cos();
            ring.push([half + half * r * cos, half + half * r * sin].map(|v| v.round() as i32));
        }
        ring.dedup();
        ring
    })
}

/// A region on a small lattice: some squares and a star, united.
pub(super) fn region(side: i32) -> impl Strategy<Value = Region> {
    let corner = 0..side;
    let squares = prop::collection::vec((corner.clone(), corner, 1..side / 2 + 1), 0..4);
    (squares, prop::option::of(star(side)))
        .prop_map(|(squares, star)| {
            let mut drawn: Drawn = squares
                .into_iter()
                .map(|(x, y, s)| vec![square(x, y, s)])
                .collect();
            drawn.extend(star.map(|ring| vec![ring]));
            let stored = Stored::polygons(&drawn);
            Region::of_geometry(&stored.source(), Crs::CRS84)
                .unwrap_or_else(|_| Region::of_rings(Vec::new()))
        })
        .prop_filter("no ground", |region| !region.is_empty())
}

fn plain(region: &Region) -> Stored {
    let mut counts = Vec::new();
    for ring in region.rings() {
        if ring_area(ring) > 0 {
            counts.push(0);
        }
        *counts.last_mut().expect("an exterior ring first") += 1;
    }
    let mut stored = Stored {
        kind: GeometryKind::MultiPolygon,
        counts: vec![counts.len() as u32],
        xy: Vec::new(),
        z: Vec::new(),
        m: Vec::new(),
    };
    let mut rings = region.rings().iter();
    for count in counts {
        stored.counts.push(count);
        for ring in rings.by_ref().take(count as usize) {
            stored.counts.push(ring.len() as u32 + 1);
            let closed = ring.iter().chain(ring.first());
            stored.xy.extend(closed.map(|p| p.map(f64::from)));
        }
    }
    stored
}

/// A line whose vertices have the coordinates of the grid.
fn line(points: &[GridPoint]) -> Stored {
    Stored {
        kind: GeometryKind::LineString,
        counts: vec![points.len() as u32],
        xy: points.iter().map(|p| p.map(f64::from)).collect(),
        z: Vec::new(),
        m: Vec::new(),
    }
}

fn paths_of(region: &Region) -> (Vec<GridPoint>, Vec<u32>) {
    let mut end = 0;
    let ends = region.rings().iter().map(|ring| {
        end += ring.len() as u32;
        end
    });
    (region.rings().concat(), ends.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn of_areas(a in region(9), b in region(9)) {
        let (xy, ends) = paths_of(&a);
        let paths = GridPaths::uniform(PathKind::Ring, &xy, &[], &ends, 0);
        let relation = Scratch::default().relate(&b.prepare(), &paths);
        let holds = |op| spatial::relate(op, &plain(&a).source(), &plain(&b).source()).expect("finite");
        let expected = if holds(SpatialOp::Disjoint) {
            Relation::Outside
        } else if holds(SpatialOp::Touches) {
            Relation::Touches
        } else if holds(SpatialOp::Within) {
            Relation::Inside
        } else {
            Relation::Crosses
        };
        prop_assert_eq!(relation, expected);
    }

    #[test]
    fn of_lines(points in prop::collection::vec((0i32..9, 0i32..9), 2..5), b in region(9)) {
        let mut points: Vec<GridPoint> = points.into_iter().map(|(x, y)| [x, y]).collect();
        points.dedup();
        prop_assume!(points.len() > 1);
        let paths = GridPaths::uniform(PathKind::Line, &points, &[], &[], 0);
        let relation = Scratch::default().relate(&b.prepare(), &paths);
        // Edge by edge: within, along the border, apart from it, or some of each.
        let region = plain(&b);
        let holds = |op, row: &Stored| spatial::relate(op, &row.source(), &region.source()).expect("finite");
        let disjoint = holds(SpatialOp::Disjoint, &line(&points));
        // Interiors of lattice edges are sampled densely: a place inside of R and one outside decide.
        let (mut inside, mut outside) = (false, false);
        for pair in points.windows(2) {
            // No two places where edges of a lattice of 9 meet are closer than 1/300 of an edge; no sample hits one.
            let n = 1511;
            for i in 0..n {
                let t = (f64::from(i) + 0.414_213_562) / f64::from(n);
                let p = [0, 1].map(|k| f64::from(pair[0][k]) + t * f64::from(pair[1][k] - pair[0][k]));
                let (held, on_border) = holds_place(&b, p);
                inside |= held || on_border;
                outside |= !held && !on_border;
            }
        }
        let expected = match (inside, outside) {
            (_, false) => Relation::Inside,
            (true, true) => Relation::Crosses,
            (false, true) if disjoint => Relation::Outside,
            (false, true) => Relation::Touches,
        };
        prop_assert_eq!(relation, expected);
    }

    #[test]
    fn of_points_and_boxes(x in -2i32..12, y in -2i32..12, w in 0i32..6, h in 0i32..6, b in region(9)) {
        let prepared = b.prepare();
        let p = [x, y];
        let (held, on_border) = holds_place(&b, p.map(f64::from));
        prop_assert_eq!(prepared.contains_point(p), held || on_border);
        let around = GridBox { min: p, max: [x + w, y + h] };
        // What the box says of all points in it, also of those between the vertices.
        let place = prepared.classify_box(&around);
        for i in 0..=2 * w {
            for j in 0..=2 * h {
                let q = [f64::from(x) + f64::from(i) / 2.0, f64::from(y) + f64::from(j) / 2.0];
                let (held, on_border) = holds_place(&b, q);
                match place {
                    BoxPlace::Inside => prop_assert!(held || on_border),
                    BoxPlace::Outside => prop_assert!(!held && !on_border),
                    BoxPlace::Maybe => {}
                }
            }
        }
    }
}

/// Whether a place lies in the region, and whether on its border (within what doubles lose).
fn holds_place(region: &Region, p: [f64; 2]) -> (bool, bool) {
    let (mut odd, mut on_border) = (false, false);
    for ring in region.rings() {
        for i in 0..ring.len() {
            let [a, b] = [ring[i], ring[(i + 1) % ring.len()]].map(|q| q.map(f64::from));
            let cross = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
            let within =
                (0..2).all(|k| a[k].min(b[k]) - 1e-9 <= p[k] && p[k] <= a[k].max(b[k]) + 1e-9);
            on_border |= cross.abs() < 1e-9 && within;
            if (a[1] > p[1]) != (b[1] > p[1]) {
                odd ^= p[0] < a[0] + (p[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            }
        }
    }
    (odd, on_border)
}

#[test]
fn an_empty_region_holds_nothing() {
    let nothing = Region::of_rings(Vec::new());
    let prepared = nothing.prepare();
    let p = [[3, 4]];
    let paths = GridPaths::uniform(PathKind::Points, &p, &[], &[], 0);
    assert_eq!(
        Scratch::default().relate(&prepared, &paths),
        Relation::Outside
    );
    assert!(!prepared.contains_point([0, 0]));
    assert_eq!(
        Scratch::default().relate(&prepared, &GridPaths::EMPTY),
        Relation::Outside
    );
    let row = Stored::polygons(&vec![vec![square(0, 0, 5)]]);
    assert_eq!(row.cut(&nothing), Cut::Nothing);
}

#[test]
fn a_line_along_the_border_is_inside_and_its_ends_alone_touch() {
    let region = Region::of_rings(vec![square(0, 0, 10)]).prepare();
    let relate = |line: &[GridPoint]| {
        let paths = GridPaths::uniform(PathKind::Line, line, &[], &[], 0);
        Scratch::default().relate(&region, &paths)
    };
    assert_eq!(relate(&[[2, 0], [7, 0]]), Relation::Inside);
    assert_eq!(relate(&[[2, 0], [17, 0]]), Relation::Crosses);
    assert_eq!(relate(&[[10, 5], [17, 5]]), Relation::Touches);
    assert_eq!(relate(&[[5, -5], [15, 5]]), Relation::Touches);
    assert_eq!(relate(&[[11, 5], [17, 5]]), Relation::Outside);
}

#[test]
fn shapes_as_wide_as_the_grid() {
    let (lo, hi) = (i32::MIN, i32::MAX);
    let all = [[lo, lo], [hi, lo], [hi, hi], [lo, hi]];
    let everything = Region::of_rings(vec![all.to_vec()]);
    let island = Region::of_rings(vec![square(-7, -7, 14)]);
    let paths = GridPaths::uniform(PathKind::Ring, &all, &[], &[], 0);
    let relate = |region: &Region| Scratch::default().relate(&region.prepare(), &paths);
    assert_eq!(relate(&everything), Relation::Inside);
    assert_eq!(relate(&island), Relation::Crosses);
    let both = everything.intersection(&island.prepare()).expect("simple");
    assert_eq!(both, island);
    // Two wedges over the whole range, one of them cut by the other at every scale of numbers.
    let wedge = Region::of_rings(vec![vec![[lo, lo], [hi, 1], [hi, 3]]]);
    let other = Region::of_rings(vec![vec![[lo, hi], [-1, lo], [1, lo], [lo + 5, hi]]]);
    let met = wedge.intersection(&other.prepare()).expect("simple");
    check_valid(met.rings()).expect("valid");
}
