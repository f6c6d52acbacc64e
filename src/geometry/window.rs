//! Boxes on the world grid around, and inside of, a rectangle of any CRS: the first finds candidates in the index, the second accepts
//! most of them without looking at a vertex.

use super::bbox::Bbox;
use super::crs::{Crs, Transform};
use super::grid::{self, GridBox, Y_LIMIT};

/// Units of the grid (1.9 cm or less each) by which rounding, and the way through another CRS, may displace a row on the grid.
pub const SLACK: f64 = 64.0;
/// Points looked at per side of a rectangle. With these the border of a box of 1,000 km in Lambert-93 is missed by less than 300 m,
/// which the margin covers four times over.
const STEPS: u32 = 32;

/// An edge of this length on the grid (190 km at the equator), straight in a plane CRS, is looked for wherever it bends to on the grid.
/// Longer ones may be missed by a search in a plane CRS: no vertex for that far only happens in maps of the whole world.
pub const LONGEST_EDGE: f64 = 1e7;
/// Half of the stretch of a plane over which its bend is measured, in its own units (metres or feet).
const BEND_STRETCH: f64 = 10_000.0;
/// By how much a measured bend may be exceeded nearby.
const BEND_SAFETY: f64 = 2.0;
/// The bend of the shortest lines on the sphere, seen on the grid, at most: they are bent by one over its radius.
const LEAST_BEND: f64 = std::f64::consts::TAU / (8.0 * grid::WORLD as f64);

/// Search boxes of a rectangle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Windows {
    /// Every row that can meet the rectangle meets one of these; `None`: no such boxes are known, every row has to be looked at.
    pub outer: Option<Vec<GridBox>>,
    /// Rows wholly inside of one of these meet the rectangle.
    pub inner: Vec<GridBox>,
    /// The rectangle itself lies in these; empty if not known.
    near: Vec<GridBox>,
    bend: Bend,
}

impl Windows {
    /// The windows of a rectangle in that CRS, x east. The rectangle may reach beyond the antimeridian (180 to 190).
    pub fn around(rectangle: &Bbox, crs: Crs) -> Self {
        let sides = if is_crs84(crs) {
            Some(sides_of_degrees(rectangle))
        } else {
            sides_of_plane(rectangle, crs)
        };
        let corners = rectangle.border(1).chain([middle(rectangle)]);
        let (Some((sides, margin)), Some(bend)) = (sides, Bend::measure(corners, crs)) else {
            return Self::default();
        };
        let near = around(sides.iter().flatten(), margin);
        let inner = within(&sides, margin, rectangle, crs);
        Self {
            outer: Some(every_world(grown(near, bend.of(LONGEST_EDGE)))),
            inner: inner.map_or_else(Vec::new, every_world),
            near: every_world(near),
            bend,
        }
    }

    /// True if a row with that box is surely inside.
    pub fn contain(&self, row: &GridBox) -> bool {
        self.inner.iter().any(|w| w.contains(row))
    }

    /// True if a row with that box surely does not meet the rectangle.
    pub fn are_apart(&self, row: &GridBox) -> bool {
        let reach = self.bend.reach(row);
        self.outer.is_some() && !self.near.iter().any(|w| w.intersects(&reach))
    }
}

/// How far lines that are straight in some CRS are bent on the grid: a line between two points of the grid strays from the straight line
/// there by this times the square of their distance. A box on the grid around the ends of an edge need not be one around the edge.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bend(f64);

impl Bend {
    /// The bend near some points of that CRS; `None` if it has no grid around them.
    pub fn measure(points: impl IntoIterator<Item = [f64; 2]>, crs: Crs) -> Option<Self> {
        // The grid's axes run along longitude and latitude: a box stays one.
        if crs.is_geographic() || crs == Crs::WEB_MERCATOR {
            return Some(Self::default());
        }
        let to_degrees = Transform::between(crs, Crs::CRS84).ok()?;
        let mut most = LEAST_BEND;
        for p in points {
            for [dx, dy] in [[1.0, 0.0], [0.0, 1.0], [0.7, 0.7], [0.7, -0.7]] {
                let by = |t: f64| [p[0] + t * dx, p[1] + t * dy];
                let mut line = [-BEND_STRETCH, 0.0, BEND_STRETCH].map(by);
                to_degrees.convert(&mut line).ok()?;
                let [a, m, b] = line.map(on_grid);
                let stray = (m[0] - a[0].midpoint(b[0])).hypot(m[1] - a[1].midpoint(b[1]));
                let length = (b[0] - a[0]).hypot(b[1] - a[1]);
                most = most.max(stray / (length * length).max(1.0));
            }
        }
        Some(Self(most * BEND_SAFETY))
    }

    /// The bend that lines straight in degrees have on the grid, and the shortest lines on the sphere.
    pub const OF_DEGREES: Self = Self(LEAST_BEND * BEND_SAFETY);

    /// How far an edge of that length strays, in units of the grid.
    pub fn of(self, length: f64) -> f64 {
        self.0 * length * length
    }

