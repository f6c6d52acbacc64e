//! Floor 0: coordinates and shapes; knows nothing of layers, features or HTTP.
//!
//! Three frames live here, and the type says which one a number is in:
//! - **source**: the ordinates of the file, in the storage CRS, `f64`, never changed ([`source`]);
//! - **CRS84**: longitude and latitude in degrees ([`bbox`]);
//! - **world grid**: Web Mercator on integers, `2^31` units around the Earth ([`grid`]).

pub mod bbox;
pub mod bend;
pub mod box_search;
pub mod cells;
pub mod clip;
pub mod crs;
pub mod edges;
pub mod faces;
pub mod grid;
pub mod importance;
pub mod meets;
pub mod orient;
pub mod paths;
pub mod predicates;
pub mod prepare;
pub mod region;
pub mod repair;
pub mod snap;
pub mod source;
pub mod validity;
pub mod window;
pub mod zooms;
