//! `[[profile]]`: a named restriction. What it means is compiled elsewhere; here it has the right shape.

use super::area::{self, Area};
use super::fault::Place;
use super::names::{Kind, define, own_id, reference};
use super::node::Node;
use super::table::Table;

/// The properties that a profile opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attributes {
    /// `"*"`
    All,
    /// These; none if empty.
    Only(Vec<String>),
}

/// How an area restricts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AreaMode {
    /// Geometries are cut along the area.
    Clip,
    /// Features that touch the area are whole.
    Intersects,
    /// Features that lie inside the area.
    Within,
}

/// Which area restricts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileArea {
    /// That of the organisation which holds the grant.
    Jurisdiction,
    /// One that is written in the profile.
    Given(Area),
}

/// What becomes of a property that a clipped shape would make false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// It is not shown.
    Mask,
    /// It is computed from the clipped shape.
    Recompute,
}

/// How cells of a grid sum up the values of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Aggregate {
    Sum,
    Mean,
    Min,
    Max,
}

/// A grid that takes the place of the geometries.
#[derive(Debug, Clone, PartialEq)]
pub struct Precision {
    /// Side of a cell in metres.
    pub grid_m: u32,
    /// Cells with fewer features join the next step of the ladder.
    pub min_count: u64,
    /// What a cell says besides its count.
    pub aggregates: Vec<(String, Aggregate)>,
}

/// Widest cell: a million metres is a country.
const GRID_M_MAX: u64 = 1_000_000;

/// A cell of fewer than eleven households is not published (INSEE's rule for gridded data).
const MIN_COUNT: u64 = 11;

/// A named restriction.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Where it is defined.
    pub place: Place,
    /// Its id.
    pub id: String,
    /// The organisation that made it; `None` is the operator.
    pub organisation: Option<String>,
    /// Title for people.
    pub title: Option<String>,
    /// A paragraph.
    pub description: Option<String>,
    /// CQL2 text that selects rows; `TRUE` for all.
    pub rows: String,
    /// The properties it opens.
    pub attributes: Attributes,
    /// The area it opens, and how.
    pub area: Option<(ProfileArea, AreaMode)>,
    /// What becomes of properties that a clipped shape would make false.
    pub derived: Vec<(String, Derived)>,
    /// First zoom.
    pub min_zoom: Option<u8>,
    /// Last zoom.
    pub max_zoom: Option<u8>,
    /// The grid that takes the place of geometries.
    pub precision: Option<Precision>,
    /// Short names of the formats it opens (`geojson`, `html`, `mvt`); `None` is all.
    pub formats: Option<Vec<String>>,
}

/// Reads one; no zoom may be deeper than `max_zoom`.
pub(super) fn read(t: Table<'_>, max_zoom: u8) -> Option<Profile> {
    let id = own_id(&t);
    if let Some(id) = &id {
        define(&t, Kind::Profile, id);
    }
    let rows = t.need_string(
        "rows",
        "write rows = \"TRUE\" for all rows; nothing is implied by absence",
    );
    let attributes = t
        .need(
            "attributes",
            "write attributes = \"*\" for all, [] for none",
        )
        .and_then(|n| read_attributes(&n));
    let area = t.get("area").and_then(|n| read_area(&n));
    let derived = t.get("derived");
    if let (Some((_, AreaMode::Clip)), None) = (&area, &derived) {
        t.fault(
            "a profile that clips must have \"derived\": what becomes of properties that a clipped shape makes false, \
             such as derived = { surface = \"mask\" }; {} if there are none",
        );
    }
    let modes = [("mask", Derived::Mask), ("recompute", Derived::Recompute)];
    let zoom = |key| {
        t.get(key)
            .and_then(|n| n.integer(0..=max_zoom.into()))
            .map(|z| z as u8)
    };
    let precision = t.get("precision").and_then(|n| read_precision(&n));
    if precision.is_some()
        && attributes.is_some()
        && attributes != Some(Attributes::Only(Vec::new()))
    {
        t.fault(
            "a profile with a \"precision\" shows cells, not features: write attributes = []; \
             sums of properties are aggregates = { … } of the precision",
        );
    }
    let profile = Profile {
        place: t.place(),
        organisation: t
            .get("organisation")
            .and_then(|n| reference(&n, Kind::Organisation)),
        id: id.clone().unwrap_or_default(),
        title: t.string("title"),
        description: t.string("description"),
        rows: rows.clone().unwrap_or_default(),
        attributes: attributes.clone().unwrap_or(Attributes::Only(Vec::new())),
        area,
        derived: derived
            .map(|n| words(&n, "derived", &modes))
            .unwrap_or_default(),
        min_zoom: zoom("min_zoom"),
        max_zoom: zoom("max_zoom"),
        precision,
        formats: t.get("formats").and_then(|n| n.strings()),
    };
    if profile
        .min_zoom
        .zip(profile.max_zoom)
        .is_some_and(|(min, max)| min > max)
    {
        t.fault("\"min_zoom\" is above \"max_zoom\"");
    }
    t.finish();
    // Placeholders above stand for what already is a fault, and one fault refuses the configuration whole.
    (id.is_some() && rows.is_some() && attributes.is_some()).then_some(profile)
}

