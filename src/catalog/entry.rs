//! A published layer: its rows and what its publisher says of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::facts::Roles;
use super::shown::Shown;
use crate::access::{Access, Discovery, FilterCache};
use crate::layer::{Layer, Rows};
use crate::model::metadata::Metadata;

/// How a publisher wants a layer to be in tiles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TileSettings {
    /// Lowest zoom with tiles.
    pub min_zoom: Option<u8>,
    /// Highest zoom with tiles; viewers enlarge its tiles beyond.
    pub max_zoom: Option<u8>,
    /// Names of the properties in tiles; all without it.
    pub properties: Option<Vec<String>>,
}

/// What a publisher declares of a layer, besides its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Publication {
    /// Collection id: `organisation.layer`, or `layer` alone.
    pub id: String,
    /// The organisation's id.
    pub organisation: Option<String>,
    /// Who may see it.
    pub access: Access,
    /// What those see of a restricted layer who hold no grant.
    pub discovery: Discovery,
    /// Names of the properties that its publisher declares: of a restricted layer, no others can be opened to anybody.
    pub declared: Vec<String>,
    /// Title and so on.
    pub metadata: Metadata,
    /// The property that `datetime` means.
    pub time: Option<String>,
    /// Tiles.
    pub tiles: TileSettings,
}

/// A layer in the catalogue: what its publisher says of it, its rows, and how it looks when nothing of it is hidden.
#[derive(Debug)]
pub struct LayerEntry {
    pub(super) publication: Publication,
    pub(super) layer: Layer,
    pub(super) whole: Arc<Shown>,
    /// Tells this entry from all others of the process.
    pub(super) serial: u64,
    /// Stands for the rows and for all that views of them take from the publication.
    pub(super) state: u128,
    /// The properties that can be opened, by their place, ascending.
    pub(super) declared: Vec<usize>,
    pub(super) filters: FilterCache,
    /// The turn in which it was asked for last; 0 if its mapped file was given back since.
    pub(super) used: AtomicU64,
}

/// The turn of layers that nobody has asked for yet.
pub(super) const LOADED: u64 = 1;

static SERIAL: AtomicU64 = AtomicU64::new(0);

/// What a publication names that the layer does not have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PublicationError {
    /// `time` or a tile property is no property of the layer.
    #[error(
        "layer \"{layer}\": {key} names \"{property}\", which is no property of it; it has: {known}"
    )]
    NoSuchProperty {
        /// The collection.
        layer: String,
        /// The key of the configuration.
        key: &'static str,
        /// What it names.
        property: String,
        /// What there is.
        known: String,
    },
    /// `time` names a property that holds no dates.
    #[error(
        "layer \"{layer}\": time names \"{property}\", which is of type {found}; it must be a date or a date-time"
    )]
    NoTime {
        /// The collection.
        layer: String,
        /// The property.
        property: String,
        /// Its type.
        found: &'static str,
    },
}

impl LayerEntry {
    /// Publishes `layer`.
    pub fn new(publication: Publication, layer: Layer) -> Result<Self, PublicationError> {
        Roles::check(&publication, layer.schema())?;
        let whole = Arc::new(Shown::whole(&layer, &publication));
        let fields = layer.schema().fields.iter().enumerate();
        let is_declared = |name: &String| {
            publication.access == Access::Open || publication.declared.contains(name)
        };
        let declared = fields.filter(|(_, f)| is_declared(&f.name));
        Ok(Self {
            whole,
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            state: state(&layer, &publication),
            declared: declared.map(|(place, _)| place).collect(),
            filters: FilterCache::default(),
            used: AtomicU64::new(LOADED),
            publication,
            layer,
        })
    }

    /// The same layer under another publication: what a reload does when only the configuration changed.
    pub fn republished(&self, publication: Publication) -> Result<Self, PublicationError> {
        Self::new(publication, self.layer.clone())
    }

    /// Collection id.
    pub fn id(&self) -> &str {
        &self.publication.id
    }

    /// Notes that it is asked for in that turn.
    pub(super) fn touch(&self, turn: u64) {
        // Written once a turn: readers share the line.
        if self.used.load(Ordering::Relaxed) != turn {
            self.used.store(turn, Ordering::Relaxed);
        }
    }

    /// Who may see it.
    pub fn access(&self) -> Access {
        self.publication.access
    }
}

fn state(layer: &Layer, publication: &Publication) -> u128 {
    let Publication {
        id,
        organisation: _,
        access,
        discovery: _,
        declared: _,
        metadata,
        time,
        tiles,
    } = publication;
    let text = format!(
        "{} {} {id:?} {access:?} {:?} {time:?} {tiles:?}",
        layer.serial(),
        layer.revision(),
        metadata.label
    );
    let mut first = [0; 16];
    first.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    u128::from_le_bytes(first)
}
