//! The keys of an identity provider at an address: fetched in the background, by a thread of its own, so that neither the start nor a
//! request waits for the provider.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::fetch::fetch_keys;
use super::tokens::issuer;
use crate::access::TokenKeys;
use crate::api::{ApiState, TokenKeyState};
use crate::config::Tokens;

/// The least time between two requests to a provider. Tokens may name keys that nobody has, and whoever sends them must not make this
/// server a burden for another.
const SOONEST: Duration = Duration::from_mins(1);
/// How long keys are believed after they were fetched last: a provider that is down for a night is no reason to lock everybody out, and a key
/// that it took back meanwhile must not open anything for much longer than the tokens that it signed would.
const MOST_AGE: Duration = Duration::from_hours(24);
/// How often it is looked whether a request is due.
const LOOK: Duration = Duration::from_secs(1);

/// Keys as they were fetched last, and when.
struct Fetched {
    url: String,
    refresh: Duration,
    attempted: Option<Instant>,
    /// Why the last attempt brought nothing.
    failure: Option<String>,
    /// An unknown key was named since the last attempt.
    wanted: bool,
    keys: Option<(TokenKeys, Instant)>,
}

impl Fetched {
    fn new(url: &str, refresh: Duration) -> Self {
        Self {
            url: url.to_owned(),
            refresh,
            attempted: None,
            failure: None,
            wanted: false,
            keys: None,
        }
    }

    /// Fetches the keys if that is due. `named` says whether a token named an unknown key.
    fn look(&mut self, now: Instant, named: bool) {
        self.wanted |= named;
        if self.is_due(now) {
            self.attempted = Some(now);
            self.wanted = false;
            let fetched = fetch_keys(&self.url).map_err(|e| format!("{e:#}"));
            self.take(fetched, now);
        }
        let has_aged = |at: Instant| now.saturating_duration_since(at) >= MOST_AGE;
        if self.keys.as_ref().is_some_and(|(_, at)| has_aged(*at)) {
            self.keys = None;
            tracing::error!(
                "the keys of the identity provider could not be fetched for {} hours: its tokens are refused until they can be",
                MOST_AGE.as_secs() / 3_600
            );
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let Some(attempted) = self.attempted else {
            return true;
        };
        let since = now.saturating_duration_since(attempted);
        since >= self.refresh || since >= SOONEST && (self.wanted || self.failure.is_some())
    }

    fn take(&mut self, fetched: Result<TokenKeys, String>, now: Instant) {
        match fetched {
            Ok(keys) => {
                if self.failure.take().is_some() || self.keys.is_none() {
                    tracing::info!("the keys of the identity provider are fetched");
                }
                self.keys = Some((keys, now));
            }
            Err(why) => {
                // Said once, until something else is wrong.
                if self.failure.as_ref() != Some(&why) {
                    let then = match self.keys {
                        Some(_) => "the keys that were fetched before go on",
                        None => "its tokens are refused",
                    };
                    tracing::warn!("tokens.jwks_url: {}: {why}; {then}", self.url);
                }
                self.failure = Some(why);
            }
        }
    }

    fn state(&self) -> TokenKeyState {
        match (&self.keys, &self.failure) {
            (None, _) => TokenKeyState::Missing,
            (Some(_), Some(_)) => TokenKeyState::Stale,
            (Some(_), None) => TokenKeyState::Good,
        }
    }

    /// The keys that are believed now; none, if none is known.
    fn keys(&self) -> TokenKeys {
        let keys = self.keys.as_ref().map(|(keys, _)| keys.clone());
        keys.unwrap_or_default()
    }
}

/// The thread that fetches. When this is dropped it says nothing more; it ends by itself, after the request that it may be making.
pub(super) struct KeyAddress {
    stopped: Arc<Mutex<bool>>,
}

impl KeyAddress {
    /// Begins to fetch: until there are keys, tokens of the provider are refused.
    pub(super) fn start(
        tokens: &Tokens,
        url: &str,
        refresh: Duration,
        api: &Arc<ApiState>,
    ) -> std::io::Result<Self> {
        let stopped = Arc::new(Mutex::new(false));
        let mut fetched = Fetched::new(url, refresh);
        believe(api, tokens, &fetched);
        let (tokens, served) = (tokens.clone(), Arc::downgrade(api));
        let told = Arc::clone(&stopped);
        let run = move || {
            while let Some(named) = asked(&served, &told) {
                let before = fetched.keys();
                fetched.look(Instant::now(), named);
                let stopped = told.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(api) = served.upgrade().filter(|_| !*stopped) else {
                    return;
                };
                // Verdicts are remembered for as long as the same keys are believed.
                if fetched.keys() != before {
                    believe(&api, &tokens, &fetched);
                }
                api.health().token_keys(fetched.state());
                drop((api, stopped));
                std::thread::sleep(LOOK);
            }
        };
        std::thread::Builder::new()
            .name("token keys".to_owned())
            .spawn(run)?;
        Ok(Self { stopped })
    }
}

/// Whether a token named an unknown key; `None` when nobody needs keys any more.
fn asked(api: &Weak<ApiState>, stopped: &Mutex<bool>) -> Option<bool> {
    let stopped = *stopped.lock().unwrap_or_else(PoisonError::into_inner);
    let api = api.upgrade().filter(|_| !stopped)?;
    Some(api.take_new_key_named())
}

fn believe(api: &ApiState, tokens: &Tokens, fetched: &Fetched) {
    api.believe(vec![issuer(tokens, fetched.keys())]);
    api.health().token_keys(fetched.state());
}

impl Drop for KeyAddress {
    fn drop(&mut self) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

#[cfg(test)]
mod tests;
