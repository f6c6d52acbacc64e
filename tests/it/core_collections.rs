//! Part 1 core: collections (OGC 17-069r4 annex A.2.6, A.2.7).

use serde_json::Value;

use crate::app::{App, CRS84, CRS84H, link, links};
use crate::fixture::{DATELINE, PARISHES, PEAKS, SECRET, TABLE, TOWN_COUNT, TOWNS};

#[tokio::test]
async fn conf_core_fc_md_op() {
    App::new().get("/collections").await.expect(200);
}

#[tokio::test]
async fn conf_core_fc_md_success() {
    let document = App::new().json("/collections").await;
    assert!(document["links"].is_array());
    for entry in document["collections"].as_array().expect("collections") {
        for member in ["id", "title", "itemType", "storageCrs"] {
            assert!(entry[member].is_string(), "{member}: {entry}");
        }
        assert_eq!(entry["itemType"], "feature");
    }
}

#[tokio::test]
async fn conf_core_fc_md_links() {
    let document = App::new().json("/collections").await;
    assert_eq!(links(&document, "self")[0]["type"], "application/json");
    assert_eq!(links(&document, "alternate")[0]["type"], "text/html");
    for l in document["links"].as_array().expect("links") {
        assert!(l["rel"].is_string() && l["type"].is_string(), "{l}");
    }
}

#[tokio::test]
async fn conf_core_fc_md_items() {
    // Sorted by id; the restricted one is not there.
    let ids = App::new().collections().await;
    assert_eq!(ids, [DATELINE, PEAKS, PARISHES, TABLE, TOWNS]);
    assert!(!ids.contains(&SECRET.to_owned()));
}

#[tokio::test]
async fn conf_core_fc_md_items_links() {
    let app = App::new();
    let document = app.json("/collections").await;
    for entry in document["collections"].as_array().expect("collections") {
        let items = links(entry, "items");
        let types: Vec<_> = items
            .iter()
            .map(|l| l["type"].as_str().expect("a type"))
            .collect();
        assert_eq!(types, ["application/geo+json", "text/html"]);
        for l in items {
            let answer = app
                .get(l["href"].as_str().expect("an address"))
                .await
                .expect(200);
            assert!(
                answer
                    .header("content-type")
                    .starts_with(l["type"].as_str().expect("a type")),
                "{l}"
            );
        }
        for l in entry["links"].as_array().expect("links") {
            assert!(l["rel"].is_string() && l["type"].is_string(), "{l}");
        }
    }
}

/// The box of a collection as a client sends it back.
fn published_box(entry: &Value) -> Option<Vec<f64>> {
    let numbers = entry["extent"]["spatial"]["bbox"][0].as_array()?;
    Some(
        numbers
            .iter()
            .map(|n| n.as_f64().expect("a number"))
            .collect(),
    )
}

#[tokio::test]
async fn conf_core_fc_md_extent() {
    let app = App::new();
    for id in app.collections().await {
        let entry = app.json(&format!("/collections/{id}")).await;
        let Some(numbers) = published_box(&entry) else {
            assert_eq!(id, TABLE);
            assert!(entry.get("extent").is_none(), "{entry}");
            continue;
        };
        // As the official suite prints it: seven decimals. Every item matches the box of its collection.
        let text: Vec<_> = numbers.iter().map(|n| format!("{n:.7}")).collect();
        let all =
            app.json(&format!("/collections/{id}/items?limit=1")).await["numberMatched"].clone();
        let within = app
            .json(&format!(
                "/collections/{id}/items?limit=1&bbox={}",
                text.join(",")
            ))
            .await;
        assert_eq!(within["numberMatched"], all, "{id}");
        assert_eq!(entry["itemCount"], all, "{id}");
        let spatial = &entry["extent"]["spatial"];
        assert_eq!(
            spatial["crs"],
            if numbers.len() == 6 { CRS84H } else { CRS84 },
            "{id}"
        );
        for n in numbers {
            assert!(
                n.to_string().split('.').nth(1).is_none_or(|d| d.len() <= 7),
                "{n}"
            );
        }
    }
    let interval =
        &app.json(&format!("/collections/{PEAKS}")).await["extent"]["temporal"]["interval"][0];
    assert_eq!(interval[0], "2024-01-01T00:00:00Z");
    assert_eq!(interval[1], "2024-01-12T23:59:59Z");
}

#[tokio::test]
async fn conf_core_fc_md_extent_multi() {
    let app = App::new();
    for id in app.collections().await {
        let entry = app.json(&format!("/collections/{id}")).await;
        for list in [
            &entry["extent"]["spatial"]["bbox"],
            &entry["extent"]["temporal"]["interval"],
        ] {
            assert!(list.as_array().is_none_or(|l| l.len() == 1), "{entry}");
        }
    }
    // Across the antimeridian the western edge is the greater one, or the box goes round the world.
    let entry = app.json(&format!("/collections/{DATELINE}")).await;
    assert_eq!(
        published_box(&entry).expect("a box"),
        [-180.0, -90.0, 180.0, -16.0]
    );
    // Times of all items that have one.
    let entry = app.json(&format!("/collections/{TOWNS}")).await;
    let interval = &entry["extent"]["temporal"]["interval"][0];
    let text = format!(
        "{}/{}",
        interval[0].as_str().expect("a start"),
        interval[1].as_str().expect("an end")
    );
    let within = app
        .json(&format!("/collections/{TOWNS}/items?datetime={text}"))
        .await;
    assert_eq!(within["numberMatched"], TOWN_COUNT);
}

#[tokio::test]
async fn conf_core_sfc_md_op() {
    let app = App::new();
    for id in app.collections().await {
        app.get(&format!("/collections/{id}")).await.expect(200);
    }
    // Hidden and absent are the same.
    let hidden = app.get(&format!("/collections/{SECRET}")).await;
    let absent = app.get("/collections/absent").await;
    hidden.problem(404);
    assert_eq!(
        hidden.text().replace(SECRET, "x"),
        absent.text().replace("absent", "x")
    );
}

#[tokio::test]
async fn conf_core_sfc_md_success() {
    let app = App::new();
    for query in ["", "?lang=en", "?f=json"] {
        let document = app.json(&format!("/collections{query}")).await;
        for entry in document["collections"].as_array().expect("collections") {
            let id = entry["id"].as_str().expect("an id");
            assert_eq!(&app.json(&format!("/collections/{id}{query}")).await, entry);
        }
    }
    let towns = app.json(&format!("/collections/{TOWNS}")).await;
    assert_eq!(towns["description"], "Des villes, pour essayer.");
    assert_eq!(towns["idStability"], "source");
    assert_eq!(towns["keywords"][1], "essai");
    assert!(
        link(&towns, "license")
            .expect("a licence")
            .contains("etalab")
    );
    assert_eq!(
        app.json(&format!("/collections/{PARISHES}")).await["idStability"],
        "declared"
    );
    assert_eq!(
        app.json(&format!("/collections/{TABLE}")).await["idStability"],
        "positional"
    );
}
