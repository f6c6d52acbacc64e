//! What callers are told of themselves, and what they change by themselves, over a real store.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use guichet::access::{
    Author, Change, Files, Key, KeyKind, KeyText, PolicyParts, PolicyStore, Record, Role, Terms,
    TermsText,
};
use guichet::api::Rates;
use guichet::store::SqliteStore;
use serde_json::Value;

use crate::keyed::{DAY, NOW, Server, grant, key, parts, text};

struct World {
    _folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    server: Server,
}

impl World {
    async fn new(keys: &[Key]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let known = parts([]);
        let layers = ["secret", "villes"].map(str::to_owned).into();
        let files = PolicyParts {
            organisations: known.organisations,
            profiles: known.profiles,
            ..PolicyParts::default()
        };
        let files = Arc::new(Files::new(files, layers));
        let store = SqliteStore::open(folder.path(), [3; 32], files).expect("a store");
        let store = Arc::new(store);
        let server = Server::with(
            PolicyParts::default(),
            Rates::default(),
            Some(Arc::clone(&store) as Arc<dyn PolicyStore>),
        )
        .await;
        let world = Self {
            _folder: folder,
            store,
            server,
        };
        for key in keys {
            world.change(&Change::Create(Record::Key(key.clone())));
        }
        world
    }

    /// As the operator does it.
    fn change(&self, change: &Change) {
        let author = Author {
            name: "operator",
            at_us: NOW,
            seen: None,
        };
        self.store.change(author, change).expect("allowed");
        self.refresh();
    }

    /// As the running server does it when the epoch has changed.
    fn refresh(&self) {
        let stored = self.store.load().expect("readable");
        let (parts, broken) = self.store.files().with(stored.parts);
        assert!(broken.is_empty(), "{broken:?}");
        self.server.under(parts);
    }

    fn parts(&self) -> PolicyParts {
        self.store.load().expect("readable").parts
    }

    async fn me(&self, key: &str) -> Value {
        let reply = self.server.get("/me", &[("X-API-Key", key)]).await;
        reply.expect(200).json()
    }
}

fn until(text: &KeyText, until_us: i64) -> Key {
    Key {
        until_us: Some(until_us),
        ..key(text)
    }
}

#[tokio::test]
async fn what_a_key_says_of_itself() {
    let good = text(1);
    let world = World::new(&[until(&good, NOW + 90 * DAY)]).await;
    let me = world.me(good.reveal()).await;
    assert_eq!(me["name"], format!("key:{}", good.id()));
    assert_eq!(me["organisation"]["title"], "Eau de Provence");
    assert_eq!(me["role"], Value::Null);
    assert_eq!(me["key"]["id"], good.id().to_string());
    assert_eq!(me["key"]["label"], "SIG");
    assert_eq!(me["key"]["kind"], "secret");
    assert_eq!(me["key"]["until"], "2026-12-20T14:13:20Z");
    assert_eq!(me["quota"]["left"], 1_999);
    let layers = me["layers"].as_array().expect("layers");
    let towns = layers
        .iter()
        .find(|l| l["id"] == "villes")
        .expect("an open layer");
    assert_eq!(towns["actions"]["items"]["until"], Value::Null);
    assert_eq!(towns["actions"]["items"]["shows"], "whole");
    assert!(layers.iter().all(|l| l["id"] != "secret"));
    assert!(!me.to_string().contains(good.reveal()));
}

