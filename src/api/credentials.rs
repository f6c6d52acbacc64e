//! Credentials on the wire: where clients put them, and how they are taken off a request before anything else sees it.
//!
//! `Authorization: Bearer` (a key or a token), `Authorization: Basic` (a key as the password, any name: QGIS, ArcGIS and GDAL can do that
//! everywhere), `X-API-Key` (a key), and in the query `key` (a key, where a client can send no header) and `sig` (a signature). What comes
//! after has neither those headers nor those parameters, so it cannot write them into a link, a log or an error.

use std::borrow::Cow;

use axum::http::header::{AUTHORIZATION, COOKIE, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use percent_encoding::{percent_decode, percent_decode_str};

use super::problem::Problem;
use crate::access::key::PREFIX;
use crate::access::{KeyText, Signature};
use crate::model::base64::unbase64;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// The parameter that holds a key.
pub(super) const KEY: &str = "key";
/// The parameter that holds a signature.
pub(super) const SIGNATURE: &str = "sig";
/// The cookie that holds a session.
pub(super) const SESSION: &str = "guichet-session";

/// A header with a key is no longer: 58 letters and a scheme, in Basic also a name, four letters for three. Tokens are.
const KEY_BYTES: usize = 256;

/// One credential, as it was shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// A key that may be one.
    Key(KeyText),
    /// What may be a token.
    Token(Token),
    /// A signature that may be one.
    Signature(Signature),
    /// Something in the place of a credential that is none. It is refused, not passed over: whoever shows it believes to be known.
    Unreadable,
}

