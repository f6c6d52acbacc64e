//! What requests can be about: the names, values and places of two worlds, seen or not. Whoever attacks may know or guess any of them.

use std::sync::Arc;

use guichet::geometry::crs::{Crs, Transform};

use crate::maker::Maker;
use crate::rng::Rng;
use crate::sight::Sight;
use crate::world::{Layer, Value, World};

/// See the module.
pub struct Subjects {
    /// Layers of which something is seen.
    pub seen: Vec<Arc<Layer>>,
    /// Other layers of one world or both, as they are there.
    pub unseen: Vec<Arc<Layer>>,
    /// Organisations, groups, members: names of policy.
    pub policy: Vec<String>,
    /// A collection that exists nowhere.
    pub nowhere: String,
    pub maker: Maker,
    /// Nobody knows which rights were taken back meanwhile: what is not open is answered with 503.
    pub is_in_doubt: bool,
}

impl Subjects {
    pub fn of(worlds: [&World; 2], sight: &Sight, seed: u64) -> Self {
        let mut maker = Maker::new(seed, "subjects");
        let (mut seen, mut unseen) = (Vec::new(), Vec::new());
        for layer in worlds.iter().flat_map(|w| &w.layers) {
            let list = if sight.layers.get(&layer.id).is_some_and(|s| !s.is_locked()) {
                &mut seen
            } else {
                &mut unseen
            };
            if !list.iter().any(|l| Arc::ptr_eq(l, layer)) {
                list.push(Arc::clone(layer));
            }
        }
        let policy = worlds.iter().flat_map(|w| {
            let organisations = w.organisations.iter().map(|o| o.id.clone());
            let members = w.policy.members.keys().cloned();
            organisations
                .chain(members)
                .chain(w.policy.profiles.keys().cloned())
        });
        Self {
            policy: policy.collect(),
            nowhere: format!("nowhere.{}", maker.token()),
            seen,
            unseen,
            maker,
            is_in_doubt: worlds.iter().any(|w| w.policy.unconfirmed),
        }
    }

    pub fn rng(&mut self) -> &mut Rng {
        &mut self.maker.rng
    }

    /// Some layer; mostly one that is seen.
    pub fn layer(&mut self) -> Arc<Layer> {
        let unseen = self.maker.rng.one_in(3) && !self.unseen.is_empty() || self.seen.is_empty();
        let from = if unseen { &self.unseen } else { &self.seen };
        Arc::clone(self.maker.rng.pick(from))
    }

    /// The name of some collection, perhaps of none, perhaps spelled otherwise.
    pub fn collection(&mut self) -> String {
        let id = self.layer().id.clone();
        match self.maker.rng.below(20) {
            0 => self.nowhere.clone(),
            1 => id.to_uppercase(),
            2 => id[..id.len() - 1].to_owned(),
            3 => id.split('.').next().unwrap_or_default().to_owned(),
            4 => {
                let (start, last) = id.split_at(id.len() - 1);
                format!("{start}%{:02X}", last.as_bytes()[0])
            }
            _ => id,
        }
    }

    /// Longitude and latitude of something, seen or not, or of nothing.
    pub fn place(&mut self) -> [f64; 2] {
        let layer = self.layer();
        let vertex = (!layer.rows.is_empty())
            .then(|| self.maker.rng.pick(&layer.rows).shape.as_ref())
            .flatten()
            .map(|s| s.vertices()[0]);
        let degrees = |v| {
            let transform = Transform::between(layer.crs, Crs::CRS84).expect("both are known");
            transform.convert_point(v).expect("within France")
        };
        vertex.map_or_else(|| self.maker.place(), degrees)
    }

    /// A property and a value of it: of that layer, mostly.
    pub fn property(&mut self, layer: &Layer) -> (String, guichet::model::DataType, Value) {
        let other = self.maker.rng.one_in(5).then(|| self.layer());
        let layer = other.as_deref().unwrap_or(layer);
        let place = self.maker.rng.below(layer.fields.len());
        let field = &layer.fields[place];
        let value = if layer.rows.is_empty() || self.maker.rng.one_in(6) {
            self.maker.value(field)
        } else {
            self.maker.rng.pick(&layer.rows).values[place].clone()
        };
        let name = match self.maker.rng.below(15) {
            0 => self.maker.token(),
            1 => field.name.to_uppercase(),
            _ => field.name.clone(),
        };
        (name, field.data_type, value)
    }

    /// The id of an item, of that layer mostly.
    pub fn item(&mut self, layer: &Layer) -> String {
        let other = self.maker.rng.one_in(6).then(|| self.layer());
        let layer = other.as_deref().unwrap_or(layer);
        match self.maker.rng.below(8) {
            0 => self.maker.rng.below(50).to_string(),
            1 => self.maker.integer().to_string(),
            2 => self.maker.token(),
            _ if layer.rows.is_empty() => "0".to_owned(),
            _ => layer.item_id(self.maker.rng.below(layer.rows.len())),
        }
    }
}
