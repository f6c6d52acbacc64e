//! From visible layers to the bytes of a tile.

use std::ops::ControlFlow;

use fast_mvt::{MvtCoord, MvtError, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtResult};
use thiserror::Error;

use super::coord::TileCoord;
use super::drawing::Drawing;
use super::properties::Tags;
use super::shape::{Shape, Shaper};
use super::source::{TileRow, TileRows};
use crate::geometry::grid::GridPoint;
use crate::geometry::predicates::ring_area;

/// A tile in MVT 2.1, not compressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tile {
    /// The bytes; none at all where no feature is drawn.
    pub mvt: Vec<u8>,
    /// Features drawn, one for each kind of geometry of a row.
    pub features: u32,
    /// Rows that lie in the tile and are too small to be drawn at this zoom.
    pub collapsed: u32,
}

/// A tile that the format cannot hold.
#[derive(Debug, Error)]
#[error("tile {coord} of layer {layer:?}: {source}")]
pub struct RenderError {
    coord: TileCoord,
    layer: String,
    source: MvtError,
}

/// Draws the layers, in their order, into one tile. Layers that begin at a deeper zoom are left out, as are layers of which nothing is
/// in the tile. All layers are drawn down to the last zoom of the deepest: viewers enlarge whole tiles, not single layers.
pub fn render(layers: &[&dyn TileRows], coord: TileCoord) -> Result<Tile, RenderError> {
    let mut tile = Tile::default();
    let last = layers.iter().map(|l| l.tile_zooms().1).max().unwrap_or(0);
    for layer in layers {
        if !(layer.tile_zooms().0..=last).contains(&coord.z()) {
            continue;
        }
        render_layer(*layer, coord, &mut tile).map_err(|source| RenderError {
            coord,
            layer: layer.name().to_owned(),
            source,
        })?;
    }
    Ok(tile)
}

fn render_layer(layer: &dyn TileRows, coord: TileCoord, tile: &mut Tile) -> MvtResult<()> {
    let mut shaper = Shaper::new(coord, layer.tile_zooms().1);
    let mut tags = Tags::new(layer);
    // `None` only while a feature is being written, or after an error.
    let mut builder = Some(MvtLayerBuilder::new(layer.name())?);
    let mut outcome = Ok(());
    layer.scan(&coord.windows(), &mut |row| {
        let Some(bbox) = row.grid_bbox() else {
            return ControlFlow::Continue(());
        };
        let drawing = match shaper.shape(&bbox, &row.grid_paths()) {
            Shape::Absent => return ControlFlow::Continue(()),
            Shape::Collapsed => {
                tile.collapsed += 1;
                return ControlFlow::Continue(());
            }
            Shape::Drawn(drawing) => drawing,
        };
        let Some(layer) = builder.take() else {
            return ControlFlow::Break(());
        };
        match write_row(layer, drawing, row, &mut tags) {
            Ok(layer) => {
                builder = Some(layer);
                ControlFlow::Continue(())
            }
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        }
    });
    outcome?;
    if let Some(layer) = builder
        && layer.num_features() > 0
    {
        tile.features += layer.num_features() as u32;
        // A layer is a chunk of its own: tiles are joined by joining their bytes.
        tile.mvt.append(&mut layer.encode());
    }
    Ok(())
}

/// One feature for each kind of geometry in the row.
fn write_row(
    mut layer: MvtLayerBuilder,
    drawing: &Drawing,
    row: &dyn TileRow,
    tags: &mut Tags<'_>,
) -> MvtResult<MvtLayerBuilder> {
    if !drawing.points.is_empty() {
        let mut feature = layer.feature_of(MvtGeomType::Point);
        feature.points(coords(&drawing.points))?;
        layer = finish(feature, row, tags)?;
    }
    if !drawing.lines.is_empty() {
        let mut feature = layer.feature_of(MvtGeomType::LineString);
        for line in drawing.lines.iter() {
            feature.line(coords(line))?;
        }
        layer = finish(feature, row, tags)?;
    }
    if !drawing.rings.is_empty() {
        let mut feature = layer.feature_of(MvtGeomType::Polygon);
        for ring in drawing.rings.iter() {
            feature.ring(coords(ring), ring_area(ring) > 0)?;
        }
        layer = finish(feature, row, tags)?;
    }
    Ok(layer)
}

fn finish(
    mut feature: MvtFeatureBuilder,
    row: &dyn TileRow,
    tags: &mut Tags<'_>,
) -> MvtResult<MvtLayerBuilder> {
    tags.write(row, &mut feature)?;
    Ok(feature.end())
}

fn coords(points: &[GridPoint]) -> impl Iterator<Item = MvtCoord> + '_ {
    points.iter().map(|[x, y]| MvtCoord { x: *x, y: *y })
}

#[cfg(test)]
mod tests;
