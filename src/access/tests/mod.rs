//! The rules of access, one by one. Whether they hold together is shown by `tests/model`.
#![allow(clippy::unnecessary_wraps, reason = "helpers give what profiles take")]

mod admin;
mod explain;
mod normal;
mod operator;
mod product;
mod standing;
mod view;
mod writable;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::*;
use crate::filter::{Frame, Limits};
use crate::geometry::crs::Crs;
use crate::geometry::region::Region;
use crate::model::{DataType, Field, Schema};

/// The layer on which all is asked: of the commune `aix`, hosted by the department `bdr`.
const PARCELS: &str = "aix.parcels";
const NOON: i64 = 1_000_000;

/// A policy in the making, and the facts of one layer.
struct World {
    parts: PolicyParts,
    access: Access,
    discovery: Discovery,
    schema: Schema,
    declared: Vec<usize>,
    filters: FilterCache,
    key: [u8; 32],
}

impl World {
    /// Organisations `bdr` above `aix`, and `eau` by itself; a restricted layer.
    fn new() -> Self {
        let fields = [
            ("idu", DataType::String),
            ("area", DataType::Number),
            ("owner", DataType::String),
            ("kept", DataType::Integer),
        ];
        let mut world = Self {
            parts: PolicyParts::default(),
            access: Access::Restricted,
            discovery: Discovery::Hidden,
            schema: Schema {
                fields: fields.map(|(n, t)| Field::new(n, t)).to_vec(),
                geometry_kinds: vec![crate::geometry::source::GeometryKind::Polygon],
                ..Schema::default()
            },
            // What `kept` is, the publisher does not say.
            declared: vec![0, 1, 2],
            filters: FilterCache::default(),
            key: [1; 32],
        };
        world.organisation("bdr", None);
        world.organisation("aix", Some("bdr"));
        world.organisation("eau", None);
        world
    }

    fn organisation(&mut self, id: &str, parent: Option<&str>) {
        let organisation = Organisation {
            id: id.to_owned(),
            title: id.to_owned(),
            parent: parent.map(str::to_owned),
            jurisdiction: Some(AreaSource::Wkt(id.to_owned())),
            siret: None,
        };
        self.parts.organisations.insert(id.to_owned(), organisation);
    }

    fn member(&mut self, id: &str, organisation: &str, role: Role) {
        let member = Member {
            id: id.to_owned(),
            organisation: organisation.to_owned(),
            role,
            groups: BTreeSet::new(),
            identity: Some(("issuer".to_owned(), id.to_owned())),
            until_us: None,
        };
        self.parts.members.insert(id.to_owned(), member);
    }

    fn key(&mut self, id: u32, organisation: &str, member: Option<&str>) -> &mut Key {
        let key = Key {
            member: member.map(str::to_owned),
            ..Key::new(KeyId(id), [0; 32], organisation)
        };
        self.parts.keys.entry(KeyId(id)).or_insert(key)
    }

    fn profile(&mut self, id: &str, rows: &str, attributes: &[&str]) -> &mut Profile {
        let profile = Profile {
            id: id.to_owned(),
            organisation: None,
            rows: rows.to_owned(),
            attributes: match attributes {
                ["*"] => Attributes::All,
                names => Attributes::Only(names.iter().map(|n| (*n).to_owned()).collect()),
            },
            area: None,
            derived: BTreeMap::new(),
            zooms: Zooms::ALL,
            precision: None,
            formats: None,
        };
        self.parts.profiles.entry(id.to_owned()).or_insert(profile)
    }

    /// A grant of all that can be read.
    fn grant(&mut self, subject: Subject, profile: &str) -> &mut Grant {
        let actions = [
            Action::Discover,
            Action::Tiles,
            Action::Items,
            Action::Export,
        ];
        self.parts.grants.push(Grant {
            id: format!("g{}", self.parts.grants.len()),
            subject,
            layers: [PARCELS.to_owned()].into(),
            profile: profile.to_owned(),
            actions: actions.into(),
            from_us: None,
            until_us: None,
            terms: None,
        });
        self.parts.grants.last_mut().unwrap()
    }

    fn suspend(&mut self, target: Target) {
        self.parts.suspensions.push(Suspension {
            target,
            reason: "test".to_owned(),
            by: None,
        });
    }

    fn policy(&self) -> Policy {
        Policy::new(self.parts.clone())
    }

    fn layer(&self) -> LayerContext<'_> {
        self.layer_of(PARCELS)
    }

    fn layer_of<'a>(&'a self, collection: &'a str) -> LayerContext<'a> {
        LayerContext {
            collection,
            organisation: owner_of(collection),
            access: self.access,
            discovery: self.discovery,
            frame: Frame {
                schema: &self.schema,
                filter_crs: Crs::CRS84,
                storage_crs: Crs::CRS84,
            },
            declared: &self.declared,
            limits: Limits::default(),
            filters: &self.filters,
            view_key: &self.key,
        }
    }

    fn known(&self, key: u32) -> Principal {
        Principal::Known(self.policy().standing_of_key(KeyId(key), NOON).unwrap())
    }

    fn view(&self, principal: &Principal) -> View {
        self.policy().view(principal, &self.layer(), &Squares, NOON)
    }

    fn anonymous(&self) -> View {
        self.view(&Principal::Anonymous)
    }

    fn by_key(&self, key: u32) -> View {
        self.view(&self.known(key))
    }
}

/// Each text is a square of its own; `nowhere` is none, `empty` has nothing in it.
struct Squares;

impl Areas for Squares {
    fn region(&self, source: &AreaSource) -> Option<Arc<Region>> {
        let name = match source {
            AreaSource::Wkt(text) => text,
            AreaSource::Layer { layer, .. } => layer,
        };
        if name == "nowhere" {
            return None;
        }
        let at = 1_000 * name.bytes().map(i32::from).sum::<i32>();
        let ring = vec![[at, 0], [at + 500, 0], [at + 500, 500], [at, 500]];
        let rings = if name == "empty" { vec![] } else { vec![ring] };
        Some(Arc::new(Region::of_rings(rings)))
    }

    fn is_open(&self, collection: &str) -> bool {
        collection == "eau.open"
    }
}

/// Names of the properties that a surface seems to have.
fn names(world: &World, view: &SurfaceView) -> Vec<String> {
    let places: BTreeSet<usize> = view
        .slices()
        .iter()
        .flat_map(|s| s.attributes.clone())
        .collect();
    let name = |place: usize| world.schema.fields[place].name.clone();
    places.into_iter().map(name).collect()
}

fn cells(grid_m: u32, min_count: u64, sums: &[(&str, Aggregate)]) -> Precision {
    Precision {
        grid_m,
        min_count,
        aggregates: sums
            .iter()
            .map(|(n, how)| ((*n).to_owned(), *how))
            .collect(),
    }
}
