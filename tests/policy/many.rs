//! 10,000 keys and 100,000 grants: read and put together in less than two seconds and 100 MiB.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::access::{
    Action, Files, Grant, Key, KeyId, Policy, PolicyStore as _, Record, Subject,
};
use guichet::store::SqliteStore;

const KEYS: u32 = 10_000;
const GRANTS: u32 = 100_000;

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kib = line
        .and_then(|l| l.trim().strip_suffix(" kB"))
        .expect("a size");
    kib.trim().parse::<u64>().expect("a number") << 10
}

fn fill(folder: &std::path::Path) {
    let mut db = rusqlite::Connection::open(folder.join("policy.sqlite")).expect("a store");
    let tx = db.transaction().expect("a transaction");
    let put = |table: &str, id: &str, record: &Record| {
        let sql = format!("INSERT INTO {table} (id, body) VALUES (?1, ?2)");
        let mut statement = tx.prepare_cached(&sql).expect("a statement");
        let body = record.to_json().expect("JSON");
        statement.execute([id, &body]).expect("a row");
    };
    for o in 0..1_000 {
        let id = format!("organisation-{o}");
        let text = format!(
            r#"{{"id":"{id}","title":"Organisation {o}","parent":null,"jurisdiction":null,"siret":null}}"#
        );
        put(
            "organisations",
            &id,
            &Record::from_json("organisation", &text).expect("one"),
        );
    }
    for p in 0..100 {
        let id = format!("profile-{p}");
        let text = format!(
            r#"{{"id":"{id}","organisation":null,"rows":"a = {p}","attributes":["a","b"],"area":null,"derived":{{}},"zooms":null,"precision":null,"formats":null}}"#
        );
        put(
            "profiles",
            &id,
            &Record::from_json("profile", &text).expect("one"),
        );
    }
    for k in 0..KEYS {
        let key = Key {
            label: format!("key {k}"),
            until_us: Some(2_000_000_000_000_000 + i64::from(k)),
            ..Key::new(
                KeyId(k),
                *blake3::hash(&k.to_le_bytes()).as_bytes(),
                format!("organisation-{}", k % 1_000),
            )
        };
        put("keys", &key.id.to_string(), &Record::Key(key.clone()));
    }
    for g in 0..GRANTS {
        let grant = Grant {
            id: format!("g-{g:016x}"),
            subject: match g % 3 {
                0 => Subject::Key(KeyId(g % KEYS)),
                _ => Subject::Organisation(format!("organisation-{}", g % 1_000)),
            },
            layers: (0..=g % 3)
                .map(|l| format!("region.layer-{}", (g + l) % 5_000))
                .collect(),
            profile: format!("profile-{}", g % 100),
            actions: BTreeSet::from([Action::Discover, Action::Tiles, Action::Items]),
            from_us: None,
            until_us: Some(1_900_000_000_000_000 + i64::from(g)),
            terms: None,
        };
        put("grants", &grant.id.clone(), &Record::Grant(grant));
    }
    tx.commit().expect("a commit");
}

#[test]
fn many_keys_and_grants_load_fast_and_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let layers = (0..5_000).map(|l| format!("region.layer-{l}")).collect();
    let files = Arc::new(Files::new(guichet::access::PolicyParts::default(), layers));
    let open = || SqliteStore::open(folder.path(), [0; 32], Arc::clone(&files)).expect("a store");
    drop(open());
    fill(folder.path());
    let store = open();
    let before = resident();
    let start = Instant::now();
    let stored = store.load().expect("a policy");
    let loaded = start.elapsed();
    assert_eq!(stored.broken, []);
    let (parts, broken) = files.with(stored.parts);
    let policy = Policy::new(parts);
    let took = start.elapsed();
    let grown = resident().saturating_sub(before);
    println!("read in {loaded:?}, ready in {took:?}, {} MiB", grown >> 20);
    assert_eq!(
        (policy.keys.len(), policy.grants.len()),
        (KEYS as usize, GRANTS as usize)
    );
    assert!(broken.is_empty() && policy.inert().is_empty());
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(grown < 100 << 20, "{} MiB", grown >> 20);
}
