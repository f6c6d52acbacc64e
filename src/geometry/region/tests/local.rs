//! What is cut does not depend on what lies beyond the region.

use super::*;
use proptest::prelude::*;

const M: i32 = 1 << 20;

/// The western half of the world of these tests, with a jagged border that stays west of x = 0.
fn west(teeth: &[(i32, i32)]) -> Region {
    let mut ring = vec![[-M, -M], [-1, -M]];
    let step = 2 * M / (teeth.len() as i32 + 1);
    for (i, (depth, shift)) in teeth.iter().enumerate() {
        ring.push([-1 - depth, -M + step * (i as i32 + 1) + shift]);
    }
    ring.extend([[-1, M], [-M, M]]);
    Region::of_rings(vec![ring])
}

fn vertex() -> impl Strategy<Value = GridPoint> {
    let range = -900i32..900;
    (range.clone(), range).prop_map(|(x, y)| [x, y])
}

/// Replaces what lies east of the border: every vertex there that is not the end of an edge from the west moves, others are added, and
/// edges that come from the west go further on the same line.
fn disturb(ring: &[GridPoint], moves: &[(i32, i32, i32)]) -> Vec<GridPoint> {
    let n = ring.len();
    let hidden = |p: GridPoint| p[0] >= 0;
    let mut dice = moves.iter().cycle();
    let mut roll = || *dice.next().expect("some");
    let mut out = Vec::new();
    // Further on the line from a vertex in the west to one in the east, by as much as fits.
    let further = |from: GridPoint, to: GridPoint, k: i32| {
        let k = 1 + k.rem_euclid(1000);
        [0, 1].map(|i| from[i] + (to[i] - from[i]) * k)
    };
    for i in 0..n {
        let (before, p, after) = (ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]);
        if !hidden(p) {
            out.push(p);
            continue;
        }
        let (x, y, k) = roll();
        if !hidden(before) {
            out.push(further(before, p, k));
        }
        if hidden(before) && hidden(after) {
            out.push([x.abs() * 900, y * 700]);
        }
        for _ in 0..k.rem_euclid(4) {
            let (x, y, _) = roll();
            out.push([x.abs() * 1000 + 7, y * 1000]);
        }
        if !hidden(after) {
            out.push(further(after, p, y));
        }
    }
    out
}

