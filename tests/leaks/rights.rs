//! Who may see which layers, and in which ways: the rules of grants as they are written down, followed plainly.

use std::collections::BTreeSet;

use guichet::access::{
    Access, Action, AreaMode, Attributes, Discovery, Grant, KeyId, KeyKind, LayerState, Profile,
    Role, Scopes, Subject, Target, Zooms,
};

use crate::faults::is_faulty;
use crate::generate::NOW_US;
use crate::world::{Layer, World};

/// What a credential makes of whoever shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    pub subjects: BTreeSet<Subject>,
    pub organisation: Option<String>,
    pub role: Option<Role>,
    pub scopes: Scopes,
}

/// The credential opens nothing and is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refused;

/// One way in which a layer is seen: all of it, or as profiles say, all of which must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Way<'a> {
    pub profiles: Vec<&'a Profile>,
    pub actions: BTreeSet<Action>,
    pub zooms: Zooms,
}

pub const READ: [Action; 4] = [
    Action::Discover,
    Action::Tiles,
    Action::Items,
    Action::Export,
];

/// The standing of a key; `None` is whoever has none.
pub fn standing(world: &World, key: Option<KeyId>) -> Result<Standing, Refused> {
    let Some(id) = key else {
        return Ok(Standing {
            subjects: [Subject::Public].into(),
            ..Standing::default()
        });
    };
    let policy = &world.policy;
    let key = policy.keys.get(&id).ok_or(Refused)?;
    let member = match &key.member {
        None => None,
        Some(id) => Some(
            policy
                .members
                .get(id)
                .filter(|m| m.organisation == key.organisation)
                .ok_or(Refused)?,
        ),
    };
    let ended = |until: Option<i64>| until.is_some_and(|until| until <= NOW_US);
    let mut targets = vec![
        Target::Key(id),
        Target::Organisation(key.organisation.clone()),
    ];
    targets.extend(key.member.clone().map(Target::Member));
    let refused = key.revoked
        || !policy.organisations.contains_key(&key.organisation)
        || key.from_us.is_some_and(|from| from > NOW_US)
        || ended(key.until_us)
        || member.is_some_and(|m| ended(m.until_us))
        || targets.iter().any(|t| is_suspended(world, t));
    if refused {
        return Err(Refused);
    }
    // What stands in a web page stands for no person.
    let member = member.filter(|_| key.kind == KeyKind::Secret);
    let own = [
        Subject::Public,
        Subject::Authenticated,
        Subject::Key(id),
        Subject::Organisation(key.organisation.clone()),
    ];
    let groups = member
        .into_iter()
        .flat_map(|m| m.groups.iter().cloned().map(Subject::Group));
    Ok(Standing {
        subjects: own.into_iter().chain(groups).collect(),
        organisation: Some(key.organisation.clone()),
        role: member.map(|m| m.role),
        scopes: key.scopes.clone(),
    })
}

fn is_suspended(world: &World, target: &Target) -> bool {
    world.policy.suspensions.iter().any(|s| s.target == *target)
}

/// An organisation and those that host it; one in a circle is hosted by nobody.
pub fn lineage<'a>(world: &'a World, organisation: &'a str) -> Vec<&'a str> {
    let (mut all, mut last) = (vec![organisation], organisation);
    let parent = |id: &str| {
        world
            .policy
            .organisations
            .get(id)
            .and_then(|o| o.parent.as_deref())
    };
    while let Some(next) = parent(last).filter(|p| world.policy.organisations.contains_key(*p)) {
        if all.contains(&next) {
            return vec![organisation];
        }
        all.push(next);
        last = next;
    }
    all
}

/// The ways in which a layer is seen; none if it is not there.
pub fn ways<'a>(world: &'a World, standing: &Standing, layer: &'a Layer) -> Vec<Way<'a>> {
    if is_closed(world, layer) {
        return Vec::new();
    }
    let owners = layer
        .organisation
        .as_deref()
        .map_or_else(Vec::new, |o| lineage(world, o));
    let out = is_out(world, layer);
    let own = standing
        .organisation
        .as_deref()
        .is_some_and(|o| owners.contains(&o));
    let least = if out { Role::Reader } else { Role::Editor };
    let mut ways = Vec::new();
    if standing.role.is_some_and(|r| own && r >= least) || layer.access == Access::Open && out {
        ways.push(Way {
            profiles: Vec::new(),
            actions: READ.into(),
            zooms: Zooms::ALL,
        });
    }
    if out {
        let granted = |grant| granted(world, standing, layer, &owners, grant);
        ways.extend(world.policy.grants.iter().filter_map(granted));
    }
    ways.into_iter()
        .filter_map(|way| narrowed(world, standing, layer, way))
        .collect()
}

fn is_closed(world: &World, layer: &Layer) -> bool {
    // Nobody knows what was revoked meanwhile.
    let in_doubt = world.policy.unconfirmed
        && !(layer.access == Access::Open && is_simply_published(world, layer));
    let owner = layer.organisation.clone().map(Target::Organisation);
    let state = world.policy.layer_states.get(&layer.id);
    in_doubt
        || is_suspended(world, &Target::Layer(layer.id.clone()))
        || owner.is_some_and(|o| is_suspended(world, &o))
        || state == Some(&LayerState::Withdrawn)
}

