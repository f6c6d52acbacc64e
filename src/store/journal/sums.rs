//! Sums of reads in memory. Each thread adds to a shard of its own, so that nobody waits for anybody.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::answer::OTHERS;
use crate::access::{Read, Route, ViewId};

/// More than the threads that answer at once on the machines guichet is made for.
const SHARDS: usize = 32;
/// Different rows in a shard between two writes. Beyond, callers are summed up as one: a flood of names must not fill the memory.
const ROWS_MAX: usize = 8_192;
/// Exports in a shard between two writes that are listed one by one; the sums have all of them.
const EXPORTS_MAX: usize = 4_096;
/// Rows that wait while the file cannot be written: some 50 MB.
const PENDING_MAX: usize = 262_144;

const HOUR_US: i64 = 3_600 * 1_000_000;

/// What is summed up together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Empty for layers that everybody sees.
    pub(super) principal: Box<str>,
    pub(super) view: ViewId,
    pub(super) layer: Box<str>,
    pub(super) route: Route,
    /// Hours since 1970.
    pub(super) hour: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) requests: u64,
    pub(super) features: u64,
    pub(super) bytes: u64,
}

impl Sum {
    pub(super) fn add(&mut self, more: Self) {
        self.requests = self.requests.saturating_add(more.requests);
        self.features = self.features.saturating_add(more.features);
        self.bytes = self.bytes.saturating_add(more.bytes);
    }
}

/// One export.
#[derive(Debug, Clone)]
pub(super) struct Exported {
    pub(super) at_us: i64,
    pub(super) principal: Box<str>,
    pub(super) view: ViewId,
    pub(super) layer: Box<str>,
    pub(super) features: u64,
    pub(super) bytes: u64,
    pub(super) address: Option<std::net::IpAddr>,
}

/// Sums that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) rows: HashMap<Key, Sum>,
    pub(super) exports: Vec<Exported>,
}

impl Sums {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.exports.is_empty()
    }
}

#[derive(Debug, Default)]
struct Shard {
    rows: HashTable<(Key, Sum)>,
    exports: Vec<Exported>,
}

/// All shards.
#[derive(Debug)]
pub(super) struct Shards {
    shards: [Mutex<Shard>; SHARDS],
    hasher: DefaultHashBuilder,
}

impl Default for Shards {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

thread_local! {
    static PLACE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// This thread's shard.
fn place() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    PLACE.with(|place| {
        let own = place
            .get()
            .unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
        place.set(Some(own));
        own
    })
}

impl Shards {
    /// Adds a read.
    pub(super) fn add(&self, read: &Read<'_>) {
        // Who looks at what everybody may see is nobody's business.
        let principal = if read.open { "" } else { read.principal };
        let view = if read.open {
            ViewId::EVERYTHING
        } else {
            read.view
        };
        let hour = read.at_us.div_euclid(HOUR_US);
        let sum = Sum {
            requests: 1,
            features: read.features,
            bytes: read.bytes,
        };
        let mut shard = self.shard();
        shard
            .sum(&self.hasher, principal, view, read.layer, read.route, hour)
            .add(sum);
        if read.route == Route::Export && !read.open && shard.exports.len() < EXPORTS_MAX {
            shard.exports.push(Exported {
                at_us: read.at_us,
                principal: principal.into(),
                view,
                layer: read.layer.into(),
                features: read.features,
                bytes: read.bytes,
                address: read.address,
            });
        }
    }

    /// A shard that nobody holds, this thread's first.
    fn shard(&self) -> MutexGuard<'_, Shard> {
        let own = place();
        for step in 0..SHARDS {
            match self.shards[(own + step) % SHARDS].try_lock() {
                Ok(shard) => return shard,
                Err(TryLockError::Poisoned(e)) => return e.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.shards[own]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves all sums to `sums`.
    pub(super) fn take(&self, sums: &mut Sums) {
        for shard in &self.shards {
            // Held for as long as it takes to put an empty one in its place.
            let taken = std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
            for (mut key, sum) in taken.rows {
                if sums.rows.len() >= PENDING_MAX && !sums.rows.contains_key(&key) {
                    key.principal = OTHERS.into();
                    key.view = ViewId::EVERYTHING;
                }
                sums.rows.entry(key).or_default().add(sum);
            }
            let room = PENDING_MAX.saturating_sub(sums.exports.len());
            sums.exports.extend(taken.exports.into_iter().take(room));
        }
    }
}

impl Shard {
    fn sum(
        &mut self,
        hasher: &DefaultHashBuilder,
        principal: &str,
        view: ViewId,
        layer: &str,
        route: Route,
        hour: i64,
    ) -> &mut Sum {
        let hash = |principal: &str, view: ViewId, layer: &str, route: Route, hour: i64| {
            hasher.hash_one((principal, view, layer, route, hour))
        };
        let wanted = hash(principal, view, layer, route, hour);
        let same = |(key, _): &(Key, Sum)| {
            key.hour == hour
                && key.route == route
                && key.view == view
                && *key.principal == *principal
                && *key.layer == *layer
        };
        let known = self.rows.find(wanted, same).is_some();
        if !known && self.rows.len() >= ROWS_MAX && principal != OTHERS {
            return self.sum(hasher, OTHERS, ViewId::EVERYTHING, layer, route, hour);
        }
        let rehash = |(k, _): &(Key, Sum)| hash(&k.principal, k.view, &k.layer, k.route, k.hour);
        let entry = self.rows.entry(wanted, same, rehash);
        let row = entry.or_insert_with(|| {
            let key = Key {
                principal: principal.into(),
                view,
                layer: layer.into(),
                route,
                hour,
            };
            (key, Sum::default())
        });
        &mut row.into_mut().1
    }
}
