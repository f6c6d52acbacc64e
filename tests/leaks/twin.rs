//! Twins: a world changed here and there. What a change does to the sight of a caller is not this module's affair: `sight` decides
//! whether two worlds must answer alike.

use std::sync::Arc;

use guichet::access::Access;

use crate::change;
use crate::generate::{self, REASONS};
use crate::maker::Maker;
use crate::rng::Rng;
use crate::sight::Sight;
use crate::who::Who;
use crate::world::{Layer, World};

/// What can change in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    LayerAdded,
    LayerRemoved,
    LayerRenamed,
    LayerTitle,
    LayerMoved,
    LayerHiddenOtherwise,
    RowsAdded,
    RowsAddedByThousands,
    RowsRemoved,
    RowsReordered,
    RowMovedFar,
    RowMovedAHair,
    VertexMoved,
    VertexAdded,
    RowShapeLost,
    ValueChanged,
    ValueLost,
    IdChanged,
    FieldAdded,
    FieldRenamed,
    FieldTitle,
    OrganisationAdded,
    OrganisationTitle,
    OrganisationOrder,
    PolicyMember,
    PolicyKey,
    PolicyGrant,
    PolicyProfile,
    PolicySuspension,
    PolicyEpoch,
    PolicyHost,
    LayerListed,
}

use Change as C;

pub const ALL: [Change; 32] = [
    C::LayerAdded,
    C::LayerRemoved,
    C::LayerRenamed,
    C::LayerTitle,
    C::LayerMoved,
    C::LayerHiddenOtherwise,
    C::RowsAdded,
    C::RowsAddedByThousands,
    C::RowsRemoved,
    C::RowsReordered,
    C::RowMovedFar,
    C::RowMovedAHair,
    C::VertexMoved,
    C::VertexAdded,
    C::RowShapeLost,
    C::ValueChanged,
    C::ValueLost,
    C::IdChanged,
    C::FieldAdded,
    C::FieldRenamed,
    C::FieldTitle,
    C::OrganisationAdded,
    C::OrganisationTitle,
    C::OrganisationOrder,
    C::PolicyMember,
    C::PolicyKey,
    C::PolicyGrant,
    C::PolicyProfile,
    C::PolicySuspension,
    C::PolicyEpoch,
    C::PolicyHost,
    C::LayerListed,
];

/// Changes within a layer that may be seen in part, which chance alone would make too seldom.
const INSIDE: [Change; 8] = [
    C::RowsAdded,
    C::RowsRemoved,
    C::RowMovedFar,
    C::RowMovedAHair,
    C::VertexMoved,
    C::VertexAdded,
    C::ValueChanged,
    C::IdChanged,
];

/// A changed world, and what was changed, in order: number of the change and the layer that it was made to.
#[derive(Debug, Clone)]
pub struct Twin {
    pub world: World,
    pub steps: Vec<Step>,
}

/// One change, which can be made again.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub change: Change,
    /// The layer that is changed, where one is.
    pub layer: String,
    /// Of the random numbers of the change.
    pub seed: u64,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} (seed {})", self.change, self.layer, self.seed)
    }
}

impl Step {
    /// Changes the world; `false` if it has nothing to change in that way.
    pub fn take(&self, world: &mut World) -> bool {
        let mut maker = Maker::new(self.seed, "step");
        match self.change {
            C::LayerAdded => {
                let owner = maker.rng.pick(&world.organisations).id.clone();
                let reason = (!maker.rng.one_in(3)).then(|| *maker.rng.pick(&REASONS));
                generate::add_layer(&mut maker, world, &owner, reason);
                true
            }
            C::OrganisationAdded => {
                let id = generate::add_organisation(&mut maker, world);
                let reason = (!maker.rng.one_in(3)).then_some(REASONS[0]);
                generate::add_layer(&mut maker, world, &id, reason);
                generate::add_member(&mut maker, world, &id);
                true
            }
            C::OrganisationTitle => {
                let place = maker.rng.below(world.organisations.len());
                world.organisations[place].title = maker.text();
                true
            }
            C::OrganisationOrder => {
                maker.rng.shuffle(&mut world.organisations);
                true
            }
            C::PolicyMember
            | C::PolicyKey
            | C::PolicyGrant
            | C::PolicyProfile
            | C::PolicySuspension
            | C::PolicyEpoch
            | C::PolicyHost => change::policy(self.change, &mut maker, world),
            _ => change::layer(self, &mut maker, world),
        }
    }
}

/// A twin of which `who` sees as much as of the world; some of the steps are of that kind, if one can be.
pub fn alike(world: &World, who: &Who, sight: &Sight, seed: u64) -> Twin {
    let mut rng = Rng::new(seed, "twin");
    let mut twin = Twin {
        world: world.clone(),
        steps: Vec::new(),
    };
    let wanted = 4 + rng.below(16);
    for _ in 0..wanted * 6 {
        let step = Step {
            layer: target(&mut rng, &twin.world, sight),
            change: if rng.one_in(2) {
                *rng.pick(&INSIDE[..])
            } else {
                *rng.pick(&ALL[..])
            },
            seed: rng.next(),
        };
        // Thousands of rows cost more time than they are worth each time.
        if step.change == C::RowsAddedByThousands && !rng.one_in(8) {
            continue;
        }
        let mut changed = twin.world.clone();
        if step.take(&mut changed) && Sight::of(&changed, who).as_ref() == Ok(sight) {
            twin.world = changed;
            twin.steps.push(step);
        }
        if twin.steps.len() == wanted {
            break;
        }
    }
    twin
}

/// A layer to change: one that is seen in part, or not at all, mostly.
fn target(rng: &mut Rng, world: &World, sight: &Sight) -> String {
    let seen = |l: &Arc<Layer>| sight.layers.get(&l.id).is_some_and(|s| !s.is_locked());
    let (mut whole, mut part, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
    for layer in &world.layers {
        match (seen(layer), layer.access) {
            (true, Access::Open) => whole.push(layer),
            (true, Access::Restricted) => part.push(layer),
            (false, _) => unseen.push(layer),
        }
    }
    let order = match rng.below(10) {
        0 => [whole, part, unseen],
        1..6 => [part, unseen, whole],
        _ => [unseen, part, whole],
    };
    let first = order.into_iter().find(|layers| !layers.is_empty());
    let layers = first.expect("a world has layers");
    rng.pick(&layers).id.clone()
}

/// A world with some changes of which nothing is known.
pub fn unlike(world: &World, seed: u64) -> World {
    let mut rng = Rng::new(seed, "past");
    let mut changed = world.clone();
    for _ in 0..3 + rng.below(6) {
        let layer = rng.pick(&changed.layers).id.clone();
        let change = match rng.below(3) {
            0 => *rng.pick(&[
                C::RowsRemoved,
                C::RowMovedFar,
                C::ValueChanged,
                C::RowsAdded,
            ]),
            _ => *rng.pick(&ALL[..]),
        };
        if change == C::RowsAddedByThousands {
            continue;
        }
        Step {
            change,
            layer,
            seed: rng.next(),
        }
        .take(&mut changed);
    }
    // What is closed now may have been open.
    if rng.one_in(2) {
        changed.policy.layer_states.clear();
        changed.policy.embargoes.clear();
        changed.policy.suspensions.clear();
    }
    changed
}
