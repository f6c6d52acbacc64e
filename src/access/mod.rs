//! Floor 3: who asks, and for what. Pure: it knows of no request, no file and no clock.
//!
//! Today there is one principal, and a layer is either open to all or closed to all; profiles, grants and views are decided here
//! when they come.

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Principal {
    /// A caller without credentials.
    #[default]
    Anonymous,
}

/// What a layer is wanted for. Each surface of a layer can be open or closed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// Its name, description and schema.
    Discover,
    /// Vector tiles.
    Tiles,
    /// Items.
    Items,
}

/// What a publisher decided for a layer (`access` in the configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody may see all of it.
    Open,
    /// Nobody may see it without a grant.
    Restricted,
}

/// Whether `principal` has any right on that surface of a layer. Deny by default: a restricted layer opens to nobody until grants are
/// read here.
pub fn decide(access: Access, principal: &Principal, _surface: Surface) -> Decision {
    match (access, principal) {
        (Access::Open, Principal::Anonymous) => Decision::Everything,
        (Access::Restricted, Principal::Anonymous) => Decision::Nothing,
    }
}

/// The outcome of [`decide`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The layer does not exist for the caller.
    Nothing,
    /// The unrestricted view.
    Everything,
}

/// Identity of a view: equal rights on equal layers share it, whoever has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ViewId(pub u128);

impl ViewId {
    /// The view that restricts nothing.
    pub const EVERYTHING: Self = Self(0);
}

impl std::fmt::Display for ViewId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
