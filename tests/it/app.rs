//! A server without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use guichet::api::{ApiState, PlainPages, Settings, router};
use guichet::catalog::{Catalog, CatalogHandle};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::fixture;

/// The name under which the server is addressed.
pub const HOST: &str = "data.example.org";
/// The base of its links.
pub const BASE: &str = "http://data.example.org";

pub const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
pub const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";
pub const WGS84: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
pub const MERCATOR: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
pub const LAMBERT: &str = "http://www.opengis.net/def/crs/EPSG/0/2154";

pub struct App {
    pub router: Router,
    pub handle: Arc<CatalogHandle>,
    pub state: Arc<ApiState>,
}

impl App {
    /// Serves the fixture.
    pub fn new() -> Self {
        Self::with(fixture::catalog(), Settings::default())
    }

    pub fn with(catalog: Catalog, settings: Settings) -> Self {
        let handle = Arc::new(CatalogHandle::new(catalog));
        let state = Arc::new(ApiState::new(
            Arc::clone(&handle),
            Arc::new(PlainPages),
            [7; 32],
            settings,
        ));
        Self {
            router: router(&state),
            handle,
            state,
        }
    }

    /// Any request; `target` is a path with a query, or a link of an answer.
    pub async fn send(&self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        let target = target.strip_prefix(BASE).unwrap_or(target);
        let mut request = Request::builder().method(method).uri(target);
        if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
            request = request.header("host", HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("never fails");
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("a whole body")
            .to_bytes()
            .to_vec();
        Answer {
            // Long ones would fill the screen of whoever reads a failure.
            target: target.chars().take(300).collect(),
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send(Method::GET, target, &[]).await
    }

    /// A document that must be there.
    pub async fn json(&self, target: &str) -> Value {
        self.get(target).await.expect(200).json()
    }

    /// Ids of the items on one page.
    pub async fn ids(&self, target: &str) -> Vec<String> {
        ids(&self.json(target).await)
    }

    /// All pages, following `next`; fails where a page repeats the one before.
    pub async fn pages(&self, target: &str) -> Vec<Value> {
        let mut pages = vec![self.json(target).await];
        while let Some(next) = link(pages.last().expect("a page"), "next") {
            assert!(pages.len() < 1000, "no end of pages: {next}");
            pages.push(self.json(&next).await);
        }
        pages
    }

    /// Every collection of the fixture that may be seen.
    pub async fn collections(&self) -> Vec<String> {
        let document = self.json("/collections").await;
        let entries = document["collections"]
            .as_array()
            .expect("collections")
            .clone();
        entries
            .iter()
            .map(|c| c["id"].as_str().expect("an id").to_owned())
            .collect()
    }
}

pub struct Answer {
    pub target: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}: {}",
            self.target,
            self.text()
        );
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{}: {e}: {}", self.target, self.text()))
    }

    /// A header's value, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |v| v.to_str().expect("ASCII"))
    }

    /// A problem document of that status, with all that one must have.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}: {}",
            self.target,
            self.text()
        );
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.target
        );
        let problem = self.json();
        assert_eq!(problem["status"], status, "{}", self.target);
        for member in ["type", "title", "detail"] {
            assert!(
                problem[member].as_str().is_some_and(|t| !t.is_empty()),
                "{}: {problem}",
                self.target
            );
        }
        problem
    }

    /// A refused request: a parameter is at fault.
    #[track_caller]
    pub fn faulty(&self, parameter: &str) {
        let problem = self.problem(400);
        let errors = problem["errors"].as_array().expect("errors");
        assert!(
            errors.iter().any(|e| e["parameter"] == parameter),
            "{}: {problem}",
            self.target
        );
    }
}

/// The address of the first link of that relation.
pub fn link(document: &Value, rel: &str) -> Option<String> {
    links(document, rel)
        .first()
        .map(|l| l["href"].as_str().expect("an address").to_owned())
}

pub fn links<'a>(document: &'a Value, rel: &str) -> Vec<&'a Value> {
    let all = document["links"].as_array().expect("links");
    all.iter().filter(|l| l["rel"] == rel).collect()
}

/// Ids of the features of a collection, as texts.
pub fn ids(document: &Value) -> Vec<String> {
    let features = document["features"].as_array().expect("features");
    features.iter().map(|f| id(&f["id"])).collect()
}

pub fn id(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A text as a value of a query.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
