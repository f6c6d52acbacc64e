//! What a caller may see of a world, by the rules as they are written down and not by the server's code: the judge of all comparisons.
//! Two worlds that give a caller the same sight must answer that caller alike; two that do not must differ somewhere.
//!
//! Everything is written as texts in an order of its own: what is compared is whether they are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet::access::Target;

use crate::areas::Unclear;
use crate::canary::{self, Found};
use crate::faces::{self, Face};
use crate::look::Looker;
use crate::offices;
use crate::rights::{self, Refused, Standing};
use crate::who::Who;
use crate::world::{Layer, Publisher, World};

/// All that a caller may see.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    title: String,
    organisations: Vec<Publisher>,
    /// Of which at least something is seen, or may be known.
    pub layers: BTreeMap<String, Seen>,
    /// What the caller is told of itself.
    own: String,
    /// What the caller administrates.
    desk: String,
    /// What anybody sees: the caller may ask without credentials too.
    public: Option<Box<Sight>>,
}

/// What is seen of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What its publisher says of it, as far as that names what is seen.
    pub says: String,
    /// It may be known of, where nothing of it is seen.
    listed: bool,
    /// By surface, zoom and format.
    pub faces: BTreeMap<String, Arc<Face>>,
}

impl Sight {
    pub fn of(world: &World, who: &Who) -> Result<Self, Unclear> {
        let public = match who {
            Who::Anonymous => None,
            Who::Key { .. } => Some(Box::new(Self::of(world, &Who::Anonymous)?)),
        };
        let standing = match rights::standing(world, who.key()) {
            Ok(standing) => standing,
            Err(Refused) => return Ok(Self::nothing(world, who, public)),
        };
        let mut layers = BTreeMap::new();
        for layer in &world.layers {
            let seen = Seen::of(world, &standing, layer)?;
            if seen.listed || !seen.faces.is_empty() {
                layers.insert(layer.id.clone(), seen);
            }
        }
        let publishes = |o: &&Publisher| {
            let own = |id: &String| {
                world
                    .layer(id)
                    .is_some_and(|l| l.organisation.as_ref() == Some(&o.id))
            };
            layers.keys().any(own)
        };
        Ok(Self {
            title: world.title.clone(),
            organisations: world
                .organisations
                .iter()
                .filter(publishes)
                .cloned()
                .collect(),
            own: own(world, who, &standing),
            desk: offices::desk(world, who, &standing),
            layers,
            public,
        })
    }

    /// Whoever shows a credential that is refused is told why, and nothing else, not even what everybody sees.
    fn nothing(world: &World, who: &Who, public: Option<Box<Self>>) -> Self {
        let key = who.key().and_then(|id| world.policy.keys.get(&id));
        let member = key.and_then(|k| world.policy.members.get(k.member.as_ref()?));
        let suspended: Vec<_> = world
            .policy
            .suspensions
            .iter()
            .map(|s| &s.target)
            .filter(|t| match t {
                Target::Key(id) => Some(*id) == who.key(),
                Target::Member(id) => key.is_some_and(|k| k.member.as_ref() == Some(id)),
                Target::Organisation(id) => key.is_some_and(|k| k.organisation == *id),
                Target::Layer(_) => false,
            })
            .collect();
        Self {
            title: String::new(),
            organisations: Vec::new(),
            layers: BTreeMap::new(),
            desk: String::new(),
            own: format!("refused {key:?} {member:?} {suspended:?}"),
            public,
        }
    }

    /// What the caller must be told of in some answer or other: what publishers say, and all items.
    pub fn told(&self) -> Vec<String> {
        let items = |seen: &Seen| {
            seen.faces
                .get("items geojson")
                .map(|f| format!("{:?} {:?}", f.fields, f.rows))
        };
        let layers = self.layers.values();
        let told = layers.map(|seen| {
            format!(
                "{} {} {:?}",
                seen.says,
                seen.listed && seen.is_locked(),
                items(seen)
            )
        });
        let of_all = format!("{} {:?}", self.title, self.organisations);
        told.chain([of_all]).collect()
    }

