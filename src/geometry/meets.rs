//! Does a geometry share a point with a rectangle? Decided exactly, by orientation signs without rounding error, on planar
//! coordinates with straight edges.

use robust::{Coord, orient2d};

use super::bbox::Bbox;
use super::source::{GeometryKind, SourceGeometry, Step};

/// A rectangle, with heights if the box had six numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The rectangle.
    pub plane: Bbox,
    /// Lowest and highest height.
    pub heights: Option<[f64; 2]>,
}

/// True if the geometry meets the region. `xy` are the geometry's vertices in the frame of the region.
///
/// Heights: points and edges are judged in space; the inside of an area, whose height is not known, by the range of heights of its
/// outline. A geometry without heights is judged in the plane alone.
pub fn meets(geometry: &SourceGeometry<'_>, xy: &[[f64; 2]], region: &Region) -> bool {
    let extent = Bbox::around(xy);
    if !extent.intersects(&region.plane) {
        return false;
    }
    let flat = region.heights.is_none() || geometry.z.is_empty();
    if flat && region.plane.contains(extent.min) && region.plane.contains(extent.max) {
        return true;
    }
    let mut search = Search {
        xy,
        z: if flat { &[] } else { geometry.z },
        region,
        found: false,
        kind: geometry.kind,
        depth: 0,
        area: Area::default(),
    };
    geometry.walk(&mut |step| search.step(step));
    search.found
}

struct Search<'a> {
    xy: &'a [[f64; 2]],
    z: &'a [f64],
    region: &'a Region,
    found: bool,
    kind: GeometryKind,
    depth: u32,
    area: Area,
}

/// What is known of the polygon being walked.
struct Area {
    /// An edge meets the rectangle.
    touched: bool,
    /// The rectangle's first corner is inside of an odd number of its rings.
    corner_inside: bool,
    heights: [f64; 2],
}

impl Default for Area {
    fn default() -> Self {
        Self {
            touched: false,
            corner_inside: false,
            heights: [f64::INFINITY, f64::NEG_INFINITY],
        }
    }
}

