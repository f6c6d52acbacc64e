//! What is drawn of one row, in units of the tile.

use super::coord::{BUFFER, EXTENT};
use crate::geometry::grid::GridPoint;
use crate::geometry::repair::{Outcome, Repair};
use crate::geometry::validity::Validity;

/// Lines or rings, one after the other.
#[derive(Debug, Default)]
pub struct Paths {
    pub(super) xy: Vec<GridPoint>,
    ends: Vec<u32>,
}

impl Paths {
    fn clear(&mut self) {
        self.xy.clear();
        self.ends.clear();
    }

    /// Ends the path under way.
    pub(super) fn close(&mut self) {
        self.ends.push(self.xy.len() as u32);
    }

    /// True if there is no path.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The paths in order.
    pub fn iter(&self) -> impl Iterator<Item = &[GridPoint]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.xy[start as usize..end as usize])
    }
}

/// The drawing of a row, by kind of path.
#[derive(Debug, Default)]
pub struct Drawing {
    /// Distinct points.
    pub points: Vec<GridPoint>,
    /// Lines of two or more vertices.
    pub lines: Paths,
    /// Rings, valid together: exterior rings of positive area, each followed by its holes; first vertex not repeated.
    pub rings: Paths,
    is_hole: Vec<bool>,
}

impl Drawing {
    pub(super) fn clear(&mut self) {
        self.points.clear();
        self.lines.clear();
        self.rings.clear();
        self.is_hole.clear();
    }

    /// True if nothing is drawn.
    pub fn is_blank(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && self.rings.is_empty()
    }

    /// Ends the ring under way.
    pub(super) fn close_ring(&mut self, is_hole: bool) {
        self.rings.close();
        self.is_hole.push(is_hole);
    }

    /// Draws a square around a place, within the buffered tile.
    pub(super) fn square(&mut self, place: GridPoint, side: i32) {
        let [x, y] = place.map(|v| (v - side / 2).clamp(-BUFFER, EXTENT + BUFFER - side));
        self.rings
            .xy
            .extend([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]);
        self.close_ring(false);
    }

    /// Draws a line of one unit at a place, within the buffered tile.
    pub(super) fn segment(&mut self, place: GridPoint) {
        let [x, y] = place;
        let x = x.clamp(-BUFFER, EXTENT + BUFFER - 1);
        self.lines.xy.extend([[x, y], [x + 1, y]]);
        self.lines.close();
    }

    /// One point for all that fall together.
    pub(super) fn finish_points(&mut self) {
        if self.points.len() > 1 {
            self.points.sort_unstable();
            self.points.dedup();
        }
    }

    /// Makes the rings valid together. If nothing is left of them, gives a vertex of what was there.
    pub(super) fn finish_rings(
        &mut self,
        validity: &mut Validity,
        repair: &mut Repair,
    ) -> Option<GridPoint> {
        let Paths { xy, ends } = &mut self.rings;
        if ends.is_empty() || validity.check(xy, ends).is_ok() {
            return None;
        }
        let first = xy[0];
        match repair.rebuild(xy, ends, &self.is_hole, validity) {
            Outcome::Valid | Outcome::Untested => None,
            Outcome::Empty => Some(first),
            Outcome::Tangled => {
                self.rings.clear();
                Some(first)
            }
        }
    }
}
