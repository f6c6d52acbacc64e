//! Comparisons of a column with constants, 64 rows at a time: one bit a row.

/// Bits of the rows of a block, fewer in the last one.
pub(super) fn bits(rows: usize) -> u64 {
    if rows >= 64 {
        u64::MAX
    } else {
        (1 << rows) - 1
    }
}

/// One bit for each value (at most 64) for which `test` holds.
pub(super) fn mask<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> u64 {
    // Bytes first, which vector units write side by side; then eight of them at a time are gathered into the top byte of a product.
    let mut bytes = [0u8; 64];
    for (byte, value) in bytes.iter_mut().zip(values) {
        *byte = u8::from(test(*value));
    }
    let mut mask = 0;
    for (i, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= gathered << (i * 8);
    }
    mask
}

/// Integers from `low` to `high`, both included; empty if `low > high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct IntRange {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl IntRange {
    const EMPTY: Self = Self { low: 1, high: 0 };

    /// One bit for each value in it. Widths other than 64 bits are compared in their own.
    pub(super) fn mask<T>(self, values: &[T]) -> u64
    where
        T: Copy + PartialOrd + TryFrom<i64> + Bounded,
    {
        if self.low > self.high || self.low > T::MAX.into() || self.high < T::MIN.into() {
            return 0;
        }
        let low = T::try_from(self.low).unwrap_or(T::MIN);
        let high = T::try_from(self.high).unwrap_or(T::MAX);
        mask(values, |v| low <= v && v <= high)
    }
}

/// The least and greatest number of a width.
pub(super) trait Bounded: Into<i64> {
    const MIN: Self;
    const MAX: Self;
}

macro_rules! bounded {
    ($($t:ty)*) => {
        $(impl Bounded for $t {
            const MIN: Self = <$t>::MIN;
            const MAX: Self = <$t>::MAX;
        })*
    };
}
bounded!(i8 i16 i32 i64 u8 u16 u32);

/// Doubles from `low` to `high`, both included and finite; empty if `low > high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FloatRange {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A number that a column is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

/// The comparisons that are ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Equal,
    Below { or_equal: bool },
    Above { or_equal: bool },
}

impl Side {
    /// The integers on that side of a number, exactly.
    pub(super) fn ints(self, number: Number) -> IntRange {
        // Doubles at or beyond ±2^63 have all integers on one side.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        let (floor, ceiling) = match number {
            Number::Int(i) => (Some(i), Some(i)),
            Number::Float(f) if f >= LIMIT => return self.beyond(true),
            Number::Float(f) if f < -LIMIT => return self.beyond(false),
            Number::Float(f) => (Some(f.floor() as i64), ceil(f)),
        };
        let is_whole = floor == ceiling;
        let range = |low, high| IntRange { low, high };
        match self {
            Self::Equal if is_whole => floor.map_or(IntRange::EMPTY, |i| range(i, i)),
            Self::Equal => IntRange::EMPTY,
            Self::Below { or_equal } => {
                let high = if or_equal || !is_whole {
                    floor
                } else {
                    floor.and_then(|i| i.checked_sub(1))
                };
                high.map_or(IntRange::EMPTY, |high| range(i64::MIN, high))
            }
            Self::Above { or_equal } => {
                let low = if or_equal || !is_whole {
                    ceiling
                } else {
                    ceiling.and_then(|i| i.checked_add(1))
                };
                low.map_or(IntRange::EMPTY, |low| range(low, i64::MAX))
            }
        }
    }

    /// All integers or none, for a number above (or below) them all.
    fn beyond(self, above: bool) -> IntRange {
        let all = IntRange {
            low: i64::MIN,
            high: i64::MAX,
        };
        match self {
            Self::Below { .. } if above => all,
            Self::Above { .. } if !above => all,
            _ => IntRange::EMPTY,
        }
    }

    /// The finite doubles on that side of a number, exactly.
    pub(super) fn floats(self, number: Number) -> FloatRange {
        // The doubles next to the number, the same one twice if it is a double.
        let (below, above) = match number {
            Number::Float(f) => (f, f),
            Number::Int(i) => neighbours(i),
        };
        let is_double = below == above;
        let range = |low, high| FloatRange { low, high };
        match self {
            Self::Equal if is_double => range(below, below),
            Self::Equal => range(1.0, 0.0),
            Self::Below { or_equal } => {
                let high = if or_equal || !is_double {
                    below
                } else {
                    below.next_down()
                };
                range(f64::MIN, high)
            }
            Self::Above { or_equal } => {
                let low = if or_equal || !is_double {
                    above
                } else {
                    above.next_up()
                };
                range(low, f64::MAX)
            }
        }
    }
}

