//! Changes of a policy, as data: what the command line, the admin API and a caller's own page ask a store for.

use std::fmt;

use super::policy::{
    Grant, Key, KeyId, LayerState, Member, Organisation, Suspension, Target, Terms,
};
use super::profile::Profile;
use super::request::AccessRequest;

/// A version of terms of use, as whoever must accept it reads it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsText {
    /// Which.
    pub terms: Terms,
    /// The organisation that made them, `None` for the operator's.
    #[serde(deserialize_with = "super::written::given")]
    pub organisation: Option<String>,
    /// Title for people.
    pub title: String,
    /// Where the text stands.
    #[serde(deserialize_with = "super::written::given")]
    pub url: Option<String>,
    /// SHA-256 of the text at that place, so that it cannot be changed after it was accepted.
    #[serde(with = "super::written::hex::option")]
    pub sha256: Option<[u8; 32]>,
}

/// One entry of a policy that has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Record {
    Organisation(Organisation),
    Member(Member),
    Profile(Profile),
    Grant(Grant),
    Key(Key),
    Terms(TermsText),
}

/// What an entry is called. Ids are never used a second time: one that was revoked stays taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Name {
    Organisation(String),
    Member(String),
    Profile(String),
    Grant(String),
    Key(KeyId),
    Terms(Terms),
    /// The state and embargo of a collection.
    Layer(String),
    Suspension(Target),
    /// An organisation's acceptance of terms.
    Acceptance(String, Terms),
    Request(String),
}

impl Record {
    /// What it is called.
    pub fn name(&self) -> Name {
        match self {
            Self::Organisation(o) => Name::Organisation(o.id.clone()),
            Self::Member(m) => Name::Member(m.id.clone()),
            Self::Profile(p) => Name::Profile(p.id.clone()),
            Self::Grant(g) => Name::Grant(g.id.clone()),
            Self::Key(k) => Name::Key(k.id),
            Self::Terms(t) => Name::Terms(t.terms.clone()),
        }
    }
}

impl Name {
    /// The word for its kind, as in commands and audits.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Organisation(_) => "organisation",
            Self::Member(_) => "member",
            Self::Profile(_) => "profile",
            Self::Grant(_) => "grant",
            Self::Key(_) => "key",
            Self::Terms(_) => "terms",
            Self::Layer(_) => "layer",
            Self::Suspension(_) => "suspension",
            Self::Acceptance(..) => "acceptance",
            Self::Request(_) => "request",
        }
    }

    /// Its id alone.
    pub fn id(&self) -> String {
        match self {
            Self::Organisation(id)
            | Self::Member(id)
            | Self::Profile(id)
            | Self::Grant(id)
            | Self::Layer(id)
            | Self::Request(id) => id.clone(),
            Self::Key(id) => id.to_string(),
            Self::Terms(terms) => terms.to_string(),
            Self::Suspension(target) => target.to_string(),
            Self::Acceptance(organisation, terms) => format!("{organisation}:{terms}"),
        }
    }
}

impl fmt::Display for Name {
    /// `grant:g-1f2e3d4c5b`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.id())
    }
}

/// How a request for access ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// That grant is made; it must end, no later than was asked for.
    Approve(Box<Grant>),
    /// Nothing is made.
    Refuse {
        /// Why, for whoever asked.
        reason: String,
    },
    /// Whoever asked no longer does.
    Withdraw,
}

/// A change. It is carried out whole or not at all, counts as one epoch and as one line of the audit (one for each entry that falls
/// with it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Makes an entry. A grant with an empty id is given one.
    Create(Record),
    /// Puts an entry in the place of the one with its id. Of terms nothing can be changed, of a key neither its text nor whose it is.
    Update(Record),
    /// Takes an entry back for good. What cannot be without it falls with it: the members and keys of an organisation and the grants
    /// for it, the keys of a member, the grants under a profile, the keys that were made in the place of a key and the grants for these.
    Revoke(Name),
    /// Makes a key that takes the place of another; until `overlap_until_us` both hold, and the old one no longer than it would have.
    /// What is granted to the old one holds for the new one, too, and whoever revokes or suspends the old one does so to both: a key is
    /// ended alone by its period.
    RotateKey {
        /// The key that is replaced.
        old: KeyId,
        /// Its successor: same holder, same scopes, and no longer.
        new: Box<Key>,
        /// First instant at which the old one no longer holds, in microseconds since 1970.
        overlap_until_us: i64,
    },
    /// Suspends something.
    Suspend(Suspension),
    /// Ends a suspension.
    Resume(Target),
    /// An organisation accepts terms.
    AcceptTerms {
        /// Which organisation.
        organisation: String,
        /// Which version.
        terms: Terms,
    },
    /// Draft, published or withdrawn; the embargo stays as it is.
    SetLayerState {
        /// Collection id.
        layer: String,
        /// Its state from now on.
        state: LayerState,
    },
    /// The first instant at which a layer is open to others than its editors, in microseconds since 1970; `None` ends the embargo.
    SetEmbargo {
        /// Collection id.
        layer: String,
        /// The instant.
        until_us: Option<i64>,
    },
    /// Somebody asks for access. An empty id is replaced.
    Request(AccessRequest),
    /// A request for access is decided.
    Decide {
        /// Its id.
        request: String,
        /// How.
        decision: Decision,
    },
}

impl Change {
    /// The verb by which audits name it.
    pub fn act(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Update(_) => "update",
            Self::Revoke(_) => "revoke",
            Self::RotateKey { .. } => "rotate",
            Self::Suspend(_) => "suspend",
            Self::Resume(_) => "resume",
            Self::AcceptTerms { .. } => "accept",
            Self::SetLayerState { .. } => "state",
            Self::SetEmbargo { .. } => "embargo",
            Self::Request(_) => "request",
            Self::Decide { .. } => "decide",
        }
    }
}
