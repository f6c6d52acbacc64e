//! Instants as CQL2 writes them: `YYYY-MM-DDThh:mm:ss[.f]Z`, always in UTC.

use crate::model::temporal::{DateTime, Style, Zone};

/// Microseconds since 1970-01-01T00:00:00Z; finer digits are cut.
pub(super) fn parse(text: &str) -> Option<i64> {
    let civil = text.strip_suffix('Z')?;
    let (seconds, fraction) = match civil.split_once('.') {
        Some((seconds, fraction)) => (seconds, fraction),
        None => (civil, "0"),
    };
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let is_plain = seconds.len() == 19 && seconds.as_bytes()[10] == b'T';
    if !is_fraction || !is_plain {
        return None;
    }
    let micros = &fraction[..fraction.len().min(6)];
    DateTime::parse(&format!("{seconds}.{micros}Z"), |_| 0).map(|t| t.instant_us)
}

/// As it is written, with the digits of the fraction that say something.
pub(super) fn write(instant_us: i64) -> String {
    let micros = instant_us.rem_euclid(1_000_000);
    let mut fraction_digits = 6;
    while fraction_digits > 0 && micros % 10_i64.pow(7 - u32::from(fraction_digits)) == 0 {
        fraction_digits -= 1;
    }
    let style = Style {
        space: false,
        fraction_digits,
        zone: Zone::Utc,
    };
    DateTime { instant_us, style }.to_string()
}

#[cfg(test)]
mod tests {
    use super::{parse, write};

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
            assert_eq!(parse(text), Some(us), "{text}");
            assert_eq!(write(us), written);
        }
    }

    #[test]
    fn what_is_no_instant_in_utc_is_refused() {
        for bad in [
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00+00:00",
            "1970-01-01T00:00:00+00:00Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1e1Z",
            "1970-01-01T24:00:00Z",
            "1970-02-30T00:00:00Z",
            "1970-01-01t00:00:00z",
            "é970-01-01T00:00:0Z",
            "",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