fn ceil(f: f64) -> Option<i64> {
    let up = f.ceil();
    (up < 9_223_372_036_854_775_808.0).then_some(up as i64)
}

/// The greatest double not above an integer and the least one not below it.
fn neighbours(i: i64) -> (f64, f64) {
    let near = i as f64;
    match (near as i128).cmp(&i128::from(i)) {
        std::cmp::Ordering::Equal => (near, near),
        std::cmp::Ordering::Less => (near, near.next_up()),
        std::cmp::Ordering::Greater => (near.next_down(), near),
    }
}

impl FloatRange {
    pub(super) fn mask(self, values: &[f64]) -> u64 {
        mask(values, |v| self.low <= v && v <= self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_have_a_bit_a_value() {
        let values: Vec<i32> = (0..64).collect();
        for low in [0, 1, 7, 8, 63, 64] {
            let expected = (0..64).filter(|v| *v >= low).fold(0u64, |m, v| m | 1 << v);
            assert_eq!(mask(&values, |v| v >= low), expected, "{low}");
        }
        assert_eq!(mask(&values[..3], |v| v >= 1), 0b110);
        assert_eq!(mask::<i32>(&[], |_| true), 0);
        assert_eq!(bits(3), 0b111);
        assert_eq!(bits(64), u64::MAX);
    }

    #[test]
    fn ranges_of_integers_are_exact() {
        let above = Side::Above { or_equal: false };
        let below = Side::Below { or_equal: true };
        assert_eq!(above.ints(Number::Float(2.5)).low, 3);
        assert_eq!(above.ints(Number::Float(2.0)).low, 3);
        assert_eq!(below.ints(Number::Float(-2.5)).high, -3);
        assert_eq!(above.ints(Number::Int(i64::MAX)), IntRange::EMPTY);
        assert_eq!(below.ints(Number::Float(1e300)).high, i64::MAX);
        assert_eq!(above.ints(Number::Float(1e300)), IntRange::EMPTY);
        assert_eq!(above.ints(Number::Float(-1e300)).low, i64::MIN);
        assert_eq!(Side::Equal.ints(Number::Float(0.5)), IntRange::EMPTY);
        assert_eq!(
            Side::Equal
                .ints(Number::Float(-9_223_372_036_854_775_808.0))
                .low,
            i64::MIN
        );
    }

    #[test]
    fn ranges_of_doubles_are_exact() {
        let big = 9_007_199_254_740_993; // 2^53 + 1, no double
        assert_eq!(
            Side::Equal.floats(Number::Int(big)),
            FloatRange {
                low: 1.0,
                high: 0.0
            }
        );
        let above = Side::Above { or_equal: false };
        assert_eq!(above.floats(Number::Int(big)).low, 9_007_199_254_740_994.0);
        let below = Side::Below { or_equal: true };
        assert_eq!(below.floats(Number::Int(big)).high, 9_007_199_254_740_992.0);
        assert_eq!(above.floats(Number::Float(1.0)).low, 1.0f64.next_up());
        assert_eq!(
            above
                .floats(Number::Float(f64::MAX))
                .mask(&[f64::MAX, f64::INFINITY]),
            0
        );
    }

    #[test]
    fn narrow_columns_are_compared_with_wide_numbers() {
        let range = IntRange {
            low: -500,
            high: 100,
        };
        assert_eq!(range.mask(&[-128i8, 100, 101]), 0b011);
        assert_eq!(
            IntRange {
                low: 200,
                high: 300
            }
            .mask(&[1i8, 127]),
            0
        );
        assert_eq!(IntRange { low: -5, high: -1 }.mask(&[0u8, 1]), 0);
    }
}