#[tokio::test]
async fn a_key_is_renewed_by_its_bearer() {
    let (old, page) = (text(1), text(2));
    let browser = Key {
        kind: KeyKind::Browser,
        ..key(&page)
    };
    let world = World::new(&[until(&old, NOW + 90 * DAY), browser]).await;
    let rotate = async |key: &str, body: &str| {
        let headers = [("X-API-Key", key), ("Content-Type", "application/json")];
        world
            .server
            .ask("POST", "/me/key/rotate", &headers, body)
            .await
    };
    // Not by everybody, and not in every way.
    assert_eq!(rotate(page.reveal(), "").await.problem(403), "key-required");
    let nobody = world.server.ask("POST", "/me/key/rotate", &[], "").await;
    assert_eq!(nobody.problem(401), "credential-required");
    for bad in ["{", "[]"] {
        let refused = rotate(old.reveal(), bad).await;
        assert_eq!(refused.problem(400), "malformed-body", "{bad}");
    }
    for (bad, said) in [
        ("{\"overlapDays\":31}", "30"),
        ("{\"overlapDays\":-1}", "30"),
        ("{\"overlapDays\":\"x\"}", "30"),
        ("{\"days\":3}", "days"),
    ] {
        let refused = rotate(old.reveal(), bad).await;
        assert_eq!(refused.status, 400, "{bad}: {}", refused.text());
        assert!(refused.text().contains(said), "{bad}: {}", refused.text());
    }
    let headers = [("X-API-Key", old.reveal()), ("Content-Type", "text/plain")];
    let refused = world
        .server
        .ask("POST", "/me/key/rotate", &headers, "{}")
        .await;
    assert_eq!(refused.problem(415), "unsupported-media-type");
    assert_eq!(
        rotate(old.reveal(), &" ".repeat(5_000)).await.problem(413),
        "body-too-large"
    );
    let query = world
        .server
        .ask("POST", "/me/key/rotate?x=1", &headers[..1], "")
        .await;
    assert_eq!(query.problem(400), "invalid-parameter");

    let made = rotate(old.reveal(), "{\"overlapDays\":7}")
        .await
        .expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let new = made["key"].as_str().expect("a key").to_owned();
    assert_eq!(made["until"], "2026-12-20T14:13:20Z");
    assert_eq!(made["replaces"]["id"], old.id().to_string());
    assert_eq!(made["replaces"]["until"], "2026-09-28T14:13:20Z");
    world.refresh();
    let me = world.me(&new).await;
    assert_eq!(me["organisation"]["id"], "eau");
    assert_eq!(me["key"]["id"], made["id"]);
    assert_eq!(
        world.me(old.reveal()).await["key"]["replacedBy"],
        made["id"]
    );
    let shown = [("X-API-Key", old.reveal())];
    let told = world.server.get("/me", &shown).await.expect(200);
    assert_eq!(told.header("deprecation"), "@1790000000");
    assert_eq!(told.header("sunset"), "Mon, 28 Sep 2026 14:13:20 GMT");
    // Once, and for so long.
    let again = rotate(old.reveal(), "").await;
    assert_eq!(again.problem(409), "conflict");
    assert!(again.text().contains(&new[9..17]), "{}", again.text());
    world.server.pass(7 * DAY);
    let ended = world
        .server
        .get("/me", &[("X-API-Key", old.reveal())])
        .await;
    assert_eq!(ended.problem(401), "expired-credential");
    world.me(&new).await;
    // The store and the log have its hash at most.
    let kept = format!("{:?}", world.parts());
    assert!(!kept.contains(&new) && !kept.contains(&new[18..50]));
    assert!(!logged().contains(&new[18..50]));
}

#[tokio::test]
async fn without_a_store_nothing_changes() {
    let good = text(1);
    let server = Server::new(parts([key(&good)])).await;
    let headers = [("X-API-Key", good.reveal())];
    let refused = server.ask("POST", "/me/key/rotate", &headers, "").await;
    assert_eq!(refused.problem(409), "read-only");
}

