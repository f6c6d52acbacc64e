//! The policy that rules a running server: what the configuration and the store say, put together, and swapped in whenever the store
//! changes or an instant comes at which somebody may see more or less.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;

use super::policy::conflicts;
use crate::access::{Broken, Files, Grant, IdleGrant, Policy, PolicyStore, ProfileFault, Stored};
use crate::api::Health;
use crate::catalog::{Catalog, CatalogHandle};
use crate::store::SqliteStore;

/// How often the store is asked whether it changed. A change is seen within this and the time that it takes to compile it.
pub(super) const POLL: Duration = Duration::from_millis(100);

/// Microseconds since 1970.
pub(super) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| d.as_micros() as i64)
}

/// Keeps the catalogue under the policy of the moment.
pub(super) struct Rule {
    store: Arc<SqliteStore>,
    catalog: Arc<CatalogHandle>,
    health: Arc<Health>,
    /// How long the last policy holds though the store does not answer.
    lease: Duration,
    /// Held while a catalogue is put together and swapped: a reload and a change of the policy must not undo one another.
    applied: Mutex<Applied>,
}

/// What is in force.
struct Applied {
    policy: Arc<Policy>,
    /// The instant at which it is looked at. It never goes back, whatever the clock does: what has ended stays ended.
    as_of_us: i64,
    /// When the store last answered.
    confirmed: Instant,
    /// What was said of the store's entries last, so that it is said once.
    told: Vec<String>,
}

impl Rule {
    /// Over that store. Nothing is in force before [`Rule::publish`].
    pub(super) fn new(
        store: Arc<SqliteStore>,
        catalog: Arc<CatalogHandle>,
        health: Arc<Health>,
        lease: Duration,
    ) -> Self {
        Self {
            store,
            catalog,
            health,
            lease,
            applied: Mutex::new(Applied {
                policy: Arc::default(),
                as_of_us: i64::MIN,
                confirmed: Instant::now(),
                told: Vec::new(),
            }),
        }
    }

    /// What the store holds.
    pub(super) fn stored(&self) -> anyhow::Result<Stored> {
        self.store.load().context("the policy cannot be read")
    }

    /// The policy of these files and the store. A file that takes an id of the store is refused where `strict`; at a start, what both
    /// have is set aside.
    pub(super) fn policy(
        &self,
        files: &Files,
        strict: bool,
    ) -> anyhow::Result<(Policy, Vec<Broken>)> {
        let stored = self.stored()?;
        if strict {
            conflicts(files, &stored.parts)?;
        }
        let (parts, aside) = files.with(stored.parts);
        let broken = stored.broken.into_iter().chain(aside);
        Ok((Policy::new(parts), broken.collect()))
    }

    /// Serves these layers from now on, under what those files and the store say at this moment.
    pub(super) fn publish(
        &self,
        layers: &Catalog,
        files: Arc<Files>,
        strict: bool,
    ) -> anyhow::Result<()> {
        let mut applied = self.applied();
        let (policy, broken) = self.policy(&files, strict)?;
        let catalogue = layers.under(Arc::new(policy), Self::now_us(&applied));
        if strict {
            refuse_faulty_files(&self.catalog.load(), &catalogue)?;
        }
        self.store.set_files(files);
        self.apply(&mut applied, catalogue, &broken);
        applied.confirmed = Instant::now();
        Ok(())
    }

    /// The instant at which the policy is looked at next.
    fn now_us(applied: &Applied) -> i64 {
        now_us().max(applied.as_of_us)
    }

    fn applied(&self) -> MutexGuard<'_, Applied> {
        self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves that catalogue, and says what of its policy gives nobody anything.
    fn apply(&self, applied: &mut Applied, catalogue: Catalog, broken: &[Broken]) {
        applied.tell(&catalogue, broken);
        applied.policy = Arc::clone(catalogue.policy());
        applied.as_of_us = catalogue.as_of_us();
        self.health.policy_confirmed(!applied.policy.unconfirmed);
        self.catalog.swap(catalogue);
    }

    /// One look at the store and at the clock.
    pub(super) fn look(&self) {
        let epoch = self.store.epoch();
        let mut applied = self.applied();
        match epoch {
            Ok(epoch) if epoch == applied.policy.epoch && !applied.policy.unconfirmed => {
                applied.confirmed = Instant::now();
                self.follow_clock(&mut applied);
            }
            Ok(_) => match self.policy(&self.store.files(), false) {
                Ok((policy, broken)) => {
                    let as_of_us = Self::now_us(&applied);
                    let catalogue = self.catalog.load().under(Arc::new(policy), as_of_us);
                    self.apply(&mut applied, catalogue, &broken);
                    applied.confirmed = Instant::now();
                }
                Err(e) => self.unanswered(&mut applied, &format!("{e:#}")),
            },
            // Whoever writes holds the store for milliseconds, and it answers again at the next look.
            Err(e) => self.unanswered(&mut applied, &e.to_string()),
        }
    }

    /// The store that is to be looked at is not the one that this process opened.
    pub(super) fn look_elsewhere(&self, why: &str) {
        self.unanswered(&mut self.applied(), why);
    }

