use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn plain(pattern: &str) -> Pattern {
    Pattern::new(pattern, &[])
}

#[test]
fn each_wildcard_and_escape() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("%", "", true),
        ("%", "é", true),
        ("%%", "", true),
        ("_", "", false),
        ("_", "é", true),
        ("_", "日", true),
        ("_", "🗺", true),
        ("_", "e\u{301}", false),
        ("__", "e\u{301}", true),
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("abc", "ABC", false),
        ("abc%", "abc", true),
        ("abc%", "abcd", true),
        ("abc%", "ab", false),
        ("%abc", "xabc", true),
        ("%abc", "abcx", false),
        ("%abc%", "xxabcyy", true),
        ("%abc%", "xxabyy", false),
        ("a%a", "a", false),
        ("a%a", "aa", true),
        ("ab%ba", "aba", false),
        ("ab%ba", "abba", true),
        ("a%b%c", "a-b-c", true),
        ("a%b%c", "a-c-b", false),
        ("B_r%", "Berlin", true),
        ("B_r%", "Bern", true),
        ("B_r%", "Brno", false),
        ("_%", "", false),
        ("_%", "a", true),
        ("%_", "", false),
        ("%_%", "é", true),
        ("%_%_%", "é", false),
        ("%_%_%", "éa", true),
        ("__%__", "abc", false),
        ("__%__", "abcd", true),
        ("%a_c%", "xabbc abc", true),
        ("%a_c%", "xaéc", true),
        ("%a_c%", "xaéé", false),
        ("%a__c", "aéàc", true),
        ("%a__c", "aéc", false),
        ("%é_é%", "aéaéa", true),
        ("%a_b_c%", "a-b-b-c a-b-c-", true),
        ("a_%_b", "a12b", true),
        ("a_%_b", "a1b", false),
        ("100\\%", "100%", true),
        ("100\\%", "1000", false),
        ("a\\_b", "a_b", true),
        ("a\\_b", "axb", false),
        ("a\\\\b", "a\\b", true),
        ("a\\\\b", "a\\\\b", false),
        ("\\a", "a", true),
        ("a\\", "a\\", true),
        ("%\\%%", "50 % of", true),
        ("%\\%%", "50 of", false),
        ("%\n%", "two\nlines", true),
        ("_\n_", "a\nb", true),
    ] {
        assert_eq!(
            plain(pattern).matches(text),
            expected,
            "{text:?} LIKE {pattern:?}"
        );
    }
}

#[test]
fn folds_keep_wildcards_and_escapes() {
    use FoldOp::{Accenti, Casei};
    for (pattern, folds, text, expected) in [
        ("B_R%", &[Casei][..], "berlin", true),
        ("B_R%", &[], "berlin", false),
        ("CHIȘ%", &[Casei, Accenti], "chisinau", true),
        ("cHis%", &[Accenti, Casei], "chisinau", true),
        ("Straße%", &[Casei], "strasse 5", true),
        ("STRASSE\\%", &[Casei], "strasse%", true),
        ("STRASSE\\%", &[Casei], "strasse 5", false),
        ("%É\\_%", &[Accenti, Casei], "xe_y", true),
        ("%É\\_%", &[Accenti, Casei], "xeuy", false),
        // A lone accent is nothing.
        ("a\u{301}_\\\u{301}_", &[Accenti], "abc", true),
        ("%\u{301}%", &[Accenti], "", true),
        // ß is two characters when folded.
        ("stra_e", &[Casei], "strasse", false),
        ("stra__e", &[Casei], "strasse", true),
    ] {
        let compiled = Pattern::new(pattern, folds);
        assert_eq!(
            compiled.matches(text),
            expected,
            "{text:?} LIKE {pattern:?} {folds:?}"
        );
    }
}

#[test]
fn what_an_index_may_know() {
    for (pattern, prefix, prefix_only, exact) in [
        ("", None, false, true),
        ("abc", Some("abc"), false, true),
        ("a\\%c", Some("a%c"), false, true),
        ("abc%", Some("abc"), true, false),
        ("abc%%", Some("abc"), true, false),
        ("abc%d", Some("abc"), false, false),
        ("abc_%", Some("abc"), false, false),
        ("abc_", Some("abc"), false, false),
        ("a_c%", Some("a"), false, false),
        ("%", None, false, false),
        ("%%", None, false, false),
        ("%_", None, false, false),
        ("_", None, false, false),
        ("%abc", None, false, false),
    ] {
        let p = plain(pattern);
        assert_eq!(p.prefix(), prefix, "{pattern}");
        assert_eq!(p.is_prefix_only(), prefix_only, "{pattern}");
        assert_eq!(p.is_exact(), exact, "{pattern}");
        assert!(p.cost() > 0);
    }
    assert_eq!(
        Pattern::new("ÉTÉ%", &[FoldOp::Accenti, FoldOp::Casei]).prefix(),
        Some("ete")
    );
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    for pattern in ["%a_b%", "_", "a%_", "%__%é", "__%a"] {
        let p = plain(pattern);
        for bytes in [
            &[0x80u8, 0xBF, 0x80][..],
            &[0xC3],
            &[b'a', 0x80],
            &[0xFF; 9],
        ] {
            p.matches_bytes(bytes);
        }
    }
}

