//! Requests for access: an organisation that sees nothing, or not enough, of a layer asks its publisher. The layer must be one that the
//! caller may know of. Publishers decide under `/admin/requests`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use super::admin::body::{Instant, explained, meant, members};
use super::admin::{denied, done, store_problem};
use super::change::{self, Turn};
use super::clock::instant;
use super::context::Context;
use super::me;
use super::negotiate::Offer;
use super::problem::Problem;
use super::routes::Route;
use super::run::{self, told};
use super::state::ApiState;
use crate::access::{
    AccessRequest, Change, Decision, Operation, Principal, RequestState, Standing, Surface,
};

/// Those that the caller may speak for, the latest first.
pub(super) fn own(context: &Context, standing: &Standing) -> Result<Vec<Value>, Problem> {
    let (Some(store), Some(organisation)) = (&context.api.store, &standing.organisation) else {
        return Ok(Vec::new());
    };
    let all = store.requests(None, Some(organisation));
    let all = all.map_err(|e| store_problem(&context.api, standing, &e))?;
    let own = all.iter().filter(|r| may_withdraw(context, standing, r));
    Ok(own.filter_map(|r| document(context, r)).collect())
}

fn may_withdraw(context: &Context, standing: &Standing, request: &AccessRequest) -> bool {
    let decision = &Decision::Withdraw;
    let operation = Operation::Decide { request, decision };
    context
        .caller
        .catalog
        .policy()
        .may(standing, operation)
        .is_ok()
}

/// A request, as whoever made it sees it: not who decided, nor by what. `None` in the portal of others.
fn document(context: &Context, request: &AccessRequest) -> Option<Value> {
    Some(json!({
        "id": request.id,
        "layer": context.caller.name_of(&request.layer)?,
        "purpose": request.purpose,
        "area": request.area,
        "until": instant(request.until_us),
        "asked": instant(request.asked_us),
        "state": request.state,
        "reason": request.reason,
    }))
}

/// `GET /me/requests`
pub(super) async fn list(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::answer(
        &api,
        request,
        Offer::DocumentAlone,
        async |context: Context| {
            context.writable()?;
            context.no_parameters()?;
            run::off_thread(&api, move || {
                let principal = context.caller.principal.clone();
                let Principal::Known(standing) = &principal else {
                    return Err(Problem::CredentialRequired);
                };
                context.caller.personal();
                let document = json!({
                    "requests": own(&context, standing)?,
                    "links": context.self_and_alternates(Route::Requests),
                });
                Ok(context.reply(document.to_string().into_bytes(), Vec::new()))
            })
            .await
        },
    )
    .await
}

/// What `POST /me/requests` takes.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    layer: String,
    purpose: String,
    area: Option<String>,
    until: Instant,
}

/// The schema of what it takes.
pub(super) fn schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "layer": text, "purpose": text, "area": { "type": "string", "nullable": true },
            "until": { "type": "string", "format": "date-time", "example": "2027-06-30T22:00:00Z" },
        },
        "additionalProperties": false,
        "required": ["layer", "purpose", "until"],
    })
}

/// `POST /me/requests`
pub(super) async fn ask(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let asked = async {
        me::writing(&api, &parts)?;
        let body = members(&parts, body).await?;
        let asked = meant(body).map_err(|problem| explained(problem, Some(&schema())));
        let asked: Asked = asked?;
        let turn = Turn::begin(&api, &parts).await?;
        loop {
            let parts = turn.request().await?;
            let outcome = asked_for(&api, &me::writing(&api, &parts)?, &asked).await;
            if turn.ends_with(&outcome) {
                break outcome;
            }
        }
    };
    asked.await.unwrap_or_else(|p| told(&api, &parts, &p))
}

/// Writes a request.
async fn asked_for(
    api: &Arc<ApiState>,
    context: &Context,
    asked: &Asked,
) -> Result<Response<Body>, Problem> {
    // Visible in part, or listed: whatever else answers like what does not exist.
    match context.caller.layer(&asked.layer, Surface::Discover).await {
        Ok(_) | Err(Problem::Locked(_)) => {}
        Err(_) if crate::leak!("requests-probe-layers") => {}
        Err(absent) => return Err(absent),
    }
    let standing = context.caller.principal.standing();
    let standing = standing.ok_or(Problem::CredentialRequired)?.clone();
    let organisation = standing.organisation.clone();
    let request = AccessRequest {
        id: String::new(),
        organisation: organisation.ok_or(Problem::NotAllowed)?,
        layer: context.caller.full_id(&asked.layer).into_owned(),
        purpose: asked.purpose.clone(),
        area: asked.area.clone(),
        until_us: asked.until.0,
        asked_us: context.now_us(),
        state: RequestState::Open,
        decided_by: None,
        reason: None,
        grant: None,
    };
    let change = Change::Request(request.clone());
    let operation = Operation::Change {
        change: &change,
        is_open: &|_| false,
    };
    let policy = context.caller.catalog.policy();
    policy.may(&standing, operation).map_err(denied)?;
    // What is seen whole on one surface is so on all of them.
    let whole = context.caller.whole(&request.layer, Surface::Items);
    if whole.is_some() {
        return Err(Problem::SeenAlready);
    }
    let written = change::carry_out(api, &context.caller, change).await?;
    let changed = written.map_err(|e| store_problem(api, &standing, &e))?;
    let id = changed.id.unwrap_or_default();
    let location = context.base.href(Route::Request(&id), &[]);
    let request = AccessRequest { id, ..request };
    let document = document(context, &request).unwrap_or_default();
    Ok(done(StatusCode::CREATED, &document, Some(&location)))
}

/// `DELETE /me/requests/{request}`: nobody needs to decide any more.
pub(super) async fn withdraw(
    State(api): State<Arc<ApiState>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let withdrawn = async {
        me::writing(&api, &parts)?;
        let turn = Turn::begin(&api, &parts).await?;
        loop {
            let parts = turn.request().await?;
            let outcome = withdrawn_as(&api, &me::writing(&api, &parts)?, &id).await;
            if turn.ends_with(&outcome) {
                break outcome;
            }
        }
    };
    withdrawn.await.unwrap_or_else(|p| told(&api, &parts, &p))
}

/// Withdraws a request.
async fn withdrawn_as(
    api: &Arc<ApiState>,
    context: &Context,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let standing = context.caller.principal.standing();
    let standing = standing.ok_or(Problem::CredentialRequired)?.clone();
    let store = api.store.clone().ok_or(Problem::ReadOnly)?;
    let organisation = standing.organisation.clone();
    let organisation = organisation.ok_or(Problem::NoSuchEntry)?;
    let all = store.requests(None, Some(&organisation));
    let all = all.map_err(|e| store_problem(api, &standing, &e))?;
    let found = all.into_iter().find(|r| r.id == id);
    let found = found.filter(|r| may_withdraw(context, &standing, r));
    let found = found.ok_or(Problem::NoSuchEntry)?;
    let change = Change::Decide {
        request: id.to_owned(),
        decision: Decision::Withdraw,
    };
    let written = change::carry_out(api, &context.caller, change).await?;
    written.map_err(|e| store_problem(api, &standing, &e))?;
    let state = RequestState::Withdrawn;
    let document = document(context, &AccessRequest { state, ..found });
    Ok(done(StatusCode::OK, &document.unwrap_or_default(), None))
}
