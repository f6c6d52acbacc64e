//! From a finished body to a response: entity tag, conditional request, compression, and the headers that they ask for.

use std::io::Write as _;

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::base::Base;
use super::context::{Asked, Context};
use super::frame;
use super::language;
use super::locked;
use super::model::ProblemPage;
use super::negotiate::{HTML, accepts_gzip};
use super::problem::{self, Problem};
use super::state::ApiState;
use crate::catalog::Language;

/// What representations differ by.
const VARIES: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language");
/// May be kept by anyone, but not be used again without asking: a reload shows at once, and asking costs one 304.
pub(super) const REVALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");
/// Only for the one who asked. Documents and pages leave no trace on a disk that others use.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");
/// Tiles are many and are asked for again and again: the caller's own browser may keep them, and asks each time.
pub(super) const PRIVATE_TILES: HeaderValue = HeaderValue::from_static("private, no-cache");
/// What answers to those who show a credential differ by besides.
const CREDENTIALS: &str = "Authorization, X-API-Key, Cookie";
/// How to show a credential (RFC 6750 §3). Not `Basic`, for which browsers open a box of their own.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"guichet\"");
/// The same for programs that know nothing else (RFC 7617): the key is the password.
const PASSWORD_CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"guichet\", charset=\"UTF-8\"");
/// A body below this many bytes grows, or gains nothing, by compression.
const WORTH_COMPRESSING: usize = 860;
/// Seconds until a busy server is worth another try.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

/// `gzip` or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
}

impl Coding {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        if accepts_gzip(headers) {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

/// A compressor of bodies. The level is where JSON stops shrinking much (a sixth of its size) and the time begins to grow.
pub(super) fn gzip() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::new(4))
}

/// Compresses a whole body.
fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = gzip();
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("a buffer takes everything")
}

impl Context {
    /// Answers with a whole body. The entity tag is the hash of what is sent.
    pub(super) fn reply(
        &self,
        body: Vec<u8>,
        more: Vec<(HeaderName, HeaderValue)>,
    ) -> Response<Body> {
        let coding = match Coding::of(&self.headers) {
            Coding::Gzip if body.len() >= WORTH_COMPRESSING => Coding::Gzip,
            _ => Coding::Identity,
        };
        let body = if coding == Coding::Gzip {
            gzipped(&body)
        } else {
            body
        };
        let tag = entity_tag(blake3::hash(&body).as_bytes());
        match self.unchanged(&tag) {
            Some(response) => response,
            None => self.with_body(&tag, coding, more, Body::from(body)),
        }
    }

    /// `304 Not Modified` if the client has this already (RFC 9110 §13.1.2, §15.4.5).
    pub(super) fn unchanged(&self, tag: &HeaderValue) -> Option<Response<Body>> {
        matches_any(&self.headers, tag).then(|| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            self.common_headers(response.headers_mut(), tag);
            response
        })
    }

    /// `200 OK` with that body, compressed already as `coding` says.
    pub(super) fn with_body(
        &self,
        tag: &HeaderValue,
        coding: Coding,
        more: Vec<(HeaderName, HeaderValue)>,
        body: Body,
    ) -> Response<Body> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        self.common_headers(headers, tag);
        headers.insert(CONTENT_TYPE, content_type(self.media_type()));
        headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(language::tag(self.language)),
        );
        if coding == Coding::Gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.is_html() {
            page_headers(&self.api, headers);
        }
        for (name, value) in more {
            headers.append(name, value);
        }
        response
    }

    /// What a representation and the news that it has not changed have in common (RFC 9110 §15.4.5).
    fn common_headers(&self, headers: &mut HeaderMap, tag: &HeaderValue) {
        headers.insert(ETAG, tag.clone());
        keeping(headers, &VARIES, self.caller.is_public(), &PRIVATE);
    }
}

/// Who may keep an answer, and what it differs by: anybody where those without credentials are told the same, else the caller alone.
pub(super) fn keeping(
    headers: &mut HeaderMap,
    varies: &HeaderValue,
    public: bool,
    private: &HeaderValue,
) {
    if public {
        headers.insert(CACHE_CONTROL, REVALIDATE);
        headers.insert(VARY, varies.clone());
        return;
    }
    headers.insert(CACHE_CONTROL, private.clone());
    let varies = varies.to_str().unwrap_or_default();
    let all = format!("{varies}, {CREDENTIALS}");
    headers.insert(
        VARY,
        HeaderValue::try_from(all).expect("names of headers are ASCII"),
    );
}

