//! The operations of the API.

use serde_json::{Value, json};

use super::Described;
use super::parameter::{self, Parameter};
use super::schema;
use crate::api::context::Context;
use crate::api::negotiate::{HTML, Offer};
use crate::api::routes::Route;
use crate::api::texts::pick;
use crate::api::tilesets::MVT;
use crate::catalog::{Language, VisibleLayer};
use crate::features::offered;

/// An operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) id: String,
    /// Index into [`tags`].
    pub(super) tag: usize,
    pub(super) summary: String,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) offer: Offer,
    /// Schema of the JSON representation.
    pub(super) schema: Value,
    /// It may be that there is no such thing.
    pub(super) may_be_absent: bool,
    /// It gives tiles, of which some are empty.
    pub(super) gives_tiles: bool,
    /// What is sent: media type and schema.
    pub(super) body: Option<(&'static str, Value)>,
    /// The status of a successful answer.
    pub(super) status: u16,
}

/// Subjects of operations.
pub(super) fn tags(l: Language) -> [&'static str; 5] {
    [
        pick(l, "Le service", "The service"),
        pick(l, "Les données", "The data"),
        pick(l, "Les tuiles", "The tiles"),
        pick(l, "Vos accès", "Your access"),
        pick(l, "L’administration", "Administration"),
    ]
}

impl Operation {
    pub(super) fn new(
        route: Route<'_>,
        id: &str,
        offer: Offer,
        summary: &str,
        schema: Value,
        l: Language,
    ) -> Self {
        Self {
            method: "GET",
            path: route.path(),
            id: id.to_owned(),
            tag: 0,
            summary: summary.to_owned(),
            description: None,
            parameters: parameter::common(offer, l),
            offer,
            schema,
            may_be_absent: false,
            gives_tiles: false,
            body: None,
            status: 200,
        }
    }

    /// Statuses of what changes something, besides that of success.
    fn refusals(&self) -> Vec<(u16, &'static str)> {
        let always = [
            (400, "BadRequest"),
            (401, "Unauthorized"),
            (403, "Forbidden"),
            (409, "Conflict"),
            (414, "UriTooLong"),
            (431, "HeadersTooLarge"),
            (500, "InternalError"),
            (503, "Unavailable"),
        ];
        let absent = self.may_be_absent.then_some((404, "NotFound"));
        let of_body = [
            (413, "BodyTooLarge"),
            (415, "UnsupportedMediaType"),
            (422, "ChangeRefused"),
        ];
        let of_body = of_body.into_iter().filter(|_| self.body.is_some());
        always.into_iter().chain(absent).chain(of_body).collect()
    }

    /// Statuses that the operation can answer with, besides 200, with the names of the components that describe them
    /// (`/req/oas30/exceptions-codes`).
    pub(super) fn other_answers(&self) -> Vec<(u16, &'static str)> {
        if self.method != "GET" {
            return self.refusals();
        }
        let always = [
            (304, "NotModified"),
            (400, "BadRequest"),
            (401, "Unauthorized"),
            (414, "UriTooLong"),
            (431, "HeadersTooLarge"),
            (500, "InternalError"),
            (503, "Unavailable"),
        ];
        let hidden = [(403, "Forbidden"), (404, "NotFound")];
        let absent = hidden.into_iter().filter(|_| self.may_be_absent);
        let other = if self.gives_tiles {
            (204, "EmptyTile")
        } else {
            (406, "NotAcceptable")
        };
        always.into_iter().chain(absent).chain([other]).collect()
    }

    /// Media types of a successful answer, with their schemas.
    pub(super) fn content(&self) -> Vec<(&'static str, Value)> {
        if matches!(self.status, 204 | 303) {
            return Vec::new();
        }
        if self.gives_tiles {
            return vec![(MVT, json!({ "type": "string", "format": "binary" }))];
        }
        let page = (HTML, json!({ "type": "string" }));
        match self.offer {
            Offer::Page => vec![page],
            Offer::DocumentAlone => vec![(self.offer.json_type(), self.schema.clone())],
            _ => vec![(self.offer.json_type(), self.schema.clone()), page],
        }
    }
}

/// Operations on the service itself.
pub(super) fn service(l: Language) -> Vec<Operation> {
    let op = |route, id, offer, fr, en, schema| {
        Operation::new(route, id, offer, pick(l, fr, en), schema, l)
    };
    vec![
        op(
            Route::Landing,
            "getLandingPage",
            Offer::Document,
            "Page d’accueil",
            "Landing page",
            schema::of("landingPage"),
        ),
        op(
            Route::Conformance,
            "getConformance",
            Offer::Document,
            "Classes de conformité",
            "Conformance classes",
            schema::of("confClasses"),
        ),
        op(
            Route::Api,
            "getApi",
            Offer::Definition,
            "Définition de l’API",
            "API definition",
            json!({ "type": "object" }),
        ),
        op(
            Route::ApiPage,
            "getApiPage",
            Offer::Page,
            "Documentation de l’API",
            "Documentation of the API",
            json!({}),
        ),
        op(
            Route::Collections,
            "getCollections",
            Offer::Document,
            "Collections",
            "Collections",
            schema::of("collections"),
        ),
        op(
            Route::Functions,
            "getFunctions",
            Offer::Document,
            "Fonctions des filtres",
            "Functions of filters",
            schema::of("functions"),
        ),
    ]
}

