//! Administration: of what belongs to others there is nothing, and nothing is made for them.

use serde_json::{Value, json};

use super::desk::{CACHE, Desk, JSON, PARCELS, RESERVES, new_grant, new_key, new_profile};
use super::keyed::{FORM, Reply, SECOND};

const KINDS: [&str; 9] = [
    "organisations",
    "members",
    "profiles",
    "grants",
    "keys",
    "terms",
    "suspensions",
    "requests",
    "layers",
];

/// What a caller is told: status, headers that say something, body.
fn told(reply: &Reply) -> (u16, String, String) {
    (reply.status, reply.header("allow"), reply.text())
}

/// Callers without a role are told what they are told of any address.
pub async fn without_a_role_there_is_no_administration() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let firm = desk.make(&sud, "keys", &new_key("sud", None)).await;
    let firm = firm["key"].as_str().expect("a key").to_owned();
    let mut browser = new_key("sud", Some("sud.admin"));
    browser["kind"] = "browser".into();
    let browser = desk.make(&sud, "keys", &browser).await;
    let browser = browser["key"].as_str().expect("a key").to_owned();
    let paths = KINDS.iter().map(|kind| format!("/admin/{kind}"));
    let more = [
        "/admin",
        "/admin/organisations/sud",
        "/admin/layers/sud.reserves",
        "/admin/keys/x/rotate",
    ];
    let paths: Vec<String> = paths.chain(more.map(str::to_owned)).collect();
    for key in ["", &firm, &browser] {
        let headers: Vec<(&str, &str)> = [("X-API-Key", key), JSON]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        for method in ["GET", "POST", "PATCH", "DELETE", "OPTIONS"] {
            let nowhere = desk.server.ask(method, "/nowhere", &headers, "{}").await;
            assert_eq!(nowhere.status, 404);
            for path in &paths {
                let refused = desk.server.ask(method, path, &headers, "{}").await;
                assert_eq!(told(&refused), told(&nowhere), "{method} {path}");
            }
        }
    }
    // There is one desk, and it is not in a portal.
    let portal = desk.get(&sud, "/o/sud/admin/keys").await;
    let nowhere = desk.get(&sud, "/o/sud/nowhere").await;
    assert_eq!(told(&portal), told(&nowhere));
}

/// The cookie of a page comes by itself, whoever made the browser ask.
pub async fn a_session_administrates_nothing() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let form = format!("key={sud}&to=%2F");
    let opened = desk.server.ask("POST", "/session", &[FORM], &form).await;
    let cookie = opened.expect(303).header("set-cookie");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    for accept in ["application/json", "text/html", "*/*"] {
        let headers = [("Cookie", cookie.as_str()), ("Accept", accept), JSON];
        let nowhere = desk.server.get("/nowhere", &headers).await;
        for path in ["/admin", "/admin/keys", "/admin/keys?f=html"] {
            let refused = desk.server.get(path, &headers).await;
            assert_eq!(refused.status, 404, "{path} {accept}");
            if !path.contains('?') {
                assert_eq!(refused.text(), nowhere.text(), "{path} {accept}");
            }
        }
        let key = new_key("sud", None).to_string();
        let made = desk.server.ask("POST", "/admin/keys", &headers, &key).await;
        assert_eq!(made.status, 404, "{accept}");
    }
}

/// An entry of each kind, made by `sud`: paths below `/admin`.
async fn entries(desk: &Desk, sud: &str) -> Vec<String> {
    desk.make(
        sud,
        "profiles",
        &new_profile("sud", "part", "\"limit\" = 1"),
    )
    .await;
    let grant = new_grant("organisation:eau", RESERVES, "sud.part");
    let grant = desk.make(sud, "grants", &grant).await;
    let key = desk.make(sud, "keys", &new_key("sud", None)).await;
    let terms =
        json!({ "terms": "sud.licence@1", "organisation": "sud", "title": "Licence de Sud" });
    desk.make(sud, "terms", &terms).await;
    let suspension = json!({ "target": format!("layer:{PARCELS}"), "reason": "à revoir" });
    desk.make(sud, "suspensions", &suspension).await;
    let id = |entry: &Value| entry["id"].as_str().expect("an id").to_owned();
    vec![
        "organisations/sud".to_owned(),
        "members/sud.admin".to_owned(),
        "profiles/sud.part".to_owned(),
        format!("grants/{}", id(&grant)),
        format!("keys/{}", id(&key)),
        "terms/sud.licence@1".to_owned(),
        format!("suspensions/layer:{PARCELS}"),
        format!("layers/{RESERVES}"),
    ]
}

