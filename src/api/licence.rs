//! Persistent addresses of licences.

/// Short names that publishers use, with the address and the full name of the licence.
const KNOWN: &[(&[&str], &str, &str)] = &[
    (
        &["etalab-2.0", "lo-2.0", "lov2", "fr-lo"],
        "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
        "Licence Ouverte / Open Licence 2.0",
    ),
    (
        &["odbl-1.0", "odbl"],
        "https://opendatacommons.org/licenses/odbl/1-0/",
        "Open Database License 1.0",
    ),
    (
        &["cc0-1.0", "cc0"],
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "CC0 1.0",
    ),
    (
        &["cc-by-4.0"],
        "https://creativecommons.org/licenses/by/4.0/",
        "CC BY 4.0",
    ),
    (
        &["cc-by-sa-4.0"],
        "https://creativecommons.org/licenses/by-sa/4.0/",
        "CC BY-SA 4.0",
    ),
];

/// Address and title of a licence that is a URL or a known short name.
pub(super) fn link(licence: &str) -> Option<(String, String)> {
    if licence.starts_with("https://") || licence.starts_with("http://") {
        let fit = licence
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b));
        return fit.then(|| (licence.to_owned(), licence.to_owned()));
    }
    let name = licence.to_ascii_lowercase();
    let known = KNOWN
        .iter()
        .find(|(names, ..)| names.contains(&name.as_str()));
    known.map(|(_, url, title)| ((*url).to_owned(), (*title).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let etalab = link("Etalab-2.0").expect("known");
        assert!(etalab.0.starts_with("https://www.etalab.gouv.fr/"));
        assert_eq!(
            link("https://example.org/l").expect("a URL").0,
            "https://example.org/l"
        );
        assert_eq!(link("https://example.org/\"><script>"), None);
        assert_eq!(link("do what you want"), None);
    }
}
