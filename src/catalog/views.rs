//! Views that were derived, kept within a budget of bytes. They outlive the catalogue: a swap leaves what has not changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::derive::{DeriveError, derive};
use super::entry::{LOADED, LayerEntry};
use super::shown::Shown;
use crate::access::{AreaSource, SurfaceView, ViewId};
use crate::geometry::region::Region;

/// A view of a layer in one state under one publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    layer: u128,
    view: ViewId,
}

#[derive(Debug, Clone, Copy)]
struct Bytes;

impl Weighter<Key, Arc<Shown>> for Bytes {
    fn weight(&self, _: &Key, shown: &Arc<Shown>) -> u64 {
        shown.bytes
    }
}

type Kept = Cache<Key, Arc<Shown>, Bytes>;

/// An area as it is written, and the state of the layer that it is drawn from.
pub(super) type AreaKey = (AreaSource, u128);

/// Derived views, and areas. Each view is derived once, however many ask for it at a time; the others wait.
pub struct Views {
    secret: [u8; 32],
    view_key: [u8; 32],
    kept: Kept,
    areas: Mutex<HashMap<AreaKey, Option<Arc<Region>>>>,
    /// Numbers the looks at what is in use: layers note in which they were asked for last.
    turn: AtomicU64,
}

impl std::fmt::Debug for Views {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Views")
            .field("views", &self.kept.len())
            .field("bytes", &self.kept.weight())
            .finish_non_exhaustive()
    }
}

/// A view of middling size; the table is sized for the budget's worth of them.
const TYPICAL_BYTES: u64 = 256 << 10;

impl Views {
    /// Room for `budget` bytes of derived views; what was not asked for the longest goes first. `secret` is that of the instance: ids and
    /// names of views are made with it.
    pub fn new(secret: [u8; 32], budget: u64) -> Self {
        let options = OptionsBuilder::new()
            // Views may be large beside the budget: it must not be cut up.
            .shards(1)
            .estimated_items_capacity((budget / TYPICAL_BYTES).clamp(16, 1 << 16) as usize)
            .weight_capacity(budget)
            .build();
        let kept = match options {
            Ok(options) => Kept::with_options(
                options,
                Bytes,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            Err(_) => Kept::with_weighter(16, budget, Bytes),
        };
        Self {
            view_key: blake3::derive_key("guichet 2026 ids of views", &secret),
            secret,
            kept,
            areas: Mutex::default(),
            turn: AtomicU64::new(LOADED + 1),
        }
    }

    /// The present turn.
    pub(super) fn turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }

    /// Ends the present turn, and gives it.
    pub(super) fn next_turn(&self) -> u64 {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// The key of the ids of views.
    pub(super) fn view_key(&self) -> &[u8; 32] {
        &self.view_key
    }

    /// A view, if it was derived and is still there.
    pub(super) fn get(&self, entry: &LayerEntry, view: ViewId) -> Option<Arc<Shown>> {
        self.kept.get(&key(entry, view))
    }

    /// A view, derived if need be; or waited for, if another thread is at it.
    pub(super) fn get_or_derive(
        &self,
        entry: &LayerEntry,
        view: &SurfaceView,
    ) -> Result<Arc<Shown>, DeriveError> {
        self.kept.get_or_insert_with(&key(entry, view.id()), || {
            let shown = derive(entry, view, &self.secret)?;
            if shown.bytes > self.kept.capacity() {
                let (layer, bytes) = (entry.id(), shown.bytes);
                tracing::warn!(
                    layer,
                    bytes,
                    "a view is larger than the budget of views: it is derived again at each request"
                );
            }
            Ok(Arc::new(shown))
        })
    }

    /// An area, found by `find` if it is not known yet.
    pub(super) fn area(
        &self,
        area: AreaKey,
        find: impl FnOnce(&AreaSource) -> Option<Region>,
    ) -> Option<Arc<Region>> {
        let areas = || self.areas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = areas().get(&area) {
            return known.clone();
        }
        let found = find(&area.0).map(Arc::new);
        areas().insert(area, found.clone());
        found
    }

    /// Forgets the views of layers in other states than these, and all areas but these.
    pub(super) fn sweep(&self, layers: &BTreeSet<u128>, areas: &[AreaKey]) {
        self.kept.retain(|key, _| layers.contains(&key.layer));
        let mut known = self.areas.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|key, _| areas.contains(key));
    }

    /// Bytes in use, and how many may be.
    pub fn usage(&self) -> (u64, u64) {
        (self.kept.weight(), self.kept.capacity())
    }

    /// Another budget from now on; what is too much goes.
    pub fn set_budget(&self, bytes: u64) {
        self.kept.set_capacity(bytes);
    }

    /// The views that are there, with their bytes, by state of the layer.
    pub(super) fn by_layer(&self) -> HashMap<u128, Vec<(ViewId, u64)>> {
        let mut all: HashMap<u128, Vec<(ViewId, u64)>> = HashMap::new();
        for (key, shown) in self.kept.iter() {
            all.entry(key.layer)
                .or_default()
                .push((key.view, shown.bytes));
        }
        for views in all.values_mut() {
            views.sort_unstable();
        }
        all
    }
}

fn key(entry: &LayerEntry, view: ViewId) -> Key {
    Key {
        layer: entry.state,
        view: if crate::leak!("views-shared-by-layer") {
            ViewId::EVERYTHING
        } else {
            view
        },
    }
}
