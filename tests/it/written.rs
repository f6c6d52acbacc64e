//! What `/admin` takes: what can never work is refused with what, where and what to do; what shows nothing is written with a warning.

use serde_json::{Value, json};

use crate::desk::{Desk, JSON, PARCELS, new_grant, new_key, new_profile};

/// The detail of a refusal in a language.
async fn detail(desk: &Desk, ask: (&str, &str, &Value), language: &str, status: u16) -> String {
    let (method, target, body) = ask;
    let key = desk.operator.reveal();
    let headers = [("X-API-Key", key), JSON, ("Accept-Language", language)];
    let body = body.to_string();
    let answer = desk.server.ask(method, target, &headers, &body).await;
    assert_eq!(answer.status, status, "{target} {body}: {}", answer.text());
    answer.json()["detail"].as_str().expect("words").to_owned()
}

pub fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[tokio::test]
async fn what_can_never_work_is_refused_in_one_language() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let profile = || new_profile("sud", "part", "TRUE");
    let area = |area: Value| with(profile(), "area", area);
    let cells = |grid_m: u32| {
        let cells = json!({ "grid_m": grid_m, "min_count": 3, "aggregates": {} });
        with(with(profile(), "attributes", json!([])), "precision", cells)
    };
    let target = "/admin/profiles";
    for (body, fr, en) in [
        (
            area(json!({ "wkt": "POLYGON((5 43, 6", "mode": "clip" })),
            "la géométrie WKT ne se lit pas, au caractère",
            "the WKT geometry cannot be read, at character",
        ),
        (
            area(json!({ "wkt": "POINT(5 43)", "mode": "clip" })),
            "écrivez un polygone ou un multipolygone",
            "write a polygon or a multipolygon",
        ),
        (
            area(json!({ "layer": "sud.rien", "filter": "TRUE", "mode": "clip" })),
            "il n’y a pas de couche \"sud.rien\" ; GET /admin/layers",
            "there is no layer \"sud.rien\"; GET /admin/layers",
        ),
        (
            with(profile(), "formats", json!(["geojson", "shp"])),
            "il n’y a pas de format \"shp\" : ceux qu’il y a sont geojson, html, mvt",
            "there is no format \"shp\": those that there are are geojson, html, mvt",
        ),
        (
            with(profile(), "zooms", json!({ "min": 9, "max": 3 })),
            "le zoom \"min\" dépasse \"max\"",
            "\"min\" zoom is above \"max\"",
        ),
        (
            cells(0),
            "\"grid_m\" va de 1 à 1000000 mètres",
            "\"grid_m\" is from 1 to 1000000 metres",
        ),
    ] {
        let said = detail(&desk, ("POST", target, &body), "fr", 422).await;
        let rules = "Les règles ne le permettent pas : ";
        assert!(said.starts_with(rules) && said.contains(fr), "{said}");
        let said = detail(&desk, ("POST", target, &body), "en", 422).await;
        let rules = "The rules do not allow it: ";
        assert!(said.starts_with(rules) && said.contains(en), "{said}");
    }
    let wkt = json!({ "jurisdiction": { "wkt": "LINESTRING(5 43, 6 44)" } });
    let target = "/admin/organisations/sud";
    let said = detail(&desk, ("PATCH", target, &wkt), "fr", 422).await;
    assert!(said.contains("n’a pas de surface"), "{said}");
    let nowhere = json!({ "jurisdiction": { "layer": "sud.rien", "filter": "TRUE" } });
    let said = detail(&desk, ("PATCH", target, &nowhere), "fr", 422).await;
    assert!(
        said.contains("il n’y a pas de couche \"sud.rien\""),
        "{said}"
    );
    // Whoever publishes for it is told too: nobody else has layers of that name.
    let answer = desk
        .send(
            &sud,
            "POST",
            "/admin/profiles",
            &area(json!({ "layer": "sud.rien", "filter": "TRUE", "mode": "clip" })),
        )
        .await;
    assert_eq!(answer.problem(422), "refused-change");
    assert!(desk.get(&sud, "/admin/profiles/sud.part").await.status == 404);
}

