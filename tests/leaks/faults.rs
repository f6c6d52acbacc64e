//! Profiles that cannot hold, and the areas that they mean.

use std::collections::BTreeSet;

use guichet::access::{Access, AreaSource, Attributes, Profile, ProfileArea};

use crate::areas::Rectangle;
use crate::rights::Standing;
use crate::world::{Layer, World};

/// True of a profile that names what is not there, or contradicts itself: it opens nothing. That of a credential may name what is not there.
pub fn is_faulty(
    world: &World,
    standing: &Standing,
    layer: &Layer,
    profile: &Profile,
    of_scopes: bool,
) -> bool {
    let opens = |name: &String| {
        if of_scopes {
            return true;
        }
        let field = layer.fields.iter().find(|f| f.name == *name);
        field.is_some_and(|f| f.declared || layer.access == Access::Open)
    };
    let named = match &profile.attributes {
        Attributes::All => true,
        Attributes::Only(names) => names.iter().all(opens),
    };
    let cells = profile.precision.as_ref().is_none_or(|p| {
        let closed = profile.attributes == Attributes::Only(BTreeSet::new());
        p.grid_m > 0
            && p.min_count > 0
            && closed
            && profile.derived.is_empty()
            && p.aggregates.keys().all(opens)
    });
    let area = profile
        .area
        .as_ref()
        .is_none_or(|(which, _)| area(world, standing, which).is_some());
    let rows = world
        .tests
        .get(&profile.rows)
        .is_some_and(|t| !t.is_faulty(layer));
    !(named
        && cells
        && area
        && rows
        && profile.derived.keys().all(opens)
        && profile.zooms.min <= profile.zooms.max)
}

/// The rectangle that is meant, if one is.
pub fn area(world: &World, standing: &Standing, which: &ProfileArea) -> Option<Rectangle> {
    let source = match which {
        ProfileArea::Given(source) => source,
        ProfileArea::Jurisdiction => {
            let organisation = standing.organisation.as_ref()?;
            world
                .policy
                .organisations
                .get(organisation)?
                .jurisdiction
                .as_ref()?
        }
    };
    match source {
        AreaSource::Wkt(text) => world.areas.get(text).copied(),
        AreaSource::Layer { .. } => None,
    }
}
