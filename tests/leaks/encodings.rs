//! Texts in other clothes: escapes of URLs, JSON and HTML, hexadecimal digits, base64.

use memchr::memmem;

pub fn percent(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes
        .contains(&b'%')
        .then(|| percent_encoding::percent_decode(bytes).collect())
}

/// `\u0041`, as JSON and scripts write it.
pub fn unicode_escapes(bytes: &[u8]) -> Option<Vec<u8>> {
    memmem::find(bytes, b"\\u")?;
    Some(replaced(bytes, b"\\u", |rest| {
        let digits = std::str::from_utf8(rest.get(..4)?).ok()?;
        Some((u32::from_str_radix(digits, 16).ok()?, 4))
    }))
}

/// `&#65;` and `&#x41;`.
pub fn entities(bytes: &[u8]) -> Option<Vec<u8>> {
    memmem::find(bytes, b"&#")?;
    Some(replaced(bytes, b"&#", |rest| {
        let end = rest.iter().take(9).position(|b| *b == b';')?;
        let text = std::str::from_utf8(&rest[..end]).ok()?;
        let code = match text.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => text.parse().ok()?,
        };
        Some((code, end + 1))
    }))
}

/// The bytes with characters where something stands for them: `read` tells which, and how many bytes after the sign belong to it.
pub fn replaced(
    bytes: &[u8],
    sign: &[u8],
    read: impl Fn(&[u8]) -> Option<(u32, usize)>,
) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let stands_for = bytes[at..].strip_prefix(sign).and_then(&read);
        match stands_for.and_then(|(code, used)| Some((char::from_u32(code)?, used))) {
            Some((c, used)) => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at += sign.len() + used;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

pub fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|b| format!("{b:02x}").into_bytes())
        .collect()
}

/// The bytes of so many pairs of digits, as far as they are digits.
pub fn unhex(digits: &[u8], count: usize) -> Vec<u8> {
    let nibble = |d: &u8| char::from(*d).to_digit(16);
    let pairs = digits.chunks_exact(2).take(count);
    pairs
        .map_while(|p| Some((nibble(&p[0])? * 16 + nibble(&p[1])?) as u8))
        .collect()
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub fn six(c: u8) -> Option<u32> {
    let c = match c {
        b'+' => b'-',
        b'/' => b'_',
        c => c,
    };
    BASE64.iter().position(|b| *b == c).map(|i| i as u32)
}

/// The characters of base64 that depend on a text alone, where `shift` bytes of its first group are another's.
pub fn base64_core(text: &[u8], shift: usize) -> Vec<u8> {
    let bits: Vec<bool> = std::iter::repeat_n(0, shift)
        .chain(text.iter().copied())
        .flat_map(|b| (0..8).rev().map(move |i| b >> i & 1 == 1))
        .collect();
    let groups: Vec<_> = bits.chunks_exact(6).collect();
    let first = (shift * 8).div_ceil(6);
    let symbol = |g: &&[bool]| BASE64[g.iter().fold(0, |n, b| n * 2 + usize::from(*b))];
    groups[first..].iter().map(symbol).collect()
}

/// What a run of base64 stands for, whichever of its characters begins a group.
pub fn unbase64(text: &[u8]) -> Vec<u8> {
    let values: Vec<u32> = text.iter().take(48).map_while(|c| six(*c)).collect();
    let mut out = Vec::new();
    for skip in 0..8 {
        let bits: Vec<u32> = values
            .iter()
            .flat_map(|v| (0..6).rev().map(move |i| v >> i & 1))
            .skip(skip)
            .collect();
        out.extend(
            bits.chunks_exact(8)
                .map(|b| b.iter().fold(0, |n, b| n * 2 + b) as u8),
        );
        out.push(b' ');
    }
    out
}

/// Bytes in base64, as headers have it.
pub fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(char::from(BASE64[(group >> (18 - 6 * i) & 63) as usize]));
        }
    }
    text.push_str(["", "==", "="][bytes.len() % 3]);
    text.replace('-', "+").replace('_', "/")
}
