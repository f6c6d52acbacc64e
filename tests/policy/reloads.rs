//! What stops a reload, and what does not.

use std::fs;

use crate::serving::items;
use crate::world::{OPEN, RESTRICTED, World};

/// Its profile names a property that the layer does not have.
const IDLE: &str = r#"
[[profile]]
id = "faux"
rows = "inconnu = 1"
attributes = []
[[grant]]
subject = "public"
layers = ["region.parcelles"]
profile = "faux"
actions = ["discover"]
"#;

const TITLE: &str = "[[organisation]]\nid = \"gaz\"\n";

#[test]
fn a_grant_that_never_showed_anything_stops_no_reload() {
    let w = World::new();
    let server = w.serve(&[]);
    let good = fs::read_to_string(w.path("guichet.toml")).expect("a configuration");
    w.append(IDLE);
    let said = w.refused(&["reload"]);
    assert!(
        said.contains("grant \"file:1\" shows nothing of region.parcelles"),
        "{said}"
    );
    server.stop();
    // At a start it is told and stops nothing; then it is no news, under whatever number.
    let server = w.serve(&[]);
    w.append("[[grant]]\nsubject = \"public\"\nlayers = [\"region.parcelles\"]\nprofile = \"tout\"\nactions = [\"discover\", \"items\"]\n");
    w.ok(&["reload"]);
    assert_eq!(server.status(&items(RESTRICTED), None), 200);
    // Another one is.
    w.append(&IDLE.replace("faux", "autre"));
    assert!(w.refused(&["reload"]).contains("file:3"));
    fs::write(w.path("guichet.toml"), good).expect("a file");
    w.ok(&["reload"]);
    assert_eq!(server.status(&items(RESTRICTED), None), 404);
    server.stop();
}

#[test]
fn a_file_that_goes_bad_stops_no_other_change() {
    let w = World::new();
    let server = w.serve(&[]);
    let before = server.get(&items(OPEN), None);
    fs::write(w.path("villes.geojson"), "{\"type\":").expect("a file");
    w.append("[[grant]]\nsubject = \"public\"\nlayers = [\"region.parcelles\"]\nprofile = \"tout\"\nactions = [\"discover\", \"items\"]\n");
    let told = w.ok(&["reload"]);
    assert!(
        told.contains("region.villes is served as it was read before: "),
        "{told}"
    );
    assert_eq!(server.status(&items(RESTRICTED), None), 200);
    let strip = |(status, body): (u16, String)| {
        let mut body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body["timeStamp"].take();
        (status, body)
    };
    assert_eq!(strip(server.get(&items(OPEN), None)), strip(before));
    // To be read otherwise, it cannot be.
    let config = fs::read_to_string(w.path("guichet.toml")).expect("a configuration");
    let other = config.replace("source = \"villes.geojson\"", "source = \"absent.geojson\"");
    fs::write(w.path("guichet.toml"), other).expect("a file");
    assert!(
        w.refused(&["reload"])
            .contains("region.villes is not served: ")
    );
    server.stop();
}

#[test]
fn an_organisation_of_the_store_owns_layers_of_the_configuration() {
    let w = World::new();
    let server = w.serve(&[]);
    w.append("[[layer]]\nid = \"villes\"\norganisation = \"eau\"\nsource = { path = \"villes.geojson\", crs = \"EPSG:4326\" }\ntiles = { min_zoom = 0, max_zoom = 9 }\naccess = \"restricted\"\n[layer.fields.nom]\ntype = \"string\"\n");
    let said = w.refused(&["reload"]);
    assert!(
        said.contains("eau.villes is not served: ")
            && said.contains("there is no organisation \"eau\"")
            && said.contains("neither in the configuration nor in the store"),
        "{said}"
    );
    w.ok(&["org", "add", "eau", "--title", "Eau de Provence"]);
    w.ok(&["reload"]);
    let target = items("eau.villes");
    assert_eq!(server.status(&target, None), 404);
    w.ok(&[
        "member",
        "add",
        "eau.alice",
        "--organisation",
        "eau",
        "--role",
        "reader",
    ]);
    let (_, key) = w.key("eau", &["--member", "eau.alice"]);
    server.until(&target, Some(&key), 200);
    assert!(
        server
            .get("/o/eau", Some(&key))
            .1
            .contains("Eau de Provence")
    );
    assert_eq!(server.status("/o/eau", None), 404);
    server.stop();
    // It is so at a start, too.
    let server = w.serve(&[]);
    assert_eq!(server.status(&target, Some(&key)), 200);
    server.stop();
    // Without its owner it is nobody's, and alone stays away.
    w.ok(&["org", "revoke", "eau"]);
    let server = w.serve(&[]);
    assert_eq!(
        (
            server.status(&target, None),
            server.status(&items(OPEN), None)
        ),
        (404, 200)
    );
    w.append(TITLE);
    w.ok(&["reload"]);
    let said = server.stop();
    assert!(said.contains("eau.villes is not served: "), "{said}");
}
