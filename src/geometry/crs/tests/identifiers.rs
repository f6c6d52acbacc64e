//! Written forms, axis orders, support.

use crate::geometry::crs::{AxisOrder, Crs, CrsError, Support, Transform};

fn parsed(text: &str) -> String {
    Crs::parse(text)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .name()
}

#[test]
fn every_form_of_an_epsg_code() {
    for text in [
        "http://www.opengis.net/def/crs/EPSG/0/2154",
        "https://www.opengis.net/def/crs/EPSG/0/2154",
        "http://www.opengis.net/def/crs/EPSG/9.9.1/2154",
        "urn:ogc:def:crs:EPSG::2154",
        "urn:ogc:def:crs:EPSG:6.18:2154",
        "URN:OGC:DEF:CRS:EPSG::2154",
        "[EPSG:2154]",
        "EPSG:2154",
        "epsg:2154",
        "  EPSG:2154\n",
    ] {
        assert_eq!(parsed(text), "EPSG:2154", "{text}");
        assert_eq!(text.parse::<Crs>().unwrap(), Crs::LAMBERT_93);
    }
}

#[test]
fn every_form_of_crs84() {
    for text in [
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/OGC/0/CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "[OGC:CRS84]",
        "OGC:CRS84",
    ] {
        assert_eq!(Crs::parse(text), Ok(Crs::CRS84), "{text}");
    }
    for text in [
        "http://www.opengis.net/def/crs/OGC/0/CRS84h",
        "urn:ogc:def:crs:OGC::CRS84h",
        "OGC:CRS84h",
    ] {
        assert_eq!(Crs::parse(text), Ok(Crs::CRS84H), "{text}");
    }
}

#[test]
fn forms_that_are_none() {
    let long = "EPSG:".to_owned() + &"2".repeat(10_000);
    for text in [
        "",
        "2154",
        ":",
        "EPSG:",
        ":2154",
        "EPSG:+2154",
        "EPSG:-1",
        "EPSG: 2154",
        "EPSG:21.54",
        "EPSG:CRS84",
        "[EPSG:2154",
        "EPSG:2154]",
        "EPSG::2154",
        "EPSG:2154:1",
        "http://www.opengis.net/def/crs/EPSG/0/",
        "http://www.opengis.net/def/crs/EPSG//2154",
        "http://www.opengis.net/def/crs/EPSG/0/2154/",
        "http://www.opengis.net/def/crs/EPSG/latest/2154",
        "http://example.org/def/crs/EPSG/0/2154",
        "urn:ogc:def:crs:EPSG:2154",
        "urn:ogc:def:crs,crs:EPSG::2154,crs:EPSG::5720",
        "é",
        "EPSG:٢",
        &long,
    ] {
        let error = Crs::parse(text).unwrap_err();
        assert!(matches!(error, CrsError::Syntax(_)), "{text:?}: {error:?}");
        assert!(error.to_string().len() < 500);
    }
}

#[test]
fn codes_that_are_not_ours() {
    for text in [
        "EPSG:1",
        "EPSG:900913",
        "EPSG:99999999999999999999",
        "http://www.opengis.net/def/crs/EPSG/0/99999",
        "OGC:CRS83",
        "ESRI:102100",
        "IGNF:LAMB93",
    ] {
        let error = Crs::parse(text).unwrap_err();
        assert!(
            matches!(error, CrsError::UnknownCode(_)),
            "{text}: {error:?}"
        );
    }
    // Geocentric; grads; west and south; NAD 27, that needs grids.
    for code in [4978, 4807, 2053, 4267] {
        assert_eq!(Crs::epsg(code), Err(CrsError::Refused(code as u16)));
    }
}

