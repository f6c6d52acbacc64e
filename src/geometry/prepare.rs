//! From the paths of one feature, projected to the world grid, to paths that tiles and predicates can rely on: no point twice in a
//! row, rings open, turned by their role and valid together, an importance for each vertex.
//!
//! A feature never vanishes: where a shape has no extent left on the grid (2 cm), a line or a point stands for it. Whatever had to be
//! mended is told by [`Repairs`]. What is judged is the shape *on the grid*.

mod code;

pub use code::{RepairCode, Repairs};

use super::grid::GridPoint;
use super::importance::{ALWAYS, Importance};
use super::orient::{Role, orient};
use super::paths::{GridPaths, PathKind};
use super::predicates::{is_flat, ring_area};
use super::repair::{Outcome, Repair};
use super::validity::{Fault, Validity};

/// The prepared paths of a feature, borrowed from a [`Prepare`] until the next feature.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<'a> {
    /// Vertices, path after path.
    pub xy: &'a [GridPoint],
    /// One byte per vertex ([`super::importance`]), [`ALWAYS`] for points.
    pub importance: &'a [u8],
    /// One past the last vertex of each path.
    pub ends: &'a [u32],
    /// The number of the [`PathKind`] of each path.
    pub kinds: &'a [u8],
    /// What had to be mended.
    pub repairs: Repairs,
}

impl<'a> Prepared<'a> {
    /// The paths.
    pub fn paths(&self) -> GridPaths<'a> {
        GridPaths::mixed(self.kinds, self.xy, self.importance, self.ends, 0)
    }

    /// The one kind of all paths, `None` if they differ or there are none.
    pub fn kind(&self) -> Option<PathKind> {
        let first = *self.kinds.first()?;
        let same = self.kinds.iter().all(|k| *k == first);
        if same {
            PathKind::from_number(first)
        } else {
            None
        }
    }
}

/// Prepares feature after feature with the same buffers: [`Prepare::begin`], [`Prepare::add`] for each path, [`Prepare::finish`].
#[derive(Debug, Default)]
pub struct Prepare {
    xy: Vec<GridPoint>,
    importance: Vec<u8>,
    ends: Vec<u32>,
    kinds: Vec<u8>,
    /// The rings, until they are known to be valid.
    ring_xy: Vec<GridPoint>,
    ring_ends: Vec<u32>,
    ring_is_hole: Vec<bool>,
    /// A line between two points, or one point twice, for the first path that had no extent.
    stand_in: Option<[GridPoint; 2]>,
    /// True after an exterior ring that was left out, whose holes go with it.
    skip_holes: bool,
    repairs: Repairs,
    validity: Validity,
    repair: Repair,
    weigh: Importance,
}

impl Prepare {
    /// Starts a feature.
    pub fn begin(&mut self) {
        self.xy.clear();
        self.importance.clear();
        self.ends.clear();
        self.kinds.clear();
        self.ring_xy.clear();
        self.ring_ends.clear();
        self.ring_is_hole.clear();
        self.stand_in = None;
        self.skip_holes = false;
        self.repairs = Repairs::default();
    }

    /// Adds a path in the order of the source: the rings of a polygon one after the other, exterior first, each ending with its first
    /// point again.
    pub fn add(
        &mut self,
        kind: PathKind,
        is_hole: bool,
        points: impl IntoIterator<Item = GridPoint>,
    ) {
        match kind {
            PathKind::Points => self.add_points(points),
            PathKind::Line => self.add_line(points),
            PathKind::Ring => self.add_ring(is_hole, points),
        }
    }

