//! What must hold of every pair, on random geometries whose coordinates are small whole numbers: they touch in every way there.

use geo::{Intersects as _, Relate as _};
use proptest::prelude::*;

use super::{matrix, outline, wkt};
use crate::filter::Shape;
use crate::filter::ast::SpatialOp;
use crate::filter::spatial::matrix::{Matrix, Relation};
use crate::filter::spatial::node::Around;
use crate::filter::spatial::outline::Outline;
use crate::filter::spatial::relate::Reference;
use crate::filter::spatial::{is_valid, relate};

type Lattice = [i8; 2];

fn list(vertices: &[Lattice]) -> String {
    let texts: Vec<_> = vertices.iter().map(|[x, y]| format!("{x} {y}")).collect();
    format!("({})", texts.join(","))
}

fn ring(vertices: &[Lattice]) -> String {
    list(&[vertices, &vertices[..1]].concat())
}

fn vertices(side: i8, least: usize, most: usize) -> impl Strategy<Value = Vec<Lattice>> {
    prop::collection::vec([0..=side, 0..=side], least..=most)
}

fn polygon_text(side: i8) -> impl Strategy<Value = String> {
    let hole = prop::option::of(vertices(side, 3, 4));
    (vertices(side, 3, 7), hole).prop_map(|(shell, hole)| {
        let hole = hole.map_or_else(String::new, |hole| format!(",{}", ring(&hole)));
        format!("({}{hole})", ring(&shell))
    })
}

fn line_text(side: i8) -> impl Strategy<Value = String> {
    vertices(side, 2, 5).prop_map(|v| list(&v))
}

/// A geometry in WKT, polygons possibly invalid.
fn text(side: i8) -> impl Strategy<Value = String> {
    let single = prop_oneof![
        vertices(side, 1, 1).prop_map(|v| format!("POINT{}", list(&v))),
        vertices(side, 1, 4).prop_map(|v| format!("MULTIPOINT{}", list(&v))),
        line_text(side).prop_map(|v| format!("LINESTRING{v}")),
        prop::collection::vec(line_text(side), 1..4)
            .prop_map(|v| format!("MULTILINESTRING({})", v.join(","))),
        polygon_text(side).prop_map(|v| format!("POLYGON{v}")),
        prop::collection::vec(polygon_text(side), 1..4)
            .prop_map(|v| format!("MULTIPOLYGON({})", v.join(","))),
    ];
    prop_oneof![
        5 => single.clone(),
        1 => prop::collection::vec(single, 0..4).prop_map(|v| format!("GEOMETRYCOLLECTION({})", v.join(","))),
    ]
}

fn valid(side: i8) -> impl Strategy<Value = Shape> {
    text(side)
        .prop_map(|text| wkt(&text))
        .prop_filter("valid", |shape| is_valid(&shape.as_source()))
}

fn to_geo(shape: &Shape) -> geo::Geometry {
    let source = shape.as_source();
    let line = |xy: &[[f64; 2]]| geo::LineString::from(xy.to_vec());
    let mut members: Vec<geo::Geometry> = Vec::new();
    for path in source.paths() {
        match (path.dimension, path.is_hole) {
            (0, _) => members.extend(path.xy.iter().map(|p| geo::Geometry::Point((*p).into()))),
            (1, _) => members.push(geo::Geometry::LineString(line(path.xy))),
            (_, false) => members.push(geo::Geometry::Polygon(geo::Polygon::new(
                line(path.xy),
                Vec::new(),
            ))),
            (_, true) => {
                if let Some(geo::Geometry::Polygon(polygon)) = members.last_mut() {
                    polygon.interiors_push(line(path.xy));
                }
            }
        }
    }
    if members.len() == 1 {
        members.swap_remove(0)
    } else {
        geo::Geometry::GeometryCollection(geo::GeometryCollection(members))
    }
}

fn transposed(m: &Matrix) -> Matrix {
    Matrix([0, 1, 2].map(|i| [0, 1, 2].map(|j| m.0[j][i])))
}

