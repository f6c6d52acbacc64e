//! HTTP: methods, caching, compression, languages, origins, limits, proxies.

use std::io::Read as _;
use std::sync::Arc;

use axum::http::Method;
use guichet::api::{ApiState, Base, Pages, PlainPages, Settings, TrustedProxies, model, router};
use guichet::catalog::{CatalogHandle, Language};

use crate::app::{App, BASE, link};
use crate::core_service::RESOURCES;
use crate::fixture::{self, TOWNS};

/// Targets that lead nowhere, or fail.
const BROKEN: &[(&str, u16)] = &[
    ("/nowhere", 404),
    ("/collections/absent", 404),
    ("/collections/absent/items", 404),
    ("/collections/villes/items/absent", 404),
    ("/collections/villes/items?limit=x", 400),
    ("/collections/%ff", 400),
];

#[tokio::test]
async fn head_is_get_without_a_body() {
    let app = App::new();
    for target in RESOURCES {
        let (get, head) = (
            app.get(target).await,
            app.send(Method::HEAD, target, &[]).await,
        );
        assert_eq!(head.status, get.status, "{target}");
        assert!(head.body.is_empty(), "{target}");
        for name in [
            "content-type",
            "etag",
            "vary",
            "cache-control",
            "link",
            "content-crs",
            "ogc-numbermatched",
        ] {
            assert_eq!(head.header(name), get.header(name), "{target} {name}");
        }
        // If a length is told, it is that of the answer to GET.
        let told = head.header("content-length");
        assert!(
            told.is_empty() || told == get.body.len().to_string(),
            "{target} {told}"
        );
    }
    for (target, status) in BROKEN {
        let head = app.send(Method::HEAD, target, &[]).await.expect(*status);
        assert!(head.body.is_empty(), "{target}");
    }
}

#[tokio::test]
async fn options_names_the_methods_whether_or_not_the_ids_exist() {
    let app = App::new();
    let more = [
        "/collections/absent",
        "/collections/absent/items",
        "/collections/villes/items/unknown_id",
        "/assets/x.css",
    ];
    for target in RESOURCES.iter().chain(&more) {
        let answer = app.send(Method::OPTIONS, target, &[]).await.expect(200);
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS", "{target}");
        assert!(answer.body.is_empty());
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_the_list() {
    let app = App::new();
    for target in RESOURCES {
        for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = app.send(method, target, &[]).await;
            answer.problem(405);
            assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS", "{target}");
        }
    }
}

#[tokio::test]
async fn scripts_of_every_origin_can_read_every_answer() {
    let app = App::new();
    let origin = ("origin", "https://carte.example.net");
    let broken = BROKEN.iter().map(|(t, _)| t);
    for target in RESOURCES.iter().chain(broken) {
        let answer = app.send(Method::GET, target, &[origin]).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{target}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "{target}"
        );
        let exposed = answer
            .header("access-control-expose-headers")
            .to_ascii_lowercase();
        for name in [
            "etag",
            "link",
            "content-crs",
            "ogc-numbermatched",
            "ogc-numberreturned",
        ] {
            assert!(exposed.contains(name), "{target} {name}");
        }
    }
    for wanted in [
        "x-api-key",
        "authorization",
        "if-none-match",
        "content-type",
    ] {
        let headers = [
            origin,
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", wanted),
        ];
        for target in ["/collections/villes/items", "/collections/absent/items/x"] {
            let answer = app
                .send(Method::OPTIONS, target, &headers)
                .await
                .expect(200);
            assert!(
                answer
                    .header("access-control-allow-headers")
                    .to_ascii_lowercase()
                    .contains(wanted)
            );
            assert!(
                answer
                    .header("access-control-allow-methods")
                    .contains("GET")
            );
            assert!(
                answer
                    .header("access-control-max-age")
                    .parse::<u32>()
                    .expect("seconds")
                    >= 7200
            );
        }
    }
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = App::new();
    for target in RESOURCES {
        let first = app.get(target).await;
        let tag = first.header("etag").to_owned();
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10,
            "{target} {tag}"
        );
        for sent in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
            format!("\"a\",W/\"b\",W/{tag}"),
            "*".to_owned(),
        ] {
            let answer = app
                .send(Method::GET, target, &[("if-none-match", &sent)])
                .await
                .expect(304);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), tag, "{target}");
            for name in ["cache-control", "vary"] {
                assert_eq!(answer.header(name), first.header(name), "{target} {name}");
                assert!(!answer.header(name).is_empty(), "{target} {name}");
            }
        }
        app.send(Method::GET, target, &[("if-none-match", "\"other\"")])
            .await
            .expect(200);
        assert_eq!(
            app.get(target).await.header("etag"),
            tag,
            "{target}: stable"
        );
    }
    // A tag never turns an absence into a presence.
    app.send(
        Method::GET,
        "/collections/absent",
        &[("if-none-match", "*")],
    )
    .await
    .problem(404);
}

