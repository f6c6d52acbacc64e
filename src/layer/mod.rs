//! Floor 3: a layer as it is held: segments of columns, coordinate arenas and an R-tree, and the snapshot file of them.
//!
//! Nothing here knows who asks. A [`Layer`] shows nothing of its rows by itself: rows are read through the trait [`Rows`], which a
//! caller has to import; `catalog` does, and the floors test refuses the import anywhere above it. So a handler that forgets to ask
//! `catalog` for a `VisibleLayer` does not get rows, it gets a compile error.

mod assemble;
mod blocks;
mod build;
mod bytes;
mod chunk;
mod column;
mod gather;
mod identify;
mod ids;
mod infer;
mod names;
mod order;
mod part;
mod revision;
mod row_set;
mod section;
mod segment;
mod shapes;
mod snapshot;
mod table;
mod text;
mod zones;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

pub(crate) use assemble::{AssembleError, NewColumn, NewRow};
pub use build::DeclaredField;
pub(crate) use build::{BuildError, BuildOptions, Built, RowFault, build};
pub(crate) use chunk::{Chunk, RawColumn, RawGrid, RawValue};
pub(crate) use gather::geometry_of;
pub use order::{Position, SortKey};
pub(crate) use part::Part;
pub use revision::Revision;
pub(crate) use revision::{Cell, RowKey, content_hash, revision};
pub(crate) use row_set::{RowSet, bits};
pub(crate) use segment::Segment;
pub(crate) use shapes::{HAS_M, HAS_Z, KIND_MASK};
use snapshot::Mapped;
pub(crate) use snapshot::SnapshotError;

use crate::geometry::crs::Crs;
use crate::geometry::source::GeometryKind;
use crate::model::id::IdStability;
use crate::model::{Field, Schema};

/// One data set as read from its source. It is immutable; an edit makes a new one that shares the segments that stay.
#[derive(Debug, Clone)]
pub struct Layer {
    schema: Arc<Schema>,
    storage_crs: Crs,
    id_stability: IdStability,
    id_field: Option<usize>,
    revision: Revision,
    /// Tells it from all other layers that the process read.
    serial: u64,
    parts: Vec<Part>,
    /// The file in which its sections lie.
    snapshot: Option<Mapped>,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

fn next_serial() -> u64 {
    SERIAL.fetch_add(1, Ordering::Relaxed)
}

/// The sole way to the rows of a [`Layer`]; see the module's documentation for why it is a trait.
pub(crate) trait Rows {
    /// Properties and geometry.
    fn schema(&self) -> &Arc<Schema>;
    /// CRS of the source, in which geometries are kept bit for bit.
    fn storage_crs(&self) -> Crs;
    /// How far ids can be trusted.
    fn id_stability(&self) -> IdStability;
    /// The property that gives the ids, by its place in the schema.
    fn id_field(&self) -> Option<usize>;
    /// The state of rows and schema.
    fn revision(&self) -> Revision;
    /// Tells it from all other layers that the process read.
    fn serial(&self) -> u64;
    /// The segments, each with the rows that are still there.
    fn parts(&self) -> &[Part];
    /// Bytes of it that lie in a mapped file; all others are in memory for good.
    fn mapped_bytes(&self) -> u64;
    /// Gives the memory of its mapped file back. Whoever reads it next finds it as it was: nobody can tell but by the time it takes.
    fn cool(&self);
}

impl Rows for Layer {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn storage_crs(&self) -> Crs {
        self.storage_crs
    }

    fn id_stability(&self) -> IdStability {
        self.id_stability
    }

    fn id_field(&self) -> Option<usize> {
        self.id_field
    }

    fn revision(&self) -> Revision {
        self.revision
    }

    fn serial(&self) -> u64 {
        self.serial
    }

    fn parts(&self) -> &[Part] {
        &self.parts
    }

    fn mapped_bytes(&self) -> u64 {
        self.snapshot.as_ref().map_or(0, Mapped::bytes)
    }

