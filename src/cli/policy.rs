//! From the configuration to the entries of a policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use anyhow::bail;

use super::cql2;
use crate::access::{
    Action, Aggregate, AreaMode, AreaSource, Attributes, ChangeRefusal, Derived, Files, Grant, Key,
    KeyId, KeyKind, LayerState, Member, Organisation, PolicyParts, Precision, Profile, ProfileArea,
    Record, Role, Scopes, Subject, Terms, TermsText, Zooms,
};
use crate::config::{self, Config, Place};

/// What the configuration says of the policy. A fault refuses it whole.
pub(super) fn files(config: &Config) -> anyhow::Result<Files> {
    let (files, faults) = files_and_faults(config);
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(files)
}

/// The same with what is wrong with it, for commands that only take something away.
pub(super) fn files_and_faults(config: &Config) -> (Files, Vec<String>) {
    let layers = config.layers.iter().map(|l| l.collection.clone()).collect();
    let mut faults = Vec::new();
    let mut parts = PolicyParts::default();
    let mut check = |place: &Place, record: Record| {
        if let Err(refusal) = record.check() {
            faults.push(format!("{place}: {}", explained(&refusal)));
        }
    };
    for o in &config.organisations {
        let made = organisation(o);
        check(&o.place, Record::Organisation(made.clone()));
        parts.organisations.insert(made.id.clone(), made);
        let accepted = o.accepted.iter().map(|t| (o.id.clone(), terms(t)));
        parts.acceptances.extend(accepted);
    }
    for m in &config.members {
        let made = member(m);
        check(&m.place, Record::Member(made.clone()));
        parts.members.insert(made.id.clone(), made);
    }
    for p in &config.profiles {
        let made = profile(p);
        check(&p.place, Record::Profile(made.clone()));
        parts.profiles.insert(made.id.clone(), made);
    }
    for k in &config.keys {
        let made = key(k);
        check(&k.place, Record::Key(made.clone()));
        if k.operator {
            parts.operators.insert(made.id);
        }
        parts.keys.insert(made.id, made);
    }
    for t in &config.terms {
        let made = terms_text(t);
        check(&t.place, Record::Terms(made.clone()));
        parts.terms.insert(made.terms.clone(), made);
    }
    for (number, g) in config.grants.iter().enumerate() {
        parts.grants.push(grant(g, number));
    }
    for l in &config.layers {
        if let Some(state) = l.state {
            parts
                .layer_states
                .insert(l.collection.clone(), layer_state(state));
        }
        if let Some(until) = l.embargo_until {
            parts
                .embargoes
                .insert(l.collection.clone(), until.as_microsecond());
        }
    }
    (Files::new(parts, layers), faults)
}

/// Why a change or an entry is refused, with the place in a filter if it is that.
pub(super) fn explained(refusal: &ChangeRefusal) -> String {
    match refusal {
        ChangeRefusal::Filter { what, text, fault } => {
            format!("{what} is no CQL2: {}", cql2::shown(fault, text, ""))
        }
        other => other.to_string(),
    }
}

fn instant(at: Option<jiff::Timestamp>) -> Option<i64> {
    at.map(jiff::Timestamp::as_microsecond)
}

fn organisation(o: &config::Organisation) -> Organisation {
    Organisation {
        id: o.id.clone(),
        title: o.title.clone(),
        parent: o.parent.clone(),
        jurisdiction: o.jurisdiction.as_ref().map(area),
        siret: o.siret.clone(),
    }
}

fn member(m: &config::Member) -> Member {
    Member {
        id: m.id.clone(),
        organisation: m.organisation.clone(),
        role: match m.role {
            config::Role::Reader => Role::Reader,
            config::Role::Editor => Role::Editor,
            config::Role::Publisher => Role::Publisher,
            config::Role::Admin => Role::Admin,
        },
        groups: m.groups.iter().cloned().collect(),
        identity: m.identity.clone(),
        until_us: instant(m.until),
    }
}

fn area(area: &config::Area) -> AreaSource {
    match area {
        config::Area::Wkt(wkt) => AreaSource::Wkt(wkt.clone()),
        config::Area::Layer { layer, filter } => AreaSource::Layer {
            layer: layer.clone(),
            filter: filter.clone(),
        },
    }
}

