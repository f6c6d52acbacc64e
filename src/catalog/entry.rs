//! A published layer: its rows and what its publisher says of it.

use crate::access::Access;
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::Crs;
use crate::geometry::grid::{self, GridBox};
use crate::geometry::zooms::ZoomGuess;
use crate::layer::{Layer, Rows};
use crate::model::metadata::Metadata;
use crate::model::temporal::Date;
use crate::model::{DataType, FeatureIdRef, ValueRef};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// Collection id: `organisation.layer`, or `layer` alone.
    pub id: String,
    /// The organisation's id.
    pub organisation: Option<String>,
    /// Who may see it.
    pub access: Access,
    /// Title and so on.
    pub metadata: Metadata,
    /// The property that `datetime` means.
    pub time: Option<String>,
    /// Tiles.
    pub tiles: TileSettings,
}

/// A layer in the catalogue. Facts that every view shares are worked out here, once.
#[derive(Debug)]
pub struct LayerEntry {
    pub(super) publication: Publication,
    pub(super) layer: Layer,
    pub(super) facts: Facts,
}

/// Facts of the unrestricted view.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) rows: u64,
    pub(super) grid_extent: GridBox,
    pub(super) extent_crs84: Option<Bbox>,
    pub(super) z_range: Option<[f64; 2]>,
    pub(super) time_field: Option<usize>,
    pub(super) temporal_extent_us: Option<(i64, i64)>,
    pub(super) tile_properties: Vec<usize>,
    /// First and last zoom with tiles: declared, else guessed from sizes and spacing.
    pub(super) tile_zooms: (u8, u8),
    /// Ids are integers from 0 to 2^53.
    pub(super) small_integer_ids: bool,
}

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
        let schema = layer.schema();
        let find = |key: &'static str, name: &str| {
            schema
                .index_of(name)
                .ok_or_else(|| PublicationError::NoSuchProperty {
                    layer: publication.id.clone(),
                    key,
                    property: name.to_owned(),
                    known: schema
                        .fields
                        .iter()
                        .map(|f| f.name.as_str())
                        .collect::<Vec<_>>()
                        .join(", "),
                })
        };
        let is_time = |field: usize| {
            let data_type = schema.fields[field].data_type;
            matches!(data_type, DataType::Date | DataType::DateTime)
        };
        let time_field = match &publication.time {
            Some(name) => Some(find("time", name)?),
            // GDAL sends `datetime` for any comparison of dates and trusts the answer: where a layer has one date only, that is meant.
            // What a restricted layer says of itself is declared, never guessed.
            None if publication.access == Access::Open => {
                let mut times = (0..schema.fields.len()).filter(|f| is_time(*f));
                times.next().filter(|_| times.next().is_none())
            }
            None => None,
        };
        if let Some(field) = time_field.filter(|f| !is_time(*f)) {
            return Err(PublicationError::NoTime {
                layer: publication.id.clone(),
                property: schema.fields[field].name.clone(),
                found: schema.fields[field].data_type.name(),
            });
        }
        if let Some(label) = &publication.metadata.label {
            find("label", label)?;
        }
        let tile_properties = match &publication.tiles.properties {
            Some(names) => names
                .iter()
                .map(|n| find("tiles.properties", n))
                .collect::<Result<_, _>>()?,
            None => (0..schema.fields.len()).collect(),
        };
        let facts = Facts::of(&layer, &publication.tiles, time_field, tile_properties);
        Ok(Self {
            publication,
            layer,
            facts,
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

    /// Who may see it.
    pub fn access(&self) -> Access {
        self.publication.access
    }
}

impl Facts {
    fn of(
        layer: &Layer,
        tiles: &TileSettings,
        time_field: Option<usize>,
        tile_properties: Vec<usize>,
    ) -> Self {
        let mut guess = ZoomGuess::default();
        let mut small_integer_ids = true;
        let mut rows = 0u64;
        let mut grid_extent = GridBox::EMPTY;
        let mut source_extent = Bbox::EMPTY;
        let mut z = [f64::INFINITY, f64::NEG_INFINITY];
        let mut time: Option<(i64, i64)> = None;
        let degrees = is_degrees(layer.storage_crs());
        for (segment, gone) in layer.segments() {
            rows += segment.rows() as u64 - gone.len();
            for row in (0..segment.rows()).filter(|r| gone.is_empty() || !gone.contains(*r as u32))
            {
                if let Some(bbox) = segment.grid_bbox(row) {
                    grid_extent = grid_extent.union(&bbox);
                    guess.add(&bbox);
                }
                small_integer_ids &=
                    matches!(segment.id(row), FeatureIdRef::Int(id) if (0..=1 << 53).contains(&id));
                if degrees || layer.schema().has_z {
                    let (xy, heights) = segment
                        .source_geometry(row)
                        .map_or((&[][..], &[][..]), |g| (g.xy, g.z));
                    for p in xy {
                        source_extent.extend(*p);
                    }
                    for v in heights.iter().filter(|v| v.is_finite()) {
                        z = [z[0].min(*v), z[1].max(*v)];
                    }
                }
                if let Some(us) = time_field.and_then(|f| start_us(segment.value(row, f))) {
                    let (a, b) = time.unwrap_or((us, us));
                    time = Some((a.min(us), b.max(us)));
                }
            }
        }
        let extent_crs84 = if degrees && !source_extent.is_empty() {
            Some(source_extent)
        } else {
            from_grid(&grid_extent)
        };
        let (first, last) = guess.zooms();
        let last = tiles
            .max_zoom
            .unwrap_or(last.max(tiles.min_zoom.unwrap_or(0)));
        let first = tiles.min_zoom.unwrap_or(first.min(last));
        Self {
            tile_zooms: (first, last.max(first)),
            small_integer_ids,
            rows,
            grid_extent,
            extent_crs84,
            z_range: (z[0] <= z[1]).then_some(z),
            time_field,
            temporal_extent_us: time,
            tile_properties,
        }
    }
}

/// True if source ordinates are CRS84 degrees as they stand.
fn is_degrees(crs: Crs) -> bool {
    crate::geometry::crs::Transform::between(crs, Crs::CRS84).is_ok_and(|t| t.is_identity())
}

/// The instant at which a date or date-time starts, in microseconds.
fn start_us(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Date(Date(days)) => Some(Date(days).start_us()),
        ValueRef::DateTime(t) => Some(t.instant_us),
        _ => None,
    }
}

/// Degrees around a grid box, one unit wider: a grid vertex stands for all places that round to it.
fn from_grid(extent: &GridBox) -> Option<Bbox> {
    if extent.is_empty() {
        return None;
    }
    let [west, south] = grid::to_lonlat([
        extent.min[0].saturating_sub(1),
        extent.max[1].saturating_add(1),
    ]);
    let [east, north] = grid::to_lonlat([
        extent.max[0].saturating_add(1),
        extent.min[1].saturating_sub(1),
    ]);
    // Where the grid ends it says no more how far a shape goes.
    let beyond = |y: i32| i64::from(y).abs() >= grid::Y_LIMIT;
    let north = if beyond(extent.min[1]) { 90.0 } else { north };
    let south = if beyond(extent.max[1]) { -90.0 } else { south };
    Some(Bbox::new([west, south], [east, north]))
}
