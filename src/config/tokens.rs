//! `[tokens]`: bearer tokens of an identity provider.

use std::path::PathBuf;

use super::platform::base_url;
use super::table::Table;

/// Where a provider's keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySet {
    /// A JWK set (RFC 7517) in a file.
    File(PathBuf),
    /// One at an address.
    Url(String),
}

/// An identity provider whose tokens are believed.
///
/// ```toml
/// [tokens]
/// issuer = "https://auth.agentconnect.gouv.fr/api/v2"   # what tokens say in "iss", letter for letter
/// audience = "guichet"                                  # what must stand in "aud"
/// jwks = "proconnect.jwks.json"                         # its public keys
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
    let jwks = t
        .need("jwks", "which file holds the provider's public keys?")
        .and_then(|n| {
            let text = n.string()?;
            if !text.contains("://") {
                return Some(KeySet::File(resolve(&text)));
            }
            match base_url(&text) {
                Some(_) => Some(KeySet::Url(text)),
                None => n.wrong("the path of a file or an address that begins with https://"),
            }
        });
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
