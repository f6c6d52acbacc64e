//! From where a request comes: the peer, or whom a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::FORWARDED;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use super::base::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from, as far as that can be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Client(Option<IpAddr>);

impl Client {
    pub(super) fn of(parts: &Parts, trusted: &TrustedProxies) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
        Self(match peer {
            Some(peer) if trusted.contain(peer) => behind(&parts.headers, trusted),
            other => other,
        })
    }

    /// Its address.
    pub(super) fn address(self) -> Option<IpAddr> {
        self.0
    }

    /// The network to which it belongs, by which those without credentials are told apart: /24 and /64 are what providers give to one
    /// customer or one site. `None` where many callers may have one address: this machine's own is that of any proxy that is not
    /// trusted, and of whoever tests.
    pub(super) fn network(self) -> Option<u64> {
        match self.0? {
            address if address.is_loopback() => None,
            // No IPv6 network that is in use begins with 16 zeros.
            IpAddr::V4(address) => Some(0x0000_ffff_0000_0000 | u64::from(address.to_bits() >> 8)),
            IpAddr::V6(address) => Some((address.to_bits() >> 64) as u64),
        }
    }
}

/// The nearest address that is not a trusted proxy's. Each proxy adds the peer that it saw at the end of the list, so what stands before
/// the first stranger, seen from the end, was written by strangers. `None` where a proxy does not tell whom it speaks for.
fn behind(headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    let list: Vec<String> = if headers.contains_key(FORWARDED) {
        members(headers, &FORWARDED)
            .filter_map(forwarded_for)
            .collect()
    } else {
        members(headers, &X_FORWARDED_FOR)
            .map(str::to_owned)
            .collect()
    };
    let mut nearest = None;
    for member in list.iter().rev() {
        let Some(address) = address(member) else {
            break;
        };
        nearest = Some(address);
        if !trusted.contain(address) && !crate::leak!("forwarded-of-strangers") {
            break;
        }
    }
    nearest
}

fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter();
    lines.flat_map(|line| line.to_str().unwrap_or_default().split(',').map(str::trim))
}

/// `for` of a member of `Forwarded` (RFC 7239 §5.2).
fn forwarded_for(member: &str) -> Option<String> {
    member.split(';').find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for")
            .then(|| value.trim_matches('"').to_owned())
    })
}

/// An address with or without a port, IPv6 in brackets where there may be one.
fn address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => text,
    };
    let parsed = bare.parse().ok().or_else(|| {
        let with_port: SocketAddr = text.parse().ok()?;
        Some(with_port.ip())
    });
    parsed.map(|a: IpAddr| a.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn client(peer: &str, headers: &[(&str, &str)]) -> Option<String> {
        let trusted = TrustedProxies::parse(["10.0.0.0/8", "::1"]).unwrap();
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(()).unwrap();
        if let Ok(peer) = peer.parse::<SocketAddr>() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let client = Client::of(&request.into_parts().0, &trusted);
        client.address().map(|a| a.to_string())
    }

    #[test]
    fn the_peer_or_whom_trusted_proxies_name() {
        let x = |value| [("x-forwarded-for", value)];
        let forwarded = |value| [("forwarded", value)];
        for (peer, headers, expected) in [
            ("192.0.2.1:5000", x("198.51.100.7"), Some("192.0.2.1")),
            ("10.0.0.1:5000", x("198.51.100.7"), Some("198.51.100.7")),
            (
                "10.0.0.1:5000",
                x("6.6.6.6, 198.51.100.7"),
                Some("198.51.100.7"),
            ),
            (
                "10.0.0.1:5000",
                x("6.6.6.6, 198.51.100.7, 10.0.0.2"),
                Some("198.51.100.7"),
            ),
            ("10.0.0.1:5000", x("10.0.0.3, 10.0.0.2"), Some("10.0.0.3")),
            ("10.0.0.1:5000", x("6.6.6.6, unknown"), None),
            ("10.0.0.1:5000", x("6.6.6.6, x, 10.0.0.2"), Some("10.0.0.2")),
            ("10.0.0.1:5000", x(""), None),
            ("[::1]:5000", x("2001:db8::7"), Some("2001:db8::7")),
            (
                "[::ffff:10.0.0.1]:5000",
                x("[2001:db8::7]:443"),
                Some("2001:db8::7"),
            ),
            (
                "10.0.0.1:5000",
                forwarded("for=6.6.6.6, for=\"198.51.100.7:4711\";proto=https"),
                Some("198.51.100.7"),
            ),
            (
                "10.0.0.1:5000",
                forwarded("proto=https;For=\"[2001:db8::7]\""),
                Some("2001:db8::7"),
            ),
            ("10.0.0.1:5000", forwarded("for=_hidden"), None),
            ("10.0.0.1:5000", forwarded("host=a"), None),
            ("nobody", x("198.51.100.7"), None),
        ] {
            assert_eq!(
                client(peer, &headers).as_deref(),
                expected,
                "{peer} {headers:?}"
            );
        }
        let both = [
            ("x-forwarded-for", "6.6.6.6"),
            ("forwarded", "for=198.51.100.7"),
        ];
        assert_eq!(
            client("10.0.0.1:5000", &both).as_deref(),
            Some("198.51.100.7")
        );
    }

    #[test]
    fn networks() {
        let network = |text: &str| Client(Some(text.parse().unwrap())).network();
        assert_eq!(network("192.0.2.1"), network("192.0.2.254"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("127.0.0.1"), None);
        assert_eq!(network("::1"), None);
        assert_eq!(Client::default().network(), None);
    }
}
