#![allow(
    clippy::inconsistent_digit_grouping,
    reason = "metres before the point, their parts behind it"
)]

use super::*;
use crate::geometry::grid::GridPoint;
use crate::geometry::predicates::ring_area;
use crate::geometry::region::{Region, Unite};
use proptest::prelude::*;

/// Longitude, latitude and the plane coordinates that PROJ 9.5 gives; the first pair is the example of EPSG Guidance Note 7-2, §3.3.2.1.
const IN_EUROPE: &[([f64; 2], [f64; 2])] = &[
    ([5.0, 50.0], [3_962_799.451, 2_999_718.853]),
    ([5.37, 43.3], [3_944_555.259, 2_255_158.083]),
    ([-15.9, 32.1], [1_890_397.646, 1_419_133.702]),
    ([39.9, 83.9], [4_674_626.290, 6_802_978.581]),
    ([-15.9, 83.9], [4_011_314.743, 6_782_677.542]),
    ([39.9, 32.1], [7_107_508.065, 1_554_467.968]),
    ([10.0, 52.0], [4_321_000.0, 3_210_000.0]),
    ([2.35, 48.85], [3_760_536.823, 2_888_771.021]),
    ([-9.14, 38.72], [2_665_402.840, 1_946_531.124]),
    ([25.3, 71.2], [4_873_955.631, 5_401_387.937]),
];
const ELSEWHERE: &[([f64; 2], [f64; 2])] = &[
    ([55.45, -20.88], [5_350_164.240, -2_606_638.968]),
    ([-61.0, 14.6], [-5_885_663.095, 1_843_001.215]),
    ([-52.3, 4.9], [-5_046_232.457, 624_367.730]),
    ([166.45, -22.27], [16_060_141.348, -2_771_836.734]),
    ([179.99, -16.5], [17_366_565.582, -2_076_732.608]),
    ([-149.57, -17.53], [-14_431_452.937, -2_202_523.967]),
    ([0.0, 89.9], [0.0, 7_342_218.853]),
    ([-70.1, 85.5], [-6_763_688.246, 7_319_393.871]),
    ([0.0, 0.0], [0.0, 0.0]),
    ([139.7, 35.7], [13_479_133.351, 4_271_837.992]),
];

fn cells() -> Cells {
    Cells::new().expect("both are known")
}

#[test]
fn projections_agree_with_proj_both_ways() {
    let cells = cells();
    for (plane, references) in [(Plane::Europe, IN_EUROPE), (Plane::Earth, ELSEWHERE)] {
        for (lonlat, xy) in references {
            let [there, back] = cells.transforms(plane);
            let p = there.convert_point(*lonlat).expect("a place");
            let q = back.convert_point(*xy).expect("a place");
            // A millimetre of the plane, in degrees: near the pole it is a long way.
            let slack = 1e-8 / lonlat[1].to_radians().cos();
            for axis in 0..2 {
                assert!(
                    (p[axis] - xy[axis]).abs() < 0.001,
                    "{lonlat:?}: {p:?} instead of {xy:?}"
                );
                assert!(
                    (q[axis] - lonlat[axis]).abs() < slack,
                    "{xy:?}: {q:?} instead of {lonlat:?}"
                );
            }
        }
    }
}

#[test]
fn codes_are_those_of_the_european_grid() {
    let cells = cells();
    let code = |lonlat, size| cells.cell_of(lonlat, size).expect("a place").code();
    assert_eq!(code([5.37, 43.3], 1000), "CRS3035RES1000mN2255000E3944000");
    assert_eq!(code([5.37, 43.3], 5000), "CRS3035RES5000mN2255000E3940000");
    assert_eq!(
        code([5.37, 43.3], 10_000),
        "CRS3035RES10000mN2250000E3940000"
    );
    assert_eq!(code([5.37, 43.3], 200), "CRS3035RES200mN2255000E3944400");
    assert_eq!(
        code([55.45, -20.88], 1000),
        "CRS6933RES1000mN-2607000E5350000"
    );
    assert_eq!(
        code([-61.0, 14.6], 1000),
        "CRS6933RES1000mN1843000E-5886000"
    );
    // Once around the Earth.
    assert_eq!(code([299.0, 14.6], 1000), code([-61.0, 14.6], 1000));
    assert_eq!(cells.cell_of([f64::NAN, 0.0], 1000), None);
}

#[test]
fn ladders_have_nested_steps_only() {
    let sizes = |grid_m| Ladder::from(grid_m).sizes().to_vec();
    assert_eq!(sizes(1000), [1000, 5000, 10_000]);
    assert_eq!(sizes(200), [200, 1000, 5000, 10_000]);
    assert_eq!(sizes(2000), [2000, 10_000]);
    assert_eq!(sizes(3000), [3000]);
    assert_eq!(sizes(400), [400, 10_000]);
    assert_eq!(sizes(10_000), [10_000]);
    assert_eq!(sizes(50_000), [50_000]);
    let ladder = Ladder::from(1000);
    assert_eq!(
        (ladder.next(1000), ladder.next(5000), ladder.next(10_000)),
        (Some(5000), Some(10_000), None)
    );
    let spacing = |grid_m| Ladder::from(grid_m).spacing;
    assert_eq!(
        [1, 25, 40, 100, 200, 1000, 2000, 50_000].map(spacing),
        [100, 100, 200, 100, 200, 1000, 1000, 1000]
    );
    // A prime number of metres has no parts, and needs none.
    assert_eq!([1009, 2500, 7].map(spacing), [1000, 625, 7]);
}

fn place() -> impl Strategy<Value = [f64; 2]> {
    let europe = (-15.9f64..39.9, 32.1f64..75.0).prop_map(|(x, y)| [x, y]);
    let world = (-179.9f64..179.9, -84.0f64..84.0).prop_map(|(x, y)| [x, y]);
    prop_oneof![europe, world]
}

