//! How handlers run: the request is understood, the work is done, problems are told.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::http::request::Parts;

use super::context::{Asked, Context};
use super::door;
use super::negotiate::Offer;
use super::pool::PoolFault;
use super::problem::Problem;
use super::respond;
use super::state::ApiState;
use crate::access::Surface;
use crate::catalog::VisibleLayer;

/// Answers with what takes microseconds.
pub(super) fn quick(
    api: &Arc<ApiState>,
    request: Request,
    offer: Offer,
    work: impl FnOnce(Context) -> Result<Response<Body>, Problem>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let writable = |context: Context| context.writable().map(|()| context);
    Context::open(api, &parts, offer)
        .and_then(writable)
        .and_then(work)
        .unwrap_or_else(|p| told(api, &parts, &p))
}

/// Answers with what has to wait for something.
pub(super) async fn answer(
    api: &Arc<ApiState>,
    request: Request,
    offer: Offer,
    work: impl AsyncFnOnce(Context) -> Result<Response<Body>, Problem>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let outcome = match Context::open(api, &parts, offer) {
        Ok(context) => work(context).await,
        Err(problem) => Err(problem),
    };
    outcome.unwrap_or_else(|p| told(api, &parts, &p))
}

/// Answers with what says something of the tiles of a list of collections: a signature opens that too.
pub(super) async fn of_tiles(
    api: &Arc<ApiState>,
    request: Request,
    list: &str,
    work: impl AsyncFnOnce(Context) -> Result<Response<Body>, Problem>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let outcome = match Context::open_for(api, &parts, Offer::DocumentAlone, Some(list)) {
        Ok(context) => work(context).await,
        Err(problem) => Err(problem),
    };
    outcome.unwrap_or_else(|p| told(api, &parts, &p))
}

/// Answers from one collection, on one surface, with what may take milliseconds. The collection comes first, then what else may be wrong
/// with the request: one that is hidden answers like one that does not exist, whatever is asked of it.
pub(super) async fn of_layer(
    api: Arc<ApiState>,
    request: Request,
    offer: Offer,
    (collection, surface): (String, Surface),
    work: impl FnOnce(Context, VisibleLayer) -> Result<Response<Body>, Problem> + Send + 'static,
) -> Response<Body> {
    answer(&api, request, offer, async |context: Context| {
        let format = match surface {
            Surface::Items => context.format(),
            Surface::Tilesets => Some(door::MVT),
            _ => None,
        };
        let layer = context
            .caller
            .layer_in(&collection, surface, format)
            .await?;
        context.writable()?;
        off_thread(&api, move || work(context, layer)).await
    })
    .await
}

/// Answers from all collections that the caller sees on a surface.
pub(super) async fn of_layers(
    api: Arc<ApiState>,
    request: Request,
    offer: Offer,
    surface: Surface,
    work: impl FnOnce(Context, Vec<VisibleLayer>) -> Result<Response<Body>, Problem> + Send + 'static,
) -> Response<Body> {
    answer(&api, request, offer, async |context: Context| {
        context.writable()?;
        let layers = context.caller.layers(surface).await?;
        off_thread(&api, move || work(context, layers)).await
    })
    .await
}

/// Runs what may take milliseconds off the async threads.
pub(super) async fn off_thread(
    api: &ApiState,
    work: impl FnOnce() -> Result<Response<Body>, Problem> + Send + 'static,
) -> Result<Response<Body>, Problem> {
    let done = api.pool.run(work).await;
    done.map_err(|fault| pool_problem(api, fault))?
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
