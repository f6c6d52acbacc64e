//! A provider on this machine, with its good days and its bad ones.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const A: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const B: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";
const REFRESH: Duration = Duration::from_mins(10);

fn set(kid: &str, x: &str) -> String {
    format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{x}"}}]}}"#)
}

fn keys(kid: &str, x: &str) -> TokenKeys {
    TokenKeys::parse(set(kid, x).as_bytes()).unwrap()
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

/// Answers every request with the same bytes, which may change; what is empty hangs up.
struct Provider {
    url: String,
    answer: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    fn new(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/jwks?use=sig", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer));
        let asked = Arc::new(AtomicUsize::new(0));
        let (answers, count) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                reply(stream.unwrap(), &answers.lock().unwrap());
            }
        });
        Self { url, answer, asked }
    }

    fn answers(&self, answer: String) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn fetched(&self) -> Fetched {
        Fetched::new(&self.url, REFRESH)
    }
}

fn reply(mut stream: TcpStream, answer: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
        // A handshake is no request.
        if head[0] != b'G' {
            return;
        }
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("GET /jwks?use=sig HTTP/1.1\r\n"), "{head}");
    // Whoever has read enough hangs up.
    let _hung_up = stream.write_all(answer.as_bytes());
}

fn after(start: Instant, seconds: u64) -> Instant {
    start + Duration::from_secs(seconds)
}

#[test]
fn new_keys_take_the_place_of_old_ones() {
    let provider = Provider::new(ok(&set("a", A)));
    let (mut fetched, start) = (provider.fetched(), Instant::now());
    assert_eq!(fetched.state(), TokenKeyState::Missing);
    assert!(fetched.keys().is_empty());
    fetched.look(start, false);
    assert_eq!(fetched.keys(), keys("a", A));
    assert_eq!(fetched.state(), TokenKeyState::Good);
    provider.answers(ok(&set("b", B)));
    fetched.look(after(start, 599), false);
    assert_eq!((fetched.keys(), provider.asked()), (keys("a", A), 1));
    fetched.look(after(start, 600), false);
    assert_eq!((fetched.keys(), provider.asked()), (keys("b", B), 2));
}

#[test]
fn unknown_keys_are_looked_for_once_a_minute() {
    let provider = Provider::new(ok(&set("a", A)));
    let (mut fetched, start) = (provider.fetched(), Instant::now());
    for second in 0..600 {
        fetched.look(after(start, second), true);
        assert_eq!(provider.asked() as u64, 1 + second / 60, "{second}");
    }
    // One that was named once is looked for once, when its minute has come.
    let provider = Provider::new(ok(&set("a", A)));
    let mut fetched = provider.fetched();
    fetched.look(start, false);
    provider.answers(ok(&set("b", B)));
    fetched.look(after(start, 1), true);
    fetched.look(after(start, 59), false);
    assert_eq!(provider.asked(), 1);
    fetched.look(after(start, 60), false);
    assert_eq!((fetched.keys(), provider.asked()), (keys("b", B), 2));
    fetched.look(after(start, 200), false);
    assert_eq!(provider.asked(), 2);
}

#[test]
fn what_brings_no_keys_leaves_those_that_are_there() {
    let provider = Provider::new(ok(&set("a", A)));
    let (mut fetched, start) = (provider.fetched(), Instant::now());
    fetched.look(start, false);
    let large = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(1 << 20));
    let elsewhere = Provider::new(ok(&set("b", B)));
    let moved = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        elsewhere.url
    );
    let refused =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let endless = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{large}");
    for (minute, (answer, why)) in [
        (ok("<html>"), "it is no JWK set"),
        (ok(r#"{"keys":[]}"#), "none of its keys"),
        (ok(&large), "more than 1048576 bytes"),
        (endless, "more than 1048576 bytes"),
        (moved, "redirections are not followed"),
        (refused.to_owned(), "it answers 503"),
        (String::new(), ""),
    ]
    .into_iter()
    .enumerate()
    {
        provider.answers(answer);
        // The first at its time, the others a minute after a failure.
        fetched.look(after(start, 600 + 60 * minute as u64), false);
        assert_eq!(provider.asked(), minute + 2);
        let failure = fetched.failure.clone().unwrap();
        assert!(failure.contains(why), "{failure}");
        assert_eq!(fetched.keys(), keys("a", A));
        assert_eq!(fetched.state(), TokenKeyState::Stale);
    }
    assert_eq!(elsewhere.asked(), 0, "a redirection was followed");
    provider.answers(ok(&set("b", B)));
    fetched.look(after(start, 1_200), false);
    assert_eq!(fetched.keys(), keys("b", B));
    assert_eq!(fetched.state(), TokenKeyState::Good);
}

#[test]
fn a_provider_that_does_not_answer_is_asked_again_and_believed_for_a_day() {
    let provider = Provider::new(ok(&set("a", A)));
    let (mut fetched, start) = (provider.fetched(), Instant::now());
    fetched.look(start, false);
    provider.answers(String::new());
    let day = 24 * 3_600;
    fetched.look(after(start, day - 1), false);
    assert_eq!(fetched.keys(), keys("a", A));
    assert_eq!(fetched.state(), TokenKeyState::Stale);
    fetched.look(after(start, day), false);
    assert!(fetched.keys().is_empty());
    assert_eq!(fetched.state(), TokenKeyState::Missing);
    provider.answers(ok(&set("a", A)));
    fetched.look(after(start, day + 59), false);
    assert_eq!(fetched.state(), TokenKeyState::Good);
}

#[test]
fn a_server_that_was_never_reached_is_asked_each_minute() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let (mut fetched, start) = (Fetched::new(&url, REFRESH), Instant::now());
    fetched.look(start, false);
    assert_eq!(fetched.state(), TokenKeyState::Missing);
    assert!(!fetched.is_due(after(start, 59)));
    assert!(fetched.is_due(after(start, 60)));
}

#[test]
fn what_speaks_no_tls_is_no_provider() {
    let provider = Provider::new(ok(&set("a", A)));
    let url = provider.url.replacen("http://", "https://", 1);
    let mut fetched = Fetched::new(&url, REFRESH);
    fetched.look(Instant::now(), false);
    assert!(fetched.failure.is_some());
    assert_eq!(fetched.state(), TokenKeyState::Missing);
}
