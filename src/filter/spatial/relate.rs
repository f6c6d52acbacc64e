//! How two outlines relate: by the places where that can change, which are their vertices and the crossings of their edges.

use std::sync::OnceLock;

use super::matrix::{Location, Matrix, Relation};
use super::node::Around;
use super::outline::{LINE, Outline};
use super::site::{Crossing, Point, Site};
use crate::filter::ast::SpatialOp;
use crate::geometry::bbox::Bbox;

/// An outline that others are compared with, and what is found out about it once.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) outline: Outline,
    known: OnceLock<Known>,
}

/// What the comparison needs to know of an outline on its own.
#[derive(Debug)]
struct Known {
    /// Vertices by y, each with the dimensions of the interior and the boundary around it.
    vertices: Vec<(Point, [i8; 2])>,
    /// Crossings of edges of different members.
    crossings: Vec<Crossing>,
    /// The greatest of those dimensions.
    most: [i8; 2],
}

impl Known {
    fn of(outline: &Outline, around: &mut Around) -> Self {
        let nothing = Outline::default();
        let mut vertices: Vec<(Point, [i8; 2])> = Vec::with_capacity(outline.edges.len());
        for vertex in outline.vertices() {
            let mut alone = Matrix::APART;
            around.look(&vertex, [&nothing, outline], &mut alone);
            vertices.push((vertex, dimensions(&alone)));
        }
        vertices.sort_unstable_by(|(p, _), (q, _)| p[1].total_cmp(&q[1]));
        let most = vertices.iter().fold([-1; 2], |most: [i8; 2], (_, d)| {
            [most[0].max(d[0]), most[1].max(d[1])]
        });
        let mut crossings = Vec::new();
        own_crossings(outline, |crossing| crossings.push(crossing));
        Self {
            vertices,
            crossings,
            most,
        }
    }
}

/// Dimensions of the interior and boundary of the second geometry outside of the first.
fn dimensions(m: &Matrix) -> [i8; 2] {
    [Location::Interior, Location::Boundary].map(|at| m.get(Location::Exterior, at))
}

/// Crossings of edges of different members: inside of a collection, polygons and lines may lie over each other.
fn own_crossings(outline: &Outline, mut found: impl FnMut(Crossing)) {
    let lines = outline.edges.iter().any(|e| e.owner == LINE);
    if outline.polygons + u32::from(lines) < 2 {
        return;
    }
    for edge in &outline.edges {
        outline.edges_in(&Bbox::around(&[edge.a, edge.b]), |other| {
            // Each pair once; lines come last, as they have no number.
            if other.owner < edge.owner
                && let Some(crossing) = Crossing::of([edge.a, edge.b], [other.a, other.b])
            {
                found(crossing);
            }
            false
        });
    }
}

/// What a crossing of two edges, each of a line (1) or of a polygon (2), can add to a matrix at most.
fn most_of_crossing(owners: [u32; 2]) -> Matrix {
    Matrix(match owners.map(|owner| owner == LINE) {
        [true, true] => [[0, -1, 1], [-1, -1, -1], [1, -1, 2]],
        [true, false] => [[1, 0, 1], [-1, -1, -1], [2, 1, 2]],
        [false, true] => [[1, -1, 2], [0, -1, 1], [1, -1, 2]],
        [false, false] => [[2, 1, 2], [1, 0, 1], [2, 1, 2]],
    })
}

impl Reference {
    pub(super) fn new(outline: Outline) -> Self {
        Self {
            outline,
            known: OnceLock::new(),
        }
    }

    /// Whether `op` holds of the pair (`first`, this outline).
    pub(super) fn holds(&self, op: SpatialOp, first: &Outline, around: &mut Around) -> bool {
        let (Some(a), Some(b)) = (first.dimension(), self.outline.dimension()) else {
            let both = first.dimension() == self.outline.dimension();
            return Relation::of_empty(op, both);
        };
        match op {
            SpatialOp::Intersects => return self.meets(first, around),
            SpatialOp::Disjoint => return !self.meets(first, around),
            _ => {}
        }
        let relation = Relation {
            op,
            dimensions: [a, b],
        };
        let mut matrix = Matrix::APART;
        let settled = self.compare(first, around, &mut matrix, |m| relation.settled(m));
        settled.unwrap_or_else(|| relation.holds(&matrix))
    }

    /// The whole matrix of (`first`, this outline).
    #[cfg(test)]
    pub(super) fn matrix(&self, first: &Outline) -> Matrix {
        let mut matrix = Matrix::APART;
        self.compare(first, &mut Around::default(), &mut matrix, |_| None);
        matrix
    }

    /// Fills in the matrix until it is settled.
    pub(super) fn compare(
        &self,
        first: &Outline,
        around: &mut Around,
        matrix: &mut Matrix,
        settled: impl Fn(&Matrix) -> Option<bool>,
    ) -> Option<bool> {
        let known = self.known.get_or_init(|| Known::of(&self.outline, around));
        let both = [first, &self.outline];
        settled(matrix).or_else(|| {
            first_vertices(both, around, matrix, &settled)
                .or_else(|| known.second_vertices(both, around, matrix, &settled))
                .or_else(|| crossings(both, around, matrix, &settled))
                .or_else(|| known.inner_crossings(both, around, matrix, &settled))
        })
    }

