//! One budget of memory for layers, views and tiles.
//!
//! Half of it is for what the process holds for itself: tiles, derived views, and what of layers lies in no snapshot. The other half is
//! for mapped snapshots, the policy and answers under way. Each part has its ceiling; beside that, what the process really takes is
//! looked at every second. Over the budget, first the pages of snapshots are given back of which nobody asked for the longest time: the
//! system keeps them as long as nobody else wants the room, and it costs next to nothing to come back to them. If what the process
//! holds for itself is too much, derived views and tiles make room; whoever asks for one waits until it is made again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::memory::{Resident, resident};
use super::usage::{self, Told};
use crate::api::ApiState;
use crate::catalog::{CatalogHandle, Views};

/// How much tiles and views may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shares {
    pub(super) tiles: u64,
    pub(super) views: u64,
}

/// What the process takes before it has a layer or a caller, and what allocators of its threads keep for the next request.
const OWN: u64 = 48 << 20;

impl Shares {
    /// Of `memory`, where tiles are to have `tiles` if there is room and layers hold `held` for good.
    pub(super) fn of(memory: u64, tiles: u64, held: u64) -> Self {
        let memory = memory.saturating_sub(OWN).max(memory / 4);
        let tiles = tiles.min(memory / 8);
        let views = (memory / 2).saturating_sub(tiles.saturating_add(held));
        Self {
            tiles,
            // However much layers take: without any view restricted layers could not be served.
            views: views.max(memory / 16),
        }
    }

    /// Less than these, so that `over` bytes less are `used`. An eighth is left to each: what else takes too much would not take less, and
    /// a view that finds no place is made anew for every request.
    fn shrunk(self, used: Self, over: u64) -> Self {
        let all = (used.tiles + used.views).max(1);
        let part = |share: u64, used: u64| {
            let less = u128::from(over) * u128::from(used) / u128::from(all);
            used.saturating_sub(less as u64).min(share).max(share / 8)
        };
        Self {
            tiles: part(self.tiles, used.tiles),
            views: part(self.views, used.views),
        }
    }
}

/// Keeps the process within the budget.
pub(super) struct Keeper {
    memory: u64,
    tile_cache_bytes: u64,
    catalog: Arc<CatalogHandle>,
    views: Arc<Views>,
    api: Arc<ApiState>,
    /// The state folder, where the operator asks what is held.
    state: PathBuf,
    /// Views and tiles have less than their shares at the moment.
    shrunk: bool,
    now: fn() -> Option<Resident>,
}

impl Keeper {
    /// Of `memory` bytes, of which tiles are to have `tile_cache_bytes`.
    pub(super) fn new(
        (memory, tile_cache_bytes): (u64, u64),
        catalog: Arc<CatalogHandle>,
        views: Arc<Views>,
        api: Arc<ApiState>,
        state: &Path,
    ) -> Self {
        Self {
            memory,
            tile_cache_bytes,
            catalog,
            views,
            api,
            state: state.to_owned(),
            shrunk: false,
            now: resident,
        }
    }

    /// One look at what is used.
    pub(super) fn look(&mut self) {
        let catalog = self.catalog.load();
        let tiles = self.api.tile_bytes();
        let told = || Told::of(self.memory, (self.now)(), tiles, catalog.memory());
        if let Err(e) = usage::answer(&self.state, told) {
            tracing::error!("what is held in memory cannot be told: {e}");
        }
        let shares = Shares::of(self.memory, self.tile_cache_bytes, catalog.held_bytes());
        let Some(now) = (self.now)() else {
            self.set(shares);
            return;
        };
        let most = self.memory / 8 * 7;
        if now.anonymous > most {
            let used = Shares {
                tiles,
                views: self.views.usage().0,
            };
            let over = now.anonymous - self.memory / 4 * 3;
            let fewer = shares.shrunk(used, over);
            if !self.shrunk {
                tracing::warn!(
                    anonymous = now.anonymous,
                    views = fewer.views,
                    tiles = fewer.tiles,
                    "the budget of memory is used up: views and tiles make room"
                );
            }
            self.set(fewer);
            self.shrunk = true;
        } else if !self.shrunk || now.anonymous < self.memory / 8 * 5 {
            self.set(shares);
            self.shrunk = false;
        }
        let fits = |r: Option<Resident>| r.is_none_or(|r| r.anonymous + r.file <= most);
        if now.anonymous + now.file > self.memory {
            let cooled = catalog.cool(|| fits((self.now)()));
            tracing::debug!(cooled, "pages of snapshots were given back");
        } else {
            // Whoever is asked for from now on is of another turn.
            catalog.cool(|| true);
        }
    }

    fn set(&self, shares: Shares) {
        if self.views.usage().1 != shares.views {
            self.views.set_budget(shares.views);
        }
        self.api.set_tile_cache_bytes(shares.tiles);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn shares_stay_within_half() {
        let plain = Shares::of(2096 * MIB, 256 * MIB, 0);
        assert_eq!((plain.tiles, plain.views), (256 * MIB, 768 * MIB));
        let small = Shares::of(64 * MIB, 256 * MIB, 0);
        assert_eq!((small.tiles, small.views), (2 * MIB, 6 * MIB));
        let full = Shares::of(2096 * MIB, 256 * MIB, 4096 * MIB);
        assert_eq!((full.tiles, full.views), (256 * MIB, 128 * MIB));
    }

    #[test]
    fn what_is_too_much_is_taken_from_both() {
        let shares = Shares::of(2096 * MIB, 256 * MIB, 0);
        let used = Shares {
            tiles: 100 * MIB,
            views: 300 * MIB,
        };
        let fewer = shares.shrunk(used, 200 * MIB);
        assert_eq!((fewer.tiles, fewer.views), (50 * MIB, 150 * MIB));
        let none = shares.shrunk(used, 2000 * MIB);
        assert_eq!((none.tiles, none.views), (32 * MIB, 96 * MIB));
    }
}
