//! The file: older copies, other versions, other programs.

use super::*;

/// Threat 41: a copy from before a revocation does not bring back what was revoked.
#[test]
fn an_older_copy_is_refused_until_it_is_accepted() {
    let f = filled();
    let copy = f.folder.path().join("copy.sqlite");
    f.raw()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    f.change(&Change::Revoke(Name::Grant("g-1".to_owned())))
        .unwrap();
    f.create(Record::Organisation(organisation("gaz")));
    let seen = f.store.epoch().unwrap();
    let Fixture { folder, store } = f;
    let restore = || {
        let path = folder.path().join("policy.sqlite");
        for ending in ["-wal", "-shm"] {
            let _absent =
                std::fs::remove_file(folder.path().join(format!("policy.sqlite{ending}")));
        }
        std::fs::copy(&copy, folder.path().join("new.sqlite")).unwrap();
        std::fs::rename(folder.path().join("new.sqlite"), path).unwrap();
    };
    restore();
    // While it runs, and at the next start.
    let older = StoreError::Older { found: 11, seen };
    assert_eq!(store.epoch(), Err(older.clone()));
    assert_eq!(store.load(), Err(older.clone()));
    let change = Change::Create(Record::Organisation(organisation("bois")));
    assert_eq!(
        store.change(author("operator"), &change),
        Err(older.clone())
    );
    drop(store);
    assert_eq!(open(folder.path()).unwrap_err(), older);
    let (store, accepted) =
        SqliteStore::open_accepting_older(folder.path(), KEY, files(), author("operator")).unwrap();
    let accepted = accepted.unwrap();
    assert_eq!(
        (accepted.found, accepted.seen, accepted.epoch),
        (11, seen, seen + 1)
    );
    let holds: Vec<&str> = accepted.holds_again().map(|w| w.name.as_str()).collect();
    assert_eq!(holds, ["grant:g-1"]);
    assert_eq!(accepted.lacking.len(), 2);
    assert_eq!(store.epoch().unwrap(), seen + 1);
    assert_eq!(store.load().unwrap().parts.grants.len(), 1);
    assert_eq!(verify(&store).unwrap().faults, Vec::<String>::new());
    let last = store.audit(&AuditQuery::default()).unwrap().pop().unwrap();
    assert_eq!((last.act.as_str(), last.epoch), ("accept-older", seen + 1));
    assert!(last.after.unwrap().contains("grant:g-1"));
    store.change(author("operator"), &change).unwrap();
    drop(store);
    // Accepted once, it is the one that was seen.
    let (_, again) =
        SqliteStore::open_accepting_older(folder.path(), KEY, files(), author("operator")).unwrap();
    assert_eq!(again, None);
    open(folder.path()).unwrap();
}

#[test]
fn a_copy_that_went_its_own_way_is_an_older_one() {
    let f = filled();
    let copy = f.folder.path().join("copy.sqlite");
    f.raw()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    f.change(&Change::Revoke(Name::Grant("g-1".to_owned())))
        .unwrap();
    // Elsewhere the copy is changed more often than the original was.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(&copy, elsewhere.path().join("policy.sqlite")).unwrap();
    let other = open(elsewhere.path()).unwrap();
    for id in ["a", "b", "c"] {
        let change = Change::Create(Record::Organisation(organisation(id)));
        other.change(author("operator"), &change).unwrap();
    }
    drop(other);
    let Fixture { folder, store } = f;
    drop(store);
    std::fs::copy(
        elsewhere.path().join("policy.sqlite"),
        folder.path().join("policy.sqlite"),
    )
    .unwrap();
    assert!(matches!(
        open(folder.path()),
        Err(StoreError::Older {
            found: 14,
            seen: 12
        })
    ));
}

#[test]
fn a_missing_store_is_an_older_one() {
    let f = filled();
    let folder = f.folder;
    drop(f.store);
    for ending in ["", "-wal", "-shm"] {
        let _absent = std::fs::remove_file(folder.path().join(format!("policy.sqlite{ending}")));
    }
    assert!(matches!(
        open(folder.path()),
        Err(StoreError::Older { found: 0, seen: 11 })
    ));
}

#[test]
fn files_of_later_versions_and_other_programs_are_refused() {
    for (sql, word) in [
        ("PRAGMA user_version = 999", "later version"),
        ("PRAGMA application_id = 1196444487", "another program"),
    ] {
        let f = filled();
        let folder = f.folder;
        drop(f.store);
        let db = Connection::open(folder.path().join("policy.sqlite")).unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn a_migration_is_applied_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sqlite");
    let first = "CREATE TABLE a (x INTEGER) STRICT;";
    drop(connection::open(&path, 7, &[first]).unwrap());
    let bad = "CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT;";
    assert!(connection::open(&path, 7, &[first, bad]).is_err());
    // As it was, and ready for a better one.
    drop(connection::open(&path, 7, &[first]).unwrap());
    let good = "CREATE TABLE b (x INTEGER) STRICT;";
    let db = connection::open(&path, 7, &[first, good]).unwrap();
    db.execute("INSERT INTO b VALUES (1)", []).unwrap();
    assert!(connection::open(&path, 7, &[first]).is_err());
}

#[test]
fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let f = filled();
    for name in ["policy.sqlite", "policy.sqlite-wal", "witness.sqlite"] {
        let metadata = std::fs::metadata(f.folder.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}
