//! Shapes of chunks, put one after the other in public order; offsets that would say "one each" are left out.

use super::build::RowRef;
use super::chunk::{Chunk, RawGrid};
use super::part::Part;
use super::shapes::{GridShapes, GridUniform, HAS_M, HAS_Z, KIND_MASK, SourceShapes};
use crate::geometry::grid::GridBox;
use crate::geometry::paths::GridPaths;
use crate::geometry::source::{GeometryKind, SourceGeometry};

/// The kinds of the geometries of those rows, and whether some have heights, and measures.
pub(crate) fn geometry_of(parts: &[Part]) -> (Vec<GeometryKind>, bool, bool) {
    let mut seen = [false; 256];
    for part in parts {
        let source = &part.segment.source;
        match source.uniform {
            Some(shape) => seen[usize::from(shape)] |= part.len() > 0,
            None => {
                for row in part.iter() {
                    seen[usize::from(source.kinds[row])] = true;
                }
            }
        }
    }
    let shapes = || (0u8..=255).filter(|s| seen[usize::from(*s)]);
    let mut kinds: Vec<GeometryKind> = shapes()
        .filter_map(|s| GeometryKind::from_number(s & KIND_MASK))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    (
        kinds,
        shapes().any(|s| s & HAS_Z != 0),
        shapes().any(|s| s & HAS_M != 0),
    )
}

/// Range of row `r` in a chunk's arena.
fn span(ends: &[u32], r: u32) -> std::ops::Range<usize> {
    let r = r as usize;
    let start = if r == 0 { 0 } else { ends[r - 1] };
    start as usize..ends[r] as usize
}

/// Exact geometries, row after row.
#[derive(Debug, Default)]
pub(super) struct SourceArena {
    kinds: Vec<u8>,
    counts: Vec<u32>,
    counts_end: Vec<u32>,
    xy: Vec<[f64; 2]>,
    xy_end: Vec<u32>,
    /// As long as `xy`, where some row has heights.
    z: Option<Vec<f64>>,
    m: Option<Vec<f64>>,
}

impl SourceArena {
    /// Room for those rows and vertices; with heights and measures only if some row has them.
    pub(super) fn new(rows: usize, vertices: usize, with_z: bool, with_m: bool) -> Self {
        Self {
            kinds: Vec::with_capacity(rows),
            counts: Vec::new(),
            counts_end: Vec::with_capacity(rows),
            xy: Vec::with_capacity(vertices),
            xy_end: Vec::with_capacity(rows),
            z: with_z.then(Vec::new),
            m: with_m.then(Vec::new),
        }
    }

    /// Adds a row of that shape byte; `z` and `m` are as long as `xy`, or empty.
    pub(super) fn push(
        &mut self,
        shape: u8,
        counts: &[u32],
        xy: &[[f64; 2]],
        z: &[f64],
        m: &[f64],
    ) {
        self.kinds.push(shape);
        self.counts.extend_from_slice(counts);
        self.counts_end.push(self.counts.len() as u32);
        self.xy.extend_from_slice(xy);
        self.xy_end.push(self.xy.len() as u32);
        for (to, from) in [(&mut self.z, z), (&mut self.m, m)] {
            if let Some(to) = to {
                to.extend_from_slice(from);
                to.resize(self.xy.len(), f64::NAN);
            }
        }
    }

    /// Adds a row of that shape byte, `None` for no geometry.
    pub(super) fn push_geometry(&mut self, shape: u8, geometry: Option<&SourceGeometry<'_>>) {
        match geometry {
            Some(g) => self.push(shape, g.counts, g.xy, g.z, g.m),
            None => self.push(0, &[], &[], &[], &[]),
        }
    }

    pub(super) fn finish(self) -> SourceShapes {
        let Self {
            kinds,
            mut counts,
            mut counts_end,
            xy,
            mut xy_end,
            z,
            m,
        } = self;
        let rows = kinds.len();
        let uniform = kinds
            .first()
            .copied()
            .filter(|first| kinds.iter().all(|k| k == first));
        let one_point_each = uniform.is_some_and(|k| k & KIND_MASK == GeometryKind::Point as u8)
            && xy.len() == rows
            && xy_end
                .iter()
                .enumerate()
                .all(|(i, end)| *end as usize == i + 1);
        if one_point_each || uniform == Some(0) {
            (counts, counts_end, xy_end) = (Vec::new(), Vec::new(), Vec::new());
        }
        let uniform = if rows == 0 { Some(0) } else { uniform };
        SourceShapes {
            kinds: if uniform.is_some() { Vec::new() } else { kinds }.into(),
            uniform,
            counts: counts.into(),
            counts_end: counts_end.into(),
            xy: xy.into(),
            xy_end: xy_end.into(),
            z: z.unwrap_or_default().into(),
            m: m.unwrap_or_default().into(),
        }
    }
}

