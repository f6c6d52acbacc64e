//! Fixed grids of square cells of equal area, nested in each other, that stand in for exact places.
//!
//! In Europe they are those of the INSPIRE grid (D2.8.I.2, Grid_ETRS89-LAEA): squares in EPSG:3035, named by the south-west corner in
//! metres, like `CRS3035RES1000mN2313000E3963000` (Regulation (EU) 2018/1799, article 3). Elsewhere they are squares in EPSG:6933 (EASE-Grid
//! 2.0), named alike, with a minus before numbers south of the equator or west of Greenwich. Whether a place is in Europe depends on the place
//! alone; where the two grids meet, cells of both overlap.
//!
//! A cell does not depend on what lies in it, nor on any other cell; its polygon has vertices at fixed places of the grid, so that cells side by
//! side share them exactly, whichever steps of the ladder they are of.

use super::bbox::Bbox;
use super::crs::{Crs, CrsError, Transform};
use super::grid;
use super::paths::PathKind;
use super::prepare::Prepare;
use super::region::{Clipped, StorageFrame};
use super::source::GeometryKind;

/// Where the European grid is used: the mainland of EPSG:3035's area of use and its islands, in degrees.
const EUROPE: Bbox = Bbox {
    min: [-16.0, 32.0],
    max: [40.0, 84.0],
};

/// Steps of the ladder, in metres: what is too rare in a cell is counted in the next larger one.
const STEPS: [u32; 3] = [1_000, 5_000, 10_000];

/// No two vertices along the side of a cell are farther apart: a straight edge between them strays from the grid line by a few
/// centimetres in Europe (the lines are curved on a map).
const LONGEST_M: u32 = 1_000;
/// Nor need they be closer: edges of this length stray by less than a millimetre. Beside cells that are smaller than this, the sides of
/// larger ones may part from theirs by one unit of the grid (2 cm).
const SHORTEST_M: u32 = 100;

/// Which of the two grids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Plane {
    Europe,
    Earth,
}

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    plane: Plane,
    /// Side in metres.
    size: u32,
    /// South-west corner in metres, north before east: multiples of `size`.
    north: i32,
    east: i32,
}

impl Cell {
    /// Its side in metres.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Its name.
    pub fn code(&self) -> String {
        let Self {
            size, north, east, ..
        } = self;
        let crs = match self.plane {
            Plane::Europe => 3035,
            Plane::Earth => 6933,
        };
        format!("CRS{crs}RES{size}mN{north}E{east}")
    }

    /// The cell of a larger size in which it lies; `None` if cells of that size are not made of whole ones of its own.
    pub fn parent(&self, size: u32) -> Option<Self> {
        let nests = size >= self.size && size.is_multiple_of(self.size);
        nests.then(|| Self {
            size,
            north: floor_to(self.north, size),
            east: floor_to(self.east, size),
            ..*self
        })
    }
}

fn floor_to(metres: i32, size: u32) -> i32 {
    let size = i64::from(size);
    (i64::from(metres).div_euclid(size) * size) as i32
}

/// Sizes of cells of which each is made of whole ones of the size before, and how densely the sides of all of them are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    sizes: Vec<u32>,
    spacing: u32,
}

impl Ladder {
    /// From cells of `grid_m` metres (1 to 1,000,000) upward to 1, 5 and 10 km; steps that are not made of whole cells of the one before are
    /// left out, as rows counted in one could be told from those in the other.
    pub fn from(grid_m: u32) -> Self {
        let grid_m = grid_m.clamp(1, 1_000_000);
        let mut sizes = vec![grid_m];
        for step in STEPS {
            let last = sizes[sizes.len() - 1];
            if step > last && step.is_multiple_of(last) {
                sizes.push(step);
            }
        }
        let spacing = match sizes.get(1) {
            None => grid_m.min(LONGEST_M),
            // Vertices at all corners of the smallest cells, and as few between them as may be.
            Some(_) if grid_m > LONGEST_M => (1..=LONGEST_M)
                .rev()
                .find(|part| grid_m.is_multiple_of(*part))
                .unwrap_or(grid_m),
            Some(side) => (SHORTEST_M.max(grid_m)..=*side)
                .find(|some| some.is_multiple_of(grid_m) && side.is_multiple_of(*some))
                .unwrap_or(grid_m),
        };
        Self { sizes, spacing }
    }

