//! Exact sums and products of doubles: a number is kept as a sum of doubles that share no bit, the smallest first (J. R. Shewchuk,
//! *Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates*, 1997). Only asked for where three lines all but
//! meet in a point, so it is written to be read, not to be fast.
//!
//! Exact as long as no product underflows: coordinates with parts below 1e-75 are beyond it, as they are beyond `robust`.

/// An exact number.
#[derive(Debug, Clone, Default)]
pub(super) struct Expansion(Vec<f64>);

/// `a + b`, rounded, and what the rounding lost.
fn two_sum(a: f64, b: f64) -> [f64; 2] {
    let sum = a + b;
    let b_part = sum - a;
    let a_part = sum - b_part;
    [(a - a_part) + (b - b_part), sum]
}

/// `a * b`, rounded, and what the rounding lost.
fn two_product(a: f64, b: f64) -> [f64; 2] {
    let product = a * b;
    [a.mul_add(b, -product), product]
}

impl Expansion {
    /// `a - b`
    pub(super) fn difference(a: f64, b: f64) -> Self {
        Self(two_sum(a, -b).into())
    }

    fn add(&mut self, number: f64) {
        let mut carry = number;
        let mut kept = Vec::with_capacity(self.0.len() + 1);
        for part in &self.0 {
            let [low, high] = two_sum(carry, *part);
            if low != 0.0 {
                kept.push(low);
            }
            carry = high;
        }
        kept.push(carry);
        self.0 = kept;
    }

    /// `self * other`
    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = Self::default();
        for a in &self.0 {
            for b in &other.0 {
                for part in two_product(*a, *b) {
                    product.add(part);
                }
            }
        }
        product
    }

    /// `self - other`
    pub(super) fn minus(mut self, other: &Self) -> Self {
        for part in &other.0 {
            self.add(-part);
        }
        self
    }

    /// −1, 0 or 1. The largest part outweighs all others.
    pub(super) fn sign(&self) -> i8 {
        let largest = self.0.iter().rev().find(|part| **part != 0.0);
        largest.map_or(0, |part| if *part > 0.0 { 1 } else { -1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let tiny = Expansion::difference(1e-30, 0.0);
        let one = Expansion::difference(1.0, 0.0);
        // (1 + 1e-30)² − 1 − 2e-30 = 1e-60
        let sum = one.clone().minus(&Expansion::difference(-1e-30, 0.0));
        let square = sum.times(&sum);
        let rest = square.clone().minus(&one).minus(&tiny).minus(&tiny);
        assert_eq!(rest.sign(), 1);
        assert_eq!(rest.minus(&tiny.times(&tiny)).sign(), 0);
        assert_eq!(one.minus(&square).sign(), -1);
        assert_eq!(Expansion::default().sign(), 0);
    }
}
