//! Commands, one process each.

use crate::world::{OPEN, RESTRICTED, World};

#[test]
fn entries_are_made_listed_changed_and_revoked() {
    let w = World::new();
    w.ok(&[
        "org",
        "add",
        "eau",
        "--title",
        "Eau de Provence",
        "--parent",
        "region",
    ]);
    let shown = w.json(&["org", "show", "eau"]);
    assert_eq!(shown["parent"], "region");
    w.ok(&["org", "set", "eau", "title=Eaux", "parent=null"]);
    let shown = w.json(&["org", "show", "eau"]);
    assert_eq!(
        (shown["title"].as_str(), shown["parent"].is_null()),
        (Some("Eaux"), true)
    );
    let list = w.ok(&["org", "list"]);
    assert_eq!(list, "region  title=Région  [file]\neau  title=Eaux\n");

    w.ok(&[
        "member",
        "add",
        "alice",
        "--organisation",
        "eau",
        "--role",
        "publisher",
        "--until",
        "2090-06-30",
    ]);
    // A day is the platform's, and included.
    assert_eq!(
        w.json(&["member", "show", "alice"])["until"],
        "2090-06-30T22:00:00Z"
    );
    w.ok(&[
        "member",
        "set",
        "alice",
        "until=2090-12-31",
        "groups=[\"sig\"]",
    ]);
    let alice = w.json(&["member", "show", "alice"]);
    assert_eq!(alice["until"], "2090-12-31T23:00:00Z");
    assert_eq!(alice["groups"][0], "sig");

    let grant = [
        "grant",
        "add",
        "--to",
        "organisation:eau",
        "--layers",
        RESTRICTED,
        "--profile",
        "sans-nom",
        "--actions",
        "discover,items",
    ];
    let id = w.json(&grant)["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("g-") && id.len() == 18, "{id}");
    let gone = w.ok(&["org", "revoke", "eau"]);
    assert!(
        gone.contains("member:alice falls with it")
            && gone.contains(&format!("grant:{id} falls with it")),
        "{gone}"
    );
    assert_eq!(w.json(&["grant", "list"]), serde_json::json!([]));
    assert!(
        w.refused(&["org", "add", "eau", "--title", "x"])
            .contains("never used a second time")
    );
}

#[test]
fn slips_are_explained() {
    let w = World::new();
    let grant = |to: &str, layers: &str, profile: &str| {
        w.refused(&[
            "grant",
            "add",
            "--to",
            to,
            "--layers",
            layers,
            "--profile",
            profile,
            "--actions",
            "items",
        ])
    };
    assert!(grant("organisation:eau", RESTRICTED, "tout").contains("there is no organisation:eau"));
    assert!(grant("public", "parcelles", "tout").contains("there is no layer:parcelles"));
    assert!(grant("public", RESTRICTED, "rien").contains("there is no profile:rien"));
    let profile = [
        "profile",
        "add",
        "p",
        "--rows",
        "surface > AND",
        "--attributes",
        "idu",
    ];
    let said = w.refused(&profile);
    assert!(
        said.contains("\"rows\" is no CQL2") && said.contains("surface > AND"),
        "{said}"
    );
    let clip = [
        "profile",
        "add",
        "p",
        "--rows",
        "TRUE",
        "--attributes",
        "*",
        "--jurisdiction",
        "--mode",
        "clip",
    ];
    assert!(w.refused(&clip).contains("--no-derived"));
    let cells = [
        "profile",
        "add",
        "p",
        "--rows",
        "TRUE",
        "--attributes",
        "*",
        "--grid-m",
        "1000",
    ];
    assert!(w.refused(&cells).contains("must be []"));
    assert!(
        w.refused(&["org", "set", "region", "title=R"])
            .contains("stands in the configuration")
    );
    assert!(
        w.refused(&["org", "show", "regoin"])
            .contains("guichet org list")
    );
    w.ok(&["org", "add", "eau", "--title", "E"]);
    assert!(
        w.refused(&["org", "set", "eau", "titel=E"])
            .contains("there is no key \"titel\"")
    );
    assert!(
        w.refused(&["org", "set", "eau", "id=gaz"])
            .contains("never changed")
    );
    assert!(
        w.refused(&[
            "member",
            "add",
            "a",
            "--organisation",
            "eau",
            "--role",
            "reader",
            "--until",
            "30/06/2090"
        ])
        .contains("2027-06-30")
    );
}

#[test]
fn a_key_is_shown_once() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    let output = w.run(&["key", "add", "--organisation", "eau", "--label", "poste"]);
    let text = crate::world::text(&output.stdout);
    let key = text.trim();
    assert!(key.starts_with("gch_live_") && key.len() == 57, "{key}");
    assert!(crate::world::text(&output.stderr).contains("only time"));
    let secret = &key[18..50];
    for file in ["policy.sqlite", "policy.sqlite-wal", "witness.sqlite"] {
        let bytes = std::fs::read(w.state().join(file)).unwrap_or_default();
        assert!(!bytes.windows(32).any(|b| b == secret.as_bytes()), "{file}");
    }
    let listed = w.ok(&["key", "list"]);
    assert!(
        listed.contains("label=poste") && !listed.contains(secret),
        "{listed}"
    );
    assert!(!w.ok(&["audit", "changes", "--json"]).contains(secret));

    let id = &key[9..17];
    let rotated = w.json(&["key", "rotate", id, "--overlap", "3"]);
    let new = rotated["id"].as_str().unwrap().to_owned();
    assert_ne!(new, id);
    let old = w.json(&["key", "show", id]);
    assert_eq!(old["replaced_by"], new.as_str());
    assert_eq!(old["until"], rotated["old_until"]);
    assert!(w.refused(&["key", "rotate", id]).contains("already"));
    // Both are stopped and released together; the old one ends alone.
    let target = format!("key:{id}");
    let successor = format!("key:{new}");
    let suspended = w.ok(&["suspend", &target, "--reason", "lost"]);
    assert!(suspended.contains(&successor), "{suspended}");
    let marks = |listed: &str| listed.matches("[suspended]").count();
    assert_eq!(marks(&w.ok(&["key", "list"])), 2);
    let released = w.json(&["resume", &target]);
    assert_eq!(released["successors"][0], successor.as_str());
    assert_eq!(marks(&w.ok(&["key", "list"])), 0);
    // One that was replaced and is prolonged is told of; one that is ended is not.
    let said = |until: &str| {
        let set = w.run(&["key", "set", id, until]);
        assert!(set.status.success(), "{until}");
        String::from_utf8_lossy(&set.stderr).into_owned()
    };
    let warned = said("until=2090-06-30T12:00:00Z");
    let both = format!("key {id} was replaced by {new}, and now holds longer, until 2090-06-30");
    assert!(warned.contains(&both), "{warned}");
    assert!(said("until=null").contains("without end"));
    assert!(!said("until=2001-01-01T00:00:00Z").contains("warning"));
    assert!(w.json(&["key", "show", &new])["until"].is_null());
    let revoked = w.ok(&["key", "revoke", id]);
    assert!(
        revoked.contains(&format!("{successor} falls with it")),
        "{revoked}"
    );
    assert_eq!(w.ok(&["key", "list"]), "");
    let said = w.ok(&["audit", "changes", "--name", &successor]);
    for act in ["rotate", "suspend", "resume", "revoke"] {
        assert!(said.contains(act), "{act}: {said}");
    }
}

