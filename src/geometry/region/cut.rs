//! Cuts the geometry of a row along a region: what lies inside, in source ordinates and on the grid.
//!
//! - It is cut as the source draws it, every vertex projected by itself, and never as it was mended for the grid: a mended shape may
//!   depend anywhere on a fault that lies elsewhere. What faulty polygons cover is what [`crate::geometry::repair`] says: all that an
//!   exterior ring winds around less what its holes do, the polygons of a geometry together.
//! - Vertices of the row that remain keep their ordinates bit for bit (x, y, z, m). Of ring vertices less than a grid unit (2 cm) apart one
//!   remains; lines keep them all.
//! - New vertices lie on the grid, and have its coordinates in the storage CRS. Where an edge was cut they have the height of its end that
//!   remains, and no measure; where both ends do, both are interpolated. A vertex that is hidden is never interpolated with: its height
//!   could be told from the result. On an edge of which neither end remains, and along the border, they have neither.
//! - The result says by itself what it is: one polygon gives a Polygon, several a MultiPolygon, and so on; a GeometryCollection has at most
//!   one member of each dimension. Rings start at their least vertex on the grid and turn as RFC 7946 wants; polygons and lines come in the
//!   order of their first vertices; points, and the vertices of a line, in that of the source.
//! - What has no extent on the grid in its own dimension once it is cut is left out.

use super::Scratch;
use super::lines;
use super::outline::Role;
use super::overlay::Extent;
use super::place::Along;
use super::pool::Pool;
use super::prepared::{BoxPlace, PreparedRegion};
use super::write::{self, Part, Vertex};
use crate::geometry::crs::{Crs, CrsError, Transform};
use crate::geometry::grid::{self, GridBox, GridPoint};
use crate::geometry::importance::Importance;
use crate::geometry::paths::GridPaths;
use crate::geometry::source::{GeometryKind, SourceGeometry};

/// Decimals of computed degrees and metres: 0.1 mm, as in answers in another CRS.
const PER_DEGREE: f64 = 1e9;
const PER_METRE: f64 = 1e4;

/// What is left of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// Nothing of it lies outside of the region: the row is shown as it is.
    Whole,
    /// Some of its ground lies inside.
    Part(Clipped),
    /// None of its ground does, or it is too tangled to tell (more than 100,000 crossings, or nearly).
    Nothing,
}

/// What lies in a region, of a row of which something does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Clipped {
    /// In the storage CRS: its kind.
    pub kind: GeometryKind,
    /// Its structure, see [`crate::geometry::source`].
    pub counts: Vec<u32>,
    /// Its vertices, rings closed by repeating the first.
    pub xy: Vec<[f64; 2]>,
    /// Heights, `NaN` for none; empty if no vertex has one.
    pub z: Vec<f64>,
    /// Measures, `NaN` for none; empty if no vertex has one.
    pub m: Vec<f64>,
    /// On the grid: its vertices, path after path, as [`crate::geometry::prepare`] gives them.
    pub grid_xy: Vec<GridPoint>,
    /// One byte per vertex.
    pub importance: Vec<u8>,
    /// One past the last vertex of each path.
    pub ends: Vec<u32>,
    /// The number of the [`crate::geometry::paths::PathKind`] of each path.
    pub path_kinds: Vec<u8>,
}

impl Clipped {
    /// The geometry in the storage CRS.
    pub fn source(&self) -> SourceGeometry<'_> {
        SourceGeometry {
            kind: self.kind,
            counts: &self.counts,
            xy: &self.xy,
            z: &self.z,
            m: &self.m,
        }
    }

    /// The shape on the grid.
    pub fn paths(&self) -> GridPaths<'_> {
        GridPaths::mixed(
            &self.path_kinds,
            &self.grid_xy,
            &self.importance,
            &self.ends,
            0,
        )
    }

    /// Its box on the grid.
    pub fn bbox(&self) -> GridBox {
        GridBox::around(&self.grid_xy)
    }
}

/// How the storage CRS of rows and the grid relate, both ways.
#[derive(Debug, Clone)]
pub struct StorageFrame {
    to_degrees: Transform,
    from_degrees: Transform,
    per_unit: f64,
}

impl StorageFrame {
    /// For rows stored in the CRS `storage`.
    pub fn new(storage: Crs) -> Result<Self, CrsError> {
        Ok(Self {
            to_degrees: Transform::between(storage, Crs::CRS84)?,
            from_degrees: Transform::between(Crs::CRS84, storage)?,
            per_unit: if storage.is_geographic() {
                PER_DEGREE
            } else {
                PER_METRE
            },
        })
    }

    /// From the storage CRS to CRS84.
    pub fn to_degrees(&self) -> &Transform {
        &self.to_degrees
    }

