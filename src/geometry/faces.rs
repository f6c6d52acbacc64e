//! From the boundary of an area to the rings of valid polygons.
//!
//! The boundary comes as closed contours that meet in common vertices only, with the area on their left (exterior contours
//! positive, holes negative). Walking along it and always taking, where several edges leave a vertex, the one that bounds the same
//! ground goes around one connected piece of the area; cutting that walk where it comes back to a vertex gives its rings: one
//! exterior ring and the holes that touch it. What is left are holes that touch nothing.

use super::grid::GridPoint;
use super::predicates::{ring_area, side};

const NOWHERE: u32 = u32::MAX;

/// The walk, with its reusable buffers.
#[derive(Debug, Default)]
pub struct Faces {
    /// Start and end of each boundary edge, sorted by start.
    edges: Vec<[GridPoint; 2]>,
    used: Vec<bool>,
    /// The walk under way: vertices by the first edge that starts there.
    walk: Vec<u32>,
    /// Where on the walk each such vertex is.
    on_walk: Vec<u32>,
    /// Rings cut from the walks: (walk, doubled area, first vertex, one past the last).
    rings: Vec<Ring>,
    xy: Vec<GridPoint>,
    keeps_straight: bool,
}

#[derive(Debug, Clone, Copy)]
struct Ring {
    walk: u32,
    area: i128,
    start: usize,
    end: usize,
}

impl Faces {
    /// A walk that leaves in its rings the vertices on straight stretches too.
    pub fn keeping_straight() -> Self {
        Self {
            keeps_straight: true,
            ..Self::default()
        }
    }

    /// Forgets the boundary.
    pub fn clear(&mut self) {
        self.edges.clear();
    }

    /// Adds a closed contour, the area on its left, first vertex not repeated.
    pub fn add(&mut self, contour: impl Iterator<Item = GridPoint> + Clone) {
        let next = contour.clone().skip(1).chain(contour.clone().take(1));
        self.edges.extend(contour.zip(next).map(|(a, b)| [a, b]));
    }

    /// Adds one edge of a contour, the area on its left.
    pub fn add_edge(&mut self, a: GridPoint, b: GridPoint) {
        self.edges.push([a, b]);
    }

    /// Appends the rings to `xy` and `ends`, each exterior ring followed by its holes.
    pub fn rings(&mut self, xy: &mut Vec<GridPoint>, ends: &mut Vec<u32>) {
        self.trace();
        // Exterior rings with the holes of their own walk, then the holes that touch nothing by the smallest ring around them.
        let (outer, holes): (Vec<Ring>, Vec<Ring>) = self.rings.iter().partition(|r| r.area > 0);
        let mut owned: Vec<(usize, Ring)> = Vec::with_capacity(holes.len());
        for hole in holes {
            let same_walk = outer.iter().position(|o| o.walk == hole.walk);
            let owner = same_walk.or_else(|| match outer.len() {
                1 => Some(0),
                _ => self.smallest_around(&outer, self.xy[hole.start]),
            });
            owned.extend(owner.map(|o| (o, hole)));
        }
        owned.sort_by_key(|(o, _)| *o);
        let mut owned = owned.into_iter().peekable();
        for (o, ring) in outer.iter().enumerate() {
            self.append(ring, xy, ends);
            while let Some((_, hole)) = owned.next_if(|(owner, _)| *owner == o) {
                self.append(&hole, xy, ends);
            }
        }
    }

    fn trace(&mut self) {
        self.edges.sort_unstable();
        self.used.clear();
        self.used.resize(self.edges.len(), false);
        self.on_walk.clear();
        self.on_walk.resize(self.edges.len(), NOWHERE);
        self.rings.clear();
        self.xy.clear();
        for first in 0..self.edges.len() {
            self.walk.clear();
            let mut edge = first;
            while !self.used[edge] {
                self.used[edge] = true;
                let [from, to] = self.edges[edge];
                let vertex = self.first_leaving(from);
                self.on_walk[vertex] = self.walk.len() as u32;
                self.walk.push(vertex as u32);
                let next = self.first_leaving(to);
                if self.edges.get(next).is_none_or(|e| e[0] != to) {
                    // Not a closed contour.
                    break;
                }
                if self.on_walk[next] != NOWHERE {
                    self.cut(first as u32, self.on_walk[next] as usize);
                }
                edge = self.leaving(from, to, next);
            }
            for vertex in &self.walk {
                self.on_walk[*vertex as usize] = NOWHERE;
            }
        }
    }

