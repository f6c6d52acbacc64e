//! What clients of OGC API Tiles (OGC 20-057) and map viewers read before they ask for a tile: tilesets, the tile matrix set, and
//! where a collection's tiles are.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::context::Context;
use super::extent;
use super::link::Link;
use super::model::{MapLayer, MapView, TilesAccess};
use super::negotiate::{JSON, Offer};
use super::problem::Problem;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;
use crate::access::Surface;
use crate::catalog::{Resolution, VisibleLayer};
use crate::geometry::grid::{HALF, WORLD};
use crate::tiles::coord::MAX_ZOOM;
use crate::tiles::properties::id_property;

/// Media type of tiles.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";
/// The only tile matrix set.
const WEB_MERCATOR_QUAD: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const MERCATOR: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// Link relations of OGC 20-057 §7.
const TILESETS_VECTOR: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
const TILING_SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

/// `GET /collections/{c}/tiles`
pub(super) async fn tilesets(
    State(api): State<Arc<ApiState>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    run::heavy(api, request, Offer::DocumentAlone, move |context| {
        let layer = layer(&context, &id)?;
        context.no_parameters()?;
        let sets: Vec<_> = has_tiles(&layer)
            .then(|| summary(&context, &layer))
            .into_iter()
            .collect();
        let links = context.self_and_alternates(Route::Tilesets(&id));
        let body = json!({ "tilesets": sets, "links": links });
        Ok(context.reply(body.to_string().into_bytes(), Vec::new()))
    })
    .await
}

/// `GET /collections/{c}/tiles/WebMercatorQuad`
pub(super) async fn tileset(
    State(api): State<Arc<ApiState>>,
    Path(id): Path<String>,
    request: Request,
) -> Response<Body> {
    run::heavy(api, request, Offer::DocumentAlone, move |context| {
        let layer = layer(&context, &id)?;
        context.no_parameters()?;
        if !has_tiles(&layer) {
            return Err(Problem::NoSuchPath);
        }
        let body = description(&context, &layer).to_string();
        Ok(context.reply(body.into_bytes(), Vec::new()))
    })
    .await
}

/// `GET /tileMatrixSets`
pub(super) async fn matrix_sets(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::quick(&api, request, Offer::DocumentAlone, |context| {
        context.no_parameters()?;
        let href = context.base.href(Route::TileMatrixSet, &[]);
        let set = json!({
            "id": "WebMercatorQuad",
            "title": "WebMercatorQuad",
            "uri": WEB_MERCATOR_QUAD,
            "crs": MERCATOR,
            "links": [Link::new("self", href, JSON, "WebMercatorQuad")],
        });
        let links = context.self_and_alternates(Route::TileMatrixSets);
        let body = json!({ "tileMatrixSets": [set], "links": links });
        Ok(context.reply(body.to_string().into_bytes(), Vec::new()))
    })
}

/// `GET /tileMatrixSets/WebMercatorQuad`
pub(super) async fn matrix_set(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::quick(&api, request, Offer::DocumentAlone, |context| {
        context.no_parameters()?;
        Ok(context.reply(web_mercator_quad().to_string().into_bytes(), Vec::new()))
    })
}

fn layer(context: &Context, id: &str) -> Result<VisibleLayer, Problem> {
    match context
        .catalog
        .resolve(&context.principal, id, Surface::Tiles)
    {
        Resolution::Visible(layer) => Ok(layer),
        Resolution::Absent => Err(Problem::NoSuchCollection(id.to_owned())),
    }
}

/// A table has nothing to draw.
pub(super) fn has_tiles(layer: &VisibleLayer) -> bool {
    !layer.schema().geometry_kinds.is_empty()
}

/// Links of a collection to its tiles.
pub(super) fn links(context: &Context, layer: &VisibleLayer) -> Vec<Link> {
    if !has_tiles(layer) {
        return Vec::new();
    }
    let title = pick(context.language, "Tuiles vectorielles", "Vector tiles");
    vec![Link::new(
        TILESETS_VECTOR,
        context.base.href(Route::Tilesets(layer.id()), &[]),
        JSON,
        title,
    )]
}

fn summary(context: &Context, layer: &VisibleLayer) -> Value {
    let own = pick(context.language, "Ce jeu de tuiles", "This tileset");
    json!({
        "title": layer.metadata().title,
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": WEB_MERCATOR_QUAD,
        "links": [
            Link::new("self", context.base.href(Route::Tileset(layer.id()), &[]), JSON, own),
            scheme_link(context),
        ],
    })
}

fn scheme_link(context: &Context) -> Link {
    Link::new(
        TILING_SCHEME,
        context.base.href(Route::TileMatrixSet, &[]),
        JSON,
        "WebMercatorQuad",
    )
}

