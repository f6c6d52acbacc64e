//! Areas that are written out.

use crate::filter::{Fault, Limits, parse_wkt};
use crate::geometry::crs::Crs;
use crate::geometry::region::{Region, RegionError};
use crate::model::{Language, Words};

/// Bytes of an area as WKT: an outline of a region with 30,000 vertices.
pub const WKT_BYTES_MAX: usize = 1 << 20;

/// Ceilings of an area: as many vertices as fit in its bytes.
const WRITTEN: Limits = Limits {
    length_bytes: WKT_BYTES_MAX,
    depth: 64,
    nodes: 1 << 20,
    vertices: 1 << 18,
    cost: u64::MAX,
};

/// Why a text is no area.
#[derive(Debug, Clone, PartialEq)]
pub enum AreaFault {
    /// It is no WKT.
    Text(Fault),
    /// It is no ground.
    Region(String),
    /// It has no area.
    NoArea,
    /// It crosses itself too often.
    Tangled,
}

/// The ground of a text: WKT, in CRS84.
pub fn region_of_wkt(text: &str) -> Result<Region, AreaFault> {
    let shape = parse_wkt(text, &WRITTEN).map_err(AreaFault::Text)?;
    Region::of_geometry(&shape.as_source(), Crs::CRS84).map_err(|error| match error {
        RegionError::NoArea => AreaFault::NoArea,
        RegionError::Tangled => AreaFault::Tangled,
        other => AreaFault::Region(other.to_string()),
    })
}

impl AreaFault {
    /// For people; `text` is what was read.
    pub fn words(&self, text: &str) -> Words {
        match self {
            Self::Text(fault) => {
                let at = text[..fault.range(text).start].chars().count();
                Words::new(
                    format!(
                        "la géométrie WKT ne se lit pas, au caractère {at} : {}",
                        of_wkt(fault, Language::Fr)
                    ),
                    format!(
                        "the WKT geometry cannot be read, at character {at}: {}",
                        of_wkt(fault, Language::En)
                    ),
                )
            }
            Self::NoArea => Words::new(
                "la géométrie WKT n’a pas de surface : écrivez un polygone ou un multipolygone, en longitude et latitude (CRS84)",
                "the WKT geometry has no area: write a polygon or a multipolygon, in longitude and latitude (CRS84)",
            ),
            Self::Tangled => Words::new(
                "la géométrie WKT se croise elle-même trop souvent : redessinez son contour",
                "the WKT geometry crosses itself more often than can be sorted out: draw its outline anew",
            ),
            Self::Region(why) => Words::new(
                "la géométrie WKT sort des longitudes et latitudes : écrivez-la en degrés (CRS84)",
                format!("{why}: write it in degrees of longitude and latitude (CRS84)"),
            ),
        }
    }
}

/// What is wrong with a WKT text, in a sentence that others go on from: the reader is that of filters, and speaks of one.
fn of_wkt(fault: &Fault, language: Language) -> String {
    let said = fault.describe(language);
    let said = said
        .replace("le filtre", "le texte")
        .replace("du filtre", "du texte")
        .replace("the filter", "the text");
    said.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ground_is_an_area() {
        let good = "MULTIPOLYGON(((5 43, 6 43, 6 44, 5 43)))";
        assert!(!region_of_wkt(good).unwrap().is_empty());
        for (bad, words) in [
            ("POLYGON((5 43, 6 43", "cannot be read, at character 19"),
            ("here", "cannot be read, at character 0"),
            ("POINT(5 43)", "has no area"),
            ("LINESTRING(5 43, 6 44)", "has no area"),
            ("POLYGON((5 430, 6 43, 6 44, 5 430))", "in degrees"),
        ] {
            let fault = region_of_wkt(bad).unwrap_err();
            let said = fault.words(bad).to_string();
            assert!(said.contains(words), "{said}");
        }
        for bad in [
            "POLYGON((5 43, 6 43",
            "POLYGON((5 43, 6 43, 6 44, 5 43)) x",
            "here",
        ] {
            let said = region_of_wkt(bad).unwrap_err().words(bad);
            for said in [said.of(Language::Fr), said.of(Language::En)] {
                assert!(!said.contains("filt") && !said.ends_with('.'), "{said}");
            }
        }
    }
}
