//! Bearer tokens of an identity provider: JSON Web Tokens (RFC 7519) signed as RFC 7515 says, checked as RFC 8725 advises.
//!
//! The provider's keys come from a file or from one address of the configuration (RFC 7517); a key says for which one algorithm it is good, and the token's own `alg` must agree:
//! nothing in a token chooses how it is checked. Three algorithms, all with public keys: RS256, ES256, EdDSA over Ed25519. What a token
//! names by address (`jku`, `x5u`) or brings along (`jwk`, `x5c`) is never looked at.

use std::collections::BTreeSet;

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::base64::unbase64url;

/// Bytes of a token. Providers that name many groups reach four kilobytes; each byte is hashed and decoded.
pub const MOST_BYTES: usize = 8 << 10;
/// Keys of a provider: two or three while they are rotated, some more for other uses.
const MOST_KEYS: usize = 64;
/// Groups of a person.
const MOST_GROUPS: usize = 256;
/// Bytes of the name of a person or group.
const MOST_NAME: usize = 256;
/// By how much clocks may differ, in microseconds.
const LEEWAY_US: i64 = 30 * 1_000_000;

/// An algorithm of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    fn of(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            // RFC 9864 gives the old name's one common meaning a name of its own.
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct VerifyingKey {
    kid: Option<String>,
    public: Public,
}

impl VerifyingKey {
    fn algorithm(&self) -> Algorithm {
        match self.public {
            Public::Rsa { .. } => Algorithm::Rs256,
            Public::P256(_) => Algorithm::Es256,
            Public::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        let verdict = match &self.public {
            Public::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                signed,
                signature,
            ),
            Public::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature)
            }
            Public::Ed25519(point) => {
                UnparsedPublicKey::new(&ED25519, point).verify(signed, signature)
            }
        };
        verdict.is_ok() || crate::leak!("token-signature-not-checked")
    }
}

/// The keys of a provider (a JWK set, RFC 7517 §5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenKeys(Vec<VerifyingKey>);

/// Why a text is no set of keys that tokens could be checked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetFault {
    /// It is not what RFC 7517 describes.
    #[error("it is no JWK set: {0}")]
    Malformed(String),
    /// More than anybody needs.
    #[error("it holds more than {MOST_KEYS} keys")]
    TooMany,
    /// Keys of other kinds and uses are passed over, and nothing is left.
    #[error(
        "none of its keys is an RSA key of 2048 bits or more, a P-256 key or an Ed25519 key for signatures"
    )]
    NoneUsable,
}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl TokenKeys {
    /// True if there is none: nothing is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them has that id.
    fn know(&self, kid: &str) -> bool {
        self.0.iter().any(|k| k.kid.as_deref() == Some(kid))
    }

    /// Reads a JWK set. Keys that are for something else are passed over, as RFC 7517 §5 asks for.
    pub fn parse(text: &[u8]) -> Result<Self, KeySetFault> {
        let set: WrittenSet =
            serde_json::from_slice(text).map_err(|e| KeySetFault::Malformed(e.to_string()))?;
        if set.keys.len() > MOST_KEYS {
            return Err(KeySetFault::TooMany);
        }
        let keys: Vec<_> = set.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() {
            return Err(KeySetFault::NoneUsable);
        }
        Ok(Self(keys))
    }

    /// The keys that may have signed a token. One without `kid` is only for providers that have a single key.
    fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        let of_algorithm = self.0.iter().filter(move |k| k.algorithm() == algorithm);
        let alone = self.0.len() == 1;
        of_algorithm.filter(move |k| match kid {
            Some(kid) => k.kid.as_deref() == Some(kid),
            None => alone,
        })
    }
}

fn usable(written: Value) -> Option<VerifyingKey> {
    let key: WrittenKey = serde_json::from_value(written).ok()?;
    let for_signatures = key.purpose.as_deref().is_none_or(|u| u == "sig")
        && key
            .key_ops
            .is_none_or(|ops| ops.iter().any(|o| o == "verify"));
    let bytes = |text: Option<String>| unbase64url(&text?);
    let public = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (bytes(key.n)?, bytes(key.e)?);
            // Leading zeros are against RFC 7518 §6.3.1.1, and not taken by whoever computes with it.
            let n: Vec<u8> = n.into_iter().skip_while(|b| *b == 0).collect();
            (n.len() >= 256).then_some(Public::Rsa { n, e })?
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(key.x)?, bytes(key.y)?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            Public::P256(point.try_into().ok()?)
        }
        ("OKP", Some("Ed25519")) => Public::Ed25519(bytes(key.x)?.try_into().ok()?),
        _ => return None,
    };
    let usable = VerifyingKey {
        kid: key.kid,
        public,
    };
    let agrees = key
        .alg
        .is_none_or(|a| Algorithm::of(&a) == Some(usable.algorithm()));
    (for_signatures && agrees).then_some(usable)
}

/// A provider whose tokens are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIssuer {
    /// What its tokens say in `iss`, letter for letter.
    pub issuer: String,
    /// What must stand in `aud`: the name under which the provider knows this server.
    pub audience: String,
    /// Its keys.
    pub keys: TokenKeys,
    /// The claim that holds the number of the caller's organisation.
    pub siret_claim: Option<String>,
    /// The claim that lists the caller's groups.
    pub groups_claim: Option<String>,
}

