//! The life of a platform over HTTP, from its first organisation to what the audit says of it.

use std::sync::Arc;

use guichet::access::{Author, Change, Member, Name, PolicyStore as _, Record, Role};
use guichet::store::AuditQuery;
use serde_json::{Value, json};

use crate::desk::{Desk, JSON, PARCELS, RESERVES, new_grant, new_key, new_profile};
use crate::keyed::{NOW, Provider};

const PARCEL_ITEMS: &str = "/collections/sud.parcelles/items?limit=100";

/// How many items a key sees.
async fn seen(desk: &Desk, key: &str) -> usize {
    let items = desk.get(key, PARCEL_ITEMS).await.expect(200).json();
    items["features"].as_array().expect("features").len()
}

fn names(list: &Value, kind: &str) -> Vec<String> {
    let entries = list[kind].as_array().expect("entries").iter();
    let id = |e: &Value| e["id"].as_str().expect("an id").to_owned();
    entries.map(id).collect()
}

#[tokio::test]
async fn a_whole_life() {
    let desk = Desk::new().await;
    let operator = desk.operator.reveal().to_owned();
    // The operator makes two organisations and whoever administrates them.
    let sud = json!({ "id": "sud", "title": "Région Sud" });
    let made = desk
        .send(&operator, "POST", "/admin/organisations", &sud)
        .await
        .expect(201);
    assert_eq!(
        made.header("location"),
        "http://data.example.org/admin/organisations/sud"
    );
    assert_eq!(made.json()["jurisdiction"], Value::Null);
    desk.make(
        &operator,
        "organisations",
        &json!({ "id": "eau", "title": "Eau" }),
    )
    .await;
    let sud = desk.person("sud", "admin").await;
    let eau = desk.person("eau", "admin").await;
    // The partner gives its programs a key of their own; it opens nothing yet.
    let key = desk.make(&eau, "keys", &new_key("eau", None)).await;
    let (partner, id) = (
        key["key"].as_str().expect("a key"),
        key["id"].as_str().expect("an id"),
    );
    desk.get(partner, PARCEL_ITEMS).await.expect(403);
    // The publisher opens some rows to it: the next request sees them.
    desk.make(
        &sud,
        "profiles",
        &new_profile("sud", "part", "\"limit\" = 1"),
    )
    .await;
    let grant = new_grant("organisation:eau", PARCELS, "sud.part");
    let grant = desk.make(&sud, "grants", &grant).await;
    assert!(seen(&desk, partner).await > 0);
    let all = json!({ "rows": "TRUE" });
    let changed = desk
        .send(&sud, "PATCH", "/admin/profiles/sud.part", &all)
        .await;
    assert_eq!(changed.expect(200).json()["rows"], "TRUE");
    // It is shown without its secret.
    let shown = desk
        .get(&eau, &format!("/admin/keys/{id}"))
        .await
        .expect(200);
    assert!(!shown.text().contains(partner));
    assert_eq!(shown.json()["suspended"], false);
    // Suspended, released, replaced, taken back.
    let suspension = json!({ "target": format!("key:{id}"), "reason": "perdue" });
    desk.make(&eau, "suspensions", &suspension).await;
    assert_eq!(
        desk.get(partner, "/me").await.problem(401),
        "invalid-credential"
    );
    let target = format!("/admin/suspensions/key:{id}");
    desk.send(&eau, "DELETE", &target, &Value::Null)
        .await
        .expect(200);
    desk.get(partner, "/me").await.expect(200);
    let rotate = format!("/admin/keys/{id}/rotate");
    let next = desk.send(&eau, "POST", &rotate, &json!({})).await;
    let next = next.expect(201).json();
    // For as many days as the definition says, where nothing is said.
    let definition = desk.get(&eau, "/api").await.expect(200).json();
    let body = &definition["paths"]["/admin/keys/{key}/rotate"]["post"]["requestBody"];
    let days = &body["content"]["application/json"]["schema"]["properties"]["overlapDays"];
    assert_eq!(days["default"], 7, "{body}");
    assert_eq!(next["replaces"]["until"], "2026-09-28T14:13:20Z", "{next}");
    let successor = next["key"].as_str().expect("a key");
    assert_eq!(next["replaces"]["id"], id);
    assert_eq!(seen(&desk, successor).await, seen(&desk, partner).await);
    // Where all programs have the new one, the old one ends.
    let ended = json!({ "until": "2026-09-21T14:13:20Z" });
    desk.send(&eau, "PATCH", &format!("/admin/keys/{id}"), &ended)
        .await
        .expect(200);
    assert_eq!(
        desk.get(partner, "/me").await.problem(401),
        "expired-credential"
    );
    desk.get(successor, "/me").await.expect(200);
    // The layer, and the grant.
    let draft = json!({ "state": "draft" });
    let layer = desk
        .send(&sud, "PATCH", "/admin/layers/sud.parcelles", &draft)
        .await;
    assert_eq!(layer.expect(200).json()["state"], "draft");
    let published = json!({ "state": "published" });
    desk.send(&sud, "PATCH", "/admin/layers/sud.parcelles", &published)
        .await
        .expect(200);
    desk.get(successor, PARCEL_ITEMS).await.expect(200);
    let grant = format!("/admin/grants/{}", grant["id"].as_str().expect("an id"));
    desk.send(&sud, "DELETE", &grant, &Value::Null)
        .await
        .expect(200);
    desk.get(successor, PARCEL_ITEMS).await.expect(403);
    desk.get(&sud, &grant).await.expect(404);
    let id = next["id"].as_str().expect("an id");
    desk.send(&eau, "DELETE", &format!("/admin/keys/{id}"), &Value::Null)
        .await
        .expect(200);
    assert_eq!(
        desk.get(successor, "/me").await.problem(401),
        "invalid-credential"
    );
    audited(&desk);
}

