//! The `datetime` parameter (OGC 17-069r4 §7.15.4, `/req/core/fc-time-definition`): an instant, or an interval with or without ends.

use super::fault::FaultKind;
use crate::model::ValueRef;
use crate::model::temporal::{DAY_US, Date, parse_instant};

/// A closed interval of microseconds since 1970-01-01T00:00:00Z; an open end is the extreme of `i64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    start_us: i64,
    end_us: i64,
    /// Ends that are days, of no zone: a value's day is the one that its own clock showed.
    days: [bool; 2],
}

impl Interval {
    /// Parses the parameter. Beyond the standard a bare date (`2020-01-01`) is accepted: it means that whole day, in UTC, or by
    /// the clock of a value without a zone.
    pub(super) fn parse(text: &str) -> Result<Self, FaultKind> {
        let fault = || FaultKind::Time(text.to_owned());
        let Some((start, end)) = text.split_once('/') else {
            return Moment::parse(text).map(Moment::whole).ok_or_else(fault);
        };
        let interval = match (open(start), open(end)) {
            (true, true) => return Err(fault()),
            (true, false) => Self {
                start_us: i64::MIN,
                ..Moment::parse(end).ok_or_else(fault)?.whole()
            },
            (false, true) => Self {
                end_us: i64::MAX,
                ..Moment::parse(start).ok_or_else(fault)?.whole()
            },
            (false, false) => {
                let (a, b) = (
                    Moment::parse(start).ok_or_else(fault)?,
                    Moment::parse(end).ok_or_else(fault)?,
                );
                if b.last_us < a.first_us {
                    return Err(FaultKind::TimeOrder(text.to_owned()));
                }
                Self {
                    start_us: a.start_us(),
                    end_us: b.last_us,
                    days: [a.is_day(), b.is_day()],
                }
            }
        };
        Ok(interval)
    }

    /// True if the value shares a moment with the interval. A day lasts from midnight to midnight; what has no time matches every
    /// interval (`/req/core/fc-time-response` C).
    pub(super) fn meets(self, value: ValueRef<'_>) -> bool {
        match value {
            ValueRef::Date(day) => {
                let start = day.start_us();
                start <= self.end_us && self.start_us < start + DAY_US
            }
            ValueRef::DateTime(t) => {
                let [start, end] = self
                    .days
                    .map(|day| if day { t.day_clock_us() } else { t.instant_us });
                self.start_us <= start && end <= self.end_us
            }
            _ => true,
        }
    }
}

fn open(text: &str) -> bool {
    text.is_empty() || text == ".."
}

/// What one end of an interval names: an instant, or the microseconds of a day.
struct Moment {
    first_us: i64,
    last_us: i64,
    /// Written with digits below the microsecond: the instant lies just after `first_us`.
    inexact: bool,
}

impl Moment {
    fn parse(text: &str) -> Option<Self> {
        // GDAL writes a day as `2010-01-01T`.
        if let Some(day) = Date::parse(text.strip_suffix('T').unwrap_or(text)) {
            return Some(Self {
                first_us: day.start_us(),
                last_us: day.start_us() + DAY_US - 1,
                inexact: false,
            });
        }
        let (us, inexact) = parse_instant(text)?;
        Some(Self {
            first_us: us,
            last_us: us,
            inexact,
        })
    }

    fn start_us(&self) -> i64 {
        self.first_us + i64::from(self.inexact)
    }

    fn is_day(&self) -> bool {
        self.first_us != self.last_us
    }

    fn whole(self) -> Interval {
        Interval {
            start_us: self.start_us(),
            end_us: self.last_us,
            days: [self.is_day(); 2],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::temporal::DateTime;

    fn meets(interval: &str, instant: &str) -> bool {
        let t = DateTime::parse(instant, |_| 0).expect(instant);
        Interval::parse(interval)
            .expect(interval)
            .meets(ValueRef::DateTime(t))
    }

    #[test]
    fn every_form_of_the_grammar() {
        let t = "2020-06-15T12:00:00Z";
        for (interval, expected) in [
            ("2020-06-15T12:00:00Z", true),
            ("2020-06-15T14:00:00+02:00", true),
            ("2020-06-15T14:00:00 02:00", true),
            ("2020-06-15t12:00:00z", true),
            ("2020-06-15T12:00:00.000000000Z", true),
            ("2020-06-15T12:00:00.0000001Z", false),
            ("2020-06-15T11:59:60Z", true),
            ("2020-06-15T12:00:01Z", false),
            ("2020-06-15T12:00:00Z/2020-06-15T12:00:00Z", true),
            ("2020-01-01T00:00:00Z/2020-06-15T11:59:59.999999Z", false),
            ("../2020-06-15T12:00:00Z", true),
            ("/2020-06-15T11:00:00Z", false),
            ("2020-06-15T12:00:00Z/..", true),
            ("2020-06-15T12:00:00.000001Z/", false),
            ("0000-01-01T00:00:00Z/2020-06-15T12:00:00Z", true),
            ("2020-06-15T12:00:00Z/9999-12-31T00:00:00Z", true),
            ("2020-06-15", true),
            ("2020-06-14/2020-06-15", true),
            ("2020-06-16/..", false),
            ("../2020-06-14", false),
        ] {
            assert_eq!(meets(interval, t), expected, "{interval}");
        }
    }

    #[test]
    fn what_the_grammar_lacks_is_refused() {
        for bad in [
            "",
            "..",
            "../..",
            "/",
            "../",
            "/..",
            "yesterday",
            "2020",
            "2020-13-01",
            "2020-02-30T00:00:00Z",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "2020-01-01T25:00:00Z",
            "2020-01-01/2020-01-02/2020-01-03",
            "2020-01-01T00:00:00Z/yesterday",
            "2020-01-01T00:00:00é",
            "2020-01-01T00:00:00.Z",
            " 2020-01-01",
            "2020-01-01T00:00:00+2:00",
        ] {
            assert_eq!(
                Interval::parse(bad),
                Err(FaultKind::Time(bad.to_owned())),
                "{bad}"
            );
        }
        let reversed = "2020-01-02T00:00:00Z/2020-01-01T00:00:00Z";
        assert_eq!(
            Interval::parse(reversed),
            Err(FaultKind::TimeOrder(reversed.to_owned()))
        );
    }

    #[test]
    fn days_are_intervals_and_nothing_matches_everything() {
        let day = ValueRef::Date(Date::parse("2020-06-15").expect("a day"));
        for (interval, expected) in [
            ("2020-06-15T00:00:00Z", true),
            ("2020-06-15T23:59:59.999999Z/..", true),
            ("2020-06-16T00:00:00Z/..", false),
            ("../2020-06-15T00:00:00Z", true),
            ("../2020-06-14T23:59:59Z", false),
        ] {
            let interval_ = Interval::parse(interval).expect(interval);
            assert_eq!(interval_.meets(day), expected, "{interval}");
            assert!(interval_.meets(ValueRef::Null), "{interval}");
        }
    }
}
