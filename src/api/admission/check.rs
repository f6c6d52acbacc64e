//! Whether a credential is good, now and here.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::identified::{Bearer, By, Identified, KeyHolder, Note};
use super::memory::{KnownKey, digest};
use crate::access::token::verify;
use crate::access::{
    Claims, Key, KeyId, KeyText, Policy, Refusal, Standing, TokenFault, TokenIssuer,
};
use crate::api::base::TrustedProxies;
use crate::api::client::Client;
use crate::api::clock::{http_date, instant};
use crate::api::context::base_of;
use crate::api::credentials::{self, Shown, Taken};
use crate::api::limiter::Taken as Room;
use crate::api::problem::Problem;
use crate::api::session;
use crate::api::state::ApiState;
use crate::catalog::Catalog;

/// How long before its end the bearer of a key is warned, in microseconds: two weeks.
const WARNING_US: i64 = 14 * 24 * 3_600 * 1_000_000;

/// The instant from which a key is replaced (RFC 9745).
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// When it ends (RFC 8594).
const SUNSET: HeaderName = HeaderName::from_static("sunset");
/// When a key ends that has no successor yet, from two weeks before.
const KEY_EXPIRES: HeaderName = HeaderName::from_static("guichet-key-expires");

/// What a caller is to be told beside the answer.
#[derive(Default)]
pub(in crate::api) struct Told {
    pub(super) room: Option<Room>,
    pub(super) notes: Vec<Note>,
}

/// One check, and what it looks at.
pub(in crate::api) struct Check<'a> {
    pub(in crate::api) api: &'a ApiState,
    pub(in crate::api) catalog: Arc<Catalog>,
    pub(in crate::api) client: Client,
    headers: &'a HeaderMap,
    parts: &'a Parts,
    pub(in crate::api) now_us: i64,
}

impl<'a> Check<'a> {
    #[inline]
    pub(in crate::api) fn new(api: &'a ApiState, parts: &'a Parts) -> Self {
        Self {
            api,
            catalog: api.catalog.load(),
            client: Client::of(parts, &api.settings.trusted_proxies),
            headers: &parts.headers,
            parts,
            now_us: api.settings.clock.now_us(),
        }
    }

    /// The same with the snapshot under which the request was let in.
    pub(in crate::api) fn again(
        api: &'a ApiState,
        identified: &Identified,
        parts: &'a Parts,
    ) -> Self {
        Self {
            api,
            catalog: Arc::clone(identified.catalog()),
            client: identified.client(),
            headers: &parts.headers,
            parts,
            now_us: api.settings.clock.now_us(),
        }
    }

    #[inline]
    pub(in crate::api) fn policy(&self) -> &Policy {
        self.catalog.policy()
    }

    /// By what the caller is known who shows what was taken off.
    pub(super) fn by(&self, taken: &mut Taken, told: &mut Told) -> Result<By, Problem> {
        let name = taken
            .lone()
            .map(|header| self.api.admission.name_of(header));
        Ok(match taken.shown()? {
            None => {
                self.room_for_network()?;
                By::Nothing
            }
            Some(Shown::Key(text)) => {
                let holder = self.key(&text, told)?;
                if let Some(name) = name {
                    self.remember_key(name, &holder);
                }
                By::Key(holder)
            }
            Some(Shown::Token(token)) => By::Token(self.token(&token.0, told)?),
            Some(Shown::Signature(signature)) => By::Signature(signature),
            Some(Shown::Unreadable) => match self.failed(None, "unreadable") {
                Problem::InvalidCredential if crate::leak!("bad-credential-as-anonymous") => {
                    By::Nothing
                }
                problem => return Err(problem),
            },
        })
    }

    #[inline]
    pub(super) fn admit_known(
        &self,
        known: KnownKey,
        told: &mut Told,
    ) -> Result<KeyHolder, Problem> {
        let KnownKey { holder, always, .. } = known;
        self.not_guessing(Some(holder.id))?;
        if always {
            told.room = Some(self.room_for_key(holder.id, holder.kind)?);
            return Ok(holder);
        }
        let key = self.policy().keys.get(&holder.id);
        self.admit_key(key.ok_or(Problem::InvalidCredential)?, told)
    }

    /// Whose key that is, and what they are to be told.
    pub(in crate::api) fn key(
        &self,
        text: &KeyText,
        told: &mut Told,
    ) -> Result<KeyHolder, Problem> {
        let id = text.id();
        self.not_guessing(Some(id))?;
        let Some(key) = self.policy().key_of(text) else {
            return Err(self.failed(Some(id), "unknown"));
        };
        self.admit_key(key, told)
    }

    /// Lets in whoever shows that key, if it holds now and here.
    pub(super) fn admit_key(&self, key: &Key, told: &mut Told) -> Result<KeyHolder, Problem> {
        let standing = self.standing(key.id)?;
        self.is_used_where_it_may(key)?;
        told.room = Some(self.room_for_key(key.id, key.kind)?);
        self.end_notes(key, &mut told.notes);
        Ok(KeyHolder {
            id: key.id,
            kind: key.kind,
            standing,
        })
    }

    /// What a key says of its bearer now.
    pub(in crate::api) fn standing(&self, id: KeyId) -> Result<Arc<Standing>, Problem> {
        let standing = self.policy().standing_of_key(id, self.now_us);
        standing.map_err(|refusal| self.refused(Some(id), refusal))
    }

