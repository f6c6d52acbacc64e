//! The API for people: the same operations, those of collections described once for all.

use super::callers;
use super::operation::{self, Operation as Op};
use super::parameter::Parameter as Given;
use crate::api::context::Context;
use crate::api::frame;
use crate::api::landing::definitions;
use crate::api::model::{Answer, ApiPage, Operation, OperationGroup, Parameter};
use crate::api::negotiate::HTML;
use crate::api::problem;
use crate::api::routes::Route;
use crate::api::texts::pick;
use crate::catalog::Language;

pub(super) fn page(context: &Context, route: Route<'_>) -> ApiPage {
    let l = context.language;
    let mut operations = operation::service(l);
    operations.extend(operation::collection(context, None));
    operations.extend(operation::tiles(l));
    operations.extend(callers::operations(context));
    let groups = operation::tags(l)
        .into_iter()
        .enumerate()
        .filter(|(tag, _)| operations.iter().any(|op| op.tag == *tag))
        .map(|(tag, title)| OperationGroup {
            title: title.to_owned(),
            operations: operations
                .iter()
                .filter(|op| op.tag == tag)
                .map(|op| described(op, l))
                .collect(),
        });
    ApiPage {
        frame: frame::of(context, route),
        service_url: context.base.service(),
        definitions: definitions(context),
        groups: groups.collect(),
    }
}

fn described(op: &Op, l: Language) -> Operation {
    let mut answers = vec![Answer {
        status: op.status,
        description: op.summary.clone(),
        media_types: op
            .content()
            .into_iter()
            .map(|(media_type, _)| media_type.to_owned())
            .collect(),
    }];
    answers.extend(
        op.other_answers()
            .into_iter()
            .map(|(status, _)| answer(status, l)),
    );
    answers.sort_by_key(|a| a.status);
    Operation {
        method: op.method.to_owned(),
        path: op.path.clone(),
        summary: op.summary.clone(),
        description: op.description.clone(),
        parameters: op.parameters.iter().map(parameter).collect(),
        answers,
    }
}

fn parameter(p: &Given) -> Parameter {
    let word = |key: &str| p.schema.get(key).and_then(serde_json::Value::as_str);
    let kind = match (word("type"), word("format")) {
        (Some(kind), Some(format)) => format!("{kind} ({format})"),
        (Some(kind), None) => kind.to_owned(),
        (None, _) => String::new(),
    };
    Parameter {
        name: p.name.clone(),
        place: p.place.to_owned(),
        required: p.place == "path",
        kind,
        description: p.description.clone(),
    }
}

fn answer(status: u16, l: Language) -> Answer {
    let (fr, en) = match status {
        204 => ("Tuile vide", "Empty tile"),
        304 => ("Rien n’a changé", "Nothing has changed"),
        400 => (
            "Paramètre inconnu ou invalide",
            "Unknown or invalid parameter",
        ),
        401 => (
            "Clé demandée, ou non valable",
            "A key is asked for, or is not valid",
        ),
        403 => (
            "La clé n’ouvre pas cette collection",
            "The key does not open this collection",
        ),
        409 => (
            "C’est déjà ainsi, ou ne se change pas ici",
            "It is so already, or cannot be changed here",
        ),
        413 => ("Corps trop volumineux", "Body too large"),
        415 => ("Type de média non pris en charge", "Unsupported media type"),
        422 => (
            "Les règles ne permettent pas ce changement",
            "The rules do not allow this change",
        ),
        404 => ("Ressource introuvable", "No such resource"),
        406 => (
            "Aucune représentation acceptable",
            "No acceptable representation",
        ),
        414 => ("URL trop longue", "URL too long"),
        431 => ("En-têtes trop volumineux", "Headers too large"),
        503 => ("Serveur occupé", "Server busy"),
        _ => ("Erreur interne", "Internal error"),
    };
    let body = [problem::MEDIA_TYPE, HTML].map(str::to_owned).to_vec();
    Answer {
        status,
        description: pick(l, fr, en).to_owned(),
        media_types: if matches!(status, 204 | 304) {
            Vec::new()
        } else {
            body
        },
    }
}
