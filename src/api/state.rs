//! What the API needs to answer: plain values, handed down by whoever starts it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use super::admission::{Admission, Rates};
use super::base::{Base, TrustedProxies};
use super::basemap::Basemap;
use super::clock::{Clock, Random};
use super::pages::Pages;
use super::pool::Pool;
use crate::access::{NoJournal, PolicyStore, ReadJournal, TokenIssuer};
use crate::catalog::CatalogHandle;
use crate::features::{Counts, Limits, Secret};
use crate::tiles::cache::TileCache;

/// Ceilings and circumstances of the API.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of all links; without it they follow the `Host` of each request.
    pub public_url: Option<Base>,
    /// Whose `Forwarded` headers are believed.
    pub trusted_proxies: TrustedProxies,
    /// Items a page, and bytes of a page before compression.
    pub items: Limits,
    /// Rows of a page of items for people. A table of more is read by nobody and is slow in a browser; `limit` may lower it.
    pub page_rows: u32,
    /// Bytes of a URL. A filter with the outline of a commune fits (1,000 vertices, 45 kB with its escapes); what is longer is a mistake or
    /// an attack.
    pub url_bytes: usize,
    /// Bytes of all headers of a request. Tokens of a few kilobytes fit.
    pub header_bytes: usize,
    /// From the request to the first byte of the answer.
    pub answer_within: Duration,
    /// From one piece of an answer (64 KiB) to the next one's being taken by the client: some 1 kB/s.
    pub piece_within: Duration,
    /// Answers that are computed at a time. They are bound by the processor, so more than it has cores gains nothing.
    pub workers: usize,
    /// Answers that wait for their turn; one more is refused with 503.
    pub queue: usize,
    /// Connections at a time. Each holds a descriptor and some ten kilobytes; more wait in the system's queue.
    pub connections: usize,
    /// Bytes of encoded tiles kept in memory.
    pub tile_cache_bytes: u64,
    /// Collections that one tile may join: the work of a request grows with it.
    pub collections_per_tile: usize,
    /// How often callers may ask.
    pub rates: Rates,
    /// Seconds from one expiry of signed URLs to the next.
    pub signature_seconds: u32,
    /// Tells the time.
    pub clock: Clock,
    /// Gives random numbers.
    pub random: Random,
    /// What lies below the maps of the pages.
    pub basemap: Basemap,
    /// Tells the request ids of one run from those of another, such as the second in which it started.
    pub run: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            trusted_proxies: TrustedProxies::default(),
            items: Limits::default(),
            page_rows: 100,
            url_bytes: 56 << 10,
            header_bytes: 32 << 10,
            answer_within: Duration::from_secs(30),
            piece_within: Duration::from_mins(1),
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            queue: 256,
            connections: 4096,
            tile_cache_bytes: 256 << 20,
            collections_per_tile: 16,
            rates: Rates::default(),
            signature_seconds: 300,
            clock: Clock::default(),
            random: Random::default(),
            basemap: Basemap::Own,
            run: 0,
        }
    }
}

/// Counts of filtered queries that are remembered: some 100 bytes each.
const REMEMBERED_COUNTS: usize = 4096;

/// Everything that handlers share.
pub struct ApiState {
    pub(super) catalog: Arc<CatalogHandle>,
    pub(super) pages: Arc<dyn Pages>,
    pub(super) secret: Secret,
    pub(super) settings: Settings,
    pub(super) health: Arc<Health>,
    pub(super) pool: Pool,
    /// For what has a filter, which may take long: half as many at a time, so that tiles and plain pages find a turn beside them.
    pub(super) searches: Pool,
    /// For views that nobody has asked for yet: one a core.
    pub(super) derivations: Pool,
    pub(super) counts: Counts,
    pub(super) tiles: TileCache,
    pub(super) admission: Admission,
    /// Where changes are written; without one, nothing can be changed.
    pub(super) store: Option<Arc<dyn PolicyStore>>,
    /// Looks at the store at once, and serves what it says.
    pub(super) follow: Arc<dyn Fn() + Send + Sync>,
    /// Changes are written one after the other, in the order in which they were asked for.
    pub(super) turns: tokio::sync::Mutex<()>,
    /// Who read what.
    pub(super) journal: Arc<dyn ReadJournal>,
    request_number: AtomicU64,
}

