//! Geometries of GeoJSON (RFC 7946 §3.1) and boxes.

use super::super::fault::{Expected, Fault, FaultKind, GeometryFault};
use super::super::limits::Limits;
use super::super::shape::{BboxLiteral, Shape};
use super::super::text::lex::quote;
use super::members::{Member, Members};
use super::tokens::{Kind, Tokens};
use crate::geometry::source::GeometryKind;

/// `coordinates` of a line or a ring: how many vertices it has at least, and what it is with fewer.
const LINE: (usize, GeometryFault) = (2, GeometryFault::LineTooShort);
const RING: (usize, GeometryFault) = (4, GeometryFault::RingTooShort);

/// A geometry that is being read.
pub(super) struct Reading<'a> {
    tokens: &'a Tokens<'a>,
    limits: &'a Limits,
    /// Vertices of all geometries of the filter so far.
    vertices: usize,
    counts: Vec<u32>,
    xy: Vec<[f64; 2]>,
    /// One a vertex, NaN where it has none.
    z: Vec<f64>,
    /// Whether the vertices of the geometry that is being read have heights, once one of them is known.
    has_heights: Option<bool>,
}

impl<'a> Reading<'a> {
    /// Reads the object with those members. `vertices` counts those of all geometries of the filter, `depth` the levels above.
    pub(super) fn shape(
        tokens: &'a Tokens<'a>,
        limits: &'a Limits,
        members: &Members,
        vertices: &mut usize,
        depth: usize,
    ) -> Result<Shape, Fault> {
        let mut reading = Self {
            tokens,
            limits,
            vertices: *vertices,
            counts: Vec::new(),
            xy: Vec::new(),
            z: Vec::new(),
            has_heights: None,
        };
        let kind = reading.kind(members)?;
        reading.geometry(kind, members, depth)?;
        *vertices = reading.vertices;
        if reading.z.iter().all(|z| z.is_nan()) {
            reading.z.clear();
        }
        Ok(Shape {
            kind,
            counts: reading.counts,
            xy: reading.xy,
            z: reading.z,
        })
    }

    fn kind(&self, members: &Members) -> Result<GeometryKind, Fault> {
        let token = members.require(Member::Type)?;
        let is_text = matches!(self.tokens.get(token).kind, Kind::Text(_));
        let name = is_text.then(|| self.tokens.text(token)).transpose()?;
        let kind = |name: String| GeometryKind::ALL.into_iter().find(|k| k.name() == name);
        name.and_then(kind)
            .ok_or_else(|| self.fault(token, GeometryFault::Kind))
    }

    fn geometry(
        &mut self,
        kind: GeometryKind,
        members: &Members,
        depth: usize,
    ) -> Result<(), Fault> {
        let list = if kind == GeometryKind::GeometryCollection {
            Member::Geometries
        } else {
            Member::Coordinates
        };
        members.only(self.tokens, &[Member::Type, list, Member::Bbox])?;
        if let Some(bbox) = members.get(Member::Bbox) {
            numbers::<0>(self.tokens, bbox)?;
        }
        let list = members.require(list)?;
        // The members of a collection may differ.
        self.has_heights = None;
        match kind {
            GeometryKind::Point => self.point(list),
            GeometryKind::MultiPoint => self.vertices(list).map(drop),
            // An empty line has no vertex.
            GeometryKind::LineString if array(self.tokens, list)?.next().is_none() => {
                self.counts.push(0);
                Ok(())
            }
            GeometryKind::LineString => self.path(list, LINE),
            GeometryKind::MultiLineString => self.paths(list, LINE),
            GeometryKind::Polygon => self.paths(list, RING),
            GeometryKind::MultiPolygon => self.polygons(list),
            GeometryKind::GeometryCollection => self.collection(list, depth),
        }
    }

    fn collection(&mut self, list: usize, depth: usize) -> Result<(), Fault> {
        if depth >= self.limits.depth {
            let kind = FaultKind::TooDeep(self.limits.depth);
            return Err(Fault::new(self.tokens.get(list).at(), kind));
        }
        self.count(list)?;
        for member in array(self.tokens, list)? {
            if self.tokens.get(member).kind != Kind::Object {
                return Err(expected(self.tokens, member, Expected::Geometry));
            }
            let members = Members::read(self.tokens, member)?;
            let kind = self.kind(&members)?;
            self.counts.push(kind as u32);
            self.geometry(kind, &members, depth + 1)?;
        }
        Ok(())
    }

    fn point(&mut self, list: usize) -> Result<(), Fault> {
        let is_empty = array(self.tokens, list)?.next().is_none();
        self.counts.push(u32::from(!is_empty));
        if is_empty { Ok(()) } else { self.vertex(list) }
    }

    fn paths(&mut self, list: usize, path: (usize, GeometryFault)) -> Result<(), Fault> {
        self.count(list)?;
        array(self.tokens, list)?.try_for_each(|part| self.path(part, path))
    }

