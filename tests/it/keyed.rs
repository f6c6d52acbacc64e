//! A server on a port of this machine, with a policy, a clock that stands still and a trusted proxy in front of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use guichet::access::{
    Action, Attributes, Grant, Key, KeyId, KeyKind, KeyText, Organisation, Policy, PolicyParts,
    PolicyStore, Profile, Subject, Zooms,
};
use guichet::access::{TokenIssuer, TokenKeys};
use guichet::api::{ApiState, Clock, PlainPages, Rates, Settings, TrustedProxies};
use guichet::catalog::{Catalog, CatalogHandle, Views};
use guichet::model::base64::base64url;
use guichet::store::SqliteStore;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::fixture;

/// The `User-Agent` of a browser.
pub const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
/// 2026-09-21T14:13:20Z, in microseconds.
pub const NOW: i64 = 1_790_000_000_000_000;
pub const SECOND: i64 = 1_000_000;
pub const DAY: i64 = 24 * 3_600 * SECOND;
/// The name under which the server is addressed.
pub const HOST: &str = "data.example.org";
/// The base of its links.
pub const BASE: &str = "http://data.example.org";

pub struct Server {
    address: SocketAddr,
    pub state: Arc<ApiState>,
    handle: Arc<CatalogHandle>,
    now_us: Arc<AtomicI64>,
}

impl Server {
    pub async fn new(parts: PolicyParts) -> Self {
        Self::with(parts, Rates::default(), None).await
    }

    pub async fn with(
        parts: PolicyParts,
        rates: Rates,
        store: Option<Arc<dyn PolicyStore>>,
    ) -> Self {
        let now_us = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&now_us);
        let settings = Settings {
            rates,
            clock: Clock::new(move || clock.load(Ordering::SeqCst)),
            trusted_proxies: TrustedProxies::parse(["127.0.0.1"]).expect("an address"),
            ..Settings::default()
        };
        let catalog = fixture::catalog().under(Arc::new(Policy::new(parts)), NOW);
        Self::listening(catalog, settings, now_us, |state, _| match store {
            Some(store) => state.writing(store),
            None => state,
        })
        .await
    }

    /// Serves those layers under what a store says, and what is written there at once.
    pub async fn ruled(layers: Catalog, store: Arc<SqliteStore>) -> Self {
        let now_us = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&now_us);
        let settings = Settings {
            clock: Clock::new(move || clock.load(Ordering::SeqCst)),
            ..Settings::default()
        };
        let moment = Arc::clone(&now_us);
        let rule = {
            let (layers, store) = (layers.under(Arc::default(), NOW), Arc::clone(&store));
            move || {
                let stored = store.load().expect("readable");
                let (parts, broken) = store.files().with(stored.parts);
                assert!(broken.is_empty(), "{broken:?}");
                let now_us = moment.load(Ordering::SeqCst);
                layers.under(Arc::new(Policy::new(parts)), now_us)
            }
        };
        Self::listening(rule(), settings, now_us, |state, handle| {
            let handle = Arc::clone(handle);
            let follow = move || handle.swap(rule());
            state.writing(store).following(Arc::new(follow))
        })
        .await
    }

    async fn listening(
        catalog: Catalog,
        settings: Settings,
        now_us: Arc<AtomicI64>,
        with: impl FnOnce(ApiState, &Arc<CatalogHandle>) -> ApiState,
    ) -> Self {
        let views = Arc::new(Views::new([7; 32], 64 << 20));
        let handle = Arc::new(CatalogHandle::new(catalog.keeping(views)));
        let state = ApiState::new(Arc::clone(&handle), Arc::new(PlainPages), [7; 32], settings);
        let state = Arc::new(with(state, &handle));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = guichet::api::serve(listener, Arc::clone(&state), std::future::pending());
        tokio::spawn(served);
        Self {
            address,
            state,
            handle,
            now_us,
        }
    }

    /// Another policy holds from now on.
    pub fn under(&self, parts: PolicyParts) {
        let now_us = self.now_us.load(Ordering::SeqCst);
        let catalog = fixture::catalog().under(Arc::new(Policy::new(parts)), now_us);
        self.handle.swap(catalog);
    }

    pub fn pass(&self, us: i64) {
        self.now_us.fetch_add(us, Ordering::SeqCst);
    }

    pub async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.ask("GET", target, headers, "").await
    }

    /// Any request; `target` is a path with a query, or a link of an answer.
    pub async fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let target = target.strip_prefix(BASE).unwrap_or(target);
        let mut request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
            let _ = write!(request, "Host: {HOST}\r\n");
        }
        for (name, value) in headers {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        let _ = write!(request, "Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("an answer");
        Reply::read(target, &bytes)
    }
}

pub struct Reply {
    pub target: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    fn read(target: &str, bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|l| l.split(' ').nth(1));
        let headers: Vec<_> = lines
            .filter_map(|l| l.split_once(": "))
            .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
            .collect();
        let mut body = bytes[end + 4..].to_vec();
        if headers.iter().any(|(n, _)| n == "transfer-encoding") {
            body = joined(&body);
        }
        Self {
            target: target.to_owned(),
            status: status.expect("a status").parse().expect("a number"),
            headers,
            body,
        }
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.target, self.text());
        self
    }

    /// The end of the type of a problem.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}: {}", self.target, self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("access-control-allow-origin"), "*");
        assert_eq!(self.header("cache-control"), "no-store");
        let kind = self.json()["type"].as_str().expect("a type").to_owned();
        kind.rsplit(':').next().expect("an end").to_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{}: {e}: {}", self.target, self.text()))
    }

    /// All values of a header, joined.
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(n, _)| n == name);
        let values: Vec<&str> = values.map(|(_, v)| v.as_str()).collect();
        values.join(", ")
    }
}