/// Lists hold one's own alone; what is of others answers like what does not exist, whatever is asked of it.
pub async fn entries_of_others_are_nowhere() {
    let (desk, [sud, ombre, eau]) = Desk::peopled().await;
    let entries = entries(&desk, &sud).await;
    for kind in KINDS {
        for other in [&ombre, &eau] {
            let list = desk.get(other, &format!("/admin/{kind}")).await.expect(200);
            assert!(
                !list.text().to_lowercase().contains("sud"),
                "{kind}: {}",
                list.text()
            );
        }
    }
    for entry in entries {
        desk.get(&sud, &format!("/admin/{entry}")).await.expect(200);
        let kind = entry.split('/').next().expect("a kind");
        for other in [&ombre, &eau] {
            for method in ["GET", "HEAD", "PATCH", "DELETE", "OPTIONS"] {
                let ask = async |id: &str| {
                    let target = format!("/admin/{kind}/{id}");
                    let body = json!({ "title": 3 });
                    told(&desk.send(other, method, &target, &body).await)
                };
                let id = entry.split_once('/').expect("an id").1;
                assert_eq!(ask(id).await, ask("rien").await, "{method} {entry}");
            }
        }
    }
}

/// What is made must be one's own before and after; what it names, too.
pub async fn nothing_is_made_for_others() {
    let (desk, [sud, ombre, _]) = Desk::peopled().await;
    entries(&desk, &sud).await;
    let own = new_profile("ombre", "part", "TRUE");
    desk.make(&ombre, "profiles", &own).await;
    let both = |layers: &[&str]| {
        let mut grant = new_grant("organisation:ombre", CACHE, "ombre.part");
        grant["layers"] = json!(layers);
        grant
    };
    let mut demanding = new_grant("public", CACHE, "ombre.part");
    demanding["terms"] = "sud.licence@1".into();
    let mut area = new_profile("ombre", "aire", "TRUE");
    area["area"] = json!({ "layer": RESERVES, "filter": "TRUE", "mode": "within" });
    let mut member = new_key("ombre", Some("sud.admin"));
    member["label"] = "x".into();
    for (kind, body, twin) in [
        (
            "grants",
            new_grant("organisation:ombre", RESERVES, "ombre.part"),
            Some(("sud.reserves", "sud.rien")),
        ),
        (
            "grants",
            both(&[CACHE, RESERVES]),
            Some(("sud.reserves", "sud.rien")),
        ),
        (
            "grants",
            new_grant("public", CACHE, "sud.part"),
            Some(("sud.part", "sud.rien")),
        ),
        ("grants", demanding, Some(("sud.licence@1", "sud.rien@1"))),
        ("profiles", new_profile("sud", "autre", "TRUE"), None),
        ("profiles", area, Some(("sud.reserves", "sud.rien"))),
        (
            "members",
            json!({ "id": "sud.autre", "organisation": "sud", "role": "admin", "until": null }),
            None,
        ),
        ("keys", new_key("sud", None), None),
        ("keys", member, Some(("sud.admin", "sud.rien"))),
        (
            "terms",
            json!({ "terms": "sud.autre@1", "organisation": "sud", "title": "x" }),
            None,
        ),
        (
            "suspensions",
            json!({ "target": format!("layer:{RESERVES}"), "reason": "x" }),
            Some(("sud.reserves", "sud.rien")),
        ),
        (
            "suspensions",
            json!({ "target": "organisation:sud", "reason": "x" }),
            Some(("organisation:sud", "organisation:rien")),
        ),
        (
            "suspensions",
            json!({ "target": "member:sud.admin", "reason": "x" }),
            Some(("sud.admin", "sud.rien")),
        ),
    ] {
        let target = format!("/admin/{kind}");
        let refused = desk.send(&ombre, "POST", &target, &body).await;
        assert_eq!(refused.problem(404), "no-such-entry", "{kind} {body}");
        let asked = format!("{target}?dry_run=true");
        let dry = desk.send(&ombre, "POST", &asked, &body).await;
        assert_eq!(told(&refused), told(&dry), "{kind} {body}");
        if let Some((there, nowhere)) = twin {
            let body = body.to_string().replace(there, nowhere);
            let body = serde_json::from_str(&body).expect("JSON");
            let absent = desk.send(&ombre, "POST", &target, &body).await;
            assert_eq!(told(&refused), told(&absent), "{kind} {body}");
        }
    }
    more_than_a_role_gives(&desk, &sud).await;
    whoever_asks_does_not_grant(&desk, &sud, &ombre).await;
}

