//! Answers from the journal: who saw what, and how much each layer is used.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde::Serialize;

use super::super::connection::broken;
use super::file::connect;
use crate::access::StoreError;

/// How the journal names callers beyond those that it could keep apart.
pub(super) const OTHERS: &str = "(others)";

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Collection id; all of them without it.
    pub layer: Option<String>,
    /// How journals name the caller; all of them without it.
    pub principal: Option<String>,
    /// Not before, in microseconds since 1970. Reads are told by the hour in which they fell.
    pub from_us: i64,
    /// Before, in microseconds since 1970.
    pub to_us: i64,
}

/// What a caller read of a layer in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// Collection id.
    pub layer: String,
    /// The hour's first instant, in seconds since 1970.
    #[serde(skip)]
    pub from_s: i64,
    /// Who.
    pub principal: String,
    /// What the caller had: equal ids mean equal rights.
    pub view: String,
    /// Through which face.
    pub route: String,
    /// How often.
    pub requests: u64,
    /// How many rows were shown, again and again counted.
    pub features: u64,
    /// Bytes of bodies.
    pub bytes: u64,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Collection id.
    pub layer: String,
    /// When, in microseconds since 1970.
    #[serde(skip)]
    pub at_us: i64,
    /// Who.
    pub principal: String,
    /// What the caller had.
    pub view: String,
    /// Rows.
    pub features: u64,
    /// Bytes.
    pub bytes: u64,
    /// From where; after a week the network alone.
    pub address: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// By layer, hour and caller.
    pub hours: Vec<Hour>,
    /// By time.
    pub exports: Vec<Export>,
}

/// The totals of a layer and a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// The day.
    pub day: String,
    /// Collection id.
    pub layer: String,
    /// Through which face.
    pub route: String,
    /// How often.
    pub requests: u64,
    /// Rows.
    pub features: u64,
    /// Bytes.
    pub bytes: u64,
}

/// A journal that is asked, whether or not a server keeps it.
#[derive(Debug)]
pub struct JournalFile(Connection);

impl JournalFile {
    /// Opens the journal of a state folder.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        connect(&Self::path(folder)).map(Self)
    }

    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("journal.sqlite")
    }

    /// Who saw what.
    pub fn ask(&self, question: &Question) -> Result<Answer, StoreError> {
        Ok(Answer {
            hours: self.hours(question).map_err(broken)?,
            exports: self.exports(question).map_err(broken)?,
        })
    }

    fn hours(&self, q: &Question) -> rusqlite::Result<Vec<Hour>> {
        let mut statement = self.0.prepare(
            "SELECT layer, hour, principal, view, route, requests, features, bytes FROM reads \
             WHERE (?1 IS NULL OR layer = ?1) AND (?2 IS NULL OR principal = ?2) AND hour >= ?3 AND hour < ?4 \
             ORDER BY layer, hour, principal, view, route",
        )?;
        // An hour that began before `from` may hold reads after it.
        let from = q.from_us.div_euclid(3_600_000_000);
        let to = q
            .to_us
            .saturating_add(3_599_999_999)
            .div_euclid(3_600_000_000);
        let rows = statement.query_map(params![q.layer, q.principal, from, to], |row| {
            Ok(Hour {
                layer: row.get(0)?,
                from_s: row.get::<_, i64>(1)?.saturating_mul(3_600),
                principal: row.get(2)?,
                view: row.get(3)?,
                route: row.get(4)?,
                requests: count(row, 5)?,
                features: count(row, 6)?,
                bytes: count(row, 7)?,
            })
        })?;
        rows.collect()
    }

    fn exports(&self, q: &Question) -> rusqlite::Result<Vec<Export>> {
        let mut statement = self.0.prepare(
            "SELECT layer, at_us, principal, view, features, bytes, address FROM exports \
             WHERE (?1 IS NULL OR layer = ?1) AND (?2 IS NULL OR principal = ?2) AND at_us >= ?3 AND at_us < ?4 \
             ORDER BY at_us, id",
        )?;
        let rows =
            statement.query_map(params![q.layer, q.principal, q.from_us, q.to_us], |row| {
                Ok(Export {
                    layer: row.get(0)?,
                    at_us: row.get(1)?,
                    principal: row.get(2)?,
                    view: row.get(3)?,
                    features: count(row, 4)?,
                    bytes: count(row, 5)?,
                    address: row.get(6)?,
                })
            })?;
        rows.collect()
    }

    /// Totals of layers, open ones too, for the days from `first` to `last` (`YYYY-MM-DD`, both included).
    pub fn usage(
        &self,
        layer: Option<&str>,
        first: &str,
        last: &str,
    ) -> Result<Vec<Usage>, StoreError> {
        let sql = "SELECT day, layer, route, requests, features, bytes FROM usage \
                   WHERE (?1 IS NULL OR layer = ?1) AND day >= ?2 AND day <= ?3 ORDER BY day, layer, route";
        let mut statement = self.0.prepare(sql).map_err(broken)?;
        let rows = statement.query_map(params![layer, first, last], |row| {
            Ok(Usage {
                day: row.get(0)?,
                layer: row.get(1)?,
                route: row.get(2)?,
                requests: count(row, 3)?,
                features: count(row, 4)?,
                bytes: count(row, 5)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(broken)
    }
}

fn count(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}
