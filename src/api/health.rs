//! Health, for whoever keeps the server running. It tells nothing of layers or callers.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use serde_json::json;

use super::negotiate::Offer;
use super::run;
use super::state::ApiState;

/// `GET /health/live`: the process answers.
pub(super) async fn live(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::quick(&api, request, Offer::DocumentAlone, |context| {
        context.no_parameters()?;
        Ok(context.reply(
            json!({ "status": "live" }).to_string().into_bytes(),
            Vec::new(),
        ))
    })
}

/// `GET /health/ready`: requests are welcome. 503 once the server is stopping.
pub(super) async fn ready(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::quick(&api, request, Offer::DocumentAlone, |context| {
        context.no_parameters()?;
        let health = Arc::clone(&context.api.health);
        let status = if health.is_stopping() {
            "stopping"
        } else {
            "ready"
        };
        let reload = if health.is_reload_refused() {
            "refused"
        } else {
            "ok"
        };
        let policy = if health.is_policy_unconfirmed() {
            "unconfirmed"
        } else {
            "ok"
        };
        let mut body = json!({
            "status": status, "lastReload": reload, "policy": policy, "tokenKeys": health.token_key_state().word(),
        });
        if crate::leak!("health-counts-keys") {
            body["keys"] = context.caller.catalog.policy().keys.len().into();
        }
        let mut response = context.reply(body.to_string().into_bytes(), Vec::new());
        if health.is_stopping() {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        Ok(response)
    })
}
