//! Part 1 core: items (OGC 17-069r4 annex A.2.8, A.2.9).

use serde_json::Value;

use crate::app::{Answer, App, BASE, CRS84, encoded, id, ids, link, links};
use crate::fixture::{
    PARISHES, PEAKS, SECRET, TABLE, TOWN_COUNT, TOWNS, UNPLACED, place, town_is_placed,
};

/// The definition of a parameter of the items of the towns.
pub async fn parameter(app: &App, name: &str) -> Value {
    let definition = app.json("/api").await;
    let list =
        definition["paths"][format!("/collections/{TOWNS}/items")]["get"]["parameters"].clone();
    let resolved = list
        .as_array()
        .expect("parameters")
        .iter()
        .map(|p| match p["$ref"].as_str() {
            Some(r) => definition
                .pointer(r.strip_prefix('#').expect("a local reference"))
                .expect("a component")
                .clone(),
            None => p.clone(),
        });
    let mut found: Vec<_> = resolved.filter(|p| p["name"] == name).collect();
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

#[tokio::test]
async fn conf_core_fc_op() {
    let app = App::new();
    for id in app.collections().await {
        app.get(&format!("/collections/{id}/items"))
            .await
            .expect(200);
    }
    app.get(&format!("/collections/{SECRET}/items"))
        .await
        .problem(404);
}

#[tokio::test]
async fn conf_core_fc_bbox_definition() {
    let p = parameter(&App::new(), "bbox").await;
    assert_eq!(p["in"], "query");
    assert_eq!(p["required"], false);
    assert_eq!(
        (&p["style"], &p["explode"]),
        (&"form".into(), &false.into())
    );
    let schema = &p["schema"];
    assert_eq!(schema["type"], "array");
    assert_eq!(
        (&schema["minItems"], &schema["maxItems"]),
        (&4.into(), &6.into())
    );
    assert_eq!(schema["items"]["type"], "number");
}

#[tokio::test]
async fn conf_core_fc_bbox_response() {
    let app = App::new();
    let numbers = [5.0, 43.2, 6.1, 44.4];
    let inside = |i: &usize| {
        let [x, y] = place(*i);
        !town_is_placed(*i)
            || (numbers[0]..=numbers[2]).contains(&x) && (numbers[1]..=numbers[3]).contains(&y)
    };
    let mut expected: Vec<_> = (0..TOWN_COUNT)
        .filter(inside)
        .map(|i| (1000 + i).to_string())
        .collect();
    let mut found = app
        .ids(&format!("/collections/{TOWNS}/items?bbox=5,43.2,6.1,44.4"))
        .await;
    expected.sort();
    found.sort();
    assert!(expected.len() > UNPLACED + 5);
    // Those without a place match every box.
    assert_eq!(found, expected);
    // What the official suite sends: all are answered.
    for text in [
        "177,65,-177,70",
        "-180,85,180,90",
        "-180,-90,180,-85",
        "-5,-5,5,5",
        "0,50,0.1,50.1",
        "-180,-90,180,90",
    ] {
        let page = app
            .json(&format!("/collections/{TOWNS}/items?bbox={text}"))
            .await;
        assert!(
            page["numberMatched"].as_u64().expect("a count") >= UNPLACED as u64,
            "{text}"
        );
    }
    // A table has nothing but rows without a place.
    assert_eq!(
        app.ids(&format!("/collections/{TABLE}/items?bbox=0,0,1,1"))
            .await
            .len(),
        7
    );
}

#[tokio::test]
async fn conf_core_fc_limit_definition() {
    let p = parameter(&App::new(), "limit").await;
    assert_eq!((&p["in"], &p["required"]), (&"query".into(), &false.into()));
    assert_eq!(
        (&p["style"], &p["explode"]),
        (&"form".into(), &false.into())
    );
    let schema = &p["schema"];
    assert_eq!(schema["type"], "integer");
    assert_eq!(
        (&schema["minimum"], &schema["maximum"], &schema["default"]),
        (&1.into(), &10_000.into(), &1000.into())
    );
}

#[tokio::test]
async fn conf_core_fc_limit_response() {
    let app = App::new();
    for limit in [1, 2, 10, 20, 136, 137, 138] {
        let page = app
            .json(&format!("/collections/{TOWNS}/items?limit={limit}"))
            .await;
        assert_eq!(
            page["features"].as_array().expect("features").len(),
            limit.min(TOWN_COUNT)
        );
    }
    // Above the maximum it is lowered, not refused.
    for limit in ["10001", "1000000", "99999999999999999999"] {
        assert_eq!(
            app.ids(&format!("/collections/{TOWNS}/items?limit={limit}"))
                .await
                .len(),
            TOWN_COUNT
        );
    }
    let mut settings = guichet::api::Settings::default();
    settings.items.maximum = 50;
    settings.items.default = 20;
    let small = App::with(crate::fixture::catalog(), settings);
    assert_eq!(
        small
            .ids(&format!("/collections/{TOWNS}/items?limit=51"))
            .await
            .len(),
        50
    );
    assert_eq!(
        small
            .ids(&format!("/collections/{TOWNS}/items"))
            .await
            .len(),
        20
    );
}

#[tokio::test]
async fn conf_core_fc_time_definition() {
    let p = parameter(&App::new(), "datetime").await;
    assert_eq!((&p["in"], &p["required"]), (&"query".into(), &false.into()));
    assert_eq!(
        (&p["style"], &p["explode"]),
        (&"form".into(), &false.into())
    );
    assert_eq!(p["schema"]["type"], "string");
}

#[tokio::test]
async fn conf_core_fc_time_response() {
    let app = App::new();
    let count = async |collection: &str, text: &str| {
        let page = app
            .json(&format!(
                "/collections/{collection}/items?limit=1&datetime={}",
                encoded(text)
            ))
            .await;
        page["numberMatched"].as_u64().expect("a count")
    };
    for (text, expected) in [
        ("2024-01-03T00:00:00Z", 1),
        ("2024-01-03T23:59:59Z", 1),
        ("2024-01-03", 1),
        ("2024-01-03T00:00:00Z/2024-01-05T00:00:00Z", 3),
        ("2024-01-03/2024-01-05", 3),
        ("../2024-01-03T00:00:00Z", 3),
        ("/2024-01-03T00:00:00Z", 3),
        ("2024-01-10T12:00:00Z/..", 3),
        ("2024-01-10T12:00:00Z/", 3),
        ("2024-01-10T00:30:00+02:00/..", 4),
        ("0000-01-01T00:00:00Z/2024-01-02T12:00:00Z", 2),
        ("2024-01-12T00:00:00Z/9999-12-31T00:00:00Z", 1),
        ("2030-01-01T00:00:00Z", 0),
        ("2020-01-01/..", 12),
    ] {
        assert_eq!(count(PEAKS, text).await, expected, "{text}");
    }
    // A `+` that was not escaped arrives as a blank.
    app.get(&format!(
        "/collections/{PEAKS}/items?datetime=2024-01-03T02:00:00+02:00"
    ))
    .await
    .expect(200);
    // Those without a time match every interval; so do all of a collection without times.
    let without = (0..TOWN_COUNT).filter(|i| i % 10 == 3).count() as u64;
    assert_eq!(count(TOWNS, "1800-01-01T00:00:00Z").await, without);
    assert_eq!(count(PARISHES, "1800-01-01T00:00:00Z").await, 25);
}

#[tokio::test]
async fn conf_core_fc_response() {
    let app = App::new();
    for id in app.collections().await {
        let page = app.json(&format!("/collections/{id}/items")).await;
        assert_eq!(page["type"], "FeatureCollection");
        for feature in page["features"].as_array().expect("features") {
            assert_eq!(feature["type"], "Feature");
        }
        assert!(page["links"].is_array());
    }
    // Only what is asked for, by every parameter at once (`/req/core/fc-response` B).
    let target = format!(
        "/collections/{TOWNS}/items?bbox=4,42,8,46&prefecture=true&datetime=2001-01-01T00:00:00Z/.."
    );
    let page = app.json(&target).await;
    let features = page["features"].as_array().expect("features");
    assert!(
        !features.is_empty()
            && features
                .iter()
                .all(|f| f["properties"]["prefecture"] == true)
    );
}

/// Every link of a page of items, in the body and in the header.
fn check_links(answer: &Answer, last: bool) {
    let page = answer.json();
    let all = page["links"].as_array().expect("links");
    let header: Vec<_> = answer
        .headers
        .get_all("link")
        .iter()
        .map(|v| v.to_str().expect("ASCII"))
        .collect();
    assert_eq!(all.len(), header.len());
    for (l, h) in all.iter().zip(header) {
        let (href, rel, kind) = (l["href"].as_str(), l["rel"].as_str(), l["type"].as_str());
        let (href, rel, kind) = (href.expect("href"), rel.expect("rel"), kind.expect("type"));
        assert_eq!(h, format!("<{href}>; rel=\"{rel}\"; type=\"{kind}\""));
        assert!(href.starts_with(BASE), "{href}");
    }
    assert_eq!(links(&page, "self")[0]["type"], "application/geo+json");
    assert_eq!(links(&page, "alternate")[0]["type"], "text/html");
    assert_eq!(links(&page, "next").len(), usize::from(!last));
}

#[tokio::test]
async fn conf_core_fc_links() {
    let app = App::new();
    check_links(
        &app.get(&format!("/collections/{TOWNS}/items"))
            .await
            .expect(200),
        true,
    );
    // `next` keeps every parameter.
    let crs = encoded("http://www.opengis.net/def/crs/EPSG/0/4326");
    let target = format!(
        "/collections/{TOWNS}/items?limit=3&f=json&lang=en&bbox=4,42,8,46&bbox-crs={}&crs={crs}&datetime=2001-01-01/..&prefecture=true",
        encoded(CRS84)
    );
    let answer = app.get(&target).await.expect(200);
    check_links(&answer, false);
    let next = link(&answer.json(), "next").expect("a next page");
    for part in [
        "limit=3",
        "f=json",
        "lang=en",
        "bbox=4,42,8,46",
        "datetime=2001-01-01/..",
        "prefecture=true",
        "bbox-crs=http://",
        "&crs=http://",
    ] {
        assert!(next.contains(part), "{part}: {next}");
    }
    let second = app.get(&next).await.expect(200);
    assert_eq!(
        second.header("content-crs"),
        "<http://www.opengis.net/def/crs/EPSG/0/4326>"
    );
    assert_eq!(
        second.json()["numberMatched"],
        answer.json()["numberMatched"]
    );
    // The link to oneself is what was asked for.
    let own = link(&answer.json(), "self").expect("itself");
    assert_eq!(app.get(&own).await.expect(200).body, answer.body);
    // A page reached by an offset goes on by a cursor.
    let skipped = app
        .json(&format!("/collections/{TOWNS}/items?limit=3&offset=5"))
        .await;
    let next = link(&skipped, "next").expect("a next page");
    assert!(
        next.contains("cursor=") && !next.contains("offset"),
        "{next}"
    );
}

#[tokio::test]
async fn conf_core_fc_timestamp() {
    // Not there: two servers with the same data answer alike, at any time.
    let app = App::new();
    let page = app
        .json(&format!("/collections/{TOWNS}/items?limit=1"))
        .await;
    assert!(page.get("timeStamp").is_none());
}

#[tokio::test]
async fn conf_core_fc_numbermatched() {
    let app = App::new();
    for query in [
        "",
        "&prefecture=true",
        "&bbox=5,43,6,44",
        "&datetime=2010-01-01/..",
        "&population=7000000000000",
        "&nom=nobody",
    ] {
        let pages = app
            .pages(&format!("/collections/{TOWNS}/items?limit=9{query}"))
            .await;
        let total: usize = pages.iter().map(|p| ids(p).len()).sum();
        for page in &pages {
            assert_eq!(page["numberMatched"], total, "{query}");
        }
    }
    let answer = app
        .get(&format!("/collections/{TOWNS}/items?limit=1"))
        .await;
    assert_eq!(answer.header("ogc-numbermatched"), TOWN_COUNT.to_string());
}

#[tokio::test]
async fn conf_core_fc_numberreturned() {
    let app = App::new();
    for page in app
        .pages(&format!("/collections/{TOWNS}/items?limit=50"))
        .await
    {
        assert_eq!(page["numberReturned"], ids(&page).len());
    }
    let answer = app
        .get(&format!("/collections/{TOWNS}/items?limit=4"))
        .await;
    assert_eq!(answer.header("ogc-numberreturned"), "4");
    let none = app
        .json(&format!("/collections/{TOWNS}/items?nom=nobody"))
        .await;
    assert_eq!(
        (&none["numberMatched"], &none["numberReturned"]),
        (&0.into(), &0.into())
    );
    assert_eq!(none["features"], serde_json::json!([]));
}

#[tokio::test]
async fn conf_core_f_op() {
    let app = App::new();
    for collection in app.collections().await {
        let page = app
            .json(&format!("/collections/{collection}/items?limit=3"))
            .await;
        for feature in page["features"].as_array().expect("features") {
            // Ids with blanks, slashes and accents among them.
            let own = format!(
                "/collections/{collection}/items/{}",
                encoded(&id(&feature["id"]))
            );
            assert_eq!(app.json(&own).await["id"], feature["id"]);
        }
    }
}

#[tokio::test]
async fn conf_core_f_success() {
    let app = App::new();
    let page = app
        .json(&format!("/collections/{TOWNS}/items?limit=1000"))
        .await;
    for feature in page["features"]
        .as_array()
        .expect("features")
        .iter()
        .step_by(13)
    {
        let mut alone = app
            .json(&format!("/collections/{TOWNS}/items/{}", feature["id"]))
            .await;
        alone
            .as_object_mut()
            .expect("an object")
            .remove("links")
            .expect("links");
        assert_eq!(&alone, feature);
    }
    for absent in [
        "999",
        "01003",
        "1003.0",
        "abc",
        "-1",
        "%20",
        "1e3",
        "99999999999999999999",
    ] {
        app.get(&format!("/collections/{TOWNS}/items/{absent}"))
            .await
            .problem(404);
    }
    app.get(&format!("/collections/{SECRET}/items/1000"))
        .await
        .problem(404);
}

#[tokio::test]
async fn conf_core_f_links() {
    let app = App::new();
    let target = format!("/collections/{PARISHES}/items/{}", encoded("13/003 é"));
    let answer = app.get(&target).await.expect(200);
    let item = answer.json();
    assert_eq!(links(&item, "self")[0]["type"], "application/geo+json");
    assert_eq!(links(&item, "alternate")[0]["type"], "text/html");
    assert_eq!(
        link(&item, "collection").expect("a collection"),
        format!("{BASE}/collections/{PARISHES}")
    );
    for l in item["links"].as_array().expect("links") {
        assert!(l["type"].is_string(), "{l}");
        app.get(l["href"].as_str().expect("an address"))
            .await
            .expect(200);
    }
    assert_eq!(
        app.get(&link(&item, "self").expect("itself")).await.body,
        answer.body
    );
    assert_eq!(answer.headers.get_all("link").iter().count(), 3);
}
