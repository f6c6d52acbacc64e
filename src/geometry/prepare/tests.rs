use super::*;
use proptest::prelude::*;

type Source<'a> = (PathKind, bool, &'a [GridPoint]);

fn prepare(paths: &[Source<'_>]) -> (Vec<(PathKind, Vec<GridPoint>)>, Vec<RepairCode>) {
    let mut p = Prepare::default();
    p.begin();
    for (kind, hole, xy) in paths {
        p.add(*kind, *hole, xy.iter().copied());
    }
    let done = p.finish();
    assert_eq!(done.xy.len(), done.importance.len());
    let out = done
        .paths()
        .iter()
        .map(|p| (p.kind, p.xy.to_vec()))
        .collect();
    (out, done.repairs.iter().collect())
}

// Counter-clockwise with y northward, as RFC 7946 wants it.
const SQUARE: [GridPoint; 5] = [[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]];

#[test]
fn a_good_polygon_passes_untouched_but_for_its_turn() {
    let (paths, repairs) = prepare(&[(PathKind::Ring, false, &SQUARE)]);
    assert_eq!(
        paths,
        [(PathKind::Ring, vec![[9, 0], [9, 9], [0, 9], [0, 0]])]
    );
    assert_eq!(repairs, []);
}

#[test]
fn each_fault_has_its_code() {
    let clockwise: Vec<_> = SQUARE.iter().rev().copied().collect();
    assert_eq!(
        prepare(&[(PathKind::Ring, false, &clockwise)]).1,
        [RepairCode::WrongOrientation]
    );
    assert_eq!(
        prepare(&[(PathKind::Ring, false, &SQUARE[..4])]).1,
        [RepairCode::UnclosedRing]
    );
    let bow_tie = [[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]];
    let (paths, repairs) = prepare(&[(PathKind::Ring, false, &bow_tie)]);
    assert_eq!(
        (paths.len(), repairs),
        (2, vec![RepairCode::SelfIntersection])
    );
    let far: Vec<_> = SQUARE.iter().rev().map(|p| [p[0] + 50, p[1]]).collect();
    let (paths, repairs) = prepare(&[
        (PathKind::Ring, false, &SQUARE),
        (PathKind::Ring, true, &far),
    ]);
    assert_eq!((paths.len(), repairs), (1, vec![RepairCode::MisplacedRing]));
    let (paths, repairs) = prepare(&[(PathKind::Ring, true, &SQUARE)]);
    assert_eq!((paths.len(), repairs), (1, vec![RepairCode::MisplacedRing]));
}

#[test]
fn nothing_vanishes() {
    let dot = [[5, 5]; 4];
    assert_eq!(
        prepare(&[(PathKind::Ring, false, &dot)]).0,
        [(PathKind::Points, vec![[5, 5]])]
    );
    assert_eq!(
        prepare(&[(PathKind::Line, false, &dot)]).0,
        [(PathKind::Points, vec![[5, 5]])]
    );
    let flat = [[0, 0], [8, 8], [3, 3], [0, 0]];
    let (paths, repairs) = prepare(&[(PathKind::Ring, false, &flat), (PathKind::Ring, true, &dot)]);
    assert_eq!(paths, [(PathKind::Line, vec![[0, 0], [8, 8]])]);
    assert_eq!(repairs, [RepairCode::DegenerateRing]);
    // There and back along a bend: not on one line, and yet no area.
    let whip = [[0, 0], [5, 0], [5, 5], [5, 0], [0, 0]];
    assert_eq!(
        prepare(&[(PathKind::Ring, false, &whip)]).0[0].0,
        PathKind::Line
    );
    // With something else to show, what collapsed is left out.
    let (paths, repairs) = prepare(&[
        (PathKind::Ring, false, &dot),
        (PathKind::Ring, false, &SQUARE),
    ]);
    assert_eq!(
        (paths.len(), repairs),
        (1, vec![RepairCode::DegenerateRing])
    );
    assert_eq!(prepare(&[]).0, []);
}

#[test]
fn a_scribble_is_kept_as_its_outline() {
    let mut state = 1u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as i32
    };
    let scribble: Vec<GridPoint> = (0..3000).map(|_| [next(), next()]).collect();
    let (paths, repairs) = prepare(&[(PathKind::Ring, false, &scribble)]);
    assert_eq!(
        (paths.len(), paths[0].0, paths[0].1.len()),
        (1, PathKind::Line, 3001)
    );
    assert!(repairs.contains(&RepairCode::Intricate));
}

#[test]
fn a_collection_keeps_its_kinds() {
    let (paths, repairs) = prepare(&[
        (PathKind::Points, false, &[[1, 1], [1, 1]]),
        (PathKind::Line, false, &[[1, 1], [1, 1], [2, 2]]),
        (PathKind::Ring, false, &SQUARE),
    ]);
    let kinds: Vec<_> = paths.iter().map(|p| (p.0, p.1.len())).collect();
    assert_eq!(
        kinds,
        [
            (PathKind::Points, 2),
            (PathKind::Line, 2),
            (PathKind::Ring, 4)
        ]
    );
    assert_eq!(repairs, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn whatever_comes_in_what_goes_out_is_sound(
        paths in prop::collection::vec((0u8..3, any::<bool>(), prop::collection::vec((-40i32..40, -40i32..40), 0..12)), 0..5)
    ) {
        let mut p = Prepare::default();
        p.begin();
        let mut vertices = 0;
        for (kind, hole, xy) in &paths {
            vertices += xy.len();
            p.add(PathKind::from_number(*kind).unwrap(), *hole, xy.iter().map(|(x, y)| [*x, *y]));
        }
        let done = p.finish();
        prop_assert_eq!(vertices == 0 || paths.iter().all(|p| p.2.is_empty()), done.paths().is_empty());
        let (mut xy, mut ends) = (Vec::new(), Vec::new());
        for path in done.paths() {
            match path.kind {
                PathKind::Points => prop_assert!(!path.xy.is_empty()),
                PathKind::Line => prop_assert!(path.xy.len() > 1 && path.xy.windows(2).all(|w| w[0] != w[1])),
                PathKind::Ring => {
                    let (stay, _): (Vec<u8>, Vec<u8>) = path.importance.iter().partition(|b| **b == ALWAYS);
                    prop_assert!(stay.len() >= 3);
                    xy.extend_from_slice(path.xy);
                    ends.push(xy.len() as u32);
                }
            }
        }
        if !ends.is_empty() {
            prop_assert_eq!(Validity::default().check(&xy, &ends), Ok(()));
        }
    }
}
