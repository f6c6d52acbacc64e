//! Geometries of CQL2 text: the well-known text of OGC 06-103r4 §7, with heights and without measures.
//!
//! Beyond the grammar of CQL2: `EMPTY`, collections in collections, `MULTIPOINT(1 2, 3 4)` and `POINTZ(…)` as other software writes
//! them. A geometry's vertices either all have a height or none, whether `Z` is written or not; members of a collection may differ.
//! Rings are closed where their first and last vertex agree in the plane. `EMPTY` lines and polygons of a multi-geometry, and a polygon's
//! only ring if it is `EMPTY`, are no points and leave no trace in a [`Shape`].

use super::ast::Span;
use super::fault::{Expected, Fault, FaultKind, GeometryFault};
use super::shape::Shape;
use super::text::cursor::Cursor;
use super::text::lex::{Kind, quote};
use crate::geometry::source::GeometryKind;

/// A number with a sign or without, and where it stands.
pub(super) fn read_number(cursor: &mut Cursor<'_>) -> Result<(f64, Span), Fault> {
    let start = cursor.at();
    let negative = cursor.sees(b'-');
    if negative || cursor.sees(b'+') {
        cursor.advance()?;
    }
    if cursor.kind() != Kind::Number {
        return Err(cursor.expected(Expected::Number));
    }
    let digits = cursor.slice();
    let value = digits.parse::<f64>().unwrap_or(f64::INFINITY);
    if !value.is_finite() {
        let kind = FaultKind::Number(quote(digits));
        return Err(Fault::new(cursor.at(), kind));
    }
    cursor.advance()?;
    let value = if negative { -value } else { value };
    Ok((value, cursor.since(start)))
}

/// A geometry of that kind, after its name. `has_z` if the name already says that it has heights.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    kind: GeometryKind,
    has_z: bool,
) -> Result<Shape, Fault> {
    let mut reader = Reader {
        cursor,
        counts: Vec::new(),
        xy: Vec::new(),
        z: Vec::new(),
    };
    reader.geometry(kind, has_z)?;
    let Reader {
        counts, xy, mut z, ..
    } = reader;
    if z.iter().all(|z| z.is_nan()) {
        z.clear();
    }
    Ok(Shape {
        kind,
        counts,
        xy,
        z,
    })
}

struct Reader<'a, 'b> {
    cursor: &'a mut Cursor<'b>,
    counts: Vec<u32>,
    xy: Vec<[f64; 2]>,
    /// One a vertex, NaN where it has none.
    z: Vec<f64>,
}

impl Reader<'_, '_> {
    /// One geometry, after its name: `Z (…)`, `EMPTY`.
    fn geometry(&mut self, kind: GeometryKind, mut has_z: bool) -> Result<(), Fault> {
        if !has_z && self.cursor.sees_name("Z") {
            self.cursor.advance()?;
            has_z = true;
        }
        // Known from the first vertex if it is not written.
        let mut heights = has_z.then_some(true);
        match kind {
            GeometryKind::Point => self.point(&mut heights),
            GeometryKind::LineString => self.line(&mut heights),
            GeometryKind::Polygon => self.polygon(&mut heights),
            GeometryKind::MultiPoint => {
                let place = self.count_later();
                self.list(place, |reader| reader.member_point(&mut heights))
            }
            GeometryKind::MultiLineString => {
                let place = self.count_later();
                self.list(place, |reader| {
                    reader.unless_empty(|reader| reader.line(&mut heights))
                })
            }
            GeometryKind::MultiPolygon => {
                let place = self.count_later();
                self.list(place, |reader| reader.member_polygon(&mut heights))
            }
            GeometryKind::GeometryCollection => {
                let place = self.count_later();
                self.list(place, |reader| reader.member(has_z))
            }
        }
    }

    /// A place in the counts that is filled in when it is known.
    fn count_later(&mut self) -> usize {
        self.counts.push(0);
        self.counts.len() - 1
    }

    /// `EMPTY`, or in brackets what `member` reads. The number of those for which it says `true` goes to that place.
    fn list(
        &mut self,
        place: usize,
        mut member: impl FnMut(&mut Self) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        if self.empty()? {
            return Ok(());
        }
        self.open()?;
        loop {
            self.counts[place] += u32::from(member(self)?);
            if !self.cursor.take(b',')? {
                break;
            }
        }
        self.close(", )")
    }

    fn empty(&mut self) -> Result<bool, Fault> {
        let empty = self.cursor.sees_name("EMPTY");
        if empty {
            self.cursor.advance()?;
        }
        Ok(empty)
    }

    /// What `read` reads, unless `EMPTY` stands here.
    fn unless_empty(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) -> Result<bool, Fault> {
        if self.empty()? {
            return Ok(false);
        }
        read(self)?;
        Ok(true)
    }

    fn open(&mut self) -> Result<(), Fault> {
        if !self.cursor.sees(b'(') {
            return Err(self.cursor.expected(Expected::Token("(")));
        }
        self.cursor.enter()
    }

