//! The identity provider whose tokens are believed: its keys come from a file or from an address, and change while the server runs.

use std::sync::Arc;
use std::time::Duration;

use super::key_address::KeyAddress;
use super::key_file::KeyFile;
use crate::access::{TokenIssuer, TokenKeys};
use crate::api::{ApiState, TokenKeyState};
use crate::config::{KeySet, Tokens};

/// The provider of a configuration.
pub(super) struct Provider {
    tokens: Tokens,
    source: Source,
}

enum Source {
    File(KeyFile),
    /// A thread of its own fetches them, and ends with this.
    Address(#[expect(dead_code, reason = "held to be dropped")] KeyAddress),
}

/// The provider with these keys.
pub(super) fn issuer(tokens: &Tokens, keys: TokenKeys) -> TokenIssuer {
    TokenIssuer {
        issuer: tokens.issuer.clone(),
        audience: tokens.audience.clone(),
        keys,
        siret_claim: tokens.siret.clone(),
        groups_claim: tokens.groups.clone(),
    }
}

/// Believes the tokens of the provider of a configuration, if it has one, in the place of those of another. An address that is fetched
/// already goes on with the keys it has.
pub(super) fn believe(
    held: &mut Option<Provider>,
    tokens: Option<&Tokens>,
    api: &Arc<ApiState>,
) -> anyhow::Result<()> {
    let Some(tokens) = tokens else {
        *held = None;
        api.believe(Vec::new());
        api.health().token_keys(TokenKeyState::None);
        return Ok(());
    };
    let source = match &tokens.jwks {
        KeySet::File(path) => {
            let mut file = KeyFile::new(path.clone());
            let keys = file.look()?.unwrap_or_default();
            *held = None;
            accept(tokens, keys, api);
            Source::File(file)
        }
        KeySet::Url { url, refresh } => {
            if held.as_ref().is_some_and(|h| h.tokens == *tokens) {
                return Ok(());
            }
            // The old one says nothing more before the new one begins.
            *held = None;
            let (url, refresh): (&str, Duration) = (url, *refresh);
            Source::Address(KeyAddress::start(tokens, url, refresh, api)?)
        }
    };
    *held = Some(Provider {
        tokens: tokens.clone(),
        source,
    });
    Ok(())
}

fn accept(tokens: &Tokens, keys: TokenKeys, api: &ApiState) {
    api.believe(vec![issuer(tokens, keys)]);
    api.health().token_keys(TokenKeyState::Good);
}

impl Provider {
    /// Reads the keys again if their file changed. A faulty file leaves those that were read before.
    pub(super) fn look(&mut self, api: &ApiState) {
        let Source::File(file) = &mut self.source else {
            return;
        };
        match file.look() {
            Ok(Some(keys)) => accept(&self.tokens, keys, api),
            Ok(None) => {}
            Err(e) => {
                api.health().token_keys(TokenKeyState::Stale);
                tracing::warn!("the keys that were read before go on: {e:#}");
            }
        }
    }
}
