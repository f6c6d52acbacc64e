//! What a caller is told of themselves, and what they may change by themselves.
//!
//! `GET /me`: organisation, role, what the credential opens and until when, how many requests are left, terms. `POST /me/key/rotate` makes
//! a second key beside the one that was shown, `POST /me/terms/{id}@{version}` accepts terms.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::body::{explained, meant, object};
use super::admission::{Identified, KeyHolder};
use super::change::{self, Turn};
use super::clock::instant;
use super::context::Context;
use super::credentials::is_own_page;
use super::me_page;
use super::negotiate::{JSON, Offer};
use super::problem::{MemberFault, Problem};
use super::requests;
use super::routes::Route;
use super::run::{self, internal, told};
use super::session;
use super::state::ApiState;
use crate::access::{
    Action, Change, ChangeRefusal, Key, KeyKind, KeyText, OVERLAP_DAYS, OVERLAP_US_MAX, Principal,
    Role, Standing, StoreError, Surface, Terms,
};
use crate::catalog::Reach;
use crate::model::Words;

/// Microseconds of a day.
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// Bytes of a body: a few members.
const BODY_BYTES: usize = 4 << 10;

/// `GET /me`
pub(super) async fn me(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::answer(&api, request, Offer::Document, async |context: Context| {
        context.writable()?;
        context.no_parameters()?;
        run::off_thread(&api, move || {
            let document = document(&context)?;
            let body = if context.is_html() {
                let page = me_page::of(&context, &document);
                context.api.pages.me(&page, context.language)
            } else {
                document.to_string()
            };
            Ok(context.reply(body.into_bytes(), Vec::new()))
        })
        .await
    })
    .await
}

fn document(context: &Context) -> Result<Value, Problem> {
    let caller = &context.caller;
    let Principal::Known(standing) = &caller.principal else {
        return Err(Problem::CredentialRequired);
    };
    caller.personal();
    let policy = caller.catalog.policy();
    let organisation = standing.organisation.as_ref();
    let organisation = organisation.and_then(|id| policy.organisations.get(id));
    Ok(json!({
        "name": standing.name,
        "organisation": organisation.map(|o| json!({ "id": o.id, "title": o.title })),
        "role": standing.role.map(role),
        "key": context.key().and_then(|k| policy.keys.get(&k.id)).map(key),
        "quota": quota(context, standing),
        "layers": layers(context),
        "terms": terms(context, standing),
        "requests": requests::own(context, standing)?,
        "links": context.self_and_alternates(Route::Me),
    }))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Reader => "reader",
        Role::Editor => "editor",
        Role::Publisher => "publisher",
        Role::Admin => "admin",
    }
}

fn kind(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Secret => "secret",
        KeyKind::Browser => "browser",
    }
}

fn key(key: &Key) -> Value {
    json!({
        "id": key.id.to_string(),
        "label": key.label,
        "kind": kind(key.kind),
        "until": key.until_us.map(instant),
        "replacedBy": key.replaced_by.map(|id| id.to_string()),
    })
}

/// How many requests are left, of how many.
fn quota(context: &Context, standing: &Standing) -> Value {
    let admission = &context.api.admission;
    let room = match &context.identified {
        Some(identified) => admission.room_left(identified, standing, context.now_us()),
        None => return Value::Null,
    };
    let rate = admission.callers.rate();
    json!({
        "requests": rate.burst,
        "left": room.left,
        "perSecond": 1e6 / f64::from(rate.interval_us.max(1)),
        "fullAgainInSeconds": room.reset_seconds,
    })
}

fn action(surface: Surface) -> &'static str {
    match surface.action() {
        Action::Discover => "discover",
        Action::Tiles => "tiles",
        Action::Items => "items",
        _ => "export",
    }
}

fn shows(reach: Reach) -> &'static str {
    match reach {
        Reach::Whole => "whole",
        Reach::Part => "part",
        Reach::Cells => "cells",
    }
}

/// The collections that the caller sees, how much of them, and until when what can be done with them.
fn layers(context: &Context) -> Vec<Value> {
    let caller = &context.caller;
    let now_us = context.now_us();
    let mut found: BTreeMap<&str, serde_json::Map<String, Value>> = BTreeMap::new();
    for surface in [
        Surface::Discover,
        Surface::Tilesets,
        Surface::Items,
        Surface::Export,
    ] {
        for collection in caller.collections(surface) {
            let until = caller.catalog.policy().granted_until(
                &caller.principal,
                collection,
                surface.action(),
                now_us,
            );
            let reach = caller.catalog.reach(&caller.principal, collection, surface);
            let actions = found.entry(collection).or_default();
            actions.insert(
                action(surface).to_owned(),
                json!({ "until": until.map(instant), "shows": reach.map(shows) }),
            );
        }
    }
    let layer = |(collection, actions): (&str, _)| {
        let name = caller.name_of(collection).unwrap_or(collection);
        let href = context.base.href(Route::Collection(name), &[]);
        json!({ "id": name, "href": href, "actions": Value::Object(actions) })
    };
    found.into_iter().map(layer).collect()
}