    /// A box that holds every edge between vertices in `row`.
    pub fn reach(self, row: &GridBox) -> GridBox {
        if self.0 == 0.0 {
            return *row;
        }
        let side = |axis: usize| f64::from(row.max[axis]) - f64::from(row.min[axis]);
        grown(*row, self.0 * (side(0) * side(0) + side(1) * side(1)))
    }
}

/// True if the numbers are those of CRS84.
pub fn is_crs84(crs: Crs) -> bool {
    crs.is_geographic() && Transform::between(crs, Crs::CRS84).is_ok_and(|t| t.is_identity())
}

/// Points of the grid along the west, east, south and north sides.
type Sides = [Vec<[f64; 2]>; 4];

/// A place in degrees on the grid, as doubles.
pub fn on_grid([lon, lat]: [f64; 2]) -> [f64; 2] {
    let p = grid::from_lonlat(lon, lat);
    [f64::from(p[0]), f64::from(p[1])]
}

fn middle(r: &Bbox) -> [f64; 2] {
    [0, 1].map(|axis| r.min[axis].midpoint(r.max[axis]))
}

fn sides_of_degrees(r: &Bbox) -> (Sides, f64) {
    let [sw, ne] = [on_grid(r.min), on_grid(r.max)];
    let (nw, se) = ([sw[0], ne[1]], [ne[0], sw[1]]);
    (
        [vec![sw, nw], vec![se, ne], vec![sw, se], vec![nw, ne]],
        SLACK,
    )
}

/// `None` if the border leaves the domain of the projection or goes around a pole.
fn sides_of_plane(r: &Bbox, crs: Crs) -> Option<(Sides, f64)> {
    let ([x0, y0], [x1, y1]) = (r.min, r.max);
    let along = |a: [f64; 2], b: [f64; 2]| {
        (0..STEPS).map(move |i| {
            let t = f64::from(i) / f64::from(STEPS);
            [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
        })
    };
    let corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]];
    let mut border: Vec<_> = corners.windows(2).flat_map(|c| along(c[0], c[1])).collect();
    border.push(corners[0]);
    Transform::between(crs, Crs::CRS84)
        .ok()?
        .convert(&mut border)
        .ok()?;
    // Around a pole, or where a longitude wraps, neighbours lie most of a world apart.
    if border.windows(2).any(|p| (p[1][0] - p[0][0]).abs() > 90.0) {
        return None;
    }
    let points: Vec<_> = border.into_iter().map(on_grid).collect();
    let jump = points
        .windows(2)
        .flat_map(|p| (0..2).map(move |a| (p[1][a] - p[0][a]).abs()))
        .fold(0.0, f64::max);
    let n = STEPS as usize;
    let side = |k: usize| points[k * n..=(k + 1) * n].to_vec();
    // Between two points the border strays from the chord by less than a quarter of it unless it turns by more than two radians there.
    Some(([side(3), side(1), side(0), side(2)], jump / 4.0 + SLACK))
}

fn clamp(v: f64) -> i32 {
    // A cast of a float saturates.
    v as i32
}

fn around<'a>(points: impl Iterator<Item = &'a [f64; 2]>, margin: f64) -> GridBox {
    let b = Bbox::around(points);
    GridBox {
        min: b.min.map(|v| clamp((v - margin).floor())),
        max: b.max.map(|v| clamp((v + margin).ceil())),
    }
}

/// The box with a margin around it.
pub fn grown(b: GridBox, margin: f64) -> GridBox {
    let margin = clamp(margin.ceil());
    GridBox {
        min: b.min.map(|v| v.saturating_sub(margin)),
        max: b.max.map(|v| v.saturating_add(margin)),
    }
}

