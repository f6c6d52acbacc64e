//! A geometry as its edges and points, in the plane of some frame, with an index of the edges.
//!
//! What it says about the points of the plane: a polygon holds the points around which its rings wind an odd number of times, and all
//! points of its rings; members of collections are taken together. Heights are not looked at. Members without the extent of their kind are
//! what they look like: a line of one place is a point, a polygon whose vertices lie on one line is that line.

use super::site::{Point, side};
use crate::geometry::bbox::Bbox;
use crate::geometry::source::{GeometryKind, SourceGeometry, Step};

/// The owner of edges that belong to lines; edges of polygons are owned by the polygon's number.
pub(super) const LINE: u32 = u32::MAX;
/// Outlines of fewer edges are searched from end to end.
const FEW_EDGES: usize = 24;
/// Entries of the index per edge, at most: long edges stand in many slabs.
const ENTRIES_PER_EDGE: usize = 6;

/// A straight edge from `a` to another place `b`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) a: Point,
    pub(super) b: Point,
    pub(super) owner: u32,
}

impl Edge {
    pub(super) fn low(&self, axis: usize) -> f64 {
        self.a[axis].min(self.b[axis])
    }

    pub(super) fn high(&self, axis: usize) -> f64 {
        self.a[axis].max(self.b[axis])
    }

    fn reaches(&self, bbox: &Bbox) -> bool {
        (0..2).all(|i| self.low(i) <= bbox.max[i] && bbox.min[i] <= self.high(i))
    }
}

/// See the module's documentation. To be filled by [`Outline::load`], again and again.
#[derive(Debug)]
pub(super) struct Outline {
    /// Points of dimension 0, sorted by y, then x.
    pub(super) points: Vec<Point>,
    /// Edges of rings and lines. Each vertex is the first of an edge, or one of `tails`.
    pub(super) edges: Vec<Edge>,
    /// Last vertices of lines.
    pub(super) tails: Vec<Point>,
    /// A vertex of each ring and line, sorted by y.
    pub(super) firsts: Vec<Point>,
    /// The boundary of the lines: places in which an odd number of lines end (06-103r4 §6.1.8.1). Sorted by y, then x.
    pub(super) ends: Vec<Point>,
    /// Number of polygons.
    pub(super) polygons: u32,
    /// The box around all of it.
    pub(super) bbox: Bbox,
    slabs: Slabs,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            edges: Vec::new(),
            tails: Vec::new(),
            firsts: Vec::new(),
            ends: Vec::new(),
            polygons: 0,
            bbox: Bbox::EMPTY,
            slabs: Slabs::default(),
        }
    }
}

/// Edges by the horizontal slabs of the box that they reach into.
#[derive(Debug, Default)]
struct Slabs {
    bottom: f64,
    /// Slabs per unit of y.
    per_unit: f64,
    /// One past the last entry of each slab; empty if there is no index.
    slab_end: Vec<u32>,
    entries: Vec<u32>,
}

impl Slabs {
    fn slab(&self, y: f64) -> usize {
        // The cast of a negative number gives 0.
        (((y - self.bottom) * self.per_unit) as usize).min(self.slab_end.len() - 1)
    }

    fn build(&mut self, edges: &[Edge], bbox: &Bbox) {
        self.slab_end.clear();
        self.entries.clear();
        let height = bbox.max[1] - bbox.min[1];
        if edges.len() < FEW_EDGES || height <= 0.0 {
            return;
        }
        self.bottom = bbox.min[1];
        let mut count = edges.len();
        while count > 1 {
            self.per_unit = count as f64 / height;
            if !self.per_unit.is_finite() {
                break;
            }
            self.slab_end.resize(count, 0);
            let all: usize = edges
                .iter()
                .map(|e| self.slabs_of(e))
                .map(|s| 1 + s.end() - s.start())
                .sum();
            if all <= ENTRIES_PER_EDGE * edges.len() {
                return self.fill(edges);
            }
            self.slab_end.clear();
            count /= 2;
        }
    }

    fn slabs_of(&self, edge: &Edge) -> std::ops::RangeInclusive<usize> {
        self.slab(edge.low(1))..=self.slab(edge.high(1))
    }

