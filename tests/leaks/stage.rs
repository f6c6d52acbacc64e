//! A small world with names that people can read, for tests that say what they expect: a town that publishes, the department that hosts
//! it, a water company that was granted some of it, a neighbour, and people of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet::access::{
    self, Access, Action, AreaMode, AreaSource, Attributes, Derived, Grant, Key, KeyId, KeyKind,
    KeyText, LayerState, Member, PolicyParts, Precision, Profile, ProfileArea, Role, Scopes,
    Subject, Suspension, Target, Zooms,
};

use crate::filters::Test;
use crate::generate::NOW_US;
use crate::rights::READ;
use crate::rng::Rng;
pub use crate::town::*;
use crate::who::{Shown, Who};
use crate::world::{Publisher, Value, World};

/// Names of the callers, in the order of columns of tables.
pub const CALLERS: [&str; 10] = [
    "anonymous",
    "wrong",
    "revoked",
    "narrow",
    "browser",
    "partner",
    "reader",
    "owner",
    "host",
    "neighbour",
];

/// The world, and its callers by name.
pub struct Stage {
    pub world: World,
    callers: BTreeMap<&'static str, Who>,
}

impl Stage {
    pub fn new() -> Self {
        let mut stage = Self {
            world: empty(),
            callers: BTreeMap::new(),
        };
        stage.people();
        stage.layers();
        stage.grants();
        stage
    }

    pub fn who(&self, name: &str) -> &Who {
        &self.callers[name]
    }

    /// The key of a caller.
    pub fn key(&mut self, name: &str) -> &mut Key {
        let id = self.callers[name].key().expect("a caller with a key");
        self.world
            .policy
            .keys
            .get_mut(&id)
            .expect("a key of the world")
    }

    fn people(&mut self) {
        for (id, parent) in [
            ("departement", None),
            ("ville", Some("departement")),
            ("eau", None),
            ("voisin", None),
        ] {
            let title = format!("Titre de {id}");
            self.world.organisations.push(Publisher {
                id: id.to_owned(),
                title: title.clone(),
            });
            let organisation = access::Organisation {
                id: id.to_owned(),
                title,
                parent: parent.map(str::to_owned),
                jurisdiction: (id == "eau").then(|| AreaSource::Wkt(AREA.wkt())),
                siret: None,
            };
            self.world
                .policy
                .organisations
                .insert(id.to_owned(), organisation);
        }
        self.world.areas.insert(AREA.wkt(), AREA);
        self.callers.insert("anonymous", Who::Anonymous);
        for (name, organisation, role) in [
            ("wrong", "eau", None),
            ("revoked", "eau", None),
            ("narrow", "eau", None),
            ("browser", "eau", None),
            ("partner", "eau", None),
            ("reader", "ville", Some(Role::Reader)),
            ("owner", "ville", Some(Role::Admin)),
            ("host", "departement", Some(Role::Editor)),
            ("neighbour", "voisin", Some(Role::Admin)),
            ("operator", "departement", None),
        ] {
            self.person(name, organisation, role);
        }
        let operator = id_of(self.who("operator"));
        self.world.policy.operators.insert(operator);
        // A key that looks right and that nobody has.
        let wrong = self.who("wrong").key().expect("made above");
        self.world.policy.keys.remove(&wrong);
        self.world.secrets.remove(&wrong);
        self.key("revoked").revoked = true;
        self.key("browser").kind = KeyKind::Browser;
        self.key("narrow").scopes = Scopes {
            layers: Some([PARCELS.to_owned(), OPEN.to_owned()].into()),
            actions: Some([Action::Discover, Action::Tiles].into()),
            ..Scopes::default()
        };
    }

    fn person(&mut self, name: &'static str, organisation: &str, role: Option<Role>) {
        let mut rng = Rng::new(1, name);
        let text = KeyText::generate(|bytes| bytes.fill_with(|| rng.next() as u8));
        let policy = &mut self.world.policy;
        if let Some(role) = role {
            let member = Member {
                id: name.to_owned(),
                organisation: organisation.to_owned(),
                role,
                groups: BTreeSet::new(),
                identity: None,
                until_us: None,
            };
            policy.members.insert(name.to_owned(), member);
        }
        let key = Key {
            member: role.map(|_| name.to_owned()),
            label: format!("key of {name}"),
            ..Key::new(text.id(), text.sha256(), organisation)
        };
        policy.keys.insert(text.id(), key);
        self.world
            .secrets
            .insert(text.id(), text.reveal().to_owned());
        let who = Who::Key {
            id: text.id(),
            text: text.reveal().to_owned(),
            shown: Shown::Header,
        };
        self.callers.insert(name, who);
    }

