//! The store of the policy: what is read from it after something went wrong opens nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use guichet::access::{Author, Change, Files, Name, PolicyParts, PolicyStore, Record, StoreError};
use guichet::store::SqliteStore;

use crate::generate::NOW_US;
use crate::play::Play;
use crate::stage::{CALLERS, OPEN, PARCELS, PIPES, SALES, Stage, id_of};

const AUTHOR: Author<'static> = Author {
    name: "operator:test",
    at_us: NOW_US,
    seen: None,
};

fn open(folder: &std::path::Path) -> Result<SqliteStore, StoreError> {
    let layers: BTreeSet<_> = [OPEN, PARCELS, PIPES, SALES].map(str::to_owned).into();
    SqliteStore::open(
        folder,
        [3; 32],
        Arc::new(Files::new(PolicyParts::default(), layers)),
    )
}

/// The stage's policy in a store.
fn filled(folder: &std::path::Path) -> (SqliteStore, Stage) {
    let stage = Stage::new();
    let store = open(folder).expect("a new store");
    let policy = &stage.world.policy;
    let hosts_first = ["departement", "ville", "eau", "voisin"];
    let records = hosts_first
        .iter()
        .map(|id| Record::Organisation(policy.organisations[*id].clone()));
    let records = records.chain(policy.members.values().cloned().map(Record::Member));
    let records = records.chain(policy.profiles.values().cloned().map(Record::Profile));
    let records = records.chain(
        policy
            .keys
            .values()
            .filter(|k| !k.revoked)
            .cloned()
            .map(Record::Key),
    );
    let on_known = |g: &&guichet::access::Grant| {
        g.layers
            .iter()
            .all(|l| [PARCELS, PIPES, SALES].contains(&l.as_str()))
    };
    let records = records.chain(
        policy
            .grants
            .iter()
            .filter(on_known)
            .cloned()
            .map(Record::Grant),
    );
    for record in records {
        let name = format!("{:?}", record.name());
        store
            .change(AUTHOR, &Change::Create(record))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    (store, stage)
}

/// The stage under what a store says, beside what is in no store.
fn under(stage: Stage, store: &SqliteStore) -> Play {
    let loaded = store.load().expect("a store").parts;
    let mut play = Play::of(stage);
    play.change(|world| {
        let own = std::mem::take(&mut world.policy);
        world.policy = PolicyParts {
            suspensions: own.suspensions,
            layer_states: own.layer_states,
            embargoes: own.embargoes,
            ..loaded
        };
    });
    play
}

#[test]
pub fn threat_41_what_is_revoked_stays_revoked() {
    let _beside = crate::beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let (store, stage) = filled(folder.path());
    let play = under(stage, &store);
    let items = format!("/collections/{SALES}/items");
    assert_eq!(
        (play.status("partner", &items), play.status("owner", &items)),
        (200, 200)
    );
    let key = id_of(play.stage.who("partner"));
    store
        .change(AUTHOR, &Change::Revoke(Name::Key(key)))
        .expect("a key to revoke");
    store
        .change(AUTHOR, &Change::Revoke(Name::Grant("of-priced".to_owned())))
        .expect("a grant to revoke");
    for store in [store, open(folder.path()).expect("the same again")] {
        let play = under(Stage::new(), &store);
        assert_eq!(play.status("partner", &items), 401);
        assert_eq!(
            play.json("browser", &items)["numberMatched"],
            34,
            "the grant was revoked too"
        );
        // And nobody comes back under the old id.
        let again = play
            .stage
            .world
            .policy
            .keys
            .values()
            .next()
            .cloned()
            .map(|k| guichet::access::Key { id: key, ..k });
        let again = store.change(AUTHOR, &Change::Create(Record::Key(again.expect("a key"))));
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    }
}

#[test]
pub fn threat_41_an_older_store_is_refused() {
    let _beside = crate::beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let (store, stage) = filled(folder.path());
    let copy = tempfile::tempdir().expect("a folder");
    let files = || {
        std::fs::read_dir(folder.path())
            .expect("a folder")
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.to_string_lossy().contains("policy.sqlite"))
    };
    drop(store);
    for file in files() {
        std::fs::copy(&file, copy.path().join(file.file_name().expect("a name"))).expect("a copy");
    }
    let store = open(folder.path()).expect("the same again");
    store
        .change(
            AUTHOR,
            &Change::Revoke(Name::Key(id_of(stage.who("partner")))),
        )
        .expect("a key to revoke");
    drop(store);
    for file in files() {
        std::fs::remove_file(file).expect("a file");
    }
    for entry in std::fs::read_dir(copy.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, folder.path().join(path.file_name().expect("a name")))
            .expect("a copy");
    }
    assert!(
        matches!(open(folder.path()), Err(StoreError::Older { .. })),
        "what was revoked since would hold again"
    );
}

#[test]
pub fn threat_42_what_is_faulty_opens_nothing() {
    let _beside = crate::beside_others();
    let folder = tempfile::tempdir().expect("a folder");
    let (store, stage) = filled(folder.path());
    drop(store);
    let path = folder.path().join("policy.sqlite");
    let db = rusqlite::Connection::open(&path).expect("the store's file");
    let spoiled = db.execute("UPDATE profiles SET body = json_set(body, '$.rows', 7) WHERE id IN ('within', 'cells', 'priced')", []);
    assert_eq!(spoiled.expect("profiles"), 3);
    drop(db);
    let play = under(stage, &open(folder.path()).expect("it still opens"));
    assert_eq!(
        play.status("partner", &format!("/collections/{PARCELS}/items")),
        403,
        "listed, and not opened by what cannot be read"
    );
    assert_eq!(
        play.json("partner", &format!("/collections/{SALES}/items"))["numberMatched"],
        34,
        "the other grant holds"
    );
    // While the store cannot be asked, what is restricted is closed to all.
    let mut play = Play::new();
    play.change(|world| world.policy.unconfirmed = true);
    for who in CALLERS {
        for layer in [PARCELS, PIPES, SALES] {
            assert_ne!(
                play.status(who, &format!("/collections/{layer}")),
                200,
                "{who} {layer}"
            );
        }
    }
    assert_eq!(
        play.status("anonymous", &format!("/collections/{OPEN}")),
        200
    );
}
