//! Comparing values (§6.5). Nothing is rounded: `9007199254740993` is not `9007199254740992.0`.

use std::cmp::Ordering;

use super::arrays;
use super::ast::{ArrayOp, CompareOp, TemporalOp};
use super::shape::Shape;
use super::temporal::{self, to_day};
use super::value::{Interval, Value};

impl CompareOp {
    /// Whether the comparison holds of two values in that order.
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// `a op b`; `None` if a value is NULL or the two cannot be compared.
pub fn holds(op: CompareOp, a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    compare(a, b).map(|order| op.accepts(order))
}

/// The order of two scalars: false before true, numbers by their exact value, texts by code points (the order of their UTF-8), days and
/// instants by time, a day and an instant by their UTC days. `None` if one is NULL or NaN, is no scalar, or if their types differ.
pub fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Float(b)) => compare_int_float(*a, *b),
        (Value::Float(a), Value::Int(b)) => compare_int_float(*b, *a).map(Ordering::reverse),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Timestamp(b)) => Some(a.cmp(&to_day(*b))),
        (Value::Timestamp(a), Value::Date(b)) => Some(to_day(*a).cmp(b)),
        _ => None,
    }
}

/// The order of a whole number and a double by their exact values; `None` for NaN.
pub fn compare_int_float(a: i64, b: f64) -> Option<Ordering> {
    // 2^63: a double, unlike `i64::MAX`.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return None;
    }
    if b >= BEYOND {
        return Some(Ordering::Less);
    }
    if b < -BEYOND {
        return Some(Ordering::Greater);
    }
    // Cut towards zero, b is a whole number within i64; what was cut decides where they are the same.
    let whole = b.trunc();
    let cut = b - whole;
    Some(a.cmp(&(whole as i64)).then_with(|| {
        if cut > 0.0 {
            Ordering::Less
        } else if cut < 0.0 {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }))
}

/// Whether two values are the same. Values of different types are not, numbers and moments aside. Intervals are by T_EQUALS, arrays by
/// A_EQUALS, geometries are the same vertex by vertex (S_EQUALS is the relation of the places they cover). `None` if one is NULL, or an
/// array that a NULL leaves undecided.
pub fn equal(a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Array(a), Value::Array(b)) => arrays::holds(ArrayOp::Equals, a, b),
        (Value::Geometry(a), Value::Geometry(b)) => Some(same_shape(a, b)),
        (Value::Interval(a), Value::Interval(b)) => {
            Some(temporal::holds(TemporalOp::Equals, *a, *b))
        }
        (Value::Interval(interval), moment) | (moment, Value::Interval(interval)) => Some(
            Interval::of(moment)
                .is_some_and(|moment| temporal::holds(TemporalOp::Equals, *interval, moment)),
        ),
        (Value::Float(a), _) | (_, Value::Float(a)) if a.is_nan() => None,
        _ => Some(compare(a, b).is_some_and(Ordering::is_eq)),
    }
}