    fn layers(&mut self) {
        let open = [OPEN, DRAFT, EMBARGO, SUSPENDED, WITHDRAWN];
        for (place, id) in open
            .into_iter()
            .chain([PARCELS, PIPES, SALES, SECRET, OTHERS, SIGHTINGS])
            .enumerate()
        {
            let access = if open.contains(&id) {
                Access::Open
            } else {
                Access::Restricted
            };
            let layer = parcels(id, access, place);
            self.world.layers.push(Arc::new(layer));
        }
        let policy = &mut self.world.policy;
        policy
            .layer_states
            .insert(DRAFT.to_owned(), LayerState::Draft);
        policy
            .layer_states
            .insert(WITHDRAWN.to_owned(), LayerState::Withdrawn);
        policy.embargoes.insert(EMBARGO.to_owned(), NOW_US + 1);
        policy.suspensions.push(Suspension {
            target: Target::Layer(SUSPENDED.to_owned()),
            reason: "to be looked at".to_owned(),
            by: None,
        });
    }

    fn grants(&mut self) {
        let some =
            |names: &[&str]| Attributes::Only(names.iter().map(|n| (*n).to_owned()).collect());
        let jurisdiction = Some((ProfileArea::Jurisdiction, AreaMode::Clip));
        let cells = Precision {
            grid_m: 1000,
            min_count: 3,
            aggregates: BTreeMap::new(),
        };
        let all = profile("cells", &Test::All, some(&[]));
        self.grant(
            SIGHTINGS,
            Subject::Public,
            Profile {
                precision: Some(cells),
                ..all
            },
            &READ,
        );
        let eau = || Subject::Organisation("eau".to_owned());
        let within = profile(
            "within",
            &state("en service"),
            some(&["idu", "etat", "contenance"]),
        );
        let derived = [("contenance".to_owned(), Derived::Mask)].into();
        self.grant(
            PARCELS,
            eau(),
            Profile {
                area: jurisdiction,
                derived,
                ..within
            },
            &READ,
        );
        let shallow = profile("shallow", &Test::All, some(&["idu"]));
        let zooms = Zooms { min: 0, max: 12 };
        self.grant(PIPES, eau(), Profile { zooms, ..shallow }, &[Action::Tiles]);
        self.grant(
            SALES,
            eau(),
            profile("priced", &state("vendu"), some(&["idu", "prix"])),
            &READ,
        );
        self.grant(
            SALES,
            eau(),
            profile("unpriced", &state("en service"), some(&["idu"])),
            &READ,
        );
    }

    fn grant(&mut self, layer: &str, subject: Subject, profile: Profile, actions: &[Action]) {
        let grant = Grant {
            id: format!("of-{}", profile.id),
            subject,
            layers: [layer.to_owned()].into(),
            profile: profile.id.clone(),
            actions: actions.iter().copied().collect(),
            from_us: None,
            until_us: None,
            terms: None,
        };
        self.world
            .policy
            .profiles
            .insert(profile.id.clone(), profile);
        self.world.policy.grants.push(grant);
        for test in [Test::All, state("vendu"), state("en service")] {
            self.world.tests.insert(test.text(), test);
        }
    }
}

fn empty() -> World {
    World {
        title: "Données de la ville".to_owned(),
        organisations: Vec::new(),
        layers: Vec::new(),
        policy: PolicyParts {
            epoch: 1,
            ..PolicyParts::default()
        },
        tests: BTreeMap::new(),
        areas: BTreeMap::new(),
        secrets: BTreeMap::new(),
    }
}

fn state(state: &str) -> Test {
    Test::Is("etat".to_owned(), Value::Text(state.to_owned()))
}

fn profile(id: &str, rows: &Test, attributes: Attributes) -> Profile {
    Profile {
        id: id.to_owned(),
        organisation: None,
        rows: rows.text(),
        attributes,
        area: None,
        derived: BTreeMap::new(),
        zooms: Zooms::ALL,
        precision: None,
        formats: None,
    }
}

/// The id of a key as journals have it.
pub fn id_of(who: &Who) -> KeyId {
    who.key().expect("a caller with a key")
}
