//! `guichet audit verify`: whether the audit is whole, and says how each entry came to be what it is.

use std::collections::BTreeMap;

use super::audit::{self, AuditQuery, Line};
use super::policy::SqliteStore;
use super::rows;
use super::schema::TABLES;
use super::witness::Standing;
use crate::access::StoreError;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// Lines of the audit.
    pub lines: u64,
    /// The epoch of the last.
    pub epoch: u64,
    /// Hash of the last, in hexadecimal digits: whoever writes it down elsewhere can tell later that nothing before it was changed.
    pub head: String,
    /// What does not hold, one sentence each; empty if all is well.
    pub faults: Vec<String>,
}

/// Reads the whole audit, and compares it with the entries and with what this machine has seen.
pub fn verify(store: &SqliteStore) -> Result<Verified, StoreError> {
    store.read(|db| {
        let mut chain = Chain::default();
        audit::lines(db, &AuditQuery::default(), |line| {
            chain.add(&line, store.key());
            Ok(())
        })?;
        let mut faults = std::mem::take(&mut chain.faults);
        let epoch = rows::epoch(db)?;
        if epoch != chain.epoch {
            faults.push(format!(
                "the epoch is {epoch}, that of the last line {}",
                chain.epoch
            ));
        }
        for (kind, _) in TABLES {
            rows::each(db, kind, |id, body| {
                faults.extend(chain.compare(&format!("{kind}:{id}"), body));
            })?;
        }
        faults.extend(chain.gone());
        if let Standing::Older { common, .. } = store.witness().judge(db)? {
            faults.push(format!(
                "lines after {common} that were seen here are missing, or are others"
            ));
        }
        Ok(Verified {
            lines: chain.seq,
            epoch: chain.epoch,
            head: blake3::Hash::from_bytes(chain.hash).to_hex().to_string(),
            faults,
        })
    })
}

/// The chain as far as it was read.
#[derive(Default)]
struct Chain {
    seq: u64,
    epoch: u64,
    hash: [u8; 32],
    /// What each entry is, as the audit tells it.
    entries: BTreeMap<String, Option<String>>,
    faults: Vec<String>,
}

impl Chain {
    fn add(&mut self, line: &Line, key: &[u8; 32]) {
        let seq = line.seq;
        let mut ensure = |holds: bool, what: &str| {
            if !holds {
                self.faults.push(format!("line {seq}: {what}"));
            }
        };
        ensure(seq == self.seq + 1, "the line before it is missing");
        ensure(
            line.prev_hash == self.hash,
            "it does not follow from the line before it",
        );
        let own = line.expected_hash(key) == line.hash;
        ensure(own, "it was changed, or was written under another secret");
        ensure(
            line.epoch >= self.epoch,
            "its epoch is lower than that of the line before it",
        );
        if line.name != "store" {
            let before = self.entries.get(&line.name).cloned().flatten();
            ensure(
                before == line.before,
                "it does not begin with what the entry was",
            );
            self.entries.insert(line.name.clone(), line.after.clone());
        }
        (self.seq, self.epoch, self.hash) = (seq, line.epoch, line.hash);
    }

    /// What is wrong with a row. Those that agree are taken off the list.
    fn compare(&mut self, name: &str, body: &str) -> Option<String> {
        match self.entries.remove(name) {
            Some(Some(told)) if told == body => None,
            Some(Some(_)) => Some(format!("{name} is not what the audit says")),
            Some(None) => Some(format!(
                "{name} is there, though the audit says that it was revoked"
            )),
            None => Some(format!("{name} is there, and the audit does not know it")),
        }
    }

    /// Entries that should be there.
    fn gone(&self) -> Vec<String> {
        let there = self.entries.iter().filter(|(_, after)| after.is_some());
        there
            .map(|(name, _)| format!("{name} is gone, and the audit does not say why"))
            .collect()
    }
}
