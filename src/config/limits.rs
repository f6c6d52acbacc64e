//! `[limits]`: every ceiling on what comes in, beside its reason.

use std::ops::RangeInclusive;

use super::table::Table;

/// The ceilings. Each can be set under `[limits]` by its name here; the range that is accepted stands beside the reading of it, below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one source file, counted after decompression. Default 8 GiB: a layer of that size no longer fits the memory of the
    /// machines guichet is made for, and a gzip bomb (a thousandfold) must end somewhere.
    pub source_file_bytes: u64,
    /// Features of one layer. Default 50 million: row numbers are 32-bit and the index costs some 20 bytes a row.
    pub features_per_layer: u64,
    /// Vertices of one feature. Default 5 million: the largest administrative outlines have one million; clipping and repair of one
    /// feature happen in one thread's memory.
    pub vertices_per_feature: u64,
    /// Properties of one layer. Default 2,000: tables of real publishers stay below 600; files that invent a property per
    /// feature would otherwise make columns × rows of nothing.
    pub columns: u64,
    /// Bytes of one property value. Default 1 MiB: it is repeated in every page, tile and export that shows it.
    pub property_value_bytes: u64,
    /// Layers that one file or folder may bring when it is served without a configuration. Default 1,000: each costs memory and a
    /// line in every list.
    pub layers: u64,
    /// Items of a page when the request does not say. Default 1,000: the largest that GDAL and QGIS ask for by themselves.
    pub items_limit_default: u64,
    /// Items of a page at most; a larger `limit` is lowered to it (OGC 17-069r4 `/req/core/fc-limit-response-1`). Default 10,000: 5 MB of
    /// GeoJSON for a usual table.
    pub items_limit_max: u64,
    /// Bytes of a page before compression; a page that reaches it ends early and links to the next. Default 64 MiB: ten thousand
    /// detailed outlines would be gigabytes.
    pub page_bytes: u64,
    /// Bytes of a request target (path and query). Default 56 KiB: a filter with the outline of a commune (1,000 vertices, 45 kB with
    /// its escapes) fits; proxies that pass on less refuse it by themselves.
    pub url_bytes: u64,
    /// Bytes of a filter (CQL2). Default 64 KiB: more than a URL brings, but filters come from files too.
    pub filter_bytes: u64,
    /// Brackets, operators and functions of a filter inside of each other. Default 64: people write less than ten, programs that join
    /// filters some more; each level takes some stack.
    pub filter_depth: u64,
    /// Parts of a filter (names, values, operators). Default 10,000: lists of the 35,000 communes are asked for in several requests.
    pub filter_parts: u64,
    /// Vertices of the geometries in a filter. Default 10,000: ten times the outline of a commune.
    pub filter_vertices: u64,
    /// Estimated cost of looking at one row with a filter, about in nanoseconds. Default 20,000: a search of a million rows that no
    /// index shortens ends within half a minute.
    pub filter_cost: u64,
    /// Seconds that a request may take before it is given up with 503. Default 30: clients have gone by then.
    pub request_seconds: u64,
    /// Connections open at once. Default 4,096: each holds a file descriptor and buffers.
    pub connections: u64,
    /// Bytes of encoded tiles kept in memory. Default 256 MiB: some twenty thousand tiles of the usual 10 to 20 kB.
    pub tile_cache_bytes: u64,
    /// Collections that one tile may join. Default 16: the work of a request grows with it, and no map shows more.
    pub collections_per_tile: u64,
    /// Requests a second of one key or of one person with a token, in the long run. Default 100: a map that is moved about asks for some
    /// 20 tiles a second.
    pub caller_requests_per_second: u64,
    /// Requests that such a caller may make at once before that. Default 2,000: a page of QGIS with a dozen layers.
    pub caller_requests_at_once: u64,
    /// Requests a second of a network (/24, /64) without credentials. Default 200: an office behind one address.
    pub network_requests_per_second: u64,
    /// Requests that such a network may make at once before that. Default 4,000.
    pub network_requests_at_once: u64,
    /// Bad credentials a minute from one network. Default 60: a program with an old key is told so, and nobody tries keys.
    pub bad_credentials_per_minute: u64,
    /// Days after which the journal of reads forgets who read what. Default 365: CNIL advises six months to a year for logs of accesses;
    /// totals that name nobody are kept.
    pub journal_days: u64,
    /// Seconds for which restricted layers are served though the store of the policy does not answer: what was revoked meanwhile is not
    /// known. Default 5: a disk that hangs for a moment closes nothing, and nobody keeps a revoked right for longer.
    pub policy_lease_seconds: u64,
    /// Seconds from one expiry of signed URLs to the next: a URL of a tile holds for two to three of these, and until the next one caches
    /// know it again. Default 300. Below a minute web maps fetch everything anew all the time; 5, the least, is for trying out how a map
    /// renews them. Revocation waits for none of this.
    pub signature_seconds: u64,
    /// Deepest zoom that is served. Default 22: a tile is 10 m wide there, its unit 2 mm.
    pub tile_max_zoom: u8,
    /// Tiles and pages computed at the same time. Default: the processors of the machine; more only share them.
    pub concurrent_renders: u64,
    /// Computations that may wait for a free processor; the next is refused with 503. Default 256: at 20 ms each the last one waits
    /// seconds, not minutes.
    pub queued_renders: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            source_file_bytes: 8 << 30,
            features_per_layer: 50_000_000,
            vertices_per_feature: 5_000_000,
            columns: 2_000,
            property_value_bytes: 1 << 20,
            layers: 1_000,
            items_limit_default: 1_000,
            items_limit_max: 10_000,
            page_bytes: 64 << 20,
            url_bytes: 56 << 10,
            filter_bytes: 64 << 10,
            filter_depth: 64,
            filter_parts: 10_000,
            filter_vertices: 10_000,
            filter_cost: 20_000,
            request_seconds: 30,
            connections: 4_096,
            tile_cache_bytes: 256 << 20,
            collections_per_tile: 16,
            caller_requests_per_second: 100,
            caller_requests_at_once: 2_000,
            network_requests_per_second: 200,
            network_requests_at_once: 4_000,
            bad_credentials_per_minute: 60,
            journal_days: 365,
            policy_lease_seconds: 5,
            signature_seconds: 300,
            tile_max_zoom: 22,
            concurrent_renders: processors as u64,
            queued_renders: 256,
        }
    }
}

