//! Whether an entry makes sense by itself: ids are ids, periods are not empty, nothing contradicts itself. What it refers to is looked
//! up by whoever writes it; what it means for a layer is found when it is compiled.

use std::net::IpAddr;

use super::area::{WKT_BYTES_MAX, region_of_wkt};
use super::change::{Record, TermsText};
use super::entry::Entry;
use super::policy::{Grant, Key, Member, Organisation};
use super::profile::{AreaMode, AreaSource, Attributes, Profile, ProfileArea};
use super::request::AccessRequest;
use super::store::ChangeRefusal;
use super::words::{is_collection, is_id, is_name};
use crate::filter;
use crate::model::Words;

/// Characters of a title, a label, a reason: one line in a list.
const LINE_CHARS_MAX: usize = 200;
/// Characters of a text that somebody writes to be read once: a page.
const PAGE_CHARS_MAX: usize = 4_000;
/// Members of a list: layers of a grant, attributes of a profile, origins of a key. A layer has at most 2,000 properties.
const LIST_MAX: usize = 2_000;
/// Mapbox Vector Tiles, in profiles.
pub const MVT: &str = "mvt";
/// GeoJSON, in profiles.
pub const GEOJSON: &str = "geojson";
/// Pages, in profiles.
pub const PAGES: &str = "html";
/// The formats that there are: a profile that names others alone opens nothing.
pub const FORMATS: [&str; 3] = [GEOJSON, PAGES, MVT];
/// Deepest zoom that anything is served at.
pub(super) const ZOOM_MAX: u8 = 24;
/// Widest cell: a million metres is a country.
const GRID_M_MAX: u32 = 1_000_000;

type Checked = Result<(), ChangeRefusal>;

/// A noun in French and English.
type Noun = (&'static str, &'static str);

fn ensure(holds: bool, fr: impl Into<Text>, en: impl Into<Text>) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(ChangeRefusal::Faulty(Words::new(fr, en)))
    }
}

type Text = std::borrow::Cow<'static, str>;

/// What things are called in refusals.
mod noun {
    use super::Noun;

    pub(super) const ORGANISATION: Noun = ("l’organisation", "the organisation");
    pub(super) const MEMBER: Noun = ("le membre", "the member");
    pub(super) const PROFILE: Noun = ("le profil", "the profile");
    pub(super) const REASON: Noun = ("le motif", "the reason");
    pub(super) const TITLE: Noun = ("le titre", "the title");
    pub(super) const LAYERS: Noun = ("les couches", "the layers");
}

fn id(what: Noun, id: &str) -> Checked {
    let (fr, en) = what;
    ensure(
        is_id(id),
        format!(
            "{fr} {id:?} n’est pas un identifiant : au plus 64 caractères parmi a-z, 0-9, _ et -, le premier une lettre ou un chiffre"
        ),
        format!(
            "{en} {id:?} is no id: at most 64 of a-z, 0-9, _ and -, the first a letter or digit"
        ),
    )
}

/// Of what the people of an organisation make: their ids begin with its own.
fn name(what: Noun, id: &str) -> Checked {
    let (fr, en) = what;
    ensure(
        is_name(id),
        format!(
            "{fr} {id:?} n’est pas un identifiant : au plus 64 caractères parmi a-z, 0-9, _ et -, le premier une lettre ou un chiffre ; \
             l’identifiant d’une organisation et un point peuvent le précéder"
        ),
        format!(
            "{en} {id:?} is no id: at most 64 of a-z, 0-9, _ and -, the first a letter or digit; before it may stand the id of an \
             organisation and a dot"
        ),
    )
}

fn collection(id: &str) -> Checked {
    ensure(
        is_collection(id),
        format!("{id:?} n’est pas un identifiant de couche"),
        format!("{id:?} is no id of a layer"),
    )
}

/// One line of readable text.
fn line((fr, en): Noun, text: &str) -> Checked {
    let good = !text.trim().is_empty()
        && text.chars().count() <= LINE_CHARS_MAX
        && !text.chars().any(char::is_control);
    ensure(
        good,
        format!("{fr} : une ligne non vide d’au plus {LINE_CHARS_MAX} caractères"),
        format!("{en} is one line of at most {LINE_CHARS_MAX} characters, not empty"),
    )
}

