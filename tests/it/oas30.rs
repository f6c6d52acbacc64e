//! Part 1: OpenAPI 3.0 (OGC 17-069r4 annex A.7).

use axum::http::Method;
use serde_json::Value;

use crate::app::{App, BASE, encoded, id};
use crate::fixture::TOWNS;

/// Every `$ref` of a document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(text) if key == "$ref" => found.push(text.to_owned()),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// Parameters of an operation, references followed.
fn parameters(definition: &Value, operation: &Value) -> Vec<Value> {
    let list = operation["parameters"].as_array().expect("parameters");
    let resolve = |p: &Value| match p["$ref"].as_str() {
        Some(r) => definition.pointer(&r[1..]).expect("a component").clone(),
        None => p.clone(),
    };
    list.iter().map(resolve).collect()
}

#[tokio::test]
async fn conf_oas30_completeness() {
    let app = App::new();
    let definition = app.json("/api").await;
    let paths = definition["paths"].as_object().expect("paths");
    let mut expected: Vec<String> = [
        "/",
        "/conformance",
        "/api",
        "/api.html",
        "/collections",
        "/functions",
    ]
    .map(str::to_owned)
    .to_vec();
    for id in app.collections().await {
        expected.push(format!("/collections/{id}"));
        expected.push(format!("/collections/{id}/queryables"));
        expected.push(format!("/collections/{id}/items"));
        expected.push(format!("/collections/{id}/items/{{featureId}}"));
    }
    expected.extend(
        [
            "/xyz/{collectionId}.json",
            "/xyz/{collectionId}/{z}/{x}/{y}.mvt",
            "/collections/{collectionId}/tiles",
            "/collections/{collectionId}/tiles/WebMercatorQuad",
            "/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}.mvt",
            "/tileMatrixSets",
            "/tileMatrixSets/WebMercatorQuad",
            "/session",
            "/session/end",
        ]
        .map(str::to_owned),
    );
    assert_eq!(paths.len(), expected.len());
    for path in &expected {
        assert!(paths.contains_key(path), "{path}");
    }
    assert!(!definition.to_string().contains("secret"));
    // Every parameter that is accepted, and no other.
    for (path, item) in read(&definition) {
        let names: Vec<_> = parameters(&definition, &item["get"])
            .iter()
            .map(|p| id(&p["name"]))
            .collect();
        let mut expected = if path.ends_with("/items") {
            vec![
                "limit",
                "bbox",
                "bbox-crs",
                "datetime",
                "crs",
                "offset",
                "cursor",
                "filter",
                "filter-lang",
                "filter-crs",
            ]
        } else if path.ends_with("{featureId}") {
            vec!["featureId", "crs"]
        } else {
            vec![]
        };
        if path == &format!("/collections/{TOWNS}/items") {
            // All properties but the nested one and the one that is named like a parameter.
            expected.extend([
                "nom",
                "population",
                "aire",
                "prefecture",
                "fondation",
                "maj",
            ]);
        }
        for name in expected {
            assert!(names.contains(&name.to_owned()), "{path} {name}");
        }
        assert!(!names.contains(&"extra".to_owned()));
        assert_eq!(
            names.iter().filter(|n| *n == "limit").count(),
            usize::from(path.ends_with("/items"))
        );
    }
}

/// Paths of what is read.
fn read(definition: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let paths = definition["paths"].as_object().expect("paths");
    paths.iter().filter(|(_, item)| item["get"].is_object())
}

#[tokio::test]
async fn conf_oas30_exceptions_codes() {
    let app = App::new();
    let definition = app.json("/api").await;
    for (path, item) in read(&definition) {
        let answers = item["get"]["responses"].as_object().expect("responses");
        let mut codes = vec!["200", "304", "400", "401", "414", "431", "500", "503"];
        let is_tile = path.contains("{y}") || path.contains("{tileRow}");
        codes.push(if is_tile { "204" } else { "406" });
        if path.contains("/collections/") || path.contains("/xyz/") {
            codes.extend(["403", "404"]);
        }
        let mut found: Vec<_> = answers.keys().map(String::as_str).collect();
        found.sort_unstable();
        codes.sort_unstable();
        assert_eq!(found, codes, "{path}");
    }
    // They are what happens.
    app.get("/collections/absent").await.problem(404);
    app.get("/collections?x=1").await.problem(400);
    app.send(Method::GET, "/collections", &[("accept", "image/png")])
        .await
        .problem(406);
    app.get(&format!("/collections?x={}", "y".repeat(60_000)))
        .await
        .problem(414);
}

