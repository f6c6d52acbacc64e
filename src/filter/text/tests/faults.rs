//! What is refused, and where.

use super::*;
use crate::filter::{Expected, Fault, FaultKind, GeometryFault};

fn fault(text: &str) -> Fault {
    match parse_text(text, &Limits::default()) {
        Ok(tree) => panic!("{text} is {tree:?}"),
        Err(fault) => fault,
    }
}

/// Text, where it is wrong, and what is wrong.
type Row = (&'static str, std::ops::Range<u32>, FaultKind);

#[track_caller]
fn check(rows: Vec<Row>) {
    for (text, at, kind) in rows {
        let fault = fault(text);
        assert_eq!(
            (fault.at.start..fault.at.end, fault.kind),
            (at, kind),
            "{text}"
        );
    }
}

fn wanted(expected: Expected, found: &str) -> FaultKind {
    let found = found.to_owned();
    FaultKind::Expected { expected, found }
}

#[test]
#[rustfmt::skip]
fn expectations() {
    use Expected::{Bound, End, Geometry, Number, Operator, Predicate, Text, Token, Value};
    check(vec![
        ("", 0..0, wanted(Predicate, "")),
        (" \t ", 3..3, wanted(Predicate, "")),
        ("name 'x'", 5..8, wanted(Operator, "'x'")),
        ("name == 'x'", 6..7, wanted(Value, "=")),
        ("name != 'x'", 5..6, wanted(Operator, "!")),
        ("a = 1 b", 6..7, wanted(End, "b")),
        ("a = 1)", 5..6, wanted(End, ")")),
        ("a = b = c", 6..7, wanted(End, "=")),
        ("a ^ b ^ c = 1", 6..7, wanted(Operator, "^")),
        ("5", 1..1, wanted(Operator, "")),
        ("'x' AND a = 1", 4..7, wanted(Operator, "AND")),
        ("a = 1 AND 'x' OR b", 14..16, wanted(Operator, "OR")),
        ("NOT 5", 5..5, wanted(Operator, "")),
        ("(5)", 3..3, wanted(Operator, "")),
        ("a = 1 AND", 9..9, wanted(Predicate, "")),
        ("a = 1 AND AND b = 2", 10..13, wanted(Predicate, "AND")),
        ("NOT", 3..3, wanted(Predicate, "")),
        ("a =", 3..3, wanted(Value, "")),
        ("a = NULL", 4..8, wanted(Value, "NULL")),
        ("a = NOT b", 4..7, wanted(Value, "NOT")),
        ("a = 1 + * 2", 8..9, wanted(Value, "*")),
        ("a = +b", 5..6, wanted(Number, "b")),
        ("a = -", 5..5, wanted(Value, "")),
        ("(a = 1", 6..6, wanted(Token(")"), "")),
        ("(a b)", 3..4, wanted(Operator, "b")),
        ("(a = 1 b = 2)", 7..8, wanted(Token(")"), "b")),
        ("(1, 2,) = a", 6..7, wanted(Value, ")")),
        ("(,) = a", 1..2, wanted(Predicate, ",")),
        ("f(a,)", 4..5, wanted(Value, ")")),
        ("f(1 2)", 4..5, wanted(Token(", )"), "2")),
        ("f(a", 3..3, wanted(Operator, "")),
        ("a IS 5", 5..6, wanted(Token("NULL"), "5")),
        ("a IS NOT 'x'", 9..12, wanted(Token("NULL"), "'x'")),
        ("a NOT 5", 6..7, wanted(Operator, "5")),
        ("a NOT = 5", 6..7, wanted(Operator, "=")),
        ("a LIKE b", 7..8, wanted(Text, "b")),
        ("a LIKE CASEI(b)", 13..14, wanted(Text, "b")),
        ("a LIKE CASEI 'b'", 13..16, wanted(Token("("), "'b'")),
        ("a LIKE 5", 7..8, wanted(Text, "5")),
        ("a IN 1", 5..6, wanted(Token("("), "1")),
        ("a IN (1", 7..7, wanted(Token(", )"), "")),
        ("a IN (1,)", 8..9, wanted(Value, ")")),
        ("a BETWEEN 1, 2", 11..12, wanted(Token("AND"), ",")),
        ("a BETWEEN 1 AND", 15..15, wanted(Value, "")),
        ("a = DATE(b)", 9..10, wanted(Text, "b")),
        ("a = TIMESTAMP()", 14..15, wanted(Text, ")")),
        ("T_AFTER(a, INTERVAL('..'))", 24..25, wanted(Token(","), ")")),
        ("T_AFTER(a, INTERVAL(5, '..'))", 20..21, wanted(Bound, "5")),
        ("T_AFTER(a, INTERVAL('..', CASEI(a)))", 26..31, wanted(Bound, "CASEI")),
        ("S_WITHIN(a, POINT(1))", 19..20, wanted(Number, ")")),
        ("S_WITHIN(a, POINT())", 18..19, wanted(Number, ")")),
        ("S_WITHIN(a, POINT(1 2 3 4))", 24..25, wanted(Token(")"), "4")),
        ("S_WITHIN(a, POINT Z EMPTY 1)", 26..27, wanted(Token(", )"), "1")),
        ("S_WITHIN(a, POINT(NaN 1))", 18..21, wanted(Number, "NaN")),
        ("S_WITHIN(a, POLYGON(0 0, 1 1))", 20..21, wanted(Token("("), "0")),
        ("S_WITHIN(a, GEOMETRYCOLLECTION(BBOX(1,2,3,4)))", 31..35, wanted(Geometry, "BBOX")),
        ("S_WITHIN(a, BBOX(b, 2, 3, 4))", 17..18, wanted(Number, "b")),
        ("S_WITHIN(a, POINT M (1 2 3))", 18..19, wanted(Operator, "M")),
        ("a = 1;", 5..6, wanted(End, ";")),
        ("été é\u{300} = 1", 6..10, wanted(Operator, "é\u{300}")),
        ("a = 'x' '0123456789012345678901234567890123456789'", 8..50, wanted(End, "'012345678901234567890123456789012345678…")),
    ]);
}

#[test]
#[rustfmt::skip]
fn literals() {
    use FaultKind::{ArgumentCount, BoxCount, Date, Geometry, Number, Timestamp, Unclosed};
    let count = |name: &str, n, found| ArgumentCount { name: name.to_owned(), least: n, most: n, found };
    let number = |text: &str| Number(text.to_owned());
    let date = |text: &str| Date(text.to_owned());
    let timestamp = |text: &str| Timestamp(text.to_owned());
    check(vec![
        ("a = 'x", 4..6, Unclosed('\'')),
        (r"a = 'C:\'", 4..9, Unclosed('\'')),
        (r"a = 'C:\\''", 4..11, Unclosed('\'')),
        ("a = \"x", 4..6, Unclosed('"')),
        ("a = 5m", 4..6, number("5m")),
        ("a = 1.2.3", 4..9, number("1.2.3")),
        ("a = 1e", 4..6, number("1e")),
        ("a = 1e+", 4..6, number("1e")),
        ("a = -1e999", 5..10, number("1e999")),
        ("S_WITHIN(a, POINT(1 -1e999))", 21..26, number("1e999")),
        ("a = DATE('2023-02-29')", 9..21, date("2023-02-29")),
        ("a = DATE('2023-02-29T00:00:00Z')", 9..31, date("2023-02-29T00:00:00Z")),
        ("a = TIMESTAMP('2023-02-29T00:00:00Z')", 14..36, timestamp("2023-02-29T00:00:00Z")),
        ("a = TIMESTAMP('2023-02-28T00:00:00')", 14..35, timestamp("2023-02-28T00:00:00")),
        ("a = TIMESTAMP('2023-02-28')", 14..26, timestamp("2023-02-28")),
        ("a = TIMESTAMP('2023-02-28T00:00:00.Z')", 14..37, timestamp("2023-02-28T00:00:00.Z")),
        ("a = TIMESTAMP('0000-01-01T00:00:00+00:01')", 14..41, timestamp("0000-01-01T00:00:00+00:01")),
        ("a = TIMESTAMP('2023-02-28T00:00:0éZ')", 14..37, timestamp("2023-02-28T00:00:0éZ")),
        ("T_AFTER(a, INTERVAL('', '..'))", 20..22, date("")),
        ("T_AFTER(a, INTERVAL('..', '2023-02-28T24:00:00Z'))", 26..48, timestamp("2023-02-28T24:00:00Z")),
        ("a = CASEI(b, c)", 4..15, count("CASEI", 1, 2)),
        ("s_within(a) AND x = 1", 0..11, count("s_within", 2, 1)),
        ("T_AFTER()", 0..9, count("T_AFTER", 2, 0)),
        ("A_EQUALS(a, b, c)", 0..17, count("A_EQUALS", 2, 3)),
        ("S_WITHIN(a, BBOX(1, 2, 3))", 12..25, BoxCount(3)),
        ("S_WITHIN(a, BBOX(1,2,3,4,5,6,7))", 12..31, BoxCount(7)),
        ("S_WITHIN(a, LINESTRING(0 0))", 22..27, Geometry(GeometryFault::LineTooShort)),
        ("S_WITHIN(a, MULTILINESTRING((0 0,1 1),(0 0)))", 38..43, Geometry(GeometryFault::LineTooShort)),
        ("S_WITHIN(a, POLYGON((0 0,1 0,1 1,0 1)))", 20..37, Geometry(GeometryFault::RingNotClosed)),
        ("S_WITHIN(a, POLYGON((0 0,1 0,0 0)))", 20..33, Geometry(GeometryFault::RingTooShort)),
        ("S_WITHIN(a, POLYGON((0 0,1 0,1 1,0 0), EMPTY))", 39..44, Geometry(GeometryFault::RingTooShort)),
        ("S_WITHIN(a, POLYGON(EMPTY, (0 0,1 0,1 1,0 0)))", 20..25, Geometry(GeometryFault::RingTooShort)),
        ("S_WITHIN(a, LINESTRING(0 0, 1 1 1))", 28..33, Geometry(GeometryFault::MixedDimensions)),
        ("S_WITHIN(a, LINESTRING Z (0 0, 1 1 1))", 26..29, Geometry(GeometryFault::MixedDimensions)),
        ("S_WITHIN(a, MULTIPOINT((0 0 0), (1 1)))", 33..36, Geometry(GeometryFault::MixedDimensions)),
        ("S_WITHIN(a, GEOMETRYCOLLECTION Z (POINT (1 1)))", 41..44, Geometry(GeometryFault::MixedDimensions)),
    ]);
}

#[test]
fn parts_know_their_places() {
    fn places<'a>(expr: &Expr, text: &'a str, found: &mut Vec<&'a str>) {
        found.push(&text[expr.at.start as usize..expr.at.end as usize]);
        let parts: Vec<&Expr> = match &expr.node {
            Node::And(members) | Node::Or(members) | Node::Function(_, members) => {
                members.iter().collect()
            }
            Node::Not(inner) | Node::IsNull(inner) => vec![inner],
            Node::Compare(_, sides) | Node::Arithmetic(_, sides) | Node::Spatial(_, sides) => {
                sides.iter().collect()
            }
            Node::In(left, members) => std::iter::once(&**left).chain(members).collect(),
            _ => Vec::new(),
        };
        for part in parts {
            places(part, text, found);
        }
    }
    let text = " NOT ( a = -1 AND ( b NOT IN ('é', f ( ) ) ) )\tOR (x+1) * -y < 2 AND S_WITHIN (g , POINT (1 2)) ";
    let mut found = Vec::new();
    places(&parse(text), text, &mut found);
    let expected = [
        text.trim(),
        "NOT ( a = -1 AND ( b NOT IN ('é', f ( ) ) ) )",
        "( a = -1 AND ( b NOT IN ('é', f ( ) ) ) )",
        "a = -1",
        "a",
        "-1",
        "( b NOT IN ('é', f ( ) ) )",
        "b NOT IN ('é', f ( ) )",
        "b",
        "'é'",
        "f ( )",
        "(x+1) * -y < 2 AND S_WITHIN (g , POINT (1 2))",
        "(x+1) * -y < 2",
        "(x+1) * -y",
        "(x+1)",
        "x",
        "1",
        "-y",
        "-",
        "y",
        "2",
        "S_WITHIN (g , POINT (1 2))",
        "g",
        "POINT (1 2)",
    ];
    assert_eq!(found, expected);
}
