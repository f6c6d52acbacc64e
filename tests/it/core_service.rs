//! Part 1 core: the service (OGC 17-069r4 annex A.2.1 to A.2.5).

use crate::app::{App, BASE, CRS84, encoded, id, ids, link, links};
use crate::fixture::{PEAKS, TOWNS};

/// Every resource of the service and of one collection.
pub const RESOURCES: &[&str] = &[
    "/",
    "/conformance",
    "/api",
    "/api.html",
    "/collections",
    "/functions",
    "/collections/villes",
    "/collections/villes/queryables",
    "/collections/villes/items",
    "/collections/villes/items/1003",
    "/health/live",
    "/health/ready",
];

#[tokio::test]
async fn conf_core_http() {
    let app = App::new();
    for target in RESOURCES {
        let answer = app.get(target).await.expect(200);
        assert!(!answer.header("content-type").is_empty(), "{target}");
        assert!(!answer.body.is_empty(), "{target}");
    }
    app.get("/nowhere").await.problem(404);
}

#[tokio::test]
async fn conf_core_crs84() {
    let app = App::new();
    // Whatever the storage CRS is: longitude, latitude within the south of France.
    for collection in app.collections().await {
        let page = app
            .json(&format!("/collections/{collection}/items?limit=50"))
            .await;
        for feature in page["features"].as_array().expect("features") {
            let mut position = &feature["geometry"]["coordinates"];
            while position[0].is_array() {
                position = &position[0];
            }
            if collection == "antimeridien" || position.is_null() {
                continue;
            }
            let (x, y) = (
                position[0].as_f64().expect("x"),
                position[1].as_f64().expect("y"),
            );
            assert!(
                (3.0..9.0).contains(&x) && (42.0..46.0).contains(&y),
                "{collection} {position}"
            );
        }
    }
    // With heights it is CRS84h: degrees and metres.
    let peak = app
        .get(&format!("/collections/{PEAKS}/items/pic-3"))
        .await
        .expect(200);
    assert_eq!(peak.json()["geometry"]["coordinates"][2], 300.25);
    assert_eq!(
        peak.header("content-crs"),
        "<http://www.opengis.net/def/crs/OGC/0/CRS84h>"
    );
}

#[tokio::test]
async fn conf_core_root_op() {
    App::new().get("/").await.expect(200);
}

#[tokio::test]
async fn conf_core_root_success() {
    let landing = App::new().json("/").await;
    for rel in [
        "service-desc",
        "service-doc",
        "conformance",
        "data",
        "self",
        "alternate",
    ] {
        let found = links(&landing, rel);
        assert!(!found.is_empty(), "{rel}: {landing}");
        for l in found {
            assert!(
                l["href"].as_str().expect("an address").starts_with(BASE),
                "{l}"
            );
            assert!(l["type"].is_string(), "{l}");
        }
    }
    assert_eq!(
        links(&landing, "service-desc")[0]["type"],
        "application/vnd.oai.openapi+json;version=3.0"
    );
    assert_eq!(links(&landing, "service-doc")[0]["type"], "text/html");
    assert_eq!(landing["title"], "Données d’essai");
}

#[tokio::test]
async fn conf_core_api_definition_op() {
    let app = App::new();
    let landing = app.json("/").await;
    for rel in ["service-desc", "service-doc"] {
        let l = links(&landing, rel)[0].clone();
        let accept = [("accept", l["type"].as_str().expect("a type"))];
        let answer = app
            .send(
                axum::http::Method::GET,
                l["href"].as_str().expect("an address"),
                &accept,
            )
            .await
            .expect(200);
        assert!(
            answer.header("content-type").starts_with(accept[0].1),
            "{rel}"
        );
    }
}

#[tokio::test]
async fn conf_core_api_definition_success() {
    let app = App::new();
    let definition = app.get("/api").await.expect(200);
    assert_eq!(
        definition.header("content-type"),
        "application/vnd.oai.openapi+json;version=3.0"
    );
    let definition = definition.json();
    assert!(
        definition["openapi"]
            .as_str()
            .expect("a version")
            .starts_with("3.0")
    );
    assert!(definition["paths"]["/collections"]["get"].is_object());
    // What QGIS and GDAL send when they want it.
    let accept = "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json";
    app.send(axum::http::Method::GET, "/api", &[("accept", accept)])
        .await
        .expect(200);
}

#[tokio::test]
async fn conf_core_conformance_op() {
    let app = App::new();
    let landing = app.json("/").await;
    app.get(&link(&landing, "conformance").expect("a link"))
        .await
        .expect(200);
}

#[tokio::test]
async fn conf_core_conformance_success() {
    let document = App::new().json("/conformance").await;
    let classes: Vec<_> = document["conformsTo"]
        .as_array()
        .expect("a list")
        .iter()
        .map(id)
        .collect();
    assert_eq!(classes, guichet::api::CONFORMANCE);
    assert!(
        classes.contains(&"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core".to_owned())
    );
}

#[tokio::test]
async fn conf_core_query_param_unknown() {
    let app = App::new();
    for target in RESOURCES {
        for name in [
            "unknownQueryParameter12345",
            "limitt",
            "BBOX",
            "filter",
            "_",
        ] {
            app.get(&format!("{target}?{name}=1")).await.faulty(name);
            // With the form that the resource may have.
            app.get(&format!("{target}?lang=en&{name}"))
                .await
                .faulty(name);
        }
    }
}

#[tokio::test]
async fn conf_core_query_param_invalid() {
    let app = App::new();
    let items = format!("/collections/{TOWNS}/items");
    let not_a_crs = encoded("http://www.opengis.net/def/crs/EPSG/0/999999");
    for (parameter, value) in [
        ("limit", "unlimited"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "1.5"),
        ("limit", ""),
        ("bbox", "1,2,3"),
        ("bbox", "1,2,3,4,5"),
        ("bbox", "a,b,c,d"),
        ("bbox", "NaN,NaN,NaN,NaN"),
        ("bbox", "5,44,6,43"),
        ("bbox", "5,44,6,91"),
        ("bbox", "-181,0,0,1"),
        ("datetime", "yesterday"),
        ("datetime", "2020-13-01T00:00:00Z"),
        ("datetime", "../.."),
        ("datetime", "2021-01-01T00:00:00Z/2020-01-01T00:00:00Z"),
        ("offset", "-1"),
        ("offset", "many"),
        ("cursor", "made-up"),
        ("crs", &not_a_crs),
        ("bbox-crs", &not_a_crs),
        ("f", "shapefile"),
        ("lang", "tlh"),
        ("population", "many"),
        ("prefecture", "maybe"),
        ("fondation", "soon"),
        ("maj", "noon"),
        ("aire", "NaN"),
    ] {
        app.get(&format!("{items}?{parameter}={value}"))
            .await
            .faulty(parameter);
    }
    // All faults in one answer.
    let problem = app
        .get(&format!("{items}?limit=x&bbox=1&nonsense=2&datetime=3"))
        .await
        .problem(400);
    assert_eq!(
        problem["errors"].as_array().expect("errors").len(),
        4,
        "{problem}"
    );
    // A parameter given twice could be read in two ways.
    app.get(&format!("{items}?limit=1&limit=2"))
        .await
        .faulty("limit");
    app.get("/?f=json&f=html").await.faulty("f");
    assert!(!ids(&app.json(&format!("{items}?crs={}", encoded(CRS84))).await).is_empty());
}
