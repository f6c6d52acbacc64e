//! The one request that guichet makes: for the keys of the identity provider, to the address that the configuration names.
//!
//! Nobody else chooses where it goes: redirects are not followed, and nothing that a caller sends has a part in it. Certificates are
//! checked against those that the machine trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others); `HTTPS_PROXY` is used, `NO_PROXY` obeyed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Bytes of a JWK set: dozens of keys with their certificates.
pub(super) const KEY_SET_BYTES_MAX: u64 = 1 << 20;
/// From the look-up of the name to the last byte: a provider that takes longer does not answer, for its callers either.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What stands at an address.
pub(super) fn fetch(url: &str) -> anyhow::Result<Vec<u8>> {
    let mut response = agent(url)?
        .get(url)
        .header("Accept", "application/jwk-set+json, application/json")
        .call()
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    let status = response.status();
    if status.is_redirection() {
        bail!(
            "it answers {status}, and redirections are not followed: write the address at which the keys are"
        );
    }
    if status != ureq::http::StatusCode::OK {
        bail!("it answers {status}");
    }
    let body = response
        .body_mut()
        .with_config()
        .limit(KEY_SET_BYTES_MAX)
        .read_to_vec();
    match body {
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            bail!("it answers more than {KEY_SET_BYTES_MAX} bytes")
        }
        body => body.map_err(|e| anyhow::anyhow!("{e}")),
    }
}

/// Made for one request: certificates that the machine trusts from now on count from now on.
fn agent(url: &str) -> anyhow::Result<Agent> {
    let is_private = url.starts_with("https://");
    let config = Agent::config_builder()
        .https_only(is_private)
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("guichet/", env!("CARGO_PKG_VERSION")));
    let config = if is_private {
        config.tls_config(tls()?)
    } else {
        // What is not encrypted never leaves this machine.
        config.proxy(None)
    };
    Ok(Agent::new_with_config(config.build()))
}

fn tls() -> anyhow::Result<TlsConfig> {
    let found = rustls_native_certs::load_native_certs();
    let trusted: Vec<Certificate<'static>> = found
        .certs
        .iter()
        .map(|c| Certificate::from_der(c).to_owned())
        .collect();
    if trusted.is_empty() {
        let errors = found.errors.iter().map(ToString::to_string);
        let why: Vec<String> = errors.collect();
        bail!(
            "this machine trusts no certificate: install ca-certificates, or name a file of them in SSL_CERT_FILE {}",
            why.join("; ")
        );
    }
    // Without this the library would look for a provider of cryptography of the whole process, and there is none.
    let crypto = rustls::crypto::ring::default_provider();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(trusted))
        .unversioned_rustls_crypto_provider(Arc::new(crypto));
    Ok(tls.build())
}

/// The keys at an address.
pub(super) fn fetch_keys(url: &str) -> anyhow::Result<crate::access::TokenKeys> {
    let text = fetch(url)?;
    crate::access::TokenKeys::parse(&text).context("what it answers cannot be used")
}
