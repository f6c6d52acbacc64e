//! The world of a seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet::access::{
    self, Access, Key, KeyId, KeyKind, KeyText, LayerState, Member, PolicyParts, Role, Subject,
    Suspension, Target, Terms,
};

use crate::areas::Rectangle;
use crate::maker::Maker;
use crate::profiles;
use crate::shapes::{KINDS, Kind, TERRITORY};
use crate::world::{Layer, Publisher, World};

/// Noon of a day in 2026: the clock of all worlds, in microseconds since 1970.
pub const NOW_US: i64 = 1_780_000_000_000_000;
const HOUR_US: i64 = 3_600_000_000;
/// Of the grants of a world.
const SHARED: usize = 3;

/// The world of a seed.
pub fn world(seed: u64) -> World {
    let mut maker = Maker::new(seed, "world");
    let mut world = World {
        title: format!("Plateforme {}", maker.token()),
        organisations: Vec::new(),
        layers: Vec::new(),
        policy: PolicyParts {
            epoch: 1 + maker.rng.below(100) as u64,
            unconfirmed: maker.rng.one_in(12),
            ..PolicyParts::default()
        },
        tests: BTreeMap::new(),
        areas: BTreeMap::new(),
        secrets: BTreeMap::new(),
    };
    // Two that publish, one that hosts the first, one that shows nothing to anybody, and a partner.
    let [first, second, host, silent, partner] =
        [(); 5].map(|()| add_organisation(&mut maker, &mut world));
    let organisations = &mut world.policy.organisations;
    organisations.get_mut(&first).expect("made above").parent = Some(host.clone());
    open_layers(&mut maker, &mut world, [&first, &second]);
    for reason in REASONS {
        let owner = *maker.rng.pick(&[&first, &second, &silent]);
        add_layer(&mut maker, &mut world, owner, Some(reason));
    }
    heat(&mut maker);
    people(&mut maker, &mut world, [&first, &host, &silent, &partner]);
    for kind in [Kind::Points, Kind::Lines, Kind::Polygons] {
        let owner = *maker.rng.pick(&[&first, &second]);
        let rows = 10 + maker.rng.below(40);
        let layer = maker.layer(kind, Some(owner), Access::Restricted, rows);
        world.layers.push(Arc::new(layer.clone()));
        for _ in 0..SHARED {
            let subject = subject(&mut maker, &world, &partner);
            profiles::grant(&mut maker, &mut world, &layer, subject);
        }
    }
    for organisation in [&partner, &first] {
        let area = profiles::area(&mut maker, &mut world);
        let organisation = world.policy.organisations.get_mut(organisation);
        organisation.expect("made above").jurisdiction = Some(area);
        // The borders of areas are where things happen.
        let corners = world.areas.values().flat_map(|Rectangle([w, s, e, n])| {
            let (x, y) = (f64::midpoint(*w, *e), f64::midpoint(*s, *n));
            [[*w, y], [*e, y], [x, *s], [x, *n]]
        });
        maker.hot.extend(corners);
    }
    if maker.rng.one_in(2) {
        world.policy.acceptances.insert((
            partner.clone(),
            Terms {
                id: "licence".to_owned(),
                version: 1,
            },
        ));
    }
    narrow(&mut maker, &mut world);
    profiles::settle(&mut maker, &mut world);
    world
}

/// A layer of each kind, open to all.
fn open_layers(maker: &mut Maker, world: &mut World, owners: [&String; 2]) {
    for kind in KINDS {
        let owner = owners.get(maker.rng.below(3)).map(|o| o.as_str());
        let rows = 2 + maker.rng.below(40);
        let open = maker.layer(kind, owner, Access::Open, rows);
        world.layers.push(Arc::new(open));
    }
}

/// Some places where rows crowd.
fn heat(maker: &mut Maker) {
    let ([west, south], [width, height]) = TERRITORY;
    for _ in 0..3 {
        let at = [
            west + width * maker.rng.unit(),
            south + height * maker.rng.unit(),
        ];
        maker.hot.push(at);
    }
}

/// Keys of the partner, of people of those who publish, of somebody who has nothing to do with anything, and one that is refused.
fn people(maker: &mut Maker, world: &mut World, [first, host, silent, partner]: [&String; 4]) {
    add_key(maker, world, partner, None);
    add_key(maker, world, partner, None);
    let member = add_member(maker, world, first);
    add_key(maker, world, first, Some(member));
    let member = add_member(maker, world, host);
    add_key(maker, world, host, Some(member));
    add_key(maker, world, silent, None);
    let refused = add_key(maker, world, partner, None);
    let key = world.policy.keys.get_mut(&refused).expect("made above");
    match maker.rng.below(3) {
        0 => key.revoked = true,
        1 => key.until_us = Some(NOW_US),
        _ => world.policy.suspensions.push(Suspension {
            target: Target::Key(refused),
            reason: maker.text(),
            by: None,
        }),
    }
}

