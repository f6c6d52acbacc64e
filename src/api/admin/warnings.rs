//! What a change leaves that gives nobody anything: it was written all the same, for a layer or an organisation may change, and whoever wrote
//! it is told. The words are those of `guichet grant` and `guichet policy`.

use std::collections::BTreeSet;

use super::desk::Desk;
use crate::access::{
    Change, Decision, Grant, IdleGrant, Name, Part, ProfileArea, ProfileFault, Record, Subject,
};
use crate::api::clock::instant;
use crate::catalog::{Catalog, Language};
use crate::model::Words;

/// What there is to say of a change, to a caller who may see it. `after` is the policy with it; `made` is the id that the store chose.
pub(super) fn of(
    desk: &Desk<'_>,
    after: &Catalog,
    change: &Change,
    made: Option<&str>,
    l: Language,
) -> Vec<String> {
    let told = Told {
        desk,
        after,
        change,
        made,
    };
    let found = told.idle().into_iter();
    let found = found.chain(told.inert()).chain(told.of_grant());
    let mut seen = BTreeSet::new();
    let mut words: Vec<String> = found.map(|w| w.of(l).to_owned()).collect();
    words.retain(|w| seen.insert(w.clone()));
    words
}

struct Told<'a> {
    desk: &'a Desk<'a>,
    after: &'a Catalog,
    change: &'a Change,
    made: Option<&'a str>,
}

impl Told<'_> {
    /// The grant that the change is about, and its id.
    fn grant(&self) -> Option<(&Grant, &str)> {
        let grant = match self.change {
            Change::Create(Record::Grant(grant)) | Change::Update(Record::Grant(grant)) => grant,
            Change::Decide {
                decision: Decision::Approve(grant),
                ..
            } => &**grant,
            _ => return None,
        };
        Some((grant, self.made.unwrap_or(&grant.id)))
    }

    /// The grants that may show less, or nothing, because of the change.
    fn concerned(&self) -> Vec<&Grant> {
        let policy = self.after.policy();
        let (own, changed) = match self.change {
            Change::Create(record) | Change::Update(record) => (self.grant(), Some(record)),
            Change::Decide { .. } => (self.grant(), None),
            _ => return Vec::new(),
        };
        let is_of = |g: &&Grant| match (own, changed) {
            (Some((_, id)), _) => g.id == id,
            (None, Some(Record::Profile(profile))) => g.profile == profile.id,
            (None, Some(Record::Organisation(o))) => match &g.subject {
                Subject::Organisation(id) => *id == o.id,
                Subject::Key(id) => policy.keys.get(id).is_some_and(|k| k.organisation == o.id),
                _ => false,
            },
            _ => false,
        };
        policy.grants.iter().filter(is_of).collect()
    }

    /// Those that show nothing of a layer of the caller's.
    fn idle(&self) -> Vec<Words> {
        let grants = self.concerned();
        let ids: BTreeSet<&String> = grants.iter().map(|g| &g.id).collect();
        let layers: BTreeSet<&String> = grants.iter().flat_map(|g| &g.layers).collect();
        let own = self.grant().map(|(_, id)| id);
        layers
            .into_iter()
            .filter(|l| self.desk.may_look_at_layer(l) || crate::leak!("warnings-of-others"))
            .flat_map(|l| self.after.idle_grants_on(l))
            .filter(|g| ids.contains(&g.grant) && !self.is_of_the_subject(g))
            .map(|g| match own {
                Some(_) => g.words_of_it(),
                None => g.words(),
            })
            .collect()
    }

    /// Whether a grant shows nothing because of the organisation that it is for, of which the caller knows nothing.
    fn is_of_the_subject(&self, idle: &IdleGrant) -> bool {
        if !matches!(
            idle.fault,
            ProfileFault::NoJurisdiction | ProfileFault::NoArea
        ) {
            return false;
        }
        let policy = self.after.policy();
        let grant = policy.grants.iter().find(|g| g.id == idle.grant);
        let profile = grant.and_then(|g| policy.profiles.get(&g.profile));
        let is_theirs =
            profile.is_some_and(|p| matches!(p.area, Some((ProfileArea::Jurisdiction, _))));
        let subject = grant.and_then(|g| match &g.subject {
            Subject::Organisation(id) => Some(id),
            Subject::Key(id) => policy.keys.get(id).map(|k| &k.organisation),
            Subject::Public | Subject::Authenticated | Subject::Group(_) => None,
        });
        is_theirs && subject.is_some_and(|o| !self.knows(o))
    }

    /// Whether the caller knows how an organisation stands: neither its jurisdiction nor what it accepted is for those who grant it something.
    fn knows(&self, organisation: &str) -> bool {
        self.desk.may_look(organisation) || crate::leak!("warnings-tell-of-partners")
    }

    /// What is wrong whatever the layer. Of organisations, members and keys it may tell of those of others: it is for the operator.
    fn inert(&self) -> impl Iterator<Item = Words> {
        let before = self.desk.catalog.policy().inert();
        let now = self.after.policy().inert().iter();
        let own = self.grant().map(|(_, id)| id);
        now.filter(move |i| match &i.what {
            Part::Grant(id) => own == Some(id),
            _ => self.desk.standing.operator && !before.contains(i),
        })
        .map(move |i| match &i.what {
            // Whoever makes it knows which it is, and one that was not made has no id.
            Part::Grant(_) => Words::new(i.why.in_french(), i.why.to_string()),
            _ => i.words(),
        })
    }

    /// When the grant holds, and whether the organisation has accepted its terms.
    fn of_grant(&self) -> Vec<Words> {
        let Some((grant, _)) = self.grant() else {
            return Vec::new();
        };
        let now_us = self.after.as_of_us();
        let mut words = Vec::new();
        if grant.until_us.is_some_and(|until| until <= now_us) {
            words.push(Words::new("elle a déjà pris fin", "it has ended already"));
        } else if let Some(from) = grant.from_us.filter(|from| now_us < *from) {
            let at = instant(from);
            words.push(Words::new(
                format!("elle commence le {at}"),
                format!("it begins at {at}"),
            ));
        }
        if let (Subject::Organisation(id), Some(terms)) = (&grant.subject, &grant.terms) {
            let accepted = &self.after.policy().acceptances;
            if self.knows(id) && !accepted.contains(&(id.clone(), terms.clone())) {
                let subject = Name::Organisation(id.clone());
                words.push(Words::new(
                    format!(
                        "{subject} n’a pas encore accepté {terms} : d’ici là, elle n’ouvre rien"
                    ),
                    format!("{subject} has not accepted {terms} yet: until then it opens nothing"),
                ));
            }
        }
        words
    }
}
