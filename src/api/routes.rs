//! The paths of the API: each is written once, for the router and for links alike.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Patterns for the router.
pub mod pattern {
    /// Landing page.
    pub const LANDING: &str = "/";
    /// Conformance classes.
    pub const CONFORMANCE: &str = "/conformance";
    /// API definition, OpenAPI 3.0.
    pub const API: &str = "/api";
    /// The same for people.
    pub const API_PAGE: &str = "/api.html";
    /// All collections.
    pub const COLLECTIONS: &str = "/collections";
    /// One collection.
    pub const COLLECTION: &str = "/collections/{collection}";
    /// Its items.
    pub const ITEMS: &str = "/collections/{collection}/items";
    /// One item.
    pub const ITEM: &str = "/collections/{collection}/items/{item}";
    /// What filters of a collection can ask for.
    pub const QUERYABLES: &str = "/collections/{collection}/queryables";
    /// Functions of filters.
    pub const FUNCTIONS: &str = "/functions";
    /// Files of the pages.
    pub const ASSET: &str = "/assets/{name}";
    /// A MapLibre style.
    pub const STYLE: &str = "/styles/{style}";
    /// TileJSON: `{layers}.json`.
    pub const TILE_JSON: &str = "/xyz/{name}";
    /// A tile, columns before rows, the last part with the extension `.mvt`.
    pub const XYZ: &str = "/xyz/{layers}/{z}/{x}/{y}";
    /// Tilesets of a collection.
    pub const TILESETS: &str = "/collections/{collection}/tiles";
    /// Its tileset in WebMercatorQuad.
    pub const TILESET: &str = "/collections/{collection}/tiles/WebMercatorQuad";
    /// Tile matrix sets.
    pub const MATRIX_SETS: &str = "/tileMatrixSets";
    /// The only tile matrix set.
    pub const MATRIX_SET: &str = "/tileMatrixSets/WebMercatorQuad";
    /// The same tile by OGC API Tiles, rows before columns.
    pub const OGC_TILE: &str =
        "/collections/{collection}/tiles/WebMercatorQuad/{matrix}/{row}/{col}";
    /// The portal of an organisation.
    pub const PORTAL: &str = "/o/{organisation}/";
    /// The same without its final slash.
    pub const PORTAL_ALONE: &str = "/o/{organisation}";
    /// Every route again, in the portal.
    pub const IN_PORTAL: &str = "/o/{organisation}/{*path}";
    /// The page where a key can be typed.
    pub const SESSION: &str = "/session";
    /// What ends a session.
    pub const SESSION_END: &str = "/session/end";
    /// What a caller is told of themselves.
    pub const ME: &str = "/me";
    /// Makes a second key.
    pub const ROTATE: &str = "/me/key/rotate";
    /// Accepts terms.
    pub const ACCEPT: &str = "/me/terms/{terms}";
    /// Requests for access of the caller's organisation.
    pub const REQUESTS: &str = "/me/requests";
    /// One of them.
    pub const REQUEST: &str = "/me/requests/{request}";
    /// Administration.
    pub const ADMIN: &str = "/admin";
    /// All of it.
    pub const IN_ADMIN: &str = "/admin/{*path}";
    /// The process answers.
    pub const LIVE: &str = "/health/live";
    /// There is a catalogue to serve.
    pub const READY: &str = "/health/ready";
}

/// One resource, to be linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'a> {
    /// Landing page.
    Landing,
    /// Conformance classes.
    Conformance,
    /// API definition.
    Api,
    /// API definition for people.
    ApiPage,
    /// All collections.
    Collections,
    /// One collection.
    Collection(&'a str),
    /// Its items.
    Items(&'a str),
    /// One item.
    Item(&'a str, &'a str),
    /// What filters of a collection can ask for.
    Queryables(&'a str),
    /// Functions of filters.
    Functions,
    /// Tilesets of a collection (OGC API Tiles).
    Tilesets(&'a str),
    /// Its tileset in WebMercatorQuad.
    Tileset(&'a str),
    /// A MapLibre style.
    Style(&'a str),
    /// Template of its tiles by OGC API Tiles, the variables left as they are.
    OgcTileTemplate(&'a str),
    /// Tile matrix sets.
    TileMatrixSets,
    /// The only tile matrix set.
    TileMatrixSet,
    /// TileJSON of a collection.
    TileJson(&'a str),
    /// Template of its XYZ tiles, `{z}/{x}/{y}` left as they are.
    TileTemplate(&'a str),
    /// The page where a key can be typed.
    Session,
    /// What forgets the key again.
    SessionEnd,
    /// What a caller is told of themselves.
    Me,
    /// Accepts terms, by id and version.
    AcceptTerms(&'a str),
    /// Requests for access of the caller's organisation.
    Requests,
    /// One of them.
    Request(&'a str),
    /// What is administrated, by its path below `/admin`, encoded.
    Admin(&'a str),
}

/// What a path segment may hold as it is: RFC 3986 `unreserved`, and `:` and `@` that many ids hold.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b'@');

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

impl Route<'_> {
    /// The path below the base URL, percent-encoded.
    pub fn path(&self) -> String {
        match self {
            Self::Landing => pattern::LANDING.to_owned(),
            Self::Conformance => pattern::CONFORMANCE.to_owned(),
            Self::Api => pattern::API.to_owned(),
            Self::ApiPage => pattern::API_PAGE.to_owned(),
            Self::Collections => pattern::COLLECTIONS.to_owned(),
            Self::Collection(c) => format!("/collections/{}", segment(c)),
            Self::Items(c) => format!("/collections/{}/items", segment(c)),
            Self::Item(c, i) => format!("/collections/{}/items/{}", segment(c), segment(i)),
            Self::Queryables(c) => format!("/collections/{}/queryables", segment(c)),
            Self::Functions => pattern::FUNCTIONS.to_owned(),
            Self::Tilesets(c) => format!("/collections/{}/tiles", segment(c)),
            Self::Tileset(c) => format!("/collections/{}/tiles/WebMercatorQuad", segment(c)),
            Self::OgcTileTemplate(c) => format!(
                "/collections/{}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}.mvt",
                segment(c)
            ),
            Self::TileMatrixSets => pattern::MATRIX_SETS.to_owned(),
            Self::TileMatrixSet => pattern::MATRIX_SET.to_owned(),
            Self::Style(s) => format!("/styles/{}", segment(s)),
            Self::TileJson(c) => format!("/xyz/{}.json", segment(c)),
            Self::TileTemplate(c) => format!("/xyz/{}/{{z}}/{{x}}/{{y}}.mvt", segment(c)),
            Self::Session => pattern::SESSION.to_owned(),
            Self::SessionEnd => pattern::SESSION_END.to_owned(),
            Self::Me => pattern::ME.to_owned(),
            Self::AcceptTerms(t) => format!("/me/terms/{}", segment(t)),
            Self::Requests => pattern::REQUESTS.to_owned(),
            Self::Request(id) => format!("{}/{}", pattern::REQUESTS, segment(id)),
            Self::Admin(below) => format!("{}/{below}", pattern::ADMIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_encoded_as_segments() {
        assert_eq!(
            Route::Item("région.a b", "1/2?#%é").path(),
            "/collections/r%C3%A9gion.a%20b/items/1%2F2%3F%23%25%C3%A9"
        );
        assert_eq!(
            Route::Item("a", "urn:x@y-1_2.3~").path(),
            "/collections/a/items/urn:x@y-1_2.3~"
        );
        assert_eq!(Route::TileTemplate("a").path(), "/xyz/a/{z}/{x}/{y}.mvt");
    }
}
