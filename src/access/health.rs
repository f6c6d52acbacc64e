//! What is wrong with the grants on a layer, for whoever looks after the platform.

use super::context::{Areas, LayerContext};
use super::draft::{ProfileFault, Profiles};
use super::policy::Subject;
use super::prepared::Policy;
use crate::model::{Language, Words};

/// A grant that shows nothing of a layer, because of its profile.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("grant {grant:?} shows nothing of {collection}: {fault}")]
pub struct IdleGrant {
    /// Id of the grant.
    pub grant: String,
    /// Collection id.
    pub collection: String,
    /// What is wrong with its profile there.
    pub fault: ProfileFault,
}

impl IdleGrant {
    /// For people.
    pub fn words(&self) -> Words {
        let why = |l| self.fault.words(l);
        Words::new(
            format!(
                "l’autorisation {:?} ne montre rien de {} : {}",
                self.grant,
                self.collection,
                why(Language::Fr)
            ),
            self.to_string(),
        )
    }

    /// The same, to whoever just made that grant.
    pub fn words_of_it(&self) -> Words {
        let why = |l| self.fault.words(l);
        Words::new(
            format!(
                "elle ne montre rien de {} : {}",
                self.collection,
                why(Language::Fr)
            ),
            format!(
                "it shows nothing of {}: {}",
                self.collection,
                why(Language::En)
            ),
        )
    }
}

impl Policy {
    /// The grants that name a layer and show nothing of it, in the order of their ids. What is wrong whatever the layer stands in
    /// [`Policy::inert`] too.
    pub fn idle_on(&self, layer: &LayerContext<'_>, areas: &dyn Areas) -> Vec<IdleGrant> {
        let mut found = Vec::new();
        for place in self.grants_on(layer.collection) {
            let grant = &self.grants[place];
            let organisation = match &grant.subject {
                Subject::Organisation(id) => Some(id),
                Subject::Key(id) => self.keys.get(id).map(|k| &k.organisation),
                Subject::Public | Subject::Authenticated | Subject::Group(_) => None,
            };
            let profiles = Profiles {
                policy: self,
                layer,
                areas,
                organisation: organisation.map(String::as_str),
            };
            match profiles.of_grant(&grant.profile) {
                Ok(_) => {}
                // Whether those whom it is for have one differs from one to the other.
                Err(ProfileFault::NoJurisdiction) if organisation.is_none() => {}
                Err(fault) => found.push(IdleGrant {
                    grant: grant.id.clone(),
                    collection: layer.collection.to_owned(),
                    fault,
                }),
            }
        }
        found.sort_by(|a, b| a.grant.cmp(&b.grant));
        found
    }
}
