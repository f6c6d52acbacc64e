//! Commands beside a running server: what they change holds within a second.

use std::fs;
use std::time::{Duration, Instant};

use crate::world::{OPEN, RESTRICTED, World, back_up, restore};

pub const SOON: Duration = Duration::from_secs(1);

pub fn items(layer: &str) -> String {
    format!("/collections/{layer}/items?limit=3")
}

/// An organisation with a grant, and a key of it.
pub fn partner(w: &World) -> (String, String) {
    w.ok(&["org", "add", "eau", "--title", "Eau"]);
    w.ok(&[
        "grant",
        "add",
        "--to",
        "organisation:eau",
        "--layers",
        RESTRICTED,
        "--profile",
        "sans-nom",
        "--actions",
        "discover,tiles,items",
    ]);
    w.key("eau", &[])
}

#[test]
fn a_revoked_key_is_refused_within_a_second() {
    let w = World::new();
    let server = w.serve(&[]);
    let target = items(RESTRICTED);
    assert_eq!(server.status(&target, None), 404);
    let (_, key) = partner(&w);
    assert!(server.until(&target, Some(&key), 200) < SOON);
    let (_, body) = server.get(&target, Some(&key));
    assert!(
        body.contains("\"p0\"") && !body.contains("canari"),
        "{body}"
    );
    let mut longest = Duration::ZERO;
    for _ in 0..5 {
        let (id, key) = w.key("eau", &[]);
        server.until(&target, Some(&key), 200);
        w.ok(&["key", "revoke", &id]);
        longest = longest.max(server.until(&target, Some(&key), 401));
    }
    assert!(longest < SOON, "{longest:?}");
    // Whoever holds another key goes on.
    assert_eq!(server.status(&target, Some(&key)), 200);
    server.stop();
}

#[test]
fn grants_suspensions_and_states_are_swapped_in() {
    let w = World::new();
    let (_, key) = partner(&w);
    let server = w.serve(&[]);
    let (open, restricted) = (items(OPEN), items(RESTRICTED));
    assert_eq!(server.status(&open, None), 200);
    assert_eq!(server.status(&restricted, Some(&key)), 200);
    let steps: [(&[&str], &str, Option<&str>, u16); 8] = [
        (
            &["suspend", "layer:region.villes", "--reason", "x"],
            &open,
            None,
            404,
        ),
        (&["resume", "layer:region.villes"], &open, None, 200),
        (&["layer", "draft", OPEN], &open, None, 404),
        (&["layer", "publish", OPEN], &open, None, 200),
        (
            &["suspend", "organisation:eau", "--reason", "x"],
            &restricted,
            Some(&key),
            401,
        ),
        (
            &["resume", "organisation:eau"],
            &restricted,
            Some(&key),
            200,
        ),
        (
            &["layer", "withdraw", RESTRICTED],
            &restricted,
            Some(&key),
            404,
        ),
        (
            &["layer", "publish", RESTRICTED],
            &restricted,
            Some(&key),
            200,
        ),
    ];
    for (line, target, key, status) in steps {
        w.ok(line);
        let took = server.until(target, key, status);
        assert!(took < SOON, "{line:?} {took:?}");
    }
    server.stop();
}

/// Nobody writes anything: the clock alone opens and closes.
#[test]
fn periods_begin_and_end_by_themselves() {
    let w = World::new();
    w.ok(&["org", "add", "eau", "--title", "Eau"]);
    let (_, key) = w.key("eau", &[]);
    let server = w.serve(&[]);
    let at = |seconds: u64| {
        let then = std::time::SystemTime::now() + Duration::from_secs(seconds);
        jiff::Timestamp::try_from(then)
            .expect("an instant")
            .to_string()
    };
    let (from, until) = (at(2), at(4));
    w.ok(&[
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
        "--from",
        &from,
        "--until",
        &until,
    ]);
    let begun = Instant::now();
    let target = items(RESTRICTED);
    assert_eq!(server.status(&target, Some(&key)), 404);
    server.until(&target, Some(&key), 200);
    server.until(&target, Some(&key), 404);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    server.stop();
}

/// Threats 41 and 42: an older copy, or none, closes what is restricted once the lease is over; what is open goes on.
#[test]
fn a_store_that_is_put_back_opens_nothing() {
    let w = World::new();
    let (id, key) = partner(&w);
    let copy = w.path("copy.sqlite");
    back_up(&w.state(), &copy);
    let (_, other) = w.key("eau", &[]);
    w.ok(&["key", "revoke", &id]);
    let newest = w.path("newest.sqlite");
    back_up(&w.state(), &newest);
    let server = w.serve(&[]);
    let (open, restricted) = (items(OPEN), items(RESTRICTED));
    assert_eq!(server.status(&restricted, Some(&other)), 200);
    restore(&w.state(), &copy);
    let took = server.until(&restricted, Some(&other), 503);
    assert!(took < Duration::from_secs(3), "{took:?}");
    // The key that the copy knows as good is not believed, and names that do not exist are answered alike.
    assert_eq!(server.status(&restricted, Some(&key)), 401);
    assert_eq!(server.status("/collections/nowhere", None), 503);
    assert_eq!(server.status(&open, None), 200);
    assert!(
        server
            .get("/health/ready", None)
            .1
            .contains("\"policy\":\"unconfirmed\"")
    );
    assert!(w.refused(&["org", "list"]).contains("--accept-older"));
    // The right one is put back: all is as before.
    restore(&w.state(), &newest);
    server.until(&restricted, Some(&other), 200);
    assert!(
        server
            .get("/health/ready", None)
            .1
            .contains("\"policy\":\"ok\"")
    );
    // None at all.
    fs::rename(w.state().join("policy.sqlite"), w.path("away.sqlite")).expect("a file");
    server.until(&restricted, Some(&other), 503);
    assert_eq!(server.status(&open, None), 200);
    server.stop();
}

