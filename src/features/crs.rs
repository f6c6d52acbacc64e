//! The coordinate reference systems that a collection offers (OGC 18-058r1 §6.2).

use crate::catalog::VisibleLayer;
use crate::geometry::crs::Crs;
use crate::model::Schema;

/// WGS 84 longitude and latitude, the default of Part 1 (`/req/core/crs84`).
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The same with ellipsoidal height, the default where positions have a height.
const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";
/// What every collection offers beside its own: the two that web maps and GPS users ask for, and France's official plane.
const COMMON: [&str; 3] = [
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "http://www.opengis.net/def/crs/EPSG/0/3857",
    "http://www.opengis.net/def/crs/EPSG/0/2154",
];

/// One CRS of the list: its identifier as published, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedCrs {
    /// The identifier, repeated letter for letter in `Content-Crs`.
    pub uri: String,
    /// What it means.
    pub crs: Crs,
}

/// The list of a collection. The default (CRS84, or CRS84h where positions have heights) is first, as the official test suite wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct CrsList {
    /// At least the default.
    pub entries: Vec<OfferedCrs>,
    /// Place of the storage CRS in `entries`.
    pub storage: usize,
}

impl CrsList {
    /// The entry with that identifier.
    pub fn find(&self, uri: &str) -> Option<&OfferedCrs> {
        self.entries.iter().find(|e| e.uri == uri)
    }

    /// The default.
    pub fn default_crs(&self) -> &OfferedCrs {
        &self.entries[0]
    }

    /// The storage CRS.
    pub fn storage_crs(&self) -> &OfferedCrs {
        &self.entries[self.storage]
    }
}

/// The list of a layer. A table without geometry has it too: the parameter is then without effect.
pub fn offered(layer: &VisibleLayer) -> CrsList {
    list(layer.schema(), layer.storage_crs())
}

fn list(schema: &Schema, storage: Crs) -> CrsList {
    let storage_uri = storage.uri();
    let mut uris: Vec<&str> = if schema.has_z {
        vec![CRS84H, CRS84]
    } else {
        vec![CRS84]
    };
    // Longitude and latitude with heights are stored in the three-dimensional form of the same system.
    let storage_uri = if schema.has_z && storage_uri == CRS84 {
        CRS84H
    } else {
        storage_uri.as_str()
    };
    if !uris.contains(&storage_uri) {
        uris.push(storage_uri);
    }
    for uri in COMMON {
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    let entries: Vec<_> = uris
        .iter()
        .filter_map(|uri| {
            let crs = if *uri == storage_uri {
                storage
            } else {
                Crs::parse(uri).ok()?
            };
            let uri = (*uri).to_owned();
            Some(OfferedCrs { uri, crs })
        })
        .collect();
    let storage = entries
        .iter()
        .position(|e| e.uri == storage_uri)
        .unwrap_or(0);
    CrsList { entries, storage }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uris(has_z: bool, storage: &str) -> (Vec<String>, String) {
        let schema = Schema {
            has_z,
            ..Schema::default()
        };
        let list = list(&schema, Crs::parse(storage).expect("known"));
        let storage = list.storage_crs().uri.clone();
        (list.entries.into_iter().map(|e| e.uri).collect(), storage)
    }

    #[test]
    fn the_default_is_first_and_nothing_is_listed_twice() {
        for (has_z, storage, first) in [
            (false, CRS84, CRS84),
            (true, CRS84, CRS84H),
            (false, "EPSG:2154", CRS84),
            (true, "EPSG:4326", CRS84H),
            (false, "EPSG:3943", CRS84),
        ] {
            let (list, storage_uri) = uris(has_z, storage);
            assert_eq!(list[0], first, "{storage}");
            assert!(list.contains(&storage_uri), "{storage}");
            assert!(list.contains(&CRS84.to_owned()), "{storage}");
            let mut unique = list.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), list.len(), "{storage}");
        }
    }

    #[test]
    fn longitude_latitude_with_heights_is_stored_as_crs84h() {
        assert_eq!(uris(true, CRS84).1, CRS84H);
        assert_eq!(uris(false, CRS84).1, CRS84);
    }
}
