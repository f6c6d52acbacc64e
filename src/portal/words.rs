//! Values in words, and links that are safe to follow.

use std::borrow::Cow;

use crate::model::schema::Field;

use super::lang::Speak as _;
use crate::api::model::Value;
use crate::catalog::Language;

/// A value, ready for a template.
#[derive(Debug, PartialEq)]
pub(super) enum Shown<'a> {
    /// No value.
    Nothing,
    /// Words.
    Text(Cow<'a, str>),
    /// Digits, aligned to the right.
    Number(String),
    /// A code and what it means.
    Coded { code: Cow<'a, str>, label: &'a str },
    /// An address to follow.
    Web(&'a str),
    /// A day or an instant.
    Time(&'a str),
    /// JSON.
    Json(&'a str),
}

/// How a page shows the value of a field. Numbers stay as the API writes them: they may be codes, years or keys.
pub(super) fn shown<'a>(field: &'a Field, value: &'a Value, lang: Language) -> Shown<'a> {
    let code: Cow<'a, str> = match value {
        Value::Null => return Shown::Nothing,
        Value::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        Value::Int(i) => Cow::Owned(i.to_string()),
        Value::Float(f) => Cow::Owned(float(*f)),
        Value::Text(s) | Value::Time(s) | Value::Json(s) => Cow::Borrowed(s),
    };
    if let Some(label) = field.codes.get(code.as_ref()) {
        return Shown::Coded { code, label };
    }
    match value {
        Value::Null => Shown::Nothing,
        Value::Bool(b) => {
            let t = lang.texts();
            Shown::Text(Cow::Borrowed(if *b { t.yes } else { t.no }))
        }
        Value::Int(_) | Value::Float(_) => Shown::Number(code.into_owned()),
        Value::Text(s) if web(s).is_some() => Shown::Web(s),
        Value::Text(s) => Shown::Text(Cow::Borrowed(s)),
        Value::Time(s) => Shown::Time(s),
        Value::Json(s) => Shown::Json(s),
    }
}

/// The shortest digits that read back as the same double; with an exponent where they would be many.
fn float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && size.is_finite() && !(1e-6..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// The text if it is an address that a link may carry: http and https only, never a script.
pub(super) fn web(text: &str) -> Option<&str> {
    let rest = ["https://", "http://"].into_iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then(|| &text[scheme.len()..])
    })?;
    let clean = !rest.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c));
    clean.then_some(text)
}

/// Where a contact leads: a web address, a mailbox, or nowhere.
pub(super) fn contact(text: &str) -> Option<String> {
    if let Some(url) = web(text) {
        return Some(url.to_owned());
    }
    let address = text.strip_prefix("mailto:").unwrap_or(text);
    let (name, host) = address.split_once('@')?;
    let allowed = |s: &str, extra: &str| {
        !s.is_empty()
            && s.chars()
                .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    (allowed(name, ".-_+") && allowed(host, ".-") && host.contains('.'))
        .then(|| format!("mailto:{address}"))
}

/// The host of a web address, which says more to people than the whole; any other text as it is.
fn host(text: &str) -> &str {
    let rest = web(text).and_then(|url| url.split("://").nth(1));
    rest.and_then(|rest| rest.split(['/', '?', '#']).next())
        .map_or(text, |host| host.trim_start_matches("www."))
}

/// A licence's name and address, from the short name or the URL that the publisher gave.
pub(super) fn licence(given: &str, lang: Language) -> (Cow<'_, str>, Option<&str>) {
    let known = LICENCES
        .iter()
        .find(|l| l.ids.iter().any(|id| id.eq_ignore_ascii_case(given)));
    match known {
        Some(l) => {
            let title = match lang {
                Language::Fr => l.fr,
                Language::En => l.en,
            };
            (Cow::Borrowed(title), Some(l.url))
        }
        None => (Cow::Borrowed(host(given)), web(given)),
    }
}

/// A licence by its short names.
struct Licence {
    ids: &'static [&'static str],
    fr: &'static str,
    en: &'static str,
    url: &'static str,
}

