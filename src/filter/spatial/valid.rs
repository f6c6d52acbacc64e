//! Whether a geometry is valid (OGC 06-103r4 §6.1.11.1, §6.1.14), judged exactly on its coordinates as they are:
//!
//! - a line has two different vertices at least;
//! - a ring encloses an area and neither crosses nor touches itself; whether its first vertex is repeated is not asked;
//! - the holes of a polygon lie in its exterior ring and outside of each other, touch other rings in single points only, and leave the
//!   interior in one piece;
//! - polygons of a MultiPolygon have no interior point in common and touch in single points only.

use std::cmp::Ordering;

use super::matrix::{Location, Matrix};
use super::node::Around;
use super::outline::Outline;
use super::prepared::are_finite;
use super::relate::Reference;
use super::site::{Point, side};
use crate::geometry::bbox::Bbox;
use crate::geometry::source::{GeometryKind, SourceGeometry, Step};

/// True if the geometry is valid. An empty one is.
pub fn is_valid(geometry: &SourceGeometry<'_>) -> bool {
    if !are_finite(geometry.xy) {
        return false;
    }
    let mut valid = true;
    let mut kind = geometry.kind;
    let mut depth = 0;
    let mut polygons: Vec<Vec<&[Point]>> = Vec::new();
    geometry.walk(&mut |step| match step {
        Step::Begin(member) => {
            kind = member;
            depth = 0;
        }
        Step::Open(_) => {
            depth += 1;
            let opens_polygon = matches!(
                (kind, depth),
                (GeometryKind::Polygon, 1) | (GeometryKind::MultiPolygon, 2)
            );
            if opens_polygon {
                polygons.push(Vec::new());
            }
        }
        Step::Close => depth -= 1,
        Step::Vertices { start, end } => {
            let xy = geometry.xy.get(start..end).unwrap_or_default();
            match (kind.dimension(), polygons.last_mut()) {
                (Some(1), _) => valid &= xy.is_empty() || xy.iter().any(|p| *p != xy[0]),
                (Some(2), Some(polygon)) if !xy.is_empty() => polygon.push(xy),
                _ => {}
            }
        }
        Step::End => {
            valid = valid && are_valid(&polygons);
            polygons.clear();
        }
    });
    valid
}

/// One ring or polygon as a geometry of its own.
struct Area(Reference);

impl Area {
    fn new(rings: &[&[Point]]) -> Self {
        let mut counts = vec![rings.len() as u32];
        counts.extend(rings.iter().map(|ring| ring.len() as u32));
        let xy = rings.concat();
        Self(Reference::new(outline(GeometryKind::Polygon, &counts, &xy)))
    }

    fn bbox(&self) -> &Bbox {
        &self.0.outline.bbox
    }

    /// True if `wrong` is true of the matrix with `other`, or if they share a stretch of their borders.
    fn clashes(&self, other: &Self, around: &mut Around, wrong: impl Fn(&Matrix) -> bool) -> bool {
        let along = |m: &Matrix| m.get(Location::Boundary, Location::Boundary) == 1;
        let mut m = Matrix::APART;
        let settled = |m: &Matrix| (along(m) || wrong(m)).then_some(true);
        other
            .0
            .compare(&self.0.outline, around, &mut m, settled)
            .is_some()
    }
}

fn outline(kind: GeometryKind, counts: &[u32], xy: &[Point]) -> Outline {
    let geometry = SourceGeometry {
        kind,
        counts,
        xy,
        z: &[],
        m: &[],
    };
    Outline::new(&geometry, xy)
}

fn are_valid(polygons: &[Vec<&[Point]>]) -> bool {
    let mut around = Around::default();
    let one_by_one = polygons
        .iter()
        .all(|rings| is_valid_polygon(rings, &mut around));
    if !one_by_one || polygons.len() < 2 {
        return one_by_one;
    }
    let areas: Vec<Area> = polygons.iter().map(|rings| Area::new(rings)).collect();
    are_apart(&areas, &mut around)
}

/// True if no two have an interior point or a stretch of their borders in common.
fn are_apart(areas: &[Area], around: &mut Around) -> bool {
    let mut by_bottom: Vec<&Area> = areas.iter().collect();
    by_bottom.sort_by(|a, b| a.bbox().min[1].total_cmp(&b.bbox().min[1]));
    by_bottom.iter().enumerate().all(|(i, a)| {
        let near = by_bottom[i + 1..]
            .iter()
            .take_while(|b| b.bbox().min[1] <= a.bbox().max[1]);
        near.filter(|b| a.bbox().intersects(b.bbox())).all(|b| {
            !a.clashes(b, around, |m| {
                m.get(Location::Interior, Location::Interior) >= 0
            })
        })
    })
}

