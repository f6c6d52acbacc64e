//! Arithmetic (§7.12). Whole numbers stay whole and exact where the result can be; there is no result that is not a number.

use super::ast::ArithmeticOp;
use super::value::Value;

/// `a op b`. Two whole numbers give a whole number for `+ - * % div`, and a double for `/` and `^`; with a double on either side the
/// result is a double. `%` has the sign of the dividend and `div` is the quotient cut towards zero. NULL if an operand is NULL or no
/// number (`/req/arithmetic/arithmetic` B), for a division by zero, beyond 64 bits, and beyond the doubles.
pub fn apply(op: ArithmeticOp, a: &Value<'_>, b: &Value<'_>) -> Value<'static> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => whole(op, *a, *b),
        (Value::Int(a), Value::Float(b)) => double(op, *a as f64, *b),
        (Value::Float(a), Value::Int(b)) => double(op, *a, *b as f64),
        (Value::Float(a), Value::Float(b)) => double(op, *a, *b),
        _ => Value::Null,
    }
}

fn whole(op: ArithmeticOp, a: i64, b: i64) -> Value<'static> {
    let result = match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Subtract => a.checked_sub(b),
        ArithmeticOp::Multiply => a.checked_mul(b),
        ArithmeticOp::WholeDivide => a.checked_div(b),
        // The least number has no positive counterpart, so its quotient by -1 does not fit; its remainder does.
        ArithmeticOp::Remainder if b != 0 => Some(a.wrapping_rem(b)),
        ArithmeticOp::Remainder => None,
        ArithmeticOp::Divide | ArithmeticOp::Power => return double(op, a as f64, b as f64),
    };
    result.map_or(Value::Null, Value::Int)
}

fn double(op: ArithmeticOp, a: f64, b: f64) -> Value<'static> {
    let result = match op {
        ArithmeticOp::Add => a + b,
        ArithmeticOp::Subtract => a - b,
        ArithmeticOp::Multiply => a * b,
        ArithmeticOp::Divide => a / b,
        ArithmeticOp::Remainder => a % b,
        ArithmeticOp::WholeDivide => (a / b).trunc(),
        ArithmeticOp::Power => a.powf(b),
    };
    finite(result)
}

/// A double as a value: NULL if it is none.
pub fn finite(number: f64) -> Value<'static> {
    if number.is_finite() {
        Value::Float(number)
    } else {
        Value::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use ArithmeticOp::{Add, Divide, Multiply, Power, Remainder, Subtract, WholeDivide};

    const NULL: Value<'static> = Value::Null;

    fn int(n: i64) -> Value<'static> {
        Value::Int(n)
    }

    fn float(n: f64) -> Value<'static> {
        Value::Float(n)
    }

    #[test]
    fn results_by_operator_and_type() {
        for (a, op, b, expected) in [
            (int(1_038_280), Add, int(8), int(1_038_288)),
            (int(2), Power, int(0), float(1.0)),
            (int(2), Power, int(3), float(8.0)),
            (int(10), Power, int(-1), float(0.1)),
            (int(0), Power, int(0), float(1.0)),
            (int(0), Power, int(-1), NULL),
            (int(-8), Power, float(0.5), NULL),
            (int(10), Power, int(400), NULL),
            (int(20), Divide, int(10), float(2.0)),
            (int(1), Divide, int(4), float(0.25)),
            (int(1), Divide, int(0), NULL),
            (int(0), Divide, int(0), NULL),
            (float(1.0), Divide, float(0.0), NULL),
            (int(21), WholeDivide, int(10), int(2)),
            (int(-7), WholeDivide, int(2), int(-3)),
            (int(7), WholeDivide, int(-2), int(-3)),
            (int(7), WholeDivide, int(0), NULL),
            (float(-7.5), WholeDivide, int(2), float(-3.0)),
            (float(7.5), WholeDivide, float(0.0), NULL),
            (int(i64::MIN), WholeDivide, int(-1), NULL),
            (int(5), Remainder, int(2), int(1)),
            (int(-7), Remainder, int(2), int(-1)),
            (int(7), Remainder, int(-2), int(1)),
            (int(7), Remainder, int(0), NULL),
            (int(i64::MIN), Remainder, int(-1), int(0)),
            (float(-7.5), Remainder, int(2), float(-1.5)),
            (float(7.5), Remainder, int(0), NULL),
            (int(i64::MAX), Add, int(1), NULL),
            (int(i64::MIN), Subtract, int(1), NULL),
            (int(i64::MAX), Multiply, int(2), NULL),
            (
                int(i64::MAX),
                Multiply,
                float(2.0),
                float(1.844_674_407_370_955_2e19),
            ),
            (float(1e308), Multiply, int(10), NULL),
            (float(1e308), Add, float(1e308), NULL),
            (float(0.5), Subtract, int(1), float(-0.5)),
            (NULL, Add, int(1), NULL),
            (int(1), Add, NULL, NULL),
            (int(1), Add, Value::Bool(true), NULL),
            (Value::Text("1".into()), Add, int(1), NULL),
            (Value::Date(1), Subtract, Value::Date(1), NULL),
        ] {
            assert_eq!(apply(op, &a, &b), expected, "{a:?} {op:?} {b:?}");
        }
    }

    fn whole_oracle(op: ArithmeticOp, a: i64, b: i64) -> Value<'static> {
        let (wide_a, wide_b) = (i128::from(a), i128::from(b));
        let exact = match op {
            Add => wide_a + wide_b,
            Subtract => wide_a - wide_b,
            Multiply => wide_a * wide_b,
            WholeDivide | Remainder if b == 0 => return NULL,
            WholeDivide => wide_a / wide_b,
            Remainder => wide_a % wide_b,
            Divide => return finite(a as f64 / b as f64),
            Power => return finite((a as f64).powf(b as f64)),
        };
        i64::try_from(exact).map_or(NULL, Value::Int)
    }

    fn number() -> impl Strategy<Value = i64> {
        prop_oneof![any::<i64>(), -20i64..20, Just(i64::MIN), Just(i64::MAX)]
    }

    proptest! {
        #[test]
        fn whole_numbers_are_exact(a in number(), b in number()) {
            for op in ArithmeticOp::ALL {
                prop_assert_eq!(apply(*op, &int(a), &int(b)), whole_oracle(*op, a, b), "{:?}", op);
            }
        }

        /// Whatever goes in, what comes out is a finite number or NULL.
        #[test]
        fn doubles_are_finite_or_null(a in any::<f64>(), b in any::<f64>(), c in number()) {
            for op in ArithmeticOp::ALL {
                for (left, right) in [(float(a), float(b)), (float(a), int(c)), (int(c), float(b))] {
                    match apply(*op, &left, &right) {
                        Value::Float(n) => prop_assert!(n.is_finite()),
                        other => prop_assert_eq!(other, NULL),
                    }
                }
            }
        }

        #[test]
        fn quotient_and_remainder_belong_together(a in number(), b in number()) {
            if let (Value::Int(q), Value::Int(r)) = (apply(WholeDivide, &int(a), &int(b)), apply(Remainder, &int(a), &int(b))) {
                prop_assert_eq!(i128::from(q) * i128::from(b) + i128::from(r), i128::from(a));
                prop_assert!(r == 0 || (r < 0) == (a < 0));
            }
        }
    }
}
