//! Headers that list what a client accepts, with weights (RFC 9110 §12.4.2).

use axum::http::{HeaderMap, HeaderName};

/// One member of such a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighted {
    /// What is accepted, in lower case.
    pub name: String,
    /// Parameters other than `q`, in lower case, as `name=value`.
    pub parameters: Vec<String>,
    /// The weight in thousandths.
    pub q: u16,
}

/// Members looked at; browsers send fewer than ten.
const MAX_MEMBERS: usize = 64;

/// Reads all lines of a header. Members that cannot be read are passed over; `None` if nothing is left, as if the header were missing.
pub fn parse(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<Weighted>> {
    let lines = headers.get_all(name).iter().filter_map(|v| v.to_str().ok());
    let members: Vec<_> = lines
        .flat_map(|l| l.split(','))
        .take(MAX_MEMBERS)
        .filter_map(member)
        .collect();
    (!members.is_empty()).then_some(members)
}

fn member(text: &str) -> Option<Weighted> {
    let mut parts = text.split(';').map(|p| p.trim().to_ascii_lowercase());
    let name = parts.next().filter(|n| !n.is_empty())?;
    let mut q = 1000;
    let mut parameters = Vec::new();
    for part in parts.filter(|p| !p.is_empty()) {
        match part.split_once('=') {
            Some((k, v)) if k.trim_end() == "q" => q = weight(v.trim())?,
            _ => parameters.push(part),
        }
    }
    Some(Weighted {
        name,
        parameters,
        q,
    })
}

/// `0` to `1` with up to three decimals.
fn weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", t) => Some(t),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::ACCEPT;

    #[test]
    fn members_and_weights() {
        let mut headers = HeaderMap::new();
        headers.append(
            ACCEPT,
            "text/html;level=1 ; q=0.5, */*".parse().expect("a header"),
        );
        headers.append(
            ACCEPT,
            "a/b;q=2, c/d;q=0.1234, ,e/f;q=0".parse().expect("a header"),
        );
        let members = parse(&headers, &ACCEPT).expect("members");
        let read: Vec<_> = members
            .iter()
            .map(|m| (m.name.as_str(), m.parameters.len(), m.q))
            .collect();
        assert_eq!(
            read,
            [("text/html", 1, 500), ("*/*", 0, 1000), ("e/f", 0, 0)]
        );
        assert_eq!(parse(&HeaderMap::new(), &ACCEPT), None);
    }
}
