//! Floor 5: vector tiles of visible layers. Sync and pure: rows in, bytes out.
//!
//! A tile is made in this order ([`render`]): select rows by their boxes → thin each path by the importance of its vertices → clip to
//! the buffered tile → snap to the tile's grid → drop what has no extent → orient → judge and, if need be, repair → encode. Paths
//! are thinned *before* they are clipped: what is left does not depend on the tile, so neighbouring tiles meet at their common border,
//! and there are fewer vertices to cut.

pub mod cache;
pub mod coord;
#[cfg(test)]
mod double;
pub mod drawing;
pub mod dust;
pub mod gzip;
pub mod properties;
pub mod render;
pub mod shape;
pub mod source;
pub mod tilejson;
mod visible;
