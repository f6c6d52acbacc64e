//! Looking for what stands between two `%`.

use memchr::memmem::Finder;

use super::{Piece, continues, skip_forward};

/// A run of characters to be found, with the characters that must lie before it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Characters, at least, before it.
    skip: usize,
    find: Find,
}

#[derive(Debug, Clone)]
enum Find {
    /// A text without `_`.
    Text(Box<Finder<'static>>),
    /// One with `_` inside.
    Gapped(Gapped),
}

impl Run {
    /// A run that starts and ends with a text.
    pub(super) fn new(skip: usize, pieces: &[Piece]) -> Self {
        let find = match pieces {
            [Piece::Text(text)] => Find::Text(Box::new(Finder::new(text.as_bytes()).into_owned())),
            pieces => Find::Gapped(Gapped::new(pieces)),
        };
        Self { skip, find }
    }

    /// Where the text goes on after the first place where the run is found.
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        let start = skip_forward(text, self.skip)?;
        let text = &text[start..];
        let end = match &self.find {
            Find::Text(finder) => finder.find(text)? + finder.needle().len(),
            Find::Gapped(gapped) => gapped.find(text)?,
        };
        Some(start + end)
    }

    pub(super) fn cost(&self) -> u64 {
        match &self.find {
            Find::Text(_) => 10,
            Find::Gapped(gapped) => 30 * gapped.words as u64,
        }
    }
}

/// Positions of a run as bits: bit `p` of the state is set if the bytes read last match the positions `0..=p`. All positions advance at
/// once, 64 in an operation (Baeza-Yates and Gonnet, "A new approach to text searching", 1992).
#[derive(Debug, Clone)]
struct Gapped {
    /// Words of 64 positions.
    words: usize,
    /// For each byte, `words` words: the positions that it matches. A `_` matches the first byte of a character.
    accepts: Box<[u64]>,
    /// The positions of `_`, which stay while the character continues.
    stays: Box<[u64]>,
    /// The last position, a byte of a text.
    last: usize,
}

impl Gapped {
    fn new(pieces: &[Piece]) -> Self {
        let positions: usize = pieces.iter().map(Piece::least).sum();
        let words = positions.div_ceil(64).max(1);
        let mut accepts = vec![0u64; 256 * words];
        let mut stays = vec![0u64; words];
        let mut at = 0;
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    for byte in text.bytes() {
                        accepts[usize::from(byte) * words + at / 64] |= 1 << (at % 64);
                        at += 1;
                    }
                }
                Piece::Skip(count) => {
                    for _ in 0..*count {
                        for byte in (0..=255u8).filter(|b| !continues(*b)) {
                            accepts[usize::from(byte) * words + at / 64] |= 1 << (at % 64);
                        }
                        stays[at / 64] |= 1 << (at % 64);
                        at += 1;
                    }
                }
            }
        }
        Self {
            words,
            accepts: accepts.into(),
            stays: stays.into(),
            last: at.saturating_sub(1),
        }
    }

    /// One past the last byte of the first place where the run is found.
    fn find(&self, text: &[u8]) -> Option<usize> {
        let (mut one, mut many);
        let state: &mut [u64] = if self.words == 1 {
            one = [0];
            &mut one
        } else {
            many = vec![0; self.words];
            &mut many
        };
        let (word, bit) = (self.last / 64, self.last % 64);
        for (i, byte) in text.iter().enumerate() {
            let accepts = &self.accepts[usize::from(*byte) * self.words..][..self.words];
            let stay = if continues(*byte) { u64::MAX } else { 0 };
            // A match may start at each byte.
            let mut carry = 1;
            for ((state, accepts), stays) in state.iter_mut().zip(accepts).zip(&self.stays) {
                let next = ((*state << 1) | carry) & accepts | *state & stays & stay;
                carry = *state >> 63;
                *state = next;
            }
            if state[word] >> bit & 1 == 1 {
                return Some(i + 1);
            }
        }
        None
    }
}
