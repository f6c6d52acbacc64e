use super::*;
use crate::geometry::predicates::ring_area;
use proptest::prelude::*;

fn rebuild(rings: &[(bool, Vec<GridPoint>)]) -> (Outcome, Vec<Vec<GridPoint>>) {
    let (mut xy, mut ends, mut holes) = (Vec::new(), Vec::new(), Vec::new());
    for (hole, ring) in rings {
        xy.extend_from_slice(ring);
        ends.push(xy.len() as u32);
        holes.push(*hole);
    }
    let outcome = Repair::default().rebuild(&mut xy, &mut ends, &holes, &mut Validity::default());
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let out = starts
        .zip(&ends)
        .map(|(a, &b)| xy[a as usize..b as usize].to_vec())
        .collect();
    (outcome, out)
}

fn areas(rings: &[Vec<GridPoint>]) -> Vec<i128> {
    rings.iter().map(|r| ring_area(r)).collect()
}

fn square(x: i32, y: i32, side: i32) -> Vec<GridPoint> {
    vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
}

#[test]
fn both_lobes_of_a_bow_tie_stay() {
    let (outcome, rings) = rebuild(&[(false, vec![[0, 0], [4, 4], [4, 0], [0, 4]])]);
    assert_eq!(outcome, Outcome::Valid);
    assert_eq!(areas(&rings), [8, 8]);
}

#[test]
fn a_hole_outside_is_no_ground_and_a_hole_across_the_border_bites() {
    let (_, rings) = rebuild(&[(false, square(0, 0, 10)), (true, square(20, 0, 5))]);
    assert_eq!(areas(&rings), [200]);
    let (_, rings) = rebuild(&[(false, square(0, 0, 10)), (true, square(8, 2, 5))]);
    assert_eq!(areas(&rings), [200 - 20]);
}

#[test]
fn overlapping_parts_unite_and_islands_stay_in_their_holes() {
    let (_, rings) = rebuild(&[(false, square(0, 0, 10)), (false, square(5, 5, 10))]);
    assert_eq!(areas(&rings), [2 * 175]);
    let parts = [
        (false, square(0, 0, 30)),
        (true, square(5, 5, 20)),
        (false, square(10, 10, 5)),
        (false, square(29, 0, 5)),
    ];
    let (outcome, rings) = rebuild(&parts);
    assert_eq!(outcome, Outcome::Valid);
    assert_eq!(
        areas(&rings).iter().sum::<i128>(),
        2 * (900 - 400 + 25 + 20)
    );
}

#[test]
fn lines_leave_nothing() {
    assert_eq!(
        rebuild(&[(false, vec![[0, 0], [5, 5], [9, 9]])]).0,
        Outcome::Empty
    );
    assert_eq!(rebuild(&[]).0, Outcome::Empty);
}

#[test]
fn the_whole_world_does_not_overflow() {
    let h = 1 << 30;
    let (outcome, rings) = rebuild(&[(false, vec![[-h, -h], [h, h], [h, -h], [-h, h]])]);
    assert_eq!(outcome, Outcome::Valid);
    assert_eq!(areas(&rings).iter().sum::<i128>(), 1 << 62);
    let (lo, hi) = (i32::MIN, i32::MAX);
    let (outcome, _) = rebuild(&[(false, vec![[lo, lo], [hi, hi], [hi, lo], [lo, hi]])]);
    assert_eq!(outcome, Outcome::Valid);
}

fn rings_within(size: i32) -> impl Strategy<Value = Vec<(bool, Vec<GridPoint>)>> {
    let ring = prop::collection::vec((-size..size, -size..size), 3..14).prop_map(|v| {
        v.into_iter()
            .map(|(x, y)| [x, y])
            .collect::<Vec<GridPoint>>()
    });
    prop::collection::vec((any::<bool>(), ring), 1..5)
}

fn no_spurious_points(rings: &[Vec<GridPoint>]) -> bool {
    rings
        .iter()
        .all(|r| r.iter().zip(r.iter().cycle().skip(1)).all(|(a, b)| a != b))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn anything_becomes_valid_on_a_coarse_grid(rings in rings_within(6)) {
        let (outcome, out) = rebuild(&rings);
        prop_assert_ne!(outcome, Outcome::Untested);
        prop_assert!(no_spurious_points(&out));
    }

    #[test]
    fn anything_becomes_valid(rings in rings_within(2000)) {
        let (outcome, out) = rebuild(&rings);
        prop_assert_ne!(outcome, Outcome::Untested);
        prop_assert!(no_spurious_points(&out));
    }

    #[test]
    fn anything_becomes_valid_on_the_world(rings in rings_within(i32::MAX)) {
        let (outcome, _) = rebuild(&rings);
        prop_assert_ne!(outcome, Outcome::Untested);
    }

    /// Points away from every edge are inside of the result exactly if the rules say so.
    #[test]
    fn the_same_ground_is_covered(rings in rings_within(2000), probes in prop::collection::vec((-2000..2000i32, -2000..2000i32), 40)) {
        let mut rings = rings;
        rings[0].0 = false;
        let (_, out) = rebuild(&rings);
        for (x, y) in probes {
            let p = [x, y];
            if rings.iter().any(|(_, r)| edges(r).any(|(a, b)| distance(p, a, b) < 4.0)) {
                continue;
            }
            let mut covered = false;
            let mut own = false;
            for (hole, ring) in &rings {
                if *hole {
                    own &= winding(ring, p) == 0;
                } else {
                    covered |= own;
                    own = winding(ring, p) != 0;
                }
            }
            covered |= own;
            let found: i32 = out.iter().map(|r| winding(r, p)).sum();
            prop_assert_eq!(i32::from(covered), found, "{:?}", p);
        }
    }
}

fn edges(ring: &[GridPoint]) -> impl Iterator<Item = (GridPoint, GridPoint)> {
    ring.iter()
        .copied()
        .zip(ring.iter().copied().cycle().skip(1))
}

fn distance(p: GridPoint, a: GridPoint, b: GridPoint) -> f64 {
    let [px, py, ax, ay, bx, by] = [p[0], p[1], a[0], a[1], b[0], b[1]].map(f64::from);
    let (dx, dy) = (bx - ax, by - ay);
    let t = (((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
    (px - ax - t * dx).hypot(py - ay - t * dy)
}

fn winding(ring: &[GridPoint], p: GridPoint) -> i32 {
    edges(ring)
        .map(|(a, b)| {
            let turn = i64::from(b[0] - a[0]) * i64::from(p[1] - a[1])
                - i64::from(b[1] - a[1]) * i64::from(p[0] - a[0]);
            i32::from(a[1] <= p[1] && b[1] > p[1] && turn > 0)
                - i32::from(a[1] > p[1] && b[1] <= p[1] && turn < 0)
        })
        .sum()
}
