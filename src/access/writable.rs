//! What must hold of a policy before it is written: nobody's view may become one of too many slices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::context::{Areas, LayerContext};
use super::normal::{MOST_SLICES, TooManySlices};
use super::policy::{Grant, Subject};
use super::prepared::Policy;
use super::principal::{Principal, Standing};
use super::rights::Rights;

/// Somebody for whom too many slices would come together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{caller} on {collection}: {why}")]
pub struct TooWide {
    /// Who, as journals name callers; `anonymous`.
    pub caller: String,
    /// Collection id.
    pub collection: String,
    /// How many, and where.
    pub why: TooManySlices,
}

impl Policy {
    /// Asked of the policy as it would be after a change, for each layer that the change is about: that no caller gets more than
    /// [`MOST_SLICES`](super::MOST_SLICES) slices on a surface, at `as_of_us` or one day later. Grants that have not begun, and terms that
    /// are not accepted, count as if they held. Of token bearers, whose groups are not known here, those count who are in all groups.
    pub fn check_writable(
        &self,
        layer: &LayerContext<'_>,
        areas: &dyn Areas,
        as_of_us: i64,
    ) -> Result<(), TooWide> {
        for (name, principal) in self.callers(layer.collection).into_values() {
            let view = self.widest_view(&principal, layer, areas, as_of_us);
            if let Some(why) = view.refused().first() {
                return Err(TooWide {
                    caller: name,
                    collection: layer.collection.to_owned(),
                    why: *why,
                });
            }
        }
        Ok(())
    }

    /// True if no more than [`MOST_SLICES`] profiles would be granted on a layer of that grant to a subject, with those for everybody. This is for
    /// writers over HTTP, who know the grants on their layers and nothing of those for whom they are: neither whether these have an area, nor
    /// whose a key is, nor in whose place. What comes together beyond that, of a key and its organisation or of several groups, shows
    /// nothing. Grants that have not begun count, those that ended do not.
    pub fn has_room_for(&self, grant: &Grant, as_of_us: i64) -> bool {
        let everybody = |s: &Subject| matches!(s, Subject::Public | Subject::Authenticated);
        let is_for_all = everybody(&grant.subject);
        let ends_later = |g: &&Grant| g.until_us.is_none_or(|until| as_of_us < until);
        grant.layers.iter().all(|layer| {
            let places = self.grants_on(layer);
            let others = places.iter().map(|place| &self.grants[*place]);
            let others = others.filter(|g| g.id != grant.id);
            let mut for_all = BTreeSet::new();
            let mut for_some: BTreeMap<&Subject, BTreeSet<&str>> = BTreeMap::new();
            for g in others.chain([grant]).filter(ends_later) {
                if everybody(&g.subject) {
                    for_all.insert(g.profile.as_str());
                } else if is_for_all || g.subject == grant.subject {
                    for_some.entry(&g.subject).or_default().insert(&g.profile);
                }
            }
            let most = for_some.values().map(|own| own.union(&for_all).count());
            most.max().unwrap_or(for_all.len()) <= MOST_SLICES
        })
    }

    /// All who may ask for a layer, those of equal rights once.
    fn callers(&self, collection: &str) -> BTreeMap<Rights, (String, Principal)> {
        let mut callers = BTreeMap::new();
        let mut add = |name: String, principal: Principal| {
            let rights = self.rights(&principal);
            callers.entry(rights).or_insert((name, principal));
        };
        add("anonymous".to_owned(), Principal::Anonymous);
        for standing in self.standings().all() {
            add(
                standing.name.clone(),
                Principal::Known(Arc::clone(standing)),
            );
        }
        let named = self.grants_on(collection);
        let groups: BTreeSet<Subject> = named
            .iter()
            .map(|place| &self.grants[*place].subject)
            .filter(|subject| matches!(subject, Subject::Group(_)))
            .cloned()
            .collect();
        let organisations = self.organisations.keys().map(Some).chain([None]);
        for organisation in organisations {
            let mut subjects = groups.clone();
            subjects.extend(organisation.map(|o| Subject::Organisation(o.clone())));
            let standing = Standing {
                name: organisation.map_or("token".to_owned(), |o| format!("organisation:{o}")),
                subjects,
                organisation: organisation.cloned(),
                ..Standing::default()
            };
            add(standing.name.clone(), Principal::Known(Arc::new(standing)));
        }
        callers
    }
}
