//! Arenas of geometries: the exact ordinates of the source, and the cleaned shapes on the world grid.
//!
//! Offsets that would say "one each" are left out, which is what makes a point cost 24 bytes: a uniform layer of points has no
//! kinds, no counts and no ends at all.

use serde::{Deserialize, Serialize};

use super::section::{Section, SectionVisitor};
use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::paths::{GridPaths, PathKind};
use crate::geometry::source::{GeometryKind, SourceGeometry};

/// Low bits of a row's shape byte: the number of its [`GeometryKind`], 0 for no geometry.
pub(crate) const KIND_MASK: u8 = 0x0f;
/// The row's vertices have heights.
pub(crate) const HAS_Z: u8 = 0x10;
/// The row's vertices have measures.
pub(crate) const HAS_M: u8 = 0x20;

/// Exact geometries in row order.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceShapes {
    /// The shape byte of every row where they are all alike; then `kinds` is empty.
    pub(super) uniform: Option<u8>,
    pub(super) kinds: Section<u8>,
    /// End of each row's counts; empty where every row is one point.
    pub(super) counts_end: Section<u32>,
    pub(super) counts: Section<u32>,
    /// End of each row's vertices; empty where every row is one point.
    pub(super) xy_end: Section<u32>,
    pub(super) xy: Section<[f64; 2]>,
    /// As long as `xy`, or empty.
    pub(super) z: Section<f64>,
    pub(super) m: Section<f64>,
}

/// Range of row `i` in an arena whose ends are `ends`, one each if `ends` is empty.
fn range(ends: &[u32], i: usize) -> std::ops::Range<usize> {
    if ends.is_empty() {
        return i..i + 1;
    }
    let start = if i == 0 { 0 } else { ends[i - 1] };
    start as usize..ends[i] as usize
}

impl SourceShapes {
    /// The geometry of a row, `None` if it has none.
    pub(crate) fn get(&self, row: usize) -> Option<SourceGeometry<'_>> {
        let shape = self.shape(row);
        let kind = GeometryKind::from_number(shape & KIND_MASK)?;
        let vertices = range(&self.xy_end, row);
        let counts: &[u32] = if self.counts_end.is_empty() {
            &[1]
        } else {
            &self.counts[range(&self.counts_end, row)]
        };
        let ordinates = |flag: u8, section: &'_ Section<f64>| {
            if shape & flag == 0 {
                0..0
            } else {
                vertices.start.min(section.len())..vertices.end.min(section.len())
            }
        };
        Some(SourceGeometry {
            kind,
            counts,
            z: &self.z[ordinates(HAS_Z, &self.z)],
            m: &self.m[ordinates(HAS_M, &self.m)],
            xy: &self.xy[vertices],
        })
    }

    /// Whether a row is said to have heights and measures: [`HAS_Z`], [`HAS_M`].
    pub(super) fn flags(&self, row: usize) -> u8 {
        self.shape(row) & (HAS_Z | HAS_M)
    }

    /// The shape byte of a row.
    pub(super) fn shape(&self, row: usize) -> u8 {
        self.uniform.unwrap_or_else(|| self.kinds[row])
    }

    pub(super) fn visit<V: SectionVisitor>(&mut self, v: &mut V) -> Result<(), V::Error> {
        v.section("source.kinds", &mut self.kinds)?;
        v.section("source.counts_end", &mut self.counts_end)?;
        v.section("source.counts", &mut self.counts)?;
        v.section("source.xy_end", &mut self.xy_end)?;
        v.section("source.xy", &mut self.xy)?;
        v.section("source.z", &mut self.z)?;
        v.section("source.m", &mut self.m)
    }

    pub(super) fn is_sound(&self, rows: usize) -> bool {
        let kinds = match self.uniform {
            Some(_) => self.kinds.is_empty(),
            None => self.kinds.len() == rows,
        };
        let one_each = |ends: &Section<u32>, arena: usize| {
            if ends.is_empty() {
                arena == rows || rows == 0
            } else {
                ends.len() == rows && sound_ends(ends, arena)
            }
        };
        let counts = self.counts_end.is_empty() || one_each(&self.counts_end, self.counts.len());
        // Rows without any vertex (a table without geometry) leave both sections empty.
        let vertices = (self.uniform == Some(0) && self.xy.is_empty())
            || one_each(&self.xy_end, self.xy.len());
        let full = |s: &Section<f64>| s.is_empty() || s.len() == self.xy.len();
        kinds && counts && vertices && full(&self.z) && full(&self.m)
    }
}