/// What stops one key of a member stops no other that the member made: these are named.
#[test]
fn the_other_keys_of_a_member_are_named() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    w.ok(&[
        "member",
        "add",
        "alice",
        "--organisation",
        "eau",
        "--role",
        "reader",
        "--until",
        "2090-06-30",
    ]);
    let key = || {
        let made = w.json(&[
            "key",
            "add",
            "--organisation",
            "eau",
            "--member",
            "alice",
            "--label",
            "poste",
        ]);
        made["id"].as_str().unwrap().to_owned()
    };
    let (lost, other) = (key(), key());
    let line = format!("key:{other} of the same member goes on");
    let target = format!("key:{lost}");
    let said = w.ok(&["suspend", &target, "--reason", "lost"]);
    assert!(said.contains(&line), "{said}");
    let said = w.json(&["key", "revoke", &lost]);
    assert_eq!(said["others"][0], format!("key:{other}"));
    let said = w.ok(&["key", "revoke", &other]);
    assert!(!said.contains("goes on"), "{said}");
}

#[test]
fn a_key_for_a_file_is_a_block_to_paste() {
    let w = World::new();
    let made = w.json(&[
        "key",
        "new",
        "--organisation",
        "region",
        "--label",
        "poste",
        "--layers",
        OPEN,
        "--max-zoom",
        "9",
    ]);
    w.append(made["block"].as_str().unwrap());
    let keys = w.json(&["key", "list"]);
    assert_eq!(keys[0]["source"], "file");
    assert_eq!(keys[0]["scopes"]["max_zoom"], 9);
    assert!(
        w.refused(&["key", "revoke", keys[0]["id"].as_str().unwrap()])
            .contains("stands in the configuration")
    );
}

