//! Relations of geometries (OGC 21-065r2 §7.7, after OGC 06-103r4 §6.1.15).

mod expansion;
mod matrix;
mod node;
mod outline;
mod relate;
mod site;
#[cfg(test)]
mod tests;
