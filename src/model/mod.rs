//! Floor 1: what a feature is made of, in the terms of the standards; knows geometry and nothing above.

pub mod base64;
pub mod id;
pub mod language;
pub mod metadata;
pub mod schema;
pub mod temporal;
pub mod value;

pub use id::{FeatureId, FeatureIdRef};
pub use language::{Language, Words};
pub use schema::{DataType, Field, Schema};
pub use value::ValueRef;
