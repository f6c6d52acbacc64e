//! Geometries as the source has them: every ordinate (x, y, z, m) untouched, in the storage CRS.
//!
//! A geometry is one *kind*, a short list of *counts* (its structure in pre-order) and slices of ordinates. Many geometries share
//! the same arenas; this module only knows how to read one of them.
//!
//! Structure, by kind (`n` = number of vertices):
//! - `Point`, `LineString`, `MultiPoint`: `[n]`
//! - `Polygon`, `MultiLineString`: `[k, n1 … nk]`
//! - `MultiPolygon`: `[p, (k, n1 … nk) × p]`
//! - `GeometryCollection`: `[g, (kind, counts of that kind) × g]`

/// The seven kinds of GeoJSON (RFC 7946 §1.4). The numbers are those of WKB and are written into snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum GeometryKind {
    Point = 1,
    LineString = 2,
    Polygon = 3,
    MultiPoint = 4,
    MultiLineString = 5,
    MultiPolygon = 6,
    GeometryCollection = 7,
}

impl GeometryKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Point,
        Self::LineString,
        Self::Polygon,
        Self::MultiPoint,
        Self::MultiLineString,
        Self::MultiPolygon,
        Self::GeometryCollection,
    ];

    /// The kind of a WKB number, `None` outside 1 to 7.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number).wrapping_sub(1)).copied()
    }

    /// The `type` member of GeoJSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::LineString => "LineString",
            Self::Polygon => "Polygon",
            Self::MultiPoint => "MultiPoint",
            Self::MultiLineString => "MultiLineString",
            Self::MultiPolygon => "MultiPolygon",
            Self::GeometryCollection => "GeometryCollection",
        }
    }

    /// Topological dimension: 0, 1 or 2; `None` for collections.
    pub fn dimension(self) -> Option<u8> {
        match self {
            Self::Point | Self::MultiPoint => Some(0),
            Self::LineString | Self::MultiLineString => Some(1),
            Self::Polygon | Self::MultiPolygon => Some(2),
            Self::GeometryCollection => None,
        }
    }
}

/// One geometry, borrowed from its arenas.
#[derive(Debug, Clone, Copy)]
pub struct SourceGeometry<'a> {
    /// Its kind.
    pub kind: GeometryKind,
    /// Its structure, see the module's documentation.
    pub counts: &'a [u32],
    /// Its vertices `[x, y]` in the storage CRS, x east (or longitude) before y, whatever the authority's axis order.
    pub xy: &'a [[f64; 2]],
    /// Heights, one per vertex, `NaN` where a vertex has none; empty if the geometry has no z.
    pub z: &'a [f64],
    /// Measures, one per vertex, `NaN` where a vertex has none; empty if the geometry has no m.
    pub m: &'a [f64],
}

/// What a walk over a geometry meets, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// A geometry (the whole, or a member of a collection) starts.
    Begin(GeometryKind),
    /// A list starts: the lines of a MultiLineString, the polygons of a MultiPolygon, the rings of a polygon, the vertices of a line
    /// or MultiPoint, the members of a GeometryCollection. The number is its length.
    Open(u32),
    /// A run of vertices: indices `start..end` into the geometry's ordinates.
    Vertices {
        /// First vertex.
        start: usize,
        /// One past the last vertex.
        end: usize,
    },
    /// The list ends.
    Close,
    /// The geometry ends.
    End,
}

impl<'a> SourceGeometry<'a> {
    /// True if there is no vertex in it.
    pub fn is_empty(&self) -> bool {
        self.xy.is_empty()
    }

    /// Calls `visit` on each [`Step`], members and lists nested as GeoJSON nests them.
    pub fn walk(&self, visit: &mut impl FnMut(Step)) {
        let mut counts = self.counts.iter().copied();
        let mut next = 0usize;
        walk_one(self.kind, &mut counts, &mut next, visit);
    }

