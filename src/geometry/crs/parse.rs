//! The written forms of a system's identifier.

use super::{Crs, CrsError, Id};

/// No identifier is longer; a longer text is not echoed whole in an error.
const MAX_LEN: usize = 128;

impl Crs {
    /// Reads an identifier:
    /// - OGC URI `http://www.opengis.net/def/crs/{authority}/{version}/{code}`, `https` too;
    /// - URN `urn:ogc:def:crs:{authority}:{version}:{code}`, the version may be empty (OGC 07-092r1);
    /// - safe CURIE `[EPSG:2154]` and plain `EPSG:2154`, `OGC:CRS84`.
    ///
    /// Authority and scheme are compared without case. The version of an EPSG code is not looked at: codes are never reused.
    pub fn parse(text: &str) -> Result<Self, CrsError> {
        let syntax = || CrsError::Syntax(text.chars().take(MAX_LEN).collect());
        let trimmed = text.trim();
        if trimmed.len() > MAX_LEN {
            return Err(syntax());
        }
        let [authority, version, code] = split(trimmed).ok_or_else(syntax)?;
        if !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(syntax());
        }
        from_authority_code(authority, code).ok_or_else(syntax)?
    }
}

/// Authority, version and code of any of the forms.
fn split(text: &str) -> Option<[&str; 3]> {
    for base in [
        "http://www.opengis.net/def/crs/",
        "https://www.opengis.net/def/crs/",
    ] {
        if let Some(rest) = strip_prefix_ignore_case(text, base) {
            let parts = three(rest, '/')?;
            return (!parts[1].is_empty()).then_some(parts);
        }
    }
    if let Some(rest) = strip_prefix_ignore_case(text, "urn:ogc:def:crs:") {
        return three(rest, ':');
    }
    let curie = match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None => text,
    };
    let (authority, code) = curie.split_once(':')?;
    Some([authority, "", code])
}

fn three(text: &str, separator: char) -> Option<[&str; 3]> {
    let mut parts = text.split(separator);
    let found = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(found)
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// The system of an authority's code; `None` if they do not even look like one.
pub(super) fn from_authority_code(authority: &str, code: &str) -> Option<Result<Crs, CrsError>> {
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    if !word(authority) || !word(code) {
        return None;
    }
    let unknown = || Err(CrsError::UnknownCode(format!("{authority}:{code}")));
    if authority.eq_ignore_ascii_case("EPSG") {
        if !code.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        return Some(code.parse().map_or_else(|_| unknown(), Crs::epsg));
    }
    if authority.eq_ignore_ascii_case("OGC") {
        if code.eq_ignore_ascii_case("CRS84") {
            return Some(Ok(Crs(Id::Crs84)));
        }
        if code.eq_ignore_ascii_case("CRS84h") {
            return Some(Ok(Crs(Id::Crs84h)));
        }
    }
    Some(unknown())
}
