//! One bit for each row of a part, 64 rows a word.

use crate::layer::{Part, bits};

/// Bits of the rows of a part's segment.
pub(super) type Bits = Vec<u64>;

/// No row.
pub(super) fn none(part: &Part) -> Bits {
    vec![0; part.segment.rows().div_ceil(64)]
}

/// The rows that are there.
pub(super) fn all(part: &Part) -> Bits {
    let mut all = none(part);
    for place in 0..part.blocks() {
        let (block, mask) = part.block(place);
        all[block] = mask;
    }
    all
}

/// Adds the rows of `others`.
pub(super) fn add(to: &mut [u64], others: &[u64]) {
    for (word, other) in to.iter_mut().zip(others) {
        *word |= other;
    }
}

/// Takes out the rows of `others`.
pub(super) fn remove(from: &mut [u64], others: &[u64]) {
    for (word, other) in from.iter_mut().zip(others) {
        *word &= !other;
    }
}

/// Keeps what is in both.
pub(super) fn keep(of: &mut [u64], others: &[u64]) {
    for (word, other) in of.iter_mut().zip(others) {
        *word &= other;
    }
}

/// The rows of `a` without those of `b`.
pub(super) fn without(a: &[u64], b: &[u64]) -> Bits {
    a.iter().zip(b).map(|(a, b)| a & !b).collect()
}

/// True if all rows of `a` are in `b`.
pub(super) fn within(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & !b == 0)
}

pub(super) fn is_empty(of: &[u64]) -> bool {
    of.iter().all(|word| *word == 0)
}

pub(super) fn count(of: &[u64]) -> usize {
    of.iter().map(|word| word.count_ones() as usize).sum()
}

pub(super) fn has(of: &[u64], row: usize) -> bool {
    of[row / 64] & (1 << (row % 64)) != 0
}

pub(super) fn set(of: &mut [u64], row: usize) {
    of[row / 64] |= 1 << (row % 64);
}

/// The rows, ascending.
pub(super) fn rows(of: &[u64]) -> impl Iterator<Item = usize> + '_ {
    of.iter()
        .enumerate()
        .flat_map(|(block, word)| bits(block, *word))
}
