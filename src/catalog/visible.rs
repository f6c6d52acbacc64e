//! A layer as one caller sees it: the only thing that has rows.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::entry::LayerEntry;
use super::scan::{Cursor, Scan, merge, ranks_at};
use super::shown::Shown;
use super::told::Told;
use crate::access::ViewId;
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::Crs;
use crate::geometry::grid::GridBox;
use crate::geometry::paths::GridPaths;
use crate::geometry::source::SourceGeometry;
use crate::layer::{Position, Revision, Segment};
use crate::model::id::IdStability;
use crate::model::metadata::Metadata;
use crate::model::{FeatureIdRef, Schema, ValueRef};

/// A layer seen through one surface of a view. Everything that is ever served of a layer (rows, schema, extent, counts, thresholds) is
/// computed from this and cannot know that a bigger layer may exist. The unrestricted view costs a reference count.
#[derive(Debug, Clone)]
pub struct VisibleLayer {
    /// What its publisher says of it; its rows are not asked for.
    entry: Arc<LayerEntry>,
    shown: Arc<Shown>,
    view_id: ViewId,
    /// How exactly it says where it lies.
    told: Told,
    /// What the caller calls it, where that is not its full id: a portal's layers have plain names.
    name: Option<Arc<str>>,
}

/// One row of a visible layer.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub(super) segment: &'a Segment,
    pub(super) row: usize,
}

impl VisibleLayer {
    /// What a view shows of a layer.
    pub(super) fn of(
        entry: &Arc<LayerEntry>,
        shown: Arc<Shown>,
        view_id: ViewId,
        told: Told,
    ) -> Self {
        Self {
            entry: Arc::clone(entry),
            shown,
            view_id: told.id(view_id),
            told,
            name: None,
        }
    }

    /// All of a layer.
    pub(super) fn unrestricted(entry: &Arc<LayerEntry>, told: Told) -> Self {
        let shown = Arc::clone(&entry.whole);
        Self::of(entry, shown, ViewId::EVERYTHING, told)
    }

    /// The same under the name by which the caller asked for it.
    pub fn called(mut self, name: &str) -> Self {
        self.name = (name != self.collection()).then(|| name.into());
        self
    }

