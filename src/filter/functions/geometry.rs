//! What can be read off a geometry. Geometries come as longitudes and latitudes, whatever the CRS of
//! the filter.

use std::sync::LazyLock;

use super::{Argument, Function, argument, function};
use crate::filter::arithmetic::finite;
use crate::filter::shape::Shape;
use crate::filter::spatial::{self, Measures};
use crate::filter::value::{Type, Value};
use crate::geometry::crs::Crs;
use crate::geometry::source::SourceGeometry;

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
        100,
        |a| of(a, |shape| Value::Text(shape.kind.name().into())),
    ),
    function(
        "dimension",
        [
            "La dimension de la géométrie : 0 pour des points, 1 pour des lignes, 2 pour des surfaces.",
            "The dimension of the geometry: 0 for points, 1 for lines, 2 for areas.",
        ],
        ONE,
        Type::Number,
        100,
        |a| of(a, |shape| count(spatial::dimension(&shape.as_source()))),
    ),
    function(
        "vertex_count",
        [
            "Le nombre de sommets ; celui qui ferme un anneau compte.",
            "The number of vertices; the one that closes a ring counts.",
        ],
        ONE,
        Type::Number,
        100,
        |a| {
            of(a, |shape| {
                count(Some(spatial::vertex_count(&shape.as_source()) as i64))
            })
        },
    ),
    function(
        "x",
        [
            "La longitude d’un point, en degrés ; NULL pour une autre géométrie.",
            "The longitude of a point, in degrees; NULL for other geometries.",
        ],
        ONE,
        Type::Number,
        100,
        |a| of(a, |shape| number(spatial::x(&shape.as_source()))),
    ),
    function(
        "y",
        [
            "La latitude d’un point, en degrés ; NULL pour une autre géométrie.",
            "The latitude of a point, in degrees; NULL for other geometries.",
        ],
        ONE,
        Type::Number,
        100,
        |a| of(a, |shape| number(spatial::y(&shape.as_source()))),
    ),
    function(
        "area",
        [
            "La surface des polygones sur l’ellipsoïde, en m² ; 0 pour des lignes et des points.",
            "The area of the polygons on the ellipsoid, in m²; 0 for lines and points.",
        ],
        ONE,
        Type::Number,
        5_000,
        |a| of(a, |shape| number(measured(Measures::area_m2, shape))),
    ),
    function(
        "line_length",
        [
            "La longueur des lignes sur l’ellipsoïde, en m ; 0 pour des polygones et des points.",
            "The length of the lines on the ellipsoid, in m; 0 for polygons and points.",
        ],
        ONE,
        Type::Number,
        5_000,
        |a| of(a, |shape| number(measured(Measures::length_m, shape))),
    ),
    function(
        "perimeter",
        [
            "La longueur des contours des polygones sur l’ellipsoïde, en m ; 0 pour des lignes et des points.",
            "The length of the outlines of the polygons on the ellipsoid, in m; 0 for lines and points.",
        ],
        ONE,
        Type::Number,
        5_000,
        |a| of(a, |shape| number(measured(Measures::perimeter_m, shape))),
    ),
    function(
        "is_valid",
        [
            "Vrai si la géométrie est valide : des anneaux qui ne se croisent pas, des trous à l’intérieur…",
            "True if the geometry is valid: rings that do not cross, holes that lie inside…",
        ],
        ONE,
        Type::Bool,
        5_000,
        |a| {
            of(a, |shape| {
                Value::Bool(spatial::is_valid(&shape.as_source()))
            })
        },
    ),
];

fn of<'v>(arguments: &[Value<'v>], result: impl FnOnce(&Shape) -> Value<'static>) -> Value<'v> {
    match arguments {
        [Value::Geometry(shape)] => result(shape),
        _ => Value::Null,
    }
}

fn number(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Null, finite)
}

fn count(number: Option<impl Into<i64>>) -> Value<'static> {
    number.map_or(Value::Null, |n| Value::Int(n.into()))
}

type Measure = fn(&Measures, &SourceGeometry<'_>) -> Option<f64>;

fn measured(measure: Measure, shape: &Shape) -> Option<f64> {
    static MEASURES: LazyLock<Option<Measures>> = LazyLock::new(|| Measures::new(Crs::CRS84).ok());
    measure(MEASURES.as_ref()?, &shape.as_source())
}
