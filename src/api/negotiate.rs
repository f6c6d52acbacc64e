//! Which representation to answer with: `f`, else `Accept` (RFC 9110 §12.5.1).

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

use super::weights;
use crate::formats::geojson;

/// How a resource is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Representation {
    /// JSON in the media type of the resource.
    Json,
    /// A page for people.
    Html,
}

impl Representation {
    /// The value of `f`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

/// Media type of pages.
pub const HTML: &str = "text/html";
/// Media type of documents.
pub const JSON: &str = "application/json";
/// Media type of JSON Schema.
pub const SCHEMA: &str = "application/schema+json";
/// Media type of the API definition (`/req/oas30/oas-definition-1`).
pub const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// What a resource offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// A document and a page.
    Document,
    /// Features and a page. Features are also given to those who ask for mere JSON.
    Features,
    /// The API definition and a page.
    Definition,
    /// A JSON Schema and a page. The schema is also given to those who ask for mere JSON.
    Schema,
    /// A page alone.
    Page,
    /// A document alone.
    DocumentAlone,
    /// Bytes of one media type, whatever the request accepts: what a page or a map loads, it can read.
    File,
}

impl Offer {
    /// Values of `f`.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Document | Self::Features | Self::Definition | Self::Schema => &["json", "html"],
            Self::Page => &["html"],
            Self::DocumentAlone => &["json"],
            Self::File => &[],
        }
    }

    /// The media type of the JSON representation.
    pub fn json_type(self) -> &'static str {
        match self {
            Self::Features => geojson::MEDIA_TYPE,
            Self::Definition => OPENAPI,
            Self::Schema => SCHEMA,
            _ => JSON,
        }
    }

    /// Media types under which each representation can be asked for, the preferred representation first.
    fn accepted(self) -> Vec<(Representation, &'static [&'static str])> {
        use Representation::{Html, Json};
        const PAGE: &[&str] = &[HTML, "application/xhtml+xml"];
        match self {
            Self::Document => vec![(Json, &[JSON]), (Html, PAGE)],
            Self::Features => vec![
                (
                    Json,
                    &[geojson::MEDIA_TYPE, JSON, "application/vnd.geo+json"],
                ),
                (Html, PAGE),
            ],
            Self::Definition => vec![
                (
                    Json,
                    &[
                        "application/vnd.oai.openapi+json",
                        "application/openapi+json",
                        JSON,
                    ],
                ),
                (Html, PAGE),
            ],
            Self::Schema => vec![(Json, &[SCHEMA, JSON]), (Html, PAGE)],
            Self::Page => vec![(Html, PAGE)],
            Self::DocumentAlone => vec![(Json, &[JSON])],
            Self::File => vec![(Json, &["*/*"])],
        }
    }
}

/// The representation that the header prefers; the first one offered among equals and where nothing is said. `None` if it accepts none.
pub fn representation(headers: &HeaderMap, offer: Offer) -> Option<Representation> {
    let accepted = offer.accepted();
    if offer == Offer::File {
        return Some(accepted[0].0);
    }
    let Some(wanted) = weights::parse(headers, &ACCEPT) else {
        return Some(accepted[0].0);
    };
    let weight = |types: &[&str]| {
        let of_type = |t: &str| {
            let specific = |w: &&weights::Weighted| match w.name.as_str() {
                name if name == t => true,
                "*/*" => true,
                name => name
                    .strip_suffix('*')
                    .is_some_and(|prefix| prefix.ends_with('/') && t.starts_with(prefix)),
            };
            // The most specific range that matches counts; of equally specific ones the first.
            let rank = |w: &&weights::Weighted| (w.name == "*/*", w.name.ends_with("/*"));
            wanted
                .iter()
                .filter(specific)
                .min_by_key(rank)
                .map_or(0, |w| w.q)
        };
        types.iter().map(|t| of_type(t)).max().unwrap_or(0)
    };
    let weighed = accepted.into_iter().map(|(r, types)| (weight(types), r));
    let best = weighed.reduce(|a, b| if b.0 > a.0 { b } else { a })?;
    (best.0 > 0).then_some(best.1)
}

/// True if the body may be sent gzipped: asked for, and not excluded by `q=0` (RFC 9110 §12.5.3).
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let Some(wanted) = weights::parse(headers, &ACCEPT_ENCODING) else {
        return false;
    };
    let q = |name: &str| wanted.iter().find(|w| w.name == name).map(|w| w.q);
    let gzip = q("gzip")
        .or_else(|| q("x-gzip"))
        .or_else(|| q("*"))
        .unwrap_or(0);
    gzip > 0 && gzip >= q("identity").unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Representation::{Html, Json};

    fn headers(name: axum::http::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        headers
    }

    #[test]
    fn what_clients_send() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        let definition = "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json";
        for (offer, accept, expected) in [
            (Offer::Document, "*/*", Some(Json)),
            (Offer::Document, browser, Some(Html)),
            (Offer::Features, browser, Some(Html)),
            (
                Offer::Features,
                "application/geo+json, application/json",
                Some(Json),
            ),
            (Offer::Features, "application/json", Some(Json)),
            (Offer::Document, "application/geo+json", None),
            (Offer::Definition, definition, Some(Json)),
            (Offer::Document, "text/*", Some(Html)),
            (
                Offer::Document,
                "text/html;q=0.3, application/*;q=0.2",
                Some(Html),
            ),
            (Offer::Document, "application/json;q=0, */*", Some(Html)),
            (Offer::Document, "application/json;q=0", None),
            (Offer::Document, "image/png", None),
            (Offer::Document, "", Some(Json)),
            (Offer::Schema, "application/schema+json", Some(Json)),
            (Offer::Schema, "application/json", Some(Json)),
            (Offer::Schema, browser, Some(Html)),
            (Offer::Page, "application/json", None),
            (Offer::Page, "*/*", Some(Html)),
        ] {
            assert_eq!(
                representation(&headers(ACCEPT, accept), offer),
                expected,
                "{offer:?} {accept}"
            );
        }
        assert_eq!(
            representation(&HeaderMap::new(), Offer::Features),
            Some(Json)
        );
    }

    #[test]
    fn gzip_only_where_it_is_welcome() {
        for (accept, expected) in [
            ("gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*", true),
            ("*;q=0", false),
            ("br", false),
            ("identity, gzip;q=0.5", false),
            ("", false),
        ] {
            assert_eq!(
                accepts_gzip(&headers(ACCEPT_ENCODING, accept)),
                expected,
                "{accept}"
            );
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
