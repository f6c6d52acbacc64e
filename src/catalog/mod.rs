//! Floor 4: the one snapshot of what is published, and the sole door to rows.
//!
//! [`Catalog::resolve`] is the only way from a collection's name to its rows, and a [`VisibleLayer`] the only thing that has them.
//! Its parts are private and a raw layer cannot be asked for:
//!
//! ```compile_fail
//! # fn f(catalog: &guichet::catalog::Catalog) {
//! let layer = catalog.entries; // private: there is no way around `resolve`
//! # }
//! ```
//!
//! ```compile_fail
//! # fn f(visible: &guichet::catalog::VisibleLayer) {
//! let rows = &visible.layer; // private: rows come through `scan`, `row` and `find_id`
//! # }
//! ```
//!
//! ```compile_fail
//! use guichet::layer::Layer; // a private module
//! ```

mod entry;
mod handle;
mod scan;
#[cfg(test)]
mod tests;
mod visible;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use crate::access::{Access, Principal, Surface, ViewId};
pub use crate::layer::{Position, Revision, SortKey};
pub use crate::model::Language;
pub use entry::{LayerEntry, Publication, TileSettings};
pub use handle::CatalogHandle;
pub use scan::Scan;
pub use visible::{Row, VisibleLayer};

use crate::access::{self, Decision};

/// The running instance, as it presents itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Platform {
    /// Its title.
    pub title: String,
    /// A paragraph.
    pub description: Option<String>,
    /// The language of those who state none.
    pub language: Language,
    /// Whom to write to.
    pub contact: Option<String>,
}

/// A publisher.
#[derive(Debug, Clone, PartialEq)]
pub struct Organisation {
    /// First part of its layers' ids.
    pub id: String,
    /// Name for people.
    pub title: String,
}

/// Everything that is published, at one moment. Immutable: a change makes another one.
#[derive(Debug, Default)]
pub struct Catalog {
    platform: Platform,
    organisations: Vec<Organisation>,
    entries: BTreeMap<String, Arc<LayerEntry>>,
}

/// What a collection is for a caller.
#[derive(Debug)]
pub enum Resolution {
    /// There is no such collection, or there is none for this caller: nobody can tell which.
    Absent,
    /// The caller sees (some of) its rows.
    Visible(VisibleLayer),
}

impl Catalog {
    /// A catalogue of those entries. Of two with one id the later one wins; the configuration refuses that before.
    pub fn new(
        platform: Platform,
        organisations: Vec<Organisation>,
        entries: Vec<Arc<LayerEntry>>,
    ) -> Self {
        Self {
            platform,
            organisations,
            entries: entries
                .into_iter()
                .map(|e| (e.id().to_owned(), e))
                .collect(),
        }
    }

    /// How the instance presents itself.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The organisations that publish something on this surface for the caller, in the order of the configuration.
    pub fn organisations(&self, principal: &Principal) -> Vec<&Organisation> {
        let visible = self.visible(principal, Surface::Discover);
        self.organisations
            .iter()
            .filter(|o| visible.iter().any(|l| l.organisation() == Some(&o.id)))
            .collect()
    }

    /// The one door: what `collection` is for `principal` on `surface`.
    pub fn resolve(&self, principal: &Principal, collection: &str, surface: Surface) -> Resolution {
        match self.entries.get(collection) {
            Some(entry) => Self::through(entry, principal, surface),
            None => Resolution::Absent,
        }
    }

    /// All collections that `principal` sees on `surface`, by id.
    pub fn visible(&self, principal: &Principal, surface: Surface) -> Vec<VisibleLayer> {
        let visible = |entry| match Self::through(entry, principal, surface) {
            Resolution::Visible(layer) => Some(layer),
            Resolution::Absent => None,
        };
        self.entries.values().filter_map(visible).collect()
    }

    fn through(entry: &Arc<LayerEntry>, principal: &Principal, surface: Surface) -> Resolution {
        match access::decide(entry.access(), principal, surface) {
            Decision::Nothing => Resolution::Absent,
            Decision::Everything => Resolution::Visible(VisibleLayer::unrestricted(entry)),
        }
    }
}
