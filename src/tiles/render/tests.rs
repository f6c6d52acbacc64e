use super::*;
use crate::geometry::grid::from_lonlat;
use crate::geometry::paths::PathKind;
use crate::geometry::validity::Validity;
use crate::model::temporal::Date;
use crate::model::{DataType, FeatureId, ValueRef};
use crate::tiles::coord::{BUFFER, EXTENT};
use crate::tiles::double::Rows;
use fast_mvt::{MvtReaderRef, MvtTile, MvtValue};
use geo::{MultiPolygon, Polygon, Validation};
use proptest::prelude::*;

fn tile(rows: &Rows, z: u32, x: u32, y: u32) -> Tile {
    render(&[rows], TileCoord::from_zxy(z, x, y).unwrap()).unwrap()
}

fn decode(tile: &Tile) -> MvtTile {
    MvtReaderRef::new(&tile.mvt).unwrap().to_tile().unwrap()
}

fn only_geometry(tile: &Tile) -> geo::Geometry<i32> {
    let mut decoded = decode(tile);
    assert_eq!(decoded.layers.len(), 1);
    assert_eq!(decoded.layers[0].features.len(), 1);
    decoded.layers.remove(0).features.remove(0).geometry
}

const BOX: [[f64; 2]; 5] = [
    [5.0, 43.0],
    [6.0, 43.0],
    [6.0, 44.0],
    [5.0, 44.0],
    [5.0, 43.0],
];

#[test]
fn a_tile_wholly_inside_is_one_square_and_outside_there_is_nothing() {
    let rows = Rows::of(PathKind::Ring, &[&BOX]);
    let (b, e) = (BUFFER, EXTENT + BUFFER);
    let inside = tile(&rows, 12, 2110, 1495);
    assert_eq!((inside.features, inside.collapsed), (1, 0));
    let geo::Geometry::Polygon(p) = only_geometry(&inside) else {
        panic!("{inside:?}")
    };
    let mut corners: Vec<_> = p.exterior().0[1..].iter().map(|c| (c.x, c.y)).collect();
    corners.sort_unstable();
    assert_eq!(corners, [(-b, -b), (-b, e), (e, -b), (e, e)]);
    assert_eq!(tile(&rows, 12, 0, 0), Tile::default());
    // Beside it: the box of a triangle meets the tile, the triangle does not.
    let corner = Rows::of(
        PathKind::Ring,
        &[&[[5.0, 43.0], [6.0, 43.0], [5.0, 44.0], [5.0, 43.0]]],
    );
    assert_eq!(tile(&corner, 12, 2115, 1491), Tile::default());
}

#[test]
fn a_tile_in_a_hole_is_empty() {
    let grow = |m: f64| {
        BOX.map(|[x, y]| from_lonlat(x + (x - 5.5) * m, y + (y - 43.5) * m))
            .to_vec()
    };
    let mut rows = Rows::new(&[]);
    rows.push(
        1,
        vec![],
        &[
            (PathKind::Ring, false, grow(1.0)),
            (PathKind::Ring, true, grow(0.0)),
        ],
    );
    assert_eq!(tile(&rows, 14, 8442, 5989), Tile::default());
    assert_eq!(tile(&rows, 5, 16, 11).features, 1);
}

#[test]
fn what_is_too_small_is_counted_and_on_the_last_zoom_drawn() {
    let tiny = |x: f64, y: f64, d: f64| [[x, y], [x + d, y], [x + d, y + d], [x, y]];
    let a = tiny(5.5, 43.5, 1e-6);
    let rows = Rows::of(PathKind::Ring, &[&a]);
    assert_eq!(
        tile(&rows, 5, 16, 11),
        Tile {
            collapsed: 1,
            ..Tile::default()
        }
    );
    let last = tile(&rows, 14, 8442, 5989);
    assert_eq!((last.features, last.collapsed), (1, 0));
    let line = [[5.5, 43.5], [5.500_001, 43.500_001]];
    let rows = Rows::of(PathKind::Line, &[&line]);
    assert_eq!(tile(&rows, 5, 16, 11).collapsed, 1);
    assert_eq!(tile(&rows, 14, 8442, 5989).features, 1);
}

