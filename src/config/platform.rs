//! `[platform]`: what the instance is called and where its links point.

use jiff::tz::TimeZone;

use super::table::Table;

/// The languages of pages and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
}

impl Language {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

/// The instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Platform {
    /// Title for people.
    pub title: String,
    /// A paragraph for the landing page and the API definition.
    pub description: Option<String>,
    /// Whom to write to about the platform.
    pub contact: Option<String>,
    /// Public base of links, without a slash at the end; `None` (loopback only) means the address that is listened on.
    pub url: Option<String>,
    /// The language of those who ask for none; both are served.
    pub language: Language,
    /// The zone of date-times that name none, and of the days in grants.
    pub timezone: TimeZone,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            title: "guichet".to_owned(),
            description: None,
            contact: None,
            url: None,
            language: Language::French,
            timezone: TimeZone::UTC,
        }
    }
}

/// Reads the table.
pub(super) fn read(t: Table<'_>) -> Platform {
    let default = Platform::default();
    let languages = [("fr", Language::French), ("en", Language::English)];
    let platform = Platform {
        title: t.string("title").unwrap_or(default.title),
        description: t.string("description"),
        contact: t.string("contact"),
        url: read_url(&t),
        language: t
            .get("language")
            .and_then(|n| n.choice(&languages))
            .unwrap_or(default.language),
        timezone: read_timezone(&t).unwrap_or(default.timezone),
    };
    t.finish();
    platform
}

fn read_timezone(t: &Table<'_>) -> Option<TimeZone> {
    let node = t.get("timezone")?;
    let name = node.string()?;
    match TimeZone::get(&name) {
        Ok(zone) => Some(zone),
        Err(_) => node.wrong("a time zone of the IANA database such as \"Europe/Paris\""),
    }
}

fn read_url(t: &Table<'_>) -> Option<String> {
    let node = t.get("url")?;
    let url = node.string()?;
    match base_url(&url) {
        Some(base) => Some(base.to_owned()),
        None => node.wrong("an address such as \"https://data.example.org\", without ? or #"),
    }
}

/// The base without the slash at its end, if it is `http(s)://host[:port][/path]` of printable ASCII.
pub(super) fn base_url(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split('/').next().unwrap_or_default();
    let printable = url
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"?#\"'<>\\^`{|}@".contains(&b));
    (printable && !host.is_empty() && !host.starts_with(':')).then(|| url.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn bases_lose_their_last_slash() {
        assert_eq!(
            base_url("https://data.example.org/"),
            Some("https://data.example.org")
        );
        assert_eq!(
            base_url("http://[::1]:8080/geo/"),
            Some("http://[::1]:8080/geo")
        );
    }

    #[test]
    fn what_cannot_begin_a_link_is_refused() {
        for bad in [
            "data.example.org",
            "ftp://a",
            "https://",
            "https://:80",
            "https://a?b",
            "https://a b",
            "https://é",
            "//a",
            "https://u@h",
        ] {
            assert_eq!(base_url(bad), None, "{bad}");
        }
    }
}