#[tokio::test]
async fn terms_are_accepted_by_those_who_may() {
    let (firm, page, reader, publisher) = (text(1), text(2), text(3), text(4));
    let of_member = |text: &KeyText, member: &str| Key {
        member: Some(member.to_owned()),
        ..key(text)
    };
    let world = World::new(&[
        key(&firm),
        Key {
            kind: KeyKind::Browser,
            ..key(&page)
        },
    ])
    .await;
    for (id, role) in [("lecteur", Role::Reader), ("editeur", Role::Publisher)] {
        let member = guichet::access::Member {
            id: id.to_owned(),
            organisation: "eau".to_owned(),
            role,
            groups: [].into(),
            identity: None,
            until_us: None,
        };
        world.change(&Change::Create(Record::Member(member)));
    }
    for key in [
        of_member(&reader, "lecteur"),
        of_member(&publisher, "editeur"),
    ] {
        world.change(&Change::Create(Record::Key(key)));
    }
    let terms = |version| Terms {
        id: "licence-fonciere".to_owned(),
        version,
    };
    for version in [3, 4] {
        world.change(&Change::Create(Record::Terms(TermsText {
            terms: terms(version),
            organisation: None,
            title: "Licence foncière".to_owned(),
            url: Some("https://example.org/licence".to_owned()),
            sha256: None,
        })));
    }
    world.change(&Change::Create(Record::Grant(guichet::access::Grant {
        terms: Some(terms(3)),
        ..grant("secret")
    })));
    let accept = async |key: &KeyText, name: &str| {
        let target = format!("/me/terms/{name}");
        world
            .server
            .ask("POST", &target, &[("X-API-Key", key.reveal())], "")
            .await
    };
    let offered = world.me(firm.reveal()).await["terms"].clone();
    assert_eq!(offered[0]["id"], "licence-fonciere");
    assert_eq!(offered[0]["version"], 3);
    assert_eq!(offered[0]["title"], "Licence foncière");
    assert_eq!(offered[0]["accepted"], false);
    assert_eq!(offered[0]["layers"], serde_json::json!(["secret"]));
    let link = offered[0]["accept"].as_str().expect("a link").to_owned();
    assert!(link.ends_with("/me/terms/licence-fonciere@3"), "{link}");
    for name in [
        "licence-fonciere@4",
        "autre@3",
        "licence-fonciere",
        "licence-fonciere@x",
    ] {
        assert_eq!(
            accept(&firm, name).await.problem(404),
            "no-such-terms",
            "{name}"
        );
    }
    assert_eq!(
        accept(&page, "licence-fonciere@3").await.problem(403),
        "key-required"
    );
    assert_eq!(
        accept(&reader, "licence-fonciere@3").await.problem(403),
        "not-allowed"
    );
    let accepted = accept(&publisher, "licence-fonciere@3").await.expect(201);
    assert_eq!(accepted.json()["accepted"], true);
    world.refresh();
    assert_eq!(world.me(firm.reveal()).await["terms"][0]["accepted"], true);
    assert_eq!(
        world.parts().acceptances,
        [("eau".to_owned(), terms(3))].into()
    );
    // A second time changes nothing.
    accept(&firm, "licence-fonciere@3").await.expect(201);
}

/// A cookie comes by itself, so other sites must not be able to use it.
#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let good = text(1);
    let world = World::new(&[key(&good)]).await;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let body = format!("key={}", good.reveal());
    let opened = world
        .server
        .ask("POST", "/session", &[form], &body)
        .await
        .expect(303);
    let cookie = opened.header("set-cookie");
    let cookie = cookie.split(';').next().expect("a value");
    for more in [
        ("Accept", "application/json"),
        ("Accept", "text/html,*/*;q=0.8"),
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        let headers = [("Cookie", cookie), more];
        let refused = world
            .server
            .ask("POST", "/me/key/rotate", &headers, "")
            .await;
        assert!(
            matches!(refused.status, 401 | 403),
            "{more:?}: {}",
            refused.text()
        );
    }
    assert_eq!(world.parts().keys.len(), 1);
}

/// All that this process has logged.
fn logged() -> String {
    static LOG: OnceLock<Log> = OnceLock::new();
    let log = LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let _taken = tracing::subscriber::set_global_default(subscriber);
        log
    });
    let bytes = log.0.lock().expect("no panic while logging");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while logging").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
