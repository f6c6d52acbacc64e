//! Languages that pages and messages are written in.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}