/// The cell beside another.
fn beside(cell: &Cell, dx: i32, dy: i32) -> Cell {
    Cell {
        east: cell.east + dx * cell.size as i32,
        north: cell.north + dy * cell.size as i32,
        ..*cell
    }
}

fn on_grid(cells: &Cells, cell: &Cell, ladder: &Ladder) -> Vec<GridPoint> {
    let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
    cells.shape(cell, ladder, &frame).expect("a place").grid_xy
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_place_lies_in_its_cell_and_the_cell_in_its_parents(lonlat in place(), grid_m in prop::sample::select(vec![100u32, 200, 500, 1000])) {
        let cells = cells();
        let ladder = Ladder::from(grid_m);
        let mut known: Option<Cell> = None;
        for size in ladder.sizes() {
            let cell = cells.cell_of(lonlat, *size).expect("a place");
            if let Some(child) = known {
                prop_assert_eq!(child.parent(*size), Some(cell));
            }
            known = Some(cell);
            let ring = on_grid(&cells, &cell, &ladder);
            prop_assert!(ring_area(&ring) > 0);
            let region = Region::of_rings(vec![ring]).prepare();
            let p = grid::from_lonlat(lonlat[0], lonlat[1]);
            // Its edges are straight between vertices, the lines of the grid are not: they part by a few centimetres.
            let slack = 30;
            let near = [[0, 0], [slack, 0], [-slack, 0], [0, slack], [0, -slack]];
            prop_assert!(near.iter().any(|d| region.contains_point([p[0] + d[0], p[1] + d[1]])));
        }
    }

    /// Cells around a place, of all steps of a ladder, leave neither gap nor overlap.
    #[test]
    fn cells_side_by_side_share_their_vertices(lonlat in place(), grid_m in prop::sample::select(vec![100u32, 200, 250, 500, 1000, 2500])) {
        let cells = cells();
        let ladder = Ladder::from(grid_m);
        let parent_size = ladder.sizes()[1];
        let cell = cells.cell_of(lonlat, parent_size).expect("a place");
        prop_assume!(f64::from(cell.north.abs()) < 7.2e6 && f64::from(cell.east.abs()) < 1.7e7);
        // One cell of the larger size, and beside it those of the smaller.
        let n = (parent_size / grid_m) as i32;
        let small = beside(&cell, 1, 0);
        let mut all = vec![on_grid(&cells, &cell, &ladder)];
        for i in 0..n {
            for j in 0..n {
                let one = Cell { size: grid_m, east: small.east + i * grid_m as i32, north: small.north + j * grid_m as i32, ..cell };
                prop_assert_eq!(one.parent(parent_size), Some(small));
                all.push(on_grid(&cells, &one, &ladder));
            }
        }
        let mut unite = Unite::default();
        for ring in &all {
            unite.add(&crate::geometry::paths::GridPaths::uniform(PathKind::Ring, ring, &[], &[], 0));
        }
        let region = unite.finish().expect("simple");
        let sum: i128 = all.iter().map(|ring| ring_area(ring)).sum();
        // Next to the antimeridian a region is there once more, one world further.
        let sides = if lonlat[0].abs() > 169.9 { 1..=2 } else { 1..=1 };
        prop_assert!(sides.contains(&region.rings().len()));
        for ring in region.rings() {
            prop_assert_eq!(ring_area(ring), sum);
        }
    }
}

#[test]
fn all_cells_have_the_area_that_they_say() {
    use geo::{GeodesicArea as _, LineString, Polygon};
    let cells = cells();
    for (lonlat, _) in IN_EUROPE.iter().chain(ELSEWHERE) {
        if lonlat[1] > 85.0 {
            continue;
        }
        for size in [1000, 10_000] {
            let cell = cells.cell_of(*lonlat, size).expect("a place");
            let ring = cells
                .ring_lonlat(&cell, &Ladder::from(1000))
                .expect("a place");
            let polygon = Polygon::new(LineString::from(ring), Vec::new());
            let area = polygon.geodesic_area_signed();
            let nominal = f64::from(size) * f64::from(size);
            assert!(
                (area / nominal - 1.0).abs() < 1e-4,
                "{lonlat:?} {size}: {area}"
            );
        }
    }
}

#[test]
fn shapes_are_polygons_of_the_layer() {
    let cells = cells();
    let ladder = Ladder::from(1000);
    let cell = cells.cell_of([5.37, 43.3], 5000).expect("a place");
    for crs in [Crs::CRS84, Crs::LAMBERT_93, Crs::WEB_MERCATOR] {
        let frame = StorageFrame::new(crs).expect("known");
        let shape = cells.shape(&cell, &ladder, &frame).expect("in France");
        assert_eq!(
            (shape.kind, &shape.counts[..]),
            (GeometryKind::Polygon, &[1, 21][..])
        );
        assert_eq!(shape.xy.first(), shape.xy.last());
        let (mut degrees, mut again) = (Vec::new(), Vec::new());
        frame
            .place(&shape.xy, &mut degrees, &mut again)
            .expect("a place");
        // The shape on the grid turns the other way than the source.
        let mut back: Vec<GridPoint> = again[1..].to_vec();
        back.sort_unstable();
        let mut on_grid = shape.grid_xy.clone();
        on_grid.sort_unstable();
        assert_eq!(back, on_grid);
    }
    // Beyond the poles of the plane there is nothing: the last cells are narrower.
    let last = cells.cell_of([100.0, 89.99], 10_000).expect("a place");
    let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
    assert!(cells.shape(&last, &ladder, &frame).is_some());
}
