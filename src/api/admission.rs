//! Who asks: a credential is checked once, before the request is looked at, against the policy of the snapshot that answers it.
//!
//! Nothing bad is passed over: a credential that cannot be read, is unknown, revoked, suspended or out of date is 401, whatever is asked
//! for, also where everybody may read. The answer is the same for all of these, but for who holds a genuine one that has expired.

use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use quick_cache::sync::Cache;
use siphasher::sip128::SipHasher13;

use super::base::TrustedProxies;
use super::client::Client;
use super::clock::{http_date, instant};
use super::context::base_of;
use super::credentials::{self, Shown, Taken};
use super::limiter::{Limiter, Rate, Taken as Room};
use super::problem::Problem;
use super::session;
use super::state::ApiState;
use crate::access::token::verify;
use crate::access::{
    Key, KeyId, KeyKind, KeyText, Policy, Principal, Refusal, Signature, SigningKey, Standing,
    TokenFault, TokenIssuer,
};
use crate::catalog::Catalog;

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

/// Verdicts on tokens and signatures that are remembered: some 200 bytes each.
const VERDICTS: usize = 16 << 10;
/// Keys that are remembered: some 80 bytes each.
const KNOWN_KEYS: usize = 32 << 10;
/// For how long, in microseconds.
const VERDICT_US: i64 = 60 * 1_000_000;
/// How long before its end the bearer of a key is warned, in microseconds: two weeks.
const WARNING_US: i64 = 14 * 24 * 3_600 * 1_000_000;

/// The instant from which a key is replaced (RFC 9745).
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// When it ends (RFC 8594).
const SUNSET: HeaderName = HeaderName::from_static("sunset");
/// When a key ends that has no successor yet, from two weeks before.
const KEY_EXPIRES: HeaderName = HeaderName::from_static("guichet-key-expires");
/// draft-ietf-httpapi-ratelimit-headers-10 §4.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// §3 of the same.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What the check of credentials keeps from one request to the next.
pub(super) struct Admission {
    pub(super) callers: Limiter,
    networks: Limiter,
    failures: Limiter,
    pub(super) signing: SigningKey,
    pub(super) sessions: [u8; 32],
    issuers: ArcSwap<Vec<TokenIssuer>>,
    verdicts: Cache<[u8; 16], Verdict>,
    keys: Cache<u128, KnownKey>,
    /// Names what is remembered of keys.
    names: SipHasher13,
    rate_policy: HeaderValue,
}

/// That a header shows a key, under one snapshot: nothing of it has to be read, hashed or compared again. If it has periods, origins or
/// networks, they are looked at each time.
#[derive(Clone)]
struct KnownKey {
    catalog: Weak<Catalog>,
    holder: KeyHolder,
    /// It holds at any time, from anywhere: nothing of it is looked at again.
    always: bool,
}

/// That a token or a signature is good, under one snapshot and one set of issuers.
#[derive(Clone)]
struct Verdict {
    catalog: Weak<Catalog>,
    issuers: Weak<Vec<TokenIssuer>>,
    until_us: i64,
    standing: Arc<Standing>,
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
}

/// Who asks, as far as credentials say: put beside the request by the guard, in the place of the credentials.
#[derive(Clone)]
pub(super) struct Identified(Arc<Identity>);

struct Identity {
    /// The snapshot under which credentials were checked, and which answers.
    catalog: Arc<Catalog>,
    client: Client,
    by: By,
    /// Whoever typed a key on a page before: for pages only.
    session: Option<KeyHolder>,
    /// How much more the caller may ask.
    room: Option<Room>,
    /// What else is to be said to the caller beside the answer.
    notes: Vec<Note>,
}

/// By what the caller is known.
enum By {
    Nothing,
    Key(KeyHolder),
    Token(Arc<Standing>),
    /// Good for some tiles, if it is good: it is checked where they are known.
    Signature(Signature),
}

