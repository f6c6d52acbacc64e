//! Heights and measures of what is left.

use super::*;

fn with_heights(mut row: Stored, z: &[f64], m: &[f64]) -> Stored {
    row.z = z.to_vec();
    row.m = m.to_vec();
    row
}

fn part(cut: Cut) -> Clipped {
    match cut {
        Cut::Part(clipped) => clipped,
        cut => panic!("{cut:?}"),
    }
}

#[test]
fn own_vertices_keep_theirs_and_new_ones_take_that_of_the_end_in_sight() {
    let region = Region::of_rings(vec![square(0, 0, 100)]);
    let line = Stored::lines(&[vec![[50, 50], [150, 50], [150, 80], [50, 80]]]);
    let row = with_heights(line, &[10.0, 99.0, 98.0, 20.0], &[0.1, 0.2, 0.3, 0.4]);
    let clipped = part(row.cut(&region));
    assert_eq!(clipped.grid_xy, [[50, 50], [100, 50], [100, 80], [50, 80]]);
    assert_eq!(clipped.xy[0], row.xy[0]);
    assert_eq!(clipped.xy[3], row.xy[3]);
    assert_eq!(clipped.z, [10.0, 10.0, 20.0, 20.0]);
    assert_eq!(clipped.m[0], 0.1);
    assert!(clipped.m[1].is_nan() && clipped.m[2].is_nan());
    assert_eq!(clipped.m[3], 0.4);
}

#[test]
fn an_edge_with_both_ends_in_sight_is_interpolated_and_one_with_none_is_not() {
    // Two rooms with a gap between them.
    let region = Region::of_rings(vec![square(0, 0, 100), square(200, 0, 100)]);
    let row = with_heights(
        Stored::lines(&[vec![[0, 50], [300, 50]]]),
        &[0.0, 30.0],
        &[0.0, 3.0],
    );
    let clipped = part(row.cut(&region));
    assert_eq!(clipped.z, [0.0, 10.0, 20.0, 30.0]);
    assert_eq!(clipped.m, [0.0, 1.0, 2.0, 3.0]);
    let row = with_heights(
        Stored::lines(&[vec![[-50, 50], [400, 50]]]),
        &[0.0, 30.0],
        &[],
    );
    let clipped = part(row.cut(&region));
    assert!(clipped.z.is_empty(), "{clipped:?}");
}

#[test]
fn corners_of_the_region_have_no_height() {
    let region = Region::of_rings(vec![square(0, 0, 100)]);
    let row = with_heights(
        Stored::polygons(&vec![vec![square(50, 50, 100)]]),
        &[1.0, 2.0, 3.0, 4.0, 1.0],
        &[],
    );
    let clipped = part(row.cut(&region));
    let seen: Vec<(GridPoint, f64)> = clipped
        .xy
        .iter()
        .map(|p| grid::from_lonlat(p[0], p[1]))
        .zip(clipped.z.iter().copied())
        .collect();
    for (p, z) in seen {
        match p {
            // The corner of the shape, and where its edges from there were cut.
            [50 | 100, 50] | [50, 100] => assert_eq!(z, 1.0),
            _ => assert!(z.is_nan(), "{p:?} {z}"),
        }
    }
}

#[test]
fn lines_keep_vertices_that_the_grid_does_not_tell_apart() {
    let region = Region::of_rings(vec![square(0, 0, 100)]);
    let mut row = Stored::lines(&[vec![[50, 50], [50, 50], [50, 50], [150, 50]]]);
    row.xy[1][0] += 1e-9;
    row.m = vec![0.0, 1.0, 2.0, 3.0];
    let clipped = part(row.cut(&region));
    assert_eq!(clipped.xy[..3], row.xy[..3]);
    assert_eq!(clipped.m[..3], [0.0, 1.0, 2.0]);
    assert_eq!(clipped.grid_xy, [[50, 50], [100, 50]]);
}

#[test]
fn of_ring_vertices_that_the_grid_does_not_tell_apart_one_remains() {
    let region = Region::of_rings(vec![square(0, 0, 100)]);
    let ring = vec![[50, 50], [50, 50], [150, 50], [150, 80], [50, 80]];
    let mut row = Stored::polygons(&vec![vec![ring]]);
    row.xy[1][0] -= 1e-9;
    let clipped = part(row.cut(&region));
    assert!(clipped.xy.contains(&row.xy[1]));
    assert!(!clipped.xy.contains(&row.xy[0]));
}
