//! The base of every link: where this server is, as the caller knows it.

use std::net::IpAddr;

use axum::http::header::{FORWARDED, HOST};
use axum::http::{HeaderMap, HeaderName, Uri};

use super::portals;
use super::query;
use super::routes::{self, Route};
use crate::catalog::Language;

/// Origin and path prefix of all links, and the language that they keep.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Base {
    /// `https://data.example.org`, without a final slash.
    origin: String,
    /// `""` or `/geo`.
    prefix: String,
    /// `""`, or `/o/sud` in a portal.
    portal: String,
    /// Kept in every link because the request named it.
    language: Option<Language>,
}

/// Why a public URL cannot be the base of links.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{url}\" cannot be the public URL: it must be http:// or https://, a host, and maybe a path, without query or fragment"
)]
pub struct BadBase {
    /// What was given.
    pub url: String,
}

impl Base {
    /// Parses a public URL (`url` of the configuration).
    pub fn parse(url: &str) -> Result<Self, BadBase> {
        let bad = || BadBase {
            url: url.to_owned(),
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let prefix = path.trim_end_matches('/');
        let good = matches!(scheme, "http" | "https") && is_host(host) && is_prefix(prefix);
        good.then(|| Self::new(scheme, host, prefix))
            .ok_or_else(bad)
    }

    fn new(scheme: &str, host: &str, prefix: &str) -> Self {
        Self {
            origin: format!("{scheme}://{host}"),
            prefix: prefix.to_owned(),
            portal: String::new(),
            language: None,
        }
    }

    /// The same base whose links name that language.
    pub fn with_language(mut self, language: Option<Language>) -> Self {
        self.language = language;
        self
    }

    /// The same base whose links stay in the portal of an organisation.
    pub(super) fn within(mut self, organisation: &str) -> Self {
        self.portal = format!("{}{}", portals::PREFIX, routes::segment(organisation));
        self
    }

    /// The language that links name.
    pub fn language(&self) -> Option<Language> {
        self.language
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path of the platform, without a final slash. Files of pages lie there, whichever portal the page is in.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The absolute URL of the landing page, that clients connect to.
    pub fn service(&self) -> String {
        format!("{}{}{}/", self.origin, self.prefix, self.portal)
    }

    /// The absolute URL of a resource.
    pub fn href(&self, route: Route<'_>, pairs: &[(&str, &str)]) -> String {
        format!("{}{}", self.origin, self.path(route, pairs))
    }

    /// The path of an item's page with `{id}` for the percent-encoded id.
    pub fn item_template(&self, collection: &str) -> String {
        let items = Route::Items(collection).path();
        let language = self.language.map(|l| ("lang", super::language::tag(l)));
        let (prefix, portal) = (&self.prefix, &self.portal);
        format!("{prefix}{portal}{items}/{{id}}{}", query::write(language))
    }

    /// The same without scheme and host, for links inside of pages.
    pub fn path(&self, route: Route<'_>, pairs: &[(&str, &str)]) -> String {
        self.below(&route.path(), pairs)
    }

    /// The same of a path below this base, percent-encoded.
    pub(super) fn below(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let language = self.language.map(|l| ("lang", super::language::tag(l)));
        let named = pairs.iter().any(|(n, _)| *n == "lang");
        let pairs = pairs.iter().copied().chain(language.filter(|_| !named));
        let (prefix, portal) = (&self.prefix, &self.portal);
        format!("{prefix}{portal}{path}{}", query::write(pairs))
    }
}

/// Networks whose members' `Forwarded` and `X-Forwarded-*` headers are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u8)>);

impl TrustedProxies {
    /// Reads addresses (`10.0.0.1`) and networks (`10.0.0.0/8`); gives back the first that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let network = |text: &'a str| {
            let (address, bits) = text
                .split_once('/')
                .map_or((text, None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().ok()?;
            let width = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(width), |b| b.parse().ok())?;
            (bits <= width).then_some((address, bits))
        };
        let networks = texts
            .into_iter()
            .map(|text| network(text).ok_or_else(|| text.to_owned()));
        networks.collect::<Result<_, _>>().map(Self)
    }

    /// True if the peer is one of them.
    pub fn contain(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|(network, bits)| match (network, peer) {
            (IpAddr::V4(n), IpAddr::V4(p)) => {
                (u32::from(*n) ^ u32::from(p))
                    .checked_shr(32 - u32::from(*bits))
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(n), IpAddr::V6(p)) => {
                (u128::from(*n) ^ u128::from(p))
                    .checked_shr(128 - u32::from(*bits))
                    .unwrap_or(0)
                    == 0
            }
            _ => false,
        })
    }
}

