//! The OpenAPI 3.0 document.

use serde_json::{Map, Value, json};

use super::Described;
use super::callers;
use super::operation::{self, Operation};
use super::parameter::{self, Parameter};
use super::schema;
use crate::api::context::Context;
use crate::api::negotiate::{HTML, Offer};
use crate::api::problem;
use crate::api::texts::pick;
use crate::catalog::Language;

pub(super) fn document(context: &Context, collections: &[Described]) -> Value {
    let l = context.language;
    let mut operations = operation::service(l);
    for collection in collections {
        operations.extend(operation::collection(context, Some(collection)));
    }
    operations.extend(operation::tiles(l));
    operations.extend(callers::operations(context));
    let mut paths = Map::new();
    for op in &operations {
        let item = paths.entry(op.path.clone()).or_insert_with(|| json!({}));
        item[op.method.to_ascii_lowercase()] = operation_object(op, l);
    }
    let tags = operation::tags(l).into_iter().enumerate();
    let tags = tags.filter(|(tag, _)| operations.iter().any(|op| op.tag == *tag));
    let tags: Vec<Value> = tags.map(|(_, name)| json!({ "name": name })).collect();
    let mut schemas = schema::common();
    let items = collections.iter().filter_map(|c| c.items.as_ref());
    schemas.extend(items.map(|layer| (schema::feature_name(layer), schema::feature(layer))));
    json!({
        "openapi": "3.0.3",
        "info": info(context),
        "servers": [{ "url": context.base.service().trim_end_matches('/') }],
        "tags": tags,
        "paths": paths,
        "components": {
            "parameters": parameters(context),
            "schemas": schemas,
            "responses": responses(l),
            "securitySchemes": credentials(l),
        },
        // None at all, or one of these: what is open needs none.
        "security": [{}, { "bearer": [] }, { "header": [] }, { "password": [] }, { "query": [] }],
    })
}

fn info(context: &Context) -> Value {
    let platform = context.caller.catalog.platform();
    let (title, description, contact) = match context.caller.organisation() {
        Some(o) => (&o.title, &o.description, &o.contact),
        None => (&platform.title, &platform.description, &platform.contact),
    };
    let mut info = json!({ "title": title, "version": env!("CARGO_PKG_VERSION") });
    if crate::leak!("definition-names-organisations") {
        let all = context.caller.catalog.policy().organisations.values();
        info["x-publishers"] = all.map(|o| o.title.as_str()).collect::<Vec<_>>().into();
    }
    if let Some(description) = description {
        info["description"] = description.as_str().into();
    }
    if let Some(contact) = contact {
        let kind = match contact.as_str() {
            c if c.starts_with("https://") || c.starts_with("http://") => "url",
            c if c.split('@').count() == 2 && !c.contains(char::is_whitespace) => "email",
            _ => "name",
        };
        info["contact"] = json!({ kind: contact });
    }
    info
}

fn operation_object(op: &Operation, l: Language) -> Value {
    let content: Map<String, Value> = op
        .content()
        .into_iter()
        .map(|(media_type, schema)| (media_type.to_owned(), json!({ "schema": schema })))
        .collect();
    let mut answers = Map::new();
    let mut success = json!({ "description": op.summary });
    if !content.is_empty() {
        success["content"] = Value::Object(content);
    }
    answers.insert(op.status.to_string(), success);
    for (status, component) in op.other_answers() {
        answers.insert(
            status.to_string(),
            json!({ "$ref": format!("#/components/responses/{component}") }),
        );
    }
    let mut object = json!({
        "operationId": op.id,
        "tags": [operation::tags(l)[op.tag]],
        "summary": op.summary,
        "parameters": op.parameters.iter().map(Parameter::used).collect::<Vec<_>>(),
        "responses": answers,
    });
    if let Some(description) = &op.description {
        object["description"] = description.as_str().into();
    }
    if let Some((media_type, schema)) = &op.body {
        object["requestBody"] = json!({ "content": { *media_type: { "schema": schema } } });
    }
    object
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

/// The ways to show a credential (OpenAPI 3.0 security schemes).
fn credentials(l: Language) -> Value {
    let text = |fr, en| pick(l, fr, en);
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": text("Une clé, ou un jeton du fournisseur d’identité.", "A key, or a token of the identity provider."),
        },
        "header": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": text("Une clé.", "A key.") },
        "password": {
            "type": "http",
            "scheme": "basic",
            "description": text("Une clé pour mot de passe ; le nom est sans effet.", "A key as the password; the name has no effect."),
        },
        "query": {
            "type": "apiKey",
            "in": "query",
            "name": "key",
            "description": text("Une clé, pour les clients qui ne peuvent pas envoyer d’en-tête.", "A key, for clients that can send no header."),
        },
    })
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
        "Unauthorized": told("La collection demande une clé, ou la clé n’est pas valable.", "The collection asks for a key, or the key is not valid."),
        "Forbidden": told("La clé n’ouvre pas cette collection.", "The key does not open this collection."),
        "NotFound": told("La ressource n’existe pas.", "There is no such resource."),
        "Conflict": told("C’est déjà ainsi, ou ne se change pas ici.", "It is so already, or cannot be changed here."),
        "BodyTooLarge": told("Corps trop volumineux.", "Body too large."),
        "UnsupportedMediaType": told("Type de média non pris en charge.", "Unsupported media type."),
        "ChangeRefused": told("Les règles ne permettent pas ce changement.", "The rules do not allow this change."),
        "NotAcceptable": told("Ni type de média ni langue acceptables.", "No acceptable media type or language."),
        "UriTooLong": told("URL trop longue.", "URL too long."),
        "HeadersTooLarge": told("En-têtes trop volumineux.", "Headers too large."),
        "InternalError": told("Erreur interne.", "Internal error."),
        "Unavailable": told("Serveur occupé ; réessayez.", "Server busy; try again."),
    })
}
