//! Geometries on the world grid, as tiles and predicates read them: flat lists of paths, borrowed from shared arenas.
//!
//! A *path* is a set of points, a line, or a ring. A ring does **not** repeat its first point. The rings of a polygon follow each
//! other, exterior first; orientation tells them apart as in MVT 2.1 §4.3.4.4: the surveyor's formula on `[x, y]` with y southward
//! is positive for an exterior ring, negative for a hole, so a positive ring starts a new polygon.

use super::grid::{GridBox, GridPoint};

/// What the vertices of a path are. The numbers are written into snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PathKind {
    /// One or more separate points.
    Points = 0,
    /// A line of two or more vertices.
    Line = 1,
    /// A closed ring of three or more vertices, the first not repeated at the end.
    Ring = 2,
}

impl PathKind {
    /// The kind of a topological dimension, `None` above 2.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Points),
            1 => Some(Self::Line),
            2 => Some(Self::Ring),
            _ => None,
        }
    }
}

/// The kinds of the paths of one row.
#[derive(Debug, Clone, Copy)]
pub enum PathKinds<'a> {
    /// All paths are of one kind.
    Uniform(PathKind),
    /// The number of a [`PathKind`] for each path.
    Each(&'a [u8]),
}

/// One path of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridPath<'a> {
    /// What the vertices are.
    pub kind: PathKind,
    /// The vertices.
    pub xy: &'a [GridPoint],
    /// One byte per vertex, or empty where nothing is ever simplified (points).
    pub importance: &'a [u8],
}

/// The paths of one row.
#[derive(Debug, Clone, Copy)]
pub struct GridPaths<'a> {
    xy: &'a [GridPoint],
    importance: &'a [u8],
    ends: &'a [u32],
    base: u32,
    kinds: PathKinds<'a>,
}

impl<'a> GridPaths<'a> {
    /// A row without geometry.
    pub const EMPTY: GridPaths<'static> = GridPaths {
        xy: &[],
        importance: &[],
        ends: &[],
        base: 0,
        kinds: PathKinds::Uniform(PathKind::Points),
    };

    /// Paths of one kind. `xy` holds the row's vertices; `importance` is as long, or empty; `ends` are the ends of the paths, one
    /// past the last vertex, counted from a vertex whose number is `base` less than that of `xy[0]` (so `ends` may be a slice of
    /// an arena with absolute ends); an empty `ends` says that all of `xy` is one path.
    pub fn uniform(
        kind: PathKind,
        xy: &'a [GridPoint],
        importance: &'a [u8],
        ends: &'a [u32],
        base: u32,
    ) -> Self {
        Self {
            xy,
            importance,
            ends,
            base,
            kinds: PathKinds::Uniform(kind),
        }
    }

    /// Paths of several kinds: `kinds` has a [`PathKind`] number for each of `ends` (or exactly one if `ends` is empty); the rest as
    /// in [`GridPaths::uniform`]. The importance of vertices of `Points` paths is ignored.
    pub fn mixed(
        kinds: &'a [u8],
        xy: &'a [GridPoint],
        importance: &'a [u8],
        ends: &'a [u32],
        base: u32,
    ) -> Self {
        Self {
            xy,
            importance,
            ends,
            base,
            kinds: PathKinds::Each(kinds),
        }
    }

    /// True if there is no vertex.
    pub fn is_empty(&self) -> bool {
        self.xy.is_empty()
    }

    /// Number of paths.
    pub fn len(&self) -> usize {
        match (self.xy.len(), self.ends.len()) {
            (0, _) => 0,
            (_, 0) => 1,
            (_, n) => n,
        }
    }

    /// All vertices, path after path.
    pub fn vertices(&self) -> &'a [GridPoint] {
        self.xy
    }

    /// The box around all vertices, [`GridBox::EMPTY`] if there are none.
    pub fn bbox(&self) -> GridBox {
        GridBox::around(self.xy)
    }

    /// The paths in order.
    pub fn iter(&self) -> GridPathIter<'a> {
        GridPathIter {
            paths: *self,
            next: 0,
            start: 0,
        }
    }
}

impl<'a> IntoIterator for GridPaths<'a> {
    type Item = GridPath<'a>;
    type IntoIter = GridPathIter<'a>;

    fn into_iter(self) -> GridPathIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &GridPaths<'a> {
    type Item = GridPath<'a>;
    type IntoIter = GridPathIter<'a>;

    fn into_iter(self) -> GridPathIter<'a> {
        self.iter()
    }
}

/// Iterator over the paths of a row.
#[derive(Debug, Clone)]
pub struct GridPathIter<'a> {
    paths: GridPaths<'a>,
    next: usize,
    start: usize,
}

impl<'a> Iterator for GridPathIter<'a> {
    type Item = GridPath<'a>;

    fn next(&mut self) -> Option<GridPath<'a>> {
        let p = &self.paths;
        if self.next >= p.len() {
            return None;
        }
        let end = match p.ends.get(self.next) {
            Some(end) => (end.wrapping_sub(p.base) as usize).clamp(self.start, p.xy.len()),
            None => p.xy.len(),
        };
        let kind = match p.kinds {
            PathKinds::Uniform(kind) => kind,
            // A number outside of the list cannot be drawn as more than its vertices.
            PathKinds::Each(kinds) => kinds
                .get(self.next)
                .and_then(|&n| PathKind::from_number(n))
                .unwrap_or(PathKind::Points),
        };
        let range = self.start..end;
        self.next += 1;
        self.start = end;
        Some(GridPath {
            kind,
            xy: &p.xy[range.clone()],
            importance: p.importance.get(range).unwrap_or(&[]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XY: [GridPoint; 5] = [[0, 0], [1, 0], [1, 1], [7, 7], [8, 8]];

    #[test]
    fn one_path_needs_no_ends() {
        let paths = GridPaths::uniform(PathKind::Ring, &XY[..3], &[1, 2, 3], &[], 0);
        let all: Vec<_> = paths.iter().collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].xy, &XY[..3]);
        assert_eq!(all[0].importance, [1, 2, 3]);
    }

    #[test]
    fn ends_may_be_absolute_in_an_arena() {
        let paths = GridPaths::mixed(&[2, 1], &XY, &[9; 5], &[103, 105], 100);
        let all: Vec<_> = paths.iter().map(|p| (p.kind, p.xy.len())).collect();
        assert_eq!(all, [(PathKind::Ring, 3), (PathKind::Line, 2)]);
    }

    #[test]
    fn points_have_no_importance_and_nothing_has_no_path() {
        let points = GridPaths::uniform(PathKind::Points, &XY, &[], &[], 0);
        assert!(points.iter().all(|p| p.importance.is_empty()));
        assert_eq!(GridPaths::EMPTY.iter().count(), 0);
    }
}
