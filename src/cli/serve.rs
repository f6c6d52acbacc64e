//! `guichet serve`: loads, listens, reloads on SIGHUP, ends on SIGINT and SIGTERM.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::discover;
use super::progress::Progress;
use super::publish::{self, Loader, Outcome, Plan};
use super::state::{ReloadOutcome, State};
use crate::api::{self, ApiState, Health};
use crate::catalog::CatalogHandle;
use crate::config::Config;

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
    held: Mutex<Held>,
}

/// The layers that are served now, and how often they were reloaded.
#[derive(Default)]
struct Held {
    outcome: Outcome,
    reloads: u64,
}

/// Serves until a signal ends it.
pub(super) fn serve(paths: Vec<PathBuf>, reread: Reread) -> anyhow::Result<()> {
    let config = reread()?;
    // The port before the data: a port in use should be known at once.
    let listener = bind(config.server.listen)?;
    let server = Server {
        paths,
        reread,
        state: State::open(&config.server.state)?,
        progress: Progress::for_terminal(),
        catalog: Arc::default(),
        held: Mutex::default(),
    };
    for note in not_yet(&config) {
        eprintln!("guichet: {note}");
    }
    server.start(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    runtime.block_on(run(Arc::new(server), &config, listener))
}

/// What the configuration asks for and this version does not do: said at each start, so that nobody relies on it.
fn not_yet(config: &Config) -> Vec<&'static str> {
    let asked = [
        (
            config.server.memory.is_some(),
            "server.memory is not enforced yet: the system's page cache decides what stays in memory",
        ),
        (
            config.server.metrics.is_some(),
            "server.metrics is not served yet",
        ),
        (
            !config.grants.is_empty(),
            "grants are not applied yet: every restricted layer is a 404 for everybody",
        ),
    ];
    asked
        .into_iter()
        .filter(|(asked, _)| *asked)
        .map(|(_, note)| note)
        .collect()
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

async fn run(
    server: Arc<Server>,
    config: &Config,
    listener: std::net::TcpListener,
) -> anyhow::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let stop = stop_signal()?;
    let listener = TcpListener::from_std(listener)?;
    let address = listener.local_addr()?;
    let state = Arc::new(ApiState::new(
        Arc::clone(&server.catalog),
        Arc::new(crate::portal::Portal),
        api_secret(&server.state.secret),
        super::settings::api(config)?,
    ));
    let health = state.health();
    let reloads = {
        let (server, health) = (Arc::clone(&server), Arc::clone(&health));
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                let (server, health) = (Arc::clone(&server), Arc::clone(&health));
                // A reload reads files: off the threads that answer.
                let done = tokio::task::spawn_blocking(move || server.reload(&health)).await;
                if let Err(e) = done {
                    tracing::error!("a reload failed without a word: {e}");
                }
            }
        })
    };
    let mut out = std::io::stdout();
    writeln!(
        out,
        "listening on {}",
        config
            .platform
            .url
            .clone()
            .unwrap_or_else(|| format!("http://{address}"))
    )?;
    if config.platform.url.is_some() {
        writeln!(out, "(at http://{address})")?;
    }
    out.flush()?;
    api::serve(listener, state, async move {
        stop.await;
        health.stop();
    })
    .await?;
    reloads.abort();
    Ok(())
}

/// Ends with the first SIGINT or SIGTERM.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = Signal::recv(&mut interrupt) => {}
            _ = Signal::recv(&mut terminate) => {}
        }
    })
}

/// The API's own secret, so that nothing it signs is a revision.
fn api_secret(secret: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key("guichet 2026 cursors and entity tags", secret)
}

impl Server {
    /// Loads for the first time: what fails is told and left out, unless nothing is left.
    fn start(&self, config: &Config) -> anyhow::Result<()> {
        let (outcome, notes) = self.load(config, &Outcome::default())?;
        for note in &notes {
            eprintln!("guichet: {note}");
        }
        if outcome.layers.is_empty() && !notes.is_empty() {
            bail!("no layer can be served");
        }
        self.publish(config, outcome);
        Ok(())
    }

    /// Loads again and swaps once, or refuses whole and says why.
    fn reload(&self, health: &Health) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.reloads += 1;
        let number = held.reloads;
        let loaded = (self.reread)().and_then(|config| {
            let (outcome, notes) = self.load(&config, &held.outcome)?;
            if !outcome.failed.is_empty() {
                bail!("{}", notes.join("\n"));
            }
            Ok((config, outcome))
        });
        let (accepted, message) = match loaded {
            Ok((config, outcome)) => {
                let message = format!("reloaded: {} layers", outcome.layers.len());
                self.catalog.swap(publish::catalogue(&config, &outcome));
                held.outcome = outcome;
                (true, message)
            }
            Err(e) => (false, format!("{e:#}")),
        };
        health.reloaded(!accepted);
        if accepted {
            tracing::info!("{message}");
        } else {
            tracing::error!("reload refused, the old catalogue goes on: {message}");
        }
        let outcome = ReloadOutcome {
            number,
            accepted,
            message,
        };
        if let Err(e) = self.state.write_outcome(&outcome) {
            tracing::error!("the outcome of a reload cannot be written: {e}");
        }
    }

    fn publish(&self, config: &Config, outcome: Outcome) {
        self.catalog.swap(publish::catalogue(config, &outcome));
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .outcome = outcome;
    }

    /// All layers of the configuration or of the paths, and a sentence for each that failed.
    fn load(&self, config: &Config, before: &Outcome) -> anyhow::Result<(Outcome, Vec<String>)> {
        let limits = publish::limits(config);
        let mut notes = Vec::new();
        let plans: Vec<Plan> = if self.paths.is_empty() {
            let plan = |layer| publish::plan(config, layer).map_err(anyhow::Error::msg);
            config
                .layers
                .iter()
                .map(plan)
                .collect::<anyhow::Result<_>>()?
        } else {
            let found = discover::discover(&self.paths, &limits, config.limits.layers)?;
            notes.extend(found.skipped);
            found.plans
        };
        let loader = Loader {
            secret: blake3::derive_key("guichet 2026 revisions", &self.state.secret),
            time_zone: config.platform.timezone.clone(),
            limits,
            snapshots: Some(self.state.snapshots()),
            progress: &self.progress,
        };
        let outcome = loader.publish(plans, before);
        notes.extend(
            outcome
                .failed
                .iter()
                .map(|(id, e)| format!("{id} is not served: {e}")),
        );
        Ok((outcome, notes))
    }
}