#[test]
fn names_and_uris_are_read_back() {
    for code in [2154, 4326, 3857, 27700] {
        let crs = Crs::epsg(code).unwrap();
        assert_eq!(
            crs.uri(),
            format!("http://www.opengis.net/def/crs/EPSG/0/{code}")
        );
        assert_eq!(Crs::parse(&crs.uri()), Ok(crs));
        assert_eq!(Crs::parse(&crs.name()), Ok(crs));
        assert_eq!(crs.epsg_code(), Some(code as u16));
    }
    assert_eq!(
        Crs::CRS84.uri(),
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    );
    assert_eq!(
        Crs::CRS84H.uri(),
        "http://www.opengis.net/def/crs/OGC/0/CRS84h"
    );
    for crs in [Crs::CRS84, Crs::CRS84H] {
        assert_eq!(Crs::parse(&crs.uri()), Ok(crs));
        assert_eq!(Crs::parse(&crs.name()), Ok(crs));
        assert_eq!(crs.epsg_code(), None);
    }
}

#[test]
fn axis_orders_are_the_authority_s() {
    let north_first = [
        4326, 4258, 4171, 3035, 3034, 4979, 4269, 31467, 4275, 32661, 3044,
    ];
    let east_first = [
        2154, 3857, 3942, 3950, 32601, 32660, 32738, 25828, 25838, 27700, 28992, 27572, 2056, 2975,
        3031, 5041,
    ];
    for code in north_first {
        let crs = Crs::epsg(code).unwrap();
        assert_eq!(crs.authority_axis_order(), AxisOrder::NorthEast, "{crs}");
        assert_eq!(crs.to_authority([1.0, 2.0]), [2.0, 1.0]);
        assert_eq!(crs.from_authority([2.0, 1.0]), [1.0, 2.0]);
    }
    for crs in east_first
        .map(|code| Crs::epsg(code).unwrap())
        .into_iter()
        .chain([Crs::CRS84, Crs::CRS84H])
    {
        assert_eq!(crs.authority_axis_order(), AxisOrder::EastNorth, "{crs}");
        assert_eq!(crs.to_authority([1.0, 2.0]), [1.0, 2.0]);
        assert_eq!(crs.from_authority([1.0, 2.0]), [1.0, 2.0]);
    }
}

#[test]
fn geographic_or_not() {
    for code in [4326, 4258, 4171, 4979, 4275] {
        assert!(Crs::epsg(code).unwrap().is_geographic(), "{code}");
    }
    assert!(Crs::CRS84.is_geographic() && Crs::CRS84H.is_geographic());
    for code in [2154, 3857, 32631, 27572, 3035] {
        assert!(!Crs::epsg(code).unwrap().is_geographic(), "{code}");
    }
}

#[test]
fn every_code_of_the_table_is_built_or_refused() {
    let (mut full, mut warned, mut refused) = (0, 0, 0);
    for code in 0..=u16::MAX {
        match Crs::epsg(u32::from(code)) {
            Ok(crs) => {
                match crs.support() {
                    Support::Full => full += 1,
                    Support::Warned => warned += 1,
                }
                for (from, to) in [(crs, Crs::CRS84), (Crs::CRS84, crs), (crs, Crs::LAMBERT_93)] {
                    Transform::between(from, to).unwrap_or_else(|e| panic!("{crs}: {e}"));
                }
            }
            Err(CrsError::Refused(_)) => refused += 1,
            Err(error) => assert!(crs_definitions::from_code(code).is_none(), "{error}"),
        }
    }
    assert_eq!(full, 145);
    assert!(warned > 5_000, "{warned}");
    assert!(refused > 500, "{refused}");
}

#[test]
fn domains_hold_their_own_reference_points() {
    let paris = [2.35, 48.85];
    for (code, inside) in [
        (2154, true),
        (3949, true),
        (3944, false),
        (32631, true),
        (32731, false),
        (25831, true),
        (25833, false),
    ] {
        let domain = Crs::epsg(code).unwrap().domain().unwrap();
        assert_eq!(domain.contains(paris), inside, "EPSG:{code}");
    }
    assert_eq!(Crs::epsg(27700).unwrap().domain(), None);
}
