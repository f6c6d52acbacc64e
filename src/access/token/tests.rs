//! Tokens as providers make them, and as attackers do.

use ring::rand::SystemRandom;
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use serde_json::json;

use super::*;
use crate::model::base64::{base64url, unbase64};

/// An RSA key made for this test and used nowhere else (PKCS #8).
const RSA: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCsi0bP8Qm0KM4ewZrShklQJ8+ZCsEdsbXzxUGfsBwoOlINHFVC\
     H6nSUp42v6PS2mhj2KrM8ToVvyfnSk4JPqsGm2KdB/MZv5FOSa8NkYRN3MXQG8atboXiAL3Lmxm6IiH3kXibmsTVH+sdvrepFrZ6\
     ZNZFQVtG1s77ywkJv3RF/o941r7aAQdQOtVECLdrzrqQuOA9N91v3IDocl2R6BbxJL576zwVf/muPEpau+7CYq5GdzjDft7GVokX\
     sz8dgu6MjcCFjPCe4lAWf0CFXSSQjd35CD7b0H5IHOwhlgB/bAKloiXR3wS9DA7jy5fY+amhcZsFlMZk/mcpPZwd4qDtAgMBAAEC\
     ggEAFnFQjEWG2ex2JaFQY6ex1ioyIhmNqtttlj/cXEqfhEqprNONnLnaReVsd3nlHiI9x8GWiG0BUsjNW5PaTfDdH/vgD3Ae769v\
     f/us4u/q1zyAbPmKlbkK0wL+V4MHYqLZQNv8EF6eJuEtnMMsx7fmPknqu5FXr6wgZLcw/W1DUMMn7heoCF9b54nvLNcUpYDpU91n\
     62KNaMT+pZHMKjC0uL35fU7e+eLpr3QpmDUnl9hLDfTGK4v9f+5wKYUCD4UAZmcA1rEqPBCk2mDkkHZ2CeFDZqDfK1AFlJLyv+1u\
     FmNL0eTSDVhQdHOZJ0MHeLVKE2ZRasIUk75Pczc3/iiPpQKBgQDZgf2MhQhjKKwGsAoleB0fmupz3GY/BUOEi+F+uWvZUxtiHjfB\
     YC1S2N//QQjnkNeRZRnczVLIfgsWxOfS6b7xHlu6uqcz1kPwj0NdW7l0Iq4klfVSXYkpl7vLcNjuYapZLsPSCvT5Mg6plEwoSKGy\
     Rn15bYEhfeKdzr6dVhlv6wKBgQDLFD3ouTH5L/EHdHGG2kpNKjMYk3pkmxOc1XrnwWKEJfWDTwE5CUt0+tg4/XyyX8P8XloFnGSJ\
     AXjNNeYnSKAvQsma8vMVbiWZJfqex6UyGxFJu4Teu7UrfNbVBjkr1C1ozOj1yGzCSu5AanNkHqGAEZ1OHmS6x/gVRI2IyN7UhwKB\
     gQC9dPHifVpB7QJyzNH5szdC+VBw3TCegjo+cQ1YsbAUW8SFYabVJK419Lyf/QkBk3OBrNurLZmHE+saySbY20u7gOMLslvD1kXV\
     eySFZEkUtMSVD53hQaIg/Y7RdRkwAxg7mHVvNqYNjaGh6o+voxxdSfMvWsfY4WsMZDI6n+2GQwKBgAtmbH9G/i4t6crwV3spf+hL\
     CSlFBiblqbkxJsAh1AT1GI4xfjEUe37qof65BCoDRD5Dkawk9mPWiFCEyRHFevCMQEMJhmnakBPD1QjazkQ8zsCj3TaftPDnBixZ\
     OBZkx9PNRPqfMLPLfwpwr1+cdJZ65qi+/gqaNSwEeCmIlTG7AoGAdpcLOwzf3lvrQVNIzsrhrejQTjAO7YwPpj15ro4DdsFdi0+W\
     2yXJReyHf6KAfge0Qc/uJHvoJWVP9/clTAMAQ2qC+jzczSOfgjdhFvcVy/2tfNZ2MuLg3tEa8/I8cAtt5PwgvhZsZT7rjx5rpteu\
     FV2L/QUi5mYJEKKrRktD2oM=";
