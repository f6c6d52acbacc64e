//! What it costs to know who asks and what they see, beside the rest of a request for a tile that is in the cache. Requests are handed to
//! the router in process: no socket, no parser of HTTP.
//!
//! `lookup open|keyed [REQUESTS]` answers so many requests; `benches/lookup_cost` runs it under callgrind and works out the shares.
#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "a measurement says what it found"
)]

#[allow(dead_code, reason = "each bench uses a part of it")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use guichet::access::{
    Action, Attributes, Grant, Key, KeyText, Organisation, Policy, PolicyParts, Profile, Subject,
    Zooms,
};
use guichet::api::{ApiState, PlainPages, Rate, Rates, Settings, router};
use guichet::catalog::{
    Access, Catalog, CatalogHandle, LayerEntry, Platform, Publication, TileSettings, Views,
};
use tower::ServiceExt as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Organisations with a key, a grant and a profile each; layers.
const ORGANISATIONS: usize = 1_000;
const LAYERS: usize = 300;

fn layer(i: usize) -> String {
    format!("publisher.layer-{i}")
}

fn access(i: usize) -> Access {
    if i.is_multiple_of(2) {
        Access::Open
    } else {
        Access::Restricted
    }
}

/// A secret of a key, and a key of organisation `i` with it.
fn key(i: usize) -> (KeyText, Key) {
    let mut dice = support::Dice::new(i as u64 + 1);
    let text = KeyText::generate(|buffer| {
        for byte in buffer {
            *byte = (dice.unit() * 256.0) as u8;
        }
    });
    let key = Key::new(text.id(), text.sha256(), format!("partner-{i}"));
    (text, key)
}

fn policy() -> (Policy, KeyText) {
    let mut parts = PolicyParts::default();
    let mut shown = None;
    for i in 0..ORGANISATIONS {
        let organisation = Organisation {
            id: format!("partner-{i}"),
            title: String::new(),
            parent: None,
            jurisdiction: None,
            siret: None,
        };
        let profile = Profile {
            id: format!("profile-{i}"),
            organisation: None,
            rows: format!("contenance < {}", 1_000 + i),
            attributes: Attributes::All,
            area: None,
            derived: BTreeMap::new(),
            zooms: Zooms::ALL,
            precision: None,
            formats: None,
        };
        parts.grants.push(Grant {
            id: format!("grant-{i}"),
            subject: Subject::Organisation(organisation.id.clone()),
            layers: (0..LAYERS).map(layer).collect(),
            profile: profile.id.clone(),
            actions: BTreeSet::from([Action::Discover, Action::Tiles, Action::Items]),
            from_us: None,
            until_us: None,
            terms: None,
        });
        let (text, key) = key(i);
        parts.keys.insert(key.id, key);
        parts.profiles.insert(profile.id.clone(), profile);
        parts
            .organisations
            .insert(organisation.id.clone(), organisation);
        shown = Some(text);
    }
    (Policy::new(parts), shown.expect("several organisations"))
}

/// The router, and the key of a partner.
fn service() -> (Router, KeyText) {
    let rows = support::load(&support::parcels(&support::folder(), 60)).layer;
    let entry = |i: usize| {
        let publication = Publication {
            id: layer(i),
            organisation: Some("publisher".to_owned()),
            access: access(i),
            declared: ["idu", "section", "contenance", "usage"]
                .map(str::to_owned)
                .to_vec(),
            tiles: TileSettings {
                min_zoom: Some(0),
                max_zoom: Some(16),
                properties: None,
            },
            ..Publication::default()
        };
        Arc::new(LayerEntry::new(publication, rows.clone()).expect("an entry"))
    };
    let (policy, text) = policy();
    let catalog = Catalog::new(
        Platform::default(),
        Vec::new(),
        (0..LAYERS).map(entry).collect(),
    )
    .under(Arc::new(policy), 0)
    .keeping(Arc::new(Views::new([1; 32], 1 << 30)));
    // No bucket runs over: what is measured is an answer.
    let enough = Rate {
        burst: 1 << 30,
        interval_us: 1,
    };
    let settings = Settings {
        rates: Rates {
            caller: enough,
            network: enough,
            failures: enough,
        },
        ..Settings::default()
    };
    let handle = Arc::new(CatalogHandle::new(catalog));
    let state = Arc::new(ApiState::new(
        handle,
        Arc::new(PlainPages),
        [7; 32],
        settings,
    ));
    (router(&state), text)
}

fn request(key: Option<&KeyText>) -> Request<Body> {
    let layer = layer(usize::from(key.is_some()));
    let mut request = Request::builder()
        .uri(format!("/xyz/{layer}/12/2105/1501.mvt"))
        .extension(ConnectInfo(SocketAddr::from(([198, 51, 100, 7], 40_000))));
    // What a browser sends for a map of another site.
    for (name, value) in [
        ("host", "data.example.org"),
        ("connection", "keep-alive"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        ),
        ("accept", "*/*"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "fr-FR,fr;q=0.9,en;q=0.8"),
        ("origin", "https://carte.example.org"),
        ("referer", "https://carte.example.org/"),
        (
            "sec-ch-ua",
            "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"",
        ),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", "\"Linux\""),
        ("sec-fetch-dest", "empty"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-site", "cross-site"),
    ] {
        request = request.header(name, value);
    }
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {}", key.reveal()));
    }
    request.body(Body::empty()).expect("a request")
}

/// One answer: what callgrind counts.
#[inline(never)]
fn measured_answer(runtime: &tokio::runtime::Runtime, router: Router, request: Request<Body>) {
    let response = runtime.block_on(router.oneshot(request));
    let response = response.unwrap_or_else(|never| match never {});
    assert_eq!(response.status(), StatusCode::OK);
    drop(response);
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|w| !w.starts_with("--"));
    let mode = words.next().unwrap_or_else(|| "keyed".to_owned());
    let requests: u32 = words
        .next()
        .map_or(100_000, |n| n.parse().expect("a number"));
    let (router, text) = service();
    let key = (mode == "keyed").then_some(&text);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    // The first derives the view and makes the tile.
    let first = runtime.block_on(router.clone().oneshot(request(key)));
    let first = first.unwrap_or_else(|never| match never {});
    assert_eq!(first.status(), StatusCode::OK, "{mode}");
    let mut spent = std::time::Duration::ZERO;
    for _ in 0..requests {
        let (router, request) = (router.clone(), request(key));
        let start = Instant::now();
        measured_answer(&runtime, router, request);
        spent += start.elapsed();
    }
    println!("{mode}: {requests} requests, {:?} each", spent / requests);
}
