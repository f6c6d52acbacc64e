//! What is too small to be drawn for itself, gathered until there is enough to show.
//!
//! Below the last zoom of a layer a ring of a few square units is not drawn: its area goes into a common purse, and whenever the purse
//! holds enough, the ring at hand is drawn as a square of that size. So ground made of many small plots keeps its tint, its area is
//! never lost, and the tile stays small. Lines shorter than a unit are gathered alike by their length.

use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::predicates::ring_area;

/// Rings of less than this are dust, in square units of the tile: a quarter of a pixel each way where tiles are 512 pixels wide.
const AREA: f64 = 4.0;
/// The side of the square that is drawn when the purse holds [`AREA`].
pub const SIDE: i32 = 2;
/// Lines of less than this are dust, in units.
const LENGTH: f64 = 1.0;

/// The purses of one layer in one tile.
#[derive(Debug)]
pub struct Dust {
    unit: f64,
    area: f64,
    length: f64,
}

impl Dust {
    /// Empty purses for a tile whose unit is so many units of the world grid.
    pub fn new(unit: f64) -> Self {
        Self {
            unit,
            area: 0.0,
            length: 0.0,
        }
    }

    /// True for a ring that is dust. A long and narrow one is not, whatever its area: it is drawn as well as it can be.
    pub fn is_small_ring(&self, ring: &[GridPoint], bbox: &GridBox) -> bool {
        let [width, height] = self.size(bbox);
        let small = f64::from(2 * SIDE);
        width < small && height < small && self.area_of(ring).abs() < AREA
    }

    /// True for a line that is dust.
    pub fn is_small_line(&self, bbox: &GridBox) -> bool {
        let [width, height] = self.size(bbox);
        width < LENGTH && height < LENGTH
    }

    /// Puts a ring into the purse (a hole takes out); true if there is now enough for a square, which is taken out.
    pub fn gather_ring(&mut self, ring: &[GridPoint]) -> bool {
        self.area += self.area_of(ring);
        let enough = self.area >= AREA;
        if enough {
            self.area -= AREA;
        }
        enough
    }

    /// Puts a line into the purse; true if there is now enough for a line of one unit, which is taken out.
    pub fn gather_line(&mut self, bbox: &GridBox) -> bool {
        let [width, height] = self.size(bbox);
        self.length += width.hypot(height);
        let enough = self.length >= LENGTH;
        if enough {
            self.length -= LENGTH;
        }
        enough
    }

    fn size(&self, bbox: &GridBox) -> [f64; 2] {
        [0, 1].map(|axis| (f64::from(bbox.max[axis]) - f64::from(bbox.min[axis])) / self.unit)
    }

    fn area_of(&self, ring: &[GridPoint]) -> f64 {
        ring_area(ring) as f64 / (2.0 * self.unit * self.unit)
    }
}
