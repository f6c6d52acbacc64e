//! What each form of the schema is read as.

use super::{e, int, parsed, property, text, value};
use crate::filter::ast::{
    ArithmeticOp, ArrayOp, Bound, CompareOp, Expr, FoldOp, Node, SpatialOp, TemporalOp,
};
use crate::filter::{BboxLiteral, Limits, Shape, parse_json};
use crate::geometry::source::GeometryKind;
use crate::model::temporal::Date;

#[test]
fn scalars() {
    assert_eq!(parsed("true"), Node::Bool(true));
    assert_eq!(parsed(" false\r\n"), Node::Bool(false));
    for (json, node) in [
        ("5", Node::Int(5)),
        ("-0", Node::Int(0)),
        ("9007199254740993", Node::Int(9_007_199_254_740_993)),
        ("-9223372036854775808", Node::Int(i64::MIN)),
        (
            "9223372036854775808",
            Node::Float(9_223_372_036_854_775_808.0),
        ),
        ("5.0", Node::Float(5.0)),
        ("1e3", Node::Float(1000.0)),
        ("-1.5E-3", Node::Float(-0.0015)),
        ("1e-999", Node::Float(0.0)),
    ] {
        assert_eq!(value(json), node, "{json}");
    }
}

#[test]
fn texts_are_unescaped() {
    for (json, expected) in [
        (r#""""#, ""),
        (r#""l'été""#, "l'été"),
        (r#""a\"b\\c\/d\b\f\n\r\t""#, "a\"b\\c/d\u{8}\u{c}\n\r\t"),
        (r#""\u00e9\u0000\ud83e\udd80""#, "é\0🦀"),
    ] {
        assert_eq!(value(json), Node::Text(expected.to_owned()), "{json}");
    }
}

#[test]
fn every_operator_in_any_case() {
    let names = |all: &[(&'static str, &'static str)]| {
        all.iter()
            .flat_map(|(a, b)| [*a, *b])
            .flat_map(|n| [n.to_owned(), n.to_uppercase(), n.to_lowercase()])
            .collect::<Vec<_>>()
    };
    let pair = || Box::new([property("a"), property("b")]);
    let with = |name: &str| {
        value(&format!(
            r#"{{"op":"{name}","args":[{{"property":"a"}},{{"property":"b"}}]}}"#
        ))
    };
    macro_rules! every {
        ($op:ident, $node:ident) => {
            for op in $op::ALL {
                for name in names(&[(op.text(), op.json())]) {
                    assert_eq!(with(&name), Node::$node(*op, pair()), "{name}");
                }
            }
        };
    }
    every!(CompareOp, Compare);
    every!(ArithmeticOp, Arithmetic);
    every!(SpatialOp, Spatial);
    every!(TemporalOp, Temporal);
    every!(ArrayOp, ArrayRelation);
    for op in FoldOp::ALL {
        for name in names(&[(op.text(), op.json())]) {
            let json = format!(r#"{{"op":"{name}","args":["x"]}}"#);
            assert_eq!(value(&json), Node::Fold(*op, Box::new(text("x"))));
        }
    }
    assert_eq!(with("AND"), Node::And(pair().to_vec()));
    assert_eq!(with("Or"), Node::Or(pair().to_vec()));
    let like = parsed(r#"{"op":"LIKE","args":["a",{"op":"Casei","args":["%"]}]}"#);
    let folded = e(Node::Fold(FoldOp::Casei, Box::new(text("%"))));
    assert_eq!(like, Node::Like(Box::new([text("a"), folded])));
    let between = parsed(r#"{"op":"Between","args":[2,1,3]}"#);
    assert_eq!(between, Node::Between(Box::new([int(2), int(1), int(3)])));
    let null = Node::IsNull(Box::new(property("a")));
    assert_eq!(parsed(r#"{"op":"ISNULL","args":[{"property":"a"}]}"#), null);
    assert_eq!(
        parsed(r#"{"op":"NOT","args":[{"op":"isNull","args":[{"property":"a"}]}]}"#),
        Node::Not(Box::new(e(null)))
    );
}

#[test]
fn and_and_or_are_flat() {
    let name = |n: &str| format!(r#"{{"property":"{n}"}}"#);
    let call =
        |op: &str, args: &[String]| format!(r#"{{"op":"{op}","args":[{}]}}"#, args.join(","));
    let inner = call("and", &[name("b"), name("c")]);
    let json = call("and", &[name("a"), call("AND", &[inner, name("d")])]);
    assert_eq!(
        parsed(&json),
        Node::And(["a", "b", "c", "d"].map(property).to_vec())
    );
    let inner = call("or", &[name("b"), name("c")]);
    let json = call("and", &[name("a"), inner.clone()]);
    let or = Node::Or(["b", "c"].map(property).to_vec());
    assert_eq!(parsed(&json), Node::And(vec![property("a"), e(or)]));
    let json = call("or", &[inner, name("d")]);
    assert_eq!(
        parsed(&json),
        Node::Or(["b", "c", "d"].map(property).to_vec())
    );
}

#[test]
fn lists_may_be_empty() {
    let none = parsed(r#"{"op":"in","args":[{"property":"a"},[]]}"#);
    assert_eq!(none, Node::In(Box::new(property("a")), vec![]));
    assert_eq!(value("[]"), Node::Array(vec![]));
    let nested = Node::Array(vec![e(Node::Array(vec![int(1)])), text("a")]);
    assert_eq!(value(r#"[[1],"a"]"#), nested);
    assert_eq!(
        parsed(r#"{"args":[],"op":"now"}"#),
        Node::Function("now".to_owned(), vec![])
    );
}

#[test]
fn drafts_that_mean_one_thing() {
    let expected = parsed(r#"{"op":"isNull","args":[{"property":"a"}]}"#);
    assert_eq!(
        parsed(r#"{"op":"isNull","args":{"property":"a"}}"#),
        expected
    );
    let expected = parsed(r#"{"op":"between","args":[{"property":"a"},1,2]}"#);
    assert_eq!(
        parsed(r#"{"op":"between","args":[{"property":"a"},[1,2]]}"#),
        expected
    );
    let expected = value(r#"{"interval":["2020-01-01","2021-01-01T00:00:00Z"]}"#);
    let long = r#"{"interval":[{"date":"2020-01-01"},{"timestamp":"2021-01-01T00:00:00Z"}]}"#;
    assert_eq!(value(long), expected);
}

#[test]
fn between_with_other_literals_is_two_comparisons() {
    let day = |d| e(Node::Date(Date(d)));
    let side = |op, bound| e(Node::Compare(op, Box::new([property("d"), bound])));
    let expected = vec![
        side(CompareOp::GreaterOrEqual, day(0)),
        side(CompareOp::LessOrEqual, day(1)),
    ];
    let json =
        r#"{"op":"between","args":[{"property":"d"},{"date":"1970-01-01"},{"date":"1970-01-02"}]}"#;
    assert_eq!(parsed(json), Node::And(expected.clone()));
    let outer = parsed(&format!(r#"{{"op":"and","args":[{json},true]}}"#));
    let flat = [expected, vec![e(Node::Bool(true))]].concat();
    assert_eq!(outer, Node::And(flat));
    let json = r#"{"op":"between","args":[{"property":"a"},"a",{"property":"b"}]}"#;
    assert!(matches!(parsed(json), Node::And(_)));
    let json =
        r#"{"op":"between","args":[{"property":"a"},{"property":"b"},{"op":"f","args":[]}]}"#;
    assert!(matches!(parsed(json), Node::Between(_)));
}

#[test]
fn times() {
    assert_eq!(value(r#"{"date":"1970-01-02"}"#), Node::Date(Date(1)));
    let instant = value(r#"{"timestamp":"1970-01-01T00:00:01.2345678Z"}"#);
    assert_eq!(instant, Node::Timestamp(1_234_567));
    let function = Expr::new(
        Node::Function("now".to_owned(), vec![]),
        super::Span::default(),
    );
    for (json, expected) in [
        (r#"["..",".."]"#, [Bound::Open, Bound::Open]),
        (
            r#"["1970-01-02",{"property":"end"}]"#,
            [
                Bound::At(e(Node::Date(Date(1)))),
                Bound::At(property("end")),
            ],
        ),
        (
            r#"["1970-01-01T00:00:01Z",{"op":"now","args":[]}]"#,
            [
                Bound::At(e(Node::Timestamp(1_000_000))),
                Bound::At(function),
            ],
        ),
    ] {
        let interval = value(&format!(r#"{{"interval":{json}}}"#));
        assert_eq!(interval, Node::Interval(Box::new(expected)), "{json}");
    }
}

#[test]
fn geometries_of_every_kind() {
    use GeometryKind::{
        GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
    };
    const RING: &str = "[[0,0],[1,0],[1,1],[0,0]]";
    let line = "[[0,0],[1.5,2]]";
    for (kind, coordinates, counts, vertices) in [
        (Point, "[1,2]".to_owned(), vec![1], 1),
        (Point, "[]".to_owned(), vec![0], 0),
        (LineString, line.to_owned(), vec![2], 2),
        (LineString, "[]".to_owned(), vec![0], 0),
        (MultiPoint, "[[0,0],[0,0],[1,1]]".to_owned(), vec![3], 3),
        (Polygon, format!("[{RING},{RING}]"), vec![2, 4, 4], 8),
        (Polygon, "[]".to_owned(), vec![0], 0),
        (
            MultiLineString,
            format!("[{line},{line},{line}]"),
            vec![3, 2, 2, 2],
            6,
        ),
        (
            MultiPolygon,
            format!("[[{RING}],[{RING},{RING}]]"),
            vec![2, 1, 4, 2, 4, 4],
            12,
        ),
        (MultiPolygon, "[]".to_owned(), vec![0], 0),
        (MultiPolygon, format!("[[],[{RING}],[]]"), vec![1, 1, 4], 4),
    ] {
        let json = format!(
            r#"{{"type":"{}","coordinates":{coordinates}}}"#,
            kind.name()
        );
        let Node::Geometry(shape) = value(&json) else {
            panic!("{json}")
        };
        assert_eq!((shape.kind, &shape.counts), (kind, &counts), "{json}");
        assert_eq!((shape.xy.len(), shape.z.len()), (vertices, 0), "{json}");
    }
    let point = r#"{"type":"Point","coordinates":[1,2]}"#;
    let inner = format!(r#"{{"geometries":[{point}],"type":"GeometryCollection"}}"#);
    let json = format!(
        r#"{{"type":"GeometryCollection","geometries":[{inner},{{"type":"LineString","coordinates":{line}}}]}}"#
    );
    let Node::Geometry(shape) = value(&json) else {
        panic!("{json}")
    };
    assert_eq!(shape.kind, GeometryCollection);
    assert_eq!(shape.counts, [2, 7, 1, 1, 1, 2, 2]);
    assert_eq!(shape.xy, [[1.0, 2.0], [0.0, 0.0], [1.5, 2.0]]);
}

#[test]
fn heights_and_boxes() {
    let line = value(r#"{"type":"LineString","bbox":[0,0,1,1],"coordinates":[[0,0,7],[1,1,8.5]]}"#);
    let expected = Shape {
        kind: GeometryKind::LineString,
        counts: vec![2],
        xy: vec![[0.0, 0.0], [1.0, 1.0]],
        z: vec![7.0, 8.5],
    };
    assert_eq!(line, Node::Geometry(expected));
    let ring = r#"{"type":"Polygon","coordinates":[[[0,0,1],[1,0,1],[1,1,1],[0,0,2]]]}"#;
    assert!(
        matches!(value(ring), Node::Geometry(_)),
        "closed in the plane"
    );
    let json = r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"Point","coordinates":[1,2,3]}]}"#;
    let Node::Geometry(mixed) = value(json) else {
        panic!("{json}")
    };
    assert!(mixed.z[0].is_nan() && mixed.z[1] == 3.0);
    let flat = BboxLiteral {
        low: [170.0, -1.0],
        high: [-170.0, 1.0],
        heights: None,
    };
    assert_eq!(value(r#"{"bbox":[170,-1,-170,1]}"#), Node::Bbox(flat));
    let high = BboxLiteral {
        heights: Some([5.0, 6.0]),
        ..flat
    };
    assert_eq!(value(r#"{"bbox":[170,-1,5,-170,1,6]}"#), Node::Bbox(high));
}

#[test]
fn parts_know_their_place() {
    let json = r#"{"op":"=", "args":[ {"property":"é"} , "x"]}"#;
    let expr = parse_json(json, &Limits::default()).unwrap();
    let Node::Compare(_, operands) = &expr.node else {
        panic!("{expr:?}")
    };
    let parts =
        [&expr, &operands[0], &operands[1]].map(|e| &json[e.at.start as usize..e.at.end as usize]);
    assert_eq!(parts, [json, r#"{"property":"é"}"#, r#""x""#]);
}
