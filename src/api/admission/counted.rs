//! How often somebody asked, and guessed.

use super::check::Check;
use crate::access::{KeyId, KeyKind, TokenFault};
use crate::api::limiter::Taken as Room;
use crate::api::problem::Problem;

impl Check<'_> {
    /// Notes a bad credential. `why` is for the log, which never holds the credential itself.
    pub(in crate::api) fn failed(&self, key: Option<KeyId>, why: &str) -> Problem {
        let (id, address) = (key.map(|k| k.to_string()), self.client.address());
        tracing::info!(key = id, ?address, why, "a credential was refused");
        if let Err(problem) = self.room_for_network() {
            return problem;
        }
        if let Some(network) = self.client.network() {
            let failures = &self.api.admission.failures;
            failures.take(network, network, self.now_us);
        }
        if let Some(key) = key.filter(|_| crate::leak!("guesses-use-up-the-quota")) {
            let callers = &self.api.admission.callers;
            callers.take(u64::from(key.0), 0, self.now_us);
        }
        Problem::InvalidCredential
    }

    /// Refuses a token of which nobody can say whether it is good: no guess of its bearer, and not counted as one.
    pub(super) fn unjudged(&self, fault: &TokenFault) -> Problem {
        tracing::info!(why = %fault, "a token was refused");
        match self.room_for_network() {
            Ok(()) => Problem::InvalidCredential,
            Err(problem) => problem,
        }
    }

    /// After too many bad credentials from a network no more are looked at for a while, but those of keys that were last let in from
    /// there: a neighbour's guesses lock nobody out.
    #[inline]
    pub(super) fn not_guessing(&self, key: Option<KeyId>) -> Result<(), Problem> {
        let Some(network) = self.client.network() else {
            return Ok(());
        };
        let room = self.api.admission.failures.look(network, self.now_us);
        let callers = &self.api.admission.callers;
        let is_known = |key: KeyId| {
            let id = u64::from(key.0);
            callers.knows(id, network) || callers.knows(callers.number(&(id, network)), network)
        };
        if room.allowed || key.is_some_and(is_known) {
            return Ok(());
        }
        Err(Problem::TooManyRequests(room.retry_seconds))
    }

    #[inline]
    pub(super) fn room_for_network(&self) -> Result<(), Problem> {
        let Some(network) = self.client.network() else {
            return Ok(());
        };
        let networks = &self.api.admission.networks;
        let room = networks.take(network, network, self.now_us);
        allowed(room).map(|_| ())
    }

    /// Counts a request of a key.
    #[inline]
    pub(in crate::api) fn room_for_key(&self, id: KeyId, kind: KeyKind) -> Result<Room, Problem> {
        let caller = self.api.admission.caller(id, kind, self.client);
        self.room(caller)
    }

    #[inline]
    pub(super) fn room(&self, caller: u64) -> Result<Room, Problem> {
        let network = self.client.network().unwrap_or_default();
        let callers = &self.api.admission.callers;
        allowed(callers.take(caller, network, self.now_us))
    }
}

#[inline]
fn allowed(room: Room) -> Result<Room, Problem> {
    if room.allowed {
        Ok(room)
    } else {
        Err(Problem::TooManyRequests(room.retry_seconds))
    }
}
