//! Sessions of pages: whoever types a key on a page is known on pages, by a cookie that scripts cannot read, other sites cannot make a
//! browser send, and no other format is answered for. It holds no secret: a key's id and an end, under a MAC.
//!
//! `POST /session` with a form (`key`, `to`) opens one and leads to `to`; `POST /session/end` and `DELETE /session` end it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode};
use constant_time_eq::constant_time_eq_16;
use http_body_util::{BodyExt as _, Limited};

use super::admission::{Check, Identified, Told};
use super::base::Base;
use super::context::Context;
use super::credentials::{self, is_own_page};
use super::negotiate::Offer;
use super::problem::Problem;
use super::query::{self, Pairs};
use super::routes::Route;
use super::run::told;
use super::sign_in;
use super::state::ApiState;
use crate::access::{Key, KeyId, KeyText, NotAKey};
use crate::model::base64::{base64url, unbase64url};

/// How long a session holds: a working day.
const SECONDS: i64 = 12 * 3_600;
/// Bytes of a form: a key and a path.
const FORM_BYTES: usize = 4 << 10;
const VERSION: u8 = 1;

/// What the cookie says, believed or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    key: KeyId,
    /// Seconds since 1970.
    until: u32,
    mac: [u8; 16],
}

impl Session {
    fn open(secret: &[u8; 32], key: &Key, now_us: i64) -> Self {
        let ends = now_us.div_euclid(1_000_000) + SECONDS;
        let until = key
            .until_us
            .map_or(ends, |u| ends.min(u.div_euclid(1_000_000)));
        let until = until as u32;
        Self {
            key: key.id,
            until,
            mac: mac(secret, key, until),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 25] = unbase64url(text)?.try_into().ok()?;
        let (head, mac) = bytes.split_at(9);
        let [VERSION, a, b, c, d, until @ ..] = head else {
            return None;
        };
        Some(Self {
            key: KeyId(u32::from_be_bytes([*a, *b, *c, *d])),
            until: u32::from_be_bytes(until.try_into().ok()?),
            mac: mac.try_into().ok()?,
        })
    }

    fn text(self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.key.0.to_be_bytes());
        bytes.extend(self.until.to_be_bytes());
        bytes.extend(self.mac);
        base64url(&bytes)
    }

    pub(super) fn key(self) -> KeyId {
        self.key
    }

    /// Whether this server opened it for that very key, and it has not ended.
    pub(super) fn holds(self, secret: &[u8; 32], key: &Key, now_us: i64) -> bool {
        let genuine = constant_time_eq_16(&mac(secret, key, self.until), &self.mac)
            || crate::leak!("session-mac-not-compared");
        genuine && now_us < i64::from(self.until) * 1_000_000
    }
}

/// The key's own hash stands under the MAC: another key that one day has its id opens no old session.
fn mac(secret: &[u8; 32], key: &Key, until: u32) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(b"session 1");
    hasher.update(&key.id.0.to_be_bytes());
    hasher.update(&key.sha256);
    hasher.update(&until.to_be_bytes());
    let mut mac = [0; 16];
    mac.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    mac
}

/// `POST /session`
pub(super) async fn open(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let form = form(&parts, body).await;
    form.and_then(|form| begin(&api, &parts, &form))
        .unwrap_or_else(|problem| told(&api, &parts, &problem))
}

fn begin(api: &Arc<ApiState>, parts: &Parts, form: &Pairs) -> Result<Response<Body>, Problem> {
    let context = Context::open(api, parts, Offer::Page)?;
    context.writable()?;
    context.no_parameters()?;
    if is_own_page(&parts.headers, context.base.origin()) == Some(false) {
        return Err(Problem::CrossSite);
    }
    let given = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim());
    let home = context.base.path(Route::Landing, &[]);
    let to = given("to").filter(|to| sign_in::is_own_path(to));
    let to = to.unwrap_or(&home);
    let typed = given("key").unwrap_or_default();
    let identified = Identified::of(parts).ok_or(Problem::InvalidCredential)?;
    let check = Check::again(api, &identified, parts);
    let key = KeyText::parse(typed).map_err(|NotAKey| check.failed(None, "typed"));
    let holder = key.and_then(|text| check.key(&text, &mut Told::default()));
    let holder = match holder {
        Ok(found) => found,
        Err(problem) => return Ok(sign_in::refused(&context, to, &problem)),
    };
    let key = check.policy().keys.get(&holder.id);
    let key = key.ok_or(Problem::InvalidCredential)?;
    let session = Session::open(&api.admission.sessions, key, check.now_us);
    let left = i64::from(session.until) - check.now_us.div_euclid(1_000_000);
    Ok(leading(to, &cookie(&context.base, &session.text(), left)))
}

