//! The layers of the stage: names, and rows that anybody can work out.

use std::collections::BTreeMap;

use guichet::access::{Access, Discovery};
use guichet::catalog::TileSettings;
use guichet::geometry::crs::Crs;
use guichet::model::DataType;
use guichet::model::metadata::Metadata;

use crate::areas::Rectangle;
use crate::world::{Field, IdRule, Layer, Row, Shape, Value};

/// Open to all.
pub const OPEN: &str = "ville.communes";
/// Some properties within its area for the water company, everything for the town. Listed.
pub const PARCELS: &str = "ville.parcelles";
/// For the water company: tiles up to zoom 12, and no list in which it stands. Hidden.
pub const PIPES: &str = "ville.reseaux";
/// Two grants to the water company: some rows with their price, others without. Hidden.
pub const SALES: &str = "ville.ventes";
/// Cells for all, everything for the town. Hidden.
pub const SIGHTINGS: &str = "ville.faune";
/// For nobody but the town.
pub const SECRET: &str = "ville.secret";
pub const DRAFT: &str = "ville.brouillon";
pub const EMBARGO: &str = "ville.embargo";
pub const SUSPENDED: &str = "ville.suspendu";
pub const WITHDRAWN: &str = "ville.retire";
/// The neighbour's, for nobody else.
pub const OTHERS: &str = "voisin.prive";
/// Where the water company works: the western half of the parcels, cut through one column of them.
pub const AREA: Rectangle = Rectangle([5.0, 43.0, 5.0545, 43.2]);
/// Rows and columns of parcels, a hundredth of a degree apart.
pub const SIDE: usize = 10;

fn field(name: &str, data_type: DataType) -> Field {
    Field {
        name: name.to_owned(),
        data_type,
        title: None,
        codes: BTreeMap::new(),
        declared: true,
    }
}

/// A square of square parcels, each with names and numbers of its own: `{layer}-{row}` and so on.
pub fn parcels(id: &str, access: Access, number: usize) -> Layer {
    let rows = (0..SIDE * SIDE).map(|i| {
        // Nobody else's parcels are in the same places.
        let shift = number as f64 * 1e-4;
        let (w, s) = (
            5.0 + shift + 0.01 * (i % SIDE) as f64,
            43.0 + shift + 0.01 * (i / SIDE) as f64,
        );
        let (e, n) = (w + 0.008, s + 0.008);
        let text = |what: &str| Value::Text(format!("{what} {id} {i}"));
        Row {
            id: None,
            shape: Some(Shape::Polygon(vec![vec![
                [w, s],
                [e, s],
                [e, n],
                [w, n],
                [w, s],
            ]])),
            values: vec![
                text("idu"),
                Value::Text(["en service", "vendu", "projet"][i % 3].to_owned()),
                Value::Int(700_000 + i as i64),
                Value::Number(number as f64 * 1000.0 + i as f64 + 0.25),
                text("proprietaire"),
            ],
        }
    });
    Layer {
        id: id.to_owned(),
        organisation: id.split('.').next().map(str::to_owned),
        access,
        discovery: if id == PARCELS {
            Discovery::Listed
        } else {
            Discovery::Hidden
        },
        metadata: Metadata {
            title: format!("Titre de {id}"),
            ..Metadata::default()
        },
        fields: vec![
            field("idu", DataType::String),
            field("etat", DataType::String),
            field("contenance", DataType::Integer),
            field("prix", DataType::Number),
            field("proprietaire", DataType::String),
        ],
        ids: IdRule::Declared(0),
        time: None,
        tiles: TileSettings {
            min_zoom: Some(0),
            max_zoom: Some(16),
            properties: None,
        },
        crs: Crs::CRS84,
        rows: rows.collect(),
    }
}
