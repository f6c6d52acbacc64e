//! Visible layers as tiles read them.

use std::ops::ControlFlow;

use super::source::{TileRow, TileRows};
use crate::catalog::{Row, Scan, VisibleLayer};
use crate::geometry::grid::GridBox;
use crate::geometry::paths::GridPaths;
use crate::model::{FeatureIdRef, Schema, ValueRef};

impl TileRow for Row<'_> {
    fn id(&self) -> FeatureIdRef<'_> {
        Row::id(self)
    }

    fn value(&self, field: usize) -> ValueRef<'_> {
        Row::value(self, field)
    }

    fn grid_bbox(&self) -> Option<GridBox> {
        Row::grid_bbox(self)
    }

    fn grid_paths(&self) -> GridPaths<'_> {
        Row::grid_paths(self)
    }
}

impl TileRows for VisibleLayer {
    fn name(&self) -> &str {
        VisibleLayer::id(self)
    }

    fn schema(&self) -> &Schema {
        VisibleLayer::schema(self)
    }

    fn tile_properties(&self) -> &[usize] {
        VisibleLayer::tile_properties(self)
    }

    fn tile_zooms(&self) -> (u8, u8) {
        VisibleLayer::tile_zooms(self)
    }

    fn ids_are_small_integers(&self) -> bool {
        VisibleLayer::ids_are_small_integers(self)
    }

    fn scan(&self, windows: &[GridBox], visit: &mut dyn FnMut(&dyn TileRow) -> ControlFlow<()>) {
        let scan = Scan {
            windows: Some(windows),
            ..Scan::default()
        };
        VisibleLayer::scan(self, &scan, &mut |row| visit(&row));
    }
}
