//! Shapes of chunks, put one after the other in public order; offsets that would say "one each" are left out.

use super::build::RowRef;
use super::chunk::{Chunk, RawGrid};
use super::shapes::{GridShapes, GridUniform, HAS_M, HAS_Z, KIND_MASK, SourceShapes};
use crate::geometry::source::GeometryKind;

pub(super) fn kinds(source: &SourceShapes, rows: usize) -> (Vec<GeometryKind>, bool, bool) {
    let mut seen = [false; 256];
    match source.uniform {
        Some(shape) => seen[usize::from(shape)] = rows > 0,
        None => source
            .kinds
            .iter()
            .for_each(|k| seen[usize::from(*k)] = true),
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

pub(super) fn gather_source(chunks: &[Chunk], rows: &[RowRef]) -> SourceShapes {
    let vertices: usize = chunks.iter().map(|c| c.shapes.xy.len()).sum();
    let with_z = chunks.iter().any(|c| !c.shapes.z.is_empty());
    let with_m = chunks.iter().any(|c| !c.shapes.m.is_empty());
    let mut kinds = Vec::with_capacity(rows.len());
    let (mut counts, mut counts_end) = (Vec::new(), Vec::with_capacity(rows.len()));
    let (mut xy, mut xy_end) = (Vec::with_capacity(vertices), Vec::with_capacity(rows.len()));
    let (mut z, mut m) = (Vec::new(), Vec::new());
    let fill = |to: &mut Vec<f64>, from: &[f64], range: std::ops::Range<usize>| {
        if from.is_empty() {
            to.resize(to.len() + range.len(), f64::NAN);
        } else {
            to.extend_from_slice(&from[range]);
        }
    };
    for (c, r) in rows {
        let shapes = &chunks[*c as usize].shapes;
        kinds.push(shapes.kinds[*r as usize]);
        counts.extend_from_slice(&shapes.counts[span(&shapes.counts_end, *r)]);
        counts_end.push(counts.len() as u32);
        let range = span(&shapes.xy_end, *r);
        xy.extend_from_slice(&shapes.xy[range.clone()]);
        xy_end.push(xy.len() as u32);
        if with_z {
            fill(&mut z, &shapes.z, range.clone());
        }
        if with_m {
            fill(&mut m, &shapes.m, range);
        }
    }
    let uniform = kinds
        .first()
        .copied()
        .filter(|first| kinds.iter().all(|k| k == first));
    let one_point_each = uniform.is_some_and(|k| k & KIND_MASK == GeometryKind::Point as u8)
        && xy.len() == rows.len()
        && xy_end
            .iter()
            .enumerate()
            .all(|(i, end)| *end as usize == i + 1);
    if one_point_each || uniform == Some(0) {
        (counts, counts_end, xy_end) = (Vec::new(), Vec::new(), Vec::new());
    }
    let uniform = if rows.is_empty() { Some(0) } else { uniform };
    SourceShapes {
        kinds: if uniform.is_some() { Vec::new() } else { kinds }.into(),
        uniform,
        counts: counts.into(),
        counts_end: counts_end.into(),
        xy: xy.into(),
        xy_end: xy_end.into(),
        z: z.into(),
        m: m.into(),
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
            kind: kind.or(if rows.is_empty() { Some(0) } else { None }),
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