/// A publisher makes nobody an administrator.
async fn more_than_a_role_gives(desk: &Desk, sud: &str) {
    let publisher = desk.person("sud", "publisher").await;
    let admin = json!({ "id": "sud.autre", "organisation": "sud", "role": "admin", "until": null });
    let made = desk
        .send(&publisher, "POST", "/admin/members", &admin)
        .await;
    assert_eq!(made.problem(403), "not-allowed");
    let key = new_key("sud", Some("sud.admin"));
    let made = desk.send(&publisher, "POST", "/admin/keys", &key).await;
    assert_eq!(made.problem(403), "not-allowed");
    let organisation = json!({ "parent": "ombre" });
    let hosted = desk
        .send(sud, "PATCH", "/admin/organisations/sud", &organisation)
        .await;
    assert_eq!(hosted.problem(403), "not-allowed");
    let grouped = json!({ "groups": ["tous"] });
    let grouped = desk
        .send(sud, "PATCH", "/admin/members/sud.publisher", &grouped)
        .await;
    assert_eq!(grouped.problem(403), "not-allowed");
}

/// Whoever asks for access does not grant it.
async fn whoever_asks_does_not_grant(desk: &Desk, sud: &str, ombre: &str) {
    let wish =
        json!({ "layer": PARCELS, "purpose": "x", "area": null, "until": "2027-01-01T00:00:00Z" });
    let target = format!("/admin/suspensions/layer:{PARCELS}");
    desk.send(sud, "DELETE", &target, &Value::Null)
        .await
        .expect(200);
    let wish = desk
        .send(ombre, "POST", "/me/requests", &wish)
        .await
        .expect(201)
        .json();
    let approve = format!(
        "/admin/requests/{}/approve",
        wish["id"].as_str().expect("an id")
    );
    let approval = json!({ "profile": "ombre.part", "actions": ["items"] });
    let approved = desk.send(ombre, "POST", &approve, &approval).await;
    assert_eq!(approved.problem(404), "no-such-entry");
}

/// Whoever is told what a change leaves idle is not told of it on layers of others.
pub async fn warnings_name_nothing_of_others() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    desk.make(&sud, "profiles", &new_profile("sud", "part", "TRUE"))
        .await;
    let mut grant = new_grant("public", PARCELS, "sud.part");
    grant["layers"] = json!([PARCELS, CACHE]);
    // The operator alone can put the layers of both into one; of that of the other it shows nothing.
    let operator = desk.operator.reveal().to_owned();
    let made = desk.make(&operator, "grants", &grant).await;
    assert!(made["warnings"].to_string().contains(CACHE), "{made}");
    let target = "/admin/profiles/sud.part";
    for target in [format!("{target}?dry_run=true"), target.to_owned()] {
        let faulty = json!({ "attributes": ["rien"] });
        let changed = desk.send(&sud, "PATCH", &target, &faulty).await;
        let changed = changed.expect(200);
        let warnings = changed.json()["warnings"].to_string();
        assert!(warnings.contains(PARCELS), "{warnings}");
        assert!(!changed.text().contains("ombre"), "{}", changed.text());
    }
    of_partners(&desk, &sud, &operator).await;
}

