//! The keys of an identity provider at an address: nobody waits for the provider.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use base64url::base64url;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::world::{OPEN, Server, World};

mod base64url {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// RFC 4648 §5, without padding.
    pub fn base64url(bytes: &[u8]) -> String {
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let all = three.iter().fold(0u32, |all, b| (all << 8) | u32::from(*b));
            let all = all << (8 * (3 - three.len()));
            for i in 0..=three.len() {
                let digit = (all >> (18 - 6 * i)) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            }
        }
        text
    }
}

const ISSUER: &str = "https://identite.example.org";

fn pair() -> Ed25519KeyPair {
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key")
}

fn token(pair: &Ed25519KeyPair) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let until = now.expect("a time").as_secs() + 600;
    let part = |v: Value| base64url(v.to_string().as_bytes());
    let header = part(json!({ "alg": "EdDSA", "kid": "a" }));
    let claims = json!({ "iss": ISSUER, "aud": "guichet", "sub": "u", "exp": until });
    let signed = format!("{header}.{}", part(claims));
    let signature = pair.sign(signed.as_bytes());
    format!("{signed}.{}", base64url(signature.as_ref()))
}

/// The configuration of a server that fetches keys from a listener of this process.
fn world(provider: &TcpListener) -> World {
    let address = provider.local_addr().expect("an address");
    let w = World::new();
    w.append(&format!(
        "[tokens]\nissuer = \"{ISSUER}\"\naudience = \"guichet\"\njwks_url = \"http://{address}/jwks\"\n"
    ));
    w
}

fn me(server: &Server, token: &str) -> u16 {
    let header = format!("Authorization: Bearer {token}\r\n");
    server.get_with("/me", &header).0
}

fn token_keys(server: &Server) -> Value {
    let (status, body) = server.get("/health/ready", None);
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).expect("JSON");
    body["tokenKeys"].clone()
}

#[test]
fn keys_at_an_address_are_fetched() {
    let (provider, pair) = (TcpListener::bind("127.0.0.1:0").expect("a port"), pair());
    let w = world(&provider);
    let x = base64url(pair.public_key().as_ref());
    let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": x }] });
    std::thread::spawn(move || {
        for stream in provider.incoming() {
            let mut stream = stream.expect("a connection");
            let _head = stream.read(&mut [0; 4096]).expect("a request");
            let body = set.to_string();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    });
    let server = w.serve(&[]);
    let start = Instant::now();
    while token_keys(&server) != "ok" {
        assert!(start.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(me(&server, &token(&pair)), 200);
    let strangers = self::pair();
    assert_eq!(me(&server, &token(&strangers)), 401);
    // A reload keeps the keys that are there.
    w.ok(&["reload"]);
    assert_eq!(token_keys(&server), "ok");
    assert_eq!(me(&server, &token(&pair)), 200);
    server.stop();
}

#[test]
fn a_provider_that_does_not_answer_holds_nobody_up() {
    // Connections are taken, and nothing is ever said.
    let provider = TcpListener::bind("127.0.0.1:0").expect("a port");
    let w = world(&provider);
    let start = Instant::now();
    let server = w.serve(&[]);
    assert_eq!(token_keys(&server), "missing");
    let items = format!("/collections/{OPEN}/items?limit=1");
    assert_eq!(server.status(&items, None), 200);
    assert_eq!(me(&server, &token(&pair())), 401);
    w.ok(&["reload"]);
    assert_eq!(token_keys(&server), "missing");
    server.stop();
    // Less than one request to a provider may take.
    assert!(start.elapsed() < Duration::from_secs(10));
}
