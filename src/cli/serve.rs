//! `guichet serve`: loads, listens, reloads on SIGHUP, ends on SIGINT and SIGTERM.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::budget::{Keeper, Shares};
use super::discover::{self, Skipped};
use super::progress::Progress;
use super::publish::{self, Loader, Outcome, Plan};
use super::rule::{self, Rule, Watch};
use super::state::{ReloadOutcome, Reloads, State};
use super::tokens::{self, Provider};
use crate::access::ReadJournal;
use crate::api::{self, ApiState, Health};
use crate::catalog::{Catalog, CatalogHandle, Views};
use crate::config::Config;
use crate::store::{Journal, JournalOptions};

/// Reads the configuration, at start and at each reload.
pub(super) type Reread = Box<dyn Fn() -> anyhow::Result<Config> + Send + Sync>;

/// What is loaded, and how to load it again.
struct Server {
    /// Files and folders to serve without a configuration.
    paths: Vec<PathBuf>,
    reread: Reread,
    state: State,
    progress: Progress,
    catalog: Arc<CatalogHandle>,
    /// The layers that are served now.
    held: Mutex<Outcome>,
    rule: Arc<Rule>,
    views: Arc<Views>,
    /// The identity provider whose tokens are believed.
    tokens: Mutex<Option<Provider>>,
    /// The configuration of the start: some of it holds until the next.
    started_with: Arc<Config>,
}

/// What was read, and the files of folders that are no layer.
struct Loaded {
    outcome: Outcome,
    skipped: Vec<Skipped>,
}

/// The signals that concern a server. Registered before the lock names this process: an unregistered SIGHUP would end it.
struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn register() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }
}

/// Ends with the first SIGINT or SIGTERM.
async fn stopped(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Serves until a signal ends it.
pub(super) fn serve(paths: Vec<PathBuf>, reread: Reread, accept_older: bool) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    let done = runtime.block_on(run(paths, reread, accept_older));
    // A load that is still reading must not hold up the end.
    runtime.shutdown_background();
    done
}

/// What the configuration asks for and this version does not do: said at each start, so that nobody relies on it.
fn not_yet(config: &Config) -> Vec<String> {
    let asked = [(
        config.server.metrics.is_some(),
        "server.metrics is not served yet",
    )];
    let mut notes: Vec<String> = asked
        .into_iter()
        .filter(|(asked, _)| *asked)
        .map(|(_, note)| note.to_owned())
        .collect();
    for layer in &config.layers {
        let id = &layer.collection;
        let s = &layer.source;
        let keys = [
            ("encoding", s.encoding.is_some()),
            ("delimiter", s.delimiter.is_some()),
            ("x", s.x.is_some()),
            ("y", s.y.is_some()),
            ("geometry", s.geometry.is_some()),
        ];
        for key in held_of(&keys) {
            notes.push(format!("{id}: source.{key} is not used yet"));
        }
    }
    notes
}

/// What of `now` differs from the configuration of the start and is read at a start only.
fn at_next_start(start: &Config, now: &Config) -> Vec<&'static str> {
    macro_rules! differing {
        ($($name:literal: $($field:ident).+),* $(,)?) => {
            [$(($name, start.$($field).+ != now.$($field).+)),*]
        };
    }
    held_of(&differing![
        "platform.url": platform.url,
        "[basemap]": basemap,
        "server.listen": server.listen,
        "server.trusted_proxies": server.trusted_proxies,
        "server.state": server.state,
        "server.memory": server.memory,
        "server.metrics": server.metrics,
        "limits.caller_requests_per_second": limits.caller_requests_per_second,
        "limits.caller_requests_at_once": limits.caller_requests_at_once,
        "limits.network_requests_per_second": limits.network_requests_per_second,
        "limits.network_requests_at_once": limits.network_requests_at_once,
        "limits.bad_credentials_per_minute": limits.bad_credentials_per_minute,
        "limits.journal_days": limits.journal_days,
        "limits.policy_lease_seconds": limits.policy_lease_seconds,
        "limits.signature_seconds": limits.signature_seconds,
        "limits.items_limit_default": limits.items_limit_default,
        "limits.items_limit_max": limits.items_limit_max,
        "limits.page_bytes": limits.page_bytes,
        "limits.url_bytes": limits.url_bytes,
        "limits.filter_bytes": limits.filter_bytes,
        "limits.filter_depth": limits.filter_depth,
        "limits.filter_parts": limits.filter_parts,
        "limits.filter_vertices": limits.filter_vertices,
        "limits.filter_cost": limits.filter_cost,
        "limits.request_seconds": limits.request_seconds,
        "limits.connections": limits.connections,
        "limits.tile_cache_bytes": limits.tile_cache_bytes,
        "limits.collections_per_tile": limits.collections_per_tile,
        "limits.concurrent_renders": limits.concurrent_renders,
        "limits.queued_renders": limits.queued_renders,
    ])
}

