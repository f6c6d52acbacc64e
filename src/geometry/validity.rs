//! Is a set of rings a valid (multi)polygon? Exact on integers, by the rules of OGC 06-103r4 §6.1.11.1 and §6.1.14 as GEOS
//! applies them:
//!
//! - a ring has an area, does not fold back on itself, cross itself or touch itself;
//! - two rings never cross or share a stretch; they may touch in single points, as long as the interior of their polygon stays in
//!   one piece;
//! - a hole lies inside its exterior ring and in no other hole of it; an exterior ring lies in no other polygon's interior.

use super::edges::{BudgetSpent, Edges, segment_box};
use super::grid::{GridBox, GridPoint};
use super::predicates::{Contact, contact, ring_area, side};

/// Why a set of rings is not a valid (multi)polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A ring has fewer than three vertices, or no area.
    Degenerate,
    /// Edges cross, overlap or touch where they must not, or holes cut the interior in pieces.
    SelfIntersection,
    /// A hole outside of its exterior ring or inside another hole; a polygon inside another.
    MisplacedRing,
    /// The work allowed was used up before an answer.
    Intricate,
}

/// Single rings of up to this many vertices are tested edge against edge, without a tree.
const SMALL: usize = 32;

/// Pairs of boxes compared, for each vertex, before the test gives up. Real coastlines need about 40; a comb of teeth as long as
/// the shape needs as many as it has teeth, and is rebuilt by the sweep of the repair instead.
const PAIRS_PER_VERTEX: u64 = 256;

/// Boxes looked at, for each vertex, to find what lies around each ring: 100,000 holes on a grid need some 800.
const BOXES_PER_VERTEX: u64 = 1024;

/// The test, with its reusable buffers.
#[derive(Debug, Default)]
pub struct Validity {
    edges: Edges,
    /// (polygon, point, ring) of each contact between two rings of the same polygon.
    touches: Vec<(u32, GridPoint, u32)>,
    polygon_of: Vec<u32>,
    is_hole: Vec<bool>,
    leader: Vec<u32>,
    crossings: Vec<u32>,
    around: Vec<u32>,
}

impl Validity {
    /// Tests rings given as in [`super::paths`]: `ends` in `xy`, exterior rings of positive area, each followed by its holes of
    /// negative area, no point twice in a row.
    pub fn check(&mut self, xy: &[GridPoint], ends: &[u32]) -> Result<(), Fault> {
        if let ([end], true) = (ends, xy.len() <= SMALL) {
            let ring = &xy[..*end as usize];
            if ring.len() < 3 {
                return Err(Fault::Degenerate);
            }
            return small_ring(ring);
        }
        self.group(xy, ends)?;
        self.edges.load(xy, ends);
        self.contacts(xy)?;
        if ends.len() > 1 {
            self.connected()?;
            self.nested(xy)?;
        }
        Ok(())
    }

    /// Which polygon each ring belongs to.
    fn group(&mut self, xy: &[GridPoint], ends: &[u32]) -> Result<(), Fault> {
        self.polygon_of.clear();
        self.is_hole.clear();
        let mut start = 0;
        let mut polygons = 0;
        for &end in ends {
            let ring = &xy[start..end as usize];
            start = end as usize;
            let area = ring_area(ring);
            if area == 0 || (area < 0 && polygons == 0) {
                return Err(Fault::Degenerate);
            }
            polygons += u32::from(area > 0);
            self.polygon_of.push(polygons - 1);
            self.is_hole.push(area < 0);
        }
        Ok(())
    }