/// A token's text, which `Debug` does not write.
#[derive(Clone, PartialEq)]
pub(super) struct Token(pub(super) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What was taken off a request.
#[derive(Default)]
pub(super) struct Taken {
    /// The only credential so far, as it stood in a header: whoever knows it already need not read it again.
    lone: Option<Lone>,
    shown: Option<Shown>,
    /// There were several, and they differ.
    several: bool,
    /// A key stands where none is looked for, and might be written down.
    misplaced: bool,
    /// The cookie's value: for pages.
    pub(super) session: Option<String>,
}

/// A header with a credential, not read yet.
struct Lone {
    value: HeaderValue,
    read: Read,
}

/// How what a header says is read.
type Read = fn(&HeaderValue) -> Shown;

impl Taken {
    /// Takes all credentials off a request.
    #[inline(never)] // counted by benches/lookup_cost
    pub(super) fn of(parts: &mut Parts) -> Self {
        let mut taken = Self::default();
        taken.out_of_headers(&mut parts.headers);
        if let Some(uri) = taken.out_of(&parts.uri) {
            parts.uri = uri;
        }
        let url = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
        // A look for one letter of it, plain or encoded, costs a tenth of a look for all.
        taken.misplaced = memchr::memchr2(b'_', b'%', url.as_bytes()).is_some()
            && holds_key(url)
            && !crate::leak!("key-in-links");
        taken
    }

    /// The one credential as it stands in its header; `None` where it does not stand in a header, is not alone, is too long for a key, or
    /// where a key is where none may be.
    pub(super) fn lone(&self) -> Option<&[u8]> {
        let lone = self.lone.as_ref().filter(|_| !self.misplaced)?;
        (lone.value.len() <= KEY_BYTES).then(|| lone.value.as_bytes())
    }

    /// The one credential, or why there is none to be looked at.
    pub(super) fn shown(&mut self) -> Result<Option<Shown>, Problem> {
        self.read();
        if self.several {
            Err(Problem::TwoCredentials)
        } else if self.misplaced {
            Err(Problem::InvalidCredential)
        } else {
            Ok(self.shown.take())
        }
    }

    /// Most requests have none of these headers, or one of them once: a look at each name costs less than a look-up.
    fn out_of_headers(&mut self, headers: &mut HeaderMap) {
        let (mut authorized, mut keyed, mut cookies) = (false, false, false);
        for name in headers.keys() {
            // Nearly all names differ in their length already.
            match name.as_str().len() {
                13 => authorized |= *name == AUTHORIZATION,
                9 => keyed |= *name == X_API_KEY,
                6 => cookies |= *name == COOKIE,
                _ => {}
            }
        }
        let once = headers.len() == headers.keys_len();
        for (_, name, read) in [
            (authorized, AUTHORIZATION, authorization as Read),
            (keyed, X_API_KEY, api_key as Read),
        ]
        .into_iter()
        .filter(|(there, ..)| *there)
        {
            if !once {
                // The first is what `remove` gives.
                for value in headers.get_all(&name).iter().skip(1) {
                    self.put(value.clone(), read);
                }
            }
            if let Some(value) = headers.remove(name) {
                self.put(value, read);
            }
        }
        if cookies {
            self.session = session(headers);
            headers.remove(COOKIE);
        }
    }

    fn put(&mut self, value: HeaderValue, read: Read) {
        if self.lone.is_none() && self.shown.is_none() {
            self.lone = Some(Lone { value, read });
        } else {
            self.add(read(&value));
        }
    }

    /// Reads what was put off.
    fn read(&mut self) {
        if let Some(lone) = self.lone.take() {
            self.shown = Some((lone.read)(&lone.value));
        }
    }

    fn add(&mut self, shown: Shown) {
        self.read();
        match &self.shown {
            None => self.shown = Some(shown),
            Some(first) => self.several |= *first != shown,
        }
    }

    /// The address without credentials; `None` if there are none in it.
    fn out_of(&mut self, uri: &Uri) -> Option<Uri> {
        let query = uri.query()?;
        let before = query.split('&');
        let mut kept = Vec::new();
        for part in before.clone() {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let decoded = |text| percent_decode_str(text).decode_utf8().unwrap_or_default();
            match &*decoded(name) {
                KEY => self.add(key(&decoded(value))),
                SIGNATURE => self.add(signature(&decoded(value))),
                _ => kept.push(part),
            }
        }
        if kept.len() == before.count()
            || (crate::leak!("key-in-links") && uri.path().ends_with("/items"))
        {
            return None;
        }
        let mut target = uri.path().to_owned();
        if !kept.is_empty() {
            target.push('?');
            target.push_str(&kept.join("&"));
        }
        let mut parts = uri.clone().into_parts();
        let target = PathAndQuery::try_from(target).expect("an address, less a part of its query");
        parts.path_and_query = Some(target);
        Some(Uri::from_parts(parts).expect("the parts of an address"))
    }
}

fn authorization(value: &HeaderValue) -> Shown {
    let text = value.to_str().unwrap_or_default();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        bearer(rest)
    } else if scheme.eq_ignore_ascii_case("basic") {
        password(rest).map_or(Shown::Unreadable, |p| key(&p))
    } else {
        Shown::Unreadable
    }
}

fn api_key(value: &HeaderValue) -> Shown {
    value.to_str().map_or(Shown::Unreadable, key)
}

fn bearer(text: &str) -> Shown {
    if text.contains('.') {
        Shown::Token(Token(text.to_owned()))
    } else {
        key(text)
    }
}

/// The password of the Basic scheme (RFC 7617). The name before it says nothing: clients insist on one.
fn password(text: &str) -> Option<String> {
    let pair = String::from_utf8(unbase64(text)?).ok()?;
    Some(pair.split_once(':')?.1.to_owned())
}

/// Keys are pasted with blanks around them.
fn key(text: &str) -> Shown {
    KeyText::parse(text.trim()).map_or(Shown::Unreadable, Shown::Key)
}

fn signature(text: &str) -> Shown {
    Signature::parse(text).map_or(Shown::Unreadable, Shown::Signature)
}

fn session(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(COOKIE).into_iter();
    let mut cookies = lines.flat_map(|line| line.to_str().unwrap_or_default().split(';'));
    cookies.find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == SESSION).then(|| value.to_owned())
    })
}

