//! Vector tiles: plain XYZ with TileJSON for web viewers, and the same tiles under the paths of OGC API Tiles (OGC 20-057).
//!
//! 200 with a tile, 204 where the tile has nothing in it, 404 outside of the tile matrix set or beyond the layer's last zoom. Of a list of
//! layers those are drawn that the caller sees; a name that is hidden and one that nothing has are passed over alike.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

use super::context::Context;
use super::door::{self, Caller};
use super::journal::{Shown, note};
use super::negotiate::accepts_gzip;
use super::problem::Problem;
use super::query;
use super::respond::{PRIVATE_TILES, keeping, matches_any};
use super::routes::Route;
use super::run::{self, internal, pool_problem, told};
use super::state::ApiState;
use crate::access::{self, Surface};
use crate::catalog::VisibleLayer;
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
    answer(&api, layers, coord, &parts)
        .await
        .unwrap_or_else(|problem| told(&api, &parts, &problem))
}

async fn answer(
    api: &Arc<ApiState>,
    layers: &str,
    coord: Option<TileCoord>,
    parts: &Parts,
) -> Result<Response<Body>, Problem> {
    let pairs = query::parse(parts.uri.query())?;
    let caller = Caller::of_tiles(api, parts, layers)?;
    // Layers first: a hidden one answers like one that does not exist, whatever else is wrong.
    let layers = drawn(&caller, layers, coord).await?;
    let unknown = pairs
        .iter()
        .map(|(name, _)| Fault::new(name, FaultKind::Unknown));
    let unknown: Vec<Fault> = unknown.collect();
    if !unknown.is_empty() {
        return Err(Problem::Parameters(unknown));
    }
    let coord = coord.ok_or(Problem::NoSuchTile)?;
    if coord.z() > layers.last {
        return Err(Problem::NoSuchTile);
    }
    let tile = make(api, &layers.shown, coord).await?;
    let response = respond(&tile, parts, caller.is_public());
    let bytes = response.body().size_hint().exact().unwrap_or_default();
    for layer in &layers.shown {
        // A tile is not taken apart again: what it holds is told of each of its layers.
        let shown = Shown {
            layer,
            surface: Surface::Tiles(coord.z()),
            route: access::Route::Tiles,
            features: if bytes > 0 { tile.features.into() } else { 0 },
        };
        note(&caller, shown, bytes);
    }
    Ok(response)
}

/// What a tile shows to the caller.
struct Drawn {
    /// The layers that are seen at its zoom.
    shown: Vec<VisibleLayer>,
    /// The last zoom of those that are seen at any.
    last: u8,
}

/// The layers named in a list that the caller sees in a tile. Names of others are passed over, whether or not anything has them: a map
/// of many layers shows to each caller what is theirs. Where nothing remains, the answer is that of the first name.
async fn drawn(caller: &Caller, list: &str, coord: Option<TileCoord>) -> Result<Drawn, Problem> {
    let surface = match coord {
        Some(coord) if !crate::leak!("tiles-of-any-zoom") => Surface::Tiles(coord.z()),
        _ => Surface::Tilesets,
    };
    let mut drawn = Drawn {
        shown: Vec::new(),
        last: 0,
    };
    let mut absent = None;
    let mut elsewhere = false;
    for name in names(list, caller.api.settings.collections_per_tile)? {
        let states = &caller.catalog.policy().layer_states;
        if crate::leak!("joined-tiles-refuse-drafts") && states.contains_key(name) {
            return Err(Problem::NoSuchTile);
        }
        let format = Some(door::MVT);
        match unless_hidden(caller.layer_in(name, surface, format).await)? {
            Ok(layer) => {
                drawn.last = drawn.last.max(layer.tile_zooms().1);
                drawn.shown.push(layer);
            }
            Err(problem) => {
                let at_any = caller.layer_in(name, Surface::Tilesets, format).await;
                match unless_hidden(at_any)? {
                    // Nothing at this zoom, something at others: its tiles are empty here.
                    Ok(layer) => {
                        drawn.last = drawn.last.max(caller.tile_zooms(&layer).1);
                        elsewhere = true;
                    }
                    Err(_) => absent = absent.or(Some(problem)),
                }
            }
        }
    }
    match absent {
        Some(problem) if drawn.shown.is_empty() && !elsewhere => Err(problem),
        _ => Ok(drawn),
    }
}