    pub(super) fn refused(&self, key: Option<KeyId>, refusal: Refusal) -> Problem {
        match refusal {
            // Whoever comes so far has the whole secret, and may know why it no longer works.
            Refusal::Expired => Problem::ExpiredCredential,
            other => self.failed(key, &other.to_string()),
        }
    }

    pub(super) fn token(&self, token: &str, told: &mut Told) -> Result<Bearer, Problem> {
        let digest = digest(&[b"token", token.as_bytes()]);
        let issuers = self.api.admission.issuers.load_full();
        let known = self.verdict(&digest, &issuers).and_then(|verdict| {
            Some(Bearer {
                standing: verdict.standing,
                claims: verdict.claims?,
            })
        });
        let bearer = match known {
            Some(bearer) => bearer,
            None => self.fresh(token, digest, &issuers)?,
        };
        let caller = self.api.admission.callers.number(&bearer.standing.name);
        told.room = Some(self.room(caller)?);
        Ok(bearer)
    }

    pub(super) fn fresh(
        &self,
        token: &str,
        digest: [u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
    ) -> Result<Bearer, Problem> {
        self.not_guessing(None)?;
        let claims = verify(token, issuers, self.now_us).map_err(|fault| match fault {
            TokenFault::Period => Problem::ExpiredCredential,
            TokenFault::NoKeys => self.unjudged(&fault),
            other => {
                if other == TokenFault::UnknownKey {
                    let named = &self.api.admission.new_key_named;
                    named.store(true, Ordering::Relaxed);
                }
                self.failed(None, &other.to_string())
            }
        })?;
        let (standing, until_us) = self.standing_of(&claims)?;
        let claims = Arc::new(claims);
        let bearer = Bearer { standing, claims };
        let said = Some(&bearer.claims);
        self.remember(digest, issuers, until_us, &bearer.standing, said);
        Ok(bearer)
    }

    /// What the claims of a token say of its bearer now, and until when.
    pub(super) fn standing_of(&self, claims: &Claims) -> Result<(Arc<Standing>, i64), Problem> {
        let (issuer, subject) = &claims.identity;
        let siret = claims.siret.as_deref();
        let policy = self.policy();
        let standing = policy
            .standing_of_identity(issuer, subject, siret, &claims.groups, self.now_us)
            .map_err(|refusal| self.refused(None, refusal))?;
        let member = standing.member.as_ref();
        let membership = member.and_then(|id| policy.members.get(id)?.until_us);
        let until_us = membership.map_or(claims.until_us, |u| u.min(claims.until_us));
        Ok((standing, until_us))
    }

    pub(in crate::api) fn issuers(&self) -> Arc<Vec<TokenIssuer>> {
        self.api.admission.issuers.load_full()
    }

    /// Whoever holds that session, if it holds. Cookies come by themselves: one that no longer holds is no claim to be
    /// known. What everybody sees is shown, and the page says so ([`Identified::has_lapsed`]).
    pub(super) fn session(&self, text: &str) -> Option<KeyHolder> {
        let session = session::Session::parse(text)?;
        let key = self.policy().keys.get(&session.key())?;
        session
            .holds(&self.api.admission.sessions, key, self.now_us)
            .then_some(())?;
        let standing = self.policy().standing_of_key(key.id, self.now_us).ok()?;
        self.is_in_its_networks(key).ok()?;
        Some(KeyHolder {
            id: key.id,
            kind: key.kind,
            standing,
        })
    }

    /// Against abuse: a key that was copied out of a page is refused in others, and one that was lost outside of its networks. Other
    /// programs than browsers send what they like.
    pub(in crate::api) fn is_used_where_it_may(&self, key: &Key) -> Result<(), Problem> {
        if !key.origins.is_empty() && !crate::leak!("key-origins-not-checked") {
            let base = base_of(self.api, self.parts);
            let own = base.as_ref().map_or("", |b| b.origin());
            let origin = credentials::origin(self.headers, own).unwrap_or_default();
            let allowed = |o: &String| o.eq_ignore_ascii_case(origin);
            if origin.is_empty() || !key.origins.iter().any(allowed) {
                return Err(Problem::OriginRefused);
            }
        }
        self.is_in_its_networks(key)
    }

    pub(super) fn is_in_its_networks(&self, key: &Key) -> Result<(), Problem> {
        if key.networks.is_empty() || crate::leak!("key-networks-not-checked") {
            return Ok(());
        }
        let networks = TrustedProxies::parse(key.networks.iter().map(String::as_str));
        // Networks that cannot be read hold nobody.
        let networks = networks.unwrap_or_default();
        let within = self.client.address().is_some_and(|a| networks.contain(a));
        within.then_some(()).ok_or(Problem::NetworkRefused)
    }

    /// What the bearer of a key that ends soon, or is replaced, is told with each answer.
    pub(super) fn end_notes(&self, key: &Key, notes: &mut Vec<Note>) {
        let Some(until_us) = key.until_us else {
            return;
        };
        let mut note = |name, text: String| {
            let value = HeaderValue::try_from(text).expect("dates are ASCII");
            notes.push((name, value));
        };
        if let Some(successor) = key.replaced_by {
            let successor = self.policy().keys.get(&successor);
            let since_us = successor.and_then(|k| k.from_us).unwrap_or(until_us);
            note(DEPRECATION, format!("@{}", since_us.div_euclid(1_000_000)));
            note(SUNSET, http_date(until_us));
        }
        if until_us.saturating_sub(self.now_us) <= WARNING_US {
            note(KEY_EXPIRES, instant(until_us));
        }
    }
}
