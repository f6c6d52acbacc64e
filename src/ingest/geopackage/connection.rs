//! A GeoPackage opened as what it is here: somebody else's file, to be read and never written.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::ingest::detect::Opened;
use crate::ingest::error::IngestError;

const AGAIN: &str = "it was probably damaged on its way: fetch it again";
const CLOSE: &str =
    "close it in the program that edits it (QGIS keeps files open), then load it again";
/// First bytes of a rollback journal that has not been played back.
const HOT_JOURNAL: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// Opens the file read-only and immutable: SQLite takes no lock, makes no file beside it and believes nothing that its schema says of
/// functions and triggers.
pub(super) fn connect(opened: &Opened) -> Result<Connection, IngestError> {
    refuse_unmerged(opened)?;
    refuse_cut(opened)?;
    let path = opened.plain_path();
    let uri = uri(path).map_err(|source| opened.io(source))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(uri, flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.execute_batch(
            "PRAGMA cell_size_check = ON; PRAGMA query_only = ON; PRAGMA ignore_check_constraints = ON;
             PRAGMA temp_store = MEMORY;",
        )?;
        Ok(connection)
    };
    open().map_err(|e| unreadable(opened, &e))
}

/// What SQLite says of a file that it cannot read.
pub(super) fn unreadable(opened: &Opened, e: &rusqlite::Error) -> IngestError {
    opened.damaged(
        format!("it cannot be read as a GeoPackage: {e}"),
        Some(AGAIN),
    )
}

/// `file:///…?immutable=1`, every byte of the path that could mean something escaped.
fn uri(path: &Path) -> std::io::Result<String> {
    let path = std::path::absolute(path)?;
    let mut uri = String::from("file://");
    if cfg!(windows) {
        uri.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            b':' if cfg!(windows) => uri.push(':'),
            _ => {
                // Writing to a text cannot fail.
                let _written = write!(uri, "%{byte:02x}");
            }
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    Ok(uri)
}

/// A log beside the file holds changes that an immutable reading would not see, or would see by half.
fn refuse_unmerged(opened: &Opened) -> Result<(), IngestError> {
    if starts(&beside(opened.plain_path(), "-journal")).starts_with(HOT_JOURNAL) {
        return Err(opened.damaged(
            "a change to it was not finished: a rollback journal (-journal) lies beside it",
            Some(CLOSE),
        ));
    }
    if !starts(&beside(opened.plain_path(), "-wal")).is_empty() {
        return Err(opened.damaged(
            "changes to it stand in a log (-wal) beside it and not yet in the file",
            Some(CLOSE),
        ));
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The first bytes of a file, none if there is no such file.
fn starts(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A log that cannot be read is none of this file's readers' business: SQLite would not read it either.
    let _read = File::open(path).and_then(|f| f.take(8).read_to_end(&mut bytes));
    bytes
}

/// The header says how many pages there are (SQLite file format, in-header database size): a shorter file was cut.
fn refuse_cut(opened: &Opened) -> Result<(), IngestError> {
    let mut header = [0u8; 100];
    let (mut reader, length) = opened.reader()?;
    if reader.read_exact(&mut header).is_err() {
        return Err(opened.damaged("it ends within its header", Some(AGAIN)));
    }
    let number = |at: usize| {
        u64::from(u32::from_be_bytes([
            header[at],
            header[at + 1],
            header[at + 2],
            header[at + 3],
        ]))
    };
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    // The number of pages is valid only if it was written with the last change.
    let whole = if number(24) == number(92) {
        page * number(28)
    } else {
        0
    };
    if length < whole {
        return Err(opened.damaged(
            format!("it is cut: {length} of its {whole} bytes are there"),
            Some(AGAIN),
        ));
    }
    Ok(())
}

/// Length and time of the file: an immutable reading of a file that changes meanwhile gives anything.
pub(super) fn state(opened: &Opened) -> Option<(u64, SystemTime)> {
    let metadata = opened.plain_path().metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}
