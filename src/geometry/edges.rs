//! The edges of a set of rings under a tree of boxes, in the order in which they are drawn: neighbours along a ring are
//! neighbours on the ground, so the tree is good without any sorting.

use std::ops::Range;

use super::grid::{GridBox, GridPoint};

/// Children per node of the tree.
const FANOUT: usize = 4;

/// A set of closed rings as flat edges, reusable.
#[derive(Debug, Default)]
pub struct Edges {
    /// Edge `e` starts in vertex `e`: this is where it ends.
    to: Vec<u32>,
    /// The ring of each edge.
    ring: Vec<u32>,
    /// First vertex of each ring, and one past the last of all.
    starts: Vec<u32>,
    /// Boxes of the edges, then of groups of [`FANOUT`] of the level below, and so on up to one.
    boxes: Vec<GridBox>,
    levels: Vec<Range<usize>>,
    stack: Vec<(u8, u32, u32)>,
}

/// The work allowed was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetSpent;

impl Edges {
    /// Takes in rings: `ends` are the ends of the rings in `xy`, one past the last vertex, first point not repeated.
    pub fn load(&mut self, xy: &[GridPoint], ends: &[u32]) {
        self.to.clear();
        self.ring.clear();
        self.starts.clear();
        self.boxes.clear();
        self.levels.clear();
        let mut start = 0;
        for (ring, &end) in ends.iter().enumerate() {
            self.starts.push(start);
            for v in start..end {
                let to = if v + 1 == end { start } else { v + 1 };
                self.to.push(to);
                self.ring.push(ring as u32);
                self.boxes
                    .push(segment_box(xy[v as usize], xy[to as usize]));
            }
            start = end;
        }
        self.starts.push(start);
        let mut level = 0..self.boxes.len();
        self.levels.push(level.clone());
        while level.len() > 1 {
            let first = self.boxes.len();
            for group in level.clone().step_by(FANOUT) {
                let members = group..(group + FANOUT).min(level.end);
                let around = self.boxes[members]
                    .iter()
                    .fold(GridBox::EMPTY, GridBox::union);
                self.boxes.push(around);
            }
            level = first..self.boxes.len();
            self.levels.push(level.clone());
        }
    }

    /// Number of rings.
    pub fn rings(&self) -> usize {
        self.starts.len() - 1
    }

    /// The edges, hence the vertices, of a ring.
    pub fn of_ring(&self, ring: usize) -> Range<u32> {
        self.starts[ring]..self.starts[ring + 1]
    }

    /// The ring of an edge.
    pub fn ring_of(&self, edge: u32) -> u32 {
        self.ring[edge as usize]
    }

    /// The vertex in which an edge ends.
    pub fn end_of(&self, edge: u32) -> u32 {
        self.to[edge as usize]
    }

    /// The vertex before a vertex of the same ring.
    pub fn before(&self, vertex: u32) -> u32 {
        let ring = self.of_ring(self.ring_of(vertex) as usize);
        if vertex == ring.start {
            ring.end - 1
        } else {
            vertex - 1
        }
    }

    /// Calls `visit` on each pair of different edges whose boxes meet, until it says `false`. At most `budget` pairs of boxes are
    /// compared.
    pub fn pairs(
        &mut self,
        budget: u64,
        mut visit: impl FnMut(&Self, u32, u32) -> bool,
    ) -> Result<(), BudgetSpent> {
        let mut left = budget;
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        stack.push((self.levels.len() as u8 - 1, 0, 0));
        let mut outcome = Ok(());
        while let Some((level, i, j)) = stack.pop() {
            let Some(rest) = left.checked_sub(1) else {
                outcome = Err(BudgetSpent);
                break;
            };
            left = rest;
            if level == 0 {
                if i != j && !visit(self, i, j) {
                    break;
                }
                continue;
            }
            let below = &self.boxes[self.levels[usize::from(level) - 1].clone()];
            let children =
                |k: u32| k as usize * FANOUT..((k as usize + 1) * FANOUT).min(below.len());
            for a in children(i) {
                let others = if i == j {
                    a..children(j).end
                } else {
                    children(j)
                };
                for b in others {
                    if below[a].intersects(&below[b]) {
                        stack.push((level - 1, a as u32, b as u32));
                    }
                }
            }
        }
        self.stack = stack;
        outcome
    }

    /// Calls `visit` on each edge whose box meets `window`, until it says `false`. At most `budget` boxes are
    /// looked at, and the number left is returned.
    pub fn within(
        &mut self,
        window: &GridBox,
        budget: u64,
        mut visit: impl FnMut(&Self, u32) -> bool,
    ) -> Result<u64, BudgetSpent> {
        let mut left = budget;
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        stack.push((self.levels.len() as u8 - 1, 0, 0));
        let mut outcome = Ok(());
        while let Some((level, i, _)) = stack.pop() {
            let Some(rest) = left.checked_sub(1) else {
                outcome = Err(BudgetSpent);
                break;
            };
            left = rest;
            let boxes = &self.boxes[self.levels[usize::from(level)].clone()];
            if !boxes[i as usize].intersects(window) {
                continue;
            }
            if level == 0 {
                if !visit(self, i) {
                    break;
                }
                continue;
            }
            let below = self.levels[usize::from(level) - 1].len();
            let children = i as usize * FANOUT..((i as usize + 1) * FANOUT).min(below);
            stack.extend(children.map(|c| (level - 1, c as u32, 0)));
        }
        self.stack = stack;
        outcome.map(|()| left)
    }
}

/// The box of a segment.
pub fn segment_box(a: GridPoint, b: GridPoint) -> GridBox {
    GridBox {
        min: [a[0].min(b[0]), a[1].min(b[1])],
        max: [a[0].max(b[0]), a[1].max(b[1])],
    }
}