/// Whoever grants something to an organisation is not told how that one stands: it is the same whether it has a jurisdiction and accepted
/// terms, or not.
async fn of_partners(desk: &Desk, sud: &str, operator: &str) {
    let mut area = new_profile("sud", "ressort", "TRUE");
    area["area"] = json!({ "jurisdiction": true, "mode": "clip" });
    desk.make(sud, "profiles", &area).await;
    let terms = json!({ "terms": "sud.essai@1", "organisation": "sud", "title": "x" });
    desk.make(sud, "terms", &terms).await;
    let mut grant = new_grant("organisation:eau", PARCELS, "sud.ressort");
    grant["terms"] = "sud.essai@1".into();
    for jurisdiction in [
        json!(null),
        json!({ "wkt": "POLYGON((5 43, 6 43, 6 44, 5 43))" }),
        json!({ "layer": CACHE, "filter": "FALSE" }),
    ] {
        let given = json!({ "jurisdiction": jurisdiction });
        let target = "/admin/organisations/eau";
        let changed = desk.send(operator, "PATCH", target, &given).await;
        assert!(matches!(changed.status, 200 | 409), "{}", changed.text());
        let made = desk.make(sud, "grants", &grant).await;
        assert_eq!(made.get("warnings"), None, "{made}");
    }
}

/// What can be named tells nobody what there is.
pub async fn names_are_not_probed() {
    let (desk, [sud, ombre, eau]) = Desk::peopled().await;
    entries(&desk, &sud).await;
    for layer in [CACHE, RESERVES] {
        let nowhere = format!("{}.rien", layer.split('.').next().expect("an owner"));
        let ask = async |layer: &str| {
            let mut key = new_key("eau", None);
            key["scopes"]["layers"] = json!([layer]);
            let made = desk.send(&eau, "POST", "/admin/keys", &key).await;
            let wish = json!({ "layer": layer, "purpose": "x", "area": null, "until": "2027-01-01T00:00:00Z" });
            let asked = desk.send(&eau, "POST", "/me/requests", &wish).await;
            let plain = |reply: &Reply| (reply.status, reply.text().replace(layer, ""));
            [plain(&made), plain(&asked)]
        };
        // `eau` was granted the reserves: it may name them.
        let told = ask(layer).await;
        if layer == CACHE {
            assert_eq!(told, ask(&nowhere).await);
        } else {
            assert_eq!([told[0].0, told[1].0], [201, 201]);
        }
    }
    // Names that others took are none that one could take.
    for name in ["sud.part", "sud.rien", "part"] {
        let mut profile = new_profile("ombre", "x", "TRUE");
        profile["id"] = name.into();
        let refused = desk.send(&ombre, "POST", "/admin/profiles", &profile).await;
        assert_eq!(refused.problem(400), "invalid-member", "{name}");
    }
}

/// Nobody reads of operations that they may not try.
pub async fn the_definition_is_the_callers() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let publisher = desk.person("sud", "publisher").await;
    let reader = desk.person("sud", "reader").await;
    let firm = desk.make(&sud, "keys", &new_key("sud", None)).await;
    let firm = firm["key"].as_str().expect("a key").to_owned();
    for (key, path, method, expected) in [
        ("", "/admin", "get", false),
        ("", "/me", "get", false),
        (firm.as_str(), "/admin", "get", false),
        (&firm, "/admin/keys", "get", false),
        (&reader, "/admin/keys", "get", true),
        (&reader, "/admin/members", "get", false),
        (&publisher, "/admin/members", "get", true),
        (&publisher, "/admin/members", "post", false),
        (&sud, "/admin/members", "post", true),
        (&sud, "/admin/organisations", "post", false),
        (&operator, "/admin/organisations", "post", true),
    ] {
        let headers = [("X-API-Key", key)];
        let headers = if key.is_empty() { &[][..] } else { &headers };
        for target in ["/api", "/api.html"] {
            let definition = desk.server.get(target, headers).await.expect(200);
            if target == "/api" {
                let found = definition.json()["paths"][path][method].is_object();
                assert_eq!(found, expected, "{method} {path}");
            } else if !expected && path == "/admin" {
                assert!(!definition.text().contains("/admin"), "{path}");
            }
        }
    }
    let portal = desk.get(&sud, "/o/sud/api").await.expect(200);
    assert!(!portal.text().contains("/admin"));
}