/// Of values of the wrong kind, what they should be is said in the language of whoever asks, and nothing in another.
#[tokio::test]
async fn values_of_the_wrong_kind_are_explained_in_one_language() {
    let (desk, _) = Desk::peopled().await;
    let grant = || new_grant("public", PARCELS, "sud.part");
    let profile = || new_profile("sud", "part", "TRUE");
    for (target, body, fr, en) in [
        (
            "/admin/grants",
            with(grant(), "subject", json!("everybody")),
            "« subject » : il faut un texte tel que \"organisation:eau\".",
            "\"subject\": it must be a text such as \"organisation:eau\".",
        ),
        (
            "/admin/grants",
            with(grant(), "layers", json!(["a", 3])),
            "« layers[1] » : il faut un texte tel que \"region-sud.parcelles\".",
            "\"layers[1]\": it must be a text such as \"region-sud.parcelles\".",
        ),
        (
            "/admin/grants",
            with(grant(), "until", json!("demain")),
            "« until » : il faut un instant tel que \"2027-06-30T22:00:00Z\", ou null.",
            "\"until\": it must be an instant such as \"2027-06-30T22:00:00Z\", or null.",
        ),
        (
            "/admin/profiles",
            with(profile(), "zooms", json!({ "min": -1, "max": 3 })),
            "« zooms.min » : il faut un nombre entier de 0 à 24.",
            "\"zooms.min\": it must be a whole number from 0 to 24.",
        ),
        (
            "/admin/profiles",
            with(profile(), "derived", json!({ "nom": "guess" })),
            "« derived.nom » : il faut une des valeurs \"mask\", \"recompute\".",
            "\"derived.nom\": it must be one of \"mask\", \"recompute\".",
        ),
        (
            "/admin/keys",
            with(new_key("sud", None), "kind", json!("open")),
            "« kind » : il faut une des valeurs \"secret\", \"browser\".",
            "\"kind\": it must be one of \"secret\", \"browser\".",
        ),
        (
            "/admin/profiles",
            with(profile(), "rows", Value::Null),
            "« rows » : il faut un texte.",
            "\"rows\": it must be a text.",
        ),
    ] {
        assert_eq!(detail(&desk, ("POST", target, &body), "fr", 400).await, fr);
        assert_eq!(detail(&desk, ("POST", target, &body), "en", 400).await, en);
    }
}

pub fn warnings(answer: &Value) -> Vec<String> {
    let all = answer["warnings"].as_array().into_iter().flatten();
    all.map(|w| w.as_str().expect("words").to_owned()).collect()
}

