//! The languages of the pages, and how each writes numbers and days.

use std::fmt::Write as _;

use crate::catalog::Language;

use super::texts::{EN, FR, Noun, Texts};

/// What the pages ask of a language.
pub(super) trait Speak: Copy {
    /// The language tag (BCP 47).
    fn code(self) -> &'static str;
    /// Its name in itself.
    fn name(self) -> &'static str;
    /// Every sentence of the pages.
    fn texts(self) -> &'static Texts;
    /// A whole number with its thousands apart: `12 345` (narrow no-break space), `12,345`.
    fn number(self, n: u64) -> String;
    /// A number and what it counts: `1 objet`, `12 345 objets`. French has the singular below 2, English for 1 only.
    fn count(self, n: u64, noun: &Noun) -> String;
    /// A coordinate in degrees, 5 decimals (about a metre) at most.
    fn degrees(self, value: f64) -> String;
    /// A day `YYYY-MM-DD` in words; anything else as it is.
    fn day(self, iso: &str) -> String;
    /// An instant as the API writes it (`2027-06-30T22:00:00Z`) in words, to the minute; anything else as it is.
    fn instant(self, iso: &str) -> String;
}

impl Speak for Language {
    fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
        }
    }

    fn texts(self) -> &'static Texts {
        match self {
            Self::Fr => &FR,
            Self::En => &EN,
        }
    }

    fn number(self, n: u64) -> String {
        let separator = match self {
            Self::Fr => '\u{202f}',
            Self::En => ',',
        };
        let digits = n.to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    fn count(self, n: u64, noun: &Noun) -> String {
        let singular = match self {
            Self::Fr => n < 2,
            Self::En => n == 1,
        };
        let word = if singular { noun.one } else { noun.many };
        format!("{}\u{a0}{word}", self.number(n))
    }

    fn degrees(self, value: f64) -> String {
        let text = format!("{value:.5}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        match self {
            Self::Fr => text.replace('.', ",").replace('-', "\u{2212}"),
            Self::En => text.replace('-', "\u{2212}"),
        }
    }

    fn instant(self, iso: &str) -> String {
        let parts = iso.strip_suffix('Z').and_then(|utc| utc.split_once('T'));
        let parts = parts.and_then(|(day, time)| Some((day, time.get(..5)?)));
        let Some((day, minute)) = parts else {
            return iso.to_owned();
        };
        format!("{}, {minute}\u{a0}UTC", self.day(day))
    }

    fn day(self, iso: &str) -> String {
        let mut parts = iso.splitn(3, '-');
        let parsed = (|| {
            let year: u16 = parts.next()?.parse().ok()?;
            let month: usize = parts.next()?.parse().ok()?;
            let day: u8 = parts.next()?.parse().ok()?;
            let name = self.texts().months.get(month.checked_sub(1)?)?;
            Some((year, name, day))
        })();
        let Some((year, month, day)) = parsed else {
            return iso.to_owned();
        };
        let mut text = day.to_string();
        if self == Self::Fr && day == 1 {
            text.push_str("er");
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "\u{a0}{month}\u{a0}{year}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_follow_the_language() {
        assert_eq!(Language::Fr.number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(Language::En.number(1_234_567), "1,234,567");
        assert_eq!(Language::En.number(0), "0");
        assert_eq!(Language::Fr.number(999), "999");
        assert_eq!(Language::Fr.day("2026-01-01"), "1er\u{a0}janvier\u{a0}2026");
        assert_eq!(Language::En.day("2026-01-01"), "1\u{a0}January\u{a0}2026");
        assert_eq!(Language::En.day("2026-13-01"), "2026-13-01");
        assert_eq!(Language::En.day("yesterday"), "yesterday");
        assert_eq!(Language::Fr.degrees(-4.250_00), "\u{2212}4,25");
        assert_eq!(Language::En.degrees(180.0), "180");
    }

    #[test]
    fn plurals_follow_the_language() {
        assert_eq!(Language::Fr.count(0, &FR.features), "0\u{a0}objet");
        assert_eq!(Language::Fr.count(2, &FR.features), "2\u{a0}objets");
        assert_eq!(Language::En.count(0, &EN.features), "0\u{a0}features");
        assert_eq!(Language::En.count(1, &EN.features), "1\u{a0}feature");
    }

    #[test]
    fn instants_are_told_to_the_minute() {
        let iso = "2027-06-30T22:00:59.5Z";
        assert_eq!(
            Language::Fr.instant(iso),
            "30\u{a0}juin\u{a0}2027, 22:00\u{a0}UTC"
        );
        for other in ["2027-06-30", "tomorrow", "TZ", "aTéééZ"] {
            assert_eq!(Language::En.instant(other), other);
        }
    }
}
