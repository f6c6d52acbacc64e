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
mod tests {
    use super::*;
    use geo::Validation;
    use proptest::prelude::*;

    /// Rings in the order of paths, turned as their role demands (`true` = hole).
    fn check(rings: &[(bool, &[GridPoint])]) -> Result<(), Fault> {
        let (mut xy, mut ends) = (Vec::new(), Vec::new());
        for (hole, ring) in rings {
            let mut ring = ring.to_vec();
            if (ring_area(&ring) < 0) != *hole {
                ring.reverse();
            }
            xy.extend(ring);
            ends.push(xy.len() as u32);
        }
        Validity::default().check(&xy, &ends)
    }

    fn square(x: i32, y: i32, side: i32) -> [GridPoint; 4] {
        [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
    }

    #[test]
    fn single_rings() {
        assert_eq!(check(&[(false, &square(0, 0, 9))]), Ok(()));
        let bow_tie = [[0, 0], [4, 4], [4, 0], [0, 5]];
        assert_eq!(check(&[(false, &bow_tie)]), Err(Fault::SelfIntersection));
        let spike = [[0, 0], [4, 0], [4, 4], [9, 9], [4, 4], [0, 4]];
        assert_eq!(check(&[(false, &spike)]), Err(Fault::SelfIntersection));
        let figure_8 = [[0, 0], [2, 2], [4, 0], [4, 4], [2, 2], [0, 4]];
        assert_eq!(check(&[(false, &figure_8)]), Err(Fault::SelfIntersection));
        let touches_itself = [[0, 0], [8, 0], [8, 8], [4, 0], [0, 8]];
        assert_eq!(
            check(&[(false, &touches_itself)]),
            Err(Fault::SelfIntersection)
        );
    }

    #[test]
    fn holes_and_islands() {
        let outer = square(0, 0, 20);
        let hole = square(5, 5, 10);
        assert_eq!(check(&[(false, &outer), (true, &hole)]), Ok(()));
        assert_eq!(
            check(&[(false, &outer), (true, &outer)]),
            Err(Fault::SelfIntersection)
        );
        assert_eq!(
            check(&[(false, &outer), (true, &square(30, 0, 4))]),
            Err(Fault::MisplacedRing)
        );
        assert_eq!(
            check(&[(false, &outer), (true, &hole), (true, &square(7, 7, 2))]),
            Err(Fault::MisplacedRing)
        );
        assert_eq!(
            check(&[(false, &outer), (true, &hole), (false, &square(7, 7, 2))]),
            Ok(())
        );
        assert_eq!(
            check(&[(false, &outer), (false, &square(7, 7, 2))]),
            Err(Fault::MisplacedRing)
        );
        assert_eq!(
            check(&[(false, &square(7, 7, 2)), (false, &outer)]),
            Err(Fault::MisplacedRing)
        );
        assert_eq!(
            check(&[(false, &outer), (false, &square(20, 0, 5))]),
            Err(Fault::SelfIntersection)
        );
        assert_eq!(
            check(&[(false, &outer), (false, &square(20, 20, 5))]),
            Ok(())
        );
        // An island that touches the hole around it with all its corners.
        let diamond = [[10, 5], [15, 10], [10, 15], [5, 10]];
        assert_eq!(
            check(&[(false, &outer), (true, &hole), (false, &diamond)]),
            Ok(())
        );
    }

    #[test]
    fn touching_holes() {
        let outer = square(0, 0, 20);
        let tip = [[0, 10], [5, 8], [5, 12]];
        assert_eq!(check(&[(false, &outer), (true, &tip)]), Ok(()));
        let across = [[0, 10], [10, 8], [20, 10], [10, 12]];
        assert_eq!(
            check(&[(false, &outer), (true, &across)]),
            Err(Fault::SelfIntersection)
        );
        // Two holes in a row from side to side cut the interior in two; three around one point do not.
        let left = [[0, 10], [10, 8], [10, 12]];
        let right = [[10, 12], [20, 10], [20 - 1, 14]];
        assert_eq!(
            check(&[(false, &outer), (true, &left), (true, &right)]),
            Err(Fault::SelfIntersection)
        );
        let petals = [
            [[10, 10], [12, 4], [8, 4]],
            [[10, 10], [4, 12], [4, 9]],
            [[10, 10], [14, 14], [16, 13]],
        ];
        assert_eq!(
            check(&[
                (false, &outer),
                (true, &petals[0]),
                (true, &petals[1]),
                (true, &petals[2])
            ]),
            Ok(())
        );
        // A hole that passes through a corner of the exterior ring from inside to outside.
        let crossing = [[20, 20], [18, 10], [10, 18]];
        let through = [[22, 22], [20, 20], [18, 10], [10, 18], [20, 20 + 1]];
        assert_eq!(check(&[(false, &outer), (true, &crossing)]), Ok(()));
        assert_eq!(
            check(&[(false, &outer), (true, &through)]),
            Err(Fault::SelfIntersection)
        );
    }

    #[test]
    fn many_holes_and_a_comb_end_soon() {
        let outer = square(-10, -10, 10_000);
        let holes: Vec<_> = (0..40_000)
            .map(|i| square(i % 200 * 40, i / 200 * 40, 20))
            .collect();
        let mut rings: Vec<(bool, &[GridPoint])> = vec![(false, &outer)];
        rings.extend(holes.iter().map(|h| (true, &h[..])));
        assert_eq!(check(&rings), Ok(()));
        // Every edge of the zigzag meets every other one's box.
        let mut comb: Vec<GridPoint> = (0..40_000)
            .map(|i| [i, if i % 2 == 0 { i } else { 1_000_000 + i }])
            .collect();
        comb.extend([[50_000, 2_000_000], [-1, 2_000_000]]);
        let _ = check(&[(false, &comb)]);
    }

    fn to_geo(rings: &[(bool, Vec<GridPoint>)]) -> geo::MultiPolygon {
        let line = |r: &[GridPoint]| {
            r.iter()
                .map(|p| (f64::from(p[0]), f64::from(p[1])))
                .collect::<geo::LineString>()
        };
        let mut polygons: Vec<geo::Polygon> = Vec::new();
        for (hole, ring) in rings {
            match polygons.last_mut() {
                Some(last) if *hole => last.interiors_push(line(ring)),
                _ => polygons.push(geo::Polygon::new(line(ring), vec![])),
            }
        }
        geo::MultiPolygon::new(polygons)
    }

    fn small_ring_of_points() -> impl Strategy<Value = Vec<GridPoint>> {
        prop::collection::vec((0..9i32, 0..9i32), 3..8).prop_filter_map("no area", |v| {
            let mut ring: Vec<GridPoint> = v.into_iter().map(|(x, y)| [x, y]).collect();
            ring.dedup();
            if ring.first() == ring.last() {
                ring.pop();
            }
            (ring.len() > 2 && ring_area(&ring) != 0).then_some(ring)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        /// The tree and the plain test agree, and both with the validity of `geo` on one ring.
        #[test]
        fn one_ring_as_geo_judges(ring in small_ring_of_points()) {
            let mut v = Validity::default();
            let mut ring = ring;
            if ring_area(&ring) < 0 {
                ring.reverse();
            }
            let plain = v.check(&ring, &[ring.len() as u32]);
            v.edges.load(&ring, &[ring.len() as u32]);
            v.polygon_of = vec![0];
            let tree = v.contacts(&ring);
            prop_assert_eq!(plain, tree);
            prop_assert_eq!(plain.is_ok(), to_geo(&[(false, ring)]).is_valid());
        }

        /// Whatever is called valid is valid for `geo`.
        #[test]
        fn several_rings_never_pass_wrongly(rings in prop::collection::vec((any::<bool>(), small_ring_of_points()), 1..4)) {
            let mut rings = rings;
            rings[0].0 = false;
            let borrowed: Vec<(bool, &[GridPoint])> = rings.iter().map(|(h, r)| (*h, &r[..])).collect();
            let ours = check(&borrowed);
            prop_assert_eq!(ours.is_ok(), to_geo(&rings).is_valid(), "{:?} {:?}", ours, to_geo(&rings).validation_errors());
        }
    }
}
