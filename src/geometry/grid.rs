//! The world grid: Web Mercator on 32-bit integers.
//!
//! `2^31` units go around the Earth (1.9 cm at the equator, 1.3 cm in Provence), `x` grows eastward from the antimeridian's
//! opposite (Greenwich is 0), `y` grows **southward** (the equator is 0) as tile rows do. The world proper is
//! `[-2^30, 2^30]` on both axes; an `i32` has room for half a world on either side, so that a shape drawn across the
//! antimeridian (longitudes 170 to 190) stays in one piece and is found by looking one world further (see
//! [`crate::geometry::grid::WORLD`]). The frame is the whole world whatever the layer, so nothing that is computed in it can
//! tell of rows that a caller may not see.

use super::bbox::Bbox;

/// Units around the Earth.
pub const WORLD: i64 = 1 << 31;
/// Half of [`WORLD`]: longitude 180 and latitude 85.0511° are `± HALF`.
pub const HALF: i64 = WORLD / 2;
/// `y` is clamped here (some 3 % beyond the square world): poles must not become infinite, and an outline along the clamped edge
/// must fall outside of every tile and its buffer.
pub const Y_LIMIT: i64 = HALF + HALF / 16;

/// A vertex on the world grid: `[x, y]`, y southward.
pub type GridPoint = [i32; 2];

/// A closed box on the world grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridBox {
    /// Lowest x (west) and y (north).
    pub min: GridPoint,
    /// Highest x (east) and y (south).
    pub max: GridPoint,
}

impl GridBox {
    /// The box that contains nothing; the neutral element of [`GridBox::extend`].
    pub const EMPTY: Self = Self {
        min: [i32::MAX; 2],
        max: [i32::MIN; 2],
    };

    /// The box around `points`.
    pub fn around<'a>(points: impl IntoIterator<Item = &'a GridPoint>) -> Self {
        let mut b = Self::EMPTY;
        for p in points {
            b.extend(*p);
        }
        b
    }

    /// True if the box contains no point.
    pub fn is_empty(&self) -> bool {
        self.min[0] > self.max[0] || self.min[1] > self.max[1]
    }

    /// Grows the box so that it contains `p`.
    pub fn extend(&mut self, p: GridPoint) {
        for a in 0..2 {
            self.min[a] = self.min[a].min(p[a]);
            self.max[a] = self.max[a].max(p[a]);
        }
    }

    /// The smallest box around both.
    pub fn union(mut self, other: &Self) -> Self {
        if !other.is_empty() {
            self.extend(other.min);
            self.extend(other.max);
        }
        self
    }

    /// True if the boxes share at least a point of their borders.
    pub fn intersects(&self, other: &Self) -> bool {
        (0..2).all(|a| self.min[a] <= other.max[a] && other.min[a] <= self.max[a])
    }

    /// True if `other` lies wholly inside (borders may touch).
    pub fn contains(&self, other: &Self) -> bool {
        (0..2).all(|a| self.min[a] <= other.min[a] && other.max[a] <= self.max[a])
    }

    /// Square units of all boxes together, to tell which of two searches is the narrower one.
    pub fn total_area(boxes: &[Self]) -> f64 {
        let side = |b: &Self, a: usize| f64::from(b.max[a]) - f64::from(b.min[a]) + 1.0;
        boxes
            .iter()
            .filter(|b| !b.is_empty())
            .map(|b| side(b, 0) * side(b, 1))
            .sum()
    }

    /// The middle, rounded towards the north-west.
    pub fn center(&self) -> GridPoint {
        let mid = |a: i32, b: i32| ((i64::from(a) + i64::from(b)) >> 1) as i32;
        [mid(self.min[0], self.max[0]), mid(self.min[1], self.max[1])]
    }

    /// The box moved by whole worlds, `None` where it would leave the range of the grid altogether; parts that leave it are cut.
    pub fn shifted_worlds(&self, worlds: i64) -> Option<Self> {
        let x0 = i64::from(self.min[0]) + worlds * WORLD;
        let x1 = i64::from(self.max[0]) + worlds * WORLD;
        if x1 < i64::from(i32::MIN) || x0 > i64::from(i32::MAX) {
            return None;
        }
        Some(Self {
            min: [clamp_i32(x0), self.min[1]],
            max: [clamp_i32(x1), self.max[1]],
        })
    }

    /// The smallest grid box around a box of longitudes and latitudes in degrees.
    pub fn from_crs84(bbox: &Bbox) -> Self {
        let a = from_lonlat(bbox.min[0], bbox.max[1]);
        let b = from_lonlat(bbox.max[0], bbox.min[1]);
        // One unit of slack: rounding must never lose a row that the exact test would keep.
        Self {
            min: [a[0].saturating_sub(1), a[1].saturating_sub(1)],
            max: [b[0].saturating_add(1), b[1].saturating_add(1)],
        }
    }
}