/// A key that was shown, and what it says.
#[derive(Clone)]
pub(super) struct KeyHolder {
    pub(super) id: KeyId,
    pub(super) kind: KeyKind,
    pub(super) standing: Arc<Standing>,
}

impl Identified {
    /// Whoever asks that request. Before the guard, nobody.
    pub(super) fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get::<Self>().cloned()
    }

    /// The snapshot that answers.
    pub(super) fn catalog(&self) -> &Arc<Catalog> {
        &self.0.catalog
    }

    /// From where.
    pub(super) fn client(&self) -> Client {
        self.0.client
    }

    /// Says beside the answer what is to be said.
    pub(super) fn tell(&self, admission: &Admission, headers: &mut HeaderMap) {
        if let Some(room) = self.0.room {
            headers.insert(RATE_LIMIT, rate_limit(room));
            headers.insert(RATE_LIMIT_POLICY, admission.rate_policy.clone());
        }
        for (name, value) in &self.0.notes {
            headers.insert(name, value.clone());
        }
    }

    /// Who asks for a document. A signature opens none.
    pub(super) fn principal(&self) -> Result<Principal, Problem> {
        match &self.0.by {
            By::Nothing => Ok(Principal::Anonymous),
            By::Key(holder) => Ok(Principal::Known(Arc::clone(&holder.standing))),
            By::Token(standing) => Ok(Principal::Known(Arc::clone(standing))),
            By::Signature(_) => Err(Problem::SignatureInvalid),
        }
    }

    /// Who asks for a page: whoever shows a credential, else whoever typed a key on a page before.
    pub(super) fn reader(&self) -> Result<Principal, Problem> {
        match (&self.0.by, &self.0.session) {
            (By::Nothing, Some(holder)) => Ok(Principal::Known(Arc::clone(&holder.standing))),
            _ => self.principal(),
        }
    }

    /// The signature that was shown.
    pub(super) fn signature(&self) -> Option<Signature> {
        match &self.0.by {
            By::Signature(signature) => Some(*signature),
            _ => None,
        }
    }

    /// The key that was shown, or typed on a page before if this is for a page.
    pub(super) fn key(&self, page: bool) -> Option<&KeyHolder> {
        match (&self.0.by, &self.0.session) {
            (By::Key(holder), _) => Some(holder),
            (By::Nothing, Some(holder)) if page => Some(holder),
            _ => None,
        }
    }

    /// True if the caller is known by nothing but the cookie, which browsers send by themselves.
    pub(super) fn is_by_cookie(&self) -> bool {
        matches!(self.0.by, By::Nothing) && self.0.session.is_some()
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
    let session = taken.session.as_deref().and_then(|s| check.session(s));
    Ok(Identified(Arc::new(Identity {
        catalog: check.catalog,
        client: check.client,
        by,
        session,
        room: told.room,
        notes: told.notes,
    })))
}

/// What a caller is to be told beside the answer.
#[derive(Default)]
pub(super) struct Told {
    room: Option<Room>,
    notes: Vec<Note>,
}

/// Nobody asks: for what is answered before anybody is asked for a credential.
pub(super) fn nobody(api: &ApiState, parts: &Parts) -> Identified {
    let check = Check::new(api, parts);
    Identified(Arc::new(Identity {
        catalog: check.catalog,
        client: check.client,
        by: By::Nothing,
        session: None,
        room: None,
        notes: Vec::new(),
    }))
}

/// One check, and what it looks at.
pub(super) struct Check<'a> {
    pub(super) api: &'a ApiState,
    pub(super) catalog: Arc<Catalog>,
    pub(super) client: Client,
    headers: &'a HeaderMap,
    parts: &'a Parts,
    pub(super) now_us: i64,
}