/// What blows up a matcher that goes back: each would take minutes if it were quadratic in what is marked.
#[test]
fn no_pattern_is_slow() {
    let text = "a".repeat(200_000);
    let long = "é".repeat(100_000);
    let patterns = [
        format!("{}b", "%a".repeat(30_000)),
        format!("{}b%", "%a".repeat(30_000)),
        format!("%{}b%", "a".repeat(60_000)),
        format!("{}b", "%_a".repeat(20_000)),
        format!("{}%b%", "%_".repeat(30_000)),
        format!("%a{}b%", "_".repeat(1_000)),
        format!("%{}b%", "a_".repeat(500)),
        format!("{}b", "%a_a".repeat(10_000)),
        format!("%{}é%", "_".repeat(60_000)),
    ];
    let start = Instant::now();
    for pattern in &patterns {
        let p = plain(pattern);
        assert!(!p.matches(&text));
        assert!(!p.matches(&format!("{text}x")));
        p.matches(&long);
    }
    // Takes some 50 ms.
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// The definition, by trying everything.
fn oracle(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|i| oracle(rest, &text[i..])),
        ['_', rest @ ..] => !text.is_empty() && oracle(rest, &text[1..]),
        ['\\', c, rest @ ..] => text.first() == Some(c) && oracle(rest, &text[1..]),
        [c, rest @ ..] => text.first() == Some(c) && oracle(rest, &text[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn agrees_with_the_definition(
        pattern in proptest::collection::vec(proptest::sample::select(vec!['a', 'b', 'é', '%', '%', '_', '_', '\\']), 0..12),
        text in proptest::collection::vec(proptest::sample::select(vec!['a', 'b', 'é', '%', '_', '\\', '日']), 0..14),
    ) {
        let expected = oracle(&pattern, &text);
        let (pattern, text): (String, String) = (pattern.into_iter().collect(), text.into_iter().collect());
        prop_assert_eq!(plain(&pattern).matches(&text), expected);
    }

    /// Patterns made from the text itself, so that most of them match.
    #[test]
    fn agrees_where_it_matches(
        text in proptest::collection::vec(proptest::sample::select(vec!['a', 'é', '日']), 0..20),
        ops in proptest::collection::vec(0u8..6, 20),
    ) {
        let mut pattern = Vec::new();
        for (c, op) in text.iter().zip(&ops) {
            match op {
                0 => pattern.push('%'),
                1 => pattern.push('_'),
                2 => pattern.extend(['%', *c]),
                _ => pattern.push(*c),
            }
        }
        let expected = oracle(&pattern, &text);
        let (pattern, text): (String, String) = (pattern.into_iter().collect(), text.into_iter().collect());
        prop_assert_eq!(plain(&pattern).matches(&text), expected);
    }

    /// Runs of more than 64 positions carry from word to word.
    #[test]
    fn long_runs_with_gaps(
        run in proptest::collection::vec(proptest::sample::select(vec!['a', 'é', '_']), 60..150),
        before in "[aé]{0,9}",
        change in 0usize..150,
    ) {
        let pattern: String = std::iter::once('%').chain(run.iter().copied()).chain(['%']).collect();
        let mut inside = run.clone();
        for c in &mut inside {
            if *c == '_' {
                *c = 'é';
            }
        }
        let text: String = before.chars().chain(inside.iter().copied()).chain("aé".chars()).collect();
        prop_assert!(plain(&pattern).matches(&text));
        if let Some(c) = inside.get_mut(change) {
            *c = '日';
            let fits = run[change] == '_';
            let text: String = inside.iter().collect();
            prop_assert_eq!(plain(&pattern).matches(&text), fits);
        }
    }

    #[test]
    fn a_prefix_is_one(pattern in "[aé%_\\\\]{0,6}", text in "[aé]{0,8}") {
        let p = plain(&pattern);
        let starts = p.prefix().is_none_or(|prefix| text.starts_with(prefix));
        if p.matches(&text) {
            prop_assert!(starts);
        }
        if p.is_prefix_only() {
            prop_assert_eq!(p.matches(&text), starts);
        }
        if p.is_exact() {
            prop_assert_eq!(p.matches(&text), text == p.prefix().unwrap_or(""));
        }
    }
}