fn moved(shape: &Shape, to: impl Fn([f64; 2]) -> [f64; 2]) -> Shape {
    let mut shape = shape.clone();
    for p in &mut shape.xy {
        *p = to(*p);
    }
    shape
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// The quick way of telling whether geometries meet agrees with the matrix, and with `geo`, which tells it in another way.
    #[test]
    fn meeting_is_told_alike(a in valid(4), b in valid(4)) {
        let holds = relate(SpatialOp::Intersects, &a.as_source(), &b.as_source());
        let m = matrix(&a, &b);
        let by_matrix = m.0[0][0] >= 0 || m.0[0][1] >= 0 || m.0[1][0] >= 0 || m.0[1][1] >= 0;
        prop_assert_eq!(holds, Some(by_matrix));
        prop_assert_eq!(relate(SpatialOp::Disjoint, &a.as_source(), &b.as_source()), Some(!by_matrix));
        let (a, b) = (to_geo(&a), to_geo(&b));
        prop_assert_eq!(holds, Some(a.intersects(&b)));
        let is_collection = |g: &geo::Geometry| matches!(g, geo::Geometry::GeometryCollection(_));
        // Its matrices of collections are wrong now and then.
        if !is_collection(&a) && !is_collection(&b) {
            prop_assert_eq!(holds, Some(a.relate(&b).is_intersects()));
        }
    }

    /// Quickly settled or not, forwards or backwards, the answer is that of the matrix.
    #[test]
    fn settling_early_changes_nothing(a in text(4), b in text(4)) {
        let (a, b) = (wkt(&a), wkt(&b));
        let m = matrix(&a, &b);
        let dimensions = [outline(&a).dimension(), outline(&b).dimension()];
        let [Some(da), Some(db)] = dimensions else { return Ok(()) };
        for op in SpatialOp::ALL {
            let expected = Relation { op: *op, dimensions: [da, db] }.holds(&m);
            prop_assert_eq!(relate(*op, &a.as_source(), &b.as_source()), Some(expected), "{:?}", op);
            prop_assert_eq!(relate(op.reversed(), &b.as_source(), &a.as_source()), Some(expected), "{:?} turned round", op);
        }
    }

    /// The plane may be turned, mirrored and moved.
    #[test]
    fn the_plane_has_no_preferred_direction(a in text(4), b in text(4)) {
        let (a, b) = (wkt(&a), wkt(&b));
        let m = matrix(&a, &b);
        prop_assert_eq!(m, transposed(&matrix(&b, &a)));
        type Motion = fn([f64; 2]) -> [f64; 2];
        let motions: [Motion; 5] = [
            |[x, y]| [y, x],
            |[x, y]| [-y, x],
            |[x, y]| [-x, y],
            |[x, y]| [x - y, x + y],
            |[x, y]| [x * 3.0 + 1e6, y * 0.125],
        ];
        for to in motions {
            prop_assert_eq!(m, matrix(&moved(&a, to), &moved(&b, to)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// The index of edges only saves time.
    #[test]
    fn the_index_finds_all(a in prop::collection::vec(polygon_text(30), 8..12), b in prop::collection::vec(line_text(30), 15..25)) {
        let a = wkt(&format!("MULTIPOLYGON({})", a.join(",")));
        let b = wkt(&format!("MULTILINESTRING({})", b.join(",")));
        let (with_a, with_b) = (outline(&a), outline(&b));
        let (without_a, without_b) = (outline(&a).without_index(), outline(&b).without_index());
        prop_assume!(with_a.has_index() && with_b.has_index());
        let compare = |a: &Outline, b: Outline| Reference::new(b).matrix(a);
        prop_assert_eq!(compare(&with_a, with_b), compare(&without_a, without_b));
        let mut around = Around::default();
        for x in 0..30 {
            let p = [f64::from(x), f64::from((x * 7) % 30)];
            prop_assert_eq!(around.is_covered(&p, &with_a), around.is_covered(&p, &without_a));
        }
    }
}