    /// The id under which the caller knows it.
    pub fn id(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.collection())
    }

    /// Its full collection id, whatever the caller calls it.
    pub fn collection(&self) -> &str {
        &self.entry.publication.id
    }

    /// Id of the publishing organisation.
    pub fn organisation(&self) -> Option<&String> {
        self.entry.publication.organisation.as_ref()
    }

    /// What the publisher says of it.
    pub fn metadata(&self) -> &Metadata {
        &self.shown.metadata
    }

    /// Its visible properties and geometry.
    pub fn schema(&self) -> &Schema {
        &self.shown.schema
    }

    /// Some of it, or all, is counted in cells of a grid, and not shown.
    pub fn has_cells(&self) -> bool {
        self.shown.has_cells
    }

    /// The CRS in which geometries are kept bit for bit.
    pub fn storage_crs(&self) -> Crs {
        self.shown.storage_crs
    }

    /// Number of visible rows.
    pub fn feature_count(&self) -> u64 {
        self.shown.facts.rows
    }

    /// Longitudes and latitudes around all visible rows, unrounded, unless tiles show some of them up to a zoom only: then, where the
    /// layer is described, no more exactly than tiles of that zoom. `max[0]` exceeds 180 for shapes drawn across the antimeridian.
    /// `None` if no row has a place.
    pub fn extent_crs84(&self) -> Option<Bbox> {
        self.told.extent_crs84(&self.shown.facts)
    }

    /// The same on the world grid; empty if no row has a place.
    pub fn grid_extent(&self) -> GridBox {
        self.told.grid_extent(&self.shown.facts)
    }

    /// Lowest and highest z; `None` too where extents are told as on tiles.
    pub fn z_range(&self) -> Option<[f64; 2]> {
        self.told.z_range(&self.shown.facts)
    }

    /// First and last start of the time property, in microseconds since 1970 (UTC; dates at their midnight).
    pub fn temporal_extent_us(&self) -> Option<(i64, i64)> {
        self.shown.facts.temporal_extent_us
    }

    /// The property that `datetime` means.
    pub fn time_field(&self) -> Option<usize> {
        self.shown.roles.time
    }

    /// The state of the visible rows and schema.
    pub fn revision(&self) -> Revision {
        self.shown.revision
    }

    /// Which view this is.
    pub fn view_id(&self) -> ViewId {
        self.view_id
    }

    /// How far ids can be trusted.
    pub fn id_stability(&self) -> IdStability {
        self.shown.id_stability
    }

    /// True if ids are integers, false if texts.
    pub fn ids_are_integers(&self) -> bool {
        self.shown.ids_are_integers()
    }

    /// First and last zoom with tiles: declared, else guessed from the sizes and spacing of the visible rows.
    pub fn tile_zooms(&self) -> (u8, u8) {
        self.shown.facts.tile_zooms
    }

    /// True if ids are integers from 0 to 2^53, which MVT and JavaScript hold exactly.
    pub fn ids_are_small_integers(&self) -> bool {
        self.shown.facts.small_integer_ids
    }

    /// Properties that go into tiles, by their place in the schema.
    pub fn tile_properties(&self) -> &[usize] {
        &self.shown.roles.tiles
    }

    /// The row with that id.
    pub fn row(&self, id: &FeatureIdRef<'_>) -> Option<Row<'_>> {
        self.shown.parts.iter().find_map(|part| {
            Some(Row {
                row: part.find(*id)?,
                segment: &part.segment,
            })
        })
    }

    /// The row whose id is spelled `text` in a path.
    pub fn find_id(&self, text: &str) -> Option<Row<'_>> {
        if self.ids_are_integers() {
            // Only the usual spelling names an item: `007` is not `7`.
            let id: i64 = text.parse().ok()?;
            (id.to_string() == text).then_some(())?;
            self.row(&FeatureIdRef::Int(id))
        } else {
            self.row(&FeatureIdRef::Text(text))
        }
    }

    /// Meets rows in public order until `visit` breaks.
    pub fn scan(&self, scan: &Scan<'_>, visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>) {
        merge(&mut self.cursors(scan), visit);
    }

    /// Number of rows that a scan would meet; `None` if it was cancelled.
    pub fn count(&self, scan: &Scan<'_>) -> Option<u64> {
        self.cursors(scan).iter_mut().map(Cursor::count).sum()
    }

    fn cursors<'a>(&'a self, scan: &Scan<'a>) -> Vec<Cursor<'a>> {
        let parts = self.shown.parts.iter();
        parts.map(|part| Cursor::new(part, scan)).collect()
    }

    /// Meets rows in public order from the `offset`-th on.
    pub fn scan_offset(&self, offset: u64, visit: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>) {
        let ranks = ranks_at(&self.shown.parts, offset as usize);
        let mut cursors = self.cursors(&Scan::default());
        for (cursor, rank) in cursors.iter_mut().zip(ranks) {
            cursor.skip_to(rank);
        }
        merge(&mut cursors, visit);
    }
}

impl<'a> Row<'a> {
    /// Public id.
    pub fn id(&self) -> FeatureIdRef<'a> {
        self.segment.id(self.row)
    }

    /// Place in the public order.
    pub fn position(&self) -> Position<'a> {
        self.segment.position(self.row)
    }

    /// Value of a property, by its place in the schema.
    pub fn value(&self, field: usize) -> ValueRef<'a> {
        self.segment.value(self.row, field)
    }

    /// The geometry as the source has it, in the storage CRS; `None` for a null geometry.
    pub fn source_geometry(&self) -> Option<SourceGeometry<'a>> {
        self.segment.source_geometry(self.row)
    }

    /// Its box on the world grid; `None` if it has no place.
    pub fn grid_bbox(&self) -> Option<GridBox> {
        self.segment.grid_bbox(self.row)
    }

    /// Its cleaned shape on the world grid.
    pub fn grid_paths(&self) -> GridPaths<'a> {
        self.segment.grid_paths(self.row)
    }
}