impl ApiState {
    /// An API over that catalogue. `secret` is the key of cursors and entity tags: 32 random bytes that outlive a restart.
    pub fn new(
        catalog: Arc<CatalogHandle>,
        pages: Arc<dyn Pages>,
        secret: [u8; 32],
        settings: Settings,
    ) -> Self {
        Self {
            catalog,
            pages,
            secret: Secret::new(secret),
            health: Arc::default(),
            pool: Pool::new(settings.workers, settings.queue, settings.answer_within),
            searches: Pool::new(settings.workers / 2, settings.queue, settings.answer_within),
            derivations: Pool::new(settings.workers, settings.queue, settings.answer_within),
            counts: Counts::new(REMEMBERED_COUNTS),
            tiles: TileCache::new(settings.tile_cache_bytes),
            admission: Admission::new(&secret, &settings.rates, settings.signature_seconds),
            store: None,
            follow: Arc::new(|| ()),
            turns: tokio::sync::Mutex::new(()),
            journal: Arc::new(NoJournal),
            request_number: AtomicU64::new(0),
            settings,
        }
    }

    /// The same, noting in a journal who reads what.
    pub fn noting(self, journal: Arc<dyn ReadJournal>) -> Self {
        Self { journal, ..self }
    }

    /// The same, telling that health.
    #[must_use]
    pub fn telling(self, health: Arc<Health>) -> Self {
        Self { health, ..self }
    }

    /// The same, writing what callers may change in a store.
    pub fn writing(self, store: Arc<dyn PolicyStore>) -> Self {
        Self {
            store: Some(store),
            ..self
        }
    }

    /// The same, serving what it wrote before it answers: `follow` looks at the store and swaps the catalogue.
    #[must_use]
    pub fn following(self, follow: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { follow, ..self }
    }

    /// From now on, believes tokens of these issuers and no others.
    pub fn believe(&self, issuers: Vec<TokenIssuer>) {
        self.admission.believe(issuers);
    }

    /// Whether a token named a key that its issuer is not known to have, since this was asked last.
    pub fn take_new_key_named(&self) -> bool {
        self.admission.take_new_key_named()
    }

    /// Bytes that finished tiles take.
    pub fn tile_bytes(&self) -> u64 {
        self.tiles.usage().0
    }

    /// How many they may take from now on; what is too much goes.
    pub fn set_tile_cache_bytes(&self, bytes: u64) {
        self.tiles.set_capacity(bytes);
    }

    /// Where whoever reloads says how it went.
    pub fn health(&self) -> Arc<Health> {
        Arc::clone(&self.health)
    }

    /// An id for a request, to be found again in the log.
    pub(super) fn request_id(&self) -> String {
        let number = self.request_number.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{number:x}", self.settings.run)
    }
}

/// How the server is, as `/health/ready` tells it.
#[derive(Debug, Default)]
pub struct Health {
    stopping: AtomicBool,
    reload_refused: AtomicBool,
    policy_unconfirmed: AtomicBool,
    token_keys: AtomicU8,
}

/// What is known of the keys of the identity provider whose tokens are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TokenKeyState {
    /// There is no provider.
    None,
    /// They are as they were read last.
    Good,
    /// They could not be read again: those that were read before go on.
    Stale,
    /// None is known, and all its tokens are refused.
    Missing,
}

impl TokenKeyState {
    const ALL: [Self; 4] = [Self::None, Self::Good, Self::Stale, Self::Missing];

    /// The word for it in health.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Good => "ok",
            Self::Stale => "stale",
            Self::Missing => "missing",
        }
    }
}

impl Health {
    /// From now on no new work is wanted.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Says whether the last reload was refused, so that an older catalogue than the configured one is served.
    pub fn reloaded(&self, refused: bool) {
        self.reload_refused.store(refused, Ordering::Relaxed);
    }

    /// Says whether the policy that is served is what its store says: if not, restricted layers are closed until it answers again.
    pub fn policy_confirmed(&self, confirmed: bool) {
        self.policy_unconfirmed.store(!confirmed, Ordering::Relaxed);
    }

    /// Says how the keys of the identity provider are.
    pub fn token_keys(&self, state: TokenKeyState) {
        self.token_keys.store(state as u8, Ordering::Relaxed);
    }

    pub(super) fn token_key_state(&self) -> TokenKeyState {
        let state = usize::from(self.token_keys.load(Ordering::Relaxed));
        TokenKeyState::ALL[state.min(TokenKeyState::ALL.len() - 1)]
    }

    pub(super) fn is_policy_unconfirmed(&self) -> bool {
        self.policy_unconfirmed.load(Ordering::Relaxed)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn is_reload_refused(&self) -> bool {
        self.reload_refused.load(Ordering::Relaxed)
    }
}
