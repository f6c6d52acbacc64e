//! The typed schema of a layer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::geometry::source::GeometryKind;

/// The types a property can have. JSON Schema and OpenAPI say `format` for the last three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataType {
    /// true or false.
    Boolean,
    /// A 64-bit integer, exact.
    Integer,
    /// A double.
    Number,
    /// UTF-8 text.
    String,
    /// A calendar day.
    Date,
    /// An instant; naive ones are read in the platform's time zone.
    DateTime,
    /// Any JSON value, kept as text; also columns whose values are of no single type.
    Json,
}

impl DataType {
    /// The word used in configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Json => "json",
        }
    }
}

/// One property of a layer's features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The property's name, as in the source.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// What people read instead of the name.
    pub title: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// Meaning of its codes: code → label.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

impl Field {
    /// A field that has only a name and a type.
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Self {
            name: name.into(),
            data_type,
            title: None,
            description: None,
            codes: BTreeMap::new(),
        }
    }

    /// The title, else the name.
    pub fn label(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

/// Properties in the order of the source, and what the geometries are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// The properties.
    pub fields: Vec<Field>,
    /// Kinds of geometry that occur, sorted; empty for a table without geometry.
    pub geometry_kinds: Vec<GeometryKind>,
    /// What the source calls the geometry, where it has a name for it (a GeoPackage's column). See [`Schema::geometry_name`].
    pub geometry_column: Option<String>,
    /// True if some vertex has a height.
    pub has_z: bool,
    /// True if some vertex has a measure.
    pub has_m: bool,
}

impl Schema {
    /// The place of a property, `None` if there is no such property.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// The name of the geometry among queryables: the source's own, else `geometry`, else another that no property has.
    pub fn geometry_name(&self) -> &str {
        let names = ["geometry", "geom", "the_geom", "_geometry"];
        self.geometry_column
            .as_deref()
            .into_iter()
            .chain(names)
            .find(|name| self.index_of(name).is_none())
            .unwrap_or("geometry")
    }

    /// The one topological dimension of all geometries (0 points, 1 lines, 2 areas), `None` if they differ or there are none.
    pub fn dimension(&self) -> Option<u8> {
        let mut dims = self.geometry_kinds.iter().map(|k| k.dimension());
        let first = dims.next()??;
        dims.all(|d| d == Some(first)).then_some(first)
    }
}
