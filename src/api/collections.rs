//! Collections and one collection (OGC 17-069r4 §7.13, §7.14).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::context::Context;
use super::extent;
use super::frame;
use super::journal::Shown;
use super::licence;
use super::link::Link;
use super::locked;
use super::maps;
use super::model::{
    CellsNote, CollectionCard, CollectionPage, CollectionsPage, Figures, ItemsAccess,
};
use super::negotiate::{HTML, JSON, Offer};
use super::queryables;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;
use super::tilesets;
use crate::access::Surface;
use crate::catalog::VisibleLayer;
use crate::features::offered;
use crate::formats::geojson;

/// `GET /collections`
pub(super) async fn collections(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    let surface = if crate::leak!("listed-by-tiles") {
        Surface::Tilesets
    } else {
        Surface::Discover
    };
    run::of_layers(api, request, Offer::Document, surface, |context, layers| {
        context.no_parameters()?;
        let body = if context.is_html() {
            let page = CollectionsPage {
                frame: frame::of(&context, Route::Collections),
                collections: cards(&context, &layers)
                    .into_iter()
                    .map(|(_, card)| card)
                    .collect(),
            };
            context.api.pages.collections(&page, context.language)
        } else {
            let entries = layers.iter().map(|layer| document(&context, layer));
            let entries: Vec<_> = entries.collect();
            let links = context.self_and_alternates(Route::Collections);
            json!({ "links": links, "collections": entries }).to_string()
        };
        Ok(context.reply(body.into_bytes(), Vec::new()))
    })
    .await
}

/// `GET /collections/{c}`
pub(super) async fn collection(
    State(api): State<Arc<ApiState>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    run::answer(&api, request, Offer::Document, async |context: Context| {
        let layer = context.caller.layer(&id, Surface::Discover).await?;
        context.writable()?;
        context.no_parameters()?;
        let tiles = if context.is_html() && context.caller.sees(&layer, Surface::Tilesets) {
            Some(context.caller.layer(&id, Surface::Tilesets).await?)
        } else {
            None
        };
        run::off_thread(&api, move || {
            let body = if context.is_html() {
                let page = page(&context, &layer, tiles.as_ref());
                context.api.pages.collection(&page, context.language)
            } else {
                document(&context, &layer).to_string()
            };
            let shown = Shown::described(&layer, Surface::Discover);
            Ok(context.reply_of(shown, body.into_bytes(), Vec::new()))
        })
        .await
    })
    .await
}

/// Cards of the collections that the caller sees or may know of, by id, each with the id of its organisation.
pub(super) fn cards(
    context: &Context,
    layers: &[VisibleLayer],
) -> Vec<(Option<String>, CollectionCard)> {
    let card = |layer: &VisibleLayer| CollectionCard {
        id: layer.id().to_owned(),
        href: context.base.path(Route::Collection(layer.id()), &[]),
        metadata: layer.metadata().clone(),
        figures: Some(Figures {
            count: layer.feature_count(),
            kinds: layer.schema().geometry_kinds.clone(),
        }),
    };
    let seen = layers.iter().map(|l| (l.organisation().cloned(), card(l)));
    let notices = context.caller.notices().into_iter();
    let known = notices.map(|n| (n.organisation.clone(), locked::card(&context.base, &n)));
    let mut cards: Vec<_> = seen.chain(known).collect();
    cards.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    cards
}

/// The description of a collection, the same alone and in the list (`/req/core/sfc-md-success` B).
fn document(context: &Context, layer: &VisibleLayer) -> Value {
    let metadata = layer.metadata();
    let crss = offered(layer);
    let mut document = json!({
        "id": layer.id(),
        "title": metadata.title,
        "itemType": "feature",
        "itemCount": layer.feature_count(),
        "idStability": layer.id_stability().name(),
        "crs": crss.entries.iter().map(|e| e.uri.as_str()).collect::<Vec<_>>(),
        "storageCrs": crss.storage_crs().uri,
        "links": links(context, layer),
    });
    let texts = [
        ("description", &metadata.description),
        ("license", &metadata.licence),
        ("attribution", &metadata.attribution),
        ("contact", &metadata.contact),
        ("publisher", &metadata.publisher),
        ("updated", &metadata.updated),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            document[name] = text.as_str().into();
        }
    }
    if !metadata.keywords.is_empty() {
        document["keywords"] = json!(metadata.keywords);
    }
    if let Some(extent) = extent::document(layer) {
        document["extent"] = extent;
    }
    document
}

