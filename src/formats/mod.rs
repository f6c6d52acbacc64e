//! Floor 5: rows → bytes of a format. Each writer appends to a buffer that the caller hands down and empties; none does any I/O.

pub mod geojson;

mod json;
mod placement;

pub use placement::Placement;
