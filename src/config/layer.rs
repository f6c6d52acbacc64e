//! `[[layer]]`: one published data set.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fault::Place;
use super::field::{self, Field};
use super::grant::instant;
use super::names::{Kind, define, open_reference, own_id};
use super::source::{self, Source};
use super::table::Table;

/// Who may see a layer's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Those who hold a grant.
    Restricted,
}

/// What those without a grant see of a restricted layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// A notice: title, description, whom to ask.
    Listed,
    /// Nothing: the layer answers like one that does not exist.
    Hidden,
}

/// In which state of its life a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerState {
    /// Seen by editors of its organisation alone.
    Draft,
    /// As grants say.
    Published,
    /// Seen by nobody.
    Withdrawn,
}

/// The tiles of a layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles {
    /// First zoom; `None` is guessed from the data.
    pub min_zoom: Option<u8>,
    /// Last zoom; `None` is guessed from the data.
    pub max_zoom: Option<u8>,
    /// Properties in the tiles; `None` is all of them.
    pub properties: Option<Vec<String>>,
}

/// A published data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Where it is defined.
    pub place: Place,
    /// Its id, unique in its organisation.
    pub id: String,
    /// The organisation that owns it.
    pub organisation: Option<String>,
    /// Its id in the API: `organisation.id`, plain where it has no organisation.
    pub collection: String,
    /// Its file.
    pub source: Source,
    /// Who may see it.
    pub access: Access,
    /// What the others see of it; says something of restricted layers only.
    pub discovery: Discovery,
    /// In which state it is; `None` leaves it to the store, and is published where that says nothing.
    pub state: Option<LayerState>,
    /// The first instant at which it is open to others than its editors.
    pub embargo_until: Option<Timestamp>,
    /// Title for people.
    pub title: Option<String>,
    /// A paragraph.
    pub description: Option<String>,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Short name or URL of the licence.
    pub licence: Option<String>,
    /// Credits to show wherever the data are displayed.
    pub attribution: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// Day of the last update, `YYYY-MM-DD`.
    pub updated: Option<String>,
    /// The property that names a feature.
    pub feature_id: Option<String>,
    /// The property that `datetime` means.
    pub time: Option<String>,
    /// The property that gives an item its title.
    pub label: Option<String>,
    /// Its tiles.
    pub tiles: Tiles,
    /// Declared properties, in the order of the file.
    pub fields: Vec<Field>,
}

const STATES: [(&str, LayerState); 3] = [
    ("draft", LayerState::Draft),
    ("published", LayerState::Published),
    ("withdrawn", LayerState::Withdrawn),
];

/// Reads one; `resolve` finds a path relative to the file, days begin in `zone`, no zoom may be deeper than `max_zoom`.
pub(super) fn read(
    t: Table<'_>,
    resolve: impl Fn(&str) -> PathBuf,
    zone: &TimeZone,
    max_zoom: u8,
) -> Option<Layer> {
    let id = own_id(&t);
    let organisation = t.get("organisation");
    let owner_named = organisation.is_some();
    let organisation = organisation.and_then(|n| open_reference(&n, Kind::Organisation));
    let collection = id.as_deref().and_then(|id| match &organisation {
        Some(organisation) => Some(format!("{organisation}.{id}")),
        None if owner_named => None,
        None => Some(id.to_owned()),
    });
    if let Some(collection) = &collection {
        define(&t, Kind::Layer, collection);
    }
    let source = t
        .need("source", "which file is it?")
        .and_then(|n| source::read(&n, resolve));
    let access = t
        .need(
            "access",
            "write access = \"open\" or access = \"restricted\"; no layer is open because nothing was said",
        )
        .and_then(|n| n.choice(&[("open", Access::Open), ("restricted", Access::Restricted)]));
    let discovery = read_discovery(&t, access);
    let layer = Layer {
        place: t.place(),
        id: id.clone().unwrap_or_default(),
        organisation,
        collection: collection.clone().unwrap_or_default(),
        source: source
            .clone()
            .unwrap_or_else(|| Source::of_file(PathBuf::new())),
        access: access.unwrap_or(Access::Restricted),
        discovery,
        state: t.get("state").and_then(|n| n.choice(&STATES)),
        // A day is the first on which it is open.
        embargo_until: t
            .get("embargo_until")
            .and_then(|n| instant(&n, zone, false)),
        title: t.string("title"),
        description: t.string("description"),
        keywords: t.strings("keywords"),
        licence: t.string("licence"),
        attribution: t.string("attribution"),
        contact: t.string("contact"),
        updated: t.get("updated").and_then(|n| n.day()),
        feature_id: t.string("feature_id"),
        time: t.string("time"),
        label: t.string("label"),
        tiles: read_tiles(&t, max_zoom),
        fields: field::read(&t),
    };
    if layer.access == Access::Restricted && access.is_some() && source.is_some() {
        check_declared(&t, &layer);
    }
    t.finish_with(|key| {
        let inside = source::KEYS.contains(&key);
        inside.then(|| format!("; it belongs in the source: source = {{ path = …, {key} = … }}"))
    });
    // Placeholders above stand for what already is a fault, and one fault refuses the configuration whole.
    (collection.is_some() && source.is_some() && access.is_some()).then_some(layer)
}

