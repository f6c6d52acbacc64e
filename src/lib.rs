//! guichet: one counter for a territory's geographic data.
//!
//! The map of the house, its floors and its invariants follow.
#![doc = include_str!("ARCHITECTURE.md")]

pub mod access;
pub mod api;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod features;
pub mod filter;
pub mod formats;
pub mod geometry;
pub mod ingest;
mod layer;
pub mod leaks;
pub mod model;
pub mod portal;
pub mod store;
pub mod tiles;
