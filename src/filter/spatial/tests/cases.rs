//! Pairs of geometries by their dimensions and the way they meet, with their DE-9IM matrix and the relations that hold.

use super::{matrix, pattern, relations, wkt};

const SQUARE: &str = "POLYGON((0 0,4 0,4 4,0 4,0 0))";
const HOLED: &str = "POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,3 6,6 6,6 3,3 3))";

/// Name, two geometries, matrix, relations.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("point: the same", "POINT(1 1)", "POINT(1 1)", "0FFFFFFF2", "contains equals intersects within"),
    ("point: another", "POINT(1 1)", "POINT(2 1)", "FF0FFF0F2", "disjoint"),
    ("point: one of several", "POINT(1 1)", "MULTIPOINT(1 1,2 2)", "0FFFFF0F2", "intersects within"),
    ("points: some in common", "MULTIPOINT(1 1,3 3)", "MULTIPOINT(1 1,2 2)", "0F0FFF0F2", "intersects overlaps"),
    ("point: inside of a line", "POINT(2 0)", "LINESTRING(0 0,4 0)", "0FFFFF102", "intersects within"),
    ("point: end of a line", "POINT(0 0)", "LINESTRING(0 0,4 0)", "F0FFFF102", "intersects touches"),
    ("point: vertex of a line", "POINT(2 2)", "LINESTRING(0 0,2 2,4 0)", "0FFFFF102", "intersects within"),
    ("point: where a ring starts", "POINT(0 0)", "LINESTRING(0 0,4 0,4 4,0 0)", "0FFFFF1F2", "intersects within"),
    ("point: where two lines meet", "POINT(2 0)", "MULTILINESTRING((0 0,2 0),(2 0,2 4))", "0FFFFF102", "intersects within"),
    ("point: where three lines meet", "POINT(2 0)", "MULTILINESTRING((0 0,2 0),(2 0,2 4),(2 0,4 0))", "F0FFFF102", "intersects touches"),
    ("point: beside a line", "POINT(2 1)", "LINESTRING(0 0,4 0)", "FF0FFF102", "disjoint"),
    ("points: inside of and beside a line", "MULTIPOINT(2 0,2 1)", "LINESTRING(0 0,4 0)", "0F0FFF102", "crosses intersects"),
    ("point: inside of an area", "POINT(1 1)", SQUARE, "0FFFFF212", "intersects within"),
    ("point: on an edge", "POINT(2 0)", SQUARE, "F0FFFF212", "intersects touches"),
    ("point: on a corner", "POINT(4 4)", SQUARE, "F0FFFF212", "intersects touches"),
    ("point: in a hole", "POINT(4 4)", HOLED, "FF0FFF212", "disjoint"),
    ("point: on the rim of a hole", "POINT(3 4)", HOLED, "F0FFFF212", "intersects touches"),
    ("points: inside, on the edge and outside", "MULTIPOINT(1 1,4 0,9 9)", SQUARE, "000FFF212", "crosses intersects"),
    ("line: the same, turned round", "LINESTRING(0 0,2 2,4 0)", "LINESTRING(4 0,2 2,0 0)", "1FFF0FFF2", "contains equals intersects within"),
    ("line: the same with a vertex more", "LINESTRING(0 0,4 0)", "LINESTRING(0 0,1 0,4 0)", "1FFF0FFF2", "contains equals intersects within"),
    ("line: crossing", "LINESTRING(0 0,4 4)", "LINESTRING(0 4,4 0)", "0F1FF0102", "crosses intersects"),
    ("line: crossing at a vertex", "LINESTRING(0 0,2 2,4 4)", "LINESTRING(0 4,2 2,4 0)", "0F1FF0102", "crosses intersects"),
    ("line: end to end", "LINESTRING(0 0,2 2)", "LINESTRING(2 2,4 0)", "FF1F00102", "intersects touches"),
    ("line: end inside of the other", "LINESTRING(2 0,2 4)", "LINESTRING(0 0,4 0)", "FF10F0102", "intersects touches"),
    ("line: overlap", "LINESTRING(0 0,3 0)", "LINESTRING(1 0,4 0)", "1010F0102", "intersects overlaps"),
    ("line: overlap and a crossing", "LINESTRING(0 0,3 0,3 2,1 -2)", "LINESTRING(1 0,4 0)", "101FF0102", "intersects overlaps"),
    ("line: part", "LINESTRING(1 0,2 0)", "LINESTRING(0 0,4 0)", "1FF0FF102", "intersects within"),
    ("line: part from the start", "LINESTRING(0 0,2 0)", "LINESTRING(0 0,4 0)", "1FF00F102", "intersects within"),
    ("line: parallel", "LINESTRING(0 1,4 1)", "LINESTRING(0 0,4 0)", "FF1FF0102", "disjoint"),
    ("line: on one line, apart", "LINESTRING(0 0,1 0)", "LINESTRING(2 0,4 0)", "FF1FF0102", "disjoint"),
    ("line: passing through an end that two lines share", "LINESTRING(0 2,4 2)", "MULTILINESTRING((2 0,2 2),(2 2,2 4))", "0F1FF0102", "crosses intersects"),
    ("line: passing through an end that three lines share", "LINESTRING(0 2,4 2)", "MULTILINESTRING((2 0,2 2),(2 2,2 4),(2 2,3 4))", "F01FF0102", "intersects touches"),
    ("line: inside of an area", "LINESTRING(1 1,3 2)", SQUARE, "1FF0FF212", "intersects within"),
    ("line: inside, ends on the edge", "LINESTRING(0 1,4 3)", SQUARE, "1FFF0F212", "intersects within"),
    ("line: inside, one end on a corner", "LINESTRING(0 0,2 2)", SQUARE, "1FF00F212", "intersects within"),
    ("line: through an area", "LINESTRING(-1 2,5 2)", SQUARE, "101FF0212", "crosses intersects"),
    ("line: into an area", "LINESTRING(-1 2,2 2)", SQUARE, "1010F0212", "crosses intersects"),
    ("line: along an edge", "LINESTRING(1 0,3 0)", SQUARE, "F1FF0F212", "intersects touches"),
    ("line: along a whole edge and on", "LINESTRING(-1 0,5 0)", SQUARE, "F11FF0212", "intersects touches"),
    ("line: along an edge, then inside", "LINESTRING(0 0,2 0,2 2)", SQUARE, "11F00F212", "intersects within"),
    ("line: touching a corner in passing", "LINESTRING(3 5,5 3)", SQUARE, "F01FF0212", "intersects touches"),
    ("line: ending on an edge from outside", "LINESTRING(2 -2,2 0)", SQUARE, "FF1F00212", "intersects touches"),
    ("line: corner to corner inside", "LINESTRING(0 0,4 4)", SQUARE, "1FFF0F212", "intersects within"),
    ("line: corner to corner and on", "LINESTRING(-1 -1,5 5)", SQUARE, "101FF0212", "crosses intersects"),
    ("line: the whole rim", "LINESTRING(0 0,4 0,4 4,0 4,0 0)", SQUARE, "F1FFFF2F2", "intersects touches"),
    ("line: in a hole", "LINESTRING(4 4,5 5)", HOLED, "FF1FF0212", "disjoint"),
    ("line: across a hole", "LINESTRING(1 4,8 4)", HOLED, "1010FF212", "crosses intersects"),
    ("line: along the rim of a hole", "LINESTRING(3 3,6 3)", HOLED, "F1FF0F212", "intersects touches"),
    ("line: from rim to rim in a hole", "LINESTRING(3 4,6 4)", HOLED, "FF1F0F212", "intersects touches"),
    ("area: the same, from elsewhere, turned round", SQUARE, "POLYGON((4 4,4 0,0 0,0 4,4 4))", "2FFF1FFF2", "contains equals intersects within"),
    ("area: the same with vertices more", SQUARE, "POLYGON((0 0,1 0,2 0,4 0,4 4,0 4,0 0))", "2FFF1FFF2", "contains equals intersects within"),
    ("area: overlap", SQUARE, "POLYGON((2 2,6 2,6 6,2 6,2 2))", "212101212", "intersects overlaps"),
    ("area: overlap along an edge", SQUARE, "POLYGON((2 0,6 0,6 4,2 4,2 0))", "212111212", "intersects overlaps"),
    ("area: a cross", SQUARE, "POLYGON((1 -1,3 -1,3 5,1 5,1 -1))", "212101212", "intersects overlaps"),
    ("area: touching corners", SQUARE, "POLYGON((4 4,6 4,6 6,4 6,4 4))", "FF2F01212", "intersects touches"),
    ("area: a corner on an edge", SQUARE, "POLYGON((4 2,6 1,6 3,4 2))", "FF2F01212", "intersects touches"),
    ("area: sharing an edge", SQUARE, "POLYGON((4 0,8 0,8 4,4 4,4 0))", "FF2F11212", "intersects touches"),
    ("area: sharing part of an edge", SQUARE, "POLYGON((4 1,8 1,8 3,4 3,4 1))", "FF2F11212", "intersects touches"),
    ("area: inside", "POLYGON((1 1,2 1,2 2,1 2,1 1))", SQUARE, "2FF1FF212", "intersects within"),
    ("area: inside, touching an edge", "POLYGON((0 1,2 1,2 2,0 2,0 1))", SQUARE, "2FF11F212", "intersects within"),
    ("area: inside, a corner on an edge", "POLYGON((0 2,2 1,2 3,0 2))", SQUARE, "2FF10F212", "intersects within"),
    ("area: inside, sharing a corner", "POLYGON((0 0,2 0,2 2,0 2,0 0))", SQUARE, "2FF11F212", "intersects within"),
    ("area: apart", SQUARE, "POLYGON((6 6,7 6,7 7,6 7,6 6))", "FF2FF1212", "disjoint"),
    ("area: in a hole", "POLYGON((4 4,5 4,5 5,4 5,4 4))", HOLED, "FF2FF1212", "disjoint"),
    ("area: filling a hole", "POLYGON((3 3,6 3,6 6,3 6,3 3))", HOLED, "FF2F1F212", "intersects touches"),
    ("area: over a hole", "POLYGON((2 2,7 2,7 7,2 7,2 2))", HOLED, "2121FF212", "intersects overlaps"),
    ("area: over all of it", "POLYGON((-1 -1,10 -1,10 10,-1 10,-1 -1))", HOLED, "212FF1FF2", "contains intersects"),
    ("area: a corner in a hole", "POLYGON((1 1,4 1,4 4,1 4,1 1))", HOLED, "212101212", "intersects overlaps"),
    ("area: touching a hole from inside of it", "POLYGON((3 4,5 4,5 5,3 4))", HOLED, "FF2F01212", "intersects touches"),
    ("areas: one of several", "POLYGON((0 0,1 0,1 1,0 1,0 0))", "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((2 2,3 2,3 3,2 3,2 2)))", "2FFF1F212", "intersects within"),
    ("areas: between two", "POLYGON((1 0,2 0,2 1,1 1,1 0))", "MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((2 0,3 0,3 1,2 1,2 0)))", "FF2F11212", "intersects touches"),
    ("collection: a line reaching out of its area", "GEOMETRYCOLLECTION(POLYGON((0 0,4 0,4 4,0 4,0 0)),LINESTRING(2 2,8 2))", "LINESTRING(5 2,6 2)", "102FF1FF2", "contains intersects"),
    ("collection: a line inside of its area", "GEOMETRYCOLLECTION(POLYGON((0 0,4 0,4 4,0 4,0 0)),LINESTRING(1 1,2 1))", SQUARE, "2FFF1FFF2", "contains equals intersects within"),
    ("collection: across the edge that two areas share", "GEOMETRYCOLLECTION(POLYGON((0 0,2 0,2 4,0 4,0 0)),POLYGON((2 0,4 0,4 4,2 4,2 0)))", "LINESTRING(1 1,3 3)", "102FF1FF2", "contains intersects"),
    ("collection: two areas that make a square", "GEOMETRYCOLLECTION(POLYGON((0 0,2 0,2 4,0 4,0 0)),POLYGON((2 0,4 0,4 4,2 4,2 0)))", SQUARE, "2FFF1FFF2", "contains equals intersects within"),
    ("collection: areas over each other", "GEOMETRYCOLLECTION(POLYGON((0 0,3 0,3 4,0 4,0 0)),POLYGON((1 0,4 0,4 4,1 4,1 0)))", SQUARE, "2FFF1FFF2", "contains equals intersects within"),
    ("collection: a point on the rim", "GEOMETRYCOLLECTION(POINT(0 0),POINT(9 9))", SQUARE, "F00FFF212", "intersects touches"),
];