    /// Looks at each pair of edges; notes where rings of one polygon touch.
    fn contacts(&mut self, xy: &[GridPoint]) -> Result<(), Fault> {
        let Self {
            edges,
            touches,
            polygon_of,
            ..
        } = self;
        touches.clear();
        let mut fault = None;
        let budget = 4096 + PAIRS_PER_VERTEX * xy.len() as u64;
        let outcome = edges.pairs(budget, |edges, e, f| {
            let (e_end, f_end) = (edges.end_of(e), edges.end_of(f));
            let at = |v: u32| xy[v as usize];
            let (r, s) = (edges.ring_of(e), edges.ring_of(f));
            let allowed = match contact(at(e), at(e_end), at(f), at(f_end)) {
                Contact::None => true,
                Contact::Cross | Contact::Overlap => false,
                Contact::Touch(_) if r == s => e_end == f || f_end == e,
                Contact::Touch(p) => {
                    if polygon_of[r as usize] == polygon_of[s as usize] {
                        touches.push((polygon_of[r as usize], p, r));
                        touches.push((polygon_of[r as usize], p, s));
                    }
                    let (a, b) = (through(edges, xy, e, p), through(edges, xy, f, p));
                    in_sector(p, a, b[0]) == in_sector(p, a, b[1])
                }
            };
            if !allowed {
                fault = Some(Fault::SelfIntersection);
            }
            allowed
        });
        match (fault, outcome) {
            (Some(fault), _) => Err(fault),
            (None, Err(BudgetSpent)) => Err(Fault::Intricate),
            (None, Ok(())) => Ok(()),
        }
    }

    /// Rings joined by points: a cycle of them encloses a part of the interior.
    fn connected(&mut self) -> Result<(), Fault> {
        self.touches.sort_unstable();
        self.touches.dedup();
        self.leader.clear();
        self.leader.extend(0..self.polygon_of.len() as u32);
        for group in self.touches.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let mut hub = find(&mut self.leader, group[0].2);
            for &(_, _, ring) in &group[1..] {
                let other = find(&mut self.leader, ring);
                if other == hub {
                    return Err(Fault::SelfIntersection);
                }
                self.leader[other as usize] = hub;
                hub = find(&mut self.leader, hub);
            }
        }
        Ok(())
    }

    /// Whether each ring lies in the rings it must lie in and in no others; rings are known not to cross.
    fn nested(&mut self, xy: &[GridPoint]) -> Result<(), Fault> {
        let mut budget = 4096 + BOXES_PER_VERTEX * xy.len() as u64;
        for ring in 0..self.polygon_of.len() {
            budget = self.surrounding(xy, ring, budget)?;
            let polygon = self.polygon_of[ring];
            let around = &self.around;
            let placed = if self.is_hole[ring] {
                let own = |r: &&u32| self.polygon_of[**r as usize] == polygon;
                around.iter().filter(own).count() == 1
                    && around.iter().any(|r| own(&r) && !self.is_hole[*r as usize])
            } else {
                // Each exterior ring around it must have a hole around it too.
                around.iter().all(|r| {
                    self.is_hole[*r as usize]
                        || around.iter().any(|h| {
                            self.is_hole[*h as usize]
                                && self.polygon_of[*h as usize] == self.polygon_of[*r as usize]
                        })
                })
            };
            if !placed {
                return Err(Fault::MisplacedRing);
            }
        }
        Ok(())
    }

    /// Finds the rings around a ring: those that a line northward from it crosses an odd number of times.
    fn surrounding(
        &mut self,
        xy: &[GridPoint],
        ring: usize,
        mut budget: u64,
    ) -> Result<u64, Fault> {
        let Self {
            edges,
            crossings,
            around,
            ..
        } = self;
        // Points along the ring, in quarters of a unit, until one is on no other ring.
        let probes = edges.of_ring(ring).flat_map(|e| [(e, 2), (e, 1), (e, 3)]);
        for (e, weight) in probes {
            let (a, b) = (xy[e as usize], xy[edges.end_of(e) as usize]);
            let along =
                |axis: usize| (4 - weight) * i64::from(a[axis]) + weight * i64::from(b[axis]);
            let from = [along(0), along(1)];
            let window = GridBox {
                min: [(from[0] >> 2) as i32, i32::MIN],
                max: [((from[0] + 3) >> 2) as i32, ((from[1] + 3) >> 2) as i32],
            };
            crossings.clear();
            let mut clear = true;
            budget = edges
                .within(&window, budget, |edges, f| {
                    let s = edges.ring_of(f);
                    if s as usize != ring {
                        match north_of(xy[f as usize], xy[edges.end_of(f) as usize], from) {
                            Ray::Crosses => crossings.push(s),
                            Ray::Passes => {}
                            Ray::StartsOnIt => clear = false,
                        }
                    }
                    clear
                })
                .map_err(|BudgetSpent| Fault::Intricate)?;
            if clear {
                crossings.sort_unstable();
                around.clear();
                let odd = crossings
                    .chunk_by(|a, b| a == b)
                    .filter(|c| c.len() % 2 == 1);
                around.extend(odd.map(|c| c[0]));
                return Ok(budget);
            }
        }
        // Other rings touch every edge in all three points.
        Err(Fault::Intricate)
    }
}

