//! Relations in time (§7.8): the 15 `T_` functions over intervals, and how days and instants are brought together.
//!
//! The relations are those of the Time Ontology in OWL, by the ends of the intervals. An instant is an interval that starts when it
//! ends. An open end lies before, or after, all moments and coincides with another open end on the same side. The published standard
//! links T_STARTEDBY and T_STARTS to each other's definitions; its answer key has them the right way round, and so has this.

use super::ast::TemporalOp;
use super::value::{Interval, Value};
use crate::model::temporal::DAY_US;

/// The UTC day of an instant in microseconds since 1970-01-01T00:00:00Z: days since 1970-01-01, rounded down.
pub fn to_day(instant_us: i64) -> i32 {
    // At most 106,751,992 days, far below `i32::MAX`.
    instant_us.div_euclid(DAY_US) as i32
}

/// Whether the relation holds. Days and instants meet as days ([`Interval::to_days`]).
pub fn holds(op: TemporalOp, a: Interval, b: Interval) -> bool {
    let (a, b) = if a.days == b.days {
        (a, b)
    } else {
        (a.to_days(), b.to_days())
    };
    match op {
        TemporalOp::After => a.start > b.end,
        TemporalOp::Before => a.end < b.start,
        TemporalOp::Contains => a.start < b.start && a.end > b.end,
        TemporalOp::Disjoint => a.end < b.start || a.start > b.end,
        TemporalOp::During => a.start > b.start && a.end < b.end,
        TemporalOp::Equals => a.start == b.start && a.end == b.end,
        TemporalOp::FinishedBy => a.start < b.start && a.end == b.end,
        TemporalOp::Finishes => a.start > b.start && a.end == b.end,
        TemporalOp::Intersects => a.start <= b.end && b.start <= a.end,
        TemporalOp::Meets => a.end == b.start,
        TemporalOp::MetBy => a.start == b.end,
        TemporalOp::OverlappedBy => b.start < a.start && a.start < b.end && a.end > b.end,
        TemporalOp::Overlaps => a.start < b.start && a.end > b.start && a.end < b.end,
        TemporalOp::StartedBy => a.start == b.start && a.end > b.end,
        TemporalOp::Starts => a.start == b.start && a.end < b.end,
    }
}

/// An end of an interval, known of a row or written in the filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End<'v> {
    /// `'..'`
    Open,
    /// A day, an instant or NULL.
    At(&'v Value<'v>),
}

/// `INTERVAL(start, end)`, both included. NULL if an end is NULL or no moment, and if it ends before it starts (a fault of the filter
/// where both ends are literals, which is the caller's to say). A day and an instant make an interval of days.
pub fn interval(start: End<'_>, end: End<'_>) -> Value<'static> {
    let (Some(start), Some(end)) = (Moment::of(start), Moment::of(end)) else {
        return Value::Null;
    };
    let days = [start, end].iter().any(|m| matches!(m, Moment::Day(_)));
    let built = Interval {
        start: start.number(days, i64::MIN),
        end: end.number(days, i64::MAX),
        days,
    };
    if built.start > built.end {
        return Value::Null;
    }
    Value::Interval(built)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    Open,
    Day(i32),
    Instant(i64),
}

impl Moment {
    fn of(end: End<'_>) -> Option<Self> {
        match end {
            End::Open => Some(Self::Open),
            End::At(Value::Date(day)) => Some(Self::Day(*day)),
            End::At(Value::Timestamp(us)) => Some(Self::Instant(*us)),
            End::At(_) => None,
        }
    }

    fn number(self, days: bool, open: i64) -> i64 {
        match self {
            Self::Open => open,
            Self::Day(day) => day.into(),
            Self::Instant(us) if days => to_day(us).into(),
            Self::Instant(us) => us,
        }
    }
}

impl Interval {
    /// The interval that a value of time is; `None` for NULL and other types.
    pub fn of(value: &Value<'_>) -> Option<Self> {
        let instant = |at, days| Self {
            start: at,
            end: at,
            days,
        };
        match value {
            Value::Date(day) => Some(instant((*day).into(), true)),
            Value::Timestamp(us) => Some(instant(*us, false)),
            Value::Interval(interval) => Some(*interval),
            _ => None,
        }
    }

    /// The same from day to day (UTC). Open ends stay open.
    pub fn to_days(self) -> Self {
        if self.days {
            return self;
        }
        let day = |us| match us {
            i64::MIN | i64::MAX => us,
            us => to_day(us).into(),
        };
        Self {
            start: day(self.start),
            end: day(self.end),
            days: true,
        }
    }
}

#[cfg(test)]
mod tests;
