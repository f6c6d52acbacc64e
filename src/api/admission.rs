//! Who asks: a credential is checked once, before the request is looked at, against the policy of the snapshot that answers it.
//!
//! Nothing bad is passed over: a credential that cannot be read, is unknown, revoked, suspended or out of date is 401, whatever is asked
//! for, also where everybody may read. The answer is the same for all of these, but for who holds a genuine one that has expired.

mod check;
mod counted;
mod identified;
mod memory;
mod renewed;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use axum::http::HeaderValue;
use axum::http::request::Parts;
use quick_cache::sync::Cache;
use siphasher::sip128::SipHasher13;

use self::identified::{By, Identity};
use self::memory::{KNOWN_KEYS, KnownKey, VERDICTS, Verdict};
use super::client::Client;
use super::credentials::Taken;
use super::limiter::{Limiter, Rate, Taken as Room};
use super::problem::Problem;
use super::state::ApiState;
use crate::access::{KeyId, KeyKind, SigningKey, Standing, TokenIssuer};

pub(super) use self::check::{Check, Told};
pub(super) use self::identified::{Identified, KeyHolder};
pub(super) use self::memory::digest;

/// How often callers may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of one key, or of one person with a token. A key for browsers is in many hands: each network has this rate with it.
    pub caller: Rate,
    /// Of a network (/24, /64) without credentials.
    pub network: Rate,
    /// Bad credentials from one network.
    pub failures: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            caller: Rate::per_second(100, 2_000),
            network: Rate::per_second(200, 4_000),
            failures: Rate::per_minute(60),
        }
    }
}

/// What the check of credentials keeps from one request to the next.
pub(super) struct Admission {
    pub(super) callers: Limiter,
    networks: Limiter,
    failures: Limiter,
    pub(super) signing: SigningKey,
    pub(super) sessions: [u8; 32],
    issuers: ArcSwap<Vec<TokenIssuer>>,
    /// A token named a key that its issuer is not known to have: it may have a new one.
    new_key_named: AtomicBool,
    verdicts: Cache<[u8; 16], Verdict>,
    keys: Cache<u128, KnownKey>,
    /// Names what is remembered of keys.
    names: SipHasher13,
    rate_policy: HeaderValue,
}

impl Admission {
    /// `secret` is that of the API: the others derive from it.
    pub(super) fn new(secret: &[u8; 32], rates: &Rates, signature_seconds: u32) -> Self {
        let rate = rates.caller;
        let policy = format!("\"caller\";q={};w={}", rate.burst, rate.window_seconds());
        Self {
            callers: Limiter::new(rate),
            networks: Limiter::new(rates.network),
            failures: Limiter::new(rates.failures),
            signing: SigningKey::new(blake3::derive_key("guichet 2026 signed URLs", secret))
                .with_window(signature_seconds),
            sessions: blake3::derive_key("guichet 2026 sessions of pages", secret),
            issuers: ArcSwap::default(),
            new_key_named: AtomicBool::default(),
            verdicts: Cache::new(VERDICTS),
            keys: Cache::new(KNOWN_KEYS),
            names: SipHasher13::new_with_key(&first_half(&blake3::derive_key(
                "guichet 2026 names of keys that are remembered",
                secret,
            ))),
            rate_policy: HeaderValue::try_from(policy).expect("ASCII"),
        }
    }

    /// How many requests are left to a caller.
    pub(super) fn room_left(
        &self,
        identified: &Identified,
        standing: &Standing,
        now_us: i64,
    ) -> Room {
        let caller = match identified.key(true) {
            Some(holder) => self.caller(holder.id, holder.kind, identified.client()),
            None => self.callers.number(&standing.name),
        };
        self.callers.look(caller, now_us)
    }

    /// The bucket of a key.
    #[inline]
    fn caller(&self, id: KeyId, kind: KeyKind, client: Client) -> u64 {
        let id = u64::from(id.0);
        match kind {
            KeyKind::Secret => id,
            KeyKind::Browser => {
                let network = client.network().unwrap_or_default();
                self.callers.number(&(id, network))
            }
        }
    }

    /// A name for what a header shows, under which a key is remembered; the text itself is not kept. Nobody can find two of one name who
    /// does not know the secret.
    #[inline]
    fn name_of(&self, header: &[u8]) -> u128 {
        // The secret and its check are the last 39 characters.
        let header = if crate::leak!("known-keys-by-id") {
            &header[..header.len().saturating_sub(39)]
        } else {
            header
        };
        self.names.hash(header).as_u128()
    }

    /// Believes tokens of these issuers, from now on.
    pub(super) fn believe(&self, issuers: Vec<TokenIssuer>) {
        self.issuers.store(Arc::new(issuers));
    }

    /// Whether a token named an unknown key since this was asked last.
    pub(super) fn take_new_key_named(&self) -> bool {
        self.new_key_named.swap(false, Ordering::Relaxed)
    }
}

/// Lets a request in, or says why not.
#[inline(never)] // counted by benches/lookup_cost
pub(super) fn admit(
    api: &ApiState,
    taken: &mut Taken,
    parts: &Parts,
) -> Result<Identified, Problem> {
    let check = Check::new(api, parts);
    let mut told = Told::default();
    let by = match check.known_key(taken) {
        Some(known) => By::Key(check.admit_known(known, &mut told)?),
        None => check.by(taken, &mut told)?,
    };
    let shown = taken.session.as_deref().filter(|text| !text.is_empty());
    let session = shown.and_then(|text| check.session(text));
    let lapsed = shown.is_some() && session.is_none();
    Ok(Identified(Arc::new(Identity {
        catalog: check.catalog,
        client: check.client,
        by,
        session,
        lapsed,
        room: told.room,
        notes: told.notes,
    })))
}

/// Nobody asks: for what is answered before anybody is asked for a credential.
pub(super) fn nobody(api: &ApiState, parts: &Parts) -> Identified {
    let check = Check::new(api, parts);
    Identified(Arc::new(Identity {
        catalog: check.catalog,
        client: check.client,
        by: By::Nothing,
        session: None,
        lapsed: false,
        room: None,
        notes: Vec::new(),
    }))
}

fn first_half(bytes: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}
