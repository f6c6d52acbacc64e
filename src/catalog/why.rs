//! Why somebody sees what of a collection, and what a change of the policy would change: for the command line and for those who decide.
//! It names grants and profiles, and looks at rows as they are stored.

use std::sync::Arc;

use super::areas::Known;
use super::derive::{RowTale, tale};
use super::entry::LayerEntry;
use super::{Catalog, Principal, Surface};
use crate::access::{
    self, Difference, Explanation, GainedPair, IdleGrant, LayerContext, TooWide, View, difference,
    gained_pairs,
};
use crate::layer::Rows;
use crate::model::FeatureIdRef;

/// What a change of the policy changes for a caller.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Surface by surface; nothing if all is as before.
    pub differences: Vec<Difference>,
    /// Pairs of a place and a property of items that come together now, and that no grant gives together.
    pub pairs: Vec<GainedPair>,
}

impl Catalog {
    /// Why a caller sees what it sees of a collection; `None` if there is no such collection.
    pub fn explain(&self, principal: &Principal, collection: &str) -> Option<Explanation> {
        let entry = self.entries.get(collection)?;
        Some(self.asking(entry, |context, areas| {
            let policy = self.policy();
            policy.explain(principal, context, areas, self.as_of_us)
        }))
    }

    /// What a caller's view on a surface makes of the row with that id, as the source has it. `None` if there is no such row.
    pub fn explain_row(
        &self,
        principal: &Principal,
        collection: &str,
        surface: Surface,
        id: &str,
    ) -> Option<RowTale> {
        let entry = self.entries.get(collection)?;
        let place = entry
            .layer
            .parts()
            .iter()
            .enumerate()
            .find_map(|(i, part)| {
                let number = id.parse::<i64>().ok().filter(|n| n.to_string() == id);
                let by_number = number.and_then(|n| part.find(FeatureIdRef::Int(n)));
                let row = by_number.or_else(|| part.find(FeatureIdRef::Text(id)));
                Some((i, row?))
            })?;
        let view = self.compiled(entry, principal);
        tale(entry, place, view.on(surface).slices())
    }

    /// What a caller sees otherwise under another policy of the same layers.
    pub fn compared_with(
        &self,
        after: &Self,
        principal: &Principal,
        collection: &str,
    ) -> Option<Changes> {
        let entry = self.entries.get(collection)?;
        let schema = entry.layer.schema();
        let before = self.compiled(entry, principal);
        let now = after.compiled(after.entries.get(collection)?, principal);
        let known = gained_pairs(before.on(Surface::Items), schema);
        let mut pairs = gained_pairs(now.on(Surface::Items), schema);
        // Slices are numbered anew: what counts is whether the property came with another place before.
        pairs.retain(|p| known.iter().all(|k| k.attribute != p.attribute));
        Some(Changes {
            differences: difference(&before, &now, schema),
            pairs,
        })
    }

    /// Grants that name a collection and show nothing of it.
    pub fn idle_grants(&self) -> Vec<IdleGrant> {
        let ids = self.entries.keys();
        ids.flat_map(|id| self.idle_grants_on(id)).collect()
    }

    /// Those that name that collection.
    pub fn idle_grants_on(&self, collection: &str) -> Vec<IdleGrant> {
        let Some(entry) = self.entries.get(collection) else {
            return Vec::new();
        };
        self.asking(entry, |context, areas| {
            self.policy().idle_on(context, areas)
        })
    }

    /// Whether nobody would get more slices of a collection than are kept apart, were this policy written. True of what does not exist.
    pub fn check_writable(&self, collection: &str) -> Result<(), TooWide> {
        let Some(entry) = self.entries.get(collection) else {
            return Ok(());
        };
        self.asking(entry, |context, areas| {
            self.policy().check_writable(context, areas, self.as_of_us)
        })
    }

    fn compiled(&self, entry: &LayerEntry, principal: &Principal) -> Arc<View> {
        self.asking(entry, |context, areas| {
            let policy = self.policy();
            Arc::new(policy.view(principal, context, areas, self.as_of_us))
        })
    }

    /// Asks something of the policy about a layer.
    fn asking<T>(
        &self,
        entry: &LayerEntry,
        ask: impl FnOnce(&LayerContext<'_>, &dyn access::Areas) -> T,
    ) -> T {
        self.with_context(entry, |context| {
            let is_open = |collection: &str| {
                let entry = self.entries.get(collection);
                entry.is_some_and(|e| self.is_open(e))
            };
            let areas = Known {
                areas: &self.areas,
                is_open: &is_open,
            };
            ask(context, &areas)
        })
    }
}