/// Kind, structure and ordinates alike; a missing height is like another.
fn same_shape(a: &Shape, b: &Shape) -> bool {
    let same_heights = a.z.len() == b.z.len()
        && a.z
            .iter()
            .zip(&b.z)
            .all(|(a, b)| a == b || a.is_nan() && b.is_nan());
    a.kind == b.kind && a.counts == b.counts && a.xy == b.xy && same_heights
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(t: &str) -> Value<'_> {
        Value::Text(t.into())
    }

    #[test]
    fn orders_by_type() {
        use Ordering::{Equal, Greater, Less};
        const DAY_US: i64 = crate::model::temporal::DAY_US;
        for (a, b, expected) in [
            (Value::Bool(false), Value::Bool(true), Some(Less)),
            (Value::Int(1), Value::Int(2), Some(Less)),
            (Value::Int(1), Value::Float(1.0), Some(Equal)),
            (Value::Int(1), Value::Float(1.5), Some(Less)),
            (Value::Int(-1), Value::Float(-1.5), Some(Greater)),
            (Value::Int(0), Value::Float(-0.0), Some(Equal)),
            (Value::Float(0.0), Value::Float(-0.0), Some(Equal)),
            (
                Value::Int(9_007_199_254_740_993),
                Value::Float(9_007_199_254_740_992.0),
                Some(Greater),
            ),
            (
                Value::Int(i64::MAX),
                Value::Float(9_223_372_036_854_775_808.0),
                Some(Less),
            ),
            (
                Value::Int(i64::MIN),
                Value::Float(-9_223_372_036_854_775_808.0),
                Some(Equal),
            ),
            (Value::Int(i64::MIN), Value::Float(-1e300), Some(Greater)),
            (Value::Int(0), Value::Float(5e-324), Some(Less)),
            (Value::Int(0), Value::Float(f64::NAN), None),
            (Value::Float(f64::NAN), Value::Float(f64::NAN), None),
            (text("Z"), text("a"), Some(Less)),
            (text("a"), text("é"), Some(Less)),
            // By code points, not by the units of UTF-16.
            (text("\u{FFFD}"), text("🗺"), Some(Less)),
            (text("a"), text("a "), Some(Less)),
            (Value::Date(1), Value::Date(2), Some(Less)),
            (Value::Timestamp(5), Value::Timestamp(4), Some(Greater)),
            (Value::Date(0), Value::Timestamp(DAY_US - 1), Some(Equal)),
            (Value::Date(0), Value::Timestamp(-1), Some(Greater)),
            (Value::Timestamp(DAY_US), Value::Date(0), Some(Greater)),
            (Value::Null, Value::Null, None),
            (Value::Null, Value::Int(1), None),
            (Value::Bool(true), Value::Int(1), None),
            (text("1"), Value::Int(1), None),
            (text("2024-01-01"), Value::Date(19723), None),
            (Value::Array(vec![]), Value::Array(vec![]), None),
        ] {
            assert_eq!(compare(&a, &b), expected, "{a:?} {b:?}");
            let turned = compare(&b, &a);
            assert_eq!(turned, expected.map(Ordering::reverse), "{b:?} {a:?}");
        }
    }

    #[test]
    fn each_comparison_accepts_its_orders() {
        use Ordering::{Equal, Greater, Less};
        for (op, accepted) in [
            (CompareOp::Equal, [false, true, false]),
            (CompareOp::NotEqual, [true, false, true]),
            (CompareOp::Less, [true, false, false]),
            (CompareOp::LessOrEqual, [true, true, false]),
            (CompareOp::Greater, [false, false, true]),
            (CompareOp::GreaterOrEqual, [false, true, true]),
        ] {
            assert_eq!(
                [Less, Equal, Greater].map(|o| op.accepts(o)),
                accepted,
                "{op:?}"
            );
        }
        assert_eq!(
            holds(CompareOp::Less, &Value::Int(1), &Value::Int(2)),
            Some(true)
        );
        assert_eq!(
            holds(CompareOp::NotEqual, &Value::Int(1), &Value::Null),
            None
        );
    }

    #[test]
    fn equality_of_all_types() {
        let interval = |start, end, days| Value::Interval(Interval { start, end, days });
        for (a, b, expected) in [
            (Value::Int(2), Value::Float(2.0), Some(true)),
            (Value::Int(2), text("2"), Some(false)),
            (Value::Bool(true), Value::Int(1), Some(false)),
            (Value::Null, Value::Null, None),
            (Value::Null, text(""), None),
            (Value::Float(f64::NAN), Value::Int(1), None),
            (interval(1, 2, true), interval(1, 2, true), Some(true)),
            (interval(1, 2, true), interval(1, 3, true), Some(false)),
            (interval(1, 1, true), Value::Date(1), Some(true)),
            (interval(1, 2, true), Value::Date(1), Some(false)),
            (interval(1, 2, true), Value::Int(1), Some(false)),
            (
                Value::Array(vec![Value::Int(1), Value::Int(2)]),
                Value::Array(vec![Value::Int(2), Value::Int(1)]),
                Some(true),
            ),
            (
                Value::Array(vec![Value::Null]),
                Value::Array(vec![Value::Null]),
                None,
            ),
            (Value::Array(vec![]), Value::Int(1), Some(false)),
        ] {
            assert_eq!(equal(&a, &b), expected, "{a:?} {b:?}");
            assert_eq!(equal(&b, &a), expected, "{b:?} {a:?}");
        }
    }

    /// A double as `mantissa · 2^exponent`, exactly.
    fn parts(x: f64) -> (i128, i32) {
        let bits = x.to_bits();
        let exponent = (bits >> 52 & 0x7FF) as i32;
        let fraction = i128::from(bits & ((1 << 52) - 1));
        let mantissa = if exponent == 0 {
            fraction
        } else {
            fraction | 1 << 52
        };
        let sign = if x.is_sign_negative() { -1 } else { 1 };
        (sign * mantissa, exponent.max(1) - 1075)
    }

    fn exact(a: i64, b: f64) -> Ordering {
        let (mantissa, exponent) = parts(b);
        let a = i128::from(a);
        match exponent {
            // At least 2^64 beyond zero: its sign decides.
            64.. if mantissa != 0 => 0.cmp(&mantissa),
            0..64 => a.cmp(&(mantissa << exponent)),
            -60..0 => (a << -exponent).cmp(&mantissa),
            // Less than 2^-7 from zero.
            _ if a != 0 => a.cmp(&0),
            _ => 0.cmp(&mantissa),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn whole_numbers_and_doubles_compare_exactly(
            a in prop_oneof![any::<i64>(), -10i64..10],
            any_double in any::<f64>(),
            near in -4i32..4,
            half in any::<bool>(),
        ) {
            // Doubles near the number are what rounding would get wrong.
            let mut close = a as f64 + if half { 0.5 } else { 0.0 };
            for _ in 0..near.abs() {
                close = if near < 0 { close.next_down() } else { close.next_up() };
            }
            for b in [any_double, close, a as f64] {
                prop_assert_eq!(compare_int_float(a, b), Some(exact(a, b)), "{} {}", a, b);
            }
        }
    }
}
