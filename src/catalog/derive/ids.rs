//! Ids that a view gives to its rows: made of what a row shows, so that they tell nothing else.

use hashbrown::HashSet;
use rayon::prelude::*;

use crate::access::ViewId;

/// Bits of an id: JavaScript and MVT hold integers up to here exactly.
const BITS: u32 = 53;

/// The key of the ids of a view.
pub(super) fn key_of(secret: &[u8; 32], view: ViewId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(b"guichet 2026 ids of a view");
    hasher.update(&view.0.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// Ids for rows that show those contents, in their order. Rows that are alike are told apart by an ordinal; which of them has which
/// cannot be seen.
pub(super) fn of_contents(key: &[u8; 32], contents: &[u128]) -> Vec<i64> {
    let mut order: Vec<(u128, u32)> = contents
        .iter()
        .enumerate()
        .map(|(i, c)| (*c, i as u32))
        .collect();
    order.par_sort_unstable();
    let mut ordinal = 0;
    let mut before = None;
    let ordinals: Vec<u32> = order
        .iter()
        .map(|(content, _)| {
            ordinal = if before == Some(*content) {
                ordinal + 1
            } else {
                0
            };
            before = Some(*content);
            ordinal
        })
        .collect();
    let mut ids: Vec<i64> = order
        .par_iter()
        .zip(&ordinals)
        .map(|((content, _), ordinal)| id_of(key, *content, *ordinal, 0))
        .collect();
    settle(&mut ids, |place, attempt| {
        id_of(key, order[place].0, ordinals[place], attempt)
    });
    let mut by_row = vec![0; contents.len()];
    for ((_, row), id) in order.iter().zip(ids) {
        by_row[*row as usize] = id;
    }
    by_row
}

fn id_of(key: &[u8; 32], content: u128, ordinal: u32, attempt: u32) -> i64 {
    let mut text = [0; 24];
    text[..16].copy_from_slice(&content.to_le_bytes());
    text[16..20].copy_from_slice(&ordinal.to_le_bytes());
    text[20..].copy_from_slice(&attempt.to_le_bytes());
    of_bytes(key, &text)
}

/// A number of 53 bits that stands for those bytes.
pub(super) fn of_bytes(key: &[u8; 32], bytes: &[u8]) -> i64 {
    let hash = blake3::keyed_hash(key, bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    (u64::from_le_bytes(first) >> (u64::BITS - BITS)) as i64
}

/// Gives others to those that have the id of one before them: of a million ids two are alike once in 18,000 views. The outcome follows
/// from the ids and their order alone.
fn settle(ids: &mut [i64], again: impl Fn(usize, u32) -> i64) {
    let mut sorted: Vec<(i64, u32)> = ids
        .iter()
        .enumerate()
        .map(|(place, id)| (*id, place as u32))
        .collect();
    sorted.par_sort_unstable();
    let mut late: Vec<u32> = sorted
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0)
        .map(|pair| pair[1].1)
        .collect();
    if late.is_empty() {
        return;
    }
    late.sort_unstable();
    let mut taken: HashSet<i64> = ids.iter().copied().collect();
    for place in late {
        let mut attempt = 1;
        let id = loop {
            let id = again(place as usize, attempt);
            if taken.insert(id) {
                break id;
            }
            attempt += 1;
        };
        ids[place as usize] = id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_contents_whatever_their_order() {
        let key = key_of(&[7; 32], ViewId(3));
        let contents = [5u128, 9, 5, 1 << 100, 5, 9];
        let ids = of_contents(&key, &contents);
        let distinct: HashSet<i64> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len());
        assert!(ids.iter().all(|id| (0..1 << BITS).contains(id)));
        let mut turned = contents;
        turned.reverse();
        let again: HashSet<i64> = of_contents(&key, &turned).into_iter().collect();
        assert_eq!(distinct, again);
        let of_five = |ids: &[i64], contents: &[u128]| {
            let all = ids.iter().zip(contents).filter(|(_, c)| **c == 5);
            all.map(|(id, _)| *id).collect::<HashSet<i64>>()
        };
        assert_eq!(
            of_five(&ids, &contents),
            of_five(&of_contents(&key, &turned), &turned)
        );
        assert_ne!(ids, of_contents(&key_of(&[7; 32], ViewId(4)), &contents));
        assert_ne!(ids, of_contents(&key_of(&[8; 32], ViewId(3)), &contents));
    }

    #[test]
    fn what_collides_is_settled_in_order() {
        let mut ids = vec![4, 4, 7, 4, 7];
        // Second attempts give 7 again, third ones are free.
        settle(
            &mut ids,
            |place, attempt| {
                if attempt == 1 { 7 } else { 100 + place as i64 }
            },
        );
        assert_eq!(ids, [4, 101, 7, 103, 104]);
    }
}
