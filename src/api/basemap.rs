//! The background of the pages' maps: a MapLibre style (version 8) made of this server's own tiles.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Map, Value, json};

use super::base::Base;
use super::context::Context;
use super::negotiate::Offer;
use super::problem::Problem;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use crate::access::Surface;
use crate::catalog::VisibleLayer;

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
    run::answer(
        &api,
        request,
        Offer::DocumentAlone,
        async |context: Context| {
            if name != api.settings.basemap.name() {
                return Err(Problem::NoSuchPath);
            }
            context.writable()?;
            context.no_parameters()?;
            let style = document(&context).await?;
            Ok(context.reply(style.to_string().into_bytes(), Vec::new()))
        },
    )
    .await
}

async fn document(context: &Context) -> Result<Value, Problem> {
    let caller = &context.caller;
    Ok(match &context.api.settings.basemap {
        Basemap::Style { style, .. } => resolved(context, style),
        Basemap::Layers(names) => {
            let mut layers = Vec::new();
            for name in names {
                layers.extend(caller.configured(name, Surface::Tilesets).await?);
            }
            outlines(context, layers.into_iter())
        }
        Basemap::Own => {
            let areas = caller.open_layers(Surface::Tilesets).into_iter();
            let areas = areas.filter(|l| {
                l.schema().dimension() == Some(2) && l.feature_count() <= MOST_FEATURES
            });
            outlines(
                context,
                areas.min_by_key(VisibleLayer::feature_count).into_iter(),
            )
        }
    })
}

/// The hand-made style with its addresses filled in. Of this server's own sources there remain the collections that the caller sees
/// whole, and what is drawn from them: a style names properties, and may be made for some of the rows.
fn resolved(context: &Context, style: &Value) -> Value {
    let mut style = style.clone();
    let mut kept = Map::new();
    // By source of ours, the collections in it that remain: their full ids, and their names for the caller.
    let mut own: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    if let Some(Value::Object(sources)) = style.get_mut("sources").map(Value::take) {
        for (id, mut source) in sources {
            let url = source.get("url").and_then(Value::as_str);
            if let Some(path) = url.and_then(|u| u.strip_prefix(OWN)) {
                let seen = whole(context, path);
                if seen.is_empty() {
                    continue;
                }
                let names: Vec<&str> = seen.iter().map(|(_, name)| name.as_str()).collect();
                let base = context.base.clone().with_language(None);
                source["url"] = signed(context, &base, &names).into();
                own.insert(id.clone(), seen);
            }
            kept.insert(id, source);
        }
    }
    if let Some(Value::Array(layers)) = style.get_mut("layers") {
        layers.retain_mut(|layer| {
            let Some(source) = layer.get("source").and_then(Value::as_str) else {
                return true;
            };
            let Some(seen) = own.get(source) else {
                return kept.contains_key(source);
            };
            let drawn = layer.get("source-layer").and_then(Value::as_str);
            let name = seen.iter().find(|(id, _)| Some(id.as_str()) == drawn);
            let name = name.map(|(_, name)| name.as_str());
            if let Some(name) = name {
                layer["source-layer"] = name.into();
            }
            name.is_some() || crate::leak!("style-names-hidden")
        });
    }
    style["sources"] = kept.into();
    style
}

/// The collections of an address of ours that the caller sees whole: full ids, and names for the caller.
fn whole(context: &Context, path: &str) -> Vec<(String, String)> {
    let list = path
        .strip_prefix(TILE_JSON.0)
        .and_then(|l| l.strip_suffix(TILE_JSON.1));
    let ids = list.unwrap_or_default().split(',');
    let seen = ids.filter_map(|id| {
        let name = context.caller.whole(id, Surface::Tilesets)?;
        Some((id.to_owned(), name.to_owned()))
    });
    seen.collect()
}

/// The address of a TileJSON, as a map asks for it that shows no credential.
fn signed(context: &Context, base: &Base, names: &[&str]) -> String {
    let signed = context.signed_pairs(names);
    let pairs: Vec<_> = signed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    base.href(Route::TileJson(&names.join(",")), &pairs)
}

fn outlines(context: &Context, layers: impl Iterator<Item = VisibleLayer>) -> Value {
    let base = context.base.clone().with_language(None);
    let mut sources = Map::new();
    let mut drawn = vec![
        json!({ "id": "background", "type": "background", "paint": { "background-color": "#eef1f3" } }),
    ];
    if crate::leak!("basemap-of-hidden-layers") {
        let grants = context.caller.catalog.policy().grants.iter();
        for id in grants.flat_map(|g| &g.layers) {
            sources.insert(id.clone(), json!({ "type": "vector" }));
        }
    }
    for layer in layers {
        let id = layer.id();
        sources.insert(
            id.to_owned(),
            json!({ "type": "vector", "url": signed(context, &base, &[id]) }),
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