    fn fill(&mut self, edges: &[Edge]) {
        for edge in edges {
            for slab in self.slabs_of(edge) {
                self.slab_end[slab] += 1;
            }
        }
        let mut end = 0;
        for slab in &mut self.slab_end {
            // For now where the slab starts; moved on to its end by the entries.
            end += std::mem::replace(slab, end);
        }
        self.entries.resize(end as usize, 0);
        for (number, edge) in edges.iter().enumerate() {
            for slab in self.slabs_of(edge) {
                self.entries[self.slab_end[slab] as usize] = number as u32;
                self.slab_end[slab] += 1;
            }
        }
    }
}

fn by_y(a: &Point, b: &Point) -> std::cmp::Ordering {
    a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0]))
}

/// Those of `sorted` (by y) whose y lies in the range.
fn in_range(sorted: &[Point], low: f64, high: f64) -> &[Point] {
    let start = sorted.partition_point(|p| p[1] < low);
    let count = sorted[start..].partition_point(|p| p[1] <= high);
    &sorted[start..start + count]
}

impl Outline {
    /// The outline of a geometry whose vertices, in the frame, are `xy`. They must be finite.
    pub(super) fn new(geometry: &SourceGeometry<'_>, xy: &[Point]) -> Self {
        let mut outline = Self::default();
        outline.load(geometry, xy);
        outline
    }

    /// Becomes the outline of a geometry whose vertices, in the frame, are `xy`. They must be finite.
    pub(super) fn load(&mut self, geometry: &SourceGeometry<'_>, xy: &[Point]) {
        self.points.clear();
        self.edges.clear();
        self.tails.clear();
        self.firsts.clear();
        self.ends.clear();
        self.polygons = 0;
        self.bbox = Bbox::around(xy);
        Loader {
            outline: self,
            xy,
            kind: geometry.kind,
            depth: 0,
            rings: Vec::new(),
        }
        .load(geometry);
        self.points.sort_unstable_by(by_y);
        self.firsts.sort_unstable_by(by_y);
        self.keep_odd_ends();
        self.slabs.build(&self.edges, &self.bbox);
    }

    fn keep_odd_ends(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        // Zeros of either sign are one place.
        let zeroed = |p: &Point| p.map(|v| v + 0.0);
        self.ends
            .sort_unstable_by(|a, b| by_y(&zeroed(a), &zeroed(b)));
        let odd = self
            .ends
            .chunk_by(|a, b| a == b)
            .filter(|same| same.len() % 2 == 1);
        self.ends = odd.map(|same| same[0]).collect();
    }

    #[cfg(test)]
    pub(super) fn without_index(mut self) -> Self {
        self.slabs = Slabs::default();
        self
    }

    #[cfg(test)]
    pub(super) fn has_index(&self) -> bool {
        !self.slabs.slab_end.is_empty()
    }

    /// 0, 1 or 2; `None` if it is empty.
    pub(super) fn dimension(&self) -> Option<u8> {
        if self.polygons > 0 {
            Some(2)
        } else if !self.edges.is_empty() {
            Some(1)
        } else {
            (!self.points.is_empty()).then_some(0)
        }
    }

    /// Every vertex, some of them more than once.
    pub(super) fn vertices(&self) -> impl Iterator<Item = Point> + '_ {
        let starts = self.edges.iter().map(|e| e.a);
        starts
            .chain(self.tails.iter().copied())
            .chain(self.points.iter().copied())
    }

    /// Visits the edges that reach into a range of y, each once, and maybe others, until `visit` gives `true`. True if it did.
    pub(super) fn edges_between(
        &self,
        low: f64,
        high: f64,
        mut visit: impl FnMut(&Edge) -> bool,
    ) -> bool {
        if self.slabs.slab_end.is_empty() {
            return self.edges.iter().any(visit);
        }
        let (first, last) = (self.slabs.slab(low), self.slabs.slab(high));
        let start_of = |slab: usize| {
            if slab == 0 {
                0
            } else {
                self.slabs.slab_end[slab - 1] as usize
            }
        };
        for slab in first..=last {
            for number in &self.slabs.entries[start_of(slab)..self.slabs.slab_end[slab] as usize] {
                let edge = &self.edges[*number as usize];
                // Edges in several slabs are visited in the first of them that is looked at.
                if (slab == first || self.slabs.slab(edge.low(1)) == slab) && visit(edge) {
                    return true;
                }
            }
        }
        false
    }

    /// Visits the edges whose boxes meet `bbox`, until `visit` gives `true`. True if it did.
    pub(super) fn edges_in(&self, bbox: &Bbox, mut visit: impl FnMut(&Edge) -> bool) -> bool {
        self.edges_between(bbox.min[1], bbox.max[1], |edge| {
            edge.reaches(bbox) && visit(edge)
        })
    }

    /// Those points of dimension 0 whose y lies in the range.
    pub(super) fn points_between(&self, low: f64, high: f64) -> &[Point] {
        in_range(&self.points, low, high)
    }

    /// Those first vertices of rings and lines whose y lies in the range.
    pub(super) fn firsts_between(&self, low: f64, high: f64) -> &[Point] {
        in_range(&self.firsts, low, high)
    }

    /// Those points of the lines' boundary whose y lies in the range.
    pub(super) fn ends_between(&self, low: f64, high: f64) -> &[Point] {
        in_range(&self.ends, low, high)
    }
}

