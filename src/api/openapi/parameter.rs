//! Parameters of operations.

use serde_json::{Value, json};

use crate::api::examples;
use crate::api::language;
use crate::api::negotiate::Offer;
use crate::api::queryables;
use crate::api::texts::pick;
use crate::catalog::{Language, VisibleLayer};
use crate::features::{CrsList, FILTER_LANGUAGES, Limits, offered, queryable_fields};
use crate::model::DataType;

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// `query` or `path`.
    pub(super) place: &'static str,
    pub(super) description: String,
    /// OpenAPI 3.0 schema of its value.
    pub(super) schema: Value,
    /// Values that could be given: name and value.
    pub(super) examples: Vec<(&'static str, String)>,
    /// Its name among the components, where it stands there.
    pub(super) component: Option<&'static str>,
}

impl Parameter {
    pub(super) fn query(name: &str, description: impl Into<String>, schema: Value) -> Self {
        Self {
            name: name.to_owned(),
            place: "query",
            description: description.into(),
            schema,
            examples: Vec::new(),
            component: None,
        }
    }

    pub(super) fn path(name: &str, description: impl Into<String>, schema: Value) -> Self {
        Self {
            place: "path",
            ..Self::query(name, description, schema)
        }
    }

    /// The parameter object. Style and explosion are written out: QGIS wants to read them.
    pub(super) fn object(&self) -> Value {
        let mut object = json!({
            "name": self.name,
            "in": self.place,
            "required": self.place == "path",
            "description": self.description,
            "schema": self.schema,
            "style": if self.place == "path" { "simple" } else { "form" },
            "explode": false,
        });
        if !self.examples.is_empty() {
            let examples = self.examples.iter();
            let examples =
                examples.map(|(name, value)| ((*name).to_owned(), json!({ "value": value })));
            object["examples"] = Value::Object(examples.collect());
        }
        object
    }

    /// The parameter where it is used.
    pub(super) fn used(&self) -> Value {
        match self.component {
            Some(name) => json!({ "$ref": format!("#/components/parameters/{name}") }),
            None => self.object(),
        }
    }
}

/// `lang`, and `f` where there is a choice.
pub(super) fn common(offer: Offer, l: Language) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    if offer.names().len() > 1 {
        let text = pick(
            l,
            "Représentation de la réponse ; l’emporte sur l’en-tête Accept.",
            "Representation of the answer; wins over the Accept header.",
        );
        parameters.push(Parameter {
            component: Some("f"),
            ..Parameter::query(
                "f",
                text,
                json!({ "type": "string", "enum": offer.names() }),
            )
        });
    }
    if offer == Offer::File {
        return parameters;
    }
    let text = pick(
        l,
        "Langue des titres et des messages ; l’emporte sur l’en-tête Accept-Language.",
        "Language of titles and messages; wins over the Accept-Language header.",
    );
    parameters.push(Parameter {
        component: Some("lang"),
        ..Parameter::query(
            "lang",
            text,
            json!({ "type": "string", "enum": language::TAGS }),
        )
    });
    parameters
}

/// `limit` (`/req/core/fc-limit-definition`). The official test suite wants all three numbers.
pub(super) fn limit(limits: Limits, l: Language) -> Parameter {
    let text = pick(
        l,
        "Nombre maximal d’objets dans la réponse ; au-delà du maximum, le maximum s’applique.",
        "Greatest number of items in the answer; above the maximum, the maximum applies.",
    );
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": limits.maximum, "default": limits.default });
    Parameter {
        component: Some("limit"),
        ..Parameter::query("limit", text, schema)
    }
}

/// `{collectionId}` for the page that describes all collections at once.
pub(super) fn collection_id(l: Language) -> Parameter {
    let text = pick(
        l,
        "Identifiant de la collection.",
        "Identifier of the collection.",
    );
    Parameter::path("collectionId", text, json!({ "type": "string" }))
}

/// Zoom, column or row of a tile.
pub(super) fn tile_number(name: &str, l: Language) -> Parameter {
    let text = match name {
        "z" | "tileMatrix" => pick(l, "Niveau de zoom.", "Zoom level."),
        "x" | "tileCol" => pick(l, "Colonne, vers l’est.", "Column, eastward."),
        _ => pick(l, "Rangée, vers le sud.", "Row, southward."),
    };
    Parameter::path(name, text, json!({ "type": "integer", "minimum": 0 }))
}

/// `{featureId}`
pub(super) fn feature_id(l: Language) -> Parameter {
    let text = pick(l, "Identifiant de l’objet.", "Identifier of the item.");
    Parameter::path("featureId", text, json!({ "type": "string" }))
}

/// `crs` (`/req/crs/fc-crs-definition`).
pub(super) fn crs(crss: Option<&CrsList>, l: Language) -> Parameter {
    let text = pick(
        l,
        "Système de coordonnées de la réponse, dans l’ordre des axes de son autorité.",
        "Coordinate reference system of the answer, in the axis order of its authority.",
    );
    Parameter::query("crs", text, crs_schema(crss))
}

fn crs_schema(crss: Option<&CrsList>) -> Value {
    let mut schema = json!({ "type": "string", "format": "uri" });
    if let Some(list) = crss {
        schema["enum"] = list.entries.iter().map(|e| e.uri.as_str()).collect();
        schema["default"] = list.default_crs().uri.as_str().into();
    }
    schema
}

