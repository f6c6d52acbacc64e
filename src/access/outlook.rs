//! What a caller may want to know of their own grants: until when they hold, and what has to be accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::owner_of;
use super::policy::{Grant, Role, Terms};
use super::prepared::Policy;
use super::principal::{Principal, Standing};
use super::surface::Action;

/// Terms that stand before some of a caller's grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermsOutlook {
    /// The caller's organisation accepted them.
    pub accepted: bool,
    /// The collections of those grants.
    pub collections: BTreeSet<String>,
}

impl Policy {
    /// The instant at which the first of the grants ends by which a caller may do something with a collection: from then on it may see less.
    /// `None` if none of them has an end, or none is needed.
    pub fn granted_until(
        &self,
        principal: &Principal,
        collection: &str,
        action: Action,
        as_of_us: i64,
    ) -> Option<i64> {
        let standing = principal.standing();
        let is_member = |s: &Standing| {
            let owner = owner_of(collection);
            s.operator || owner.is_some_and(|o| self.role_in(s, o).is_some())
        };
        if standing.is_some_and(is_member) {
            return None;
        }
        let grants = self.grants_of(principal, collection);
        grants
            .into_iter()
            .map(|place| &self.grants[place])
            .filter(|g| {
                g.actions.contains(&action) && holds(g, as_of_us) && self.accepts(g, standing)
            })
            .filter_map(|g| g.until_us)
            .min()
    }

    /// The terms that a caller's present grants ask for, as far as the credential reaches.
    pub fn terms_for(&self, standing: &Standing, as_of_us: i64) -> BTreeMap<Terms, TermsOutlook> {
        let principal = Principal::Known(std::sync::Arc::new(standing.clone()));
        let mut found: BTreeMap<Terms, TermsOutlook> = BTreeMap::new();
        let named: BTreeSet<&String> = self
            .grants
            .iter()
            .filter(|g| g.terms.is_some())
            .flat_map(|g| &g.layers)
            .filter(|c| standing.scopes.opens(c))
            .collect();
        for collection in named {
            for place in self.grants_of(&principal, collection) {
                let grant = &self.grants[place];
                if let (Some(terms), true) = (&grant.terms, holds(grant, as_of_us)) {
                    let outlook = found.entry(terms.clone()).or_default();
                    outlook.accepted = self.accepts(grant, Some(standing));
                    outlook.collections.insert(collection.clone());
                }
            }
        }
        found
    }

    /// Whether a caller may bind its organisation: a key of the organisation itself, or a member who makes grants there.
    pub fn may_accept(&self, standing: &Standing) -> bool {
        let speaks = match (&standing.member, standing.role) {
            (None, _) => standing.key.is_some(),
            (Some(_), role) => role >= Some(Role::Publisher),
        };
        standing.organisation.is_some() && speaks
    }
}