fn terms(context: &Context, standing: &Standing) -> Vec<Value> {
    let caller = &context.caller;
    let policy = caller.catalog.policy();
    let outlook = policy.terms_for(standing, context.now_us());
    let entry = |(terms, outlook): (Terms, crate::access::TermsOutlook)| {
        let text = policy.terms.get(&terms);
        let layers = outlook.collections.iter().filter_map(|c| caller.name_of(c));
        let layers: Vec<&str> = layers.collect();
        let accept = context
            .base
            .href(Route::AcceptTerms(&terms.to_string()), &[]);
        (!layers.is_empty()).then(|| {
            json!({
                "id": terms.id,
                "version": terms.version,
                "title": text.map(|t| &t.title),
                "href": text.and_then(|t| t.url.as_ref()),
                "accepted": outlook.accepted,
                "accept": (!outlook.accepted).then_some(accept),
                "layers": layers,
            })
        })
    };
    outlook.into_iter().filter_map(entry).collect()
}

/// What `POST /me/key/rotate` may be sent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RotateBody {
    /// Days for which both keys hold; 30 at most, and no longer than the old one would have.
    pub(super) overlap_days: Option<u8>,
}

/// The schema of [`RotateBody`].
pub(super) fn rotate_schema() -> Value {
    let days = json!({ "type": "integer", "minimum": 0, "maximum": 30, "default": OVERLAP_DAYS });
    json!({
        "type": "object",
        "properties": { "overlapDays": days },
        "additionalProperties": false,
    })
}

/// `POST /me/key/rotate`
pub(super) async fn rotate(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let rotated = async {
        let body: RotateBody = json_body(&parts, body, &rotate_schema()).await?;
        writing(&api, &parts)?;
        let turn = Turn::begin(&api, &parts).await?;
        loop {
            let parts = turn.request().await?;
            let outcome = rotated_by(&api, &parts, &body).await;
            if turn.ends_with(&outcome) {
                break outcome;
            }
        }
    };
    rotated.await.unwrap_or_else(|p| told(&api, &parts, &p))
}

async fn rotated_by(
    api: &Arc<ApiState>,
    parts: &Parts,
    body: &RotateBody,
) -> Result<Response<Body>, Problem> {
    let context = writing(api, parts)?;
    let (answer, change) = rotation(&context, body)?;
    write(api, &context, change).await?;
    Ok(made(&answer))
}

/// The new key, once for its bearer to read, and the change that makes it. It opens what the old one does, and ends when that would have:
/// whoever holds a key cannot prolong it.
fn rotation(context: &Context, body: &RotateBody) -> Result<(Value, Change), Problem> {
    let days = body.overlap_days.unwrap_or(OVERLAP_DAYS);
    if i64::from(days) * DAY_US > OVERLAP_US_MAX {
        let why = Words::new(
            "il faut un nombre entier de 0 à 30",
            "it must be a whole number from 0 to 30",
        );
        let wrong = MemberFault::Wrong(why);
        return Err(Problem::Member("overlapDays".to_owned(), wrong));
    }
    let holder = context.key().ok_or(Problem::KeyRequired)?;
    let policy = context.caller.catalog.policy();
    let old = policy.keys.get(&holder.id).ok_or(Problem::KeyRequired)?;
    is_secret(holder)?;
    if let Some(successor) = old.replaced_by {
        return Err(Problem::ReplacedAlready(successor));
    }
    let now_us = context.now_us();
    let random = &context.api.settings.random;
    let mut failed = false;
    let text = KeyText::generate(|buffer| failed |= random.fill(buffer).is_err());
    if failed {
        return Err(internal(&context.api, "no random numbers for a key"));
    }
    let overlap_until_us = now_us.saturating_add(i64::from(days) * DAY_US);
    let old_until_us = old
        .until_us
        .map_or(overlap_until_us, |u| u.min(overlap_until_us));
    let new = Key {
        id: text.id(),
        sha256: text.sha256(),
        from_us: Some(now_us),
        replaced_by: None,
        ..old.clone()
    };
    let answer = json!({
        "key": text.reveal(),
        "id": new.id.to_string(),
        "label": new.label,
        "until": new.until_us.map(instant),
        "replaces": { "id": old.id.to_string(), "until": instant(old_until_us) },
    });
    let change = Change::RotateKey {
        old: old.id,
        new: Box::new(new),
        overlap_until_us,
    };
    Ok((answer, change))
}

