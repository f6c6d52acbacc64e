//! Part 3: filtering (OGC 19-079r2 annex A).

use axum::http::Method;
use guichet::geometry::crs::{Crs, Transform};
use serde_json::Value;

use crate::app::{App, BASE, encoded, id, ids, link, links};
use crate::fixture::{DATELINE, TABLE, TOWNS};

const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

async fn declares(class: &str) {
    let app = App::new();
    let answer = app
        .send(
            Method::GET,
            "/conformance",
            &[("accept", "application/json")],
        )
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let uri = format!("http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{class}");
    let declared = answer.json()["conformsTo"]
        .as_array()
        .expect("classes")
        .clone();
    assert!(declared.contains(&uri.into()), "{class}");
}

/// The queryables of a collection.
async fn queryables(app: &App, collection: &str) -> Value {
    let target = format!("/collections/{collection}/queryables");
    app.json(&target).await
}

/// Queryables with a type, in the order of their names.
fn sample(queryables: &Value) -> Vec<(String, Value)> {
    let properties = queryables["properties"].as_object().expect("properties");
    let typed = properties.iter().filter(|(_, p)| p.get("type").is_some());
    typed.map(|(n, p)| (n.clone(), p.clone())).collect()
}

/// The name of the geometry, if there is one.
fn spatial(queryables: &Value) -> Option<String> {
    let properties = queryables["properties"].as_object().expect("properties");
    let is_spatial = |p: &Value| {
        p["format"]
            .as_str()
            .is_some_and(|f| f.starts_with("geometry-"))
    };
    let (name, _) = properties.iter().find(|(_, p)| is_spatial(p))?;
    Some(name.clone())
}

fn items(collection: &str, pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| format!("&{}={}", encoded(name), encoded(value)))
        .collect();
    format!(
        "/collections/{collection}/items?limit=1000{}",
        pairs.concat()
    )
}

/// West, south, east, north of a collection.
async fn extent(app: &App, collection: &str) -> Option<[f64; 4]> {
    let entry = app.json(&format!("/collections/{collection}")).await;
    let numbers = entry["extent"]["spatial"]["bbox"][0].as_array()?.clone();
    let n: Vec<_> = numbers
        .iter()
        .map(|n| n.as_f64().expect("a number"))
        .collect();
    Some(match n.len() {
        6 => [n[0], n[1], n[3], n[4]],
        _ => [n[0], n[1], n[2], n[3]],
    })
}

/// Ids of the items that have a place.
async fn located(app: &App, collection: &str) -> Vec<String> {
    let page = app.json(&items(collection, &[])).await;
    let features = page["features"].as_array().expect("features").iter();
    features
        .filter(|f| !f["geometry"].is_null())
        .map(|f| id(&f["id"]))
        .collect()
}

fn within(geometry: &str, [west, south, east, north]: [f64; 4]) -> String {
    format!("S_INTERSECTS(\"{geometry}\",BBOX({west},{south},{east},{north}))")
}

#[tokio::test]
async fn conf_queryables_get_conformance() {
    declares("queryables").await;
}

#[tokio::test]
async fn conf_queryables_get_queryables_uris() {
    let app = App::new();
    for collection in app.collections().await {
        let target = format!("/collections/{collection}/items");
        let head = app
            .send(Method::HEAD, &target, &[("accept", "application/json")])
            .await
            .expect(200);
        let all: Vec<_> = head.headers.get_all("link").iter().collect();
        let wanted = format!(
            "<{BASE}/collections/{collection}/queryables>; rel=\"{QUERYABLES}\"; type=\"application/schema+json\""
        );
        assert!(all.iter().any(|l| **l == *wanted), "{collection}: {all:?}");
    }
}

