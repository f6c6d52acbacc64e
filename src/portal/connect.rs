//! The lines that people copy into QGIS, GDAL and MapLibre.

use std::fmt::Write as _;

use crate::geometry::source::GeometryKind;

use crate::api::model::{CollectionPage, TilesAccess};

/// Lists the collections of a service.
pub(super) fn gdal_list(service: &str) -> String {
    format!("ogrinfo -ro {}", shell(&format!("OAPIF:{service}")))
}

/// The file from which GDAL takes the header with a key: a key in the line itself would stay in the shell's history.
const KEY_FILE: &str = "key.txt";

/// A line of GDAL, for those who need a key.
pub(super) fn with_key(line: String, signed: bool) -> String {
    if signed {
        format!("{line} --config GDAL_HTTP_HEADER_FILE {KEY_FILE}")
    } else {
        line
    }
}

/// Describes one collection: its fields, its number of items, its extent.
pub(super) fn gdal_describe(page: &CollectionPage) -> String {
    format!(
        "{} {}",
        gdal_list(&page.service_url).replacen("-ro", "-ro -so", 1),
        shell(&page.id)
    )
}

/// Copies one collection whole. Without a page size GDAL 3.6 asks for ten items at a time.
pub(super) fn gdal_copy(page: &CollectionPage) -> String {
    format!(
        "ogr2ogr {} {} {} -oo PAGE_SIZE=1000",
        shell(&format!("{}.gpkg", page.id)),
        shell(&format!("OAPIF:{}", page.service_url)),
        shell(&page.id)
    )
}

/// Adds one collection to a MapLibre map, with one style layer for each dimension that occurs.
pub(super) fn maplibre(id: &str, kinds: &[GeometryKind], tiles: &TilesAccess) -> String {
    let name = script(id);
    let promote = tiles
        .promote_id
        .as_deref()
        .map(|p| format!(", promoteId: {}", script(p)))
        .unwrap_or_default();
    let mut text = format!(
        "map.addSource({name}, {{ type: 'vector', url: {}{promote} }});",
        script(&tiles.tilejson)
    );
    let mut dimensions: Vec<u8> = kinds
        .iter()
        .flat_map(|k| k.dimension().map_or(vec![2, 1, 0], |d| vec![d]))
        .collect();
    dimensions.sort_unstable_by(|a, b| b.cmp(a));
    dimensions.dedup();
    let several = dimensions.len() > 1;
    for dimension in dimensions {
        let (kind, geometry, paint) = match dimension {
            2 => (
                "fill",
                "Polygon",
                "'fill-color': '#0b5cad', 'fill-opacity': 0.3",
            ),
            1 => (
                "line",
                "LineString",
                "'line-color': '#0b5cad', 'line-width': 2",
            ),
            _ => (
                "circle",
                "Point",
                "'circle-color': '#0b5cad', 'circle-radius': 4",
            ),
        };
        let (layer, filter) = if several {
            (
                script(&format!("{id}-{kind}")),
                format!(" filter: ['==', ['geometry-type'], '{geometry}'],"),
            )
        } else {
            (name.clone(), String::new())
        };
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\nmap.addLayer({{ id: {layer}, type: '{kind}', source: {name}, 'source-layer': {name},{filter}\n  paint: {{ {paint} }} }});"
        );
    }
    text
}

/// A word of a shell's command line, quoted if it must be.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A string literal of JavaScript.
fn script(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiles(promote_id: Option<&str>) -> TilesAccess {
        TilesAccess {
            tilejson: "https://example.org/xyz/communes.json".into(),
            template: "https://example.org/xyz/communes/{z}/{x}/{y}.mvt".into(),
            tilesets: "https://example.org/collections/communes/tiles".into(),
            min_zoom: 0,
            max_zoom: 14,
            promote_id: promote_id.map(str::to_owned),
        }
    }

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(
            gdal_list("https://example.org/"),
            "ogrinfo -ro OAPIF:https://example.org/"
        );
        assert_eq!(
            gdal_list("https://example.org/?key=a&b"),
            "ogrinfo -ro 'OAPIF:https://example.org/?key=a&b'"
        );
        assert_eq!(shell("l'eau"), "'l'\\''eau'");
        assert_eq!(shell(""), "''");
    }

    #[test]
    fn map_lines_follow_the_dimensions() {
        let one = maplibre(
            "communes",
            &[GeometryKind::Polygon, GeometryKind::MultiPolygon],
            &tiles(Some("insee")),
        );
        assert_eq!(
            one,
            "map.addSource('communes', { type: 'vector', url: 'https://example.org/xyz/communes.json', promoteId: 'insee' });\n\
             map.addLayer({ id: 'communes', type: 'fill', source: 'communes', 'source-layer': 'communes',\n  \
             paint: { 'fill-color': '#0b5cad', 'fill-opacity': 0.3 } });"
        );
        let mixed = maplibre(
            "a.b",
            &[GeometryKind::Point, GeometryKind::LineString],
            &tiles(None),
        );
        assert!(
            mixed.contains("id: 'a.b-line'")
                && mixed.contains("id: 'a.b-circle'")
                && !mixed.contains("fill")
        );
        assert!(
            maplibre("a", &[GeometryKind::GeometryCollection], &tiles(None))
                .matches("addLayer")
                .count()
                == 3
        );
    }
}
