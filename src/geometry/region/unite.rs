//! Regions made of others.

use super::overlay::{Extent, Overlay};
use super::prepared::PreparedRegion;
use super::{Region, RegionError};
use crate::geometry::grid::{GridPoint, HALF, WORLD};
use crate::geometry::paths::{GridPaths, PathKind};

/// Ten degrees short of the antimeridian.
const NEAR_ANTIMERIDIAN: i64 = HALF * 170 / 180;

/// The union of any number of shapes. Neither their order nor their number of vertices along common borders shows in it.
#[derive(Debug, Default)]
pub struct Unite {
    edges: Vec<[GridPoint; 2]>,
}

impl Unite {
    /// Adds a cleaned shape (as rows have them). Its points and lines have no ground.
    pub fn add(&mut self, paths: &GridPaths<'_>) {
        for path in paths.iter().filter(|path| path.kind == PathKind::Ring) {
            self.add_ring(path.xy);
        }
    }

    /// Adds a region.
    pub fn add_region(&mut self, region: &Region) {
        for ring in region.rings() {
            self.add_ring(ring);
        }
    }

    /// The union; empty if nothing with an area was added.
    ///
    /// Rows may be drawn on either side of the antimeridian: what lies within ten degrees of it is also there one world further.
    pub fn finish(self) -> Result<Region, RegionError> {
        let mut region = self.cover()?;
        let copies: Vec<_> = region
            .polygons()
            .filter_map(one_world_further)
            .flatten()
            .collect();
        if !copies.is_empty() {
            let mut all = Self::default();
            all.add_region(&region);
            for ring in &copies {
                all.add_ring(ring);
            }
            region = all.cover()?;
        }
        Ok(region)
    }

    fn cover(self) -> Result<Region, RegionError> {
        let mut overlay = Overlay::default();
        let outline = overlay.begin();
        outline.load_edges(self.edges.into_iter());
        overlay.run(None).map_err(|_| RegionError::Tangled)?;
        Ok(of_overlay(&overlay))
    }

    fn add_ring(&mut self, ring: &[GridPoint]) {
        let next = ring.iter().cycle().skip(1);
        self.edges
            .extend(ring.iter().zip(next).map(|(a, b)| [*a, *b]));
    }
}

impl Region {
    /// What lies in any of the regions.
    pub fn union<'a>(regions: impl IntoIterator<Item = &'a Self>) -> Result<Self, RegionError> {
        let mut unite = Unite::default();
        for region in regions {
            unite.add_region(region);
        }
        unite.finish()
    }

    /// What lies in both regions; empty if they share no ground. New corners are rounded to the grid.
    pub fn intersection(&self, other: &PreparedRegion) -> Result<Self, RegionError> {
        let mut overlay = Overlay::default();
        let outline = overlay.begin();
        for ring in &self.rings {
            outline.add_turned(ring);
        }
        if self.is_empty() {
            return Ok(self.clone());
        }
        let extent = overlay.run(Some(other)).map_err(|_| RegionError::Tangled)?;
        match extent {
            Extent::Whole => Ok(self.clone()),
            Extent::Part => Ok(of_overlay(&overlay)),
        }
    }
}

/// A polygon near the antimeridian as it is drawn from the other side; `None` for others, and where the grid ends.
fn one_world_further(rings: &[Vec<GridPoint>]) -> Option<Vec<Vec<GridPoint>>> {
    let vertices = || rings.iter().flatten().map(|p| i64::from(p[0]));
    let (west, east) = (vertices().min()?, vertices().max()?);
    let shift = if east > NEAR_ANTIMERIDIAN {
        -WORLD
    } else if west < -NEAR_ANTIMERIDIAN {
        WORLD
    } else {
        return None;
    };
    let moved = |ring: &Vec<GridPoint>| {
        let moved = ring.iter().map(|p| {
            let x = i32::try_from(i64::from(p[0]) + shift).ok()?;
            Some([x, p[1]])
        });
        moved.collect()
    };
    rings.iter().map(moved).collect()
}

fn of_overlay(overlay: &Overlay) -> Region {
    Region::of_rings(overlay.rings().map(<[GridPoint]>::to_vec).collect())
}
