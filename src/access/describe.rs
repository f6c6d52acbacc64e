//! Slices as people read them: names instead of places, texts instead of compiled filters.

use super::profile::{AreaMode, Derived, Precision};
use super::view::Slice;
use crate::model::Schema;

/// What a slice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// CQL2 texts, all of which must be true of the stored row; none for all rows.
    pub rows: Vec<String>,
    /// How each of its areas restricts; none for everywhere.
    pub areas: Vec<AreaMode>,
    /// Names of the properties.
    pub attributes: Vec<String>,
    /// What becomes of those that a cut shape would make false.
    pub derived: Vec<(String, Derived)>,
    /// The cells that take the place of geometries.
    pub precision: Option<Precision>,
}

impl Portrait {
    /// That of a slice of a layer with that schema.
    pub fn of(slice: &Slice, schema: &Schema) -> Self {
        let name = |place: &usize| name_of(*place, schema);
        Self {
            rows: slice
                .rows
                .iter()
                .map(|f| f.canonical().to_owned())
                .collect(),
            areas: slice.areas.iter().map(|a| a.mode).collect(),
            attributes: slice.attributes.iter().map(name).collect(),
            derived: slice
                .derived
                .iter()
                .map(|(p, rule)| (name(p), *rule))
                .collect(),
            precision: slice.precision.clone(),
        }
    }
}

/// The name of the property at a place of a schema.
pub(super) fn name_of(place: usize, schema: &Schema) -> String {
    let field = schema.fields.get(place);
    field.map_or_else(String::new, |f| f.name.clone())
}
