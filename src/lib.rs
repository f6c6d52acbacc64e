//! guichet: one counter for a territory's geographic data.
//!
//! The map of the house, its floors and its invariants follow.
#![doc = include_str!("ARCHITECTURE.md")]

pub mod geometry;
pub mod model;
pub mod portal;

pub mod config;
