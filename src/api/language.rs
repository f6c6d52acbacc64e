//! Which language to answer in: `lang`, else `Accept-Language` (RFC 9110 §12.5.4), else the platform's.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use super::weights::{self, Weighted};
use crate::catalog::Language;

/// All languages, in the order in which they are offered.
pub const ALL: [Language; 2] = [Language::Fr, Language::En];
/// Their tags, the values of `lang`.
pub const TAGS: &[&str] = &["fr", "en"];

/// The tag of a language (BCP 47).
pub fn tag(language: Language) -> &'static str {
    match language {
        Language::Fr => "fr",
        Language::En => "en",
    }
}

/// The language of a tag, regions aside (`fr-CA`).
pub fn from_tag(text: &str) -> Option<Language> {
    let primary = text.split(['-', '_']).next()?;
    ALL.into_iter()
        .find(|l| tag(*l).eq_ignore_ascii_case(primary))
}

/// The language that the header prefers; the platform's own among equals and where nothing is said. `None` if every language of this
/// server is excluded (`*;q=0`; INSPIRE download services by OGC API Features, requirements class "multilinguality").
pub fn negotiate(headers: &HeaderMap, own: Language) -> Option<Language> {
    let Some(wanted) = weights::parse(headers, &ACCEPT_LANGUAGE) else {
        return Some(own);
    };
    let excluded = wanted.iter().any(|w| w.name == "*" && w.q == 0);
    let weight = |l: Language| {
        let named = wanted
            .iter()
            .filter(|w| from_tag(&w.name) == Some(l))
            .map(|w| w.q)
            .max();
        named.or_else(|| any(&wanted)).unwrap_or(0)
    };
    let own_first = [own]
        .into_iter()
        .chain(ALL.into_iter().filter(|l| *l != own));
    let best = own_first
        .map(|l| (weight(l), l))
        .reduce(|a, b| if b.0 > a.0 { b } else { a });
    match best {
        Some((q, l)) if q > 0 => Some(l),
        // Languages that this server does not speak: its own is better than nothing, unless that was ruled out.
        _ if excluded => None,
        _ => Some(own),
    }
}

fn any(wanted: &[Weighted]) -> Option<u16> {
    wanted.iter().find(|w| w.name == "*").map(|w| w.q)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(header: &str) -> Option<Language> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, header.parse().expect("a header"));
        negotiate(&headers, Language::Fr)
    }

    #[test]
    fn the_header_is_weighed() {
        use Language::{En, Fr};
        for (header, expected) in [
            ("en", Some(En)),
            ("en-GB,en;q=0.9,fr;q=0.8", Some(En)),
            ("fr-CA, en;q=0.5", Some(Fr)),
            ("de, en;q=0.1", Some(En)),
            ("de", Some(Fr)),
            ("*", Some(Fr)),
            ("de, *;q=0.5", Some(Fr)),
            ("fr;q=0, *;q=0.5", Some(En)),
            ("fr;q=0.2, en;q=0.2", Some(Fr)),
            ("de, *;q=0.0", None),
            ("*;q=0", None),
            ("en, *;q=0", Some(En)),
            ("", Some(Fr)),
            (";;;,q=,", Some(Fr)),
        ] {
            assert_eq!(negotiated(header), expected, "{header}");
        }
    }
}
