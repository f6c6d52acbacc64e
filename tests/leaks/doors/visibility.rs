//! Who sees what, on every resource: what a caller does not see does not exist.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use guichet::access::{Action, Attributes, Read, ReadJournal, Subject};
use guichet::api::{ApiState, PlainPages, Settings, router};
use guichet::catalog::CatalogHandle;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::app::{Answer, App, HOST, ids, link};
use super::callers::{self, ALL, CACHE, PARCELS, PARISHES, RESERVES, TOWNS, Who};

/// Every resource of a collection.
fn resources(collection: &str) -> Vec<String> {
    let c = collection;
    [
        format!("/collections/{c}"),
        format!("/collections/{c}/queryables"),
        format!("/collections/{c}/items"),
        format!("/collections/{c}/items/1001"),
        format!("/collections/{c}/tiles"),
        format!("/collections/{c}/tiles/WebMercatorQuad"),
        format!("/collections/{c}/tiles/WebMercatorQuad/0/0/0"),
        format!("/collections/{c}/tiles/WebMercatorQuad/0/0/9"),
        format!("/xyz/{c}.json"),
        format!("/xyz/{c}/0/0/0.mvt"),
        format!("/xyz/{c}/25/0/0.mvt"),
    ]
    .into()
}

/// What a caller sees of each collection.
fn seen(who: Who) -> BTreeSet<&'static str> {
    match who {
        Who::Anonymous => [TOWNS, PARISHES].into(),
        Who::Partner => [TOWNS, PARISHES, PARCELS].into(),
        Who::Reader | Who::Viewer => [TOWNS, PARISHES, PARCELS, RESERVES].into(),
        Who::Narrow => [TOWNS].into(),
        Who::Shadow => [TOWNS, PARISHES, CACHE].into(),
    }
}

/// A name of the same length that nothing has.
fn absent(collection: &str) -> String {
    format!("{}z", &collection[..collection.len() - 1])
}

fn same(a: &Answer, b: &Answer, (from, to): (&str, &str)) {
    assert_eq!(a.status, b.status, "{}", a.target);
    let headers = |answer: &Answer| {
        let mut headers: Vec<_> = answer.headers.iter().collect::<Vec<_>>();
        headers.retain(|(name, _)| *name != "ratelimit");
        let text = headers
            .iter()
            .map(|(n, v)| format!("{n}: {}\n", v.to_str().expect("ASCII")));
        text.collect::<String>().replace(from, to)
    };
    assert_eq!(headers(a), headers(b), "{}", a.target);
    assert_eq!(a.text().replace(from, to), b.text(), "{}", a.target);
}

pub async fn what_is_hidden_answers_like_what_does_not_exist() {
    let app = callers::app();
    let queries = [
        "",
        "?f=xml",
        "?lang=de&limit=x",
        "?a=1",
        "?f=html",
        "?filter=(",
    ];
    for who in ALL {
        for hidden in [RESERVES, CACHE]
            .into_iter()
            .filter(|c| !seen(who).contains(c))
        {
            for (a, b) in resources(hidden).iter().zip(resources(&absent(hidden))) {
                for query in queries {
                    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"] {
                        let method: Method = method.parse().expect("a method");
                        let a = who.send(&app, method.clone(), &format!("{a}{query}")).await;
                        let b = who.send(&app, method, &format!("{b}{query}")).await;
                        same(&a, &b, (hidden, &absent(hidden)));
                        assert_eq!(a.status, 404, "{who:?} {}", a.target);
                        assert_eq!(a.header("cache-control"), "no-store", "{}", a.target);
                        assert_eq!(a.header("allow"), "", "{}", a.target);
                    }
                }
            }
        }
    }
}

pub async fn scripts_may_ask_about_any_address() {
    let app = callers::app();
    let headers = [
        ("origin", "https://carte.example.net"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "x-api-key"),
    ];
    let ask = async |target: &str| {
        app.send(Method::OPTIONS, target, &headers)
            .await
            .expect(200)
    };
    for (a, b) in resources(RESERVES).iter().zip(resources(TOWNS)) {
        same(&ask(a).await, &ask(&b).await, (RESERVES, TOWNS));
    }
}