/// Whether a key stands in a text, as it is or percent-encoded, once or twice: programs encode what was encoded already, and not only
/// what has to be.
fn holds_key(text: &str) -> bool {
    let found = |bytes: &[u8]| memchr::memmem::find(bytes, PREFIX.as_bytes()).is_some();
    let once: Cow<'_, [u8]> = percent_decode_str(text).into();
    found(text.as_bytes()) || found(&once) || found(&Cow::from(percent_decode(&once)))
}

/// A path for the log: a key that was written into it by mistake is not kept. Where one is encoded, nothing from the first encoded
/// letter on is: it may be any of the key's.
pub(super) fn loggable(path: &str) -> String {
    let plain = path.find(PREFIX);
    let encoded = path.find('%').filter(|_| holds_key(path));
    match (plain, encoded) {
        (Some(at), encoded) if encoded.is_none_or(|e| at < e) => {
            format!("{}{PREFIX}…", &path[..at])
        }
        (_, Some(at)) => format!("{}…", &path[..at]),
        _ => path.to_owned(),
    }
}

/// Whether a program asks that people give a name and password of their own accord: to it alone the Basic challenge is sent. Browsers
/// answer that challenge with a box of their own, on top of any page, for each tile of a map, so it must never reach one. A browser is
/// told by what it sends by itself: `Sec-Fetch-*` (all current ones, on https and on this machine), `Origin`, a wish for HTML, or a
/// `User-Agent` that begins with `Mozilla/`, as that of QGIS does, which is the one exception.
pub(super) fn is_program(headers: &HeaderMap) -> bool {
    use axum::http::header::ACCEPT;
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let agent = text(USER_AGENT).unwrap_or_default();
    let looks_like_a_browser = agent.starts_with("Mozilla/") && !agent.contains("QGIS/");
    let fetches = headers.contains_key(SEC_FETCH_SITE) || headers.contains_key(SEC_FETCH_MODE);
    let wants_page = text(ACCEPT).is_some_and(|a| a.contains("text/html"));
    !(looks_like_a_browser || fetches || wants_page || headers.contains_key(ORIGIN))
}

/// The origin of the page whose script asks. Pages of this server send none when they read: `own` is theirs then.
pub(super) fn origin<'a>(headers: &'a HeaderMap, own: &'a str) -> Option<&'a str> {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let same = text(SEC_FETCH_SITE) == Some("same-origin");
    text(ORIGIN).or_else(|| same.then_some(own))
}

