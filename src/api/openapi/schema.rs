//! Schemas of the documents (OpenAPI 3.0 schema objects).

use serde_json::{Map, Value, json};

use super::parameter::value_schema;
use crate::catalog::VisibleLayer;

/// A reference to a schema among the components.
pub(super) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The name of the schema of a collection's features.
pub(super) fn feature_name(layer: &VisibleLayer) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-._".contains(c) {
            c
        } else {
            '_'
        }
    };
    format!(
        "feature.{}",
        layer.id().chars().map(plain).collect::<String>()
    )
}

/// The schema of a collection's features.
pub(super) fn feature(layer: &VisibleLayer) -> Value {
    let fields = &layer.schema().fields;
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let mut schema = value_schema(field.data_type);
            if schema.get("type").is_some() {
                schema["nullable"] = true.into();
            }
            if let Some(title) = &field.title {
                schema["title"] = title.as_str().into();
            }
            if let Some(description) = &field.description {
                schema["description"] = description.as_str().into();
            }
            (field.name.clone(), schema)
        })
        .collect();
    let id = if layer.ids_are_integers() {
        json!({ "type": "integer", "format": "int64" })
    } else {
        json!({ "type": "string" })
    };
    json!({
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": id,
            "geometry": of("geometry"),
            "properties": { "type": "object", "properties": properties },
            "links": { "type": "array", "items": of("link") },
        },
    })
}

/// Schemas that every definition has.
pub(super) fn common() -> Map<String, Value> {
    let links = json!({ "type": "array", "items": of("link") });
    let Value::Object(map) = json!({
        "link": {
            "type": "object",
            "required": ["href", "rel"],
            "properties": {
                "href": { "type": "string", "format": "uri" },
                "rel": { "type": "string" },
                "type": { "type": "string" },
                "title": { "type": "string" },
                "templated": { "type": "boolean" },
            },
        },
        "landingPage": {
            "type": "object",
            "required": ["links"],
            "properties": {
                "title": { "type": "string" },
                "description": { "type": "string" },
                "contact": { "type": "string" },
                "links": links,
            },
        },
        "confClasses": {
            "type": "object",
            "required": ["conformsTo"],
            "properties": { "conformsTo": { "type": "array", "items": { "type": "string" } }, "links": links },
        },
        "collections": {
            "type": "object",
            "required": ["links", "collections"],
            "properties": { "links": links, "collections": { "type": "array", "items": of("collection") } },
        },
        "collection": collection(&links),
        "extent": extent(),
        "featureCollection": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": { "type": "string", "enum": ["FeatureCollection"] },
                "features": { "type": "array", "items": of("feature") },
                "numberMatched": { "type": "integer", "minimum": 0 },
                "numberReturned": { "type": "integer", "minimum": 0 },
                "links": links,
            },
        },
        "feature": {
            "type": "object",
            "required": ["type", "geometry", "properties"],
            "properties": {
                "type": { "type": "string", "enum": ["Feature"] },
                "id": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
                "geometry": of("geometry"),
                "properties": { "type": "object", "nullable": true },
                "links": links,
            },
        },
        "geometry": geometry(),
        "functions": functions(&links),
        "place": {
            "type": "object",
            "description": "Where in the decoded value of a parameter: characters (Unicode code points) before it, and of it.",
            "properties": {
                "parameter": { "type": "string" },
                "offset": { "type": "integer", "minimum": 0 },
                "length": { "type": "integer", "minimum": 0 },
            },
        },
        "problem": {
            "type": "object",
            "properties": {
                "type": { "type": "string" },
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "detail": { "type": "string" },
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "parameter": { "type": "string" },
                            "detail": { "type": "string" },
                            "at": of("place"),
                        },
                    },
                },
                "at": of("place"),
                "requestId": { "type": "string" },
            },
        },
    }) else {
        return Map::new();
    };
    map
}

fn collection(links: &Value) -> Value {
    let text = json!({ "type": "string" });
    let uri = json!({ "type": "string", "format": "uri" });
    json!({
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": text,
            "title": text,
            "description": text,
            "keywords": { "type": "array", "items": text },
            "license": text,
            "attribution": text,
            "publisher": text,
            "contact": text,
            "updated": text,
            "extent": of("extent"),
            "itemType": text,
            "itemCount": { "type": "integer", "minimum": 0 },
            "idStability": { "type": "string", "enum": ["declared", "source", "positional"] },
            "crs": { "type": "array", "items": uri },
            "storageCrs": uri,
            "links": links,
        },
    })
}

/// OGC 19-079r2 `/req/filter/get-functions-response-json` B.
fn functions(links: &Value) -> Value {
    let text = json!({ "type": "string" });
    let types = json!({
        "type": "array",
        "items": {
            "type": "string",
            "enum": ["string", "number", "integer", "datetime", "geometry", "boolean"],
        },
    });
    let argument = json!({
        "type": "object",
        "required": ["type"],
        "properties": { "title": text, "description": text, "type": types },
    });
    let function = json!({
        "type": "object",
        "required": ["name", "returns"],
        "properties": {
            "name": text,
            "description": text,
            "arguments": { "type": "array", "items": argument },
            "returns": types,
        },
    });
    json!({
        "type": "object",
        "required": ["functions"],
        "properties": { "functions": { "type": "array", "items": function }, "links": links },
    })
}

fn extent() -> Value {
    let numbers =
        json!({ "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } });
    let ends = json!({
        "type": "array", "minItems": 2, "maxItems": 2,
        "items": { "type": "string", "format": "date-time", "nullable": true },
    });
    json!({
        "type": "object",
        "properties": {
            "spatial": {
                "type": "object",
                "properties": { "bbox": { "type": "array", "minItems": 1, "items": numbers }, "crs": { "type": "string" } },
            },
            "temporal": {
                "type": "object",
                "properties": { "interval": { "type": "array", "minItems": 1, "items": ends }, "trs": { "type": "string" } },
            },
        },
    })
}

/// GeoJSON geometries; `null` for a feature without one.
fn geometry() -> Value {
    json!({
        "type": "object",
        "nullable": true,
        "required": ["type"],
        "properties": {
            "type": {
                "type": "string",
                "enum": [
                    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"
                ],
            },
            "coordinates": { "type": "array", "items": {} },
            "geometries": { "type": "array", "items": of("geometry") },
            "m": { "type": "array", "items": { "type": "number", "nullable": true } },
        },
    })
}
