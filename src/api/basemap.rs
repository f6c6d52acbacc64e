//! The background of the pages' maps: a MapLibre style (version 8) made of this server's own tiles.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Map, Value, json};

use super::context::Context;
use super::negotiate::Offer;
use super::problem::Problem;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use crate::access::Surface;
use crate::catalog::{Resolution, VisibleLayer};

/// Stands for the base URL and its slash in styles that are made by hand.
const OWN: &str = "guichet://";
/// Where the tiles of a collection are described, below the base URL.
const TILE_JSON: (&str, &str) = ("xyz/", ".json");
/// A background of more features would cost more than the map that it lies under.
const MOST_FEATURES: u64 = 20_000;
/// The name of a background that is made, not declared.
const MADE: &str = "basemap";

/// What lies below the maps of the pages.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Basemap {
    /// Outlines of the smallest visible layer of areas.
    #[default]
    Own,
    /// Outlines of these collections, those that the caller may see, the first at the bottom.
    Layers(Vec<String>),
    /// A style made by hand.
    Style {
        /// Its name in `/styles/{name}`.
        name: String,
        /// The style; addresses may start with `guichet://`.
        style: Value,
    },
}

impl Basemap {
    fn name(&self) -> &str {
        match self {
            Self::Style { name, .. } => name,
            _ => MADE,
        }
    }
}

/// The path of the style, for pages.
pub(super) fn path(context: &Context) -> String {
    let base = context.base.clone().with_language(None);
    base.path(Route::Style(context.api.settings.basemap.name()), &[])
}

/// `GET /styles/{name}`
pub(super) async fn style(
    State(api): State<Arc<ApiState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response<Body> {
    run::heavy(api, request, Offer::DocumentAlone, move |context| {
        if name != context.api.settings.basemap.name() {
            return Err(Problem::NoSuchPath);
        }
        context.no_parameters()?;
        let style = document(&context);
        Ok(context.reply(style.to_string().into_bytes(), Vec::new()))
    })
    .await
}

fn document(context: &Context) -> Value {
    match &context.api.settings.basemap {
        Basemap::Style { style, .. } => resolved(context, style),
        Basemap::Layers(names) => {
            outlines(context, names.iter().filter_map(|n| visible(context, n)))
        }
        Basemap::Own => {
            let layers = context.catalog.visible(&context.principal, Surface::Tiles);
            let areas = layers.into_iter().filter(|l| {
                l.schema().dimension() == Some(2) && l.feature_count() <= MOST_FEATURES
            });
            outlines(
                context,
                areas.min_by_key(VisibleLayer::feature_count).into_iter(),
            )
        }
    }
}

fn visible(context: &Context, collection: &str) -> Option<VisibleLayer> {
    match context
        .catalog
        .resolve(&context.principal, collection, Surface::Tiles)
    {
        Resolution::Visible(layer) => Some(layer),
        Resolution::Absent => None,
    }
}

/// The hand-made style with its addresses filled in, without the sources that the caller may not see.
fn resolved(context: &Context, style: &Value) -> Value {
    let mut style = style.clone();
    let base = context.base.service();
    let mut kept = Map::new();
    if let Some(Value::Object(sources)) = style.get_mut("sources").map(Value::take) {
        for (id, mut source) in sources {
            let url = source
                .get("url")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if let Some(own) = url.strip_prefix(OWN) {
                let list = own
                    .strip_prefix(TILE_JSON.0)
                    .and_then(|l| l.strip_suffix(TILE_JSON.1));
                if !list.is_some_and(|l| l.split(',').all(|c| visible(context, c).is_some())) {
                    continue;
                }
                source["url"] = format!("{base}{own}").into();
            }
            kept.insert(id, source);
        }
    }
    if let Some(Value::Array(layers)) = style.get_mut("layers") {
        layers.retain(|layer| {
            let source = layer.get("source").and_then(Value::as_str);
            source.is_none_or(|s| kept.contains_key(s))
        });
    }
    style["sources"] = kept.into();
    style
}

fn outlines(context: &Context, layers: impl Iterator<Item = VisibleLayer>) -> Value {
    let base = context.base.clone().with_language(None);
    let mut sources = Map::new();
    let mut drawn = vec![
        json!({ "id": "background", "type": "background", "paint": { "background-color": "#eef1f3" } }),
    ];
    for layer in layers {
        let id = layer.id();
        sources.insert(
            id.to_owned(),
            json!({ "type": "vector", "url": base.href(Route::TileJson(id), &[]) }),
        );
        let of = |kind: &str, paint: Value| json!({ "id": format!("{id}-{kind}"), "type": kind, "source": id, "source-layer": id, "paint": paint });
        if layer.schema().dimension() == Some(2) {
            drawn.push(of("fill", json!({ "fill-color": "#faf9f5" })));
        }
        drawn.push(of(
            "line",
            json!({ "line-color": "#9aa5ad", "line-width": 0.8 }),
        ));
    }
    json!({ "version": 8, "name": MADE, "sources": sources, "layers": drawn })
}
