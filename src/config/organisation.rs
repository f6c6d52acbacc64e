//! `[[organisation]]`: a publisher or partner.

use super::area::{self, Area};
use super::fault::Place;
use super::grant::read_terms;
use super::names::{Kind, define, own_id, reference};
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
    /// The colour of its portal, as `#rrggbb`.
    pub colour: Option<String>,
    /// The area it is responsible for.
    pub jurisdiction: Option<Area>,
    /// The organisation that hosts it: members of that one act here with the same role.
    pub parent: Option<String>,
    /// Its number in the national register (fourteen digits), by which an identity provider names it.
    pub siret: Option<String>,
    /// Terms that it accepted, each a name and a version.
    pub accepted: Vec<(String, u64)>,
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
    let colour = t.get("colour").and_then(|n| n.colour());
    let jurisdiction = t
        .get("jurisdiction")
        .and_then(|n| area::read_alone(&n, "jurisdiction"));
    let parent = t.get("parent").and_then(|n| {
        let parent = reference(&n, Kind::Organisation)?;
        if Some(&parent) == id.as_ref() {
            n.fault("an organisation is not its own parent");
        }
        Some(parent)
    });
    let siret = t.get("siret").and_then(|n| {
        let siret = n.string()?;
        let is_one = siret.len() == 14 && siret.bytes().all(|b| b.is_ascii_digit());
        if is_one {
            Some(siret)
        } else {
            n.wrong("the fourteen digits of a SIRET")
        }
    });
    let accepted = t.get("accepted").and_then(|n| n.list()).unwrap_or_default();
    let accepted = accepted.iter().filter_map(read_terms).collect();
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
        colour,
        jurisdiction,
        parent,
        siret,
        accepted,
    })
}
