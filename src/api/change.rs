//! Changes of the policy that callers ask for: written by the store in one transaction, and served before they are answered.

use std::sync::Arc;

use super::door::Caller;
use super::problem::Problem;
use super::run::pool_problem;
use super::state::ApiState;
use crate::access::{Author, Change, Changed, PolicyStore, StoreError};

/// Writes a change, off the async threads: the store is a file. Whether the caller has the right to it was judged on the caller's own
/// snapshot; a store that has moved on since refuses. What was written is served when this returns: the caller's next request sees it.
pub(super) async fn carry_out(
    api: &Arc<ApiState>,
    caller: &Caller,
    change: Change,
) -> Result<Result<Changed, StoreError>, Problem> {
    let store = api.store.clone().ok_or(Problem::ReadOnly)?;
    let standing = caller.principal.standing();
    let standing = standing.ok_or(Problem::CredentialRequired)?;
    let name = standing.name.clone();
    let epoch = caller.catalog.policy().epoch;
    let seen = (!standing.operator).then_some(epoch);
    let at_us = api.settings.clock.now_us();
    let follow = Arc::clone(&api.follow);
    let written = api.pool.run(move || {
        let author = Author {
            name: &name,
            at_us,
            seen,
        };
        let outcome = PolicyStore::change(&*store, author, &change);
        if matches!(outcome, Ok(_) | Err(StoreError::Stale { .. })) {
            follow();
        }
        outcome
    });
    written.await.map_err(|fault| pool_problem(api, fault))
}
