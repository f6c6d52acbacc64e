//! The parameters `filter`, `filter-lang` and `filter-crs` (OGC 19-079r2 §8).

use super::crs::OfferedCrs;
use super::draft;
use super::fault::FaultKind;
use super::query::Frame;
use crate::filter::{self, Encoding, Limits};

/// Languages of filters, the default first (`/req/filter/filter-lang-param`). The last one is that of the drafts, which GDAL looks for
/// before it sends a filter at all.
pub const FILTER_LANGUAGES: &[&str] = &["cql2-text", "cql2-json", "cql-text"];

/// A language of filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Text,
    Json,
    Draft,
}

impl Language {
    /// The language of that name.
    pub(super) fn parse(name: &str) -> Result<Self, FaultKind> {
        match FILTER_LANGUAGES.iter().position(|l| *l == name) {
            Some(0) => Ok(Self::Text),
            Some(1) => Ok(Self::Json),
            Some(2) => Ok(Self::Draft),
            _ => Err(FaultKind::NotOneOf {
                given: name.to_owned(),
                allowed: FILTER_LANGUAGES,
            }),
        }
    }
}

/// Reads and checks a filter. Without `filter-lang` it is CQL2 text, whatever it looks like (`/req/filter/filter-lang-param` C); without
/// `filter-crs` its geometries are in the default CRS of the collection (`/req/filter/filter-crs-wgs84`).
pub(super) fn parse(
    text: &str,
    language: Option<Language>,
    crs: &OfferedCrs,
    frame: &Frame<'_>,
    limits: &Limits,
) -> Result<filter::Filter, FaultKind> {
    let target = filter::Frame {
        schema: frame.schema,
        filter_crs: crs.crs,
        storage_crs: frame.crss.storage_crs().crs,
    };
    let parsed = match language {
        None | Some(Language::Text) => filter::Filter::parse(Encoding::Text, text, &target, limits),
        Some(Language::Json) => filter::Filter::parse(Encoding::Json, text, &target, limits),
        Some(Language::Draft) if text.len() <= limits.length_bytes => {
            let standard = draft::standard(text, frame.schema);
            // Quotes have made it longer.
            let limits = Limits {
                length_bytes: limits.length_bytes.max(standard.text.len()),
                ..*limits
            };
            let parsed = filter::Filter::parse(Encoding::Text, &standard.text, &target, &limits);
            parsed.map_err(|fault| filter::Fault::new(standard.back(fault.at), fault.kind))
        }
        Some(Language::Draft) => Err(filter::Fault::new(
            filter::Span::new(0, text.len()),
            filter::FaultKind::TooLong(limits.length_bytes),
        )),
    };
    parsed.map_err(|fault| {
        if language.is_none() && text.trim_start().starts_with('{') {
            FaultKind::JsonUnannounced
        } else {
            FaultKind::Cql2 {
                fault,
                text: text.to_owned(),
            }
        }
    })
}
