//! What happens when the server fails, is busy, is asked too much, or ends.

use std::sync::Arc;

use axum::http::Method;
use guichet::api::{ApiState, Pages, PlainPages, Settings, TrustedProxies, model, router};
use guichet::catalog::{CatalogHandle, Language};

use crate::app::App;
use crate::fixture;

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
    fn functions(&self, p: &model::FunctionsPage, l: Language) -> String {
        PlainPages.functions(p, l)
    }
    fn queryables(&self, p: &model::QueryablesPage, l: Language) -> String {
        PlainPages.queryables(p, l)
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
    fn locked(&self, p: &model::LockedPage, l: Language) -> String {
        PlainPages.locked(p, l)
    }
    fn sign_in(&self, p: &model::SignInPage, l: Language) -> String {
        PlainPages.sign_in(p, l)
    }
    fn me(&self, p: &model::MePage, l: Language) -> String {
        PlainPages.me(p, l)
    }
    fn problem(&self, p: &model::ProblemPage, l: Language) -> String {
        PlainPages.problem(p, l)
    }
}

pub fn broken() -> App {
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
async fn long_requests_are_refused_in_words() {
    let app = App::new();
    app.get(&format!(
        "/collections/villes/items?nom={}",
        "x".repeat(57_400)
    ))
    .await
    .problem(414);
    app.get(&format!("/collections/{}", "x".repeat(58_000)))
        .await
        .problem(414);
    app.send(Method::GET, "/", &[("x-filler", &"x".repeat(40_000))])
        .await
        .problem(431);
    app.get(&format!(
        "/collections/villes/items?nom={}",
        "x".repeat(56_000)
    ))
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

/// Serves on a port of this machine until the test ends.
async fn listening(app: &App) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let served = guichet::api::serve(listener, Arc::clone(&app.state), std::future::pending());
    tokio::spawn(served);
    address
}

/// What comes back for a target: sent whole before anything is read, as most clients do.
async fn over_the_wire(address: std::net::SocketAddr, target: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn long_filters_over_a_real_connection() {
    let app = App::new();
    let address = listening(&app).await;
    let of = |length: usize| {
        let filter = format!("nom%20=%20'{}'", "x".repeat(length));
        format!("/collections/villes/items?filter={filter}")
    };
    for (length, status) in [
        (45_000, "200"),
        (56_000, "200"),
        (58_000, "414"),
        (64_000, "414"),
        (80_000, "414"),
        (200_000, "431"),
        (1_000_000, "431"),
        (5_000_000, "431"),
    ] {
        let answer = over_the_wire(address, &of(length)).await;
        let found = answer.split(' ').nth(1).unwrap_or_default();
        assert_eq!(
            found,
            status,
            "{length}: {}",
            &answer[..answer.len().min(300)]
        );
    }
    // The server goes on.
    assert!(
        over_the_wire(address, "/conformance")
            .await
            .starts_with("HTTP/1.1 200")
    );
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