#[test]
fn layers_are_drafts_published_withdrawn_and_under_embargo() {
    let w = World::new();
    w.ok(&["layer", "withdraw", RESTRICTED]);
    w.ok(&["layer", "embargo", RESTRICTED, "--until", "2090-01-01"]);
    let layers = w.json(&["layer", "list"]);
    assert_eq!(layers[1]["state"], "withdrawn");
    assert_eq!(layers[1]["embargo_until"], "2089-12-31T23:00:00Z");
    w.ok(&["layer", "publish", RESTRICTED]);
    w.ok(&["layer", "embargo", RESTRICTED, "--end"]);
    assert!(
        w.refused(&["layer", "publish", RESTRICTED])
            .contains("already")
    );
    assert!(
        w.refused(&["layer", "draft", "absent"])
            .contains("there is no layer:absent")
    );
    w.ok(&["suspend", "layer:region.villes", "--reason", "plainte"]);
    assert_eq!(w.ok(&["suspend"]), "layer:region.villes  plainte\n");
    w.ok(&["resume", "layer:region.villes"]);
    assert_eq!(w.ok(&["suspend"]), "");
}

#[test]
fn the_audit_tells_who_changed_what() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    w.ok(&["terms", "add", "licence@1", "--title", "Licence"]);
    w.ok(&["terms", "accept", "eau", "licence@1"]);
    let changes = w.ok(&["audit", "changes"]);
    let lines: Vec<&str> = changes.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[2].contains("operator:tester accept acceptance:eau:licence@1 (epoch 3)"),
        "{changes}"
    );
    let one = w.json(&["audit", "changes", "--name", "organisation:eau"]);
    assert_eq!(
        (one[0]["act"].as_str(), one[0]["after"]["title"].as_str()),
        (Some("create"), Some("E"))
    );
    assert!(
        w.ok(&["audit", "verify"])
            .starts_with("the audit is whole: 3 lines, epoch 3")
    );
    let db = rusqlite::Connection::open(w.state().join("policy.sqlite")).unwrap();
    db.execute(
        "UPDATE organisations SET body = json_set(body, '$.title', 'X')",
        [],
    )
    .unwrap();
    let output = w.run(&["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        crate::world::text(&output.stdout).contains("organisation:eau is not what the audit says")
    );
}

#[test]
fn an_id_in_both_places_is_refused() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    let (key, _) = w.key("eau", &[]);
    w.append("[[organisation]]\nid = \"eau\"\n");
    let policy = w.json(&["policy"]);
    let inert = policy["inert"].to_string();
    assert!(
        inert.contains("organisation:eau: it stands in the configuration, too"),
        "{inert}"
    );
    assert!(
        inert.contains(&format!("key:{key}: it refers to organisation:eau")),
        "{inert}"
    );
}

