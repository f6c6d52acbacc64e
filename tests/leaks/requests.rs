//! What is asked: every route in every form, about what is seen, what is not, and what is nowhere.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ask::Ask;
use crate::queries;
use crate::session::Seen;
use crate::subjects::Subjects;

/// A text as a part of a URL.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Paths of the service, `{…}` to be filled in. The test `coverage` sees to it that none of the API's is missing.
pub const SERVICE: &[&str] = &[
    "/",
    "/conformance",
    "/api",
    "/api.html",
    "/collections",
    "/functions",
    "/styles/basemap",
    "/tileMatrixSets",
    "/tileMatrixSets/WebMercatorQuad",
    "/health/live",
    "/health/ready",
    "/assets/none.css",
    "/nowhere",
    "/me/requests",
    "/admin",
    "/admin/organisations",
    "/admin/members",
    "/admin/profiles",
    "/admin/grants",
    "/admin/keys",
    "/admin/terms",
    "/admin/suspensions",
    "/admin/requests",
    "/admin/layers",
];

/// Paths of a collection.
pub const COLLECTION: &[&str] = &[
    "/collections/{c}",
    "/collections/{c}/queryables",
    "/collections/{c}/items",
    "/collections/{c}/items/{i}",
    "/collections/{c}/tiles",
    "/collections/{c}/tiles/WebMercatorQuad",
    "/collections/{c}/tiles/WebMercatorQuad/{z}/{y}/{x}.mvt",
    "/xyz/{c}.json",
    "/xyz/{c}/{z}/{x}/{y}.mvt",
    // Not there yet: the same refusal for all.
    "/collections/{c}/schema",
    "/collections/{c}/sortables",
    "/o/{o}/collections/{c}",
    "/me",
    "/admin/organisations/{o}",
    "/admin/members/{o}",
    "/admin/profiles/{o}",
    "/admin/layers/{c}",
    "/admin/suspensions/layer:{c}",
];

/// What is asked of every pair of worlds: the whole service, and every route of every collection once.
pub fn scripted(subjects: &mut Subjects) -> Vec<Ask> {
    let mut asks = Vec::new();
    for path in SERVICE {
        for accept in ["application/json", "text/html"] {
            asks.push(Ask::get(*path).with("accept", accept));
        }
    }
    let collections: Vec<_> = subjects
        .seen
        .iter()
        .chain(&subjects.unseen)
        .cloned()
        .collect();
    let mut ids: Vec<_> = collections.iter().map(|l| l.id.clone()).collect();
    ids.push(subjects.nowhere.clone());
    for id in &ids {
        for path in COLLECTION {
            asks.push(Ask::get(filled(path, id, subjects)));
        }
        asks.push(Ask::get(format!("/collections/{id}/items?f=html")));
    }
    asks
}

/// Fills in a path; the item and the tile are of the collection, mostly.
fn filled(path: &str, id: &str, subjects: &mut Subjects) -> String {
    let layer = subjects
        .seen
        .iter()
        .chain(&subjects.unseen)
        .find(|l| l.id == id)
        .cloned();
    let mut target = path.replace("{c}", id);
    if target.contains("{i}") {
        let layer = layer.unwrap_or_else(|| subjects.layer());
        target = target.replace("{i}", &encoded(&subjects.item(&layer)));
    }
    if target.contains("{o}") {
        let name = match subjects.policy.len() {
            0 => subjects.nowhere.clone(),
            n => subjects.policy[subjects.maker.rng.below(n)].clone(),
        };
        target = target.replace("{o}", &name);
    }
    if target.contains("{z}") {
        let [z, x, y] = tile(subjects);
        target = target
            .replace("{z}", &z)
            .replace("{x}", &x)
            .replace("{y}", &y);
    }
    target
}

