//! All pairs of triangles on small lattices.

use super::*;
use crate::filter::ast::SpatialOp;
use crate::filter::spatial;

/// All triangles on a lattice of `side` × `side` vertices, positive.
fn triangles(side: i32) -> Vec<[GridPoint; 3]> {
    let points: Vec<GridPoint> = (0..side)
        .flat_map(|x| (0..side).map(move |y| [x, y]))
        .collect();
    let n = points.len();
    let mut out = Vec::new();
    for i in 0..n {
        for j in i + 1..n {
            for k in j + 1..n {
                let [a, b, c] = [points[i], points[j], points[k]];
                match side_of(a, b, c) {
                    0 => {}
                    1 => out.push([a, b, c]),
                    _ => out.push([a, c, b]),
                }
            }
        }
    }
    out
}

fn side_of(a: GridPoint, b: GridPoint, c: GridPoint) -> i8 {
    side(a, b, c)
}

/// The doubled area that two convex rings share, by cutting one at each line of the other.
fn shared_area(a: &[[f64; 2]], b: &[[f64; 2]]) -> f64 {
    let mut left = a.to_vec();
    for i in 0..b.len() {
        let (u, v) = (b[i], b[(i + 1) % b.len()]);
        let depth = |p: [f64; 2]| (v[0] - u[0]) * (p[1] - u[1]) - (v[1] - u[1]) * (p[0] - u[0]);
        let ring = std::mem::take(&mut left);
        for i in 0..ring.len() {
            let (p, q) = (ring[i], ring[(i + 1) % ring.len()]);
            let (dp, dq) = (depth(p), depth(q));
            if dp >= 0.0 {
                left.push(p);
            }
            if (dp > 0.0 && dq < 0.0) || (dp < 0.0 && dq > 0.0) {
                let t = dp / (dp - dq);
                left.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
            }
        }
    }
    (0..left.len())
        .map(|i| {
            let (p, q) = (left[i], left[(i + 1) % left.len()]);
            p[0] * q[1] - p[1] * q[0]
        })
        .sum()
}

/// What the relation of two areas is by DE-9IM, told without rounding elsewhere.
fn expected(row: &Stored, region: &Stored) -> Relation {
    let holds = |op| spatial::relate(op, &row.source(), &region.source()).expect("finite");
    if holds(SpatialOp::Disjoint) {
        Relation::Outside
    } else if holds(SpatialOp::Touches) {
        Relation::Touches
    } else if holds(SpatialOp::Within) || holds(SpatialOp::Equals) {
        Relation::Inside
    } else {
        Relation::Crosses
    }
}

/// A stored shape whose coordinates are those of the grid.
fn plain(ring: &[GridPoint]) -> Stored {
    let xy = ring.iter().chain(ring.first());
    Stored {
        kind: GeometryKind::Polygon,
        counts: vec![1, ring.len() as u32 + 1],
        xy: xy.map(|p| p.map(f64::from)).collect(),
        z: Vec::new(),
        m: Vec::new(),
    }
}

#[test]
fn relations_of_all_pairs_of_triangles() {
    let all = triangles(3);
    let mut scratch = Scratch::default();
    let mut seen = std::collections::BTreeMap::new();
    for b in &all {
        let region = Region::of_rings(vec![b.to_vec()]).prepare();
        let drawn = plain(b);
        for a in &all {
            let paths = GridPaths::uniform(PathKind::Ring, a, &[], &[], 0);
            let relation = scratch.relate(&region, &paths);
            assert_eq!(relation, expected(&plain(a), &drawn), "{a:?} {b:?}");
            *seen.entry(format!("{relation:?}")).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn cuts_of_all_pairs_of_triangles() {
    const SCALE: i32 = 1000;
    let all = triangles(3);
    let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
    let mut scratch = Scratch::default();
    for b in &all {
        let region = Region::of_rings(vec![b.map(|p| p.map(|v| v * SCALE)).to_vec()]);
        let prepared = region.prepare();
        for a in &all {
            let scaled = a.map(|p| p.map(|v| v * SCALE)).to_vec();
            let row = Stored::polygons(&vec![vec![scaled.clone()]]);
            let cut = scratch.cut(&prepared, &row.source(), &frame);
            check_cut(&cut, &region).unwrap_or_else(|e| panic!("{a:?} {b:?}: {e}"));
            let [fa, fb] = [a, b].map(|t| t.map(|p| p.map(|v| f64::from(v * SCALE))));
            let exact = shared_area(&fa, &fb);
            let area = left(&cut, doubled_area(&[scaled])) as f64;
            assert!(
                (area - exact).abs() <= 10_000.0,
                "{a:?} {b:?}: {area} instead of {exact}"
            );
            assert_eq!(cut == Cut::Nothing, exact < 1.0, "{a:?} {b:?}");
        }
    }
}

/// Without scale: every crossing is rounded by a good part of the shape.
#[test]
fn cuts_on_the_bare_lattice_stay_valid() {
    let all = triangles(4);
    let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
    let mut scratch = Scratch::default();
    let rows: Vec<Stored> = all
        .iter()
        .map(|a| Stored::polygons(&vec![vec![a.to_vec()]]))
        .collect();
    for (i, b) in all.iter().enumerate() {
        let region = Region::of_rings(vec![b.to_vec()]);
        let prepared = region.prepare();
        for row in rows.iter().skip(i % 3).step_by(3) {
            let cut = scratch.cut(&prepared, &row.source(), &frame);
            check_cut(&cut, &region).unwrap_or_else(|e| panic!("{row:?} {b:?}: {e}"));
            let shape = row.region();
            let ring = &shape.rings()[0];
            let paths = GridPaths::uniform(PathKind::Ring, ring, &[], &[], 0);
            match scratch.relate(&prepared, &paths) {
                Relation::Inside => assert_eq!(cut, Cut::Whole),
                Relation::Outside | Relation::Touches => assert_eq!(cut, Cut::Nothing),
                // What is thinner than the grid is gone.
                Relation::Crosses => assert_ne!(cut, Cut::Whole),
            }
        }
    }
}