/// Not the text of a key, once it was made, nor its hash.
pub async fn no_answer_holds_a_hash() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let made = desk.make(&sud, "keys", &new_key("sud", None)).await;
    let text = made["key"].as_str().expect("a key");
    let hash = guichet::access::sha256(text.as_bytes());
    let hash = blake3::Hash::from_bytes(hash).to_hex().to_string();
    let id = made["id"].as_str().expect("an id");
    assert!(!made.to_string().contains(&hash));
    let relabelled = json!({ "label": "autrement" });
    let target = format!("/admin/keys/{id}");
    let changed = desk
        .send(&sud, "PATCH", &target, &relabelled)
        .await
        .expect(200);
    let mut texts = vec![changed.text()];
    for target in ["/admin/keys", &target, "/admin", "/me", "/api"] {
        texts.push(desk.get(&sud, target).await.expect(200).text());
    }
    for answer in texts {
        assert!(
            !answer.contains(&hash) && !answer.contains(&text[18..50]),
            "{answer}"
        );
    }
}

/// A credential that is narrowed makes nothing that is wider than itself.
pub async fn a_narrow_key_administrates_nothing() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let mut narrow = new_key("sud", Some("sud.admin"));
    narrow["scopes"]["max_zoom"] = 12.into();
    let narrow = desk.make(&sud, "keys", &narrow).await;
    let narrow = narrow["key"].as_str().expect("a key");
    for kind in KINDS {
        let refused = desk.get(narrow, &format!("/admin/{kind}")).await;
        assert_eq!(refused.problem(403), "not-allowed", "{kind}");
    }
    let made = desk
        .send(narrow, "POST", "/admin/keys", &new_key("sud", None))
        .await;
    assert_eq!(made.problem(403), "not-allowed");
    let own = new_key("sud", Some("sud.admin"));
    let made = desk.send(narrow, "POST", "/admin/keys", &own).await;
    assert_eq!(made.problem(403), "not-allowed");
    let definition = desk.get(narrow, "/api").await.expect(200);
    assert!(!definition.text().contains("/admin"));
}

/// What is granted over HTTP is seen by the next request, no less and no more.
pub async fn a_grant_opens_its_rows_at_once() {
    let (desk, [sud, _, eau]) = Desk::peopled().await;
    let key = desk.make(&eau, "keys", &new_key("eau", None)).await;
    let partner = key["key"].as_str().expect("a key");
    let seen = async |key: &str| {
        let page = desk
            .get(key, "/collections/sud.parcelles/items?limit=100")
            .await;
        page.expect(200).json()["numberMatched"]
            .as_u64()
            .expect("a count")
    };
    let part = new_profile("sud", "part", "\"limit\" = 1");
    desk.make(&sud, "profiles", &part).await;
    let grant = new_grant("organisation:eau", PARCELS, "sud.part");
    desk.make(&sud, "grants", &grant).await;
    let (some, all) = (seen(partner).await, seen(&sud).await);
    assert!(0 < some && some < all, "{some} of {all}");
    let wider = json!({ "rows": "TRUE" });
    let profile = "/admin/profiles/sud.part";
    desk.send(&sud, "PATCH", profile, &wider).await.expect(200);
    assert_eq!(seen(partner).await, all);
}

