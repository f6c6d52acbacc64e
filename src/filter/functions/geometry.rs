//! What can be read off a geometry. Geometries come as longitudes and latitudes, whatever the CRS of
//! the filter.

use super::{Argument, Function, argument, function};
use crate::filter::arithmetic::finite;
use crate::filter::shape::Shape;
use crate::filter::value::{Type, Value};
use crate::geometry::source::GeometryKind;

const ONE: &[Argument] = &[argument("geometry", &[Type::Geometry])];

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "geometry_type",
        [
            "Le type de la géométrie, comme dans GeoJSON : Point, MultiPolygon…",
            "The type of the geometry as GeoJSON names it: Point, MultiPolygon…",
        ],
        ONE,
        Type::Text,
        20,
        |a| of(a, |shape| Value::Text(shape.kind.name().into())),
    ),
    function(
        "vertex_count",
        ["Le nombre de sommets.", "The number of vertices."],
        ONE,
        Type::Number,
        20,
        |a| of(a, |shape| Value::Int(shape.xy.len() as i64)),
    ),
    function(
        "x",
        [
            "La longitude d’un point, en degrés ; NULL pour une autre géométrie.",
            "The longitude of a point, in degrees; NULL for other geometries.",
        ],
        ONE,
        Type::Number,
        20,
        |a| of(a, |shape| ordinate(shape, 0)),
    ),
    function(
        "y",
        [
            "La latitude d’un point, en degrés ; NULL pour une autre géométrie.",
            "The latitude of a point, in degrees; NULL for other geometries.",
        ],
        ONE,
        Type::Number,
        20,
        |a| of(a, |shape| ordinate(shape, 1)),
    ),
];

fn of<'v>(arguments: &[Value<'v>], result: impl FnOnce(&Shape) -> Value<'static>) -> Value<'v> {
    match arguments {
        [Value::Geometry(shape)] => result(shape),
        _ => Value::Null,
    }
}

fn ordinate(shape: &Shape, axis: usize) -> Value<'static> {
    match (shape.kind, &shape.xy[..]) {
        (GeometryKind::Point, [vertex]) => finite(vertex[axis]),
        _ => Value::Null,
    }
}