#[test]
fn many_small_plots_keep_their_ground() {
    // 100 by 100 plots side by side, of about 0.29 by 0.4 units at zoom 7.
    let side = 0.0002;
    let plots: Vec<Vec<[f64; 2]>> = (0..10_000)
        .map(|i| {
            let (x, y) = (
                5.0 + f64::from(i % 100) * side,
                43.0 + f64::from(i / 100) * side,
            );
            vec![
                [x, y],
                [x + side, y],
                [x + side, y + side],
                [x, y + side],
                [x, y],
            ]
        })
        .collect();
    let shapes: Vec<&[[f64; 2]]> = plots.iter().map(|p| &p[..]).collect();
    let rows = Rows::of(PathKind::Ring, &shapes);
    let t = tile(&rows, 7, 65, 47);
    assert!(t.collapsed > 8000);
    let corners = [from_lonlat(5.0, 43.02), from_lonlat(5.02, 43.0)];
    let unit = TileCoord::from_zxy(7, 65, 47).unwrap().unit();
    let ground = f64::from(corners[1][0] - corners[0][0]) / unit
        * f64::from(corners[1][1] - corners[0][1])
        / unit;
    let drawn = f64::from(t.features) * 4.0;
    assert!((drawn / ground - 1.0).abs() < 0.02, "{drawn} of {ground}");
}

#[test]
fn shapes_across_the_antimeridian_are_on_both_sides() {
    let far = [
        [178.0, -18.0],
        [182.0, -18.0],
        [182.0, -15.0],
        [178.0, -15.0],
        [178.0, -18.0],
    ];
    let west: Vec<_> = far.iter().map(|p| [p[0] - 360.0, p[1]]).collect();
    for shape in [&far[..], &west] {
        let rows = Rows::of(PathKind::Ring, &[shape]);
        for (x, y) in [(63, 34), (0, 34)] {
            assert_eq!(tile(&rows, 6, x, y).features, 1, "{x}");
        }
        assert_eq!(tile(&rows, 6, 1, 34), Tile::default());
        let geo::Geometry::MultiPolygon(whole) = only_geometry(&tile(&rows, 0, 0, 0)) else {
            panic!()
        };
        assert_eq!(whole.0.len(), 2);
    }
    let points = Rows::of(PathKind::Points, &[&[[180.0, 0.0]], &[[-180.0, 10.0]]]);
    for x in [0, 7] {
        assert_eq!(tile(&points, 3, x, 3).features, 2);
    }
}

#[test]
fn a_point_on_a_corner_is_in_four_tiles_and_once_in_each() {
    let rows = Rows::of(PathKind::Points, &[&[[0.0, 0.0], [0.0, 0.0]]]);
    for (x, y, place) in [
        (7, 7, (4096, 4096)),
        (8, 7, (0, 4096)),
        (7, 8, (4096, 0)),
        (8, 8, (0, 0)),
    ] {
        let geo::Geometry::Point(p) = only_geometry(&tile(&rows, 4, x, y)) else {
            panic!()
        };
        assert_eq!((p.x(), p.y()), place);
    }
}

#[test]
fn poles_and_the_whole_world_stay_within_the_tile() {
    let antarctica = [
        [-180.0, -90.0],
        [-180.0, -70.0],
        [0.0, -65.0],
        [180.0, -70.0],
        [180.0, -90.0],
        [-180.0, -90.0],
    ];
    let world = [
        [-180.0, -90.0],
        [180.0, -90.0],
        [180.0, 90.0],
        [-180.0, 90.0],
        [-180.0, -90.0],
    ];
    for shape in [
        antarctica,
        world
            .iter()
            .chain(&world[4..])
            .copied()
            .collect::<Vec<_>>()
            .try_into()
            .unwrap(),
    ] {
        let rows = Rows::of(PathKind::Ring, &[&shape]);
        check_tile(&tile(&rows, 0, 0, 0));
        check_tile(&tile(&rows, 3, 7, 6));
    }
}

#[test]
fn a_collection_gives_one_feature_for_each_kind() {
    let mut rows = Rows::new(&[]);
    let p = from_lonlat(5.5, 43.5);
    rows.push(
        7,
        vec![],
        &[
            (PathKind::Points, false, vec![p]),
            (PathKind::Line, false, vec![p, from_lonlat(5.6, 43.5)]),
            (
                PathKind::Ring,
                false,
                BOX.map(|[x, y]| from_lonlat(x, y)).to_vec(),
            ),
        ],
    );
    let t = tile(&rows, 8, 131, 93);
    assert_eq!(t.features, 3);
    assert!(
        decode(&t).layers[0]
            .features
            .iter()
            .all(|f| f.id == Some(7))
    );
}

#[test]
fn layers_join_and_zooms_are_kept() {
    let mut a = Rows::of(PathKind::Ring, &[&BOX]);
    let mut b = Rows::of(PathKind::Points, &[&[[5.5, 43.5]]]);
    a.name = "a".to_owned();
    b.name = "b".to_owned();
    a.zooms = (0, 10);
    b.zooms = (9, 14);
    let at = |z, x, y| render(&[&a, &b], TileCoord::from_zxy(z, x, y).unwrap()).unwrap();
    let names = |t: &Tile| {
        decode(t)
            .layers
            .iter()
            .map(|l| l.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&at(8, 131, 93)), ["a"]);
    assert_eq!(names(&at(9, 263, 187)), ["a", "b"]);
    assert_eq!(names(&at(14, 8442, 5989)), ["a", "b"]);
    assert_eq!(at(15, 16_884, 11_978), Tile::default());
}

