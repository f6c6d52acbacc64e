//! Deriving: from a layer and what a view shows of it, a layer that behaves as if only that existed.
//!
//! For each part of the layer the slices say which rows they show and which values ([`plan`]). Rows that are shown as they are stay where
//! they are: the part's segment is shared, with a set of rows, bits over the cells that are masked, and, where the layer's ids may not
//! be shown, ids of the view's own. Rows that look different ([`made`]) go into a segment of the view's own, and so do all rows of a
//! part of which few are left. Facts, schema, ids and revision are worked out of what is shown and of nothing else.

mod areas;
mod bits;
mod cells;
mod ids;
mod made;
mod matching;
mod one;
mod own;
mod piece;
mod plan;
mod share;

use std::sync::Arc;

use self::cells::CellColumns;
pub use self::cells::{CellStep, CellTale};
pub(super) use self::one::tale;
pub use self::one::{RowFate, RowTale};

use self::made::Showing;
use self::own::Own;
use self::piece::Frame;
use self::plan::Faces;
use super::entry::LayerEntry;
use super::facts::{Facts, Roles};
use super::shown::Shown;
use crate::access::SurfaceView;
use crate::layer::{AssembleError, Part, Rows, geometry_of, revision};
use crate::model::id::IdStability;
use crate::model::{Field, Schema};

/// Why a view cannot be derived: it shows nothing then.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum DeriveError {
    /// What it shows is too big for a segment of its own.
    #[error(transparent)]
    TooBig(#[from] AssembleError),
    /// The layer's CRS, or that of the cells, cannot be transformed.
    #[error("the layer's CRS has no transformation to the grid")]
    NoFrame,
}

/// What a view shows of a layer. `secret` is the key of its ids and of its revision.
pub(super) fn derive(
    entry: &LayerEntry,
    view: &SurfaceView,
    secret: &[u8; 32],
) -> Result<Shown, DeriveError> {
    let layer = &entry.layer;
    let declared = &entry.publication.declared;
    let rank = |field: usize| {
        let name = &layer.schema().fields[field].name;
        let place = declared.iter().position(|d| d == name);
        place.unwrap_or(declared.len())
    };
    let faces = Faces::of(view.slices(), rank);
    let frame = Frame::of(layer.storage_crs()).ok_or(DeriveError::NoFrame)?;
    let mut showing: Vec<Showing<'_>> = layer
        .parts()
        .iter()
        .map(|part| Showing::of(part, &faces, &frame))
        .collect();
    let keeps_ids = keeps_ids(entry, &faces);
    if !keeps_ids && !crate::leak!("order-of-the-layer") {
        for s in &mut showing {
            s.make_ties();
        }
    }
    for s in &mut showing {
        s.make_if_few(keeps_ids);
    }
    let stored = layer.schema();
    let fields: Vec<Field> = faces
        .fields
        .iter()
        .map(|f| stored.fields[*f].clone())
        .collect();
    let columns = CellColumns::of(&faces, stored, &fields);
    let cells = cells::of(&showing, &faces, &columns, &frame.grid).ok_or(DeriveError::NoFrame)?;
    let key = ids::key_of(secret, view.id());
    let own = Own::new(entry, &faces, &showing, keeps_ids, &key, (&columns, &cells));
    let mut parts = Vec::new();
    let mut bytes = size_of::<Shown>();
    for (i, s) in showing.iter().enumerate() {
        if let Some(part) = s.shared_part(&faces, own.ids_of(i), columns.types()) {
            bytes += part.segment.bytes_beside(&s.part.segment) + part.set_bytes();
            parts.push(part);
        }
    }
    if let Some(segment) = own.segment()? {
        bytes += segment.bytes();
        parts.push(Part::whole(segment));
    }
    // Where no row is shown, nothing says whether the hidden ones have ids; those that are declared are so without any row.
    let stability = layer.id_stability();
    let is_told = stability == IdStability::Declared || parts.iter().any(|part| part.len() > 0);
    let id_stability = if keeps_ids && is_told && faces.plain().next().is_some() {
        stability
    } else {
        IdStability::Content
    };
    let mut shown = finish(entry, parts, (fields, columns.fields), id_stability, secret);
    shown.bytes = bytes as u64;
    Ok(shown)
}

/// Whether the layer's own ids are shown: those of its file, or of a property that is shown of every row.
fn keeps_ids(entry: &LayerEntry, faces: &Faces<'_>) -> bool {
    if crate::leak!("ids-of-the-layer") {
        return true;
    }
    match entry.layer.id_stability() {
        IdStability::Source => true,
        IdStability::Declared => {
            let field = entry.layer.id_field();
            field.is_some_and(|f| faces.shows_everywhere(f))
        }
        IdStability::Positional | IdStability::Content => false,
    }
}

/// Everything that follows from the rows that are shown.
fn finish(
    entry: &LayerEntry,
    parts: Vec<Part>,
    (shown, of_cells): (Vec<Field>, Vec<Field>),
    id_stability: IdStability,
    secret: &[u8; 32],
) -> Shown {
    let stored = entry.layer.schema();
    let cell_names: Vec<String> = of_cells.iter().map(|f| f.name.clone()).collect();
    let fields: Vec<Field> = shown.into_iter().chain(of_cells).collect();
    let (geometry_kinds, has_z, has_m) = geometry_of(&parts);
    let schema = Schema {
        fields,
        geometry_kinds: if crate::leak!("kinds-of-the-layer") {
            stored.geometry_kinds.clone()
        } else {
            geometry_kinds
        },
        geometry_column: stored.geometry_column.clone(),
        has_z,
        has_m,
    };
    let crs = entry.layer.storage_crs();
    let mut roles = Roles::of(&entry.publication, &schema);
    roles.add_to_tiles(cell_names.iter().filter_map(|name| schema.index_of(name)));
    let (facts, revision) = rayon::join(
        || Facts::of(&parts, &schema, crs, &entry.publication, roles.time),
        || revision(secret, &schema, crs, &parts),
    );
    let mut metadata = entry.publication.metadata.clone();
    metadata.label = metadata
        .label
        .filter(|label| schema.index_of(label).is_some());
    Shown {
        storage_crs: crs,
        id_stability,
        revision: if crate::leak!("revision-of-the-layer") {
            entry.layer.revision()
        } else {
            revision
        },
        metadata: Arc::new(metadata),
        has_cells: !cell_names.is_empty(),
        bytes: 0,
        facts: if crate::leak!("facts-of-the-layer") {
            entry.whole.facts.clone()
        } else {
            facts
        },
        parts,
        roles,
        schema: Arc::new(schema),
    }
}