/// Links of a collection. They do not depend on where it is described, only on the language that the request names.
fn links(context: &Context, layer: &VisibleLayer) -> Vec<Link> {
    let (base, l, id) = (&context.base, context.language, layer.id());
    let of = |rel, route, pairs: &[(&str, &str)], media_type, fr, en| {
        Link::new(rel, base.href(route, pairs), media_type, pick(l, fr, en))
    };
    let (own, items) = (Route::Collection(id), Route::Items(id));
    let mut links = vec![
        of(
            "self",
            own,
            &[],
            JSON,
            "Cette collection",
            "This collection",
        ),
        of(
            "alternate",
            own,
            &[("f", "html")],
            HTML,
            "Cette collection en HTML",
            "This collection as HTML",
        ),
    ];
    if context.caller.sees(layer, Surface::Items) {
        let (json, html) = ([("f", "json")], [("f", "html")]);
        links.extend([
            of(
                "items",
                items,
                &json,
                geojson::MEDIA_TYPE,
                "Objets en GeoJSON",
                "Items as GeoJSON",
            ),
            of(
                "items",
                items,
                &html,
                HTML,
                "Objets en HTML",
                "Items as HTML",
            ),
        ]);
    }
    links.extend(queryables::links(context, layer));
    links.extend(tilesets::links(context, layer));
    if let Some((url, title)) = layer.metadata().licence.as_deref().and_then(licence::link) {
        links.push(Link::new("license", url, HTML, title));
    }
    links
}

/// Whom to ask for more than cells: whom the layer names, else whom its publisher names on its portal.
fn cells(context: &Context, layer: &VisibleLayer) -> CellsNote {
    let caller = &context.caller;
    let publisher = layer.organisation();
    let publisher = publisher.and_then(|id| caller.catalog.organisation(&caller.principal, id));
    let contact = layer.metadata().contact.clone();
    let here = context
        .base
        .path(Route::Collection(layer.id()), &[("f", "html")]);
    let is_known = caller.principal.standing().is_some();
    CellsNote {
        contact: contact.or_else(|| publisher.and_then(|o| o.contact.clone())),
        sign_in: (!is_known).then(|| context.base.path(Route::Session, &[("to", &here)])),
    }
}

/// The page of a collection; `tiles` is the layer as its tiles show it, where they may be seen.
fn page(context: &Context, layer: &VisibleLayer, tiles: Option<&VisibleLayer>) -> CollectionPage {
    let (base, id, schema) = (&context.base, layer.id(), layer.schema());
    let crss = offered(layer);
    let items = context.caller.sees(layer, Surface::Items);
    CollectionPage {
        frame: frame::of(context, Route::Collection(id)),
        id: id.to_owned(),
        metadata: layer.metadata().clone(),
        count: layer.feature_count(),
        kinds: schema.geometry_kinds.clone(),
        has_z: schema.has_z,
        fields: schema.fields.clone(),
        extent: extent::bbox(layer),
        interval: extent::interval(layer).map(|ends| ends.map(Some)),
        storage_crs: Some(crss.storage_crs().uri.clone()),
        crs: crss.entries.into_iter().map(|e| e.uri).collect(),
        id_stability: layer.id_stability(),
        id_property: maps::promote_id(layer),
        cells: layer.has_cells().then(|| cells(context, layer)),
        items: items.then(|| ItemsAccess {
            table: base.path(Route::Items(id), &[]),
            json: base.path(Route::Items(id), &[("f", "json")]),
        }),
        queryables: base.path(Route::Queryables(id), &[]),
        tiles: tiles.and_then(|layer| maps::tiles(context, layer)),
        service_url: base.service(),
        map: tiles.and_then(|layer| maps::of_collection(context, layer)),
    }
}
