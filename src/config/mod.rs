//! The configuration file, parsed into plain values.