/// Every change is in the audit, with whoever made it.
fn audited(desk: &Desk) {
    let lines = desk.store.audit(&AuditQuery::default()).expect("an audit");
    let said: Vec<(String, String)> = lines
        .iter()
        .map(|l| {
            (
                l.act.clone(),
                l.name.split(':').next().expect("a kind").to_owned(),
            )
        })
        .collect();
    for (act, kind) in [
        ("create", "organisation"),
        ("create", "member"),
        ("create", "profile"),
        ("create", "grant"),
        ("update", "profile"),
        ("suspend", "suspension"),
        ("resume", "suspension"),
        ("rotate", "key"),
        ("revoke", "key"),
        ("state", "layer"),
        ("revoke", "grant"),
    ] {
        assert!(
            said.contains(&(act.to_owned(), kind.to_owned())),
            "{act} {kind}: {said:?}"
        );
    }
    let operator = format!("key:{}", desk.operator.id());
    let by_operator = lines.iter().filter(|l| l.actor == operator).count();
    // Two organisations, two members and a key for each of them.
    assert_eq!(by_operator, 6);
    assert!(lines.iter().all(|l| l.actor.starts_with("key:")));
}

#[tokio::test]
async fn nobody_asks_for_what_it_publishes() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let wish = json!({ "layer": PARCELS, "purpose": "Réseaux", "area": null, "until": "2027-06-30T22:00:00Z" });
    let asked = desk.send(&sud, "POST", "/me/requests", &wish).await;
    assert_eq!(asked.problem(409), "seen-already");
}

#[tokio::test]
async fn access_is_asked_for_until_an_instant_to_come() {
    let (desk, [_, _, eau]) = Desk::peopled().await;
    for (until, status, said) in [
        ("2001-01-01T00:00:00Z", 422, "avenir"),
        ("2027-01-01", 400, "2027-06-30T22:00:00Z"),
    ] {
        let wish = json!({ "layer": PARCELS, "purpose": "Réseaux", "until": until });
        let refused = desk.send(&eau, "POST", "/me/requests", &wish).await;
        assert_eq!(refused.status, status, "{until}: {}", refused.text());
        let text = refused.text();
        assert!(text.contains(said) && !text.contains("from"), "{text}");
    }
}

