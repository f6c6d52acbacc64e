//! Methods: which ones a resource knows, and what is said to all others.
//!
//! Whether there is a resource comes before what can be done with it: a collection that is hidden, or that nothing has, answers every
//! method with the same 404. One thing alone is said of any address: what scripts of other origins may send. Browsers ask for that
//! before they show a credential, and are told the same everywhere.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::header::{ACCESS_CONTROL_REQUEST_METHOD, ALLOW};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};

use super::door::Caller;
use super::problem::Problem;
use super::routes::pattern;
use super::run::told;
use super::state::ApiState;
use super::tiles;
use crate::access::Surface;

/// Methods of all resources that are read.
pub(super) const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Methods of a path.
fn known(path: &str) -> HeaderValue {
    match path {
        pattern::ROTATE | pattern::ACCEPT | pattern::SESSION_END => {
            HeaderValue::from_static("POST, OPTIONS")
        }
        pattern::REQUESTS => HeaderValue::from_static("GET, HEAD, POST, OPTIONS"),
        pattern::REQUEST => HeaderValue::from_static("DELETE, OPTIONS"),
        pattern::SESSION => HeaderValue::from_static("GET, HEAD, POST, DELETE, OPTIONS"),
        _ => METHODS,
    }
}

/// `OPTIONS`
pub(super) async fn options(
    State(api): State<Arc<ApiState>>,
    path: MatchedPath,
    parameters: RawPathParams,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let is_preflight = parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight && let Err(problem) = found(&api, &path, &parameters, &parts).await {
        return told(&api, &parts, &problem);
    }
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(ALLOW, known(path.as_str()));
    response
}

/// Any method that a resource does not know.
pub(super) async fn not_allowed(
    State(api): State<Arc<ApiState>>,
    path: MatchedPath,
    parameters: RawPathParams,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    if let Err(problem) = found(&api, &path, &parameters, &parts).await {
        return told(&api, &parts, &problem);
    }
    let mut response = told(&api, &parts, &Problem::MethodNotAllowed);
    response.headers_mut().insert(ALLOW, known(path.as_str()));
    response
}

/// Whether the caller may know of what the path names.
async fn found(
    api: &Arc<ApiState>,
    path: &MatchedPath,
    parameters: &RawPathParams,
    parts: &Parts,
) -> Result<(), Problem> {
    let caller = Caller::of(api, parts)?;
    let Some(surface) = surface(path.as_str()) else {
        return Ok(());
    };
    let (_, list) = parameters.iter().next().ok_or(Problem::NoSuchPath)?;
    match path.as_str() {
        pattern::XYZ => tiles::found(&caller, list).await,
        pattern::TILE_JSON => {
            let list = list.strip_suffix(".json").ok_or(Problem::NoSuchPath)?;
            tiles::found(&caller, list).await
        }
        _ => caller.layer(list, surface).await.map(|_| ()),
    }
}

/// The surface on which the collection of a path is looked at; `None` for paths without one.
fn surface(path: &str) -> Option<Surface> {
    Some(match path {
        pattern::COLLECTION | pattern::QUERYABLES => Surface::Discover,
        pattern::ITEMS | pattern::ITEM => Surface::Items,
        pattern::TILESETS
        | pattern::TILESET
        | pattern::OGC_TILE
        | pattern::XYZ
        | pattern::TILE_JSON => Surface::Tilesets,
        _ => return None,
    })
}