/// What a checked token says of its bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Issuer and subject: who the bearer is.
    pub identity: (String, String),
    /// The number of the organisation in the national register: 14 digits.
    pub siret: Option<String>,
    /// Groups, as the provider calls them.
    pub groups: BTreeSet<String>,
    /// First instant at which the token no longer holds, in microseconds since 1970, leeway included.
    pub until_us: i64,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is no signed token, or too long.
    #[error("it is no signed JSON Web Token")]
    Malformed,
    /// Its algorithm is none of the three, or it asks for something that is not done here.
    #[error("its header asks for what is not done here")]
    Unsupported,
    /// No configured provider has that name, with this server in the audience.
    #[error("it comes from an unknown issuer, or is meant for another audience")]
    NotForUs,
    /// Nothing is known of the provider's keys: they could not be fetched, or not for too long.
    #[error("the keys of its issuer are not known: they could not be fetched")]
    NoKeys,
    /// It names a key that the provider did not have when its keys were last looked at.
    #[error("it names a key that its issuer is not known to have")]
    UnknownKey,
    /// No key of the provider signed it.
    #[error("its signature is wrong")]
    Signature,
    /// It is not yet or no longer valid.
    #[error("it has expired, or is not valid yet")]
    Period,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    /// Extensions that must be understood (RFC 7515 §4.1.11); none is.
    crit: Option<Value>,
    /// The payload is compressed, or not encoded.
    zip: Option<Value>,
    b64: Option<Value>,
}

/// Checks a token at an instant. Whoever calls remembers the answer: it costs some 50 to 200 microseconds.
pub fn verify(token: &str, issuers: &[TokenIssuer], now_us: i64) -> Result<Claims, TokenFault> {
    if token.len() > MOST_BYTES {
        return Err(TokenFault::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
    let decoded = |part| unbase64url(part).ok_or(TokenFault::Malformed);
    let header: Header =
        serde_json::from_slice(&decoded(header)?).map_err(|_| TokenFault::Malformed)?;
    let algorithm = supported(&header)?;
    let payload: Map<String, Value> =
        serde_json::from_slice(&decoded(payload)?).map_err(|_| TokenFault::Malformed)?;
    let signature = decoded(signature)?;
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let said = text("iss").ok_or(TokenFault::NotForUs)?;
    let ours = |i: &&TokenIssuer| i.issuer == said && is_audience(&payload, &i.audience);
    let issuer = issuers.iter().find(ours).ok_or(TokenFault::NotForUs)?;
    if issuer.keys.is_empty() {
        return Err(TokenFault::NoKeys);
    }
    if header
        .kid
        .as_deref()
        .is_some_and(|kid| !issuer.keys.know(kid))
    {
        return Err(TokenFault::UnknownKey);
    }
    let mut keys = issuer.keys.candidates(algorithm, header.kid.as_deref());
    if !keys.any(|k| k.verifies(signed.as_bytes(), &signature)) {
        return Err(TokenFault::Signature);
    }
    let until_us = period(&payload, now_us)?;
    let subject = text("sub").filter(|s| !s.is_empty() && s.len() <= MOST_NAME);
    let subject = subject.ok_or(TokenFault::Malformed)?;
    Ok(Claims {
        identity: (issuer.issuer.clone(), subject.to_owned()),
        siret: issuer
            .siret_claim
            .as_deref()
            .and_then(text)
            .filter(|s| s.len() == 14 && s.bytes().all(|b| b.is_ascii_digit()))
            .map(str::to_owned),
        groups: groups(&payload, issuer.groups_claim.as_deref()),
        until_us,
    })
}

fn supported(header: &Header) -> Result<Algorithm, TokenFault> {
    // Other kinds of signed documents (logout, proofs, assertions) are no proof of who asks (RFC 8725 §3.11).
    let is_access = header.typ.as_deref().is_none_or(|typ| {
        ["JWT", "at+jwt", "application/at+jwt", "application/jwt"]
            .iter()
            .any(|t| t.eq_ignore_ascii_case(typ))
    });
    let plain = header.crit.is_none() && header.zip.is_none() && header.b64.is_none();
    Algorithm::of(&header.alg)
        .filter(|_| is_access && plain)
        .ok_or(TokenFault::Unsupported)
}

fn is_audience(payload: &Map<String, Value>, ours: &str) -> bool {
    match payload.get("aud") {
        _ if crate::leak!("token-for-others-accepted") => true,
        Some(Value::String(one)) => one == ours,
        Some(Value::Array(many)) => many.iter().any(|one| one == ours),
        _ => false,
    }
}

/// The end of the period in which a token holds, if that is now. One without an end is not believed.
fn period(payload: &Map<String, Value>, now_us: i64) -> Result<i64, TokenFault> {
    let instant = |name: &str| match payload.get(name) {
        None => Ok(None),
        // Seconds, maybe with decimals (RFC 7519 §2); the conversion ends at the ends of the range.
        Some(value) => match value.as_f64() {
            Some(seconds) => Ok(Some((seconds * 1e6) as i64)),
            None => Err(TokenFault::Malformed),
        },
    };
    let until = instant("exp")?.ok_or(TokenFault::Period)?;
    let until = until.saturating_add(LEEWAY_US);
    let begun = |name| Ok(instant(name)?.is_none_or(|at| at.saturating_sub(LEEWAY_US) <= now_us));
    let holds = now_us < until || crate::leak!("expired-token-accepted");
    if holds && begun("nbf")? && begun("iat")? {
        Ok(until)
    } else {
        Err(TokenFault::Period)
    }
}

fn groups(payload: &Map<String, Value>, claim: Option<&str>) -> BTreeSet<String> {
    let names = match claim.and_then(|c| payload.get(c)) {
        Some(Value::Array(names)) => names.as_slice(),
        Some(one @ Value::String(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let texts = names.iter().filter_map(Value::as_str);
    texts
        .filter(|n| n.len() <= MOST_NAME)
        .take(MOST_GROUPS)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