#[tokio::test]
async fn everybody_is_told_how_much_they_see() {
    let (desk, [sud, _, eau]) = Desk::peopled().await;
    let mut cells = new_profile("sud", "mailles", "TRUE");
    cells["attributes"] = json!([]);
    cells["precision"] = json!({ "grid_m": 1000, "min_count": 3, "aggregates": {} });
    desk.make(&sud, "profiles", &cells).await;
    let grant = new_grant("organisation:eau", PARCELS, "sud.mailles");
    desk.make(&sud, "grants", &grant).await;
    for (key, shows) in [(&eau, "cells"), (&sud, "whole")] {
        let me = desk.get(key, "/me").await.expect(200).json();
        let mut layers = me["layers"].as_array().expect("layers").iter();
        let layer = layers.find(|l| l["id"] == PARCELS).expect("the layer");
        assert_eq!(layer["actions"]["items"]["shows"], shows);
        assert_eq!(layer["actions"]["discover"]["shows"], shows);
    }
}

#[tokio::test]
async fn what_is_asked_for_is_decided() {
    let (desk, [sud, _, eau]) = Desk::peopled().await;
    desk.make(
        &sud,
        "profiles",
        &new_profile("sud", "part", "\"limit\" = 1"),
    )
    .await;
    let wish = |layer: &str| json!({ "layer": layer, "purpose": "Réseaux", "area": null, "until": "2027-06-30T22:00:00Z" });
    let ask = async |layer: &str| desk.send(&eau, "POST", "/me/requests", &wish(layer)).await;
    // The locked collection says where to ask.
    let locked = desk
        .get(&eau, "/collections/sud.parcelles")
        .await
        .expect(403)
        .json();
    let links = locked["links"].as_array().expect("links");
    assert!(
        links
            .iter()
            .any(|l| l["href"] == "http://data.example.org/me/requests"),
        "{links:?}"
    );
    let asked = ask(PARCELS).await.expect(201).json();
    assert_eq!(
        (&asked["state"], &asked["layer"]),
        (&json!("open"), &json!(PARCELS))
    );
    let id = asked["id"].as_str().expect("an id").to_owned();
    // Once is enough, also for others of the same organisation.
    let again = ask(PARCELS).await;
    assert_eq!(again.problem(409), "asked-already");
    assert!(again.text().contains(&id), "{}", again.text());
    // Nor is there anything to ask of what everybody sees whole.
    assert_eq!(ask("villes").await.problem(409), "seen-already");
    // It is seen by those who asked and those who decide.
    let me = desk.get(&eau, "/me").await.expect(200).json();
    assert_eq!(me["requests"].as_array().expect("requests").len(), 1);
    let waiting = desk
        .get(&sud, "/admin/requests?layer=sud.parcelles")
        .await
        .expect(200)
        .json();
    assert!(names(&waiting, "requests").contains(&id));
    // No longer than was asked for.
    let approve = async |key: &str, body: Value| {
        let target = format!("/admin/requests/{id}/approve");
        desk.send(key, "POST", &target, &body).await
    };
    let long =
        json!({ "profile": "sud.part", "actions": ["items"], "until": "2028-01-01T00:00:00Z" });
    let long = approve(&sud, long).await;
    assert_eq!(long.problem(422), "refused-change");
    assert!(
        long.text().contains("2027-06-30T22:00:00Z"),
        "{}",
        long.text()
    );
    // An answer that opens nothing is none.
    let nothing = json!({ "profile": "sud.part", "actions": [] });
    let nothing = approve(&sud, nothing).await;
    assert_eq!(nothing.problem(422), "refused-change");
    // What would be decided is told, and is not.
    for (verb, body, state) in [
        (
            "approve",
            json!({ "profile": "sud.part", "actions": ["items"] }),
            "approved",
        ),
        ("refuse", json!({ "reason": "non" }), "refused"),
    ] {
        let target = format!("/admin/requests/{id}/{verb}?dry_run=true");
        let told = desk.send(&sud, "POST", &target, &body).await;
        let told = told.expect(200).json();
        assert_eq!(
            (&told["state"], &told["grant"]),
            (&json!(state), &Value::Null)
        );
        assert_eq!(told["dry_run"], true);
    }
    let still = desk.get(&sud, &format!("/admin/requests/{id}")).await;
    assert_eq!(still.expect(200).json()["state"], "open");
    let good = json!({ "profile": "sud.part", "actions": ["discover", "items"] });
    let approved = approve(&sud, good.clone()).await.expect(200).json();
    assert_eq!(approved["state"], "approved");
    assert!(seen(&desk, &eau).await > 0);
    assert_eq!(approve(&sud, good).await.problem(409), "conflict");
    let grant = approved["grant"].as_str().expect("a grant");
    let grant = desk
        .get(&sud, &format!("/admin/grants/{grant}"))
        .await
        .expect(200)
        .json();
    assert_eq!(grant["until"], "2027-06-30T22:00:00Z");
    let me = desk.get(&eau, "/me").await.expect(200).json();
    let until = &me["layers"]
        .as_array()
        .expect("layers")
        .iter()
        .find(|l| l["id"] == PARCELS);
    let items = &until.expect("the layer")["actions"]["items"];
    assert_eq!(items["until"], "2027-06-30T22:00:00Z");
    assert_eq!(items["shows"], "part");
    // What was decided may be asked for again; the second is withdrawn.
    let second = ask(PARCELS).await.expect(201).json();
    let second = format!("/me/requests/{}", second["id"].as_str().expect("an id"));
    let withdrawn = desk
        .send(&eau, "DELETE", &second, &Value::Null)
        .await
        .expect(200);
    assert_eq!(withdrawn.json()["state"], "withdrawn");
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let at = async |body: &Value| {
        let refused = desk.send(&sud, "POST", "/admin/profiles", body).await;
        assert_eq!(refused.problem(400), "invalid-member");
        refused.json()["errors"][0]["member"]
            .as_str()
            .expect("a name")
            .to_owned()
    };
    let good = new_profile("sud", "part", "TRUE");
    let mut less = good.clone();
    less.as_object_mut().expect("members").remove("area");
    assert_eq!(at(&less).await, "area");
    let mut more = good.clone();
    more["only_on_mondays"] = true.into();
    assert_eq!(at(&more).await, "only_on_mondays");
    let mut foreign = good.clone();
    foreign["id"] = "part".into();
    assert_eq!(at(&foreign).await, "id");
    let mut filter = good.clone();
    filter["rows"] = "limit = (".into();
    let refused = desk.send(&sud, "POST", "/admin/profiles", &filter).await;
    assert_eq!(refused.problem(400), "invalid-parameter");
    assert!(refused.json()["errors"][0]["at"]["offset"].is_u64());
    // The server says ids and hashes of keys itself.
    for name in ["id", "sha256", "replaced_by"] {
        let mut key = new_key("sud", None);
        key[name] = "00000000".into();
        let refused = desk.send(&sud, "POST", "/admin/keys", &key).await;
        assert_eq!(refused.problem(400), "invalid-member");
    }
    for (kind, body, status, problem) in [
        (
            "application/x-www-form-urlencoded",
            "id=a",
            415,
            "unsupported-media-type",
        ),
        ("text/plain", "", 415, "unsupported-media-type"),
        ("application/json", "[]", 400, "malformed-body"),
        ("application/json", "{", 400, "malformed-body"),
    ] {
        let headers = [("X-API-Key", sud.as_str()), ("Content-Type", kind)];
        let refused = desk
            .server
            .ask("POST", "/admin/profiles", &headers, body)
            .await;
        assert_eq!(refused.problem(status), problem, "{kind} {body}");
    }
    desk.make(&sud, "profiles", &good).await;
    let again = desk.send(&sud, "POST", "/admin/profiles", &good).await;
    assert_eq!(again.problem(409), "conflict");
}

