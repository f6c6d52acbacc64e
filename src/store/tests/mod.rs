//! The store alone, in folders that are thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::*;
use crate::access::{
    Acceptance, AccessRequest, Action, Attributes, Author, Change, ChangeRefusal, Decision, Entry,
    Files, Grant, Key, KeyId, LayerState, Member, Name, Organisation, PolicyParts, PolicyStore,
    Profile, Record, RequestState, Role, StoreError, Suspension, Target, Terms, TermsText, Zooms,
};

mod audit;
mod copies;
mod entries;
mod lines;

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
        label: "essai".to_owned(),
        ..Key::new(
            KeyId(id),
            *blake3::hash(&id.to_le_bytes()).as_bytes(),
            organisation,
        )
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