#[test]
fn why_names_the_grants_that_show_and_those_that_do_not() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    w.ok(&[
        "profile",
        "add",
        "grandes",
        "--rows",
        "surface > 10",
        "--attributes",
        "idu",
    ]);
    let granted = w.json(&[
        "grant",
        "add",
        "--to",
        "organisation:eau",
        "--layers",
        RESTRICTED,
        "--profile",
        "grandes",
        "--actions",
        "discover,items",
    ]);
    let grant = granted["id"].as_str().unwrap();
    let (key, _) = w.key("eau", &[]);
    let caller = format!("key:{key}");
    let told = w.ok(&["why", &caller, RESTRICTED]);
    assert!(
        told.contains(grant) && told.contains("surface > 10"),
        "{told}"
    );
    let small = w.ok(&["why", &caller, RESTRICTED, "p3"]);
    assert!(
        small.contains("p3 in items: slice 1: hidden, for this is not true of it: "),
        "{small}"
    );
    let large = w.json(&["why", &caller, RESTRICTED, "p17"]);
    let surfaces = large["feature"]["surfaces"].as_array().unwrap();
    let items = surfaces.iter().find(|s| s["surface"] == "items").unwrap();
    assert_eq!(items["slices"][0], "slice 1: shown with idu");
    assert!(
        w.refused(&["why", &caller, RESTRICTED, "p99"])
            .contains("no feature with the id \"p99\"")
    );
    let nobody = w.ok(&["why", "anonymous", RESTRICTED]);
    assert!(nobody.contains("anonymous"), "{nobody}");
    w.ok(&["suspend", &format!("key:{key}"), "--reason", "perdue"]);
    assert!(
        w.ok(&["why", &caller, RESTRICTED])
            .contains("is refused (401)")
    );
    assert!(
        w.refused(&["why", "toto", RESTRICTED])
            .contains("is nobody")
    );
    assert!(
        w.refused(&["why", "anonymous", "nowhere"])
            .contains("guichet layer list")
    );
}

#[test]
fn a_grant_says_what_it_changes() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    let grant = |profile: &'static str, more: &[&'static str]| {
        let mut line = vec![
            "grant",
            "add",
            "--to",
            "organisation:eau",
            "--layers",
            RESTRICTED,
            "--profile",
            profile,
            "--actions",
            "discover,items",
        ];
        line.extend(more);
        line
    };
    let dry = w.ok(&grant("sans-nom", &["--dry-run"]));
    assert!(
        dry.contains(&format!("organisation:eau on {RESTRICTED}:"))
            && dry.ends_with("nothing is changed\n"),
        "{dry}"
    );
    assert_eq!(w.json(&["grant", "list"]), serde_json::json!([]));
    w.ok(&grant("sans-nom", &[]));
    let again = w.ok(&grant("sans-nom", &[]));
    assert!(again.contains("sees nothing else"), "{again}");
    // What shows nothing is said.
    w.ok(&[
        "profile",
        "add",
        "faux",
        "--rows",
        "hauteur > 10",
        "--attributes",
        "idu",
    ]);
    let output = w.run(&grant("faux", &[]));
    let warned = crate::world::text(&output.stderr);
    assert!(
        output.status.success() && warned.contains(&format!("it shows nothing of {RESTRICTED}")),
        "{warned}"
    );
    w.ok(&["terms", "add", "licence@1", "--title", "L"]);
    let output = w.run(&grant("tout", &["--terms", "licence@1"]));
    assert!(crate::world::text(&output.stderr).contains("has not accepted licence@1 yet"));
}

/// What a caller has on a layer is made of 64 slices at most: one more is refused when it is written.
#[test]
fn too_many_slices_are_refused() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    let grants: Vec<String> = (0..64)
        .map(|i| {
            format!(
                "[[profile]]\nid = \"p{i}\"\nrows = \"surface = {i}\"\nattributes = [\"idu\"]\n\
                 [[grant]]\nsubject = \"authenticated\"\nlayers = [\"{RESTRICTED}\"]\nprofile = \"p{i}\"\nactions = [\"items\"]\n"
            )
        })
        .collect();
    w.append(&grants.concat());
    w.ok(&[
        "profile",
        "add",
        "plus",
        "--rows",
        "surface = 99",
        "--attributes",
        "idu",
    ]);
    let line = [
        "grant",
        "add",
        "--to",
        "organisation:eau",
        "--layers",
        RESTRICTED,
        "--profile",
        "plus",
        "--actions",
        "items",
    ];
    let said = w.refused(&line);
    assert!(said.contains("65"), "{said}");
    assert_eq!(
        w.json(&["grant", "list"]).as_array().map(Vec::len),
        Some(64)
    );
}

