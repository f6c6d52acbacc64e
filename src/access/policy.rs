//! What publishers wrote: organisations, members, profiles, grants, keys, suspensions. Plain values, as files and stores hold them; a
//! [`Policy`](super::Policy) is what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use super::change::TermsText;
use super::profile::{AreaSource, Profile};
use super::surface::Action;

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Everybody.
    Public,
    /// Whoever shows a valid credential.
    Authenticated,
    /// The members and keys of an organisation.
    Organisation(String),
    /// The members of a group.
    Group(String),
    /// One key, by the id in its text, and those in its place.
    Key(KeyId),
}

/// What a member may do in an organisation; each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sees the organisation's own layers, drafts excepted.
    Reader,
    /// Sees drafts too, and edits rows.
    Editor,
    /// Makes profiles and grants on the organisation's layers, and keys.
    Publisher,
    /// Makes members too.
    Admin,
}

/// A publisher or partner.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The organisation that hosts it: members of that one act here with the same role.
    #[serde(deserialize_with = "super::written::given")]
    pub parent: Option<String>,
    /// The area it is responsible for.
    #[serde(deserialize_with = "super::written::given")]
    pub jurisdiction: Option<AreaSource>,
    /// Its number in the national register, by which an identity provider names it.
    #[serde(deserialize_with = "super::written::given")]
    pub siret: Option<String>,
}

/// Somebody who acts for an organisation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// For which organisation.
    pub organisation: String,
    /// As what.
    pub role: Role,
    /// Groups to which the member belongs.
    pub groups: BTreeSet<String>,
    /// How an identity provider names the member: issuer and subject.
    #[serde(deserialize_with = "super::written::given")]
    pub identity: Option<(String, String)>,
    /// First instant at which the membership no longer holds, in microseconds since 1970.
    #[serde(rename = "until", with = "super::written::instant::option")]
    pub until_us: Option<i64>,
}

/// The eight hexadecimal digits by which a key is known; they stand in its text and in journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Where a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// On servers and desktops: it is a secret.
    Secret,
    /// In web pages, where everybody can read it: it opens what its grants say to whoever has it, and may sign URLs.
    Browser,
}

/// What a credential is narrowed to. `None` narrows nothing, an empty set closes all.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    /// Collection ids.
    #[serde(deserialize_with = "super::written::given")]
    pub layers: Option<BTreeSet<String>>,
    /// Actions.
    #[serde(deserialize_with = "super::written::given")]
    pub actions: Option<BTreeSet<Action>>,
    /// A profile that must hold besides.
    #[serde(deserialize_with = "super::written::given")]
    pub profile: Option<String>,
    /// Last zoom at which tiles are opened. Like a profile's, it closes items and exports too where there is no precision.
    #[serde(deserialize_with = "super::written::given")]
    pub max_zoom: Option<u8>,
}

impl Scopes {
    /// True if they narrow nothing.
    pub fn are_wide(&self) -> bool {
        *self == Self::default()
    }

    /// True if they leave a collection open.
    pub fn opens(&self, collection: &str) -> bool {
        self.layers.as_ref().is_none_or(|l| l.contains(collection))
    }

    /// True if they leave an action open.
    pub fn allows(&self, action: Action) -> bool {
        self.actions.as_ref().is_none_or(|a| a.contains(&action))
    }

    /// What both leave open. Two different profiles cannot be said in one: they close all.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let profile = match (&self.profile, &other.profile) {
            (Some(a), Some(b)) if a != b => {
                return Self {
                    layers: Some(BTreeSet::new()),
                    ..Self::default()
                };
            }
            (a, b) => a.as_ref().or(b.as_ref()).cloned(),
        };
        Self {
            layers: common(self.layers.as_ref(), other.layers.as_ref()),
            actions: common(self.actions.as_ref(), other.actions.as_ref()),
            profile,
            max_zoom: self.max_zoom.into_iter().chain(other.max_zoom).min(),
        }
    }
}

/// What is in both sets, where `None` holds all.
pub(super) fn common<T: Ord + Clone>(
    a: Option<&BTreeSet<T>>,
    b: Option<&BTreeSet<T>>,
) -> Option<BTreeSet<T>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect()),
        (a, b) => a.or(b).cloned(),
    }
}

/// Days for which a key and its successor both hold, unless somebody says otherwise: a week of work to change over, and no longer for whoever found
/// the old one.
pub const OVERLAP_DAYS: u8 = 7;

