//! One item (OGC 17-069r4 §7.16).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, Response};

use super::context::Context;
use super::items::{collection_link, content_crs, link_headers};
use super::items_page;
use super::journal::Shown;
use super::link;
use super::negotiate::Offer;
use super::problem::Problem;
use super::routes::Route;
use super::run::{self, internal};
use super::state::ApiState;
use crate::access::{self, Surface};
use crate::catalog::{Row, VisibleLayer};
use crate::features::{Fault, FaultKind, OfferedCrs, offered};
use crate::formats::Placement;
use crate::formats::geojson::FeatureWriter;

/// `GET /collections/{c}/items/{id}`
pub(super) async fn item(
    State(api): State<Arc<ApiState>>,
    Path((collection, id)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let of = (collection, Surface::Items);
    run::of_layer(api, request, Offer::Features, of, move |context, layer| {
        let row = layer
            .find_id(&id)
            .ok_or_else(|| Problem::NoSuchItem(id.clone()))?;
        let crs = crs_alone(&context, &layer)?;
        let (body, headers) = if context.is_html() {
            let page = items_page::item(&context, &layer, &row);
            let html = context.api.pages.item(&page, context.language);
            (html.into_bytes(), vec![content_crs(&crs.uri)])
        } else {
            document(&context, &layer, &row, &crs)?
        };
        let shown = Shown::items(&layer, access::Route::Item, 1);
        Ok(context.reply_of(shown, body, headers))
    })
    .await
}

/// A body and the headers that belong to it.
type Written = (Vec<u8>, Vec<(HeaderName, HeaderValue)>);

fn document(
    context: &Context,
    layer: &VisibleLayer,
    row: &Row<'_>,
    crs: &OfferedCrs,
) -> Result<Written, Problem> {
    let placement = Placement::new(layer.storage_crs(), crs.crs).map_err(|e| {
        internal(
            &context.api,
            &format!("no transformation to {}: {e}", crs.uri),
        )
    })?;
    let id = row.id().to_string();
    let mut links = context.self_and_alternates(Route::Item(layer.id(), &id));
    if context.caller.sees(layer, Surface::Discover) {
        links.push(collection_link(context, layer));
    }
    let mut body = Vec::new();
    FeatureWriter::new(layer.schema(), placement).feature_with_links(
        row,
        &link::array(&links),
        &mut body,
    );
    let mut headers = vec![content_crs(&crs.uri)];
    headers.extend(link_headers(&links));
    Ok((body, headers))
}

/// The only parameter of an item (`/req/crs/fc-crs-definition`).
fn crs_alone(context: &Context, layer: &VisibleLayer) -> Result<OfferedCrs, Problem> {
    let crss = offered(layer);
    let mut found = None;
    let mut faults = Vec::new();
    for (name, value) in &context.pairs {
        match name.as_str() {
            "crs" if found.is_some() => faults.push(Fault::new(name, FaultKind::Repeated)),
            "crs" => {
                found = crss.find(value).cloned();
                if found.is_none() {
                    faults.push(Fault::new(name, FaultKind::CrsNotOffered(value.clone())));
                }
            }
            _ => faults.push(Fault::new(name, FaultKind::Unknown)),
        }
    }
    if !faults.is_empty() {
        return Err(Problem::Parameters(faults));
    }
    Ok(found.unwrap_or_else(|| crss.default_crs().clone()))
}
