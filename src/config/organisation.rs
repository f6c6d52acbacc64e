//! `[[organisation]]`: a publisher or partner.

use super::area::{self, Area};
use super::fault::Place;
use super::names::{Kind, define, own_id};
use super::table::Table;

/// A publisher or partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Where it is defined.
    pub place: Place,
    /// Its id.
    pub id: String,
    /// Title for people; the id if none was given.
    pub title: String,
    /// A paragraph.
    pub description: Option<String>,
    /// Its own web site.
    pub url: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// The area it is responsible for.
    pub jurisdiction: Option<Area>,
}

/// Reads one.
pub(super) fn read(t: Table<'_>) -> Option<Organisation> {
    let id = own_id(&t);
    if let Some(id) = &id {
        define(&t, Kind::Organisation, id);
    }
    let title = t.string("title");
    let description = t.string("description");
    let url = t.string("url");
    let contact = t.string("contact");
    let jurisdiction = t
        .get("jurisdiction")
        .and_then(|n| area::read_alone(&n, "jurisdiction"));
    let place = t.place();
    t.finish();
    let id = id?;
    Some(Organisation {
        place,
        title: title.unwrap_or_else(|| id.clone()),
        id,
        description,
        url,
        contact,
        jurisdiction,
    })
}
