//! Floor 7: the command line.

pub mod args;
