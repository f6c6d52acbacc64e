//! What tiles there are, for clients of OGC API Tiles (OGC 20-057 §8, `tilesets-list` and `tileset`): one tileset a collection, in
//! WebMercatorQuad.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::context::Context;
use super::extent;
use super::journal::Shown;
use super::link::Link;
use super::matrix_sets;
use super::negotiate::{JSON, Offer};
use super::problem::Problem;
use super::routes::Route;
use super::run;
use super::state::ApiState;
use super::texts::pick;
use crate::access::Surface;
use crate::catalog::VisibleLayer;

/// Media type of tiles.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";
/// Link relation from a collection to its vector tilesets (OGC 20-057 §9).
const TILESETS_VECTOR: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
/// Scale denominator of zoom 0 (OGC 17-083r4 annex D.1); each zoom halves it.
const SCALE_0: f64 = 559_082_264.028_717_9;

/// `GET /collections/{c}/tiles`
pub(super) async fn tilesets(
    State(api): State<Arc<ApiState>>,
    Path(collection): Path<String>,
    request: Request,
) -> Response<Body> {
    let of = (collection, Surface::Tilesets);
    run::of_layer(api, request, Offer::DocumentAlone, of, |context, layer| {
        drawn(&layer)?;
        context.no_parameters()?;
        let mut entry = summary(&context, &layer);
        entry["links"] = json!([
            own_link(&context, &layer, "self"),
            tile_link(&context, &layer),
            matrix_sets::scheme_link(&context)
        ]);
        let list = Link::new(
            "self",
            context.base.href(Route::Tilesets(layer.id()), &[]),
            JSON,
            list_title(&context),
        );
        let body = json!({ "links": [list], "tilesets": [entry] });
        let shown = Shown::described(&layer, Surface::Tilesets);
        Ok(context.reply_of(shown, body.to_string().into_bytes(), Vec::new()))
    })
    .await
}

/// `GET /collections/{c}/tiles/WebMercatorQuad`
pub(super) async fn tileset(
    State(api): State<Arc<ApiState>>,
    Path(collection): Path<String>,
    request: Request,
) -> Response<Body> {
    let of = (collection, Surface::Tilesets);
    run::of_layer(api, request, Offer::DocumentAlone, of, |context, layer| {
        drawn(&layer)?;
        context.no_parameters()?;
        let body = document(&context, &layer);
        let shown = Shown::described(&layer, Surface::Tilesets);
        Ok(context.reply_of(shown, body.to_string().into_bytes(), Vec::new()))
    })
    .await
}

/// A collection has tiles unless it is a table without geometry.
fn drawn(layer: &VisibleLayer) -> Result<(), Problem> {
    if layer.schema().geometry_kinds.is_empty() {
        return Err(Problem::NoSuchPath);
    }
    Ok(())
}

fn list_title(context: &Context) -> &'static str {
    pick(
        context.language,
        "Tuiles de la collection",
        "Tiles of the collection",
    )
}

fn summary(context: &Context, layer: &VisibleLayer) -> Value {
    json!({
        "title": layer.metadata().title,
        "dataType": "vector",
        "crs": matrix_sets::CRS,
        "tileMatrixSetURI": matrix_sets::WEB_MERCATOR_QUAD,
        "links": [own_link(context, layer, "self")],
    })
}

fn own_link(context: &Context, layer: &VisibleLayer, rel: &'static str) -> Link {
    let title = pick(context.language, "Ce jeu de tuiles", "This tileset");
    Link::new(
        rel,
        context.base.href(Route::Tileset(layer.id()), &[]),
        JSON,
        title,
    )
}

/// The template of the tiles. Variables are those of OGC 20-057 §7.
fn tile_link(context: &Context, layer: &VisibleLayer) -> Link {
    // Tiles have no language.
    let base = context.base.clone().with_language(None);
    let title = pick(context.language, "Tuiles vectorielles", "Vector tiles");
    let signed = context.signed_pairs(&[layer.id()]);
    let pairs: Vec<_> = signed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    Link {
        templated: true,
        ..Link::new(
            "item",
            base.href(Route::OgcTileTemplate(layer.id()), &pairs),
            MVT,
            title,
        )
    }
}

/// Links of a collection to its tiles; none for a table, and none for those who may not see them.
pub(super) fn links(context: &Context, layer: &VisibleLayer) -> Option<Link> {
    let href = context.base.href(Route::Tilesets(layer.id()), &[]);
    let seen = drawn(layer).is_ok() && context.caller.sees(layer, Surface::Tilesets);
    seen.then(|| Link::new(TILESETS_VECTOR, href, JSON, list_title(context)))
}

fn document(context: &Context, layer: &VisibleLayer) -> Value {
    let (first, last) = context.caller.tile_zooms(layer);
    let mut document = summary(context, layer);
    document["links"] = json!([
        own_link(context, layer, "self"),
        tile_link(context, layer),
        matrix_sets::scheme_link(context),
        Link::new(
            "describedby",
            context.base.href(Route::TileJson(layer.id()), &[]),
            JSON,
            "TileJSON"
        )
    ]);
    document["tileMatrixSetLimits"] = limits(layer, first, last);
    document["layers"] = json!([{
        "id": layer.id(),
        "title": layer.metadata().title,
        "dataType": "vector",
        "minTileMatrix": first.to_string(),
        "maxTileMatrix": last.to_string(),
        "minScaleDenominator": SCALE_0 / f64::from(1u32 << last),
        "maxScaleDenominator": SCALE_0 / f64::from(1u32 << first),
    }]);
    if let Some(dimension) = layer.schema().dimension() {
        document["layers"][0]["geometryDimension"] = dimension.into();
    }
    if let Some([west, south, east, north]) = extent::bbox(layer) {
        document["boundingBox"] = json!({
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        });
    }
    document
}

/// Rows and columns that the layer's box touches at each zoom. Nothing lies outside of them but the buffers of their neighbours.
fn limits(layer: &VisibleLayer, first: u8, last: u8) -> Value {
    use crate::geometry::grid::{HALF, WORLD};
    let extent = layer.grid_extent();
    let limit = |zoom: u8| {
        let tile = |v: i32| {
            let place = (i64::from(v) + HALF).clamp(0, WORLD - 1);
            place >> (31 - u32::from(zoom))
        };
        // A shape across the antimeridian is drawn on both sides of it.
        let wraps = i64::from(extent.min[0]) < -HALF || i64::from(extent.max[0]) > HALF;
        let (west, east) = if wraps {
            (0, (1i64 << zoom) - 1)
        } else {
            (tile(extent.min[0]), tile(extent.max[0]))
        };
        json!({
            "tileMatrix": zoom.to_string(),
            "minTileRow": tile(extent.min[1]),
            "maxTileRow": tile(extent.max[1]),
            "minTileCol": west,
            "maxTileCol": east,
        })
    };
    if extent.is_empty() {
        return json!([]);
    }
    (first..=last).map(limit).collect()
}
