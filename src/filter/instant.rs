//! Instants as both encodings write them.

use crate::model::temporal::{self, DAY_US, Date, DateTime, Style, Zone};

/// Microseconds since 1970-01-01T00:00:00Z of an instant, read as the `datetime` parameter reads it; digits beyond the microsecond are
/// cut. `None` also for a moment whose year in UTC is not of four digits: it could not be printed again.
pub(super) fn parse_instant(text: &str) -> Option<i64> {
    let (instant_us, _) = temporal::parse_instant(text)?;
    let years =
        Date::parse("0000-01-01")?.start_us()..Date::parse("9999-12-31")?.start_us() + DAY_US;
    years.contains(&instant_us).then_some(instant_us)
}

/// An instant with `Z` and as many digits of the second as it needs.
pub(super) fn format_instant(instant_us: i64) -> String {
    let mut digits = 6;
    let mut micros = instant_us.rem_euclid(1_000_000);
    while digits > 0 && micros % 10 == 0 {
        micros /= 10;
        digits -= 1;
    }
    let style = Style {
        space: false,
        fraction_digits: digits,
        zone: Zone::Utc,
    };
    DateTime { instant_us, style }.to_string()
}

#[cfg(test)]
mod tests {
    use super::{format_instant, parse_instant};

    #[test]
    fn instants_are_read_and_written() {
        for (text, us, written) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("1970-01-01T00:00:00.000000Z", 0, "1970-01-01T00:00:00Z"),
            (
                "1970-01-01T00:00:01.5Z",
                1_500_000,
                "1970-01-01T00:00:01.5Z",
            ),
            (
                "1969-12-31T23:59:59.999999999Z",
                -1,
                "1969-12-31T23:59:59.999999Z",
            ),
            (
                "1970-01-01T00:00:00.010Z",
                10_000,
                "1970-01-01T00:00:00.01Z",
            ),
        ] {
            assert_eq!(parse_instant(text), Some(us), "{text}");
            assert_eq!(format_instant(us), written);
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for bad in [
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00+00:00Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1e1Z",
            "1970-01-01T24:00:00Z",
            "1970-02-30T00:00:00Z",
            "é970-01-01T00:00:0Z",
            "",
        ] {
            assert_eq!(parse_instant(bad), None, "{bad}");
        }
    }
}