#[test]
fn a_server_starts_on_an_older_store_only_if_that_is_meant() {
    let w = World::new();
    let (id, key) = partner(&w);
    let copy = w.path("copy.sqlite");
    back_up(&w.state(), &copy);
    w.ok(&["key", "revoke", &id]);
    let epoch = w.json(&["policy"])["epoch"].as_u64().unwrap();
    restore(&w.state(), &copy);
    let said = w.try_serve(&[]).err().expect("it is refused");
    assert!(
        said.contains("older copy") && said.contains("--accept-older"),
        "{said}"
    );
    let server = w.serve(&["--accept-older"]);
    // What that means is what was warned of.
    assert_eq!(server.status(&items(RESTRICTED), Some(&key)), 200);
    let said = server.stop();
    assert!(
        said.contains(&format!("undone by the older copy: revoke key:{id}")),
        "{said}"
    );
    assert_eq!(w.json(&["policy"])["epoch"], epoch + 1);
    let changes = w.ok(&["audit", "changes"]);
    assert!(changes.contains("accept-older store"), "{changes}");
    w.ok(&["audit", "verify"]);
    w.serve(&[]).stop();
}

#[test]
fn a_reload_that_takes_an_id_of_the_store_is_refused() {
    let w = World::new();
    let (_, key) = partner(&w);
    let server = w.serve(&[]);
    w.append("[[organisation]]\nid = \"eau\"\n");
    let said = w.refused(&["reload"]);
    assert!(
        said.contains("organisation:eau is in the store already"),
        "{said}"
    );
    assert_eq!(server.status(&items(RESTRICTED), Some(&key)), 200);
    server.stop();
    // At a start it is set aside, and stops nothing else.
    let server = w.serve(&[]);
    assert_eq!(server.status(&items(OPEN), None), 200);
    assert_eq!(server.status(&items(RESTRICTED), Some(&key)), 401);
    let said = server.stop();
    assert!(
        said.contains("organisation:eau: it stands in the configuration, too"),
        "{said}"
    );
}

#[test]
fn the_journal_tells_who_saw_what() {
    let w = World::new();
    let (id, key) = partner(&w);
    let server = w.serve(&[]);
    for _ in 0..3 {
        assert_eq!(server.status(&items(RESTRICTED), Some(&key)), 200);
    }
    assert_eq!(server.status(&items(OPEN), Some(&key)), 200);
    server.stop();
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap());
    let today = today.date().to_string();
    let read = w.json(&[
        "audit", "--layer", RESTRICTED, "--from", &today, "--to", &today,
    ]);
    let reads = read["reads"].as_array().unwrap();
    let of_items: Vec<_> = reads.iter().filter(|r| r["route"] == "items").collect();
    let requests: u64 = of_items.iter().filter_map(|r| r["requests"].as_u64()).sum();
    let features: u64 = of_items.iter().filter_map(|r| r["features"].as_u64()).sum();
    assert_eq!((requests, features), (3, 9), "{read}");
    assert!(
        of_items
            .iter()
            .all(|r| r["principal"] == format!("key:{id}"))
    );
    assert!(!reads.iter().any(|r| r["layer"] == OPEN));
    let lines = w.ok(&["audit", "--layer", RESTRICTED, "--from", &today]);
    assert!(
        lines.contains(&format!("{RESTRICTED}  key:{id}  view ")),
        "{lines}"
    );
    let usage = w.json(&["audit", "usage", "--layer", OPEN]);
    assert_eq!(usage[0]["requests"], 1);
}

/// Whoever is told that all is well must be looking at the folder that commands work on.
#[test]
fn a_state_folder_that_is_replaced_is_noticed() {
    let w = World::new();
    let (_, key) = partner(&w);
    let server = w.serve(&[]);
    let (open, restricted) = (items(OPEN), items(RESTRICTED));
    assert_eq!(server.status(&restricted, Some(&key)), 200);
    fs::rename(w.state(), w.path("moved")).expect("a folder");
    w.ok(&["org", "list"]);
    assert!(w.state().exists(), "commands work on a new one");
    server.until(&restricted, Some(&key), 503);
    assert_eq!(server.status(&open, None), 200);
    let health = server.get("/health/ready", None).1;
    assert!(health.contains("\"policy\":\"unconfirmed\""), "{health}");
    fs::remove_dir_all(w.state()).expect("a folder");
    fs::rename(w.path("moved"), w.state()).expect("a folder");
    server.until(&restricted, Some(&key), 200);
    let said = server.stop();
    assert!(said.contains("was taken away or replaced"), "{said}");
}