    /// Ends the feature.
    pub fn finish(&mut self) -> Prepared<'_> {
        if !self.ring_ends.is_empty() {
            self.finish_rings();
        }
        if self.ends.is_empty()
            && let Some([a, b]) = self.stand_in
        {
            self.xy.push(a);
            if a != b {
                self.xy.push(b);
            }
            self.importance.resize(self.xy.len(), ALWAYS);
            let kind = if a == b {
                PathKind::Points
            } else {
                PathKind::Line
            };
            self.close_path(kind);
        }
        Prepared {
            xy: &self.xy,
            importance: &self.importance,
            ends: &self.ends,
            kinds: &self.kinds,
            repairs: self.repairs,
        }
    }

    fn close_path(&mut self, kind: PathKind) {
        self.ends.push(self.xy.len() as u32);
        self.kinds.push(kind as u8);
    }

    fn add_points(&mut self, points: impl IntoIterator<Item = GridPoint>) {
        let start = self.xy.len();
        self.xy.extend(points);
        if self.xy.len() > start {
            self.importance.resize(self.xy.len(), ALWAYS);
            self.close_path(PathKind::Points);
        }
    }

    fn add_line(&mut self, points: impl IntoIterator<Item = GridPoint>) {
        let start = self.xy.len();
        extend_distinct(&mut self.xy, points);
        match self.xy.len() - start {
            0 => {}
            1 => {
                self.stand_in.get_or_insert([self.xy[start]; 2]);
                self.xy.truncate(start);
                self.repairs.insert(RepairCode::DegenerateLine);
            }
            _ => {
                self.weigh.line(&self.xy[start..], &mut self.importance);
                self.close_path(PathKind::Line);
            }
        }
    }

    fn add_ring(&mut self, is_hole: bool, points: impl IntoIterator<Item = GridPoint>) {
        let start = self.ring_xy.len();
        extend_distinct(&mut self.ring_xy, points);
        let ring = &self.ring_xy[start..];
        if ring.is_empty() {
            return;
        }
        if ring.len() > 1 && ring.first() == ring.last() {
            self.ring_xy.pop();
        } else if ring.len() > 1 {
            self.repairs.insert(RepairCode::UnclosedRing);
        }
        let orphan = is_hole && self.ring_ends.is_empty() && !self.skip_holes;
        if orphan {
            self.repairs.insert(RepairCode::MisplacedRing);
        }
        let is_hole = is_hole && !orphan;
        let ring = &mut self.ring_xy[start..];
        if (is_hole && self.skip_holes) || is_flat(ring) {
            if !is_hole {
                self.stand_in.get_or_insert(extremes(ring));
                self.skip_holes = true;
            }
            self.ring_xy.truncate(start);
            self.repairs.insert(RepairCode::DegenerateRing);
            return;
        }
        if !is_hole {
            self.skip_holes = false;
        }
        // RFC 7946 looks at the ring with y northward, where the same ring turns the other way.
        let role = if is_hole { Role::Hole } else { Role::Exterior };
        if !orient(ring, role) && ring_area(ring) != 0 {
            self.repairs.insert(RepairCode::WrongOrientation);
        }
        self.ring_ends.push(self.ring_xy.len() as u32);
        self.ring_is_hole.push(is_hole);
    }

    fn finish_rings(&mut self) {
        let fault = self.validity.check(&self.ring_xy, &self.ring_ends);
        if let Err(fault) = fault {
            self.repairs.insert(match fault {
                Fault::Degenerate | Fault::SelfIntersection => RepairCode::SelfIntersection,
                Fault::MisplacedRing => RepairCode::MisplacedRing,
                Fault::Intricate => RepairCode::Intricate,
            });
            let extremes = extremes(&self.ring_xy[..self.ring_ends[0] as usize]);
            let (xy, ends) = (&mut self.ring_xy, &mut self.ring_ends);
            let outcome = self
                .repair
                .rebuild(xy, ends, &self.ring_is_hole, &mut self.validity);
            match outcome {
                Outcome::Empty => {
                    self.stand_in.get_or_insert(extremes);
                    self.repairs.insert(RepairCode::DegenerateRing);
                }
                Outcome::Tangled => {
                    self.repairs.insert(RepairCode::Intricate);
                    self.finish_as_outlines();
                    return;
                }
                Outcome::Valid | Outcome::Untested => {}
            }
        }
        let mut start = 0;
        for &end in &self.ring_ends {
            let ring = &self.ring_xy[start..end as usize];
            self.weigh.ring(ring, &mut self.importance);
            self.xy.extend_from_slice(ring);
            self.ends.push(self.xy.len() as u32);
            self.kinds.push(PathKind::Ring as u8);
            start = end as usize;
        }
    }

    /// The rings as closed lines.
    fn finish_as_outlines(&mut self) {
        let mut start = 0;
        for &end in &self.ring_ends {
            let ring = &self.ring_xy[start..end as usize];
            start = end as usize;
            let from = self.xy.len();
            self.xy.extend_from_slice(ring);
            self.xy.push(ring[0]);
            self.weigh.line(&self.xy[from..], &mut self.importance);
            self.ends.push(self.xy.len() as u32);
            self.kinds.push(PathKind::Line as u8);
        }
    }
}

/// Appends the points, leaving out those equal to the one before.
fn extend_distinct(xy: &mut Vec<GridPoint>, points: impl IntoIterator<Item = GridPoint>) {
    let mut points = points.into_iter();
    let Some(first) = points.next() else {
        return;
    };
    xy.push(first);
    let mut last = first;
    for p in points {
        if p != last {
            xy.push(p);
            last = p;
        }
    }
}

/// The two points farthest apart in reading order: the ends, if all lie on one line.
fn extremes(xy: &[GridPoint]) -> [GridPoint; 2] {
    let first = xy.first().copied().unwrap_or_default();
    xy.iter()
        .fold([first; 2], |[a, b], p| [a.min(*p), b.max(*p)])
}

#[cfg(test)]
mod tests;
