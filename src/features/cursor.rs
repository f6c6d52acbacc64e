//! Cursors: where the next page starts, in the hands of the client.
//!
//! A cursor is `base64url(version, sort key, id, MAC)` of the last row that the client has seen. The MAC also covers the collection, the
//! view and the query, which are not written down: a cursor is refused if any of them differs. Nothing in it depends on how many rows
//! there are, so it goes on in the data of the day: a reload between two pages loses and repeats no row that stayed in its place.

use super::page::OwnedPosition;
use crate::catalog::SortKey;
use crate::model::FeatureId;
use crate::model::base64::{base64url, unbase64url};

/// The key of the MAC: 32 random bytes that outlive a restart.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Takes the bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Secret {
    /// A keyed hash of what only this server can name again: entity tags.
    pub fn tag(&self, bytes: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"tag");
        hasher.update(bytes);
        *hasher.finalize().as_bytes()
    }
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// At the first row.
    First,
    /// After that many matching rows.
    Offset(u64),
    /// After the row of a cursor, still as the client sent it; [`Secret::open`] reads it.
    Cursor(String),
}

const VERSION: u8 = 1;
const MAC_LEN: usize = 16;
const ID_INTEGER: u8 = 0;
const ID_TEXT: u8 = 1;
/// No id is longer than this many bytes in a cursor's text form; a longer text is refused before it is decoded.
const MAX_TEXT: usize = 8192;

impl Secret {
    /// Writes the cursor that goes on after a row. `context` names collection, view and query.
    pub(super) fn seal(&self, position: &OwnedPosition, context: &[u8]) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&position.key.to_u64().to_be_bytes());
        match &position.id {
            FeatureId::Int(i) => {
                bytes.push(ID_INTEGER);
                bytes.extend_from_slice(&i.to_be_bytes());
            }
            FeatureId::Text(text) => {
                bytes.push(ID_TEXT);
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        let mac = self.mac(&bytes, context);
        bytes.extend_from_slice(&mac);
        base64url(&bytes)
    }

    /// Reads a cursor; `None` if this server did not write it, or for something else.
    pub(super) fn open(&self, text: &str, context: &[u8]) -> Option<OwnedPosition> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let bytes = unbase64url(text)?;
        let (body, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LEN)?)?;
        // blake3 compares hashes in constant time; the 16 bytes are padded to that type.
        let padded = |half: &[u8]| {
            let mut whole = [0; 32];
            whole[..MAC_LEN].copy_from_slice(half);
            blake3::Hash::from_bytes(whole)
        };
        if padded(&self.mac(body, context)) != padded(mac) {
            return None;
        }
        let [VERSION, rest @ ..] = body else {
            return None;
        };
        let (key, rest) = rest.split_first_chunk::<8>()?;
        let id = match rest {
            [ID_INTEGER, digits @ ..] => {
                FeatureId::Int(i64::from_be_bytes(digits.try_into().ok()?))
            }
            [ID_TEXT, text @ ..] => FeatureId::Text(str::from_utf8(text).ok()?.to_owned()),
            _ => return None,
        };
        Some(OwnedPosition {
            key: SortKey::from_u64(u64::from_be_bytes(*key)),
            id,
        })
    }

    fn mac(&self, body: &[u8], context: &[u8]) -> [u8; MAC_LEN] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"cursor");
        hasher.update(&(context.len() as u64).to_be_bytes());
        hasher.update(context);
        hasher.update(body);
        let mut mac = [0; MAC_LEN];
        mac.copy_from_slice(&hasher.finalize().as_bytes()[..MAC_LEN]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(id: FeatureId) -> OwnedPosition {
        OwnedPosition {
            key: SortKey::from_u64(0x0123_4567_89ab_cdef),
            id,
        }
    }

    #[test]
    fn what_is_sealed_is_opened() {
        let secret = Secret::new([7; 32]);
        for id in [
            FeatureId::Int(i64::MIN),
            FeatureId::Int(5),
            FeatureId::Text(String::new()),
            FeatureId::Text("13055 – «é»".to_owned()),
        ] {
            let p = position(id);
            let text = secret.seal(&p, b"context");
            assert!(
                text.bytes()
                    .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'),
                "{text}"
            );
            assert_eq!(secret.open(&text, b"context"), Some(p));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let secret = Secret::new([7; 32]);
        let text = secret.seal(&position(FeatureId::Int(5)), b"context");
        assert_eq!(secret.open(&text, b"another"), None);
        assert_eq!(Secret::new([8; 32]).open(&text, b"context"), None);
        for i in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(secret.open(&changed, b"context"), None, "{changed}");
            assert_eq!(secret.open(&text[..i], b"context"), None);
        }
        assert_eq!(secret.open(&(text.clone() + "A"), b"context"), None);
        for bad in ["", "A", "é", "====", "!!!!", &"A".repeat(MAX_TEXT + 1)] {
            assert_eq!(secret.open(bad, b"context"), None, "{bad}");
        }
    }

    #[test]
    fn base64url_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
            assert_eq!(unbase64url(text).expect(text), bytes.as_bytes());
        }
    }
}
