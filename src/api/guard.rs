//! What surrounds every handler: limits, panics, time, and the headers of all answers.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW,
    CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Response};
use axum::middleware::Next;

use super::admission::{self, Identified};
use super::credentials::{self, Taken};
use super::methods::METHODS;
use super::problem::Problem;
use super::query;
use super::respond::REVALIDATE;
use super::run::{internal, told};
use super::state::ApiState;

/// What scripts of other origins may send. The star leaves out `Authorization`, and older browsers do not know it.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, Authorization, Cache-Control, Content-Type, If-Match, If-None-Match, If-Modified-Since, Pragma, \
     Prefer, Range, X-API-Key, X-Requested-With, *",
);
/// What they may read.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Allow, Content-Crs, Content-Encoding, Content-Language, Content-Length, Deprecation, ETag, Guichet-Collapsed, Guichet-Key-Expires, \
     Link, Location, OGC-NumberMatched, OGC-NumberReturned, RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate",
);
/// A day; browsers cut it to their own ceiling (two hours or more). A web map with a key asks once per tile otherwise.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("86400");

/// The outermost layer.
pub(super) async fn guard(
    State(api): State<Arc<ApiState>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let method = parts.method.clone();
    let path = if crate::leak!("query-in-log") {
        parts.uri.to_string()
    } else {
        credentials::loggable(parts.uri.path())
    };
    let mut taken = Taken::of(&mut parts);
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| c.0.ip());
    let admitted = admitted(&api, &mut taken, &parts);
    if let Ok(identified) = &admitted {
        parts.extensions.insert(identified.clone());
    }
    let kept = bare(&parts);
    let outcome = match &admitted {
        Err(problem) => Err(problem.clone()),
        Ok(_) => {
            let answer = Caught(Box::pin(next.run(Request::from_parts(parts, body))));
            match tokio::time::timeout(api.settings.answer_within, answer).await {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(Panicked)) => Err(internal(&api, "a handler panicked")),
                Err(_) => Err(Problem::TimedOut),
            }
        }
    };
    let mut response = outcome.unwrap_or_else(|problem| told(&api, &kept, &problem));
    // What a cache gives to everybody may say nothing of one caller.
    if let Ok(identified) = &admitted
        && response.headers().get(CACHE_CONTROL) != Some(&REVALIDATE)
    {
        identified.tell(&api.admission, response.headers_mut());
    }
    add_headers(response.headers_mut(), &method);
    tracing::info!(%method, path, status = response.status().as_u16(), peer = ?peer, elapsed = ?started.elapsed(), "answered");
    response
}

/// What is needed of a request to tell a problem.
fn bare(parts: &Parts) -> Parts {
    parts.clone()
}

/// Lets a request in whose form is bearable. What browsers ask before they show a credential, and what those ask who watch over the
/// process, is answered to everybody.
fn admitted(api: &ApiState, taken: &mut Taken, parts: &Parts) -> Result<Identified, Problem> {
    if let Some(problem) = refused(api, parts) {
        return Err(problem);
    }
    let is_preflight = parts.method == Method::OPTIONS
        && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if is_preflight || parts.uri.path().starts_with("/health/") {
        return Ok(admission::nobody(api, parts));
    }
    admission::admit(api, taken, parts)
}

fn refused(api: &ApiState, parts: &Parts) -> Option<Problem> {
    let url = parts.uri.path_and_query().map_or(0, |p| p.as_str().len());
    let headers: usize = parts
        .headers
        .iter()
        .map(|(n, v)| n.as_str().len() + v.len())
        .sum();
    if url > api.settings.url_bytes {
        Some(Problem::UrlTooLong)
    } else if headers > api.settings.header_bytes {
        Some(Problem::HeadersTooLarge)
    } else if !query::is_well_encoded(parts.uri.path()) {
        Some(Problem::MalformedUrl)
    } else {
        None
    }
}

/// Every answer can be read by scripts of every origin: access is decided by credentials that they must hold, never by cookies.
fn add_headers(headers: &mut HeaderMap, method: &Method) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    if *method == Method::OPTIONS {
        let methods = headers.get(ALLOW).cloned().unwrap_or(METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
}

/// Any other path.
pub(super) async fn not_found(
    State(api): State<Arc<ApiState>>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    told(&api, &parts, &Problem::NoSuchPath)
}

/// A handler whose panic is an answer of its own, not a broken connection.
struct Caught(Pin<Box<dyn Future<Output = Response<Body>> + Send>>);

struct Panicked;

impl Future for Caught {
    type Output = Result<Response<Body>, Panicked>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        // After a panic the future is dropped and never polled again.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(task))) {
            Ok(poll) => poll.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    }
}