    /// The first of the edges out of a vertex, which stands for the vertex.
    fn first_leaving(&self, at: GridPoint) -> usize {
        self.edges.partition_point(|e| e[0] < at)
    }

    /// The edge out of `at` that bounds the ground on the left of the way from `from`: the first one clockwise. `first` is the first
    /// edge out of `at`.
    fn leaving(&self, from: GridPoint, at: GridPoint, first: usize) -> usize {
        let mut best = first;
        let others = self.edges[first..].iter().take_while(|e| e[0] == at);
        for (i, edge) in others.enumerate().skip(1) {
            if clockwise_before(at, from, edge[1], self.edges[best][1]) {
                best = first + i;
            }
        }
        best
    }

    /// Takes the ring that closes off the end of the walk.
    fn cut(&mut self, walk: u32, loop_start: usize) {
        let start = self.xy.len();
        let at = |i: usize| self.edges[self.walk[i] as usize][0];
        let last = self.walk.len() - 1;
        for i in loop_start..=last {
            let before = at(if i == loop_start { last } else { i - 1 });
            let after = at(if i == last { loop_start } else { i + 1 });
            // Vertices on straight stretches may only have been needed to find contacts.
            if self.keeps_straight || side(before, at(i), after) != 0 {
                self.xy.push(at(i));
            }
        }
        for vertex in self.walk.drain(loop_start..) {
            self.on_walk[vertex as usize] = NOWHERE;
        }
        let area = ring_area(&self.xy[start..]);
        if area == 0 {
            self.xy.truncate(start);
            return;
        }
        let end = self.xy.len();
        self.rings.push(Ring {
            walk,
            area,
            start,
            end,
        });
    }

    fn smallest_around(&self, outer: &[Ring], p: GridPoint) -> Option<usize> {
        let around = outer
            .iter()
            .enumerate()
            .filter(|(_, o)| inside(&self.xy[o.start..o.end], p));
        around.min_by_key(|(_, o)| o.area).map(|(i, _)| i)
    }

    fn append(&self, ring: &Ring, xy: &mut Vec<GridPoint>, ends: &mut Vec<u32>) {
        xy.extend_from_slice(&self.xy[ring.start..ring.end]);
        ends.push(xy.len() as u32);
    }
}

/// True if, turning clockwise from `back`, the way from `at` to `p` comes before that to `q`.
fn clockwise_before(at: GridPoint, back: GridPoint, p: GridPoint, q: GridPoint) -> bool {
    // Half a turn at a time: right of `back` comes first, then the opposite of `back`, then its left.
    let half = |v: GridPoint| match side(at, back, v) {
        -1 => 0,
        0 => 1,
        _ => 2,
    };
    let (a, b) = (half(p), half(q));
    if a == b { side(at, p, q) < 0 } else { a < b }
}

/// True if `p` lies inside the ring, not on it.
fn inside(ring: &[GridPoint], p: GridPoint) -> bool {
    let mut odd = false;
    let mut a = ring[ring.len() - 1];
    for &b in ring {
        if (a[0] > p[0]) != (b[0] > p[0]) {
            let turn = side(a, b, p);
            if turn == 0 {
                return false;
            }
            odd ^= (turn > 0) == (b[0] > a[0]);
        } else if a[0] == p[0] && b[0] == p[0] && a[1].min(b[1]) <= p[1] && p[1] <= a[1].max(b[1]) {
            return false;
        }
        a = b;
    }
    odd
}