fn clamp_i32(v: i64) -> i32 {
    v.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

/// Longitude and latitude in degrees → the nearest grid vertex. Longitudes up to ±360 keep their own place; latitudes beyond the
/// Mercator square are clamped to [`Y_LIMIT`].
pub fn from_lonlat(lon: f64, lat: f64) -> GridPoint {
    let x = (lon * (WORLD as f64 / 360.0)).round() as i64;
    // Mercator: y = atanh(sin φ), in the form that keeps its digits near the equator and does not overflow at the poles.
    let s = lat.to_radians().sin().clamp(-1.0, 1.0);
    let y = (-s.atanh() * (WORLD as f64 / std::f64::consts::TAU)).round();
    let y = y.clamp(-(Y_LIMIT as f64), Y_LIMIT as f64) as i64;
    [clamp_i32(x), clamp_i32(y)]
}

/// The longitude and latitude in degrees of a grid vertex.
pub fn to_lonlat(p: GridPoint) -> [f64; 2] {
    let lon = f64::from(p[0]) * (360.0 / WORLD as f64);
    let y = -f64::from(p[1]) * (std::f64::consts::TAU / WORLD as f64);
    [lon, y.sinh().atan().to_degrees()]
}

/// Position of a grid vertex along the Hilbert curve over the whole grid: 64 bits, the same for every layer and view.
pub fn hilbert(p: GridPoint) -> u64 {
    // Shift from signed to unsigned so that the curve covers the full i32 square.
    let mut x = (p[0] as u32) ^ 0x8000_0000;
    let mut y = (p[1] as u32) ^ 0x8000_0000;
    let mut key = 0u64;
    let mut bit = 1u32 << 31;
    while bit > 0 {
        let rx = u32::from(x & bit != 0);
        let ry = u32::from(y & bit != 0);
        key = (key << 2) | u64::from((3 * rx) ^ ry);
        if ry == 0 {
            if rx == 1 {
                x = !x;
                y = !y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        bit >>= 1;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_of_the_mercator_square() {
        assert_eq!(from_lonlat(0.0, 0.0), [0, 0]);
        assert_eq!(from_lonlat(180.0, 0.0)[0], 1 << 30);
        assert_eq!(from_lonlat(-180.0, 0.0)[0], -(1 << 30));
        let top = from_lonlat(0.0, 85.051_128_779_806_59)[1];
        assert!((i64::from(top) + HALF).abs() <= 1, "{top}");
        assert_eq!(i64::from(from_lonlat(0.0, 90.0)[1]), -Y_LIMIT);
        assert_eq!(i64::from(from_lonlat(0.0, -90.0)[1]), Y_LIMIT);
    }

    #[test]
    fn round_trip_is_within_half_a_unit() {
        for lat in [-80.0, -43.3, 0.0, 43.3, 84.9] {
            for lon in [-179.9, -5.4, 0.0, 5.4, 190.0] {
                let p = from_lonlat(lon, lat);
                assert_eq!(p, from_lonlat(to_lonlat(p)[0], to_lonlat(p)[1]));
            }
        }
    }

    #[test]
    fn hilbert_visits_each_cell_of_a_small_square_once_and_by_neighbours() {
        let n = 16i32;
        let step = 1i64 << 28; // 16 cells a side over the whole i32 square
        let cell = |i: i32| (i64::from(i32::MIN) + i64::from(i) * step) as i32;
        let mut cells: Vec<_> = (0..n)
            .flat_map(|x| (0..n).map(move |y| (x, y)))
            .map(|(x, y)| (hilbert([cell(x), cell(y)]) >> 56, x, y))
            .collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            assert_eq!(pair[1].0, pair[0].0 + 1);
            assert_eq!(
                (pair[1].1 - pair[0].1).abs() + (pair[1].2 - pair[0].2).abs(),
                1
            );
        }
    }
}
