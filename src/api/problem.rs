//! What can go wrong with a request: a closed list, told as problem documents (RFC 9457).
//!
//! A document quotes the offending part of the request at most; never anything of the data, of the policy or of the inside of the
//! server.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::link::Link;
use super::texts;
use crate::access::KeyId;
use crate::catalog::{Language, Notice};
use crate::features::{Fault, FaultKind};
use crate::model::Words;

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
    /// The caller may know of the collection, and sees nothing of it here.
    Locked(Box<Lock>),
    /// The collection has no such item for this caller.
    NoSuchItem(String),
    /// The tile matrix set has no such tile, or the layer's tiles end at a lower zoom.
    NoSuchTile,
    /// One tile cannot join that many collections, or one twice.
    TooManyLayers(usize),
    /// Several credentials that differ.
    TwoCredentials,
    /// There is no credential, and the resource is of those who have one.
    CredentialRequired,
    /// The credential is none, unknown, revoked or suspended: nobody learns which.
    InvalidCredential,
    /// The credential is genuine, and no longer holds.
    ExpiredCredential,
    /// The signature does not belong to this URL, or no longer does.
    SignatureInvalid,
    /// The signature is genuine and too old: whoever made the URL makes another.
    SignatureExpired,
    /// The key is not for the page that sent it.
    OriginRefused,
    /// The key is not for the network that it came from.
    NetworkRefused,
    /// This is done with a secret key, and for that key.
    KeyRequired,
    /// The caller may not do this.
    NotAllowed,
    /// A page of another site made the browser send this.
    CrossSite,
    /// No terms of that name stand before anything of the caller's.
    NoSuchTerms,
    /// There is no such entry of the policy for whoever asks.
    NoSuchEntry,
    /// A member of the body, by its path, is at fault.
    Member(String, MemberFault),
    /// The change is against the rules, whoever asks.
    ChangeRefused(Words),
    /// What is to be changed is written in the configuration, or nothing can be changed here.
    ReadOnly,
    /// What is to be changed has been changed already, or cannot be changed so.
    Conflict,
    /// The key has a successor already, of that id.
    ReplacedAlready(KeyId),
    /// The caller's organisation asked for the same layer before, by the request of that id.
    AskedAlready(String),
    /// The caller asks for a layer of which nothing is kept from it.
    SeenAlready,
    /// More requests than the caller may send; seconds until there is room again.
    TooManyRequests(i64),
    /// The body is not what the resource takes.
    MalformedBody,
    /// The body exceeds the limit.
    BodyTooLarge,
    /// The body is of a media type that the resource does not take.
    UnsupportedMediaType,
    /// The resource does not know the method.
    MethodNotAllowed,
    /// No representation, or no language, that the client accepts.
    NotAcceptable,
    /// The URL exceeds the limit.
    UrlTooLong,
    /// The headers exceed the limit.
    HeadersTooLarge,
    /// Others change the policy all the while: the right to this change was not judged in time.
    ChangedMeanwhile,
    /// More work than the server takes on at a time.
    Busy,
    /// The answer took longer than the server gives it.
    TimedOut,
    /// Who may see what cannot be confirmed at the moment: layers that everybody sees go on, whatever else there may be is closed.
    RightsUnknown,
    /// A fault of the server, known by its id in the log.
    Internal(String),
}

/// What is wrong with a member of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberFault {
    /// It must be said.
    Missing,
    /// The resource does not take it.
    Unknown,
    /// Its value is none that it can have, and why.
    Wrong(Words),
}

/// A collection that the caller may know of and not see.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    /// What its publisher says of it, under the name by which the caller asked for it.
    pub notice: Notice,
    /// The caller is known, and has no right to it; otherwise a credential may open it.
    pub known: bool,
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
            Self::MalformedUrl
            | Self::BadHost
            | Self::Parameters(_)
            | Self::TooManyLayers(_)
            | Self::TwoCredentials
            | Self::Member(..)
            | Self::MalformedBody => StatusCode::BAD_REQUEST,
            Self::CredentialRequired
            | Self::InvalidCredential
            | Self::ExpiredCredential
            | Self::SignatureInvalid
            | Self::SignatureExpired => StatusCode::UNAUTHORIZED,
            Self::OriginRefused
            | Self::NetworkRefused
            | Self::KeyRequired
            | Self::NotAllowed
            | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::ChangeRefused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ReadOnly
            | Self::Conflict
            | Self::ReplacedAlready(_)
            | Self::AskedAlready(_)
            | Self::SeenAlready => StatusCode::CONFLICT,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Locked(lock) if lock.known => StatusCode::FORBIDDEN,
            Self::Locked(_) => StatusCode::UNAUTHORIZED,
            Self::NoSuchPath
            | Self::NoSuchCollection(_)
            | Self::NoSuchItem(_)
            | Self::NoSuchTerms
            | Self::NoSuchEntry
            | Self::NoSuchTile => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::ChangedMeanwhile | Self::Busy | Self::TimedOut | Self::RightsUnknown => {
                StatusCode::SERVICE_UNAVAILABLE
            }
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
            Self::Locked(_) => "locked-collection",
            Self::NoSuchItem(_) => "no-such-item",
            Self::NoSuchTile => "no-such-tile",
            Self::TooManyLayers(_) => "too-many-layers",
            Self::TwoCredentials => "two-credentials",
            Self::CredentialRequired => "credential-required",
            Self::InvalidCredential => "invalid-credential",
            Self::ExpiredCredential => "expired-credential",
            Self::SignatureInvalid => "signature-invalid",
            Self::SignatureExpired => "signature-expired",
            Self::OriginRefused => "origin-refused",
            Self::NetworkRefused => "network-refused",
            Self::KeyRequired => "key-required",
            Self::NotAllowed => "not-allowed",
            Self::CrossSite => "cross-site",
            Self::NoSuchTerms => "no-such-terms",
            Self::NoSuchEntry => "no-such-entry",
            Self::Member(..) => "invalid-member",
            Self::ChangeRefused(_) => "refused-change",
            Self::ReadOnly => "read-only",
            Self::Conflict | Self::ReplacedAlready(_) => "conflict",
            Self::AskedAlready(_) => "asked-already",
            Self::SeenAlready => "seen-already",
            Self::TooManyRequests(_) => "too-many-requests",
            Self::MalformedBody => "malformed-body",
            Self::BodyTooLarge => "body-too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAcceptable => "not-acceptable",
            Self::UrlTooLong => "url-too-long",
            Self::HeadersTooLarge => "headers-too-large",
            Self::ChangedMeanwhile => "changed-meanwhile",
            Self::Busy => "busy",
            Self::TimedOut => "timed-out",
            Self::RightsUnknown => "rights-unknown",
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

    /// The document, with links to what helps.
    pub fn document(&self, language: Language, links: &[Link]) -> Vec<u8> {
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
        if let Self::Member(member, _) = self {
            let detail = self.detail(language);
            document["errors"] = json!([{ "member": texts::quotable(member), "detail": detail }]);
        }
        if let Some(id) = self.request_id() {
            document["requestId"] = Value::from(id);
        }
        if !links.is_empty() {
            document["links"] = json!(links);
        }
        document.to_string().into_bytes()
    }
}
