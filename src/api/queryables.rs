//! What filters of a collection can ask for (OGC 19-079r2 §6, requirements class "Queryables").

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Map, Value, json};

use super::context::Context;
use super::examples;
use super::frame;
use super::items_page::collection_ref;
use super::journal::Shown;
use super::link::Link;
use super::model::{FilterExample, QueryablesPage};
use super::negotiate::{HTML, Offer, SCHEMA};
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;
use crate::access::Surface;
use crate::catalog::VisibleLayer;
use crate::geometry::source::GeometryKind;
use crate::model::{DataType, Field};

/// Link relation from what can be filtered to its queryables.
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
/// The dialect of the document (`/req/queryables/get-queryables-response` B).
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// `GET /collections/{c}/queryables`
pub(super) async fn queryables(
    State(api): State<Arc<ApiState>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    run::answer(&api, request, Offer::Schema, async |context: Context| {
        let mut layer = context.caller.layer(&id, Surface::Discover).await?;
        context.writable()?;
        context.no_parameters()?;
        // Filters are answered from the items: where these may be seen, it is their properties that can be asked for.
        if context.caller.sees(&layer, Surface::Items) {
            layer = context.caller.layer(&id, Surface::Items).await?;
        }
        run::off_thread(&api, move || {
            let body = if context.is_html() {
                let page = page(&context, &layer);
                context.api.pages.queryables(&page, context.language)
            } else {
                document(&context, &layer).to_string()
            };
            let shown = Shown::described(&layer, Surface::Discover);
            Ok(context.reply_of(shown, body.into_bytes(), Vec::new()))
        })
        .await
    })
    .await
}

/// Links to the queryables of a collection: first the document, by the address that it names itself.
pub(super) fn links(context: &Context, layer: &VisibleLayer) -> [Link; 2] {
    let (route, l) = (Route::Queryables(layer.id()), context.language);
    let href = |pairs: &[(&str, &str)]| context.base.href(route, pairs);
    [
        Link::new(
            QUERYABLES,
            href(&[]),
            SCHEMA,
            pick(l, "Propriétés des filtres", "Queryables"),
        ),
        Link::new(
            QUERYABLES,
            href(&[("f", "html")]),
            HTML,
            pick(l, "Propriétés des filtres en HTML", "Queryables as HTML"),
        ),
    ]
}

fn document(context: &Context, layer: &VisibleLayer) -> Value {
    let (schema, metadata) = (layer.schema(), layer.metadata());
    let base = context.base.clone().with_language(None);
    let mut properties = Map::new();
    if let Some(format) = geometry_format(&schema.geometry_kinds) {
        let mut geometry = json!({
            "title": pick(context.language, "Géométrie", "Geometry"),
            "format": format,
            "x-ogc-role": "primary-geometry",
        });
        geometry["x-ogc-propertySeq"] = 1.into();
        properties.insert(schema.geometry_name().to_owned(), geometry);
    }
    for (place, field) in schema.fields.iter().enumerate() {
        let mut property = property(field);
        property["x-ogc-propertySeq"] = (place + 2).into();
        properties.insert(field.name.clone(), property);
    }
    let mut document = json!({
        "$schema": DIALECT,
        "$id": base.href(Route::Queryables(layer.id()), &[]),
        "type": "object",
        "title": metadata.title,
        "properties": properties,
        "additionalProperties": false,
    });
    if let Some(description) = &metadata.description {
        document["description"] = description.as_str().into();
    }
    document
}

/// `format` of the geometry (`/req/queryables/get-queryables-response` E); `None` for a table.
fn geometry_format(kinds: &[GeometryKind]) -> Option<&'static str> {
    use GeometryKind::{
        GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
    };
    Some(match kinds {
        [] => return None,
        [Point] => "geometry-point",
        [MultiPoint] => "geometry-multipoint",
        [LineString] => "geometry-linestring",
        [MultiLineString] => "geometry-multilinestring",
        [Polygon] => "geometry-polygon",
        [MultiPolygon] => "geometry-multipolygon",
        [GeometryCollection] => "geometry-geometrycollection",
        [Point, MultiPoint] => "geometry-point-or-multipoint",
        [LineString, MultiLineString] => "geometry-linestring-or-multilinestring",
        [Polygon, MultiPolygon] => "geometry-polygon-or-multipolygon",
        _ => "geometry-any",
    })
}