const NOW_S: i64 = 1_790_000_000;
const NOW: i64 = NOW_S * 1_000_000;
const ISSUER: &str = "https://identite.example.org/realms/a";

/// One key of each kind, and who signs with them.
struct Provider {
    random: SystemRandom,
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Provider {
    fn new() -> Self {
        let random = SystemRandom::new();
        let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(&unbase64(RSA).unwrap()).unwrap(),
            p256: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                p256.as_ref(),
                &random,
            )
            .unwrap(),
            ed25519: Ed25519KeyPair::from_pkcs8(ed25519.as_ref()).unwrap(),
            random,
        }
    }

    fn jwks(&self) -> Value {
        let rsa: PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let point = self.p256.public_key().as_ref();
        json!({ "keys": [
            { "kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256",
              "n": base64url(&rsa.n),
              "e": base64url(&rsa.e) },
            { "kty": "EC", "kid": "p", "crv": "P-256", "x": base64url(&point[1..33]), "y": base64url(&point[33..]) },
            { "kty": "OKP", "kid": "e", "crv": "Ed25519", "alg": "EdDSA", "key_ops": ["verify"],
              "x": base64url(self.ed25519.public_key().as_ref()) },
            { "kty": "oct", "kid": "o", "k": "c2VjcmV0" },
            { "kty": "EC", "kid": "q", "crv": "P-384", "x": "AA", "y": "AA" },
        ] })
    }

    fn issuers(&self) -> Vec<TokenIssuer> {
        let keys = TokenKeys::parse(self.jwks().to_string().as_bytes()).unwrap();
        vec![issuer(ISSUER, "guichet", keys)]
    }

    fn sign(&self, alg: &str, signed: &str) -> Vec<u8> {
        match alg {
            "RS256" => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &self.random,
                        signed.as_bytes(),
                        &mut signature,
                    )
                    .unwrap();
                signature
            }
            "ES256" => {
                let signature = self.p256.sign(&self.random, signed.as_bytes()).unwrap();
                signature.as_ref().to_vec()
            }
            _ => self.ed25519.sign(signed.as_bytes()).as_ref().to_vec(),
        }
    }

    /// A token with that header and payload, signed as `alg` says whatever the header does.
    fn token(&self, alg: &str, header: &Value, payload: &Value) -> String {
        let part = |v: &Value| base64url(v.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.sign(alg, &signed);
        format!("{signed}.{}", base64url(&signature))
    }

    fn good(&self, payload: &Value) -> String {
        self.token("EdDSA", &json!({ "alg": "EdDSA", "kid": "e" }), payload)
    }
}

fn issuer(name: &str, audience: &str, keys: TokenKeys) -> TokenIssuer {
    TokenIssuer {
        issuer: name.to_owned(),
        audience: audience.to_owned(),
        keys,
        siret_claim: Some("siret".to_owned()),
        groups_claim: Some("groups".to_owned()),
    }
}

fn payload() -> Value {
    json!({
        "iss": ISSUER, "aud": "guichet", "sub": "u-42", "exp": NOW_S + 300, "nbf": NOW_S, "iat": NOW_S,
        "siret": "13002526500013", "groups": ["carto", "eau", 7],
    })
}

fn with(changes: &Value) -> Value {
    let mut payload = payload();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            payload.as_object_mut().unwrap().remove(name);
        } else {
            payload[name] = value.clone();
        }
    }
    payload
}

