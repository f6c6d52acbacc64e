//! Floor 6: HTTP. OGC API Features Part 1 (core, GeoJSON, HTML, OpenAPI 3.0), Part 2 (CRS by reference) and Part 3 (filtering), and health.
//!
//! A request is understood once ([`Context`]), answered from one snapshot of the catalogue, and told by one of two ways: a response
//! with an entity tag, or a [`Problem`]. All links come from one [`Base`] and the typed routes.

mod admin;
mod admission;
mod assets;
mod base;
mod basemap;
mod change;
mod client;
mod clock;
mod collections;
mod context;
mod credentials;
mod door;
mod download;
mod examples;
mod extent;
mod frame;
mod functions;
mod guard;
mod health;
mod item;
mod items;
mod items_form;
mod items_page;
mod journal;
mod landing;
mod language;
mod licence;
mod limiter;
mod link;
mod locked;
mod maps;
mod matrix_sets;
mod me;
mod me_page;
mod methods;
pub mod model;
mod negotiate;
mod openapi;
mod pages;
mod patient;
mod plain;
mod pool;
mod portals;
mod problem;
mod query;
mod queryables;
mod requests;
mod respond;
mod routes;
mod run;
mod serve;
mod session;
mod sign_in;
mod signed;
mod state;
mod texts;
mod tiles;
mod tilesets;
mod watch;
mod weights;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any};

pub use admission::Rates;
pub use base::{BadBase, Base, TrustedProxies};
pub use basemap::Basemap;
pub use clock::{Clock, NoRandom, Random};
pub use context::{Asked, Context};
pub use landing::CONFORMANCE;
pub use limiter::Rate;
pub use link::Link;
pub use pages::{Asset, Pages};
pub use plain::PlainPages;
pub use problem::Problem;
pub use routes::{Route, pattern};
pub use serve::serve;
pub use state::{ApiState, Health, Settings, TokenKeyState};

/// The whole API: on its own, and once more in the portal of each organisation.
pub fn router(state: &Arc<ApiState>) -> Router {
    let platform = routes().with_state(Arc::clone(state));
    let portals = {
        let routes = platform.clone();
        move |request| portals::enter(routes.clone(), request)
    };
    platform
        .route(pattern::PORTAL_ALONE, any(portals.clone()))
        .route(pattern::PORTAL, any(portals.clone()))
        .route(pattern::IN_PORTAL, any(portals))
        .layer(from_fn_with_state(Arc::clone(state), guard::guard))
}

fn routes() -> Router<Arc<ApiState>> {
    Router::new()
        .route(pattern::LANDING, resource(landing::landing))
        .route(pattern::CONFORMANCE, resource(landing::conformance))
        .route(pattern::API, resource(openapi::definition))
        .route(pattern::API_PAGE, resource(openapi::for_people))
        .route(pattern::COLLECTIONS, resource(collections::collections))
        .route(pattern::COLLECTION, resource(collections::collection))
        .route(pattern::ITEMS, resource(items::items))
        .route(pattern::ITEM, resource(item::item))
        .route(pattern::QUERYABLES, resource(queryables::queryables))
        .route(pattern::FUNCTIONS, resource(functions::functions))
        .route(pattern::ASSET, resource(assets::asset))
        .route(pattern::STYLE, resource(basemap::style))
        .route(pattern::TILE_JSON, resource(tiles::tilejson))
        .route(pattern::XYZ, resource(tiles::xyz))
        .route(pattern::TILESETS, resource(tilesets::tilesets))
        .route(pattern::TILESET, resource(tilesets::tileset))
        .route(pattern::OGC_TILE, resource(tiles::ogc))
        .route(pattern::MATRIX_SETS, resource(matrix_sets::list))
        .route(
            pattern::MATRIX_SET,
            resource(matrix_sets::web_mercator_quad),
        )
        .route(
            pattern::SESSION,
            resource(sign_in::page)
                .post(session::open)
                .delete(session::delete),
        )
        .route(pattern::SESSION_END, command(session::end))
        .route(pattern::ME, resource(me::me))
        .route(pattern::ROTATE, command(me::rotate))
        .route(pattern::ACCEPT, command(me::accept))
        .route(
            pattern::REQUESTS,
            resource(requests::list).post(requests::ask),
        )
        .route(
            pattern::REQUEST,
            any(methods::not_allowed)
                .delete(requests::withdraw)
                .options(methods::options),
        )
        .route(pattern::ADMIN, any(admin::handle))
        .route(pattern::IN_ADMIN, any(admin::handle))
        .route(pattern::LIVE, resource(health::live))
        .route(pattern::READY, resource(health::ready))
        .fallback(guard::not_found)
}

/// Something that is done: `POST`, `OPTIONS`, and a problem document for all else.
fn command<H, T>(handler: H) -> MethodRouter<Arc<ApiState>>
where
    H: Handler<T, Arc<ApiState>>,
    T: 'static,
{
    any(methods::not_allowed)
        .post(handler)
        .options(methods::options)
}

/// A resource that is read: `GET`, `HEAD`, `OPTIONS`, and a problem document for all else.
fn resource<H, T>(handler: H) -> MethodRouter<Arc<ApiState>>
where
    H: Handler<T, Arc<ApiState>>,
    T: 'static,
{
    // Not a fallback: to that the router would add the methods of the path, whoever asks and whatever is answered.
    any(methods::not_allowed)
        .get(handler)
        .options(methods::options)
}
