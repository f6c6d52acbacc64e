//! What the configuration says of a policy, and how the store's entries join it. Entries of files are read-only for a store, and their
//! ids are taken.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Name, Record};
use super::effects::references;
use super::entry::{Acceptance, Entry};
use super::policy::{Key, LayerState, PolicyParts, Suspension, Target};

/// An entry of the store that gives nobody anything, though it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub name: Name,
    /// Why, for whoever keeps the server running.
    pub why: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}

/// The configuration's entries, and the collections that it defines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Files {
    parts: PolicyParts,
    layers: BTreeSet<String>,
    entries: BTreeMap<Name, Entry>,
}

impl Files {
    /// The entries of the configuration, and the ids of all its collections.
    pub fn new(parts: PolicyParts, layers: BTreeSet<String>) -> Self {
        let entries = records(&parts).map(|r| (r.name(), Entry::Record(r)));
        Self {
            entries: entries.collect(),
            parts,
            layers,
        }
    }

    /// The same, with more collections: those that are served without being configured.
    #[must_use]
    pub fn and_layers(mut self, more: impl IntoIterator<Item = String>) -> Self {
        self.layers.extend(more);
        self
    }

    /// The same, taken to have what that names: it may stand in a part of the configuration that cannot be read. Nothing but its being there is
    /// known of it.
    #[must_use]
    pub fn and_presumed(mut self, target: &Target) -> Self {
        let name = match target {
            Target::Layer(id) => {
                self.layers.insert(id.clone());
                return self;
            }
            Target::Organisation(id) => Name::Organisation(id.clone()),
            Target::Member(id) => Name::Member(id.clone()),
            Target::Key(id) => Name::Key(*id),
        };
        let unread = Entry::Suspension(Suspension {
            target: target.clone(),
            reason: String::new(),
            by: None,
        });
        self.entries.entry(name).or_insert(unread);
        self
    }

    /// The entries, by kind.
    pub fn parts(&self) -> &PolicyParts {
        &self.parts
    }

    /// The ids of all collections.
    pub fn layers(&self) -> &BTreeSet<String> {
        &self.layers
    }

    /// The entry of that name.
    pub fn entry(&self, name: &Name) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// Whether it says in which state a collection is.
    pub fn sets_state(&self, layer: &str) -> bool {
        self.parts.layer_states.contains_key(layer)
    }

    /// Whether it puts a collection under an embargo.
    pub fn sets_embargo(&self, layer: &str) -> bool {
        self.parts.embargoes.contains_key(layer)
    }

    /// Whether one of its keys has that text.
    pub fn has_key_text(&self, key: &Key) -> bool {
        let mut keys = self.parts.keys.values();
        keys.any(|k| k.sha256 == key.sha256)
    }

    /// Entries of a store that stand in these files, too. Nobody can tell which of both is meant, so the store's is set aside, and with
    /// it whatever of the store refers to it: it may have meant less than the file's.
    pub fn conflicts(&self, stored: &PolicyParts) -> Vec<Name> {
        let names = stored
            .organisations
            .keys()
            .cloned()
            .map(Name::Organisation)
            .chain(stored.members.keys().cloned().map(Name::Member))
            .chain(stored.profiles.keys().cloned().map(Name::Profile))
            .chain(stored.keys.keys().copied().map(Name::Key))
            .chain(stored.terms.keys().cloned().map(Name::Terms));
        names.filter(|n| self.entries.contains_key(n)).collect()
    }

    /// The whole policy: these files and the store together. Of what both say of a collection, the more closed holds.
    pub fn with(&self, mut stored: PolicyParts) -> (PolicyParts, Vec<Broken>) {
        let broken = self.set_aside(&mut stored);
        let mut all = self.parts.clone();
        all.epoch = stored.epoch;
        all.organisations.extend(stored.organisations);
        all.members.extend(stored.members);
        all.profiles.extend(stored.profiles);
        all.grants.append(&mut stored.grants);
        all.keys.extend(stored.keys);
        all.terms.extend(stored.terms);
        all.suspensions.append(&mut stored.suspensions);
        all.acceptances.append(&mut stored.acceptances);
        for (layer, state) in stored.layer_states {
            let both = all.layer_states.entry(layer).or_insert(state);
            *both = more_closed(*both, state);
        }
        for (layer, until) in stored.embargoes {
            let both = all.embargoes.entry(layer).or_insert(until);
            *both = until.max(*both);
        }
        (all, broken)
    }