#[test]
fn what_a_provider_signs_is_believed() {
    let provider = Provider::new();
    let issuers = provider.issuers();
    for (alg, kid) in [
        ("RS256", "r"),
        ("ES256", "p"),
        ("EdDSA", "e"),
        ("Ed25519", "e"),
    ] {
        let header = json!({ "alg": alg, "kid": kid, "typ": "at+jwt" });
        let claims = verify(&provider.token(alg, &header, &payload()), &issuers, NOW).unwrap();
        assert_eq!(claims.identity, (ISSUER.to_owned(), "u-42".to_owned()));
        assert_eq!(claims.siret.as_deref(), Some("13002526500013"));
        assert_eq!(claims.groups, ["carto", "eau"].map(str::to_owned).into());
        assert_eq!(claims.until_us, NOW + 330_000_000);
    }
    let many = with(
        &json!({ "aud": ["x", "guichet"], "groups": "seul", "siret": "12", "exp": 1_790_000_300.5 }),
    );
    let claims = verify(&provider.good(&many), &issuers, NOW).unwrap();
    assert_eq!(claims.groups, ["seul".to_owned()].into());
    assert_eq!(claims.siret, None);
    assert_eq!(claims.until_us, NOW + 330_500_000);
}

#[test]
fn periods() {
    let provider = Provider::new();
    let issuers = provider.issuers();
    for (changes, now, expected) in [
        (json!({}), NOW_S + 329, Ok(())),
        (json!({}), NOW_S + 330, Err(TokenFault::Period)),
        (json!({}), NOW_S - 30, Ok(())),
        (json!({}), NOW_S - 31, Err(TokenFault::Period)),
        (json!({ "nbf": null }), NOW_S - 31, Err(TokenFault::Period)),
        (json!({ "nbf": null, "iat": null }), 0, Ok(())),
        (json!({ "exp": null }), NOW_S, Err(TokenFault::Period)),
        (json!({ "exp": "soon" }), NOW_S, Err(TokenFault::Malformed)),
        (json!({ "exp": -1 }), NOW_S, Err(TokenFault::Period)),
        (json!({ "exp": 1e300 }), NOW_S, Ok(())),
        (json!({ "nbf": 1e300 }), NOW_S, Err(TokenFault::Period)),
        (json!({ "sub": null }), NOW_S, Err(TokenFault::Malformed)),
        (json!({ "sub": "" }), NOW_S, Err(TokenFault::Malformed)),
        (json!({ "sub": 7 }), NOW_S, Err(TokenFault::Malformed)),
        (
            json!({ "sub": "x".repeat(257) }),
            NOW_S,
            Err(TokenFault::Malformed),
        ),
    ] {
        let verdict = verify(&provider.good(&with(&changes)), &issuers, now * 1_000_000);
        assert_eq!(verdict.map(|_| ()), expected, "{changes} {now}");
    }
}

#[test]
fn tokens_for_others_are_refused() {
    let provider = Provider::new();
    let stranger = Provider::new();
    let mut issuers = provider.issuers();
    for changes in [
        json!({ "aud": "autre" }),
        json!({ "aud": ["guichet2", "GUICHET"] }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "aud": { "guichet": 1 } }),
        json!({ "iss": "https://identite.example.org/realms/b" }),
        json!({ "iss": format!("{ISSUER}/") }),
        json!({ "iss": null }),
    ] {
        let verdict = verify(&provider.good(&with(&changes)), &issuers, NOW);
        assert_eq!(verdict, Err(TokenFault::NotForUs), "{changes}");
    }
    // A second provider's keys are good for its own tokens alone, even under the same key id.
    let other = "https://autre.example.org";
    issuers.push(issuer(other, "guichet", stranger.issuers().remove(0).keys));
    let theirs = with(&json!({ "iss": other }));
    assert!(verify(&stranger.good(&theirs), &issuers, NOW).is_ok());
    for (signer, said) in [(&stranger, payload()), (&provider, theirs)] {
        let verdict = verify(&signer.good(&said), &issuers, NOW);
        assert_eq!(verdict, Err(TokenFault::Signature));
    }
}