/// The tile of some zoom at some place, or beside it.
fn tile(subjects: &mut Subjects) -> [String; 3] {
    let [lon, lat] = subjects.place();
    let rng = subjects.rng();
    let z = rng.below(17) as u32;
    let n = f64::from(1u32 << z);
    let x = ((lon + 180.0) / 360.0 * n) as i64;
    let y = ((1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * n) as i64;
    let beside = if rng.one_in(5) { rng.between(-1, 1) } else { 0 };
    [i64::from(z), x + beside, y].map(|v| v.to_string())
}

/// A tile of a template, with its variables as TileJSON or as OGC API Tiles has them.
pub fn tile_of(template: &str, subjects: &mut Subjects) -> String {
    let [z, x, y] = tile(subjects);
    let xyz = template
        .replace("{z}", &z)
        .replace("{x}", &x)
        .replace("{y}", &y);
    xyz.replace("{tileMatrix}", &z)
        .replace("{tileRow}", &y)
        .replace("{tileCol}", &x)
}

/// Any request.
pub fn random(subjects: &mut Subjects, seen: &Seen) -> Ask {
    let target = match subjects.rng().below(20) {
        0 => (*subjects.rng().pick(SERVICE)).to_owned(),
        1 | 2 => seen.link(subjects.rng()).unwrap_or_else(|| "/".to_owned()),
        3 => joined(subjects),
        4..=11 => queries::items(subjects),
        _ => {
            let path = *subjects.rng().pick(COLLECTION);
            let id = subjects.collection();
            filled(path, &id, subjects)
        }
    };
    let ask = Ask::get(with_faults(target, subjects));
    dressed(ask, subjects, seen)
}

/// Several collections in one tile, or in one TileJSON.
fn joined(subjects: &mut Subjects) -> String {
    let count = 2 + subjects.rng().below(2);
    let names: Vec<_> = (0..count).map(|_| subjects.collection()).collect();
    let names = names.join(",");
    if subjects.rng().one_in(2) {
        return format!("/xyz/{names}.json");
    }
    let [z, x, y] = tile(subjects);
    format!("/xyz/{names}/{z}/{x}/{y}.mvt")
}

/// A request that something else is wrong with, now and then.
fn with_faults(target: String, subjects: &mut Subjects) -> String {
    let sign = if target.contains('?') { '&' } else { '?' };
    let faulty = match subjects.rng().below(60) {
        0 => "limit=0",
        1 => "nonsense=1",
        2 => "f=nonsense",
        3 => "lang=xx",
        4 => "%ff=1",
        5 => "crs=http://nowhere/",
        6 => "filter=(",
        7 => "cursor=AQAAAAAAAAAAAQ",
        8 => "f=json&f=html",
        9 => "bbox=1,2,3",
        10 => "key=",
        11 => "lang=en",
        12 => "f=json",
        13 => "f=html",
        _ => return target,
    };
    format!("{target}{sign}{faulty}")
}

/// A request with another method and some headers.
fn dressed(mut ask: Ask, subjects: &mut Subjects, seen: &Seen) -> Ask {
    let rng = subjects.rng();
    ask.method = match rng.below(24) {
        0 | 1 => "HEAD",
        2 => "OPTIONS",
        3 => "POST",
        4 => "PUT",
        5 => "PATCH",
        6 => "DELETE",
        _ => "GET",
    };
    let accept = [
        "text/html",
        "application/json",
        "application/geo+json",
        "image/png",
        "*/*;q=0.1",
        "text/html, */*;q=0.5",
    ];
    if rng.one_in(2) {
        ask = ask.with("accept", *rng.pick(&accept));
    }
    if rng.one_in(3) {
        ask = ask.with(
            "accept-encoding",
            *rng.pick(&["gzip", "identity", "br, gzip;q=0.5", "*"]),
        );
    }
    if rng.one_in(5) {
        ask = ask.with(
            "accept-language",
            *rng.pick(&["fr", "en", "de, en;q=0.2", "xx"]),
        );
    }
    if rng.one_in(4) {
        let tag = if rng.one_in(8) {
            Some("*".to_owned())
        } else {
            seen.tag(&ask.target, rng)
        };
        if let Some(tag) = tag {
            ask = ask.with("if-none-match", tag);
        }
    }
    if rng.one_in(12) {
        ask = ask.with("origin", "https://maps.example.org");
    }
    if rng.one_in(20) {
        ask = ask
            .with("x-forwarded-for", "10.0.0.1")
            .with("x-forwarded-host", "elsewhere.example");
    }
    if rng.one_in(30) {
        ask = ask.with("range", "bytes=0-99");
    }
    ask
}