#[tokio::test]
async fn what_shows_nothing_is_written_with_a_warning() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    let aggregates = json!({ "grid_m": 1000, "min_count": 3, "aggregates": { "nom": "sum" } });
    let cells = with(
        new_profile("sud", "mailles", "TRUE"),
        "attributes",
        json!([]),
    );
    desk.make(&sud, "profiles", &with(cells, "precision", aggregates))
        .await;
    let filter = new_profile("sud", "filtre", "surfase > 3");
    desk.make(&sud, "profiles", &filter).await;
    desk.make(&sud, "profiles", &new_profile("sud", "bon", "TRUE"))
        .await;
    let nothing = format!("elle ne montre rien de {PARCELS} : ");
    for (profile, why) in [
        ("sud.mailles", "l'attribut \"nom\" n'est pas un nombre"),
        ("sud.filtre", "son filtre ne convient pas à la couche"),
    ] {
        let grant = new_grant("organisation:eau", PARCELS, profile);
        // How its partner stands is nothing that a publisher is told.
        let made = desk.make(desk.operator.reveal(), "grants", &grant).await;
        let said = warnings(&made);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with(&nothing) && said[0].contains(why),
            "{said:?}"
        );
    }
    let good = new_grant("organisation:eau", PARCELS, "sud.bon");
    let made = desk.make(&sud, "grants", &good).await;
    assert_eq!(made.get("warnings"), None);
    // A grant that has ended, or gives nothing.
    let ended = with(good.clone(), "until", json!("2001-01-01T00:00:00Z"));
    let made = desk.make(&sud, "grants", &ended).await;
    assert_eq!(warnings(&made), ["elle a déjà pris fin"]);
    let empty = with(good.clone(), "actions", json!([]));
    let refused = desk.send(&sud, "POST", "/admin/grants", &empty).await;
    assert_eq!(refused.problem(422), "refused-change");
    // A profile that is changed, and the grants under it.
    let target = "/admin/profiles/sud.bon";
    let headers = [("X-API-Key", sud.as_str()), JSON, ("Accept-Language", "en")];
    let body = r#"{"rows":"nam > 3"}"#;
    let changed = desk.server.ask("PATCH", target, &headers, body).await;
    let said = warnings(&changed.expect(200).json());
    assert!(!said.is_empty());
    for line in said {
        assert!(line.starts_with("grant \"g-"), "{line}");
        let why = "shows nothing of sud.parcelles: its row filter does not fit the layer: ";
        assert!(line.contains(why), "{line}");
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let (desk, [sud, ..]) = Desk::peopled().await;
    desk.make(&sud, "profiles", &new_profile("sud", "part", "nam = 1"))
        .await;
    let epoch = guichet::access::PolicyStore::epoch(&*desk.store).expect("an epoch");
    let grant = new_grant("organisation:eau", PARCELS, "sud.part");
    let target = "/admin/grants?dry_run=true";
    let told = desk.send(&sud, "POST", target, &grant).await.expect(200);
    assert_eq!(told.header("location"), "");
    let told = told.json();
    assert_eq!(
        (&told["dry_run"], &told["id"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(told["profile"], "sud.part");
    assert!(warnings(&told)[0].contains("ne montre rien"), "{told}");
    // Nor is it called by an id that nobody can find.
    assert!(!warnings(&told).iter().any(|w| w.contains("g-")), "{told}");
    // The text of a key that is not made is nobody's to keep.
    let target = "/admin/keys?dry_run=true";
    let key = desk.send(&sud, "POST", target, &new_key("sud", None)).await;
    let key = key.expect(200).json();
    assert_eq!((key.get("key"), &key["id"]), (None, &Value::Null));
    let target = "/admin/profiles/sud.part?dry_run=true";
    let rows = json!({ "rows": "TRUE" });
    let told = desk.send(&sud, "PATCH", target, &rows).await.expect(200);
    assert_eq!(told.json()["rows"], "TRUE");
    let told = desk.send(&sud, "DELETE", target, &Value::Null).await;
    assert_eq!(told.expect(200).json()["dry_run"], true);
    // It is refused as it would be.
    let filter = json!({ "formats": ["shp"] });
    let told = desk.send(&sud, "PATCH", target, &filter).await;
    assert_eq!(told.problem(422), "refused-change");
    for (query, problem) in [("dry_run=yes", 400), ("dryrun=true", 400)] {
        let target = format!("/admin/profiles/sud.part?{query}");
        let told = desk.send(&sud, "PATCH", &target, &rows).await;
        assert_eq!(told.problem(problem), "invalid-parameter");
    }
    let now = guichet::access::PolicyStore::epoch(&*desk.store).expect("an epoch");
    assert_eq!(now, epoch);
    let shown = desk.get(&sud, "/admin/profiles/sud.part").await;
    assert_eq!(shown.expect(200).json()["rows"], "nam = 1");
    // The same, done.
    let target = "/admin/profiles/sud.part?dry_run=false";
    let told = desk.send(&sud, "PATCH", target, &rows).await.expect(200);
    assert_eq!(told.json().get("dry_run"), None);
}

#[tokio::test]
async fn what_stands_in_the_file_is_changed_there() {
    let (desk, _) = Desk::peopled().await;
    let title = json!({ "title": "Autre" });
    let target = "/admin/organisations/plateforme";
    let said = detail(&desk, ("PATCH", target, &title), "fr", 409).await;
    assert!(said.contains("dans le fichier de configuration"), "{said}");
    let files = desk.store.files();
    let mut parts = files.parts().clone();
    let (id, profile) = crate::keyed::profile("tout", "TRUE");
    parts.profiles.insert(id, profile);
    let of_file = guichet::access::Grant {
        id: "file:0".to_owned(),
        subject: guichet::access::Subject::Public,
        ..crate::keyed::grant(PARCELS)
    };
    parts.grants.push(of_file);
    let files = guichet::access::Files::new(parts, files.layers().clone());
    desk.store.set_files(std::sync::Arc::new(files));
    // What is written is served with what the file says now.
    desk.person("eau", "reader").await;
    let grant = json!({ "actions": ["items"] });
    let target = "/admin/grants/file:0";
    let said = detail(&desk, ("PATCH", target, &grant), "en", 409).await;
    assert!(said.contains("configuration file"), "{said}");
}
