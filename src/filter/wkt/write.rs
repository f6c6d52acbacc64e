//! From geometry to text.

use crate::filter::shape::Shape;
use crate::geometry::source::GeometryKind;

/// Appends the geometry as CQL2 text.
pub(in crate::filter) fn write(shape: &Shape, out: &mut String) {
    let mut writer = Writer {
        shape,
        count: 0,
        vertex: 0,
        out,
    };
    writer.geometry(shape.kind);
}

/// Appends a number in the shortest form that reads back to the same bits, whole numbers without a point and exponents without a plus,
/// which forms make a space of.
pub(in crate::filter) fn write_number(value: f64, out: &mut String) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let text = text.strip_suffix(".0").unwrap_or(text);
    out.extend(text.chars().filter(|c| *c != '+'));
}

struct Writer<'a> {
    shape: &'a Shape,
    /// The next count.
    count: usize,
    /// The next vertex.
    vertex: usize,
    out: &'a mut String,
}

impl Writer<'_> {
    fn next_count(&mut self) -> u32 {
        let count = self.shape.counts.get(self.count).copied().unwrap_or(0);
        self.count += 1;
        count
    }

    fn geometry(&mut self, kind: GeometryKind) {
        self.out.push_str(&kind.name().to_ascii_uppercase());
        let name_end = self.out.len();
        let first = self.vertex;
        let outer = self.next_count();
        if outer == 0 {
            return self.out.push_str(" EMPTY");
        }
        match kind {
            GeometryKind::Point | GeometryKind::LineString => self.path(outer),
            GeometryKind::Polygon | GeometryKind::MultiLineString => self.paths(outer),
            GeometryKind::MultiPoint => self.list(outer, |writer| {
                writer.out.push('(');
                writer.vertex();
                writer.out.push(')');
            }),
            GeometryKind::MultiPolygon => self.list(outer, |writer| {
                let rings = writer.next_count();
                writer.paths(rings);
            }),
            GeometryKind::GeometryCollection => {
                return self.list(outer, |writer| {
                    let kind = writer.next_count() as u8;
                    if let Some(kind) = GeometryKind::from_number(kind) {
                        writer.geometry(kind);
                    }
                });
            }
        }
        let has_z = self.vertex > first && self.z(first).is_some();
        if has_z {
            self.out.insert_str(name_end, " Z ");
        }
    }

    fn paths(&mut self, count: u32) {
        self.list(count, |writer| {
            let vertices = writer.next_count();
            writer.path(vertices);
        });
    }

    fn path(&mut self, vertices: u32) {
        self.list(vertices, Self::vertex);
    }

    fn list(&mut self, count: u32, mut member: impl FnMut(&mut Self)) {
        if count == 0 {
            self.out.push_str("EMPTY");
            return;
        }
        for i in 0..count {
            self.out.push(if i == 0 { '(' } else { ',' });
            member(self);
        }
        self.out.push(')');
    }

    fn z(&self, vertex: usize) -> Option<f64> {
        let z = self.shape.z.get(vertex).copied();
        z.filter(|z| !z.is_nan())
    }

    fn vertex(&mut self) {
        let [x, y] = self.shape.xy.get(self.vertex).copied().unwrap_or_default();
        write_number(x, self.out);
        self.out.push(' ');
        write_number(y, self.out);
        if let Some(z) = self.z(self.vertex) {
            self.out.push(' ');
            write_number(z, self.out);
        }
        self.vertex += 1;
    }
}
