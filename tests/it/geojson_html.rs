//! Part 1: GeoJSON and HTML (OGC 17-069r4 annex A.3, A.4).

use axum::http::Method;
use serde_json::Value;

use crate::app::{App, links};
use crate::core_service::RESOURCES;
use crate::fixture::{DATELINE, PARISHES, TOWNS, parish_corner, place};

const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
);

#[tokio::test]
async fn conf_geojson_definition() {
    let app = App::new();
    for (target, accept, expected) in [
        (
            "/collections/villes/items",
            "application/geo+json",
            "application/geo+json",
        ),
        (
            "/collections/villes/items",
            "application/geo+json, application/json",
            "application/geo+json",
        ),
        (
            "/collections/villes/items",
            "application/json",
            "application/geo+json",
        ),
        (
            "/collections/villes/items/1003",
            "application/geo+json",
            "application/geo+json",
        ),
        (
            "/collections/villes/items/1003",
            "*/*",
            "application/geo+json",
        ),
        (
            "/collections/villes",
            "application/json",
            "application/json",
        ),
        ("/collections", "application/json", "application/json"),
        ("/conformance", "*/*", "application/json"),
        ("/", "application/json", "application/json"),
    ] {
        let answer = app
            .send(Method::GET, target, &[("accept", accept)])
            .await
            .expect(200);
        assert_eq!(answer.header("content-type"), expected, "{target} {accept}");
        assert!(answer.header("vary").contains("Accept"), "{target}");
    }
    // Features are not what a list of collections is.
    app.send(
        Method::GET,
        "/collections",
        &[("accept", "application/geo+json")],
    )
    .await
    .problem(406);
}

/// What RFC 7946 wants of a feature.
fn check_feature(feature: &Value) {
    let object = feature.as_object().expect("an object");
    assert_eq!(object["type"], "Feature");
    assert!(object["properties"].is_object() && object.contains_key("geometry"));
    assert!(!object.contains_key("crs"));
    assert!(object["id"].is_string() || object["id"].is_i64());
}