    /// The sizes, ascending, the first being the one asked for.
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// The next larger size.
    pub fn next(&self, size: u32) -> Option<u32> {
        self.sizes.iter().copied().find(|s| *s > size)
    }
}

/// The projections of the grids: built once, shared by threads.
#[derive(Debug, Clone)]
pub struct Cells {
    europe: [Transform; 2],
    earth: [Transform; 2],
}

impl Cells {
    /// Builds the projections.
    pub fn new() -> Result<Self, CrsError> {
        let both_ways = |code: u32| {
            let crs = Crs::epsg(code)?;
            Ok([
                Transform::between(Crs::CRS84, crs)?,
                Transform::between(crs, Crs::CRS84)?,
            ])
        };
        Ok(Self {
            europe: both_ways(3035)?,
            earth: both_ways(6933)?,
        })
    }

    fn transforms(&self, plane: Plane) -> &[Transform; 2] {
        match plane {
            Plane::Europe => &self.europe,
            Plane::Earth => &self.earth,
        }
    }

    /// The cell of that size in which a place (longitude, latitude) lies; `None` if it is none on Earth.
    pub fn cell_of(&self, [lon, lat]: [f64; 2], size: u32) -> Option<Cell> {
        // Once around the Earth is the same place.
        let lon = lon - (lon / 360.0).round() * 360.0;
        let plane = if EUROPE.contains([lon, lat]) {
            Plane::Europe
        } else {
            Plane::Earth
        };
        let [x, y] = self.transforms(plane)[0].convert_point([lon, lat])?;
        Some(Cell {
            plane,
            size,
            north: floor_to(y.floor() as i32, size),
            east: floor_to(x.floor() as i32, size),
        })
    }

    /// The outline of a cell of a ladder in longitudes and latitudes: counter-clockwise from the south-west corner, the first vertex not
    /// repeated. `None` if a corner lies beyond what the projection can express.
    pub fn ring_lonlat(&self, cell: &Cell, ladder: &Ladder) -> Option<Vec<[f64; 2]>> {
        // Always counted from the south-west, so that neighbours have the same vertices.
        let steps = (0..cell.size).step_by(ladder.spacing as usize);
        let steps: Vec<i64> = steps.map(i64::from).collect();
        let size = i64::from(cell.size);
        let backward = || std::iter::once(size).chain(steps.iter().skip(1).rev().copied());
        let south = steps.iter().map(|s| [*s, 0]);
        let east = steps.iter().map(|s| [size, *s]);
        let north = backward().map(|s| [s, size]);
        let west = backward().map(|s| [0, s]);
        south
            .chain(east)
            .chain(north)
            .chain(west)
            .map(|[x, y]| {
                let corner = [i64::from(cell.east) + x, i64::from(cell.north) + y];
                self.lonlat(cell.plane, corner.map(|v| v as f64))
            })
            .collect()
    }

    fn lonlat(&self, plane: Plane, mut p: [f64; 2]) -> Option<[f64; 2]> {
        if plane == Plane::Earth {
            // The outermost cells reach beyond the poles.
            p[1] = p[1].clamp(-EARTH_TOP_M, EARTH_TOP_M);
        }
        self.transforms(plane)[1].convert_point(p)
    }

    /// A cell of a ladder as a polygon of a layer. `None` if it cannot be expressed in the layer's CRS.
    pub fn shape(&self, cell: &Cell, ladder: &Ladder, frame: &StorageFrame) -> Option<Clipped> {
        let mut ring = self.ring_lonlat(cell, ladder)?;
        ring.push(ring[0]);
        let mut prepare = Prepare::default();
        prepare.begin();
        let on_grid = ring.iter().map(|p| grid::from_lonlat(p[0], p[1]));
        prepare.add(PathKind::Ring, false, on_grid);
        let prepared = prepare.finish();
        let xy: Option<Vec<_>> = ring.iter().map(|p| frame.from_degrees(*p)).collect();
        Some(Clipped {
            kind: GeometryKind::Polygon,
            counts: vec![1, ring.len() as u32],
            xy: xy?,
            z: Vec::new(),
            m: Vec::new(),
            grid_xy: prepared.xy.to_vec(),
            importance: prepared.importance.to_vec(),
            ends: prepared.ends.to_vec(),
            path_kinds: prepared.kinds.to_vec(),
        })
    }
}

/// The north pole in EPSG:6933, less a millimetre.
const EARTH_TOP_M: f64 = 7_342_230.135;

#[cfg(test)]
mod tests;