fn clipped(cut: Cut) -> Option<Clipped> {
    match cut {
        Cut::Part(clipped) => Some(clipped),
        Cut::Nothing => None,
        Cut::Whole => panic!("something lies outside"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Rings at random, most of them not valid.
    #[test]
    fn rings_at_random(
        rings in prop::collection::vec(prop::collection::vec(vertex(), 3..12), 1..4),
        holes in prop::collection::vec(any::<bool>(), 3),
        moves in prop::collection::vec((-900i32..900, -900i32..900, any::<i32>()), 1..30),
        teeth in prop::collection::vec((0i32..300, -200i32..200), 0..6),
        far in prop::collection::vec((1i32..900, -900i32..900), 3..9),
        turned in any::<bool>(),
        start in 0usize..12,
    ) {
        let region = west(&teeth);
        let drawn = |of: &dyn Fn(&[GridPoint]) -> Vec<GridPoint>| {
            let mut out: Drawn = Vec::new();
            for (i, ring) in rings.iter().enumerate() {
                let ring = of(ring);
                match out.last_mut() {
                    Some(polygon) if holes[i] => polygon.push(ring),
                    _ => out.push(vec![ring]),
                }
            }
            out
        };
        // Something is always hidden, so that neither is whole.
        let mut one = drawn(&|ring| ring.to_vec());
        one.push(vec![square(5, 5, 10)]);
        let mut other = drawn(&|ring| {
            let mut ring = disturb(ring, &moves);
            let n = ring.len();
            ring.rotate_left(start % n);
            if turned {
                ring.reverse();
            }
            ring
        });
        // More parts and holes out of sight, and not valid ones.
        other.last_mut().expect("one").push(square(400, 400, 17));
        other.push(vec![far.iter().map(|(x, y)| [x * 777, y * 777]).collect()]);
        let [one, other] = [one, other].map(|drawn| Stored::polygons(&drawn));
        let cut = one.cut(&region);
        check_cut(&cut, &region).map_err(TestCaseError::fail)?;
        // Nor does it depend on what was cut before with the same memory.
        let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
        let mut scratch = Scratch::default();
        let prepared = region.prepare();
        let mut again = |row: &Stored| clipped(scratch.cut(&prepared, &row.source(), &frame));
        let expected = clipped(cut);
        prop_assert_eq!(&again(&other), &expected);
        prop_assert_eq!(&again(&one), &expected);
    }

    #[test]
    fn lines_at_random(
        lines in prop::collection::vec(prop::collection::vec(vertex(), 2..12), 1..4),
        moves in prop::collection::vec((-900i32..900, -900i32..900, any::<i32>()), 1..30),
        teeth in prop::collection::vec((0i32..300, -200i32..200), 0..6),
    ) {
        let region = west(&teeth);
        let with_ends = |line: &[GridPoint]| {
            // Both ends out of sight, so that the line is a ring for `disturb`.
            let mut ring = line.to_vec();
            ring.push([50, 50]);
            ring.insert(0, [60, 60]);
            ring
        };
        let one: Vec<_> = lines.iter().map(|line| with_ends(line)).collect();
        let mut other: Vec<_> = one.iter().map(|line| disturb(line, &moves)).collect();
        other.push(vec![[1, 1], [1000, 1000]]);
        let [one, other] = [one, other].map(|lines| Stored::lines(&lines));
        let cut = one.cut(&region);
        check_cut(&cut, &region).map_err(TestCaseError::fail)?;
        prop_assert_eq!(clipped(cut), clipped(other.cut(&region)));
    }
}

/// A kind, heights and members that lie outside leave no trace.
#[test]
fn hidden_members_change_neither_kind_nor_heights() {
    let region = Region::of_rings(vec![square(-100, -100, 100)]);
    let visible = [[-50, -50], [50, -50], [50, -20], [-50, -20]];
    let alone = Stored::polygons(&vec![vec![visible.to_vec()]]);
    let mut among = Stored::polygons(&vec![vec![visible.to_vec()], vec![square(300, 300, 9)]]);
    among.z = (0..among.xy.len()).map(|v| v as f64).collect();
    for v in 0..5 {
        among.z[v] = f64::NAN;
    }
    assert_eq!(clipped(alone.cut(&region)), clipped(among.cut(&region)));

    let collection = Stored {
        kind: GeometryKind::GeometryCollection,
        counts: vec![3, 1, 1, 2, 2, 3, 1, 5],
        xy: [[300, 300], [200, 200], [220, 220]]
            .into_iter()
            .chain(visible)
            .chain([visible[0]])
            .map(grid::to_lonlat)
            .collect(),
        z: Vec::new(),
        m: Vec::new(),
    };
    assert_eq!(
        clipped(alone.cut(&region)),
        clipped(collection.cut(&region))
    );
}

/// A fault beyond the border does not make the visible part go through a repair: a vertex on a straight stretch stays.
#[test]
fn a_hidden_fault_mends_nothing_visible() {
    let region = Region::of_rings(vec![square(-100, -100, 100)]);
    let sound = [
        [-50, -50],
        [-30, -50],
        [-10, -50],
        [40, -50],
        [40, 50],
        [-50, -10],
    ];
    let faulty = [
        [-50, -50],
        [-30, -50],
        [-10, -50],
        [40, -50],
        [90, 10],
        [90, -90],
        [40, 50],
        [-50, -10],
    ];
    let cuts = [&sound[..], &faulty[..]]
        .map(|ring| clipped(Stored::polygons(&vec![vec![ring.to_vec()]]).cut(&region)));
    assert_eq!(cuts[0], cuts[1]);
    let ring = rings(&cuts[0].as_ref().expect("a part").paths()).remove(0);
    assert!(ring.contains(&[-30, -50]), "{ring:?}");
}