/// The chunks of a body.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = chunks.windows(2).position(|w| w == b"\r\n");
        let line = line.expect("the size of a chunk");
        let size = str::from_utf8(&chunks[..line]).expect("a number");
        let size = usize::from_str_radix(size, 16).expect("a number");
        if size == 0 {
            return body;
        }
        body.extend(&chunks[line + 2..line + 2 + size]);
        chunks = &chunks[line + 4 + size..];
    }
}

/// The text of a key; the same number makes the same.
pub fn text(number: u8) -> KeyText {
    let mut random = blake3::Hasher::new().update(&[number]).finalize_xof();
    KeyText::generate(|buffer| random.fill(buffer))
}

/// A key of the partner.
pub fn key(text: &KeyText) -> Key {
    Key {
        label: "SIG".to_owned(),
        ..Key::new(text.id(), text.sha256(), "eau")
    }
}

/// A publisher and a partner, who has those keys and may see the restricted layer.
pub fn parts(keys: impl IntoIterator<Item = Key>) -> PolicyParts {
    let organisation = |id: &str, title: &str| {
        let organisation = Organisation {
            id: id.to_owned(),
            title: title.to_owned(),
            parent: None,
            jurisdiction: None,
            siret: Some("13002526500013".to_owned()).filter(|_| id == "eau"),
        };
        (id.to_owned(), organisation)
    };
    let keys: BTreeMap<KeyId, Key> = keys.into_iter().map(|k| (k.id, k)).collect();
    PolicyParts {
        organisations: [
            organisation("sud", "Région Sud"),
            organisation("eau", "Eau de Provence"),
        ]
        .into(),
        profiles: [
            profile("tout", "TRUE"),
            profile("peu", "population < 20000000000000"),
        ]
        .into(),
        keys,
        ..PolicyParts::default()
    }
}

/// A profile that opens all properties of some rows.
pub fn profile(id: &str, rows: &str) -> (String, Profile) {
    let profile = Profile {
        id: id.to_owned(),
        organisation: None,
        rows: rows.to_owned(),
        attributes: Attributes::All,
        area: None,
        derived: [].into(),
        zooms: Zooms::ALL,
        precision: None,
        formats: None,
    };
    (id.to_owned(), profile)
}

/// A grant to the partner on a layer.
pub fn grant(layer: &str) -> Grant {
    Grant {
        id: format!("g-{layer}"),
        subject: Subject::Organisation("eau".to_owned()),
        layers: [layer.to_owned()].into(),
        profile: "tout".to_owned(),
        actions: [Action::Discover, Action::Tiles, Action::Items].into(),
        from_us: None,
        until_us: Some(NOW + 100 * DAY),
        terms: None,
    }
}

pub fn basic(user: &str, password: &str) -> String {
    let text = base64url(format!("{user}:{password}").as_bytes());
    format!("Basic {}", text.replace('-', "+").replace('_', "/"))
}

pub fn bearer(text: &KeyText) -> String {
    format!("Bearer {}", text.reveal())
}

pub fn browser_key(text: &KeyText) -> Key {
    Key {
        kind: KeyKind::Browser,
        ..key(text)
    }
}

/// The template of a TileJSON that is asked for with a key, and the address of a tile.
pub async fn template(server: &Server, key: &KeyText) -> (String, String) {
    let headers = [
        ("X-API-Key", key.reveal()),
        ("Origin", "https://carte.example"),
    ];
    let answer = server.get("/xyz/villes,sud.communes.json", &headers).await;
    let document = answer.expect(200).json();
    let template = document["tiles"][0]
        .as_str()
        .expect("a template")
        .to_owned();
    let tile = template.replace("{z}/{x}/{y}", "5/16/11");
    (template, tile)
}

/// A provider of identities with one Ed25519 key.
pub struct Provider(ring::signature::Ed25519KeyPair);

impl Provider {
    pub const ISSUER: &str = "https://identite.example.org";

    pub fn new() -> Self {
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
        let pair = ring::signature::Ed25519KeyPair::from_pkcs8(pkcs8.as_ref());
        Self(pair.expect("a key"))
    }

    pub fn issuer(&self) -> TokenIssuer {
        use ring::signature::KeyPair as _;
        let x = base64url(self.0.public_key().as_ref());
        let jwks = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": x }] });
        TokenIssuer {
            issuer: Self::ISSUER.to_owned(),
            audience: "guichet".to_owned(),
            keys: TokenKeys::parse(jwks.to_string().as_bytes()).expect("keys"),
            siret_claim: Some("siret".to_owned()),
            groups_claim: Some("groups".to_owned()),
        }
    }

    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let mut payload =
            json!({ "iss": Self::ISSUER, "aud": "guichet", "exp": NOW / SECOND + 600 });
        let claims = claims.as_object().expect("claims").clone();
        payload.as_object_mut().expect("claims").extend(claims);
        let part = |v: &Value| base64url(v.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(&payload));
        let signature = self.0.sign(signed.as_bytes());
        format!("Bearer {signed}.{}", base64url(signature.as_ref()))
    }

    pub fn good(&self, claims: &Value) -> String {
        self.token(&json!({ "alg": "EdDSA", "kid": "a" }), claims)
    }
}

pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
pub const PAGE: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