#[tokio::test]
async fn conf_queryables_get_queryables() {
    let app = App::new();
    for collection in app.collections().await {
        let target = format!("/collections/{collection}/queryables");
        let answer = app
            .send(
                Method::GET,
                &target,
                &[("accept", "application/schema+json")],
            )
            .await
            .expect(200);
        assert_eq!(answer.header("content-type"), "application/schema+json");
        let document = answer.json();
        assert_eq!(
            document["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(document["$id"], format!("{BASE}{target}"));
        assert_eq!(document["type"], "object");
        assert_eq!(document["additionalProperties"], false);
        let properties = document["properties"].as_object().expect("properties");
        assert!(!properties.is_empty(), "{collection}");
        for (name, property) in properties {
            let format = property["format"].as_str().unwrap_or_default();
            let is_spatial = format.starts_with("geometry-");
            assert_ne!(is_spatial, property.get("type").is_some(), "{name}");
            assert!(
                property.get("$ref").is_none() && property["title"].is_string(),
                "{name}"
            );
            assert_eq!(
                is_spatial,
                property["x-ogc-role"] == "primary-geometry",
                "{name}"
            );
        }
    }
    // What the layers are made of.
    let towns = queryables(&app, TOWNS).await["properties"].clone();
    assert_eq!(towns["geometry"]["format"], "geometry-point");
    assert_eq!(
        (
            &towns["maj"]["type"],
            &towns["maj"]["format"],
            &towns["maj"]["title"]
        ),
        (
            &"string".into(),
            &"date-time".into(),
            &"Le champ maj".into()
        )
    );
    assert_eq!(towns["fondation"]["format"], "date");
    assert_eq!(towns["population"]["type"], "integer");
    assert_eq!(towns["prefecture"]["type"], "boolean");
    assert!(towns["extra"]["type"].is_array());
    let order = |name: &str| towns[name]["x-ogc-propertySeq"].as_u64().expect("a number");
    assert!(order("geometry") < order("nom") && order("nom") < order("population"));
    assert_eq!(spatial(&queryables(&app, TABLE).await), None);
    let shapes = queryables(&app, DATELINE).await;
    assert_eq!(shapes["properties"]["geometry"]["format"], "geometry-any");
    // The address that it names is itself, whatever was asked; so are those of the links.
    let english = format!("/collections/{TOWNS}/queryables?lang=en&f=json");
    let document = app.json(&english).await;
    assert_eq!(
        document["$id"],
        format!("{BASE}/collections/{TOWNS}/queryables")
    );
    assert_eq!(document["properties"]["geometry"]["title"], "Geometry");
}

#[tokio::test]
async fn conf_queryables_query_parameters_get_conformance() {
    declares("queryables-query-parameters").await;
}

#[tokio::test]
async fn conf_queryables_query_parameters_query_param() {
    let app = App::new();
    let definition = app.json("/api").await;
    for collection in app.collections().await {
        let whole = app.json(&items(&collection, &[])).await;
        let path = format!("/collections/{collection}/items");
        let declared = &definition["paths"][&path]["get"]["parameters"];
        for (name, schema) in sample(&queryables(&app, &collection).await) {
            // A property that is called like a parameter cannot be one of its own; nested values are no simple ones.
            if name == "limit" || schema["type"].is_array() {
                continue;
            }
            let all = declared.as_array().expect("parameters");
            let parameter = all.iter().find(|p| p["name"] == *name);
            let parameter = parameter.unwrap_or_else(|| panic!("{collection} {name}"));
            let mut same = schema.clone();
            same.as_object_mut()
                .expect("a schema")
                .remove("x-ogc-propertySeq");
            assert_eq!(parameter["schema"], same);
            let features = whole["features"].as_array().expect("features");
            let value = features.iter().map(|f| &f["properties"][&name]);
            let value = value.filter(|v| !v.is_null()).nth(1).expect("a value");
            let page = app.json(&items(&collection, &[(&name, &id(value))])).await;
            let found = page["features"].as_array().expect("features");
            assert!(!found.is_empty(), "{collection} {name}={value}");
            for feature in found {
                assert_eq!(&feature["properties"][&name], value);
            }
            if schema["type"] != "string" || schema["format"].is_string() {
                let wrong = items(&collection, &[(&name, "[invalid]")]);
                app.get(&wrong).await.faulty(&name);
            }
        }
    }
}

#[tokio::test]
async fn conf_filter_get_conformance() {
    declares("filter").await;
}

/// Every queryable: those without a value, and the rest.
async fn nulls(app: &App, language: &[(&str, &str)]) {
    for collection in app.collections().await {
        let whole = app.json(&items(&collection, &[])).await;
        for (name, _) in sample(&queryables(app, &collection).await) {
            let filter = format!("\"{name}\" IS NULL");
            let pairs = [&[("filter", filter.as_str())], language].concat();
            let page = app.get(&items(&collection, &pairs)).await.expect(200);
            assert_eq!(page.header("content-type"), "application/geo+json");
            let features = whole["features"].as_array().expect("features").iter();
            let expected = features.filter(|f| f["properties"][&name].is_null());
            let expected: Vec<_> = expected.map(|f| id(&f["id"])).collect();
            assert_eq!(ids(&page.json()), expected, "{collection} {filter}");
        }
        let wrong = [&[("filter", "THIS IS NOT A FILTER")], language].concat();
        app.get(&items(&collection, &wrong)).await.faulty("filter");
    }
}

#[tokio::test]
async fn conf_filter_filter_param() {
    let app = App::new();
    nulls(&app, &[("filter-lang", "cql2-text")]).await;
    // The same in the other language.
    let json = r#"{"op":"isNull","args":[{"property":"maj"}]}"#;
    let of = |pairs: &[(&str, &str)]| items(TOWNS, pairs);
    let found = app
        .ids(&of(&[("filter", json), ("filter-lang", "cql2-json")]))
        .await;
    assert_eq!(found, app.ids(&of(&[("filter", "maj IS NULL")])).await);
    assert_eq!(found.len(), 14);
    let wrong = of(&[
        ("filter", r#"{"op":"isNull"}"#),
        ("filter-lang", "cql2-json"),
    ]);
    app.get(&wrong).await.faulty("filter");
}

#[tokio::test]
async fn conf_filter_filter_lang_default() {
    let app = App::new();
    nulls(&app, &[]).await;
    let parameter = crate::core_items::parameter(&app, "filter-lang").await;
    assert_eq!(parameter["schema"]["default"], "cql2-text");
    let json = r#"{"op":"isNull","args":[{"property":"maj"}]}"#;
    let problem = app
        .get(&items(TOWNS, &[("filter", json)]))
        .await
        .problem(400);
    assert!(
        problem["detail"]
            .as_str()
            .expect("a sentence")
            .contains("cql2-json")
    );
}

#[tokio::test]
async fn conf_filter_expression_construction() {
    let app = App::new();
    for collection in app.collections().await {
        for filter in [
            "this_is_not_a_queryable IS NULL",
            "\"\" = 1",
            "Geometry IS NULL AND NOT (rien > 5)",
        ] {
            app.get(&items(&collection, &[("filter", filter)]))
                .await
                .faulty("filter");
        }
    }
}

#[tokio::test]
async fn conf_filter_filter_crs_wgs84() {
    let app = App::new();
    for collection in app.collections().await {
        let Some(geometry) = spatial(&queryables(&app, &collection).await) else {
            continue;
        };
        let bbox = extent(&app, &collection).await.expect("an extent");
        let all = items(&collection, &[("filter", &within(&geometry, bbox))]);
        assert_eq!(
            app.ids(&all).await,
            located(&app, &collection).await,
            "{collection}"
        );
        let far = within(&geometry, [1e6, 1e6, 2e6, 2e6]);
        app.get(&items(&collection, &[("filter", &far)]))
            .await
            .faulty("filter");
    }
}

/// The box of many points of a box, in another CRS and in the axis order of its authority.
fn there(uri: &str, [west, south, east, north]: [f64; 4]) -> [f64; 4] {
    let crs = Crs::parse(uri).expect("known");
    let steps = 0..=50;
    let mut points: Vec<_> = steps
        .flat_map(|i| (0..=50).map(move |j| [f64::from(i) / 50.0, f64::from(j) / 50.0]))
        .map(|[a, b]| [west + (east - west) * a, south + (north - south) * b])
        .collect();
    let transform = Transform::between(Crs::CRS84, crs).expect("known");
    transform.convert(&mut points).expect("in the domain");
    let least = |axis: usize| points.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
    let most = |axis: usize| {
        points
            .iter()
            .map(|p| p[axis])
            .fold(f64::NEG_INFINITY, f64::max)
    };
    // Between two of the points the border bends a little further out.
    let slack = if crs.is_geographic() { 1e-7 } else { 50.0 };
    let low = crs.from_authority([least(0) - slack, least(1) - slack]);
    let high = crs.from_authority([most(0) + slack, most(1) + slack]);
    [low[0], low[1], high[0], high[1]]
}

#[tokio::test]
async fn conf_filter_filter_crs_param() {
    let app = App::new();
    for collection in app.collections().await {
        let entry = app.json(&format!("/collections/{collection}")).await;
        let Some(geometry) = spatial(&queryables(&app, &collection).await) else {
            continue;
        };
        // The poles have no place in most planes.
        if collection == DATELINE {
            continue;
        }
        let bbox = extent(&app, &collection).await.expect("an extent");
        let crss = entry["crs"].as_array().expect("a list");
        assert!(crss.len() >= 3);
        for uri in crss.iter().map(id) {
            let filter = within(&geometry, there(&uri, bbox));
            let target = items(&collection, &[("filter", &filter), ("filter-crs", &uri)]);
            let found = app.ids(&target).await;
            assert_eq!(
                found,
                located(&app, &collection).await,
                "{collection} {uri} {filter}"
            );
        }
        let unknown = "http://www.opengis.net/def/crs/OGC/0/does_not_exist";
        let filter = within(&geometry, bbox);
        let target = items(&collection, &[("filter", &filter), ("filter-crs", unknown)]);
        app.get(&target).await.faulty("filter-crs");
    }
}

#[tokio::test]
async fn conf_filter_get_functions() {
    let app = App::new();
    let answer = app
        .send(Method::GET, "/functions", &[("accept", "application/json")])
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    let functions = document["functions"].as_array().expect("functions");
    assert!(functions.len() > 10);
    let types = [
        "string", "number", "integer", "datetime", "geometry", "boolean",
    ];
    let check = |list: &Value| {
        let names = list.as_array().expect("types");
        assert!(!names.is_empty());
        for name in names {
            assert!(types.contains(&name.as_str().expect("a name")), "{name}");
        }
    };
    for function in functions {
        assert!(function["name"].is_string() && function["description"].is_string());
        check(&function["returns"]);
        for argument in function["arguments"].as_array().expect("arguments") {
            check(&argument["type"]);
        }
    }
    let english = app.json("/functions?lang=en").await;
    assert_ne!(
        english["functions"][0]["description"],
        functions[0]["description"]
    );
    let landing = app.json("/").await;
    let rel = "http://www.opengis.net/def/rel/ogc/1.0/functions";
    assert_eq!(link(&landing, rel), Some(format!("{BASE}/functions")));
}

#[tokio::test]
async fn conf_features_filter_get_conformance() {
    declares("features-filter").await;
}

#[tokio::test]
async fn conf_features_filter_get_collections() {
    let answer = App::new().get("/collections").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.json()["collections"].is_array());
}

#[tokio::test]
async fn conf_features_filter_get_collection() {
    let app = App::new();
    for collection in app.collections().await {
        let document = app.json(&format!("/collections/{collection}")).await;
        let found = links(&document, QUERYABLES);
        let href = format!("{BASE}/collections/{collection}/queryables");
        let schema = found.iter().find(|l| l["href"] == href).expect("a link");
        assert_eq!(schema["type"], "application/schema+json");
        let page = found
            .iter()
            .find(|l| l["type"] == "text/html")
            .expect("a page");
        app.get(page["href"].as_str().expect("an address"))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn conf_features_filter_filter_on_items() {
    let app = App::new();
    for name in ["filter", "filter-lang", "filter-crs"] {
        let parameter = crate::core_items::parameter(&app, name).await;
        assert_eq!(
            (&parameter["in"], &parameter["required"]),
            (&"query".into(), &false.into())
        );
        assert_eq!(parameter["schema"]["type"], "string", "{name}");
    }
    let languages =
        crate::core_items::parameter(&app, "filter-lang").await["schema"]["enum"].clone();
    for language in languages.as_array().expect("languages") {
        let filter = if language == "cql2-json" {
            "true"
        } else {
            "TRUE"
        };
        let pairs = [
            ("filter", filter),
            ("filter-lang", language.as_str().expect("a name")),
        ];
        app.get(&items(TOWNS, &pairs)).await.expect(200);
    }
    let crss = crate::core_items::parameter(&app, "filter-crs").await["schema"]["enum"].clone();
    let entry = app.json(&format!("/collections/{TOWNS}")).await;
    assert_eq!(crss, entry["crs"]);
}

#[tokio::test]
async fn conf_features_filter_mixing_expression() {
    let app = App::new();
    for collection in app.collections().await {
        let Some(geometry) = spatial(&queryables(&app, &collection).await) else {
            continue;
        };
        let [west, south, east, north] = extent(&app, &collection).await.expect("an extent");
        let filter = within(&geometry, [west, south, east, north]);
        let mixed = |bbox: String| {
            let pairs = [("filter", filter.as_str()), ("bbox", &bbox)];
            items(&collection, &pairs)
        };
        let all = mixed(format!("{west},{south},{east},{north}"));
        assert_eq!(
            app.ids(&all).await,
            located(&app, &collection).await,
            "{collection}"
        );
        // All of the fixture lies south of this.
        let none = mixed("0,60,10,70".to_owned());
        assert!(app.ids(&none).await.is_empty(), "{collection}");
    }
}
