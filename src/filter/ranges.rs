//! One column against a range of values, 64 rows at a time: zones first, values where they leave it open.

use super::kernel::{FloatRange, IntRange, Number, Side};
use super::table::{Codes, Column, Texts, Values, Zones, head};
use super::value::Value;

/// What is known of the rows of a block: bits of neither are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tri {
    pub(super) yes: u64,
    pub(super) no: u64,
}

/// Texts from `low` to `high`, or with a prefix.
#[derive(Debug, Clone, Copy)]
pub(super) enum TextRange<'a> {
    Between {
        low: &'a [u8],
        high: Option<&'a [u8]>,
        low_included: bool,
        high_included: bool,
    },
    Prefix(&'a [u8]),
}

impl Tri {
    const ALL: Self = Self {
        yes: u64::MAX,
        no: 0,
    };
    const NONE: Self = Self {
        yes: 0,
        no: u64::MAX,
    };

    pub(super) fn known(known: Option<bool>, wanted: u64) -> Self {
        match known {
            Some(true) => Self { yes: wanted, no: 0 },
            Some(false) => Self { yes: 0, no: wanted },
            None => Self::default(),
        }
    }

    fn set(&mut self, bit: u64, known: Option<bool>) {
        match known {
            Some(true) => self.yes |= bit,
            Some(false) => self.no |= bit,
            None => {}
        }
    }

    /// Of the wanted rows, or the other way round.
    pub(super) fn within(self, wanted: u64, outside: bool) -> Self {
        let (yes, no) = (self.yes & wanted, self.no & wanted);
        if outside {
            Self { yes: no, no: yes }
        } else {
            Self { yes, no }
        }
    }
}

/// Asks for each row of the mask.
pub(super) fn each(block: usize, wanted: u64, mut ask: impl FnMut(usize) -> Option<bool>) -> Tri {
    let mut result = Tri::default();
    let mut left = wanted;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        left ^= bit;
        result.set(bit, ask(block * 64 + bit.trailing_zeros() as usize));
    }
    result
}

pub(super) fn valid(column: &Column<'_>, block: usize) -> u64 {
    column.valid.map_or(u64::MAX, |words| words[block])
}

pub(super) fn number(value: &Value<'_>) -> Option<Number> {
    match value {
        Value::Int(i) => Some(Number::Int(*i)),
        Value::Float(f) => Some(Number::Float(*f)),
        _ => None,
    }
}

fn part<V>(values: &[V], block: usize) -> &[V] {
    &values[block * 64..values.len().min(block * 64 + 64)]
}

/// What a zone says of a whole block, if anything: all of its values are within the range, or none.
fn settled<T: PartialOrd>([low, high]: [T; 2], [from, to]: [T; 2]) -> Option<Tri> {
    if high < from || to < low {
        Some(Tri::NONE)
    } else if from <= low && high <= to {
        Some(Tri::ALL)
    } else {
        None
    }
}

pub(super) fn ints(column: &Column<'_>, range: IntRange, block: usize) -> Tri {
    let zone = match column.zones {
        Zones::Int(zones) => Some(zones[block]),
        Zones::Code(zones) => Some(zones[block].map(i64::from)),
        _ => None,
    };
    if let Some([low, high]) = zone {
        let settled = settled([low, high], [range.low, range.high]);
        if let Some(all) = settled {
            return all;
        }
    }
    let yes = match column.values {
        Values::Bool(v) | Values::Dictionary(Codes::U8(v), _) => range.mask(part(v, block)),
        Values::Int8(v) => range.mask(part(v, block)),
        Values::Int16(v) => range.mask(part(v, block)),
        Values::Int32(v) | Values::Date(v) => range.mask(part(v, block)),
        Values::Int64(v) | Values::Timestamp(v, _) => range.mask(part(v, block)),
        Values::Dictionary(Codes::U16(v), _) => range.mask(part(v, block)),
        Values::Dictionary(Codes::U32(v), _) => range.mask(part(v, block)),
        _ => 0,
    };
    Tri { yes, no: !yes }
}

pub(super) fn floats(column: &Column<'_>, range: FloatRange, block: usize) -> Tri {
    const FINITE: FloatRange = FloatRange {
        low: f64::MIN,
        high: f64::MAX,
    };
    let Values::Float(values) = column.values else {
        return Tri::default();
    };
    if let Zones::Float(zones) = column.zones {
        let [low, high] = zones[block];
        // Zones of blocks with infinite values or NaN are infinite themselves: nothing follows from them.
        if let (true, Some(all)) = (
            low.is_finite() && high.is_finite(),
            settled([low, high], [range.low, range.high]),
        ) {
            return all;
        }
    }
    let values = part(values, block);
    let yes = range.mask(values);
    Tri {
        yes,
        no: !yes & FINITE.mask(values),
    }
}

/// The codes of the words on that side of a text.
pub(super) fn codes_of(side: Side, words: Texts<'_>, text: &[u8]) -> IntRange {
    let before = |or_equal: bool| {
        let (mut low, mut high) = (0, words.len());
        while low < high {
            let middle = low.midpoint(high);
            let word = words.bytes(middle);
            if word < text || (or_equal && word == text) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low as i64
    };
    let end = words.len() as i64;
    let (from, to) = match side {
        Side::Equal => (before(false), before(true)),
        Side::Below { or_equal } => (0, before(or_equal)),
        Side::Above { or_equal } => (before(!or_equal), end),
    };
    IntRange {
        low: from,
        high: to - 1,
    }
}

impl<'a> TextRange<'a> {
    pub(super) fn of(side: Side, text: &'a [u8]) -> Self {
        let between = |low, high, low_included, high_included| Self::Between {
            low,
            high,
            low_included,
            high_included,
        };
        match side {
            Side::Equal => between(text, Some(text), true, true),
            Side::Below { or_equal } => between(b"", Some(text), true, or_equal),
            Side::Above { or_equal } => between(text, None, or_equal, true),
        }
    }

    fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::Between {
                low,
                high,
                low_included,
                high_included,
            } => {
                let from = text.cmp(low);
                let above = from.is_gt() || (*low_included && from.is_eq());
                above
                    && high.is_none_or(|high| {
                        let to = text.cmp(high);
                        to.is_lt() || (*high_included && to.is_eq())
                    })
            }
        }
    }

    /// The first eight bytes of the texts in it, at least and at most.
    fn heads(&self) -> [u64; 2] {
        match self {
            Self::Prefix(prefix) => [head(prefix, 0), head(prefix, u8::MAX)],
            Self::Between { low, high, .. } => {
                [head(low, 0), high.map_or(u64::MAX, |high| head(high, 0))]
            }
        }
    }
}

pub(super) fn text_range(
    column: &Column<'_>,
    texts: Texts<'_>,
    range: &TextRange<'_>,
    block: usize,
    wanted: u64,
) -> Tri {
    if let Zones::Prefix(zones) = column.zones {
        let [low, high] = zones[block];
        let [from, to] = range.heads();
        if high < from || to < low {
            return Tri::NONE;
        }
        // Heads strictly between those of the limits decide; equal ones need the rest of the text.
        let inside = match range {
            TextRange::Prefix(prefix) => {
                prefix.len() <= 8 && !prefix.contains(&0) && from <= low && high <= to
            }
            TextRange::Between { high: last, .. } => from < low && (last.is_none() || high < to),
        };
        if inside {
            return Tri::ALL;
        }
    }
    each(block, wanted, |row| Some(range.holds(texts.bytes(row))))
}