fn sound_ends(ends: &[u32], arena: usize) -> bool {
    ends.is_sorted() && ends.last().copied().unwrap_or(0) as usize == arena
}

/// What paths of a layer are, for the snapshot's header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct GridUniform {
    /// Number of the one [`PathKind`], `None` where paths differ.
    pub(super) kind: Option<u8>,
}

/// Cleaned shapes on the world grid, for the rows that have a place (the first rows of a segment).
#[derive(Debug, Clone, Default)]
pub(crate) struct GridShapes {
    pub(super) uniform: GridUniform,
    /// The kind of each path; empty where they are all alike.
    pub(super) path_kind: Section<u8>,
    /// End of each row's paths; empty where every row has one path.
    pub(super) row_end: Section<u32>,
    /// End of each path's vertices; empty where every path is one point.
    pub(super) path_end: Section<u32>,
    pub(super) xy: Section<GridPoint>,
    /// As long as `xy`; empty for points.
    pub(super) importance: Section<u8>,
    /// Box of each row; empty where every row is one point.
    pub(super) bbox: Section<[i32; 4]>,
}

impl GridShapes {
    /// The paths of a row.
    pub(crate) fn get(&self, row: usize) -> GridPaths<'_> {
        let paths = range(&self.row_end, row);
        let first = if self.path_end.is_empty() {
            paths.start
        } else if paths.start == 0 {
            0
        } else {
            self.path_end[paths.start - 1] as usize
        };
        let (last, ends): (usize, &[u32]) = if self.path_end.is_empty() {
            (paths.end, &[])
        } else if paths.is_empty() {
            (first, &[])
        } else {
            (
                self.path_end[paths.end - 1] as usize,
                &self.path_end[paths.clone()],
            )
        };
        let xy = &self.xy[first..last];
        let importance = self.importance.get(first..last).unwrap_or(&[]);
        match self.uniform.kind.and_then(PathKind::from_number) {
            Some(kind) => GridPaths::uniform(kind, xy, importance, ends, first as u32),
            None => GridPaths::mixed(&self.path_kind[paths], xy, importance, ends, first as u32),
        }
    }

    /// The box of a row.
    pub(crate) fn bbox(&self, row: usize) -> GridBox {
        match self.bbox.get(row) {
            Some([x0, y0, x1, y1]) => GridBox {
                min: [*x0, *y0],
                max: [*x1, *y1],
            },
            None => GridBox {
                min: self.xy[row],
                max: self.xy[row],
            },
        }
    }

    pub(super) fn visit<V: SectionVisitor>(&mut self, v: &mut V) -> Result<(), V::Error> {
        v.section("grid.path_kind", &mut self.path_kind)?;
        v.section("grid.row_end", &mut self.row_end)?;
        v.section("grid.path_end", &mut self.path_end)?;
        v.section("grid.xy", &mut self.xy)?;
        v.section("grid.importance", &mut self.importance)?;
        v.section("grid.bbox", &mut self.bbox)
    }

    /// True if every one of `located` rows can be read.
    pub(super) fn is_sound(&self, located: usize) -> bool {
        let paths = if self.row_end.is_empty() {
            located
        } else {
            self.row_end.last().copied().unwrap_or(0) as usize
        };
        let rows =
            self.row_end.is_empty() || (self.row_end.len() == located && self.row_end.is_sorted());
        let vertices = if self.path_end.is_empty() {
            self.xy.len() == paths
        } else {
            self.path_end.len() == paths && sound_ends(&self.path_end, self.xy.len())
        };
        let kinds = match self.uniform.kind {
            Some(k) => PathKind::from_number(k).is_some(),
            None => self.path_kind.len() == paths,
        };
        let boxes =
            self.bbox.len() == located || (self.bbox.is_empty() && self.xy.len() == located);
        let importance = self.importance.is_empty() || self.importance.len() == self.xy.len();
        rows && vertices && kinds && boxes && importance
    }
}