pub async fn a_tile_of_several_layers_shows_those_that_are_seen() {
    let app = callers::app();
    for who in ALL {
        for hidden in [RESERVES, CACHE, PARCELS]
            .into_iter()
            .filter(|c| !seen(who).contains(c))
        {
            for target in [
                "/xyz/villes,{c}/4/8/5.mvt",
                "/xyz/{c},villes/0/0/0.mvt",
                "/xyz/{c},villes.json",
            ] {
                let with = who
                    .get(&app, &target.replace("{c}", hidden))
                    .await
                    .expect(200);
                let unknown = who
                    .get(&app, &target.replace("{c}", &absent(hidden)))
                    .await
                    .expect(200);
                same(&with, &unknown, (hidden, &absent(hidden)));
            }
        }
    }
    // The partner has both in one tile.
    let both = Who::Partner
        .get(&app, "/xyz/villes,sud.parcelles/0/0/0.mvt")
        .await;
    let one = Who::Partner.get(&app, "/xyz/villes/0/0/0.mvt").await;
    assert!(both.body.len() > one.body.len());
}

pub async fn lists_hold_what_is_seen() {
    let app = callers::app();
    for who in ALL {
        let expected: Vec<_> = seen(who).into_iter().collect();
        let list = who.get(&app, "/collections").await.expect(200).json();
        let listed: BTreeSet<&str> = list["collections"]
            .as_array()
            .expect("collections")
            .iter()
            .map(|c| c["id"].as_str().expect("an id"))
            .collect();
        assert_eq!(listed, expected.iter().copied().collect(), "{who:?}");
        let api = who.get(&app, "/api").await.expect(200).json();
        let paths = api["paths"].as_object().expect("paths");
        for collection in [TOWNS, PARISHES, PARCELS, RESERVES, CACHE] {
            let path = format!("/collections/{collection}");
            let described = paths.keys().any(|p| p.starts_with(&path));
            assert_eq!(described, listed.contains(collection), "{who:?} {path}");
        }
    }
}

/// Names of what is hidden, which stand nowhere.
fn secrets(who: Who) -> Vec<&'static str> {
    let seen = seen(who);
    let mut secrets = Vec::new();
    if !seen.contains(RESERVES) {
        secrets.push("reserves");
    }
    if !seen.contains(CACHE) {
        secrets.extend(["ombre.", "/ombre", "\"ombre", "Ombre"]);
    }
    secrets
}

pub async fn from_the_landing_page_nothing_leads_to_what_is_hidden() {
    let app = callers::app();
    for who in ALL {
        let mut seen = BTreeSet::new();
        let mut queue = vec!["/".to_owned(), "/?f=html".to_owned(), "/api".to_owned()];
        while let Some(target) = queue.pop() {
            if !seen.insert(target.clone()) || seen.len() > 1500 {
                continue;
            }
            let answer = who.get(&app, &target).await;
            // A locked collection stands in the lists of pages.
            let is_locked =
                target.contains(PARCELS) && [401, 403].contains(&answer.status.as_u16());
            assert!(
                answer.status == 200 || is_locked,
                "{who:?} {target} {}",
                answer.status
            );
            let text = answer.text();
            for secret in secrets(who) {
                assert!(!text.contains(secret), "{who:?} {target}: {secret}");
            }
            queue.extend(addresses(&text));
        }
        assert!(seen.len() > 40, "{who:?} {seen:?}");
    }
}

/// The addresses on this server that a document or a page leads to.
pub fn addresses(text: &str) -> Vec<String> {
    let plain = text.replace("&amp;", "&").replace("&#39;", "'");
    let mut found = Vec::new();
    for start in ["href\":\"", "href=\"", "tilejson\":\"", "url\":\""] {
        for (at, _) in plain.match_indices(start) {
            let rest = &plain[at + start.len()..];
            let address = rest.split('"').next().unwrap_or_default();
            let path = address.strip_prefix(super::app::BASE).unwrap_or(address);
            if path.starts_with('/') && !path.contains('{') && !path.starts_with("/assets/") {
                found.push(path.to_owned());
            }
        }
    }
    found
}

