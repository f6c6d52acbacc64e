//! What caches between the server and a caller may keep.

use axum::http::Method;
use guichet::access::KeyKind;
use guichet::api::Settings;

use super::app::App;
use super::callers::{self, ALL, Who};

const RESOURCES: &[&str] = &[
    "/",
    "/?f=html",
    "/conformance",
    "/conformance?f=html",
    "/api",
    "/api.html",
    "/collections",
    "/collections?f=html",
    "/functions",
    "/session",
    "/styles/basemap",
    "/tileMatrixSets",
    "/collections/villes",
    "/collections/villes/queryables",
    "/collections/villes/items?limit=3",
    "/collections/villes/items/1003",
    "/collections/villes/tiles",
    "/collections/villes/tiles/WebMercatorQuad",
    "/xyz/villes.json",
    "/xyz/villes/0/0/0.mvt",
    "/collections/sud.parcelles",
    "/collections/sud.parcelles?f=html",
    "/collections/sud.parcelles/queryables",
    "/collections/sud.parcelles/items",
    "/collections/sud.parcelles/items?f=html",
    "/xyz/sud.parcelles.json",
    "/xyz/sud.parcelles/0/0/0.mvt",
    "/xyz/villes,sud.parcelles.json",
    "/xyz/villes,sud.parcelles/0/0/0.mvt",
    "/collections/sud.reserves/items",
    "/xyz/sud.reserves/4/8/5.mvt",
    "/collections/ombre.cache/items/1001",
    "/o/sud/",
    "/o/sud/collections",
    "/o/ombre/conformance",
    "/o/ombre/collections/cache/items",
];

/// Only what callers without a key get byte for byte may be kept by caches that they share.
pub async fn shared_caches_keep_what_everybody_gets() {
    for kind in [KeyKind::Secret, KeyKind::Browser] {
        let mut parts = callers::policy();
        for key in parts.keys.values_mut() {
            key.kind = kind;
        }
        lint(&App::with(callers::catalog(parts), Settings::default())).await;
    }
}

async fn lint(app: &App) {
    for target in RESOURCES {
        let everybody = Who::Anonymous.get(app, target).await;
        for who in ALL {
            let answer = who.get(app, target).await;
            let kept = answer.header("cache-control");
            let varies = answer.header("vary");
            match answer.status.as_u16() {
                200 | 204 if kept.starts_with("public") => {
                    assert_eq!(answer.body, everybody.body, "{who:?} {target}");
                    assert_eq!(answer.status, everybody.status, "{who:?} {target}");
                    assert_eq!(answer.header("etag"), everybody.header("etag"));
                }
                200 | 204 => {
                    assert!(kept.starts_with("private, no-"), "{who:?} {target}: {kept}");
                    assert_ne!(who, Who::Anonymous, "{target}");
                    for name in ["Authorization", "X-API-Key", "Cookie"] {
                        assert!(varies.contains(name), "{who:?} {target}: {varies}");
                    }
                }
                _ => assert_eq!(kept, "no-store", "{who:?} {target}"),
            }
            assert_eq!(answer.header("last-modified"), "", "{target}");
        }
    }
}

/// What is the same for all is kept for all: a key that sees an open layer as everybody does shares its tiles.
pub async fn what_is_open_stays_shared() {
    let app = callers::app();
    for target in [
        "/xyz/villes/0/0/0.mvt",
        "/collections/villes/items?limit=3",
        "/xyz/villes.json",
        "/conformance",
    ] {
        for who in ALL {
            let answer = who.get(&app, target).await.expect(200);
            assert_eq!(
                answer.header("cache-control"),
                "public, no-cache",
                "{who:?} {target}"
            );
        }
    }
}

pub async fn news_of_no_change_is_kept_like_the_answer() {
    let app = callers::app();
    let key = Who::Partner.key().expect("a key");
    for target in [
        "/collections/sud.parcelles/items",
        "/collections/sud.parcelles",
        "/xyz/sud.parcelles/0/0/0.mvt",
    ] {
        let first = Who::Partner.get(&app, target).await.expect(200);
        let tag = first.header("etag").to_owned();
        let headers = [("x-api-key", key.reveal()), ("if-none-match", &tag)];
        let again = app.send(Method::GET, target, &headers).await.expect(304);
        for name in ["cache-control", "vary", "etag"] {
            assert_eq!(again.header(name), first.header(name), "{target} {name}");
        }
        // A tag opens nothing to those who do not see it.
        let headers = [("if-none-match", tag.as_str())];
        app.send(Method::GET, target, &headers).await.problem(401);
    }
}

/// Two callers with equal rights share what was made for one of them.
pub async fn equal_rights_share_bytes() {
    let app: App = callers::app();
    for target in [
        "/collections/sud.parcelles/items",
        "/xyz/sud.parcelles/0/0/0.mvt",
    ] {
        let partner = Who::Partner.get(&app, target).await.expect(200);
        let viewer = Who::Viewer.get(&app, target).await.expect(200);
        assert_eq!(partner.body, viewer.body, "{target}");
        assert_eq!(partner.header("etag"), viewer.header("etag"), "{target}");
    }
}
