//! The files that the pages load, embedded by `build.rs`: each under a name that holds its hash, so that it may be cached for ever.

use crate::api::model::Frame;

/// One embedded file.
#[derive(Debug)]
pub struct Asset {
    /// Its name under `/assets/`.
    pub name: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Strong validator of the plain bytes, with its quotes (RFC 9110 §8.8.3).
    pub etag: &'static str,
    /// Strong validator of the compressed bytes.
    pub gzip_etag: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// The file, compressed (`Content-Encoding: gzip`).
    pub gzip_bytes: &'static [u8],
}

/// The map library, where the build has it.
#[derive(Debug)]
pub(super) struct Library {
    pub module: &'static str,
    pub worker: &'static str,
    pub stylesheet: &'static str,
    pub notices: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Where an asset is served, below the base of the page's links.
pub(super) fn href(frame: &Frame, name: &str) -> String {
    format!("{}{PATH}{name}", frame.root)
}

/// Where assets lie.
pub(super) const PATH: &str = "/assets/";

/// The asset of a name, the last segment of `/assets/{name}`.
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|a| a.name == name)
}

/// True if this build has the map library.
pub fn has_maps() -> bool {
    LIBRARY.is_some()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn every_name_holds_a_hash_and_leads_to_its_bytes() {
        assert!(ASSETS.len() >= 4);
        for a in ASSETS {
            let (stem, extension) = a.name.rsplit_once('.').unwrap();
            let (_, hash) = stem.rsplit_once('-').unwrap();
            assert!(
                hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
                "{}",
                a.name
            );
            assert!(a.etag.contains(hash) && a.etag.starts_with('"') && a.etag.ends_with('"'));
            assert_ne!(a.etag, a.gzip_etag);
            assert!(["css", "js", "mjs", "svg", "txt"].contains(&extension));
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(a.gzip_bytes)
                .read_to_end(&mut plain)
                .unwrap();
            assert!(plain == a.bytes, "{} differs once expanded", a.name);
            assert!(std::ptr::eq(asset(a.name).unwrap(), a));
        }
    }

    #[test]
    fn unknown_names_lead_nowhere() {
        for name in ["", "portal.css", "../Cargo.toml", "assets.rs"] {
            assert!(asset(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_library_is_whole_or_absent() {
        if let Some(library) = &LIBRARY {
            for name in [
                library.module,
                library.worker,
                library.stylesheet,
                library.notices,
            ] {
                assert!(asset(name).is_some(), "{name}");
            }
            let module = asset(library.module).unwrap();
            assert!(
                module.bytes.windows(8).any(|w| w == b"@license"),
                "the notice stays in the file"
            );
            assert!(!module.bytes.windows(16).any(|w| w == b"sourceMappingURL"));
            let notices = String::from_utf8_lossy(asset(library.notices).unwrap().bytes);
            assert!(notices.contains("MapLibre contributors") && notices.contains("earcut"));
        }
        assert_eq!(ASSETS.len(), if has_maps() { 8 } else { 4 });
    }
}