/// Operations on a collection, or on `{collectionId}`.
pub(super) fn collection(context: &Context, of: Option<&Described>) -> Vec<Operation> {
    let l = context.language;
    let layer = of.map(|c| &c.layer);
    // Described once for all of them, the operations on items are those of any collection.
    let items = of.and_then(|c| c.items.as_ref());
    let has_items = of.is_none() || items.is_some();
    let id = layer.map_or("{collectionId}", VisibleLayer::id);
    let title = layer.map_or_else(
        || pick(l, "la collection", "the collection").to_owned(),
        |layer| format!("« {} »", layer.metadata().title),
    );
    let crss = items.map(offered);
    let named = |verb: &str| {
        layer.map_or_else(|| verb.to_owned(), |layer| format!("{verb}.{}", layer.id()))
    };
    let feature = items.map_or_else(
        || schema::of("feature"),
        |layer| schema::of(&schema::feature_name(layer)),
    );
    let collection_of = json!({
        "allOf": [schema::of("featureCollection")],
        "properties": { "features": { "type": "array", "items": feature.clone() } },
    });
    let make = |route: Route<'_>, verb: &str, offer, summary: &str, schema, own: Vec<Parameter>| {
        let summary = format!("{summary} {title}");
        let mut op = Operation::new(route, &named(verb), offer, &summary, schema, l);
        // Only the names of variables stay as they are.
        op.path = op.path.replace("%7B", "{").replace("%7D", "}");
        op.tag = 1;
        op.may_be_absent = true;
        op.description = layer.and_then(|layer| layer.metadata().description.clone());
        let collection_id = layer.is_none().then(|| parameter::collection_id(l));
        let given = collection_id.into_iter().chain(own);
        op.parameters = given.chain(op.parameters).collect();
        op
    };
    let mut operations = vec![
        make(
            Route::Collection(id),
            "describeCollection",
            Offer::Document,
            pick(l, "Description de", "Description of"),
            schema::of("collection"),
            Vec::new(),
        ),
        make(
            Route::Queryables(id),
            "getQueryables",
            Offer::Schema,
            pick(l, "Propriétés des filtres de", "Queryables of"),
            json!({ "type": "object" }),
            Vec::new(),
        ),
    ];
    if !has_items {
        return operations;
    }
    operations.extend([
        make(
            Route::Items(id),
            "getFeatures",
            Offer::Features,
            pick(l, "Objets de", "Items of"),
            collection_of,
            parameter::items(items, context.api.settings.items, l),
        ),
        make(
            Route::Item(id, "{featureId}"),
            "getFeature",
            Offer::Features,
            pick(l, "Un objet de", "One item of"),
            feature,
            vec![parameter::feature_id(l), parameter::crs(crss.as_ref(), l)],
        ),
    ]);
    operations
}

/// Operations on tiles, described once for all collections.
pub(super) fn tiles(l: Language) -> Vec<Operation> {
    const ANY: &str = "{collectionId}";
    let make = |route: Route<'_>, id: &str, offer, fr, en, schema, variables: &[&str]| {
        let mut op = Operation::new(route, id, offer, pick(l, fr, en), schema, l);
        op.path = op.path.replace("%7B", "{").replace("%7D", "}");
        op.tag = 2;
        op.may_be_absent = route.path().contains("%7B");
        op.gives_tiles = offer == Offer::File;
        let own = if op.may_be_absent {
            Some(parameter::collection_id(l))
        } else {
            None
        };
        let variables = variables.iter().map(|name| parameter::tile_number(name, l));
        op.parameters = own
            .into_iter()
            .chain(variables)
            .chain(op.parameters)
            .collect();
        op
    };
    let object = || json!({ "type": "object" });
    let document = Offer::DocumentAlone;
    vec![
        make(
            Route::TileJson(ANY),
            "getTileJson",
            document,
            "TileJSON 3.0",
            "TileJSON 3.0",
            object(),
            &[],
        ),
        make(
            Route::TileTemplate(ANY),
            "getXyzTile",
            Offer::File,
            "Une tuile, colonne avant rangée",
            "A tile, column before row",
            json!({}),
            &["z", "x", "y"],
        ),
        make(
            Route::Tilesets(ANY),
            "getTilesets",
            document,
            "Jeux de tuiles",
            "Tilesets",
            object(),
            &[],
        ),
        make(
            Route::Tileset(ANY),
            "getTileset",
            document,
            "Un jeu de tuiles",
            "A tileset",
            object(),
            &[],
        ),
        make(
            Route::OgcTileTemplate(ANY),
            "getTile",
            Offer::File,
            "Une tuile, rangée avant colonne",
            "A tile, row before column",
            json!({}),
            &["tileMatrix", "tileRow", "tileCol"],
        ),
        make(
            Route::TileMatrixSets,
            "getTileMatrixSets",
            document,
            "Grilles de tuiles",
            "Tile matrix sets",
            object(),
            &[],
        ),
        make(
            Route::TileMatrixSet,
            "getTileMatrixSet",
            document,
            "La grille WebMercatorQuad",
            "The tile matrix set WebMercatorQuad",
            object(),
            &[],
        ),
    ]
}
