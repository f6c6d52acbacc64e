//! Floor 4: what is kept on disk beside the layers. The policy of those who publish, in `policy.sqlite`; what this machine has seen of
//! its changes, in `witness.sqlite`; who read what of restricted data, in `journal.sqlite`.
//!
//! A change of the policy is one transaction: rows, audit, epoch. Each row holds the JSON of one entry, the same text as in the line of
//! the audit that made it; the audit is a chain of keyed hashes. So whoever reads the file with `sqlite3` sees what there is, and
//! whoever changes it that way is found by `guichet audit verify`.
//!
//! ```text
//! policy.sqlite    organisations members profiles grants keys terms layers suspensions acceptances requests   id, body, revoked_us
//!                  epoch n            counts the changes
//!                  audit              seq epoch at_us actor act name before after prev_hash hash
//! witness.sqlite   changes            the audit without its texts: an older copy of the policy is known by what it lacks
//! journal.sqlite   reads exports usage
//! ```

mod audit;
mod connection;
mod journal;
mod look;
mod policy;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod verify;
mod witness;

pub use audit::{AuditQuery, Line};
pub use journal::{Answer, Export, Hour, Journal, JournalFile, JournalOptions, Question, Usage};
pub use policy::{AcceptedOlder, SqliteStore};
pub use verify::{Verified, verify};
pub use witness::Witnessed;
