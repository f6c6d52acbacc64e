//! The state directory: the secret, the lock that names the running process, and the outcome of the last reload.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// The state of a server.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
    /// Held as long as the process lives.
    _lock: File,
    /// MACs, ids and revisions derive from it, so that cursors survive a restart.
    pub(super) secret: [u8; 32],
}

/// How the last reload ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReloadOutcome {
    /// Reloads of this process so far.
    pub(super) number: u64,
    /// It was carried out.
    pub(super) accepted: bool,
    /// In words, one fault a line.
    pub(super) message: String,
}

impl State {
    /// Opens (or makes) the folder and takes its lock.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("the state folder {} cannot be made", folder.display()))?;
        let lock = lock(folder)?;
        let secret = secret(&folder.join("secret")).with_context(|| {
            format!("the secret in {} cannot be read or made", folder.display())
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
            secret,
        })
    }

    /// Where snapshots are kept.
    pub(super) fn snapshots(&self) -> PathBuf {
        self.folder.join("snapshots")
    }

    /// Leaves the outcome of a reload for the command that asked for it.
    pub(super) fn write_outcome(&self, outcome: &ReloadOutcome) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&serde_json::to_vec(outcome)?)?;
        file.persist(self.folder.join("reload.json"))?;
        Ok(())
    }
}

/// The outcome of the last reload of the server in `folder`, if there was one.
pub(super) fn read_outcome(folder: &Path) -> Option<ReloadOutcome> {
    serde_json::from_slice(&fs::read(folder.join("reload.json")).ok()?).ok()
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