    fn close(&mut self, name: &'static str) -> Result<(), Fault> {
        self.cursor.demand(b')', name)?;
        self.cursor.leave();
        Ok(())
    }

    /// A member of a collection. Where the collection says that it has heights, they have.
    fn member(&mut self, has_z: bool) -> Result<bool, Fault> {
        let name = self.cursor.slice();
        let named = match self.cursor.kind() {
            Kind::Name => kind_of(name),
            _ => None,
        };
        let Some((kind, marked)) = named else {
            return Err(self.cursor.expected(Expected::Geometry));
        };
        self.cursor.advance()?;
        self.counts.push(kind as u32);
        self.geometry(kind, has_z || marked)?;
        Ok(true)
    }

    fn point(&mut self, heights: &mut Option<bool>) -> Result<(), Fault> {
        let place = self.count_later();
        if self.empty()? {
            return Ok(());
        }
        self.open()?;
        self.vertex(heights)?;
        self.counts[place] = 1;
        self.close(")")
    }

    /// A point of a MultiPoint, in brackets of its own or not.
    fn member_point(&mut self, heights: &mut Option<bool>) -> Result<bool, Fault> {
        self.unless_empty(|reader| {
            if !reader.cursor.sees(b'(') {
                return reader.vertex(heights);
            }
            reader.open()?;
            reader.vertex(heights)?;
            reader.close(")")
        })
    }

    /// A polygon of a MultiPolygon.
    fn member_polygon(&mut self, heights: &mut Option<bool>) -> Result<bool, Fault> {
        let place = self.counts.len();
        let there = self.unless_empty(|reader| reader.polygon(heights))?;
        let has_rings = there && self.counts[place] > 0;
        if !has_rings {
            self.counts.truncate(place);
        }
        Ok(has_rings)
    }

    fn line(&mut self, heights: &mut Option<bool>) -> Result<(), Fault> {
        let (at, vertices) = self.path(heights)?;
        if vertices == 1 {
            return Err(fault(at, GeometryFault::LineTooShort));
        }
        Ok(())
    }

    fn polygon(&mut self, heights: &mut Option<bool>) -> Result<(), Fault> {
        let place = self.count_later();
        self.list(place, |reader| {
            let at = reader.cursor.at();
            let there = reader.unless_empty(|reader| reader.ring(heights))?;
            let alone = reader.counts[place] == 0 && reader.cursor.sees(b')');
            if there || alone {
                Ok(there)
            } else {
                Err(fault(at, GeometryFault::RingTooShort))
            }
        })
    }

    fn ring(&mut self, heights: &mut Option<bool>) -> Result<(), Fault> {
        let first = self.xy.len();
        let (at, vertices) = self.path(heights)?;
        if self.xy.get(first) != self.xy.last() {
            return Err(fault(at, GeometryFault::RingNotClosed));
        }
        if vertices < 4 {
            return Err(fault(at, GeometryFault::RingTooShort));
        }
        Ok(())
    }

    /// `(x y, …)` or `EMPTY`: where it stands and its number of vertices.
    fn path(&mut self, heights: &mut Option<bool>) -> Result<(Span, u32), Fault> {
        let start = self.cursor.at();
        let place = self.count_later();
        self.list(place, |reader| reader.vertex(heights).map(|()| true))?;
        Ok((self.cursor.since(start), self.counts[place]))
    }

    fn vertex(&mut self, heights: &mut Option<bool>) -> Result<(), Fault> {
        let (x, start) = read_number(self.cursor)?;
        let (y, _) = read_number(self.cursor)?;
        let has_z =
            self.cursor.kind() == Kind::Number || self.cursor.sees(b'-') || self.cursor.sees(b'+');
        let z = if has_z {
            read_number(self.cursor)?.0
        } else {
            f64::NAN
        };
        let at = self.cursor.since(start);
        if *heights.get_or_insert(has_z) != has_z {
            return Err(fault(at, GeometryFault::MixedDimensions));
        }
        self.cursor.count_vertex(at)?;
        self.xy.push([x, y]);
        self.z.push(z);
        Ok(())
    }
}

fn fault(at: Span, what: GeometryFault) -> Fault {
    Fault::new(at, FaultKind::Geometry(what))
}

/// The kind of that name, in any mixture of cases, and whether the name says that it has heights: `POINTZ`.
pub(super) fn kind_of(name: &str) -> Option<(GeometryKind, bool)> {
    let find = |name: &str| {
        let mut kinds = GeometryKind::ALL.into_iter();
        kinds.find(|kind| kind.name().eq_ignore_ascii_case(name))
    };
    let marked = || Some((find(name.strip_suffix(['z', 'Z'])?)?, true));
    find(name).map(|kind| (kind, false)).or_else(marked)
}

/// Appends the geometry as CQL2 text.
pub(super) fn write(shape: &Shape, out: &mut String) {
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
pub(super) fn write_number(value: f64, out: &mut String) {
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
