//! Coordinate reference systems in words.

use crate::catalog::Language;

/// The short name of a system's URI (`EPSG:2154`, `CRS84`) and what people call it, where it is a usual one.
pub(super) fn crs(uri: &str, lang: Language) -> (String, Option<String>) {
    let mut parts = uri.rsplit('/');
    let code = parts.next().unwrap_or(uri);
    let (_, authority) = (parts.next(), parts.next());
    match authority {
        Some("OGC") => (code.to_owned(), ogc(code, lang).map(str::to_owned)),
        Some(authority) => {
            let name = (authority == "EPSG")
                .then(|| code.parse().ok().and_then(|c| epsg(c, lang)))
                .flatten();
            (format!("{authority}:{code}"), name)
        }
        None => (uri.to_owned(), None),
    }
}

fn ogc(code: &str, lang: Language) -> Option<&'static str> {
    match (code, lang) {
        ("CRS84", Language::Fr) => Some("WGS\u{a0}84, longitude puis latitude"),
        ("CRS84", Language::En) => Some("WGS\u{a0}84, longitude before latitude"),
        ("CRS84h", Language::Fr) => Some("WGS\u{a0}84, longitude, latitude, hauteur"),
        ("CRS84h", Language::En) => Some("WGS\u{a0}84, longitude, latitude, height"),
        _ => None,
    }
}

fn epsg(code: u32, lang: Language) -> Option<String> {
    let zone = match lang {
        Language::Fr => "fuseau",
        Language::En => "zone",
    };
    let order = match lang {
        Language::Fr => "latitude puis longitude",
        Language::En => "latitude before longitude",
    };
    Some(match code {
        4326 => format!("WGS\u{a0}84, {order}"),
        4258 => format!("ETRS89, {order}"),
        4171 => format!("RGF93, {order}"),
        3857 => "Web Mercator".to_owned(),
        2154 => "RGF93 / Lambert-93".to_owned(),
        3942..=3950 => format!("RGF93 / CC{}", code - 3900),
        32601..=32660 => format!("WGS\u{a0}84 / UTM {zone} {}N", code - 32600),
        32701..=32760 => format!("WGS\u{a0}84 / UTM {zone} {}S", code - 32700),
        25828..=25838 => format!("ETRS89 / UTM {zone} {}N", code - 25800),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_systems_have_names() {
        let name = |uri: &str| crs(uri, Language::Fr);
        assert_eq!(
            name("http://www.opengis.net/def/crs/EPSG/0/2154"),
            ("EPSG:2154".into(), Some("RGF93 / Lambert-93".into()))
        );
        assert_eq!(
            name("http://www.opengis.net/def/crs/EPSG/0/3943")
                .1
                .as_deref(),
            Some("RGF93 / CC43")
        );
        assert_eq!(
            name("http://www.opengis.net/def/crs/EPSG/0/32631")
                .1
                .as_deref(),
            Some("WGS\u{a0}84 / UTM fuseau 31N")
        );
        assert_eq!(
            name("http://www.opengis.net/def/crs/OGC/1.3/CRS84").0,
            "CRS84"
        );
        assert!(
            name("http://www.opengis.net/def/crs/OGC/1.3/CRS84")
                .1
                .is_some()
        );
        assert_eq!(
            name("http://www.opengis.net/def/crs/EPSG/0/9999"),
            ("EPSG:9999".into(), None)
        );
        assert_eq!(name("whatever"), ("whatever".into(), None));
    }
}