#[test]
fn the_token_does_not_choose_how_it_is_checked() {
    let provider = Provider::new();
    let issuers = provider.issuers();
    let refused = |alg: &str, header: Value| {
        let verdict = verify(&provider.token(alg, &header, &payload()), &issuers, NOW);
        verdict.expect_err(&header.to_string())
    };
    for alg in [
        "none", "None", "HS256", "RS384", "PS256", "ES384", "", "es256",
    ] {
        assert_eq!(
            refused("EdDSA", json!({ "alg": alg, "kid": "e" })),
            TokenFault::Unsupported
        );
    }
    // A key id of another kind of key, of none, of one that is passed over, or no key id where there are several.
    for header in [
        json!({ "alg": "EdDSA", "kid": "r" }),
        json!({ "alg": "RS256", "kid": "e" }),
        json!({ "alg": "ES256", "kid": "e" }),
        json!({ "alg": "EdDSA" }),
    ] {
        assert_eq!(refused("EdDSA", header), TokenFault::Signature);
    }
    for kid in ["o", "../../dev/null", ""] {
        let header = json!({ "alg": "EdDSA", "kid": kid });
        assert_eq!(refused("EdDSA", header), TokenFault::UnknownKey);
    }
    let mut unknown = provider.issuers();
    unknown[0].keys = TokenKeys::default();
    let token = provider.token("EdDSA", &json!({ "alg": "EdDSA", "kid": "e" }), &payload());
    assert_eq!(verify(&token, &unknown, NOW), Err(TokenFault::NoKeys));
    for more in [
        json!({ "crit": ["exp"] }),
        json!({ "b64": false }),
        json!({ "zip": "DEF" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "typ": "dpop+jwt" }),
    ] {
        let mut header = json!({ "alg": "EdDSA", "kid": "e" });
        header
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        assert_eq!(refused("EdDSA", header), TokenFault::Unsupported);
    }
    // A key that the token brings along signs nothing.
    let attacker = Provider::new();
    let brought = json!({ "alg": "EdDSA", "kid": "e", "jwk": attacker.jwks()["keys"][2], "jku": "https://evil.example" });
    let verdict = verify(
        &attacker.token("EdDSA", &brought, &payload()),
        &issuers,
        NOW,
    );
    assert_eq!(verdict, Err(TokenFault::Signature));
}

/// The public key is known to everybody: as the secret of a MAC it must open nothing.
#[test]
fn the_public_key_is_no_secret() {
    let provider = Provider::new();
    let header = base64url(json!({ "alg": "HS256", "kid": "r" }).to_string().as_bytes());
    let signed = format!("{header}.{}", base64url(payload().to_string().as_bytes()));
    let jwks = provider.jwks();
    let modulus = unbase64url(jwks["keys"][0]["n"].as_str().unwrap()).unwrap();
    for secret in [
        &modulus[..],
        jwks["keys"][0].to_string().as_bytes(),
        b"secret",
        b"",
    ] {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let tag = ring::hmac::sign(&key, signed.as_bytes());
        let token = format!("{signed}.{}", base64url(tag.as_ref()));
        let verdict = verify(&token, &provider.issuers(), NOW);
        assert_eq!(verdict, Err(TokenFault::Unsupported));
    }
}

#[test]
fn each_changed_character_breaks_it() {
    let provider = Provider::new();
    let issuers = provider.issuers();
    let good = provider.good(&payload());
    assert!(verify(&good, &issuers, NOW).is_ok());
    for at in 0..good.len() {
        for other in ["A", "-", "=", "."] {
            if &good[at..=at] != other {
                let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
                assert!(verify(&changed, &issuers, NOW).is_err(), "{changed}");
            }
        }
        assert!(verify(&good[..at], &issuers, NOW).is_err());
    }
    assert!(verify(&format!("{good}="), &issuers, NOW).is_err());
    assert!(verify(&format!("{good}.{good}"), &issuers, NOW).is_err());
    // No signature at all.
    let bare = &good[..=good.rfind('.').unwrap()];
    assert_eq!(verify(bare, &issuers, NOW), Err(TokenFault::Signature));
}

