//! Who asks, as far as credentials say.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::Admission;
use crate::access::{Claims, KeyId, KeyKind, Principal, Signature, Standing};
use crate::api::client::Client;
use crate::api::limiter::Taken as Room;
use crate::api::problem::Problem;
use crate::catalog::Catalog;

/// draft-ietf-httpapi-ratelimit-headers-10 §4.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// §3 of the same.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A header and its value.
pub(in crate::api) type Note = (HeaderName, HeaderValue);

/// Who asks, as far as credentials say: put beside the request by the guard, in the place of the credentials.
#[derive(Clone)]
pub(in crate::api) struct Identified(pub(super) Arc<Identity>);

pub(super) struct Identity {
    /// The snapshot under which credentials were checked, and which answers.
    pub(super) catalog: Arc<Catalog>,
    pub(super) client: Client,
    pub(super) by: By,
    /// Whoever typed a key on a page before: for pages only.
    pub(super) session: Option<KeyHolder>,
    /// A session was shown that does not hold, or not any more: its bearer is told so on pages.
    pub(super) lapsed: bool,
    /// How much more the caller may ask.
    pub(super) room: Option<Room>,
    /// What else is to be said to the caller beside the answer.
    pub(super) notes: Vec<Note>,
}

/// By what the caller is known.
pub(super) enum By {
    Nothing,
    Key(KeyHolder),
    Token(Bearer),
    /// Good for some tiles, if it is good: it is checked where they are known.
    Signature(Signature),
}

/// Who holds a token, and what it says.
#[derive(Clone)]
pub(super) struct Bearer {
    pub(super) standing: Arc<Standing>,
    pub(super) claims: Arc<Claims>,
}

/// A key that was shown, and what it says.
#[derive(Clone)]
pub(in crate::api) struct KeyHolder {
    pub(in crate::api) id: KeyId,
    pub(in crate::api) kind: KeyKind,
    pub(in crate::api) standing: Arc<Standing>,
}

impl Identified {
    /// Whoever asks that request. Before the guard, nobody.
    pub(in crate::api) fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get::<Self>().cloned()
    }

    /// The snapshot that answers.
    pub(in crate::api) fn catalog(&self) -> &Arc<Catalog> {
        &self.0.catalog
    }

    /// From where.
    pub(in crate::api) fn client(&self) -> Client {
        self.0.client
    }

    /// Says beside the answer what is to be said.
    pub(in crate::api) fn tell(&self, admission: &Admission, headers: &mut HeaderMap) {
        if let Some(room) = self.0.room {
            headers.insert(RATE_LIMIT, rate_limit(room));
            headers.insert(RATE_LIMIT_POLICY, admission.rate_policy.clone());
        }
        for (name, value) in &self.0.notes {
            headers.insert(name, value.clone());
        }
    }

    /// Who asks for a document. A signature opens none.
    pub(in crate::api) fn principal(&self) -> Result<Principal, Problem> {
        match &self.0.by {
            By::Nothing => Ok(Principal::Anonymous),
            By::Key(holder) => Ok(Principal::Known(Arc::clone(&holder.standing))),
            By::Token(bearer) => Ok(Principal::Known(Arc::clone(&bearer.standing))),
            By::Signature(_) => Err(Problem::SignatureInvalid),
        }
    }

    /// Who asks for a page: whoever shows a credential, else whoever typed a key on a page before.
    pub(in crate::api) fn reader(&self) -> Result<Principal, Problem> {
        match (&self.0.by, &self.0.session) {
            (By::Nothing, Some(holder)) => Ok(Principal::Known(Arc::clone(&holder.standing))),
            _ => self.principal(),
        }
    }

    /// The signature that was shown.
    pub(in crate::api) fn signature(&self) -> Option<Signature> {
        match &self.0.by {
            By::Signature(signature) => Some(*signature),
            _ => None,
        }
    }

    /// The key that was shown, or typed on a page before if this is for a page.
    pub(in crate::api) fn key(&self, page: bool) -> Option<&KeyHolder> {
        match (&self.0.by, &self.0.session) {
            (By::Key(holder), _) => Some(holder),
            (By::Nothing, Some(holder)) if page => Some(holder),
            _ => None,
        }
    }

    /// True if the caller shows nothing but a session that does not hold: pages show what everybody sees, and say why.
    pub(in crate::api) fn has_lapsed(&self) -> bool {
        matches!(self.0.by, By::Nothing) && self.0.lapsed
    }

    /// True if the caller is known by nothing but the cookie, which browsers send by themselves.
    pub(in crate::api) fn is_by_cookie(&self) -> bool {
        matches!(self.0.by, By::Nothing) && self.0.session.is_some()
    }
}

fn rate_limit(room: Room) -> HeaderValue {
    let (mut left, mut reset) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (left, reset) = (left.format(room.left), reset.format(room.reset_seconds));
    let text = ["\"caller\";r=", left, ";t=", reset].concat();
    HeaderValue::try_from(text).expect("ASCII")
}
