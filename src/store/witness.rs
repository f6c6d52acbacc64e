//! What this machine has seen of the policy's changes, in a file of its own: `witness.sqlite`. An older copy of the policy lacks lines
//! that stand here; so does one whose audit was cut. It says nothing of what the entries were.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::audit::{self, AuditQuery, Head, Line};
use super::connection::{broken, open};
use crate::access::StoreError;

/// In the head of the file: "guiw".
const APPLICATION_ID: i32 = 0x6775_6977;

const MIGRATIONS: &[&str] = &["
CREATE TABLE changes (
    seq INTEGER NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
"];

/// A change that was seen here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The epoch that it made.
    pub epoch: u64,
    /// When, in microseconds since 1970.
    pub at_us: i64,
    /// Who.
    pub actor: String,
    /// What was done.
    pub act: String,
    /// To what.
    pub name: String,
}

/// The file.
pub(super) struct Witness(Connection);

/// How a policy store stands to what was seen here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the one that was seen, or what has become of it.
    Same,
    /// It lacks changes that were seen: it is an older copy, or one that was changed otherwise since.
    Older {
        /// The last line that both have.
        common: u64,
        /// The highest epoch that was seen.
        seen: u64,
    },
}

impl Witness {
    /// Opens or makes the file.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        open(path, APPLICATION_ID, MIGRATIONS).map(Self)
    }

    /// The highest epoch that was seen.
    pub(super) fn epoch(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(epoch), 0) FROM changes";
        let n = self.0.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(n.map_err(broken)?.unsigned_abs())
    }

    fn head(&self) -> Result<Head, StoreError> {
        let sql = "SELECT seq, hash FROM changes ORDER BY seq DESC LIMIT 1";
        let found = self.0.query_row(sql, [], |row| {
            Ok(Head {
                seq: row.get::<_, i64>(0)?.unsigned_abs(),
                hash: row.get(1)?,
            })
        });
        Ok(found.optional().map_err(broken)?.unwrap_or_default())
    }

    /// Whether the store `policy` is the one that was seen here.
    pub(super) fn judge(&self, policy: &Connection) -> Result<Standing, StoreError> {
        let mine = self.head()?;
        if mine.seq == 0 || hash_of(policy, mine.seq)? == Some(mine.hash) {
            return Ok(Standing::Same);
        }
        Ok(Standing::Older {
            common: self.common(policy)?,
            seen: self.epoch()?,
        })
    }

    /// The last line that both have. Before it they agree, since each hash covers the one before it.
    fn common(&self, policy: &Connection) -> Result<u64, StoreError> {
        let (mut same, mut other) = (0, self.head()?.seq + 1);
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            let mine = self.0.query_row(
                "SELECT hash FROM changes WHERE seq = ?1",
                [middle.cast_signed()],
                |row| row.get::<_, [u8; 32]>(0),
            );
            let mine = mine.optional().map_err(broken)?;
            if mine.is_some() && hash_of(policy, middle)? == mine {
                same = middle;
            } else {
                other = middle;
            }
        }
        Ok(same)
    }

    /// Notes the changes of `policy` that were not seen yet.
    pub(super) fn observe(&mut self, policy: &Connection) -> Result<(), StoreError> {
        let after_seq = self.head()?.seq;
        if audit::head(policy)?.seq == after_seq {
            return Ok(());
        }
        let tx = self.0.transaction().map_err(broken)?;
        let query = AuditQuery {
            after_seq,
            ..AuditQuery::default()
        };
        audit::lines(policy, &query, |line| note(&tx, &line))?;
        tx.commit().map_err(broken)
    }

    /// The changes after a line: what an older copy lacks.
    pub(super) fn since(&self, seq: u64) -> Result<Vec<Witnessed>, StoreError> {
        let sql = "SELECT epoch, at_us, actor, act, name FROM changes WHERE seq > ?1 ORDER BY seq";
        let mut statement = self.0.prepare(sql).map_err(broken)?;
        let rows = statement.query_map([seq.cast_signed()], |row| {
            Ok(Witnessed {
                epoch: row.get::<_, i64>(0)?.unsigned_abs(),
                at_us: row.get(1)?,
                actor: row.get(2)?,
                act: row.get(3)?,
                name: row.get(4)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(broken)
    }

    /// Forgets what came after a line: it was accepted that the store lacks it, and its audit says so.
    pub(super) fn forget_since(&mut self, seq: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM changes WHERE seq > ?1";
        let done = self.0.execute(sql, [seq.cast_signed()]);
        done.map(drop).map_err(broken)
    }
}

fn hash_of(policy: &Connection, seq: u64) -> Result<Option<[u8; 32]>, StoreError> {
    let sql = "SELECT hash FROM audit WHERE seq = ?1";
    let mut statement = policy.prepare_cached(sql).map_err(broken)?;
    let found = statement.query_row([seq.cast_signed()], |row| row.get(0));
    found.optional().map_err(broken)
}

fn note(db: &Connection, line: &Line) -> Result<(), StoreError> {
    // Two processes may note one line at the same time: it is the same line.
    let sql = "INSERT INTO changes (seq, epoch, at_us, actor, act, name, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
               ON CONFLICT (seq) DO NOTHING";
    let mut statement = db.prepare_cached(sql).map_err(broken)?;
    let values = params![
        line.seq.cast_signed(),
        line.epoch.cast_signed(),
        line.at_us,
        line.actor,
        line.act,
        line.name,
        line.hash
    ];
    statement.execute(values).map(drop).map_err(broken)
}
