//! `[tokens]`: bearer tokens of an identity provider.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::table::Table;

/// How often a provider's keys are fetched if nothing is said: new keys are published hours before they sign anything, as a rule, and a key
/// that is taken back should not be believed for long.
const REFRESH_MINUTES: u64 = 10;
/// How often they may be fetched: no provider is asked more than once a minute, and keys that are kept for a day at most
/// (`MOST_AGE` in `cli/key_address.rs`) are asked for twice a day at least.
const REFRESH_MINUTES_RANGE: RangeInclusive<u64> = 1..=720;

/// Where a provider's keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySet {
    /// A JWK set (RFC 7517) in a file.
    File(PathBuf),
    /// One at an address.
    Url {
        /// `https://…`, or `http://` of this machine itself.
        url: String,
        /// How often it is fetched.
        refresh: Duration,
    },
}

/// An identity provider whose tokens are believed.
///
/// ```toml
/// [tokens]
/// issuer = "https://auth.agentconnect.gouv.fr/api/v2"   # what tokens say in "iss", letter for letter
/// audience = "guichet"                                  # what must stand in "aud"
/// jwks_url = "https://auth.agentconnect.gouv.fr/api/v2/jwks"  # its public keys; or jwks = "keys.json", a file of them
/// jwks_refresh_minutes = 10                             # how often they are fetched
/// siret = "siret"                                       # the claim that names the organisation
/// groups = "groups"                                     # the claim that lists groups
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// What must stand in `aud`.
    pub audience: String,
    /// Its keys.
    pub jwks: KeySet,
    /// The claim that holds the number of the caller's organisation.
    pub siret: Option<String>,
    /// The claim that lists the caller's groups.
    pub groups: Option<String>,
}

/// Reads the table; `resolve` finds a path relative to the file.
pub(super) fn read(t: Table<'_>, resolve: impl Fn(&str) -> PathBuf) -> Option<Tokens> {
    let issuer = t.need_string("issuer", "what do its tokens say in \"iss\"?");
    let audience = t.need_string(
        "audience",
        "what do tokens for this server say in \"aud\"? those for others must not be believed",
    );
    let jwks = key_set(&t, resolve);
    let (siret, groups) = (t.string("siret"), t.string("groups"));
    t.finish();
    Some(Tokens {
        issuer: issuer?,
        audience: audience?,
        jwks: jwks?,
        siret,
        groups,
    })
}

fn key_set(t: &Table<'_>, resolve: impl Fn(&str) -> PathBuf) -> Option<KeySet> {
    let (file, url) = (t.get("jwks"), t.get("jwks_url"));
    let refresh = t.get("jwks_refresh_minutes");
    match (file, url) {
        (None, None) => {
            t.fault(
                "[tokens] has neither \"jwks\" nor \"jwks_url\": which file, or which address, holds the provider's public keys?",
            );
            None
        }
        (Some(_), Some(url)) => {
            url.fault(
                "\"jwks\" and \"jwks_url\" in [tokens] are two answers to one question: take away the file or the address",
            );
            None
        }
        (Some(file), None) => {
            if let Some(refresh) = refresh {
                refresh.fault(
                    "\"jwks_refresh_minutes\" is for \"jwks_url\": a file is read again whenever it changes",
                );
            }
            let path = file.string()?;
            if path.contains("://") {
                return file.wrong("the path of a file; an address is \"jwks_url\"");
            }
            Some(KeySet::File(resolve(&path)))
        }
        (None, Some(url)) => {
            let minutes = match refresh {
                Some(node) => node.integer(REFRESH_MINUTES_RANGE)?,
                None => REFRESH_MINUTES,
            };
            let text = url.string()?;
            if !is_safe(&text) {
                return url.wrong(
                    "an address that begins with https:// (http:// is for this machine itself, such as http://127.0.0.1:8000/jwks: \
                     anywhere else whoever is on the way would choose whose tokens are believed), without a user or #",
                );
            }
            Some(KeySet::Url {
                url: text,
                refresh: Duration::from_mins(minutes),
            })
        }
    }
}

/// Whether nobody on the way can put other keys in the place of those at an address: it is `https`, or never leaves this machine.
fn is_safe(url: &str) -> bool {
    let printable = url
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"#\"'<>\\^`{|}@".contains(&b));
    let (rest, is_private) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    printable && !host.is_empty() && (is_private || is_here)
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn keys_come_by_https_or_from_this_machine() {
        for good in [
            "https://id.example.org/jwks",
            "https://id.example.org:8443/jwks?policy=a",
            "http://localhost:8000/jwks",
            "http://127.0.0.1/jwks",
            "http://127.9.9.9:1/",
            "http://[::1]:8000/jwks",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://id.example.org/jwks",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
            "http://127.0.0.1@example.org/",
            "http://10.0.0.1/",
            "http://[::2]/",
            "ftp://localhost/",
            "https://",
            "https:///jwks",
            "https://u@id.example.org/",
            "https://id.example.org/#a",
            "https://id example.org/",
            "HTTPS://id.example.org/",
            "keys.json",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