/// Reads the table. The upper ends of the ranges are what the code behind a limit can bear (32-bit row and vertex numbers, stack), not
/// advice.
pub(super) fn read(t: Table<'_>) -> Limits {
    let default = Limits::default();
    let count = |key: &'static str, default: u64, range: RangeInclusive<u64>| {
        t.get(key).and_then(|n| n.integer(range)).unwrap_or(default)
    };
    let bytes = |key: &'static str, default: u64, range: RangeInclusive<u64>| {
        t.get(key).and_then(|n| n.bytes(range)).unwrap_or(default)
    };
    let rows = 1..=u64::from(u32::MAX - 1);
    let limits = Limits {
        source_file_bytes: bytes("source_file_bytes", default.source_file_bytes, 1..=1 << 50),
        features_per_layer: count(
            "features_per_layer",
            default.features_per_layer,
            rows.clone(),
        ),
        vertices_per_feature: count("vertices_per_feature", default.vertices_per_feature, rows),
        columns: count("columns", default.columns, 1..=65_535),
        property_value_bytes: bytes(
            "property_value_bytes",
            default.property_value_bytes,
            1..=1 << 30,
        ),
        layers: count("layers", default.layers, 1..=1_000_000),
        items_limit_default: count(
            "items_limit_default",
            default.items_limit_default,
            1..=1_000_000,
        ),
        items_limit_max: count("items_limit_max", default.items_limit_max, 1..=1_000_000),
        page_bytes: bytes("page_bytes", default.page_bytes, 1 << 16..=1 << 40),
        // A URL of more than 65,534 bytes is refused before it comes here.
        url_bytes: bytes("url_bytes", default.url_bytes, 512..=60 << 10),
        filter_bytes: bytes("filter_bytes", default.filter_bytes, 256..=1 << 20),
        filter_depth: count("filter_depth", default.filter_depth, 8..=256),
        filter_parts: count("filter_parts", default.filter_parts, 16..=1_000_000),
        filter_vertices: count("filter_vertices", default.filter_vertices, 16..=1_000_000),
        filter_cost: count("filter_cost", default.filter_cost, 100..=1_000_000),
        request_seconds: count("request_seconds", default.request_seconds, 1..=3_600),
        connections: count("connections", default.connections, 1..=1_000_000),
        tile_cache_bytes: bytes("tile_cache_bytes", default.tile_cache_bytes, 0..=1 << 50),
        collections_per_tile: count(
            "collections_per_tile",
            default.collections_per_tile,
            1..=1_000,
        ),
        caller_requests_per_second: count(
            "caller_requests_per_second",
            default.caller_requests_per_second,
            1..=1_000_000,
        ),
        caller_requests_at_once: count(
            "caller_requests_at_once",
            default.caller_requests_at_once,
            1..=1_000_000,
        ),
        network_requests_per_second: count(
            "network_requests_per_second",
            default.network_requests_per_second,
            1..=1_000_000,
        ),
        network_requests_at_once: count(
            "network_requests_at_once",
            default.network_requests_at_once,
            1..=1_000_000,
        ),
        bad_credentials_per_minute: count(
            "bad_credentials_per_minute",
            default.bad_credentials_per_minute,
            1..=1_000_000,
        ),
        journal_days: count("journal_days", default.journal_days, 7..=3_660),
        policy_lease_seconds: count(
            "policy_lease_seconds",
            default.policy_lease_seconds,
            1..=3_600,
        ),
        signature_seconds: count("signature_seconds", default.signature_seconds, 5..=3_600),
        tile_max_zoom: count("tile_max_zoom", default.tile_max_zoom.into(), 0..=24) as u8,
        concurrent_renders: count("concurrent_renders", default.concurrent_renders, 1..=1_024),
        queued_renders: count("queued_renders", default.queued_renders, 0..=1_000_000),
    };
    if limits.items_limit_default > limits.items_limit_max {
        let (default, max) = (limits.items_limit_default, limits.items_limit_max);
        t.fault(format!(
            "\"items_limit_default\" ({default}) is above \"items_limit_max\" ({max})"
        ));
    }
    t.finish();
    limits
}
