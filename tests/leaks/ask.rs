//! Requests and answers, as far as they are compared.

use axum::http::response::Parts;
use bytes::Bytes;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ask {
    pub method: &'static str,
    /// A path with a query, or a link of an answer.
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<String>,
}

impl Ask {
    pub fn get(target: impl Into<String>) -> Self {
        Self {
            method: "GET",
            target: target.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// A form that is sent.
    pub fn post(target: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            method: "POST",
            body: Some(body.into()),
            ..Self::get(target)
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        self.headers
            .iter()
            .try_for_each(|(n, v)| write!(f, "\n    {n}: {v}"))
    }
}

/// An answer: all of it that must be alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// Sorted by name, values of one name in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Bytes,
}

/// Headers that may differ: they say nothing of data or rights.
const EXEMPT: [&str; 2] = ["date", "x-request-id"];

impl Answer {
    pub fn new(parts: &Parts, body: Bytes) -> Self {
        let kept = parts
            .headers
            .iter()
            .filter(|(n, _)| !EXEMPT.contains(&n.as_str()));
        let mut headers: Vec<_> = kept
            .map(|(n, v)| (n.as_str().to_owned(), v.as_bytes().to_vec()))
            .collect();
        headers.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self {
            status: parts.status.as_u16(),
            headers,
            body,
        }
    }

    /// The first header of that name, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, v)| std::str::from_utf8(v).unwrap_or(""))
    }

    /// The body without its compression.
    pub fn plain_body(&self) -> Vec<u8> {
        if self.header("content-encoding") != "gzip" || self.body.is_empty() {
            return self.body.to_vec();
        }
        let mut plain = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(&*self.body);
        std::io::Read::read_to_end(&mut decoder, &mut plain).expect("gzip");
        plain
    }

    pub fn json(&self) -> Option<serde_json::Value> {
        self.header("content-type").contains("json").then_some(())?;
        serde_json::from_slice(&self.plain_body()).ok()
    }

    /// In what two answers differ first; `None` if they are alike.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.status != other.status {
            return Some(format!("status {} and {}", self.status, other.status));
        }
        let headers = (self.headers != other.headers).then(|| {
            let told = |a: &Self, b: &Self| {
                let only = a.headers.iter().filter(|h| !b.headers.contains(h));
                only.map(|(n, v)| format!("{n}: {}", String::from_utf8_lossy(v)))
                    .collect::<Vec<_>>()
                    .join(" | ")
            };
            format!(
                "headers [{}] and [{}]",
                told(self, other),
                told(other, self)
            )
        });
        if self.body == other.body {
            return headers;
        }
        let (a, b) = (self.plain_body(), other.plain_body());
        let at = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
        let around = |body: &[u8]| {
            let part = &body[at.saturating_sub(60)..body.len().min(at + 100)];
            String::from_utf8_lossy(part).into_owned()
        };
        Some(format!(
            "{}\n    body from byte {at} of {} and {}:\n    …{}…\n    …{}…",
            headers.unwrap_or_default(),
            a.len(),
            b.len(),
            around(&a),
            around(&b)
        ))
    }
}