#[test]
fn values_keep_their_types_and_digits() {
    let fields = [
        ("b", DataType::Boolean),
        ("i", DataType::Integer),
        ("n", DataType::Integer),
        ("f", DataType::Number),
        ("nan", DataType::Number),
        ("s", DataType::String),
        ("", DataType::Date),
        ("j", DataType::Json),
        ("null", DataType::String),
        ("id", DataType::String),
    ];
    let mut rows = Rows::new(&fields);
    rows.small_ids = false;
    rows.push(
        0,
        vec![
            ValueRef::Bool(false),
            ValueRef::Int(i64::MAX),
            ValueRef::Int(i64::MIN),
            ValueRef::Float(-0.0),
            ValueRef::Float(f64::NAN),
            ValueRef::Text("é日本\u{0}👩‍👧"),
            ValueRef::Date(Date(0)),
            ValueRef::Json("{\"a\":[1]}"),
            ValueRef::Null,
            ValueRef::Text("x"),
        ],
        &[(PathKind::Points, false, vec![[0, 0]])],
    );
    rows.list[0].id = FeatureId::Int((1 << 53) + 1);
    let decoded = decode(&tile(&rows, 0, 0, 0));
    let feature = &decoded.layers[0].features[0];
    let expected = [
        ("_id", MvtValue::String("9007199254740993".to_owned())),
        ("b", MvtValue::Bool(false)),
        ("i", MvtValue::UInt(i64::MAX as u64)),
        ("n", MvtValue::SInt(i64::MIN)),
        ("f", MvtValue::Double(-0.0)),
        ("nan", MvtValue::Double(f64::NAN)),
        ("s", MvtValue::String("é日本\u{0}👩‍👧".to_owned())),
        ("", MvtValue::String("1970-01-01".to_owned())),
        ("j", MvtValue::String("{\"a\":[1]}".to_owned())),
        ("id", MvtValue::String("x".to_owned())),
    ]
    .map(|(k, v)| (k.to_owned(), v));
    assert_eq!(feature.id, None);
    assert_eq!(feature.properties, expected);
}

/// Where the lines of a tile cross the vertical at `x`, from north to south.
fn crossings(tile: &Tile, x: f64) -> Vec<f64> {
    let mut all = Vec::new();
    for feature in decode(tile).layers.iter().flat_map(|l| &l.features) {
        let lines = match feature.geometry.clone() {
            geo::Geometry::LineString(l) => vec![l],
            geo::Geometry::MultiLineString(m) => m.0,
            _ => vec![],
        };
        for edge in lines.iter().flat_map(geo::LineString::lines) {
            let [ax, ay, bx, by] =
                [edge.start.x, edge.start.y, edge.end.x, edge.end.y].map(f64::from);
            if (ax < x) != (bx < x) {
                all.push(ay + (by - ay) * (x - ax) / (bx - ax));
            }
        }
    }
    all.sort_by(f64::total_cmp);
    all
}

/// No feature repeats a point, leaves the buffered tile, has a ring without area or of the wrong turn, or is not valid.
fn check_tile(tile: &Tile) {
    for feature in decode(tile).layers.iter().flat_map(|l| &l.features) {
        let polygons: Vec<Polygon<i32>> = match feature.geometry.clone() {
            geo::Geometry::Polygon(p) => vec![p],
            geo::Geometry::MultiPolygon(m) => m.0,
            _ => vec![],
        };
        let (mut xy, mut ends) = (Vec::new(), Vec::new());
        for p in &polygons {
            for (nth, ring) in std::iter::once(p.exterior())
                .chain(p.interiors())
                .enumerate()
            {
                let open: Vec<GridPoint> = ring.0[1..].iter().map(|c| [c.x, c.y]).collect();
                assert!(ring_area(&open).signum() == if nth == 0 { 1 } else { -1 });
                assert!(ring.0.windows(2).all(|w| w[0] != w[1]));
                assert!(
                    open.iter()
                        .flatten()
                        .all(|v| (-BUFFER..=EXTENT + BUFFER).contains(v))
                );
                xy.extend(open);
                ends.push(xy.len() as u32);
            }
        }
        if !polygons.is_empty() {
            assert_eq!(Validity::default().check(&xy, &ends), Ok(()));
            if xy.len() < 200 {
                let float: MultiPolygon<f64> = MultiPolygon::new(polygons)
                    .map_coords(|c| geo::coord! { x: f64::from(c.x), y: f64::from(c.y) });
                assert!(float.is_valid(), "{:?}", float.validation_errors());
            }
        }
    }
}

