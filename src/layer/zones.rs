//! Zone maps: the least and greatest value of each block of a column, so that a filter can pass over blocks, or take them whole.
//!
//! Rows are in Hilbert order: what belongs to a place (codes of communes, identifiers that begin with one, dates of a survey) is
//! alike among neighbours, and most blocks are settled without reading a value.

use bytemuck::Pod;

use super::blocks::BLOCK_ROWS;
use super::column::{Ints, Values};
use super::section::{Section, SectionVisitor};
use super::text::{Codes, Texts};
use crate::filter::{Zones, head};

/// `min, max, min, max, …`, a pair a block. Columns of one byte a row have none: a block of them is one cache line, as cheap to read as
/// a pair.
#[derive(Debug, Clone, Default)]
pub(super) enum ZoneMap {
    #[default]
    None,
    Int(Section<i64>),
    Float(Section<f64>),
    Code(Section<u32>),
    /// Of the first eight bytes of texts, most significant first, filled up with zeros.
    Prefix(Section<u64>),
}

impl ZoneMap {
    /// The zones of a column; rows without a value do not count.
    pub(super) fn build(values: &Values, valid: &[u64], rows: usize) -> Self {
        let zones = Builder { valid, rows };
        match values {
            Values::Int(Ints::W2(v)) => Self::Int(zones.ints(|r| v[r].into())),
            Values::Int(Ints::W4(v)) | Values::Date(v) => Self::Int(zones.ints(|r| v[r].into())),
            Values::Int(Ints::W8(v)) => Self::Int(zones.ints(|r| v[r])),
            Values::DateTime { instant_us, .. } => Self::Int(zones.ints(|r| instant_us[r])),
            Values::Float(v) => Self::Float(zones.floats(v)),
            Values::Text(Texts::Dictionary { codes, .. }) => match codes {
                Codes::W1(_) => Self::None,
                Codes::W2(v) => Self::Code(zones.pairs(|r| u32::from(v[r]))),
                Codes::W4(v) => Self::Code(zones.pairs(|r| v[r])),
            },
            Values::Text(Texts::Plain(arena)) => {
                Self::Prefix(zones.pairs(|r| head(arena.get(r).as_bytes(), 0)))
            }
            Values::Int(Ints::W1(_)) | Values::Bool(_) | Values::Json(_) => Self::None,
        }
    }

    /// An empty map for values of that shape, to be filled by [`ZoneMap::visit`].
    pub(super) fn of_values(values: &Values) -> Self {
        Self::build(values, &[], 0)
    }

    pub(super) fn visit<V: SectionVisitor>(
        &mut self,
        name: &str,
        v: &mut V,
    ) -> Result<(), V::Error> {
        let name = format!("{name}.zones");
        match self {
            Self::None => Ok(()),
            Self::Int(s) => v.section(&name, s),
            Self::Float(s) => v.section(&name, s),
            Self::Code(s) => v.section(&name, s),
            Self::Prefix(s) => v.section(&name, s),
        }
    }

    pub(super) fn is_sound(&self, rows: usize) -> bool {
        let length = match self {
            Self::None => return true,
            Self::Int(s) => s.len(),
            Self::Float(s) => s.len(),
            Self::Code(s) => s.len(),
            Self::Prefix(s) => s.len(),
        };
        length == 2 * rows.div_ceil(BLOCK_ROWS)
    }

    /// As filters see it.
    pub(super) fn as_zones(&self) -> Zones<'_> {
        fn pairs<T: Pod>(section: &Section<T>) -> &[[T; 2]] {
            section.as_chunks().0
        }
        match self {
            Self::None => Zones::None,
            Self::Int(s) => Zones::Int(pairs(s)),
            Self::Float(s) => Zones::Float(pairs(s)),
            Self::Code(s) => Zones::Code(pairs(s)),
            Self::Prefix(s) => Zones::Prefix(pairs(s)),
        }
    }
}

struct Builder<'a> {
    /// One bit a row; empty if all are set.
    valid: &'a [u64],
    rows: usize,
}

impl Builder<'_> {
    /// Rows with a value, block by block.
    fn blocks(&self) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        (0..self.rows.div_ceil(BLOCK_ROWS)).map(|block| {
            let start = block * BLOCK_ROWS;
            let word = self.valid.get(block).copied().unwrap_or(u64::MAX);
            (start..(start + BLOCK_ROWS).min(self.rows))
                .filter(move |row| word & (1 << (row % BLOCK_ROWS)) != 0)
        })
    }

    fn pairs<T: Pod + Ord>(&self, value: impl Fn(usize) -> T) -> Section<T> {
        let mut pairs = Vec::with_capacity(2 * self.rows.div_ceil(BLOCK_ROWS));
        for rows in self.blocks() {
            let around = rows.map(&value).fold(None, |around, v| match around {
                None => Some((v, v)),
                Some((low, high)) => Some((v.min(low), v.max(high))),
            });
            let (low, high) = around.unwrap_or_else(|| (T::zeroed(), T::zeroed()));
            pairs.extend([low, high]);
        }
        pairs.into()
    }

    fn ints(&self, value: impl Fn(usize) -> i64) -> Section<i64> {
        self.pairs(value)
    }

    /// A block with a value that is infinite or no number has infinite zones, from which nothing follows.
    fn floats(&self, values: &[f64]) -> Section<f64> {
        let mut pairs = Vec::with_capacity(2 * self.rows.div_ceil(BLOCK_ROWS));
        for rows in self.blocks() {
            let mut around = [f64::INFINITY, f64::NEG_INFINITY];
            for value in rows.map(|r| values[r]) {
                if !value.is_finite() {
                    around = [f64::NEG_INFINITY, f64::INFINITY];
                    break;
                }
                around = [around[0].min(value), around[1].max(value)];
            }
            pairs.extend(around);
        }
        pairs.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_around_the_values_that_there_are() {
        let values = Values::Int(Ints::W4((0..130).collect::<Vec<i32>>().into()));
        let mut valid = [u64::MAX; 3];
        valid[0] &= !1;
        valid[2] = 0;
        let zones = ZoneMap::build(&values, &valid, 130);
        assert!(zones.is_sound(130));
        let Zones::Int(pairs) = zones.as_zones() else {
            panic!("zones of integers");
        };
        assert_eq!(pairs, [[1, 63], [64, 127], [0, 0]]);
    }

    #[test]
    fn nothing_follows_from_blocks_with_values_that_are_no_numbers() {
        let values = Values::Float(vec![1.0, f64::NAN, 3.0].into());
        let zones = ZoneMap::build(&values, &[], 3);
        let Zones::Float(pairs) = zones.as_zones() else {
            panic!("zones of doubles");
        };
        assert!(pairs[0].iter().all(|v| v.is_infinite()));
    }

    #[test]
    fn heads_are_ordered_like_texts() {
        let mut texts = ["", "a", "aa", "ab", "abcdefgh", "abcdefghi", "é", "\u{0}"];
        texts.sort_unstable();
        assert!(texts.is_sorted_by_key(|t| head(t.as_bytes(), 0)));
    }
}
