use super::*;
use geo::Validation;
use proptest::prelude::*;

/// Rings in the order of paths, turned as their role demands (`true` = hole).
fn check(rings: &[(bool, &[GridPoint])]) -> Result<(), Fault> {
    let (mut xy, mut ends) = (Vec::new(), Vec::new());
    for (hole, ring) in rings {
        let mut ring = ring.to_vec();
        if (ring_area(&ring) < 0) != *hole {
            ring.reverse();
        }
        xy.extend(ring);
        ends.push(xy.len() as u32);
    }
    Validity::default().check(&xy, &ends)
}

fn square(x: i32, y: i32, side: i32) -> [GridPoint; 4] {
    [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
}

#[test]
fn single_rings() {
    assert_eq!(check(&[(false, &square(0, 0, 9))]), Ok(()));
    let bow_tie = [[0, 0], [4, 4], [4, 0], [0, 5]];
    assert_eq!(check(&[(false, &bow_tie)]), Err(Fault::SelfIntersection));
    let spike = [[0, 0], [4, 0], [4, 4], [9, 9], [4, 4], [0, 4]];
    assert_eq!(check(&[(false, &spike)]), Err(Fault::SelfIntersection));
    let figure_8 = [[0, 0], [2, 2], [4, 0], [4, 4], [2, 2], [0, 4]];
    assert_eq!(check(&[(false, &figure_8)]), Err(Fault::SelfIntersection));
    let touches_itself = [[0, 0], [8, 0], [8, 8], [4, 0], [0, 8]];
    assert_eq!(
        check(&[(false, &touches_itself)]),
        Err(Fault::SelfIntersection)
    );
}

#[test]
fn holes_and_islands() {
    let outer = square(0, 0, 20);
    let hole = square(5, 5, 10);
    assert_eq!(check(&[(false, &outer), (true, &hole)]), Ok(()));
    assert_eq!(
        check(&[(false, &outer), (true, &outer)]),
        Err(Fault::SelfIntersection)
    );
    assert_eq!(
        check(&[(false, &outer), (true, &square(30, 0, 4))]),
        Err(Fault::MisplacedRing)
    );
    assert_eq!(
        check(&[(false, &outer), (true, &hole), (true, &square(7, 7, 2))]),
        Err(Fault::MisplacedRing)
    );
    assert_eq!(
        check(&[(false, &outer), (true, &hole), (false, &square(7, 7, 2))]),
        Ok(())
    );
    assert_eq!(
        check(&[(false, &outer), (false, &square(7, 7, 2))]),
        Err(Fault::MisplacedRing)
    );
    assert_eq!(
        check(&[(false, &square(7, 7, 2)), (false, &outer)]),
        Err(Fault::MisplacedRing)
    );
    assert_eq!(
        check(&[(false, &outer), (false, &square(20, 0, 5))]),
        Err(Fault::SelfIntersection)
    );
    assert_eq!(
        check(&[(false, &outer), (false, &square(20, 20, 5))]),
        Ok(())
    );
    // An island that touches the hole around it with all its corners.
    let diamond = [[10, 5], [15, 10], [10, 15], [5, 10]];
    assert_eq!(
        check(&[(false, &outer), (true, &hole), (false, &diamond)]),
        Ok(())
    );
}

#[test]
fn touching_holes() {
    let outer = square(0, 0, 20);
    let tip = [[0, 10], [5, 8], [5, 12]];
    assert_eq!(check(&[(false, &outer), (true, &tip)]), Ok(()));
    let across = [[0, 10], [10, 8], [20, 10], [10, 12]];
    assert_eq!(
        check(&[(false, &outer), (true, &across)]),
        Err(Fault::SelfIntersection)
    );
    // Two holes in a row from side to side cut the interior in two; three around one point do not.
    let left = [[0, 10], [10, 8], [10, 12]];
    let right = [[10, 12], [20, 10], [20 - 1, 14]];
    assert_eq!(
        check(&[(false, &outer), (true, &left), (true, &right)]),
        Err(Fault::SelfIntersection)
    );
    let petals = [
        [[10, 10], [12, 4], [8, 4]],
        [[10, 10], [4, 12], [4, 9]],
        [[10, 10], [14, 14], [16, 13]],
    ];
    assert_eq!(
        check(&[
            (false, &outer),
            (true, &petals[0]),
            (true, &petals[1]),
            (true, &petals[2])
        ]),
        Ok(())
    );
    // A hole that passes through a corner of the exterior ring from inside to outside.
    let crossing = [[20, 20], [18, 10], [10, 18]];
    let through = [[22, 22], [20, 20], [18, 10], [10, 18], [20, 20 + 1]];
    assert_eq!(check(&[(false, &outer), (true, &crossing)]), Ok(()));
    assert_eq!(
        check(&[(false, &outer), (true, &through)]),
        Err(Fault::SelfIntersection)
    );
}

#[test]
fn many_holes_and_a_comb_end_soon() {
    let outer = square(-10, -10, 10_000);
    let holes: Vec<_> = (0..40_000)
        .map(|i| square(i % 200 * 40, i / 200 * 40, 20))
        .collect();
    let mut rings: Vec<(bool, &[GridPoint])> = vec![(false, &outer)];
    rings.extend(holes.iter().map(|h| (true, &h[..])));
    assert_eq!(check(&rings), Ok(()));
    // Every edge of the zigzag meets every other one's box.
    let mut comb: Vec<GridPoint> = (0..40_000)
        .map(|i| [i, if i % 2 == 0 { i } else { 1_000_000 + i }])
        .collect();
    comb.extend([[50_000, 2_000_000], [-1, 2_000_000]]);
    let _ = check(&[(false, &comb)]);
}

fn to_geo(rings: &[(bool, Vec<GridPoint>)]) -> geo::MultiPolygon {
    let line = |r: &[GridPoint]| {
        r.iter()
            .map(|p| (f64::from(p[0]), f64::from(p[1])))
            .collect::<geo::LineString>()
    };
    let mut polygons: Vec<geo::Polygon> = Vec::new();
    for (hole, ring) in rings {
        match polygons.last_mut() {
            Some(last) if *hole => last.interiors_push(line(ring)),
            _ => polygons.push(geo::Polygon::new(line(ring), vec![])),
        }
    }
    geo::MultiPolygon::new(polygons)
}

fn small_ring_of_points() -> impl Strategy<Value = Vec<GridPoint>> {
    prop::collection::vec((0..9i32, 0..9i32), 3..8).prop_filter_map("no area", |v| {
        let mut ring: Vec<GridPoint> = v.into_iter().map(|(x, y)| [x, y]).collect();
        ring.dedup();
        if ring.first() == ring.last() {
            ring.pop();
        }
        (ring.len() > 2 && ring_area(&ring) != 0).then_some(ring)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    /// The tree and the plain test agree, and both with the validity of `geo` on one ring.
    #[test]
    fn one_ring_as_geo_judges(ring in small_ring_of_points()) {
        let mut v = Validity::default();
        let mut ring = ring;
        if ring_area(&ring) < 0 {
            ring.reverse();
        }
        let plain = v.check(&ring, &[ring.len() as u32]);
        v.edges.load(&ring, &[ring.len() as u32]);
        v.polygon_of = vec![0];
        let tree = v.contacts(&ring);
        prop_assert_eq!(plain, tree);
        prop_assert_eq!(plain.is_ok(), to_geo(&[(false, ring)]).is_valid());
    }

    /// Whatever is called valid is valid for `geo`.
    #[test]
    fn several_rings_never_pass_wrongly(rings in prop::collection::vec((any::<bool>(), small_ring_of_points()), 1..4)) {
        let mut rings = rings;
        rings[0].0 = false;
        let borrowed: Vec<(bool, &[GridPoint])> = rings.iter().map(|(h, r)| (*h, &r[..])).collect();
        // The other way round does not hold: `geo` does not see that holes touching in three points cut the interior in two.
        if check(&borrowed).is_ok() {
            prop_assert!(to_geo(&rings).is_valid(), "{:?}", to_geo(&rings).validation_errors());
        }
    }
}