    fn set_aside(&self, stored: &mut PolicyParts) -> Vec<Broken> {
        let conflicts = self.conflicts(stored);
        if conflicts.is_empty() {
            return Vec::new();
        }
        let mut broken: Vec<Broken> = Vec::new();
        let mut aside: BTreeSet<Name> = BTreeSet::new();
        for name in conflicts {
            aside.insert(name.clone());
            let why = "it stands in the configuration, too: change one of the two ids".to_owned();
            broken.push(Broken { name, why });
        }
        // What refers to something set aside goes, too, until nothing more does.
        loop {
            let refers = |entry: &Entry| {
                let mut names = references(entry).into_iter();
                names.find(|n| aside.contains(n))
            };
            let more: Vec<Broken> = entries(stored)
                .filter(|e| !aside.contains(&e.name()))
                .filter_map(|e| {
                    let why = format!("it refers to {}, which is set aside", refers(&e)?);
                    let name = e.name();
                    Some(Broken { name, why })
                })
                .collect();
            if more.is_empty() {
                break;
            }
            aside.extend(more.iter().map(|b| b.name.clone()));
            broken.extend(more);
        }
        let stays = |name: Name| !aside.contains(&name);
        let s = stored;
        s.organisations
            .retain(|id, _| stays(Name::Organisation(id.clone())));
        s.members.retain(|id, _| stays(Name::Member(id.clone())));
        s.profiles.retain(|id, _| stays(Name::Profile(id.clone())));
        s.keys.retain(|id, _| stays(Name::Key(*id)));
        s.terms.retain(|id, _| stays(Name::Terms(id.clone())));
        s.grants.retain(|g| stays(Name::Grant(g.id.clone())));
        s.acceptances
            .retain(|(o, t)| stays(Name::Acceptance(o.clone(), t.clone())));
        broken
    }
}

fn more_closed(a: LayerState, b: LayerState) -> LayerState {
    let closed = |state| match state {
        LayerState::Published => 0,
        LayerState::Draft => 1,
        LayerState::Withdrawn => 2,
    };
    if closed(a) >= closed(b) { a } else { b }
}

fn records(parts: &PolicyParts) -> impl Iterator<Item = Record> + '_ {
    let organisations = parts.organisations.values().cloned();
    organisations
        .map(Record::Organisation)
        .chain(parts.members.values().cloned().map(Record::Member))
        .chain(parts.profiles.values().cloned().map(Record::Profile))
        .chain(parts.grants.iter().cloned().map(Record::Grant))
        .chain(parts.keys.values().cloned().map(Record::Key))
        .chain(parts.terms.values().cloned().map(Record::Terms))
}

