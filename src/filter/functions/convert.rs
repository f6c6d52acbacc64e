//! From one type to another.

use std::borrow::Cow;

use super::time::in_calendar;
use super::{Function, argument, function, whole_double};
use crate::filter::temporal::to_day;
use crate::filter::value::{Type, Value};
use crate::model::temporal::{Date, DateTime, Style, Zone};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "to_number",
        [
            "Le nombre qu'un texte écrit (12, -3.5, 1e6) ; NULL s'il n'en écrit pas.",
            "The number that a text writes (12, -3.5, 1e6); NULL if it writes none.",
        ],
        &[argument("text", &[Type::Text])],
        Type::Number,
        30,
        |a| match a {
            [Value::Text(text)] => number(text.trim()).unwrap_or(Value::Null),
            _ => Value::Null,
        },
    ),
    function(
        "to_text",
        [
            "La valeur écrite : nombres sans exposant, dates et instants comme 2024-02-29T12:00:00Z, true ou false.",
            "The value as text: numbers without exponent, dates and instants like 2024-02-29T12:00:00Z, true or false.",
        ],
        &[argument(
            "value",
            &[
                Type::Number,
                Type::Text,
                Type::Bool,
                Type::Date,
                Type::Timestamp,
            ],
        )],
        Type::Text,
        100,
        |a| match a {
            [Value::Text(text)] => Value::Text(text.clone()),
            [value] => text(value).map_or(Value::Null, |t| Value::Text(Cow::Owned(t))),
            _ => Value::Null,
        },
    ),
    function(
        "to_date",
        [
            "Le jour d'un instant (UTC), ou celui qu'un texte écrit (2024-02-29) ; NULL s'il n'en écrit pas.",
            "The day of an instant (UTC), or the one that a text writes (2024-02-29); NULL if it writes none.",
        ],
        &[argument(
            "value",
            &[Type::Timestamp, Type::Text, Type::Date],
        )],
        Type::Date,
        15,
        |a| match a {
            [Value::Date(day)] => Value::Date(*day),
            [Value::Timestamp(us)] => Value::Date(to_day(*us)),
            [Value::Text(text)] => {
                Date::parse(text.trim()).map_or(Value::Null, |day| Value::Date(day.0))
            }
            _ => Value::Null,
        },
    ),
];

/// Digits, with a sign, a point and an exponent if there are. Whole numbers that fit 64 bits are exact.
fn number(text: &str) -> Option<Value<'static>> {
    let written = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    // Keeps out `inf` and `nan`, which the parser of doubles would take.
    if !text.bytes().all(written) {
        return None;
    }
    if let Ok(n) = text.parse() {
        return Some(Value::Int(n));
    }
    let n: f64 = text.parse().ok()?;
    n.is_finite().then_some(Value::Float(n))
}

fn text(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) if n.is_finite() => double(*n),
        Value::Date(day) => in_calendar(*day)?.to_string(),
        Value::Timestamp(us) => instant(*us)?,
        _ => return None,
    })
}

/// All digits of what is whole and fits 64 bits (its text is read as a whole number again, which must be the same), else the shortest
/// that give the same double.
fn double(n: f64) -> String {
    whole_double(n).map_or_else(|| n.to_string(), |n| n.to_string())
}

fn instant(us: i64) -> Option<String> {
    in_calendar(to_day(us))?;
    let mut micros = us.rem_euclid(1_000_000);
    let mut digits = if micros == 0 { 0 } else { 6 };
    while digits > 0 && micros % 10 == 0 {
        micros /= 10;
        digits -= 1;
    }
    let style = Style {
        space: false,
        fraction_digits: digits,
        zone: Zone::Utc,
    };
    let instant = DateTime {
        instant_us: us,
        style,
    };
    Some(instant.to_string())
}
