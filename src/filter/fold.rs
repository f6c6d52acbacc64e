//! Texts made comparable: `CASEI` (§7.3) and `ACCENTI` (§7.4).

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::ast::FoldOp;

impl FoldOp {
    /// The folded text; borrowed where folding changes nothing that is cheap to see.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Casei => casei(text),
            Self::Accenti => accenti(text),
        }
    }
}

/// Full case folding, toCasefold(X) of the Unicode Standard, clause 3.13: `STRASSE` and `straße` become one text. No language is
/// special (`I` becomes `i` also in Turkish), and the text is not normalised: `é` of one code point and of two remain two texts.
pub fn casei(text: &str) -> Cow<'_, str> {
    let Some((first, _)) = text.char_indices().find(|(_, c)| changes_case(*c)) else {
        return Cow::Borrowed(text);
    };
    let (same, rest) = text.split_at(first);
    let mut folded = String::with_capacity(text.len() + 8);
    folded.push_str(same);
    for c in rest.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            folded.extend(std::iter::once(c).default_case_fold());
        }
    }
    Cow::Owned(folded)
}

/// Without accents: canonical decomposition (NFD), nonspacing marks (general category Mn) taken out, canonical composition (NFC).
/// `Chișinău` becomes `Chisinau`. Letters that Unicode does not decompose keep their shape (`ø`, `ł`, `ß`). The Japanese voicing marks
/// U+3099 and U+309A stay, since with them か and が are two letters (`/rec/accent-insensitive-comparison/japanese-non-spacing-marks`).
pub fn accenti(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut simple = true;
    for c in text.chars() {
        if c.is_ascii() {
            plain.push(c);
        } else {
            decompose_canonical(c, |part| {
                simple &= part < COMPOSES;
                if !is_accent(part) {
                    plain.push(part);
                }
            });
        }
    }
    Cow::Owned(if simple { plain } else { the_long_way(text) })
}

/// Below this code point all characters that reordering and composition move or join to the one before are nonspacing marks: once they
/// are out, what is left of European and Semitic scripts is in both normal forms.
const COMPOSES: char = '\u{900}';

fn the_long_way(text: &str) -> String {
    text.nfd().filter(|c| !is_accent(*c)).nfc().collect()
}

fn is_accent(c: char) -> bool {
    // U+0300 is the first mark of Unicode.
    c >= '\u{300}'
        && !matches!(c, '\u{3099}' | '\u{309A}')
        && c.general_category() == GeneralCategory::NonspacingMark
}