fn page((fr, en): Noun, text: &str) -> Checked {
    let good = !text.trim().is_empty() && text.chars().count() <= PAGE_CHARS_MAX;
    ensure(
        good,
        format!("{fr} : un texte non vide d’au plus {PAGE_CHARS_MAX} caractères"),
        format!("{en} is a text of at most {PAGE_CHARS_MAX} characters, not empty"),
    )
}

fn list((fr, en): Noun, length: usize) -> Checked {
    ensure(
        length <= LIST_MAX,
        format!("{fr} : plus de {LIST_MAX} sont refusés"),
        format!("{en}: more than {LIST_MAX} are refused"),
    )
}

fn period(from_us: Option<i64>, until_us: Option<i64>) -> Checked {
    let readable = |us: i64| jiff::Timestamp::from_microsecond(us).is_ok();
    ensure(
        from_us.is_none_or(readable) && until_us.is_none_or(readable),
        "un instant sort des années -9999 à 9999",
        "an instant lies outside of the years -9999 to 9999",
    )?;
    let empty = from_us
        .zip(until_us)
        .is_some_and(|(from, until)| from >= until);
    ensure(
        !empty,
        "\"until\" n’est pas après \"from\" : cela ne vaudrait jamais",
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
            ensure(
                wkt.len() <= WKT_BYTES_MAX,
                format!("une emprise compte au plus {WKT_BYTES_MAX} octets de WKT"),
                format!("an area is at most {WKT_BYTES_MAX} bytes of WKT"),
            )?;
            let read = region_of_wkt(wkt);
            read.map(drop)
                .map_err(|fault| ChangeRefusal::Faulty(fault.words(wkt)))
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
            Self::Suspension(suspension) => line(noun::REASON, &suspension.reason),
            Self::Acceptance(acceptance) => id(noun::ORGANISATION, &acceptance.organisation),
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
        id(noun::ORGANISATION, &self.id)?;
        line(noun::TITLE, &self.title)?;
        if let Some(parent) = &self.parent {
            id(("l’organisation mère", "the parent"), parent)?;
            ensure(
                *parent != self.id,
                "une organisation n’est pas sa propre mère",
                "an organisation is not its own parent",
            )?;
        }
        if let Some(siret) = &self.siret {
            let digits = siret.len() == 14 && siret.bytes().all(|b| b.is_ascii_digit());
            ensure(
                digits,
                "un SIRET a quatorze chiffres",
                "a siret has fourteen digits",
            )?;
        }
        self.jurisdiction.as_ref().map_or(Ok(()), area)
    }
}

impl Member {
    fn check(&self) -> Checked {
        name(noun::MEMBER, &self.id)?;
        id(noun::ORGANISATION, &self.organisation)?;
        list(("les groupes", "the groups"), self.groups.len())?;
        self.groups
            .iter()
            .try_for_each(|g| id(("le groupe", "the group"), g))?;
        if let Some((issuer, subject)) = &self.identity {
            line(("l’émetteur", "the issuer"), issuer)?;
            line(("le sujet", "the subject"), subject)?;
        }
        period(None, self.until_us)
    }
}

impl Profile {
    fn check(&self) -> Checked {
        name(noun::PROFILE, &self.id)?;
        if let Some(organisation) = &self.organisation {
            id(noun::ORGANISATION, organisation)?;
        }
        cql2("\"rows\"", &self.rows)?;
        if let Attributes::Only(names) = &self.attributes {
            list(("les attributs", "the attributes"), names.len())?;
        }
        list(("\"derived\"", "\"derived\""), self.derived.len())?;
        if let Some((ProfileArea::Given(source), _)) = &self.area {
            area(source)?;
        }
        let clips = matches!(self.area, Some((_, AreaMode::Clip)));
        ensure(
            clips || self.derived.is_empty(),
            "\"derived\" ne vaut que pour un profil qui découpe : rien d’autre ne rend un attribut faux",
            "\"derived\" is for profiles that clip: nothing else makes a property false",
        )?;
        ensure(
            self.zooms.min <= self.zooms.max,
            "le zoom \"min\" dépasse \"max\"",
            "\"min\" zoom is above \"max\"",
        )?;
        let zooms = self.zooms == super::profile::Zooms::ALL || self.zooms.max <= ZOOM_MAX;
        ensure(
            zooms,
            format!("aucun zoom ne dépasse {ZOOM_MAX}"),
            format!("no zoom is deeper than {ZOOM_MAX}"),
        )?;
        if let Some(precision) = &self.precision {
            let none = self.attributes == Attributes::Only(std::collections::BTreeSet::new());
            ensure(
                none,
                "un profil avec une précision montre des mailles, pas des objets : ses attributs doivent être [] ; leurs sommes sont \"aggregates\"",
                "a profile with a precision shows cells, not features: its attributes must be []; \
                 sums of them are \"aggregates\"",
            )?;
            let sides = 1..=GRID_M_MAX;
            ensure(
                sides.contains(&precision.grid_m),
                format!("\"grid_m\" va de 1 à {GRID_M_MAX} mètres"),
                format!("\"grid_m\" is from 1 to {GRID_M_MAX} metres"),
            )?;
            ensure(
                precision.min_count > 0,
                "\"min_count\" vaut au moins 1",
                "\"min_count\" is at least 1",
            )?;
            list(
                ("les agrégats", "the aggregates"),
                precision.aggregates.len(),
            )?;
        }
        let unknown = |f: &&String| !FORMATS.contains(&f.as_str());
        match self.formats.iter().flatten().find(unknown) {
            None => Ok(()),
            Some(other) => {
                let all = FORMATS.join(", ");
                ensure(
                    false,
                    format!("il n’y a pas de format {other:?} : ceux qu’il y a sont {all}"),
                    format!("there is no format {other:?}: those that there are are {all}"),
                )
            }
        }
    }
}

