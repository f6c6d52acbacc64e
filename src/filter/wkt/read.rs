//! From text to geometry.

use super::kind_of;
use crate::filter::ast::Span;
use crate::filter::fault::{Expected, Fault, FaultKind, GeometryFault};
use crate::filter::shape::Shape;
use crate::filter::text::cursor::Cursor;
use crate::filter::text::lex::{Kind, quote};
use crate::geometry::source::GeometryKind;

/// A number with a sign or without, and where it stands.
pub(in crate::filter) fn read_number(cursor: &mut Cursor<'_>) -> Result<(f64, Span), Fault> {
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
pub(in crate::filter) fn read(
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