/// The keys of which the second is true.
fn held_of(pairs: &[(&'static str, bool)]) -> Vec<&'static str> {
    let held = pairs.iter().filter(|(_, holds)| *holds);
    held.map(|(key, _)| *key).collect()
}

fn not_served((id, reason): &(String, String)) -> String {
    format!("{id} is not served: {reason}")
}

fn bind(address: SocketAddr) -> anyhow::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address).map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "another program listens on {address} already: stop it, or choose another address with --listen (port 0 is any free port)"
        ),
        _ => anyhow::anyhow!("{address} cannot be listened on: {e}; choose another address with --listen"),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn run(paths: Vec<PathBuf>, reread: Reread, accept_older: bool) -> anyhow::Result<()> {
    let Signals {
        hangup,
        mut interrupt,
        mut terminate,
    } = Signals::register()?;
    let config = Arc::new(reread()?);
    // The port before the data: a port in use should be known at once.
    let listener = bind(config.server.listen)?;
    let state = State::open(&config.server.state)?;
    let health = Arc::<Health>::default();
    let views = views(&config, &state.secret);
    let catalog = Catalog::default().keeping(Arc::clone(&views));
    let catalog = Arc::new(CatalogHandle::new(catalog));
    let files = Arc::new(super::policy::files(&config)?);
    let store = rule::open_store(state.folder(), &state.secret, files, accept_older)?;
    let store = Arc::new(store);
    let lease = Duration::from_secs(config.limits.policy_lease_seconds);
    let rule = Rule::new(
        Arc::clone(&store),
        Arc::clone(&catalog),
        Arc::clone(&health),
        lease,
    );
    let journal = Arc::new(journal(&config, &state)?);
    let server = Arc::new(Server {
        paths,
        reread,
        state,
        progress: Progress::for_terminal(),
        catalog,
        held: Mutex::default(),
        rule: Arc::new(rule),
        views,
        tokens: Mutex::default(),
        started_with: Arc::clone(&config),
    });
    for note in not_yet(&config) {
        eprintln!("guichet: {note}");
    }
    let start = {
        let (server, config) = (Arc::clone(&server), Arc::clone(&config));
        tokio::task::spawn_blocking(move || server.start(&config))
    };
    tokio::select! {
        started = start => started.context("the layers cannot be loaded")??,
        () = stopped(&mut interrupt, &mut terminate) => return Ok(()),
    }
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    let state = Arc::new(
        ApiState::new(
            Arc::clone(&server.catalog),
            Arc::new(crate::portal::Portal),
            api_secret(&server.state.secret),
            super::settings::api(&config)?,
        )
        .telling(Arc::clone(&health))
        .noting(Arc::clone(&journal) as Arc<dyn ReadJournal>)
        .writing(store)
        .following({
            let server = Arc::clone(&server);
            Arc::new(move || server.look())
        }),
    );
    server.believe(&config, &state)?;
    let look = {
        let (server, state) = (Arc::clone(&server), Arc::clone(&state));
        move || {
            server.look();
            server.look_at_tokens(&state);
        }
    };
    let watch = Watch::start("policy", rule::POLL, look)?;
    let mut keeper = keeper(&config, &server, &state);
    let budget = Watch::start("memory", LOOK_AT_MEMORY, move || keeper.look())?;
    let reloads = tokio::spawn(reloads(
        hangup,
        server,
        Arc::clone(&state),
        Arc::clone(&health),
    ));
    announce(&config, address)?;
    api::serve(listener, state, async move {
        stopped(&mut interrupt, &mut terminate).await;
        health.stop();
    })
    .await?;
    reloads.abort();
    drop((watch, budget));
    journal.flush();
    Ok(())
}

/// Where derived views are kept.
fn views(config: &Config, secret: &[u8; 32]) -> Arc<Views> {
    let shares = Shares::of(memory(config), config.limits.tile_cache_bytes, 0);
    Arc::new(Views::new(*secret, shares.views))
}

/// Bytes for layers, views and tiles together: what the configuration says, or half of what there is.
fn memory(config: &Config) -> u64 {
    config.server.memory.unwrap_or_else(super::memory::half)
}

/// How often it is looked at what the process takes.
const LOOK_AT_MEMORY: Duration = Duration::from_secs(1);

fn keeper(config: &Config, server: &Server, api: &Arc<ApiState>) -> Keeper {
    Keeper::new(
        (memory(config), config.limits.tile_cache_bytes),
        Arc::clone(&server.catalog),
        Arc::clone(&server.views),
        Arc::clone(api),
        server.state.folder(),
    )
}

/// How often sums of reads are written: what a process that is killed forgets of who read what.
const JOURNAL_EVERY: Duration = Duration::from_secs(2);

fn journal(config: &Config, state: &State) -> anyhow::Result<Journal> {
    let options = JournalOptions {
        every: JOURNAL_EVERY,
        keep_days: config.limits.journal_days as u32,
        zone: config.platform.timezone.clone(),
        now_us: rule::now_us,
    };
    Journal::start(state.folder(), options).context("the journal of reads")
}

fn announce(config: &Config, address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    match &config.platform.url {
        Some(url) => writeln!(out, "listening on {url}\n(at http://{address})")?,
        None => writeln!(out, "listening on http://{address}")?,
    }
    out.flush()
}

/// Reloads at each SIGHUP, one after the other; those that come meanwhile are one more.
async fn reloads(mut hangup: Signal, server: Arc<Server>, api: Arc<ApiState>, health: Arc<Health>) {
    let mut told = Reloads::default();
    while hangup.recv().await.is_some() {
        told.started += 1;
        server.tell(&told);
        let reload = {
            let (server, api) = (Arc::clone(&server), Arc::clone(&api));
            // A reload reads files: off the threads that answer.
            tokio::task::spawn_blocking(move || server.reload(&api))
        };
        let ended = match reload.await {
            Ok(ended) => ended,
            Err(e) => Err(anyhow::anyhow!(
                "a fault of the program ended the reload: {e}"
            )),
        };
        health.reloaded(ended.is_err());
        let accepted = ended.is_ok();
        let message = ended.unwrap_or_else(|e| format!("{e:#}"));
        if accepted {
            tracing::info!("{message}");
        } else {
            tracing::error!("reload refused, the old catalogue goes on: {message}");
        }
        told.ended = Some(ReloadOutcome {
            number: told.started,
            accepted,
            message,
        });
        server.tell(&told);
    }
}

/// The key of revisions.
pub(super) fn revision_secret(secret: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key("guichet 2026 revisions", secret)
}

/// The API's own secret, so that nothing it signs is a revision.
fn api_secret(secret: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key("guichet 2026 cursors and entity tags", secret)
}

impl Server {
    /// Loads for the first time: what fails is told and left out, unless nothing is left.
    fn start(&self, config: &Config) -> anyhow::Result<()> {
        let mut config = config.clone();
        let Loaded { outcome, skipped } = self.load(&mut config, &Outcome::default())?;
        let skipped = skipped.into_iter().map(|s| s.reason);
        let notes: Vec<String> = skipped
            .chain(outcome.failed.iter().map(not_served))
            .collect();
        for note in &notes {
            eprintln!("guichet: {note}");
        }
        if outcome.layers.is_empty() && !notes.is_empty() {
            bail!("no layer can be served");
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.accept(&mut held, &config, outcome, false)
    }

    /// Loads again and swaps once, or refuses whole. Gives what is to be said of it.
    fn reload(&self, api: &Arc<ApiState>) -> anyhow::Result<String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut config = (self.reread)()?;
        let Loaded { outcome, skipped } = self.load(&mut config, &held)?;
        // A file of a folder that is no layer refuses nothing, unless it was a layer until now.
        let (lost, skipped): (Vec<_>, Vec<_>) =
            skipped.into_iter().partition(|s| held.serves(&s.path));
        let faults: Vec<String> = lost
            .into_iter()
            .map(|s| s.reason)
            .chain(outcome.worse_than(&held).map(not_served))
            .collect();
        if !faults.is_empty() {
            bail!("{}", faults.join("\n"));
        }
        let mut lines = vec![format!("reloaded: {} layers", outcome.layers.len())];
        let still = |failed| format!("as before, {}", not_served(failed));
        lines.extend(outcome.failed.iter().map(still));
        let stale = |(id, reason): &(String, String)| {
            format!("{id} is served as it was read before: {reason}")
        };
        let stale: Vec<String> = outcome.stale.iter().map(stale).collect();
        for line in &stale {
            tracing::warn!("{line}");
        }
        lines.extend(stale);
        lines.extend(skipped.into_iter().map(|s| s.reason));
        let later = at_next_start(&self.started_with, &config);
        if !later.is_empty() {
            lines.push(format!(
                "takes effect at the next start: {}",
                later.join(", ")
            ));
        }
        self.accept(&mut held, &config, outcome, true)?;
        self.believe(&config, api)?;
        Ok(lines.join("\n"))
    }

    /// One look at the policy: at its store, if that is still where it was.
    fn look(&self) {
        if self.state.is_in_place() {
            self.rule.look();
        } else {
            let folder = self.state.folder().display();
            let why = format!(
                "the state folder {folder} was taken away or replaced: put it back, or start the server again"
            );
            self.rule.look_elsewhere(&why);
        }
    }

    /// Believes the tokens of the configured provider.
    fn believe(&self, config: &Config, api: &Arc<ApiState>) -> anyhow::Result<()> {
        let mut held = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens::believe(&mut held, config.tokens.as_ref(), api)
    }

    /// Reads the provider's keys again if they stand in a file and it changed.
    fn look_at_tokens(&self, api: &ApiState) {
        let mut held = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = held.as_mut() {
            provider.look(api);
        }
    }

    /// Serves `outcome` from now on. Only then are the snapshots of layers that are gone of no use.
    fn accept(
        &self,
        held: &mut Outcome,
        config: &Config,
        outcome: Outcome,
        strict: bool,
    ) -> anyhow::Result<()> {
        let served = outcome.layers.keys().cloned();
        let files = super::policy::files(config)?.and_layers(served);
        let catalogue = publish::catalogue(config, &outcome).keeping(Arc::clone(&self.views));
        self.rule.publish(&catalogue, Arc::new(files), strict)?;
        outcome.sweep_snapshots(&self.state.snapshots());
        *held = outcome;
        Ok(())
    }

    fn tell(&self, reloads: &Reloads) {
        if let Err(e) = self.state.write_reloads(reloads) {
            tracing::error!("how a reload went cannot be written: {e}");
        }
    }

    /// All layers of the configuration or of the paths.
    fn load(&self, config: &mut Config, before: &Outcome) -> anyhow::Result<Loaded> {
        let limits = publish::limits(config);
        let (mut skipped, mut ownerless) = (Vec::new(), Vec::new());
        let plans: Vec<Plan> = if self.paths.is_empty() {
            if !config.guests.is_empty() {
                super::policy::find_guests(config, &self.rule.stored()?.parts);
            }
            let mut plans = Vec::new();
            for layer in &config.layers {
                match super::policy::without_owner(config, layer) {
                    Some(why) => ownerless.push((layer.collection.clone(), why)),
                    None => plans.push(publish::plan(config, layer).map_err(anyhow::Error::msg)?),
                }
            }
            plans
        } else {
            let found = discover::discover(&self.paths, &limits, config.limits.layers)?;
            skipped = found.skipped;
            found.plans
        };
        let loader = Loader {
            secret: revision_secret(&self.state.secret),
            time_zone: config.platform.timezone.clone(),
            limits,
            snapshots: Some(self.state.snapshots()),
            progress: &self.progress,
        };
        let mut outcome = loader.publish(plans, before);
        outcome.failed.extend(ownerless);
        Ok(Loaded { outcome, skipped })
    }
}