    /// Tokens and numbers that may be seen.
    pub fn canaries(&self) -> Found {
        let mut found = canary::plain(
            format!(
                "{:?} {:?} {} {}",
                self.title, self.organisations, self.own, self.desk
            )
            .as_bytes(),
        );
        for seen in self.layers.values() {
            found.add(canary::plain(seen.says.as_bytes()));
            for face in seen.faces.values() {
                found.add(canary::plain(
                    format!("{:?} {:?}", face.fields, face.rows).as_bytes(),
                ));
            }
        }
        if let Some(public) = &self.public {
            found.add(public.canaries());
        }
        found
    }

    /// Those that whoever reads all items must have met: not what is only drawn or summed up.
    pub fn read_by_items(&self) -> Found {
        let faces = self
            .layers
            .values()
            .filter_map(|seen| seen.faces.get("items geojson"));
        let rows = faces
            .flat_map(|face| &face.rows)
            .filter(|row| !row.starts_with("in "));
        let rows: Vec<_> = rows.collect();
        canary::plain(format!("{rows:?}").as_bytes())
    }
}

/// What a caller is told of itself: its own key and organisation, and what they are bound to.
fn own(world: &World, who: &Who, standing: &Standing) -> String {
    let key = who.key().and_then(|id| world.policy.keys.get(&id));
    let organisation = standing
        .organisation
        .as_ref()
        .and_then(|o| world.policy.organisations.get(o));
    let accepted = world
        .policy
        .acceptances
        .iter()
        .filter(|(o, _)| Some(o) == standing.organisation.as_ref());
    let terms = world
        .policy
        .grants
        .iter()
        .filter(|g| standing.subjects.contains(&g.subject))
        .filter_map(|g| {
            let until = (g.from_us, g.until_us);
            Some((g.terms.clone()?, until, g.layers.clone(), g.actions.clone()))
        });
    let organisation = organisation.map(|o| (&o.id, &o.title));
    format!(
        "{key:?} {organisation:?} {standing:?} {:?} {:?}",
        accepted.collect::<Vec<_>>(),
        terms.collect::<Vec<_>>()
    )
}

impl Seen {
    fn of(world: &World, standing: &Standing, layer: &Arc<Layer>) -> Result<Self, Unclear> {
        let ways = rights::ways(world, standing, layer);
        let looker = Looker {
            world,
            standing,
            layer,
        };
        let mut made: BTreeMap<(bool, Vec<usize>), Arc<Face>> = BTreeMap::new();
        let mut faces = BTreeMap::new();
        for surface in faces::surfaces() {
            let standing: Vec<usize> = (0..ways.len())
                .filter(|i| (surface.stands)(&ways[*i]))
                .collect();
            if standing.is_empty() {
                continue;
            }
            let face = match made.get(&(surface.is_summary, standing.clone())) {
                Some(face) => Arc::clone(face),
                None => {
                    let chosen: Vec<_> = standing.iter().map(|i| &ways[*i]).collect();
                    let face = Arc::new(Face::of(&looker, &chosen, surface.is_summary)?);
                    made.insert((surface.is_summary, standing), Arc::clone(&face));
                    face
                }
            };
            faces.insert(surface.name, face);
        }
        let mut said = BTreeSet::new();
        for face in faces.values() {
            said.extend(face.fields.iter().cloned());
        }
        let listed = rights::is_listed(world, standing, layer);
        let ends = rights::ends(world, standing, layer);
        Ok(Self {
            says: format!("{} {ends:?}", says(layer, &said)),
            listed,
            faces,
        })
    }

    /// True if nothing of it is seen.
    pub fn is_locked(&self) -> bool {
        self.faces.is_empty()
    }
}

/// What a publisher says of a layer; of its properties only those are named that are seen.
fn says(layer: &Layer, fields: &BTreeSet<String>) -> String {
    let seen = |name: &&String| {
        layer
            .fields
            .iter()
            .any(|f| f.name == **name && fields.contains(&format!("{f:?}")))
    };
    let mut metadata = layer.metadata.clone();
    metadata.label = metadata.label.filter(|l| seen(&l));
    let tiles = &layer.tiles;
    let properties = tiles
        .properties
        .as_ref()
        .map(|p| p.iter().filter(seen).collect::<Vec<_>>());
    let time = layer.time.as_ref().filter(seen);
    // Some of it follows from the rows where it is not declared.
    let zooms = (tiles.min_zoom, tiles.max_zoom);
    format!(
        "{} {:?} {metadata:?} {properties:?} {time:?} {zooms:?} {:?}",
        layer.id, layer.organisation, layer.crs
    )
}