/// True if it never was and never will be a draft, nor under an embargo.
fn is_simply_published(world: &World, layer: &Layer) -> bool {
    let state = world
        .policy
        .layer_states
        .get(&layer.id)
        .copied()
        .unwrap_or_default();
    state == LayerState::Published && !world.policy.embargoes.contains_key(&layer.id)
}

/// True if it is published, and no embargo holds.
fn is_out(world: &World, layer: &Layer) -> bool {
    let policy = &world.policy;
    policy.layer_states.get(&layer.id) != Some(&LayerState::Draft)
        && policy
            .embargoes
            .get(&layer.id)
            .is_none_or(|until| *until <= NOW_US)
}

/// True if whoever sees nothing of a layer may know of it.
pub fn is_listed(world: &World, standing: &Standing, layer: &Layer) -> bool {
    layer.access == Access::Restricted
        && layer.discovery == Discovery::Listed
        && !is_closed(world, layer)
        && is_out(world, layer)
        && standing
            .scopes
            .layers
            .as_ref()
            .is_none_or(|l| l.contains(&layer.id))
        && standing
            .scopes
            .actions
            .as_ref()
            .is_none_or(|a| a.contains(&Action::Discover))
}

fn is_in_force(world: &World, standing: &Standing, layer: &Layer, grant: &Grant) -> bool {
    let accepted = |terms: &guichet::access::Terms| {
        let organisation = standing.organisation.clone();
        organisation.is_some_and(|o| world.policy.acceptances.contains(&(o, terms.clone())))
    };
    grant.layers.contains(&layer.id)
        && standing.subjects.contains(&grant.subject)
        && grant.from_us.is_none_or(|from| from <= NOW_US)
        && grant.until_us.is_none_or(|until| until > NOW_US)
        && grant.terms.as_ref().is_none_or(accepted)
}

/// When the first of a caller's grants ends, action by action: it is told.
pub fn ends(world: &World, standing: &Standing, layer: &Layer) -> Vec<Option<i64>> {
    let in_force = |g: &&Grant| is_in_force(world, standing, layer, g);
    let first = |action: &Action| {
        let grants = world.policy.grants.iter().filter(in_force);
        let of_action = grants.filter(|g| g.actions.contains(action));
        of_action.filter_map(|g| g.until_us).min()
    };
    READ.iter().map(first).collect()
}

fn granted<'a>(
    world: &'a World,
    standing: &Standing,
    layer: &Layer,
    owners: &[&str],
    grant: &'a Grant,
) -> Option<Way<'a>> {
    let holds = is_in_force(world, standing, layer, grant);
    let profile = world
        .policy
        .profiles
        .get(&grant.profile)
        .filter(|_| holds)?;
    let own = profile
        .organisation
        .as_deref()
        .is_none_or(|o| owners.contains(&o));
    (own && !is_faulty(world, standing, layer, profile, false)).then(|| Way {
        profiles: vec![profile],
        actions: grant.actions.clone(),
        zooms: profile.zooms,
    })
}

/// Whether the profile of a credential asks of rows no more than is shown of them without it.
fn asks_what_is_shown(world: &World, layer: &Layer, way: &Way<'_>, profile: &Profile) -> bool {
    let Some(grant) = way.profiles.first() else {
        return true;
    };
    let test = &world.tests[&profile.rows];
    if grant.precision.is_some() {
        return test.text() == "TRUE" && profile.area.is_none() && profile.precision.is_none();
    }
    let cuts = |p: &Profile| matches!(p.area, Some((_, AreaMode::Clip)));
    let shown = |name: &String| {
        let opens = match &grant.attributes {
            Attributes::All => layer
                .fields
                .iter()
                .any(|f| f.name == *name && (f.declared || layer.access == Access::Open)),
            Attributes::Only(names) => names.contains(name),
        };
        opens && !grant.derived.contains_key(name)
    };
    (profile.area.is_none() || cuts(profile) || !cuts(grant)) && test.properties().iter().all(shown)
}

fn narrowed<'a>(
    world: &'a World,
    standing: &Standing,
    layer: &Layer,
    mut way: Way<'a>,
) -> Option<Way<'a>> {
    let scopes = &standing.scopes;
    if scopes
        .layers
        .as_ref()
        .is_some_and(|l| !l.contains(&layer.id))
    {
        return None;
    }
    if let Some(actions) = &scopes.actions {
        way.actions.retain(|a| actions.contains(a));
    }
    if let Some(id) = &scopes.profile {
        let profile = world
            .policy
            .profiles
            .get(id)
            .filter(|p| !is_faulty(world, standing, layer, p, true))
            .filter(|p| asks_what_is_shown(world, layer, &way, p))?;
        way.zooms.min = way.zooms.min.max(profile.zooms.min);
        way.zooms.max = way.zooms.max.min(profile.zooms.max);
        way.profiles.push(profile);
    }
    way.zooms.max = way.zooms.max.min(scopes.max_zoom.unwrap_or(u8::MAX));
    Some(way)
}
