//! From exact ordinates to cleaned shapes on the world grid, chunk by chunk.

use super::report::{Code, Report};
use crate::geometry::crs::Transform;
use crate::geometry::grid::{self, GridBox};
use crate::geometry::paths::PathKind;
use crate::geometry::prepare::{Prepare, RepairCode, Repairs};
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
        let code = if self.to_degrees.is_identity() {
            Code::OutOfRange
        } else {
            Code::Unprojectable
        };
        let mut work = Work::default();
        let mut grid = RawGrid::default();
        let (mut first, mut first_count) = (0usize, 0usize);
        for row in 0..chunk.rows() {
            let end = chunk.shapes.xy_end[row] as usize;
            let counts_end = chunk.shapes.counts_end[row] as usize;
            let misplaced = degrees[first..end].iter().position(|p| p[0].is_nan());
            if let Some(vertex) = misplaced {
                report.add(code, chunk.ordinals[row], || {
                    example(code, chunk.shapes.xy[first + vertex])
                });
                chunk.gone.insert(row as u32);
                grid.bbox.push(GridBox::EMPTY);
            } else {
                let counts = &chunk.shapes.counts[first_count..counts_end];
                let kind =
                    GeometryKind::from_number(chunk.shapes.kinds[row] & crate::layer::KIND_MASK);
                let (bbox, repairs) = kind.map_or((GridBox::EMPTY, Repairs::default()), |kind| {
                    work.shape(kind, counts, &degrees[first..end], &mut grid)
                });
                grid.bbox.push(bbox);
                let mut codes: Vec<Code> = repairs.iter().filter_map(code_of).collect();
                codes.dedup();
                for code in codes {
                    report.add(code, chunk.ordinals[row], || {
                        "the shape on the grid was mended".into()
                    });
                }
            }
            grid.row_end.push(grid.path_end.len() as u32);
            (first, first_count) = (end, counts_end);
        }
        chunk.shapes.grid = grid;
        chunk
    }
}

fn example(code: Code, [x, y]: [f64; 2]) -> String {
    match code {
        Code::OutOfRange => {
            format!("a vertex at {x:?} {y:?} is beyond longitude ±360 or latitude ±90")
        }
        _ => format!("a vertex at {x:?} {y:?} cannot be expressed in degrees"),
    }
}

/// Scratch of one worker.
#[derive(Default)]
struct Work {
    prepare: Prepare,
}

impl Work {
    /// Adds the cleaned shape to `out`; gives its box and what was mended.
    fn shape(
        &mut self,
        kind: GeometryKind,
        counts: &[u32],
        degrees: &[[f64; 2]],
        out: &mut RawGrid,
    ) -> (GridBox, Repairs) {
        if let (GeometryKind::Point, [p]) = (kind, degrees) {
            let p = grid::from_lonlat(p[0], p[1]);
            out.push_points(&[p]);
            return (GridBox { min: p, max: p }, Repairs::default());
        }
        let shape = SourceGeometry {
            kind,
            counts,
            xy: degrees,
            z: &[],
            m: &[],
        };
        // Around the source's vertices: what was too small for the grid is left out of the shape, but it is still to be found.
        let mut bbox = GridBox::EMPTY;
        self.prepare.begin();
        for path in shape.paths() {
            let kind = PathKind::from_number(path.dimension).unwrap_or(PathKind::Points);
            let points = path.xy.iter().map(|p| {
                let p = grid::from_lonlat(p[0], p[1]);
                bbox.extend(p);
                p
            });
            self.prepare.add(kind, path.is_hole, points);
        }
        let prepared = self.prepare.finish();
        let base = out.xy.len() as u32;
        out.xy.extend_from_slice(prepared.xy);
        if prepared.importance.is_empty() {
            out.importance.resize(out.xy.len(), u8::MAX);
        } else {
            out.importance.extend_from_slice(prepared.importance);
        }
        out.path_kind.extend_from_slice(prepared.kinds);
        out.path_end
            .extend(prepared.ends.iter().map(|end| base + end));
        (bbox, prepared.repairs)
    }
}

fn code_of(repair: RepairCode) -> Option<Code> {
    match repair {
        // Formats differ on it, and nothing is lost by turning a ring round.
        RepairCode::WrongOrientation => None,
        RepairCode::UnclosedRing => Some(Code::UnclosedRing),
        RepairCode::DegenerateRing => Some(Code::DegenerateRing),
        RepairCode::DegenerateLine => Some(Code::DegenerateLine),
        RepairCode::SelfIntersection | RepairCode::Intricate => Some(Code::SelfIntersection),
        RepairCode::MisplacedRing => Some(Code::MisplacedRing),
    }
}