#[tokio::test]
async fn each_role_is_told_what_it_may_do() {
    let (desk, [admin, ..]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let publisher = desk.person("sud", "publisher").await;
    let reader = desk.person("sud", "reader").await;
    let firm = desk.make(&admin, "keys", &new_key("sud", None)).await;
    let firm = firm["key"].as_str().expect("a key").to_owned();
    let allow = async |key: &str, path: &str| {
        let answer = desk.send(key, "OPTIONS", path, &Value::Null).await;
        (answer.status, answer.header("allow"))
    };
    for (key, path, expected) in [
        (
            &operator,
            "/admin/organisations",
            "GET, POST, HEAD, OPTIONS",
        ),
        (&admin, "/admin/organisations", "GET, HEAD, OPTIONS"),
        (&admin, "/admin/members", "GET, POST, HEAD, OPTIONS"),
        (&publisher, "/admin/members", "GET, HEAD, OPTIONS"),
        (
            &publisher,
            "/admin/grants/x",
            "GET, PATCH, DELETE, HEAD, OPTIONS",
        ),
        (&reader, "/admin/grants/x", "OPTIONS"),
        (&reader, "/admin/keys", "GET, POST, HEAD, OPTIONS"),
    ] {
        assert_eq!(allow(key, path).await, (200, expected.to_owned()), "{path}");
    }
    assert_eq!(allow(&firm, "/admin/keys").await.0, 404);
    let put = desk
        .send(&publisher, "PUT", "/admin/grants/x", &Value::Null)
        .await;
    assert_eq!(
        (put.status, put.header("allow").as_str()),
        (405, "GET, PATCH, DELETE, HEAD, OPTIONS")
    );
    assert_eq!(
        desk.get(&reader, "/admin/members").await.problem(403),
        "not-allowed"
    );
    // The definition lists as much.
    for (key, has) in [
        (
            Some(&operator),
            [
                ("/admin/organisations", "post"),
                ("/admin/requests/{request}/approve", "post"),
            ],
        ),
        (
            Some(&admin),
            [
                ("/admin/members", "post"),
                ("/admin/organisations/{organisation}", "patch"),
            ],
        ),
        (
            Some(&publisher),
            [("/admin/members", "get"), ("/admin/grants", "post")],
        ),
        (Some(&reader), [("/admin/keys", "post"), ("/me", "get")]),
        (
            Some(&firm),
            [("/me/key/rotate", "post"), ("/me/requests", "post")],
        ),
        (None, [("/session", "get"), ("/session", "post")]),
    ] {
        let headers: Vec<(&str, &str)> = key.iter().map(|k| ("X-API-Key", k.as_str())).collect();
        let document = desk.server.get("/api", &headers).await.expect(200);
        let is_private = document.header("cache-control").contains("private");
        assert_eq!(is_private, key.is_some());
        let paths = &document.json()["paths"];
        for (path, method) in has {
            assert!(paths[path][method].is_object(), "{method} {path}");
        }
    }
    // Whoever is a member makes keys of their own, and of nobody else.
    let own = desk
        .make(&reader, "keys", &new_key("sud", Some("sud.reader")))
        .await;
    assert!(
        names(&desk.get(&reader, "/admin/keys").await.json(), "keys")
            .contains(&own["id"].as_str().expect("an id").to_owned())
    );
}

/// What the operator alone gives cannot be guessed: the right guess is answered like the wrong one, also of an area that is withheld.
#[tokio::test]
async fn guesses_of_what_the_operator_gives_are_not_confirmed() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let target = "/admin/organisations/sud";
    let area = |rows: &str| json!({ "layer": "ombre.cache", "filter": rows });
    let given = json!({ "jurisdiction": area("\"limit\" = 1"), "siret": "13002526500013" });
    let given = desk.send(&operator, "PATCH", target, &given).await;
    let known = given.expect(200).json();
    let shown = desk.get(&sud, target).await.expect(200).json();
    assert_eq!(shown["jurisdiction"], json!({ "withheld": true }));
    for guess in [
        json!({ "jurisdiction": known["jurisdiction"] }),
        json!({ "jurisdiction": area("\"limit\" = 2") }),
        json!({ "jurisdiction": known["jurisdiction"], "title": "Autre" }),
        json!({ "siret": "13002526500013" }),
        json!({ "siret": "13002526500014" }),
        json!({ "parent": null }),
        json!({ "parent": "ombre" }),
    ] {
        let answer = desk.send(&sud, "PATCH", target, &guess).await;
        assert_eq!(answer.problem(403), "not-allowed", "{guess}");
    }
    let title = json!({ "title": "Autre" });
    let changed = desk.send(&sud, "PATCH", target, &title).await;
    assert_eq!(changed.expect(200).json()["title"], "Autre");
}

