//! How many requests a caller may send: a bucket each, which drains at a steady rate and takes a burst (the generic cell rate algorithm,
//! ITU-T I.371: one number a bucket, the instant at which it will be empty again).

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

/// A steady rate, and how much of it may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests that fit into an empty bucket.
    pub burst: u32,
    /// Microseconds after which there is room for another one.
    pub interval_us: u32,
}

impl Rate {
    /// So many a second, so many at once.
    pub const fn per_second(requests: u32, burst: u32) -> Self {
        Self {
            burst,
            interval_us: 1_000_000 / if requests > 0 { requests } else { 1 },
        }
    }

    /// So many a minute, as many at once.
    pub const fn per_minute(requests: u32) -> Self {
        Self {
            burst: requests,
            interval_us: 60_000_000 / if requests > 0 { requests } else { 1 },
        }
    }

    /// Seconds in which a full bucket drains.
    pub(super) fn window_seconds(self) -> i64 {
        seconds(self.whole_us())
    }

    fn whole_us(self) -> i64 {
        i64::from(self.burst) * i64::from(self.interval_us)
    }
}

/// Buckets of one kind are kept in so many parts, each behind a lock of its own: requests of different callers seldom meet.
const SHARDS: usize = 16;
/// Buckets of one part that are not empty. Whoever commands a million networks meets a bucket that they all share, and memory ends at a
/// few megabytes.
const MOST_BUCKETS: usize = 8 << 10;
/// The bucket of all for whom there is none.
const SHARED: u64 = u64::MAX;

/// The buckets of one kind of caller.
pub(super) struct Limiter {
    rate: Rate,
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Shard {
    buckets: HashMap<u64, Bucket>,
    /// When it was last looked through for empty ones, in microseconds since 1970.
    swept_us: i64,
}

/// Microseconds from one sweep to the next: looking through a full part takes some 20 µs, whoever fills it.
const SWEEP_US: i64 = 1_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// When it will be empty, in microseconds since 1970.
    empty_us: i64,
    /// The network from which it was last filled.
    network: u64,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// There was room.
    pub(super) allowed: bool,
    /// How many more there is room for now.
    pub(super) left: u32,
    /// Seconds until there is room for one, if there is none.
    pub(super) retry_seconds: i64,
    /// Seconds until the bucket is empty.
    pub(super) reset_seconds: i64,
}

impl Limiter {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// A number for callers that have none of their own. Two of a million share one with a chance of one to thirty million.
    pub(super) fn number(&self, caller: &impl Hash) -> u64 {
        self.hasher.hash_one(caller)
    }

    /// Adds a request to a caller's bucket, if there is room.
    #[inline(never)] // left out by benches/lookup_cost
    pub(super) fn take(&self, caller: u64, network: u64, now_us: i64) -> Taken {
        let rate = self.rate;
        let shard = self.shard(caller).lock();
        let mut shard = shard.unwrap_or_else(PoisonError::into_inner);
        let has_room = shard.has_room(caller, rate, now_us);
        let bucket = shard.buckets.entry(if has_room { caller } else { SHARED });
        let bucket = bucket.or_default();
        bucket.network = network;
        let held = bucket.filled_us(rate, now_us);
        let left = room(held, rate);
        if left == 0 {
            return taken(0, held, rate);
        }
        let filled = held + i64::from(rate.interval_us);
        bucket.empty_us = now_us + filled;
        Taken {
            allowed: true,
            ..taken(left - 1, filled, rate)
        }
    }

    /// Whether there is room, without taking any.
    #[inline(never)] // left out by benches/lookup_cost
    pub(super) fn look(&self, caller: u64, now_us: i64) -> Taken {
        let shard = self.shard(caller).lock();
        let shard = shard.unwrap_or_else(PoisonError::into_inner);
        let bucket = shard.buckets.get(&caller).copied().unwrap_or_default();
        let held = bucket.filled_us(self.rate, now_us);
        let left = room(held, self.rate);
        Taken {
            allowed: left > 0,
            ..taken(left, held, self.rate)
        }
    }

    /// Whether that network was the last from which a caller was let in.
    pub(super) fn knows(&self, caller: u64, network: u64) -> bool {
        let shard = self.shard(caller).lock();
        let shard = shard.unwrap_or_else(PoisonError::into_inner);
        let bucket = shard.buckets.get(&caller);
        bucket.is_some_and(|b| b.network == network)
    }

    fn shard(&self, caller: u64) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(caller) as usize % SHARDS]
    }
}