/// Parameters of items, those of the collection's properties included.
pub(super) fn items(layer: Option<&VisibleLayer>, limits: Limits, l: Language) -> Vec<Parameter> {
    let crss = layer.map(offered);
    let mut parameters = vec![
        limit(limits, l),
        bbox(l),
        Parameter::query(
            "bbox-crs",
            pick(
                l,
                "Système de coordonnées de bbox.",
                "Coordinate reference system of bbox.",
            ),
            crs_schema(crss.as_ref()),
        ),
        datetime(l),
        crs(crss.as_ref(), l),
    ];
    let whole = json!({ "type": "integer", "minimum": 0, "default": 0 });
    let text = pick(
        l,
        "Nombre d’objets à sauter ; préférez les liens next, qui restent justes si les données changent.",
        "Number of items to pass over; prefer the links next, which stay right when the data change.",
    );
    parameters.push(Parameter::query("offset", text, whole));
    let text = pick(
        l,
        "Suite d’une page ; ne s’écrit pas à la main, se trouve dans les liens next.",
        "Continuation of a page; not written by hand, found in the links next.",
    );
    parameters.push(Parameter::query(
        "cursor",
        text,
        json!({ "type": "string" }),
    ));
    parameters.extend(filter(layer, crss.as_ref(), l));
    if let Some(layer) = layer {
        parameters.extend(properties(layer, l));
    }
    parameters
}

/// `filter`, `filter-lang` and `filter-crs` (OGC 19-079r2 `/req/filter/filter-param`, `filter-lang-param`, `filter-crs-param`).
fn filter(layer: Option<&VisibleLayer>, crss: Option<&CrsList>, l: Language) -> [Parameter; 3] {
    let text = pick(
        l,
        "Filtre CQL2 (OGC 21-065r2) sur les propriétés et la géométrie, voir la ressource queryables de la collection ; s’ajoute aux autres paramètres par un ET.",
        "CQL2 filter (OGC 21-065r2) on properties and geometry, see the collection's queryables; joined to the other parameters by AND.",
    );
    let mut filter = Parameter::query("filter", text, json!({ "type": "string" }));
    let example = layer.map(examples::trees).unwrap_or_default().pop();
    filter.examples = example.map_or_else(Vec::new, |tree| {
        let (text, json) = (crate::filter::to_text(&tree), crate::filter::to_json(&tree));
        vec![("cql2-text", text), ("cql2-json", json)]
    });
    let text = pick(
        l,
        "Langage de filter : CQL2 en texte ou en JSON. cql-text est le nom que portait le texte dans les brouillons du standard, sous lequel GDAL l’envoie. Sans filter, sans effet.",
        "Language of filter: CQL2 as text or as JSON. cql-text is the name of the text in drafts of the standard, under which GDAL sends it. Without filter it has no effect.",
    );
    let schema =
        json!({ "type": "string", "enum": FILTER_LANGUAGES, "default": FILTER_LANGUAGES[0] });
    let language = Parameter::query("filter-lang", text, schema);
    let text = pick(
        l,
        "Système de coordonnées des géométries de filter, dans l’ordre des axes de son autorité. Sans filter, sans effet.",
        "Coordinate reference system of the geometries in filter, in the axis order of its authority. Without filter it has no effect.",
    );
    let crs = Parameter::query("filter-crs", text, crs_schema(crss));
    [filter, language, crs]
}

/// `bbox` (`/req/core/fc-bbox-definition`). Four or six numbers; the official test suite wants it said by minItems and maxItems.
fn bbox(l: Language) -> Parameter {
    let text = pick(
        l,
        "Rectangle (quatre nombres) ou boîte (six) que la géométrie des objets doit toucher : premier coin, puis second, dans l’ordre des axes de bbox-crs. Un premier coin plus à l’est que le second traverse l’antiméridien. Les objets sans géométrie sont toujours retenus.",
        "Rectangle (four numbers) or box (six) that the geometry of items must touch: lower corner, then upper, in the axis order of bbox-crs. A lower corner east of the upper one crosses the antimeridian. Items without geometry always match.",
    );
    let schema =
        json!({ "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } });
    Parameter::query("bbox", text, schema)
}

/// `datetime` (`/req/core/fc-time-definition`).
fn datetime(l: Language) -> Parameter {
    let text = pick(
        l,
        "Instant RFC 3339 (2024-01-31T12:00:00Z), jour (2024-01-31) ou intervalle de ceux-ci (début/fin ; une extrémité ouverte s’écrit ..). Les objets sans date sont toujours retenus.",
        "RFC 3339 instant (2024-01-31T12:00:00Z), day (2024-01-31), or interval of these (start/end; an open end is written ..). Items without time always match.",
    );
    Parameter::query("datetime", text, json!({ "type": "string" }))
}

/// One parameter for each property that can be asked for by equality (`/rec/core/fc-filters`).
fn properties(layer: &VisibleLayer, l: Language) -> Vec<Parameter> {
    let parameter = |field: &crate::model::Field| {
        let only = pick(
            l,
            "Objets dont la propriété vaut exactement",
            "Items whose property is exactly",
        );
        let described = field.description.as_deref().or(field.title.as_deref());
        let text = described.map_or_else(|| format!("{only} …"), |d| format!("{only} … — {d}"));
        Parameter::query(&field.name, text, queryables::property(field))
    };
    queryable_fields(layer.schema())
        .map(|(_, field)| parameter(field))
        .collect()
}

/// The schema of a property's values.
pub(super) fn value_schema(data_type: DataType) -> Value {
    match data_type {
        DataType::Boolean => json!({ "type": "boolean" }),
        DataType::Integer => json!({ "type": "integer", "format": "int64" }),
        DataType::Number => json!({ "type": "number" }),
        DataType::Date => json!({ "type": "string", "format": "date" }),
        // Instants without a zone are kept as the source wrote them, which `date-time` does not allow.
        DataType::String | DataType::DateTime => json!({ "type": "string" }),
        DataType::Json => json!({}),
    }
}