#[test]
fn every_pair_relates_as_expected() {
    for (name, a, b, expected, relations_expected) in CASES {
        let (a, b) = (wkt(a), wkt(b));
        assert_eq!(pattern(&matrix(&a, &b)), *expected, "{name}");
        assert_eq!(relations(&a, &b).join(" "), *relations_expected, "{name}");
        let turned: String = [0, 3, 6, 1, 4, 7, 2, 5, 8]
            .map(|i| char::from(expected.as_bytes()[i]))
            .iter()
            .collect();
        assert_eq!(pattern(&matrix(&b, &a)), turned, "{name}, turned round");
        let swapped: Vec<_> = relations_expected
            .split(' ')
            .map(|name| match name {
                "contains" => "within",
                "within" => "contains",
                other => other,
            })
            .collect();
        let mut found = relations(&b, &a);
        found.sort_unstable();
        let mut swapped = swapped;
        swapped.sort_unstable();
        assert_eq!(found, swapped, "{name}, turned round");
    }
}

/// Nothing has no point in common with anything, and is equal to nothing else.
#[test]
fn empty_geometries() {
    let empty = [
        "POINT()",
        "LINESTRING()",
        "MULTIPOLYGON()",
        "GEOMETRYCOLLECTION()",
    ]
    .map(wkt);
    for a in &empty {
        assert_eq!(relations(a, &wkt(SQUARE)), ["disjoint"]);
        assert_eq!(relations(&wkt("POINT(1 1)"), a), ["disjoint"]);
        for b in &empty {
            assert_eq!(relations(a, b), ["disjoint", "equals"]);
        }
    }
}

