//! Profiles and grants of a world: which parts of restricted layers are open to whom.

use std::collections::{BTreeMap, BTreeSet};

use guichet::access::{
    Action, Aggregate, AreaMode, AreaSource, Attributes, Derived, Grant, Precision, Profile,
    ProfileArea, Scopes, Subject, Terms, Zooms,
};
use guichet::model::DataType;

use crate::areas::Rectangle;
use crate::filters::Test;
use crate::generate::NOW_US;
use crate::look::Looker;
use crate::maker::Maker;
use crate::rights::{self, READ};
use crate::shapes::{Kind, TERRITORY, in_crs, kind_of};
use crate::who::Who;
use crate::world::{Layer, World};

/// An area somewhere in the territory, known to the world by its text.
pub fn area(maker: &mut Maker, world: &mut World) -> AreaSource {
    let ([west, south], [width, height]) = TERRITORY;
    let mut within = |from: f64, size: f64, low: f64, high: f64| {
        from + size * (low + (high - low) * maker.rng.unit())
    };
    let (w, s) = (
        within(west, width, 0.1, 0.4),
        within(south, height, 0.1, 0.4),
    );
    let (e, n) = (
        within(west, width, 0.6, 0.9),
        within(south, height, 0.6, 0.9),
    );
    let rectangle = Rectangle([w, s, e, n]);
    let text = rectangle.wkt();
    world.areas.insert(text.clone(), rectangle);
    AreaSource::Wkt(text)
}

/// A profile for a layer, in the name of an organisation.
pub fn profile(
    maker: &mut Maker,
    world: &mut World,
    layer: &Layer,
    author: Option<&str>,
) -> String {
    let test = match maker.rng.below(3) {
        0 => Test::All,
        _ => Test::random(maker, layer, 2),
    };
    let drawn = layer.rows.iter().any(|r| r.shape.is_some());
    let area = (drawn && maker.rng.one_in(2)).then(|| {
        let which = if maker.rng.one_in(3) {
            ProfileArea::Jurisdiction
        } else {
            ProfileArea::Given(area(maker, world))
        };
        (
            which,
            *maker.rng.pick(&[
                AreaMode::Clip,
                AreaMode::Clip,
                AreaMode::Intersects,
                AreaMode::Within,
            ]),
        )
    });
    let precision = (drawn && maker.rng.one_in(5)).then(|| precision(maker, layer));
    let attributes = if precision.is_some() {
        Attributes::Only(BTreeSet::new())
    } else {
        attributes(maker, layer)
    };
    let profile = Profile {
        id: format!("p-{}", maker.token()),
        organisation: author.map(str::to_owned),
        rows: test.text(),
        attributes,
        derived: derived(maker, layer),
        area,
        zooms: match maker.rng.below(8) {
            0 => Zooms { min: 0, max: 12 },
            1 => Zooms { min: 10, max: 14 },
            _ => Zooms::ALL,
        },
        precision,
        formats: maker
            .rng
            .one_in(8)
            .then(|| [(*maker.rng.pick(&["mvt", "geojson"])).to_owned()].into()),
    };
    world.tests.insert(test.text(), test);
    let id = profile.id.clone();
    world.policy.profiles.insert(id.clone(), profile);
    id
}

fn numbers(layer: &Layer) -> impl Iterator<Item = &String> {
    let is_number = |t| matches!(t, DataType::Integer | DataType::Number);
    layer
        .fields
        .iter()
        .filter(move |f| is_number(f.data_type))
        .map(|f| &f.name)
}

fn precision(maker: &mut Maker, layer: &Layer) -> Precision {
    let mut aggregates = BTreeMap::new();
    for name in numbers(layer) {
        if maker.rng.one_in(2) {
            let how = *maker.rng.pick(&[
                Aggregate::Sum,
                Aggregate::Mean,
                Aggregate::Min,
                Aggregate::Max,
            ]);
            aggregates.insert(name.clone(), how);
        }
    }
    Precision {
        grid_m: *maker.rng.pick(&[1000, 1000, 5000]),
        min_count: *maker.rng.pick(&[1, 2, 4]),
        aggregates,
    }
}