#[tokio::test]
async fn conf_oas30_oas_definition_1() {
    let app = App::new();
    let landing = app.json("/").await;
    for (rel, kind) in [
        (
            "service-desc",
            "application/vnd.oai.openapi+json;version=3.0",
        ),
        ("service-doc", "text/html"),
    ] {
        let l = crate::app::links(&landing, rel)[0].clone();
        assert_eq!(l["type"], kind);
        let answer = app
            .get(l["href"].as_str().expect("an address"))
            .await
            .expect(200);
        assert!(answer.header("content-type").starts_with(kind));
    }
}

#[tokio::test]
async fn conf_oas30_oas_definition_2() {
    let definition = App::new().json("/api").await;
    assert_eq!(definition["openapi"], "3.0.3");
    assert_eq!(definition["servers"][0]["url"], BASE);
    assert!(definition["info"]["title"].is_string() && definition["info"]["version"].is_string());
    assert_eq!(definition["info"]["contact"]["email"], "geo@example.org");
    // No reference leads away, and each leads somewhere.
    let mut found = Vec::new();
    references(&definition, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("{reference}"));
        assert!(definition.pointer(pointer).is_some(), "{reference}");
    }
    // QGIS takes its page size from this component.
    let limit = &definition["components"]["parameters"]["limit"]["schema"];
    assert_eq!(
        (&limit["minimum"], &limit["maximum"], &limit["default"]),
        (&1.into(), &10_000.into(), &1000.into())
    );
    let items = definition["paths"].as_object().expect("paths").values();
    let mut ids: Vec<_> = items
        .flat_map(|item| item.as_object().expect("methods").values())
        .map(|operation| id(&operation["operationId"]))
        .collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
}

#[tokio::test]
async fn conf_oas30_oas_impl() {
    let app = App::new();
    let definition = app.json("/api").await;
    for (path, item) in read(&definition) {
        let collection = path.split('/').nth(2).unwrap_or_default();
        let mut target = path.replace("{collectionId}", TOWNS);
        for name in ["z", "x", "y", "tileMatrix", "tileRow", "tileCol"] {
            target = target.replace(&format!("{{{name}}}"), "0");
        }
        if path.contains("{featureId}") {
            let first = app
                .ids(&format!("/collections/{collection}/items?limit=1"))
                .await;
            target = path.replace("{featureId}", &encoded(&first[0]));
        }
        assert!(!target.contains('{'), "{target}");
        for (media_type, _) in item["get"]["responses"]["200"]["content"]
            .as_object()
            .expect("content")
        {
            let answer = app
                .send(Method::GET, &target, &[("accept", media_type)])
                .await
                .expect(200);
            assert!(
                answer
                    .header("content-type")
                    .starts_with(media_type.as_str()),
                "{target} {media_type}"
            );
        }
        // Every declared parameter is understood, alone and with a fitting value.
        for p in parameters(&definition, &item["get"])
            .iter()
            .filter(|p| p["in"] == "query")
        {
            let (name, schema) = (id(&p["name"]), &p["schema"]);
            assert_eq!(
                (&p["style"], &p["explode"]),
                (&"form".into(), &false.into()),
                "{path} {name}"
            );
            let value = match (
                name.as_str(),
                schema["type"].as_str().expect("a type"),
                schema["format"].as_str(),
            ) {
                ("cursor", ..) => continue,
                ("datetime" | "maj", ..) => "2020-01-01T00:00:00Z".to_owned(),
                ("bbox", ..) => "1,2,3,4".to_owned(),
                ("filter", ..) => "NOT FALSE".to_owned(),
                _ if schema["enum"].is_array() => id(&schema["enum"][0]),
                (_, "string", Some("date")) => "2020-01-01".to_owned(),
                (_, "boolean", _) => "true".to_owned(),
                (_, "integer" | "number", _) => "1".to_owned(),
                _ => "text".to_owned(),
            };
            app.get(&format!("{target}?{}={}", encoded(&name), encoded(&value)))
                .await
                .expect(200);
            // So are the examples.
            for (language, example) in p["examples"].as_object().into_iter().flatten() {
                let value = example["value"].as_str().expect("a text");
                app.get(&format!(
                    "{target}?filter={}&filter-lang={language}",
                    encoded(value)
                ))
                .await
                .expect(200);
            }
        }
    }
}

#[tokio::test]
async fn conf_oas30_security() {
    // What is open needs no credential; each way to show one is a scheme that is described.
    let definition = App::new().json("/api").await;
    let schemes = definition["components"]["securitySchemes"]
        .as_object()
        .expect("schemes");
    let ways = definition["security"].as_array().expect("ways");
    assert_eq!(ways[0], serde_json::json!({}));
    let named: Vec<&String> = ways
        .iter()
        .flat_map(|way| way.as_object().expect("a way").keys())
        .collect();
    assert_eq!(named.len(), schemes.len());
    for name in named {
        assert!(schemes[name]["type"].is_string(), "{name}");
    }
}