    /// A polygon without rings leaves no trace in a [`Shape`].
    fn polygons(&mut self, list: usize) -> Result<(), Fault> {
        let place = self.counts.len();
        self.counts.push(0);
        for polygon in array(self.tokens, list)? {
            if array(self.tokens, polygon)?.next().is_some() {
                self.counts[place] += 1;
                self.paths(polygon, RING)?;
            }
        }
        Ok(())
    }

    fn path(
        &mut self,
        list: usize,
        (least, too_short): (usize, GeometryFault),
    ) -> Result<(), Fault> {
        let start = self.vertices(list)?;
        let count = self.xy.len() - start;
        if count < least {
            return Err(self.fault(list, too_short));
        }
        // In the plane: heights may differ.
        let is_closed = self.xy.get(start) == self.xy.last();
        if too_short == GeometryFault::RingTooShort && !is_closed {
            return Err(self.fault(list, GeometryFault::RingNotClosed));
        }
        Ok(())
    }

    /// Reads an array of positions; gives the number of its first vertex.
    fn vertices(&mut self, list: usize) -> Result<usize, Fault> {
        let start = self.xy.len();
        self.count(list)?;
        array(self.tokens, list)?.try_for_each(|position| self.vertex(position))?;
        Ok(start)
    }

    /// Writes down how many parts an array has.
    fn count(&mut self, list: usize) -> Result<(), Fault> {
        let count = array(self.tokens, list)?.count();
        self.counts.push(count as u32);
        Ok(())
    }

    fn vertex(&mut self, position: usize) -> Result<(), Fault> {
        self.vertices += 1;
        if self.vertices > self.limits.vertices {
            let kind = FaultKind::TooManyVertices(self.limits.vertices);
            return Err(Fault::new(self.tokens.get(position).at(), kind));
        }
        let (numbers, count) = numbers::<3>(self.tokens, position)?;
        let [x, y, z] = numbers;
        let has_height = match count {
            2 => false,
            3 => true,
            _ => return Err(self.fault(position, GeometryFault::Position)),
        };
        // A height in some vertices only would be a height of nothing in the others.
        if *self.has_heights.get_or_insert(has_height) != has_height {
            return Err(self.fault(position, GeometryFault::MixedDimensions));
        }
        self.z.push(if has_height { z } else { f64::NAN });
        self.xy.push([x, y]);
        Ok(())
    }

    fn fault(&self, token: usize, fault: GeometryFault) -> Fault {
        Fault::new(self.tokens.get(token).at(), FaultKind::Geometry(fault))
    }
}

/// `[west, south, east, north]`, or with heights `[west, south, lowest, east, north, highest]`.
pub(super) fn read_box(tokens: &Tokens<'_>, list: usize) -> Result<BboxLiteral, Fault> {
    let ([a, b, c, d, e, f], count) = numbers::<6>(tokens, list)?;
    match count {
        4 => Ok(BboxLiteral {
            low: [a, b],
            high: [c, d],
            heights: None,
        }),
        6 => Ok(BboxLiteral {
            low: [a, b],
            high: [d, e],
            heights: Some([c, f]),
        }),
        _ => Err(Fault::new(
            tokens.get(list).at(),
            FaultKind::BoxCount(count),
        )),
    }
}

/// The tokens in an array.
pub(super) fn array<'a>(
    tokens: &'a Tokens<'_>,
    token: usize,
) -> Result<impl Iterator<Item = usize> + use<'a>, Fault> {
    if tokens.get(token).kind == Kind::Array {
        Ok(tokens.children(token))
    } else {
        Err(expected(tokens, token, Expected::Token("[")))
    }
}

/// The first numbers of an array of numbers, and how many there are.
fn numbers<const N: usize>(tokens: &Tokens<'_>, token: usize) -> Result<([f64; N], usize), Fault> {
    let mut first = [0.0; N];
    let mut count = 0;
    for part in array(tokens, token)? {
        let number = number(tokens, part)?;
        if let Some(place) = first.get_mut(count) {
            *place = number;
        }
        count += 1;
    }
    Ok((first, count))
}

/// A finite number.
pub(super) fn number(tokens: &Tokens<'_>, token: usize) -> Result<f64, Fault> {
    if tokens.get(token).kind != Kind::Number {
        return Err(expected(tokens, token, Expected::Number));
    }
    let written = tokens.written(token);
    let number = written.parse::<f64>().ok().filter(|n| n.is_finite());
    number.ok_or_else(|| {
        let kind = FaultKind::Number(quote(written));
        Fault::new(tokens.get(token).at(), kind)
    })
}

/// Something else than this token was expected.
pub(super) fn expected(tokens: &Tokens<'_>, token: usize, expected: Expected) -> Fault {
    let found = quote(tokens.written(token));
    let kind = FaultKind::Expected { expected, found };
    Fault::new(tokens.get(token).at(), kind)
}