pub async fn a_part_is_seen_as_if_it_were_the_whole() {
    let app = callers::app();
    let who = Who::Partner;
    let page = who
        .get(&app, "/collections/sud.parcelles/items?limit=100")
        .await;
    let page = page.expect(200).json();
    assert_eq!(page["numberMatched"], 8);
    for feature in page["features"].as_array().expect("features") {
        let properties = feature["properties"].as_object().expect("properties");
        let names: Vec<_> = properties.keys().collect();
        assert_eq!(names, ["limit", "nom"]);
        assert_eq!(properties["limit"], 1);
    }
    let description = who
        .get(&app, "/collections/sud.parcelles")
        .await
        .expect(200)
        .json();
    assert_eq!(description["itemCount"], 8);
    // A property that is not shown is one that does not exist.
    for (a, b) in [
        ("filter=population%20%3E%201", "filter=populatiom%20%3E%201"),
        ("population=1", "populatiom=1"),
    ] {
        let of = |query: &str| format!("/collections/sud.parcelles/items?{query}");
        let hidden = who.get(&app, &of(a)).await.expect(400);
        let unknown = who.get(&app, &of(b)).await.expect(400);
        same(&hidden, &unknown, ("population", "populatiom"));
    }
    // Nor is its name anywhere, though the publisher made it the label.
    for target in resources(PARCELS) {
        for form in ["", "?f=html"] {
            let answer = who.get(&app, &format!("{target}{form}")).await;
            assert!(!answer.text().contains("population"), "{target}{form}");
        }
    }
    let api = who.get(&app, "/api").await.expect(200).json();
    let of_parcels = &api["paths"]["/collections/sud.parcelles/items"];
    assert!(of_parcels.is_object() && !of_parcels.to_string().contains("population"));
    let schema = &api["components"]["schemas"]["feature.sud.parcelles"];
    assert!(schema.is_object() && !schema.to_string().contains("population"));
    // A row that is not shown is none.
    let all = Who::Reader
        .get(&app, "/collections/sud.parcelles/items?limit=100")
        .await;
    let all = all.expect(200).json();
    assert_eq!(all["numberMatched"], 40);
    let shown: BTreeSet<_> = ids(&page).into_iter().collect();
    for id in ids(&all).into_iter().filter(|id| !shown.contains(id)) {
        let item = |id: &str| format!("/collections/sud.parcelles/items/{id}");
        let hidden = who.get(&app, &item(&id)).await.expect(404);
        let unknown = who.get(&app, &item("0000")).await.expect(404);
        same(&hidden, &unknown, (&id, "0000"));
    }
}

pub async fn pages_of_one_caller_are_nothing_to_another() {
    let app = callers::app();
    let items = "/collections/sud.parcelles/items?limit=3";
    let page = Who::Partner.get(&app, items).await.expect(200).json();
    let next = link(&page, "next").expect("a next page");
    Who::Partner.get(&app, &next).await.expect(200);
    Who::Reader.get(&app, &next).await.faulty("cursor");
    // Counts that were remembered for one are not told to another.
    let filtered = "/collections/sud.parcelles/items?filter=%22limit%22%20%3C%203&limit=1";
    let all = Who::Reader.get(&app, filtered).await.expect(200).json();
    let part = Who::Partner.get(&app, filtered).await.expect(200).json();
    assert_eq!(
        (&all["numberMatched"], &part["numberMatched"]),
        (&24.into(), &8.into())
    );
    // Nor are entity tags.
    let reader = Who::Reader.get(&app, items).await;
    let key = Who::Partner.key().expect("a key");
    let headers = [
        ("x-api-key", key.reveal()),
        ("if-none-match", reader.header("etag")),
    ];
    app.send(Method::GET, items, &headers).await.expect(200);
    for target in ["/xyz/sud.parcelles/0/0/0.mvt", "/xyz/sud.parcelles.json"] {
        let (a, b) = (
            Who::Reader.get(&app, target).await,
            Who::Partner.get(&app, target).await,
        );
        assert_ne!(a.body, b.body, "{target}");
        assert_ne!(a.header("etag"), b.header("etag"), "{target}");
    }
}

