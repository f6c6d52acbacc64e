//! The coordinate reference systems that a collection offers (OGC 18-058r1 §6.2).

use crate::catalog::VisibleLayer;
use crate::geometry::bbox::Bbox;
use crate::geometry::crs::Crs;
use crate::model::Schema;

/// WGS 84 longitude and latitude, the default of Part 1 (`/req/core/crs84`).
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The same with ellipsoidal height, the default where positions have a height.
const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";
/// What every collection offers beside its own: what GPS users and web maps ask for.
const COMMON: [&str; 2] = [
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "http://www.opengis.net/def/crs/EPSG/0/3857",
];
/// The official plane of France, offered where there is data in its domain.
const LAMBERT_93: &str = "http://www.opengis.net/def/crs/EPSG/0/2154";

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
    list(layer.schema(), layer.storage_crs(), layer.extent_crs84())
}

fn list(schema: &Schema, storage: Crs, extent: Option<Bbox>) -> CrsList {
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
    let in_france = extent
        .zip(Crs::LAMBERT_93.domain())
        .is_some_and(|(extent, france)| extent.intersects(&france));
    for uri in COMMON.into_iter().chain(in_france.then_some(LAMBERT_93)) {
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
        let list = list(&schema, Crs::parse(storage).expect("known"), None);
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

    #[test]
    fn the_plane_of_france_is_offered_in_france() {
        let offers = |west: f64| {
            let extent = Bbox::new([west, 40.0], [west + 10.0, 44.0]);
            let list = list(&Schema::default(), Crs::CRS84, Some(extent));
            list.find(LAMBERT_93).is_some()
        };
        assert!(offers(0.0));
        assert!(!offers(100.0));
    }
}
