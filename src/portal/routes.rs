//! Over HTTP: the assets. The pages themselves are answered by `api`, which asks [`Portal`](super::Portal) to draw them.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::assets::{self, ASSETS, Asset};
use crate::api::{self, ApiState};

/// A route for each asset; any other name is not found like any other path.
pub fn routes() -> Router<Arc<ApiState>> {
    ASSETS.iter().fold(Router::new(), |router, asset| {
        let handler = move |headers: HeaderMap| async move { answer(asset, &headers) };
        router.route(
            &format!("{}{}", assets::PATH, asset.name),
            api::resource(handler),
        )
    })
}

/// The asset, compressed for those who take it so; `304 Not Modified` for those who have it (RFC 9110 §13.1.2).
fn answer(asset: &'static Asset, asked: &HeaderMap) -> Response<Body> {
    let gzip = api::accepts_gzip(asked);
    let (bytes, tag) = if gzip {
        (asset.gzip_bytes, asset.gzip_etag)
    } else {
        (asset.bytes, asset.etag)
    };
    let tag = HeaderValue::from_static(tag);
    let unchanged = api::matches_any(asked, &tag);
    let mut response = Response::new(if unchanged {
        Body::empty()
    } else {
        Body::from(Bytes::from_static(bytes))
    });
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(assets::CACHE_CONTROL),
    );
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !unchanged {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

    use super::*;

    fn asked(pairs: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| (n.clone(), v.parse().expect("a header")))
            .collect()
    }

    #[test]
    fn an_asset_is_sent_once_and_then_confirmed() {
        let asset = &ASSETS[0];
        let plain = answer(asset, &asked(&[]));
        assert_eq!(plain.status(), StatusCode::OK);
        assert_eq!(plain.headers()[ETAG], asset.etag);
        assert_eq!(plain.headers()[VARY], "Accept-Encoding");
        assert!(
            plain.headers()[CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        let packed = answer(asset, &asked(&[(ACCEPT_ENCODING, "gzip, br")]));
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(packed.headers()[ETAG], asset.gzip_etag);
        assert_eq!(
            answer(asset, &asked(&[(ACCEPT_ENCODING, "gzip;q=0")])).headers()[ETAG],
            asset.etag
        );
        let again = answer(asset, &asked(&[(IF_NONE_MATCH, asset.etag)]));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        // The compressed body is another representation: its validator does not stand for the plain one.
        assert_eq!(
            answer(asset, &asked(&[(IF_NONE_MATCH, asset.gzip_etag)])).status(),
            StatusCode::OK
        );
    }
}
