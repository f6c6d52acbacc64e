//! Signs of numbers that do not fit in 128 bits.

use std::cmp::Ordering;

/// The sign of `a·b + c·d`: −1, 0 or 1. Exact; no factor may be `i128::MIN`.
///
/// Cross products of grid vertices take up to 67 bits and places on edges are fractions of them, so that products have up to 136.
#[inline]
pub(super) fn sign_of_sum(a: i128, b: i128, c: i128, d: i128) -> i8 {
    let spread = a.unsigned_abs() | b.unsigned_abs() | c.unsigned_abs() | d.unsigned_abs();
    if spread >> 63 == 0 {
        return (a * b + c * d).signum() as i8;
    }
    match Product::of(a, b).cmp(&Product::of(c, -d)) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// A product of two numbers: sign and 256 bits of magnitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Product {
    sign: i8,
    magnitude: [u128; 2],
}

impl Product {
    fn of(a: i128, b: i128) -> Self {
        const LOW: u128 = u64::MAX as u128;
        let sign = (a.signum() * b.signum()) as i8;
        let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
        let ([ah, al], [bh, bl]) = ([a >> 64, a & LOW], [b >> 64, b & LOW]);
        let low = al * bl;
        let (mid, carry) = (ah * bl).overflowing_add(al * bh);
        let (low, up) = low.overflowing_add(mid << 64);
        let high = ah * bh + (mid >> 64) + (u128::from(carry) << 64) + u128::from(up);
        Self {
            sign,
            magnitude: [high, low],
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = || match self.sign {
            -1 => other.magnitude.cmp(&self.magnitude),
            _ => self.magnitude.cmp(&other.magnitude),
        };
        self.sign.cmp(&other.sign).then_with(by_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_products_keep_their_last_bit() {
        let big = (1i128 << 100) - 1;
        assert_eq!(sign_of_sum(big, big, -(1i128 << 100), (1 << 100) - 2), 1);
        assert_eq!(sign_of_sum(big, big, -(big + 1), big - 1), 1);
        assert_eq!(sign_of_sum(big, big + 2, -(big + 1), big + 1), -1);
        assert_eq!(sign_of_sum(big, -big, big, big), 0);
        assert_eq!(sign_of_sum(-big, big, big - 1, big), -1);
        assert_eq!(sign_of_sum(big, 0, 0, big), 0);
        let most = i128::MAX;
        assert_eq!(sign_of_sum(most, most, -most, most - 1), 1);
        assert_eq!(sign_of_sum(-most, most, most - 1, most), -1);
    }

    #[test]
    fn small_and_wide_ways_agree() {
        let numbers: [i128; 9] = [-7, -3, -1, 0, 1, 2, 5, (1 << 63) - 1, -(1 << 62)];
        for a in numbers {
            for b in numbers {
                for c in numbers {
                    for d in numbers {
                        let exact = (a * b + c * d).signum() as i8;
                        assert_eq!(sign_of_sum(a, b, c, d), exact);
                        let wide = Product::of(a, b).cmp(&Product::of(c, -d)) as i8;
                        assert_eq!(wide, exact);
                    }
                }
            }
        }
    }
}
