//! Files of the pages, embedded in the program.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::Response;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};

use super::negotiate::Offer;
use super::problem::Problem;
use super::respond::Coding;
use super::run;
use super::state::ApiState;

/// A name holds the hash of its bytes: under it nothing ever changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /assets/{name}`
pub(super) async fn asset(
    State(api): State<Arc<ApiState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response<Body> {
    run::quick(&api, request, Offer::File, |context| {
        let asset = context.api.pages.asset(&name).ok_or(Problem::NoSuchPath)?;
        context.no_parameters()?;
        let coding = Coding::of(&context.headers);
        let (tag, bytes) = match coding {
            Coding::Gzip => (asset.gzip_etag, asset.gzip_bytes),
            Coding::Identity => (asset.etag, asset.bytes),
        };
        let tag = HeaderValue::from_static(tag);
        let mut response = match context.unchanged(&tag) {
            Some(response) => response,
            None => context.with_body(&tag, coding, Vec::new(), Body::from(bytes)),
        };
        let not_modified = response.status() == StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, FOR_EVER);
        if !not_modified {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        }
        Ok(response)
    })
}
