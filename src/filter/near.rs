//! The known word that a slip of the pen may have meant.

use strsim::osa_distance;

/// The known word nearest to `given`: the same but for upper and lower case, or with a third of its letters wrong at most.
pub(super) fn nearest<'a>(
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A long text is no slip, and distances cost the product of the lengths.
    const LONGEST: usize = 64;
    if given.len() > LONGEST {
        return None;
    }
    let given = given.to_lowercase();
    let budget = given.chars().count().div_ceil(3);
    known
        .into_iter()
        .filter(|word| word.len() <= LONGEST)
        .map(|word| (osa_distance(&given, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= budget && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["commune", "code_insee", "état", "op"];
        for (given, expected) in [
            ("communes", Some("commune")),
            ("COMMUNE", Some("commune")),
            ("comune", Some("commune")),
            ("code-insee", Some("code_insee")),
            ("etat", Some("état")),
            ("pop", Some("op")),
            ("x", None),
            ("departement", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, known), expected, "{given}");
        }
        assert_eq!(nearest(&"commune".repeat(1000), known), None);
    }
}
