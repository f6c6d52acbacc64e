//! What rings cover: the ground of a shape, as its own edges tell.

use super::place::{Hit, Spot};
use super::pool::Pool;
use super::prepared::Sides;
use super::tree::BoxTree;
use crate::geometry::grid::{GridBox, GridPoint};

/// Up to this many edges, all are looked at without a tree.
const FEW: usize = 24;

/// What a ring is in its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Role {
    /// Number of the polygon.
    pub(super) polygon: u32,
    pub(super) is_hole: bool,
}

/// A ring (or 0 where rings do not matter), and how often it winds around either side of a spot.
pub(super) type Hits = Vec<(i32, [i32; 2])>;

/// Edges of rings, and what they cover. Reusable.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) pool: Pool,
    bbox: GridBox,
    /// The ring of each edge; where there are no roles, how often the edge counts.
    mark: Vec<i32>,
    /// What each ring is. Empty: covered is what all edges together wind around more than zero times. Else what an exterior ring winds
    /// around, either way, and no hole of it does.
    roles: Vec<Role>,
    tree: BoxTree,
    sorted: Vec<[GridPoint; 2]>,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            pool: Pool::default(),
            bbox: GridBox::EMPTY,
            mark: Vec::new(),
            roles: Vec::new(),
            tree: BoxTree::default(),
            sorted: Vec::new(),
        }
    }
}

impl Outline {
    /// Forgets the rings.
    pub(super) fn clear(&mut self) {
        self.pool.clear();
        self.bbox = GridBox::EMPTY;
        self.mark.clear();
        self.roles.clear();
    }

    /// Adds a ring as it was drawn, valid or not: two or more vertices, no point twice in a row, the first not repeated. Rings of a polygon
    /// follow each other, the exterior one first.
    pub(super) fn add_ring(&mut self, ring: &[GridPoint], role: Role) {
        self.pool.add_ring(ring);
        self.mark.resize(self.pool.len(), self.roles.len() as i32);
        self.roles.push(role);
        self.bbox = self.bbox.union(&GridBox::around(ring));
    }

    /// Adds a ring that is turned by its role, as in [`crate::geometry::paths`].
    pub(super) fn add_turned(&mut self, ring: &[GridPoint]) {
        self.pool.add_ring(ring);
        self.mark.resize(self.pool.len(), 1);
        self.bbox = self.bbox.union(&GridBox::around(ring));
    }

    /// Takes in edges of any number of polygons turned by their roles. Edges of neighbours along a common border cancel each other: ground
    /// lies on both sides of them.
    pub(super) fn load_edges(&mut self, edges: impl Iterator<Item = [GridPoint; 2]>) {
        self.clear();
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        sorted.extend(edges.filter(|[a, b]| a != b));
        cancel(&mut sorted);
        sorted.sort_unstable();
        for group in sorted.chunk_by(|e, f| e == f) {
            let [a, b] = group[0];
            self.pool.add(a, b);
            self.mark.push(group.len() as i32);
            self.bbox.extend(a);
            self.bbox.extend(b);
        }
        sorted.dedup();
        self.link(&sorted);
        self.sorted = sorted;
    }

    /// Links edges where one ends and one starts, and no other does. `edges` are those of the pool, sorted.
    fn link(&mut self, edges: &[[GridPoint; 2]]) {
        let mut ends: Vec<GridPoint> = edges.iter().map(|[_, b]| *b).collect();
        ends.sort_unstable();
        let starting = |p: GridPoint| {
            let first = edges.partition_point(|[a, _]| *a < p);
            let count = edges[first..].iter().take(2).filter(|[a, _]| *a == p);
            (first as u32, count.count())
        };
        let ending = |p: GridPoint| {
            let first = ends.partition_point(|b| *b < p);
            ends[first..].iter().take(2).filter(|b| **b == p).count()
        };
        for (e, [_, b]) in edges.iter().enumerate() {
            let (after, count) = starting(*b);
            if count == 1 && ending(*b) == 1 {
                self.pool.link(e as u32, after);
            }
        }
    }

    /// Makes the rings ready to be asked.
    pub(super) fn finish(&mut self) {
        if self.pool.len() > FEW {
            let pool = &self.pool;
            self.tree
                .load((0..pool.len() as u32).map(|e| pool.box_of(e)));
        }
    }

    pub(super) fn bbox(&self) -> GridBox {
        self.bbox
    }

    /// Calls `visit` on each edge whose box meets `window`.
    pub(super) fn near(&self, window: &GridBox, mut visit: impl FnMut(u32)) {
        if self.pool.len() > FEW {
            self.tree.each(window, visit);
        } else {
            let all = 0..self.pool.len() as u32;
            all.filter(|e| self.pool.box_of(*e).intersects(window))
                .for_each(&mut visit);
        }
    }

    /// What lies on the sides of a spot, and the first edge that passes through it; none may but along the spot's own.
    pub(super) fn sides(&self, spot: &Spot, hits: &mut Hits) -> (Sides, Option<u32>) {
        hits.clear();
        let mut first = None;
        self.near(&spot.window(), |e| {
            let [a, b] = self.pool.edge(e);
            let (mark, ring) = if self.roles.is_empty() {
                (self.mark[e as usize], 0)
            } else {
                (1, self.mark[e as usize])
            };
            match spot.hit(a, b) {
                Hit::Misses => {}
                Hit::Crosses(way) => hits.push((ring, [mark * way; 2])),
                Hit::Through(way) => {
                    hits.push((ring, [0, mark * way]));
                    first = first.or(Some(e));
                }
            }
        });
        hits.sort_unstable();
        let [ahead, behind] = [0, 1].map(|side| self.is_covered(hits, side));
        let [left, right] = if spot.ray_is_left() {
            [ahead, behind]
        } else {
            [behind, ahead]
        };
        let on_edge = first.is_some();
        let sides = Sides {
            left,
            right,
            on_edge,
        };
        (sides, first)
    }

    fn is_covered(&self, hits: &[(i32, [i32; 2])], side: usize) -> bool {
        let mut windings = hits.chunk_by(|a, b| a.0 == b.0).map(|ring| {
            let winding: i32 = ring.iter().map(|hit| hit.1[side]).sum();
            (ring[0].0, winding)
        });
        if self.roles.is_empty() {
            return windings.any(|(_, winding)| winding > 0);
        }
        let (mut polygon, mut inside) = (None, false);
        for (ring, _) in windings.filter(|(_, winding)| *winding != 0) {
            let role = self.roles[ring as usize];
            if polygon != Some(role.polygon) {
                if inside {
                    return true;
                }
                polygon = Some(role.polygon);
            }
            inside = !role.is_hole;
        }
        inside
    }
}

/// Takes out edges that are also there the other way round, one for one.
pub(super) fn cancel(edges: &mut Vec<[GridPoint; 2]>) {
    let undirected = |[a, b]: &[GridPoint; 2]| [*a.min(b), *a.max(b)];
    edges.sort_unstable_by_key(|e| (undirected(e), e[0] > e[1]));
    let mut kept = 0;
    let mut start = 0;
    while start < edges.len() {
        let line = undirected(&edges[start]);
        let same = edges[start..]
            .iter()
            .take_while(|e| undirected(e) == line)
            .count();
        let ahead = edges[start..start + same]
            .iter()
            .take_while(|e| e[0] < e[1])
            .count();
        let left = (2 * ahead).abs_diff(same);
        let edge = if 2 * ahead > same {
            line
        } else {
            [line[1], line[0]]
        };
        edges[kept..kept + left].fill(edge);
        kept += left;
        start += same;
    }
    edges.truncate(kept);
}
