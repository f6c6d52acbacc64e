//! The tile matrix set of all tiles (OGC 17-083r4), served here so that no client has to leave for its definition.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::{Value, json};

use super::context::Context;
use super::link::Link;
use super::negotiate::{JSON, Offer};
use super::routes::Route;
use super::run;
use super::state::ApiState;
use crate::tiles::coord::MAX_ZOOM;

/// Its name in the register of OGC.
pub(super) const WEB_MERCATOR_QUAD: &str =
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
/// Its coordinate reference system.
pub(super) const CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
/// Link relation from a tileset to it (OGC 20-057 §8).
const TILING_SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";

/// `GET /tileMatrixSets`
pub(super) async fn list(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    run::quick(&api, request, Offer::DocumentAlone, |context| {
        context.no_parameters()?;
        let href = context.base.href(Route::TileMatrixSet, &[]);
        let set = json!({
            "id": "WebMercatorQuad",
            "title": "WebMercatorQuad",
            "uri": WEB_MERCATOR_QUAD,
            "crs": CRS,
            "links": [Link::new("self", href, JSON, "WebMercatorQuad")],
        });
        let links = context.self_and_alternates(Route::TileMatrixSets);
        let body = json!({ "tileMatrixSets": [set], "links": links });
        Ok(context.reply(body.to_string().into_bytes(), Vec::new()))
    })
}

/// `GET /tileMatrixSets/WebMercatorQuad`
pub(super) async fn web_mercator_quad(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    run::quick(&api, request, Offer::DocumentAlone, |context| {
        context.no_parameters()?;
        Ok(context.reply(definition().to_string().into_bytes(), Vec::new()))
    })
}

/// The link of a tileset to its tile matrix set.
pub(super) fn scheme_link(context: &Context) -> Link {
    let href = context.base.href(Route::TileMatrixSet, &[]);
    Link::new(TILING_SCHEME, href, JSON, "WebMercatorQuad")
}

/// OGC 17-083r4 annex D.1.
fn definition() -> Value {
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
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    })
}
