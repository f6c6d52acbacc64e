//! Bodies of administration are what the definition says, and what is shown is what was sent.

use serde_json::{Map, Value, json};

use crate::desk::{Desk, PARCELS, new_grant, new_key, new_profile};
use crate::written::{warnings, with};

/// Whether a value is one of a schema of OpenAPI 3.0, as far as bodies of `/admin` need it.
fn fits(schema: &Value, value: &Value) -> bool {
    if value.is_null() {
        return schema["nullable"] == true;
    }
    let of_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("the type {other}"),
        None => true,
    };
    let is_one = |all: &Vec<Value>| all.iter().filter(|one| fits(one, value)).count() == 1;
    let between = |n: u64, least: &str, most: &str| {
        schema[least].as_u64().is_none_or(|least| least <= n)
            && schema[most].as_u64().is_none_or(|most| n <= most)
    };
    let size = match value {
        Value::String(text) => between(text.chars().count() as u64, "minLength", "maxLength"),
        Value::Array(items) => {
            between(items.len() as u64, "minItems", "maxItems")
                && items.iter().all(|i| fits(&schema["items"], i))
        }
        Value::Object(members) => {
            between(members.len() as u64, "minProperties", "maxProperties")
                && members_fit(schema, members)
        }
        Value::Number(n) => n.as_u64().is_some_and(|n| between(n, "minimum", "maximum")),
        _ => true,
    };
    of_type
        && size
        && schema["enum"]
            .as_array()
            .is_none_or(|all| all.contains(value))
        && schema["oneOf"].as_array().is_none_or(is_one)
}

fn members_fit(schema: &Value, members: &Map<String, Value>) -> bool {
    let required = schema["required"].as_array().into_iter().flatten();
    let mut required = required.map(|name| name.as_str().expect("a name"));
    let own = |name: &str, value: &Value| match schema["properties"].get(name) {
        Some(schema) => fits(schema, value),
        None => match &schema["additionalProperties"] {
            Value::Bool(others) => *others,
            Value::Object(_) => fits(&schema["additionalProperties"], value),
            _ => true,
        },
    };
    required.all(|name| members.contains_key(name)) && members.iter().all(|(n, v)| own(n, v))
}

/// The schema of what an operation is sent.
fn body_of(api: &Value, method: &str, path: &str) -> Value {
    let body = &api["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"];
    assert!(body.is_object(), "{method} {path}");
    body.clone()
}

fn bodies() -> Vec<(&'static str, Value)> {
    let profile = |name: &str, more: Value| {
        let mut profile = new_profile("sud", name, "\"limit\" = 1");
        let members = more.as_object().expect("members").clone();
        profile.as_object_mut().expect("members").extend(members);
        ("profiles", profile)
    };
    let shape = "POLYGON((5 43, 6 43, 6 44, 5 43))";
    let mut key = new_key("sud", None);
    key["scopes"] =
        json!({ "layers": [PARCELS], "actions": ["items"], "profile": "sud.clip", "max_zoom": 12 });
    key["origins"] = json!(["https://carte.example"]);
    key["networks"] = json!(["192.0.2.0/24"]);
    let mut grant = new_grant("organisation:eau", PARCELS, "sud.clip");
    grant["until"] = "2027-06-30T22:00:00Z".into();
    grant["terms"] = "sud.licence@1".into();
    vec![
        (
            "organisations",
            json!({ "id": "ville", "title": "Ville", "parent": "sud", "siret": "21130001300013", "jurisdiction": { "wkt": shape } }),
        ),
        (
            "organisations",
            json!({ "id": "bourg", "title": "Bourg", "jurisdiction": { "layer": PARCELS, "filter": "TRUE" } }),
        ),
        (
            "members",
            json!({ "id": "sud.b", "organisation": "sud", "role": "editor", "groups": ["sig"], "identity": ["https://id.example", "u"],
                "until": "2027-06-30T22:00:00Z" }),
        ),
        profile(
            "clip",
            json!({ "area": { "wkt": shape, "mode": "clip" }, "derived": { "limit": "recompute" } }),
        ),
        profile(
            "ressort",
            json!({ "attributes": "*", "area": { "jurisdiction": true, "mode": "within" }, "zooms": { "min": 0, "max": 12 } }),
        ),
        profile(
            "mailles",
            json!({ "attributes": [], "precision": { "grid_m": 1000, "min_count": 11, "aggregates": { "population": "sum" } },
                "area": { "layer": PARCELS, "filter": "TRUE", "mode": "intersects" }, "formats": ["geojson", "mvt"] }),
        ),
        (
            "terms",
            json!({ "terms": "sud.licence@1", "organisation": "sud", "title": "Licence", "url": "https://example.org/l", "sha256": "00".repeat(32) }),
        ),
        ("grants", grant),
        ("keys", key),
        (
            "suspensions",
            json!({ "target": format!("layer:{PARCELS}"), "reason": "x" }),
        ),
    ]
}