    fn cool(&self) {
        if let Some(snapshot) = &self.snapshot {
            snapshot.cool();
        }
    }
}

/// What a snapshot says of the layer around its segment.
#[derive(Serialize, Deserialize)]
struct Facts<R> {
    fields: Vec<Field>,
    geometry_kinds: Vec<u8>,
    geometry_column: Option<String>,
    has_z: bool,
    has_m: bool,
    storage_crs: String,
    id_stability: u8,
    id_field: Option<usize>,
    revision: String,
    /// What the ingest has to say of the source.
    report: R,
}

impl Layer {
    /// A layer of one freshly built segment.
    pub(crate) fn of_built(built: Built, storage_crs: Crs, hash_key: &[u8; 32]) -> Self {
        let parts = vec![built.part];
        Self {
            revision: revision(hash_key, &built.schema, storage_crs, &parts),
            schema: Arc::new(built.schema),
            storage_crs,
            serial: next_serial(),
            id_stability: built.id_stability,
            id_field: built.id_field,
            parts,
            snapshot: None,
        }
    }

    /// Writes the layer and `report` to a snapshot and maps it in its own place, so that its pages can leave memory. Layers of several
    /// segments are not written.
    pub(crate) fn into_snapshot<R: Serialize + for<'de> Deserialize<'de>>(
        self,
        path: &Path,
        key: &str,
        report: &R,
    ) -> Result<Self, Box<(Self, SnapshotError)>> {
        let facts = Facts {
            fields: self.schema.fields.clone(),
            geometry_kinds: self
                .schema
                .geometry_kinds
                .iter()
                .map(|k| *k as u8)
                .collect(),
            geometry_column: self.schema.geometry_column.clone(),
            has_z: self.schema.has_z,
            has_m: self.schema.has_m,
            storage_crs: self.storage_crs.uri(),
            id_stability: self.id_stability as u8,
            id_field: self.id_field,
            revision: self.revision.to_string(),
            report,
        };
        let Self { mut parts, .. } = self;
        let [part] = parts.as_mut_slice() else {
            return Ok(Self { parts, ..self });
        };
        let Some(segment) = Arc::get_mut(&mut part.segment) else {
            return Ok(Self { parts, ..self });
        };
        let written = snapshot::write(path, key, &facts, segment);
        let kept = Self { parts, ..self };
        match written.and_then(|()| Self::open_snapshot::<R>(path, key)) {
            Ok((layer, _)) => Ok(layer),
            Err(error) => Err(Box::new((kept, error))),
        }
    }

    /// Maps the snapshot that was written under `key`.
    pub(crate) fn open_snapshot<R: for<'de> Deserialize<'de>>(
        path: &Path,
        key: &str,
    ) -> Result<(Self, R), SnapshotError> {
        let (segment, facts, mapped): (Segment, Facts<R>, Mapped) = snapshot::open(path, key)?;
        let layer = Self {
            schema: Arc::new(Schema {
                fields: facts.fields,
                geometry_kinds: facts
                    .geometry_kinds
                    .iter()
                    .filter_map(|n| GeometryKind::from_number(*n))
                    .collect(),
                geometry_column: facts.geometry_column,
                has_z: facts.has_z,
                has_m: facts.has_m,
            }),
            storage_crs: Crs::parse(&facts.storage_crs).map_err(|_| SnapshotError::Stale)?,
            id_stability: match facts.id_stability {
                0 => IdStability::Declared,
                1 => IdStability::Source,
                2 => IdStability::Positional,
                _ => return Err(SnapshotError::Stale),
            },
            id_field: facts.id_field,
            serial: next_serial(),
            revision: Revision(
                u128::from_str_radix(&facts.revision, 16).map_err(|_| SnapshotError::Stale)?,
            ),
            parts: vec![Part::whole(segment)],
            snapshot: Some(mapped),
        };
        if layer.parts[0].segment.columns.len() != layer.schema.fields.len() {
            return Err(SnapshotError::Damaged("columns"));
        }
        Ok((layer, facts.report))
    }
}

#[cfg(test)]
impl Layer {
    /// The layer with the rows of `newer` added and its own rows with ids for which `gone` holds taken out: what an edit makes.
    pub(crate) fn with_segment(
        &self,
        newer: Self,
        gone: impl Fn(crate::model::FeatureIdRef<'_>) -> bool,
    ) -> Self {
        let mut edited = self.clone();
        edited.serial = next_serial();
        for part in &mut edited.parts {
            let segment = &part.segment;
            let rows = RowSet::of_rows(segment.rows(), |r| !gone(segment.id(r)));
            part.rows = Some(Arc::new(rows));
        }
        edited.parts.extend(newer.parts);
        edited
    }
}
