//! Facts of the rows that are shown, worked out once.

use super::entry::{Publication, PublicationError};
use crate::access::Access;
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::Crs;
use crate::geometry::grid::{self, GridBox};
use crate::geometry::zooms::ZoomGuess;
use crate::layer::Part;
use crate::model::temporal::Date;
use crate::model::{DataType, FeatureIdRef, Schema, ValueRef};

/// Facts of a layer as it is shown: nothing in them comes from other rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) rows: u64,
    pub(super) grid_extent: GridBox,
    pub(super) extent_crs84: Option<Bbox>,
    pub(super) z_range: Option<[f64; 2]>,
    pub(super) temporal_extent_us: Option<(i64, i64)>,
    /// First and last zoom with tiles: declared, else guessed from sizes and spacing.
    pub(super) tile_zooms: (u8, u8),
    /// Ids are integers from 0 to 2^53.
    pub(super) small_integer_ids: bool,
}

/// The properties that a publication gives a part to play, by their place in the schema that is shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Roles {
    /// What `datetime` means.
    pub(super) time: Option<usize>,
    /// What gives an item its title.
    pub(super) label: Option<usize>,
    /// What goes into tiles, in this order.
    pub(super) tiles: Vec<usize>,
}

impl Roles {
    /// The roles of a publication under `schema`; properties that are not shown play none.
    pub(super) fn of(publication: &Publication, schema: &Schema) -> Self {
        let find = |name: &String| schema.index_of(name);
        Self {
            time: match &publication.time {
                Some(name) => find(name),
                None if publication.access == Access::Open => lone_time(schema),
                // What a restricted layer says of itself is declared, never guessed.
                None => None,
            },
            label: publication.metadata.label.as_ref().and_then(find),
            tiles: match &publication.tiles.properties {
                Some(names) => names.iter().filter_map(find).collect(),
                None => (0..schema.fields.len()).collect(),
            },
        }
    }

    /// Besides what a publication names.
    pub(super) fn add_to_tiles(&mut self, fields: impl Iterator<Item = usize>) {
        for field in fields {
            if !self.tiles.contains(&field) {
                self.tiles.push(field);
            }
        }
    }

    /// Whether all that a publication names is there.
    pub(super) fn check(
        publication: &Publication,
        schema: &Schema,
    ) -> Result<(), PublicationError> {
        let time = publication.time.iter().map(|n| ("time", n));
        let label = publication.metadata.label.iter().map(|n| ("label", n));
        let tiles = publication.tiles.properties.iter().flatten();
        let tiles = tiles.map(|n| ("tiles.properties", n));
        for (key, name) in time.chain(label).chain(tiles) {
            let Some(field) = schema.index_of(name) else {
                let known = schema.fields.iter().map(|f| f.name.as_str());
                return Err(PublicationError::NoSuchProperty {
                    layer: publication.id.clone(),
                    key,
                    property: name.clone(),
                    known: known.collect::<Vec<_>>().join(", "),
                });
            };
            if key == "time" && !is_time(schema, field) {
                return Err(PublicationError::NoTime {
                    layer: publication.id.clone(),
                    property: name.clone(),
                    found: schema.fields[field].data_type.name(),
                });
            }
        }
        Ok(())
    }
}

fn is_time(schema: &Schema, field: usize) -> bool {
    let data_type = schema.fields[field].data_type;
    matches!(data_type, DataType::Date | DataType::DateTime)
}

/// GDAL sends `datetime` for any comparison of dates and trusts the answer: where a layer has one date only, that is meant.
fn lone_time(schema: &Schema) -> Option<usize> {
    let mut times = (0..schema.fields.len()).filter(|f| is_time(schema, *f));
    times.next().filter(|_| times.next().is_none())
}

/// What is summed up row by row.
#[derive(Debug, Clone)]
struct Sums {
    grid: GridBox,
    source: Bbox,
    z: [f64; 2],
    time: Option<(i64, i64)>,
    small_ids: bool,
}

impl Sums {
    const ZERO: Self = Self {
        grid: GridBox::EMPTY,
        source: Bbox::EMPTY,
        z: [f64::INFINITY, f64::NEG_INFINITY],
        time: None,
        small_ids: true,
    };

    #[expect(clippy::needless_pass_by_value, reason = "as rayon reduces")]
    fn join(self, other: Self) -> Self {
        Self {
            grid: self.grid.union(&other.grid),
            source: self.source.union(&other.source),
            z: [self.z[0].min(other.z[0]), self.z[1].max(other.z[1])],
            time: match (self.time, other.time) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (a, b) => a.or(b),
            },
            small_ids: self.small_ids && other.small_ids,
        }
    }
}

impl Facts {
    /// The facts of the rows of `parts`, whose ordinates are in `crs`.
    pub(super) fn of(
        parts: &[Part],
        schema: &Schema,
        crs: Crs,
        publication: &Publication,
        time: Option<usize>,
    ) -> Self {
        let degrees = is_degrees(crs);
        let look_at_source = degrees || schema.has_z;
        let add = |part: &Part, sums: &mut Sums, row: usize| {
            let segment = &part.segment;
            if let Some(bbox) = segment.grid_bbox(row) {
                sums.grid = sums.grid.union(&bbox);
            }
            // Of one segment either all ids are integers or none is.
            sums.small_ids = sums.small_ids
                && segment.ids_are_integers()
                && matches!(segment.id(row), FeatureIdRef::Int(id) if (0..=1 << 53).contains(&id));
            if look_at_source && let Some(g) = segment.source_geometry(row) {
                for p in g.xy {
                    sums.source.extend(*p);
                }
                for v in g.z.iter().filter(|v| v.is_finite()) {
                    sums.z = [sums.z[0].min(*v), sums.z[1].max(*v)];
                }
            }
            if let Some(us) = time.and_then(|f| start_us(segment.value(row, f))) {
                let (a, b) = sums.time.unwrap_or((us, us));
                sums.time = Some((a.min(us), b.max(us)));
            }
        };
        let (sums, tile_zooms) = rayon::join(
            || {
                let sums = parts.iter().map(|part| {
                    let add = |sums: &mut Sums, row| add(part, sums, row);
                    part.sum(|| Sums::ZERO, add, Sums::join)
                });
                sums.fold(Sums::ZERO, Sums::join)
            },
            || tile_zooms(parts, publication),
        );
        Self {
            rows: parts.iter().map(|p| p.len() as u64).sum(),
            tile_zooms,
            small_integer_ids: sums.small_ids,
            grid_extent: sums.grid,
            extent_crs84: if degrees && !sums.source.is_empty() {
                Some(sums.source)
            } else {
                from_grid(&sums.grid)
            },
            z_range: (sums.z[0] <= sums.z[1]).then_some(sums.z),
            temporal_extent_us: sums.time,
        }
    }
}

fn tile_zooms(parts: &[Part], publication: &Publication) -> (u8, u8) {
    let tiles = &publication.tiles;
    let (first, last) = match (tiles.min_zoom, tiles.max_zoom) {
        (Some(first), Some(last)) => (first, last),
        _ => {
            let mut guess = ZoomGuess::default();
            super::scan::in_order(parts, &mut |row| {
                if let Some(bbox) = row.grid_bbox() {
                    guess.add(&bbox);
                }
            });
            guess.zooms()
        }
    };
    let last = tiles
        .max_zoom
        .unwrap_or(last.max(tiles.min_zoom.unwrap_or(0)));
    let first = tiles.min_zoom.unwrap_or(first.min(last));
    (first, last.max(first))
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
