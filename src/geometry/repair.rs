//! Rebuilds the rings of a feature into a valid (multi)polygon that covers the same ground.
//!
//! What a polygon covers is everything its exterior ring winds around (non-zero rule: both lobes of a bow-tie, an overlap once)
//! less what its holes wind around; polygons of one feature are then united. The sweep is i_overlay's, on integers.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{ContourDirection, IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;
use i_overlay::i_shape::int::shape::IntShapes;

use super::faces::Faces;
use super::grid::{GridBox, GridPoint};
use super::orient::{Role, orient};
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

/// What came of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The result passed the validity test.
    Valid,
    /// The result is too intricate to be tested; it is what the sweep gave.
    Untested,
    /// No area is left: everything lies on lines.
    Empty,
}

/// The rebuilding, with its reusable buffers.
pub struct Repair {
    overlay: Overlay,
    faces: Faces,
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
mod tests {
    use super::super::predicates::ring_area;
    use super::*;
    use proptest::prelude::*;

    fn rebuild(rings: &[(bool, Vec<GridPoint>)]) -> (Outcome, Vec<Vec<GridPoint>>) {
        let (mut xy, mut ends, mut holes) = (Vec::new(), Vec::new(), Vec::new());
        for (hole, ring) in rings {
            xy.extend_from_slice(ring);
            ends.push(xy.len() as u32);
            holes.push(*hole);
        }
        let outcome =
            Repair::default().rebuild(&mut xy, &mut ends, &holes, &mut Validity::default());
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let out = starts
            .zip(&ends)
            .map(|(a, &b)| xy[a as usize..b as usize].to_vec())
            .collect();
        (outcome, out)
    }

    fn areas(rings: &[Vec<GridPoint>]) -> Vec<i128> {
        rings.iter().map(|r| ring_area(r)).collect()
    }

    fn square(x: i32, y: i32, side: i32) -> Vec<GridPoint> {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
    }

    #[test]
    fn both_lobes_of_a_bow_tie_stay() {
        let (outcome, rings) = rebuild(&[(false, vec![[0, 0], [4, 4], [4, 0], [0, 4]])]);
        assert_eq!(outcome, Outcome::Valid);
        assert_eq!(areas(&rings), [8, 8]);
    }

    #[test]
    fn a_hole_outside_is_no_ground_and_a_hole_across_the_border_bites() {
        let (_, rings) = rebuild(&[(false, square(0, 0, 10)), (true, square(20, 0, 5))]);
        assert_eq!(areas(&rings), [200]);
        let (_, rings) = rebuild(&[(false, square(0, 0, 10)), (true, square(8, 2, 5))]);
        assert_eq!(areas(&rings), [200 - 20]);
    }

    #[test]
    fn overlapping_parts_unite_and_islands_stay_in_their_holes() {
        let (_, rings) = rebuild(&[(false, square(0, 0, 10)), (false, square(5, 5, 10))]);
        assert_eq!(areas(&rings), [2 * 175]);
        let parts = [
            (false, square(0, 0, 30)),
            (true, square(5, 5, 20)),
            (false, square(10, 10, 5)),
            (false, square(29, 0, 5)),
        ];
        let (outcome, rings) = rebuild(&parts);
        assert_eq!(outcome, Outcome::Valid);
        assert_eq!(
            areas(&rings).iter().sum::<i128>(),
            2 * (900 - 400 + 25 + 20)
        );
    }

    #[test]
    fn lines_leave_nothing() {
        assert_eq!(
            rebuild(&[(false, vec![[0, 0], [5, 5], [9, 9]])]).0,
            Outcome::Empty
        );
        assert_eq!(rebuild(&[]).0, Outcome::Empty);
    }

