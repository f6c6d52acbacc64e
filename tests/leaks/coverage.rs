//! Every operation of the API definition, asked by every caller, about what is listed, hidden and nowhere. An operation that is new is not
//! in the reviewed table, and fails this test until somebody has looked at what it answers to whom.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::golden;
use crate::play::Play;
use crate::requests::encoded;
use crate::stage::{CALLERS, OPEN, PARCELS, SECRET, SUSPENDED, id_of};

/// Operations of the definition as a caller sees it: method and path, names of layers left open.
fn operations(play: &Play, who: &str) -> BTreeSet<(String, String)> {
    let document = play.json(who, "/api");
    let paths = document["paths"].as_object().expect("paths");
    let mut found = BTreeSet::new();
    for (path, item) in paths {
        for method in item.as_object().expect("methods").keys() {
            let mut template = path.clone();
            for layer in &play.stage.world.layers {
                template = template.replace(&format!("/{}/", layer.id), "/{collection}/");
                template = template
                    .strip_suffix(&format!("/{}", layer.id))
                    .map_or(template.clone(), |t| format!("{t}/{{collection}}"));
            }
            found.insert((method.to_uppercase(), template));
        }
    }
    found
}

/// A path with its variables filled in.
fn filled(template: &str, collection: &str, owner: &str) -> String {
    let mut target = template.to_owned();
    while let Some((before, rest)) = target.split_once('{') {
        let (name, after) = rest.split_once('}').expect("a closing brace");
        let value = match name {
            "collection" | "collections" | "layers" | "collectionId" => collection.to_owned(),
            "featureId" | "item" | "itemId" => encoded(&format!("idu {collection} 0")),
            "z" | "tileMatrix" => "13".to_owned(),
            "x" | "tileCol" => crate::matrix::tile(13).0.to_string(),
            "y" | "tileRow" => crate::matrix::tile(13).1.to_string(),
            "terms" => "licence@1".to_owned(),
            "organisation" => "ville".to_owned(),
            "member" => "owner".to_owned(),
            "profile" => "within".to_owned(),
            "grant" => encoded("of-within"),
            "suspension" => format!("layer:{SUSPENDED}"),
            "request" => "r-0".to_owned(),
            "layer" => PARCELS.to_owned(),
            "key" => owner.to_owned(),
            name => panic!("{template}: what is {name}?"),
        };
        target = format!("{before}{value}{after}");
    }
    target
}

#[test]
fn golden_cases() {
    let _beside = crate::beside_others();
    let play = Play::new();
    // Whoever runs the machine, beside those of all other tables.
    let callers: Vec<&str> = CALLERS.into_iter().chain(["operator"]).collect();
    let owner = id_of(play.stage.who("owner")).to_string();
    let asking = callers.iter().filter(|who| play.status(who, "/api") == 200);
    let all: BTreeSet<_> = asking.flat_map(|who| operations(&play, who)).collect();
    assert!(all.len() > 15, "{all:?}");
    let mut text = format!(
        "Every operation, about which layer: {}.\n",
        callers.join(" ")
    );
    for (method, template) in all {
        let layers: &[&str] = if template.contains("{collection") || template.contains("{layers") {
            &[OPEN, PARCELS, SECRET, "ville.nulle"]
        } else {
            &["-"]
        };
        for layer in layers {
            let target = filled(&template, layer, &owner);
            let ask = || sent(&method, &template, &target);
            let statuses = callers.iter().map(|who| play.ask(who, ask()).status);
            let statuses: Vec<String> = statuses.map(|s| s.to_string()).collect();
            let _ = writeln!(text, "{method} {template} {layer}: {}", statuses.join(" "));
        }
    }
    golden::compare("cases.txt", &text);
}

/// The request, with a body that says what the operation takes. Nothing is written: the stage has no store, and says so (409) to whoever
/// may write.
fn sent(method: &str, template: &str, target: &str) -> Ask {
    let ask = Ask {
        method: method_of(method),
        ..Ask::get(target)
    };
    let Some(body) = body(method, template) else {
        return ask;
    };
    Ask {
        body: Some(body.to_string()),
        ..ask.with("content-type", "application/json")
    }
}

fn body(method: &str, template: &str) -> Option<Value> {
    let period = json!({ "from": null, "until": null });
    let with = |mut body: Value, more: &Value| {
        let more = more.as_object().expect("members").clone();
        body.as_object_mut().expect("members").extend(more);
        body
    };
    if (method, template) == ("POST", "/me/requests") {
        let until = "2030-01-01T00:00:00Z";
        return Some(json!({ "layer": PARCELS, "purpose": "voir", "area": null, "until": until }));
    }
    Some(match (method, template.strip_prefix("/admin/")?) {
        ("POST", "organisations") => json!({ "id": "neuve", "title": "Neuve" }),
        ("PATCH", "organisations/{organisation}") => json!({ "title": "Autrement" }),
        ("POST", "members") => {
            json!({ "id": "ville.neuf", "organisation": "ville", "role": "reader", "until": null })
        }
        ("PATCH", "members/{member}") => json!({ "role": "reader" }),
        ("POST", "profiles") => json!({
            "id": "ville.neuf", "organisation": "ville", "rows": "TRUE", "attributes": [], "area": null, "derived": {},
            "zooms": null, "precision": null, "formats": null,
        }),
        ("PATCH", "profiles/{profile}") => json!({ "rows": "TRUE" }),
        ("POST", "grants") => with(
            json!({ "subject": "public", "layers": [SECRET], "profile": "within", "actions": ["items"], "terms": null }),
            &period,
        ),
        ("PATCH", "grants/{grant}") => json!({ "actions": ["discover"] }),
        ("POST", "keys") => with(
            json!({
                "organisation": "ville", "label": "neuve", "kind": "secret",
                "scopes": { "layers": null, "actions": null, "profile": null, "max_zoom": null },
            }),
            &period,
        ),
        ("PATCH", "keys/{key}") => json!({ "label": "autrement" }),
        ("POST", "terms") => {
            json!({ "terms": "ville.neuves@1", "organisation": "ville", "title": "Neuves" })
        }
        ("POST", "suspensions") => json!({ "target": format!("layer:{PARCELS}"), "reason": "vue" }),
        ("PATCH", "layers/{layer}") => json!({ "state": "draft" }),
        ("POST", _) => json!({}),
        _ => return None,
    })
}

fn method_of(name: &str) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    known.into_iter().find(|m| *m == name).expect("a method")
}