/// Without the extent of its kind a geometry is what it looks like.
#[test]
fn degenerate_geometries() {
    let same = [
        ("LINESTRING(1 1,1 1,1 1)", "POINT(1 1)"),
        ("POLYGON((1 1,1 1,1 1,1 1))", "POINT(1 1)"),
        ("POLYGON((0 0,4 0,2 0,0 0))", "LINESTRING(0 0,4 0)"),
        ("POLYGON((2 1,2 3,2 3,2 1,2 1))", "LINESTRING(2 3,2 1)"),
        ("LINESTRING(0 0,0 0,4 0,4 0,4 0)", "LINESTRING(0 0,4 0)"),
        ("POLYGON((0 0,4 0,4 4,0 4))", SQUARE),
        ("MULTIPOINT(1 1,1 1)", "POINT(1 1)"),
        (
            "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((1 1,1 1,1 1)))",
            SQUARE,
        ),
    ];
    let others = [
        SQUARE,
        HOLED,
        "POINT(1 1)",
        "LINESTRING(0 0,4 0)",
        "LINESTRING(2 0,2 1)",
        "POINT(2 0)",
    ];
    for (a, b) in same {
        assert!(relations(&wkt(a), &wkt(b)).contains(&"equals"), "{a}");
        for other in others {
            assert_eq!(
                matrix(&wkt(a), &wkt(other)),
                matrix(&wkt(b), &wkt(other)),
                "{a} {other}"
            );
            assert_eq!(
                matrix(&wkt(other), &wkt(a)),
                matrix(&wkt(other), &wkt(b)),
                "{a} {other}"
            );
        }
    }
}

