//! Base64 (RFC 4648): the URL-safe alphabet without padding for texts of our own and of tokens, the common one for HTTP's Basic scheme.

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const COMMON: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// In a table of values: no digit.
const NONE: u8 = 0xff;
const URL_SAFE_VALUES: [u8; 256] = values(URL_SAFE);
const COMMON_VALUES: [u8; 256] = values(COMMON);

const fn values(alphabet: &[u8; 64]) -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < 64 {
        values[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    values
}

/// RFC 4648 §5 without padding.
pub fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for i in 0..=chunk.len() {
            let six = (bits >> (18 - 6 * i)) & 63;
            text.push(char::from(URL_SAFE[six as usize]));
        }
    }
    text
}

/// `None` for what [`base64url`] does not write, stray low bits included: one value has one text.
pub fn unbase64url(text: &str) -> Option<Vec<u8>> {
    decode(text.as_bytes(), &URL_SAFE_VALUES)
}

/// RFC 4648 §4, with or without its padding.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    (text.len() - bare.len() <= 2).then(|| decode(bare.as_bytes(), &COMMON_VALUES))?
}

fn decode(text: &[u8], values: &[u8; 256]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut bits = 0;
        for i in 0..4 {
            let six = chunk.get(i).map_or(0, |c| values[usize::from(*c)]);
            if six == NONE {
                return None;
            }
            bits = (bits << 6) | u32::from(six);
        }
        let [_, group @ ..] = bits.to_be_bytes();
        let (kept, lost) = group.split_at(chunk.len() - 1);
        if lost.iter().any(|b| *b != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let bare = text.trim_end_matches('=');
            assert_eq!(base64url(bytes.as_bytes()), bare);
            assert_eq!(unbase64url(bare).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(unbase64(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(unbase64(bare).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!(unbase64("+/8=").as_deref(), Some(&[0xfb, 0xff][..]));
    }

    #[test]
    fn one_value_has_one_text() {
        for bad in ["Z", "Zh", "Zm9", "Zg==", "Zm9v\n", "Zm 9", "+/8", "é"] {
            assert_eq!(unbase64url(bad), None, "{bad}");
        }
        for bad in ["-_8", "Zg===", "=", "Z"] {
            assert_eq!(unbase64(bad).filter(|b| !b.is_empty()), None, "{bad}");
        }
    }
}
