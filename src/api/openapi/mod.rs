//! The API definition (OGC 17-069r4 §7.3, §9): OpenAPI 3.0 for programs, a page for people, both from the same [`Operation`]s.
//!
//! Each collection has its own literal paths: clients look there for the properties that they may filter by. Parameters stand where
//! they are used; only those that every operation shares, and `limit`, whose component QGIS reads, are components.

mod document;
mod operation;
mod page;
mod parameter;
mod schema;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;

use super::context::Context;
use super::negotiate::Offer;
use super::problem::Problem;
use super::routes::Route;
use super::run;
use super::state::ApiState;

/// `GET /api`
pub(super) async fn definition(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::heavy(api, request, Offer::Definition, |context| {
        respond(&context, Route::Api)
    })
    .await
}

/// `GET /api.html`
pub(super) async fn for_people(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::heavy(api, request, Offer::Page, |context| {
        respond(&context, Route::ApiPage)
    })
    .await
}

fn respond(context: &Context, route: Route<'_>) -> Result<Response<Body>, Problem> {
    context.no_parameters()?;
    let body = if context.is_html() {
        context
            .api
            .pages
            .api(&page::page(context, route), context.language)
    } else {
        document::document(context).to_string()
    };
    Ok(context.reply(body.into_bytes(), Vec::new()))
}