fn read_attributes(node: &Node<'_>) -> Option<Attributes> {
    use toml::de::DeValue::{Array, String};
    match node.value.get_ref() {
        String(s) if s == "*" => Some(Attributes::All),
        Array(_) => node.strings().map(Attributes::Only),
        _ => node.wrong("\"*\" or a list of properties"),
    }
}

fn read_area(node: &Node<'_>) -> Option<(ProfileArea, AreaMode)> {
    let t = node.table("area")?;
    let modes = [
        ("clip", AreaMode::Clip),
        ("intersects", AreaMode::Intersects),
        ("within", AreaMode::Within),
    ];
    let mode = t
        .need(
            "mode",
            "write mode = \"clip\", \"intersects\" or \"within\"",
        )
        .and_then(|n| n.choice(&modes));
    let jurisdiction = t.get("jurisdiction");
    let others = ["wkt", "layer", "filter"]
        .iter()
        .any(|key| t.get(key).is_some());
    let area = match jurisdiction {
        Some(node) if node.boolean() == Some(true) && !others => Some(ProfileArea::Jurisdiction),
        Some(node) => {
            node.fault("area must be one of { jurisdiction = true }, { wkt = … } or { layer = …, filter = … }, with a mode");
            None
        }
        None if others => area::read(&t).map(ProfileArea::Given),
        None => {
            node.fault("area names no area: write jurisdiction = true, wkt = … or layer = … with filter = …");
            None
        }
    };
    t.finish();
    area.zip(mode)
}

fn read_precision(node: &Node<'_>) -> Option<Precision> {
    let t = node.table("precision")?;
    let grid_m = t
        .need("grid_m", "the side of a cell in metres")
        .and_then(|n| n.integer(1..=GRID_M_MAX));
    let sums = [
        ("sum", Aggregate::Sum),
        ("mean", Aggregate::Mean),
        ("min", Aggregate::Min),
        ("max", Aggregate::Max),
    ];
    let min_count = t.get("min_count").and_then(|n| n.integer(1..=1_000_000));
    let aggregates = t.get("aggregates").map(|n| words(&n, "aggregates", &sums));
    t.finish();
    Some(Precision {
        grid_m: grid_m? as u32,
        min_count: min_count.unwrap_or(MIN_COUNT),
        aggregates: aggregates.unwrap_or_default(),
    })
}

/// A table of properties and words of a closed list, in the order of the file.
fn words<T: Copy>(node: &Node<'_>, name: &str, words: &[(&'static str, T)]) -> Vec<(String, T)> {
    let Some(t) = node.table(name) else {
        return Vec::new();
    };
    let pair =
        |(property, word): (&str, Node<'_>)| Some((property.to_owned(), word.choice(words)?));
    t.entries().into_iter().filter_map(pair).collect()
}
