//! "Did you mean": the nearest of the words that would have been right.

use strsim::osa_distance;

/// The known word nearest to `given`, if it is near enough to be a slip: one edit in short words, a third of the letters in longer
/// ones, or one word the beginning of the other. Letter case counts for nothing.
pub(super) fn nearest<'a>(
    given: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let given = given.to_lowercase();
    let budget = (given.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(&given, &word.to_lowercase(), budget), word))
        .filter(|(distance, _)| *distance <= budget)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Edits between two words; a beginning of three letters or more counts as the last resort within `budget`.
fn distance(given: &str, word: &str, budget: usize) -> usize {
    let edits = osa_distance(given, word);
    let (short, long) = if given.len() < word.len() {
        (given, word)
    } else {
        (word, given)
    };
    if short.len() >= 3 && long.starts_with(short) {
        edits.min(budget)
    } else {
        edits
    }
}

/// `; did you mean "title"?`, or nothing.
pub(super) fn hint<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, known).map_or_else(String::new, |word| format!("; did you mean {word:?}?"))
}

/// Words for people: `"a", "b" or "c"`.
pub(super) fn alternatives<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|w| format!("{w:?}")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["title", "tiles", "time", "licence", "organisation"];
        assert_eq!(nearest("titel", known), Some("title"));
        assert_eq!(nearest("Title", known), Some("title"));
        assert_eq!(nearest("license", known), Some("licence"));
        assert_eq!(nearest("organization", known), Some("organisation"));
        assert_eq!(nearest("organisation_id", known), Some("organisation"));
        assert_eq!(nearest("tit", known), Some("title"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("x", known), None);
    }

    #[test]
    fn alternatives_read_like_a_sentence() {
        assert_eq!(alternatives(["a"]), r#""a""#);
        assert_eq!(alternatives(["a", "b", "c"]), r#""a", "b" or "c""#);
    }
}