use geo::MapCoords;

/// Rings around tile 14/8442/5989 at every size from far below a unit to far beyond the tile.
fn rings() -> impl Strategy<Value = Vec<(bool, Vec<GridPoint>)>> {
    let ring = (
        4i32..24,
        prop::collection::vec((-1000i32..1000, -1000i32..1000), 3..40),
    )
        .prop_map(|(size, v)| {
            let scale = |v: i32| (i64::from(v) << size) / 1024;
            let center = from_lonlat(5.503, 43.503);
            v.into_iter()
                .map(|(x, y)| [center[0] + scale(x) as i32, center[1] + scale(y) as i32])
                .collect()
        });
    prop::collection::vec((any::<bool>(), ring), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn polygons_are_sound_at_every_zoom(rings in rings()) {
        let mut rows = Rows::new(&[]);
        let paths: Vec<_> = rings.into_iter().map(|(hole, xy)| (PathKind::Ring, hole, xy)).collect();
        rows.push(1, vec![], &paths);
        let center = from_lonlat(5.503, 43.503);
        for z in 0..=16u32 {
            let at = |v: i32| ((i64::from(v) + (1 << 30)) >> (31 - z)) as u32;
            check_tile(&tile(&rows, z, at(center[0]), at(center[1])));
        }
    }

    /// Thinned lines go on in the next tile where they leave this one, although their next vertex may be far away.
    #[test]
    fn neighbouring_tiles_meet_at_their_border(steps in prop::collection::vec((200i32..20_000, -200i32..200), 4..200), start in 0i32..2_000_000) {
        let (west, east) = (TileCoord::from_zxy(10, 527, 374).unwrap(), TileCoord::from_zxy(10, 528, 374).unwrap());
        let border = east.frame(0).origin;
        let mut p = [border[0] as i32 - start, border[1] as i32 + 1_000_000];
        let mut line = vec![p];
        for (dx, dy) in steps {
            p = [p[0] + dx, p[1] + dy];
            line.push(p);
        }
        let mut rows = Rows::new(&[]);
        rows.push(1, vec![], &[(PathKind::Line, false, line)]);
        let left = crossings(&render(&[&rows], west).unwrap(), f64::from(EXTENT));
        let right = crossings(&render(&[&rows], east).unwrap(), 0.0);
        // Half a unit of rounding on either side.
        if left.len() == 1 && right.len() == 1 {
            prop_assert!((left[0] - right[0]).abs() <= 1.0, "{left:?} {right:?}");
        }
    }

    #[test]
    fn the_mvt_crate_encodes_the_same(
        points in prop::collection::vec((0i32..4096, 0i32..4096), 2..9),
        text in ".*", int: i64, float: f64, flag: bool, id in 0u64..1 << 53,
    ) {
        // At zoom 19 the units of the tile are those of the grid.
        let coord = TileCoord::from_zxy(19, 270_150, 191_400).unwrap();
        let origin = coord.frame(0).origin;
        let mut line: Vec<GridPoint> = points.iter().map(|(x, y)| [*x, *y]).collect();
        line.dedup();
        prop_assume!(line.len() > 1);
        let text: &'static str = Box::leak(text.into_boxed_str());
        let mut rows = Rows::new(&[("text", DataType::String), ("int", DataType::Integer), ("float", DataType::Number), ("flag", DataType::Boolean)]);
        rows.zooms = (0, 19);
        let on_grid = line.iter().map(|p| [origin[0] as i32 + p[0], origin[1] as i32 + p[1]]).collect();
        rows.push(id as i64, vec![ValueRef::Text(text), ValueRef::Int(int), ValueRef::Float(float), ValueRef::Bool(flag)], &[(PathKind::Line, false, on_grid)]);
        let ours = decode(&render(&[&rows], coord).unwrap());

        let mut theirs = mvt::Tile::new(4096);
        let mut geometry = mvt::GeomEncoder::<f64>::new(mvt::GeomType::Linestring);
        for p in &line {
            geometry.add_point(f64::from(p[0]), f64::from(p[1])).unwrap();
        }
        let mut feature = theirs.create_layer("layer").into_feature(geometry.encode().unwrap());
        feature.set_id(id);
        feature.add_tag_string("text", text);
        match u64::try_from(int) {
            Ok(v) => feature.add_tag_uint("int", v),
            Err(_) => feature.add_tag_sint("int", int),
        }
        feature.add_tag_double("float", float);
        feature.add_tag_bool("flag", flag);
        theirs.add_layer(feature.into_layer()).unwrap();
        let theirs = MvtReaderRef::new(&theirs.to_bytes().unwrap()).unwrap().to_tile().unwrap();
        prop_assert_eq!(ours, theirs);
    }
}