/// Whether the caller sees tiles of any layer of a list.
pub(super) async fn found(caller: &Caller, list: &str) -> Result<(), Problem> {
    drawn(caller, list, None).await.map(|_| ())
}

/// Takes apart what the caller does not see from what went wrong.
fn unless_hidden(
    outcome: Result<VisibleLayer, Problem>,
) -> Result<Result<VisibleLayer, Problem>, Problem> {
    match outcome {
        Err(Problem::NoSuchCollection(_) | Problem::Locked(_)) | Ok(_) => Ok(outcome),
        Err(other) => Err(other),
    }
}

/// The names of a list. Each may be asked for once: repeating one would repeat its work.
fn names(list: &str, most: usize) -> Result<Vec<&str>, Problem> {
    let names: Vec<&str> = list.split(',').collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if names.len() > most || distinct.len() < names.len() {
        return Err(Problem::TooManyLayers(most));
    }
    Ok(names)
}

async fn make(
    api: &Arc<ApiState>,
    layers: &[VisibleLayer],
    coord: TileCoord,
) -> Result<EncodedTile, Problem> {
    let key = key(layers, coord);
    if let Some(tile) = api.tiles.get(&key) {
        return Ok(tile);
    }
    let layers = layers.to_vec();
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
    let view = |l: &VisibleLayer| {
        if crate::leak!("tile-key-without-view") {
            [0; 16]
        } else {
            l.view_id().0.to_le_bytes()
        }
    };
    // Two views of a layer have two revisions.
    let revision = |l: &VisibleLayer| {
        if crate::leak!("tile-key-without-view") {
            [0; 16]
        } else {
            l.revision().0.to_le_bytes()
        }
    };
    let stamp = |l: &VisibleLayer| (revision(l), view(l));
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

fn respond(tile: &EncodedTile, parts: &Parts, public: bool) -> Response<Body> {
    let encoding = if accepts_gzip(&parts.headers) {
        Encoding::Gzip
    } else {
        Encoding::Identity
    };
    let tag = HeaderValue::try_from(tile.etag(encoding)).expect("hexadecimal digits in quotes");
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    keeping(headers, &VARIES, public, &PRIVATE_TILES);
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
    let Some(list) = name.strip_suffix(".json") else {
        let (parts, _) = request.into_parts();
        return told(&api, &parts, &Problem::NoSuchPath);
    };
    run::of_tiles(&api, request, list, async |context: Context| {
        let layers = drawn(&context.caller, list, None).await?.shown;
        context.writable()?;
        context.no_parameters()?;
        run::off_thread(&api, move || {
            let body = tilejson_of(&context, &layers);
            let bytes = body.len() as u64;
            let response = context.reply(body, Vec::new());
            for layer in &layers {
                note(
                    &context.caller,
                    Shown::described(layer, Surface::Tilesets),
                    bytes,
                );
            }
            Ok(response)
        })
        .await
    })
    .await
}

fn tilejson_of(context: &Context, layers: &[VisibleLayer]) -> Vec<u8> {
    let described: Vec<DescribedLayer<'_>> = layers
        .iter()
        .map(|layer| DescribedLayer {
            rows: layer,
            zooms: context.caller.tile_zooms(layer),
            title: &layer.metadata().title,
            description: layer.metadata().description.as_deref(),
            attribution: layer.metadata().attribution.as_deref(),
            bounds: layer.extent_crs84(),
        })
        .collect();
    let names: Vec<&str> = layers.iter().map(VisibleLayer::id).collect();
    // Tiles have no language.
    let base = context.base.clone().with_language(None);
    let signed = context.signed_pairs(&names);
    let pairs: Vec<_> = signed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let url = base.href(Route::TileTemplate(&names.join(",")), &pairs);
    let document = describe(&described, url);
    serde_json::to_vec(&document).expect("numbers and texts alone")
}
