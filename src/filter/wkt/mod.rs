//! Geometries of CQL2 text: the well-known text of OGC 06-103r4 §7, with heights and without measures.
//!
//! Beyond the grammar of CQL2: `EMPTY`, collections in collections, `MULTIPOINT(1 2, 3 4)` and `POINTZ(…)` as other software writes
//! them. A geometry's vertices either all have a height or none, whether `Z` is written or not; members of a collection may differ.
//! Rings are closed where their first and last vertex agree in the plane. `EMPTY` lines and polygons of a multi-geometry, and a polygon's
//! only ring if it is `EMPTY`, are no points and leave no trace in a [`Shape`].

mod read;
mod write;

pub(super) use read::{read, read_number};
pub(super) use write::{write, write_number};

use super::fault::{Expected, Fault};
use super::limits::Limits;
use super::shape::Shape;
use super::text::cursor::Cursor;
use super::text::lex::Kind;
use crate::geometry::source::GeometryKind;

/// Reads a geometry that stands alone.
pub fn parse_wkt(text: &str, limits: &Limits) -> Result<Shape, Fault> {
    let mut cursor = Cursor::new(text, limits)?;
    let Some((kind, has_z)) = kind_of(cursor.slice()) else {
        return Err(cursor.expected(Expected::Geometry));
    };
    cursor.advance()?;
    let shape = read(&mut cursor, kind, has_z)?;
    if cursor.kind() != Kind::End {
        return Err(cursor.expected(Expected::End));
    }
    Ok(shape)
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
