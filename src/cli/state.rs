//! The state directory: the secret, the lock that names the running process, and the outcome of the last reload.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// The state of a server.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    /// Held as long as the process lives.
    lock: File,
    /// MACs, ids and revisions derive from it, so that cursors survive a restart.
    pub(super) secret: [u8; 32],
}

/// What `reload.json` says: how far the reloads of this process have come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Reloads {
    /// Reloads begun so far. Written before a reload reads anything: one with a higher number sees every file as it was when this was
    /// read, or later.
    pub(super) started: u64,
    /// How the last one that ended did so.
    pub(super) ended: Option<ReloadOutcome>,
}

/// How a reload ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReloadOutcome {
    /// Which reload of this process it was; the first is 1.
    pub(super) number: u64,
    /// It was carried out.
    pub(super) accepted: bool,
    /// In words, one fault a line.
    pub(super) message: String,
}

impl State {
    /// Opens (or makes) the folder and takes its lock.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        make(folder)?;
        let lock = lock(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            lock,
            secret: read_secret(folder)?,
        })
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the folder is still the one that was opened. In another one commands would change what this process does not look at, and a second
    /// server could start.
    pub(super) fn is_in_place(&self) -> bool {
        let there = fs::metadata(self.folder.join("lock"));
        let (Ok(mine), Ok(there)) = (self.lock.metadata(), there) else {
            return false;
        };
        (mine.dev(), mine.ino()) == (there.dev(), there.ino())
    }

    /// Where snapshots are kept.
    pub(super) fn snapshots(&self) -> PathBuf {
        snapshots(&self.folder)
    }

    /// Tells the command that asks for a reload how far the reloads have come.
    pub(super) fn write_reloads(&self, reloads: &Reloads) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&serde_json::to_vec(reloads)?)?;
        file.persist(self.folder.join("reload.json"))?;
        Ok(())
    }
}

fn make(folder: &Path) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the state folder {} cannot be made", folder.display()))
}

fn read_secret(folder: &Path) -> anyhow::Result<[u8; 32]> {
    secret(&folder.join("secret"))
        .with_context(|| format!("the secret in {} cannot be read or made", folder.display()))
}

/// The secret of a state folder that may be in use, for a command beside the server. Makes both if they are not there.
pub(super) fn secret_of(folder: &Path) -> anyhow::Result<[u8; 32]> {
    make(folder)?;
    read_secret(folder)
}

/// Where the snapshots of a state folder are kept.
pub(super) fn snapshots(folder: &Path) -> PathBuf {
    folder.join("snapshots")
}

/// The key of the audit of the policy.
pub(super) fn audit_key(secret: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key("guichet 2026 audit of the policy", secret)
}

/// Whether something as large as the outcome of a reload can be written: on a full disk the server cannot tell how one went.
pub(super) fn check_room(folder: &Path) -> anyhow::Result<()> {
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(&[b' '; OUTCOME_BYTES])?;
        file.as_file().sync_all()
    });
    written.with_context(|| format!("the state folder {} cannot be written", folder.display()))
}

/// Bytes of a long outcome: some hundred faults.
const OUTCOME_BYTES: usize = 16 << 10;

/// How far the reloads of the server in `folder` have come.
pub(super) fn read_reloads(folder: &Path) -> Reloads {
    fs::read(folder.join("reload.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// The process that runs on `folder`, `None` if there is none.
pub(super) fn running(folder: &Path) -> Option<i32> {
    let path = folder.join("lock");
    let file = File::open(&path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => fs::read_to_string(&path).ok()?.trim().parse().ok(),
        _ => None,
    }
}

fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _unknown = file.read_to_string(&mut pid);
            bail!(
                "process {} already serves with the state folder {}: stop it, or set another server.state",
                pid.trim(),
                folder.display()
            );
        }
        Err(TryLockError::Error(e)) => {
            return Err(e).with_context(|| format!("{} cannot be locked", path.display()));
        }
    }
    file.set_len(0)?;
    write!(file, "{}", std::process::id())?;
    // An outcome of an earlier process would be taken for one of this.
    let _absent = fs::remove_file(folder.join("reload.json"));
    Ok(file)
}

fn secret(path: &Path) -> anyhow::Result<[u8; 32]> {
    match fs::read(path) {
        Ok(bytes) => match <[u8; 32]>::try_from(bytes) {
            Ok(secret) => return Ok(secret),
            Err(_) => bail!(
                "it is not 32 bytes long: remove it to have another made (cursors and item ids derived from it change)"
            ),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e.into()),
    }
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|e| anyhow::anyhow!("no random numbers: {e}"))?;
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    Ok(secret)
}
