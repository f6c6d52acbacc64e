//! Dates and instants that remember how they were written, so that what came in goes out.
//!
//! Both are proleptic Gregorian, years 0000 to 9999 (RFC 3339 §5.6).

use std::fmt;

/// Microseconds in a day.
pub const DAY_US: i64 = 86_400_000_000;

/// A calendar day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(pub i32);

impl Date {
    /// Parses `YYYY-MM-DD`, nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
            return None;
        }
        let (y, m, d) = (digits(&b[0..4])?, digits(&b[5..7])?, digits(&b[8..10])?);
        let valid = (1..=12).contains(&m) && d >= 1 && d <= days_in_month(y, m);
        valid.then(|| Self(days_from_civil(y, m, d)))
    }

    /// Year, month (1 to 12) and day of the month.
    pub fn civil(self) -> (i32, i32, i32) {
        civil_from_days(self.0)
    }

    /// Midnight at the start of the day, in microseconds since 1970-01-01T00:00:00 of the same (unnamed) zone.
    pub fn start_us(self) -> i64 {
        i64::from(self.0) * DAY_US
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = civil_from_days(self.0);
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

/// How the zone of an instant was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Zone {
    /// `Z`
    Utc,
    /// `+02:00`, in minutes east of UTC.
    Offset(i16),
    /// Nothing was written; the offset in minutes is the one that the platform's time zone had at that moment.
    Naive(i16),
}

impl Zone {
    /// Minutes east of UTC.
    pub fn offset_minutes(self) -> i16 {
        match self {
            Self::Utc => 0,
            Self::Offset(m) | Self::Naive(m) => m,
        }
    }
}

/// How an instant was written: enough to print it again letter for letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Style {
    /// `T`, or a space as databases write it.
    pub space: bool,
    /// Digits of the fraction of a second, 0 to 6.
    pub fraction_digits: u8,
    /// The zone.
    pub zone: Zone,
}

impl Style {
    /// What the clock showed at that instant, where it was written in this style.
    pub fn civil_us(self, instant_us: i64) -> i64 {
        instant_us.saturating_add(i64::from(self.zone.offset_minutes()) * 60_000_000)
    }

    /// The time by which its day and hour are told: written without a zone, that of its own clock, which is all that anybody can see of
    /// it; else that of UTC, in which CQL2 has its instants (OGC 21-065r2 §6.3).
    pub fn day_clock_us(self, instant_us: i64) -> i64 {
        match self.zone {
            Zone::Naive(_) => self.civil_us(instant_us),
            Zone::Utc | Zone::Offset(_) => instant_us,
        }
    }
}

/// An instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub instant_us: i64,
    /// How it was written.
    pub style: Style,
}

impl DateTime {
    /// What the clock showed where it was written: microseconds since 1970-01-01T00:00:00 of the same zone.
    pub fn civil_us(self) -> i64 {
        self.style.civil_us(self.instant_us)
    }

    /// The time by which its day is told, see [`Style::day_clock_us`].
    pub fn day_clock_us(self) -> i64 {
        self.style.day_clock_us(self.instant_us)
    }

    /// Parses `YYYY-MM-DD(T| )hh:mm:ss[.f{1,6}][Z|±hh:mm]`. `naive_offset` gives the offset in minutes of the platform's zone for a
    /// civil time in microseconds; it is asked only when no zone is written.
    pub fn parse(text: &str, naive_offset: impl FnOnce(i64) -> i16) -> Option<Self> {
        let b = text.as_bytes();
        if b.len() < 19 || !matches!(b[10], b'T' | b' ') || b[13] != b':' || b[16] != b':' {
            return None;
        }
        let date = Date::parse(text.get(..10)?)?;
        let (h, m, s) = (
            digits(&b[11..13])?,
            digits(&b[14..16])?,
            digits(&b[17..19])?,
        );
        if h > 23 || m > 59 || s > 59 {
            return None;
        }
        let mut rest = &b[19..];
        let mut micros = 0i64;
        let mut fraction_digits = 0u8;
        if let [b'.', tail @ ..] = rest {
            let n = tail.iter().take_while(|c| c.is_ascii_digit()).count();
            if n == 0 || n > 6 {
                return None;
            }
            micros = i64::from(digits(&tail[..n])?) * 10i64.pow(6 - n as u32);
            fraction_digits = n as u8;
            rest = &tail[n..];
        }
        let civil = date.start_us() + i64::from(h * 3600 + m * 60 + s) * 1_000_000 + micros;
        let zone = match rest {
            [] => Zone::Naive(naive_offset(civil)),
            [b'Z'] => Zone::Utc,
            [sign @ (b'+' | b'-'), hh @ .., b':', m1, m2] if hh.len() == 2 => {
                let (oh, om) = (digits(hh)?, digits(&[*m1, *m2])?);
                if oh > 23 || om > 59 {
                    return None;
                }
                let minutes = (oh * 60 + om) as i16;
                Zone::Offset(if *sign == b'-' { -minutes } else { minutes })
            }
            _ => return None,
        };
        let style = Style {
            space: b[10] == b' ',
            fraction_digits,
            zone,
        };
        Some(Self {
            instant_us: civil - i64::from(zone.offset_minutes()) * 60_000_000,
            style,
        })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = self.style.zone;
        let civil = self.instant_us + i64::from(zone.offset_minutes()) * 60_000_000;
        let date = Date(civil.div_euclid(DAY_US) as i32);
        let us = civil.rem_euclid(DAY_US);
        let (s, micros) = (us / 1_000_000, us % 1_000_000);
        let sep = if self.style.space { ' ' } else { 'T' };
        write!(
            f,
            "{date}{sep}{:02}:{:02}:{:02}",
            s / 3600,
            s / 60 % 60,
            s % 60
        )?;
        if self.style.fraction_digits > 0 {
            let n = usize::from(self.style.fraction_digits);
            let value = micros / 10i64.pow(6 - n as u32);
            write!(f, ".{value:0n$}")?;
        }
        match zone {
            Zone::Utc => f.write_str("Z"),
            Zone::Naive(_) => Ok(()),
            Zone::Offset(m) => {
                let sign = if m < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", m.abs() / 60, m.abs() % 60)
            }
        }
    }
}