/// A strong entity tag of the first 16 bytes of a hash.
pub(super) fn entity_tag(hash: &[u8; 32]) -> HeaderValue {
    let mut digits = [0; 16];
    digits.copy_from_slice(&hash[..16]);
    let tag = format!("\"{:032x}\"", u128::from_be_bytes(digits));
    HeaderValue::try_from(tag).expect("hexadecimal digits in quotes")
}

fn content_type(media_type: &'static str) -> HeaderValue {
    HeaderValue::from_static(if media_type == HTML {
        "text/html; charset=utf-8"
    } else {
        media_type
    })
}

fn page_headers(api: &ApiState, headers: &mut HeaderMap) {
    for (name, value) in api.pages.headers() {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}

/// `If-None-Match`: a list of tags, weak or strong, compared weakly, or `*`.
pub fn matches_any(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let own = tag.as_bytes();
    headers.get_all(IF_NONE_MATCH).iter().any(|line| {
        let members = line
            .as_bytes()
            .split(|b| *b == b',')
            .map(<[u8]>::trim_ascii);
        members
            .map(|m| m.strip_prefix(b"W/").unwrap_or(m))
            .any(|m| m == own || m == b"*")
    })
}

/// Tells a problem, as a page to those who want one, else as a document.
pub(super) fn problem(api: &ApiState, asked: &Asked, problem: &Problem) -> Response<Body> {
    let language = asked.language;
    let links = locked::links(asked, problem);
    let page = asked.base.as_ref().filter(|_| asked.html);
    let (body, media_type) = match page {
        Some(base) => (told_on_page(api, asked, base, problem).into_bytes(), HTML),
        None => (problem.document(language, &links), problem::MEDIA_TYPE),
    };
    let mut response = bad(api, problem.status(), language, media_type, body);
    let headers = response.headers_mut();
    if matches!(
        problem,
        Problem::ChangedMeanwhile | Problem::Busy | Problem::TimedOut | Problem::RightsUnknown
    ) {
        headers.insert(RETRY_AFTER, RETRY_SECONDS);
    }
    if let Problem::TooManyRequests(seconds) = problem {
        headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    if problem.status() == StatusCode::UNAUTHORIZED {
        headers.append(WWW_AUTHENTICATE, CHALLENGE);
        if asked.program {
            headers.append(WWW_AUTHENTICATE, PASSWORD_CHALLENGE);
        }
    }
    for link in &links {
        if let Ok(value) = HeaderValue::try_from(link.header()) {
            headers.append(LINK, value);
        }
    }
    response
}

fn told_on_page(api: &ApiState, asked: &Asked, base: &Base, problem: &Problem) -> String {
    let language = asked.language;
    let frame = frame::of_problem(api, asked, base);
    if let Problem::Locked(lock) = problem {
        return api.pages.locked(&locked::page(frame, base, lock), language);
    }
    let page = ProblemPage {
        frame,
        status: problem.status().as_u16(),
        kind: problem.name(),
        title: problem.title(language).to_owned(),
        detail: Some(problem.detail(language)),
        request_id: problem.request_id().map(str::to_owned),
    };
    api.pages.problem(&page, language)
}

/// A page that is given back with the reason why it cannot be answered.
pub(super) fn refusal_for(
    api: &ApiState,
    language: Language,
    html: String,
    problem: &Problem,
) -> Response<Body> {
    let mut response = bad(api, problem.status(), language, HTML, html.into_bytes());
    let headers = response.headers_mut();
    if let Problem::TooManyRequests(seconds) = problem {
        headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    if problem.status() == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, CHALLENGE);
    }
    response
}

/// A page that is given back because what it asked for makes no sense.
pub(super) fn refusal(api: &ApiState, language: Language, html: String) -> Response<Body> {
    bad(
        api,
        StatusCode::BAD_REQUEST,
        language,
        HTML,
        html.into_bytes(),
    )
}

fn bad(
    api: &ApiState,
    status: StatusCode,
    language: Language,
    media_type: &'static str,
    body: Vec<u8>,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type(media_type));
    headers.insert(
        CONTENT_LANGUAGE,
        HeaderValue::from_static(language::tag(language)),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, VARIES);
    if media_type == HTML {
        page_headers(api, headers);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tags_weak_or_strong() {
        let tag = entity_tag(&[0xab; 32]);
        assert_eq!(tag, "\"abababababababababababababababab\"");
        let text = tag.to_str().expect("ASCII");
        for (header, expected) in [
            (text.to_owned(), true),
            (format!("W/{text}"), true),
            (format!("\"x\", W/\"y\",{text}"), true),
            ("*".to_owned(), true),
            ("\"x\"".to_owned(), false),
            (text.trim_matches('"').to_owned(), false),
            (String::new(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, header.parse().expect("a header"));
            assert_eq!(matches_any(&headers, &tag), expected, "{header}");
        }
    }
}
