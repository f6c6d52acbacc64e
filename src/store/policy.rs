//! The store of the policy.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, TransactionBehavior};

use super::audit::{self, AuditQuery, Line, Said};
use super::connection::{broken, open};
use super::look::Lookup;
use super::rows;
use super::schema::{APPLICATION_ID, MIGRATIONS};
use super::witness::{Standing, Witness, Witnessed};
use crate::access::{
    AccessRequest, Author, Change, Changed, Effect, Entry, Files, Name, PolicyStore, StoreError,
    Stored, effects,
};

/// The policy in `policy.sqlite`, with its witness beside it.
pub struct SqliteStore {
    folder: PathBuf,
    /// Key of the audit's hashes.
    key: [u8; 32],
    files: RwLock<Arc<Files>>,
    /// Reads do not wait for writes: each has a connection of its own.
    reader: Mutex<Opened>,
    writer: Mutex<Opened>,
    witness: Mutex<Witness>,
}

/// What was done to accept an older copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedOlder {
    /// The copy's epoch.
    pub found: u64,
    /// The highest epoch that had been seen.
    pub seen: u64,
    /// The epoch from now on.
    pub epoch: u64,
    /// The changes that the copy lacks, as far as this machine saw them: what was revoked in them holds again.
    pub lacking: Vec<Witnessed>,
}

impl AcceptedOlder {
    /// What was revoked or suspended since, and holds again.
    pub fn holds_again(&self) -> impl Iterator<Item = &Witnessed> {
        let closing = |act: &str| {
            matches!(
                act,
                "revoke" | "suspend" | "rotate" | "state" | "embargo" | "update"
            )
        };
        self.lacking.iter().filter(move |w| closing(&w.act))
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqliteStore({})", self.folder.display())
    }
}

/// A connection, and the file that it is one to.
struct Opened {
    db: Connection,
    file: FileId,
}

/// Which file a path means: another one may take its place while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId(u64, u64);

impl FileId {
    fn of(path: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::MetadataExt as _;
        let gone = |e| StoreError::Broken(format!("{} cannot be read: {e}", path.display()));
        let metadata = std::fs::metadata(path).map_err(gone)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }
}

