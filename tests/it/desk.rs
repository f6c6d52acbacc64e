//! A platform that is administrated over HTTP: a region, a hidden union and a water company, over a real store. Nothing is in the store
//! at first; the configuration knows the operator's key and the layers.

use std::sync::Arc;

use guichet::access::{Files, Key, KeyText, PolicyParts};
use guichet::catalog::{
    Access, Catalog, Discovery, LayerEntry, Organisation, Platform, Publication,
};
use guichet::model::DataType;
use guichet::model::metadata::Metadata;
use guichet::store::SqliteStore;
use serde_json::{Value, json};

use super::fixture::{self, Spec};
use super::keyed::{Reply, Server, key, text};

/// Restricted and listed, of `sud`.
pub const PARCELS: &str = "sud.parcelles";
/// Restricted and hidden, of `sud`.
pub const RESERVES: &str = "sud.reserves";
/// Restricted and hidden, all that `ombre` has.
pub const CACHE: &str = "ombre.cache";

pub struct Desk {
    _folder: tempfile::TempDir,
    pub store: Arc<SqliteStore>,
    pub server: Server,
    pub operator: KeyText,
}

/// The header that a body needs.
pub const JSON: (&str, &str) = ("Content-Type", "application/json");

impl Desk {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let operator = text(200);
        let home = guichet::access::Organisation {
            id: "plateforme".to_owned(),
            title: "La plateforme".to_owned(),
            parent: None,
            jurisdiction: None,
            siret: None,
        };
        let operators = Key {
            organisation: home.id.clone(),
            ..key(&operator)
        };
        let parts = PolicyParts {
            organisations: [(home.id.clone(), home)].into(),
            keys: [(operators.id, operators)].into(),
            operators: [operator.id()].into(),
            ..PolicyParts::default()
        };
        let layers = [PARCELS, RESERVES, CACHE, fixture::TOWNS];
        let files = Files::new(parts, layers.map(str::to_owned).into());
        let store = SqliteStore::open(folder.path(), [3; 32], Arc::new(files));
        let store = Arc::new(store.expect("a store"));
        let server = Server::ruled(layers_of(), Arc::clone(&store)).await;
        Self {
            _folder: folder,
            store,
            server,
            operator,
        }
    }

    /// The same with `sud` and `ombre`, each with an administrator, and `eau` with one.
    pub async fn peopled() -> (Self, [String; 3]) {
        let desk = Self::new().await;
        let operator = desk.operator.reveal().to_owned();
        for id in ["sud", "ombre", "eau"] {
            let organisation = json!({ "id": id, "title": format!("Titre de {id}") });
            desk.make(&operator, "organisations", &organisation).await;
        }
        let sud = desk.person("sud", "admin").await;
        let ombre = desk.person("ombre", "admin").await;
        let eau = desk.person("eau", "admin").await;
        (desk, [sud, ombre, eau])
    }

    /// A member of that role, made by the operator; gives the text of a key.
    pub async fn person(&self, organisation: &str, role: &str) -> String {
        let operator = self.operator.reveal();
        let id = format!("{organisation}.{role}");
        let member = json!({ "id": id, "organisation": organisation, "role": role, "until": null });
        self.make(operator, "members", &member).await;
        let key = new_key(organisation, Some(&id));
        let made = self.make(operator, "keys", &key).await;
        made["key"].as_str().expect("a key").to_owned()
    }

    pub async fn get(&self, key: &str, target: &str) -> Reply {
        self.server.get(target, &[("X-API-Key", key)]).await
    }

    pub async fn send(&self, key: &str, method: &str, target: &str, body: &Value) -> Reply {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let headers = [("X-API-Key", key), JSON];
        self.server.ask(method, target, &headers, &body).await
    }

    /// Makes an entry; it must work.
    #[track_caller]
    pub fn make(&self, key: &str, kind: &str, body: &Value) -> impl Future<Output = Value> {
        let target = format!("/admin/{kind}");
        async move {
            let made = self.send(key, "POST", &target, body).await.expect(201);
            assert_eq!(made.header("cache-control"), "no-store");
            made.json()
        }
    }
}

/// What makes a key.
pub fn new_key(organisation: &str, member: Option<&str>) -> Value {
    json!({
        "organisation": organisation, "member": member, "label": "SIG", "kind": "secret", "until": null,
        "scopes": { "layers": null, "actions": null, "profile": null, "max_zoom": null },
    })
}

/// What makes a profile that shows some rows and two properties.
pub fn new_profile(organisation: &str, name: &str, rows: &str) -> Value {
    json!({
        "id": format!("{organisation}.{name}"), "organisation": organisation, "rows": rows, "attributes": ["nom", "limit"],
        "area": null, "derived": {}, "zooms": null, "precision": null, "formats": null,
    })
}

/// What makes a grant to read.
pub fn new_grant(subject: &str, layer: &str, profile: &str) -> Value {
    json!({
        "subject": subject, "layers": [layer], "profile": profile, "actions": ["discover", "tiles", "items"],
        "from": null, "until": null, "terms": null,
    })
}

fn layers_of() -> Catalog {
    let organisations = ["sud", "ombre"].map(|id| Organisation {
        id: id.to_owned(),
        title: format!("Titre de {id}"),
        ..Organisation::default()
    });
    let entries = vec![
        fixture::towns(fixture::TOWN_COUNT),
        restricted(PARCELS, Discovery::Listed, 40),
        restricted(RESERVES, Discovery::Hidden, 30),
        restricted(CACHE, Discovery::Hidden, 20),
    ];
    Catalog::new(Platform::default(), organisations.into(), entries)
}

/// A restricted layer of so many towns.
fn restricted(id: &str, discovery: Discovery, rows: usize) -> Arc<LayerEntry> {
    let text = fixture::towns_text(rows);
    let spec = Spec::new(id, &text)
        .field("nom", DataType::String)
        .field("population", DataType::Integer)
        .field("limit", DataType::Integer);
    let declared = spec.fields.iter().map(|f| f.name.clone()).collect();
    let loaded = fixture::loaded(&spec);
    let organisation = id.split_once('.').expect("an owner").0;
    let publication = Publication {
        id: id.to_owned(),
        organisation: Some(organisation.to_owned()),
        access: Access::Restricted,
        discovery,
        declared,
        metadata: Metadata {
            title: format!("Titre de {id}"),
            ..Metadata::default()
        },
        ..Publication::default()
    };
    Arc::new(LayerEntry::new(publication, loaded.layer).expect("a publication"))
}
