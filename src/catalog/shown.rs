//! A layer as it is shown: the rows, and all that follows from them.

use std::sync::Arc;

use super::entry::Publication;
use super::facts::{Facts, Roles};
use crate::geometry::crs::Crs;
use crate::layer::{Layer, Part, Revision, Rows};
use crate::model::Schema;
use crate::model::id::IdStability;
use crate::model::metadata::Metadata;

/// What is served of a layer. Of a view it holds the view's own rows, values and geometries, and nothing in it comes from others.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) schema: Arc<Schema>,
    pub(super) storage_crs: Crs,
    pub(super) id_stability: IdStability,
    pub(super) revision: Revision,
    /// Apart, each in public order.
    pub(super) parts: Vec<Part>,
    pub(super) roles: Roles,
    pub(super) facts: Facts,
    /// What the publisher says, but for names of properties that are not shown.
    pub(super) metadata: Arc<Metadata>,
    /// Some of it, or all, is counted in cells of a grid: so the policy says, whether or not any cell is shown.
    pub(super) has_cells: bool,
    /// What it takes beside the layer.
    pub(super) bytes: u64,
}

impl Shown {
    /// All of a layer.
    pub(super) fn whole(layer: &Layer, publication: &Publication) -> Self {
        let (schema, crs, parts) = (layer.schema(), layer.storage_crs(), layer.parts());
        let roles = Roles::of(publication, schema);
        Self {
            schema: Arc::clone(schema),
            storage_crs: crs,
            id_stability: layer.id_stability(),
            revision: layer.revision(),
            parts: parts.to_vec(),
            facts: Facts::of(parts, schema, crs, publication, roles.time),
            roles,
            metadata: Arc::new(publication.metadata.clone()),
            has_cells: false,
            bytes: 0,
        }
    }

    /// True if ids are integers, false if texts.
    pub(super) fn ids_are_integers(&self) -> bool {
        self.parts.iter().all(|p| p.segment.ids_are_integers())
    }
}