/// Whoever has a key can have another in its place, and another in the place of that: all of them end with the first.
pub async fn a_successor_falls_with_its_key() {
    let (desk, [_, _, eau]) = Desk::peopled().await;
    let made = desk.make(&eau, "keys", &new_key("eau", None)).await;
    let first = made["key"].as_str().expect("a key").to_owned();
    let rotate = async |key: &str| {
        let days = json!({ "overlapDays": 0 });
        let next = desk.send(key, "POST", "/me/key/rotate", &days).await;
        let next = next.expect(201).json();
        let text = |name: &str| next[name].as_str().expect("a text").to_owned();
        (text("key"), text("id"))
    };
    let (second, second_id) = rotate(&first).await;
    desk.server.pass(SECOND);
    let (third, third_id) = rotate(&second).await;
    desk.get(&third, "/me").await.expect(200);
    let first_id = made["id"].as_str().expect("an id");
    let named = [&second_id, &third_id].map(|id| format!("key:{id}"));
    // Suspended, they are refused, and released they are not.
    let suspension = json!({ "target": format!("key:{first_id}"), "reason": "perdue" });
    let suspended = desk.make(&eau, "suspensions", &suspension).await;
    assert_eq!(suspended["successors"], json!(named));
    let refused = desk.get(&third, "/me").await;
    assert_eq!(refused.problem(401), "invalid-credential");
    let shown = desk.get(&eau, &format!("/admin/keys/{third_id}")).await;
    let shown = shown.expect(200).json();
    assert_eq!(
        (&shown["suspended"], &shown["suspended_with"]),
        (&json!(true), &json!(first_id))
    );
    let rotated = format!("/admin/keys/{third_id}/rotate");
    let rotated = desk.send(&eau, "POST", &rotated, &json!({})).await;
    assert_eq!(rotated.problem(422), "refused-change");
    let target = format!("/admin/suspensions/key:{first_id}");
    let released = desk.send(&eau, "DELETE", &target, &Value::Null).await;
    assert_eq!(released.expect(200).json()["successors"], json!(named));
    desk.get(&third, "/me").await.expect(200);
    // Taken back, they are gone, and the answer says so.
    let target = format!("/admin/keys/{first_id}");
    let gone = desk.send(&eau, "DELETE", &target, &Value::Null).await;
    assert_eq!(gone.expect(200).json()["fallen"], json!(named));
    for key in [&second, &third] {
        let refused = desk.get(key, "/me").await;
        assert_eq!(refused.problem(401), "invalid-credential");
    }
}

/// A grant to a key holds for those in its place, and ends for all of them.
pub async fn a_grant_to_a_key_is_one() {
    let (desk, [sud, _, eau]) = Desk::peopled().await;
    let made = desk.make(&eau, "keys", &new_key("eau", None)).await;
    let first = made["key"].as_str().expect("a key").to_owned();
    let id = made["id"].as_str().expect("an id");
    desk.make(&sud, "profiles", &new_profile("sud", "part", "TRUE"))
        .await;
    let grant = new_grant(&format!("key:{id}"), RESERVES, "sud.part");
    let grant = desk.make(&sud, "grants", &grant).await;
    let next = desk
        .send(&first, "POST", "/me/key/rotate", &json!({}))
        .await;
    let next = next.expect(201).json();
    let next = next["key"].as_str().expect("a key");
    let items = format!("/collections/{RESERVES}/items");
    let plain = desk.make(&eau, "keys", &new_key("eau", None)).await;
    let plain = plain["key"].as_str().expect("a key");
    for (key, status) in [(first.as_str(), 200), (next, 200), (plain, 404)] {
        desk.get(key, &items).await.expect(status);
    }
    let grants = desk.get(&sud, "/admin/grants").await.expect(200).json();
    assert_eq!(grants["grants"].as_array().expect("grants").len(), 1);
    let target = format!("/admin/grants/{}", grant["id"].as_str().expect("an id"));
    let ended = json!({ "actions": ["tiles"] });
    desk.send(&sud, "PATCH", &target, &ended).await.expect(200);
    desk.get(next, &items).await.expect(404);
    desk.send(&sud, "DELETE", &target, &Value::Null)
        .await
        .expect(200);
    for key in [&first, next] {
        desk.get(key, &format!("/collections/{RESERVES}"))
            .await
            .expect(404);
    }
}

