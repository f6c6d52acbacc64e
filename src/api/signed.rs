//! Signed URLs: tiles for web maps whose requests carry no header.
//!
//! A web page holds a key for browsers and asks for a TileJSON with it (`X-API-Key`, or `?key=`). The addresses of tiles in the answer end
//! in `?sig=…`, and open these tiles for ten to fifteen minutes: a [`Signature`] names the key, and under its MAC stand the host, the
//! collections and what the key sees of their tiles at each zoom. Every tile is answered by the policy of the moment: once the key is
//! revoked, suspended or out of date, or sees something else, the signature opens nothing (401, `signature-invalid`); once it is too old,
//! neither (401, `signature-expired`). A signature never makes another one: with it, the TileJSON answers with the same. Both refusals can
//! be read by scripts of every origin, and a map that renews goes on without a hole: the README has the lines for MapLibre, which
//! `tests/browser/signed.mjs` runs as they stand there.

use super::admission::{Check, KeyHolder, digest};
use super::base::Base;
use super::context::Context;
use super::credentials::SIGNATURE;
use super::problem::Problem;
use crate::access::{
    Action, KeyKind, Principal, Reach, Scopes, Signature, SignatureFault, Surface, TileStamp,
};
use crate::catalog::Catalog;

/// Deepest zoom of all (`limits.tile_max_zoom` goes no further).
const DEEPEST: u8 = 24;

/// What a caller sees of a collection's tiles, zoom by zoom, as a number.
fn stamp(catalog: &Catalog, principal: &Principal, collection: &str) -> TileStamp {
    let mut hasher = blake3::Hasher::new();
    let mut band = None;
    for zoom in 0..=DEEPEST {
        let view = catalog.view_id(principal, collection, Surface::Tiles(zoom));
        if band != Some(view) {
            let id = view.map_or([0; 16], |v| v.0.to_be_bytes());
            hasher.update(&[zoom, view.is_some().into()]);
            hasher.update(&id);
            band = Some(view);
        }
    }
    let mut stamp = [0; 16];
    stamp.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    TileStamp(stamp)
}

fn stamps<'a>(
    catalog: &Catalog,
    principal: &Principal,
    collections: &'a [String],
) -> Vec<(&'a str, TileStamp)> {
    let stamped = |c: &'a String| (c.as_str(), stamp(catalog, principal, c));
    collections.iter().map(stamped).collect()
}

/// The host for which a signature is good. Portals are faces of the same.
fn host(base: &Base) -> String {
    format!("{}{}", base.origin(), base.prefix())
}

/// Who asks with a signature for tiles of these collections (full ids, in the order of the URL): its key, narrowed to them.
pub(super) fn principal(
    check: &Check<'_>,
    signature: Signature,
    base: &Base,
    collections: &[String],
) -> Result<Principal, Problem> {
    let Some(key) = check.policy().keys.get(&signature.key()) else {
        return Err(told(check.failed(Some(signature.key()), "signature")));
    };
    let holder = check.policy().standing_of_key(key.id, check.now_us);
    let holder = holder.map_err(|_| Problem::SignatureInvalid)?;
    let host = host(base);
    let digest = digest(&[
        b"signature",
        signature.text().as_bytes(),
        host.as_bytes(),
        collections.join(",").as_bytes(),
    ]);
    let issuers = check.issuers();
    let narrowed = match check.remembered(&digest, &issuers) {
        Some(narrowed) => narrowed,
        None => {
            let layers = stamps(
                &check.catalog,
                &Principal::Known(holder.clone()),
                collections,
            );
            let verify = |layers| {
                let reach = Reach {
                    host: &host,
                    layers,
                };
                signature.verify(&check.api.admission.signing, reach, check.now_us)
            };
            let verdict = match verify(&layers) {
                Err(_) if crate::leak!("signature-of-the-first") => verify(&layers[..1]),
                verdict => verdict,
            };
            verdict.map_err(|fault| match fault {
                SignatureFault::Invalid => Problem::SignatureInvalid,
                SignatureFault::Expired => Problem::SignatureExpired,
            })?;
            let tiles = Scopes {
                layers: Some(collections.iter().cloned().collect()),
                actions: Some([Action::Tiles].into()),
                ..Scopes::default()
            };
            let narrowed = std::sync::Arc::new(holder.narrowed(&tiles));
            check.remember(digest, &issuers, signature.until_us(), &narrowed, None);
            narrowed
        }
    };
    check.is_used_where_it_may(key)?;
    check.room_for_key(key.id, key.kind)?;
    Ok(Principal::Known(narrowed))
}

/// A signature of a key that nobody has is a bad signature.
fn told(problem: Problem) -> Problem {
    match problem {
        Problem::InvalidCredential => Problem::SignatureInvalid,
        other => other,
    }
}

impl Context {
    /// A signature for the tiles of these collections, by the names that the caller has for them: for callers with a key for browsers,
    /// and for pages that somebody looks at who typed a key. Who came with a signature gets the same one.
    pub(super) fn signature(&self, names: &[&str]) -> Option<String> {
        if let Some((signature, list)) = &self.signed {
            let same = list.split(',').eq(names.iter().copied());
            if !crate::leak!("signed-answers-kept") {
                self.caller.personal();
            }
            return same.then(|| signature.text());
        }
        let holder = self.signer()?;
        // A signature is of one key: no cache may give it to another.
        if !crate::leak!("signed-answers-kept") {
            self.caller.personal();
        }
        let principal = Principal::Known(holder.standing.clone());
        let ids = names.iter().map(|n| self.caller.full_id(n).into_owned());
        let ids: Vec<String> = ids.collect();
        let layers = stamps(&self.caller.catalog, &principal, &ids);
        let reach = Reach {
            host: &host(&self.base),
            layers: &layers,
        };
        let now_us = self.api.settings.clock.now_us();
        Some(Signature::sign(&self.api.admission.signing, holder.id, reach, now_us).text())
    }

    /// The same, as parameters of a link.
    pub(super) fn signed_pairs(&self, names: &[&str]) -> Vec<(&'static str, String)> {
        let signature = self.signature(names).into_iter();
        signature.map(|text| (SIGNATURE, text)).collect()
    }

    /// Who may sign: a secret key does not let go of its rights, but to the pages of this server.
    fn signer(&self) -> Option<&KeyHolder> {
        let identified = self.identified.as_ref()?;
        let by_key = identified.key(false);
        by_key
            .filter(|holder| holder.kind == KeyKind::Browser)
            .or_else(|| identified.key(self.is_html()))
            .filter(|holder| holder.kind == KeyKind::Browser || self.is_html())
    }
}