/// The base of a request: the public URL if there is one, else what the client addressed, as told by `Host` or by a trusted proxy.
/// `None` if no host is named, or none that a URL may hold.
pub fn of_request(
    public: Option<&Base>,
    uri: &Uri,
    headers: &HeaderMap,
    from_trusted_proxy: bool,
) -> Option<Base> {
    if let Some(base) = public {
        return Some(base.clone());
    }
    let forwarded = if from_trusted_proxy {
        Forwarded::of(headers)
    } else {
        Forwarded::default()
    };
    let host = forwarded
        .host
        .or_else(|| Some(uri.authority()?.as_str().to_owned()));
    let host = host.or_else(|| Some(headers.get(HOST)?.to_str().ok()?.to_owned()))?;
    let scheme = forwarded.scheme.unwrap_or("http");
    let prefix = forwarded.prefix.unwrap_or_default();
    is_host(&host).then(|| Base::new(scheme, &host.to_ascii_lowercase(), &prefix))
}

/// What a proxy says of the request that it received.
#[derive(Debug, Default)]
struct Forwarded {
    scheme: Option<&'static str>,
    host: Option<String>,
    prefix: Option<String>,
}

impl Forwarded {
    /// `Forwarded` (RFC 7239) wins over the older `X-Forwarded-*`. Of a list the last member counts: the trusted proxy itself wrote
    /// that one, while whoever asked may have written the others.
    fn of(headers: &HeaderMap) -> Self {
        let last = |name: &HeaderName| {
            let text = headers.get_all(name).iter().next_back()?.to_str().ok()?;
            Some(text.rsplit(',').next()?.trim().to_owned())
        };
        let x = |name: &'static str| last(&HeaderName::from_static(name));
        let mut found = Self {
            scheme: x("x-forwarded-proto").and_then(|s| scheme(&s)),
            host: x("x-forwarded-host").filter(|h| is_host(h)),
            prefix: x("x-forwarded-prefix")
                .map(|p| p.trim_end_matches('/').to_owned())
                .filter(|p| is_prefix(p)),
        };
        for part in last(&FORWARDED).unwrap_or_default().split(';') {
            let Some((name, value)) = part.trim().split_once('=') else {
                continue;
            };
            let value = value.trim_matches('"');
            match name.to_ascii_lowercase().as_str() {
                "proto" => found.scheme = scheme(value).or(found.scheme),
                "host" if is_host(value) => found.host = Some(value.to_owned()),
                _ => {}
            }
        }
        found
    }
}

fn scheme(text: &str) -> Option<&'static str> {
    ["https", "http"]
        .into_iter()
        .find(|s| s.eq_ignore_ascii_case(text))
}

/// A host with or without a port. Nothing else may come into links, whatever a request says.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[') {
        Some(v6) => match v6.split_once(']') {
            Some((address, rest)) if address.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", rest),
            _ => return false,
        },
        None => text.find(':').map_or((text, ""), |at| text.split_at(at)),
    };
    let good_name = !name.is_empty()
        && name.len() <= 253
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let good_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|p| p.parse::<u16>().is_ok());
    good_name && good_port
}

