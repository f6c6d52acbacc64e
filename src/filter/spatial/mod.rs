//! Relations of geometries (OGC 21-065r2 §7.7, after OGC 06-103r4 §6.1.15).

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
