//! How a world is changed: its policy, a layer, rows, one row.

use std::sync::Arc;

use guichet::access::{Discovery, Role, Suspension, Target};
use guichet::model::DataType;
use guichet::model::metadata::Metadata;

use crate::areas::Degrees;
use crate::filters::Test;
use crate::generate::{self, REASONS};
use crate::maker::Maker;
use crate::profiles;
use crate::shapes::{Kind, in_degrees, kind_of};
use crate::twin::Change::{self, self as C};
use crate::twin::Step;
use crate::world::{IdRule, Layer, Row, Shape, Value, World};

/// Changes to the policy.
pub fn policy(change: Change, maker: &mut Maker, world: &mut World) -> bool {
    let organisation = maker.rng.pick(&world.organisations).id.clone();
    match change {
        C::PolicyMember => {
            let id = generate::add_member(maker, world, &organisation);
            if maker.rng.one_in(2) {
                let mut others = world.policy.members.values_mut();
                if let Some(other) = others.find(|m| m.id != id) {
                    other.role = Role::Admin;
                }
            }
        }
        C::PolicyKey => {
            let id = generate::add_key(maker, world, &organisation, None);
            // Nobody here has its text.
            world.secrets.remove(&id);
            if maker.rng.one_in(2) {
                let others = world.policy.keys.values_mut().filter(|k| k.id != id);
                others.for_each(|k| k.revoked = !k.revoked);
            }
        }
        C::PolicyGrant => {
            if maker.rng.one_in(2) && !world.policy.grants.is_empty() {
                let place = maker.rng.below(world.policy.grants.len());
                world.policy.grants.remove(place);
            }
            let layer = maker.rng.pick(&world.layers).clone();
            let subject = generate::subject(maker, world, &organisation);
            profiles::grant(maker, world, &layer, subject);
        }
        C::PolicyProfile => {
            let count = world.policy.profiles.len();
            let Some(profile) = world
                .policy
                .profiles
                .values_mut()
                .nth(maker.rng.below(count.max(1)))
            else {
                return false;
            };
            profile.rows = Test::Nothing.text();
            world.tests.insert(profile.rows.clone(), Test::Nothing);
        }
        C::PolicySuspension => {
            let count = world.policy.keys.len();
            let Some(id) = world
                .policy
                .keys
                .keys()
                .nth(maker.rng.below(count.max(1)))
                .copied()
            else {
                return false;
            };
            world.policy.suspensions.push(Suspension {
                target: Target::Key(id),
                reason: maker.text(),
                by: None,
            });
        }
        C::PolicyHost => {
            let host = maker.rng.pick(&world.organisations).id.clone();
            let organisation = world.policy.organisations.get_mut(&organisation);
            organisation.expect("one of them").parent = maker.rng.one_in(3).then_some(host);
        }
        _ => world.policy.epoch += 1 + maker.rng.below(1000) as u64,
    }
    true
}

/// Changes to one layer.
pub fn layer(step: &Step, maker: &mut Maker, world: &mut World) -> bool {
    let Some(place) = world.layers.iter().position(|l| l.id == step.layer) else {
        return false;
    };
    let mut layer = (*world.layers[place]).clone();
    match step.change {
        C::LayerRemoved => {
            world.layers.remove(place);
            return true;
        }
        C::LayerMoved => {
            let layer = world.layers.remove(place);
            world
                .layers
                .insert(maker.rng.below(world.layers.len() + 1), layer);
            return true;
        }
        C::LayerHiddenOtherwise => {
            let reason = *maker.rng.pick(&REASONS);
            generate::hide(maker, world, &step.layer, reason);
            return true;
        }
        C::LayerRenamed => {
            let old = std::mem::replace(
                &mut layer.id,
                format!("{}.x-{}", world.organisations[0].id, maker.token()),
            );
            layer.organisation = Some(world.organisations[0].id.clone());
            renamed(world, &old, &layer.id);
        }
        C::LayerListed => {
            layer.discovery = match layer.discovery {
                Discovery::Listed => Discovery::Hidden,
                Discovery::Hidden => Discovery::Listed,
            };
        }
        C::LayerTitle => {
            let label = layer.metadata.label.take();
            layer.metadata = Metadata {
                label,
                ..maker.metadata("retitled")
            };
        }
        C::VertexMoved | C::VertexAdded => {
            let row = crossing(maker, world, &layer);
            let row = row.or((!layer.rows.is_empty()).then(|| maker.rng.below(layer.rows.len())));
            let changed = row.is_some_and(|row| one_row(step.change, maker, &mut layer, row));
            if !changed {
                return false;
            }
        }
        _ if !rows(step.change, maker, &mut layer) => return false,
        _ => {}
    }
    world.layers[place] = Arc::new(layer);
    true
}

/// Some row, mostly, that an area of the world would cut: some of its vertices lie within and some outside.
fn crossing(maker: &mut Maker, world: &World, layer: &Layer) -> Option<usize> {
    if world.areas.is_empty() || maker.rng.one_in(4) {
        return None;
    }
    let areas: Vec<_> = world.areas.values().collect();
    let area = maker.rng.pick(&areas);
    let is_cut = |row: &Row| {
        let shape = row.shape.as_ref().map(|s| Degrees::of(s, layer.crs));
        shape.is_some_and(|s| s.is_partly_in(area))
    };
    let cut = (0..layer.rows.len()).filter(|row| is_cut(&layer.rows[*row]));
    let cut: Vec<_> = cut.collect();
    (!cut.is_empty()).then(|| *maker.rng.pick(&cut))
}