impl Opened {
    fn open(path: &Path) -> Result<Self, StoreError> {
        let db = open(path, APPLICATION_ID, MIGRATIONS)?;
        let file = FileId::of(path)?;
        Ok(Self { db, file })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn policy_path(folder: &Path) -> PathBuf {
    folder.join("policy.sqlite")
}

impl SqliteStore {
    /// Opens (or makes) the store in a state folder. `key` is that of the audit's hashes, `files` what the configuration says. A copy
    /// that is older than what was seen here is refused ([`StoreError::Older`]).
    pub fn open(folder: &Path, key: [u8; 32], files: Arc<Files>) -> Result<Self, StoreError> {
        let store = Self::open_any(folder, key, files)?;
        store.confirm(&locked(&store.reader).db)?;
        Ok(store)
    }

    /// The same, but an older copy is accepted: its epoch is raised above all that was seen, and its audit says so. The second is
    /// `None` if it is not older.
    pub fn open_accepting_older(
        folder: &Path,
        key: [u8; 32],
        files: Arc<Files>,
        author: Author<'_>,
    ) -> Result<(Self, Option<AcceptedOlder>), StoreError> {
        let store = Self::open_any(folder, key, files)?;
        let accepted = store.accept_older(author)?;
        Ok((store, accepted))
    }

    fn open_any(folder: &Path, key: [u8; 32], files: Arc<Files>) -> Result<Self, StoreError> {
        let path = policy_path(folder);
        Ok(Self {
            reader: Mutex::new(Opened::open(&path)?),
            writer: Mutex::new(Opened::open(&path)?),
            witness: Mutex::new(Witness::open(&folder.join("witness.sqlite"))?),
            folder: folder.to_owned(),
            key,
            files: RwLock::new(files),
        })
    }

    /// The configuration was read again.
    pub fn set_files(&self, files: Arc<Files>) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
    }

    /// What the configuration says.
    pub fn files(&self) -> Arc<Files> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&files)
    }

    /// Lines of the audit.
    pub fn audit(&self, query: &AuditQuery) -> Result<Vec<Line>, StoreError> {
        let mut found = Vec::new();
        self.read(|db| {
            audit::lines(db, query, |line| {
                found.push(line);
                Ok(())
            })
        })?;
        Ok(found)
    }

    /// Reads at one epoch.
    pub(super) fn read<T>(
        &self,
        with: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut opened = locked(&self.reader);
        self.follow(&mut opened)?;
        let tx = opened.db.transaction().map_err(broken)?;
        with(&tx)
    }

    /// What this machine has seen.
    pub(super) fn witness(&self) -> MutexGuard<'_, Witness> {
        locked(&self.witness)
    }

    /// The key of the audit's hashes.
    pub(super) fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Opens the file again if another one has taken its place.
    fn follow(&self, opened: &mut Opened) -> Result<(), StoreError> {
        let path = policy_path(&self.folder);
        if FileId::of(&path)? == opened.file {
            return Ok(());
        }
        let again = Opened::open(&path)?;
        self.confirm(&again.db)?;
        *opened = again;
        Ok(())
    }

    /// Refuses an older copy; notes what is new.
    fn confirm(&self, db: &Connection) -> Result<(), StoreError> {
        let mut witness = locked(&self.witness);
        match witness.judge(db)? {
            Standing::Older { seen, .. } if !crate::leak!("older-store-accepted") => {
                Err(StoreError::Older {
                    found: rows::epoch(db)?,
                    seen,
                })
            }
            Standing::Older { common, .. } => witness.forget_since(common),
            Standing::Same => witness.observe(db),
        }
    }

    fn accept_older(&self, author: Author<'_>) -> Result<Option<AcceptedOlder>, StoreError> {
        let mut opened = locked(&self.writer);
        let tx = opened
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(broken)?;
        let mut witness = locked(&self.witness);
        let Standing::Older { common, seen } = witness.judge(&tx)? else {
            witness.observe(&tx)?;
            return Ok(None);
        };
        let found = rows::epoch(&tx)?;
        let accepted = AcceptedOlder {
            found,
            seen,
            epoch: found.max(seen) + 1,
            lacking: witness.since(common)?,
        };
        let names: Vec<&str> = accepted.holds_again().map(|w| w.name.as_str()).collect();
        let said = Said {
            epoch: accepted.epoch,
            author: &author,
            act: "accept-older",
            name: "store".to_owned(),
            before: Some(serde_json::json!({ "found": found, "seen": seen }).to_string()),
            after: Some(
                serde_json::json!({ "epoch": accepted.epoch, "holds_again": names }).to_string(),
            ),
        };
        audit::append(&tx, &self.key, said)?;
        raise(&tx, accepted.epoch)?;
        tx.commit().map_err(broken)?;
        witness.forget_since(common)?;
        witness.observe(&opened.db)?;
        Ok(Some(accepted))
    }

    fn carry_out(
        &self,
        db: &Connection,
        author: Author<'_>,
        change: &Change,
    ) -> Result<Changed, StoreError> {
        let before = rows::epoch(db)?;
        if author.seen.is_some_and(|seen| seen != before) {
            return Err(StoreError::Stale { epoch: before });
        }
        let files = self.files();
        let look = Lookup { db, files: &files };
        let mut no_random = None;
        let mut fresh = |kind: &str| {
            fresh(kind).unwrap_or_else(|e| {
                no_random = Some(e);
                String::new()
            })
        };
        let effects = effects(&look, &author, change, &mut fresh);
        if let Some(e) = no_random {
            return Err(StoreError::Broken(e));
        }
        let effects = effects?;
        let epoch = before + 1;
        for effect in &effects {
            rows::write(db, effect, author.at_us)?;
            let said = Said::of(effect, change.act(), &author, epoch)?;
            audit::append(db, &self.key, said)?;
        }
        raise(db, epoch)?;
        Ok(Changed {
            epoch,
            id: made(change, &effects),
            fallen: fallen(change, &effects),
        })
    }
}