fn description(context: &Context, layer: &VisibleLayer) -> Value {
    // Tiles have no language.
    let base = context.base.clone().with_language(None);
    let tiles = pick(context.language, "Tuiles vectorielles", "Vector tiles");
    let mut links = context.self_and_alternates(Route::Tileset(layer.id()));
    links.push(scheme_link(context));
    links.push(Link {
        templated: true,
        ..Link::new(
            "item",
            base.href(Route::OgcTileTemplate(layer.id()), &[]),
            MVT,
            tiles,
        )
    });
    links.push(Link::new(
        "describedby",
        context.base.href(Route::TileJson(layer.id()), &[]),
        JSON,
        "TileJSON",
    ));
    let mut document = json!({
        "title": layer.metadata().title,
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": WEB_MERCATOR_QUAD,
        "tileMatrixSetLimits": limits(layer),
        "layers": [{ "id": layer.id(), "title": layer.metadata().title, "dataType": "vector" }],
        "links": links,
    });
    if let Some([west, south, east, north]) = extent::bbox(layer) {
        document["boundingBox"] =
            json!({ "lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84 });
    }
    if let Some(dimension) = layer.schema().dimension() {
        document["layers"][0]["geometryDimension"] = dimension.into();
    }
    document
}

/// The tiles of each zoom that can hold something.
fn limits(layer: &VisibleLayer) -> Vec<Value> {
    let extent = layer.grid_extent();
    let (first, last) = layer.tile_zooms();
    if extent.is_empty() {
        return Vec::new();
    }
    let crosses = i64::from(extent.min[0]) < -HALF || i64::from(extent.max[0]) > HALF;
    (first..=last)
        .map(|z| {
            let (side, end) = (WORLD >> z, (1i64 << z) - 1);
            let place = |v: i32| ((i64::from(v) + HALF) / side).clamp(0, end);
            let (left, right) = if crosses {
                (0, end)
            } else {
                (place(extent.min[0]), place(extent.max[0]))
            };
            json!({
                "tileMatrix": z.to_string(),
                "minTileRow": place(extent.min[1]),
                "maxTileRow": place(extent.max[1]),
                "minTileCol": left,
                "maxTileCol": right,
            })
        })
        .collect()
}

/// OGC 17-083r4 annex D.1.
fn web_mercator_quad() -> Value {
    let matrices: Vec<_> = (0..=MAX_ZOOM)
        .map(|z| {
            let n = 1u64 << z;
            let cell = std::f64::consts::TAU * 6_378_137.0 / 256.0 / n as f64;
            json!({
                "id": z.to_string(),
                // A pixel is 0.28 mm (§6.1).
                "scaleDenominator": cell / 0.000_28,
                "cellSize": cell,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-20_037_508.342_789_244, 20_037_508.342_789_244],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": n,
                "matrixHeight": n,
            })
        })
        .collect();
    json!({
        "id": "WebMercatorQuad",
        "title": "Google Maps Compatible for the World",
        "uri": WEB_MERCATOR_QUAD,
        "crs": MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    })
}

/// Addresses of a collection's tiles, for the page that tells how to use them.
pub(super) fn access(context: &Context, layer: &VisibleLayer) -> Option<TilesAccess> {
    let base = context.base.clone().with_language(None);
    let (min_zoom, max_zoom) = layer.tile_zooms();
    has_tiles(layer).then(|| TilesAccess {
        tilejson: base.href(Route::TileJson(layer.id()), &[]),
        template: base.href(Route::TileTemplate(layer.id()), &[]),
        tilesets: base.href(Route::Tilesets(layer.id()), &[]),
        min_zoom,
        max_zoom,
        promote_id: (!layer.ids_are_small_integers()).then(|| id_property(layer.schema())),
    })
}

/// A map of collections, drawn from their tiles; `None` if none of them has any.
pub(super) fn map(context: &Context, layers: &[VisibleLayer]) -> Option<MapView> {
    let drawn: Vec<_> = layers
        .iter()
        .filter(|l| has_tiles(l))
        .map(|l| map_layer(context, l))
        .collect();
    let around = layers
        .iter()
        .filter_map(VisibleLayer::extent_crs84)
        .reduce(|a, b| a.union(&b));
    (!drawn.is_empty()).then(|| MapView {
        bounds: around.map(|b| extent::outwards(&b)),
        basemap: context.api.settings.basemap.clone(),
        layers: drawn,
        features: None,
    })
}

fn map_layer(context: &Context, layer: &VisibleLayer) -> MapLayer {
    let base = context.base.clone().with_language(None);
    let metadata = layer.metadata();
    MapLayer {
        id: layer.id().to_owned(),
        title: metadata.title.clone(),
        tilejson: base.path(Route::TileJson(layer.id()), &[]),
        item: context.base.item_template(layer.id()),
        label: metadata.label.clone(),
        attribution: metadata.attribution.clone(),
        shown: true,
    }
}
