//! The layer of a case as files: GeoJSON, and the configuration that publishes it. Profiles, grants, members and keys go beside it, as
//! [`real::policy`](crate::real::policy) has them.

use serde_json::{Value, json};

use crate::case::{Atom, Case, FIELDS, Shape};
use crate::lattice::{outlines_by_part, position};

/// Longitude and latitude.
fn place(at: Atom) -> Value {
    json!(position(at))
}

fn geometry(shape: &Shape) -> Value {
    match shape.dimension {
        0 => {
            let points: Vec<Value> = shape.atoms.iter().map(|a| place(*a)).collect();
            json!({ "type": "MultiPoint", "coordinates": points })
        }
        1 => {
            // Each side by itself: they lie end to end.
            let sides = shape.atoms.iter().map(|(x, y)| {
                let along = u8::from(x % 2 == 1);
                let up = 1 - along;
                json!([place((x - along, y - up)), place((x + along, y + up))])
            });
            json!({ "type": "MultiLineString", "coordinates": sides.collect::<Vec<_>>() })
        }
        _ => {
            let ring = |ring: &Vec<Atom>| -> Vec<Value> {
                ring.iter().chain(ring.first()).map(|a| place(*a)).collect()
            };
            let parts = outlines_by_part(&crate::case::Ground(shape.atoms.clone()));
            let polygons: Vec<Vec<_>> = parts
                .iter()
                .map(|part| part.iter().map(ring).collect())
                .collect();
            json!({ "type": "MultiPolygon", "coordinates": polygons })
        }
    }
}

/// The rows as a FeatureCollection in CRS84, with their places as ids.
pub fn geojson(case: &Case) -> String {
    let features = case.rows.iter().enumerate().map(|(i, row)| {
        let named = FIELDS.iter().zip(row.values);
        let properties: serde_json::Map<_, _> = named
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        json!({
            "type": "Feature",
            "id": i + 1,
            "geometry": row.shape.as_ref().map(geometry),
            "properties": properties,
        })
    });
    let features: Vec<Value> = features.collect();
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

/// The configuration that publishes them from `file`.
pub fn toml(case: &Case, file: &str) -> String {
    let mut text = String::new();
    if case.owned {
        text.push_str("[[organisation]]\nid = \"o0\"\n\n");
    }
    let id = if case.owned { "parcels" } else { "o0_parcels" };
    let access = if case.open { "open" } else { "restricted" };
    text.push_str(&format!(
        "[[layer]]\nid = \"{id}\"\nsource = {{ path = \"{file}\", crs = \"OGC:CRS84\" }}\naccess = \"{access}\"\n"
    ));
    if case.owned {
        text.push_str("organisation = \"o0\"\n");
    }
    text.push_str("tiles = { min_zoom = 0, max_zoom = 14 }\n");
    let declared = if case.open { 4 } else { 3 };
    for name in &FIELDS[..declared] {
        text.push_str(&format!("[layer.fields.{name}]\ntype = \"integer\"\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::real::on_grid;
    use guichet::catalog::{
        Catalog, LayerEntry, Platform, Publication, Resolution, Surface, VisibleLayer,
    };
    use guichet::config::Config;
    use guichet::ingest::{IngestLimits, LoadOptions, SourceSpec, load};
    use guichet::model::FeatureIdRef;
    use jiff::tz::TimeZone;

    /// Through the real reader, as everybody's.
    fn loaded(case: &Case) -> VisibleLayer {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("parcels.geojson");
        std::fs::write(&path, geojson(case)).unwrap();
        let options = LoadOptions {
            feature_id: None,
            fields: &[],
            time_zone: TimeZone::UTC,
            limits: IngestLimits::default(),
            hash_key: [0; 32],
            snapshot: None,
            workers: 1,
            progress: &|_| {},
        };
        let source = SourceSpec {
            path,
            ..SourceSpec::default()
        };
        let loaded = load(&source, &options).unwrap();
        assert_eq!(loaded.report.accepted as usize, case.rows.len());
        let publication = Publication {
            id: "parcels".to_owned(),
            organisation: None,
            access: guichet::access::Access::Open,
            discovery: guichet::access::Discovery::Hidden,
            declared: Vec::new(),
            metadata: guichet::model::metadata::Metadata::default(),
            time: None,
            tiles: guichet::catalog::TileSettings::default(),
        };
        let entry = LayerEntry::new(publication, loaded.layer).unwrap();
        let catalog = Catalog::new(Platform::default(), Vec::new(), vec![entry.into()]);
        let anybody = guichet::access::Principal::Anonymous;
        match catalog.resolve(&anybody, "parcels", Surface::Items) {
            Resolution::Visible(layer) => layer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn layers_in_files_lie_on_the_lattice() {
        for seed in 0..40 {
            let case = crate::generate::case(seed);
            let layer = loaded(&case);
            for (i, row) in case.rows.iter().enumerate() {
                let id = i as i64 + 1;
                let found = layer.row(&FeatureIdRef::Int(id)).unwrap();
                let vertices: BTreeSet<_> = found.grid_paths().vertices().iter().copied().collect();
                let corners: BTreeSet<_> = match &row.shape {
                    None => BTreeSet::new(),
                    Some(s) if s.dimension == 2 => {
                        let ground = crate::case::Ground(s.atoms.clone());
                        crate::lattice::rings(&ground)
                            .concat()
                            .into_iter()
                            .collect()
                    }
                    Some(s) if s.dimension == 0 => s.atoms.iter().map(|a| on_grid(*a)).collect(),
                    Some(s) => {
                        let ends = s.atoms.iter().flat_map(|(x, y)| {
                            let (dx, dy) = (x % 2, y % 2);
                            [on_grid((x - dx, y - dy)), on_grid((x + dx, y + dy))]
                        });
                        ends.collect()
                    }
                };
                assert!(vertices.is_subset(&corners), "seed {seed}, row {id}");
                assert_eq!(vertices.is_empty(), corners.is_empty());
            }
        }
    }

    #[test]
    fn the_configuration_is_one() {
        for seed in 0..40 {
            let case = crate::generate::case(seed);
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("parcels.geojson"), geojson(&case)).unwrap();
            let path = folder.path().join("guichet.toml");
            std::fs::write(&path, toml(&case, "parcels.geojson")).unwrap();
            let config = Config::load(&path).unwrap();
            assert_eq!(config.layers.len(), 1);
        }
    }
}