fn raise(db: &Connection, epoch: u64) -> Result<(), StoreError> {
    let done = db.execute("UPDATE epoch SET n = ?1", [epoch.cast_signed()]);
    done.map(drop).map_err(broken)
}

/// An id that nobody can guess, and that does not tell how many there are.
fn fresh(kind: &str) -> Result<String, String> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|e| format!("no random numbers: {e}"))?;
    Ok(format!("{kind}-{:016x}", u64::from_be_bytes(bytes)))
}

/// The id that the store chose.
fn made(change: &Change, effects: &[Effect]) -> Option<String> {
    let chosen = match change {
        Change::Create(_) | Change::Request(_) => effects.first(),
        Change::Decide { .. } => effects.iter().find(|e| matches!(e.name, Name::Grant(_))),
        _ => None,
    };
    let new = chosen.filter(|e| e.before.is_none())?;
    Some(new.name.id())
}

/// What fell with what was revoked; the keys that were suspended or released with the one in whose place they are.
fn fallen(change: &Change, effects: &[Effect]) -> Vec<Name> {
    match change {
        Change::Revoke(_) | Change::Suspend(_) | Change::Resume(_) => {
            effects.iter().skip(1).map(|e| e.name.clone()).collect()
        }
        _ => Vec::new(),
    }
}

impl PolicyStore for SqliteStore {
    fn epoch(&self) -> Result<u64, StoreError> {
        let mut opened = locked(&self.reader);
        self.follow(&mut opened)?;
        rows::epoch(&opened.db)
    }

    fn load(&self) -> Result<Stored, StoreError> {
        self.read(|db| {
            self.confirm(db)?;
            rows::load(db)
        })
    }

    fn files(&self) -> Arc<Files> {
        Self::files(self)
    }

    fn change(&self, author: Author<'_>, change: &Change) -> Result<Changed, StoreError> {
        let mut opened = locked(&self.writer);
        self.follow(&mut opened)?;
        let tx = opened
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(broken)?;
        let changed = self.carry_out(&tx, author, change)?;
        tx.commit().map_err(broken)?;
        // Whoever opens the store next notes what could not be noted now.
        let _later = locked(&self.witness).observe(&opened.db);
        Ok(changed)
    }

    fn preview(
        &self,
        author: Author<'_>,
        change: &Change,
    ) -> Result<(Changed, Stored), StoreError> {
        let mut opened = locked(&self.writer);
        self.follow(&mut opened)?;
        // Dropped without a commit: nothing of it stays.
        let tx = opened
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(broken)?;
        let changed = self.carry_out(&tx, author, change)?;
        Ok((changed, rows::load(&tx)?))
    }

    fn requests(
        &self,
        layers: Option<&[String]>,
        organisation: Option<&str>,
    ) -> Result<Vec<AccessRequest>, StoreError> {
        let mut found = Vec::new();
        self.read(|db| {
            rows::each(db, "request", |_, body| {
                if let Ok(Entry::Request(request)) = Entry::from_json("request", body) {
                    found.push(request);
                }
            })
        })?;
        let of_layer = |r: &AccessRequest| layers.is_some_and(|l| l.contains(&r.layer));
        let of_organisation = |r: &AccessRequest| organisation == Some(r.organisation.as_str());
        if layers.is_some() || organisation.is_some() {
            found.retain(|r| of_layer(r) || of_organisation(r));
        }
        found.reverse();
        Ok(found)
    }
}