fn profile(p: &config::Profile) -> Profile {
    Profile {
        id: p.id.clone(),
        organisation: p.organisation.clone(),
        rows: p.rows.clone(),
        attributes: match &p.attributes {
            config::Attributes::All => Attributes::All,
            config::Attributes::Only(names) => Attributes::Only(names.iter().cloned().collect()),
        },
        area: p
            .area
            .as_ref()
            .map(|(a, mode)| (profile_area(a), area_mode(*mode))),
        derived: p
            .derived
            .iter()
            .map(|(n, d)| (n.clone(), derived(*d)))
            .collect(),
        zooms: match (p.min_zoom, p.max_zoom) {
            (None, None) => Zooms::ALL,
            (min, max) => Zooms {
                min: min.unwrap_or(Zooms::ALL.min),
                max: max.unwrap_or(Zooms::ALL.max),
            },
        },
        precision: p.precision.as_ref().map(precision),
        formats: p.formats.as_ref().map(|f| f.iter().cloned().collect()),
    }
}

fn profile_area(area: &config::ProfileArea) -> ProfileArea {
    match area {
        config::ProfileArea::Jurisdiction => ProfileArea::Jurisdiction,
        config::ProfileArea::Given(given) => ProfileArea::Given(self::area(given)),
    }
}

fn area_mode(mode: config::AreaMode) -> AreaMode {
    match mode {
        config::AreaMode::Clip => AreaMode::Clip,
        config::AreaMode::Intersects => AreaMode::Intersects,
        config::AreaMode::Within => AreaMode::Within,
    }
}

fn derived(derived: config::Derived) -> Derived {
    match derived {
        config::Derived::Mask => Derived::Mask,
        config::Derived::Recompute => Derived::Recompute,
    }
}

fn precision(p: &config::Precision) -> Precision {
    let aggregate = |a| match a {
        config::Aggregate::Sum => Aggregate::Sum,
        config::Aggregate::Mean => Aggregate::Mean,
        config::Aggregate::Min => Aggregate::Min,
        config::Aggregate::Max => Aggregate::Max,
    };
    let aggregates = p.aggregates.iter();
    Precision {
        grid_m: p.grid_m,
        min_count: p.min_count,
        aggregates: aggregates
            .map(|(n, a)| (n.clone(), aggregate(*a)))
            .collect::<BTreeMap<_, _>>(),
    }
}

fn action(action: config::Action) -> Action {
    match action {
        config::Action::Discover => Action::Discover,
        config::Action::Tiles => Action::Tiles,
        config::Action::Items => Action::Items,
        config::Action::Export => Action::Export,
        config::Action::Create => Action::Create,
        config::Action::Replace => Action::Replace,
        config::Action::Update => Action::Update,
        config::Action::Delete => Action::Delete,
    }
}

fn actions(given: &[config::Action]) -> BTreeSet<Action> {
    given.iter().copied().map(action).collect()
}

/// A grant of a file is called by its number there: nothing refers to it but people.
fn grant(g: &config::Grant, number: usize) -> Grant {
    Grant {
        id: format!("file:{}", number + 1),
        subject: match &g.subject {
            config::Subject::Public => Subject::Public,
            config::Subject::Authenticated => Subject::Authenticated,
            config::Subject::Organisation(id) => Subject::Organisation(id.clone()),
            config::Subject::Group(id) => Subject::Group(id.clone()),
            config::Subject::Key(id) => Subject::Key(KeyId(*id)),
        },
        layers: g.layers.iter().cloned().collect(),
        profile: g.profile.clone(),
        actions: actions(&g.actions),
        from_us: instant(g.from),
        until_us: instant(g.until),
        terms: g.terms.as_ref().map(terms),
    }
}

fn key(k: &config::Key) -> Key {
    let s = &k.scopes;
    Key {
        id: KeyId(k.id),
        organisation: k.organisation.clone(),
        member: k.member.clone(),
        label: k.label.clone(),
        sha256: k.sha256,
        kind: match k.kind {
            config::KeyKind::Secret => KeyKind::Secret,
            config::KeyKind::Browser => KeyKind::Browser,
        },
        scopes: Scopes {
            layers: s.layers.as_ref().map(|l| l.iter().cloned().collect()),
            actions: s.actions.as_deref().map(actions),
            profile: s.profile.clone(),
            max_zoom: s.max_zoom,
        },
        origins: k.origins.iter().cloned().collect(),
        networks: k.networks.iter().map(network).collect(),
        from_us: instant(k.from),
        until_us: instant(k.until),
        replaced_by: None,
        revoked: false,
    }
}

