//! Edges, and an index of them by height.

use super::site::Point;
use crate::geometry::bbox::Bbox;

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

    pub(super) fn reaches(&self, bbox: &Bbox) -> bool {
        (0..2).all(|i| self.low(i) <= bbox.max[i] && bbox.min[i] <= self.high(i))
    }
}

/// Edges by the horizontal slabs of the box that they reach into.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    bottom: f64,
    /// Slabs per unit of y.
    per_unit: f64,
    /// One past the last entry of each slab; empty if there is no index.
    slab_end: Vec<u32>,
    entries: Vec<u32>,
}

impl Slabs {
    /// True if there is an index.
    #[cfg(test)]
    pub(super) fn is_indexed(&self) -> bool {
        !self.slab_end.is_empty()
    }

    fn slab(&self, y: f64) -> usize {
        // The cast of a negative number gives 0.
        (((y - self.bottom) * self.per_unit) as usize).min(self.slab_end.len() - 1)
    }

    /// Becomes the index of these edges.
    pub(super) fn build(&mut self, edges: &[Edge], bbox: &Bbox) {
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

    /// Visits the edges that reach into a range of y, each once, and maybe others, until `visit` gives `true`. True if it did.
    pub(super) fn between(
        &self,
        edges: &[Edge],
        low: f64,
        high: f64,
        mut visit: impl FnMut(&Edge) -> bool,
    ) -> bool {
        if self.slab_end.is_empty() {
            return edges.iter().any(visit);
        }
        let (first, last) = (self.slab(low), self.slab(high));
        let start_of = |slab: usize| {
            if slab == 0 {
                0
            } else {
                self.slab_end[slab - 1] as usize
            }
        };
        for slab in first..=last {
            for number in &self.entries[start_of(slab)..self.slab_end[slab] as usize] {
                let edge = &edges[*number as usize];
                // Edges in several slabs are visited in the first of them that is looked at.
                if (slab == first || self.slab(edge.low(1)) == slab) && visit(edge) {
                    return true;
                }
            }
        }
        false
    }
}
