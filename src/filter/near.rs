//! "Did you mean": the nearest of the names that would have been right.

use strsim::osa_distance;

/// The time of counting edits grows with the product of the lengths, and a name that is none may be as long as a filter.
const LONGEST: usize = 128;

/// The known name nearest to `given`, in any case, if it is near enough to be a slip: one edit in short names, a third of the letters in
/// longer ones. Names of more than [`LONGEST`] bytes are no slips.
pub fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if given.len() > LONGEST {
        return None;
    }
    let given = given.to_lowercase();
    let most = (given.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (osa_distance(&given, &name.to_lowercase()), name))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["upper", "length", "line_length", "nom", "population"];
        for (given, expected) in [
            ("uper", Some("upper")),
            ("UPPER", Some("upper")),
            ("lenght", Some("length")),
            ("linelength", Some("line_length")),
            ("popluation", Some("population")),
            ("non", Some("nom")),
            ("nam", Some("nom")),
            ("x", None),
            ("buffer", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, known), expected, "{given}");
        }
        let long = "n".repeat(LONGEST + 1);
        assert_eq!(nearest(&long, [long.as_str()]), None);
    }
}