    /// The paths (points, lines, rings) of the geometry as `(dimension, is_hole, vertices)`, collections flattened.
    pub fn paths(&self) -> Vec<SourcePath<'a>> {
        let mut paths = Vec::new();
        let mut kind = self.kind;
        let mut rings_seen = 0u32;
        let mut depth = 0u32;
        let xy = self.xy;
        self.walk(&mut |step| match step {
            Step::Begin(k) => {
                kind = k;
                depth = 0;
                rings_seen = 0;
            }
            Step::Open(_) => {
                depth += 1;
                if kind == GeometryKind::MultiPolygon && depth == 2 {
                    rings_seen = 0;
                }
            }
            Step::Close => depth = depth.saturating_sub(1),
            Step::Vertices { start, end } => {
                paths.push(SourcePath {
                    dimension: kind.dimension().unwrap_or(0),
                    is_hole: kind.dimension() == Some(2) && rings_seen > 0,
                    xy: &xy[start..end],
                });
                rings_seen += 1;
            }
            Step::End => {}
        });
        paths
    }
}

/// One path of a geometry: the vertices of a (multi)point, a line or a ring.
#[derive(Debug, Clone, Copy)]
pub struct SourcePath<'a> {
    /// 0 for points, 1 for lines, 2 for rings.
    pub dimension: u8,
    /// True for the inner rings of a polygon.
    pub is_hole: bool,
    /// The vertices.
    pub xy: &'a [[f64; 2]],
}

fn walk_one(
    kind: GeometryKind,
    counts: &mut impl Iterator<Item = u32>,
    next: &mut usize,
    visit: &mut impl FnMut(Step),
) {
    visit(Step::Begin(kind));
    match kind {
        GeometryKind::Point => vertices(counts, next, visit),
        GeometryKind::LineString | GeometryKind::MultiPoint => vertices(counts, next, visit),
        GeometryKind::Polygon | GeometryKind::MultiLineString => list(counts, next, visit),
        GeometryKind::MultiPolygon => {
            let polygons = counts.next().unwrap_or(0);
            visit(Step::Open(polygons));
            for _ in 0..polygons {
                list(counts, next, visit);
            }
            visit(Step::Close);
        }
        GeometryKind::GeometryCollection => {
            let members = counts.next().unwrap_or(0);
            visit(Step::Open(members));
            for _ in 0..members {
                let number = counts.next().unwrap_or(0) as u8;
                let Some(member) = GeometryKind::from_number(number) else {
                    break;
                };
                walk_one(member, counts, next, visit);
            }
            visit(Step::Close);
        }
    }
    visit(Step::End);
}

fn list(counts: &mut impl Iterator<Item = u32>, next: &mut usize, visit: &mut impl FnMut(Step)) {
    let paths = counts.next().unwrap_or(0);
    visit(Step::Open(paths));
    for _ in 0..paths {
        vertices(counts, next, visit);
    }
    visit(Step::Close);
}

fn vertices(
    counts: &mut impl Iterator<Item = u32>,
    next: &mut usize,
    visit: &mut impl FnMut(Step),
) {
    let start = *next;
    *next += counts.next().unwrap_or(0) as usize;
    visit(Step::Vertices { start, end: *next });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipolygon_paths_know_their_holes() {
        let xy: Vec<[f64; 2]> = (0..12).map(|i| [f64::from(i), 0.0]).collect();
        let g = SourceGeometry {
            kind: GeometryKind::MultiPolygon,
            counts: &[2, 2, 4, 4, 1, 4],
            xy: &xy,
            z: &[],
            m: &[],
        };
        let holes: Vec<_> = g.paths().iter().map(|p| (p.is_hole, p.xy[0][0])).collect();
        assert_eq!(holes, [(false, 0.0), (true, 4.0), (false, 8.0)]);
    }

    #[test]
    fn collection_members_nest() {
        let xy = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]];
        let g = SourceGeometry {
            kind: GeometryKind::GeometryCollection,
            counts: &[2, 1, 1, 7, 1, 2, 2],
            xy: &xy,
            z: &[],
            m: &[],
        };
        let paths = g.paths();
        assert_eq!(paths.len(), 2);
        assert_eq!((paths[0].dimension, paths[1].dimension), (0, 1));
    }
}
