//! Functions of numbers. What is whole stays whole; results that are no number are NULL.

use std::cmp::Ordering;

use super::{Argument, Function, argument, function, whole_double};
use crate::filter::arithmetic::finite;
use crate::filter::compare::compare;
use crate::filter::value::{Type, Value};

const NUMBER: &[Type] = &[Type::Number];
const ONE: &[Argument] = &[argument("number", NUMBER)];
const MANY: &[Argument] = &[argument("number", NUMBER), argument("other", NUMBER)];

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "abs",
        ["La valeur absolue.", "The absolute value."],
        ONE,
        Type::Number,
        2,
        |a| match a {
            [Value::Int(n)] => n.checked_abs().map_or(Value::Null, Value::Int),
            [Value::Float(n)] => finite(n.abs()),
            _ => Value::Null,
        },
    ),
    function(
        "sign",
        ["-1, 0 ou 1 selon le signe.", "-1, 0 or 1, by the sign."],
        ONE,
        Type::Number,
        2,
        sign,
    ),
    function(
        "ceiling",
        [
            "Le plus petit entier qui n'est pas au-dessous.",
            "The least whole number that is not below.",
        ],
        ONE,
        Type::Number,
        3,
        |a| rounded(a, f64::ceil),
    ),
    function(
        "floor",
        [
            "Le plus grand entier qui n'est pas au-dessus.",
            "The greatest whole number that is not above.",
        ],
        ONE,
        Type::Number,
        3,
        |a| rounded(a, f64::floor),
    ),
    function(
        "round",
        [
            "L'entier le plus proche ; une moitié s'éloigne de zéro.",
            "The nearest whole number; halves go away from zero.",
        ],
        ONE,
        Type::Number,
        3,
        |a| rounded(a, f64::round),
    ),
    function(
        "sqrt",
        ["La racine carrée.", "The square root."],
        ONE,
        Type::Number,
        5,
        |a| double(a, f64::sqrt),
    ),
    function(
        "ln",
        ["Le logarithme naturel.", "The natural logarithm."],
        ONE,
        Type::Number,
        10,
        |a| double(a, f64::ln),
    ),
    function(
        "exp",
        [
            "L'exponentielle de base e.",
            "The exponential function of base e.",
        ],
        ONE,
        Type::Number,
        10,
        |a| double(a, f64::exp),
    ),
    function(
        "least",
        ["Le plus petit des nombres.", "The least of the numbers."],
        MANY,
        Type::Number,
        6,
        |a| extreme(a, Ordering::Less),
    )
    .taking(2, 8),
    function(
        "greatest",
        ["Le plus grand des nombres.", "The greatest of the numbers."],
        MANY,
        Type::Number,
        6,
        |a| extreme(a, Ordering::Greater),
    )
    .taking(2, 8),
];

fn double<'v>(arguments: &[Value<'v>], result: impl FnOnce(f64) -> f64) -> Value<'v> {
    match arguments {
        [Value::Int(n)] => finite(result(*n as f64)),
        [Value::Float(n)] => finite(result(*n)),
        _ => Value::Null,
    }
}

/// A whole number is its own; a double becomes a whole number where it fits 64 bits.
fn rounded<'v>(arguments: &[Value<'v>], result: impl FnOnce(f64) -> f64) -> Value<'v> {
    match arguments {
        [Value::Int(n)] => Value::Int(*n),
        [Value::Float(n)] => {
            let n = result(*n);
            whole_double(n).map_or_else(|| finite(n), Value::Int)
        }
        _ => Value::Null,
    }
}

fn sign<'v>(arguments: &[Value<'v>]) -> Value<'v> {
    match arguments.first().and_then(|n| compare(n, &Value::Int(0))) {
        Some(order) => Value::Int(order as i64),
        None => Value::Null,
    }
}

/// The first of the numbers that are on that side of all others.
fn extreme<'v>(arguments: &[Value<'v>], side: Ordering) -> Value<'v> {
    let mut best = &Value::Null;
    for number in arguments {
        match (best, number) {
            (Value::Null, Value::Int(_) | Value::Float(_)) => best = number,
            _ => match compare(number, best) {
                Some(order) if order == side => best = number,
                Some(_) => {}
                None => return Value::Null,
            },
        }
    }
    best.clone()
}