/// Narrows one key of the partner.
fn narrow(maker: &mut Maker, world: &mut World) {
    let Some(id) = world
        .policy
        .keys
        .keys()
        .nth(maker.rng.below(world.policy.keys.len()))
        .copied()
    else {
        return;
    };
    let scopes = profiles::scopes(maker, world);
    world.policy.keys.get_mut(&id).expect("one of them").scopes = scopes;
}

/// Somebody to grant something to.
pub fn subject(maker: &mut Maker, world: &World, partner: &str) -> Subject {
    let groups: Vec<_> = world
        .policy
        .members
        .values()
        .flat_map(|m| m.groups.iter().cloned())
        .collect();
    let keys: Vec<_> = world.policy.keys.keys().copied().collect();
    match maker.rng.below(6) {
        0 => Subject::Public,
        1 => Subject::Authenticated,
        2 if !groups.is_empty() => Subject::Group(maker.rng.pick(&groups).clone()),
        3 if !keys.is_empty() => Subject::Key(*maker.rng.pick(&keys)),
        _ => Subject::Organisation(partner.to_owned()),
    }
}

/// Why nobody but its own people sees a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    Restricted,
    Draft,
    Withdrawn,
    Suspended,
    Embargo,
}

pub const REASONS: [Reason; 5] = [
    Reason::Restricted,
    Reason::Draft,
    Reason::Withdrawn,
    Reason::Suspended,
    Reason::Embargo,
];

pub fn add_organisation(maker: &mut Maker, world: &mut World) -> String {
    let id = format!("o-{}", maker.token());
    let title = maker.text();
    world.organisations.push(Publisher {
        id: id.clone(),
        title: title.clone(),
    });
    let organisation = access::Organisation {
        id: id.clone(),
        title,
        parent: None,
        jurisdiction: None,
        siret: None,
    };
    world.policy.organisations.insert(id.clone(), organisation);
    id
}

/// Adds a layer: open, or hidden for that reason.
pub fn add_layer(maker: &mut Maker, world: &mut World, owner: &str, reason: Option<Reason>) {
    let kind = *maker.rng.pick(&KINDS);
    let rows = match maker.rng.below(12) {
        0 => 300,
        n => n,
    };
    let layer = maker.layer(kind, Some(owner), Access::Open, rows);
    let id = layer.id.clone();
    let place = maker.rng.below(world.layers.len() + 1);
    world.layers.insert(place, Arc::new(layer));
    if let Some(reason) = reason {
        hide(maker, world, &id, reason);
    }
}

/// Hides a layer for that reason and no other.
pub fn hide(maker: &mut Maker, world: &mut World, id: &str, reason: Reason) {
    let policy = &mut world.policy;
    policy.layer_states.remove(id);
    policy.embargoes.remove(id);
    policy
        .suspensions
        .retain(|s| s.target != Target::Layer(id.to_owned()));
    match reason {
        Reason::Restricted => {}
        Reason::Draft => drop(policy.layer_states.insert(id.to_owned(), LayerState::Draft)),
        Reason::Withdrawn => drop(
            policy
                .layer_states
                .insert(id.to_owned(), LayerState::Withdrawn),
        ),
        Reason::Embargo => {
            let until = NOW_US + maker.rng.between(1, 1000) * HOUR_US;
            policy.embargoes.insert(id.to_owned(), until);
        }
        Reason::Suspended => {
            policy.suspensions.push(Suspension {
                target: Target::Layer(id.to_owned()),
                reason: maker.text(),
                by: None,
            });
        }
    }
    let restricted = reason == Reason::Restricted;
    let layer = world.layer(id).expect("the layer to hide");
    if restricted != (layer.access == Access::Restricted) {
        let access = if restricted {
            Access::Restricted
        } else {
            Access::Open
        };
        let layer = Layer {
            access,
            ..(**layer).clone()
        };
        world.replace(id, layer);
    }
}

pub fn add_member(maker: &mut Maker, world: &mut World, organisation: &str) -> String {
    let id = format!("m-{}", maker.token());
    let member = Member {
        id: id.clone(),
        organisation: organisation.to_owned(),
        role: *maker
            .rng
            .pick(&[Role::Reader, Role::Editor, Role::Publisher, Role::Admin]),
        groups: std::iter::once(format!("g-{}", maker.token())).collect(),
        identity: None,
        until_us: None,
    };
    world.policy.members.insert(id.clone(), member);
    id
}

pub fn add_key(
    maker: &mut Maker,
    world: &mut World,
    organisation: &str,
    member: Option<String>,
) -> KeyId {
    let text = KeyText::generate(|bytes| bytes.fill_with(|| maker.rng.next() as u8));
    let key = Key {
        member,
        label: maker.text(),
        kind: *maker
            .rng
            .pick(&[KeyKind::Secret, KeyKind::Secret, KeyKind::Browser]),
        ..Key::new(text.id(), text.sha256(), organisation)
    };
    world.policy.keys.insert(text.id(), key);
    world.secrets.insert(text.id(), text.reveal().to_owned());
    text.id()
}
