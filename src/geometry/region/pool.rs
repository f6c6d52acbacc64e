//! Edges, the places at which others meet them, and the chains of stretches between these places.

use super::place::{Along, Piece, Spot};
use crate::geometry::edges::segment_box;
use crate::geometry::grid::{GridBox, GridPoint};
use crate::geometry::predicates::{Contact, contact};

/// No edge.
pub(super) const NONE: u32 = u32::MAX;

/// Edges, each of which knows which one goes on where it ends. Reusable.
#[derive(Debug, Default)]
pub(super) struct Pool {
    edges: Vec<[GridPoint; 2]>,
    /// The edge that goes on, the one that comes before; [`NONE`] at the ends of a line, and where several could.
    next: Vec<u32>,
    prev: Vec<u32>,
    /// True where something meets the vertex in which an edge ends.
    broken: Vec<bool>,
    cuts: Vec<(u32, Along)>,
    pieces: Vec<Piece>,
    /// First stretch of each edge, and one past the last of all.
    first: Vec<u32>,
}

/// Buffers of a walk along chains.
#[derive(Debug, Default)]
pub(super) struct Chains {
    seen: Vec<bool>,
    chain: Vec<u32>,
}

impl Pool {
    pub(super) fn clear(&mut self) {
        self.edges.clear();
        self.next.clear();
        self.prev.clear();
        self.broken.clear();
        self.cuts.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    pub(super) fn edge(&self, e: u32) -> [GridPoint; 2] {
        self.edges[e as usize]
    }

    pub(super) fn next(&self, e: u32) -> u32 {
        self.next[e as usize]
    }

    pub(super) fn box_of(&self, e: u32) -> GridBox {
        let [a, b] = self.edge(e);
        segment_box(a, b)
    }

    /// Adds an edge that is linked to no other.
    pub(super) fn add(&mut self, a: GridPoint, b: GridPoint) {
        self.edges.push([a, b]);
        self.next.push(NONE);
        self.prev.push(NONE);
        self.broken.push(false);
    }

    /// Says that edge `after` goes on where `before` ends.
    pub(super) fn link(&mut self, before: u32, after: u32) {
        self.next[before as usize] = after;
        self.prev[after as usize] = before;
    }

    /// Adds a closed ring of two or more vertices, no point twice in a row, the first not repeated.
    pub(super) fn add_ring(&mut self, ring: &[GridPoint]) {
        let first = self.len() as u32;
        let next = ring.iter().skip(1).chain(ring.first());
        for (a, b) in ring.iter().zip(next) {
            self.add(*a, *b);
        }
        let last = self.len() as u32 - 1;
        for e in first..last {
            self.link(e, e + 1);
        }
        self.link(last, first);
    }

    /// Adds an open line, no point twice in a row.
    pub(super) fn add_line(&mut self, line: &[GridPoint]) {
        for pair in line.windows(2) {
            let e = self.len() as u32;
            self.add(pair[0], pair[1]);
            if e > 0 && self.edges[e as usize - 1][1] == pair[0] {
                self.link(e - 1, e);
            }
        }
    }

    /// Notes where two edges of the pool meet; how they do, but for neighbours that only share their vertex.
    pub(super) fn meet(&mut self, e: u32, f: u32) -> Contact {
        let (ab, cd) = (self.edge(e), self.edge(f));
        let met = contact(ab[0], ab[1], cd[0], cd[1]);
        let neighbours = self.next(e) == f || self.next(f) == e;
        if neighbours && met != Contact::Overlap {
            return Contact::None;
        }
        self.note(e, cd, met);
        self.note(f, ab, met);
        met
    }

    /// Notes where an edge meets one of another pool.
    pub(super) fn meet_other(&mut self, e: u32, other: &mut Self, f: u32) -> Contact {
        let (ab, cd) = (self.edge(e), other.edge(f));
        let met = contact(ab[0], ab[1], cd[0], cd[1]);
        self.note(e, cd, met);
        other.note(f, ab, met);
        met
    }

    /// Notes where edge `e` meets an edge `cd`.
    pub(super) fn note(&mut self, e: u32, cd: [GridPoint; 2], met: Contact) {
        let ab = self.edge(e);
        match met {
            Contact::None => {}
            Contact::Cross => self.cuts.push((e, Along::of_crossing(ab, cd))),
            Contact::Touch(p) => self.touch(e, p),
            Contact::Overlap => {
                for p in cd.into_iter().filter(|p| lies_on(*p, ab)) {
                    self.touch(e, p);
                }
                for p in ab.into_iter().filter(|p| lies_on(*p, cd)) {
                    self.touch(e, p);
                }
            }
        }
    }

    /// Notes that something meets edge `e` in the vertex `p` on it.
    fn touch(&mut self, e: u32, p: GridPoint) {
        let ab @ [a, b] = self.edge(e);
        if p == a {
            if let Some(broken) = self.broken.get_mut(self.prev[e as usize] as usize) {
                *broken = true;
            }
        } else if p == b {
            self.broken[e as usize] = true;
        } else {
            self.cuts.push((e, Along::of_vertex(ab, p)));
        }
    }

    /// Cuts the edges at all places noted.
    pub(super) fn split(&mut self) {
        self.cuts
            .sort_unstable_by(|(e, s), (f, t)| e.cmp(f).then_with(|| s.cmp(t)));
        self.cuts
            .dedup_by(|(e, s), (f, t)| e == f && s.cmp(t).is_eq());
        self.pieces.clear();
        self.first.clear();
        let mut cuts = self.cuts.iter().peekable();
        for edge in 0..self.edges.len() as u32 {
            self.first.push(self.pieces.len() as u32);
            let mut from = Along::START;
            while let Some((_, to)) = cuts.next_if(|(e, _)| *e == edge) {
                self.pieces.push(Piece {
                    edge,
                    from,
                    to: *to,
                });
                from = *to;
            }
            let to = Along::END;
            self.pieces.push(Piece { edge, from, to });
        }
        self.first.push(self.pieces.len() as u32);
    }

    pub(super) fn piece(&self, piece: u32) -> Piece {
        self.pieces[piece as usize]
    }

    pub(super) fn piece_count(&self) -> u32 {
        self.pieces.len() as u32
    }

    /// True if the stretch goes on from another where nothing else is met.
    pub(super) fn goes_on_from(&self, piece: u32) -> bool {
        self.before(piece).is_some()
    }

    /// A place inside of a stretch.
    pub(super) fn spot(&self, piece: u32) -> Spot {
        let Piece { edge, from, to } = self.piece(piece);
        Spot::within(self.edge(edge), from, to)
    }

    /// Calls `visit` on each chain: stretches that go on from one to the next through vertices that nothing else meets, so that the same
    /// ground lies on either side of all of them. Until it says `false`; each stretch is in one chain.
    pub(super) fn chains(&self, buffers: &mut Chains, mut visit: impl FnMut(&[u32]) -> bool) {
        let Chains { seen, chain } = buffers;
        seen.clear();
        seen.resize(self.pieces.len(), false);
        for start in 0..self.pieces.len() as u32 {
            if seen[start as usize] {
                continue;
            }
            let mut head = start;
            while let Some(before) = self.before(head).filter(|p| *p != start) {
                head = before;
            }
            chain.clear();
            let mut at = Some(head);
            while let Some(piece) = at.filter(|p| !seen[*p as usize]) {
                seen[piece as usize] = true;
                chain.push(piece);
                at = self.after(piece);
            }
            if !visit(chain) {
                break;
            }
        }
    }

    /// The stretch that goes on, if nothing meets them where they join.
    fn after(&self, piece: u32) -> Option<u32> {
        let edge = self.piece(piece).edge as usize;
        let last = self.first[edge + 1] - 1 == piece;
        let goes_on = last && !self.broken[edge] && self.next[edge] != NONE;
        goes_on.then(|| self.first[self.next[edge] as usize])
    }

    fn before(&self, piece: u32) -> Option<u32> {
        let edge = self.piece(piece).edge as usize;
        let prev = self.prev[edge];
        let joined = self.first[edge] == piece && prev != NONE && !self.broken[prev as usize];
        joined.then(|| self.first[prev as usize + 1] - 1)
    }
}

/// True if a vertex on the line through an edge lies on the edge.
fn lies_on(p: GridPoint, [a, b]: [GridPoint; 2]) -> bool {
    segment_box(a, b).contains(&GridBox { min: p, max: p })
}
