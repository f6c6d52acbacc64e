//! `[[grant]]`: who may do what with which layers, until when.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use toml::value::{Datetime, Offset};

use super::fault::Place;
use super::names::{Kind, is_id, parse_key_id, refer, reference};
use super::node::Node;
use super::table::Table;

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Everybody.
    Public,
    /// Whoever shows a valid credential.
    Authenticated,
    /// The members and keys of an organisation.
    Organisation(String),
    /// The members of a group.
    Group(String),
    /// One key, by its id. It may be one of the store.
    Key(u32),
}

/// What a grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Action {
    Discover,
    Tiles,
    Items,
    Export,
    Create,
    Replace,
    Update,
    Delete,
}

/// The words of the configuration.
pub(super) const ACTIONS: [(&str, Action); 8] = [
    ("discover", Action::Discover),
    ("tiles", Action::Tiles),
    ("items", Action::Items),
    ("export", Action::Export),
    ("create", Action::Create),
    ("replace", Action::Replace),
    ("update", Action::Update),
    ("delete", Action::Delete),
];

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where it is written.
    pub place: Place,
    /// Whom it is for.
    pub subject: Subject,
    /// Collection ids; nothing if empty.
    pub layers: Vec<String>,
    /// The profile that restricts it.
    pub profile: String,
    /// What it allows; nothing if empty.
    pub actions: Vec<Action>,
    /// The instant at which it begins.
    pub from: Option<Timestamp>,
    /// The first instant at which it no longer holds.
    pub until: Option<Timestamp>,
    /// The terms that must be accepted, `name@version`.
    pub terms: Option<(String, u64)>,
}

/// Reads one; days begin and end in `zone`.
pub(super) fn read(t: Table<'_>, zone: &TimeZone) -> Option<Grant> {
    let subject = t
        .need(
            "subject",
            "whom is it for? \"public\", \"organisation:ID\" …",
        )
        .and_then(|n| read_subject(&n));
    let layers = t
        .need("layers", "which layers does it open? [] is none")
        .and_then(|n| {
            let nodes = n.list()?;
            nodes
                .iter()
                .map(|n| reference(n, Kind::Layer))
                .collect::<Option<Vec<_>>>()
        });
    let profile = t
        .need("profile", "which [[profile]] restricts it?")
        .and_then(|n| reference(&n, Kind::Profile));
    let actions = t
        .need(
            "actions",
            "what does it allow? [\"discover\", \"tiles\", \"items\", \"export\"]",
        )
        .and_then(|n| {
            let nodes = n.list()?;
            nodes
                .iter()
                .map(|n| n.choice(&ACTIONS))
                .collect::<Option<Vec<_>>>()
        });
    let from = t.get("from").and_then(|n| instant(&n, zone, false));
    let until = t.get("until").and_then(|n| instant(&n, zone, true));
    let terms = t.get("terms").and_then(|n| read_terms(&n));
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        t.fault("\"until\" is not after \"from\": the grant would never hold");
    }
    let place = t.place();
    t.finish();
    // A value that is `None` because it is faulty widens nothing: one fault refuses the configuration whole.
    Some(Grant {
        place,
        subject: subject?,
        layers: layers?,
        profile: profile?,
        actions: actions?,
        from,
        until,
        terms,
    })
}

fn read_subject(node: &Node<'_>) -> Option<Subject> {
    let text = node.string()?;
    let subject = match text.split_once(':') {
        None if text == "public" => Some(Subject::Public),
        None if text == "authenticated" => Some(Subject::Authenticated),
        Some(("organisation", id)) => {
            refer(node, Kind::Organisation, id);
            Some(Subject::Organisation(id.to_owned()))
        }
        Some(("group", id)) if is_id(id) => Some(Subject::Group(id.to_owned())),
        Some(("key", id)) => parse_key_id(id).map(Subject::Key),
        _ => None,
    };
    subject.or_else(|| {
        node.wrong("\"public\", \"authenticated\", \"organisation:ID\", \"group:ID\" or \"key:ID\"")
    })
}

/// Reads `id@version` of terms that are defined.
pub(super) fn read_terms(node: &Node<'_>) -> Option<(String, u64)> {
    let text = node.string()?;
    let (name, version) = text.split_once('@').unwrap_or_default();
    match version.parse() {
        Ok(number) if is_id(name) && number > 0 => {
            refer(node, Kind::Terms, &format!("{name}@{number}"));
            Some((name.to_owned(), number))
        }
        _ => node.wrong("a name and a version such as \"licence-fonciere@3\""),
    }
}

/// The instant that a date or date-time means. A day is inclusive: as an end it means the first instant of the next day.
pub(super) fn instant(node: &Node<'_>, zone: &TimeZone, end: bool) -> Option<Timestamp> {
    let value = node.datetime()?;
    to_timestamp(&value, zone, end).or_else(|| node.wrong("a date between the years 0 and 9999"))
}

fn to_timestamp(value: &Datetime, zone: &TimeZone, end: bool) -> Option<Timestamp> {
    let date = value.date?;
    let day = civil::Date::new(date.year as i16, date.month as i8, date.day as i8).ok()?;
    let Some(time) = value.time else {
        let day = if end {
            day.checked_add(1.day()).ok()?
        } else {
            day
        };
        return Some(day.to_zoned(zone.clone()).ok()?.timestamp());
    };
    let nanoseconds = time.nanosecond.unwrap_or(0) as i32;
    let at = day.at(
        time.hour as i8,
        time.minute as i8,
        time.second.unwrap_or(0) as i8,
        nanoseconds,
    );
    let zone = match value.offset {
        Some(Offset::Z) => TimeZone::UTC,
        Some(Offset::Custom { minutes }) => {
            let offset = jiff::tz::Offset::from_seconds(i32::from(minutes) * 60).ok()?;
            TimeZone::fixed(offset)
        }
        None => zone.clone(),
    };
    Some(at.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, end: bool) -> String {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        to_timestamp(&text.parse().unwrap(), &zone, end)
            .unwrap()
            .to_string()
    }

    #[test]
    fn days_are_inclusive_in_the_platforms_zone() {
        assert_eq!(at("2027-06-30", false), "2027-06-29T22:00:00Z");
        assert_eq!(at("2027-06-30", true), "2027-06-30T22:00:00Z");
        // The last Sunday of October has 25 hours there.
        assert_eq!(at("2026-10-25", false), "2026-10-24T22:00:00Z");
        assert_eq!(at("2026-10-25", true), "2026-10-25T23:00:00Z");
    }

    #[test]
    fn instants_keep_their_own_offset() {
        assert_eq!(at("2027-06-30T12:00:00Z", true), "2027-06-30T12:00:00Z");
        assert_eq!(
            at("2027-06-30T12:00:00.5-03:00", true),
            "2027-06-30T15:00:00.5Z"
        );
        assert_eq!(at("2027-06-30T12:00:00", true), "2027-06-30T10:00:00Z");
    }
}
