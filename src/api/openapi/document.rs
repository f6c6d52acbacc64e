//! The OpenAPI 3.0 document.

use serde_json::{Map, Value, json};

use super::operation::{self, Operation};
use super::parameter::{self, Parameter};
use super::schema;
use crate::api::collections::visible;
use crate::api::context::Context;
use crate::api::negotiate::{HTML, Offer};
use crate::api::problem;
use crate::api::texts::pick;
use crate::catalog::Language;

pub(super) fn document(context: &Context) -> Value {
    let l = context.language;
    let layers = visible(context);
    let mut operations = operation::service(l);
    for layer in &layers {
        operations.extend(operation::collection(context, Some(layer)));
    }
    operations.extend(operation::tiles(l));
    let paths: Map<String, Value> = operations
        .iter()
        .map(|op| (op.path.clone(), path_item(op, l)))
        .collect();
    let mut schemas = schema::common();
    schemas.extend(
        layers
            .iter()
            .map(|layer| (schema::feature_name(layer), schema::feature(layer))),
    );
    json!({
        "openapi": "3.0.3",
        "info": info(context),
        "servers": [{ "url": context.base.service().trim_end_matches('/') }],
        "tags": operation::tags(l).map(|name| json!({ "name": name })),
        "paths": paths,
        "components": {
            "parameters": parameters(context),
            "schemas": schemas,
            "responses": responses(l),
        },
    })
}

fn info(context: &Context) -> Value {
    let platform = context.catalog.platform();
    let mut info = json!({ "title": platform.title, "version": env!("CARGO_PKG_VERSION") });
    if let Some(description) = &platform.description {
        info["description"] = description.as_str().into();
    }
    if let Some(contact) = &platform.contact {
        let kind = match contact.as_str() {
            c if c.starts_with("https://") || c.starts_with("http://") => "url",
            c if c.split('@').count() == 2 && !c.contains(char::is_whitespace) => "email",
            _ => "name",
        };
        info["contact"] = json!({ kind: contact });
    }
    info
}

fn path_item(op: &Operation, l: Language) -> Value {
    let content: Map<String, Value> = op
        .content()
        .into_iter()
        .map(|(media_type, schema)| (media_type.to_owned(), json!({ "schema": schema })))
        .collect();
    let mut answers = Map::new();
    answers.insert(
        "200".to_owned(),
        json!({ "description": op.summary, "content": content }),
    );
    for (status, component) in op.other_answers() {
        answers.insert(
            status.to_string(),
            json!({ "$ref": format!("#/components/responses/{component}") }),
        );
    }
    let mut get = json!({
        "operationId": op.id,
        "tags": [operation::tags(l)[op.tag]],
        "summary": op.summary,
        "parameters": op.parameters.iter().map(Parameter::used).collect::<Vec<_>>(),
        "responses": answers,
    });
    if let Some(description) = &op.description {
        get["description"] = description.as_str().into();
    }
    json!({ "get": get })
}

fn parameters(context: &Context) -> Map<String, Value> {
    let shared = parameter::common(Offer::Document, context.language);
    let limit = parameter::limit(context.api.settings.items, context.language);
    shared
        .into_iter()
        .chain([limit])
        .map(|p| (p.name.clone(), p.object()))
        .collect()
}

fn responses(l: Language) -> Value {
    let problem = json!({
        problem::MEDIA_TYPE: { "schema": schema::of("problem") },
        HTML: { "schema": { "type": "string" } },
    });
    let told = |fr, en| json!({ "description": pick(l, fr, en), "content": problem });
    json!({
        "NotModified": {
            "description": pick(l, "Rien n’a changé depuis la réponse que le client possède.", "Nothing has changed since the answer that the client has."),
        },
        "EmptyTile": { "description": pick(l, "La tuile est vide.", "The tile is empty.") },
        "BadRequest": told("Paramètre inconnu ou invalide, ou URL mal formée.", "Unknown or invalid parameter, or malformed URL."),
        "NotFound": told("La ressource n’existe pas.", "There is no such resource."),
        "NotAcceptable": told("Ni type de média ni langue acceptables.", "No acceptable media type or language."),
        "UriTooLong": told("URL trop longue.", "URL too long."),
        "HeadersTooLarge": told("En-têtes trop volumineux.", "Headers too large."),
        "InternalError": told("Erreur interne.", "Internal error."),
        "Unavailable": told("Serveur occupé ; réessayez.", "Server busy; try again."),
    })
}