/// Everybody can read a key for browsers: it changes nothing.
fn is_secret(holder: &KeyHolder) -> Result<(), Problem> {
    let secret = holder.kind == KeyKind::Secret;
    secret.then_some(()).ok_or(Problem::KeyRequired)
}

/// `POST /me/terms/{id}@{version}`
pub(super) async fn accept(
    State(api): State<Arc<ApiState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let accepted = async {
        let _: Nothing = json_body(&parts, body, &json!({})).await?;
        writing(&api, &parts)?;
        let turn = Turn::begin(&api, &parts).await?;
        loop {
            let parts = turn.request().await?;
            let outcome = accepted_by(&api, &parts, &name).await;
            if turn.ends_with(&outcome) {
                break outcome;
            }
        }
    };
    accepted.await.unwrap_or_else(|p| told(&api, &parts, &p))
}

async fn accepted_by(
    api: &Arc<ApiState>,
    parts: &Parts,
    name: &str,
) -> Result<Response<Body>, Problem> {
    let context = writing(api, parts)?;
    let (answer, change) = acceptance(&context, name)?;
    if let Some(change) = change {
        write(api, &context, change).await?;
    }
    Ok(made(&answer))
}

/// An empty body, or an object without members.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn acceptance(context: &Context, name: &str) -> Result<(Value, Option<Change>), Problem> {
    let Principal::Known(standing) = &context.caller.principal else {
        return Err(Problem::CredentialRequired);
    };
    let policy = context.caller.catalog.policy();
    let terms = name.split_once('@').and_then(|(id, version)| {
        Some(Terms {
            id: id.to_owned(),
            version: version.parse().ok()?,
        })
    });
    let terms = terms.ok_or(Problem::NoSuchTerms)?;
    let outlook = policy.terms_for(standing, context.now_us());
    let outlook = outlook.get(&terms).ok_or(Problem::NoSuchTerms)?;
    if let Some(holder) = context.key() {
        is_secret(holder)?;
    }
    let organisation = standing.organisation.clone();
    let organisation = organisation.filter(|_| policy.may_accept(standing));
    let organisation = organisation.ok_or(Problem::NotAllowed)?;
    let answer = json!({ "id": terms.id, "version": terms.version, "accepted": true });
    let change = Change::AcceptTerms {
        organisation,
        terms,
    };
    Ok((answer, (!outlook.accepted).then_some(change)))
}

/// Opens a request that changes something. A cookie comes by itself: it counts only where a page of this server sent the request.
pub(super) fn writing(api: &Arc<ApiState>, parts: &Parts) -> Result<Context, Problem> {
    let context = Context::open(api, parts, Offer::DocumentAlone)?;
    context.writable()?;
    context.no_parameters()?;
    let by_cookie = Identified::of(parts).is_some_and(|i| i.is_by_cookie());
    let own = is_own_page(&parts.headers, context.base.origin());
    if by_cookie && own != Some(true) {
        return Err(Problem::CrossSite);
    }
    if context.caller.principal.standing().is_none() {
        return Err(Problem::CredentialRequired);
    }
    Ok(context)
}

/// A body, or none; `schema` is what the definition says of it.
async fn json_body<T: Default + serde::de::DeserializeOwned>(
    parts: &Parts,
    body: Body,
    schema: &Value,
) -> Result<T, Problem> {
    let bytes = session::read(body, BODY_BYTES).await?;
    if bytes.is_empty() {
        return Ok(T::default());
    }
    let media_type = parts.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(JSON) {
        return Err(Problem::UnsupportedMediaType);
    }
    meant(object(&bytes)?).map_err(|problem| explained(problem, Some(schema)))
}

/// Writes a change.
async fn write(api: &Arc<ApiState>, context: &Context, change: Change) -> Result<(), Problem> {
    let written = change::carry_out(api, &context.caller, change).await?;
    written.map(|_| ()).map_err(|error| match error {
        StoreError::InFile(_) => Problem::ReadOnly,
        StoreError::Stale { .. } | StoreError::Busy => Problem::ChangedMeanwhile,
        StoreError::Refused(ChangeRefusal::Faulty(why)) => Problem::ChangeRefused(why),
        StoreError::Older { .. } | StoreError::Broken(_) => internal(api, &error.to_string()),
        _ => Problem::Conflict,
    })
}

/// What was made, for whoever asked and nobody else.
fn made(answer: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.to_string()));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
