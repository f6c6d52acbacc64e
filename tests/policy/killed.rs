//! Processes that are killed in the middle of a change: the store holds the old policy or the new one, never a mixture, and its audit
//! is whole.
//!
//! GUICHET_KILLS says how often; 50 unless told otherwise, 1,000 for the long form.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use guichet::access::{
    Action, Attributes, Author, Change, Files, Grant, Key, KeyId, Name, Organisation, PolicyParts,
    PolicyStore as _, Profile, Record, StoreError, Subject, Suspension, Target, Zooms,
};
use guichet::store::{AuditQuery, SqliteStore, verify};

const KEY: [u8; 32] = [3; 32];
/// Grants of each key.
const GRANTS: usize = 5;
const FOLDER: &str = "GUICHET_TEST_WRITER";

fn open(folder: &Path) -> SqliteStore {
    let profile = Profile {
        id: "tout".to_owned(),
        organisation: None,
        rows: "TRUE".to_owned(),
        attributes: Attributes::All,
        area: None,
        derived: BTreeMap::new(),
        zooms: Zooms::ALL,
        precision: None,
        formats: None,
    };
    let parts = PolicyParts {
        profiles: [("tout".to_owned(), profile)].into(),
        ..PolicyParts::default()
    };
    let files = Files::new(parts, BTreeSet::from(["a.b".to_owned()]));
    SqliteStore::open(folder, KEY, Arc::new(files)).expect("a store")
}

fn change(store: &SqliteStore, change: &Change) -> Result<(), StoreError> {
    let author = Author {
        name: "operator:test",
        at_us: 1_790_000_000_000_000,
        seen: None,
    };
    store.change(author, change).map(drop)
}

fn organisation(i: u64) -> String {
    format!("o-{i}")
}

fn key(organisation: &str, id: u32) -> Key {
    Key {
        label: "essai".to_owned(),
        ..Key::new(
            KeyId(id),
            *blake3::hash(&id.to_le_bytes()).as_bytes(),
            organisation,
        )
    }
}

/// One round: an organisation with a key and its grants, the key's successor, a suspension, and in every third round the end of all.
fn round(store: &SqliteStore, i: u64) -> Result<(), StoreError> {
    let o = organisation(i);
    change(
        store,
        &Change::Create(Record::Organisation(Organisation {
            id: o.clone(),
            title: o.clone(),
            parent: None,
            jurisdiction: None,
            siret: None,
        })),
    )?;
    let old = key(&o, 2 * i as u32);
    change(store, &Change::Create(Record::Key(old.clone())))?;
    for _ in 0..GRANTS {
        change(
            store,
            &Change::Create(Record::Grant(Grant {
                id: String::new(),
                subject: Subject::Key(old.id),
                layers: BTreeSet::from(["a.b".to_owned()]),
                profile: "tout".to_owned(),
                actions: BTreeSet::from([Action::Items]),
                from_us: None,
                until_us: None,
                terms: None,
            })),
        )?;
    }
    change(
        store,
        &Change::RotateKey {
            old: old.id,
            new: Box::new(key(&o, 2 * i as u32 + 1)),
            overlap_until_us: 1_790_000_000_000_000,
        },
    )?;
    let target = Target::Organisation(o.clone());
    change(
        store,
        &Change::Suspend(Suspension {
            target: target.clone(),
            reason: "essai".to_owned(),
            by: None,
        }),
    )?;
    change(store, &Change::Resume(target))?;
    if i.is_multiple_of(3) {
        change(store, &Change::Revoke(Name::Organisation(o)))?;
    }
    Ok(())
}

/// The process that is killed. Run by the test below; does nothing when it is run with the others.
#[test]
fn writer() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let store = open(Path::new(&folder));
    // Where the last one was killed, this one goes on with the next number.
    let mut i = store.epoch().expect("an epoch") + 1;
    println!("ready");
    loop {
        round(&store, i).expect("a round");
        i += 1;
    }
}

/// Every change is there whole: what belongs to one epoch is what the change consists of.
fn assert_whole(store: &SqliteStore) {
    let verified = verify(store).expect("an audit");
    assert_eq!(verified.faults, Vec::<String>::new());
    let lines = store.audit(&AuditQuery::default()).expect("an audit");
    let mut epochs: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for line in &lines {
        epochs.entry(line.epoch).or_default().push(&line.act);
    }
    assert_eq!(epochs.len() as u64, verified.epoch, "an epoch is missing");
    for (epoch, acts) in epochs {
        let expected = match acts[0] {
            // The new key and the old one.
            "rotate" => 2,
            // The organisation, both keys, the grants of the old one, which hold for both.
            "revoke" => 3 + GRANTS,
            _ => 1,
        };
        assert_eq!(acts.len(), expected, "epoch {epoch}: {acts:?}");
    }
    let parts = store.load().expect("a policy").parts;
    assert_eq!(parts.epoch, verified.epoch);
    for key in parts.keys.values() {
        let grants = parts
            .grants
            .iter()
            .filter(|g| g.subject == Subject::Key(key.id))
            .count();
        assert!(grants <= GRANTS);
        if let Some(successor) = key.replaced_by {
            assert!(parts.keys.contains_key(&successor));
            assert_eq!(grants, GRANTS);
        }
    }
}

#[test]
fn a_killed_process_leaves_the_old_policy_or_the_new_one() {
    let kills: u32 = std::env::var("GUICHET_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(50);
    let folder = tempfile::tempdir().expect("a folder");
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut epoch = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "killed::writer", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let ready = out
            .lines()
            .map_while(Result::ok)
            .any(|line| line.contains("ready"));
        assert!(ready, "the writer did not begin");
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        std::thread::sleep(Duration::from_micros(state % 25_000));
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        // The whole audit is read again each time; in the long form it grows long.
        let store = open(folder.path());
        if kills <= 100 || kill % 20 == 0 || kill + 1 == kills {
            assert_whole(&store);
        }
        let now = store.epoch().expect("an epoch");
        assert!(now >= epoch);
        epoch = now;
    }
    assert!(
        epoch > u64::from(kills),
        "hardly anything was written: {epoch}"
    );
}
