//! How handlers run: the request is understood, the work is done, problems are told.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::http::request::Parts;

use super::context::{Asked, Context};
use super::negotiate::Offer;
use super::pool::PoolFault;
use super::problem::Problem;
use super::respond;
use super::state::ApiState;

/// Answers with what takes microseconds.
pub(super) fn quick(
    api: &Arc<ApiState>,
    request: Request,
    offer: Offer,
    work: impl FnOnce(Context) -> Result<Response<Body>, Problem>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    Context::open(api, &parts, offer)
        .and_then(work)
        .unwrap_or_else(|p| told(api, &parts, &p))
}

/// Answers with what may take milliseconds: off the async threads.
pub(super) async fn heavy(
    api: Arc<ApiState>,
    request: Request,
    offer: Offer,
    work: impl FnOnce(Context) -> Result<Response<Body>, Problem> + Send + 'static,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let outcome = match Context::open(&api, &parts, offer) {
        Ok(context) => api
            .pool
            .run(move || work(context))
            .await
            .map_err(|f| pool_problem(&api, f)),
        Err(problem) => Err(problem),
    };
    outcome
        .and_then(|response| response)
        .unwrap_or_else(|p| told(&api, &parts, &p))
}

/// A pool that gave nothing, as a problem.
pub(super) fn pool_problem(api: &ApiState, fault: PoolFault) -> Problem {
    match fault {
        PoolFault::Busy => Problem::Busy,
        PoolFault::Panicked => internal(api, "a job panicked"),
    }
}

/// A fault of ours: the log knows what, the caller learns its number.
pub(super) fn internal(api: &ApiState, what: &str) -> Problem {
    let id = api.request_id();
    tracing::error!(request = %id, "{what}");
    Problem::Internal(id)
}

/// Tells a problem in the language and form that the request asks for.
pub(super) fn told(api: &ApiState, parts: &Parts, problem: &Problem) -> Response<Body> {
    respond::problem(api, &Asked::of(api, parts), problem)
}