fn attributes(maker: &mut Maker, layer: &Layer) -> Attributes {
    if maker.rng.one_in(5) {
        return Attributes::All;
    }
    let some = layer
        .fields
        .iter()
        .filter(|_| !maker.rng.one_in(3))
        .map(|f| f.name.clone());
    Attributes::Only(some.collect())
}

fn derived(maker: &mut Maker, layer: &Layer) -> BTreeMap<String, Derived> {
    let some = numbers(layer).filter(|_| maker.rng.one_in(2));
    let names: Vec<_> = some.cloned().collect();
    names
        .into_iter()
        .map(|n| (n, *maker.rng.pick(&[Derived::Mask, Derived::Recompute])))
        .collect()
}

/// Grants something of a layer to a subject.
pub fn grant(maker: &mut Maker, world: &mut World, layer: &Layer, subject: Subject) {
    let author = layer.organisation.clone().filter(|_| maker.rng.one_in(2));
    let profile = profile(maker, world, layer, author.as_deref());
    let terms = Terms {
        id: "licence".to_owned(),
        version: 1 + maker.rng.below(2) as u64,
    };
    let actions: BTreeSet<_> = if maker.rng.one_in(4) {
        READ.into_iter().filter(|_| !maker.rng.one_in(3)).collect()
    } else {
        READ.into()
    };
    let hours =
        |maker: &mut Maker, low, high| NOW_US + maker.rng.between(low, high) * 3_600_000_000;
    let grant = Grant {
        id: maker.token(),
        subject,
        layers: [layer.id.clone()].into(),
        profile,
        actions,
        from_us: maker.rng.one_in(6).then(|| hours(maker, -500, 20)),
        until_us: maker.rng.one_in(6).then(|| hours(maker, -20, 500)),
        terms: maker.rng.one_in(6).then_some(terms),
    };
    world.policy.grants.push(grant);
}

/// What a key is narrowed to.
pub fn scopes(maker: &mut Maker, world: &mut World) -> Scopes {
    let all: Vec<_> = world.layers.iter().map(|l| l.id.clone()).collect();
    let layers = all.into_iter().filter(|_| !maker.rng.one_in(3)).collect();
    let of = maker.rng.pick(&world.layers).clone();
    let profile = maker
        .rng
        .one_in(3)
        .then(|| profile(maker, world, &of, None));
    Scopes {
        layers: maker.rng.one_in(2).then_some(layers),
        actions: maker
            .rng
            .one_in(4)
            .then(|| [Action::Discover, Action::Tiles].into()),
        profile,
        max_zoom: maker.rng.one_in(5).then_some(11),
    }
}

/// Moves shapes until it is clear for all callers on which side of all borders they are.
pub fn settle(maker: &mut Maker, world: &mut World) {
    for place in 0..world.layers.len() {
        let mut layer = (*world.layers[place]).clone();
        let kind = kind_of(&layer);
        if kind == Kind::Table {
            continue;
        }
        let mut moved = false;
        for row in 0..layer.rows.len() {
            for _ in 0..200 {
                if layer.rows[row].shape.is_none() || is_clear(world, &layer, row) {
                    break;
                }
                let at = maker.place();
                layer.rows[row].shape = maker.shape(kind, at).map(|s| in_crs(s, layer.crs));
                moved = true;
            }
        }
        if moved {
            world.layers[place] = std::sync::Arc::new(layer);
        }
    }
}

fn is_clear(world: &World, layer: &Layer, row: usize) -> bool {
    Who::of(world).iter().all(|who| {
        let Ok(standing) = rights::standing(world, who.key()) else {
            return true;
        };
        let ways = rights::ways(world, &standing, layer);
        let looker = Looker {
            world,
            standing: &standing,
            layer,
        };
        let all: Vec<_> = ways.iter().collect();
        let each = ways.iter().map(|w| vec![w]);
        each.chain([all])
            .all(|ways| looker.row(&ways, false, row).is_ok())
    })
}