fn changes_case(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_uppercase();
    }
    let mut folded = std::iter::once(c).default_case_fold();
    folded.next() != Some(c) || folded.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::char::{canonical_combining_class, compose};

    #[test]
    fn case_is_folded_in_full() {
        for (text, folded) in [
            ("", ""),
            ("abc 123", "abc 123"),
            ("Marseille", "marseille"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("KØBENHAVN", "københavn"),
            ("CHIȘINĂU", "chișinău"),
            ("éÉ", "éé"),
            // All three sigmas are one letter.
            ("Οδος ΟΔΟΣ", "οδοσ οδοσ"),
            ("ﬃ", "ffi"),
            ("ŉ", "ʼn"),
            ("İI", "i\u{307}i"),
            ("ı", "ı"),
            // The Kelvin sign and the Ångström sign are letters.
            ("\u{212A}\u{212B}", "kå"),
            // Cherokee folds towards upper case.
            ("\u{AB70}", "\u{13A0}"),
            ("\u{1E921}", "\u{1E943}"),
            ("日本語\0A", "日本語\0a"),
            // Folding does not compose.
            ("E\u{301}", "e\u{301}"),
        ] {
            assert_eq!(casei(text), folded, "{text}");
        }
    }

    #[test]
    fn accents_are_taken_out() {
        for (text, plain) in [
            ("", ""),
            ("Kiev", "Kiev"),
            ("Chișinău", "Chisinau"),
            ("débárquér", "debarquer"),
            ("de\u{301}ba\u{302}cle", "debacle"),
            ("Việt Nam", "Viet Nam"),
            ("ÀÉÎÕÜÇ", "AEIOUC"),
            ("København Łódź straße", "København Łodz straße"),
            ("Ἀθῆναι", "Αθηναι"),
            ("й", "и"),
            // The Ångström sign is a canonical double of Å.
            ("\u{212B}", "A"),
            // Japanese voicing marks make letters of their own, composed or not.
            ("がぱ", "がぱ"),
            ("か\u{3099}は\u{309A}", "がぱ"),
            ("カ\u{3099}", "ガ"),
            // Hangul is put together again.
            ("\u{1112}\u{1161}\u{11AB}", "한"),
            // Spacing marks (Mc) stay, nonspacing ones (Mn) go.
            ("\u{915}\u{93E}\u{941}", "\u{915}\u{93E}"),
            ("\u{301}", ""),
        ] {
            assert_eq!(accenti(text), plain, "{text}");
        }
    }

    #[test]
    fn what_does_not_change_is_borrowed() {
        assert!(matches!(casei("déjà vu"), Cow::Borrowed(_)));
        assert!(matches!(casei("plain"), Cow::Borrowed(_)));
        assert!(matches!(casei("Déjà"), Cow::Owned(_)));
        assert!(matches!(accenti("Plain"), Cow::Borrowed(_)));
    }

    /// What the short way rests on: no character below the bound composes with the one before it or changes places, but marks that are
    /// taken out.
    #[test]
    fn below_the_bound_only_accents_compose() {
        for c in ('\u{80}'..COMPOSES).filter(|c| !is_accent(*c)) {
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
            for first in '\0'..COMPOSES {
                assert_eq!(compose(first, c), None, "{first:?} {c:?}");
            }
        }
        for c in '\0'..COMPOSES {
            decompose_canonical(c, |part| assert!(part < COMPOSES, "{c:?} {part:?}"));
        }
    }

    #[test]
    fn the_tables_are_of_the_standards_version_or_later() {
        // §7.3 and §7.4 name Unicode 14; strings are recommended to follow 15.
        assert!(caseless::UNICODE_VERSION.0 >= 15);
        assert!(unicode_normalization::UNICODE_VERSION.0 >= 15);
        assert!(unicode_properties::UNICODE_VERSION.0 >= 15);
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,12}") {
            let once = casei(&text).into_owned();
            prop_assert_eq!(casei(&once), once.as_str());
            let once = accenti(&text).into_owned();
            prop_assert_eq!(accenti(&once), once.as_str());
            prop_assert!(once.chars().all(|c| !is_accent(c)));
        }

        #[test]
        fn letters_of_both_cases_are_one(text in "\\PC{0,12}") {
            // Letters that the simple case mappings turn into each other; İ is none of them.
            for c in text.chars() {
                let lower: String = c.to_lowercase().collect();
                if lower.chars().count() == 1 && lower.to_uppercase() == c.to_string() {
                    let upper = c.to_string();
                    prop_assert_eq!(casei(&lower), casei(&upper));
                }
            }
        }

        #[test]
        fn ascii_agrees_with_the_long_way(text in "[ -~]{0,20}") {
            let long: String = text.chars().default_case_fold().collect();
            prop_assert_eq!(casei(&text), long);
        }

        #[test]
        fn the_short_way_is_the_long_way(
            text in "\\PC{0,12}",
            letters in "[a-zà-ÿα-ωἀ-῾а-я\u{300}-\u{36F}\u{488}\u{5B0}-\u{5C7}\u{64B}-\u{670}か\u{3099}]{0,12}",
        ) {
            prop_assert_eq!(accenti(&text), the_long_way(&text));
            prop_assert_eq!(accenti(&letters), the_long_way(&letters));
        }
    }
}
