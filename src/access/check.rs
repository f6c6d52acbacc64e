//! Whether an entry makes sense by itself: ids are ids, periods are not empty, nothing contradicts itself. What it refers to is looked
//! up by whoever writes it; what it means for a layer is found when it is compiled.

use std::net::IpAddr;

use super::change::{Record, TermsText};
use super::entry::Entry;
use super::policy::{Grant, Key, Member, Organisation};
use super::profile::{AreaMode, AreaSource, Attributes, Profile, ProfileArea};
use super::request::AccessRequest;
use super::store::ChangeRefusal;
use super::words::{is_collection, is_id, is_name};
use crate::filter;

/// Characters of a title, a label, a reason: one line in a list.
const LINE_CHARS_MAX: usize = 200;
/// Characters of a text that somebody writes to be read once: a page.
const PAGE_CHARS_MAX: usize = 4_000;
/// Members of a list: layers of a grant, attributes of a profile, origins of a key. A layer has at most 2,000 properties.
const LIST_MAX: usize = 2_000;
/// Bytes of an area as WKT: an outline of a region with 30,000 vertices.
const WKT_BYTES_MAX: usize = 1 << 20;
/// Deepest zoom that anything is served at.
const ZOOM_MAX: u8 = 24;
/// Widest cell: a million metres is a country.
const GRID_M_MAX: u32 = 1_000_000;

type Checked = Result<(), ChangeRefusal>;

fn faulty(why: impl Into<String>) -> ChangeRefusal {
    ChangeRefusal::Faulty(why.into())
}

fn ensure(holds: bool, why: &str) -> Checked {
    if holds { Ok(()) } else { Err(faulty(why)) }
}

fn id(what: &str, id: &str) -> Checked {
    if is_id(id) {
        return Ok(());
    }
    Err(faulty(format!(
        "{what} {id:?} is no id: at most 64 of a-z, 0-9, _ and -, the first a letter or digit"
    )))
}

/// Of what the people of an organisation make: their ids begin with its own.
fn name(what: &str, id: &str) -> Checked {
    if is_name(id) {
        return Ok(());
    }
    Err(faulty(format!(
        "{what} {id:?} is no id: at most 64 of a-z, 0-9, _ and -, the first a letter or digit; before it may stand the id of an \
         organisation and a dot"
    )))
}

fn collection(id: &str) -> Checked {
    ensure(is_collection(id), &format!("{id:?} is no id of a layer"))
}

/// One line of readable text.
fn line(what: &str, text: &str) -> Checked {
    let good = !text.trim().is_empty()
        && text.chars().count() <= LINE_CHARS_MAX
        && !text.chars().any(char::is_control);
    let why = format!("{what} is one line of at most {LINE_CHARS_MAX} characters, not empty");
    ensure(good, &why)
}

fn page(what: &str, text: &str) -> Checked {
    let good = !text.trim().is_empty() && text.chars().count() <= PAGE_CHARS_MAX;
    let why = format!("{what} is a text of at most {PAGE_CHARS_MAX} characters, not empty");
    ensure(good, &why)
}

fn list(what: &str, length: usize) -> Checked {
    let why = format!("{what}: more than {LIST_MAX} are refused");
    ensure(length <= LIST_MAX, &why)
}

fn period(from_us: Option<i64>, until_us: Option<i64>) -> Checked {
    let readable = |us: i64| jiff::Timestamp::from_microsecond(us).is_ok();
    ensure(
        from_us.is_none_or(readable) && until_us.is_none_or(readable),
        "an instant lies outside of the years -9999 to 9999",
    )?;
    let empty = from_us
        .zip(until_us)
        .is_some_and(|(from, until)| from >= until);
    ensure(
        !empty,
        "\"until\" is not after \"from\": it would never hold",
    )
}

fn cql2(what: &'static str, text: &str) -> Checked {
    match filter::parse_text(text, &filter::Limits::default()) {
        Ok(_) => Ok(()),
        Err(fault) => Err(ChangeRefusal::Filter {
            what,
            text: text.to_owned(),
            fault: Box::new(fault),
        }),
    }
}

fn area(source: &AreaSource) -> Checked {
    match source {
        AreaSource::Wkt(wkt) => {
            let why = format!("an area is at most {WKT_BYTES_MAX} bytes of WKT");
            ensure(wkt.len() <= WKT_BYTES_MAX, &why)
        }
        AreaSource::Layer { layer, filter } => {
            collection(layer)?;
            cql2("the filter of the area", filter)
        }
    }
}

impl Entry {
    /// Whether it makes sense by itself.
    pub fn check(&self) -> Checked {
        match self {
            Self::Record(record) => record.check(),
            Self::Layer(life) => {
                collection(&life.layer)?;
                period(None, life.embargo_until_us)
            }
            Self::Suspension(suspension) => line("the reason", &suspension.reason),
            Self::Acceptance(acceptance) => id("the organisation", &acceptance.organisation),
            Self::Request(request) => request.check(),
        }
    }
}

impl Record {
    /// Whether it makes sense by itself.
    pub fn check(&self) -> Checked {
        match self {
            Self::Organisation(organisation) => organisation.check(),
            Self::Member(member) => member.check(),
            Self::Profile(profile) => profile.check(),
            Self::Grant(grant) => grant.check(),
            Self::Key(key) => key.check(),
            Self::Terms(terms) => terms.check(),
        }
    }
}

