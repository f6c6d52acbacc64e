//! Places and shapes of worlds.

use guichet::geometry::crs::{Crs, Transform};

use crate::maker::Maker;
use crate::rng::Rng;
use crate::world::{Layer, Shape};

/// What the geometries of a layer are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Points,
    Lines,
    Polygons,
    Table,
}

pub const KINDS: [Kind; 4] = [Kind::Points, Kind::Lines, Kind::Polygons, Kind::Table];
/// West and south of the territory, and its size in degrees.
pub const TERRITORY: ([f64; 2], [f64; 2]) = ([4.2, 43.1], [3.0, 1.8]);

/// Degrees above which a shape has many vertices.
const LARGE: f64 = 0.1;

/// So many, and up to so many more, vertices of a shape of that size.
fn vertices(rng: &mut Rng, size: f64) -> usize {
    if size > LARGE {
        12 + rng.below(24)
    } else {
        4 + rng.below(8)
    }
}

impl Maker {
    /// Thirteen decimals: a place that no other shape has.
    pub fn place(&mut self) -> [f64; 2] {
        if !self.hot.is_empty() && self.rng.one_in(2) {
            let at = *self.rng.pick(&self.hot);
            return self.near(at, 0.004);
        }
        let ([west, south], [width, height]) = TERRITORY;
        let at = [
            west + width * self.rng.unit(),
            south + height * self.rng.unit(),
        ];
        self.near(at, 0.0)
    }

    /// A place at most so many degrees away.
    pub fn near(&mut self, [x, y]: [f64; 2], degrees: f64) -> [f64; 2] {
        let mut moved = |v: f64| {
            let v = v + degrees * (2.0 * self.rng.unit() - 1.0);
            // The last digit is never 0, or there would be fewer of them.
            ((v * 1e12).floor() * 10.0 + self.rng.between(1, 9) as f64) / 1e13
        };
        [moved(x), moved(y)]
    }

    /// A shape of some hundred metres to some kilometres around `at`, in degrees.
    pub fn shape(&mut self, kind: Kind, at: [f64; 2]) -> Option<Shape> {
        // Some reach over the borders of areas, with vertices enough to have some that are far from them.
        let size = *self.rng.pick(&[0.0005, 0.004, 0.02, 0.3, 0.7]);
        Some(match kind {
            Kind::Table => return None,
            Kind::Points => Shape::Point(at),
            Kind::Lines => {
                let steps = vertices(&mut self.rng, size) - 2;
                let step = size / steps as f64;
                let mut line = vec![at];
                for i in 1..steps {
                    let next = [at[0] + step * i as f64, at[1]];
                    line.push(self.near(next, step / 3.0));
                }
                Shape::Line(line)
            }
            Kind::Polygons => {
                let mut rings = vec![self.ring(at, size)];
                if self.rng.one_in(4) {
                    let mut hole = self.ring(at, size / 4.0);
                    hole.reverse();
                    rings.push(hole);
                }
                Shape::Polygon(rings)
            }
        })
    }

    /// A star around a centre: simple, counter-clockwise, closed. No vertex is nearer than half of the size or farther than all of it.
    fn ring(&mut self, [x, y]: [f64; 2], size: f64) -> Vec<[f64; 2]> {
        let corners = vertices(&mut self.rng, size);
        let mut ring: Vec<_> = (0..corners)
            .map(|i| {
                let angle = std::f64::consts::TAU * i as f64 / corners as f64;
                let far = size * (0.6 + 0.3 * self.rng.unit());
                self.near([x + far * angle.cos(), y + far * angle.sin()], size / 20.0)
            })
            .collect();
        ring.push(ring[0]);
        ring
    }
}

/// A shape in degrees, in that CRS.
pub fn in_crs(mut shape: Shape, crs: Crs) -> Shape {
    if crs != Crs::CRS84 {
        let transform = Transform::between(Crs::CRS84, crs).expect("both are known");
        for vertex in shape.vertices_mut() {
            *vertex = transform.convert_point(*vertex).expect("within France");
        }
    }
    shape
}

/// What the shapes of a layer are.
pub fn kind_of(layer: &Layer) -> Kind {
    let shape = layer.rows.iter().find_map(|r| r.shape.as_ref());
    match shape {
        None => Kind::Table,
        Some(Shape::Point(_)) => Kind::Points,
        Some(Shape::Line(_)) => Kind::Lines,
        Some(Shape::Polygon(_)) => Kind::Polygons,
    }
}

/// A place of that CRS, in degrees.
pub fn in_degrees(at: [f64; 2], crs: Crs) -> [f64; 2] {
    let transform = Transform::between(crs, Crs::CRS84).expect("both are known");
    transform.convert_point(at).expect("within France")
}
