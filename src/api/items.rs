//! Items of a collection (OGC 17-069r4 §7.15, §7.16; OGC 18-058r1 §6.3, §6.5).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::LINK;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response};

use super::context::Context;
use super::download::Download;
use super::items_form;
use super::items_page;
use super::link::Link;
use super::negotiate::{JSON, Offer};
use super::problem::Problem;
use super::queryables;
use super::respond::{Coding, entity_tag};
use super::routes::Route;
use super::run::{self, pool_problem};
use super::state::ApiState;
use super::texts::pick;
use crate::access::Surface;
use crate::catalog::VisibleLayer;
use crate::features::{Fault, ItemsQuery, PageStart};

/// Which CRS the coordinates of the answer are in (`/req/crs/ogc-crs-header`).
pub(super) const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");
/// `numberMatched` for formats that have no place for it.
pub(super) const NUMBER_MATCHED: HeaderName = HeaderName::from_static("ogc-numbermatched");
/// `numberReturned` likewise.
pub(super) const NUMBER_RETURNED: HeaderName = HeaderName::from_static("ogc-numberreturned");

/// `GET /collections/{c}/items`
pub(super) async fn items(
    State(api): State<Arc<ApiState>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    answer(&api, &id, &parts)
        .await
        .unwrap_or_else(|p| run::told(&api, &parts, &p))
}

async fn answer(api: &Arc<ApiState>, id: &str, parts: &Parts) -> Result<Response<Body>, Problem> {
    let mut context = Context::open(api, parts, Offer::Features)?;
    if context.is_html() {
        // A form sends the fields that were left empty too; a text area may hold a blank that nobody sees.
        context.pairs.retain(|(name, value)| {
            let is_empty = value.is_empty() || (name == "filter" && value.trim().is_empty());
            !(is_empty && items_form::OPTIONAL.contains(&name.as_str()))
        });
    }
    let context = context;
    let surface = if crate::leak!("items-by-discover") {
        Surface::Discover
    } else {
        Surface::Items
    };
    let layer = context
        .caller
        .layer_in(id, surface, context.format())
        .await?;
    context.writable()?;
    let mut query = match parse(&context, &layer).await? {
        Ok(query) => query,
        Err(faults) if context.is_html() => {
            return Ok(items_page::refused(&context, &layer, &faults));
        }
        Err(faults) => return Err(Problem::Parameters(faults)),
    };
    let cancel = Cancel::default();
    let flag = Arc::clone(&cancel.0);
    let pool = if has_filter(&context) {
        &api.searches
    } else {
        &api.pool
    };
    let job = if context.is_html() {
        query.limit = query.limit.min(api.settings.page_rows);
        pool.run(move || items_page::respond(&context, &layer, &query, &flag))
            .await
    } else {
        let coding = Coding::of(&context.headers);
        let tag = tag(&context, &layer, coding);
        if let Some(response) = context.unchanged(&tag) {
            return Ok(response);
        }
        let download = Download::new(context, layer, query, coding, tag)?;
        pool.run(move || download.start(&flag)).await
    };
    job.map_err(|fault| pool_problem(api, fault))?
}

fn has_filter(context: &Context) -> bool {
    context.pairs.iter().any(|(name, _)| name == "filter")
}

/// Reads the query. A filter may be long, and preparing its geometries takes milliseconds: that is work for the pool.
async fn parse(
    context: &Context,
    layer: &VisibleLayer,
) -> Result<Result<ItemsQuery, Vec<Fault>>, Problem> {
    let (api, limits) = (&context.api, context.api.settings.items);
    if !has_filter(context) {
        return Ok(ItemsQuery::parse(&context.pairs, layer, limits));
    }
    let (pairs, layer) = (context.pairs.clone(), layer.clone());
    let parsed = api
        .pool
        .run(move || ItemsQuery::parse(&pairs, &layer, limits));
    parsed.await.map_err(|fault| pool_problem(api, fault))
}

/// Tells the work that nobody waits for it any more, when the request is dropped.
#[derive(Default)]
struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The entity tag of a page of items is known before the page is: it names everything that the bytes depend on. Keyed, so that it
/// tells nothing of the revision.
fn tag(context: &Context, layer: &VisibleLayer, coding: Coding) -> HeaderValue {
    let url = context
        .base
        .href(Route::Items(layer.id()), &context.changed(&[]));
    let state = format!("{} {}", layer.revision(), layer.view_id());
    let parts = [
        env!("CARGO_PKG_VERSION").to_owned(),
        state,
        layer.storage_crs().uri(),
        format!(
            "{:?} {:?} {:?}",
            layer.time_field(),
            layer.id_stability(),
            context.api.settings.items
        ),
        url,
        super::language::tag(context.language).to_owned(),
        format!("{coding:?}"),
        if crate::leak!("items-tag-holds-epoch") {
            context.caller.catalog.policy().epoch.to_string()
        } else {
            String::new()
        },
    ];
    entity_tag(&context.api.secret.tag(parts.join("\n").as_bytes()))
}

/// Links of a page of items.
pub(super) fn links(context: &Context, layer: &VisibleLayer, start: &PageStart) -> Vec<Link> {
    let route = Route::Items(layer.id());
    let mut links = context.self_and_alternates(route);
    if let Some(cursor) = &start.next {
        let pairs = context.changed(&[("offset", None), ("cursor", Some(cursor))]);
        let title = pick(context.language, "Page suivante", "Next page");
        links.push(Link::new(
            "next",
            context.base.href(route, &pairs),
            context.media_type(),
            title,
        ));
    }
    if context.caller.sees(layer, Surface::Discover) {
        links.push(collection_link(context, layer));
        links.extend(queryables::links(context, layer));
    }
    links
}

/// The link to the collection (`/req/core/f-links`).
pub(super) fn collection_link(context: &Context, layer: &VisibleLayer) -> Link {
    let href = context.base.href(Route::Collection(layer.id()), &[]);
    let title = pick(context.language, "La collection", "The collection");
    Link::new("collection", href, JSON, title)
}

/// Bytes of links in the headers of an answer. A filter stands in each link to the same items, and proxies cut an answer off whose
/// headers exceed what they hold (4 or 8 KiB by default), as clients do (16 KiB in Node).
const LINK_BYTES: usize = 3 << 10;

/// Links as headers, as clients of formats without links read them. Those for which there is no room, the way onward last of all, stay
/// in the body alone.
pub(super) fn link_headers(links: &[Link]) -> Vec<(HeaderName, HeaderValue)> {
    let texts: Vec<_> = links.iter().map(Link::header).collect();
    let mut room = LINK_BYTES;
    let mut fits = vec![false; texts.len()];
    for onward in [true, false] {
        for (place, text) in texts.iter().enumerate() {
            if (links[place].rel == "next") == onward && text.len() <= room {
                room -= text.len();
                fits[place] = true;
            }
        }
    }
    let fitting = texts.into_iter().zip(fits).filter(|(_, fits)| *fits);
    fitting
        .filter_map(|(text, _)| Some((LINK, HeaderValue::try_from(text).ok()?)))
        .collect()
}

/// `Content-Crs`, the identifier as it was asked for, in angle brackets.
pub(super) fn content_crs(uri: &str) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::try_from(format!("<{uri}>"));
    (
        CONTENT_CRS,
        value.expect("identifiers of systems are ASCII"),
    )
}