impl Search<'_> {
    fn step(&mut self, step: Step) {
        match step {
            Step::Begin(kind) => {
                self.kind = kind;
                self.depth = 0;
            }
            Step::Open(_) => {
                self.depth += 1;
                if self.depth == self.polygon_depth() {
                    self.area = Area::default();
                }
            }
            Step::Close => {
                if self.depth == self.polygon_depth() {
                    self.found |= self.area_meets();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            Step::Vertices { start, end } if !self.found => self.path(start, end),
            Step::Vertices { .. } | Step::End => {}
        }
    }

    /// How many lists are open inside of one polygon; 0 where there is none.
    fn polygon_depth(&self) -> u32 {
        match self.kind {
            GeometryKind::Polygon => 1,
            GeometryKind::MultiPolygon => 2,
            _ => 0,
        }
    }

    fn path(&mut self, start: usize, end: usize) {
        match self.kind.dimension() {
            Some(0) => self.found = (start..end).any(|i| self.point_meets(i)),
            Some(1) => self.found = self.line_meets(start, end),
            Some(_) => self.ring(start, end),
            None => {}
        }
    }

    fn point_meets(&self, i: usize) -> bool {
        self.region.plane.contains(self.xy[i])
            && self
                .height_range(i, i)
                .is_none_or(|r| overlap(r, self.region.heights))
    }

    fn line_meets(&self, start: usize, end: usize) -> bool {
        if end - start == 1 {
            return self.point_meets(start);
        }
        (start..end.saturating_sub(1)).any(|i| self.edge_meets(i, i + 1))
    }

    fn edge_meets(&self, i: usize, j: usize) -> bool {
        let (a, b) = (self.xy[i], self.xy[j]);
        if !segment_meets(a, b, &self.region.plane) {
            return false;
        }
        let (Some([low, high]), Some(_)) = (self.region.heights, self.height_range(i, j)) else {
            return true;
        };
        // A segment and a box in space are apart exactly if they are so on one of the three coordinate planes.
        let (za, zb) = (self.z[i], self.z[j]);
        (0..2).all(|axis| {
            let side = Bbox::new(
                [self.region.plane.min[axis], low],
                [self.region.plane.max[axis], high],
            );
            segment_meets([a[axis], za], [b[axis], zb], &side)
        })
    }

    fn ring(&mut self, start: usize, end: usize) {
        let corner = self.region.plane.min;
        for i in start..end {
            // Closed whether or not the source repeats the first vertex: a repeated one gives an edge of no length.
            let j = if i + 1 == end { start } else { i + 1 };
            let (a, b) = (self.xy[i], self.xy[j]);
            self.area.touched |= !self.area.touched && segment_meets(a, b, &self.region.plane);
            self.area.corner_inside ^= crosses_ray(a, b, corner);
            if let Some(r) = self.height_range(i, i) {
                self.area.heights = [
                    self.area.heights[0].min(r[0]),
                    self.area.heights[1].max(r[1]),
                ];
            }
        }
    }

    fn area_meets(&self) -> bool {
        let no_heights = self.area.heights[0] > self.area.heights[1];
        (self.area.touched || self.area.corner_inside)
            && (no_heights || overlap(self.area.heights, self.region.heights))
    }

    /// Heights of two vertices, `None` where they are not asked for or not known.
    fn height_range(&self, i: usize, j: usize) -> Option<[f64; 2]> {
        let (a, b) = (*self.z.get(i)?, *self.z.get(j)?);
        (!a.is_nan() && !b.is_nan()).then(|| [a.min(b), a.max(b)])
    }
}

fn overlap(range: [f64; 2], wanted: Option<[f64; 2]>) -> bool {
    wanted.is_none_or(|w| range[0] <= w[1] && w[0] <= range[1])
}

fn coord(p: [f64; 2]) -> Coord<f64> {
    Coord { x: p[0], y: p[1] }
}

/// Separating axes: the two of the rectangle, and the normal of the segment.
fn segment_meets(a: [f64; 2], b: [f64; 2], rectangle: &Bbox) -> bool {
    let apart = |axis: usize| {
        a[axis].max(b[axis]) < rectangle.min[axis] || a[axis].min(b[axis]) > rectangle.max[axis]
    };
    if apart(0) || apart(1) {
        return false;
    }
    if rectangle.contains(a) || rectangle.contains(b) {
        return true;
    }
    let ([x0, y0], [x1, y1]) = (rectangle.min, rectangle.max);
    let sides =
        [[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map(|c| orient2d(coord(a), coord(b), coord(c)));
    !(sides.iter().all(|s| *s > 0.0) || sides.iter().all(|s| *s < 0.0))
}

/// True if the ray from `p` towards growing x crosses the edge; an end of an edge belongs to the edge above it, so that a ray through a
/// vertex crosses once.
fn crosses_ray(a: [f64; 2], b: [f64; 2], p: [f64; 2]) -> bool {
    if (a[1] > p[1]) == (b[1] > p[1]) {
        return false;
    }
    let side = orient2d(coord(a), coord(b), coord(p));
    if b[1] > a[1] { side > 0.0 } else { side < 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(numbers: [f64; 4]) -> Region {
        let [x0, y0, x1, y1] = numbers;
        Region {
            plane: Bbox::new([x0, y0], [x1, y1]),
            heights: None,
        }
    }

    fn shape<'a>(
        kind: GeometryKind,
        counts: &'a [u32],
        xy: &'a [[f64; 2]],
        z: &'a [f64],
    ) -> SourceGeometry<'a> {
        SourceGeometry {
            kind,
            counts,
            xy,
            z,
            m: &[],
        }
    }

    const SQUARE_WITH_HOLE: [[f64; 2]; 10] = [
        [0.0, 0.0],
        [10.0, 0.0],
        [10.0, 10.0],
        [0.0, 10.0],
        [0.0, 0.0],
        [2.0, 2.0],
        [2.0, 8.0],
        [8.0, 8.0],
        [8.0, 2.0],
        [2.0, 2.0],
    ];

    #[test]
    fn polygon_with_a_hole() {
        let g = shape(GeometryKind::Polygon, &[2, 5, 5], &SQUARE_WITH_HOLE, &[]);
        for (numbers, expected) in [
            ([4.0, 4.0, 6.0, 6.0], false),
            ([0.5, 0.5, 1.0, 1.0], true),
            ([-5.0, -5.0, 20.0, 20.0], true),
            ([7.0, 7.0, 8.0, 8.0], true),
            ([10.0, 10.0, 12.0, 12.0], true),
            ([10.1, 0.0, 12.0, 12.0], false),
            ([3.0, 3.0, 3.0, 3.0], false),
            ([1.0, 1.0, 1.0, 1.0], true),
        ] {
            assert_eq!(meets(&g, g.xy, &region(numbers)), expected, "{numbers:?}");
        }
    }

    #[test]
    fn the_box_of_a_diagonal_is_not_the_diagonal() {
        let xy = [[0.0, 0.0], [10.0, 10.0]];
        let g = shape(GeometryKind::LineString, &[2], &xy, &[]);
        assert!(!meets(&g, &xy, &region([6.0, 0.0, 10.0, 4.0])));
        assert!(meets(&g, &xy, &region([4.0, 4.0, 5.0, 5.0])));
        assert!(meets(&g, &xy, &region([5.0, 0.0, 10.0, 5.0])));
    }

    #[test]
    fn members_of_a_multipolygon_are_separate_areas() {
        let mut xy = SQUARE_WITH_HOLE[..5].to_vec();
        xy.extend(SQUARE_WITH_HOLE[..5].iter().map(|p| [p[0] + 20.0, p[1]]));
        let g = shape(GeometryKind::MultiPolygon, &[2, 1, 5, 1, 5], &xy, &[]);
        assert!(meets(&g, &xy, &region([24.0, 4.0, 25.0, 5.0])));
        assert!(meets(&g, &xy, &region([4.0, 4.0, 5.0, 5.0])));
        assert!(!meets(&g, &xy, &region([12.0, 4.0, 18.0, 5.0])));
    }

    #[test]
    fn overlapping_members_do_not_cancel_each_other() {
        let mut xy = SQUARE_WITH_HOLE[..5].to_vec();
        xy.extend_from_slice(&SQUARE_WITH_HOLE[..5]);
        let g = shape(GeometryKind::MultiPolygon, &[2, 1, 5, 1, 5], &xy, &[]);
        assert!(meets(&g, &xy, &region([4.0, 4.0, 5.0, 5.0])));
    }

    #[test]
    fn collections_are_searched_member_by_member() {
        let xy = [[50.0, 50.0], [0.0, 0.0], [10.0, 10.0]];
        let g = shape(GeometryKind::GeometryCollection, &[2, 1, 1, 2, 2], &xy, &[]);
        assert!(meets(&g, &xy, &region([4.0, 4.0, 5.0, 5.0])));
        assert!(meets(&g, &xy, &region([50.0, 50.0, 51.0, 51.0])));
        assert!(!meets(&g, &xy, &region([20.0, 20.0, 30.0, 30.0])));
    }

    #[test]
    fn heights_of_points_edges_and_areas() {
        let tall = |low, high| Region {
            heights: Some([low, high]),
            ..region([0.0, 0.0, 10.0, 10.0])
        };
        let point = shape(GeometryKind::Point, &[1], &[[5.0, 5.0]], &[100.0]);
        assert!(meets(&point, point.xy, &tall(100.0, 200.0)));
        assert!(!meets(&point, point.xy, &tall(0.0, 99.0)));
        // Rises from 0 at x = 0 to 100 at x = 100: over the box it is at most 10 high.
        let line = shape(
            GeometryKind::LineString,
            &[2],
            &[[0.0, 5.0], [100.0, 5.0]],
            &[0.0, 100.0],
        );
        assert!(meets(&line, line.xy, &tall(9.0, 50.0)));
        assert!(!meets(&line, line.xy, &tall(11.0, 50.0)));
        let heights = [30.0; 10];
        let area = shape(
            GeometryKind::Polygon,
            &[2, 5, 5],
            &SQUARE_WITH_HOLE,
            &heights,
        );
        assert!(meets(&area, area.xy, &tall(30.0, 30.0)));
        assert!(!meets(&area, area.xy, &tall(31.0, 40.0)));
        let flat = shape(GeometryKind::Point, &[1], &[[5.0, 5.0]], &[]);
        assert!(meets(&flat, flat.xy, &tall(500.0, 600.0)));
    }

    #[test]
    fn a_touch_is_judged_without_rounding() {
        // The corner [0.1, 0.1] of the box lies on the line exactly; the next double above does not.
        let xy = [[0.0, 0.0], [0.3, 0.3]];
        let g = shape(GeometryKind::LineString, &[2], &xy, &[]);
        assert!(meets(&g, &xy, &region([0.1, 0.0, 0.2, 0.1])));
        let above = f64::from_bits(0.1f64.to_bits() + 1);
        assert!(!meets(&g, &xy, &region([above, 0.0, 0.2, 0.1])));
    }
}
