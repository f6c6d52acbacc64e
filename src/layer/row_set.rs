//! Which rows of a segment are shown: blocks of 64 with a bit a row, blocks without any left out.

/// Rows per word.
const WORD: usize = u64::BITS as usize;

/// A set of rows of one segment. Scans go from one block with rows to the next; counting is counting of bits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowSet {
    /// Numbers of the blocks that have rows, ascending.
    blocks: Box<[u32]>,
    /// A bit for each row of those blocks; never 0.
    masks: Box<[u64]>,
    /// Rows of the set before each of those blocks.
    before: Box<[u32]>,
    rows: u32,
}

impl RowSet {
    /// Bytes of a block with rows.
    pub(super) const BLOCK_BYTES: usize = 16;

    /// The rows whose bits are set, from the first block on.
    pub(crate) fn of_words(words: impl IntoIterator<Item = u64>) -> Self {
        let (mut blocks, mut masks, mut before) = (Vec::new(), Vec::new(), Vec::new());
        let mut rows = 0;
        for (block, mask) in words.into_iter().enumerate() {
            if mask != 0 {
                blocks.push(block as u32);
                masks.push(mask);
                before.push(rows);
                rows += mask.count_ones();
            }
        }
        Self {
            blocks: blocks.into(),
            masks: masks.into(),
            before: before.into(),
            rows,
        }
    }

    /// The rows of a segment of `rows` rows for which `keep` holds.
    #[cfg(test)]
    pub(crate) fn of_rows(rows: usize, keep: impl Fn(usize) -> bool) -> Self {
        Self::of_words((0..rows.div_ceil(WORD)).map(|block| {
            let end = rows.min((block + 1) * WORD);
            (block * WORD..end).fold(0, |mask, row| mask | u64::from(keep(row)) << (row % WORD))
        }))
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows as usize
    }

    /// Number of blocks with rows.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The `place`-th block with rows, and its bits.
    pub(crate) fn block(&self, place: usize) -> Option<(usize, u64)> {
        let block = *self.blocks.get(place)?;
        Some((block as usize, self.masks[place]))
    }

    /// The place of the first block with rows that is `block` or after it.
    pub(crate) fn place_of(&self, block: usize) -> usize {
        // Blocks ascend from 0, so the n-th is never before n: in a set without gaps it stands there.
        match self.blocks.get(block) {
            Some(found) if *found as usize == block => block,
            _ => {
                let end = self.blocks.len().min(block);
                self.blocks[..end].partition_point(|b| (*b as usize) < block)
            }
        }
    }

    pub(crate) fn contains(&self, row: usize) -> bool {
        self.block(self.place_of(row / WORD))
            .is_some_and(|(block, mask)| block == row / WORD && mask & (1 << (row % WORD)) != 0)
    }

    /// Number of its rows before `row`.
    pub(crate) fn rank(&self, row: usize) -> usize {
        let place = self.place_of(row / WORD);
        let Some((block, mask)) = self.block(place) else {
            return self.len();
        };
        let within = if block == row / WORD {
            mask & ((1 << (row % WORD)) - 1)
        } else {
            0
        };
        self.before[place] as usize + within.count_ones() as usize
    }

    /// The row of that rank, counted from 0.
    pub(crate) fn nth(&self, rank: usize) -> Option<usize> {
        if rank >= self.len() {
            return None;
        }
        let place = self.before.partition_point(|b| *b as usize <= rank) - 1;
        let mut mask = self.masks[place];
        for _ in 0..rank - self.before[place] as usize {
            mask &= mask - 1;
        }
        Some(self.blocks[place] as usize * WORD + mask.trailing_zeros() as usize)
    }

    /// Its rows, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.blocks
            .iter()
            .zip(&self.masks)
            .flat_map(|(block, mask)| bits(*block as usize, *mask))
    }
}

/// The rows of a block whose bits are set, ascending.
pub(crate) fn bits(block: usize, mask: u64) -> impl Iterator<Item = usize> {
    let mut left = mask;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let row = block * WORD + left.trailing_zeros() as usize;
        left &= left - 1;
        Some(row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_set_of_its_rows(
            rows in prop::collection::btree_set(0usize..2000, 0..300),
            whole in prop::collection::btree_set(0usize..30, 0..30),
            probe in 0usize..2200,
        ) {
            let mut rows = rows;
            rows.extend(whole.iter().flat_map(|b| b * 64..(b + 1) * 64));
            let set = RowSet::of_rows(2100, |r| rows.contains(&r));
            prop_assert_eq!(set.len(), rows.len());
            prop_assert!(set.iter().eq(rows.iter().copied()));
            prop_assert_eq!(set.contains(probe), rows.contains(&probe));
            prop_assert_eq!(set.rank(probe), rows.range(..probe).count());
            prop_assert_eq!(set.nth(probe), rows.iter().nth(probe).copied());
            for (rank, row) in rows.iter().enumerate() {
                prop_assert_eq!((set.rank(*row), set.nth(rank)), (rank, Some(*row)));
            }
            let place = set.place_of(probe / 64);
            let block = rows.iter().map(|r| r / 64).find(|b| *b >= probe / 64);
            prop_assert_eq!(set.block(place).map(|b| b.0), block);
        }
    }
}
