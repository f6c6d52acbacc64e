//! Signatures in URLs (`?sig=`): what a key hands to a web map, whose tiles are asked for without headers.
//!
//! A signature is `base64url(version, key, expiry, MAC)`, 34 characters. The MAC also covers what is not written down: the host, the
//! layers in the order of the URL, and for each what the key sees of its tiles, zooms included. So a signature opens nothing but those
//! tiles, and nothing any more once the key is gone or sees something else. There is no nonce and expiries lie on boundaries of a window
//! (five minutes unless set otherwise): all that is signed within one window has the same URLs, which caches know again.

use constant_time_eq::constant_time_eq_16;

use super::policy::KeyId;
use crate::model::base64::{base64url, unbase64url};

/// Seconds from one boundary to the next, unless set otherwise.
const WINDOW_SECONDS: u32 = 5 * 60;
/// Boundaries from signing to expiry: a signature holds for two to three windows, so two that follow overlap by one at least.
const WINDOWS: i64 = 3;
const SECOND_US: i64 = 1_000_000;
const VERSION: u8 = 1;
const BYTES: usize = 25;
/// Characters of a signature.
pub const LENGTH: usize = 34;

/// The secret of all signatures: 32 bytes that outlive a restart and serve nothing else. With it, how long they hold.
#[derive(Clone)]
pub struct SigningKey {
    bytes: [u8; 32],
    window_seconds: u32,
}

impl SigningKey {
    /// Takes the bytes; windows are of five minutes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self {
            bytes,
            window_seconds: WINDOW_SECONDS,
        }
    }

    /// The same with windows of so many seconds. What was signed before keeps its expiry.
    #[must_use]
    pub fn with_window(self, seconds: u32) -> Self {
        Self {
            window_seconds: seconds.max(1),
            ..self
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// What a key sees of a layer's tiles, as a number: bands of zooms and the view of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileStamp(pub [u8; 16]);

/// What is signed besides the key and the expiry.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// The base of the URLs: a signature for one host opens nothing on another.
    pub host: &'a str,
    /// Collection ids in the order of the URL, and what the key sees of each.
    pub layers: &'a [(&'a str, TileStamp)],
}

/// A signature, believed or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    key: KeyId,
    /// The boundary at which it expires, in seconds since 1970.
    expiry: u32,
    mac: [u8; 16],
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signature({}, …)", self.key)
    }
}

/// Why a signature opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// It was never made, or for something else, or the key sees something else by now.
    #[error("the signature does not belong to this URL, or no longer does")]
    Invalid,
    /// It is genuine and too old.
    #[error("the signature has expired")]
    Expired,
}

impl Signature {
    /// Signs for a caller whose credential was checked.
    pub fn sign(secret: &SigningKey, key: KeyId, reach: Reach<'_>, now_us: i64) -> Self {
        let window = i64::from(secret.window_seconds);
        let expiry = (now_us.div_euclid(window * SECOND_US) + WINDOWS) * window;
        let expiry = expiry as u32;
        let mac = mac(secret, key, expiry, reach);
        Self { key, expiry, mac }
    }

    /// Reads the text of one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let bytes: [u8; BYTES] = unbase64url(text)?.try_into().ok()?;
        let (head, mac) = bytes.split_at(BYTES - 16);
        let [VERSION, a, b, c, d, expiry @ ..] = head else {
            return None;
        };
        Some(Self {
            key: KeyId(u32::from_be_bytes([*a, *b, *c, *d])),
            expiry: u32::from_be_bytes(expiry.try_into().ok()?),
            mac: mac.try_into().ok()?,
        })
    }

    /// Its text.
    pub fn text(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.key.0.to_be_bytes());
        bytes.extend(self.expiry.to_be_bytes());
        bytes.extend(self.mac);
        base64url(&bytes)
    }

    /// The key that signed, if it did.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// First instant at which it no longer holds, in microseconds since 1970.
    pub fn until_us(&self) -> i64 {
        i64::from(self.expiry) * SECOND_US
    }

    /// Whether that key signed this, and it still holds. Only who has a genuine one learns that it has expired.
    pub fn verify(
        &self,
        secret: &SigningKey,
        reach: Reach<'_>,
        now_us: i64,
    ) -> Result<(), SignatureFault> {
        let expected = mac(secret, self.key, self.expiry, reach);
        if !constant_time_eq_16(&expected, &self.mac) && !crate::leak!("signature-mac-not-compared")
        {
            return Err(SignatureFault::Invalid);
        }
        if now_us >= self.until_us() && !crate::leak!("signature-never-expires") {
            return Err(SignatureFault::Expired);
        }
        Ok(())
    }
}

