//! Why a source gives no layer. Each message says what, where, and what to do.

use std::io;
use std::path::PathBuf;

/// A refused source.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Not a format that is read today.
    #[error("{}: {found}; guichet reads FlatGeobuf (.fgb), GeoJSON (.geojson, .geojsonl, .geojsons) and GeoPackage (.gpkg) today, each also gzipped: convert it, for instance with ogr2ogr", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: String,
    },
    /// The file is damaged, or not what its first bytes promise.
    #[error("{}: {what}{}", path.display(), advice.map(|a| format!("; {a}")).unwrap_or_default())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        what: String,
        /// What to do.
        advice: Option<&'static str>,
    },
    /// The CRS is not known, or cannot be used.
    #[error("{}: {what}; name the CRS of its coordinates with the option `crs` (for instance crs = \"EPSG:2154\")", path.display())]
    Crs {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A ceiling of `[limits]`.
    #[error("{}: {what}; raise limits.{limit} if that is meant", path.display())]
    Limit {
        /// The file.
        path: PathBuf,
        /// What is too much.
        what: String,
        /// The key of the ceiling.
        limit: &'static str,
    },
    /// The wanted layer is not in the file.
    #[error("{}: there is no layer \"{wanted}\" in it; its layers are: {}", path.display(), found.join(", "))]
    NoSuchLayer {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        wanted: String,
        /// What there is.
        found: Vec<String>,
    },
    /// The file changed while it was read.
    #[error("{}: it changed while it was read; load it again when it is complete (replace files by renaming another over them)", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A layer was chosen in a file of a format that holds one.
    #[error("{}: a {format} holds one layer only: remove `layer` from its source", path.display())]
    OneLayer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: &'static str,
    },
    /// The file has several layers and none was chosen.
    #[error("{}: it has several layers ({}); choose one with source = {{ path = …, layer = … }}", path.display(), found.join(", "))]
    ManyLayers {
        /// The file.
        path: PathBuf,
        /// What there is.
        found: Vec<String>,
    },
    /// No feature could be kept.
    #[error("{}: none of its {read} features can be served; the first fault: {first}; correct it, or set `partial = true` on the source to serve the layer empty", path.display())]
    NothingLeft {
        /// The file.
        path: PathBuf,
        /// Features met.
        read: u64,
        /// The first fault in words.
        first: String,
    },
    /// The rows cannot be held or identified.
    #[error("{}: {what}", path.display())]
    Build {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
}
