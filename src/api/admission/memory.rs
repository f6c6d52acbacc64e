//! What was found good is remembered, under names from which nobody reads it: keys, tokens and signatures come back with each request.

use std::sync::{Arc, Weak};

use super::check::Check;
use super::identified::KeyHolder;
use crate::access::{Claims, Standing, TokenIssuer};
use crate::api::credentials::Taken;
use crate::catalog::Catalog;

/// Verdicts on tokens and signatures that are remembered: some 200 bytes each.
pub(super) const VERDICTS: usize = 16 << 10;
/// Keys that are remembered: some 80 bytes each.
pub(super) const KNOWN_KEYS: usize = 32 << 10;
/// For how long, in microseconds.
const VERDICT_US: i64 = 60 * 1_000_000;

/// That a header shows a key, under one snapshot: nothing of it has to be read, hashed or compared again. If it has periods, origins or
/// networks, they are looked at each time.
#[derive(Clone)]
pub(super) struct KnownKey {
    pub(super) catalog: Weak<Catalog>,
    pub(super) holder: KeyHolder,
    /// It holds at any time, from anywhere: nothing of it is looked at again.
    pub(super) always: bool,
}

/// That a token or a signature is good, under one snapshot and one set of issuers.
#[derive(Clone)]
pub(super) struct Verdict {
    pub(super) catalog: Weak<Catalog>,
    pub(super) issuers: Weak<Vec<TokenIssuer>>,
    pub(super) until_us: i64,
    pub(super) standing: Arc<Standing>,
    /// Those of a token.
    pub(super) claims: Option<Arc<Claims>>,
}

impl Check<'_> {
    /// The key in a header that showed it before, under the same snapshot.
    #[inline]
    pub(super) fn known_key(&self, taken: &Taken) -> Option<KnownKey> {
        let name = self.api.admission.name_of(taken.lone()?);
        let known = self.api.admission.keys.get(&name)?;
        let same = known.catalog.as_ptr() == Arc::as_ptr(&self.catalog);
        same.then_some(known)
    }

    pub(super) fn remember_key(&self, name: u128, holder: &KeyHolder) {
        let always = self.policy().is_unlimited(holder.id)
            && self.policy().keys.get(&holder.id).is_some_and(|key| {
                key.origins.is_empty() && key.networks.is_empty() && key.until_us.is_none()
            });
        let known = KnownKey {
            catalog: Arc::downgrade(&self.catalog),
            holder: holder.clone(),
            always,
        };
        self.api.admission.keys.insert(name, known);
    }

    /// A standing that was found good before, under the same snapshot.
    pub(in crate::api) fn remembered(
        &self,
        digest: &[u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
    ) -> Option<Arc<Standing>> {
        self.verdict(digest, issuers)
            .map(|verdict| verdict.standing)
    }

    pub(super) fn verdict(
        &self,
        digest: &[u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
    ) -> Option<Verdict> {
        let verdict = self.api.admission.verdicts.get(digest)?;
        let same = verdict.catalog.as_ptr() == Arc::as_ptr(&self.catalog)
            || crate::leak!("verdict-outlives-policy");
        let same = same && verdict.issuers.as_ptr() == Arc::as_ptr(issuers);
        (same && self.now_us < verdict.until_us).then_some(verdict)
    }

    pub(in crate::api) fn remember(
        &self,
        digest: [u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
        until_us: i64,
        standing: &Arc<Standing>,
        claims: Option<&Arc<Claims>>,
    ) {
        let verdict = Verdict {
            catalog: Arc::downgrade(&self.catalog),
            issuers: Arc::downgrade(issuers),
            until_us: until_us.min(self.now_us.saturating_add(VERDICT_US)),
            standing: Arc::clone(standing),
            claims: claims.cloned(),
        };
        self.api.admission.verdicts.insert(digest, verdict);
    }
}

/// A name for what is remembered. The texts themselves are not kept.
pub(in crate::api) fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    digest
}
