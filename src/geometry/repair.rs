//! Rebuilds the rings of a feature into a valid (multi)polygon that covers the same ground.
//!
//! What a polygon covers is everything its exterior ring winds around (non-zero rule: both lobes of a bow-tie, an overlap once)
//! less what its holes wind around; polygons of one feature are then united. The sweep is i_overlay's, on integers.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;
use i_overlay::i_shape::int::shape::IntShapes;

use super::edges::Edges;
use super::faces::Faces;
use super::grid::{GridBox, GridPoint};
use super::orient::{Role, orient};
use super::predicates::{Contact, contact};
use super::validity::{Fault, Validity};

/// i_overlay multiplies differences of coordinates in `i64`: no wider than this, or it would overflow. Only shapes of more than a
/// third of the world are wider, and lose up to three bits (15 cm) if they have to be rebuilt.
const WIDEST: i64 = 1 << 30;

/// Vertices on straight stretches stay in the output until the rings are told apart: contours may touch there. i_overlay's own
/// extraction by OGC rules fails an assertion on some inputs (4.5.2), so the rings are found in [`super::faces`].
const OPTIONS: IntOverlayOptions = IntOverlayOptions {
    preserve_input_collinear: false,
    output_direction: ContourDirection::CounterClockwise,
    preserve_output_collinear: true,
    min_output_area: 0,
    ogc: false,
};

/// How often a result that is not valid yet is rebuilt again. Intersections are rounded to the grid, which can make new contacts;
/// each round leaves fewer.
const ROUNDS: usize = 8;

/// Crossings above which a shape is left alone. Each makes two edges of one, and what they enclose becomes rings: 100,000 take a third
/// of a second and some 50 MB; a scribble of 4,000 vertices, with two and a half million, would take 20 seconds. Real shapes that
/// are not valid cross themselves once in a hundred vertices at most.
const MOST_CROSSINGS: usize = 100_000;

/// Fewer edges than this cannot cross more often.
const FEW_EDGES: usize = 400;

/// Pairs of boxes compared to count the crossings, for each edge and in all: as many as the validity test takes, and enough to see
/// the most crossings.
const PAIRS_PER_EDGE: u64 = 256;
const PAIRS_AT_LEAST: u64 = 4_000_000;

/// What came of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The result passed the validity test.
    Valid,
    /// The result is too intricate to be tested; it is what the sweep gave.
    Untested,
    /// No area is left: everything lies on lines.
    Empty,
    /// The shape crosses itself more often than can be sorted out, and is left as it was.
    Tangled,
}

/// The rebuilding, with its reusable buffers.
pub struct Repair {
    overlay: Overlay,
    faces: Faces,
    edges: Edges,
    contour: Vec<IntPoint>,
    xy: Vec<GridPoint>,
    ends: Vec<u32>,
}

impl std::fmt::Debug for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repair").finish_non_exhaustive()
    }
}

