//! What a tile needs to know of a layer and of its rows, and nothing else.

use std::ops::ControlFlow;

use crate::geometry::grid::GridBox;
use crate::geometry::paths::GridPaths;
use crate::model::{FeatureIdRef, Schema, ValueRef};

/// One row of a layer.
pub trait TileRow {
    /// Its public id.
    fn id(&self) -> FeatureIdRef<'_>;
    /// The value of a field of the layer's schema.
    fn value(&self, field: usize) -> ValueRef<'_>;
    /// The box around its geometry, `None` without one.
    fn grid_bbox(&self) -> Option<GridBox>;
    /// Its geometry.
    fn grid_paths(&self) -> GridPaths<'_>;
}

/// A layer as one caller sees it.
pub trait TileRows {
    /// Its public id: the name of the layer in the tile.
    fn name(&self) -> &str;
    /// Its properties.
    fn schema(&self) -> &Schema;
    /// Fields of the schema that tiles carry, in this order.
    fn tile_properties(&self) -> &[usize];
    /// First and last zoom with tiles.
    fn tile_zooms(&self) -> (u8, u8);
    /// True if the public ids are integers from 0 to 2^53, which MVT and JavaScript can both hold: then they are the ids of the
    /// tile's features. Otherwise they are a property, see [`super::properties::id_property`].
    fn ids_are_small_integers(&self) -> bool;
    /// Calls `visit` on each row whose box meets one of the windows, once, in the layer's order.
    fn scan(&self, windows: &[GridBox], visit: &mut dyn FnMut(&dyn TileRow) -> ControlFlow<()>);
}
