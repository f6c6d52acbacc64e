//! Relations of geometries (OGC 21-065r2 §7.7, after OGC 06-103r4 §6.1.15).

mod cells;
mod cover;
mod expansion;
mod matrix;
mod node;
mod outline;
mod prepared;
mod relate;
mod site;
#[cfg(test)]
mod tests;

pub use prepared::{Prepared, Scratch, box_shape, relate};