#[test]
fn texts_that_are_no_tokens() {
    let provider = Provider::new();
    let issuers = provider.issuers();
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let part = |s: &str| base64url(s.as_bytes());
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b".to_owned(),
        "é.é.é".to_owned(),
        format!("{}.{}.", part("{}"), part("{}")),
        format!("{}.{}.AA", part("[]"), part("{}")),
        format!(
            "{}.{}.AA",
            part(r#"{"alg":"EdDSA","alg":"none"}"#),
            part("{}")
        ),
        format!("{}.{}.AA", part(r#"{"alg":"EdDSA"}"#), part("[]")),
        format!("{}.{}.AA", part(r#"{"alg":"EdDSA"}"#), part(&deep)),
        format!(
            "{}.{}.AA",
            part(r#"{"alg":"EdDSA"}"#),
            "A".repeat(MOST_BYTES)
        ),
    ] {
        assert_eq!(
            verify(&bad, &issuers, NOW),
            Err(TokenFault::Malformed),
            "{bad}"
        );
    }
    let long = with(&json!({ "padding": "x".repeat(MOST_BYTES) }));
    assert_eq!(
        verify(&provider.good(&long), &issuers, NOW),
        Err(TokenFault::Malformed)
    );
}

#[test]
fn sets_of_keys() {
    let provider = Provider::new();
    let set = |keys: Value| TokenKeys::parse(json!({ "keys": keys }).to_string().as_bytes());
    let jwks = provider.jwks();
    let key = |i: usize, changes: Value| {
        let mut key = jwks["keys"][i].clone();
        key.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        key
    };
    for one in [0, 1, 2] {
        assert_eq!(set(json!([key(one, json!({}))])).unwrap().0.len(), 1);
        for unusable in [
            json!({ "use": "enc" }),
            json!({ "alg": "HS256" }),
            json!({ "alg": "RSA-OAEP" }),
            json!({ "key_ops": ["sign"] }),
            json!({ "kty": "oct" }),
        ] {
            assert_eq!(
                set(json!([key(one, unusable)])),
                Err(KeySetFault::NoneUsable)
            );
        }
    }
    for (one, unusable) in [
        (0, json!({ "n": "AQAB" })),
        (0, json!({ "n": null })),
        (1, json!({ "x": "AQAB" })),
        (1, json!({ "crv": "P-521" })),
        (2, json!({ "x": "AQAB" })),
        (2, json!({ "crv": "Ed448" })),
        (2, json!({ "alg": "ES256" })),
    ] {
        assert_eq!(
            set(json!([key(one, unusable)])),
            Err(KeySetFault::NoneUsable)
        );
    }
    assert_eq!(set(json!([])), Err(KeySetFault::NoneUsable));
    assert_eq!(set(json!(vec![1; 65])), Err(KeySetFault::TooMany));
    for bad in ["", "{}", "[]", r#"{"keys":{}}"#] {
        let fault = TokenKeys::parse(bad.as_bytes()).unwrap_err();
        assert!(matches!(fault, KeySetFault::Malformed(_)), "{bad}");
    }
    // A provider with a single key need not name it.
    let alone = vec![issuer(
        ISSUER,
        "guichet",
        set(json!([jwks["keys"][2]])).unwrap(),
    )];
    let unnamed = provider.token("EdDSA", &json!({ "alg": "EdDSA" }), &payload());
    assert!(verify(&unnamed, &alone, NOW).is_ok());
    // A point that is not on the curve verifies nothing.
    let off = key(1, json!({ "y": base64url(&[9; 32]) }));
    let off = vec![issuer(ISSUER, "guichet", set(json!([off])).unwrap())];
    let token = provider.token("ES256", &json!({ "alg": "ES256", "kid": "p" }), &payload());
    assert_eq!(verify(&token, &off, NOW), Err(TokenFault::Signature));
}
