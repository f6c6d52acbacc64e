//! What is refused, where, and that it is refused soon.

use std::time::{Duration, Instant};

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

/// The longest that anything of a length that is let in may take here, on a machine that does other things too.
const SOON: Duration = Duration::from_millis(50);

#[track_caller]
fn refused_soon(text: &str, limits: &Limits) -> Fault {
    let start = Instant::now();
    let read = parse_text(text, limits);
    let taken = start.elapsed();
    assert!(taken < SOON, "{taken:?}");
    read.expect_err("it is too much")
}

#[test]
fn nesting_bombs() {
    let limits = Limits::default();
    let bombs = [
        "(",
        "NOT ",
        "-",
        "x = (",
        "x = -(",
        "f(",
        "f((",
        "(1,",
        "A_EQUALS(x, (",
        "NOT (",
        "CASEI(",
        "x IN ((",
        "x + (",
        "x = 1 AND (",
        "x BETWEEN (",
        "x OR x AND NOT x + x * x ^ -(",
        "T_AFTER(INTERVAL(f(",
    ];
    for bomb in bombs {
        let text = bomb.repeat(limits.length_bytes / bomb.len());
        let fault = refused_soon(&text, &limits);
        assert_eq!(fault.kind, FaultKind::TooDeep(limits.depth), "{bomb}");
    }
    let text = format!("S_WITHIN(x,{}", "GEOMETRYCOLLECTION(".repeat(3_000));
    let fault = refused_soon(&text, &limits);
    assert_eq!(fault.kind, FaultKind::TooDeep(limits.depth));
}

/// Trees are dropped and walked by recursion, so they may not be higher than they are deep in brackets.
#[test]
fn chains_that_nest_to_the_left() {
    let limits = Limits::default();
    for (first, link) in [("x = 1", "+1"), ("x", " IS NULL"), ("x = 1", "*1")] {
        let text = format!("{first}{}", link.repeat(5_000));
        let fault = refused_soon(&text, &limits);
        assert_eq!(fault.kind, FaultKind::TooDeep(limits.depth), "{link}");
    }
}

/// Half of the stack that a thread has is far more than the deepest filter takes, without optimisation too.
#[test]
fn the_deepest_filters_fit_the_stack() {
    let depth = Limits::default().depth;
    let filters = [
        ("(", "x", ")", depth),
        ("f(", "x", ")", depth - 1),
        ("x < -(", "y", ")", depth / 2 - 1),
        ("x BETWEEN 1 AND (", "y", ")", depth - 1),
        ("x OR x AND NOT x < x + x * x ^ (", "y", ")", depth / 8),
        ("INTERVAL(f(", "x", "), '..')", depth / 2 - 1),
    ];
    let parse_all = move || {
        for (open, middle, close, times) in filters {
            let text = format!(
                "x = ({}{middle}{})",
                open.repeat(times - 1),
                close.repeat(times - 1)
            );
            let printed = to_text(&parse(&text));
            assert_eq!(parse(&printed), parse(&text));
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread
        .spawn(parse_all)
        .expect("a thread")
        .join()
        .expect("no fault");
}

#[test]
fn depth_is_counted_exactly() {
    let limits = Limits {
        depth: 4,
        ..Limits::default()
    };
    let read = |text: &str| parse_text(text, &limits);
    assert!(read("((((x))))").is_ok());
    let fault = read("(((((x)))))").expect_err("five brackets");
    assert_eq!((fault.at.start, fault.kind), (4, FaultKind::TooDeep(4)));
    assert!(read("NOT NOT NOT x").is_ok());
    assert!(read("NOT NOT NOT NOT x").is_err());
    assert!(read("f(f(f(x)))").is_ok());
    assert!(read("f(f(f(f(x))))").is_err());
    assert!(read("1+1+1 < x").is_ok());
    assert!(read("1+1+1+1 < x").is_err());
    // Whatever can be read can be read again as it is printed, brackets and all.
    let tree = read("NOT NOT NOT x").expect("read before");
    assert_eq!(read(&to_text(&tree)), Ok(tree));
}

#[test]
fn flat_lists_may_be_long() {
    let limits = Limits {
        nodes: 100_000,
        length_bytes: 1 << 20,
        ..Limits::default()
    };
    let long = |text: String| parse_text(&text, &limits).expect("long, but flat");
    let conjunction = long(vec!["a = 1"; 5_000].join(" AND "));
    assert!(matches!(&conjunction.node, Node::And(m) if m.len() == 5_000));
    long(vec!["a"; 20_000].join(" OR "));
    long(format!("a IN ({})", vec!["1"; 20_000].join(",")));
    long(format!("f({})", vec!["1"; 20_000].join(",")));
    long(format!("(1{}) = a", ",1".repeat(20_000)));
    let text = format!("a{}", " AND a".repeat(20_000));
    let fault = parse_text(
        &text,
        &Limits {
            nodes: 1_000,
            ..limits
        },
    )
    .expect_err("more than 1,000");
    assert_eq!(
        (fault.at.start, fault.kind),
        (6_000, FaultKind::TooManyNodes(1_000))
    );
}

#[test]
fn ceilings() {
    let limits = Limits {
        length_bytes: 60,
        nodes: 4,
        vertices: 3,
        ..Limits::default()
    };
    let read = |text: &str| parse_text(text, &limits).map_err(|fault| (fault.at.start, fault.kind));
    assert_eq!(read(&" ".repeat(61)), Err((60, FaultKind::TooLong(60))));
    assert!(read("a BETWEEN 1 AND 2").is_ok());
    assert_eq!(
        read("a BETWEEN 1 AND -f(2)"),
        Err((16, FaultKind::TooManyNodes(4)))
    );
    // `a` is there twice.
    assert_eq!(
        read("a BETWEEN 'b' AND 'c'"),
        Err((0, FaultKind::TooManyNodes(4)))
    );
    assert!(read("POINT(1 2) = LINESTRING(1 2, 3 4)").is_ok());
    assert_eq!(
        read("POINT(1 2) = LINESTRING(1 2, 3 4, 5 6)"),
        Err((34, FaultKind::TooManyVertices(3)))
    );
    assert_eq!(
        read("f(POINT(1 2)) BETWEEN DATE('2000-01-01') AND b").map(|_| ()),
        Err((0, FaultKind::TooManyNodes(4)))
    );
}

/// Whatever a megabyte holds, it is refused before it is read.
#[test]
fn a_megabyte_is_refused_by_its_length() {
    let limits = Limits::default();
    for unit in ["(", "a AND ", "'", "1,", "NOT ", "é", "POINT(", " "] {
        let text = unit.repeat((1 << 20) / unit.len());
        let fault = refused_soon(&text, &limits);
        assert_eq!(fault.kind, FaultKind::TooLong(limits.length_bytes));
    }
}

/// Trees are clones where `BETWEEN` becomes two comparisons: the ceiling holds for those too.
#[test]
fn doubling_is_bounded() {
    let mut text = "x".to_owned();
    for _ in 0..20 {
        text = format!("f({text}) BETWEEN 'a' AND 'b'");
    }
    let limits = Limits::default();
    let fault = refused_soon(&text, &limits);
    assert_eq!(fault.kind, FaultKind::TooManyNodes(limits.nodes));
    let long = format!("f(f('{}') BETWEEN 'a' AND 'b')", "x".repeat(30_000));
    let text = format!("{long} BETWEEN 'a' AND 'b'");
    let fault = refused_soon(&text, &limits);
    assert_eq!(fault.kind, FaultKind::TooLong(limits.length_bytes));
}