/// Whether a page of this server made the browser send this, as far as that is said. `None` if nothing is said: no browser asks.
pub(super) fn is_own_page(headers: &HeaderMap, own: &str) -> Option<bool> {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    match (text(SEC_FETCH_SITE), text(ORIGIN)) {
        (Some(site), _) => Some(matches!(site, "same-origin" | "none")),
        (None, Some(origin)) => Some(origin.eq_ignore_ascii_case(own)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    const GOOD: &str = "gch_live_1f2e3d4c_0123456789abcdefABCDEFGHIJKLMNOP_";

    fn good() -> KeyText {
        let mut seed = 0;
        KeyText::generate(|buffer| {
            buffer.fill_with(|| {
                seed += 7;
                seed % 240
            });
        })
    }

    fn parts(target: &str, headers: &[(&str, String)]) -> Parts {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn base64(text: &str) -> String {
        let url_safe = crate::model::base64::base64url(text.as_bytes());
        url_safe.replace('-', "+").replace('_', "/")
    }

    #[test]
    fn a_key_is_found_wherever_clients_put_it() {
        let good = good();
        let text = good.reveal();
        for headers in [
            [("authorization", format!("Bearer {text}"))],
            [("authorization", format!("bearer  {text} "))],
            [(
                "authorization",
                format!("Basic {}", base64(&format!("any:{text}"))),
            )],
            [(
                "authorization",
                format!("BASIC {}==", base64(&format!("é:{text}"))),
            )],
            [("x-api-key", text.to_owned())],
        ] {
            let mut parts = parts("/a?b=c", &headers);
            let shown = Taken::of(&mut parts).shown();
            assert_eq!(shown, Ok(Some(Shown::Key(good.clone()))), "{headers:?}");
            assert!(parts.headers.is_empty());
        }
        for (target, rest) in [
            (format!("/a?key={text}"), "/a"),
            (format!("/a?b=1&key={text}&c=%20"), "/a?b=1&c=%20"),
            (format!("/a?%6Bey={text}&b"), "/a?b"),
            (format!("/a?key=%20{text}&&b"), "/a?&b"),
            (format!("/a?key={text}&b=1&key={text}"), "/a?b=1"),
            (format!("http://h/a?key={text}"), "http://h/a"),
        ] {
            let mut parts = parts(&target, &[]);
            let shown = Taken::of(&mut parts).shown();
            assert_eq!(shown, Ok(Some(Shown::Key(good.clone()))), "{target}");
            assert_eq!(parts.uri.to_string(), rest);
        }
        let both = [("x-api-key", text.to_owned())];
        let shown = Taken::of(&mut parts(&format!("/?key={text}"), &both)).shown();
        assert_eq!(shown, Ok(Some(Shown::Key(good.clone()))));
    }

    #[test]
    fn without_credentials_nothing_changes() {
        for target in ["/", "/a?", "/a?keys=1&Key=2&=key&monkey", "/a?b=key&c=sig"] {
            let mut parts = parts(target, &[("accept", "*/*".to_owned())]);
            assert_eq!(Taken::of(&mut parts).shown(), Ok(None), "{target}");
            assert_eq!(parts.uri.to_string(), target);
            assert_eq!(parts.headers.len(), 1);
        }
    }

    #[test]
    fn what_is_no_credential_is_not_passed_over() {
        for headers in [
            [("authorization", String::new())],
            [("authorization", "Bearer".to_owned())],
            [("authorization", "Bearer secret".to_owned())],
            [("authorization", format!("Bearer {GOOD}000000"))],
            [("authorization", "Basic".to_owned())],
            [("authorization", "Basic ???".to_owned())],
            [("authorization", format!("Basic {}", base64("nocolon")))],
            [("authorization", format!("Basic {}", base64("user:")))],
            [("authorization", "Digest username=x".to_owned())],
            [("authorization", "Negotiate abc".to_owned())],
            [("x-api-key", String::new())],
            [("x-api-key", "x.y.z".to_owned())],
        ] {
            let shown = Taken::of(&mut parts("/", &headers)).shown();
            assert_eq!(shown, Ok(Some(Shown::Unreadable)), "{headers:?}");
        }
        for target in ["/?key=", "/?key", "/?sig=abc", "/?key=%ff", "/?a=1&key=x"] {
            let shown = Taken::of(&mut parts(target, &[])).shown();
            assert_eq!(shown, Ok(Some(Shown::Unreadable)), "{target}");
        }
        let token = [("authorization", "Bearer a.b.c".to_owned())];
        let shown = Taken::of(&mut parts("/", &token)).shown();
        assert_eq!(shown, Ok(Some(Shown::Token(Token("a.b.c".to_owned())))));
        assert!(!format!("{shown:?}").contains("a.b.c"));
    }

    #[test]
    fn two_that_differ_are_one_too_many() {
        let text = good().reveal().to_owned();
        let bearer = |t: &str| ("authorization", format!("Bearer {t}"));
        let header = |t: &str| ("x-api-key", t.to_owned());
        for (target, headers) in [
            ("/?key=x", vec![bearer(&text)]),
            ("/?sig=x", vec![header(&text)]),
            ("/", vec![bearer(&text), bearer("a.b.c")]),
            ("/", vec![header(&text), bearer("")]),
            (&*format!("/?key={text}&key=x"), vec![]),
        ] {
            let shown = Taken::of(&mut parts(target, &headers)).shown();
            assert_eq!(shown, Err(Problem::TwoCredentials), "{target} {headers:?}");
        }
    }

    #[test]
    fn a_key_elsewhere_in_the_address_is_refused_before_it_is_written_down() {
        let text = good().reveal().to_owned();
        for target in [
            format!("/?api_key={text}"),
            format!("/?KEY={text}"),
            format!("/collections/{text}/items"),
            format!("/?filter=nom='{text}'"),
            format!("/collections/{}/items", text.replace('g', "%67")),
            format!("/collections/{}/items", text.replace('_', "%5f")),
            format!("/collections/{}/items", text.replace('_', "%5F")),
            format!("/collections/{}/items", text.replace('_', "%255F")),
            format!("/%ff/{}/items", text.replace("gch_", "g%63%68%5F")),
            format!("/?filter=nom='{}'", text.replace('_', "%5f")),
        ] {
            let shown = Taken::of(&mut parts(&target, &[])).shown();
            assert_eq!(shown, Err(Problem::InvalidCredential), "{target}");
        }
        assert_eq!(loggable(&format!("/a/{text}/b")), "/a/gch_live_…");
        assert_eq!(loggable("/a"), "/a");
        assert_eq!(loggable("/%C3%A9/a_b"), "/%C3%A9/a_b");
        for (path, logged) in [
            (format!("/a/{}/b", text.replace('g', "%67")), "/a/…"),
            (format!("/a/{}/b", text.replace('_', "%5f")), "/a/gch…"),
            (format!("/a/{}/b", text.replace('_', "%255F")), "/a/gch…"),
            (format!("/a/%67{}/{text}", &text[1..]), "/a/…"),
            (format!("/a/{text}/%67{}", &text[1..]), "/a/gch_live_…"),
        ] {
            assert_eq!(loggable(&path), logged, "{path}");
        }
    }

    #[test]
    fn sessions_among_cookies() {
        let of = |text: &str| {
            let mut parts = parts("/", &[("cookie", text.to_owned())]);
            let taken = Taken::of(&mut parts);
            assert!(parts.headers.is_empty());
            taken.session
        };
        assert_eq!(of("a=b; guichet-session=x; c=d").as_deref(), Some("x"));
        assert_eq!(of("guichet-session=").as_deref(), Some(""));
        assert_eq!(of("xguichet-session=x; a"), None);
    }

    #[test]
    fn browsers_are_not_challenged() {
        let program = |list: &[(&str, &str)]| {
            let pairs = list.iter().map(|(n, v)| (*n, (*v).to_owned()));
            is_program(&parts("/", &pairs.collect::<Vec<_>>()).headers)
        };
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
        assert!(program(&[]));
        assert!(program(&[
            ("user-agent", "GDAL/3.12.4"),
            ("accept", "application/json")
        ]));
        assert!(program(&[
            ("user-agent", "Mozilla/5.0 QGIS/32216"),
            ("accept", "*/*")
        ]));
        assert!(!program(&[("user-agent", firefox), ("accept", "*/*")]));
        assert!(!program(&[("accept", "text/html,application/xhtml+xml")]));
        assert!(!program(&[("origin", "https://carte.example")]));
        assert!(!program(&[("sec-fetch-mode", "cors")]));
        assert!(!program(&[
            ("user-agent", "Mozilla/5.0 QGIS/34000"),
            ("sec-fetch-site", "cross-site")
        ]));
    }

    #[test]
    fn origins() {
        let headers = |list: &[(&str, &str)]| {
            let pairs = list.iter().map(|(n, v)| (*n, (*v).to_owned()));
            parts("/", &pairs.collect::<Vec<_>>()).headers
        };
        let own = "https://data.example.org";
        let cases = [
            (
                &[("origin", "https://a")][..],
                Some("https://a"),
                Some(false),
            ),
            (&[("origin", own)], Some(own), Some(true)),
            (&[("origin", "null")], Some("null"), Some(false)),
            (&[("sec-fetch-site", "same-origin")], Some(own), Some(true)),
            (&[("sec-fetch-site", "none")], None, Some(true)),
            (&[("sec-fetch-site", "same-site")], None, Some(false)),
            (
                &[("sec-fetch-site", "cross-site"), ("origin", own)],
                Some(own),
                Some(false),
            ),
            (&[], None, None),
        ];
        for (list, from, ours) in cases {
            let headers = headers(list);
            assert_eq!(origin(&headers, own), from, "{list:?}");
            assert_eq!(is_own_page(&headers, own), ours, "{list:?}");
        }
    }
}
