//! Changes of the policy that callers ask for: judged by the policy on which they land, written by the store in one transaction, and
//! served before they are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::request::Parts;
use tokio::sync::MutexGuard;
use tokio::time::timeout;

use super::admission::Identified;
use super::door::Caller;
use super::problem::Problem;
use super::run::pool_problem;
use super::state::ApiState;
use crate::access::{Author, Change, Changed, PolicyStore, StoreError};

/// Longest wait for one's turn, and for a moment in which no other process writes: a change takes milliseconds, so hundreds of others
/// come first without anybody being sent away.
const PATIENCE: Duration = Duration::from_secs(10);

/// The turn of a request to write. Nobody else of this server writes before it ends; where another process, a command on the machine,
/// changes the policy between the judgement and the writing, it is judged and attempted again:
///
/// ```text
/// let turn = Turn::begin(&api, &parts).await?;
/// loop {
///     let outcome = attempt(turn.request().await?).await;
///     if turn.ends_with(&outcome) { break outcome; }
/// }
/// ```
///
/// Whatever needs no turn, such as reading a body that comes slowly, must be done before.
pub(super) struct Turn<'a> {
    api: &'a Arc<ApiState>,
    parts: &'a Parts,
    since: Instant,
    _alone: MutexGuard<'a, ()>,
}

impl<'a> Turn<'a> {
    /// Waits for the turn of a request.
    pub(super) async fn begin(api: &'a Arc<ApiState>, parts: &'a Parts) -> Result<Self, Problem> {
        let since = Instant::now();
        let alone = timeout(PATIENCE, api.turns.lock()).await;
        Ok(Self {
            api,
            parts,
            since,
            _alone: alone.map_err(|_| Problem::ChangedMeanwhile)?,
        })
    }

    /// The request under the policy of now: in it stands who asks as it says now.
    pub(super) async fn request(&self) -> Result<Parts, Problem> {
        // Without a store there is no other policy than that of the request.
        let Some(store) = self.api.store.clone() else {
            return Ok(self.parts.clone());
        };
        let (catalog, follow) = (Arc::clone(&self.api.catalog), Arc::clone(&self.api.follow));
        let followed = self.api.pool.run(move || {
            // A store that does not answer says so when it is written.
            if store.epoch().ok() != Some(catalog.load().policy().epoch) {
                follow();
            }
        });
        let followed = followed.await;
        followed.map_err(|fault| pool_problem(self.api, fault))?;
        let mut parts = self.parts.clone();
        if let Some(identified) = Identified::of(&parts) {
            let renewed = identified.renewed(self.api, &parts)?;
            parts.extensions.insert(renewed);
        }
        Ok(parts)
    }

    /// Whether that is what is answered; otherwise it is to be attempted again.
    pub(super) fn ends_with<T>(&self, outcome: &Result<T, Problem>) -> bool {
        !matches!(outcome, Err(Problem::ChangedMeanwhile)) || self.since.elapsed() >= PATIENCE
    }
}

/// Writes a change, off the async threads: the store is a file. Whether the caller has the right to it was judged on the caller's own
/// snapshot; a store that has moved on since refuses, whoever asks: what was sent may also have been put together with what there was.
/// What was written is served when this returns: the caller's next request sees it.
pub(super) async fn carry_out(
    api: &Arc<ApiState>,
    caller: &Caller,
    change: Change,
) -> Result<Result<Changed, StoreError>, Problem> {
    let store = api.store.clone().ok_or(Problem::ReadOnly)?;
    let standing = caller.principal.standing();
    let standing = standing.ok_or(Problem::CredentialRequired)?;
    let name = standing.name.clone();
    let seen = Some(caller.catalog.policy().epoch);
    let at_us = api.settings.clock.now_us();
    let follow = Arc::clone(&api.follow);
    let written = api.pool.run(move || {
        let author = Author {
            name: &name,
            at_us,
            seen,
        };
        let outcome = PolicyStore::change(&*store, author, &change);
        if outcome.is_ok() {
            follow();
        }
        outcome
    });
    written.await.map_err(|fault| pool_problem(api, fault))
}