/// A ring that crosses itself holds what it winds around an odd number of times.
#[test]
fn invalid_polygons() {
    let bow_tie = wkt("POLYGON((0 0,4 4,4 0,0 4,0 0))");
    for (other, expected) in [
        ("POINT(1 2)", "contains intersects"),
        ("POINT(2 1)", "disjoint"),
        ("POINT(2 2)", "intersects touches"),
        (SQUARE, "intersects within"),
        ("LINESTRING(0 2,4 2)", "contains intersects"),
        ("LINESTRING(2 0,2 1)", "disjoint"),
    ] {
        assert_eq!(
            relations(&bow_tie, &wkt(other)).join(" "),
            expected,
            "{other}"
        );
    }
}

/// Where edges cross is no double here; what all but passes through that place is still told apart.
#[test]
fn crossings_are_exact() {
    // The edges cross in (1/3, 1), between two doubles: whatever ends in either of these lies beside the line.
    let line = wkt("LINESTRING(0 0,1 3)");
    let below = 1.0 / 3.0;
    let above = f64::next_up(below);
    for (text, expected) in [
        (format!("LINESTRING({below:?} 1,0 1)"), "disjoint"),
        (format!("LINESTRING({below:?} 1,1 1)"), "crosses intersects"),
        (format!("LINESTRING({above:?} 1,0 1)"), "crosses intersects"),
        (format!("LINESTRING({above:?} 1,1 1)"), "disjoint"),
        (format!("POINT({below:?} 1)"), "disjoint"),
    ] {
        assert_eq!(relations(&line, &wkt(&text)).join(" "), expected, "{text}");
    }
    // A collection whose areas overlap: the borders cross in (1/3, 1), which is inside of a third area by a hair, or outside.
    for (west, inside) in [(below, true), (above, false)] {
        let text = format!(
            "GEOMETRYCOLLECTION(POLYGON((0 0,1 3,-5 3,-5 0,0 0)),POLYGON(({west:?} 0.5,2 0.5,2 1.5,{west:?} 1.5,{west:?} 0.5)))"
        );
        let beside = wkt("LINESTRING(0.3 1,0.4 1)");
        let found = relations(&wkt(&text), &beside);
        assert_eq!(found.contains(&"contains"), inside, "{west:?}");
    }
}
