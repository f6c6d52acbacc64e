//! Amounts of bytes as people write them.

/// Units, powers of 1024 (IEC 80000-13) and of 1000 (SI).
const UNITS: [(&str, u64); 9] = [
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
];

/// Bytes of a text such as `8GiB`, `1.5 GB` or `4096`; `None` if it is not an amount of bytes or does not fit 64 bits.
pub(super) fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start().to_ascii_lowercase();
    let factor = match unit.as_str() {
        "" => 1,
        unit => UNITS.iter().find(|(name, _)| *name == unit)?.1,
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let bytes = number.parse::<f64>().ok()? * factor as f64;
    (factor > 1 && bytes < u64::MAX as f64).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_in_both_families_of_units() {
        for (text, bytes) in [
            ("8GiB", 8 << 30),
            ("8 gib", 8 << 30),
            ("64KiB", 65_536),
            ("500MB", 500_000_000),
            ("1.5GiB", 3 << 29),
            ("4096", 4096),
            ("12 B", 12),
        ] {
            assert_eq!(parse_bytes(text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in [
            "",
            "8G",
            "GiB",
            "-1MB",
            "1.2.3MB",
            "8 GiB or so",
            "1.5",
            "99999999999TB",
            "1e3",
        ] {
            assert_eq!(parse_bytes(text), None, "{text}");
        }
    }
}
