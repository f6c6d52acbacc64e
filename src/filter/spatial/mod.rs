//! Relations of geometries (OGC 21-065r2 §7.7, after OGC 06-103r4 §6.1.15), and numbers taken from geometries.
//!
//! Geometries are sets of points in the plane of the filter's CRS, with straight edges; heights are not looked at (but see
//! [`Prepared::of_bbox`]). Every answer is exact: no coordinate is rounded, and no crossing of two edges is computed as a coordinate.
//! (Bringing rows to another CRS rounds: vertices that were equal stay so, but one that lay on an edge of another geometry may come to
//! lie a hair beside it.) What 06-103r4 leaves open is settled so:
//!
//! - **Null** is not known here: a row without geometry is NULL for its caller. **Empty** geometries are the empty set: disjoint from
//!   everything, equal to each other, in no other relation.
//! - **NULL** (`None`) is the answer where a vertex has no place in the frame of the filter, or is not finite.
//! - The **boundary** of lines are the places in which an odd number of them end; closed lines and points have none.
//! - **Collections** are the union of their members: what lies inside of an area is its interior, whatever else lies there, and so is an
//!   edge that two areas share. Their dimension is the highest among their members.
//! - `Crosses` holds of points and lines, points and areas, lines and areas, in either order, and of two lines; `Overlaps` of two
//!   geometries of one dimension; never of others.
//! - **Without the extent of its kind** a geometry is what it looks like: a line of one place is a point, a polygon whose vertices lie on
//!   one line is that line.
//! - **Invalid polygons** hold the places around which their rings wind an odd number of times, and their rings. Rings are closed, whether
//!   or not the source repeats the first vertex.
//!
//! [`Prepared`] is a literal for many rows: it answers from the box of a row where that is certain, else from its vertices. [`relate`]
//! compares any two geometries.

mod cells;
mod cover;
mod expansion;
mod matrix;
mod measure;
mod node;
mod outline;
mod prepared;
mod relate;
mod site;
#[cfg(test)]
mod tests;
mod valid;

pub use measure::{Measures, dimension, vertex_count, x, y};
pub use prepared::{Prepared, Scratch, box_shape, relate};
pub use valid::is_valid;
