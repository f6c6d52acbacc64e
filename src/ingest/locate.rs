//! From exact ordinates to cleaned shapes on the world grid, chunk by chunk.

use super::report::{Code, Report};
use crate::geometry::crs::Transform;
use crate::geometry::grid::{self, GridBox, GridPoint};
use crate::geometry::importance::Importance;
use crate::geometry::paths::PathKind;
use crate::geometry::source::{GeometryKind, SourceGeometry};
use crate::layer::{Chunk, RawGrid};

/// Projects and cleans the shapes of chunks. Shared by all workers.
#[derive(Debug)]
pub(super) struct Locator {
    to_degrees: Transform,
}

impl Locator {
    /// `to_degrees` converts the storage CRS to CRS84.
    pub(super) fn new(to_degrees: Transform) -> Self {
        Self { to_degrees }
    }

    /// Fills in the grid shapes of `chunk`. Rows that have no place on Earth are marked as gone.
    pub(super) fn locate(&self, mut chunk: Chunk, report: &mut Report) -> Chunk {
        let mut degrees = chunk.shapes.xy.clone();
        // Points out of the domain come back as NaN and are judged row by row.
        let _out_of_domain = self.to_degrees.convert(&mut degrees);
        let mut work = Work::default();
        let mut grid = RawGrid::default();
        let (mut first, mut first_count) = (0usize, 0usize);
        for row in 0..chunk.rows() {
            let end = chunk.shapes.xy_end[row] as usize;
            let counts_end = chunk.shapes.counts_end[row] as usize;
            match misplaced(&degrees[first..end]) {
                Some(code) => {
                    report.add(code, chunk.ordinals[row], || {
                        example(code, &chunk.shapes.xy[first..end])
                    });
                    chunk.gone.insert(row as u32);
                    grid.bbox.push(GridBox::EMPTY);
                }
                None => {
                    let counts = &chunk.shapes.counts[first_count..counts_end];
                    let kind = GeometryKind::from_number(
                        chunk.shapes.kinds[row] & crate::layer::KIND_MASK,
                    );
                    let bbox = kind.map_or(GridBox::EMPTY, |kind| {
                        work.shape(kind, counts, &degrees[first..end], &mut grid)
                    });
                    grid.bbox.push(bbox);
                }
            }
            grid.row_end.push(grid.path_end.len() as u32);
            (first, first_count) = (end, counts_end);
        }
        chunk.shapes.grid = grid;
        chunk
    }
}

/// What keeps a row from having a place, if anything.
fn misplaced(degrees: &[[f64; 2]]) -> Option<Code> {
    for [lon, lat] in degrees {
        if lon.is_nan() || lat.is_nan() {
            return Some(Code::Unprojectable);
        }
        if lon.abs() > 360.0 || lat.abs() > 90.0 {
            return Some(Code::OutOfRange);
        }
    }
    None
}

fn example(code: Code, source: &[[f64; 2]]) -> String {
    let [x, y] = source.first().copied().unwrap_or_default();
    match code {
        Code::OutOfRange => {
            format!("a vertex near {x} {y} is beyond longitude ±360 or latitude ±90")
        }
        _ => format!("a vertex near {x} {y} cannot be expressed in degrees"),
    }
}

/// Scratch of one worker.
#[derive(Default)]
struct Work {
    importance: Importance,
    points: Vec<GridPoint>,
}

impl Work {
    fn shape(
        &mut self,
        kind: GeometryKind,
        counts: &[u32],
        degrees: &[[f64; 2]],
        out: &mut RawGrid,
    ) -> GridBox {
        if let (GeometryKind::Point, [p]) = (kind, degrees) {
            let p = grid::from_lonlat(p[0], p[1]);
            out.push_points(&[p]);
            return GridBox { min: p, max: p };
        }
        let shape = SourceGeometry {
            kind,
            counts,
            xy: degrees,
            z: &[],
            m: &[],
        };
        let mut bbox = GridBox::EMPTY;
        for path in shape.paths() {
            self.points.clear();
            self.points
                .extend(path.xy.iter().map(|p| grid::from_lonlat(p[0], p[1])));
            self.points.dedup();
            let kind = match path.dimension {
                0 => PathKind::Points,
                1 => PathKind::Line,
                _ => PathKind::Ring,
            };
            if kind == PathKind::Ring
                && self.points.len() > 1
                && self.points.first() == self.points.last()
            {
                self.points.pop();
            }
            self.points.iter().for_each(|p| bbox.extend(*p));
            out.xy.extend_from_slice(&self.points);
            match kind {
                PathKind::Points => out.importance.resize(out.xy.len(), 255),
                PathKind::Line => self.importance.line(&self.points, &mut out.importance),
                PathKind::Ring => self.importance.ring(&self.points, &mut out.importance),
            }
            out.path_kind.push(kind as u8);
            out.path_end.push(out.xy.len() as u32);
        }
        bbox
    }
}
