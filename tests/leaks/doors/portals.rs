//! Portals: the platform once more for each organisation, narrowed to its layers.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::Method;
use guichet::api::{ApiState, Base, Settings, router};
use guichet::catalog::CatalogHandle;
use guichet::portal::Portal;

use super::app::{App, BASE, link};
use super::callers::{self, ALL, Who};
use super::visibility::addresses;

/// Paths of the platform, each of which a portal has too.
const PATHS: &[&str] = &[
    "/",
    "/conformance",
    "/api",
    "/api.html",
    "/collections",
    "/functions",
    "/session",
    "/styles/basemap",
    "/tileMatrixSets",
    "/tileMatrixSets/WebMercatorQuad",
    "/health/live",
    "/health/ready",
];

/// Paths of a collection.
const COLLECTION: &[&str] = &[
    "/collections/{c}",
    "/collections/{c}/queryables",
    "/collections/{c}/items",
    "/collections/{c}/tiles",
    "/collections/{c}/tiles/WebMercatorQuad",
    "/xyz/{c}.json",
    "/xyz/{c}/9/263/187.mvt",
    "/collections/{c}/tiles/WebMercatorQuad/9/187/263",
];

pub async fn a_portal_has_every_route_with_plain_names() {
    let app = callers::app();
    for path in PATHS {
        app.get(&format!("/o/sud{path}")).await.expect(200);
    }
    for path in COLLECTION {
        let inside = app
            .get(&format!("/o/sud{}", path.replace("{c}", "communes")))
            .await;
        let inside = inside.expect(200);
        if inside.header("content-type").contains("json") {
            let text = inside.text().replace("Titre de sud.communes", "");
            assert!(!text.contains("sud.communes"), "{text}");
        }
    }
    // With or without the last slash.
    assert_eq!(
        app.get("/o/sud").await.expect(200).body,
        app.get("/o/sud/").await.body
    );
    let tile = app
        .get("/o/sud/xyz/communes/9/263/187.mvt")
        .await
        .expect(200);
    assert!(tile.body.windows(8).any(|w| w == b"communes"));
    assert!(!tile.body.windows(12).any(|w| w == b"sud.communes"));
    let page = app.json("/o/sud/collections/communes/items?limit=2").await;
    let next = link(&page, "next").expect("a next page");
    assert!(
        next.starts_with(&format!("{BASE}/o/sud/collections/communes/items?")),
        "{next}"
    );
    app.get(&next).await.expect(200);
    let item = link(&page, "collection").expect("its collection");
    assert_eq!(item, format!("{BASE}/o/sud/collections/communes"));
}

pub async fn a_portal_narrows_and_never_widens() {
    let app = callers::app();
    for (who, expected) in [
        (Who::Anonymous, vec!["communes"]),
        (Who::Partner, vec!["communes", "parcelles"]),
        (Who::Reader, vec!["communes", "parcelles", "reserves"]),
        (Who::Shadow, vec!["communes"]),
    ] {
        let list = who.get(&app, "/o/sud/collections").await.expect(200).json();
        let ids: Vec<_> = list["collections"]
            .as_array()
            .expect("collections")
            .iter()
            .map(|c| c["id"].as_str().expect("an id"))
            .collect();
        assert_eq!(ids, expected, "{who:?}");
    }
    // Of others, of nobody, by the full name: nothing of that is in the portal, whoever asks.
    for who in ALL {
        for name in ["villes", "sud.communes", "ombre.cache", "cache", "absent"] {
            for path in COLLECTION {
                let target = format!("/o/sud{}", path.replace("{c}", name));
                who.get(&app, &target).await.expect(404);
            }
        }
        let html = who.get(&app, "/o/sud/?f=html").await;
        // Whose key is narrowed to other layers sees no portal at all.
        if who == Who::Narrow {
            continue;
        }
        let html = html.expect(200).text();
        assert!(
            !html.contains("villes") && !html.contains("Ombre"),
            "{who:?}"
        );
    }
    // The same bytes as under the full name.
    for who in [Who::Partner, Who::Reader] {
        let inside = who
            .get(&app, "/o/sud/collections/parcelles/items?limit=100")
            .await;
        let outside = who
            .get(&app, "/collections/sud.parcelles/items?limit=100")
            .await;
        let (inside, outside) = (inside.expect(200).json(), outside.expect(200).json());
        assert_eq!(inside["features"], outside["features"]);
        assert_eq!(inside["numberMatched"], outside["numberMatched"]);
    }
}

