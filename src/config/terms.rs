//! `[[terms]]`: a version of terms of use.

use super::fault::Place;
use super::key::hash;
use super::names::{Kind, define, own_id, reference};
use super::node::Node;
use super::table::Table;

/// A version of terms of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsText {
    /// Where it is defined.
    pub place: Place,
    /// Their id.
    pub id: String,
    /// Which version.
    pub version: u64,
    /// The organisation that made them.
    pub organisation: Option<String>,
    /// Title for people.
    pub title: String,
    /// Where the text stands.
    pub url: Option<String>,
    /// SHA-256 of the text.
    pub sha256: Option<[u8; 32]>,
}

/// Reads one.
pub(super) fn read(t: Table<'_>) -> Option<TermsText> {
    let id = own_id(&t);
    let version = t
        .need("version", "which one is it? 1 is the first")
        .and_then(|n| n.integer(1..=u64::from(u32::MAX)));
    if let (Some(id), Some(version)) = (&id, version) {
        define(&t, Kind::Terms, &format!("{id}@{version}"));
    }
    let title = t.need_string("title", "what are they called?");
    let organisation = t.get("organisation");
    let organisation = organisation.and_then(|n| reference(&n, Kind::Organisation));
    let url = t.get("url").and_then(|n| web_address(&n));
    let sha256 = t.get("sha256").and_then(|n| hash(&n));
    let place = t.place();
    t.finish();
    Some(TermsText {
        place,
        id: id?,
        version: version?,
        organisation,
        title: title?,
        url,
        sha256,
    })
}

fn web_address(node: &Node<'_>) -> Option<String> {
    let url = node.string()?;
    let web = url.starts_with("https://") || url.starts_with("http://");
    if web && url.bytes().all(|b| b.is_ascii_graphic()) {
        return Some(url);
    }
    node.wrong("an address that begins with https://")
}
