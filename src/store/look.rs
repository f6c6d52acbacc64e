//! Looks entries up in the store, inside of the transaction that changes it, and in the configuration.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _};

use super::connection::broken;
use super::rows::{self, Row};
use crate::access::{Entry, Files, Found, Key, KeyId, Look, Name, StoreError, references};

/// The store and the configuration, at one moment.
pub(super) struct Lookup<'a> {
    pub(super) db: &'a Connection,
    pub(super) files: &'a Files,
}

/// Kinds of entries that refer to others.
const REFERRING: &[&str] = &[
    "organisation",
    "member",
    "profile",
    "terms",
    "key",
    "grant",
    "acceptance",
    "request",
];

impl Look for Lookup<'_> {
    fn find(&self, name: &Name) -> Result<Found, StoreError> {
        if let Some(entry) = self.files.entry(name) {
            return Ok(Found::File(entry.clone()));
        }
        Ok(match rows::find(self.db, name)? {
            Row::Absent => Found::Absent,
            Row::Revoked => Found::Revoked,
            Row::Live(body) => Found::Live(rows::read(name, &body)?),
        })
    }

    fn referring(&self, to: &Name) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        for kind in REFERRING {
            // The search for the id's text is fast and finds too much; what an entry refers to is read from the entry.
            let entries = rows::containing(self.db, kind, &to.id())?;
            let refer = entries.into_iter().filter(|e| references(e).contains(to));
            found.extend(refer);
        }
        Ok(found)
    }

    fn has_layer(&self, id: &str) -> bool {
        self.files.layers().contains(id)
    }

    fn layer_in_file(&self, id: &str) -> (bool, bool) {
        (self.files.sets_state(id), self.files.sets_embargo(id))
    }

    fn predecessors(&self, key: KeyId) -> Result<Vec<KeyId>, StoreError> {
        let sql = "SELECT replaced_by, id FROM keys WHERE replaced_by IS NOT NULL";
        let mut statement = self.db.prepare_cached(sql).map_err(broken)?;
        let pair = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let pairs = statement.query_map([], pair).map_err(broken)?;
        let mut before: HashMap<String, String> =
            pairs.collect::<Result<_, _>>().map_err(broken)?;
        let mut found = Vec::new();
        // What was taken out is not met again: a circle ends.
        let mut last = key.to_string();
        while let Some(id) = before.remove(&last) {
            let parsed = id.parse::<KeyId>();
            found.push(parsed.map_err(|e| StoreError::Broken(e.to_string()))?);
            last = id;
        }
        Ok(found)
    }

    fn has_key_text(&self, key: &Key) -> Result<bool, StoreError> {
        if self.files.has_key_text(key) {
            return Ok(true);
        }
        let text = blake3::Hash::from_bytes(key.sha256).to_hex();
        let sql = "SELECT 1 FROM keys WHERE sha256 = ?1";
        let mut statement = self.db.prepare_cached(sql).map_err(broken)?;
        let found = statement.query_row([text.as_str()], |_| Ok(()));
        Ok(found.optional().map_err(broken)?.is_some())
    }
}