pub async fn a_portal_of_nothing_is_no_portal() {
    let app = callers::app();
    let mut paths: Vec<String> = PATHS.iter().map(|p| (*p).to_owned()).collect();
    paths.extend(COLLECTION.iter().map(|p| p.replace("{c}", "cache")));
    paths.extend(
        [
            "",
            "/assets/x.css",
            "/nowhere",
            "/o/sud/",
            "/me",
            "/?f=xml",
            "/collections?f=html",
        ]
        .map(str::to_owned),
    );
    for who in ALL {
        for path in &paths {
            for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
                let of = |portal: &str| format!("/o/{portal}{path}");
                let hidden = who.send(&app, method.clone(), &of("ombre")).await;
                let unknown = who.send(&app, method.clone(), &of("obrem")).await;
                if who == Who::Shadow {
                    assert!(unknown.status.is_client_error(), "{path}");
                    continue;
                }
                // A form is read before anybody asks whose page it is.
                let refused = if method == Method::POST && path == "/session" {
                    415
                } else {
                    404
                };
                assert_eq!(hidden.status, refused, "{who:?} {method} {path}");
                assert_eq!(hidden.status, unknown.status, "{who:?} {method} {path}");
                let headers = |a: &super::app::Answer| {
                    let mut headers = a.headers.clone();
                    headers.remove("ratelimit");
                    headers
                };
                assert_eq!(
                    headers(&hidden),
                    headers(&unknown),
                    "{who:?} {method} {path}"
                );
                assert_eq!(
                    hidden.text().replace("ombre", "obrem"),
                    unknown.text(),
                    "{who:?} {method} {path}"
                );
            }
        }
    }
    Who::Shadow
        .get(&app, "/o/ombre/collections/cache/items")
        .await
        .expect(200);
    // Its title stands nowhere for others.
    for who in ALL.into_iter().filter(|w| *w != Who::Shadow) {
        for target in [
            "/?f=html",
            "/collections?f=html",
            "/o/ombre/?f=html",
            "/api",
        ] {
            let text = who.get(&app, target).await.text();
            assert!(!text.contains("Ombre"), "{who:?} {target}");
        }
    }
}

fn app_with_pages(public_url: Option<&str>) -> App {
    let handle = Arc::new(CatalogHandle::new(callers::catalog(callers::policy())));
    let settings = Settings {
        public_url: public_url.map(|u| Base::parse(u).expect("a URL")),
        ..Settings::default()
    };
    let state = Arc::new(ApiState::new(
        Arc::clone(&handle),
        Arc::new(Portal),
        [7; 32],
        settings,
    ));
    App {
        router: router(&state),
        handle,
        state,
    }
}

pub async fn every_link_of_a_portal_stays_in_it() {
    for pages in [false, true] {
        let app = if pages {
            app_with_pages(None)
        } else {
            callers::app()
        };
        for who in [Who::Anonymous, Who::Partner, Who::Reader] {
            let mut seen = BTreeSet::new();
            let mut queue = vec!["/o/sud/".to_owned(), "/o/sud/?f=html".to_owned()];
            while let Some(target) = queue.pop() {
                assert!(
                    target.starts_with("/o/sud/") || target == "/o/sud",
                    "{who:?} {target}"
                );
                if !seen.insert(target.clone()) || seen.len() > 800 {
                    continue;
                }
                let answer = who.get(&app, &target).await;
                let locked = target.contains("parcelles");
                assert!(
                    answer.status == 200 || locked,
                    "{who:?} {target} {}",
                    answer.status
                );
                let text = answer.text();
                assert!(!text.contains("Plateforme"), "{who:?} {target}");
                queue.extend(addresses(&text));
            }
            assert!(seen.len() > 30, "{seen:?}");
        }
    }
}

pub async fn a_portal_is_its_organisations() {
    let app = app_with_pages(Some("https://data.example.org/geo"));
    let html = app.get("/o/sud/?f=html").await.expect(200).text();
    for said in [
        "<title>Région Sud</title>",
        "La région et ses données.",
        "https://sud.example.org",
        "mailto:sig@sud.example.org",
        "fill=\"#0b5cad\"",
        "href=\"/geo/o/sud/collections\"",
        "href=\"/geo/assets/",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    let landing = app.json("/o/sud/").await;
    assert_eq!(landing["title"], "Région Sud");
    assert_eq!(landing["contact"], "sig@sud.example.org");
    assert_eq!(
        link(&landing, "self").as_deref(),
        Some("https://data.example.org/geo/o/sud/")
    );
    let api = app.json("/o/sud/api").await;
    assert_eq!(
        api["servers"][0]["url"],
        "https://data.example.org/geo/o/sud"
    );
    assert_eq!(api["info"]["title"], "Région Sud");
    assert!(api["paths"].get("/collections/communes/items").is_some());
    // Problems are told in its frame.
    let problem = app
        .get("/o/sud/collections/absent?f=html")
        .await
        .expect(404)
        .text();
    assert!(
        problem.contains("Région Sud") && problem.contains("/geo/o/sud/"),
        "{problem}"
    );
    // The platform leads there.
    let html = app.get("/?f=html").await.expect(200).text();
    assert!(html.contains("href=\"/geo/o/sud/\""), "{html}");
    assert!(!html.contains("stripe"));
}
