//! Relations against tables of known answers, against other judges, and against themselves.

mod cases;
mod laws;
mod literals;
mod measures;
mod reference;

use super::matrix::Matrix;
use super::outline::Outline;
use super::relate::Reference;
use crate::filter::Shape;
use crate::filter::ast::SpatialOp;
use crate::geometry::source::GeometryKind;

/// A geometry in WKT, as tests write it.
fn wkt(text: &str) -> Shape {
    let mut shape = Shape {
        kind: GeometryKind::Point,
        counts: Vec::new(),
        xy: Vec::new(),
        z: Vec::new(),
    };
    shape.kind = Wkt(text).geometry(&mut shape);
    shape
}

struct Wkt<'a>(&'a str);

impl Wkt<'_> {
    fn geometry(&mut self, shape: &mut Shape) -> GeometryKind {
        let name_end = self.0.find('(').unwrap();
        let name = self.0[..name_end].trim();
        self.0 = &self.0[name_end..];
        let mut kinds = GeometryKind::ALL.into_iter();
        let kind = kinds.find(|k| k.name().eq_ignore_ascii_case(name)).unwrap();
        match kind {
            GeometryKind::GeometryCollection => self.list(shape, |this, shape| {
                let place = shape.counts.len();
                shape.counts.push(0);
                let member = this.geometry(shape);
                shape.counts[place] = member as u32;
            }),
            GeometryKind::Point | GeometryKind::LineString | GeometryKind::MultiPoint => {
                self.list(shape, Self::vertex);
            }
            GeometryKind::Polygon | GeometryKind::MultiLineString => {
                self.list(shape, |this, shape| this.list(shape, Self::vertex));
            }
            GeometryKind::MultiPolygon => self.list(shape, |this, shape| {
                this.list(shape, |this, shape| this.list(shape, Self::vertex));
            }),
        }
        kind
    }

    fn list(&mut self, shape: &mut Shape, member: impl Fn(&mut Self, &mut Shape)) {
        let place = shape.counts.len();
        shape.counts.push(0);
        loop {
            // Past the bracket or comma before the member.
            self.0 = self.0[1..].trim_start();
            if self.0.starts_with(')') {
                break;
            }
            member(self, shape);
            shape.counts[place] += 1;
            self.0 = self.0.trim_start();
            if self.0.starts_with(')') {
                break;
            }
        }
        self.0 = &self.0[1..];
    }

    fn vertex(&mut self, shape: &mut Shape) {
        let inner = self.0.trim_start_matches('(');
        let nested = inner.len() < self.0.len();
        let end = inner.find([',', ')']).unwrap();
        let numbers: Vec<f64> = inner[..end]
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        shape.xy.push([numbers[0], numbers[1]]);
        self.0 = &inner[end + usize::from(nested)..];
    }
}

fn outline(shape: &Shape) -> Outline {
    Outline::new(&shape.as_source(), &shape.xy)
}

fn matrix(a: &Shape, b: &Shape) -> Matrix {
    Reference::new(outline(b)).matrix(&outline(a))
}

/// As 06-103r4 writes it.
fn pattern(m: &Matrix) -> String {
    let cells = m.0.as_flattened().iter();
    cells
        .map(|cell| {
            if *cell < 0 {
                'F'
            } else {
                char::from(b'0' + *cell as u8)
            }
        })
        .collect()
}

/// The relations that hold, by name.
fn relations(a: &Shape, b: &Shape) -> Vec<&'static str> {
    let holds = |op: &&SpatialOp| super::relate(**op, &a.as_source(), &b.as_source()).unwrap();
    SpatialOp::ALL
        .iter()
        .filter(holds)
        .map(|op| &op.json()[2..])
        .collect()
}