/// A box that none of the sides enters: it lies wholly inside or wholly outside, which its middle tells.
fn within(sides: &Sides, margin: f64, rectangle: &Bbox, crs: Crs) -> Option<GridBox> {
    let [west, east, south, north] = sides;
    let most = |side: &[[f64; 2]], axis: usize| {
        side.iter()
            .map(|p| p[axis])
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let least =
        |side: &[[f64; 2]], axis: usize| side.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
    // Rows beyond the clamped edge of the grid all lie on it: their place there proves nothing.
    let edge = Y_LIMIT as f64 - SLACK;
    let (x0, x1) = (most(west, 0) + margin, least(east, 0) - margin);
    let (y0, y1) = (
        (most(north, 1) + margin).max(-edge),
        (least(south, 1) - margin).min(edge),
    );
    let inner = GridBox {
        min: [clamp(x0.ceil()), clamp(y0.ceil())],
        max: [clamp(x1.floor()), clamp(y1.floor())],
    };
    if inner.is_empty() {
        return None;
    }
    let mut middle = [grid::to_lonlat(inner.center())];
    if !is_crs84(crs) {
        Transform::between(Crs::CRS84, crs)
            .ok()?
            .convert(&mut middle)
            .ok()?;
    }
    rectangle.contains(middle[0]).then_some(inner)
}

/// The box, and where it lies one world further west and east: a shape drawn across the antimeridian is found from either side.
pub fn every_world(b: GridBox) -> Vec<GridBox> {
    [0, -1, 1]
        .into_iter()
        .filter_map(|worlds| b.shifted_worlds(worlds))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place of the rectangle is in an outer window, and every place in the inner one is in the rectangle.
    fn check(crs: &str, numbers: [f64; 4]) {
        let crs = Crs::parse(crs).expect("known");
        let [x0, y0, x1, y1] = numbers;
        let rectangle = Bbox::new([x0, y0], [x1, y1]);
        let windows = Windows::around(&rectangle, crs);
        let outer = windows.outer.expect("a window");
        assert!(!windows.inner.is_empty());
        let there = Transform::between(crs, Crs::CRS84).expect("known");
        for i in 0..=40 {
            for j in 0..=40 {
                let t = [f64::from(i) / 40.0, f64::from(j) / 40.0];
                let mut p = [[x0 + (x1 - x0) * t[0], y0 + (y1 - y0) * t[1]]];
                there.convert(&mut p).expect("in the domain");
                let g = grid::from_lonlat(p[0][0], p[0][1]);
                let dot = GridBox { min: g, max: g };
                assert!(
                    outer.iter().any(|w| w.intersects(&dot)),
                    "{numbers:?} {p:?}"
                );
            }
        }
        let back = Transform::between(Crs::CRS84, crs).expect("known");
        let inner = windows.inner[0];
        for x in [inner.min[0], inner.center()[0], inner.max[0]] {
            for y in [inner.min[1], inner.center()[1], inner.max[1]] {
                let mut p = [grid::to_lonlat([x, y])];
                back.convert(&mut p).expect("in the domain");
                assert!(rectangle.contains(p[0]), "{numbers:?} {p:?}");
            }
        }
    }

    #[test]
    fn windows_hold_the_rectangle_and_lie_within() {
        check(
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            [4.2, 42.9, 7.8, 45.2],
        );
        check(
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            [-180.0, -80.0, 180.0, 80.0],
        );
        check(
            "http://www.opengis.net/def/crs/EPSG/0/3857",
            [467_000.0, 5_300_000.0, 860_000.0, 5_600_000.0],
        );
        check(
            "http://www.opengis.net/def/crs/EPSG/0/2154",
            [800_000.0, 6_200_000.0, 1_050_000.0, 6_450_000.0],
        );
        check(
            "http://www.opengis.net/def/crs/EPSG/0/2154",
            [100_000.0, 6_050_000.0, 1_250_000.0, 7_150_000.0],
        );
        check(
            "http://www.opengis.net/def/crs/EPSG/0/32632",
            [200_000.0, 4_700_000.0, 800_000.0, 5_300_000.0],
        );
    }

    /// The degrees of NTF lie some 100 m from those of WGS 84.
    #[test]
    fn degrees_of_another_datum_are_moved() {
        check(
            "http://www.opengis.net/def/crs/EPSG/0/4275",
            [5.0, 43.0, 5.01, 43.01],
        );
    }

    /// An edge of 100 km, straight in Lambert-93, leaves the box of its ends on the grid, and is found where it goes.
    #[test]
    fn edges_are_found_where_they_bend_to() {
        let crs = Crs::LAMBERT_93;
        let there = Transform::between(crs, Crs::CRS84).expect("known");
        let back = Transform::between(Crs::CRS84, crs).expect("known");
        let ends = [[0.0, 47.0], [1.3, 47.0]].map(|p| back.convert_point(p).expect("in France"));
        let middle = [0, 1].map(|axis| ends[0][axis].midpoint(ends[1][axis]));
        let row = GridBox::around(&ends.map(|p| {
            let [lon, lat] = there.convert_point(p).expect("in France");
            grid::from_lonlat(lon, lat)
        }));
        let at = |[x, y]: [f64; 2]| {
            Windows::around(&Bbox::new([x - 1.0, y - 1.0], [x + 1.0, y + 1.0]), crs)
        };
        let here = at(middle);
        assert!(!here.near.iter().any(|w| w.intersects(&row)));
        assert!(
            here.outer
                .as_ref()
                .expect("windows")
                .iter()
                .any(|w| w.intersects(&row))
        );
        assert!(!here.are_apart(&row));
        assert!(at([middle[0], middle[1] + 20_000.0]).are_apart(&row));
    }

    #[test]
    fn where_nothing_is_known_nothing_is_promised() {
        let crs = Crs::parse("http://www.opengis.net/def/crs/EPSG/0/2154").expect("known");
        let beyond = Bbox::new([-1e9, -1e9], [1e9, 1e9]);
        let windows = Windows::around(&beyond, crs);
        assert!(
            windows.outer.is_none() && windows.inner.is_empty(),
            "{windows:?}"
        );
    }

    #[test]
    fn the_clamped_edge_of_the_grid_proves_nothing() {
        let crs = Crs::CRS84;
        let cap = Windows::around(&Bbox::new([-180.0, 88.0], [180.0, 90.0]), crs);
        let g = grid::from_lonlat(0.0, 87.0);
        let dot = GridBox { min: g, max: g };
        assert!(!cap.contain(&dot));
        assert!(
            cap.outer
                .expect("windows")
                .iter()
                .any(|w| w.intersects(&dot))
        );
    }
}
