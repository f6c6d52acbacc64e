//! Vector tiles: plain XYZ with TileJSON for web viewers, and the same tiles under the paths of OGC API Tiles (OGC 20-057).
//!
//! 200 with a tile, 204 where the tile has nothing in it, 404 outside of the tile matrix set or beyond the layer's last zoom.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

use super::context::Context;
use super::negotiate::{Offer, accepts_gzip};
use super::problem::Problem;
use super::query;
use super::respond::{REVALIDATE, matches_any};
use super::routes::Route;
use super::run::{self, internal, pool_problem, told};
use super::state::ApiState;
use crate::access::{Principal, Surface};
use crate::catalog::{Catalog, Resolution, VisibleLayer};
use crate::features::{Fault, FaultKind};
use crate::tiles::cache::{EncodedTile, Encoding, KeyLayer, TileKey};
use crate::tiles::coord::TileCoord;
use crate::tiles::render;
use crate::tiles::source::TileRows;
use crate::tiles::tilejson::{DescribedLayer, tilejson as describe};

/// Media type of MVT (registered with IANA).
const MVT: HeaderValue = HeaderValue::from_static("application/vnd.mapbox-vector-tile");
/// How many rows of the tile are too small to be drawn at its zoom.
const COLLAPSED: HeaderName = HeaderName::from_static("guichet-collapsed");
/// Tiles differ by nothing but their coding.
const VARIES: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// `GET /xyz/{c}[,{c}…]/{z}/{x}/{y}.mvt`
pub(super) async fn xyz(
    State(api): State<Arc<ApiState>>,
    Path((layers, z, x, y)): Path<(String, String, String, String)>,
    request: Request,
) -> Response<Body> {
    let coord = y
        .strip_suffix(".mvt")
        .and_then(|y| coordinates(&z, &x, y, TileCoord::from_zxy));
    tile(api, &layers, coord, request).await
}

/// `GET /collections/{c}/tiles/WebMercatorQuad/{matrix}/{row}/{col}[.mvt]`
pub(super) async fn ogc(
    State(api): State<Arc<ApiState>>,
    Path((collection, matrix, row, col)): Path<(String, String, String, String)>,
    request: Request,
) -> Response<Body> {
    if collection.contains(',') {
        let (parts, _) = request.into_parts();
        return told(&api, &parts, &Problem::NoSuchCollection(collection));
    }
    let col = col.strip_suffix(".mvt").unwrap_or(&col);
    let coord = coordinates(&matrix, &row, col, TileCoord::from_row_col);
    tile(api, &collection, coord, request).await
}

/// Three plain numbers: `01`, `+1` and `1.0` name no tile.
fn coordinates<E>(
    a: &str,
    b: &str,
    c: &str,
    make: impl FnOnce(u32, u32, u32) -> Result<TileCoord, E>,
) -> Option<TileCoord> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|n| n.to_string() == text);
    make(number(a)?, number(b)?, number(c)?).ok()
}

async fn tile(
    api: Arc<ApiState>,
    layers: &str,
    coord: Option<TileCoord>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let outcome = find(&api, layers, coord, &parts);
    let tile = match outcome {
        Ok((layers, coord)) => make(&api, layers, coord).await,
        Err(problem) => Err(problem),
    };
    match tile {
        Ok(tile) => respond(&tile, &parts),
        Err(problem) => told(&api, &parts, &problem),
    }
}

/// The layers and the place of the tile that is asked for.
fn find(
    api: &ApiState,
    layers: &str,
    coord: Option<TileCoord>,
    parts: &Parts,
) -> Result<(Vec<VisibleLayer>, TileCoord), Problem> {
    // Layers first: a hidden one answers like one that does not exist, whatever else is wrong.
    let layers = visible(
        &api.catalog.load(),
        layers,
        api.settings.collections_per_tile,
    )?;
    let unknown: Vec<Fault> = query::parse(parts.uri.query())?
        .iter()
        .map(|(name, _)| Fault::new(name, FaultKind::Unknown))
        .collect();
    if !unknown.is_empty() {
        return Err(Problem::Parameters(unknown));
    }
    let coord = coord.ok_or(Problem::NoSuchTile)?;
    let last = layers.iter().map(|l| l.tile_zooms().1).max().unwrap_or(0);
    if coord.z() > last {
        return Err(Problem::NoSuchTile);
    }
    Ok((layers, coord))
}