fn digits(b: &[u8]) -> Option<i32> {
    b.iter().try_fold(0i32, |n, c| {
        c.is_ascii_digit().then(|| n * 10 + i32::from(c - b'0'))
    })
}

fn days_in_month(y: i32, m: i32) -> i32 {
    match m {
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01: years of 400 make 146,097 days, and a year that starts in March has its leap day last.
fn days_from_civil(y: i32, m: i32, d: i32) -> i32 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i32::from(m <= 2), m, d)
}

/// Parses a date-time of RFC 3339 §5.6 in all its spellings: `T` and `Z` in either case, a leap second, any number of digits of a
/// second. Gives microseconds since 1970-01-01T00:00:00Z, rounded down, and whether digits were lost. A blank where the sign of the
/// offset belongs is read as `+`: that is what a `+` becomes that was not percent-encoded.
pub fn parse_instant(text: &str) -> Option<(i64, bool)> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let mut text = text.to_ascii_uppercase();
    if text.as_bytes()[10] != b'T' {
        return None;
    }
    let sign_at = text.len() - 6;
    if sign_at >= 19 && text.as_bytes()[sign_at] == b' ' {
        text.replace_range(sign_at..=sign_at, "+");
    }
    let mut leap_us = 0;
    if &text[17..19] == "60" {
        text.replace_range(17..19, "59");
        leap_us = 1_000_000;
    }
    let mut inexact = false;
    if text.as_bytes()[19] == b'.' {
        let digits = text[20..].bytes().take_while(u8::is_ascii_digit).count();
        if digits > 6 {
            inexact = text[26..20 + digits].bytes().any(|b| b != b'0');
            text.replace_range(26..20 + digits, "");
        }
    }
    let t = DateTime::parse(&text, |_| 0)?;
    (!matches!(t.style.zone, Zone::Naive(_))).then_some((t.instant_us + leap_us, inexact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_round_trips() {
        for days in -719_528..2_932_896 {
            let date = Date(days);
            if days % 97 == 0 {
                let (y, m, d) = date.civil();
                assert_eq!(format!("{y:04}-{m:02}-{d:02}"), date.to_string());
                assert_eq!(Date::parse(&date.to_string()), Some(date));
            }
        }
        assert_eq!(Date::parse("1970-01-01"), Some(Date(0)));
        assert_eq!(Date::parse("0000-01-01"), Some(Date(-719_528)));
        assert_eq!(Date::parse("9999-12-31"), Some(Date(2_932_896)));
    }

    #[test]
    fn what_is_not_a_day_is_refused() {
        for bad in [
            "2023-02-29",
            "2023-13-01",
            "2023-1-01",
            "2023-01-32",
            "20230101",
            "",
            "2023-01-01T",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn instants_print_as_they_were_written() {
        for text in [
            "2020-02-29T23:59:59Z",
            "2020-02-29 23:59:59",
            "2020-02-29T23:59:59.120+05:30",
            "2020-02-29T00:00:00.000001-00:30",
            "0000-01-01T00:00:00Z",
        ] {
            let t = DateTime::parse(text, |_| 60).expect(text);
            assert_eq!(t.to_string(), text);
        }
    }

    #[test]
    fn offsets_and_naive_times_give_the_same_instant() {
        let z = DateTime::parse("2020-06-01T10:00:00Z", |_| 0).expect("utc");
        let o = DateTime::parse("2020-06-01T12:00:00+02:00", |_| 0).expect("offset");
        let n = DateTime::parse("2020-06-01 12:00:00", |_| 120).expect("naive");
        assert_eq!(z.instant_us, o.instant_us);
        assert_eq!(z.instant_us, n.instant_us);
    }
}
