//! Unions and intersections of regions.

use super::relations::{region, star};
use super::*;
use proptest::prelude::*;

/// A map of communes: the cells of a lattice with moved corners, some merged or missing.
fn communes(side: i32, shifts: &[(i32, i32)]) -> Vec<Vec<GridPoint>> {
    let mut dice = shifts.iter().cycle();
    let corners: Vec<GridPoint> = (0..=side)
        .flat_map(|y| (0..=side).map(move |x| [x * 1000, y * 1000]))
        .map(|p| {
            let (dx, dy) = dice.next().expect("some");
            [p[0] + dx, p[1] + dy]
        })
        .collect();
    let at = |x: i32, y: i32| corners[(y * (side + 1) + x) as usize];
    (0..side)
        .flat_map(|y| (0..side).map(move |x| (x, y)))
        .map(|(x, y)| vec![at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)])
        .collect()
}

fn unite<'a>(rings: impl Iterator<Item = &'a Vec<GridPoint>>) -> Region {
    let mut unite = Unite::default();
    for ring in rings {
        unite.add(&GridPaths::uniform(PathKind::Ring, ring, &[], &[], 0));
    }
    unite.finish().expect("simple")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn of_neighbours_leaves_no_seam(
        shifts in prop::collection::vec((-300i32..300, -300i32..300), 5..40),
        keep in prop::collection::vec(prop::bool::weighted(0.8), 36),
        order in any::<u64>(),
    ) {
        let all = communes(6, &shifts);
        let kept: Vec<_> = all.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(r, _)| r).collect();
        let region = unite(kept.iter().copied());
        check_valid(region.rings()).map_err(TestCaseError::fail)?;
        let sum: i128 = kept.iter().map(|ring| ring_area(ring)).sum();
        prop_assert_eq!(doubled_area(region.rings()), sum);
        // In another order.
        let mut shuffled = kept.clone();
        shuffled.sort_by_key(|ring| blake3::hash(&[bytemuck::cast_slice(ring), &order.to_le_bytes()[..]].concat()).as_bytes().to_owned());
        let other = unite(shuffled.into_iter());
        prop_assert_eq!(&other, &region);
        prop_assert_eq!(other.hash(), region.hash());
    }

    #[test]
    fn of_overlapping_shapes_in_any_order_and_grouping(stars in prop::collection::vec((star(400), -200i32..200, -200i32..200), 1..6)) {
        let rings: Vec<Vec<GridPoint>> = stars
            .iter()
            .map(|(ring, dx, dy)| ring.iter().map(|p| [p[0] + dx, p[1] + dy]).collect())
            .filter(|ring: &Vec<GridPoint>| check_valid(std::slice::from_ref(ring)).is_ok())
            .collect();
        prop_assume!(!rings.is_empty());
        let region = unite(rings.iter());
        check_valid(region.rings()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&unite(rings.iter().rev()), &region);
        // With itself: nothing changes.
        prop_assert_eq!(&Region::union([&region, &region]).expect("simple"), &region);
    }

    #[test]
    fn intersections_are_the_same_both_ways(a in region(40), b in region(40)) {
        let ab = a.intersection(&b.prepare()).expect("simple");
        let ba = b.intersection(&a.prepare()).expect("simple");
        check_valid(ab.rings()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&ab, &ba);
        prop_assert_eq!(&a.intersection(&a.prepare()).expect("simple"), &a);
        for p in ab.rings().iter().flatten() {
            prop_assert!(distance(&a, *p) <= 1.0 && distance(&b, *p) <= 1.0);
        }
    }
}

#[test]
fn equal_ground_has_equal_hashes_however_it_is_drawn() {
    let one = Region::of_rings(vec![square(0, 0, 10), square(20, 0, 10)]);
    let mut turned = square(0, 0, 10);
    turned.rotate_left(2);
    turned.insert(1, [0, 7]);
    // Vertices 2, 3, 0, 1 of the square: [10, 10], [0, 10], [0, 0], [10, 0]; the one inserted lies between none of them but on a side.
    turned.swap(1, 2);
    let other = Region::of_rings(vec![square(20, 0, 10), turned]);
    assert_eq!(one, other);
    assert_eq!(one.hash(), other.hash());
    assert_ne!(one.hash(), Region::of_rings(vec![square(0, 0, 10)]).hash());
}

#[test]
fn lines_and_points_give_no_region() {
    let line = Stored::lines(&[vec![[0, 0], [100, 100]]]);
    assert_eq!(
        Region::of_geometry(&line.source(), Crs::CRS84),
        Err(RegionError::NoArea)
    );
    let mut polygon = Stored::polygons(&vec![vec![square(0, 0, 10)]]);
    polygon.xy[2][1] = 91.0;
    let error = Region::of_geometry(&polygon.source(), Crs::CRS84).expect_err("no place");
    assert!(error.to_string().contains("vertex 3"), "{error}");
}

#[test]
fn bow_ties_and_overlaps_are_mended() {
    let bow = vec![[0, 0], [100, 100], [100, 0], [0, 100]];
    let region = Stored::polygons(&vec![vec![bow], vec![square(0, 0, 30)]]).region();
    check_valid(region.rings()).expect("valid");
    // Both lobes cover half of the square of 100, and of the one of 30 the half above its diagonal was not covered yet.
    assert_eq!(doubled_area(region.rings()), 2 * (5000 + 450));
}

/// Islands on both sides of the antimeridian: rows drawn either way are found, and nothing of them is cut along it.
#[test]
fn the_antimeridian_is_no_border() {
    let half = 1 << 30;
    let (west, east) = (square(half - 50, 0, 50), square(-half, 0, 50));
    let split = Stored::polygons(&vec![vec![west], vec![east]]).region();
    let drawn_east = Stored::polygons(&vec![vec![square(half - 50, 0, 100)]]);
    // In one piece, 100 wide; the halves differ in height nowhere.
    let rectangle = |x: i32| vec![[x, 0], [x + 100, 0], [x + 100, 50], [x, 50]];
    let whole = Stored::polygons(&vec![vec![rectangle(half - 50)]]).region();
    assert_eq!(split, whole);
    assert_eq!(split.rings(), [rectangle(-half - 50), rectangle(half - 50)]);
    for x in [half - 20, -half - 20] {
        let row = Stored::polygons(&vec![vec![square(x, 10, 40)]]);
        assert_eq!(row.cut(&whole), Cut::Whole, "{x}");
    }
    assert!(matches!(drawn_east.cut(&whole), Cut::Part(_)));
    // Elsewhere there is one world only.
    assert_eq!(
        Stored::polygons(&vec![vec![square(0, 0, 9)]])
            .region()
            .rings()
            .len(),
        1
    );
}