fn read_discovery(t: &Table<'_>, access: Option<Access>) -> Discovery {
    let Some(node) = t.get("discovery") else {
        return Discovery::Hidden;
    };
    let discovery = node.choice(&[("listed", Discovery::Listed), ("hidden", Discovery::Hidden)]);
    if access == Some(Access::Open) && discovery == Some(Discovery::Hidden) {
        node.fault("\"discovery\" is for restricted layers: an open layer is always listed");
    }
    discovery.unwrap_or(Discovery::Hidden)
}

fn read_tiles(layer: &Table<'_>, max_zoom: u8) -> Tiles {
    let Some(t) = layer.table("tiles", "tiles") else {
        return Tiles::default();
    };
    let zoom = |key| {
        t.get(key)
            .and_then(|n| n.integer(0..=max_zoom.into()))
            .map(|z| z as u8)
    };
    let tiles = Tiles {
        min_zoom: zoom("min_zoom"),
        max_zoom: zoom("max_zoom"),
        properties: t.get("properties").and_then(|n| n.strings()),
    };
    if let (Some(min), Some(max)) = (tiles.min_zoom, tiles.max_zoom)
        && min > max
    {
        t.fault(format!(
            "\"min_zoom\" ({min}) is above \"max_zoom\" ({max})"
        ));
    }
    t.finish();
    tiles
}

/// The schema, the CRS and the zooms of a restricted layer are public statements: computed from its rows, they would tell of rows that
/// a caller may not see.
fn check_declared(t: &Table<'_>, layer: &Layer) {
    let mut missing = Vec::new();
    if layer.source.crs.is_none() {
        missing.push("its CRS (source = { path = …, crs = \"EPSG:…\" })");
    }
    if layer.tiles.min_zoom.is_none() || layer.tiles.max_zoom.is_none() {
        missing.push("its zooms (tiles = { min_zoom = …, max_zoom = … })");
    }
    if layer.fields.is_empty() || layer.fields.iter().any(|f| f.data_type.is_none()) {
        missing.push("the type of each property ([layer.fields.NAME] with type = …)");
    }
    if !missing.is_empty() {
        t.fault(format!(
            "the restricted layer {:?} must declare {}, for nothing public may be computed from its rows; \
             `guichet check FILE --toml` prints them",
            layer.collection,
            missing.join(", ")
        ));
        return;
    }
    let named = [
        ("feature_id", layer.feature_id.iter().collect::<Vec<_>>()),
        ("time", layer.time.iter().collect()),
        ("label", layer.label.iter().collect()),
        (
            "properties",
            layer.tiles.properties.iter().flatten().collect(),
        ),
    ];
    for (key, names) in named {
        for name in names {
            if !layer.fields.iter().any(|f| f.name == *name) {
                let hint = super::suggest::hint(name, layer.fields.iter().map(|f| f.name.as_str()));
                t.fault(format!(
                    "{key:?} names {name:?}, which [layer.fields] of the restricted layer {:?} does not declare{hint}",
                    layer.collection
                ));
            }
        }
    }
}
