//! A policy made ready: what requests look up is worked out once, and what cannot hold is listed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Deref;

use super::Access;
use super::draft::owner_of;
use super::inert::{self, Inert};
use super::policy::{LayerState, PolicyParts, Subject, Target};
use super::standing::Standings;

/// Everything that decides who sees what, at one moment. Immutable: a change makes another one. Its [parts](PolicyParts) can be read.
///
/// Parts that name what does not exist are *inert*: they give nobody anything, stop nothing else, and are [listed](Policy::inert).
#[derive(Debug, Clone, Default)]
pub struct Policy {
    parts: PolicyParts,
    index: Index,
}

/// What is looked up.
#[derive(Debug, Clone, Default)]
struct Index {
    /// Subjects of grants, by number.
    subjects: HashMap<Subject, u32>,
    /// Collections that grants name, by number.
    collections: HashMap<String, u32>,
    /// Collection, subject and place of the grant, ascending: 12 bytes each, for there may be 100,000.
    grants: Vec<[u32; 3]>,
    /// Each organisation and those that host it, nearest first. Whatever is in a circle is hosted by nobody.
    lineages: HashMap<String, Vec<String>>,
    standings: Standings,
    suspended: HashSet<Target>,
    /// Instants at which something begins or ends, ascending.
    boundaries: Vec<i64>,
    inert: Vec<Inert>,
}

impl Deref for Policy {
    type Target = PolicyParts;

    fn deref(&self) -> &PolicyParts {
        &self.parts
    }
}

impl Policy {
    /// What follows from those parts.
    pub fn new(parts: PolicyParts) -> Self {
        let lineages = lineages(&parts);
        let suspended = parts.suspended();
        let (subjects, collections, grants) = places_of_grants(&parts);
        let standings = Standings::of(&parts, &suspended, |s| subjects.contains_key(s));
        let index = Index {
            boundaries: boundaries(&parts),
            inert: inert::of(&parts, &lineages, &standings),
            subjects,
            collections,
            grants,
            lineages,
            standings,
            suspended,
        };
        Self { parts, index }
    }

    /// Parts that give nobody anything because something in them is wrong, whatever the layer.
    pub fn inert(&self) -> &[Inert] {
        &self.index.inert
    }

    /// The next instant after `as_of_us` at which somebody may see more or less, in microseconds since 1970.
    pub fn next_boundary_us(&self, as_of_us: i64) -> Option<i64> {
        let boundaries = &self.index.boundaries;
        let next = boundaries.partition_point(|b| *b <= as_of_us);
        boundaries.get(next).copied()
    }

    /// An organisation and those that host it, nearest first; nothing if it does not exist.
    pub fn lineage(&self, organisation: &str) -> &[String] {
        self.index
            .lineages
            .get(organisation)
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a layer can be open to everybody at any time: neither draft, withdrawn, suspended nor under an embargo.
    pub fn is_open(&self, access: Access, collection: &str) -> bool {
        let suspended = |target| self.is_suspended(&target);
        access == Access::Open
            && self
                .layer_states
                .get(collection)
                .copied()
                .unwrap_or_default()
                == LayerState::Published
            && !self.embargoes.contains_key(collection)
            && !suspended(Target::Layer(collection.to_owned()))
            && !owner_of(collection).is_some_and(|o| suspended(Target::Organisation(o.to_owned())))
    }

    /// True if that is suspended, or is a key in the place of one that is.
    pub fn is_suspended(&self, target: &Target) -> bool {
        self.index.suspended.contains(target)
    }

    pub(super) fn standings(&self) -> &Standings {
        &self.index.standings
    }

    /// True if some grant is for that subject.
    pub(super) fn is_subject(&self, subject: &Subject) -> bool {
        self.index.subjects.contains_key(subject)
    }

    /// Places of the grants to a subject that name a collection, ascending.
    pub(super) fn grants_to(
        &self,
        subject: &Subject,
        collection: &str,
    ) -> impl Iterator<Item = usize> + '_ {
        let index = &self.index;
        let numbers = index
            .collections
            .get(collection)
            .zip(index.subjects.get(subject));
        let found = numbers.map_or(&[] as &[_], |(c, s)| {
            let start = index.grants.partition_point(|g| [g[0], g[1]] < [*c, *s]);
            let end = index.grants.partition_point(|g| [g[0], g[1]] <= [*c, *s]);
            &index.grants[start..end]
        });
        found.iter().map(|g| g[2] as usize)
    }

    /// Places of all grants that name a collection.
    pub(super) fn grants_on(&self, collection: &str) -> BTreeSet<usize> {
        let index = &self.index;
        let Some(c) = index.collections.get(collection) else {
            return BTreeSet::new();
        };
        let start = index.grants.partition_point(|g| g[0] < *c);
        let end = index.grants.partition_point(|g| g[0] <= *c);
        index.grants[start..end]
            .iter()
            .map(|g| g[2] as usize)
            .collect()
    }
}

type PlacesOfGrants = (HashMap<Subject, u32>, HashMap<String, u32>, Vec<[u32; 3]>);

fn places_of_grants(parts: &PolicyParts) -> PlacesOfGrants {
    let mut subjects = HashMap::new();
    let mut collections = HashMap::new();
    let mut grants = Vec::with_capacity(parts.grants.len());
    for (place, grant) in parts.grants.iter().enumerate() {
        let next = subjects.len() as u32;
        let subject = match subjects.get(&grant.subject) {
            Some(known) => *known,
            None => *subjects.entry(grant.subject.clone()).or_insert(next),
        };
        for layer in &grant.layers {
            let next = collections.len() as u32;
            let collection = match collections.get(layer) {
                Some(known) => *known,
                None => *collections.entry(layer.clone()).or_insert(next),
            };
            grants.push([collection, subject, place as u32]);
        }
    }
    grants.sort_unstable();
    (subjects, collections, grants)
}

fn lineages(parts: &PolicyParts) -> HashMap<String, Vec<String>> {
    let of = |id: &String| {
        let mut lineage = vec![id.clone()];
        let mut last = parts.organisations.get(id);
        while let Some(parent) = last.and_then(|o| o.parent.as_ref()) {
            if !parts.organisations.contains_key(parent) {
                break;
            }
            if lineage.contains(parent) {
                return vec![id.clone()];
            }
            lineage.push(parent.clone());
            last = parts.organisations.get(parent);
        }
        lineage
    };
    parts
        .organisations
        .keys()
        .map(|id| (id.clone(), of(id)))
        .collect()
}

fn boundaries(parts: &PolicyParts) -> Vec<i64> {
    let grants = parts.grants.iter().flat_map(|g| [g.from_us, g.until_us]);
    let keys = parts.keys.values().flat_map(|k| [k.from_us, k.until_us]);
    let members = parts.members.values().map(|m| m.until_us);
    let embargoes = parts.embargoes.values().map(|at| Some(*at));
    let mut all: Vec<i64> = grants
        .chain(keys)
        .chain(members)
        .chain(embargoes)
        .flatten()
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}
