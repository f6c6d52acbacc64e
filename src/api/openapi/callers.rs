//! Operations of callers: what they are told of themselves and change by themselves, sessions of pages, and administration. Nobody is
//! told of what they may not try.

use serde_json::json;

use super::operation::Operation;
use super::parameter::Parameter;
use crate::access::{KeyKind, Principal};
use crate::api::admin;
use crate::api::context::Context;
use crate::api::me;
use crate::api::negotiate::{JSON, Offer};
use crate::api::routes::{Route, pattern};
use crate::api::texts::pick;
use crate::catalog::Language;

/// Index into [`tags`](super::operation::tags).
const OWN: usize = 3;
const ADMINISTRATION: usize = 4;

/// Those of this caller.
pub(super) fn operations(context: &Context) -> Vec<Operation> {
    let mut all = sessions(context.language);
    all.extend(own(context));
    // There is one desk for all portals.
    if context.caller.organisation().is_none() || crate::leak!("definition-for-all-roles") {
        all.extend(administration(context));
    }
    all
}

fn command(method: &'static str, path: String, id: &str, summary: &str, l: Language) -> Operation {
    let document = Offer::DocumentAlone;
    let schema = json!({ "type": "object" });
    let mut op = Operation::new(Route::Me, id, document, summary, schema, l);
    op.path = path;
    op.method = method;
    op.tag = OWN;
    op
}

fn sessions(l: Language) -> Vec<Operation> {
    let form = json!({
        "type": "object",
        "required": ["key"],
        "properties": { "key": { "type": "string" }, "to": { "type": "string" } },
    });
    let make = |method, route: Route<'_>, id, fr, en, status| {
        let mut op = command(method, route.path(), id, pick(l, fr, en), l);
        op.offer = Offer::Page;
        op.status = status;
        op
    };
    let page = ("Page où saisir une clé", "Page where a key can be typed");
    let open = ("Ouvre une session des pages", "Opens a session of pages");
    let end = ("Ferme la session des pages", "Ends the session of pages");
    let mut opens = make("POST", Route::Session, "openSession", open.0, open.1, 303);
    opens.body = Some(("application/x-www-form-urlencoded", form));
    vec![
        make("GET", Route::Session, "getSession", page.0, page.1, 200),
        opens,
        make("DELETE", Route::Session, "deleteSession", end.0, end.1, 204),
        make("POST", Route::SessionEnd, "endSession", end.0, end.1, 303),
    ]
}

/// What callers who are known ask of themselves.
fn own(context: &Context) -> Vec<Operation> {
    let l = context.language;
    let Principal::Known(standing) = &context.caller.principal else {
        return Vec::new();
    };
    let make =
        |method, path: &str, id, fr, en| command(method, path.to_owned(), id, pick(l, fr, en), l);
    let mut me = make(
        "GET",
        pattern::ME,
        "getMe",
        "Ce que l’identifiant ouvre",
        "What the credential opens",
    );
    me.offer = Offer::Document;
    let mut all = vec![me];
    let holder = context.key();
    if holder.is_some_and(|k| k.kind == KeyKind::Secret) {
        let (fr, en) = ("Remplace la clé", "Replaces the key");
        let mut rotate = make("POST", pattern::ROTATE, "rotateKey", fr, en);
        rotate.body = Some((JSON, me::rotate_schema()));
        rotate.status = 201;
        all.push(rotate);
    }
    let policy = context.caller.catalog.policy();
    let speaks = policy.may_accept(standing) && holder.is_none_or(|k| k.kind == KeyKind::Secret);
    if speaks {
        let (fr, en) = ("Accepte des conditions", "Accepts terms");
        let mut accept = make("POST", pattern::ACCEPT, "acceptTerms", fr, en);
        accept.parameters.insert(0, variable("terms", l));
        accept.status = 201;
        accept.may_be_absent = true;
        all.push(accept);
    }
    if standing.organisation.is_some() {
        all.extend(requests(l));
    }
    all
}

fn of_caller(
    method: &'static str,
    path: &str,
    id: &str,
    (fr, en): (&str, &str),
    l: Language,
) -> Operation {
    command(method, path.to_owned(), id, pick(l, fr, en), l)
}

fn requests(l: Language) -> Vec<Operation> {
    let make = |method, path, id, fr, en| of_caller(method, path, id, (fr, en), l);
    let (fr, en) = (
        "Demandes d’accès de l’organisation",
        "Requests for access of the organisation",
    );
    let list = make("GET", pattern::REQUESTS, "getRequests", fr, en);
    let (fr, en) = (
        "Demande l’accès à une collection",
        "Asks for access to a collection",
    );
    let mut ask = make("POST", pattern::REQUESTS, "askForAccess", fr, en);
    ask.body = Some((JSON, crate::api::requests::schema()));
    ask.status = 201;
    ask.may_be_absent = true;
    let (fr, en) = (
        "Retire une demande d’accès",
        "Withdraws a request for access",
    );
    let mut withdraw = make("DELETE", pattern::REQUEST, "withdrawRequest", fr, en);
    withdraw.parameters.insert(0, variable("request", l));
    withdraw.may_be_absent = true;
    vec![list, ask, withdraw]
}

fn administration(context: &Context) -> Vec<Operation> {
    let l = context.language;
    let described = admin::described(context.caller.principal.standing(), l);
    let make = |d: admin::Described| {
        let mut op = command(d.method, d.path, &d.id, &d.summary, l);
        let own = d.parameters.into_iter().map(|name| narrowing(name, l));
        let given = d.variable.map(|name| variable(name, l));
        op.parameters = given.into_iter().chain(own).chain(op.parameters).collect();
        op.tag = ADMINISTRATION;
        op.may_be_absent = true;
        op.body = d.body.map(|body| (JSON, body));
        op.status = d.status;
        op
    };
    described.into_iter().map(make).collect()
}

fn variable(name: &str, l: Language) -> Parameter {
    let text = match name {
        "terms" => pick(
            l,
            "Identifiant et version, comme licence@3.",
            "Id and version, such as licence@3.",
        ),
        "suspension" => pick(
            l,
            "Ce qui est suspendu, comme layer:a.b ou key:1f2e3d4c.",
            "What is suspended, such as layer:a.b or key:1f2e3d4c.",
        ),
        _ => pick(l, "Identifiant de l’entrée.", "Id of the entry."),
    };
    Parameter::path(name, text, json!({ "type": "string" }))
}

fn narrowing(name: &str, l: Language) -> Parameter {
    let (fr, en, schema) = match name {
        "organisation" => (
            "Entrées de cette organisation.",
            "Entries of that organisation.",
            json!({ "type": "string" }),
        ),
        "layer" => (
            "Entrées sur cette couche.",
            "Entries on that layer.",
            json!({ "type": "string" }),
        ),
        "dry_run" => (
            "Tout est jugé et vérifié, rien n’est écrit ; la réponse est la même, sans texte de clé.",
            "All is judged and checked, nothing is written; the answer is the same, without the text of a key.",
            json!({ "type": "boolean", "default": false }),
        ),
        "after" => (
            "Identifiant après lequel la page commence.",
            "Id after which the page begins.",
            json!({ "type": "string" }),
        ),
        _ => (
            "Nombre maximal d’entrées.",
            "Greatest number of entries.",
            json!({ "type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000 }),
        ),
    };
    Parameter::query(name, pick(l, fr, en), schema)
}
