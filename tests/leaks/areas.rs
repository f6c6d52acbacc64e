//! Areas of profiles: rectangles along meridians and parallels. Where a shape comes so near to a border that rounding could decide,
//! nothing is said at all.

use guichet::geometry::crs::{Crs, Transform};

use crate::world::Shape;

/// West, south, east, north in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle(pub [f64; 4]);

/// It cannot be told for sure on which side of a border something is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unclear;

/// What an area leaves of a shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    Outside,
    Inside,
    Crossing,
}

/// Degrees around a border where nothing is sure: some metres, for the grid has centimetres and straight lines bend a little between
/// two CRSs.
const NEAR: f64 = 1e-4;

impl Rectangle {
    pub fn wkt(&self) -> String {
        let [w, s, e, n] = self.0;
        format!("POLYGON (({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))")
    }

    /// Wider (or narrower) by so many degrees on each side.
    fn wider(&self, by: f64) -> Self {
        let [w, s, e, n] = self.0;
        Self([w - by, s - by, e + by, n + by])
    }

    pub fn and(&self, other: &Self) -> Self {
        let ([a, b, c, d], [w, s, e, n]) = (self.0, other.0);
        Self([a.max(w), b.max(s), c.min(e), d.min(n)])
    }

    fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let [w, s, e, n] = self.0;
        (w..=e).contains(&x) && (s..=n).contains(&y)
    }

    /// What is left of a shape in degrees.
    pub fn fate(&self, shape: &Degrees) -> Result<Fate, Unclear> {
        let (inner, outer) = (self.wider(-NEAR), self.wider(NEAR));
        let vertices = || shape.paths.iter().flatten();
        if vertices().all(|v| inner.holds(*v)) {
            return Ok(Fate::Inside);
        }
        let meets = |r: &Self| shape.edges().any(|(a, b)| r.part_of(a, b).is_some());
        if !(meets(&outer) || shape.is_area && shape.surrounds(self.middle())) {
            return Ok(Fate::Outside);
        }
        let leaves = vertices().any(|v| !outer.holds(*v));
        let enters = meets(&inner) || shape.is_area && shape.surrounds(self.middle());
        if leaves && enters {
            Ok(Fate::Crossing)
        } else {
            Err(Unclear)
        }
    }

    fn middle(&self) -> [f64; 2] {
        let [w, s, e, n] = self.0;
        [f64::midpoint(w, e), f64::midpoint(s, n)]
    }

    /// The part of a segment within (Liang and Barsky); a point is a segment too.
    fn part_of(&self, a: [f64; 2], b: [f64; 2]) -> Option<[[f64; 2]; 2]> {
        let [w, s, e, n] = self.0;
        let d = [b[0] - a[0], b[1] - a[1]];
        let (mut from, mut to) = (0.0f64, 1.0f64);
        for (step, room) in [
            (-d[0], a[0] - w),
            (d[0], e - a[0]),
            (-d[1], a[1] - s),
            (d[1], n - a[1]),
        ] {
            if step == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                from = from.max(room / step);
            } else {
                to = to.min(room / step);
            }
        }
        let at = |t: f64| [a[0] + t * d[0], a[1] + t * d[1]];
        (from <= to).then(|| [at(from), at(to)])
    }

    /// All that decides how a shape looks within, and nothing else: the edges that come near, as they stand in the file, in their
    /// order, and whether the corners are within the shape. Two shapes of which this is the same look alike.
    pub fn look(&self, shape: &Degrees, source: &Shape) -> String {
        let near = self.wider(NEAR);
        // What lies outside decides where the cut is, but is not shown: it is written in a way in which nobody finds it again.
        let told = |v: &[f64; 2], at: &[f64; 2]| {
            if near.holds(*at) {
                format!("{v:?}")
            } else {
                format!("{:x}h{:x}h", v[0].to_bits(), v[1].to_bits())
            }
        };
        let mut edges = Vec::new();
        for (path, degrees) in source.paths().iter().zip(&shape.paths) {
            for (written, at) in path.windows(2).zip(degrees.windows(2)) {
                if near.part_of(at[0], at[1]).is_some() {
                    edges.push([told(&written[0], &at[0]), told(&written[1], &at[1])]);
                }
            }
        }
        let [w, s, e, n] = self.0;
        let corners = [[w, s], [e, s], [e, n], [w, n]].map(|c| shape.is_area && shape.surrounds(c));
        format!("{self:?} {edges:?} {corners:?}")
    }

    /// The box of what is left of a shape that crosses.
    pub fn box_within(&self, shape: &Degrees) -> [f64; 4] {
        let mut found = Bounds::new();
        for (a, b) in shape.edges() {
            if let Some(part) = self.part_of(a, b) {
                for p in &part {
                    found.add(*p);
                }
            }
        }
        let [w, s, e, n] = self.0;
        if shape.is_area {
            let corners = [[w, s], [e, s], [e, n], [w, n]].into_iter();
            corners
                .filter(|c| shape.surrounds(*c))
                .for_each(|c| found.add(c));
        }
        found.0
    }
}

