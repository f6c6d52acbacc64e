//! What concerns several tables: organisations above one another, keys and their members, numbers that must be one's own.

use std::collections::HashMap;
use std::hash::Hash;

use super::fault::{Fault, Place};
use super::load::Loader;

/// Faults between tables. References to nothing are found before.
pub(super) fn faults(loader: &Loader) -> Vec<Fault> {
    let mut faults = circles(loader);
    faults.extend(strangers(loader));
    let numbered = loader.organisations.iter();
    let sirets = numbered.filter_map(|o| Some((o.siret.as_deref()?, &o.place)));
    faults.extend(twice(sirets, "the siret", ToString::to_string));
    let texts = loader.keys.iter().map(|k| (k.sha256, &k.place));
    faults.extend(twice(texts, "the key with the sha256", |hash| {
        blake3::Hash::from_bytes(*hash).to_hex().to_string()
    }));
    faults
}

/// Organisations that are above themselves.
fn circles(loader: &Loader) -> Vec<Fault> {
    let parents: HashMap<&str, &str> = loader
        .organisations
        .iter()
        .filter_map(|o| Some((o.id.as_str(), o.parent.as_deref()?)))
        .collect();
    let in_circle = |id: &str| {
        let mut above = parents.get(id);
        // More steps than there are organisations go round.
        for _ in 0..parents.len() {
            match above {
                Some(parent) if *parent == id => return true,
                Some(parent) => above = parents.get(parent),
                None => return false,
            }
        }
        false
    };
    let found = loader.organisations.iter().filter(|o| {
        // An organisation that is its own parent was told at its key.
        o.parent.as_deref() != Some(&o.id) && in_circle(&o.id)
    });
    let fault = |o: &super::Organisation| Fault {
        place: o.place.clone(),
        message: format!(
            "the organisation {:?} is above itself, by way of its \"parent\"",
            o.id
        ),
    };
    found.map(fault).collect()
}

/// Keys of members of another organisation.
fn strangers(loader: &Loader) -> Vec<Fault> {
    let organisation_of: HashMap<&str, &str> = loader
        .members
        .iter()
        .map(|m| (m.id.as_str(), m.organisation.as_str()))
        .collect();
    let stranger = |key: &&super::Key| {
        let member = key.member.as_deref().and_then(|m| organisation_of.get(m));
        member.is_some_and(|organisation| *organisation != key.organisation)
    };
    let fault = |key: &super::Key| Fault {
        place: key.place.clone(),
        message: format!(
            "the member of the key {:08x} belongs to another organisation than the key",
            key.id
        ),
    };
    loader.keys.iter().filter(stranger).map(fault).collect()
}

/// What stands twice and may stand once.
fn twice<'a, T: Eq + Hash>(
    values: impl Iterator<Item = (T, &'a Place)>,
    what: &str,
    shown: impl Fn(&T) -> String,
) -> Vec<Fault> {
    let mut first: HashMap<T, &Place> = HashMap::new();
    let mut faults = Vec::new();
    for (value, place) in values {
        if let Some(first) = first.get(&value) {
            faults.push(Fault {
                place: place.clone(),
                message: format!("{what} {} is already that of {first}", shown(&value)),
            });
        } else {
            first.insert(value, place);
        }
    }
    faults
}
