//! The API definition (OGC 17-069r4 §7.3, §9): OpenAPI 3.0 for programs, a page for people, both from the same [`Operation`]s.
//!
//! Each collection has its own literal paths: clients look there for the properties that they may filter by. Parameters stand where
//! they are used; only those that every operation shares, and `limit`, whose component QGIS reads, are components.

mod callers;
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
use super::routes::Route;
use super::run;
use super::state::ApiState;
use crate::access::Surface;
use crate::catalog::VisibleLayer;

/// `GET /api`
pub(super) async fn definition(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    respond(&api, request, Offer::Definition, Route::Api).await
}

/// `GET /api.html`
pub(super) async fn for_people(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    respond(&api, request, Offer::Page, Route::ApiPage).await
}

/// A collection as the definition describes it to the caller.
struct Described {
    /// As it is described.
    layer: VisibleLayer,
    /// As its items show it, where they may be seen.
    items: Option<VisibleLayer>,
}

async fn respond(
    api: &Arc<ApiState>,
    request: Request,
    offer: Offer,
    route: Route<'static>,
) -> Response<Body> {
    run::answer(api, request, offer, async |context: Context| {
        context.writable()?;
        context.no_parameters()?;
        context.caller.personal();
        if context.is_html() {
            let page = page::page(&context, route);
            let html = context.api.pages.api(&page, context.language);
            return Ok(context.reply(html.into_bytes(), Vec::new()));
        }
        let mut collections = Vec::new();
        for layer in context.caller.layers(Surface::Discover).await? {
            let items = if context.caller.sees(&layer, Surface::Items) {
                Some(context.caller.layer(layer.id(), Surface::Items).await?)
            } else {
                None
            };
            let items = if crate::leak!("definition-by-discover") {
                Some(layer.clone())
            } else {
                items
            };
            collections.push(Described { layer, items });
        }
        run::off_thread(api, move || {
            let body = document::document(&context, &collections).to_string();
            Ok(context.reply(body.into_bytes(), Vec::new()))
        })
        .await
    })
    .await
}