#[test]
fn a_request_is_answered() {
    use guichet::access::{AccessRequest, Author, Change, Files, PolicyStore as _, RequestState};
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "E"]);
    // As the API does it: in the same store, with the same secret.
    let secret: [u8; 32] = std::fs::read(w.state().join("secret"))
        .unwrap()
        .try_into()
        .unwrap();
    let key = blake3::derive_key("guichet 2026 audit of the policy", &secret);
    let files = Files::default().and_layers([RESTRICTED.to_owned()]);
    let store = guichet::store::SqliteStore::open(&w.state(), key, files.into()).unwrap();
    let request = AccessRequest {
        id: String::new(),
        organisation: "eau".to_owned(),
        layer: RESTRICTED.to_owned(),
        purpose: "étude \u{1b}[31m".to_owned(),
        area: None,
        until_us: 3_900_000_000_000_000,
        asked_us: 0,
        state: RequestState::Open,
        decided_by: None,
        reason: None,
        grant: None,
    };
    let author = Author {
        name: "key:00000001",
        at_us: 1_790_000_000_000_000,
        seen: None,
    };
    let ask = || {
        store
            .change(author, &Change::Request(request.clone()))
            .unwrap()
            .id
            .unwrap()
    };
    let first = ask();
    let listed = w.ok(&["request", "list"]);
    // What callers write does not reach the terminal as it is.
    assert!(
        listed.contains(&first) && !listed.contains('\u{1b}'),
        "{listed}"
    );
    w.ok(&[
        "request",
        "approve",
        &first,
        "--profile",
        "sans-nom",
        "--until",
        "2090-01-31",
    ]);
    let grants = w.json(&["grant", "list"]);
    assert_eq!(grants[0]["until"], "2090-01-31T23:00:00Z");
    assert_eq!(grants[0]["subject"], "organisation:eau");
    let second = ask();
    w.ok(&["request", "refuse", &second, "--reason", "hors périmètre"]);
    assert_eq!(w.ok(&["request", "list"]), "");
    let all = w.json(&["request", "list", "--all"]);
    let states: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|r| r["state"].as_str())
        .collect();
    assert_eq!(states, ["refused", "approved"]);
    assert!(
        w.refused(&["request", "approve", &first, "--profile", "tout"])
            .contains("already")
    );
}

/// What `why` says of each feature adds up to the cells that are served, step by step of the ladder.
#[test]
fn why_counts_features_in_the_cells_that_are_served() {
    let w = World::new();
    let profile = |id: &str, rows: &str, min: &str| {
        let words = ["profile", "add", id, "--rows", rows, "--attributes", ""];
        w.ok(&[&words[..], &["--grid-m", "1000", "--min-count", min]].concat());
    };
    profile("mailles", "surface < 17", "5");
    profile("rares", "surface >= 17", "4");
    let grant = |profile: &str| {
        let words = ["grant", "add", "--to", "public", "--layers", RESTRICTED];
        let more = ["--profile", profile, "--actions", "discover,items"];
        w.ok(&[&words[..], &more].concat());
    };
    grant("mailles");
    grant("rares");
    let mut counted = std::collections::BTreeMap::<String, u64>::new();
    let mut alone = 0;
    for i in 0..20 {
        let told = w.json(&["why", "anonymous", RESTRICTED, &format!("p{i}")]);
        let surfaces = told["feature"]["surfaces"].as_array().unwrap();
        let items = surfaces.iter().find(|s| s["surface"] == "items").unwrap();
        let words = items["slices"].to_string();
        let steps = items["cells"]["steps"].as_array().unwrap();
        assert_eq!(steps[0]["size_m"], 1000);
        let last = steps.last().unwrap();
        if last["shown"] == true {
            let cell = last["cell"].as_str().unwrap();
            *counted.entry(cell.to_owned()).or_default() += 1;
            assert!(
                words.contains(&format!("counted in the cell {cell}")),
                "{words}"
            );
            assert!(
                steps.len() > 1 && words.contains("a smaller one has fewer"),
                "{words}"
            );
        } else {
            assert_eq!((steps.len(), last["size_m"].as_u64()), (3, Some(10_000)));
            assert!(words.contains("in no cell, for none has"), "{words}");
            alone += 1;
        }
    }
    // The last three are fewer than any of their cells must have.
    assert_eq!(alone, 3);
    let server = w.serve(&[]);
    let (_, body) = server.get("/collections/region.parcelles/items?limit=100", None);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let served = body["features"].as_array().unwrap().iter().map(|f| {
        let cell = f["properties"]["cell"].as_str().unwrap().to_owned();
        (cell, f["properties"]["count"].as_u64().unwrap())
    });
    assert_eq!(
        served.collect::<std::collections::BTreeMap<_, _>>(),
        counted
    );
    server.stop();
}
