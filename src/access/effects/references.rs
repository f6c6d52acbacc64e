//! What an entry refers to must be there.

use super::{Done, Rules, faulty};
use crate::access::change::{Name, Record};
use crate::access::entry::Entry;
use crate::access::policy::{Grant, Key, Subject, Terms};
use crate::access::profile::{AreaSource, Profile, ProfileArea};

/// Organisations above one another: a commune, its intercommunal body, the department, the region, and some.
const PARENTS_MAX: usize = 8;

impl Rules<'_> {
    /// Whatever a record refers to is there.
    pub(super) fn refers(&self, record: &Record) -> Done {
        match record {
            Record::Organisation(organisation) => {
                self.ancestors(&organisation.id, organisation.parent.as_deref())
            }
            Record::Member(member) => {
                let organisation = Name::Organisation(member.organisation.clone());
                self.needs(&organisation).map(drop)
            }
            Record::Profile(profile) => self.owner(profile.organisation.as_ref()),
            Record::Terms(terms) => self.owner(terms.organisation.as_ref()),
            Record::Grant(grant) => self.grant_refers(grant),
            Record::Key(key) => self.key_refers(key),
        }
    }

    /// An area is drawn from a layer that is there. One that stays as it was is nobody's to answer for: its layer may be withheld from whoever
    /// changes the rest.
    pub(super) fn drawn_from(&self, before: Option<&Record>, after: &Record) -> Done {
        match area_of(after) {
            Some(area) if before.and_then(area_of) == Some(area) => Ok(()),
            Some(AreaSource::Layer { layer, .. }) => self.needs_layer(layer),
            Some(AreaSource::Wkt(_)) | None => Ok(()),
        }
    }

    pub(super) fn owner(&self, organisation: Option<&String>) -> Done {
        let Some(id) = organisation else {
            return Ok(());
        };
        self.needs(&Name::Organisation(id.clone())).map(drop)
    }

    pub(super) fn ancestors(&self, id: &str, parent: Option<&str>) -> Done {
        let mut above = parent.map(str::to_owned);
        for _ in 0..PARENTS_MAX {
            let Some(parent) = above else {
                return Ok(());
            };
            if parent == id {
                return faulty(
                    "une organisation serait au-dessus d’elle-même",
                    "an organisation would be above itself",
                );
            }
            above = match self.needs(&Name::Organisation(parent))? {
                Entry::Record(Record::Organisation(organisation)) => organisation.parent,
                _ => None,
            };
        }
        faulty(
            format!("plus de {PARENTS_MAX} organisations seraient l’une au-dessus de l’autre"),
            format!("more than {PARENTS_MAX} organisations would be above one another"),
        )
    }

    pub(super) fn grant_refers(&self, grant: &Grant) -> Done {
        match &grant.subject {
            Subject::Organisation(id) => {
                self.needs(&Name::Organisation(id.clone()))?;
            }
            Subject::Key(id) => {
                self.needs(&Name::Key(*id))?;
            }
            // A group is there when a member or a token says so.
            Subject::Public | Subject::Authenticated | Subject::Group(_) => {}
        }
        grant.layers.iter().try_for_each(|l| self.needs_layer(l))?;
        self.needs(&Name::Profile(grant.profile.clone()))?;
        if let Some(terms) = &grant.terms {
            self.needs(&Name::Terms(terms.clone()))?;
        }
        Ok(())
    }

    pub(super) fn key_refers(&self, key: &Key) -> Done {
        self.needs(&Name::Organisation(key.organisation.clone()))?;
        if let Some(id) = &key.member {
            let member = self.needs(&Name::Member(id.clone()))?;
            if !matches!(&member, Entry::Record(Record::Member(m)) if m.organisation == key.organisation)
            {
                return faulty(
                    "le membre de la clé est d’une autre organisation",
                    "the key's member belongs to another organisation",
                );
            }
        }
        if let Some(profile) = &key.scopes.profile {
            self.needs(&Name::Profile(profile.clone()))?;
        }
        let mut layers = key.scopes.layers.iter().flatten();
        layers.try_for_each(|l| self.needs_layer(l))
    }
}

/// The area that a record brings.
fn area_of(record: &Record) -> Option<&AreaSource> {
    match record {
        Record::Organisation(organisation) => organisation.jurisdiction.as_ref(),
        Record::Profile(Profile {
            area: Some((ProfileArea::Given(source), _)),
            ..
        }) => Some(source),
        _ => None,
    }
}

/// The names to which an entry refers: whatever falls, it may have to fall with. The other direction of [`referring`](super::Look::referring).
pub fn references(entry: &Entry) -> Vec<Name> {
    let organisation = |id: &String| Name::Organisation(id.clone());
    let terms = |t: &Terms| Name::Terms(t.clone());
    let mut names = Vec::new();
    match entry {
        Entry::Record(Record::Organisation(o)) => names.extend(o.parent.as_ref().map(organisation)),
        Entry::Record(Record::Member(m)) => names.push(organisation(&m.organisation)),
        Entry::Record(Record::Profile(p)) => {
            names.extend(p.organisation.as_ref().map(organisation));
        }
        Entry::Record(Record::Terms(t)) => names.extend(t.organisation.as_ref().map(organisation)),
        Entry::Record(Record::Grant(g)) => {
            match &g.subject {
                Subject::Organisation(id) => names.push(organisation(id)),
                Subject::Key(id) => names.push(Name::Key(*id)),
                Subject::Public | Subject::Authenticated | Subject::Group(_) => {}
            }
            names.push(Name::Profile(g.profile.clone()));
            names.extend(g.terms.as_ref().map(terms));
        }
        Entry::Record(Record::Key(k)) => {
            names.push(organisation(&k.organisation));
            names.extend(k.member.clone().map(Name::Member));
            names.extend(k.scopes.profile.clone().map(Name::Profile));
            names.extend(k.replaced_by.map(Name::Key));
        }
        Entry::Acceptance(a) => {
            names.push(organisation(&a.organisation));
            names.push(terms(&a.terms));
        }
        Entry::Request(r) => names.push(organisation(&r.organisation)),
        Entry::Layer(_) | Entry::Suspension(_) => {}
    }
    names
}