#[tokio::test]
async fn conf_geojson_content() {
    let app = App::new();
    for collection in app.collections().await {
        let page = app.json(&format!("/collections/{collection}/items")).await;
        assert!(page.get("crs").is_none());
        page["features"]
            .as_array()
            .expect("features")
            .iter()
            .for_each(check_feature);
    }
    let feature = app.json(&format!("/collections/{TOWNS}/items/1000")).await;
    check_feature(&feature);
    let [x, y] = place(0);
    assert_eq!(
        feature["geometry"],
        serde_json::json!({ "type": "Point", "coordinates": [x, y] })
    );
    let properties = &feature["properties"];
    assert_eq!(properties["nom"], r#"L'Étang-de-"Berre" & <fils>\"#);
    assert_eq!(properties["fondation"], "1000-03-01");
    assert_eq!(properties["maj"], "2000-01-15T10:30:00+02:00");
    assert_eq!(
        properties["extra"],
        serde_json::json!({ "rang": [0, null] })
    );
    assert_eq!(
        app.json(&format!("/collections/{TOWNS}/items/1003")).await["properties"]["maj"],
        Value::Null
    );
    assert_eq!(
        app.json(&format!("/collections/{TOWNS}/items/1019")).await["geometry"],
        Value::Null
    );
    // A population beyond 2^53 to the last digit.
    let text = app
        .get(&format!("/collections/{TOWNS}/items/1130"))
        .await
        .text();
    assert!(text.contains("\"population\":910000000000000,"), "{text}");
    // Rings by the right-hand rule: outer ones counter-clockwise, holes clockwise.
    for collection in [PARISHES, DATELINE] {
        let page = app.json(&format!("/collections/{collection}/items")).await;
        for feature in page["features"].as_array().expect("features") {
            let coordinates = &feature["geometry"]["coordinates"];
            let polygons = match feature["geometry"]["type"].as_str().expect("a type") {
                "Polygon" => vec![coordinates.clone()],
                "MultiPolygon" => coordinates.as_array().expect("polygons").clone(),
                _ => continue,
            };
            for polygon in polygons {
                for (i, ring) in polygon.as_array().expect("rings").iter().enumerate() {
                    assert_eq!(area(ring) > 0.0, i == 0, "{feature}");
                }
            }
        }
    }
    // The file's own vertices, turned round where need be: none is lost.
    let page = app
        .json(&format!(
            "/collections/{PARISHES}/items?crs=http://www.opengis.net/def/crs/EPSG/0/2154"
        ))
        .await;
    let first = page["features"]
        .as_array()
        .expect("features")
        .iter()
        .find(|f| f["id"] == "13/000 é")
        .expect("the first");
    let [x, y] = parish_corner(0);
    assert_eq!(
        first["geometry"]["coordinates"][0][0],
        serde_json::json!([x, y])
    );
}

fn area(ring: &Value) -> f64 {
    let points: Vec<[f64; 2]> = ring
        .as_array()
        .expect("a ring")
        .iter()
        .map(|p| [p[0].as_f64().expect("x"), p[1].as_f64().expect("y")])
        .collect();
    points
        .windows(2)
        .map(|e| e[0][0] * e[1][1] - e[1][0] * e[0][1])
        .sum()
}

#[tokio::test]
async fn conf_html_definition() {
    let app = App::new();
    for target in RESOURCES.iter().filter(|t| !t.starts_with("/health")) {
        for answer in [
            app.send(Method::GET, target, &[BROWSER]).await,
            app.get(&format!("{target}?f=html")).await,
        ] {
            let answer = answer.expect(200);
            assert_eq!(
                answer.header("content-type"),
                "text/html; charset=utf-8",
                "{target}"
            );
            assert!(
                !answer.header("content-security-policy").is_empty(),
                "{target}"
            );
        }
    }
    // `f` wins over the header.
    let answer = app
        .send(Method::GET, "/collections?f=json", &[BROWSER])
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    // Problems are pages to those who read pages.
    let answer = app
        .send(Method::GET, "/collections/absent", &[BROWSER])
        .await
        .expect(404);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let answer = app
        .get("/collections/villes/items?f=html&limit=x")
        .await
        .expect(400);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn conf_html_content() {
    let app = App::new();
    // Everything that the document says stands on the page, escaped.
    let page = app
        .get("/collections/villes/items?f=html&limit=5")
        .await
        .expect(200)
        .text();
    let document = app.json("/collections/villes/items?limit=5").await;
    for feature in document["features"].as_array().expect("features") {
        assert!(
            page.contains(&format!("/collections/villes/items/{}", feature["id"])),
            "{page}"
        );
    }
    assert!(page.contains("Le champ fondation"));
    assert!(links(&document, "next").len() == 1 && page.contains("cursor="));
    let page = app
        .get("/collections/villes/items/1000?f=html")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("&lt;fils&gt;") && !page.contains("<fils>"),
        "{page}"
    );
    // A page is shorter than a document may be.
    let page = app
        .get("/collections/villes/items?f=html")
        .await
        .expect(200);
    assert_eq!(page.header("ogc-numberreturned"), "");
    assert_eq!(page.text().matches("<tr>").count(), 101);
    let page = app.get("/collections?f=html").await.expect(200).text();
    assert!(
        page.contains("Titre de villes")
            && page.contains("Titre de sud.communes")
            && !page.contains("secret")
    );
    for (lang, text) in [("fr", "Paramètre invalide"), ("en", "Invalid parameter")] {
        let page = app
            .get(&format!("/collections?f=html&lang={lang}&x=1"))
            .await
            .expect(400)
            .text();
        assert!(
            page.contains(text) && page.contains(&format!("<html lang=\"{lang}\">")),
            "{page}"
        );
    }
}
