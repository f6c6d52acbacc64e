//! A world: everything that a server publishes, as plain values. What is served of it is made by `publish`; who may see what of it is
//! told by `sight`, which knows nothing of the server's own code for that.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet::access::{Access, Discovery, KeyId, PolicyParts};
use guichet::catalog::TileSettings;
use guichet::geometry::crs::Crs;
use guichet::model::DataType;
use guichet::model::metadata::Metadata;

use crate::areas::Rectangle;
use crate::filters::Test;

/// Everything.
#[derive(Debug, Clone)]
pub struct World {
    pub title: String,
    pub organisations: Vec<Publisher>,
    pub layers: Vec<Arc<Layer>>,
    pub policy: PolicyParts,
    /// What row filters of profiles mean, by their text.
    pub tests: BTreeMap<String, Test>,
    /// What areas mean, by their text.
    pub areas: BTreeMap<String, Rectangle>,
    /// Texts of the keys that somebody has.
    pub secrets: BTreeMap<KeyId, String>,
}

/// An organisation, as the catalogue shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Publisher {
    pub id: String,
    pub title: String,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub id: String,
    pub organisation: Option<String>,
    pub access: Access,
    pub discovery: Discovery,
    pub metadata: Metadata,
    pub fields: Vec<Field>,
    pub ids: IdRule,
    pub time: Option<String>,
    pub tiles: TileSettings,
    pub crs: Crs,
    pub rows: Vec<Row>,
}

/// A property.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub data_type: DataType,
    pub title: Option<String>,
    pub codes: BTreeMap<String, String>,
    /// Its type is declared, not inferred.
    pub declared: bool,
}

/// Where a layer's ids come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IdRule {
    /// The property of that place.
    Declared(usize),
    /// The file.
    File,
    /// The place in the file.
    Position,
}

/// A feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// With [`IdRule::File`].
    pub id: Option<Value>,
    pub shape: Option<Shape>,
    pub values: Vec<Value>,
}

/// A value as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Number(f64),
    /// Texts and dates.
    Text(String),
    /// A JSON text.
    Json(String),
}

/// A geometry in the CRS of its layer.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    Point([f64; 2]),
    Line(Vec<[f64; 2]>),
    /// Rings, closed.
    Polygon(Vec<Vec<[f64; 2]>>),
}

impl Value {
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(b) => (*b).into(),
            Self::Int(i) => (*i).into(),
            Self::Number(x) => (*x).into(),
            Self::Text(t) => t.as_str().into(),
            Self::Json(t) => serde_json::from_str(t).expect("JSON"),
        }
    }

    /// As a literal of CQL2; JSON values have none.
    pub fn literal(&self, data_type: DataType) -> Option<String> {
        Some(match (self, data_type) {
            (Self::Bool(b), _) => b.to_string().to_uppercase(),
            (Self::Int(i), _) => i.to_string(),
            (Self::Number(x), _) => x.to_string(),
            (Self::Text(t), DataType::Date) => format!("DATE('{t}')"),
            (Self::Text(t), DataType::DateTime) => format!("TIMESTAMP('{t}')"),
            (Self::Text(t), _) => format!("'{}'", t.replace('\'', "''")),
            (Self::Null | Self::Json(_), _) => return None,
        })
    }

    /// As the value of a query parameter or the last part of a path.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(b) => b.to_string(),
            Self::Int(i) => i.to_string(),
            Self::Number(x) => x.to_string(),
            Self::Text(t) | Self::Json(t) => t.clone(),
        }
    }
}

impl Shape {
    /// All vertices.
    pub fn vertices(&self) -> Vec<[f64; 2]> {
        match self {
            Self::Point(p) => vec![*p],
            Self::Line(l) => l.clone(),
            Self::Polygon(rings) => rings.concat(),
        }
    }

    /// Its lines: rings, or the line, or a line from the point to itself.
    pub fn paths(&self) -> Vec<Vec<[f64; 2]>> {
        match self {
            Self::Point(p) => vec![vec![*p, *p]],
            Self::Line(l) => vec![l.clone()],
            Self::Polygon(rings) => rings.clone(),
        }
    }

    pub fn vertices_mut(&mut self) -> Vec<&mut [f64; 2]> {
        match self {
            Self::Point(p) => vec![p],
            Self::Line(l) => l.iter_mut().collect(),
            Self::Polygon(rings) => rings.iter_mut().flatten().collect(),
        }
    }

    pub fn geojson(&self) -> serde_json::Value {
        let (kind, coordinates) = match self {
            Self::Point(p) => ("Point", serde_json::json!(p)),
            Self::Line(l) => ("LineString", serde_json::json!(l)),
            Self::Polygon(r) => ("Polygon", serde_json::json!(r)),
        };
        serde_json::json!({ "type": kind, "coordinates": coordinates })
    }
}

impl Layer {
    /// The public id of a row of the whole layer, as it stands in a path.
    pub fn item_id(&self, place: usize) -> String {
        let row = &self.rows[place];
        match self.ids {
            IdRule::Declared(field) => row.values[field].text(),
            IdRule::File => row.id.as_ref().map_or_else(String::new, Value::text),
            IdRule::Position => (place + 1).to_string(),
        }
    }
}

impl World {
    pub fn layer(&self, id: &str) -> Option<&Arc<Layer>> {
        self.layers.iter().find(|l| l.id == id)
    }

    /// Puts `layer` in the place of the one with its id, or of that id.
    pub fn replace(&mut self, id: &str, layer: Layer) {
        let place = self.layers.iter().position(|l| l.id == id);
        self.layers[place.expect("a layer of the world")] = Arc::new(layer);
    }
}