    /// True if the outlines share a point.
    fn meets(&self, first: &Outline, around: &mut Around) -> bool {
        let second = &self.outline;
        if !first.bbox.intersects(&second.bbox) {
            return false;
        }
        let touch = first.edges.iter().any(|edge| {
            let bbox = Bbox::around(&[edge.a, edge.b]);
            bbox.intersects(&second.bbox)
                && second.edges_in(&bbox, |other| {
                    segments_meet(edge.a, edge.b, other.a, other.b)
                })
        });
        // Where no edges meet, each ring or line lies wholly inside or wholly outside.
        touch
            || first.points.iter().any(|p| around.is_covered(p, second))
            || first.firsts.iter().any(|p| around.is_inside(p, second))
            || within(
                second.points_between(first.bbox.min[1], first.bbox.max[1]),
                &first.bbox,
            )
            .any(|p| around.is_covered(p, first))
            || within(
                second.firsts_between(first.bbox.min[1], first.bbox.max[1]),
                &first.bbox,
            )
            .any(|p| around.is_inside(p, first))
    }
}

fn within<'a>(points: &'a [Point], bbox: &'a Bbox) -> impl Iterator<Item = &'a Point> {
    points.iter().filter(|p| bbox.contains(**p))
}

/// True if two edges, whose boxes meet, share a point.
fn segments_meet(a: Point, b: Point, c: Point, d: Point) -> bool {
    a.side(c, d) * b.side(c, d) <= 0 && c.side(a, b) * d.side(a, b) <= 0
}

type Settled<'a> = &'a dyn Fn(&Matrix) -> Option<bool>;

fn first_vertices(
    both: [&Outline; 2],
    around: &mut Around,
    m: &mut Matrix,
    settled: Settled<'_>,
) -> Option<bool> {
    let [first, second] = both;
    // What lies outside of the other can tell no more than this.
    let most = match first.dimension() {
        Some(2) => [2, 1],
        Some(1) => [1, if first.ends.is_empty() { -1 } else { 0 }],
        _ => [0, -1],
    };
    for vertex in first.vertices() {
        let outside =
            [Location::Interior, Location::Boundary].map(|at| m.get(at, Location::Exterior));
        if outside == most && !second.bbox.contains(vertex) {
            continue;
        }
        around.look(&vertex, both, m);
        if let Some(answer) = settled(m) {
            return Some(answer);
        }
    }
    None
}

impl Known {
    fn second_vertices(
        &self,
        both: [&Outline; 2],
        around: &mut Around,
        m: &mut Matrix,
        settled: Settled<'_>,
    ) -> Option<bool> {
        let bbox = &both[0].bbox;
        let start = self.vertices.partition_point(|(p, _)| p[1] < bbox.min[1]);
        let end = self
            .vertices
            .partition_point(|(p, _)| p[1] <= bbox.max[1])
            .max(start);
        let (level, above) = self.vertices[start..].split_at(end - start);
        let beside = level.iter().filter(|(p, _)| !bbox.contains(*p));
        for (_, [interior, boundary]) in self.vertices[..start].iter().chain(above).chain(beside) {
            if dimensions(m) == self.most {
                break;
            }
            m.raise(Location::Exterior, Location::Interior, *interior);
            m.raise(Location::Exterior, Location::Boundary, *boundary);
        }
        if let Some(answer) = settled(m) {
            return Some(answer);
        }
        for (vertex, _) in level.iter().filter(|(p, _)| bbox.contains(*p)) {
            around.look(vertex, both, m);
            if let Some(answer) = settled(m) {
                return Some(answer);
            }
        }
        None
    }

    /// Places where edges of one of the outlines cross each other.
    fn inner_crossings(
        &self,
        both: [&Outline; 2],
        around: &mut Around,
        m: &mut Matrix,
        settled: Settled<'_>,
    ) -> Option<bool> {
        own_crossings(both[0], |crossing| around.look(&crossing, both, m));
        for crossing in &self.crossings {
            around.look(crossing, both, m);
        }
        settled(m)
    }
}

fn crossings(
    both: [&Outline; 2],
    around: &mut Around,
    m: &mut Matrix,
    settled: Settled<'_>,
) -> Option<bool> {
    let [first, second] = both;
    let mut answer = None;
    for edge in &first.edges {
        let bbox = Bbox::around(&[edge.a, edge.b]);
        if !bbox.intersects(&second.bbox) {
            continue;
        }
        second.edges_in(&bbox, |other| {
            if m.covers(&most_of_crossing([edge.owner, other.owner])) {
                return false;
            }
            if let Some(crossing) = Crossing::of([edge.a, edge.b], [other.a, other.b]) {
                around.look(&crossing, both, m);
                answer = settled(m);
            }
            answer.is_some()
        });
        if answer.is_some() {
            return answer;
        }
    }
    None
}
