//! A platform with open, restricted, listed and hidden layers, and callers who have more or less on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::http::Method;
use guichet::access::{
    self, Action, Attributes, Grant, Key, KeyId, KeyText, Member, PolicyParts, Profile, Role,
    Scopes, Subject, Suspension, Target, Zooms,
};
use guichet::api::Settings;
use guichet::catalog::{
    Access, Catalog, Discovery, Language, LayerEntry, Organisation, Platform, Policy, Publication,
    TileSettings, Views,
};
use guichet::model::DataType;
use guichet::model::metadata::Metadata;

use super::app::{Answer, App};
use super::fixture::{self, Spec};

/// Open: towns, of no organisation.
pub const TOWNS: &str = "villes";
/// Open, of Sud.
pub const PARISHES: &str = "sud.communes";
/// Restricted and listed, of Sud: the partner sees the rows with `limit = 1`, without `population`.
pub const PARCELS: &str = "sud.parcelles";
/// Restricted and hidden, of Sud.
pub const RESERVES: &str = "sud.reserves";
/// Restricted and hidden, all that Ombre has.
pub const CACHE: &str = "ombre.cache";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Without a key.
    Anonymous,
    /// A key of Eau, the partner: a part of the parcels.
    Partner,
    /// A member of Sud, a reader: all that is Sud's.
    Reader,
    /// A key of Eau, narrowed to the towns.
    Narrow,
    /// A key of Eau that opens tiles of the reserves from zoom 3 to 6, and nothing else of them.
    Viewer,
    /// A key of Ombre's member: the cache.
    Shadow,
}

pub const ALL: [Who; 6] = [
    Who::Anonymous,
    Who::Partner,
    Who::Reader,
    Who::Narrow,
    Who::Viewer,
    Who::Shadow,
];

impl Who {
    /// The text of the key; nothing for callers without one.
    pub fn key(self) -> Option<KeyText> {
        (self != Self::Anonymous).then(|| {
            let seed = self as u8 * 16;
            let mut next = seed;
            KeyText::generate(|buffer| {
                for byte in buffer {
                    next = next.wrapping_add(1);
                    *byte = next;
                }
            })
        })
    }

    pub async fn send(self, app: &App, method: Method, target: &str) -> Answer {
        match self.key() {
            Some(key) => {
                let headers = [("x-api-key", key.reveal())];
                app.send(method, target, &headers).await
            }
            None => app.send(method, target, &[]).await,
        }
    }

    pub async fn get(self, app: &App, target: &str) -> Answer {
        self.send(app, Method::GET, target).await
    }
}

pub fn app() -> App {
    App::with(catalog(policy()), Settings::default())
}

pub fn policy() -> PolicyParts {
    let organisation = |id: &str| access::Organisation {
        id: id.to_owned(),
        title: format!("Organisme {id}"),
        parent: None,
        jurisdiction: None,
        siret: None,
    };
    let member = |id: &str, of: &str| Member {
        id: id.to_owned(),
        organisation: of.to_owned(),
        role: Role::Reader,
        groups: BTreeSet::new(),
        identity: None,
        until_us: None,
    };
    let some = |names: &[&str]| Attributes::Only(names.iter().map(|n| (*n).to_owned()).collect());
    let mut zoomed = profile("zooms", "TRUE", some(&["nom"]));
    zoomed.zooms = Zooms { min: 3, max: 6 };
    let keyed = |profiles: Vec<Profile>| -> BTreeMap<String, Profile> {
        profiles.into_iter().map(|p| (p.id.clone(), p)).collect()
    };
    let narrowed = Scopes {
        layers: Some([TOWNS.to_owned()].into()),
        ..Scopes::default()
    };
    PolicyParts {
        epoch: 1,
        organisations: ["sud", "eau", "ombre"]
            .map(|id| (id.to_owned(), organisation(id)))
            .into(),
        members: [("lectrice", "sud"), ("gardien", "ombre")]
            .map(|(id, of)| (id.to_owned(), member(id, of)))
            .into(),
        profiles: keyed(vec![
            profile("part", "\"limit\" = 1", some(&["nom", "limit"])),
            zoomed,
        ]),
        grants: vec![
            grant(
                Subject::Organisation("eau".to_owned()),
                PARCELS,
                "part",
                &[Action::Discover, Action::Tiles, Action::Items],
            ),
            grant(
                Subject::Key(id(Who::Viewer)),
                RESERVES,
                "zooms",
                &[Action::Discover, Action::Tiles, Action::Items],
            ),
        ],
        keys: [
            key(Who::Partner, "eau", None, Scopes::default()),
            key(Who::Reader, "sud", Some("lectrice"), Scopes::default()),
            key(Who::Narrow, "eau", None, narrowed),
            key(Who::Viewer, "eau", None, Scopes::default()),
            key(Who::Shadow, "ombre", Some("gardien"), Scopes::default()),
        ]
        .map(|k| (k.id, k))
        .into(),
        ..PolicyParts::default()
    }
}