    #[test]
    fn the_whole_world_does_not_overflow() {
        let h = 1 << 30;
        let (outcome, rings) = rebuild(&[(false, vec![[-h, -h], [h, h], [h, -h], [-h, h]])]);
        assert_eq!(outcome, Outcome::Valid);
        assert_eq!(areas(&rings).iter().sum::<i128>(), 1 << 62);
        let (lo, hi) = (i32::MIN, i32::MAX);
        let (outcome, _) = rebuild(&[(false, vec![[lo, lo], [hi, hi], [hi, lo], [lo, hi]])]);
        assert_eq!(outcome, Outcome::Valid);
    }

    fn rings_within(size: i32) -> impl Strategy<Value = Vec<(bool, Vec<GridPoint>)>> {
        let ring = prop::collection::vec((-size..size, -size..size), 3..14).prop_map(|v| {
            v.into_iter()
                .map(|(x, y)| [x, y])
                .collect::<Vec<GridPoint>>()
        });
        prop::collection::vec((any::<bool>(), ring), 1..5)
    }

    fn no_spurious_points(rings: &[Vec<GridPoint>]) -> bool {
        rings
            .iter()
            .all(|r| r.iter().zip(r.iter().cycle().skip(1)).all(|(a, b)| a != b))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn anything_becomes_valid_on_a_coarse_grid(rings in rings_within(6)) {
            let (outcome, out) = rebuild(&rings);
            prop_assert_ne!(outcome, Outcome::Untested);
            prop_assert!(no_spurious_points(&out));
        }

        #[test]
        fn anything_becomes_valid(rings in rings_within(2000)) {
            let (outcome, out) = rebuild(&rings);
            prop_assert_ne!(outcome, Outcome::Untested);
            prop_assert!(no_spurious_points(&out));
        }

        #[test]
        fn anything_becomes_valid_on_the_world(rings in rings_within(i32::MAX)) {
            let (outcome, _) = rebuild(&rings);
            prop_assert_ne!(outcome, Outcome::Untested);
        }

        /// Points away from every edge are inside of the result exactly if the rules say so.
        #[test]
        fn the_same_ground_is_covered(rings in rings_within(2000), probes in prop::collection::vec((-2000..2000i32, -2000..2000i32), 40)) {
            let mut rings = rings;
            rings[0].0 = false;
            let (_, out) = rebuild(&rings);
            for (x, y) in probes {
                let p = [x, y];
                if rings.iter().any(|(_, r)| edges(r).any(|(a, b)| distance(p, a, b) < 4.0)) {
                    continue;
                }
                let mut covered = false;
                let mut own = false;
                for (hole, ring) in &rings {
                    if *hole {
                        own &= winding(ring, p) == 0;
                    } else {
                        covered |= own;
                        own = winding(ring, p) != 0;
                    }
                }
                covered |= own;
                let found: i32 = out.iter().map(|r| winding(r, p)).sum();
                prop_assert_eq!(i32::from(covered), found, "{:?}", p);
            }
        }
    }

    fn edges(ring: &[GridPoint]) -> impl Iterator<Item = (GridPoint, GridPoint)> {
        ring.iter()
            .copied()
            .zip(ring.iter().copied().cycle().skip(1))
    }

    fn distance(p: GridPoint, a: GridPoint, b: GridPoint) -> f64 {
        let [px, py, ax, ay, bx, by] = [p[0], p[1], a[0], a[1], b[0], b[1]].map(f64::from);
        let (dx, dy) = (bx - ax, by - ay);
        let t = (((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        (px - ax - t * dx).hypot(py - ay - t * dy)
    }

    fn winding(ring: &[GridPoint], p: GridPoint) -> i32 {
        edges(ring)
            .map(|(a, b)| {
                let turn = i64::from(b[0] - a[0]) * i64::from(p[1] - a[1])
                    - i64::from(b[1] - a[1]) * i64::from(p[0] - a[0]);
                i32::from(a[1] <= p[1] && b[1] > p[1] && turn > 0)
                    - i32::from(a[1] > p[1] && b[1] <= p[1] && turn < 0)
            })
            .sum()
    }
}