fn renamed(world: &mut World, old: &str, new: &str) {
    let policy = &mut world.policy;
    if let Some(state) = policy.layer_states.remove(old) {
        policy.layer_states.insert(new.to_owned(), state);
    }
    if let Some(until) = policy.embargoes.remove(old) {
        policy.embargoes.insert(new.to_owned(), until);
    }
    for suspension in &mut policy.suspensions {
        if suspension.target == Target::Layer(old.to_owned()) {
            suspension.target = Target::Layer(new.to_owned());
        }
    }
}

/// Changes to the rows and properties of one layer.
fn rows(change: Change, maker: &mut Maker, layer: &mut Layer) -> bool {
    let kind = kind_of(layer);
    let count = layer.rows.len();
    match change {
        C::RowsAdded | C::RowsAddedByThousands => {
            let more = if change == C::RowsAdded {
                1 + maker.rng.below(20)
            } else {
                1000 * (1 + maker.rng.below(10))
            };
            let donor = (count > 0 && !maker.rng.one_in(4)).then(|| maker.rng.below(count));
            let donor = donor.map(|d| layer.rows[d].clone());
            for _ in 0..more {
                let row = match &donor {
                    Some(donor) => beside(maker, kind, layer, donor),
                    None => maker.row(kind, layer),
                };
                let place = maker.rng.below(layer.rows.len() + 1);
                layer.rows.insert(place, row);
            }
        }
        C::FieldAdded => {
            let field = maker.field(maker.rng.clone().below(7), true);
            for row in &mut layer.rows {
                row.values.push(maker.value(&field));
            }
            layer.fields.push(field);
        }
        C::FieldRenamed | C::FieldTitle => {
            let place = maker.rng.below(layer.fields.len());
            let field = &mut layer.fields[place];
            if change == C::FieldTitle {
                field.declared = true;
                field.title = Some(maker.text());
            } else {
                let old = std::mem::replace(&mut field.name, maker.token());
                let new = Some(field.name.clone());
                for name in [&mut layer.time, &mut layer.metadata.label] {
                    if name.as_ref() == Some(&old) {
                        name.clone_from(&new);
                    }
                }
            }
        }
        _ if count == 0 => return false,
        C::RowsRemoved => layer.rows.truncate(maker.rng.below(count)),
        C::RowsReordered => maker.rng.shuffle(&mut layer.rows),
        _ => {
            let row = maker.rng.below(count);
            return one_row(change, maker, layer, row);
        }
    }
    true
}

/// A row that is hidden where another is: nearly in the same place, with its codes and numbers.
fn beside(maker: &mut Maker, kind: Kind, layer: &Layer, donor: &Row) -> Row {
    let vertex = donor
        .shape
        .as_ref()
        .map(|s| in_degrees(s.vertices()[0], layer.crs));
    let at = vertex.unwrap_or_else(|| maker.place());
    let at = maker.near(at, 0.0005);
    let mut row = maker.row_at(kind, layer, at);
    if donor.shape.is_none() {
        row.shape = None;
    }
    for (place, field) in layer.fields.iter().enumerate() {
        let chosen_by = !field.codes.is_empty()
            || matches!(field.data_type, DataType::Integer | DataType::Number);
        let is_id = layer.ids == IdRule::Declared(place);
        if (chosen_by || donor.values[place] == Value::Null) && !is_id {
            row.values[place] = donor.values[place].clone();
        }
    }
    row
}

/// Changes to one row.
fn one_row(change: Change, maker: &mut Maker, layer: &mut Layer, place: usize) -> bool {
    let (kind, ids) = (kind_of(layer), layer.ids);
    let fresh = maker.row(kind, layer);
    let row = &mut layer.rows[place];
    match change {
        C::RowMovedFar => row.shape = fresh.shape,
        C::RowShapeLost if row.shape.is_some() => row.shape = None,
        C::RowMovedAHair | C::VertexMoved | C::VertexAdded => {
            let Some(shape) = &mut row.shape else {
                return false;
            };
            return moved(change, maker, shape);
        }
        C::ValueChanged | C::ValueLost => {
            let field = maker.rng.below(row.values.len());
            if ids == IdRule::Declared(field) {
                return false;
            }
            row.values[field] = if change == C::ValueLost {
                Value::Null
            } else {
                fresh.values[field].clone()
            };
        }
        C::IdChanged => match ids {
            IdRule::Declared(field) => row.values[field] = fresh.values[field].clone(),
            IdRule::File => row.id = fresh.id,
            IdRule::Position => return false,
        },
        _ => return false,
    }
    true
}

/// Moves a shape by some nanometres, or moves or adds one of its vertices by little enough that it does not cross itself.
fn moved(change: Change, maker: &mut Maker, shape: &mut Shape) -> bool {
    if change == C::RowMovedAHair {
        for vertex in shape.vertices_mut() {
            *vertex = [vertex[0] + 1e-13 * vertex[0], vertex[1]];
        }
        return true;
    }
    let path = match shape {
        Shape::Point(p) => {
            // Some metres: less than a cell.
            let by = if p[0] > 180.0 { 5.0 } else { 5e-5 };
            *p = p.map(|v| v + by * (maker.rng.unit() - 0.5));
            return change == C::VertexMoved;
        }
        Shape::Line(line) => line,
        Shape::Polygon(rings) => &mut rings[0],
    };
    // Neither end: those of a ring are one.
    let place = 1 + maker.rng.below(path.len() - 1);
    let (a, b) = (path[place - 1], path[place]);
    let length = (b[0] - a[0]).hypot(b[1] - a[1]);
    let by = |maker: &mut Maker, v: f64| v + 0.05 * length * (maker.rng.unit() - 0.5);
    if change == C::VertexAdded {
        let middle = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
        let added = middle.map(|v| by(maker, v));
        path.insert(place, added);
        return true;
    }
    if place == path.len() - 1 {
        return false;
    }
    path[place] = path[place].map(|v| by(maker, v));
    true
}