/// A body of which a part would be passed over is refused, and so is an identity that no token confirms.
#[tokio::test]
async fn what_is_said_twice_and_whom_no_token_confirms() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let headers = [("X-API-Key", sud.as_str()), JSON];
    let twice = r#"{"title":"Une","title":"Deux"}"#;
    let target = "/admin/organisations/sud";
    let answer = desk.server.ask("PATCH", target, &headers, twice).await;
    assert!(answer.text().contains("title"), "{}", answer.text());
    assert_eq!(answer.problem(400), "invalid-member");
    let member = json!({
        "id": "sud.x", "organisation": "sud", "role": "reader", "until": null, "identity": ["https://id.example", "u-9"],
    });
    let number = json!({ "siret": "13002526500013" });
    let operator = desk.operator.reveal().to_owned();
    desk.send(&operator, "PATCH", target, &number)
        .await
        .expect(200);
    desk.make(&sud, "members", &member).await;
}

/// Writes of one publisher, one after the other, while others write: none is sent away for that.
async fn writes_often(desk: &Desk, key: &str, organisation: &str) {
    let id = format!("/admin/profiles/{organisation}.part");
    let new = new_profile(organisation, "part", "TRUE");
    desk.make(key, "profiles", &new).await;
    for round in 0..200 {
        let rows = json!({ "rows": format!("\"limit\" = {round}") });
        let changed = desk.send(key, "PATCH", &id, &rows).await;
        assert_eq!(changed.expect(200).json()["rows"], rows["rows"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_kept_from_writing_by_others() {
    let (desk, [sud, ombre, eau]) = Desk::peopled().await;
    let before = desk.store.epoch().expect("an epoch");
    // A command on the machine writes past the server.
    let store = Arc::clone(&desk.store);
    let commands = tokio::task::spawn_blocking(move || {
        for round in 0..40 {
            let layer = PARCELS.to_owned();
            let until_us = Some(NOW - round - 1);
            let author = Author {
                name: "operator:test",
                at_us: NOW,
                seen: None,
            };
            let change = Change::SetEmbargo { layer, until_us };
            store.change(author, &change).expect("a change");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    tokio::join!(
        writes_often(&desk, &sud, "sud"),
        writes_often(&desk, &ombre, "ombre"),
        writes_often(&desk, &eau, "eau"),
    );
    commands.await.expect("no panic");
    let after = desk.store.epoch().expect("an epoch");
    assert_eq!(after - before, 3 * 201 + 40, "each was written once");
}

/// Whoever waits for a turn is judged when it comes: what was taken back meanwhile is gone.
#[tokio::test]
async fn a_right_that_was_lost_meanwhile_is_lost() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let publisher = desk.person("sud", "publisher").await;
    let parts = desk.store.load().expect("a policy").parts;
    let member = parts.members["sud.publisher"].clone();
    let reader = Member {
        role: Role::Reader,
        ..member
    };
    by_command(&desk, &Change::Update(Record::Member(reader)));
    let profile = new_profile("sud", "part", "TRUE");
    let made = desk
        .send(&publisher, "POST", "/admin/profiles", &profile)
        .await;
    assert_eq!(made.problem(403), "not-allowed");
    by_command(
        &desk,
        &Change::Revoke(Name::Member("sud.publisher".to_owned())),
    );
    let key = new_key("sud", Some("sud.publisher"));
    let made = desk.send(&publisher, "POST", "/admin/keys", &key).await;
    assert_eq!(made.problem(401), "invalid-credential");
    desk.make(&sud, "profiles", &profile).await;
}

/// Who may end a suspension is said to those who see it.
#[tokio::test]
async fn a_suspension_says_whose_it_is() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let operator = desk.operator.reveal().to_owned();
    let target = |layer: &str| json!({ "target": format!("layer:{layer}"), "reason": "erreur" });
    desk.make(&operator, "suspensions", &target(PARCELS)).await;
    let own = desk.make(&sud, "suspensions", &target(RESERVES)).await;
    assert_eq!(
        (&own["by"], &own["by_operator"]),
        (&json!("sud"), &json!(false))
    );
    let shown = desk
        .get(&sud, "/admin/suspensions/layer:sud.parcelles")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&shown["by"], &shown["by_operator"]),
        (&Value::Null, &json!(true))
    );
    let list = desk
        .get(&sud, "/admin/suspensions")
        .await
        .expect(200)
        .json();
    assert_eq!(list["suspensions"][0], shown);
}

/// Of whoever shows a token, too, it is worked out anew what it says.
#[tokio::test]
async fn a_token_is_looked_at_again() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let provider = Provider::new();
    desk.server.state.believe(vec![provider.issuer()]);
    let operator = desk.operator.reveal().to_owned();
    let member = json!({
        "id": "sud.carto", "organisation": "sud", "role": "publisher", "until": null,
        "identity": [Provider::ISSUER, "u-1"],
    });
    desk.make(&operator, "members", &member).await;
    let token = provider.good(&json!({ "sub": "u-1" }));
    let headers = [("Authorization", token.as_str()), JSON];
    let make = async |name: &str| {
        let profile = new_profile("sud", name, "TRUE").to_string();
        desk.server
            .ask("POST", "/admin/profiles", &headers, &profile)
            .await
    };
    make("un").await.expect(201);
    by_command(
        &desk,
        &Change::SetEmbargo {
            layer: PARCELS.to_owned(),
            until_us: Some(NOW - 1),
        },
    );
    make("deux").await.expect(201);
    by_command(&desk, &Change::Revoke(Name::Member("sud.carto".to_owned())));
    assert_eq!(
        make("trois").await.status,
        404,
        "nobody of that name administrates"
    );
    let list = desk.get(&sud, "/admin/profiles").await.expect(200).json();
    assert_eq!(names(&list, "profiles"), ["sud.deux", "sud.un"]);
}

/// A member's other keys go on when one of them is stopped, and are named; what stops the member stops all of them.
#[tokio::test]
async fn the_other_keys_of_a_member_are_named() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let reader = desk.person("sud", "reader").await;
    let name = |id: &str| format!("key:{id}");
    let listed = desk.get(&reader, "/admin/keys").await.expect(200).json();
    let first = names(&listed, "keys").remove(0);
    let own = new_key("sud", Some("sud.reader"));
    let made = desk.make(&reader, "keys", &own).await;
    let text = made["key"].as_str().expect("a key");
    let copy = made["id"].as_str().expect("an id");
    let target = format!("/admin/keys/{copy}/rotate");
    let next = desk.send(&reader, "POST", &target, &json!({})).await;
    let next = next.expect(201).json();
    let next = next["id"].as_str().expect("an id");
    let mut others = vec![name(copy), name(next)];
    others.sort();
    let delete = async |target: &str| {
        let gone = desk.send(&sud, "DELETE", target, &Value::Null).await;
        gone.expect(200).json()
    };
    let target = format!("/admin/keys/{first}");
    let dry = delete(&format!("{target}?dry_run=true")).await;
    assert_eq!(dry["others"], json!(others));
    // What is in the place of the one that is stopped does not go on.
    let suspension = json!({ "target": name(copy), "reason": "perdue" });
    let stopped = desk.make(&sud, "suspensions", &suspension).await;
    assert_eq!(stopped["others"], json!([name(&first)]));
    assert_eq!(stopped["successors"], json!([name(next)]));
    assert_eq!(delete(&target).await.get("others"), None, "none is left");
    delete(&format!("/admin/suspensions/{}", name(copy))).await;
    desk.get(text, "/me").await.expect(200);
    let suspension = json!({ "target": "member:sud.reader", "reason": "perdue" });
    desk.make(&sud, "suspensions", &suspension).await;
    let refused = desk.get(text, "/me").await;
    assert_eq!(refused.problem(401), "invalid-credential");
}

/// As a command on the machine does it: the server has not looked at the store since.
fn by_command(desk: &Desk, change: &Change) {
    let author = Author {
        name: "operator:test",
        at_us: NOW,
        seen: None,
    };
    desk.store.change(author, change).expect("a change");
}