/// Reads a geometry into an outline.
struct Loader<'a> {
    outline: &'a mut Outline,
    xy: &'a [Point],
    kind: GeometryKind,
    depth: u32,
    /// Vertices of the rings of the polygon being read.
    rings: Vec<std::ops::Range<usize>>,
}

impl Loader<'_> {
    fn load(&mut self, geometry: &SourceGeometry<'_>) {
        geometry.walk(&mut |step| match step {
            Step::Begin(kind) => {
                self.kind = kind;
                self.depth = 0;
            }
            Step::Open(_) => self.depth += 1,
            Step::Close => {
                self.depth = self.depth.saturating_sub(1);
                let outside = match self.kind {
                    GeometryKind::Polygon => 0,
                    GeometryKind::MultiPolygon => 1,
                    _ => return,
                };
                if self.depth == outside {
                    self.polygon();
                }
            }
            // A broken structure may tell of more vertices than there are.
            Step::Vertices { start, end } => self.path(start, end.min(self.xy.len())),
            Step::End => {}
        });
    }

    fn path(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        match self.kind.dimension() {
            Some(0) => self.outline.points.extend_from_slice(&self.xy[start..end]),
            Some(1) => self.line(start, end),
            _ => self.rings.push(start..end),
        }
    }

    fn edge(&mut self, a: Point, b: Point, owner: u32) -> bool {
        if a != b {
            self.outline.edges.push(Edge { a, b, owner });
        }
        a != b
    }

    fn line(&mut self, start: usize, end: usize) {
        let xy = &self.xy[start..end];
        let mut long = false;
        for pair in xy.windows(2) {
            long |= self.edge(pair[0], pair[1], LINE);
        }
        let (first, last) = (xy[0], xy[xy.len() - 1]);
        if !long {
            self.outline.points.push(first);
            return;
        }
        self.outline.firsts.push(first);
        self.outline.tails.push(last);
        if first != last {
            self.outline.ends.extend([first, last]);
        }
    }

    fn polygon(&mut self) {
        let rings = std::mem::take(&mut self.rings);
        if !rings.is_empty() && !self.flat(&rings) {
            let owner = self.outline.polygons;
            self.outline.polygons += 1;
            for ring in &rings {
                self.ring(ring.clone(), owner);
            }
        }
        self.rings = rings;
        self.rings.clear();
    }

    fn ring(&mut self, ring: std::ops::Range<usize>, owner: u32) {
        let xy = &self.xy[ring];
        let mut long = false;
        for pair in xy.windows(2) {
            long |= self.edge(pair[0], pair[1], owner);
        }
        // Closed whether or not the first vertex is repeated.
        long |= self.edge(xy[xy.len() - 1], xy[0], owner);
        if long {
            self.outline.firsts.push(xy[0]);
        }
    }

    /// Takes a polygon whose vertices lie on one line as that line. False if it is none.
    fn flat(&mut self, rings: &[std::ops::Range<usize>]) -> bool {
        let vertices = || {
            rings
                .iter()
                .flat_map(|ring| self.xy[ring.clone()].iter().copied())
        };
        let Some(first) = vertices().next() else {
            return true;
        };
        let Some(second) = vertices().find(|p| *p != first) else {
            self.outline.points.push(first);
            return true;
        };
        if vertices().any(|p| side(first, second, p) != 0) {
            return false;
        }
        let order = |a: &Point, b: &Point| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]));
        let (low, high) = (vertices().min_by(order), vertices().max_by(order));
        if let (Some(low), Some(high)) = (low, high)
            && self.edge(low, high, LINE)
        {
            self.outline.firsts.push(low);
            self.outline.tails.push(high);
            self.outline.ends.extend([low, high]);
        }
        true
    }
}