fn is_valid_polygon(rings: &[&[Point]], around: &mut Around) -> bool {
    if !rings.iter().all(|ring| is_simple(ring)) {
        return false;
    }
    let areas: Vec<Area> = rings.iter().map(|ring| Area::new(&[ring])).collect();
    let Some((shell, holes)) = areas.split_first() else {
        return true;
    };
    let sticks_out = |m: &Matrix| m.get(Location::Interior, Location::Exterior) >= 0;
    holes
        .iter()
        .all(|hole| !hole.clashes(shell, around, sticks_out))
        && are_apart(holes, around)
        && is_in_one_piece(rings)
}

/// Vertices without repetitions, the last not the first.
fn distinct(ring: &[Point]) -> Vec<Point> {
    let mut ring = ring.to_vec();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// True if a ring has an area and does not meet itself.
fn is_simple(ring: &[Point]) -> bool {
    let vertices = distinct(ring);
    let mut sorted = vertices.clone();
    sorted.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    if vertices.len() < 3 || sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return false;
    }
    let outline = &Area::new(&[&vertices]).0.outline;
    // A ring without an area has become a line.
    outline.polygons == 1
        && outline.edges.iter().all(|edge| {
            let bbox = Bbox::around(&[edge.a, edge.b]);
            !outline.edges_in(&bbox, |other| {
                let sides = |p, q, a, b| side(p, q, a) * side(p, q, b);
                let meet = sides(edge.a, edge.b, other.a, other.b) <= 0
                    && sides(other.a, other.b, edge.a, edge.b) <= 0;
                let is_itself = edge.a == other.a && edge.b == other.b;
                meet && !is_itself
                    && !follow(edge.a, edge.b, other.b, other.a)
                    && !follow(other.a, other.b, edge.b, edge.a)
            })
        })
}

/// True if the edge from `a` to `b` is followed by one from `other_a` to `other_b` that does not turn back onto it.
fn follow(a: Point, b: Point, other_b: Point, other_a: Point) -> bool {
    let back = (0..2).any(|axis| (b[axis] - a[axis]) * (other_b[axis] - other_a[axis]) < 0.0);
    b == other_a && (side(a, b, other_b) != 0 || !back)
}

/// True if the rings, which are known to touch each other in points only, do not cut the interior in pieces: going from ring to ring by
/// the points in which they touch never leads around in a circle.
fn is_in_one_piece(rings: &[&[Point]]) -> bool {
    if rings.len() < 2 {
        return true;
    }
    // Each ring as a polygon: the owners of edges are the rings.
    let mut counts = vec![rings.len() as u32];
    counts.extend(rings.iter().flat_map(|ring| [1, ring.len() as u32]));
    let all = outline(GeometryKind::MultiPolygon, &counts, &rings.concat());
    let mut touches: Vec<(Point, u32)> = Vec::new();
    // A touch is a vertex of one of the two.
    for vertex in &all.edges {
        let [x, y] = vertex.a;
        all.edges_between(y, y, |edge| {
            let holds = |axis: usize, v: f64| edge.low(axis) <= v && v <= edge.high(axis);
            if edge.owner != vertex.owner
                && holds(0, x)
                && holds(1, y)
                && side(edge.a, edge.b, [x, y]) == 0
            {
                // Zeros of either sign are one place.
                let place = [x + 0.0, y + 0.0];
                touches.extend([(place, vertex.owner), (place, edge.owner)]);
            }
            false
        });
    }
    let order = |(p, i): &(Point, u32), (q, j): &(Point, u32)| {
        p[0].total_cmp(&q[0])
            .then(p[1].total_cmp(&q[1]))
            .then(i.cmp(j))
    };
    touches.sort_unstable_by(order);
    touches.dedup();
    let mut leader: Vec<u32> = (0..rings.len() as u32).collect();
    touches.chunk_by(|a, b| a.0 == b.0).all(|group| {
        let hub = group[0].1;
        group[1..].iter().all(|(_, ring)| {
            let (a, b) = (find(&mut leader, hub), find(&mut leader, *ring));
            leader[b as usize] = a;
            a != b
        })
    })
}

fn find(leader: &mut [u32], mut ring: u32) -> u32 {
    while leader[ring as usize] != ring {
        leader[ring as usize] = leader[leader[ring as usize] as usize];
        ring = leader[ring as usize];
    }
    ring
}