fn is_prefix(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.' | b'_' | b'~');
    text.is_empty()
        || (text.starts_with('/')
            && !text.contains("//")
            && text.len() <= 256
            && text.bytes().all(good))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = list
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), v.parse().expect("a header")));
        pairs.collect()
    }

    fn service(trusted: bool, list: &[(&'static str, &str)]) -> Option<String> {
        of_request(
            None,
            &Uri::from_static("/collections"),
            &headers(list),
            trusted,
        )
        .map(|b| b.service())
    }

    #[test]
    fn a_public_url_wins() {
        for (url, service) in [
            ("https://data.example.org", "https://data.example.org/"),
            ("https://data.example.org/", "https://data.example.org/"),
            (
                "http://127.0.0.1:8080/geo/v1/",
                "http://127.0.0.1:8080/geo/v1/",
            ),
            ("http://[::1]:8080", "http://[::1]:8080/"),
        ] {
            assert_eq!(Base::parse(url).expect(url).service(), service);
        }
        for bad in [
            "",
            "data.example.org",
            "ftp://a",
            "https://",
            "https://a b",
            "https://a/?q",
            "https://a/#x",
            "https://u@a",
            "https://a:99999",
        ] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
        let public = Base::parse("https://data.example.org").expect("a URL");
        let told = headers(&[("host", "evil.example")]);
        let base = of_request(Some(&public), &Uri::from_static("/"), &told, true);
        assert_eq!(base, Some(public));
    }

    #[test]
    fn the_host_is_used_and_checked() {
        assert_eq!(
            service(false, &[("host", "LOCALHOST:8080")]).as_deref(),
            Some("http://localhost:8080/")
        );
        for bad in ["", "a b", "a/b", "a\"b", "<script>", "a:b", "[::1", "a@b"] {
            assert_eq!(service(false, &[("host", bad)]), None, "{bad}");
        }
        assert_eq!(service(false, &[]), None);
    }

    #[test]
    fn proxies_are_believed_only_if_trusted() {
        let told = [
            ("host", "127.0.0.1:8080"),
            ("x-forwarded-proto", "http, https"),
            (
                "x-forwarded-host",
                "of-the-client.example, data.example.org",
            ),
            ("x-forwarded-prefix", "/geo/"),
        ];
        assert_eq!(
            service(false, &told).as_deref(),
            Some("http://127.0.0.1:8080/")
        );
        assert_eq!(
            service(true, &told).as_deref(),
            Some("https://data.example.org/geo/")
        );
        let standard = [
            ("host", "a"),
            (
                "forwarded",
                "for=5.6.7.8;host=of-the-client.example, for=1.2.3.4;proto=https;host=\"b:8443\"",
            ),
        ];
        assert_eq!(service(true, &standard).as_deref(), Some("https://b:8443/"));
        let evil = [
            ("host", "a"),
            ("x-forwarded-host", "b\"><script>"),
            ("x-forwarded-prefix", "//evil"),
        ];
        assert_eq!(service(true, &evil).as_deref(), Some("http://a/"));
    }

    #[test]
    fn networks() {
        let proxies = TrustedProxies::parse(["10.0.0.0/8", "192.168.1.7", "::1", "fd00::/8"])
            .expect("networks");
        for (peer, trusted) in [
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("192.168.1.7", true),
            ("192.168.1.8", false),
            ("::1", true),
            ("::ffff:10.1.1.1", true),
            ("fd12::1", true),
            ("fe80::1", false),
        ] {
            assert_eq!(
                proxies.contain(peer.parse().expect(peer)),
                trusted,
                "{peer}"
            );
        }
        assert!(
            TrustedProxies::parse(["0.0.0.0/0"])
                .expect("all")
                .contain("8.8.8.8".parse().expect("an address"))
        );
        assert_eq!(
            TrustedProxies::parse(["10.0.0.0/33"]),
            Err("10.0.0.0/33".to_owned())
        );
        assert_eq!(
            TrustedProxies::parse(["localhost"]),
            Err("localhost".to_owned())
        );
    }

    #[test]
    fn links_keep_the_language_that_was_asked_for() {
        let base = Base::parse("https://a/geo")
            .expect("a URL")
            .with_language(Some(Language::En));
        assert_eq!(
            base.href(Route::Items("x"), &[("limit", "5")]),
            "https://a/geo/collections/x/items?limit=5&lang=en"
        );
        assert_eq!(
            base.path(Route::Landing, &[("lang", "fr")]),
            "/geo/?lang=fr"
        );
    }
}
