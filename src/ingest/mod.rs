//! Floor 4: a source file becomes a layer and a report.
//!
//! Detect the format by content, stream features under ceilings, keep the exact ordinates, project to the world grid, clean and
//! weigh shapes there, type the columns, pack. A feature is accepted, repaired or rejected, each with a code, a number and a place;
//! a file is refused only when going on would mean guessing.

mod detect;
mod error;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod load;
mod locate;
mod pipeline;
mod read;
mod report;
mod row;
mod sink;

pub use crate::layer::DeclaredField;
pub use detect::Format;
pub use error::IngestError;
pub use load::{IngestLimits, LoadOptions, Loaded, SourceSpec, layer_names, load, sweep_snapshots};
pub use report::{Code, Faults, Report, Verdict};