    /// Where vertices lie on the grid, as ingest has it, in `out`; `None` if one has no place.
    pub fn place(
        &self,
        xy: &[[f64; 2]],
        degrees: &mut Vec<[f64; 2]>,
        out: &mut Vec<GridPoint>,
    ) -> Option<()> {
        degrees.clear();
        degrees.extend_from_slice(xy);
        self.to_degrees.convert(degrees).ok()?;
        out.clear();
        out.extend(degrees.iter().map(|p| grid::from_lonlat(p[0], p[1])));
        Some(())
    }

    /// The coordinates of a degree pair in the storage CRS, rounded to 0.1 mm; `None` if they cannot be expressed there.
    pub fn from_degrees(&self, lonlat: [f64; 2]) -> Option<[f64; 2]> {
        let p = self.from_degrees.convert_point(lonlat)?;
        Some(p.map(|v| (v * self.per_unit).round() / self.per_unit))
    }

    /// The coordinates of a grid vertex in the storage CRS, rounded to 0.1 mm: they lead back to that vertex.
    pub fn of_grid(&self, p: GridPoint) -> Option<[f64; 2]> {
        self.from_degrees(grid::to_lonlat(p))
    }
}

/// Memory for cutting.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pub(super) lines: Pool,
    pub(super) weigh: Importance,
    degrees: Vec<[f64; 2]>,
    grid: Vec<GridPoint>,
    /// The vertices of one path, equal ones in a row taken together, and the first vertex of the source in each.
    line: Vec<GridPoint>,
    first: Vec<u32>,
    /// For each edge of the outline the vertices of the source at its ends.
    ends: Vec<[u32; 2]>,
    /// All vertices of rings.
    ring_vertices: Vec<u32>,
}

impl Scratch {
    /// What is left of a row of the storage CRS of `frame` along a region. See [`super::cut`].
    pub fn cut(
        &mut self,
        region: &PreparedRegion,
        source: &SourceGeometry<'_>,
        frame: &StorageFrame,
    ) -> Cut {
        let mut placed = std::mem::take(&mut self.cut.grid);
        let known = frame.place(source.xy, &mut self.cut.degrees, &mut placed);
        let cut = match known {
            None => Cut::Nothing,
            Some(()) => match region.classify_box(&GridBox::around(&placed)) {
                BoxPlace::Inside => Cut::Whole,
                BoxPlace::Outside => Cut::Nothing,
                BoxPlace::Maybe => {
                    let job = Job {
                        region,
                        source,
                        frame,
                        grid: &placed,
                    };
                    self.look(&job).unwrap_or(Cut::Nothing)
                }
            },
        };
        self.cut.grid = placed;
        cut
    }

    /// `None`: nothing is left that can be shown.
    fn look(&mut self, job: &Job<'_>) -> Option<Cut> {
        let mut whole = true;
        let mut parts: [Vec<Part>; 3] = Default::default();
        self.overlay.begin();
        self.cut.ends.clear();
        self.cut.ring_vertices.clear();
        let mut start = 0;
        let mut polygons = 0;
        for path in job.source.paths() {
            let range = start..start + path.xy.len();
            start = range.end;
            match path.dimension {
                0 => whole &= points(job, range, &mut parts[0]),
                1 => whole &= self.line(job, range, &mut parts[1]),
                _ => whole &= self.ring(job, range, path.is_hole, &mut polygons),
            }
        }
        if !self.cut.ends.is_empty() {
            let extent = self.overlay.run(Some(job.region)).ok()?;
            whole &= extent == Extent::Whole;
            if extent == Extent::Part {
                self.polygons(job, &mut parts[2]);
            } else if !whole {
                // All of the polygons, of a collection of which other members are cut.
                self.overlay.run(None).ok()?;
                self.polygons(job, &mut parts[2]);
            }
        }
        if whole {
            return Some(Cut::Whole);
        }
        parts[1].sort_by(|a, b| a.on_grid().cmp(b.on_grid()));
        write::clipped(job, &parts, &mut self.cut.weigh).map(Cut::Part)
    }