impl<'a> Check<'a> {
    pub(super) fn new(api: &'a ApiState, parts: &'a Parts) -> Self {
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
    pub(super) fn again(api: &'a ApiState, identified: &Identified, parts: &'a Parts) -> Self {
        Self {
            api,
            catalog: Arc::clone(identified.catalog()),
            client: identified.client(),
            headers: &parts.headers,
            parts,
            now_us: api.settings.clock.now_us(),
        }
    }

    pub(super) fn policy(&self) -> &Policy {
        self.catalog.policy()
    }

    /// By what the caller is known who shows what was taken off.
    fn by(&self, taken: &mut Taken, told: &mut Told) -> Result<By, Problem> {
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

    /// The key in a header that showed it before, under the same snapshot.
    fn known_key(&self, taken: &Taken) -> Option<KnownKey> {
        let name = self.api.admission.name_of(taken.lone()?);
        let known = self.api.admission.keys.get(&name)?;
        let same = known.catalog.as_ptr() == Arc::as_ptr(&self.catalog);
        same.then_some(known)
    }

    fn admit_known(&self, known: KnownKey, told: &mut Told) -> Result<KeyHolder, Problem> {
        let KnownKey { holder, always, .. } = known;
        self.not_guessing(Some(holder.id))?;
        if always {
            told.room = Some(self.room_for_key(holder.id, holder.kind)?);
            return Ok(holder);
        }
        let key = self.policy().keys.get(&holder.id);
        self.admit_key(key.ok_or(Problem::InvalidCredential)?, told)
    }

    fn remember_key(&self, name: u128, holder: &KeyHolder) {
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

    /// Whose key that is, and what they are to be told.
    pub(super) fn key(&self, text: &KeyText, told: &mut Told) -> Result<KeyHolder, Problem> {
        let id = text.id();
        self.not_guessing(Some(id))?;
        let Some(key) = self.policy().key_of(text) else {
            return Err(self.failed(Some(id), "unknown"));
        };
        self.admit_key(key, told)
    }

    /// Lets in whoever shows that key, if it holds now and here.
    fn admit_key(&self, key: &Key, told: &mut Told) -> Result<KeyHolder, Problem> {
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
    pub(super) fn standing(&self, id: KeyId) -> Result<Arc<Standing>, Problem> {
        let standing = self.policy().standing_of_key(id, self.now_us);
        standing.map_err(|refusal| self.refused(Some(id), refusal))
    }

    fn refused(&self, key: Option<KeyId>, refusal: Refusal) -> Problem {
        match refusal {
            // Whoever comes so far has the whole secret, and may know why it no longer works.
            Refusal::Expired => Problem::ExpiredCredential,
            other => self.failed(key, &other.to_string()),
        }
    }

    fn token(&self, token: &str, told: &mut Told) -> Result<Arc<Standing>, Problem> {
        let digest = digest(&[b"token", token.as_bytes()]);
        let issuers = self.api.admission.issuers.load_full();
        let standing = match self.remembered(&digest, &issuers) {
            Some(standing) => standing,
            None => self.fresh(token, digest, &issuers)?,
        };
        let caller = self.api.admission.callers.number(&standing.name);
        told.room = Some(self.room(caller)?);
        Ok(standing)
    }

    fn fresh(
        &self,
        token: &str,
        digest: [u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
    ) -> Result<Arc<Standing>, Problem> {
        self.not_guessing(None)?;
        let claims = verify(token, issuers, self.now_us).map_err(|fault| match fault {
            TokenFault::Period => Problem::ExpiredCredential,
            other => self.failed(None, &other.to_string()),
        })?;
        let (issuer, subject) = &claims.identity;
        let siret = claims.siret.as_deref();
        let policy = self.policy();
        let standing = policy
            .standing_of_identity(issuer, subject, siret, &claims.groups, self.now_us)
            .map_err(|refusal| self.refused(None, refusal))?;
        let member = standing.member.as_ref();
        let membership = member.and_then(|id| policy.members.get(id)?.until_us);
        let until_us = membership.map_or(claims.until_us, |u| u.min(claims.until_us));
        self.remember(digest, issuers, until_us, &standing);
        Ok(standing)
    }

    /// A standing that was found good before, under the same snapshot.
    pub(super) fn remembered(
        &self,
        digest: &[u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
    ) -> Option<Arc<Standing>> {
        let verdict = self.api.admission.verdicts.get(digest)?;
        let same = verdict.catalog.as_ptr() == Arc::as_ptr(&self.catalog)
            || crate::leak!("verdict-outlives-policy");
        let same = same && verdict.issuers.as_ptr() == Arc::as_ptr(issuers);
        (same && self.now_us < verdict.until_us).then_some(verdict.standing)
    }

    pub(super) fn remember(
        &self,
        digest: [u8; 16],
        issuers: &Arc<Vec<TokenIssuer>>,
        until_us: i64,
        standing: &Arc<Standing>,
    ) {
        let verdict = Verdict {
            catalog: Arc::downgrade(&self.catalog),
            issuers: Arc::downgrade(issuers),
            until_us: until_us.min(self.now_us.saturating_add(VERDICT_US)),
            standing: Arc::clone(standing),
        };
        self.api.admission.verdicts.insert(digest, verdict);
    }

    pub(super) fn issuers(&self) -> Arc<Vec<TokenIssuer>> {
        self.api.admission.issuers.load_full()
    }

    /// Whoever holds that session, if it holds. Cookies come by themselves: one that no longer holds is no claim to be known.
    fn session(&self, text: &str) -> Option<KeyHolder> {
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
    pub(super) fn is_used_where_it_may(&self, key: &Key) -> Result<(), Problem> {
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

    fn is_in_its_networks(&self, key: &Key) -> Result<(), Problem> {
        if key.networks.is_empty() || crate::leak!("key-networks-not-checked") {
            return Ok(());
        }
        let networks = TrustedProxies::parse(key.networks.iter().map(String::as_str));
        // Networks that cannot be read hold nobody.
        let networks = networks.unwrap_or_default();
        let within = self.client.address().is_some_and(|a| networks.contain(a));
        within.then_some(()).ok_or(Problem::NetworkRefused)
    }

    /// Notes a bad credential. `why` is for the log, which never holds the credential itself.
    pub(super) fn failed(&self, key: Option<KeyId>, why: &str) -> Problem {
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

    /// After too many bad credentials from a network no more are looked at for a while, but those of keys that were last let in from
    /// there: a neighbour's guesses lock nobody out.
    fn not_guessing(&self, key: Option<KeyId>) -> Result<(), Problem> {
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

    fn room_for_network(&self) -> Result<(), Problem> {
        let Some(network) = self.client.network() else {
            return Ok(());
        };
        let networks = &self.api.admission.networks;
        let room = networks.take(network, network, self.now_us);
        allowed(room).map(|_| ())
    }

    /// Counts a request of a key.
    pub(super) fn room_for_key(&self, id: KeyId, kind: KeyKind) -> Result<Room, Problem> {
        let caller = self.api.admission.caller(id, kind, self.client);
        self.room(caller)
    }

    fn room(&self, caller: u64) -> Result<Room, Problem> {
        let network = self.client.network().unwrap_or_default();
        let callers = &self.api.admission.callers;
        allowed(callers.take(caller, network, self.now_us))
    }

    /// What the bearer of a key that ends soon, or is replaced, is told with each answer.
    fn end_notes(&self, key: &Key, notes: &mut Vec<Note>) {
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

fn rate_limit(room: Room) -> HeaderValue {
    let (mut left, mut reset) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (left, reset) = (left.format(room.left), reset.format(room.reset_seconds));
    let text = ["\"caller\";r=", left, ";t=", reset].concat();
    HeaderValue::try_from(text).expect("ASCII")
}

fn first_half(bytes: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    half
}

/// A header and its value.
pub(super) type Note = (HeaderName, HeaderValue);

fn allowed(room: Room) -> Result<Room, Problem> {
    if room.allowed {
        Ok(room)
    } else {
        Err(Problem::TooManyRequests(room.retry_seconds))
    }
}

/// A name for what is remembered. The texts themselves are not kept.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    digest
}