#[tokio::test]
async fn tags_differ_where_bytes_differ() {
    let app = App::new();
    let mut tags = Vec::new();
    let items = "/collections/villes/items";
    for target in [
        items.to_owned(),
        format!("{items}?limit=5"),
        format!("{items}?limit=6"),
        format!("{items}?lang=en"),
        format!("{items}?f=json"),
        format!("{items}?f=html"),
        format!("{items}?nom=x"),
        format!("{items}/1000"),
        format!("{items}/1001"),
    ] {
        for encoding in ["identity", "gzip"] {
            let answer = app
                .send(Method::GET, &target, &[("accept-encoding", encoding)])
                .await
                .expect(200);
            if encoding == "identity" || answer.header("content-encoding") == "gzip" {
                tags.push(answer.header("etag").to_owned());
            }
        }
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count);
    // New data, new tags; the same data again, the old ones.
    let before = app.get(items).await.header("etag").to_owned();
    app.handle.swap(fixture::of(vec![fixture::towns(136)]));
    assert_ne!(app.get(items).await.header("etag"), before);
    app.handle.swap(fixture::catalog());
    assert_eq!(app.get(items).await.header("etag"), before);
}

#[tokio::test]
async fn compression_where_it_is_welcome() {
    let app = App::new();
    for target in RESOURCES {
        let plain = app.get(target).await;
        assert_eq!(plain.header("content-encoding"), "", "{target}");
        for accept in ["gzip", "gzip, deflate, br", "*"] {
            let answer = app
                .send(Method::GET, target, &[("accept-encoding", accept)])
                .await
                .expect(200);
            assert!(
                answer.header("vary").contains("Accept-Encoding"),
                "{target}"
            );
            if answer.header("content-encoding") != "gzip" {
                assert!(plain.body.len() < 1000, "{target}");
                continue;
            }
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(answer.body.as_slice())
                .read_to_end(&mut unpacked)
                .expect("gzip");
            assert_eq!(unpacked, plain.body, "{target}");
            assert!(answer.body.len() < plain.body.len(), "{target}");
            assert_ne!(answer.header("etag"), plain.header("etag"), "{target}");
        }
        for accept in [
            "gzip;q=0",
            "identity",
            "br",
            "gzip;q=0, *",
            "identity;q=1, gzip;q=0.1",
        ] {
            let answer = app
                .send(Method::GET, target, &[("accept-encoding", accept)])
                .await
                .expect(200);
            assert_eq!(answer.header("content-encoding"), "", "{target} {accept}");
            assert_eq!(answer.body, plain.body, "{target}");
        }
    }
}

#[tokio::test]
async fn languages() {
    let app = App::new();
    for (header, query, expected) in [
        ("", "", "fr"),
        ("en", "", "en"),
        ("en-GB,en;q=0.9", "", "en"),
        ("de", "", "fr"),
        ("fr", "?lang=en", "en"),
        ("en", "?lang=fr", "fr"),
    ] {
        let headers: Vec<_> = [("accept-language", header)]
            .into_iter()
            .filter(|h| !h.1.is_empty())
            .collect();
        let answer = app
            .send(Method::GET, &format!("/{query}"), &headers)
            .await
            .expect(200);
        assert_eq!(
            answer.header("content-language"),
            expected,
            "{header} {query}"
        );
        let title = if expected == "fr" {
            "Classes de conformité"
        } else {
            "Conformance classes"
        };
        assert!(answer.text().contains(title), "{header} {query}");
        assert!(answer.header("vary").contains("Accept-Language"));
        // A language asked for by name stays in the links; one asked for by header does not get into them.
        let data = link(&answer.json(), "data").expect("collections");
        assert_eq!(
            data.ends_with(&format!("?lang={expected}")),
            !query.is_empty(),
            "{data}"
        );
    }
    let answer = app
        .send(Method::GET, "/", &[("accept-language", "de, *;q=0.0")])
        .await;
    answer.problem(406);
    let problem = app
        .send(Method::GET, "/collections/x", &[("accept-language", "en")])
        .await
        .problem(404);
    assert_eq!(problem["title"], "No such collection");
    let problem = app.get("/collections/x").await.problem(404);
    assert_eq!(problem["title"], "Collection introuvable");
}