/// The schema of a property as a queryable, and as a query parameter (`/req/queryables-query-parameters/parameters` A).
pub(super) fn property(field: &Field) -> Value {
    let mut schema = match field.data_type {
        DataType::Boolean => json!({ "type": "boolean" }),
        DataType::Integer => json!({ "type": "integer", "format": "int64" }),
        DataType::Number => json!({ "type": "number" }),
        DataType::String => json!({ "type": "string" }),
        DataType::Date => json!({ "type": "string", "format": "date" }),
        DataType::DateTime => json!({ "type": "string", "format": "date-time" }),
        DataType::Json => json!({ "type": ["array", "boolean", "number", "object", "string"] }),
    };
    schema["title"] = field.label().into();
    if let Some(description) = &field.description {
        schema["description"] = description.as_str().into();
    }
    let codes: Option<Vec<Value>> = field
        .codes
        .keys()
        .map(|code| coded(field.data_type, code))
        .collect();
    if let Some(codes) = codes.filter(|codes| !codes.is_empty()) {
        schema["enum"] = codes.into();
    }
    schema
}

/// A code as a value of the property's type; `None` if it can be none, so that the list would be wrong.
fn coded(data_type: DataType, code: &str) -> Option<Value> {
    match data_type {
        DataType::Integer => code.parse::<i64>().ok().map(Value::from),
        DataType::Number => code.parse::<f64>().ok().map(Value::from),
        DataType::Boolean => code.parse::<bool>().ok().map(Value::from),
        DataType::String | DataType::Date | DataType::DateTime => Some(code.into()),
        DataType::Json => None,
    }
}

fn page(context: &Context, layer: &VisibleLayer) -> QueryablesPage {
    let (base, route) = (&context.base, Route::Queryables(layer.id()));
    let schema = layer.schema();
    QueryablesPage {
        frame: frame::of(context, route),
        collection: collection_ref(context, layer),
        geometry: (!schema.geometry_kinds.is_empty()).then(|| {
            let name = schema.geometry_name().to_owned();
            (name, schema.geometry_kinds.clone())
        }),
        fields: schema.fields.clone(),
        examples: of_what_is_seen(context, layer)
            .into_iter()
            .map(|filter| FilterExample {
                href: base.path(Route::Items(layer.id()), &[("filter", &filter)]),
                filter,
            })
            .collect(),
        schema: base.path(route, &[("f", "json")]),
        functions: base.path(Route::Functions, &[]),
    }
}

/// Examples hold values of items: only for those who see them.
fn of_what_is_seen(context: &Context, layer: &VisibleLayer) -> Vec<String> {
    if context.caller.sees(layer, Surface::Items) {
        examples::of_items(layer)
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use GeometryKind::{GeometryCollection, LineString, MultiPolygon, Point, Polygon};

    #[test]
    fn geometries_by_what_occurs() {
        for (kinds, format) in [
            (&[][..], None),
            (&[Point], Some("geometry-point")),
            (
                &[Polygon, MultiPolygon],
                Some("geometry-polygon-or-multipolygon"),
            ),
            (&[GeometryCollection], Some("geometry-geometrycollection")),
            (&[Point, LineString], Some("geometry-any")),
            (&[Point, GeometryCollection], Some("geometry-any")),
        ] {
            assert_eq!(geometry_format(kinds), format);
        }
    }

    #[test]
    fn codes_are_of_the_type_of_the_property() {
        let field = |data_type, code: &str| Field {
            codes: [(code.to_owned(), "label".to_owned())].into(),
            ..Field::new("a", data_type)
        };
        assert_eq!(
            property(&field(DataType::String, "04001"))["enum"],
            json!(["04001"])
        );
        assert_eq!(property(&field(DataType::Integer, "7"))["enum"], json!([7]));
        assert_eq!(property(&field(DataType::Integer, "x")).get("enum"), None);
        assert_eq!(
            property(&Field::new("a", DataType::String)).get("enum"),
            None
        );
    }
}
