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

use crate::geometry::source::GeometryKind;

/// The kind of that name, in any mixture of cases, and whether the name says that it has heights: `POINTZ`.
pub(super) fn kind_of(name: &str) -> Option<(GeometryKind, bool)> {
    let find = |name: &str| {
        let mut kinds = GeometryKind::ALL.into_iter();
        kinds.find(|kind| kind.name().eq_ignore_ascii_case(name))
    };
    let marked = || Some((find(name.strip_suffix(['z', 'Z'])?)?, true));
    find(name).map(|kind| (kind, false)).or_else(marked)
}