/// A key of an organisation or of a member, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub organisation: String,
    /// Whose among the members, if it is a member's.
    #[serde(deserialize_with = "super::written::given")]
    pub member: Option<String>,
    /// What it is for, in the words of whoever made it.
    pub label: String,
    /// SHA-256 of its text.
    #[serde(with = "super::written::hex")]
    pub sha256: [u8; 32],
    /// Where it may be used.
    pub kind: KeyKind,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// Origins from which browsers may use it; empty is any. Against abuse only: other programs send what they like.
    pub origins: BTreeSet<String>,
    /// Networks from which it may be used, as `address/bits`; empty is any. Against abuse only.
    pub networks: Vec<String>,
    /// First instant at which it holds, in microseconds since 1970.
    #[serde(rename = "from", with = "super::written::instant::option")]
    pub from_us: Option<i64>,
    /// First instant at which it no longer holds.
    #[serde(rename = "until", with = "super::written::instant::option")]
    pub until_us: Option<i64>,
    /// The key that takes its place; until `until_us` both hold.
    #[serde(deserialize_with = "super::written::given")]
    pub replaced_by: Option<KeyId>,
    /// It was taken back.
    #[serde(skip)]
    pub revoked: bool,
}

impl Key {
    /// A secret key of an organisation that opens whatever is granted, at any time and from anywhere.
    pub fn new(id: KeyId, sha256: [u8; 32], organisation: impl Into<String>) -> Self {
        Self {
            id,
            organisation: organisation.into(),
            member: None,
            label: String::new(),
            sha256,
            kind: KeyKind::Secret,
            scopes: Scopes::default(),
            origins: BTreeSet::new(),
            networks: Vec::new(),
            from_us: None,
            until_us: None,
            replaced_by: None,
            revoked: false,
        }
    }
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Its id: of the store's row, or `file:` and its place in the configuration.
    pub id: String,
    /// Whom it is for.
    pub subject: Subject,
    /// Collection ids; nothing if empty.
    pub layers: BTreeSet<String>,
    /// Id of the profile that restricts it.
    pub profile: String,
    /// What it allows; nothing if empty.
    pub actions: BTreeSet<Action>,
    /// First instant at which it holds, in microseconds since 1970.
    #[serde(rename = "from", with = "super::written::instant::option")]
    pub from_us: Option<i64>,
    /// First instant at which it no longer holds.
    #[serde(rename = "until", with = "super::written::instant::option")]
    pub until_us: Option<i64>,
    /// The terms that the organisation must have accepted.
    #[serde(deserialize_with = "super::written::given")]
    pub terms: Option<Terms>,
}

/// A version of terms of use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Terms {
    /// Their id.
    pub id: String,
    /// Which version.
    pub version: u64,
}

/// What can be suspended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A layer, by collection id: nobody sees it.
    Layer(String),
    /// A key: it is refused, and so are those in its place.
    Key(KeyId),
    /// A member: it is refused.
    Member(String),
    /// An organisation: its keys and members are refused, and its layers seen by nobody.
    Organisation(String),
}

/// A suspension. It wins over all grants.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// Of what.
    pub target: Target,
    /// Why, for those who ask `guichet why`.
    pub reason: String,
    /// The organisation that did it: its people may end it. `None` for whoever runs the machine, and then nobody else may.
    #[serde(default)]
    pub by: Option<String>,
}

/// In which state of its life a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LayerState {
    /// Seen by editors of its organisation alone.
    Draft,
    /// As grants say.
    #[default]
    Published,
    /// Seen by nobody.
    Withdrawn,
}

/// Everything that decides who sees what, at one moment, as it was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyParts {
    /// Counts the changes of the store; never goes back.
    pub epoch: u64,
    /// By id.
    pub organisations: BTreeMap<String, Organisation>,
    /// By id.
    pub members: BTreeMap<String, Member>,
    /// By id.
    pub profiles: BTreeMap<String, Profile>,
    /// In any order: it says nothing.
    pub grants: Vec<Grant>,
    /// By id.
    pub keys: BTreeMap<KeyId, Key>,
    /// Keys of whoever runs the machine. The configuration alone names them: nobody whom a store knows can make himself one.
    pub operators: BTreeSet<KeyId>,
    /// What is suspended.
    pub suspensions: Vec<Suspension>,
    /// Which organisation accepted which terms.
    pub acceptances: BTreeSet<(String, Terms)>,
    /// Collections that are not simply published.
    pub layer_states: BTreeMap<String, LayerState>,
    /// First instant at which a collection is open to others than its editors, in microseconds since 1970.
    pub embargoes: BTreeMap<String, i64>,
    /// Terms of use, for those who have to accept them.
    pub terms: BTreeMap<Terms, TermsText>,
    /// The store has not confirmed this policy for longer than its lease: what was revoked since is not known, so restricted layers
    /// are closed to everybody until it answers again.
    pub unconfirmed: bool,
}
