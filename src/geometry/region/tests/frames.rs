//! The storage CRS and the grid, both ways.

use super::*;

/// Where new vertices are written, they are found again.
#[test]
fn coordinates_of_grid_vertices_lead_back_to_them() {
    let places = [
        (4326, [5.4, 43.3]),
        (3857, [-61.0, 14.6]),
        (2154, [5.4, 43.3]),
        (2154, [-4.7, 48.4]),
        (3943, [5.4, 43.3]),
        (25832, [9.5, 60.1]),
        (32740, [55.5, -21.1]),
        (3035, [25.3, 71.2]),
        (2975, [55.5, -21.1]),
        (27700, [-1.5, 52.4]),
    ];
    for (code, [lon, lat]) in places {
        let frame = StorageFrame::new(Crs::epsg(code).expect("known")).expect("known");
        let [x, y] = grid::from_lonlat(lon, lat);
        let (mut degrees, mut again) = (Vec::new(), Vec::new());
        for i in 0..500 {
            let p = [x + i * 7919 % 4999, y + i * 104_729 % 7001];
            let written = frame.of_grid(p).expect("a place");
            frame
                .place(&[written], &mut degrees, &mut again)
                .expect("a place");
            assert_eq!(again, [p], "EPSG:{code} {written:?}");
        }
    }
}

/// In the plane of Lambert-93 a cut gives plane coordinates, those of the row bit for bit.
#[test]
fn a_row_in_a_plane_is_cut_on_the_grid() {
    let frame = StorageFrame::new(Crs::LAMBERT_93).expect("known");
    let corner = [892_390.217, 6_247_035.113];
    let at = |ring: [[f64; 2]; 5]| ring.map(|p| [corner[0] + p[0], corner[1] + p[1]]);
    let xy = at([
        [0.0, 0.0],
        [100.0, 0.0],
        [100.0, 100.0],
        [0.0, 100.0],
        [0.0, 0.0],
    ]);
    let half = at([
        [-10.0, -10.0],
        [50.0, -10.0],
        [50.0, 110.0],
        [-10.0, 110.0],
        [-10.0, -10.0],
    ]);
    let row = SourceGeometry {
        kind: GeometryKind::Polygon,
        counts: &[1, 5],
        xy: &xy,
        z: &[],
        m: &[],
    };
    // Its western half: the border is straight on the grid, and all but straight in the plane.
    let region = Region::of_geometry(&SourceGeometry { xy: &half, ..row }, Crs::LAMBERT_93)
        .expect("an area");
    let Cut::Part(clipped) = Scratch::default().cut(&region.prepare(), &row, &frame) else {
        panic!("cut");
    };
    assert_eq!(clipped.xy.len(), 5);
    for p in [xy[0], xy[3]] {
        assert!(clipped.xy.contains(&p));
    }
    for p in clipped.xy.iter().filter(|p| !xy.contains(p)) {
        assert!((p[0] - corner[0] - 50.0).abs() < 0.02, "{p:?}");
        assert_eq!(p.map(|v| (v * 1e4).round() / 1e4), *p);
    }
}
