//! From visible layers to the bytes of a tile.

use std::ops::ControlFlow;

use fast_mvt::{MvtCoord, MvtError, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtResult};
use thiserror::Error;

use super::coord::TileCoord;
use super::properties::Tags;
use super::shape::{Shape, Shaper};
use super::source::{TileRow, TileRows};
use crate::geometry::grid::GridPoint;
use crate::geometry::predicates::ring_area;

/// A tile in MVT 2.1, not compressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tile {
    /// The bytes; none at all where no feature is drawn.
    pub mvt: Vec<u8>,
    /// Features drawn, one for each kind of geometry of a row.
    pub features: u32,
    /// Rows that lie in the tile and are too small to be drawn at this zoom.
    pub collapsed: u32,
}

/// A tile that the format cannot hold.
#[derive(Debug, Error)]
#[error("tile {coord} of layer {layer:?}: {source}")]
pub struct RenderError {
    coord: TileCoord,
    layer: String,
    source: MvtError,
}

/// Draws the layers, in their order, into one tile. Layers that begin at a deeper zoom are left out, as are layers of which nothing is
/// in the tile. All layers are drawn down to the last zoom of the deepest: viewers enlarge whole tiles, not single layers.
pub fn render(layers: &[&dyn TileRows], coord: TileCoord) -> Result<Tile, RenderError> {
    let mut tile = Tile::default();
    let last = layers.iter().map(|l| l.tile_zooms().1).max().unwrap_or(0);
    for layer in layers {
        if !(layer.tile_zooms().0..=last).contains(&coord.z()) {
            continue;
        }
        render_layer(*layer, coord, &mut tile).map_err(|source| RenderError {
            coord,
            layer: layer.name().to_owned(),
            source,
        })?;
    }
    Ok(tile)
}

fn render_layer(layer: &dyn TileRows, coord: TileCoord, tile: &mut Tile) -> MvtResult<()> {
    let mut shaper = Shaper::new(coord, layer.tile_zooms().1);
    let mut tags = Tags::new(layer);
    // `None` only while a feature is being written, or after an error.
    let mut builder = Some(MvtLayerBuilder::new(layer.name())?);
    let mut outcome = Ok(());
    layer.scan(&coord.windows(), &mut |row| {
        let Some(bbox) = row.grid_bbox() else {
            return ControlFlow::Continue(());
        };
        let Some(shape) = shaper.shape(&bbox, &row.grid_paths()) else {
            return ControlFlow::Continue(());
        };
        if shape.collapsed {
            tile.collapsed += 1;
            return ControlFlow::Continue(());
        }
        let Some(layer) = builder.take() else {
            return ControlFlow::Break(());
        };
        match write_row(layer, &shape, row, &mut tags) {
            Ok(layer) => {
                builder = Some(layer);
                ControlFlow::Continue(())
            }
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        }
    });
    outcome?;
    if let Some(layer) = builder
        && layer.num_features() > 0
    {
        tile.features += layer.num_features() as u32;
        // A layer is a chunk of its own: tiles are joined by joining their bytes.
        tile.mvt.append(&mut layer.encode());
    }
    Ok(())
}

/// One feature for each kind of geometry in the row.
fn write_row(
    mut layer: MvtLayerBuilder,
    shape: &Shape<'_>,
    row: &dyn TileRow,
    tags: &mut Tags<'_>,
) -> MvtResult<MvtLayerBuilder> {
    if !shape.points.is_empty() {
        let mut feature = layer.feature_of(MvtGeomType::Point);
        feature.points(coords(shape.points))?;
        layer = finish(feature, row, tags)?;
    }
    if !shape.lines.is_empty() {
        let mut feature = layer.feature_of(MvtGeomType::LineString);
        for line in shape.lines.iter() {
            feature.line(coords(line))?;
        }
        layer = finish(feature, row, tags)?;
    }
    if !shape.rings.is_empty() {
        let mut feature = layer.feature_of(MvtGeomType::Polygon);
        for ring in shape.rings.iter() {
            feature.ring(coords(ring), ring_area(ring) > 0)?;
        }
        layer = finish(feature, row, tags)?;
    }
    Ok(layer)
}

fn finish(
    mut feature: MvtFeatureBuilder,
    row: &dyn TileRow,
    tags: &mut Tags<'_>,
) -> MvtResult<MvtLayerBuilder> {
    tags.write(row, &mut feature)?;
    Ok(feature.end())
}

fn coords(points: &[GridPoint]) -> impl Iterator<Item = MvtCoord> + '_ {
    points.iter().map(|[x, y]| MvtCoord { x: *x, y: *y })
}

#[cfg(test)]
mod tests {
    use super::super::coord::{BUFFER, EXTENT};
    use super::super::double::Rows;
    use super::*;
    use crate::geometry::grid::from_lonlat;
    use crate::geometry::paths::PathKind;
    use crate::geometry::validity::Validity;
    use crate::model::temporal::Date;
    use crate::model::{DataType, FeatureId, ValueRef};
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
        rows.rows[0].id = FeatureId::Int((1 << 53) + 1);
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
}
