//! `[[key]]`: a key by its hash, so that configurations can be kept where others read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fault::Place;
use super::grant::{ACTIONS, Action, instant};
use super::names::{Kind, define, key_id, reference};
use super::network::Network;
use super::node::Node;
use super::table::Table;

/// Where a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// On servers and desktops.
    Secret,
    /// In web pages.
    Browser,
}

/// What a key is narrowed to. `None` narrows nothing, an empty list closes all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Collection ids.
    pub layers: Option<Vec<String>>,
    /// Actions.
    pub actions: Option<Vec<Action>>,
    /// A profile that must hold besides.
    pub profile: Option<String>,
    /// Last zoom of its tiles.
    pub max_zoom: Option<u8>,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it is defined.
    pub place: Place,
    /// The eight hexadecimal digits in its text.
    pub id: u32,
    /// Whose it is.
    pub organisation: String,
    /// Whose among the members, if it is a member's.
    pub member: Option<String>,
    /// What it is for.
    pub label: String,
    /// SHA-256 of its text.
    pub sha256: [u8; 32],
    /// Where it may be used.
    pub kind: KeyKind,
    /// What it is narrowed to.
    pub scopes: Scopes,
    /// Origins from which browsers may use it; empty is any.
    pub origins: Vec<String>,
    /// Networks from which it may be used; empty is any.
    pub networks: Vec<Network>,
    /// The instant at which it begins to hold.
    pub from: Option<Timestamp>,
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// It is that of whoever runs the machine.
    pub operator: bool,
}

/// Reads one; days begin and end in `zone`, no zoom may be deeper than `max_zoom`.
pub(super) fn read(t: Table<'_>, zone: &TimeZone, max_zoom: u8) -> Option<Key> {
    const MADE: &str = "`guichet key new` makes a key and prints its block";
    let id = t.need("id", MADE).and_then(|n| key_id(&n));
    if let Some(id) = id {
        define(&t, Kind::Key, &format!("{id:08x}"));
    }
    let sha256 = t.need("sha256", MADE).and_then(|n| hash(&n));
    let organisation = t
        .need("organisation", "whose is it?")
        .and_then(|n| reference(&n, Kind::Organisation));
    let member = t.get("member").and_then(|n| reference(&n, Kind::Member));
    let label = t.need_string("label", "what is it for?");
    let kinds = [("secret", KeyKind::Secret), ("browser", KeyKind::Browser)];
    let kind = t.get("kind").and_then(|n| n.choice(&kinds));
    let scopes = t
        .table("scopes", "scopes")
        .map(|t| read_scopes(t, max_zoom));
    let from = t.get("from").and_then(|n| instant(&n, zone, false));
    let until = t.get("until").and_then(|n| instant(&n, zone, true));
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        t.fault("\"until\" is not after \"from\": the key would never hold");
    }
    let origins = t.strings("origins");
    let networks = t.get("networks").and_then(|n| n.list()).unwrap_or_default();
    let networks = networks.iter().filter_map(network).collect();
    let operator = t.get("operator").and_then(|n| n.boolean());
    let operator = operator.unwrap_or_default();
    if operator && (kind == Some(KeyKind::Browser) || scopes.as_ref().is_some_and(narrow)) {
        t.fault("the operator's key is secret and has no scopes");
    }
    let place = t.place();
    t.finish();
    Some(Key {
        place,
        id: id?,
        organisation: organisation?,
        member,
        label: label?,
        sha256: sha256?,
        // A key of which nothing is said is kept secret.
        kind: kind.unwrap_or(KeyKind::Secret),
        scopes: scopes.unwrap_or_default(),
        origins,
        networks,
        from,
        until,
        operator,
    })
}

fn narrow(scopes: &Scopes) -> bool {
    *scopes != Scopes::default()
}

fn read_scopes(t: Table<'_>, max_zoom: u8) -> Scopes {
    let layers = t.get("layers").and_then(|n| n.list()).map(|nodes| {
        let layers = nodes.iter().filter_map(|n| reference(n, Kind::Layer));
        layers.collect()
    });
    let actions = t.get("actions").and_then(|n| n.list()).map(|nodes| {
        let actions = nodes.iter().filter_map(|n| n.choice(&ACTIONS));
        actions.collect()
    });
    let zoom = t
        .get("max_zoom")
        .and_then(|n| n.integer(0..=max_zoom.into()));
    let scopes = Scopes {
        layers,
        actions,
        profile: t.get("profile").and_then(|n| reference(&n, Kind::Profile)),
        max_zoom: zoom.map(|z| z as u8),
    };
    t.finish();
    scopes
}

fn network(node: &Node<'_>) -> Option<Network> {
    let network = Network::parse(&node.string()?);
    network
        .or_else(|| node.wrong("an address such as \"10.0.0.7\" or a block such as \"10.0.0.0/8\""))
}

/// 32 bytes as hexadecimal digits.
pub(super) fn hash(node: &Node<'_>) -> Option<[u8; 32]> {
    let text = node.string()?;
    let hash = blake3::Hash::from_hex(&text).ok().map(|h| *h.as_bytes());
    hash.or_else(|| node.wrong("64 hexadecimal digits"))
}
