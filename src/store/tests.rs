//! The store alone, in folders that are thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::*;
use crate::access::{
    Acceptance, AccessRequest, Action, Attributes, Author, Change, Decision, Entry, Files, Grant,
    Key, KeyId, KeyKind, LayerState, Member, Name, Organisation, PolicyParts, PolicyStore, Profile,
    Record, RequestState, Role, Scopes, StoreError, Subject, Suspension, Target, Terms, TermsText,
    Zooms,
};

const KEY: [u8; 32] = [7; 32];
const NOW: i64 = 1_790_000_000_000_000;
const DAY: i64 = 86_400_000_000;

fn author(name: &str) -> Author<'_> {
    Author {
        name,
        at_us: NOW,
        seen: None,
    }
}

fn organisation(id: &str) -> Organisation {
    Organisation {
        id: id.to_owned(),
        title: format!("Titre de {id}"),
        parent: None,
        jurisdiction: None,
        siret: None,
    }
}

fn profile(id: &str) -> Profile {
    Profile {
        id: id.to_owned(),
        organisation: None,
        rows: "TRUE".to_owned(),
        attributes: Attributes::All,
        area: None,
        derived: BTreeMap::new(),
        zooms: Zooms::ALL,
        precision: None,
        formats: None,
    }
}

fn grant(id: &str, subject: &str, profile: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        subject: subject.parse().unwrap(),
        layers: BTreeSet::from(["region.parcelles".to_owned()]),
        profile: profile.to_owned(),
        actions: BTreeSet::from([Action::Discover, Action::Items]),
        from_us: None,
        until_us: None,
        terms: None,
    }
}

fn key(id: u32, organisation: &str) -> Key {
    Key {
        id: KeyId(id),
        organisation: organisation.to_owned(),
        member: None,
        label: "essai".to_owned(),
        sha256: *blake3::hash(&id.to_le_bytes()).as_bytes(),
        kind: KeyKind::Secret,
        scopes: Scopes::default(),
        origins: BTreeSet::new(),
        networks: Vec::new(),
        from_us: None,
        until_us: None,
        replaced_by: None,
        revoked: false,
    }
}

fn member(id: &str, organisation: &str) -> Member {
    Member {
        id: id.to_owned(),
        organisation: organisation.to_owned(),
        role: Role::Publisher,
        groups: BTreeSet::new(),
        identity: None,
        until_us: None,
    }
}

fn terms(id: &str, version: u64) -> TermsText {
    TermsText {
        terms: Terms {
            id: id.to_owned(),
            version,
        },
        organisation: None,
        title: "Licence".to_owned(),
        url: None,
        sha256: None,
    }
}

fn request(organisation: &str) -> AccessRequest {
    AccessRequest {
        id: String::new(),
        organisation: organisation.to_owned(),
        layer: "region.parcelles".to_owned(),
        purpose: "étude".to_owned(),
        area: None,
        until_us: NOW + 90 * DAY,
        asked_us: 0,
        state: RequestState::Open,
        decided_by: None,
        reason: None,
        grant: None,
    }
}

/// An organisation, a profile, a key and two collections in the configuration.
fn files() -> Arc<Files> {
    let parts = PolicyParts {
        organisations: [("region".to_owned(), organisation("region"))].into(),
        profiles: [("tout".to_owned(), profile("tout"))].into(),
        keys: [(KeyId(1), key(1, "region"))].into(),
        grants: vec![grant("file:0", "key:000000aa", "tout")],
        layer_states: [("region.routes".to_owned(), LayerState::Draft)].into(),
        ..PolicyParts::default()
    };
    let layers = ["region.parcelles", "region.routes"].map(str::to_owned);
    Arc::new(Files::new(parts, layers.into()))
}

struct Fixture {
    folder: tempfile::TempDir,
    store: SqliteStore,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        Self { folder, store }
    }

    fn change(&self, change: &Change) -> Result<crate::access::Changed, StoreError> {
        self.store.change(author("operator"), change)
    }

    fn create(&self, record: Record) -> String {
        self.change(&Change::Create(record)).unwrap().id.unwrap()
    }

    fn parts(&self) -> PolicyParts {
        let stored = self.store.load().unwrap();
        assert_eq!(stored.broken, []);
        stored.parts
    }

    /// A connection past the store, as somebody with `sqlite3` has one.
    fn raw(&self) -> Connection {
        Connection::open(self.folder.path().join("policy.sqlite")).unwrap()
    }

    fn faults(&self) -> Vec<String> {
        verify(&self.store).unwrap().faults
    }
}

fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(folder, KEY, files())
}

/// Something of every kind.
fn filled() -> Fixture {
    let f = Fixture::new();
    f.create(Record::Organisation(organisation("eau")));
    f.create(Record::Member(member("alice", "eau")));
    f.create(Record::Profile(profile("clip")));
    f.create(Record::Terms(terms("licence", 3)));
    f.create(Record::Key(key(2, "eau")));
    f.create(Record::Grant(grant("g-1", "organisation:eau", "clip")));
    f.change(&Change::AcceptTerms {
        organisation: "eau".to_owned(),
        terms: terms("licence", 3).terms,
    })
    .unwrap();
    let layer = || "region.parcelles".to_owned();
    let state = LayerState::Published;
    f.change(&Change::SetLayerState {
        layer: layer(),
        state,
    })
    .unwrap();
    f.change(&Change::SetEmbargo {
        layer: layer(),
        until_us: Some(NOW + DAY),
    })
    .unwrap();
    f.change(&Change::Suspend(Suspension {
        target: Target::Key(KeyId(2)),
        reason: "perdue".to_owned(),
        by: None,
    }))
    .unwrap();
    f.change(&Change::Request(request("eau"))).unwrap();
    f
}

#[test]
fn what_is_written_is_loaded() {
    let f = filled();
    let parts = f.parts();
    assert_eq!(parts.epoch, 11);
    assert_eq!(parts.organisations["eau"], organisation("eau"));
    assert_eq!(parts.members["alice"], member("alice", "eau"));
    assert_eq!(parts.profiles["clip"], profile("clip"));
    assert_eq!(parts.keys[&KeyId(2)], key(2, "eau"));
    assert_eq!(parts.grants, [grant("g-1", "organisation:eau", "clip")]);
    assert_eq!(parts.terms.len(), 1);
    assert_eq!(parts.acceptances.len(), 1);
    assert_eq!(
        parts.layer_states["region.parcelles"],
        LayerState::Published
    );
    assert_eq!(parts.embargoes["region.parcelles"], NOW + DAY);
    assert_eq!(parts.suspensions.len(), 1);
    assert_eq!(f.store.requests(None, Some("eau")).unwrap().len(), 1);
    assert_eq!(f.store.requests(None, Some("gaz")).unwrap(), []);
    assert_eq!(f.faults(), Vec::<String>::new());
    // The same after it was closed and opened again.
    let folder = f.folder;
    drop(f.store);
    let again = open(folder.path()).unwrap();
    assert_eq!(again.load().unwrap().parts, parts);
}