pub(super) fn gather_source(chunks: &[Chunk], rows: &[RowRef]) -> SourceShapes {
    let vertices: usize = chunks.iter().map(|c| c.shapes.xy.len()).sum();
    let with_z = chunks.iter().any(|c| !c.shapes.z.is_empty());
    let with_m = chunks.iter().any(|c| !c.shapes.m.is_empty());
    let mut arena = SourceArena::new(rows.len(), vertices, with_z, with_m);
    for (c, r) in rows {
        let shapes = &chunks[*c as usize].shapes;
        let vertices = span(&shapes.xy_end, *r);
        let ordinates = |from: &[f64]| {
            if from.is_empty() {
                0..0
            } else {
                vertices.clone()
            }
        };
        arena.push(
            shapes.kinds[*r as usize],
            &shapes.counts[span(&shapes.counts_end, *r)],
            &shapes.xy[vertices.clone()],
            &shapes.z[ordinates(&shapes.z)],
            &shapes.m[ordinates(&shapes.m)],
        );
    }
    arena.finish()
}

impl RawGrid {
    /// Adds a row with those paths and that box.
    pub(super) fn push_row(&mut self, paths: &GridPaths<'_>, bbox: GridBox) {
        for path in paths {
            self.xy.extend_from_slice(path.xy);
            self.importance.extend_from_slice(path.importance);
            self.importance.resize(self.xy.len(), u8::MAX);
            self.path_kind.push(path.kind as u8);
            self.path_end.push(self.xy.len() as u32);
        }
        self.row_end.push(self.path_end.len() as u32);
        self.bbox.push(bbox);
    }
}

pub(super) fn gather_grid(chunks: &[Chunk], rows: &[RowRef]) -> GridShapes {
    let mut g = RawGrid::default();
    for (c, r) in rows {
        let from = &chunks[*c as usize].shapes.grid;
        for path in span(&from.row_end, *r) {
            let vertices = span(&from.path_end, path as u32);
            g.xy.extend_from_slice(&from.xy[vertices.clone()]);
            g.importance.extend_from_slice(&from.importance[vertices]);
            g.path_kind.push(from.path_kind[path]);
            g.path_end.push(g.xy.len() as u32);
        }
        g.row_end.push(g.path_end.len() as u32);
        g.bbox.push(from.bbox[*r as usize]);
    }
    pack_grid(g)
}

/// Leaves out what is alike in all rows.
pub(super) fn pack_grid(mut g: RawGrid) -> GridShapes {
    let rows = g.row_end.len();
    let kind = g
        .path_kind
        .first()
        .copied()
        .filter(|k| g.path_kind.iter().all(|o| o == k));
    let one_path_each = g
        .row_end
        .iter()
        .enumerate()
        .all(|(i, end)| *end as usize == i + 1);
    let one_vertex_each = g
        .path_end
        .iter()
        .enumerate()
        .all(|(i, end)| *end as usize == i + 1);
    let points = kind == Some(0);
    if kind.is_some() {
        g.path_kind = Vec::new();
    }
    if one_path_each {
        g.row_end = Vec::new();
        // A shape too small for the grid may stand as a point inside of a wider box.
        let tight = g
            .bbox
            .iter()
            .zip(&g.xy)
            .all(|(b, p)| b.min == *p && b.max == *p);
        if one_vertex_each && tight {
            g.bbox = Vec::new();
        }
    }
    if one_vertex_each {
        g.path_end = Vec::new();
    }
    if points {
        g.importance = Vec::new();
    }
    GridShapes {
        uniform: GridUniform {
            kind: kind.or(if rows == 0 { Some(0) } else { None }),
        },
        path_kind: g.path_kind.into(),
        row_end: g.row_end.into(),
        path_end: g.path_end.into(),
        xy: g.xy.into(),
        importance: g.importance.into(),
        bbox: g
            .bbox
            .iter()
            .map(|b| [b.min[0], b.min[1], b.max[0], b.max[1]])
            .collect::<Vec<_>>()
            .into(),
    }
}
