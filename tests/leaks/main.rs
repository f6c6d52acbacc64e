//! Does anything reach a caller that was not granted to it?
//!
//! A world and a twin that differs only in what a caller may not see are asked the same, and must answer alike to the byte
//! (`noninterference`).

// A helper that finds something amiss fails the test that called it.
#![allow(clippy::panic)]
#![allow(clippy::print_stdout, reason = "what a campaign finds is printed")]

mod areas;
mod ask;
mod campaign;
mod canary;
mod change;
mod completeness;
mod coverage;
mod crawl;
mod doors;
mod encodings;
mod faces;
mod faults;
mod filters;
mod follow;
mod generate;
mod golden;
mod kept;
mod kills;
mod logs;
mod look;
mod maker;
mod matrix;
mod mutants;
mod noninterference;
mod offices;
mod play;
mod positions;
mod profiles;
mod publish;
mod queries;
mod requests;
mod rights;
mod rng;
mod session;
mod shapes;
mod sight;
mod stage;
mod subjects;
mod table;
mod threats;
mod town;
mod twin;
mod who;
mod world;

use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread::ThreadId;

/// Seeded leaks are switched on for the whole process.
static TURN: RwLock<()> = RwLock::new(());
/// The thread that does so.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// For a test that must not run while a leak is switched on, but to find it.
fn beside_others() -> Option<RwLockReadGuard<'static, ()>> {
    let owner = *OWNER.lock().unwrap_or_else(PoisonError::into_inner);
    let own = owner == Some(std::thread::current().id());
    (!own).then(|| TURN.read().unwrap_or_else(PoisonError::into_inner))
}

/// For a test that switches leaks on.
#[cfg(guichet_leaks)]
fn alone() -> std::sync::RwLockWriteGuard<'static, ()> {
    let turn = TURN.write().unwrap_or_else(PoisonError::into_inner);
    *OWNER.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::thread::current().id());
    turn
}
