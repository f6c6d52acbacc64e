mod additive;
mod frames;
mod heights;
mod lattice;
mod local;
mod relations;
mod unions;
mod valid;

use super::*;
use crate::geometry::grid;
use crate::geometry::paths::GridPaths;
use crate::geometry::predicates::ring_area;
use crate::geometry::source::GeometryKind;
use crate::geometry::validity::Validity;

/// A multipolygon on the grid, as somebody drew it: rings of polygons, first points not repeated.
pub(super) type Drawn = Vec<Vec<Vec<GridPoint>>>;

/// A geometry of its own, stored in CRS84 degrees that stand for grid vertices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) kind: GeometryKind,
    pub(super) counts: Vec<u32>,
    pub(super) xy: Vec<[f64; 2]>,
    pub(super) z: Vec<f64>,
    pub(super) m: Vec<f64>,
}

impl Stored {
    pub(super) fn polygons(drawn: &Drawn) -> Self {
        let mut counts = vec![drawn.len() as u32];
        let mut xy = Vec::new();
        for polygon in drawn {
            counts.push(polygon.len() as u32);
            for ring in polygon {
                counts.push(ring.len() as u32 + 1);
                xy.extend(ring.iter().chain(ring.first()).map(|p| grid::to_lonlat(*p)));
            }
        }
        Self {
            kind: GeometryKind::MultiPolygon,
            counts,
            xy,
            z: Vec::new(),
            m: Vec::new(),
        }
    }

    pub(super) fn lines(lines: &[Vec<GridPoint>]) -> Self {
        let lengths = lines.iter().map(|line| line.len() as u32);
        Self {
            kind: GeometryKind::MultiLineString,
            counts: std::iter::once(lines.len() as u32).chain(lengths).collect(),
            xy: lines
                .iter()
                .flatten()
                .map(|p| grid::to_lonlat(*p))
                .collect(),
            z: Vec::new(),
            m: Vec::new(),
        }
    }

    pub(super) fn source(&self) -> SourceGeometry<'_> {
        SourceGeometry {
            kind: self.kind,
            counts: &self.counts,
            xy: &self.xy,
            z: &self.z,
            m: &self.m,
        }
    }

    pub(super) fn region(&self) -> Region {
        Region::of_geometry(&self.source(), Crs::CRS84).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub(super) fn cut(&self, region: &Region) -> Cut {
        let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
        Scratch::default().cut(&region.prepare(), &self.source(), &frame)
    }
}

pub(super) fn square(west: i32, north: i32, side: i32) -> Vec<GridPoint> {
    let (east, south) = (west + side, north + side);
    vec![[west, north], [east, north], [east, south], [west, south]]
}

/// The rings of a shape on the grid.
pub(super) fn rings(paths: &GridPaths<'_>) -> Vec<Vec<GridPoint>> {
    paths.iter().map(|path| path.xy.to_vec()).collect()
}

/// Twice the area.
pub(super) fn doubled_area(rings: &[Vec<GridPoint>]) -> i128 {
    rings.iter().map(|ring| ring_area(ring)).sum()
}

/// Twice the area of what is left, of a polygon whose doubled area is `whole`.
pub(super) fn left(cut: &Cut, whole: i128) -> i128 {
    match cut {
        Cut::Whole => whole,
        Cut::Part(clipped) => doubled_area(&rings(&clipped.paths())),
        Cut::Nothing => 0,
    }
}

pub(super) fn perimeter(rings: &[Vec<GridPoint>]) -> f64 {
    let length = |a: GridPoint, b: GridPoint| {
        let side = |axis: usize| f64::from(b[axis]) - f64::from(a[axis]);
        side(0).hypot(side(1))
    };
    rings
        .iter()
        .map(|r| {
            (0..r.len())
                .map(|i| length(r[i], r[(i + 1) % r.len()]))
                .sum::<f64>()
        })
        .sum()
}

pub(super) fn check_valid(rings: &[Vec<GridPoint>]) -> Result<(), String> {
    let xy: Vec<GridPoint> = rings.iter().flatten().copied().collect();
    let mut end = 0;
    let ends: Vec<u32> = rings
        .iter()
        .map(|ring| {
            end += ring.len() as u32;
            end
        })
        .collect();
    Validity::default()
        .check(&xy, &ends)
        .map_err(|fault| format!("{fault:?}: {rings:?}"))
}

/// Distance of a vertex to a region, 0 inside.
pub(super) fn distance(region: &Region, p: GridPoint) -> f64 {
    if region.prepare().contains_point(p) {
        return 0.0;
    }
    let edges = region
        .rings()
        .iter()
        .flat_map(|ring| (0..ring.len()).map(|i| [ring[i], ring[(i + 1) % ring.len()]]));
    edges
        .map(|edge| valid::distance_to(p, edge))
        .fold(f64::INFINITY, f64::min)
}

/// What must hold of every cut.
pub(super) fn check_cut(cut: &Cut, region: &Region) -> Result<(), String> {
    let Cut::Part(clipped) = cut else {
        return Ok(());
    };
    let all = rings(&clipped.paths());
    if clipped.kind.dimension() == Some(2) {
        check_valid(&all)?;
    }
    for p in all.iter().flatten() {
        let away = distance(region, *p);
        if away > 1.0 {
            return Err(format!("{p:?} is {away} away from {region:?}"));
        }
    }
    // The same shape in both frames.
    let mut again = Vec::new();
    let mut scratch = Vec::new();
    let frame = StorageFrame::new(Crs::CRS84).expect("degrees");
    frame
        .place(&clipped.xy, &mut scratch, &mut again)
        .ok_or("no place")?;
    let mut sets = [again, clipped.grid_xy.clone()];
    for set in &mut sets {
        set.sort_unstable();
        set.dedup();
    }
    if sets[0] != sets[1] {
        return Err(format!("frames differ: {clipped:?}"));
    }
    Ok(())
}
