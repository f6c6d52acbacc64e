//! Public identifiers of features (OGC 17-069r4 `/req/core/f-op`: the last segment of an item's path).

use std::fmt;

/// An owned feature id. Integers sort before texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeatureId {
    /// A 64-bit integer.
    Int(i64),
    /// Any other text.
    Text(String),
}

/// A borrowed feature id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeatureIdRef<'a> {
    /// A 64-bit integer.
    Int(i64),
    /// Any other text.
    Text(&'a str),
}

impl FeatureId {
    /// Borrows the id.
    pub fn as_ref(&self) -> FeatureIdRef<'_> {
        match self {
            Self::Int(i) => FeatureIdRef::Int(*i),
            Self::Text(s) => FeatureIdRef::Text(s),
        }
    }
}

impl FeatureIdRef<'_> {
    /// An owned copy.
    pub fn to_owned(self) -> FeatureId {
        match self {
            FeatureIdRef::Int(i) => FeatureId::Int(i),
            FeatureIdRef::Text(s) => FeatureId::Text(s.to_owned()),
        }
    }
}

impl fmt::Display for FeatureIdRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeatureIdRef::Int(i) => i.fmt(f),
            FeatureIdRef::Text(s) => s.fmt(f),
        }
    }
}

impl fmt::Display for FeatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// How far an id can be trusted to name the same thing tomorrow; told by the collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdStability {
    /// Declared by the publisher (`feature_id`).
    Declared,
    /// The file's own unique id.
    Source,
    /// The place of the feature in the file, from 1: changes when the file's order changes.
    Positional,
    /// Made of what the feature shows to those who ask: changes when that changes.
    Content,
}

impl IdStability {
    /// The word used in JSON and snapshots.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Source => "source",
            Self::Positional => "positional",
            Self::Content => "content",
        }
    }
}
