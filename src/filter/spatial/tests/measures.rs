//! Measures against those of PROJ's geodesics (pyproj.Geod on WGS 84), and validity of known shapes.

use super::wkt;
use crate::filter::spatial::{Measures, dimension, is_valid, vertex_count, x, y};
use crate::geometry::crs::{Crs, Transform};

const CELL: &str = "POLYGON((0 0,1 0,1 1,0 1,0 0))";
const HOLED: &str = "POLYGON((5 43,5 43.01,5.01 43.01,5.01 43,5 43),(5.002 43.002,5.002 43.004,5.004 43.004,5.002 43.002))";

fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("a number");
    assert!(
        (found - expected).abs() <= expected.abs() * 1e-9,
        "{found} {expected}"
    );
}

#[test]
fn lengths_and_areas_on_the_ellipsoid() {
    let measures = Measures::new(Crs::CRS84).expect("degrees");
    for (text, area, length, perimeter) in [
        (CELL, 12_308_778_361.469_452, 0.0, 443_770.917_248_301_96),
        ("LINESTRING(0 0,1 0)", 0.0, 111_319.490_793_273_57, 0.0),
        (
            "MULTILINESTRING((0 0,1 0),(0 0,0 1))",
            0.0,
            111_319.490_793_273_57 + 110_574.388_557_798_78,
            0.0,
        ),
        (
            HOLED,
            905_788.259_031_295_8 - 18_116.052_700_996_4,
            0.0,
            3_852.543_778_989_073 + 660.864_576_022_272_8,
        ),
        (
            "POLYGON((179 -17,181 -17,181 -16,179 -16))",
            23_631_413_768.383_423,
            0.0,
            648_366.532_756_783_1,
        ),
        (
            "GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1,0 1,0 0)),LINESTRING(0 0,1 0),POINT(3 3))",
            12_308_778_361.469_452,
            111_319.490_793_273_57,
            443_770.917_248_301_96,
        ),
        ("POINT(1 1)", 0.0, 0.0, 0.0),
        ("POLYGON()", 0.0, 0.0, 0.0),
    ] {
        let shape = wkt(text);
        near(measures.area_m2(&shape.as_source()), area);
        near(measures.length_m(&shape.as_source()), length);
        near(measures.perimeter_m(&shape.as_source()), perimeter);
    }
    assert_eq!(
        measures.area_m2(&wkt("POLYGON((0 0,1 0,1 100,0 0))").as_source()),
        None
    );
}

#[test]
fn other_systems_measure_the_same_ground() {
    let degrees = wkt(HOLED);
    for crs in [Crs::LAMBERT_93, Crs::WEB_MERCATOR] {
        let mut shape = degrees.clone();
        Transform::between(Crs::CRS84, crs)
            .expect("known")
            .convert(&mut shape.xy)
            .expect("in France");
        let measures = Measures::new(crs).expect("known");
        let area = measures.area_m2(&shape.as_source()).expect("a number");
        assert!((area - 887_672.206).abs() < 0.01, "{area}");
    }
}

#[test]
fn counts_and_coordinates() {
    for (text, vertices, dimensions) in [
        ("POINT(1 2)", 1, Some(0)),
        ("LINESTRING(0 0,1 0)", 2, Some(1)),
        ("POLYGON((0 0,1 0,1 1,0 1,0 0))", 5, Some(2)),
        ("POLYGON((0 0,1 0,1 1,0 1))", 5, Some(2)),
        (
            "GEOMETRYCOLLECTION(POINT(0 0),LINESTRING(0 0,1 0))",
            3,
            Some(1),
        ),
        ("GEOMETRYCOLLECTION()", 0, None),
    ] {
        assert_eq!(vertex_count(&wkt(text).as_source()), vertices, "{text}");
        assert_eq!(dimension(&wkt(text).as_source()), dimensions, "{text}");
    }
    assert_eq!(x(&wkt("POINT(1 2)").as_source()), Some(1.0));
    assert_eq!(y(&wkt("POINT(1 2)").as_source()), Some(2.0));
    assert_eq!(x(&wkt("MULTIPOINT(1 2)").as_source()), None);
    assert_eq!(x(&wkt("POINT()").as_source()), None);
}

#[test]
fn validity() {
    for (text, valid) in [
        ("POINT(1 1)", true),
        ("LINESTRING(0 0,4 4,4 0,0 4)", true),
        ("LINESTRING(1 1,1 1)", false),
        ("MULTILINESTRING((0 0,1 1),(2 2,2 2))", false),
        ("POLYGON((0 0,4 0,4 4,0 4,0 0))", true),
        ("POLYGON((0 0,4 0,4 4,0 4))", true),
        ("POLYGON((0 0,4 4,4 0,0 4,0 0))", false),
        ("POLYGON((0 0,4 0,2 0,0 0))", false),
        ("POLYGON((0 0,4 0,4 4,0 4,0 0,4 0,4 4,0 4,0 0))", false),
        ("POLYGON((0 0,4 0,4 4,2 0,0 4,0 0))", false),
        ("POLYGON((0 0,4 0,4 4,4 2,4 6,0 4,0 0))", false),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1))", true),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(0 1,2 1,2 2,0 1))", true),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(0 1,2 1,2 2,0 2,0 1))",
            false,
        ),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(0 0,9 9,2 3,0 0))", false),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(8 8,12 8,12 12,8 8))", false),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(20 20,21 20,21 21,20 20))",
            false,
        ),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,5 1,5 5,1 5,1 1),(2 2,3 2,3 3,2 2))",
            false,
        ),
        (
            "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,5 1,5 5,1 5,1 1),(5 5,6 5,6 6,5 5))",
            true,
        ),
        (
            "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 4,5 4,5 5,4 4)))",
            true,
        ),
        (
            "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((4 0,8 0,8 4,4 4,4 0)))",
            false,
        ),
        (
            "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((1 1,2 1,2 2,1 1)))",
            false,
        ),
        (
            "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 8,1 1)),((2 2,7 2,7 7,2 2)))",
            true,
        ),
        (
            "GEOMETRYCOLLECTION(POLYGON((0 0,4 0,4 4,0 4,0 0)),POLYGON((0 0,4 0,4 4,0 4,0 0)))",
            true,
        ),
        ("GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(1 1,1 1))", false),
        ("GEOMETRYCOLLECTION()", true),
    ] {
        assert_eq!(is_valid(&wkt(text).as_source()), valid, "{text}");
    }
    let mut broken = wkt("POINT(1 1)");
    broken.xy[0][1] = f64::NAN;
    assert!(!is_valid(&broken.as_source()));
}