pub async fn a_listed_collection_says_whom_to_ask() {
    let app = callers::app();
    for (who, status) in [(Who::Anonymous, 401), (Who::Shadow, 403)] {
        for target in resources(PARCELS) {
            let answer = who.get(&app, &target).await;
            let problem = answer.problem(status);
            assert_eq!(
                problem["type"],
                "urn:problem-type:guichet:locked-collection"
            );
            assert!(!problem.to_string().contains("Titre"), "{problem}");
            let page = link(&problem, "request-access").expect("how to ask");
            assert!(answer.header("link").contains("rel=\"request-access\""));
            let challenge = answer.header("www-authenticate");
            assert_eq!(
                challenge.starts_with("Bearer"),
                status == 401,
                "{challenge}"
            );
            let page = who.get(&app, &page).await.expect(status);
            let text = page.text();
            for said in [
                "Titre de sud.parcelles",
                "Ce qu’est sud.parcelles.",
                "sud@example.org",
            ] {
                assert!(text.contains(said), "{said}: {text}");
            }
            assert!(
                !text.contains("population") && !text.contains("Ville"),
                "{text}"
            );
            // Nothing that could open a browser's own box.
            assert!(!page.header("www-authenticate").contains("Basic"));
        }
        let list = who
            .get(&app, "/collections?f=html")
            .await
            .expect(200)
            .text();
        assert!(list.contains("Titre de sud.parcelles"));
        let list = who.get(&app, "/collections").await.expect(200).text();
        assert!(!list.contains("parcelles"));
    }
    // Suspended, it is nothing to anybody.
    app.handle.swap(callers::catalog(callers::suspended(
        callers::policy(),
        PARCELS,
    )));
    for who in ALL {
        who.get(&app, "/collections/sud.parcelles")
            .await
            .expect(404);
        let list = who
            .get(&app, "/collections?f=html")
            .await
            .expect(200)
            .text();
        assert!(!list.contains("parcelles"), "{who:?}");
    }
}

pub async fn tiles_of_some_zooms_say_so() {
    let app = callers::app();
    let get = async |target: &str| Who::Viewer.get(&app, target).await;
    let document = get("/xyz/sud.reserves.json").await.expect(200).json();
    assert_eq!(
        (&document["minzoom"], &document["maxzoom"]),
        (&3.into(), &6.into())
    );
    let set = get("/collections/sud.reserves/tiles/WebMercatorQuad").await;
    let layer = &set.expect(200).json()["layers"][0];
    assert_eq!(
        (&layer["minTileMatrix"], &layer["maxTileMatrix"]),
        (&"3".into(), &"6".into())
    );
    get("/xyz/sud.reserves/3/4/2.mvt").await.expect(200);
    get("/xyz/sud.reserves/6/33/23.mvt").await.expect(200);
    get("/xyz/sud.reserves/2/2/1.mvt").await.expect(204);
    get("/xyz/sud.reserves/7/66/46.mvt").await.expect(404);
    // With a layer that goes on, the others remain.
    let both = get("/xyz/villes,sud.reserves/2/2/1.mvt").await.expect(200);
    assert_eq!(
        both.body,
        get("/xyz/villes/2/2/1.mvt").await.expect(200).body
    );
    // A limit of zooms closes items.
    let (a, b) = (
        get("/collections/sud.reserves/items").await.expect(404),
        get("/collections/sud.reservez/items").await.expect(404),
    );
    same(&a, &b, (RESERVES, &absent(RESERVES)));
    let description = get("/collections/sud.reserves").await.expect(200).json();
    assert_eq!(link(&description, "items"), None);
    let api = get("/api").await.expect(200).json();
    assert!(api["paths"].get("/collections/sud.reserves").is_some());
    assert!(
        api["paths"]
            .get("/collections/sud.reserves/items")
            .is_none()
    );
}

