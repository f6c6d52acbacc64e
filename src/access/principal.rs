//! Who asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::policy::{KeyId, Role, Scopes, Subject};

/// Who asks.
#[derive(Debug, Clone, Default)]
pub enum Principal {
    /// A caller without credentials.
    #[default]
    Anonymous,
    /// A caller whose credential was checked.
    Known(Arc<Standing>),
}

impl Principal {
    /// The standing of a caller who is known.
    pub fn standing(&self) -> Option<&Standing> {
        match self {
            Self::Anonymous => None,
            Self::Known(standing) => Some(standing),
        }
    }
}

/// What a checked credential says of the caller. It names no rights: these follow from the policy of the moment, which also is the only
/// one to make it ([`Policy::standing_of_key`](super::Policy::standing_of_key)).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// How journals name the caller: `key:1f2e3d4c`, `member:cartographe`. Never a secret.
    pub name: String,
    /// To which subjects of grants the caller belongs, besides the public and whoever shows a valid credential.
    pub subjects: BTreeSet<Subject>,
    /// The organisation on whose behalf the caller asks: its jurisdiction is meant by profiles.
    pub organisation: Option<String>,
    /// The caller's role there, if the credential is a member's.
    pub role: Option<Role>,
    /// Which member it is.
    pub member: Option<String>,
    /// The key that was shown.
    pub key: Option<KeyId>,
    /// What the credential is narrowed to.
    pub scopes: Scopes,
    /// Whoever runs the machine: the command line on it, and keys that its configuration names as the operator's.
    pub operator: bool,
}

impl Standing {
    /// That of the command line on the machine.
    pub fn operator() -> Self {
        Self {
            name: "operator".to_owned(),
            operator: true,
            ..Self::default()
        }
    }

    /// The same caller with less: a signed URL is its key, narrowed.
    #[must_use]
    pub fn narrowed(&self, scopes: &Scopes) -> Self {
        let scopes = self.scopes.and(scopes);
        Self {
            operator: self.operator && scopes.are_wide(),
            scopes,
            ..self.clone()
        }
    }
}