/// Whatever of a store can refer to something.
fn entries(parts: &PolicyParts) -> impl Iterator<Item = Entry> + '_ {
    let acceptances = parts.acceptances.iter().map(|(organisation, terms)| {
        Entry::Acceptance(Acceptance {
            organisation: organisation.clone(),
            terms: terms.clone(),
            by: String::new(),
            at_us: 0,
        })
    });
    records(parts).map(Entry::Record).chain(acceptances)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grant, Organisation, Profile, Terms};

    fn organisation(id: &str, title: &str) -> (String, Organisation) {
        let organisation = Organisation {
            id: id.to_owned(),
            title: title.to_owned(),
            parent: None,
            jurisdiction: None,
            siret: None,
        };
        (id.to_owned(), organisation)
    }

    fn profile(id: &str, rows: &str) -> (String, Profile) {
        let text = format!(
            r#"{{"id":"{id}","organisation":null,"rows":"{rows}","attributes":[],"area":null,"derived":{{}},"zooms":null,"precision":null,"formats":null}}"#
        );
        (id.to_owned(), serde_json::from_str(&text).unwrap())
    }

    fn grant(id: &str, subject: &str, profile: &str) -> Grant {
        Grant {
            id: id.to_owned(),
            subject: subject.parse().unwrap(),
            layers: BTreeSet::from(["a.b".to_owned()]),
            profile: profile.to_owned(),
            actions: BTreeSet::new(),
            from_us: None,
            until_us: None,
            terms: None,
        }
    }

    #[test]
    fn the_two_sources_add_up() {
        let file = PolicyParts {
            organisations: [organisation("region", "R")].into(),
            profiles: [profile("tout", "TRUE")].into(),
            grants: vec![grant("file:0", "public", "tout")],
            ..PolicyParts::default()
        };
        let stored = PolicyParts {
            epoch: 7,
            organisations: [organisation("eau", "E")].into(),
            grants: vec![grant("g-1", "organisation:eau", "tout")],
            ..PolicyParts::default()
        };
        let (all, broken) = Files::new(file, BTreeSet::new()).with(stored);
        assert_eq!(broken, []);
        assert_eq!(
            (all.epoch, all.organisations.len(), all.grants.len()),
            (7, 2, 2)
        );
    }

    /// Threat 41: a file that takes over an id of the store must not lend its meaning to what the store says of it.
    #[test]
    fn what_both_have_is_set_aside_with_what_refers_to_it() {
        let file = PolicyParts {
            organisations: [organisation("eau", "file")].into(),
            profiles: [profile("narrow", "TRUE")].into(),
            ..PolicyParts::default()
        };
        let stored = PolicyParts {
            organisations: [organisation("eau", "store"), organisation("gaz", "store")].into(),
            profiles: [profile("narrow", "a = 1"), profile("other", "a = 1")].into(),
            grants: vec![
                grant("g-1", "public", "narrow"),
                grant("g-2", "organisation:eau", "other"),
                grant("g-3", "organisation:gaz", "other"),
            ],
            acceptances: BTreeSet::from([(
                "eau".to_owned(),
                Terms {
                    id: "t".to_owned(),
                    version: 1,
                },
            )]),
            ..PolicyParts::default()
        };
        let files = Files::new(file, BTreeSet::new());
        let (all, broken) = files.with(stored);
        let names: Vec<String> = broken.iter().map(|b| b.name.to_string()).collect();
        assert_eq!(
            names,
            [
                "organisation:eau",
                "profile:narrow",
                "grant:g-1",
                "grant:g-2",
                "acceptance:eau:t@1"
            ]
        );
        let grants: Vec<&str> = all.grants.iter().map(|g| g.id.as_str()).collect();
        assert_eq!(grants, ["g-3"]);
        assert_eq!(all.profiles["narrow"].rows, "TRUE");
        assert!(all.acceptances.is_empty());
    }

    #[test]
    fn of_two_states_the_more_closed_holds() {
        use LayerState::{Draft, Published, Withdrawn};
        let state = |s| BTreeMap::from([("a.b".to_owned(), s)]);
        for (file, store, both) in [
            (Published, Draft, Draft),
            (Draft, Published, Draft),
            (Withdrawn, Draft, Withdrawn),
            (Draft, Withdrawn, Withdrawn),
        ] {
            let file = PolicyParts {
                layer_states: state(file),
                embargoes: BTreeMap::from([("a.b".to_owned(), 5)]),
                ..PolicyParts::default()
            };
            let stored = PolicyParts {
                layer_states: state(store),
                embargoes: BTreeMap::from([("a.b".to_owned(), 3), ("a.c".to_owned(), 4)]),
                ..PolicyParts::default()
            };
            let (all, _) = Files::new(file, BTreeSet::new()).with(stored);
            assert_eq!(all.layer_states["a.b"], both);
            assert_eq!((all.embargoes["a.b"], all.embargoes["a.c"]), (5, 4));
        }
    }
}
