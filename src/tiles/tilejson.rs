//! TileJSON 3.0.0: what a map viewer has to know of a set of tiles.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::properties::id_property;
use super::source::TileRows;
use crate::geometry::bbox::Bbox;
use crate::model::{DataType, Schema};

/// The latitude at which the square world ends.
const MERCATOR_LATITUDE: f64 = 85.051_128_779_806_6;

/// A layer of the set, as the caller sees it.
#[derive(Clone, Copy)]
pub struct DescribedLayer<'a> {
    /// Its rows.
    pub rows: &'a dyn TileRows,
    /// First and last zoom at which there are tiles of it for the caller.
    pub zooms: (u8, u8),
    /// Its title.
    pub title: &'a str,
    /// A paragraph.
    pub description: Option<&'a str>,
    /// Credits to show on the map, as plain text.
    pub attribution: Option<&'a str>,
    /// Longitudes and latitudes around its rows, `None` if it has none.
    pub bounds: Option<Bbox>,
}

/// A TileJSON document, ready to be serialised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TileJson {
    tilejson: &'static str,
    tiles: Vec<String>,
    vector_layers: Vec<VectorLayer>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<String>,
    minzoom: u8,
    maxzoom: u8,
    /// An extension: by layer, the property that holds the public id, where it is not the id of the tile's features. It can be handed
    /// to a MapLibre source as its `promoteId`.
    #[serde(rename = "promoteId", skip_serializing_if = "BTreeMap::is_empty")]
    promote_id: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<[f64; 4]>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct VectorLayer {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    minzoom: u8,
    maxzoom: u8,
    #[serde(serialize_with = "in_order")]
    fields: Vec<(String, &'static str)>,
    /// An extension: the property that holds the public id, where it is not the id of the tile's features; for `promoteId` in styles.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_property: Option<String>,
}

fn in_order<S: Serializer>(
    fields: &[(String, &'static str)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(fields.len()))?;
    for (name, kind) in fields {
        map.serialize_entry(name, kind)?;
    }
    map.end()
}

/// Describes the tiles that hold these layers. `url` is the template of their address, with `{z}`, `{x}` and `{y}`.
pub fn tilejson(layers: &[DescribedLayer<'_>], url: String) -> TileJson {
    let zooms = layers.iter().map(|l| l.zooms);
    let minzoom = zooms.clone().map(|z| z.0).min().unwrap_or(0);
    let maxzoom = zooms.map(|z| z.1).max().unwrap_or(0);
    let titles: Vec<&str> = layers.iter().map(|l| l.title).collect();
    let mut credits: Vec<&str> = layers.iter().filter_map(|l| l.attribution).collect();
    let mut seen = std::collections::HashSet::new();
    credits.retain(|c| seen.insert(*c));
    let promoted = layers.iter().filter(|l| !l.rows.ids_are_small_integers());
    TileJson {
        tilejson: "3.0.0",
        tiles: vec![url],
        vector_layers: layers.iter().map(|l| vector_layer(l, maxzoom)).collect(),
        name: titles.join(", "),
        description: match layers {
            [only] => only.description.map(str::to_owned),
            _ => None,
        },
        // Some viewers take this as HTML: without a `<`, no text can become an element.
        attribution: (!credits.is_empty()).then(|| credits.join(" | ").replace('<', "&lt;")),
        minzoom,
        maxzoom,
        promote_id: promoted
            .map(|l| (l.rows.name().to_owned(), id_property(l.rows.schema())))
            .collect(),
        bounds: bounds(layers.iter().filter_map(|l| l.bounds)),
    }
}

fn vector_layer(layer: &DescribedLayer<'_>, maxzoom: u8) -> VectorLayer {
    let rows = layer.rows;
    let schema = rows.schema();
    let id_property = (!rows.ids_are_small_integers()).then(|| id_property(schema));
    let id_field = id_property.iter().map(|name| (name.clone(), "String"));
    VectorLayer {
        id: rows.name().to_owned(),
        description: layer.description.map(str::to_owned),
        minzoom: layer.zooms.0,
        // A set goes as deep as its deepest layer, and every layer is drawn to the end: viewers do not enlarge single layers.
        maxzoom,
        fields: id_field
            .chain(fields(schema, rows.tile_properties()))
            .collect(),
        id_property,
    }
}

fn fields<'a>(
    schema: &'a Schema,
    properties: &'a [usize],
) -> impl Iterator<Item = (String, &'static str)> + 'a {
    let described = properties.iter().filter_map(|i| schema.fields.get(*i));
    described.map(|f| {
        let kind = match f.data_type {
            DataType::Boolean => "Boolean",
            DataType::Integer | DataType::Number => "Number",
            DataType::String | DataType::Date | DataType::DateTime | DataType::Json => "String",
        };
        (f.name.clone(), kind)
    })
}

/// West, south, east, north around all, within the square world; from antimeridian to antimeridian where it is crossed, because these
/// bounds must not wrap around (TileJSON 3.0.0 §3.4).
fn bounds(all: impl Iterator<Item = Bbox>) -> Option<[f64; 4]> {
    let around = all.reduce(|a, b| a.union(&b)).filter(|b| !b.is_empty())?;
    let ([mut west, south], [mut east, north]) = (around.min, around.max);
    if west < -180.0 || east > 180.0 {
        (west, east) = (-180.0, 180.0);
    }
    let latitude = |v: f64| v.clamp(-MERCATOR_LATITUDE, MERCATOR_LATITUDE);
    Some([west, latitude(south), east, latitude(north)])
}

#[cfg(test)]
mod tests {
    use super::super::double::Rows;
    use super::*;
    use crate::model::DataType;
    use serde_json::json;

    fn described(rows: &Rows) -> DescribedLayer<'_> {
        DescribedLayer {
            rows,
            zooms: rows.zooms,
            title: "Communes",
            description: Some("Limits"),
            attribution: Some("© IGN & <b>INSEE</b>"),
            bounds: Some(Bbox::new([4.2, 42.9], [7.7, 45.1])),
        }
    }

    #[test]
    fn one_layer() {
        let mut rows = Rows::new(&[
            ("nom", DataType::String),
            ("population", DataType::Integer),
            ("id", DataType::Boolean),
        ]);
        rows.properties = vec![1, 0, 2];
        rows.small_ids = false;
        let json = serde_json::to_string(&tilejson(
            &[described(&rows)],
            "https://x/{z}/{x}/{y}.mvt".to_owned(),
        ))
        .unwrap();
        assert!(
            json.contains(
                r#""fields":{"_id":"String","population":"Number","nom":"String","id":"Boolean"}"#
            ),
            "{json}"
        );
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["tilejson"], "3.0.0");
        assert_eq!(json["tiles"], json!(["https://x/{z}/{x}/{y}.mvt"]));
        assert_eq!(json["bounds"], json!([4.2, 42.9, 7.7, 45.1]));
        assert_eq!(json["attribution"], "© IGN & &lt;b>INSEE&lt;/b>");
        assert_eq!(
            (&json["minzoom"], &json["maxzoom"]),
            (&json!(0), &json!(14))
        );
        assert_eq!(json["vector_layers"][0]["id"], "layer");
        assert_eq!(json["vector_layers"][0]["id_property"], "_id");
    }

    #[test]
    fn several_layers_and_no_rows() {
        let (mut a, b) = (Rows::new(&[]), Rows::new(&[]));
        a.zooms = (5, 16);
        let mut empty = described(&b);
        empty.bounds = None;
        empty.attribution = None;
        let json = serde_json::to_value(tilejson(&[described(&a), empty], String::new())).unwrap();
        assert_eq!(json["bounds"], json!([4.2, 42.9, 7.7, 45.1]));
        assert_eq!(
            (&json["minzoom"], &json["maxzoom"]),
            (&json!(0), &json!(16))
        );
        assert_eq!(json["vector_layers"][1]["maxzoom"], 16);
        assert_eq!(json["name"], "Communes, Communes");
        assert_eq!(json.get("description"), None);
        assert_eq!(json["vector_layers"][0].get("id_property"), None);
        let nothing = serde_json::to_value(tilejson(&[empty], String::new())).unwrap();
        assert_eq!(nothing.get("bounds"), None);
        assert_eq!(nothing.get("attribution"), None);
    }

    #[test]
    fn bounds_stay_in_the_square_world() {
        let across = Bbox::new([170.0, -90.0], [190.0, 90.0]);
        let got = bounds(std::iter::once(across)).unwrap();
        assert_eq!(got, [-180.0, -MERCATOR_LATITUDE, 180.0, MERCATOR_LATITUDE]);
    }
}