/// The licences that French public bodies use for open data, by SPDX id and by the id of data.gouv.fr.
const LICENCES: [Licence; 8] = [
    Licence {
        ids: &["etalab-2.0", "lov2", "licence-ouverte-2.0"],
        fr: "Licence Ouverte 2.0 (Etalab)",
        en: "Open Licence 2.0 (Etalab)",
        url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
    },
    Licence {
        ids: &["odbl-1.0", "odc-odbl", "odbl"],
        fr: "Open Database License 1.0 (ODbL)",
        en: "Open Database License 1.0 (ODbL)",
        url: "https://opendatacommons.org/licenses/odbl/1-0/",
    },
    Licence {
        ids: &["odc-by-1.0", "odc-by"],
        fr: "Open Data Commons Attribution 1.0",
        en: "Open Data Commons Attribution 1.0",
        url: "https://opendatacommons.org/licenses/by/1-0/",
    },
    Licence {
        ids: &["cc-by-4.0"],
        fr: "Creative Commons Attribution 4.0",
        en: "Creative Commons Attribution 4.0",
        url: "https://creativecommons.org/licenses/by/4.0/",
    },
    Licence {
        ids: &["cc-by-sa-4.0"],
        fr: "Creative Commons Attribution – Partage dans les mêmes conditions 4.0",
        en: "Creative Commons Attribution-ShareAlike 4.0",
        url: "https://creativecommons.org/licenses/by-sa/4.0/",
    },
    Licence {
        ids: &["cc-by-nc-4.0"],
        fr: "Creative Commons Attribution – Pas d’utilisation commerciale 4.0",
        en: "Creative Commons Attribution-NonCommercial 4.0",
        url: "https://creativecommons.org/licenses/by-nc/4.0/",
    },
    Licence {
        ids: &["cc0-1.0", "cc0", "cc-zero"],
        fr: "CC0 1.0 (domaine public)",
        en: "CC0 1.0 (public domain)",
        url: "https://creativecommons.org/publicdomain/zero/1.0/",
    },
    Licence {
        ids: &["pddl-1.0", "odc-pddl"],
        fr: "Public Domain Dedication and License 1.0",
        en: "Public Domain Dedication and License 1.0",
        url: "https://opendatacommons.org/licenses/pddl/1-0/",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::schema::DataType;

    #[test]
    fn only_web_addresses_are_followed() {
        assert!(web("https://example.org/a?b=c").is_some());
        assert!(web("HTTP://example.org").is_some());
        for bad in [
            "javascript:alert(1)",
            "https://",
            "data:text/html,x",
            "https://a b",
            "https://a\n",
            "//example.org",
            "é",
        ] {
            assert!(web(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn contacts_lead_to_mailboxes_and_sites_only() {
        assert_eq!(
            contact("sig@example.org").as_deref(),
            Some("mailto:sig@example.org")
        );
        assert_eq!(
            contact("https://example.org/contact").as_deref(),
            Some("https://example.org/contact")
        );
        for bad in [
            "javascript:a@b.c",
            "Service SIG, 04 00 00 00 00",
            "a@b",
            "a@b.c?bcc=d@e.f",
        ] {
            assert_eq!(contact(bad), None, "{bad}");
        }
    }

    #[test]
    fn licences_have_names_and_addresses() {
        assert_eq!(
            licence("etalab-2.0", Language::Fr).0,
            "Licence Ouverte 2.0 (Etalab)"
        );
        assert_eq!(
            licence("ETALAB-2.0", Language::En).0,
            "Open Licence 2.0 (Etalab)"
        );
        assert_eq!(
            licence("https://www.example.org/l", Language::En),
            (
                Cow::Borrowed("example.org"),
                Some("https://www.example.org/l")
            )
        );
        assert_eq!(licence("javascript:x", Language::En).1, None);
    }

    #[test]
    fn values_are_shown_by_type_and_code() {
        let mut field = Field::new("etat", DataType::String);
        field.codes.insert("S".into(), "en service".into());
        let text = |s: &str| Value::Text(s.to_owned());
        assert_eq!(
            shown(&field, &text("S"), Language::Fr),
            Shown::Coded {
                code: Cow::Borrowed("S"),
                label: "en service"
            }
        );
        assert_eq!(
            shown(&field, &text("H"), Language::Fr),
            Shown::Text(Cow::Borrowed("H"))
        );
        assert_eq!(
            shown(&field, &Value::Bool(true), Language::Fr),
            Shown::Text(Cow::Borrowed("oui"))
        );
        assert_eq!(
            shown(&field, &Value::Int(2024), Language::Fr),
            Shown::Number("2024".into())
        );
        assert_eq!(
            shown(&field, &Value::Float(0.1), Language::Fr),
            Shown::Number("0.1".into())
        );
        assert_eq!(
            shown(&field, &Value::Float(1e300), Language::Fr),
            Shown::Number("1e300".into())
        );
        assert_eq!(shown(&field, &Value::Null, Language::Fr), Shown::Nothing);
        assert_eq!(
            shown(&field, &text("https://example.org"), Language::Fr),
            Shown::Web("https://example.org")
        );
    }
}
