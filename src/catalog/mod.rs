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

mod areas;
mod derive;
mod entry;
mod facts;
mod handle;
mod memory;
mod resolve;
mod scan;
mod shown;
#[cfg(test)]
mod tests;
mod told;
mod views;
mod visible;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use crate::access::{Access, Discovery, Policy, Principal, Surface, ViewId};
pub use crate::layer::{Position, Revision, SortKey};
pub use crate::model::Language;
pub use derive::{CellStep, CellTale, RowFate, RowTale};
pub use entry::{LayerEntry, Publication, TileSettings};
pub use handle::CatalogHandle;
pub use memory::{LayerMemory, Memory};
pub use scan::Scan;
pub use views::Views;
pub use visible::{Row, VisibleLayer};
pub use why::Changes;

use crate::access::{AreaSource, Operation, Standing};
use areas::Areas;
use resolve::Memo;
pub use resolve::{Reach, Ready};

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

/// A publisher, as it presents itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Organisation {
    /// First part of its layers' ids.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// A paragraph.
    pub description: Option<String>,
    /// Its own web site.
    pub url: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// The colour of its portal, as `#rrggbb`.
    pub colour: Option<String>,
}

/// Everything that is published, at one moment. Immutable: a change makes another one.
#[derive(Debug, Default)]
pub struct Catalog {
    platform: Platform,
    organisations: Vec<Organisation>,
    entries: BTreeMap<String, Arc<LayerEntry>>,
    policy: Arc<Policy>,
    /// The instant at which the policy is looked at.
    as_of_us: i64,
    areas: Areas,
    /// Where derived views are kept. Without it nobody is given one.
    views: Option<Arc<Views>>,
    memo: Memo,
}

/// What a listed layer shows to those who hold no grant: what its publisher declared, nothing computed from rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Collection id.
    pub id: String,
    /// Id of the publishing organisation.
    pub organisation: Option<String>,
    /// What the publisher says of it.
    pub metadata: crate::model::metadata::Metadata,
}

/// What a collection is for a caller.
#[derive(Debug)]
pub enum Resolution {
    /// There is no such collection, or there is none for this caller: nobody can tell which.
    Absent,
    /// The caller sees none of its rows, and may know that it is there.
    Listed(Box<Notice>),
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
        let entries = entries.into_iter().map(|e| (e.id().to_owned(), e));
        let entries = entries.collect();
        Self {
            platform,
            organisations,
            memo: Memo::of(&entries),
            entries,
            ..Self::default()
        }
    }

    /// The same catalogue with a place to keep derived views, which outlives it.
    #[must_use]
    pub fn keeping(self, views: Arc<Views>) -> Self {
        let (policy, as_of_us) = (Arc::clone(&self.policy), self.as_of_us);
        let views = Some(views);
        Self { views, ..self }.under(policy, as_of_us)
    }

    /// The same catalogue under that policy, as it is at that instant (microseconds since 1970). What it shows does not change by itself:
    /// at [`Catalog::next_boundary_us`] another one is due.
    #[must_use]
    pub fn under(&self, policy: Arc<Policy>, as_of_us: i64) -> Self {
        let views = self.views.clone();
        let areas = Areas::of(&policy, &self.entries, views.as_deref());
        Self {
            platform: self.platform.clone(),
            organisations: self.organisations.clone(),
            entries: self.entries.clone(),
            policy,
            as_of_us,
            areas,
            views,
            memo: Memo::of(&self.entries),
        }
    }

    /// The instant at which the policy is looked at, in microseconds since 1970.
    pub fn as_of_us(&self) -> i64 {
        self.as_of_us
    }

    /// The next instant at which somebody may see more or less.
    pub fn next_boundary_us(&self) -> Option<i64> {
        self.policy.next_boundary_us(self.as_of_us)
    }

    /// The areas that the policy names and that cannot be found, or have nothing in them: whoever is restricted to them sees nothing.
    pub fn missing_areas(&self) -> impl Iterator<Item = &AreaSource> {
        self.areas.missing()
    }

    /// Ids of the collections that somebody administrates, in whatever state they are: of those of others not even the ids.
    pub fn administered(&self, standing: &Standing) -> Vec<&str> {
        let may = |id: &&str| {
            let operation = Operation::LookAtLayer { layer: id };
            self.policy.may(standing, operation).is_ok()
        };
        self.entries
            .keys()
            .map(String::as_str)
            .filter(may)
            .collect()
    }

    /// What decides who sees what.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// How the instance presents itself.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The organisations of which the caller sees something or may know of something, in the order of the configuration.
    pub fn organisations(&self, principal: &Principal) -> Vec<&Organisation> {
        let mut known = BTreeSet::new();
        for entry in self.entries.values() {
            if let Some(id) = &entry.publication.organisation
                && !known.contains(id)
                && self.is_known(entry, principal)
            {
                known.insert(id);
            }
        }
        let all = self.organisations.iter();
        all.filter(|o| known.contains(&o.id) || crate::leak!("shelf-of-hidden-layers"))
            .collect()
    }

    /// What an organisation says of itself, to those who see something of it or may know of something; `None` to all others, as if it
    /// did not exist.
    pub fn organisation(&self, principal: &Principal, id: &str) -> Option<&Organisation> {
        let organisation = self.organisations.iter().find(|o| o.id == id)?;
        let of_it = |e: &&Arc<LayerEntry>| e.publication.organisation.as_deref() == Some(id);
        let mut own = self.entries.values().filter(of_it);
        (own.any(|e| self.is_known(e, principal)) || crate::leak!("portal-of-nothing"))
            .then_some(organisation)
    }
}
