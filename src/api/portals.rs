//! Portals: the whole API again under `/o/{organisation}`, narrowed to the layers of one organisation.
//!
//! The prefix is taken off before the request is routed, so a portal has every route that the platform has. Whether there is such a
//! portal is asked where the caller is known ([`Caller::of`](super::door::Caller::of)): one whose organisation shows the caller nothing
//! answers like one of an organisation that does not exist.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::uri::PathAndQuery;
use axum::http::{Extensions, Response, Uri};
use tower::ServiceExt as _;

use super::admission::Identified;
use crate::catalog::Organisation;

/// The first segment of the path of every portal.
pub(super) const PREFIX: &str = "/o/";

/// The portal to which a request came, as its path names it.
#[derive(Debug, Clone)]
pub(super) struct Portal {
    id: Arc<str>,
    /// Its organisation, once it was found to exist for the caller: problems are told in its frame.
    entered: Arc<OnceLock<Organisation>>,
}

impl Portal {
    /// The id of its organisation.
    pub(super) fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    /// It exists for the caller.
    pub(super) fn enter(&self, organisation: &Organisation) {
        self.entered.get_or_init(|| organisation.clone());
    }

    /// Its organisation, if it is known to exist for the caller.
    pub(super) fn entered(&self) -> Option<Organisation> {
        self.entered.get().cloned()
    }
}

/// Sends a request for `/o/{organisation}/…` to the routes of the platform.
pub(super) async fn enter(routes: Router, mut request: Request) -> Response<Body> {
    if let Some((id, rest)) = split(request.uri()) {
        // The router leaves what it read of the path beside the request: the routes are to read it anew.
        let mut beside = Extensions::new();
        let all = request.extensions_mut();
        if let Some(peer) = all.remove::<ConnectInfo<SocketAddr>>() {
            beside.insert(peer);
        }
        if let Some(identified) = all.remove::<Identified>() {
            beside.insert(identified);
        }
        beside.insert(Portal {
            id,
            entered: Arc::default(),
        });
        *all = beside;
        *request.uri_mut() = rest;
    }
    // What cannot be split leads nowhere: the routes have nothing under `/o/`.
    routes
        .oneshot(request)
        .await
        .unwrap_or_else(|never| match never {})
}

/// The organisation, and the address without it. Ids need no escapes: what has some names no organisation.
fn split(uri: &Uri) -> Option<(Arc<str>, Uri)> {
    let rest = uri.path().strip_prefix(PREFIX)?;
    let (organisation, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Some((organisation.into(), Uri::from_parts(parts).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split() {
        for (uri, expected) in [
            ("/o/sud", Some(("sud", "/"))),
            ("/o/sud/", Some(("sud", "/"))),
            ("/o/sud?lang=en", Some(("sud", "/?lang=en"))),
            (
                "/o/sud/collections/a%2Fb?x=/o/b",
                Some(("sud", "/collections/a%2Fb?x=/o/b")),
            ),
            ("http://h/o/sud/api", Some(("sud", "http://h/api"))),
            ("/o//api", Some(("", "/api"))),
            ("/collections", None),
        ] {
            let split = split(&uri.parse().expect(uri));
            let split = split.map(|(o, uri)| (o.to_string(), uri.to_string()));
            let expected = expected.map(|(o, uri)| (o.to_owned(), uri.to_owned()));
            assert_eq!(split, expected, "{uri}");
        }
    }
}
