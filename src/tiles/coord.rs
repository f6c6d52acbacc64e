//! Addresses of tiles in the tile matrix set WebMercatorQuad (OGC 17-083r4 annex D.1).

use std::fmt;

use thiserror::Error;

use crate::geometry::clip::ClipBox;
use crate::geometry::grid::{GridBox, HALF, WORLD};
use crate::geometry::snap::Frame;

/// Units along a side of a tile (MVT 2.1 §4.1 calls it the extent).
pub const EXTENT: i32 = 4096;

/// How far beyond its border a tile shows its surroundings, in its units, so that lines and fills join without a seam.
pub const BUFFER: i32 = 64;

/// WebMercatorQuad ends at zoom 24. There a tile is 128 units of the world grid wide and the buffer 2; further down, a tile would
/// show the grid rather than the data.
pub const MAX_ZOOM: u8 = 24;

/// Binary logarithm of the world grid's units in a tile unit at zoom 0: `2^31 / 4096`.
const UNIT_AT_ZOOM_0: i8 = 19;

/// A place where there is no tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoSuchTile {
    /// The zoom is deeper than [`MAX_ZOOM`].
    #[error("there is no zoom {zoom}: the deepest is {MAX_ZOOM}")]
    Zoom {
        /// The zoom asked for.
        zoom: u32,
    },
    /// The column or row is outside of the matrix.
    #[error("there is no tile in column {x}, row {y} of zoom {zoom}: both go from 0 to {last}")]
    Outside {
        /// The zoom asked for.
        zoom: u32,
        /// The column asked for.
        x: u32,
        /// The row asked for.
        y: u32,
        /// The last column and row of that zoom.
        last: u32,
    },
}

/// The address of an existing tile. Columns go eastward from the antimeridian, rows southward from 85.05° N.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// The tile of an XYZ address.
    pub fn from_zxy(zoom: u32, x: u32, y: u32) -> Result<Self, NoSuchTile> {
        if zoom > u32::from(MAX_ZOOM) {
            return Err(NoSuchTile::Zoom { zoom });
        }
        let last = (1 << zoom) - 1;
        if x > last || y > last {
            return Err(NoSuchTile::Outside { zoom, x, y, last });
        }
        let z = zoom as u8;
        Ok(Self { z, x, y })
    }

    /// The tile of an OGC address: row before column (OGC 20-057 §7.1.2).
    pub fn from_row_col(tile_matrix: u32, row: u32, col: u32) -> Result<Self, NoSuchTile> {
        Self::from_zxy(tile_matrix, col, row)
    }

    /// The zoom (tile matrix).
    pub fn z(self) -> u8 {
        self.z
    }

    /// The column.
    pub fn x(self) -> u32 {
        self.x
    }

    /// The row, from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// Units of the world grid in a unit of the tile; below 1 from zoom 20 on.
    pub fn unit(self) -> f64 {
        f64::from(UNIT_AT_ZOOM_0 - self.z as i8).exp2()
    }

    /// The frame of the tile, as seen `worlds` worlds further east.
    pub fn frame(self, worlds: i64) -> Frame {
        let side = WORLD >> self.z;
        Frame {
            origin: [
                i64::from(self.x) * side - HALF + worlds * WORLD,
                i64::from(self.y) * side - HALF,
            ],
            shift: UNIT_AT_ZOOM_0 - self.z as i8,
        }
    }

    /// The tile and its buffer on the world grid, as seen `worlds` worlds further east.
    pub fn clip_box(self, worlds: i64) -> ClipBox {
        let origin = self.frame(worlds).origin;
        let side = WORLD >> self.z;
        let buffer = side * i64::from(BUFFER) / i64::from(EXTENT);
        ClipBox {
            min: origin.map(|v| v - buffer),
            max: origin.map(|v| v + side + buffer),
        }
    }

    /// Where on the world grid rows for this tile lie: the tile with its buffer, and the same one world to the east and to the west,
    /// for shapes drawn beyond the antimeridian.
    pub fn windows(self) -> Vec<GridBox> {
        let clip = |worlds| {
            let b = self.clip_box(worlds);
            let inside = |v: i64| (i64::from(i32::MIN)..=i64::from(i32::MAX)).contains(&v);
            let cut = |v: i64| v.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
            (inside(b.min[0]) || inside(b.max[0])).then(|| GridBox {
                min: b.min.map(cut),
                max: b.max.map(cut),
            })
        };
        SHIFTS.into_iter().filter_map(clip).collect()
    }
}

/// The worlds in which a tile looks for shapes: its own first.
pub const SHIFTS: [i64; 3] = [0, 1, -1];

impl fmt::Display for TileCoord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::grid::from_lonlat;

    #[test]
    fn only_tiles_of_the_matrix_exist() {
        assert!(TileCoord::from_zxy(0, 0, 0).is_ok());
        assert_eq!(
            TileCoord::from_zxy(25, 0, 0),
            Err(NoSuchTile::Zoom { zoom: 25 })
        );
        assert!(TileCoord::from_zxy(1, 2, 0).is_err());
        assert!(TileCoord::from_zxy(1, 0, 2).is_err());
        assert!(TileCoord::from_zxy(24, (1 << 24) - 1, (1 << 24) - 1).is_ok());
        assert!(TileCoord::from_zxy(u32::MAX, u32::MAX, u32::MAX).is_err());
        let tile = TileCoord::from_row_col(14, 5988, 8507).unwrap();
        assert_eq!(
            (tile.x(), tile.y(), tile.to_string()),
            (8507, 5988, "14/8507/5988".to_owned())
        );
    }

    #[test]
    fn a_known_place_is_in_its_tile() {
        // The Old Port of Marseille, as web maps number it.
        let tile = TileCoord::from_zxy(14, 8436, 6001).unwrap();
        let p = tile.frame(0).snap(from_lonlat(5.3698, 43.2951));
        assert!(
            (0..EXTENT).contains(&p[0]) && (0..EXTENT).contains(&p[1]),
            "{p:?}"
        );
    }

    #[test]
    fn neighbours_join_and_buffers_overlap() {
        for z in 0..=u32::from(MAX_ZOOM) {
            let last = (1 << z) - 1;
            let (a, b) = (
                TileCoord::from_zxy(z, 0, 0).unwrap(),
                TileCoord::from_zxy(z, last, last).unwrap(),
            );
            assert_eq!(a.frame(0).origin, [-HALF, -HALF]);
            assert_eq!(b.frame(0).origin[0] + (WORLD >> z), HALF);
            assert_eq!(a.frame(1).origin[0], HALF);
            let buffer = a.frame(0).origin[0] - a.clip_box(0).min[0];
            assert!(buffer >= 2);
            // The buffer is a whole number of the tile's units, so clipped points snap without moving.
            assert_eq!(buffer as f64, f64::from(BUFFER) * a.unit());
        }
    }

    #[test]
    fn windows_beyond_the_antimeridian_are_part_of_the_search() {
        let west = TileCoord::from_zxy(3, 0, 3).unwrap().windows();
        assert!(
            west.iter()
                .any(|w| w.min[0] < 1 << 30 && w.max[0] > 1 << 30)
        );
        assert_eq!(TileCoord::from_zxy(0, 0, 0).unwrap().windows().len(), 3);
    }
}
