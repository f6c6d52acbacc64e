//! Geometries of GeoJSON (RFC 7946 §3.1) and boxes.

use super::super::fault::{Expected, Fault, FaultKind, GeometryFault};
use super::super::limits::Limits;
use super::super::shape::{Box2, Shape};
use super::members::{Member, Members};
use super::scan::{Kind, Tokens};
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
    z: Vec<f64>,
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
        };
        let kind = reading.kind(members)?;
        reading.geometry(kind, members, depth)?;
        *vertices = reading.vertices;
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
            numbers(self.tokens, bbox)?;
        }
        let list = members.require(list)?;
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
            GeometryKind::MultiPolygon => {
                self.count(list)?;
                array(self.tokens, list)?.try_for_each(|polygon| self.paths(polygon, RING))
            }
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
        let last = self.xy.len() - 1;
        let is_closed =
            self.xy[start] == self.xy[last] && (self.z.is_empty() || self.z[start] == self.z[last]);
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
        let has_heights = !self.z.is_empty();
        match numbers(self.tokens, position)?[..] {
            // A height in some vertices only would be a height of nothing in the others.
            [_, _] if has_heights => Err(self.fault(position, GeometryFault::MixedDimensions)),
            [_, _, _] if !has_heights && !self.xy.is_empty() => {
                Err(self.fault(position, GeometryFault::MixedDimensions))
            }
            [x, y] => {
                self.xy.push([x, y]);
                Ok(())
            }
            [x, y, z] => {
                self.xy.push([x, y]);
                self.z.push(z);
                Ok(())
            }
            _ => Err(self.fault(position, GeometryFault::Position)),
        }
    }

    fn fault(&self, token: usize, fault: GeometryFault) -> Fault {
        Fault::new(self.tokens.get(token).at(), FaultKind::Geometry(fault))
    }
}

/// `[west, south, east, north]`, or with heights `[west, south, lowest, east, north, highest]`.
pub(super) fn read_box(tokens: &Tokens<'_>, list: usize) -> Result<Box2, Fault> {
    match numbers(tokens, list)?[..] {
        [x1, y1, x2, y2] => Ok(Box2 {
            low: [x1, y1],
            high: [x2, y2],
            heights: None,
        }),
        [x1, y1, z1, x2, y2, z2] => Ok(Box2 {
            low: [x1, y1],
            high: [x2, y2],
            heights: Some([z1, z2]),
        }),
        ref other => Err(Fault::new(
            tokens.get(list).at(),
            FaultKind::BoxCount(other.len()),
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

/// The numbers of an array of numbers; those that follow the seventh are read, but of no use to anybody.
fn numbers(tokens: &Tokens<'_>, token: usize) -> Result<Vec<f64>, Fault> {
    array(tokens, token)?.map(|n| number(tokens, n)).collect()
}

/// A finite number.
pub(super) fn number(tokens: &Tokens<'_>, token: usize) -> Result<f64, Fault> {
    if tokens.get(token).kind != Kind::Number {
        return Err(expected(tokens, token, Expected::Number));
    }
    let written = tokens.written(token);
    let number = written.parse::<f64>().ok().filter(|n| n.is_finite());
    number.ok_or_else(|| {
        let kind = FaultKind::Number(super::short(written));
        Fault::new(tokens.get(token).at(), kind)
    })
}

/// Something else than this token was expected.
pub(super) fn expected(tokens: &Tokens<'_>, token: usize, expected: Expected) -> Fault {
    let found = super::short(tokens.written(token));
    let kind = FaultKind::Expected { expected, found };
    Fault::new(tokens.get(token).at(), kind)
}
