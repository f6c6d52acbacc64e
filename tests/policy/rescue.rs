//! Commands say what they work on, change no demonstration by mistake, and take something away under a faulty configuration, too.

use std::fs;

use crate::serving::{SOON, items, partner};
use crate::world::{RESTRICTED, World, text};

fn said(w: &World, line: &[&str]) -> String {
    let output = w.run(line);
    assert!(
        output.status.success(),
        "{line:?}\n{}",
        text(&output.stderr)
    );
    text(&output.stderr)
}

#[test]
fn the_demonstration_is_changed_only_if_that_is_meant() {
    let w = World::demonstration();
    for line in [
        &["org", "add", "eau", "--title", "Eau"][..],
        &["suspend", "layer:region-sud.parcelles", "--reason", "x"],
        &["resume", "layer:region-sud.parcelles"],
        &["key", "revoke", "1f2e3d4c"],
        &["key", "rotate", "1f2e3d4c"],
        &["layer", "withdraw", "region-sud.parcelles"],
        &["reload"],
    ] {
        let refused = w.refused(line);
        assert!(
            refused.contains("there is no guichet.toml in this folder")
                && refused.contains("--demo"),
            "{refused}"
        );
    }
    assert!(!w.path("cache").exists(), "nothing was made");
    // What changes nothing looks at it, and says so first.
    let told = said(&w, &["layer", "list", "--json"]);
    let first = told.lines().next().expect("a line");
    assert!(
        first.starts_with("guichet: on the demonstration, as there is no guichet.toml")
            && first.contains("demonstration/var"),
        "{told}"
    );
    let suspend = ["suspend", "layer:region-sud.parcelles", "--reason", "x"];
    let told = said(&w, &[&suspend[..], &["--demo"]].concat());
    assert!(
        told.starts_with("guichet: on the demonstration (state folder "),
        "{told}"
    );
    assert!(w.ok(&["suspend"]).contains("layer:region-sud.parcelles"));
    // Beside a configuration, the demonstration is still what --demo says.
    let own = World::new();
    let told = said(&own, &["org", "list"]);
    assert!(
        told.starts_with("guichet: on guichet.toml (state folder var)"),
        "{told}"
    );
    assert!(
        own.ok(&["layer", "list", "--demo"])
            .contains("region-sud.parcelles")
    );
}

#[test]
fn what_takes_away_needs_the_store_alone() {
    let w = World::new();
    let (id, key) = partner(&w);
    let (other_id, other) = w.key("eau", &[]);
    let server = w.serve(&[]);
    let target = items(RESTRICTED);
    server.until(&target, Some(&other), 200);
    let good = fs::read_to_string(w.path("guichet.toml")).expect("a configuration");
    // Values, references, tables and the syntax itself.
    w.append("[[grant]]\nsubject = \"nobody\"\n[[layer]]\nid = \"parcelles\"\naccess = \"restrictd\"\n[platform\n");
    assert!(
        w.refused(&["org", "add", "gaz", "--title", "Gaz"])
            .contains("not valid TOML")
    );
    let told = said(&w, &["key", "revoke", &id]);
    let mut lines = told.lines();
    assert!(
        lines
            .next()
            .is_some_and(|l| l.starts_with("guichet: on guichet.toml")),
        "{told}"
    );
    assert!(
        lines.all(|l| l.starts_with("guichet: warning: ")) && told.contains("not valid TOML"),
        "{told}"
    );
    assert!(server.until(&target, Some(&key), 401) < SOON);
    assert!(w.ok(&["key", "list"]).contains(&other_id));
    // What stands in the part that cannot be read is taken to be there.
    w.ok(&["suspend", &format!("layer:{RESTRICTED}"), "--reason", "x"]);
    assert!(server.until(&target, Some(&other), 404) < SOON);
    w.ok(&["resume", &format!("layer:{RESTRICTED}")]);
    assert!(server.until(&target, Some(&other), 200) < SOON);
    w.ok(&["layer", "withdraw", RESTRICTED]);
    assert!(server.until(&target, Some(&other), 404) < SOON);
    // Another store would be worse than none.
    fs::write(
        w.path("guichet.toml"),
        format!("[server]\nstate = \"/srv\n{good}"),
    )
    .expect("a file");
    let refused = w.refused(&["suspend", &format!("key:{other_id}"), "--reason", "x"]);
    assert!(refused.contains("which state folder"), "{refused}");
    fs::write(
        w.path("guichet.toml"),
        format!("[server]\nstate = \"elsewhere\"\nx = 1\n{good}"),
    )
    .expect("a file");
    let refused = w.refused(&["suspend", &format!("key:{other_id}"), "--reason", "x"]);
    assert!(
        refused.contains("there is no store elsewhere/policy.sqlite"),
        "{refused}"
    );
    assert!(!w.path("elsewhere").exists());
    server.stop();
}

#[test]
fn a_key_is_printed_alone() {
    let w = World::new();
    for line in [
        &["key", "new", "--organisation", "region", "--label", "x"][..],
        &["key", "add", "--organisation", "region", "--label", "x"],
    ] {
        let output = w.run(line);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(
            out.starts_with("gch_live_") && out.lines().count() == 1,
            "{out}"
        );
        assert!(!err.contains(out.trim()), "{err}");
    }
    let output = w.run(&["key", "new", "--organisation", "region", "--label", "x"]);
    assert!(text(&output.stderr).contains("\n[[key]]\nid = "));
    let (id, _) = w.key("region", &[]);
    let output = w.run(&["key", "rotate", &id]);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(out.lines().count(), 1, "{out}");
    let until = err
        .lines()
        .find_map(|l| l.strip_prefix("The old key holds until "))
        .expect("a line");
    assert_eq!(until.len(), "2026-01-01T00:00:00Z.".len(), "{until}");
}

#[test]
fn an_embargo_ends_when_it_is_ended() {
    let w = World::new();
    let server = w.serve(&[]);
    let target = items(crate::world::OPEN);
    w.ok(&[
        "layer",
        "embargo",
        crate::world::OPEN,
        "--until",
        "2090-01-01",
    ]);
    assert!(server.until(&target, None, 404) < SOON);
    assert!(
        w.ok(&["layer", "list"])
            .contains("embargo_until=2089-12-31T23:00:00Z")
    );
    w.ok(&["layer", "embargo", crate::world::OPEN, "--end"]);
    assert!(server.until(&target, None, 200) < SOON);
    assert!(!w.ok(&["layer", "list"]).contains("embargo"));
    server.stop();
}
