//! What is done with a layer, and through which of its faces.

/// What a grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Action {
    Discover,
    Tiles,
    Items,
    Export,
    Create,
    Replace,
    Update,
    Delete,
}

/// What a layer is wanted for. Each surface of a layer is a view of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// Its name, description, schema and extent.
    Discover,
    /// Vector tiles of one zoom.
    Tiles(u8),
    /// What is said of its tiles as a whole: whatever tiles of any zoom show.
    Tilesets,
    /// Items, page by page.
    Items,
    /// A whole copy.
    Export,
}

impl Surface {
    /// The action that a grant must allow to open this surface.
    pub fn action(self) -> Action {
        match self {
            Self::Discover => Action::Discover,
            Self::Tiles(_) | Self::Tilesets => Action::Tiles,
            Self::Items => Action::Items,
            Self::Export => Action::Export,
        }
    }
}