struct Bounds([f64; 4]);

impl Bounds {
    fn new() -> Self {
        Self([
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ])
    }

    fn add(&mut self, [x, y]: [f64; 2]) {
        let [w, s, e, n] = self.0;
        self.0 = [w.min(x), s.min(y), e.max(x), n.max(y)];
    }
}

/// A shape in degrees.
pub struct Degrees {
    paths: Vec<Vec<[f64; 2]>>,
    is_area: bool,
}

impl Degrees {
    pub fn of(shape: &Shape, crs: Crs) -> Self {
        let transform = Transform::between(crs, Crs::CRS84).expect("both are known");
        let mut paths = shape.paths();
        for vertex in paths.iter_mut().flatten() {
            *vertex = transform.convert_point(*vertex).expect("within France");
        }
        Self {
            paths,
            is_area: matches!(shape, Shape::Polygon(_)),
        }
    }

    /// True if it has vertices in an area and others outside.
    pub fn is_partly_in(&self, area: &Rectangle) -> bool {
        let mut within = self.paths.iter().flatten().map(|v| area.holds(*v));
        let first = within.next();
        within.any(|w| Some(w) != first)
    }

    fn edges(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
        self.paths
            .iter()
            .flat_map(|path| path.windows(2).map(|e| (e[0], e[1])))
    }

    /// True if a place lies within the area: a ray to the east crosses its rings an odd number of times.
    fn surrounds(&self, [x, y]: [f64; 2]) -> bool {
        let crosses = |(a, b): &([f64; 2], [f64; 2])| {
            (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        };
        self.edges().filter(crosses).count() % 2 == 1
    }

    pub fn bounds(&self) -> [f64; 4] {
        let mut found = Bounds::new();
        self.paths.iter().flatten().for_each(|v| found.add(*v));
        found.0
    }
}

/// The cell of a grid of so many metres in which the middle of a box lies; unclear near its borders.
pub fn cell([w, s, e, n]: [f64; 4], grid_m: u32) -> Result<[i64; 2], Unclear> {
    let middle = [f64::midpoint(w, e), f64::midpoint(s, n)];
    let europe = Crs::epsg(3035).expect("known");
    let transform = Transform::between(Crs::CRS84, europe).expect("both are known");
    let at = transform.convert_point(middle).expect("within Europe");
    let steps = at.map(|v| v / f64::from(grid_m));
    // Some metres, as above.
    let near = 20.0 / f64::from(grid_m);
    let clear = steps
        .iter()
        .all(|v| (near..=1.0 - near).contains(&(v - v.floor())));
    clear
        .then(|| steps.map(|v| v.floor() as i64))
        .ok_or(Unclear)
}