/// `POST /session/end`
pub(super) async fn end(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let ended = Context::open(&api, &parts, Offer::Page).and_then(|context| {
        context.no_parameters()?;
        if is_own_page(&parts.headers, context.base.origin()) == Some(false) {
            return Err(Problem::CrossSite);
        }
        let home = context.base.path(Route::Landing, &[]);
        Ok(leading(&home, &cookie(&context.base, "", 0)))
    });
    ended.unwrap_or_else(|problem| told(&api, &parts, &problem))
}

/// `DELETE /session`
pub(super) async fn delete(State(api): State<Arc<ApiState>>, request: Request) -> Response<Body> {
    let mut response = end(State(api), request).await;
    if response.status() == StatusCode::SEE_OTHER {
        *response.status_mut() = StatusCode::NO_CONTENT;
        response.headers_mut().remove(LOCATION);
    }
    response
}

/// A form that was sent.
pub(super) async fn form(parts: &Parts, body: Body) -> Result<Pairs, Problem> {
    let media_type = parts.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Problem::UnsupportedMediaType);
    }
    let bytes = read(body, FORM_BYTES).await?;
    let text = str::from_utf8(&bytes).map_err(|_| Problem::MalformedBody)?;
    query::parse(Some(text)).map_err(|_| Problem::MalformedBody)
}

/// A body of so many bytes at most.
pub(super) async fn read(body: Body, most: usize) -> Result<Vec<u8>, Problem> {
    let collected = Limited::new(body, most).collect().await;
    let bytes = collected.map_err(|_| Problem::BodyTooLarge)?;
    Ok(bytes.to_bytes().to_vec())
}

/// The cookie goes to all pages of this server, its portals included.
fn cookie(base: &Base, value: &str, seconds: i64) -> HeaderValue {
    let secure = if base.origin().starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let (name, prefix) = (credentials::SESSION, base.prefix());
    let text = format!(
        "{name}={value}; Path={prefix}/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::try_from(text).expect("a prefix is of plain characters")
}

fn leading(to: &str, cookie: &HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(LOCATION, to);
    headers.insert(SET_COOKIE, cookie.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000_000;
    const SECRET: [u8; 32] = [5; 32];

    fn key(until_us: Option<i64>) -> Key {
        Key {
            until_us,
            ..Key::new(KeyId(0x1f2e_3d4c), [1; 32], "eau")
        }
    }

    #[test]
    fn a_session_ends_with_the_day_or_the_key() {
        let open = Session::open(&SECRET, &key(None), NOW);
        let read = Session::parse(&open.text()).unwrap();
        assert!(read == open && read.key() == KeyId(0x1f2e_3d4c));
        assert!(read.holds(&SECRET, &key(None), NOW));
        let end = NOW + SECONDS * 1_000_000;
        assert!(read.holds(&SECRET, &key(None), end - 1));
        assert!(!read.holds(&SECRET, &key(None), end));
        let soon = key(Some(NOW + 1_000_000));
        let short = Session::open(&SECRET, &soon, NOW);
        assert!(short.holds(&SECRET, &soon, NOW));
        assert!(!short.holds(&SECRET, &soon, NOW + 1_000_000));
    }

    #[test]
    fn it_is_of_one_key_and_one_server() {
        let open = Session::open(&SECRET, &key(None), NOW);
        let another = Key {
            sha256: [2; 32],
            ..key(None)
        };
        assert!(!open.holds(&SECRET, &another, NOW));
        assert!(!open.holds(&[6; 32], &key(None), NOW));
        let bytes = unbase64url(&open.text()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let read = Session::parse(&base64url(&changed));
            assert!(
                read.is_none_or(|s| s.key() != open.key() || !s.holds(&SECRET, &key(None), NOW))
            );
        }
        for bad in ["", "x", &open.text()[1..], &format!("{}A", open.text())] {
            assert!(Session::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn scripts_and_other_sites_do_not_get_it() {
        let base = Base::parse("https://data.example.org/geo").unwrap();
        let text = cookie(&base, "x", 60);
        assert_eq!(
            text,
            "guichet-session=x; Path=/geo/; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        let base = Base::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(
            cookie(&base, "", 0),
            "guichet-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
        );
    }
}