fn mac(secret: &SigningKey, key: KeyId, expiry: u32, reach: Reach<'_>) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(&secret.bytes);
    let mut text = |text: &str| {
        hasher.update(&(text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    text("signature 1");
    text(reach.host);
    for (layer, _) in reach.layers {
        text(layer);
    }
    for (_, stamp) in reach.layers {
        if !crate::leak!("signature-not-tied-to-view") {
            hasher.update(&stamp.0);
        }
    }
    hasher.update(&(reach.layers.len() as u64).to_be_bytes());
    hasher.update(&key.0.to_be_bytes());
    hasher.update(&expiry.to_be_bytes());
    let mut mac = [0; 16];
    mac.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * 1_000_000;
    const NOW: i64 = 1_790_000_000_000_000;
    const KEY: KeyId = KeyId(0x1f2e_3d4c);
    const A: (&str, TileStamp) = ("region.a", TileStamp([1; 16]));
    const B: (&str, TileStamp) = ("region.b", TileStamp([2; 16]));

    fn reach<'a>(layers: &'a [(&'a str, TileStamp)]) -> Reach<'a> {
        Reach {
            host: "https://data.example.org/",
            layers,
        }
    }

    #[test]
    fn holds_for_ten_to_fifteen_minutes_and_repeats_itself() {
        let secret = SigningKey::new([7; 32]);
        let layers = [A, B];
        for second in 0..700 {
            let now = NOW + second * 1_000_000;
            let made = Signature::sign(&secret, KEY, reach(&layers), now);
            let left = made.until_us() - now;
            assert!((10 * MINUTE..=15 * MINUTE).contains(&left), "{left}");
            assert_eq!(made.until_us() % (5 * MINUTE), 0);
            let read = Signature::parse(&made.text()).unwrap();
            assert_eq!(read, made);
            assert_eq!(read.key(), KEY);
            assert_eq!(read.verify(&secret, reach(&layers), now), Ok(()));
            assert_eq!(
                read.verify(&secret, reach(&layers), made.until_us() - 1),
                Ok(())
            );
            assert_eq!(
                read.verify(&secret, reach(&layers), made.until_us()),
                Err(SignatureFault::Expired)
            );
        }
        let again = |now| Signature::sign(&secret, KEY, reach(&layers), now).text();
        let start = NOW.div_euclid(5 * MINUTE) * 5 * MINUTE;
        assert_eq!(again(start), again(start + 5 * MINUTE - 1));
        assert_ne!(again(start), again(start + 5 * MINUTE));
        assert_eq!(again(NOW).len(), LENGTH);
    }

    #[test]
    fn another_window_moves_no_expiry_that_was_signed() {
        let long = SigningKey::new([7; 32]);
        let short = long.clone().with_window(10);
        let made = Signature::sign(&short, KEY, reach(&[A]), NOW);
        let left = made.until_us() - NOW;
        assert!((20 * SECOND_US..=30 * SECOND_US).contains(&left), "{left}");
        for secret in [&short, &long] {
            let at = |now| made.verify(secret, reach(&[A]), now);
            assert_eq!(at(made.until_us() - 1), Ok(()));
            assert_eq!(at(made.until_us()), Err(SignatureFault::Expired));
        }
    }

    #[test]
    fn opens_nothing_but_what_was_signed() {
        let secret = SigningKey::new([7; 32]);
        let layers = [A, B];
        let made = Signature::sign(&secret, KEY, reach(&layers), NOW);
        let other_view = [A, (B.0, TileStamp([3; 16]))];
        let run_together = [("region.aregion.b", A.1), ("", B.1)];
        for layers in [
            &[B, A][..],
            &[A],
            &[A, B, B],
            &[],
            &other_view,
            &run_together,
        ] {
            let verdict = made.verify(&secret, reach(layers), NOW);
            assert_eq!(verdict, Err(SignatureFault::Invalid), "{layers:?}");
        }
        let elsewhere = Reach {
            host: "https://other.example.org/",
            layers: &layers,
        };
        assert!(made.verify(&secret, elsewhere, NOW).is_err());
        let forger = SigningKey::new([8; 32]);
        assert!(made.verify(&forger, reach(&layers), NOW).is_err());
    }

    /// Nobody learns from a forged one that it would have expired.
    #[test]
    fn each_bit_counts() {
        let secret = SigningKey::new([7; 32]);
        let layers = [A];
        let made = Signature::sign(&secret, KEY, reach(&layers), NOW);
        let bytes = unbase64url(&made.text()).unwrap();
        for bit in 0..BYTES * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Some(read) = Signature::parse(&base64url(&changed)) else {
                assert!(bit < 8, "{bit}");
                continue;
            };
            for now in [NOW, NOW + 60 * MINUTE] {
                let verdict = read.verify(&secret, reach(&layers), now);
                assert_eq!(verdict, Err(SignatureFault::Invalid), "{bit}");
            }
        }
    }

    #[test]
    fn other_texts_are_no_signatures() {
        let secret = SigningKey::new([7; 32]);
        let good = Signature::sign(&secret, KEY, reach(&[A]), NOW).text();
        for bad in [
            String::new(),
            good[..LENGTH - 1].to_owned(),
            format!("{good}A"),
            format!("{}!", &good[..LENGTH - 1]),
            format!("{}é", &good[..LENGTH - 2]),
        ] {
            assert_eq!(Signature::parse(&bad), None, "{bad}");
        }
        assert!(!format!("{:?}", Signature::parse(&good)).contains(&good[12..]));
    }
}