/// A key that ends and holds in one network, of a member, makes no key of that member that lasts or holds elsewhere: not of itself, not of
/// another, not a new one.
pub async fn a_key_makes_itself_no_wider() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let mut limited = new_key("sud", Some("sud.admin"));
    limited["until"] = "2026-10-01T00:00:00Z".into();
    limited["networks"] = json!(["127.0.0.0/8"]);
    let made = desk.make(&sud, "keys", &limited).await;
    let key = made["key"].as_str().expect("a key");
    let own = format!("/admin/keys/{}", made["id"].as_str().expect("an id"));
    let other = desk.make(&sud, "keys", &limited).await;
    let other = format!("/admin/keys/{}", other["id"].as_str().expect("an id"));
    for (name, wider, narrower) in [
        ("until", Value::Null, json!("2026-09-30T00:00:00Z")),
        (
            "until",
            json!("2026-10-02T00:00:00Z"),
            json!("2026-09-29T00:00:00Z"),
        ),
        ("networks", json!([]), json!(["127.0.0.0/16"])),
        ("networks", json!(["0.0.0.0/0"]), json!(["127.0.0.0/24"])),
    ] {
        for target in [&own, &other] {
            let patch = async |key: &str, value: &Value| {
                desk.send(key, "PATCH", target, &json!({ name: value }))
                    .await
            };
            assert_eq!(patch(key, &wider).await.problem(403), "not-allowed");
            patch(key, &narrower).await.expect(200);
        }
        let mut new = limited.clone();
        new[name] = wider;
        let made = desk.send(key, "POST", "/admin/keys", &new).await;
        assert_eq!(made.problem(403), "not-allowed", "{name}");
    }
    // Nor by taking the place of one that has no limits: the text of the new one would be the thief's.
    let lasting = new_key("sud", Some("sud.admin"));
    let lasting = desk.make(&sud, "keys", &lasting).await;
    let lasting = lasting["id"].as_str().expect("an id");
    for target in ["", "?dry_run=true"] {
        let target = format!("/admin/keys/{lasting}/rotate{target}");
        let days = json!({ "overlapDays": 0 });
        let taken = desk.send(key, "POST", &target, &days).await;
        assert_eq!(taken.problem(403), "not-allowed");
    }
    let target = format!("/admin/keys/{lasting}/rotate");
    let renewed = desk.send(&sud, "POST", &target, &json!({})).await;
    renewed.expect(201);
    limited["until"] = "2026-09-29T00:00:00Z".into();
    limited["networks"] = json!(["127.0.0.1/32"]);
    desk.make(key, "keys", &limited).await;
    // By a key that is not limited, the same member may.
    let wider = json!({ "until": null, "networks": [] });
    desk.send(&sud, "PATCH", &own, &wider).await.expect(200);
}

/// The operator's key stands in the configuration: nobody ends it by what it belongs to.
pub async fn nobody_locks_the_operator_out() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let key = format!("key:{}", desk.operator.id());
    for target in ["organisation:plateforme", &key] {
        let suspension = json!({ "target": target, "reason": "erreur" });
        for query in ["?dry_run=true", ""] {
            let target = format!("/admin/suspensions{query}");
            let own = desk.send(&operator, "POST", &target, &suspension).await;
            assert_eq!(own.problem(403), "not-allowed", "{suspension}");
        }
        desk.get(&operator, "/admin").await.expect(200);
    }
    let suspension = json!({ "target": "organisation:sud", "reason": "erreur" });
    desk.make(&operator, "suspensions", &suspension).await;
    desk.get(&sud, "/me").await.expect(401);
}