/// What is taken fits what the definition says, and what is shown fits it too; what does not fit is not taken.
#[tokio::test]
async fn bodies_are_what_the_definition_says() {
    let (desk, _) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let api = desk.get(&operator, "/api").await.expect(200).json();
    for (kind, body) in bodies() {
        let path = format!("/admin/{kind}");
        let schema = body_of(&api, "post", &path);
        assert!(fits(&schema, &body), "{kind}: {body}\n{schema}");
        for spoiled in spoiled(&schema, &body) {
            assert!(!fits(&schema, &spoiled), "{kind}: {spoiled}");
            let refused = desk.send(&operator, "POST", &path, &spoiled).await;
            let taken = !matches!(refused.status, 400 | 422);
            assert!(!taken, "{kind}: {spoiled}: {}", refused.text());
        }
        let made = desk.make(&operator, kind, &body).await;
        let said = warnings(&made);
        let of_terms = kind == "grants" && said.len() == 1 && said[0].contains("sud.licence@1");
        assert!(said.is_empty() || of_terms, "{kind}: {made}");
        // What is shown of it is what was sent, with what the server adds.
        for (name, value) in body.as_object().expect("members") {
            assert_eq!(in_order(&made[name]), in_order(value), "{kind} {name}");
        }
    }
    for (kind, id, change) in [
        (
            "profiles",
            "sud.clip",
            json!({ "rows": "TRUE", "zooms": null }),
        ),
        (
            "members",
            "sud.b",
            json!({ "role": "reader", "until": null }),
        ),
        ("organisations", "bourg", json!({ "title": "Autre" })),
        ("layers", "sud.reserves", json!({ "state": "draft" })),
        ("layers", "sud.reserves", json!({ "embargo_until": null })),
    ] {
        let variable = &kind[..kind.len() - 1];
        let schema = body_of(&api, "patch", &format!("/admin/{kind}/{{{variable}}}"));
        assert!(fits(&schema, &change), "{kind}: {change}");
        let target = format!("/admin/{kind}/{id}");
        let changed = desk.send(&operator, "PATCH", &target, &change).await;
        assert!(matches!(changed.status, 200 | 409), "{}", changed.text());
        let renamed = json!({ "id": "x" });
        assert!(!fits(&schema, &renamed), "{kind}");
        desk.send(&operator, "PATCH", &target, &renamed)
            .await
            .expect(400);
    }
}

/// Lists of names are sets.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(all) if all.iter().all(Value::is_string) => {
            let mut texts: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            texts.sort_unstable();
            json!(texts)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), in_order(value)))
            .collect(),
        other => other.clone(),
    }
}

/// The body without what it must have, with what nobody knows, and with words that are none, at every depth.
fn spoiled(schema: &Value, body: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let members = body.as_object().expect("members");
    for name in schema["required"].as_array().into_iter().flatten() {
        let mut less = members.clone();
        less.remove(name.as_str().expect("a name"));
        all.push(Value::Object(less));
    }
    all.push(with(body.clone(), "only_on_mondays", json!(true)));
    for (name, value) in members {
        if let Value::Object(_) = value {
            let more = with(value.clone(), "only_on_mondays", json!([]));
            all.push(with(body.clone(), name, more));
        }
        if schema["properties"][name]["items"]["enum"].is_array() {
            all.push(with(body.clone(), name, json!(["rien"])));
        }
        if schema["properties"][name]["enum"].is_array() {
            all.push(with(body.clone(), name, json!("rien")));
        }
    }
    all
}
