//! What a feature of a tile says of its row.
//!
//! MVT 2.1 §4.4 knows strings, doubles, integers and booleans. Null values are left out; dates, instants and nested JSON become
//! strings, written as the source wrote them; integers keep all their 64 bits; numbers are doubles, infinite and NaN ones too, which
//! MVT can hold where JSON cannot.
//!
//! **Ids.** If all public ids of a layer are integers from 0 to 2^53 they are the ids of the tile's features. Otherwise the id is
//! written out, as a string, in a property of its own, [`id_property`].

use std::fmt::Write;

use fast_mvt::{MvtFeatureBuilder, MvtResult, MvtValueRef};

use super::source::{TileRow, TileRows};
use crate::model::{FeatureIdRef, Schema, ValueRef};

/// The name of the property that holds the public id: `id`, after as many underscores as it takes to be no field of the layer.
pub fn id_property(schema: &Schema) -> String {
    let mut name = "id".to_owned();
    while schema.index_of(&name).is_some() {
        name.insert(0, '_');
    }
    name
}

/// The fields of one layer, ready to be written again and again.
#[derive(Debug)]
pub struct Tags<'a> {
    fields: Vec<(usize, &'a str)>,
    /// The property for the id; `None` where it is the id of the tile's feature.
    id_name: Option<String>,
    text: String,
}

impl<'a> Tags<'a> {
    /// For a layer.
    pub fn new(layer: &'a dyn TileRows) -> Self {
        let schema = layer.schema();
        let name_of = |i: &usize| schema.fields.get(*i).map(|f| (*i, f.name.as_str()));
        Self {
            fields: layer.tile_properties().iter().filter_map(name_of).collect(),
            id_name: (!layer.ids_are_small_integers()).then(|| id_property(schema)),
            text: String::new(),
        }
    }

    /// Writes the id and the properties of a row.
    pub fn write(&mut self, row: &dyn TileRow, feature: &mut MvtFeatureBuilder) -> MvtResult<()> {
        match (&self.id_name, row.id()) {
            (None, FeatureIdRef::Int(id)) => {
                feature.id(u64::try_from(id).ok());
            }
            (None, FeatureIdRef::Text(_)) => {}
            (Some(name), FeatureIdRef::Text(id)) => {
                feature.tag_ref(name, MvtValueRef::String(id))?;
            }
            (Some(name), id @ FeatureIdRef::Int(_)) => {
                print(&mut self.text, id);
                feature.tag_ref(name, MvtValueRef::String(&self.text))?;
            }
        }
        for (field, name) in &self.fields {
            let value = match row.value(*field) {
                ValueRef::Null => continue,
                ValueRef::Bool(v) => MvtValueRef::Bool(v),
                // The two encodings that take the fewest bytes; readers give the same number for both.
                ValueRef::Int(v) => {
                    u64::try_from(v).map_or(MvtValueRef::SInt(v), MvtValueRef::UInt)
                }
                ValueRef::Float(v) => MvtValueRef::Double(v),
                ValueRef::Text(v) | ValueRef::Json(v) => MvtValueRef::String(v),
                ValueRef::Date(v) => MvtValueRef::String(print(&mut self.text, v)),
                ValueRef::DateTime(v) => MvtValueRef::String(print(&mut self.text, v)),
            };
            feature.tag_ref(name, value)?;
        }
        Ok(())
    }
}

fn print(text: &mut String, value: impl std::fmt::Display) -> &str {
    text.clear();
    // Writing to a string cannot fail.
    let _ = write!(text, "{value}");
    text
}