impl Organisation {
    fn check(&self) -> Checked {
        id("the organisation", &self.id)?;
        line("the title", &self.title)?;
        if let Some(parent) = &self.parent {
            id("the parent", parent)?;
            ensure(*parent != self.id, "an organisation is not its own parent")?;
        }
        if let Some(siret) = &self.siret {
            let digits = siret.len() == 14 && siret.bytes().all(|b| b.is_ascii_digit());
            ensure(digits, "a siret has fourteen digits")?;
        }
        self.jurisdiction.as_ref().map_or(Ok(()), area)
    }
}

impl Member {
    fn check(&self) -> Checked {
        name("the member", &self.id)?;
        id("the organisation", &self.organisation)?;
        list("the groups", self.groups.len())?;
        self.groups.iter().try_for_each(|g| id("the group", g))?;
        if let Some((issuer, subject)) = &self.identity {
            line("the issuer", issuer)?;
            line("the subject", subject)?;
        }
        period(None, self.until_us)
    }
}

impl Profile {
    fn check(&self) -> Checked {
        name("the profile", &self.id)?;
        if let Some(organisation) = &self.organisation {
            id("the organisation", organisation)?;
        }
        cql2("\"rows\"", &self.rows)?;
        if let Attributes::Only(names) = &self.attributes {
            list("the attributes", names.len())?;
        }
        list("\"derived\"", self.derived.len())?;
        if let Some((ProfileArea::Given(source), _)) = &self.area {
            area(source)?;
        }
        let clips = matches!(self.area, Some((_, AreaMode::Clip)));
        ensure(
            clips || self.derived.is_empty(),
            "\"derived\" is for profiles that clip: nothing else makes a property false",
        )?;
        ensure(
            self.zooms.min <= self.zooms.max,
            "\"min\" zoom is above \"max\"",
        )?;
        let zooms = self.zooms == super::profile::Zooms::ALL || self.zooms.max <= ZOOM_MAX;
        ensure(zooms, &format!("no zoom is deeper than {ZOOM_MAX}"))?;
        if let Some(precision) = &self.precision {
            let none = self.attributes == Attributes::Only(std::collections::BTreeSet::new());
            ensure(
                none,
                "a profile with a precision shows cells, not features: its attributes must be []; \
                 sums of them are \"aggregates\"",
            )?;
            let sides = 1..=GRID_M_MAX;
            let why = format!("\"grid_m\" is from 1 to {GRID_M_MAX} metres");
            ensure(sides.contains(&precision.grid_m), &why)?;
            ensure(precision.min_count > 0, "\"min_count\" is at least 1")?;
            list("the aggregates", precision.aggregates.len())?;
        }
        list(
            "the formats",
            self.formats
                .as_ref()
                .map_or(0, std::collections::BTreeSet::len),
        )
    }
}

impl Grant {
    fn check(&self) -> Checked {
        id("the grant", &self.id)?;
        list("the layers", self.layers.len())?;
        self.layers.iter().try_for_each(|l| collection(l))?;
        name("the profile", &self.profile)?;
        period(self.from_us, self.until_us)
    }
}

impl Key {
    fn check(&self) -> Checked {
        id("the organisation", &self.organisation)?;
        if let Some(member) = &self.member {
            name("the member", member)?;
        }
        line("the label", &self.label)?;
        if let Some(layers) = &self.scopes.layers {
            list("the layers", layers.len())?;
            layers.iter().try_for_each(|l| collection(l))?;
        }
        if let Some(profile) = &self.scopes.profile {
            name("the profile", profile)?;
        }
        list("the origins", self.origins.len())?;
        self.origins.iter().try_for_each(|o| origin(o))?;
        list("the networks", self.networks.len())?;
        self.networks.iter().try_for_each(|n| network(n))?;
        period(self.from_us, self.until_us)
    }
}

/// `https://carte.example.org`, with a port if need be: what browsers send as `Origin`.
fn origin(text: &str) -> Checked {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or_default();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b);
    let why = format!("{text:?} is no origin such as \"https://carte.example.org\"");
    ensure(!host.is_empty() && host.bytes().all(plain), &why)
}

/// `192.0.2.0/24`.
fn network(text: &str) -> Checked {
    let read = || {
        let (address, bits) = text.split_once('/')?;
        let most = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        bits.parse::<u8>().ok().filter(|bits| *bits <= most)
    };
    let why = format!("{text:?} is no network such as \"192.0.2.0/24\"");
    ensure(read().is_some(), &why)
}

impl TermsText {
    fn check(&self) -> Checked {
        name("the terms", &self.terms.id)?;
        ensure(self.terms.version > 0, "versions begin with 1")?;
        line("the title", &self.title)?;
        if let Some(organisation) = &self.organisation {
            id("the organisation", organisation)?;
        }
        let web = |url: &String| {
            let scheme = url.starts_with("https://") || url.starts_with("http://");
            scheme && url.len() <= 2_000 && url.bytes().all(|b| b.is_ascii_graphic())
        };
        ensure(
            self.url.as_ref().is_none_or(web),
            "the address of terms begins with https:// and has no blanks",
        )
    }
}

impl AccessRequest {
    fn check(&self) -> Checked {
        id("the request", &self.id)?;
        id("the organisation", &self.organisation)?;
        collection(&self.layer)?;
        page("the purpose", &self.purpose)?;
        if let Some(area) = &self.area {
            page("the area", area)?;
        }
        if let Some(reason) = &self.reason {
            page("the reason", reason)?;
        }
        period(Some(self.asked_us), Some(self.until_us))
    }
}