/// `address/bits`, also of a single address.
fn network(network: &impl Display) -> String {
    let text = network.to_string();
    if text.contains('/') {
        return text;
    }
    let bits = if text.contains(':') { 128 } else { 32 };
    format!("{text}/{bits}")
}

fn terms((id, version): &(String, u64)) -> Terms {
    Terms {
        id: id.clone(),
        version: *version,
    }
}

fn terms_text(t: &config::TermsText) -> TermsText {
    TermsText {
        terms: terms(&(t.id.clone(), t.version)),
        organisation: t.organisation.clone(),
        title: t.title.clone(),
        url: t.url.clone(),
        sha256: t.sha256,
    }
}

fn layer_state(state: config::LayerState) -> LayerState {
    match state {
        config::LayerState::Draft => LayerState::Draft,
        config::LayerState::Published => LayerState::Published,
        config::LayerState::Withdrawn => LayerState::Withdrawn,
    }
}

/// Looks up in the store who owns layers and stands in no file.
pub(super) fn find_guests(config: &mut Config, stored: &PolicyParts) {
    for guest in &mut config.guests {
        let found = stored.organisations.get(&guest.id);
        guest.title = found.map(|o| o.title.clone());
    }
}

/// Why a layer is not served though its file may be good: nobody is there who owns it.
pub(super) fn without_owner(config: &Config, layer: &config::Layer) -> Option<String> {
    let owner = layer.organisation.as_ref()?;
    let guest = config.guests.iter().find(|g| g.id == *owner)?;
    let is_missing = guest.title.is_none();
    is_missing.then(|| {
        format!(
            "{}, neither in the configuration nor in the store",
            guest.fault
        )
    })
}

/// Entries that stand both in the configuration and in the store: a reload that brings them is refused.
pub(super) fn conflicts(files: &Files, stored: &PolicyParts) -> anyhow::Result<()> {
    let names = files.conflicts(stored);
    if names.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = names
        .iter()
        .map(|n| {
            format!("{n} is in the store already: choose another id, or revoke that one first")
        })
        .collect();
    bail!("{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::access;

    fn read(text: &str) -> anyhow::Result<Files> {
        let path = Path::new("guichet.toml");
        let config = Config::from_text(text, path, PathBuf::from("state"), None)?;
        files(&config)
    }

    #[test]
    fn the_demonstration_is_a_policy() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/guichet.toml");
        let config = Config::load(&path).unwrap();
        let files = files(&config).unwrap();
        assert_eq!(files.layers().len(), config.layers.len());
        assert_eq!(files.parts().grants.len(), config.grants.len());
        let policy = access::Policy::new(files.parts().clone());
        assert_eq!(policy.inert(), []);
    }

    #[test]
    fn a_faulty_filter_is_shown_at_its_place() {
        let text = "[[profile]]\nid = 'p'\nrows = 'etat = AND'\nattributes = []\n";
        let error = read(text).unwrap_err().to_string();
        assert!(
            error.starts_with("guichet.toml:1: \"rows\" is no CQL2"),
            "{error}"
        );
        assert!(error.contains("\n  etat = AND"), "{error}");
    }

    #[test]
    fn ids_are_the_same_in_files_and_stores() {
        for id in [
            "a",
            "0",
            "région",
            "A",
            "a.b",
            "-a",
            "a_-9",
            &"a".repeat(64),
            &"a".repeat(65),
        ] {
            assert_eq!(config::is_id(id), access::is_id(id), "{id}");
        }
    }

    #[test]
    fn networks_are_written_with_their_bits() {
        let of = |text: &str| network(&config::Network::parse(text).unwrap());
        assert_eq!(of("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("192.0.2.0/24"), "192.0.2.0/24");
        assert_eq!(of("2001:db8::1"), "2001:db8::1/128");
    }

    #[test]
    fn what_the_store_has_is_no_longer_free() {
        let files = read("[[organisation]]\nid = 'eau'\n").unwrap();
        let stored = files.parts().clone();
        let error = conflicts(&files, &stored).unwrap_err().to_string();
        assert!(
            error.contains("organisation:eau is in the store already"),
            "{error}"
        );
        conflicts(&files, &PolicyParts::default()).unwrap();
    }
}