impl Grant {
    fn check(&self) -> Checked {
        id(("l’autorisation", "the grant"), &self.id)?;
        list(noun::LAYERS, self.layers.len())?;
        self.layers.iter().try_for_each(|l| collection(l))?;
        name(noun::PROFILE, &self.profile)?;
        period(self.from_us, self.until_us)
    }
}

impl Key {
    fn check(&self) -> Checked {
        id(noun::ORGANISATION, &self.organisation)?;
        if let Some(member) = &self.member {
            name(noun::MEMBER, member)?;
        }
        line(("le libellé", "the label"), &self.label)?;
        if let Some(layers) = &self.scopes.layers {
            list(noun::LAYERS, layers.len())?;
            layers.iter().try_for_each(|l| collection(l))?;
        }
        if let Some(profile) = &self.scopes.profile {
            name(noun::PROFILE, profile)?;
        }
        list(("les origines", "the origins"), self.origins.len())?;
        self.origins.iter().try_for_each(|o| origin(o))?;
        list(("les réseaux", "the networks"), self.networks.len())?;
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
    ensure(
        !host.is_empty() && host.bytes().all(plain),
        format!("{text:?} n’est pas une origine telle que \"https://carte.example.org\""),
        format!("{text:?} is no origin such as \"https://carte.example.org\""),
    )
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
    ensure(
        read().is_some(),
        format!("{text:?} n’est pas un réseau tel que \"192.0.2.0/24\""),
        format!("{text:?} is no network such as \"192.0.2.0/24\""),
    )
}

impl TermsText {
    fn check(&self) -> Checked {
        name(("les conditions", "the terms"), &self.terms.id)?;
        ensure(
            self.terms.version > 0,
            "les versions commencent à 1",
            "versions begin with 1",
        )?;
        line(noun::TITLE, &self.title)?;
        if let Some(organisation) = &self.organisation {
            id(noun::ORGANISATION, organisation)?;
        }
        let web = |url: &String| {
            let scheme = url.starts_with("https://") || url.starts_with("http://");
            scheme && url.len() <= 2_000 && url.bytes().all(|b| b.is_ascii_graphic())
        };
        ensure(
            self.url.as_ref().is_none_or(web),
            "l’adresse des conditions commence par https:// et n’a pas d’espace",
            "the address of terms begins with https:// and has no blanks",
        )
    }
}

impl AccessRequest {
    fn check(&self) -> Checked {
        id(("la demande", "the request"), &self.id)?;
        id(noun::ORGANISATION, &self.organisation)?;
        collection(&self.layer)?;
        page(("l’usage", "the purpose"), &self.purpose)?;
        if let Some(area) = &self.area {
            page(("l’emprise", "the area"), area)?;
        }
        if let Some(reason) = &self.reason {
            page(noun::REASON, reason)?;
        }
        period(None, Some(self.until_us))?;
        ensure(
            self.until_us > self.asked_us,
            "\"until\" doit être dans l’avenir : c’est jusque-là que l’accès est demandé",
            "\"until\" must lie in the future: it is until then that access is asked for",
        )
    }
}