pub async fn a_style_made_by_hand_shows_what_is_seen_whole() {
    let style = serde_json::json!({
        "version": 8,
        "sources": {
            "own": { "type": "vector", "url": "guichet://xyz/villes,sud.reserves,sud.parcelles.json" },
            "hidden": { "type": "vector", "url": "guichet://xyz/ombre.cache.json" },
            "else": { "type": "raster", "tiles": ["https://tiles.example.net/{z}/{x}/{y}.png"] },
        },
        "layers": [
            { "id": "ground", "type": "background" },
            { "id": "elsewhere", "type": "raster", "source": "else" },
            { "id": "a", "type": "circle", "source": "own", "source-layer": "villes" },
            { "id": "b", "type": "circle", "source": "own", "source-layer": "sud.reserves" },
            { "id": "c", "type": "circle", "source": "own", "source-layer": "sud.parcelles", "filter": ["has", "population"] },
            { "id": "d", "type": "circle", "source": "hidden", "source-layer": "ombre.cache" },
        ],
    });
    let settings = Settings {
        basemap: guichet::api::Basemap::Style {
            name: "fond".to_owned(),
            style,
        },
        ..Settings::default()
    };
    let app = App::with(callers::catalog(callers::policy()), settings);
    let layers = |style: &Value| -> Vec<String> {
        let layers = style["layers"].as_array().expect("layers").iter();
        layers
            .map(|l| l["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let style = Who::Anonymous.get(&app, "/styles/fond").await.expect(200);
    assert_eq!(layers(&style.json()), ["ground", "elsewhere", "a"]);
    for secret in ["reserves", "parcelles", "population", "ombre"] {
        assert!(!style.text().contains(secret), "{}", style.text());
    }
    // The partner sees some of the parcels: a style made for all of them is not theirs.
    let style = Who::Partner.get(&app, "/styles/fond").await.expect(200);
    assert_eq!(layers(&style.json()), ["ground", "elsewhere", "a"]);
    let style = Who::Reader.get(&app, "/styles/fond").await.expect(200);
    assert_eq!(
        layers(&style.json()),
        ["ground", "elsewhere", "a", "b", "c"]
    );
}

pub async fn a_grant_for_items_alone_opens_items_alone() {
    let mut parts = callers::policy();
    let shadow = Subject::Organisation("ombre".to_owned());
    let all = Attributes::Only(["nom".to_owned()].into());
    parts
        .profiles
        .insert("noms".to_owned(), callers::profile("noms", "TRUE", all));
    parts
        .grants
        .push(callers::grant(shadow, RESERVES, "noms", &[Action::Items]));
    let app = App::with(callers::catalog(parts), Settings::default());
    let get = async |target: &str| Who::Shadow.get(&app, target).await;
    let page = get("/collections/sud.reserves/items?limit=2")
        .await
        .expect(200);
    assert_eq!(link(&page.json(), "collection"), None);
    assert!(!page.header("link").contains("rel=\"collection\""));
    for target in ["", "/queryables", "/tiles", "/tiles/WebMercatorQuad"] {
        let a = get(&format!("/collections/sud.reserves{target}"))
            .await
            .expect(404);
        let b = get(&format!("/collections/sud.reservez{target}"))
            .await
            .expect(404);
        same(&a, &b, (RESERVES, &absent(RESERVES)));
    }
    let html = get("/collections/sud.reserves/items?f=html")
        .await
        .expect(200)
        .text();
    assert!(!html.contains("href=\"/collections/sud.reserves\""));
    let list = get("/collections").await.expect(200).text();
    assert!(!list.contains("reserves"));
}

/// A body that is read piece by piece.
async fn download(app: &App, who: Who, target: &str) -> Body {
    let key = who.key().expect("a key");
    let request = Request::get(target)
        .header("host", HOST)
        .header("x-api-key", key.reveal())
        .body(Body::empty())
        .expect("a request");
    let response = app
        .router
        .clone()
        .oneshot(request)
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body()
}

pub async fn a_download_ends_with_the_right_to_it() {
    const ROWS: usize = 6000;
    let big = || {
        let mut entries = callers::entries();
        entries.retain(|e| e.id() != PARCELS);
        entries.push(callers::restricted(
            PARCELS,
            "sud",
            guichet::catalog::Discovery::Listed,
            ROWS,
        ));
        entries
    };
    let entries = big();
    let target = "/collections/sud.parcelles/items?limit=10000";
    for (name, after) in [
        ("revoked", callers::without(callers::policy(), Who::Reader)),
        ("suspended", callers::suspended(callers::policy(), PARCELS)),
    ] {
        let app = App::with(
            callers::of(entries.clone(), callers::policy()),
            Settings::default(),
        );
        let mut body = download(&app, Who::Reader, target).await;
        body.frame().await.expect("a piece").expect("no fault");
        app.handle.swap(callers::of(entries.clone(), after));
        let mut left = 0;
        let end = loop {
            match body.frame().await {
                Some(Ok(frame)) => left += frame.data_ref().map_or(0, bytes::Bytes::len),
                other => break other,
            }
        };
        assert!(matches!(end, Some(Err(_))), "{name}: cut, and not ended");
        assert!(left <= 3 * (64 << 10), "{name}: {left} bytes");
    }
    // Whatever else changes, it goes on, also for a reader who takes long.
    let app = App::with(
        callers::of(entries.clone(), callers::policy()),
        Settings::default(),
    );
    let mut body = download(&app, Who::Reader, target).await;
    body.frame().await.expect("a piece").expect("no fault");
    app.handle.swap(callers::of(
        entries,
        callers::without(callers::policy(), Who::Partner),
    ));
    tokio::time::sleep(Duration::from_millis(250)).await;
    let rest = body.collect().await.expect("a whole body").to_bytes();
    assert!(rest.ends_with(b"]}"));
}

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl ReadJournal for Notes {
    fn record(&self, read: Read<'_>) {
        let line = format!(
            "{} {} {} {} {}",
            read.principal,
            read.layer,
            read.route.word(),
            read.features,
            read.open,
        );
        assert_eq!(
            read.bytes > 0,
            read.features > 0 || read.route.word() == "description"
        );
        self.0.lock().expect("no panic").push(line);
    }
}

pub async fn the_journal_knows_who_read_what() {
    let notes = Arc::new(Notes::default());
    let handle = Arc::new(CatalogHandle::new(callers::catalog(callers::policy())));
    let pages = Arc::new(PlainPages);
    let state = ApiState::new(Arc::clone(&handle), pages, [7; 32], Settings::default());
    let state = Arc::new(state.noting(notes.clone()));
    let app = App {
        router: router(&state),
        handle,
        state,
    };
    let id = Who::Partner.key().expect("a key").id();
    for (who, target, line) in [
        (
            Who::Partner,
            "/collections/sud.parcelles/items?limit=5",
            format!("key:{id} {PARCELS} items 5 false"),
        ),
        (
            Who::Partner,
            "/collections/sud.parcelles/items?limit=5&f=html",
            format!("key:{id} {PARCELS} items 5 false"),
        ),
        (
            Who::Partner,
            "/collections/sud.parcelles",
            format!("key:{id} {PARCELS} description 0 false"),
        ),
        (
            Who::Partner,
            "/xyz/sud.parcelles.json",
            format!("key:{id} {PARCELS} description 0 false"),
        ),
        (
            Who::Anonymous,
            "/collections/villes/items/1003",
            format!("anonymous {TOWNS} item 1 true"),
        ),
        (
            Who::Partner,
            "/collections/villes/items/1003",
            format!("key:{id} {TOWNS} item 1 true"),
        ),
    ] {
        who.get(&app, target).await.expect(200);
        let last = notes.0.lock().expect("no panic").pop();
        assert_eq!(last, Some(line), "{target}");
    }
    notes.0.lock().expect("no panic").clear();
    Who::Partner
        .get(&app, "/xyz/villes,sud.parcelles/0/0/0.mvt")
        .await
        .expect(200);
    let lines = notes.0.lock().expect("no panic").clone();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[1].starts_with(&format!("key:{id} {PARCELS} tiles")),
        "{lines:?}"
    );
    // What was refused was not read.
    notes.0.lock().expect("no panic").clear();
    Who::Anonymous
        .get(&app, "/collections/sud.parcelles/items")
        .await
        .expect(401);
    assert!(notes.0.lock().expect("no panic").is_empty());
}
