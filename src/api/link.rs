//! Links (RFC 8288), in documents and in the `Link` header.

use serde::Serialize;

/// A link. `href` is absolute: some clients use it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What it is.
    pub rel: &'static str,
    /// Its media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// True if `href` is a template (RFC 6570).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub templated: bool,
}

impl Link {
    /// A link with what every one of ours has.
    pub fn new(
        rel: &'static str,
        href: String,
        media_type: &str,
        title: impl Into<String>,
    ) -> Self {
        Self {
            href,
            rel,
            media_type: Some(media_type.to_owned()),
            title: Some(title.into()),
            templated: false,
        }
    }

    /// The same as a member of the `Link` header. Titles stay in the body: a header holds ASCII.
    pub fn header(&self) -> String {
        let media_type = self
            .media_type
            .as_deref()
            .map(|t| format!("; type=\"{t}\""));
        format!(
            "<{}>; rel=\"{}\"{}",
            self.href,
            self.rel,
            media_type.unwrap_or_default()
        )
    }
}

/// A JSON array of links.
pub fn array(links: &[Link]) -> Vec<u8> {
    serde_json::to_vec(links).expect("links are plain texts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_document_and_in_a_header() {
        let link = Link::new(
            "next",
            "http://a/b?c=1,2".to_owned(),
            "application/geo+json",
            "Page suivante",
        );
        assert_eq!(
            link.header(),
            r#"<http://a/b?c=1,2>; rel="next"; type="application/geo+json""#
        );
        let text = String::from_utf8(array(&[link])).expect("UTF-8");
        assert_eq!(
            text,
            r#"[{"href":"http://a/b?c=1,2","rel":"next","type":"application/geo+json","title":"Page suivante"}]"#
        );
    }
}
