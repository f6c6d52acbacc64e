//! Opens SQLite files so that they lose nothing and obey no one else.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::access::StoreError;

/// Longest wait for another process that writes: a change takes milliseconds, a copy of the file by `VACUUM INTO` seconds.
const BUSY: Duration = Duration::from_secs(5);

/// Opens (or makes, readable by its owner alone) the file at `path`, and brings it to the last of `migrations`.
pub(super) fn open(path: &Path, id: i32, migrations: &[&str]) -> Result<Connection, StoreError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .read(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| StoreError::Broken(format!("{} cannot be opened: {e}", path.display())))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(broken)?;
    connection.busy_timeout(BUSY).map_err(broken)?;
    set_up(&connection).map_err(broken)?;
    migrate(&mut connection, path, id, migrations)?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // A file whose schema somebody else wrote must not make this process run functions.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A revocation that was told to somebody survives a power cut.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Applies the migrations that the file lacks, each whole or not at all. `user_version` counts them.
fn migrate(
    connection: &mut Connection,
    path: &Path,
    id: i32,
    migrations: &[&str],
) -> Result<(), StoreError> {
    loop {
        let tx = connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(broken)?;
        let pragma = |name| tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let version = pragma("user_version").map_err(broken)?;
        let owner = pragma("application_id").map_err(broken)?;
        if version > 0 && owner != i64::from(id) {
            return Err(StoreError::Broken(format!(
                "{} is a file of another program",
                path.display()
            )));
        }
        let Some(migration) = usize::try_from(version)
            .ok()
            .and_then(|v| migrations.get(v))
        else {
            let known = migrations.len() as i64;
            return if version == known {
                Ok(())
            } else {
                Err(StoreError::Broken(format!(
                    "{} was written by a later version of guichet (its format is {version}, this one knows {known}): use that version",
                    path.display()
                )))
            };
        };
        tx.execute_batch(migration).map_err(broken)?;
        tx.pragma_update(None, "application_id", id)
            .map_err(broken)?;
        tx.pragma_update(None, "user_version", version + 1)
            .map_err(broken)?;
        tx.commit().map_err(broken)?;
    }
}

/// The error of a file that cannot be read or written, or is held by another process.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(super) fn broken(e: rusqlite::Error) -> StoreError {
    match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        _ => StoreError::Broken(e.to_string()),
    }
}
