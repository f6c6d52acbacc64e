//! What the store keeps: nothing that was taken back returns, nothing that is broken widens.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use guichet::access::{
    Access, AreaSource, Areas, Author, Change, Discovery, Files, FilterCache, LayerContext, Name,
    Policy, PolicyParts, PolicyStore as _, Principal, Record, Surface,
};
use guichet::filter::{Frame, Limits};
use guichet::geometry::crs::Crs;
use guichet::geometry::region::Region;
use guichet::model::{DataType, Field, Schema};
use guichet::store::SqliteStore;

/// By name, for the list of mutants.
pub const TESTS: &[(&str, fn())] = &[
    ("revoked_keys_stay_revoked", revoked_keys_stay_revoked),
    (
        "an_older_store_is_not_believed",
        an_older_store_is_not_believed,
    ),
    ("a_faulty_row_gives_nothing", a_faulty_row_gives_nothing),
    (
        "what_is_not_confirmed_is_closed",
        what_is_not_confirmed_is_closed,
    ),
];

const LAYER: &str = "sud.parcelles";

fn open(folder: &Path) -> Result<SqliteStore, guichet::access::StoreError> {
    let layers = BTreeSet::from([LAYER.to_owned()]);
    let files = Files::new(PolicyParts::default(), layers);
    SqliteStore::open(folder, [1; 32], Arc::new(files))
}

fn change(store: &SqliteStore, change: &Change) {
    let author = Author {
        name: "operator:test",
        at_us: 1_790_000_000_000_000,
        seen: None,
    };
    store.change(author, change).expect("a change");
}

fn record(kind: &str, text: &str) -> Record {
    Record::from_json(kind, text).expect("a record")
}

/// An organisation with a key, a profile and a grant.
fn fill(store: &SqliteStore) {
    let key = format!(
        r#"{{"id":"00000001","organisation":"eau","member":null,"label":"k","sha256":"{}","kind":"secret",
        "scopes":{{"layers":null,"actions":null,"profile":null,"max_zoom":null}},"origins":[],"networks":[],
        "from":null,"until":null,"replaced_by":null}}"#,
        "07".repeat(32)
    );
    for (kind, text) in [
        (
            "organisation",
            r#"{"id":"eau","title":"Eau","parent":null,"jurisdiction":null,"siret":null}"#,
        ),
        ("key", &key),
        (
            "profile",
            r#"{"id":"p","organisation":null,"rows":"surface > 10","attributes":["surface"],"area":null,
            "derived":{},"zooms":null,"precision":null,"formats":null}"#,
        ),
        (
            "grant",
            r#"{"id":"g-1","subject":"organisation:eau","layers":["sud.parcelles"],"profile":"p",
            "actions":["items"],"from":null,"until":null,"terms":null}"#,
        ),
    ] {
        change(store, &Change::Create(record(kind, text)));
    }
}

/// What the holder of the key sees of the layer: nothing, or how many slices.
fn sees(parts: PolicyParts) -> usize {
    struct Nowhere;
    impl Areas for Nowhere {
        fn region(&self, _: &AreaSource) -> Option<Arc<Region>> {
            None
        }
        fn is_open(&self, _: &str) -> bool {
            false
        }
    }
    let schema = Schema {
        fields: vec![
            Field::new("surface", DataType::Number),
            Field::new("proprietaire", DataType::String),
        ],
        ..Schema::default()
    };
    let filters = FilterCache::default();
    let context = LayerContext {
        collection: LAYER,
        organisation: Some("sud"),
        access: Access::Restricted,
        discovery: Discovery::Hidden,
        frame: Frame {
            schema: &schema,
            filter_crs: Crs::CRS84,
            storage_crs: Crs::CRS84,
        },
        declared: &[0, 1],
        limits: Limits::default(),
        filters: &filters,
        view_key: &[0; 32],
    };
    let policy = Policy::new(parts);
    let Ok(standing) = policy.standing_of_key("00000001".parse().expect("an id"), 0) else {
        return 0;
    };
    let view = policy.view(&Principal::Known(standing), &context, &Nowhere, 0);
    let items = view.on(Surface::Items);
    if items.is_everything() {
        return usize::MAX;
    }
    items.slices().len()
}

fn revoked_keys_stay_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    fill(&store);
    assert_eq!(sees(store.load().expect("a policy").parts), 1);
    change(
        &store,
        &Change::Revoke(Name::Key("00000001".parse().expect("an id"))),
    );
    assert_eq!(sees(store.load().expect("a policy").parts), 0);
    drop(store);
    let again = open(folder.path()).expect("a store");
    assert_eq!(sees(again.load().expect("a policy").parts), 0);
}

fn an_older_store_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let store = open(folder.path()).expect("a store");
    fill(&store);
    let copy = path("copy.sqlite");
    let db = rusqlite::Connection::open(path("policy.sqlite")).expect("a store");
    let done = db.execute("VACUUM INTO ?1", [copy.to_str().expect("a path")]);
    done.expect("a copy");
    drop(db);
    change(
        &store,
        &Change::Revoke(Name::Key("00000001".parse().expect("an id"))),
    );
    drop(store);
    std::fs::rename(copy, path("policy.sqlite")).expect("a file");
    // The key is good in the copy: whoever believes it gives the key its rights back.
    let seen = open(folder.path()).and_then(|store| store.load());
    assert!(
        seen.is_err(),
        "{} slices",
        seen.map_or(0, |s| sees(s.parts))
    );
}

fn a_faulty_row_gives_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    fill(&store);
    let db = rusqlite::Connection::open(folder.path().join("policy.sqlite")).expect("a store");
    for sql in [
        // A restriction that is gone, and one that this version does not know.
        "UPDATE profiles SET body = json_remove(body, '$.area')",
        "UPDATE profiles SET body = json_set(body, '$.area', NULL, '$.only_on_mondays', true)",
    ] {
        db.execute(sql, []).expect("a row");
        assert_eq!(sees(store.load().expect("a policy").parts), 0, "{sql}");
    }
}

fn what_is_not_confirmed_is_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    fill(&store);
    let mut parts = store.load().expect("a policy").parts;
    parts.unconfirmed = true;
    assert_eq!(sees(parts), 0);
}

/// Threats 41 and 42.
#[test]
fn what_was_taken_back_or_broken_gives_nothing() {
    let _beside = crate::beside_others();
    for (_, test) in TESTS {
        test();
    }
}
