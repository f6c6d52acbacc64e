//! Areas on the world grid, along which features are chosen and cut.
//!
//! A [`Region`] is a valid multipolygon. [`Region::prepare`] makes it ready to be compared with many rows: [`PreparedRegion::classify_box`]
//! settles most by their box, [`Scratch::relate`] the others by their shape on the grid, and [`Scratch::cut`] gives what lies inside.
//!
//! **Exact.** Whether a stretch of an edge lies inside, outside or on the border is decided without rounding. What touches the border
//! belongs to the region: it is closed. Only places where edges cross are rounded, to the nearest grid vertex, each from the two edges
//! alone and the same whichever way they are drawn: neighbours cut along one border share their new vertices. Edges are straight on the grid.
//!
//! **Local.** What a cut leaves depends on nothing beyond the region but the straight edges that enter it: not on vertices outside, not on
//! how large or how faulty the rest of the shape is, not on where its rings start or how they turn. See [`overlay`] and [`cut`].

mod cut;
mod lines;
mod outline;
mod overlay;
mod place;
mod pool;
mod prepared;
mod raster;
mod relate;
mod survey;
#[cfg(test)]
mod tests;
mod tree;
mod unite;
mod wide;
mod write;

pub use cut::{Clipped, Cut, StorageFrame};
pub use prepared::{BoxPlace, PreparedRegion};
pub use relate::Relation;
pub use unite::Unite;

use super::crs::{Crs, CrsError, OutOfDomain};
use super::grid::{GridBox, GridPoint};
use super::paths::PathKind;
use super::predicates::{ring_area, side};
use super::prepare::Prepare;
use super::source::SourceGeometry;

/// A valid multipolygon on the world grid, in canonical form: equal ground gives equal rings. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    rings: Vec<Vec<GridPoint>>,
    bbox: GridBox,
    hash: [u8; 32],
}

/// Memory of one thread for [`Scratch::relate`] and [`Scratch::cut`], kept from row to row.
#[derive(Debug, Default)]
pub struct Scratch {
    overlay: overlay::Overlay,
    cut: cut::Buffers,
}

/// Why a geometry gives no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// No area is left on the grid: only points, lines, or polygons thinner than 2 cm.
    #[error("the geometry has no area: a polygon or multipolygon is needed")]
    NoArea,
    /// Some vertices have no place on Earth.
    #[error("vertex {} of the geometry has no place in degrees ({} of them have none)", .0.first + 1, .0.count)]
    OutOfDomain(OutOfDomain),
    /// Its CRS cannot be transformed.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// Outlines cross each other more than 100,000 times, or nearly: no drawing of an area does.
    #[error("the geometry crosses itself more often than can be sorted out: draw its outline anew")]
    Tangled,
}

impl Region {
    /// The region of valid rings as in [`super::paths`]: exterior ones positive, each followed by its holes, which are negative, the
    /// first point not repeated.
    pub fn of_rings(mut rings: Vec<Vec<GridPoint>>) -> Self {
        for ring in &mut rings {
            drop_straight(ring);
        }
        rings.retain(|ring| ring.len() > 2);
        let rings = in_order(rings);
        let mut hasher = blake3::Hasher::new_derive_key("guichet 2026 region");
        let mut bbox = GridBox::EMPTY;
        for ring in &rings {
            hasher.update(&(ring.len() as u64).to_le_bytes());
            hasher.update(bytemuck::cast_slice(ring));
            bbox = bbox.union(&GridBox::around(ring));
        }
        Self {
            rings,
            bbox,
            hash: *hasher.finalize().as_bytes(),
        }
    }

    /// The ground of a geometry in the CRS `crs`, x east, cleaned and mended as rows are. Edges are straight on the grid; points and lines in
    /// it have no ground.
    pub fn of_geometry(geometry: &SourceGeometry<'_>, crs: Crs) -> Result<Self, RegionError> {
        let mut unite = Unite::default();
        let mut degrees = geometry.xy.to_vec();
        StorageFrame::new(crs)?
            .to_degrees()
            .convert(&mut degrees)
            .map_err(RegionError::OutOfDomain)?;
        let moved = SourceGeometry {
            xy: &degrees,
            ..*geometry
        };
        let mut prepare = Prepare::default();
        prepare.begin();
        for path in moved.paths() {
            let kind = PathKind::from_number(path.dimension).unwrap_or(PathKind::Points);
            let points = path.xy.iter().map(|p| super::grid::from_lonlat(p[0], p[1]));
            prepare.add(kind, path.is_hole, points);
        }
        unite.add(&prepare.finish().paths());
        let region = unite.finish()?;
        if region.is_empty() {
            return Err(RegionError::NoArea);
        }
        Ok(region)
    }

    /// Makes the region ready to be compared with many rows.
    pub fn prepare(&self) -> PreparedRegion {
        PreparedRegion::new(self)
    }

    /// True if it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// Its box.
    pub fn bbox(&self) -> GridBox {
        self.bbox
    }

    /// Stands for its shape in hashes of views.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Its polygons: an exterior ring and its holes.
    fn polygons(&self) -> impl Iterator<Item = &[Vec<GridPoint>]> {
        self.rings.chunk_by(|_, ring| ring_area(ring) < 0)
    }

    /// Its rings, as [`Region::of_rings`] takes them.
    pub fn rings(&self) -> &[Vec<GridPoint>] {
        &self.rings
    }
}

/// Takes out the vertices on straight stretches.
fn drop_straight(ring: &mut Vec<GridPoint>) {
    let n = ring.len();
    let at = |i: usize| ring[i % n];
    // Whether a vertex is a corner does not depend on which others go: those between two corners all lie on one line.
    let corners: Vec<GridPoint> = (0..n)
        .filter(|i| side(at(i + n - 1), at(*i), at(i + 1)) != 0)
        .map(at)
        .collect();
    *ring = corners;
}

/// Polygons by their exterior rings, holes of each likewise; each ring from its least vertex.
fn in_order(mut rings: Vec<Vec<GridPoint>>) -> Vec<Vec<GridPoint>> {
    for ring in &mut rings {
        let least = (0..ring.len()).min_by_key(|i| ring[*i]).unwrap_or(0);
        ring.rotate_left(least);
    }
    let mut polygons: Vec<Vec<Vec<GridPoint>>> = Vec::new();
    for ring in rings {
        match polygons.last_mut() {
            Some(polygon) if ring_area(&ring) < 0 => polygon.push(ring),
            _ => polygons.push(vec![ring]),
        }
    }
    for polygon in &mut polygons {
        polygon[1..].sort_unstable();
    }
    polygons.sort_unstable();
    polygons.into_iter().flatten().collect()
}