impl Default for Repair {
    fn default() -> Self {
        Self {
            overlay: Overlay::new_custom(0, OPTIONS, i_overlay::core::solver::Solver::default()),
            faces: Faces::default(),
            edges: Edges::default(),
            contour: Vec::new(),
            xy: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl Repair {
    /// Rebuilds rings given as in [`super::paths`] and puts the result in their place. A ring counts as a hole if `is_hole` says so
    /// and some exterior ring comes before it.
    pub fn rebuild(
        &mut self,
        xy: &mut Vec<GridPoint>,
        ends: &mut Vec<u32>,
        is_hole: &[bool],
        validity: &mut Validity,
    ) -> Outcome {
        let Some(frame) = Frame::around(xy) else {
            return Outcome::Empty;
        };
        if self.is_tangled(xy, ends) {
            return Outcome::Tangled;
        }
        let shapes = self.cover(&frame, xy, ends, is_hole, validity);
        self.accept(&frame, &shapes);
        for _ in 0..ROUNDS {
            if self.ends.is_empty() {
                break;
            }
            match validity.check(&self.xy, &self.ends) {
                Ok(()) => break,
                Err(Fault::Intricate) => {
                    self.hand_over(xy, ends);
                    return Outcome::Untested;
                }
                Err(_) => {
                    self.overlay.clear();
                    let (rings, mut start) = (std::mem::take(&mut self.ends), 0);
                    for &end in &rings {
                        let ring = std::mem::take(&mut self.xy);
                        self.add(&frame, &ring[start..end as usize], ShapeType::Subject);
                        self.xy = ring;
                        start = end as usize;
                    }
                    // Rings are oriented now, so the plain winding number tells inside from outside.
                    let shapes = self
                        .overlay
                        .overlay(OverlayRule::Subject, FillRule::NonZero);
                    self.accept(&frame, &shapes);
                }
            }
        }
        let left = validity.check(&self.xy, &self.ends);
        self.hand_over(xy, ends);
        match left {
            _ if ends.is_empty() => Outcome::Empty,
            Ok(()) => Outcome::Valid,
            Err(_) => Outcome::Untested,
        }
    }

    fn is_tangled(&mut self, xy: &[GridPoint], ends: &[u32]) -> bool {
        if xy.len() < FEW_EDGES {
            return false;
        }
        self.edges.load(xy, ends);
        let budget = PAIRS_AT_LEAST + PAIRS_PER_EDGE * xy.len() as u64;
        let mut crossings = 0;
        let counted = self.edges.pairs(budget, |edges, e, f| {
            let at = |v: u32| xy[v as usize];
            let met = contact(at(e), at(edges.end_of(e)), at(f), at(edges.end_of(f)));
            crossings += usize::from(met == Contact::Cross);
            crossings <= MOST_CROSSINGS
        });
        counted.is_err() || crossings > MOST_CROSSINGS
    }

    /// Each polygon less its holes, then all of them together.
    fn cover(
        &mut self,
        frame: &Frame,
        xy: &[GridPoint],
        ends: &[u32],
        is_hole: &[bool],
        validity: &mut Validity,
    ) -> IntShapes {
        let mut parts = IntShapes::new();
        let mut first = 0;
        while first < ends.len() {
            let next = (first + 1..ends.len())
                .find(|r| !is_hole[*r])
                .unwrap_or(ends.len());
            let ring =
                |r: usize| &xy[if r == 0 { 0 } else { ends[r - 1] as usize }..ends[r] as usize];
            let holes: Vec<IntShapes> = match next - first {
                0..=2 => Vec::new(),
                _ => (first + 1..next)
                    .map(|r| self.turning_one_way(frame, ring(r), validity))
                    .collect(),
            };
            self.overlay.clear();
            self.add(frame, ring(first), ShapeType::Subject);
            if next - first == 2 {
                self.add(frame, ring(first + 1), ShapeType::Clip);
            }
            for hole in &holes {
                self.overlay.add_shapes(hole, ShapeType::Clip);
            }
            let rule = if next - first > 1 {
                OverlayRule::Difference
            } else {
                OverlayRule::Subject
            };
            parts.extend(self.overlay.overlay(rule, FillRule::NonZero));
            if first == 0 && next == ends.len() {
                return parts;
            }
            first = next;
        }
        self.overlay.clear();
        self.overlay.add_shapes(&parts, ShapeType::Subject);
        self.overlay
            .overlay(OverlayRule::Subject, FillRule::NonZero)
    }

    /// What one ring winds around. Overlapping rings that turn against each other would cancel out: they are brought to turn one way
    /// before they are taken together.
    fn turning_one_way(
        &mut self,
        frame: &Frame,
        ring: &[GridPoint],
        validity: &mut Validity,
    ) -> IntShapes {
        let mut contour: Vec<GridPoint> = ring.to_vec();
        orient(&mut contour, Role::Exterior);
        if validity.check(&contour, &[contour.len() as u32]).is_ok() {
            return vec![vec![contour.iter().map(|p| frame.inward(*p)).collect()]];
        }
        self.overlay.clear();
        self.add(frame, ring, ShapeType::Subject);
        self.overlay
            .overlay(OverlayRule::Subject, FillRule::NonZero)
    }

    fn add(&mut self, frame: &Frame, ring: &[GridPoint], role: ShapeType) {
        self.contour.clear();
        self.contour.extend(ring.iter().map(|p| frame.inward(*p)));
        self.overlay.add_contour(&self.contour, role);
    }

    /// Takes the shapes over as oriented rings.
    fn accept(&mut self, frame: &Frame, shapes: &IntShapes) {
        self.xy.clear();
        self.ends.clear();
        for shape in shapes {
            self.faces.clear();
            for contour in shape {
                self.faces.add(contour.iter().map(|p| frame.outward(*p)));
            }
            self.faces.rings(&mut self.xy, &mut self.ends);
        }
    }

    fn hand_over(&mut self, xy: &mut Vec<GridPoint>, ends: &mut Vec<u32>) {
        std::mem::swap(&mut self.xy, xy);
        std::mem::swap(&mut self.ends, ends);
    }
}

/// Coordinates moved and shrunk so that i_overlay can take them.
struct Frame {
    center: [i64; 2],
    shift: u32,
}

impl Frame {
    fn around(xy: &[GridPoint]) -> Option<Self> {
        let bbox = GridBox::around(xy);
        if bbox.is_empty() {
            return None;
        }
        let size = |axis: usize| i64::from(bbox.max[axis]) - i64::from(bbox.min[axis]);
        let mut shift = 0;
        while size(0).max(size(1)) >> shift > WIDEST {
            shift += 1;
        }
        // The centre is a multiple of the step, so that shapes of the same place are rounded alike.
        let center = bbox.center().map(|c| (i64::from(c) >> shift) << shift);
        Some(Self { center, shift })
    }

    fn inward(&self, p: GridPoint) -> IntPoint {
        let half = (1i64 << self.shift) >> 1;
        let at =
            |axis: usize| ((i64::from(p[axis]) - self.center[axis] + half) >> self.shift) as i32;
        IntPoint::new(at(0), at(1))
    }

    fn outward(&self, p: IntPoint) -> GridPoint {
        let at = |v: i32, axis: usize| {
            let v = (i64::from(v) << self.shift) + self.center[axis];
            v.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
        };
        [at(p.x, 0), at(p.y, 1)]
    }
}

#[cfg(test)]
mod tests;
