//! Query strings: `name=value&…` to pairs and back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::problem::Problem;

/// Decoded `(name, value)` pairs in the order of the request.
pub type Pairs = Vec<(String, String)>;

/// What a query may hold as it is; clients read `bbox=1,2,3,4` and URIs of systems more easily so.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b':')
    .remove(b'/');

/// Reads a query string; `+` is a blank, as HTML forms send it.
pub fn parse(query: Option<&str>) -> Result<Pairs, Problem> {
    let parts = query
        .unwrap_or("")
        .split('&')
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String, Problem> {
    if !is_well_encoded(text) {
        return Err(Problem::MalformedUrl);
    }
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Problem::MalformedUrl)
}

/// True if each `%` is followed by two hexadecimal digits (RFC 3986 §2.1) and the whole decodes to UTF-8 without control characters.
pub fn is_well_encoded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let escapes = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'%')
        .all(|(i, _)| {
            let digits = bytes.get(i + 1..i + 3);
            digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
        });
    let decoded = percent_decode_str(text).decode_utf8();
    escapes
        && decoded.is_ok_and(|t| {
            !t.chars()
                .any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        })
}

/// Writes a query string with its `?`; nothing for no pairs.
pub fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.extend(utf8_percent_encode(name, VALUE));
        text.push('=');
        text.extend(utf8_percent_encode(value, VALUE));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Pairs {
        parse(Some(query)).expect(query)
    }

    #[test]
    fn what_is_written_is_read() {
        let p = [
            ("nom", "L'Olleria & fils = 1+1 %"),
            ("é", "«»"),
            ("", ""),
            ("bbox", "1,-2,3,4"),
        ];
        let text = write(p);
        assert!(text.ends_with("&bbox=1,-2,3,4"), "{text}");
        let read = pairs(&text[1..]);
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(read, p);
    }

    #[test]
    fn the_spellings_of_clients() {
        assert_eq!(
            pairs("a=1&&b&c=x=y&"),
            [("a", "1"), ("b", ""), ("c", "x=y")].map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
        assert_eq!(pairs("q=a+b%2Bc"), [("q".to_owned(), "a b+c".to_owned())]);
        assert!(parse(None).expect("nothing").is_empty());
    }

    #[test]
    fn broken_escapes_are_refused() {
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff", "%C3=1", "a=%00", "a=%1b"] {
            assert!(parse(Some(bad)).is_err(), "{bad}");
        }
    }
}