#[test]
fn an_id_is_taken_for_good() {
    let f = filled();
    let conflict = |record: Record| {
        let name = record.name();
        assert_eq!(
            f.change(&Change::Create(record)),
            Err(StoreError::Conflict(name))
        );
    };
    // In the configuration, in the store, in the store's past.
    conflict(Record::Organisation(organisation("region")));
    conflict(Record::Organisation(organisation("eau")));
    let before = f.parts();
    f.change(&Change::Revoke(Name::Grant("g-1".to_owned())))
        .unwrap();
    conflict(Record::Grant(grant("g-1", "public", "tout")));
    let unknown = StoreError::Unknown(Name::Grant("g-1".to_owned()));
    let again = Change::Revoke(Name::Grant("g-1".to_owned()));
    assert_eq!(f.change(&again), Err(unknown.clone()));
    let update = Change::Update(Record::Grant(grant("g-1", "public", "tout")));
    assert_eq!(f.change(&update), Err(unknown));
    assert_eq!(f.parts().epoch, before.epoch + 1);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn entries_of_files_are_left_alone() {
    let f = Fixture::new();
    let region = Name::Organisation("region".to_owned());
    let mut other = organisation("region");
    other.title = "Autre".to_owned();
    for change in [
        Change::Update(Record::Organisation(other)),
        Change::Revoke(region.clone()),
    ] {
        assert_eq!(f.change(&change), Err(StoreError::InFile(region.clone())));
    }
    let state = Change::SetLayerState {
        layer: "region.routes".to_owned(),
        state: LayerState::Published,
    };
    let layer = Name::Layer("region.routes".to_owned());
    assert_eq!(f.change(&state), Err(StoreError::InFile(layer)));
    // Suspension is the store's: it concerns them all.
    let suspend = Change::Suspend(Suspension {
        target: Target::Key(KeyId(1)),
        reason: "perdue".to_owned(),
        by: None,
    });
    f.change(&suspend).unwrap();
    assert!(matches!(f.change(&suspend), Err(StoreError::Already(_))));
    f.change(&Change::Resume(Target::Key(KeyId(1)))).unwrap();
    assert!(f.parts().suspensions.is_empty());
}

#[test]
fn what_is_referred_to_must_be_there() {
    let f = Fixture::new();
    let missing = |record: Record, name: &str| {
        let name = name.parse().unwrap();
        assert_eq!(
            f.change(&Change::Create(record)),
            Err(StoreError::Unknown(name))
        );
    };
    missing(Record::Member(member("a", "eau")), "organisation:eau");
    missing(Record::Key(key(2, "eau")), "organisation:eau");
    missing(
        Record::Grant(grant("", "organisation:eau", "tout")),
        "organisation:eau",
    );
    missing(
        Record::Grant(grant("", "key:0000beef", "tout")),
        "key:0000beef",
    );
    missing(Record::Grant(grant("", "public", "clip")), "profile:clip");
    let mut elsewhere = grant("", "public", "tout");
    elsewhere.layers.insert("region.absent".to_owned());
    missing(Record::Grant(elsewhere), "layer:region.absent");
    let mut bound = grant("", "public", "tout");
    bound.terms = Some(terms("licence", 1).terms);
    missing(Record::Grant(bound), "terms:licence@1");
    let suspend = Change::Suspend(Suspension {
        target: Target::Member("nobody".to_owned()),
        reason: "?".to_owned(),
        by: None,
    });
    assert!(matches!(f.change(&suspend), Err(StoreError::Unknown(_))));
    assert_eq!(f.parts(), PolicyParts::default());
}

#[test]
fn organisations_are_not_above_themselves() {
    let f = Fixture::new();
    let under = |id: &str, parent: &str| Organisation {
        parent: Some(parent.to_owned()),
        ..organisation(id)
    };
    f.create(Record::Organisation(under("a", "region")));
    f.create(Record::Organisation(under("b", "a")));
    let turn = Change::Update(Record::Organisation(under("a", "b")));
    assert!(matches!(f.change(&turn), Err(StoreError::Refused(_))));
    let revoke = Change::Revoke(Name::Organisation("a".to_owned()));
    assert!(matches!(f.change(&revoke), Err(StoreError::InUse { .. })));
}

#[test]
fn what_cannot_be_without_it_falls_with_it() {
    let f = filled();
    f.create(Record::Organisation(organisation("gaz")));
    f.create(Record::Key(Key {
        member: Some("alice".to_owned()),
        ..key(3, "eau")
    }));
    f.create(Record::Grant(grant("g-2", "key:00000003", "tout")));
    f.create(Record::Grant(grant("g-3", "organisation:gaz", "tout")));
    let gone = f
        .change(&Change::Revoke(Name::Organisation("eau".to_owned())))
        .unwrap();
    let mut fallen: Vec<String> = gone.fallen.iter().map(Name::to_string).collect();
    fallen.sort();
    assert_eq!(fallen[0], "acceptance:eau:licence@3");
    assert_eq!(
        fallen[1..6],
        [
            "grant:g-1",
            "grant:g-2",
            "key:00000002",
            "key:00000003",
            "member:alice"
        ]
    );
    assert!(
        fallen[6].starts_with("request:r-") && fallen.len() == 7,
        "{fallen:?}"
    );
    let parts = f.parts();
    assert!(parts.keys.is_empty() && parts.members.is_empty() && parts.acceptances.is_empty());
    assert_eq!(parts.grants, [grant("g-3", "organisation:gaz", "tout")]);
    let requests = f.store.requests(None, None).unwrap();
    assert_eq!(requests[0].state, RequestState::Withdrawn);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn what_grants_stand_on_stays() {
    let f = filled();
    let revoke = Change::Revoke(Name::Profile("clip".to_owned()));
    let Err(StoreError::InUse { by, .. }) = f.change(&revoke) else {
        panic!("in use")
    };
    assert_eq!(by, [Name::Grant("g-1".to_owned())]);
    f.change(&Change::Revoke(Name::Grant("g-1".to_owned())))
        .unwrap();
    f.change(&revoke).unwrap();
}

#[test]
fn a_right_that_was_judged_on_another_policy_is_judged_again() {
    let f = Fixture::new();
    let epoch = f.store.epoch().unwrap();
    f.create(Record::Organisation(organisation("eau")));
    let late = Author {
        seen: Some(epoch),
        ..author("member:alice")
    };
    let change = Change::Create(Record::Organisation(organisation("gaz")));
    assert_eq!(
        f.store.change(late, &change),
        Err(StoreError::Stale { epoch: epoch + 1 })
    );
    let fresh = Author {
        seen: Some(epoch + 1),
        ..late
    };
    f.store.change(fresh, &change).unwrap();
}

#[test]
fn a_key_is_renewed_with_what_it_opens() {
    let f = filled();
    f.change(&Change::Resume(Target::Key(KeyId(2)))).unwrap();
    let mine = f.create(Record::Grant(grant("", "key:00000002", "tout")));
    let rotate = |new: Key, overlap| Change::RotateKey {
        old: KeyId(2),
        new: Box::new(new),
        overlap_until_us: overlap,
    };
    let mut wider = key(4, "eau");
    wider.scopes.max_zoom = Some(3);
    assert!(matches!(
        f.change(&rotate(wider, NOW + DAY)),
        Err(StoreError::Refused(_))
    ));
    let later = NOW + 31 * DAY;
    assert!(matches!(
        f.change(&rotate(key(4, "eau"), later)),
        Err(StoreError::Refused(_))
    ));
    f.change(&rotate(key(4, "eau"), NOW + DAY)).unwrap();
    let parts = f.parts();
    let old = &parts.keys[&KeyId(2)];
    assert_eq!(
        (old.replaced_by, old.until_us),
        (Some(KeyId(4)), Some(NOW + DAY))
    );
    let subjects: Vec<&Subject> = parts.grants.iter().map(|g| &g.subject).collect();
    assert!(subjects.contains(&&Subject::Key(KeyId(4))), "{subjects:?}");
    let copies = parts.grants.iter().filter(|g| g.profile == "tout");
    assert_eq!(copies.count(), 2);
    assert!(parts.grants.iter().any(|g| g.id == mine));
    let twice = f.change(&rotate(key(5, "eau"), NOW + DAY));
    assert!(matches!(twice, Err(StoreError::Already(_))));
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn a_key_whose_rights_stand_in_a_file_or_that_is_suspended_is_not_renewed() {
    let f = filled();
    let rotate = |old| Change::RotateKey {
        old: KeyId(old),
        new: Box::new(key(9, "eau")),
        overlap_until_us: NOW + DAY,
    };
    assert!(matches!(f.change(&rotate(2)), Err(StoreError::Refused(_))));
    assert!(matches!(f.change(&rotate(1)), Err(StoreError::InFile(_))));
    f.create(Record::Key(key(0xaa, "eau")));
    assert!(matches!(
        f.change(&rotate(0xaa)),
        Err(StoreError::Refused(_))
    ));
}

#[test]
fn a_request_becomes_a_grant_that_ends() {
    let f = filled();
    let id = f.store.requests(None, None).unwrap()[0].id.clone();
    let approve = |grant: Grant| Change::Decide {
        request: id.clone(),
        decision: Decision::Approve(Box::new(grant)),
    };
    let mut answer = grant("", "organisation:eau", "tout");
    assert!(matches!(
        f.change(&approve(answer.clone())),
        Err(StoreError::Refused(_))
    ));
    answer.until_us = Some(NOW + 91 * DAY);
    assert!(matches!(
        f.change(&approve(answer.clone())),
        Err(StoreError::Refused(_))
    ));
    answer.until_us = Some(NOW + 90 * DAY);
    let mut wider = answer.clone();
    wider.layers.insert("region.routes".to_owned());
    assert!(matches!(
        f.change(&approve(wider)),
        Err(StoreError::Refused(_))
    ));
    let made = f.change(&approve(answer.clone())).unwrap().id.unwrap();
    assert!(
        f.parts()
            .grants
            .iter()
            .any(|g| g.id == made && g.until_us == answer.until_us)
    );
    let decided = &f
        .store
        .requests(Some(&["region.parcelles".to_owned()]), None)
        .unwrap()[0];
    assert_eq!(decided.state, RequestState::Approved);
    assert_eq!(decided.grant.as_deref(), Some(made.as_str()));
    assert_eq!(decided.decided_by.as_deref(), Some("operator"));
    assert!(matches!(
        f.change(&approve(answer)),
        Err(StoreError::Already(_))
    ));
}

#[test]
fn a_preview_leaves_no_trace() {
    let f = filled();
    let (epoch, parts) = (f.store.epoch().unwrap(), f.parts());
    let change = Change::Create(Record::Grant(grant("", "public", "tout")));
    let (changed, stored) = f.store.preview(author("operator"), &change).unwrap();
    assert_eq!(stored.parts.grants.len(), parts.grants.len() + 1);
    assert_eq!((changed.epoch, stored.parts.epoch), (epoch + 1, epoch + 1));
    assert_eq!(f.store.epoch().unwrap(), epoch);
    assert_eq!(f.parts(), parts);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn a_row_that_cannot_be_read_denies_and_stops_nothing() {
    let f = filled();
    let db = f.raw();
    let spoil = |table: &str, key: &str| {
        let sql = format!("UPDATE {table} SET body = json_remove(body, '$.{key}')");
        assert!(db.execute(&sql, []).unwrap() > 0);
    };
    spoil("profiles", "area");
    spoil("layers", "embargo_until");
    db.execute(
        "UPDATE suspensions SET body = json_set(body, '$.since', 1)",
        [],
    )
    .unwrap();
    let stored = f.store.load().unwrap();
    let broken: Vec<String> = stored.broken.iter().map(|b| b.name.to_string()).collect();
    assert_eq!(
        broken,
        [
            "profile:clip",
            "layer:region.parcelles",
            "suspension:key:00000002"
        ]
    );
    assert!(!stored.parts.profiles.contains_key("clip"));
    // What closed something goes on closing it.
    assert_eq!(
        stored.parts.layer_states["region.parcelles"],
        LayerState::Withdrawn
    );
    assert_eq!(stored.parts.suspensions.len(), 1);
    assert_eq!(f.faults().len(), 3);
}

/// Threat 26: whoever writes past the store is found.
#[test]
fn the_audit_finds_what_was_changed_past_it() {
    let tamperings = [
        (
            "DROP TRIGGER audit_is_not_rewritten; UPDATE audit SET actor = 'member:bob' WHERE seq = 3",
            "line 3",
        ),
        (
            "DROP TRIGGER audit_is_not_rewritten; UPDATE audit SET at_us = at_us - 1 WHERE seq = 11",
            "line 11",
        ),
        (
            "DROP TRIGGER audit_is_not_rewritten; UPDATE audit SET after = json_set(after, '$.subject', 'public') WHERE seq = 6",
            "line 6",
        ),
        (
            "DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE seq = 5",
            "line 6",
        ),
        (
            "DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE seq = 11",
            "epoch",
        ),
        (
            "DROP TRIGGER audit_is_not_cut; DROP TRIGGER epoch_goes_up; DELETE FROM audit WHERE seq = 11; \
             UPDATE epoch SET n = 10; DELETE FROM requests",
            "lines after 10",
        ),
        (
            "UPDATE grants SET body = json_set(body, '$.subject', 'public')",
            "grant:g-1",
        ),
        ("DELETE FROM grants", "grant:g-1 is gone"),
        ("DELETE FROM suspensions", "suspension:key:00000002 is gone"),
        ("UPDATE keys SET revoked_us = 5", "key:00000002 is gone"),
        (
            "INSERT INTO grants (id, body) SELECT 'g-9', json_set(body, '$.id', 'g-9') FROM grants",
            "grant:g-9",
        ),
        ("UPDATE epoch SET n = 12", "the epoch is 12"),
    ];
    for (sql, expected) in tamperings {
        let f = filled();
        assert_eq!(f.faults(), Vec::<String>::new());
        f.raw().execute_batch(sql).unwrap();
        let faults = f.faults();
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{sql}\n{faults:?}"
        );
    }
}

#[test]
fn a_forged_line_needs_the_secret() {
    let f = filled();
    let db = f.raw();
    let mut line = f
        .store
        .audit(&AuditQuery::default())
        .unwrap()
        .pop()
        .unwrap();
    line.prev_hash = line.hash;
    line.seq += 1;
    line.epoch += 1;
    line.hash = line.expected_hash(&[0; 32]);
    let sql = "INSERT INTO audit SELECT ?1, ?2, at_us, actor, act, 'request:r-forged', NULL, NULL, ?3, ?4 FROM audit WHERE seq = 11";
    let values = rusqlite::params![12, 12, line.prev_hash, line.hash];
    assert_eq!(db.execute(sql, values).unwrap(), 1);
    db.execute("UPDATE epoch SET n = 12", []).unwrap();
    let faults = f.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("another secret"));
}

#[test]
fn the_audit_is_only_added_to() {
    let f = filled();
    let db = f.raw();
    for sql in [
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'x'",
        "UPDATE epoch SET n = 1",
        "DELETE FROM epoch",
    ] {
        assert!(db.execute(sql, []).is_err(), "{sql}");
    }
}

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

/// Whatever is done in whatever order: rows, audit and what is loaded agree.
#[test]
fn random_changes_keep_rows_and_audit_together() {
    let f = Fixture::new();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % n
    };
    let mut done = 0;
    for _ in 0..600 {
        let o = ["eau", "gaz", "bois"][next(3) as usize];
        let p = ["tout", "clip", "mask"][next(3) as usize];
        let g = format!("g-{}", next(8));
        let k = next(6) as u32 + 2;
        let change = match next(14) {
            0 => Change::Create(Record::Organisation(organisation(o))),
            1 => Change::Create(Record::Profile(profile(p))),
            2 => Change::Create(Record::Key(key(k, o))),
            3 => Change::Create(Record::Grant(grant("", &format!("organisation:{o}"), p))),
            4 => Change::Create(Record::Grant(grant(&g, &format!("key:{k:08x}"), p))),
            5 => Change::Update(Record::Grant(grant(&g, "public", p))),
            6 => Change::Revoke(Name::Grant(g)),
            7 if next(4) == 0 => Change::Revoke(Name::Organisation(o.to_owned())),
            8 => Change::Revoke(Name::Key(KeyId(k))),
            9 => Change::Suspend(Suspension {
                target: Target::Organisation(o.to_owned()),
                reason: "essai".to_owned(),
                by: None,
            }),
            10 => Change::Resume(Target::Organisation(o.to_owned())),
            11 => Change::SetLayerState {
                layer: "region.parcelles".to_owned(),
                state: [LayerState::Draft, LayerState::Published][next(2) as usize],
            },
            12 => Change::RotateKey {
                old: KeyId(k),
                new: Box::new(key(k + 100 + next(50) as u32, o)),
                overlap_until_us: NOW + DAY,
            },
            _ => Change::Request(request(o)),
        };
        let before = f.parts();
        match f.change(&change) {
            Ok(changed) => {
                done += 1;
                assert_eq!(changed.epoch, before.epoch + 1);
            }
            Err(_) => assert_eq!(f.parts(), before),
        }
    }
    assert!(done > 100, "{done}");
    assert_eq!(f.faults(), Vec::<String>::new());
    let lines = f.store.audit(&AuditQuery::default()).unwrap();
    assert_eq!(lines.last().map(|l| l.epoch), Some(done));
}

#[test]
fn acceptances_name_who_accepted() {
    let f = filled();
    let query = AuditQuery {
        name: Some("acceptance:eau:licence@3".to_owned()),
        ..AuditQuery::default()
    };
    let lines = f.store.audit(&query).unwrap();
    let text = lines[0].after.as_deref().unwrap();
    let Ok(Entry::Acceptance(Acceptance { by, at_us, .. })) = Entry::from_json("acceptance", text)
    else {
        panic!("{text}")
    };
    assert_eq!((by.as_str(), at_us), ("operator", NOW));
}
