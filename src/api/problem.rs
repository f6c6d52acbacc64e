//! What can go wrong with a request: a closed list, told as problem documents (RFC 9457).
//!
//! A document quotes the offending part of the request at most; never anything of the data, of the policy or of the inside of the
//! server.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::texts;
use crate::catalog::Language;
use crate::features::{Fault, FaultKind};

/// Media type of problem documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One kind of problem.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Escapes in the URL that do not decode to UTF-8.
    MalformedUrl,
    /// No host, or one that cannot be a host.
    BadHost,
    /// Parameters that the resource does not have, or with values that they cannot have.
    Parameters(Vec<Fault>),
    /// No resource has this path.
    NoSuchPath,
    /// There is no such collection for this caller.
    NoSuchCollection(String),
    /// The collection has no such item for this caller.
    NoSuchItem(String),
    /// The tile matrix set has no such tile, or the layer's tiles end at a lower zoom.
    NoSuchTile,
    /// One tile cannot join that many collections, or one twice.
    TooManyLayers(usize),
    /// The resource does not know the method.
    MethodNotAllowed,
    /// No representation, or no language, that the client accepts.
    NotAcceptable,
    /// The URL exceeds the limit.
    UrlTooLong,
    /// The headers exceed the limit.
    HeadersTooLarge,
    /// More work than the server takes on at a time.
    Busy,
    /// The answer took longer than the server gives it.
    TimedOut,
    /// A fault of the server, known by its id in the log.
    Internal(String),
}

/// Where in the value of a parameter a fault is, for editors: an extension member of ours. Offset (from 0) and length count Unicode
/// characters of the decoded value.
fn place(fault: &Fault) -> Option<Value> {
    let FaultKind::Cql2 { fault: inner, text } = &fault.kind else {
        return None;
    };
    let range = inner.range(text);
    Some(json!({
        "parameter": fault.parameter,
        "offset": text[..range.start].chars().count(),
        "length": text[range].chars().count(),
    }))
}

impl Problem {
    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::MalformedUrl | Self::BadHost | Self::Parameters(_) | Self::TooManyLayers(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::NoSuchPath
            | Self::NoSuchCollection(_)
            | Self::NoSuchItem(_)
            | Self::NoSuchTile => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Busy | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The name of the kind, the end of `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MalformedUrl => "malformed-url",
            Self::BadHost => "bad-host",
            Self::Parameters(_) => "invalid-parameter",
            Self::NoSuchPath => "no-such-resource",
            Self::NoSuchCollection(_) => "no-such-collection",
            Self::NoSuchItem(_) => "no-such-item",
            Self::NoSuchTile => "no-such-tile",
            Self::TooManyLayers(_) => "too-many-layers",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAcceptable => "not-acceptable",
            Self::UrlTooLong => "url-too-long",
            Self::HeadersTooLarge => "headers-too-large",
            Self::Busy => "busy",
            Self::TimedOut => "timed-out",
            Self::Internal(_) => "internal",
        }
    }

    /// A URI that names the kind.
    pub fn type_uri(&self) -> String {
        format!("urn:problem-type:guichet:{}", self.name())
    }

    /// The kind, in words.
    pub fn title(&self, language: Language) -> &'static str {
        texts::problem_title(self, language)
    }

    /// What is wrong in this case.
    pub fn detail(&self, language: Language) -> String {
        texts::problem_detail(self, language)
    }

    /// What to quote when asking for help.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Internal(id) => Some(id),
            _ => None,
        }
    }

    /// The document.
    pub fn document(&self, language: Language) -> Vec<u8> {
        let mut document = json!({
            "type": self.type_uri(),
            "title": self.title(language),
            "status": self.status().as_u16(),
            "detail": self.detail(language),
        });
        if let Self::Parameters(faults) = self {
            let errors = faults.iter().map(|f| {
                let mut error = json!({ "parameter": texts::quotable(&f.parameter), "detail": texts::fault(f, language) });
                if let Some(at) = place(f) {
                    error["at"] = at;
                }
                error
            });
            document["errors"] = errors.collect();
            if let Some(at) = faults.iter().find_map(place) {
                document["at"] = at;
            }
        }
        if let Some(id) = self.request_id() {
            document["requestId"] = Value::from(id);
        }
        document.to_string().into_bytes()
    }
}