#[tokio::test]
async fn what_cannot_be_written_is_not_acceptable() {
    let app = App::new();
    for target in RESOURCES {
        app.send(
            Method::GET,
            target,
            &[("accept", "image/png, application/xml")],
        )
        .await
        .problem(406);
        app.send(Method::GET, target, &[("accept", "image/png, */*;q=0.1")])
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn long_requests_are_refused_in_words() {
    let app = App::new();
    app.get(&format!(
        "/collections/villes/items?nom={}",
        "x".repeat(8200)
    ))
    .await
    .problem(414);
    app.get(&format!("/collections/{}", "x".repeat(9000)))
        .await
        .problem(414);
    app.send(Method::GET, "/", &[("x-filler", &"x".repeat(40_000))])
        .await
        .problem(431);
    app.get(&format!(
        "/collections/villes/items?nom={}",
        "x".repeat(7000)
    ))
    .await
    .expect(200);
}

#[tokio::test]
async fn links_lead_back_through_proxies() {
    let landing_base = async |settings: Settings, headers: &[(&str, &str)]| {
        let app = App::with(fixture::catalog(), settings);
        let document = app.send(Method::GET, "/", headers).await.expect(200).json();
        link(&document, "self").expect("itself")
    };
    assert_eq!(
        landing_base(Settings::default(), &[("host", "localhost:8080")]).await,
        "http://localhost:8080/"
    );
    // No peer is known here, so nobody is trusted.
    let told = [
        ("host", "a"),
        ("x-forwarded-host", "b"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=c;proto=https"),
    ];
    let trusting = Settings {
        trusted_proxies: TrustedProxies::parse(["127.0.0.0/8"]).expect("a network"),
        ..Settings::default()
    };
    assert_eq!(landing_base(trusting, &told).await, "http://a/");
    let public = Settings {
        public_url: Some(Base::parse("https://data.example.org/geo").expect("a URL")),
        ..Settings::default()
    };
    assert_eq!(
        landing_base(public, &told).await,
        "https://data.example.org/geo/"
    );
    let app = App::new();
    app.send(Method::GET, "/", &[("host", "a\"><script>")])
        .await
        .problem(400);
}

#[tokio::test]
async fn every_link_of_the_service_leads_somewhere() {
    let app = App::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut queue = vec![
        format!("{BASE}/"),
        format!("{BASE}/collections/{TOWNS}/items?limit=40"),
    ];
    while let Some(target) = queue.pop() {
        if !target.starts_with(BASE) || !seen.insert(target.clone()) {
            continue;
        }
        let answer = app.get(&target).await.expect(200);
        if !answer.header("content-type").contains("json") {
            continue;
        }
        let document = answer.json();
        let mut lists = vec![&document["links"]];
        lists.extend(
            document["collections"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|c| &c["links"]),
        );
        let all = lists.into_iter().filter_map(|l| l.as_array()).flatten();
        for l in all.filter(|l| l["templated"] != true) {
            queue.push(l["href"].as_str().expect("an address").to_owned());
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
}

#[tokio::test]
async fn two_servers_with_the_same_open_data_answer_alike() {
    // One of them has another restricted layer.
    let (a, b) = (App::new(), App::new());
    b.handle
        .swap(fixture::of(vec![fixture::towns(fixture::TOWN_COUNT)]));
    let spec =
        fixture::Spec::new("autre", r#"{"type":"FeatureCollection","features":[]}"#).restricted();
    a.handle.swap(fixture::of(vec![
        fixture::towns(fixture::TOWN_COUNT),
        fixture::layer(spec),
    ]));
    let more = [
        "/collections/autre",
        "/collections/autre/items",
        "/collections/autre/items/1?x=1",
    ];
    for target in RESOURCES.iter().chain(&more) {
        let (x, y) = (a.get(target).await, b.get(target).await);
        assert_eq!(x.status, y.status, "{target}");
        assert_eq!(x.headers, y.headers, "{target}");
        assert_eq!(x.body, y.body, "{target}");
    }
}

#[tokio::test]
async fn health() {
    let app = App::new();
    let state = app.state.health();
    assert_eq!(app.json("/health/ready").await["status"], "ready");
    state.reloaded(true);
    assert_eq!(app.json("/health/ready").await["lastReload"], "refused");
    state.reloaded(false);
    assert_eq!(app.json("/health/ready").await["lastReload"], "ok");
    state.stop();
    app.get("/health/ready").await.expect(503);
    assert_eq!(app.json("/health/live").await["status"], "live");
}

/// Pages that fail as soon as they are asked for.
struct Broken;

impl Pages for Broken {
    fn asset(&self, _: &str) -> Option<guichet::api::Asset> {
        Some(guichet::api::Asset {
            content_type: "text/css",
            etag: "\"plain\"",
            gzip_etag: "\"packed\"",
            bytes: b"a{}",
            gzip_bytes: b"packed",
        })
    }
    fn headers(&self) -> &[(&'static str, &'static str)] {
        PlainPages.headers()
    }
    fn landing(&self, _: &model::LandingPage, _: Language) -> String {
        panic!("planted in a job")
    }
    fn conformance(&self, _: &model::ConformancePage, _: Language) -> String {
        panic!("planted in a handler")
    }
    fn api(&self, p: &model::ApiPage, l: Language) -> String {
        PlainPages.api(p, l)
    }
    fn collections(&self, p: &model::CollectionsPage, l: Language) -> String {
        PlainPages.collections(p, l)
    }
    fn collection(&self, p: &model::CollectionPage, l: Language) -> String {
        PlainPages.collection(p, l)
    }
    fn items(&self, p: &model::ItemsPage, l: Language) -> String {
        PlainPages.items(p, l)
    }
    fn item(&self, p: &model::ItemPage, l: Language) -> String {
        PlainPages.item(p, l)
    }
    fn problem(&self, p: &model::ProblemPage, l: Language) -> String {
        PlainPages.problem(p, l)
    }
}

fn broken() -> App {
    let handle = Arc::new(CatalogHandle::new(fixture::catalog()));
    let state = Arc::new(ApiState::new(
        Arc::clone(&handle),
        Arc::new(Broken),
        [7; 32],
        Settings::default(),
    ));
    App {
        router: router(&state),
        handle,
        state,
    }
}

#[tokio::test]
async fn a_panic_is_told_without_its_words() {
    let app = broken();
    for target in ["/?f=html", "/conformance?f=html"] {
        let answer = app.get(target).await.expect(500);
        assert!(!answer.text().contains("planted"), "{}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    // The server goes on.
    app.get("/conformance").await.expect(200);
}

#[tokio::test]
async fn files_of_pages_are_kept_for_ever() {
    let app = broken();
    let plain = app.get("/assets/any.css").await.expect(200);
    assert_eq!(
        (plain.header("content-type"), plain.header("etag")),
        ("text/css", "\"plain\"")
    );
    assert!(plain.header("cache-control").contains("immutable"));
    let packed = app
        .send(
            Method::GET,
            "/assets/any.css",
            &[("accept-encoding", "gzip"), ("accept", "text/css")],
        )
        .await
        .expect(200);
    assert_eq!(
        (packed.header("content-encoding"), packed.header("etag")),
        ("gzip", "\"packed\"")
    );
    assert_eq!(packed.body, b"packed");
    let again = app
        .send(
            Method::GET,
            "/assets/any.css",
            &[("if-none-match", "\"plain\"")],
        )
        .await
        .expect(304);
    assert_eq!(again.header("content-type"), "");
    App::new().get("/assets/any.css").await.problem(404);
}

#[tokio::test]
async fn more_work_than_fits_is_refused_at_once() {
    let settings = Settings {
        workers: 1,
        queue: 0,
        ..Settings::default()
    };
    let app = Arc::new(App::with(
        fixture::of(vec![fixture::towns(20_000)]),
        settings,
    ));
    let many = (0..32).map(|i| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            app.get(&format!(
                "/collections/villes/items?limit=10000&nom=Ville%20{i}"
            ))
            .await
        })
    });
    let mut statuses = Vec::new();
    for one in many.collect::<Vec<_>>() {
        let answer = one.await.expect("no panic");
        if answer.status == 503 {
            answer.problem(503);
            assert!(!answer.header("retry-after").is_empty());
        }
        statuses.push(answer.status.as_u16());
    }
    assert!(
        statuses.contains(&200) && statuses.contains(&503),
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|s| [200, 503].contains(s)),
        "{statuses:?}"
    );
    // And then there is room again.
    app.get("/collections/villes/items?limit=1")
        .await
        .expect(200);
}

#[tokio::test]
async fn over_a_real_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let settings = Settings {
        trusted_proxies: TrustedProxies::parse(["127.0.0.1"]).expect("an address"),
        ..Settings::default()
    };
    let app = App::with(fixture::catalog(), settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(guichet::api::serve(
        listener,
        Arc::clone(&app.state),
        async {
            let _ = stopped.await;
        },
    ));
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let request = "GET / HTTP/1.1\r\nHost: inside:80\r\nForwarded: proto=https;host=outside\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("UTF-8");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("https://outside/collections"), "{answer}");
    // An idle connection does not keep the server from ending.
    let _idle = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    stop.send(()).expect("the server listens");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(15), server).await;
    ended
        .expect("in time")
        .expect("no panic")
        .expect("no error");
}