/// Whoever fills what can be granted to an organisation learns by what is refused neither whose a key is, nor in whose place, nor whether
/// the organisation has an area.
pub async fn the_ceiling_tells_nothing_of_partners() {
    let (desk, [sud, _, eau]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let key = desk.make(&eau, "keys", &new_key("eau", None)).await;
    let text = key["key"].as_str().expect("a key").to_owned();
    let next = desk.send(&text, "POST", "/me/key/rotate", &json!({})).await;
    let next = next.expect(201).json();
    let stranger = desk.make(&operator, "keys", &new_key("ombre", None)).await;
    let subject = |key: &Value| format!("key:{}", key["id"].as_str().expect("an id"));
    let (first, second, stranger) = (subject(&key), subject(&next), subject(&stranger));
    let (eau, ombre) = ("organisation:eau", "organisation:ombre");
    for i in 0..=64 {
        let mut profile = new_profile("sud", &format!("p{i}"), &format!("\"limit\" = {i}"));
        profile["area"] = json!({ "jurisdiction": true, "mode": "clip" });
        desk.make(&sud, "profiles", &profile).await;
        for subject in [eau, ombre, &first].iter().filter(|_| i < 64) {
            let grant = new_grant(subject, PARCELS, &format!("sud.p{i}"));
            desk.make(&sud, "grants", &grant).await;
        }
    }
    let area = "POLYGON((-20 30, 30 30, 30 60, -20 60, -20 30))";
    let area = json!({ "jurisdiction": { "wkt": area } });
    let target = "/admin/organisations/eau";
    let given = desk.send(&operator, "PATCH", target, &area).await;
    given.expect(200);
    let tried = async |subject: &str| {
        let grant = new_grant(subject, PARCELS, "sud.p64");
        let target = "/admin/grants?dry_run=true";
        desk.send(&sud, "POST", target, &grant).await.status
    };
    for full in [eau, ombre, &first, "public", "authenticated"] {
        assert_eq!(tried(full).await, 422, "{full}");
    }
    for room in [&second, &stranger, "group:g"] {
        assert_eq!(tried(room).await, 200, "{room}");
    }
}

/// Of a grant on layers of several, which the operator made, each sees its own, and none changes it, whatever it sends.
pub async fn a_grant_of_several_is_left_alone() {
    let (desk, [sud, ombre, eau]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let everything = new_profile("sud", "part", "TRUE");
    desk.make(&sud, "profiles", &everything).await;
    let mut grant = new_grant("organisation:eau", PARCELS, "sud.part");
    grant["layers"] = json!([PARCELS, CACHE]);
    let made = desk.make(&operator, "grants", &grant).await;
    let target = format!("/admin/grants/{}", made["id"].as_str().expect("an id"));
    for (who, layer) in [(&sud, PARCELS), (&ombre, CACHE)] {
        let shown = desk.get(who, &target).await.expect(200).json();
        assert_eq!(shown["layers"], json!([layer]));
        for target in [format!("{target}?dry_run=true"), target.clone()] {
            let delete = desk.send(who, "DELETE", &target, &Value::Null).await;
            assert_eq!(delete.problem(403), "not-allowed");
            for body in [
                json!({ "until": "2027-01-01T00:00:00Z" }),
                json!({ "layers": [layer] }),
                json!({ "layers": [CACHE] }),
                json!({ "profile": "ombre.rien" }),
                json!({ "rien": null }),
                json!([]),
                Value::Null,
            ] {
                let patch = desk.send(who, "PATCH", &target, &body).await;
                assert_eq!(patch.text(), delete.text(), "{body}");
                assert_eq!(patch.status, 403);
            }
        }
    }
    let whole = desk.get(&operator, &target).await.expect(200).json();
    assert_eq!(whole["layers"], json!([CACHE, PARCELS]));
    // Who sees nothing of it is told what is told of none.
    for id in [&target, "/admin/grants/rien"] {
        let nowhere = desk.send(&eau, "DELETE", id, &Value::Null).await;
        assert_eq!(nowhere.problem(404), "no-such-entry", "{id}");
    }
}