fn holds(grant: &Grant, as_of_us: i64) -> bool {
    grant.from_us.is_none_or(|from| from <= as_of_us)
        && grant.until_us.is_none_or(|until| as_of_us < until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Organisation, PolicyParts, Subject};
    use std::sync::Arc;

    fn grant(until_us: Option<i64>, terms: Option<u64>, actions: &[Action]) -> Grant {
        Grant {
            id: String::new(),
            subject: Subject::Organisation("eau".to_owned()),
            layers: ["sud.parcelles".to_owned()].into(),
            profile: "tout".to_owned(),
            actions: actions.iter().copied().collect(),
            from_us: None,
            until_us,
            terms: terms.map(|version| Terms {
                id: "licence".to_owned(),
                version,
            }),
        }
    }

    fn policy(grants: Vec<Grant>, accepted: &[u64]) -> Policy {
        let organisation = |id: &str| Organisation {
            id: id.to_owned(),
            title: String::new(),
            parent: None,
            jurisdiction: None,
            siret: None,
        };
        let accepted = accepted.iter().map(|version| {
            let terms = Terms {
                id: "licence".to_owned(),
                version: *version,
            };
            ("eau".to_owned(), terms)
        });
        Policy::new(PolicyParts {
            organisations: ["eau", "sud"]
                .map(|o| (o.to_owned(), organisation(o)))
                .into(),
            grants,
            acceptances: accepted.collect(),
            ..PolicyParts::default()
        })
    }

    fn eau() -> Standing {
        Standing {
            name: "key:00000001".to_owned(),
            subjects: [Subject::Organisation("eau".to_owned())].into(),
            organisation: Some("eau".to_owned()),
            key: Some(crate::access::KeyId(1)),
            ..Standing::default()
        }
    }

    #[test]
    fn the_first_grant_that_ends_counts() {
        use Action::{Items, Tiles};
        let until = |grants: Vec<Grant>, accepted: &[u64], action| {
            let caller = Principal::Known(Arc::new(eau()));
            policy(grants, accepted).granted_until(&caller, "sud.parcelles", action, 100)
        };
        let both = vec![
            grant(Some(200), None, &[Items]),
            grant(Some(300), None, &[Items, Tiles]),
        ];
        assert_eq!(until(both.clone(), &[], Items), Some(200));
        let past = vec![
            grant(Some(100), None, &[Items]),
            grant(Some(200), None, &[Items]),
        ];
        assert_eq!(until(past, &[], Items), Some(200));
        let open = [both, vec![grant(None, None, &[Items])]].concat();
        assert_eq!(until(open.clone(), &[], Items), Some(200));
        assert_eq!(until(vec![grant(None, None, &[Items])], &[], Items), None);
        assert_eq!(until(open, &[], Tiles), Some(300));
        // Terms that were not accepted open nothing.
        let bound = vec![
            grant(Some(900), Some(3), &[Items]),
            grant(Some(200), None, &[Items]),
        ];
        assert_eq!(until(bound.clone(), &[2], Items), Some(200));
        assert_eq!(until(bound, &[3], Items), Some(200));
        let caller = Principal::Known(Arc::new(Standing {
            organisation: Some("sud".to_owned()),
            role: Some(Role::Reader),
            ..eau()
        }));
        let policy = policy(vec![grant(Some(200), None, &[Items])], &[]);
        assert_eq!(
            policy.granted_until(&caller, "sud.parcelles", Items, 100),
            None
        );
        assert_eq!(
            policy.granted_until(&Principal::Anonymous, "sud.parcelles", Items, 100),
            None
        );
    }

    #[test]
    fn terms_within_reach() {
        let grants = vec![
            grant(None, Some(2), &[Action::Items]),
            grant(None, Some(3), &[Action::Items]),
            grant(Some(50), Some(4), &[Action::Items]),
        ];
        let policy = policy(grants, &[2]);
        let terms = policy.terms_for(&eau(), 100);
        let told: Vec<_> = terms.iter().map(|(t, o)| (t.version, o.accepted)).collect();
        assert_eq!(told, [(2, true), (3, false)]);
        let mut narrow = eau();
        narrow.scopes.layers = Some(["sud.autre".to_owned()].into());
        assert!(policy.terms_for(&narrow, 100).is_empty());
        let stranger = Standing {
            subjects: BTreeSet::new(),
            organisation: Some("sud".to_owned()),
            ..eau()
        };
        assert!(policy.terms_for(&stranger, 100).is_empty());
    }

    #[test]
    fn who_binds_an_organisation() {
        let policy = policy(Vec::new(), &[]);
        assert!(policy.may_accept(&eau()));
        for (role, may) in [
            (Role::Reader, false),
            (Role::Editor, false),
            (Role::Publisher, true),
            (Role::Admin, true),
        ] {
            let member = Standing {
                member: Some("m".to_owned()),
                role: Some(role),
                ..eau()
            };
            assert_eq!(policy.may_accept(&member), may);
        }
        let somebody = Standing { key: None, ..eau() };
        assert!(!policy.may_accept(&somebody));
        assert!(!policy.may_accept(&Standing::default()));
    }
}
