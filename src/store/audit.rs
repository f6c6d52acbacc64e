//! The audit: a line for each entry that changes, each with a keyed hash over itself and the line before. Lines are only added.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::connection::broken;
use super::rows::json;
use crate::access::{Author, Effect, StoreError};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counts the lines from 1.
    pub seq: u64,
    /// The epoch that the change made. Lines of one change share it.
    pub epoch: u64,
    /// When, in microseconds since 1970.
    pub at_us: i64,
    /// Who.
    pub actor: String,
    /// What was done (`create`, `revoke` …).
    pub act: String,
    /// To what (`grant:g-1f2e3d4c5b`).
    pub name: String,
    /// The JSON of what it was.
    pub before: Option<String>,
    /// The JSON of what it is since.
    pub after: Option<String>,
    /// Hash of the line before; zeros before the first.
    pub prev_hash: [u8; 32],
    /// Hash of this line.
    pub hash: [u8; 32],
}

impl Line {
    /// The hash that the line should have. Each part comes with its length, so that no two lines are hashed alike.
    pub(super) fn expected_hash(&self, key: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(&self.prev_hash);
        for number in [self.seq, self.epoch, self.at_us.cast_unsigned()] {
            hasher.update(&number.to_le_bytes());
        }
        let texts = [Some(&self.actor), Some(&self.act), Some(&self.name)];
        for text in texts
            .into_iter()
            .chain([self.before.as_ref(), self.after.as_ref()])
        {
            let length = text.map_or(u64::MAX, |t| t.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(text.map_or(&[], |t| t.as_bytes()));
        }
        *hasher.finalize().as_bytes()
    }
}

/// Where the chain ends: number and hash of its last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: [u8; 32],
}

/// The end of the chain.
pub(super) fn head(db: &Connection) -> Result<Head, StoreError> {
    let sql = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
    let mut statement = db.prepare_cached(sql).map_err(broken)?;
    let found = statement
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional();
    let head = found.map_err(broken)?.map(|(seq, hash)| Head {
        seq: seq.unsigned_abs(),
        hash,
    });
    Ok(head.unwrap_or_default())
}

/// What a line says besides its place in the chain.
pub(super) struct Said<'a> {
    pub(super) epoch: u64,
    pub(super) author: &'a Author<'a>,
    pub(super) act: &'a str,
    pub(super) name: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl<'a> Said<'a> {
    /// What is said of an effect.
    pub(super) fn of(
        effect: &Effect,
        act: &'a str,
        author: &'a Author<'a>,
        epoch: u64,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            epoch,
            author,
            act,
            name: effect.name.to_string(),
            before: effect.before.as_ref().map(json).transpose()?,
            after: effect.after.as_ref().map(json).transpose()?,
        })
    }
}

/// Adds a line.
pub(super) fn append(db: &Connection, key: &[u8; 32], said: Said<'_>) -> Result<Line, StoreError> {
    let head = head(db)?;
    let mut line = Line {
        seq: head.seq + 1,
        epoch: said.epoch,
        at_us: said.author.at_us,
        actor: said.author.name.to_owned(),
        act: said.act.to_owned(),
        name: said.name,
        before: said.before,
        after: said.after,
        prev_hash: head.hash,
        hash: [0; 32],
    };
    line.hash = line.expected_hash(key);
    let sql = "INSERT INTO audit (seq, epoch, at_us, actor, act, name, before, after, prev_hash, hash) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let mut statement = db.prepare_cached(sql).map_err(broken)?;
    statement
        .execute(params![
            line.seq.cast_signed(),
            line.epoch.cast_signed(),
            line.at_us,
            line.actor,
            line.act,
            line.name,
            line.before,
            line.after,
            line.prev_hash,
            line.hash
        ])
        .map_err(broken)?;
    Ok(line)
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only those after this one.
    pub after_seq: u64,
    /// Not before, in microseconds since 1970.
    pub from_us: Option<i64>,
    /// Before, in microseconds since 1970.
    pub to_us: Option<i64>,
    /// Only those of whatever has this name.
    pub name: Option<String>,
    /// No more than these, the first ones.
    pub most: Option<u64>,
}

/// Lines in their order.
pub(super) fn lines(
    db: &Connection,
    query: &AuditQuery,
    mut line: impl FnMut(Line) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = "SELECT seq, epoch, at_us, actor, act, name, before, after, prev_hash, hash FROM audit \
               WHERE seq > ?1 AND at_us >= ?2 AND at_us < ?3 AND (?4 IS NULL OR name = ?4) ORDER BY seq LIMIT ?5";
    let mut statement = db.prepare_cached(sql).map_err(broken)?;
    let most = query.most.map_or(-1, u64::cast_signed);
    let mut rows = statement
        .query(params![
            query.after_seq.cast_signed(),
            query.from_us.unwrap_or(i64::MIN),
            query.to_us.unwrap_or(i64::MAX),
            query.name,
            most
        ])
        .map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        line(read(row).map_err(broken)?)?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        seq: row.get::<_, i64>(0)?.unsigned_abs(),
        epoch: row.get::<_, i64>(1)?.unsigned_abs(),
        at_us: row.get(2)?,
        actor: row.get(3)?,
        act: row.get(4)?,
        name: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
        prev_hash: row.get(8)?,
        hash: row.get(9)?,
    })
}