    /// Takes up the inside parts of a line; true if that is all of it.
    fn line(&mut self, job: &Job<'_>, range: std::ops::Range<usize>, out: &mut Vec<Part>) -> bool {
        let Buffers {
            lines, line, first, ..
        } = &mut self.cut;
        distinct(job.grid, range.clone(), line, first);
        if let [p] = line[..] {
            return job.region.contains_point(p);
        }
        let run = |v: usize| {
            let end = first.get(v + 1).map_or(range.end as u32, |next| *next);
            first[v]..end
        };
        let mut whole = true;
        let mut part = Part::default();
        let mut pending = None;
        lines::walk(job.region, line, lines, |stretch| {
            let edge = stretch.edge;
            let place = |at: Along| {
                if at.is_start() {
                    Vertex::own(line[edge], run(edge))
                } else if at.is_end() {
                    Vertex::own(line[edge + 1], run(edge + 1))
                } else {
                    let ends = [line[edge], line[edge + 1]];
                    let of = [run(edge).end - 1, run(edge + 1).start];
                    Vertex::between(at.vertex(ends), at.share(ends), of)
                }
            };
            if stretch.is_inside {
                if part.is_empty() {
                    part.push(place(stretch.from));
                }
                // A place where the border is only touched leaves no vertex.
                pending = None;
                let to = place(stretch.to);
                if stretch.to.is_end() {
                    part.push(to);
                } else {
                    pending = Some(to);
                }
            } else {
                whole = false;
                part.extend(pending.take());
                part.hand_over_line(out);
            }
            true
        });
        part.extend(pending.take());
        part.hand_over_line(out);
        whole
    }

    /// Takes up a ring; false if it is but one vertex, outside.
    fn ring(
        &mut self,
        job: &Job<'_>,
        range: std::ops::Range<usize>,
        is_hole: bool,
        polygons: &mut u32,
    ) -> bool {
        let Buffers {
            line,
            first,
            ends,
            ring_vertices,
            ..
        } = &mut self.cut;
        distinct(job.grid, range.clone(), line, first);
        if line.is_empty() {
            return true;
        }
        // As `prepare` has it: a hole before any exterior ring is one.
        let is_hole = is_hole && *polygons > 0;
        *polygons += u32::from(!is_hole);
        if line.len() > 1 && line.first() == line.last() {
            line.pop();
        }
        if let [p] = line[..] {
            return job.region.contains_point(p);
        }
        ring_vertices.extend(range.start as u32..range.end as u32);
        let n = line.len();
        ends.extend((0..n).map(|v| {
            let after = first.get(v + 1).map_or(range.end as u32, |next| *next);
            [after - 1, if v + 1 == n { first[0] } else { after }]
        }));
        let role = Role {
            polygon: *polygons,
            is_hole,
        };
        self.overlay.survey.outline.add_ring(line, role);
        true
    }

    /// Takes up the rings that the overlay found.
    fn polygons(&mut self, job: &Job<'_>, out: &mut Vec<Part>) {
        let Buffers {
            ends,
            ring_vertices,
            ..
        } = &mut self.cut;
        ring_vertices.sort_unstable_by(|v, w| job.compare(*v, *w));
        write::rings(job, &self.overlay, ends, ring_vertices, out);
    }
}

/// A row to be cut.
pub(super) struct Job<'a> {
    pub(super) region: &'a PreparedRegion,
    pub(super) source: &'a SourceGeometry<'a>,
    pub(super) frame: &'a StorageFrame,
    /// Where each vertex of the source lies on the grid.
    pub(super) grid: &'a [GridPoint],
}

impl Job<'_> {
    /// Vertices by their place on the grid, then by their ordinates.
    fn compare(&self, v: u32, w: u32) -> std::cmp::Ordering {
        let (v, w) = (v as usize, w as usize);
        let [x, y] = [0, 1].map(|axis| {
            let at = |v: usize| self.source.xy[v][axis];
            at(v).total_cmp(&at(w))
        });
        let [z, m] = [self.source.z, self.source.m].map(|ordinates| {
            match (ordinates.get(v), ordinates.get(w)) {
                (Some(a), Some(b)) => a.total_cmp(b),
                _ => std::cmp::Ordering::Equal,
            }
        });
        let by_place = self.grid[v].cmp(&self.grid[w]);
        by_place.then(x).then(y).then(z).then(m)
    }
}

/// Takes up the points inside; true if all are.
fn points(job: &Job<'_>, range: std::ops::Range<usize>, out: &mut Vec<Part>) -> bool {
    let mut whole = true;
    for v in range {
        let p = job.grid[v];
        if job.region.contains_point(p) {
            if out.is_empty() {
                out.push(Part::default());
            }
            out[0].push_again(Vertex::own(p, v as u32..v as u32 + 1));
        } else {
            whole = false;
        }
    }
    whole
}

/// The vertices of a path, equal ones in a row taken together.
fn distinct(
    grid: &[GridPoint],
    range: std::ops::Range<usize>,
    line: &mut Vec<GridPoint>,
    first: &mut Vec<u32>,
) {
    line.clear();
    first.clear();
    for v in range {
        if line.last() != Some(&grid[v]) {
            line.push(grid[v]);
            first.push(v as u32);
        }
    }
}
