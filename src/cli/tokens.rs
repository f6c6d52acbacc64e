//! The identity provider whose tokens are believed: its keys are read from a file at the start, at each reload, and whenever the file
//! changes, so that whoever fetches it (a timer with `curl`) need tell nobody.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, bail};

use crate::access::{TokenIssuer, TokenKeys};
use crate::config::{KeySet, Tokens};

/// The provider's keys, and what the file was when they were read.
pub(super) struct Issuer {
    tokens: Tokens,
    /// What the file was when it was last looked at, whether or not it could be read; `Some(None)` if it was not there.
    #[expect(
        clippy::option_option,
        reason = "not looked at is not the same as not there"
    )]
    seen: Option<Option<Stamp>>,
}

#[derive(PartialEq, Eq)]
struct Stamp(Option<SystemTime>, u64);

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self(metadata.modified().ok(), metadata.len()))
    }
}

/// Bytes of a JWK set: a dozen keys with certificates.
const BYTES_MAX: u64 = 1 << 20;

impl Issuer {
    /// The provider of a configuration; nothing has been read yet.
    pub(super) fn new(tokens: Tokens) -> Self {
        Self { tokens, seen: None }
    }

    /// The provider with its keys, if the file changed since it was looked at. What is wrong with a file is said once.
    pub(super) fn look(&mut self) -> anyhow::Result<Option<TokenIssuer>> {
        let KeySet::File(path) = &self.tokens.jwks else {
            bail!(
                "tokens.jwks is an address, and guichet makes no requests: have a timer fetch it into a file and name that; \
                 the file is read again whenever it changes"
            );
        };
        let stamp = Stamp::of(path);
        if self.seen.as_ref() == Some(&stamp) {
            return Ok(None);
        }
        let name = || format!("tokens.jwks: {}", path.display());
        let too_long = stamp.as_ref().is_some_and(|s| s.1 > BYTES_MAX);
        self.seen = Some(stamp);
        if too_long {
            bail!("{}: more than {BYTES_MAX} bytes", name());
        }
        let text = fs::read(path).with_context(name)?;
        let keys = TokenKeys::parse(&text).with_context(name)?;
        Ok(Some(TokenIssuer {
            issuer: self.tokens.issuer.clone(),
            audience: self.tokens.audience.clone(),
            keys,
            siret_claim: self.tokens.siret.clone(),
            groups_claim: self.tokens.groups.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn tokens(jwks: KeySet) -> Tokens {
        Tokens {
            issuer: "https://id.example.org".to_owned(),
            audience: "guichet".to_owned(),
            jwks,
            siret: Some("siret".to_owned()),
            groups: None,
        }
    }

    #[test]
    fn the_keys_are_read_whenever_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut issuer = Issuer::new(tokens(KeySet::File(path.clone())));
        assert!(issuer.look().is_err());
        fs::write(&path, SET).unwrap();
        let found = issuer.look().unwrap().unwrap();
        assert_eq!(found.issuer, "https://id.example.org");
        assert!(issuer.look().unwrap().is_none());
        fs::write(&path, format!("{SET} ")).unwrap();
        assert!(issuer.look().unwrap().is_some());
        fs::write(&path, "{}").unwrap();
        assert!(issuer.look().is_err());
        // Said once, until it changes again.
        assert!(issuer.look().unwrap().is_none());
        fs::write(&path, SET).unwrap();
        assert!(issuer.look().unwrap().is_some());
    }

    #[test]
    fn addresses_are_not_fetched() {
        let url = KeySet::Url("https://id.example.org/jwks".to_owned());
        let error = Issuer::new(tokens(url)).look().unwrap_err().to_string();
        assert!(error.contains("a timer"), "{error}");
    }
}
