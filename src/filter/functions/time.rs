//! Parts of days and instants, in UTC.

use super::{Argument, Function, argument, function};
use crate::filter::temporal::to_day;
use crate::filter::value::{Type, Value};
use crate::model::temporal::{DAY_US, Date};

const MOMENT: &[Argument] = &[argument("moment", &[Type::Date, Type::Timestamp])];
const INSTANT: &[Argument] = &[argument("instant", &[Type::Timestamp])];

/// Microseconds in an hour.
const HOUR_US: i64 = 3_600_000_000;

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "year",
        ["L'année (UTC).", "The year (UTC)."],
        MOMENT,
        Type::Number,
        10,
        |a| civil(a, |(year, _, _)| year),
    ),
    function(
        "month",
        ["Le mois, de 1 à 12 (UTC).", "The month, 1 to 12 (UTC)."],
        MOMENT,
        Type::Number,
        10,
        |a| civil(a, |(_, month, _)| month),
    ),
    function(
        "day",
        [
            "Le jour du mois, de 1 à 31 (UTC).",
            "The day of the month, 1 to 31 (UTC).",
        ],
        MOMENT,
        Type::Number,
        10,
        |a| civil(a, |(_, _, day)| day),
    ),
    function(
        "hour",
        ["L'heure, de 0 à 23 (UTC).", "The hour, 0 to 23 (UTC)."],
        INSTANT,
        Type::Number,
        3,
        |a| match a {
            [Value::Timestamp(us)] => Value::Int(us.rem_euclid(DAY_US) / HOUR_US),
            _ => Value::Null,
        },
    ),
];

fn civil<'v>(arguments: &[Value<'v>], part: impl FnOnce((i32, i32, i32)) -> i32) -> Value<'v> {
    let day = match arguments {
        [Value::Date(day)] => *day,
        [Value::Timestamp(us)] => to_day(*us),
        _ => return Value::Null,
    };
    in_calendar(day).map_or(Value::Null, |date| Value::Int(part(date.civil()).into()))
}

/// The day, if it lies in the years 0000 to 9999 that dates are written with.
pub(super) fn in_calendar(day: i32) -> Option<Date> {
    const FIRST: i32 = -719_528;
    const LAST: i32 = 2_932_896;
    (FIRST..=LAST).contains(&day).then_some(Date(day))
}
