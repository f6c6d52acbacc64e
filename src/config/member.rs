//! `[[member]]`: somebody who acts for an organisation.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fault::Place;
use super::grant::instant;
use super::names::{Kind, define, group, own_id, reference};
use super::table::Table;

/// What a member may do; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Role {
    Reader,
    Editor,
    Publisher,
    Admin,
}

/// Somebody who acts for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where it is defined.
    pub place: Place,
    /// Its id.
    pub id: String,
    /// For which organisation.
    pub organisation: String,
    /// As what.
    pub role: Role,
    /// Groups to which the member belongs.
    pub groups: Vec<String>,
    /// How an identity provider names the member: issuer and subject.
    pub identity: Option<(String, String)>,
    /// The first instant at which the membership no longer holds.
    pub until: Option<Timestamp>,
}

const ROLES: [(&str, Role); 4] = [
    ("reader", Role::Reader),
    ("editor", Role::Editor),
    ("publisher", Role::Publisher),
    ("admin", Role::Admin),
];

/// Reads one; days end in `zone`.
pub(super) fn read(t: Table<'_>, zone: &TimeZone) -> Option<Member> {
    let id = own_id(&t);
    if let Some(id) = &id {
        define(&t, Kind::Member, id);
    }
    let organisation = t
        .need("organisation", "for which [[organisation]] does it act?")
        .and_then(|n| reference(&n, Kind::Organisation));
    let role = t
        .need("role", "\"reader\", \"editor\", \"publisher\" or \"admin\"")
        .and_then(|n| n.choice(&ROLES));
    let groups = t.get("groups").and_then(|n| n.list()).unwrap_or_default();
    let groups = groups.iter().filter_map(group).collect();
    let identity = t.table("identity", "identity").and_then(|t| {
        let issuer = t.need_string("issuer", "what do its tokens say in \"iss\"?");
        let subject = t.need_string("subject", "what do they say in \"sub\"?");
        t.finish();
        issuer.zip(subject)
    });
    let until = t.get("until").and_then(|n| instant(&n, zone, true));
    let place = t.place();
    t.finish();
    Some(Member {
        place,
        id: id?,
        organisation: organisation?,
        role: role?,
        groups,
        identity,
        until,
    })
}
