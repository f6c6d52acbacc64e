//! Axis-aligned boxes of planar `f64` coordinates.

/// A box in some planar frame: `min` and `max` corners, x before y. Empty when `min > max`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bbox {
    /// Lowest x and y.
    pub min: [f64; 2],
    /// Highest x and y.
    pub max: [f64; 2],
}

impl Bbox {
    /// The box that contains nothing; the neutral element of [`Bbox::extend`].
    pub const EMPTY: Self = Self {
        min: [f64::INFINITY; 2],
        max: [f64::NEG_INFINITY; 2],
    };

    /// The box of two corners, `[xmin, ymin]` and `[xmax, ymax]`.
    pub fn new(min: [f64; 2], max: [f64; 2]) -> Self {
        Self { min, max }
    }

    /// The box around `points`, [`Bbox::EMPTY`] if there are none.
    pub fn around<'a>(points: impl IntoIterator<Item = &'a [f64; 2]>) -> Self {
        let mut bbox = Self::EMPTY;
        for p in points {
            bbox.extend(*p);
        }
        bbox
    }

    /// True if the box contains no point.
    pub fn is_empty(&self) -> bool {
        !(self.min[0] <= self.max[0] && self.min[1] <= self.max[1])
    }

    /// Grows the box so that it contains `p`.
    pub fn extend(&mut self, p: [f64; 2]) {
        for axis in 0..2 {
            self.min[axis] = self.min[axis].min(p[axis]);
            self.max[axis] = self.max[axis].max(p[axis]);
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

    /// True if `p` lies inside or on the border.
    pub fn contains(&self, p: [f64; 2]) -> bool {
        (0..2).all(|a| self.min[a] <= p[a] && p[a] <= self.max[a])
    }

    /// True if the boxes share at least a point of their borders.
    pub fn intersects(&self, other: &Self) -> bool {
        (0..2).all(|a| self.min[a] <= other.max[a] && other.min[a] <= self.max[a])
    }

    /// Points along the border, `steps` per side: a curve in another CRS, so that a box is never judged there by its corners
    /// alone.
    pub fn border(&self, steps: u32) -> impl Iterator<Item = [f64; 2]> + '_ {
        let [x0, y0] = self.min;
        let [x1, y1] = self.max;
        (0..steps).flat_map(move |i| {
            let t = f64::from(i) / f64::from(steps);
            let (x, y) = (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
            [[x, y0], [x1, y], [x1 - (x - x0), y1], [x0, y1 - (y - y0)]]
        })
    }
}