fn id(who: Who) -> KeyId {
    who.key().expect("a key").id()
}

fn key(who: Who, organisation: &str, member: Option<&str>, scopes: Scopes) -> Key {
    Key {
        member: member.map(str::to_owned),
        scopes,
        ..Key::new(id(who), who.key().expect("a key").sha256(), organisation)
    }
}

pub fn profile(id: &str, rows: &str, attributes: Attributes) -> Profile {
    Profile {
        id: id.to_owned(),
        organisation: None,
        rows: rows.to_owned(),
        attributes,
        area: None,
        derived: BTreeMap::new(),
        zooms: Zooms::ALL,
        precision: None,
        formats: None,
    }
}

pub fn grant(subject: Subject, layer: &str, profile: &str, actions: &[Action]) -> Grant {
    Grant {
        id: format!("{subject:?} {layer} {profile}"),
        subject,
        layers: [layer.to_owned()].into(),
        profile: profile.to_owned(),
        actions: actions.iter().copied().collect(),
        from_us: None,
        until_us: None,
        terms: None,
    }
}

/// The same policy with a key taken back.
pub fn without(mut parts: PolicyParts, who: Who) -> PolicyParts {
    parts.keys.get_mut(&id(who)).expect("a key").revoked = true;
    parts.epoch += 1;
    parts
}

/// The same policy with a layer suspended.
pub fn suspended(mut parts: PolicyParts, layer: &str) -> PolicyParts {
    parts.suspensions.push(Suspension {
        target: Target::Layer(layer.to_owned()),
        reason: String::new(),
        by: None,
    });
    parts.epoch += 1;
    parts
}

pub fn catalog(parts: PolicyParts) -> Catalog {
    of(entries(), parts)
}

pub fn of(entries: Vec<Arc<LayerEntry>>, parts: PolicyParts) -> Catalog {
    let platform = Platform {
        title: "Plateforme d’essai".to_owned(),
        description: None,
        language: Language::Fr,
        contact: None,
    };
    let organisations = vec![
        Organisation {
            id: "sud".to_owned(),
            title: "Région Sud".to_owned(),
            description: Some("La région et ses données.".to_owned()),
            url: Some("https://sud.example.org".to_owned()),
            contact: Some("sig@sud.example.org".to_owned()),
            colour: Some("#0b5cad".to_owned()),
        },
        Organisation {
            id: "ombre".to_owned(),
            title: "Syndicat de l’Ombre".to_owned(),
            ..Organisation::default()
        },
    ];
    Catalog::new(platform, organisations, entries)
        .keeping(Arc::new(Views::new([3; 32], 64 << 20)))
        .under(Arc::new(Policy::new(parts)), 0)
}

pub fn entries() -> Vec<Arc<LayerEntry>> {
    vec![
        fixture::towns(fixture::TOWN_COUNT),
        fixture::parishes(),
        restricted(PARCELS, "sud", Discovery::Listed, 40),
        restricted(RESERVES, "sud", Discovery::Hidden, 30),
        restricted(CACHE, "ombre", Discovery::Hidden, 20),
    ]
}

/// A restricted layer of so many towns.
pub fn restricted(
    id: &str,
    organisation: &str,
    discovery: Discovery,
    rows: usize,
) -> Arc<LayerEntry> {
    let text = fixture::towns_text(rows);
    let spec = Spec::new(id, &text)
        .field("nom", DataType::String)
        .field("population", DataType::Integer)
        .field("limit", DataType::Integer);
    let fields = spec.fields.iter();
    let declared = fields.map(|f| f.name.clone()).collect();
    let loaded = fixture::loaded(&spec);
    let publication = Publication {
        id: id.to_owned(),
        organisation: Some(organisation.to_owned()),
        access: Access::Restricted,
        discovery,
        declared,
        metadata: Metadata {
            title: format!("Titre de {id}"),
            description: Some(format!("Ce qu’est {id}.")),
            contact: Some(format!("{organisation}@example.org")),
            // A property that the partner does not see.
            label: Some("population".to_owned()),
            publisher: Some(format!("Organisme {organisation}")),
            ..Metadata::default()
        },
        time: None,
        tiles: TileSettings {
            min_zoom: Some(0),
            max_zoom: Some(10),
            properties: None,
        },
    };
    Arc::new(LayerEntry::new(publication, loaded.layer).expect("a publication"))
}
