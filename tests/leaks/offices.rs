//! What somebody administrates, by the rules as they are written down: the entries of their organisations, and of those that these host.

use std::collections::BTreeSet;

use guichet::access::{Grant, Key, Role, Scopes, Target};

use crate::rights::{Standing, lineage};
use crate::who::Who;
use crate::world::World;

/// All of it, as a text.
pub fn desk(world: &World, who: &Who, standing: &Standing) -> String {
    let (Some(own), Some(role)) = (&standing.organisation, standing.role) else {
        return String::new();
    };
    if standing.scopes != Scopes::default() {
        return String::new();
    }
    let policy = &world.policy;
    let member = who
        .key()
        .and_then(|id| policy.keys.get(&id)?.member.clone());
    let publishes = role >= Role::Publisher;
    let ids = policy.organisations.keys();
    let organisations: BTreeSet<&String> = ids
        .filter(|id| publishes && lineage(world, id).contains(&own.as_str()))
        .collect();
    let is_own_layer = |id: &String| {
        let owner = id.split_once('.').map(|(owner, _)| owner.to_owned());
        owner.is_some_and(|o| organisations.contains(&o))
    };
    let is_own_key = |key: &Key| {
        let by_member = key.member.is_some() && key.member == member && key.organisation == *own;
        organisations.contains(&key.organisation) || by_member
    };
    let of = |organisation: &Option<String>| {
        let organisation = organisation.as_ref();
        organisation.is_some_and(|o| organisations.contains(o))
    };
    let grant = |grant: &Grant| {
        let layers: BTreeSet<String> = grant
            .layers
            .iter()
            .filter(|l| is_own_layer(l))
            .cloned()
            .collect();
        (!layers.is_empty()).then(|| Grant {
            layers,
            ..grant.clone()
        })
    };
    let target = |target: &Target| match target {
        Target::Layer(id) => is_own_layer(id),
        Target::Organisation(id) => organisations.contains(id),
        Target::Member(id) => {
            let member = policy.members.get(id);
            member.is_some_and(|m| organisations.contains(&m.organisation))
        }
        Target::Key(id) => policy.keys.get(id).is_some_and(is_own_key),
    };
    let layers = world
        .layers
        .iter()
        .map(|l| &l.id)
        .filter(|id| is_own_layer(id));
    let mut layers: Vec<_> = layers
        .map(|id| (id, policy.layer_states.get(id), policy.embargoes.get(id)))
        .collect();
    layers.sort_by_key(|(id, ..)| *id);
    let members = policy.members.values();
    let mut grants: Vec<_> = policy.grants.iter().filter_map(grant).collect();
    grants.sort_by(|a, b| a.id.cmp(&b.id));
    format!(
        "{:?} {:?} {:?} {:?} {:?} {grants:?} {:?} {layers:?}",
        organisations
            .iter()
            .map(|id| &policy.organisations[*id])
            .collect::<Vec<_>>(),
        members
            .filter(|m| organisations.contains(&m.organisation))
            .collect::<Vec<_>>(),
        policy
            .keys
            .values()
            .filter(|k| is_own_key(k))
            .collect::<Vec<_>>(),
        policy
            .profiles
            .values()
            .filter(|p| of(&p.organisation))
            .collect::<Vec<_>>(),
        policy
            .terms
            .values()
            .filter(|t| of(&t.organisation))
            .collect::<Vec<_>>(),
        policy
            .suspensions
            .iter()
            .filter(|s| target(&s.target))
            .collect::<Vec<_>>(),
    )
}
