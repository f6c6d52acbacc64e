//! What keeps a policy. The store itself is a room further up: here is what the rest of the house knows of it.

use std::sync::Arc;

use super::change::{Change, Name};
use super::files::{Broken, Files};
use super::policy::PolicyParts;
use super::request::AccessRequest;
use crate::filter;
use crate::model::Words;

/// Who changes a policy, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author<'a> {
    /// How audits name whoever acts: `member:cartographe`, `key:1f2e3d4c`, `operator:root`. Never a secret.
    pub name: &'a str,
    /// The moment, in microseconds since 1970.
    pub at_us: i64,
    /// The epoch of the policy by which the right to this change was judged: if the store has moved on meanwhile, it refuses with
    /// [`StoreError::Stale`] and the right is judged again. `None` is for commands on the machine, whose right depends on no policy.
    pub seen: Option<u64>,
}

/// All that a store holds, at one epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// What can be used. Of keys and grants, those that were revoked are left out.
    pub parts: PolicyParts,
    /// What cannot be read: it gives nobody anything, and stops nothing else.
    pub broken: Vec<Broken>,
}

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The epoch that it made.
    pub epoch: u64,
    /// The id of what was made, where the store chose it.
    pub id: Option<String>,
    /// What fell with what was revoked; the keys that were suspended or released with the one in whose place they are.
    pub fallen: Vec<Name>,
}

/// What keeps a policy. A change is carried out whole or not at all; it is seen by every server of the store within a second.
pub trait PolicyStore: Send + Sync {
    /// Counts the changes; never goes back. Cheap: servers ask several times a second.
    fn epoch(&self) -> Result<u64, StoreError>;

    /// All that holds now, at one epoch.
    fn load(&self) -> Result<Stored, StoreError>;

    /// Carries out a change. Whether the author has the right to it has been judged before, on the policy of [`Author::seen`]; the
    /// store sees to it that ids are free, that what is referred to is there, and that entries of files are left alone.
    fn change(&self, author: Author<'_>, change: &Change) -> Result<Changed, StoreError>;

    /// What a change would do and what would hold after it, without carrying it out: to show it first, and to judge what it would give.
    fn preview(&self, author: Author<'_>, change: &Change)
    -> Result<(Changed, Stored), StoreError>;

    /// What the configuration says beside it.
    fn files(&self) -> Arc<Files>;

    /// The requests for access to these collections, or by this organisation, the latest first; all of them where neither is given.
    fn requests(
        &self,
        layers: Option<&[String]>,
        organisation: Option<&str>,
    ) -> Result<Vec<AccessRequest>, StoreError>;
}

/// Why a right is lacking, or a change is not carried out though the right is there.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChangeRefusal {
    /// It concerns what belongs to others. To a caller who may not see it, it must look like [`StoreError::Unknown`].
    #[error("it is not yours to change")]
    NotYours,
    /// It would give more than whoever gives it has.
    #[error("it would give more than you have")]
    TooWide,
    /// What a caller has on a layer would be made of more slices than the ceiling.
    #[error("{subject} would have {slices} slices of {layer}; at most {most} are kept apart")]
    TooManySlices {
        /// Whose view it is.
        subject: String,
        /// Of which collection.
        layer: String,
        /// How many slices it would have.
        slices: usize,
        /// The ceiling.
        most: usize,
    },
    /// The organisation asked for the layer before, and waits for the answer.
    #[error("request:{0} for the same layer waits for its answer")]
    AskedAlready(String),
    /// An entry contradicts itself, or cannot mean anything.
    #[error("{0}")]
    Faulty(Words),
    /// A filter is no CQL2. Whoever shows it to people says why and where ([`filter::Fault::at`]).
    #[error("{what} is no CQL2: {text}")]
    Filter {
        /// Which filter.
        what: &'static str,
        /// Its text.
        text: String,
        /// What is wrong with it.
        fault: Box<filter::Fault>,
    },
}

/// What a store answers instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// The id is taken, or was: ids are never used a second time.
    #[error("{0} is taken already, or was: an id is never used a second time")]
    Conflict(Name),
    /// The entry stands in a configuration file, which is read-only here.
    #[error("{0} stands in the configuration: change it there and reload")]
    InFile(Name),
    /// There is no such entry, or no longer.
    #[error("there is no {0}")]
    Unknown(Name),
    /// Others cannot be without it.
    #[error("{name} is used by {}: change or revoke that first", list(.by))]
    InUse {
        /// What was to be revoked.
        name: Name,
        /// What refers to it.
        by: Vec<Name>,
    },
    /// There was nothing to do: it is as it should be already.
    #[error("{0} already")]
    Already(String),
    /// It is not allowed, or contradicts itself.
    #[error(transparent)]
    Refused(#[from] ChangeRefusal),
    /// The policy changed since the right was judged: judge again.
    #[error("the policy was changed meanwhile (epoch {epoch}): look again")]
    Stale {
        /// The store's epoch.
        epoch: u64,
    },
    /// The store is older than one that was seen here before.
    #[error(
        "the policy store is at epoch {found}, but epoch {seen} was seen here before: it is an older copy, in which what was \
         revoked since holds again; start with --accept-older if that is meant"
    )]
    Older {
        /// Its epoch.
        found: u64,
        /// The highest that was seen.
        seen: u64,
    },
    /// Another process holds the store for longer than is waited.
    #[error("the policy store is busy: try again")]
    Busy,
    /// It cannot be read or written.
    #[error("the policy store: {0}")]
    Broken(String),
}

fn list(names: &[Name]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(Name::to_string).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
