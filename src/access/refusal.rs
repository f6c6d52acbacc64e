//! Why a credential is refused. Callers get the same answer whatever the reason; journals and `guichet why` tell.

/// Why a credential says nothing of its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// There is no such key.
    #[error("the key is not known")]
    Unknown,
    /// It does not hold yet.
    #[error("the key does not hold yet")]
    NotYet,
    /// The key, or the membership, has ended.
    #[error("the credential has expired")]
    Expired,
    /// The key was taken back.
    #[error("the key was revoked")]
    Revoked,
    /// The key, its member or its organisation is suspended.
    #[error("the key, its member or its organisation is suspended")]
    Suspended,
    /// It names an organisation or a member that does not exist.
    #[error("the credential names an organisation or member that does not exist")]
    Faulty,
}