/// The ring's points before and after `p`, which lies on edge `e`.
fn through(edges: &Edges, xy: &[GridPoint], e: u32, p: GridPoint) -> [GridPoint; 2] {
    let end = edges.end_of(e);
    let (a, b) = (xy[e as usize], xy[end as usize]);
    if p == a {
        [xy[edges.before(e) as usize], b]
    } else if p == b {
        [a, xy[edges.end_of(end) as usize]]
    } else {
        [a, b]
    }
}

/// True if the way from `p` to `q` leaves `p` between the ways to `arms[0]` and to `arms[1]`, on one given side of them.
fn in_sector(p: GridPoint, arms: [GridPoint; 2], q: GridPoint) -> bool {
    let (first, second) = (side(p, arms[0], q) > 0, side(p, q, arms[1]) > 0);
    if side(p, arms[0], arms[1]) > 0 {
        first && second
    } else {
        first || second
    }
}

enum Ray {
    Crosses,
    Passes,
    StartsOnIt,
}

/// What a ray from `from` (in quarters of a unit) towards lower y does with the edge `ab`.
fn north_of(a: GridPoint, b: GridPoint, from: [i64; 2]) -> Ray {
    let seen = |p: GridPoint| [4 * i64::from(p[0]) - from[0], 4 * i64::from(p[1]) - from[1]];
    let (a, b) = (seen(a), seen(b));
    let turn = i128::from(a[0]) * i128::from(b[1]) - i128::from(a[1]) * i128::from(b[0]);
    let straddles = (a[0] > 0) != (b[0] > 0);
    if turn == 0
        && a[0].min(b[0]) <= 0
        && a[0].max(b[0]) >= 0
        && a[1].min(b[1]) <= 0
        && a[1].max(b[1]) >= 0
    {
        return Ray::StartsOnIt;
    }
    // At x = 0 the edge is at y = turn / (a.x - b.x): north of the start when that is negative.
    if straddles && (turn > 0) == (b[0] > a[0]) {
        Ray::Crosses
    } else {
        Ray::Passes
    }
}

fn find(leader: &mut [u32], mut ring: u32) -> u32 {
    while leader[ring as usize] != ring {
        leader[ring as usize] = leader[leader[ring as usize] as usize];
        ring = leader[ring as usize];
    }
    ring
}

/// All pairs of edges of one ring.
fn small_ring(ring: &[GridPoint]) -> Result<(), Fault> {
    let n = ring.len();
    let mut boxes = [GridBox::EMPTY; SMALL];
    for (i, b) in boxes.iter_mut().enumerate().take(n) {
        *b = segment_box(ring[i], ring[if i + 1 == n { 0 } else { i + 1 }]);
    }
    for i in 0..n {
        let (a, b) = (ring[i], ring[if i + 1 == n { 0 } else { i + 1 }]);
        for j in i + 1..n {
            if !boxes[i].intersects(&boxes[j]) {
                continue;
            }
            let (c, d) = (ring[j], ring[if j + 1 == n { 0 } else { j + 1 }]);
            let neighbours = j == i + 1 || (i == 0 && j == n - 1);
            match contact(a, b, c, d) {
                Contact::None => {}
                Contact::Touch(_) if neighbours => {}
                _ => return Err(Fault::SelfIntersection),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
