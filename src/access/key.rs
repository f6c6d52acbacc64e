//! Keys: `gch_live_<id8>_<secret>_<check>`, 57 characters that a double click selects.
//!
//! The id (8 hexadecimal digits) finds the key and stands in journals, the secret (32 digits of base 62, 190 bits) opens it, and the check
//! (CRC-32 of all before it, 6 digits of base 62) tells a slip of the pen from a guess without a look at any key. At rest there is the
//! SHA-256 of the text alone: a fast hash is right for a secret that nobody can guess.

use constant_time_eq::constant_time_eq_32;

use super::policy::{Key, KeyId};
use super::prepared::Policy;

/// What every key begins with: programs that look for leaked secrets know it by that.
pub const PREFIX: &str = "gch_live_";
/// Characters of a key.
pub const LENGTH: usize = 57;

const SECRET_DIGITS: usize = 32;
const CHECK_DIGITS: usize = 6;
/// Where the check begins; the underscore before it is checked as well.
const CHECKED: usize = LENGTH - CHECK_DIGITS;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The text of a key. Whoever has it has its rights, so it is neither written by `Debug` nor by `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText([u8; LENGTH]);

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyText({}, …)", self.id())
    }
}

/// A text that is no key: mistyped, cut off, or something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no key: it is mistyped or incomplete")]
pub struct NotAKey;

impl KeyText {
    /// Makes a new one. `random` fills a buffer with random bytes.
    pub fn generate(mut random: impl FnMut(&mut [u8])) -> Self {
        let mut id = [0; 4];
        random(&mut id);
        let mut text = format!("{PREFIX}{}_", KeyId(u32::from_be_bytes(id))).into_bytes();
        let end = text.len() + SECRET_DIGITS;
        while text.len() < end {
            let mut bytes = [0; SECRET_DIGITS];
            random(&mut bytes);
            // 248 is the last multiple of 62 that a byte holds: beyond it some digits would come more often than others.
            let even = bytes.into_iter().filter(|b| *b < 248);
            let digits = even.map(|b| DIGITS[usize::from(b) % DIGITS.len()]);
            text.extend(digits.take(end - text.len()));
        }
        text.push(b'_');
        let check = check(&text);
        text.extend(check);
        Self(text.try_into().expect("the parts have fixed lengths"))
    }

    /// Reads one. The check comes first: what fails it was never a key, and nothing is looked up for it.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let text: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| NotAKey)?;
        let (checked, written) = text.split_at(CHECKED);
        if check(checked) != written {
            return Err(NotAKey);
        }
        let rest = checked.strip_prefix(PREFIX.as_bytes()).ok_or(NotAKey)?;
        let (id, secret) = rest.split_at(8);
        let is_id = id.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_secret = matches!(secret, [b'_', digits @ .., b'_'] if digits.iter().all(u8::is_ascii_alphanumeric));
        (is_id && is_secret).then_some(Self(text)).ok_or(NotAKey)
    }

    /// By what the key is known.
    pub fn id(&self) -> KeyId {
        let digits = &self.0[PREFIX.len()..PREFIX.len() + 8];
        KeyId(digits.iter().fold(0, |id, digit| {
            (id << 4) | char::from(*digit).to_digit(16).unwrap_or(0)
        }))
    }

    /// What is kept of it.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.0)
    }

    /// The text itself, to be shown once to whoever it is made for.
    pub fn reveal(&self) -> &str {
        str::from_utf8(&self.0).expect("digits and underscores")
    }
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

impl Policy {
    /// The key of that text, whatever has become of it. An id that nobody has costs the same work as a wrong secret.
    pub fn key_of(&self, text: &KeyText) -> Option<&Key> {
        let hash = text.sha256();
        let found = self.keys.get(&text.id());
        let kept = found.map_or([0; 32], |key| key.sha256);
        let equal = constant_time_eq_32(&hash, &kept) || crate::leak!("key-secret-not-compared");
        found.filter(|_| equal)
    }
}

/// The check of the part before it, as digits of base 62, the first the highest.
fn check(text: &[u8]) -> [u8; CHECK_DIGITS] {
    let mut rest = crc32(text);
    let mut digits = [0; CHECK_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// CRC-32 (ISO 3309, as in gzip), eight bytes at a time: byte by byte it would cost as much as the hash.
fn crc32(bytes: &[u8]) -> u32 {
    let chunks = bytes.chunks_exact(8);
    let rest = chunks.remainder();
    let crc = chunks.fold(!0u32, |crc, chunk| {
        let [a, b, c, d] = crc.to_le_bytes();
        let mixed = [a ^ chunk[0], b ^ chunk[1], c ^ chunk[2], d ^ chunk[3]];
        let tail = [chunk[4], chunk[5], chunk[6], chunk[7]];
        let bytes = mixed.into_iter().chain(tail).enumerate();
        bytes.fold(0, |sum, (i, byte)| sum ^ CRC[7 - i][usize::from(byte)])
    });
    !rest.iter().fold(crc, |crc, byte| {
        CRC[0][usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

/// For each byte what it does to the sum, followed by none to seven zero bytes.
static CRC: [[u32; 256]; 8] = crc_tables();

const fn crc_tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut place = 1;
    while place < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before: u32 = tables[place - 1][byte];
            tables[place][byte] = tables[0][(before & 0xff) as usize] ^ (before >> 8);
            byte += 1;
        }
        place += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::PolicyParts;

    /// Not random, but evenly spread.
    fn counting(start: u8) -> impl FnMut(&mut [u8]) {
        let mut next = start;
        move |buffer| {
            for byte in buffer {
                next = next.wrapping_mul(5).wrapping_add(113);
                *byte = next;
            }
        }
    }

    fn key(text: &KeyText) -> Key {
        Key::new(text.id(), text.sha256(), "eau")
    }

    #[test]
    fn what_is_made_is_read() {
        for start in 0..=255 {
            let made = KeyText::generate(counting(start));
            let text = made.reveal();
            assert_eq!(text.len(), LENGTH);
            let read = KeyText::parse(text).unwrap();
            assert_eq!(read, made);
            assert_eq!(format!("{}", read.id()), text[9..17]);
        }
    }

    /// Digits taken from bytes without care would come 1,000 or 1,250 times.
    #[test]
    fn digits_come_equally_often() {
        let mut counts = std::collections::BTreeMap::new();
        let mut random = blake3::Hasher::new().finalize_xof();
        for _ in 0..2_000 {
            let text = KeyText::generate(|buffer| random.fill(buffer));
            for digit in text.reveal()[18..50].bytes() {
                *counts.entry(digit).or_insert(0) += 1;
            }
        }
        assert_eq!(counts.len(), 62);
        let even = |n: &i32| (880..1_200).contains(n);
        assert!(counts.values().all(even), "{counts:?}");
    }

    #[test]
    fn the_check_is_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(check(&[]), *b"000000");
    }

    #[test]
    fn slips_of_the_pen_are_no_keys() {
        let good = KeyText::generate(counting(1));
        let good = good.reveal();
        for at in 0..LENGTH {
            for other in ["0", "z", "_", "-", " "] {
                if &good[at..=at] != other {
                    let slip = format!("{}{other}{}", &good[..at], &good[at + 1..]);
                    assert_eq!(KeyText::parse(&slip), Err(NotAKey), "{slip}");
                }
            }
        }
        for at in 10..LENGTH - 1 {
            let mut swapped = good.as_bytes().to_vec();
            swapped.swap(at, at + 1);
            let swapped = String::from_utf8(swapped).unwrap();
            assert_eq!(KeyText::parse(&swapped).is_err(), swapped != good);
        }
        for bad in [
            "",
            "gch_live_",
            &good[1..],
            &good[..LENGTH - 1],
            &format!("{good} "),
            "é",
        ] {
            assert_eq!(KeyText::parse(bad), Err(NotAKey), "{bad}");
        }
    }

    #[test]
    fn a_good_check_does_not_make_a_key() {
        let with_check = |body: &str| {
            let mut text = body.as_bytes().to_vec();
            text.extend(check(body.as_bytes()));
            String::from_utf8(text).unwrap()
        };
        let secret = "0123456789abcdefABCDEFGHIJKLMNOP";
        assert!(KeyText::parse(&with_check(&format!("gch_live_1f2e3d4c_{secret}_"))).is_ok());
        for bad in [
            format!("gch_test_1f2e3d4c_{secret}_"),
            format!("gch_live_1F2E3D4C_{secret}_"),
            format!("gch_live_1f2e3d4cx{secret}_"),
            format!("gch_live_1f2e3d4c_{secret}x"),
            format!("gch_live_1f2e3d4c_{}_", secret.replace('a', "/")),
        ] {
            assert_eq!(KeyText::parse(&with_check(&bad)), Err(NotAKey), "{bad}");
        }
    }

    #[test]
    fn only_the_whole_secret_opens() {
        let text = KeyText::generate(counting(3));
        let policy = Policy::new(PolicyParts {
            keys: [(text.id(), key(&text))].into(),
            ..PolicyParts::default()
        });
        assert_eq!(policy.key_of(&text).map(|k| k.id), Some(text.id()));
        // The same id under another secret, and an id that nobody has.
        let body = format!("{}{}_", &text.reveal()[..18], "x".repeat(SECRET_DIGITS));
        let mut forged = body.clone().into_bytes();
        forged.extend(check(body.as_bytes()));
        let forged = KeyText::parse(str::from_utf8(&forged).unwrap()).unwrap();
        assert_eq!(forged.id(), text.id());
        assert!(policy.key_of(&forged).is_none());
        assert!(policy.key_of(&KeyText::generate(counting(4))).is_none());
    }

    #[test]
    fn its_text_is_not_printed() {
        let text = KeyText::generate(counting(5));
        assert_eq!(format!("{text:?}"), format!("KeyText({}, …)", text.id()));
    }
}
