//! Links and what they reveal: proxies, the graph of all resources, two servers that must answer alike.

use axum::http::Method;
use guichet::api::{Base, Settings, TrustedProxies};

use crate::app::{App, BASE, link};
use crate::core_service::RESOURCES;
use crate::fixture::{self, TOWNS};

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