    /// At an instant from which somebody may see more or less, looks at the same policy anew.
    fn follow_clock(&self, applied: &mut Applied) {
        let due = applied.policy.next_boundary_us(applied.as_of_us);
        let now_us = now_us();
        if due.is_some_and(|due| due <= now_us) {
            let layers = self.catalog.load();
            self.catalog
                .swap(layers.under(Arc::clone(&applied.policy), now_us));
            applied.as_of_us = now_us;
        }
    }

    /// The store does not answer. For a while what was last known goes on; then restricted layers are closed, for what was revoked
    /// since is not known.
    fn unanswered(&self, applied: &mut Applied, why: &str) {
        self.follow_clock(applied);
        if applied.confirmed.elapsed() < self.lease || applied.policy.unconfirmed {
            return;
        }
        tracing::error!("restricted layers are closed until the policy can be read again: {why}");
        let mut parts = (**applied.policy).clone();
        parts.unconfirmed = true;
        let as_of_us = Self::now_us(applied);
        let layers = self.catalog.load();
        let catalogue = layers.under(Arc::new(Policy::new(parts)), as_of_us);
        self.apply(applied, catalogue, &[]);
    }
}

/// A reload that brings a grant which shows nothing, for what is written of it is wrong, is refused. What showed nothing before may go on so, else
/// one such grant would shut out every later change. An area that is not there is no fault of the file: its layer may have failed to load.
fn refuse_faulty_files(before: &Catalog, after: &Catalog) -> anyhow::Result<()> {
    let known: Vec<(Grant, String)> = idle_of_files(before)
        .into_iter()
        .map(|(grant, idle)| (grant, idle.collection))
        .collect();
    let is_new = |(grant, idle): &(Grant, IdleGrant)| {
        !known
            .iter()
            .any(|(g, collection)| g == grant && *collection == idle.collection)
    };
    let faulty = idle_of_files(after).into_iter().filter(is_new);
    let lines: Vec<String> = faulty.map(|(_, idle)| idle.to_string()).collect();
    if lines.is_empty() {
        return Ok(());
    }
    anyhow::bail!("{}", lines.join("\n"))
}

/// The grants of files that show nothing of a layer. They are numbered anew at each reload: what tells them apart is all but their ids.
fn idle_of_files(catalogue: &Catalog) -> Vec<(Grant, IdleGrant)> {
    let of_file = |idle: &IdleGrant| {
        idle.grant.starts_with("file:") && !matches!(idle.fault, ProfileFault::NoArea)
    };
    let idle = catalogue.idle_grants().into_iter().filter(of_file);
    idle.filter_map(|idle| {
        let mut grants = catalogue.policy().grants.iter();
        let grant = grants.find(|g| g.id == idle.grant)?;
        let grant = Grant {
            id: String::new(),
            ..grant.clone()
        };
        Some((grant, idle))
    })
    .collect()
}

impl Applied {
    /// Says what gives nobody anything, when that changes.
    fn tell(&mut self, catalogue: &Catalog, broken: &[Broken]) {
        let idle = catalogue.idle_grants();
        let idle = idle.iter().map(ToString::to_string);
        let inert = catalogue.policy().inert().iter().map(ToString::to_string);
        let inert = inert.chain(idle);
        let now: Vec<String> = broken
            .iter()
            .map(ToString::to_string)
            .chain(inert)
            .collect();
        for line in now.iter().filter(|line| !self.told.contains(line)) {
            tracing::warn!("it gives nobody anything: {line}");
        }
        self.told = now;
    }
}

/// The thread that keeps looking. It ends when this is dropped.
pub(super) struct Watch {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Begins to look, so often.
    pub(super) fn start(
        name: &str,
        every: Duration,
        mut look: impl FnMut() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    look();
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Opens the store of a state folder for a server; `accept_older` says whether a copy from a backup is meant.
pub(super) fn open_store(
    folder: &std::path::Path,
    secret: &[u8; 32],
    files: Arc<Files>,
    accept_older: bool,
) -> anyhow::Result<SqliteStore> {
    let key = super::state::audit_key(secret);
    if !accept_older {
        return Ok(SqliteStore::open(folder, key, files)?);
    }
    let name = super::operator::name();
    let author = crate::access::Author {
        name: &name,
        at_us: now_us(),
        seen: None,
    };
    let (store, accepted) = SqliteStore::open_accepting_older(folder, key, files, author)?;
    match accepted {
        None => {
            eprintln!("guichet: the policy store is no older copy: --accept-older changes nothing");
        }
        Some(accepted) => {
            eprintln!(
                "guichet: the policy store is accepted at epoch {} though epoch {} was seen here; its epoch is {} now",
                accepted.found, accepted.seen, accepted.epoch
            );
            for change in accepted.holds_again() {
                eprintln!(
                    "guichet: undone by the older copy: {} {} (epoch {}, by {})",
                    change.act, change.name, change.epoch, change.actor
                );
            }
        }
    }
    Ok(store)
}