impl Shard {
    /// Whether a caller has a bucket or can have one. Empty ones are as good as none.
    fn has_room(&mut self, caller: u64, rate: Rate, now_us: i64) -> bool {
        if self.buckets.len() < MOST_BUCKETS || self.buckets.contains_key(&caller) {
            return true;
        }
        if now_us.abs_diff(self.swept_us) >= SWEEP_US as u64 {
            self.swept_us = now_us;
            self.buckets.retain(|_, b| b.filled_us(rate, now_us) > 0);
        }
        self.buckets.len() < MOST_BUCKETS
    }
}

impl Bucket {
    /// How far it is filled. One that is fuller than it can be is of a clock that was set back: it starts anew.
    fn filled_us(self, rate: Rate, now_us: i64) -> i64 {
        let filled = self.empty_us.saturating_sub(now_us).max(0);
        if filled > rate.whole_us() { 0 } else { filled }
    }
}

/// How many requests a bucket has room for.
fn room(held_us: i64, rate: Rate) -> u32 {
    (rate.whole_us() - held_us).div_euclid(i64::from(rate.interval_us)) as u32
}

/// What is told of a bucket.
fn taken(left: u32, held_us: i64, rate: Rate) -> Taken {
    let over = held_us + i64::from(rate.interval_us) - rate.whole_us();
    Taken {
        allowed: false,
        left,
        retry_seconds: if left > 0 { 0 } else { seconds(over).max(1) },
        reset_seconds: seconds(held_us),
    }
}

/// Whole seconds, rounded up.
fn seconds(us: i64) -> i64 {
    (us + 999_999) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000_000;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let limiter = Limiter::new(Rate::per_second(10, 200));
        for i in 0..200 {
            let taken = limiter.take(1, 0, NOW);
            assert!(taken.allowed, "{i}");
            assert_eq!(taken.left, 199 - i);
        }
        let refused = limiter.take(1, 0, NOW);
        let expected = Taken {
            allowed: false,
            left: 0,
            retry_seconds: 1,
            reset_seconds: 20,
        };
        assert_eq!(refused, expected);
        assert_eq!(limiter.look(1, NOW), expected);
        // A refused request costs nothing: after a tenth of a second there is room for one.
        assert!(!limiter.take(1, 0, NOW + 99_999).allowed);
        assert!(limiter.take(1, 0, NOW + 100_000).allowed);
        assert!(!limiter.take(1, 0, NOW + 100_000).allowed);
        // Others have buckets of their own.
        assert!(limiter.take(2, 0, NOW).allowed);
        // In a minute it is empty, not more than that.
        let later = NOW + 60_000_000;
        let passed = (0..300).filter(|_| limiter.take(1, 0, later).allowed);
        assert_eq!(passed.count(), 200);
        assert_eq!(limiter.rate().window_seconds(), 20);
    }

    #[test]
    fn looking_takes_nothing() {
        let limiter = Limiter::new(Rate::per_minute(2));
        for _ in 0..10 {
            let seen = limiter.look(1, NOW);
            assert!(seen.allowed && seen.left == 2, "{seen:?}");
        }
        assert!(limiter.take(1, 0, NOW).allowed);
        assert_eq!(limiter.look(1, NOW).left, 1);
        let last = limiter.take(1, 0, NOW);
        assert!(last.allowed && last.left == 0, "{last:?}");
        assert!(!limiter.look(1, NOW).allowed);
        assert_eq!(limiter.look(1, NOW).retry_seconds, 30);
        assert_eq!(limiter.look(1, NOW + 5_000_000).retry_seconds, 25);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limiter = Limiter::new(Rate::per_second(1, 5));
        for _ in 0..5 {
            assert!(limiter.take(1, 0, NOW).allowed);
        }
        assert!(limiter.take(1, 0, NOW - 3_600_000_000).allowed);
        assert!(!Limiter::new(Rate::per_second(0, 0)).take(1, 0, NOW).allowed);
    }

    #[test]
    fn callers_are_known_by_where_they_came_from() {
        let limiter = Limiter::new(Rate::per_second(1, 5));
        assert!(!limiter.knows(7, 3));
        limiter.take(7, 3, NOW);
        assert!(limiter.knows(7, 3) && !limiter.knows(7, 4) && !limiter.knows(8, 3));
    }

    #[test]
    fn a_million_networks_share_what_is_left() {
        let limiter = Limiter::new(Rate::per_second(1, 3));
        let passed = (0..1_000_000).filter(|n| limiter.take(*n, 0, NOW).allowed);
        let most = SHARDS * (MOST_BUCKETS + 3);
        let passed = passed.count();
        assert!(passed <= most && passed > most / 2, "{passed}");
        // Buckets that have drained make room.
        assert!(limiter.take(u64::MAX - 1, 0, NOW + 10_000_000).allowed);
        let held: usize = limiter
            .shards
            .iter()
            .map(|s| s.lock().unwrap().buckets.len())
            .sum();
        assert!(held <= SHARDS * (MOST_BUCKETS + 1));
    }
}