/// The layers named in a list, all of them visible to the caller. Each is asked for once: repeating one would repeat its work.
fn visible(catalog: &Catalog, list: &str, most: usize) -> Result<Vec<VisibleLayer>, Problem> {
    let names: Vec<&str> = list.split(',').collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if names.len() > most || distinct.len() < names.len() {
        return Err(Problem::TooManyLayers(most));
    }
    let layer = |name: &&str| match catalog.resolve(&Principal::Anonymous, name, Surface::Tiles) {
        Resolution::Visible(layer) => Ok(layer),
        Resolution::Absent => Err(Problem::NoSuchCollection((*name).to_owned())),
    };
    names.iter().map(layer).collect()
}

async fn make(
    api: &Arc<ApiState>,
    layers: Vec<VisibleLayer>,
    coord: TileCoord,
) -> Result<EncodedTile, Problem> {
    let key = key(&layers, coord);
    if let Some(tile) = api.tiles.get(&key) {
        return Ok(tile);
    }
    let work = move || {
        let rows: Vec<&dyn TileRows> = layers.iter().map(|l| l as &dyn TileRows).collect();
        render::render(&rows, coord).map(EncodedTile::from)
    };
    let render = async {
        let done = api
            .pool
            .run(work)
            .await
            .map_err(|fault| pool_problem(api, fault))?;
        done.map_err(|e| internal(api, &e.to_string()))
    };
    api.tiles.get_or_await(&key, render).await
}

fn key(layers: &[VisibleLayer], coord: TileCoord) -> TileKey {
    let stamp = |l: &VisibleLayer| (l.revision().0.to_le_bytes(), l.view_id().0.to_le_bytes());
    let stamps: Vec<_> = layers.iter().map(stamp).collect();
    let layers: Vec<KeyLayer<'_>> = layers
        .iter()
        .zip(&stamps)
        .map(|(rows, (revision, view))| KeyLayer {
            rows,
            revision,
            view,
        })
        .collect();
    TileKey::new(&layers, coord)
}

fn respond(tile: &EncodedTile, parts: &Parts) -> Response<Body> {
    let encoding = if accepts_gzip(&parts.headers) {
        Encoding::Gzip
    } else {
        Encoding::Identity
    };
    let tag = HeaderValue::try_from(tile.etag(encoding)).expect("hexadecimal digits in quotes");
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, REVALIDATE);
    headers.insert(VARY, VARIES);
    headers.insert(ETAG, tag.clone());
    if tile.collapsed > 0 {
        headers.insert(COLLAPSED, tile.collapsed.into());
    }
    if matches_any(&parts.headers, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if tile.is_empty() {
        *response.status_mut() = StatusCode::NO_CONTENT;
        return response;
    }
    headers.insert(CONTENT_TYPE, MVT);
    if encoding == Encoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = Body::from(tile.body(encoding));
    response
}

/// `GET /xyz/{c}[,{c}…].json`
pub(super) async fn tilejson(
    State(api): State<Arc<ApiState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response<Body> {
    run::heavy(api, request, Offer::DocumentAlone, move |context| {
        let list = name.strip_suffix(".json").ok_or(Problem::NoSuchPath)?;
        let layers = visible(
            &context.catalog,
            list,
            context.api.settings.collections_per_tile,
        )?;
        context.no_parameters()?;
        let body = tilejson_of(&context, &layers, list);
        Ok(context.reply(body, Vec::new()))
    })
    .await
}

fn tilejson_of(context: &Context, layers: &[VisibleLayer], list: &str) -> Vec<u8> {
    let described: Vec<DescribedLayer<'_>> = layers
        .iter()
        .map(|layer| DescribedLayer {
            rows: layer,
            title: &layer.metadata().title,
            description: layer.metadata().description.as_deref(),
            attribution: layer.metadata().attribution.as_deref(),
            bounds: layer.extent_crs84(),
        })
        .collect();
    // Tiles have no language.
    let base = context.base.clone().with_language(None);
    let document = describe(&described, base.href(Route::TileTemplate(list), &[]));
    serde_json::to_vec(&document).expect("numbers and texts alone")
}
