//! What is no CQL2 JSON: the fault and its place.

use super::refused;
use crate::filter::{Expected, FaultKind, GeometryFault};

fn found(expected: Expected, found: &str) -> FaultKind {
    let found = found.to_owned();
    FaultKind::Expected { expected, found }
}

fn json(text: &str) -> FaultKind {
    FaultKind::Json(text.to_owned())
}

#[test]
fn what_is_no_json() {
    let sign = |sign, text| found(Expected::Token(sign), text);
    for (text, kind, part) in [
        ("", found(Expected::Value, ""), ""),
        (" \n", found(Expected::Value, ""), ""),
        ("[1", sign(", ]", ""), ""),
        ("[1,", found(Expected::Value, ""), ""),
        ("[1,]", found(Expected::Value, "]"), "]"),
        ("[1 2]", sign(", ]", "2"), "2"),
        ("[1}", sign(", ]", "}"), "}"),
        ("]", found(Expected::Value, "]"), "]"),
        ("{", sign("\"", ""), ""),
        ("{op:1}", sign("\"", "o"), "o"),
        (r#"{"op"}"#, sign(":", "}"), "}"),
        (r#"{"op":}"#, found(Expected::Value, "}"), "}"),
        (r#"{"op":"=",}"#, sign("\"", "}"), "}"),
        (r#"{"op":"="]"#, sign(", }", "]"), "]"),
        ("true false", found(Expected::End, "f"), "f"),
        ("true é", found(Expected::End, "é"), "é"),
        ("True", json("True"), "True"),
        ("nul", json("nul"), "nul"),
        ("'a'", json("'"), "'"),
        ("é", json("é"), "é"),
        ("\u{feff}true", json("\u{feff}"), "\u{feff}"),
        ("\"a", FaultKind::Unclosed('"'), "\"a"),
        ("\"a\\", json("\\"), "\\"),
        ("\"a\nb\"", json("\n"), "\n"),
        (r#""\x""#, json(r"\x"), r"\x"),
        (r#""\é""#, json(r"\é"), r"\é"),
        (r#""\u00g0""#, json(r"\u00g0"), r"\u00g0"),
        (r#""\u+123""#, json(r"\u+123"), r"\u+123"),
        (r#""\ud83e""#, json(r#"\ud83e""#), r#"\ud83e""#),
        (r#""\ud83ex\udd80""#, json(r"\ud83ex\udd8"), r"\ud83ex\udd8"),
        (r#""\udd80""#, json(r"\udd80"), r"\udd80"),
        ("// a\ntrue", json("/"), "/"),
    ] {
        assert_eq!(refused(text), (kind, part), "{text}");
    }
}

#[test]
fn what_is_no_number() {
    for text in [
        "-",
        "+1",
        "01",
        "-01",
        ".5",
        "1.",
        "1.e3",
        "1e",
        "1e+",
        "1.5.5",
        "0x10",
        "1_000",
        "1e400",
        "-1e400",
        "-Infinity",
    ] {
        assert_eq!(refused(text), (FaultKind::Number(text.to_owned()), text));
    }
    let long = "9".repeat(400);
    assert_eq!(
        refused(&long),
        (FaultKind::Number("9".repeat(40) + "…"), &long[..])
    );
}

#[test]
fn members_must_have_a_meaning() {
    let unknown = |name: &str, near: Option<&str>| FaultKind::UnknownMember {
        name: name.to_owned(),
        near: near.map(str::to_owned),
    };
    for (text, kind, part) in [
        (
            r#"{"op":"not","args":[true],"not":true}"#,
            unknown("not", None),
            r#""not""#,
        ),
        (
            r#"{"Op":"=","args":[1,1]}"#,
            unknown("Op", Some("op")),
            r#""Op""#,
        ),
        (
            r#"{"propety":"a"}"#,
            unknown("propety", Some("property")),
            r#""propety""#,
        ),
        (
            r#"{"property":"a","date":"2020-01-01"}"#,
            unknown("date", None),
            r#""date""#,
        ),
        (
            r#"{"op":"=","args":[1,1],"property":"a"}"#,
            unknown("property", None),
            r#""property""#,
        ),
        (
            r#"{"type":"Point","coordinates":[1,2],"crs":"EPSG:2154"}"#,
            unknown("crs", None),
            r#""crs""#,
        ),
        (
            r#"{"type":"Point","coordinates":[1,2],"geometries":[]}"#,
            unknown("geometries", None),
            r#""geometries""#,
        ),
        (
            r#"{"op":"=","args":[1,2],"op":"<>"}"#,
            FaultKind::RepeatedMember("op".to_owned()),
            r#""op""#,
        ),
        (
            r#"{"op":"=","args":[1,2],"\u006fp":"<>"}"#,
            FaultKind::RepeatedMember("op".to_owned()),
            r#""\u006fp""#,
        ),
    ] {
        assert_eq!(refused(text), (kind, part), "{text}");
    }
    // The second of the two is pointed at.
    let twice = r#"{"op":"=","args":[1,2],"op":"<>"}"#;
    let fault = crate::filter::parse_json(twice, &crate::filter::Limits::default()).unwrap_err();
    assert_eq!(fault.at.start, 23);
}

#[test]
fn objects_must_be_expressions() {
    for (text, kind, part) in [
        ("{}", found(Expected::JsonExpression, "{}"), "{}"),
        ("null", found(Expected::JsonExpression, "null"), "null"),
        (
            r#"{"op":"="}"#,
            found(Expected::Member("args"), ""),
            r#"{"op":"="}"#,
        ),
        (
            r#"{"args":[1]}"#,
            found(Expected::Member("op"), ""),
            r#"{"args":[1]}"#,
        ),
        (r#"{"op":1,"args":[]}"#, found(Expected::Text, "1"), "1"),
        (
            r#"{"op":"=","args":{"a":1}}"#,
            found(Expected::Token("["), r#"{"a":1}"#),
            r#"{"a":1}"#,
        ),
        (
            r#"{"op":"=","args":[1,null]}"#,
            found(Expected::JsonExpression, "null"),
            "null",
        ),
        (
            r#"{"property":["a"]}"#,
            found(Expected::Text, r#"["a"]"#),
            r#"["a"]"#,
        ),
        (
            r#"{"date":20200101}"#,
            found(Expected::Text, "20200101"),
            "20200101",
        ),
        (
            r#"{"date":"2023-02-29"}"#,
            FaultKind::Date("2023-02-29".to_owned()),
            r#""2023-02-29""#,
        ),
        (
            r#"{"timestamp":"2023-02-28"}"#,
            FaultKind::Timestamp("2023-02-28".to_owned()),
            r#""2023-02-28""#,
        ),
        (
            r#"{"interval":["2023-02-28",1]}"#,
            found(Expected::Bound, "1"),
            "1",
        ),
        (
            r#"{"interval":["2023-02-28","tomorrow"]}"#,
            FaultKind::Date("tomorrow".to_owned()),
            r#""tomorrow""#,
        ),
        (
            r#"{"interval":["..",{"op":"+","args":[1,2]}]}"#,
            found(Expected::Bound, r#"{"op":"+","args":[1,2]}"#),
            r#"{"op":"+","args":[1,2]}"#,
        ),
        (
            r#"{"op":"like","args":["a",{"property":"b"}]}"#,
            found(Expected::Text, r#"{"property":"b"}"#),
            r#"{"property":"b"}"#,
        ),
        (
            r#"{"op":"in","args":[1,2]}"#,
            found(Expected::Token("["), "2"),
            "2",
        ),
    ] {
        assert_eq!(refused(text), (kind, part), "{text}");
    }
}

#[test]
fn conditions_must_be_true_or_false() {
    for (text, part) in [
        ("5", "5"),
        ("[]", "[]"),
        (r#"{"date":"2020-01-01"}"#, r#"{"date":"2020-01-01"}"#),
        (r#"{"op":"+","args":[1,2]}"#, r#"{"op":"+","args":[1,2]}"#),
        (r#"{"op":"not","args":["a"]}"#, "\"a\""),
        (
            r#"{"op":"and","args":[true,{"bbox":[1,2,3,4]}]}"#,
            r#"{"bbox":[1,2,3,4]}"#,
        ),
        (
            r#"{"op":"or","args":[{"op":"casei","args":["a"]},true]}"#,
            r#"{"op":"casei","args":["a"]}"#,
        ),
    ] {
        assert_eq!(
            refused(text),
            (found(Expected::Predicate, part), part),
            "{text}"
        );
    }
}

#[test]
fn arguments_are_counted() {
    for (op, args, least, most, count) in [
        ("and", "[true]", 2, usize::MAX, 1),
        ("or", "[]", 2, usize::MAX, 0),
        ("not", "[true,true]", 1, 1, 2),
        ("=", "[1]", 2, 2, 1),
        ("<", "[1,2,3]", 2, 2, 3),
        ("s_intersects", "[]", 2, 2, 0),
        ("casei", "[]", 1, 1, 0),
        ("like", r#"["a"]"#, 2, 2, 1),
        ("between", "[1,2]", 3, 3, 2),
        ("between", "[1,[2,3,4]]", 3, 3, 2),
        ("in", "[1]", 2, 2, 1),
        ("isNull", "[]", 1, 1, 0),
    ] {
        let text = format!(r#"{{"op":"{op}","args":{args}}}"#);
        let kind = FaultKind::ArgumentCount {
            name: op.to_owned(),
            least,
            most,
            found: count,
        };
        assert_eq!(refused(&text), (kind, args), "{text}");
    }
    let text = r#"{"interval":["..","..",".."]}"#;
    assert!(matches!(
        refused(text).0,
        FaultKind::ArgumentCount { found: 3, .. }
    ));
}

#[test]
fn geometries_must_hold() {
    use GeometryFault::{
        Kind, LineTooShort, MixedDimensions, Position, RingNotClosed, RingTooShort,
    };
    for (kind, coordinates, fault, part) in [
        (
            "Polygon",
            "[[[0,0],[1,0],[1,1],[0,1]]]",
            RingNotClosed,
            "[[0,0],[1,0],[1,1],[0,1]]",
        ),
        (
            "Polygon",
            "[[[0,0],[1,0],[0,0]]]",
            RingTooShort,
            "[[0,0],[1,0],[0,0]]",
        ),
        ("Polygon", "[[]]", RingTooShort, "[]"),
        ("LineString", "[[0,0]]", LineTooShort, "[[0,0]]"),
        ("MultiLineString", "[[]]", LineTooShort, "[]"),
        ("MultiPoint", "[[0,0],[1,1,1]]", MixedDimensions, "[1,1,1]"),
        ("MultiPoint", "[[0,0,0],[1,1]]", MixedDimensions, "[1,1]"),
        ("Point", "[1]", Position, "[1]"),
        ("Point", "[1,2,3,4]", Position, "[1,2,3,4]"),
        ("MultiPoint", "[[]]", Position, "[]"),
        ("Feature", "[]", Kind, "\"Feature\""),
        ("point", "[1,2]", Kind, "\"point\""),
    ] {
        let text = format!(r#"{{"coordinates":{coordinates},"type":"{kind}"}}"#);
        assert_eq!(refused(&text), (FaultKind::Geometry(fault), part), "{text}");
    }
    for (text, kind, part) in [
        (
            r#"{"type":"Point"}"#,
            found(Expected::Member("coordinates"), ""),
            r#"{"type":"Point"}"#,
        ),
        (
            r#"{"coordinates":[1,2]}"#,
            found(Expected::Member("type"), ""),
            r#"{"coordinates":[1,2]}"#,
        ),
        (
            r#"{"type":"Point","coordinates":["1",2]}"#,
            found(Expected::Number, "\"1\""),
            "\"1\"",
        ),
        (
            r#"{"type":"Point","coordinates":[1,1e999]}"#,
            FaultKind::Number("1e999".to_owned()),
            "1e999",
        ),
        (
            r#"{"type":"Point","coordinates":5}"#,
            found(Expected::Token("["), "5"),
            "5",
        ),
        (
            r#"{"type":"GeometryCollection","geometries":[1]}"#,
            found(Expected::Geometry, "1"),
            "1",
        ),
        (
            r#"{"type":"GeometryCollection","geometries":[{"property":"a"}]}"#,
            found(Expected::Member("type"), ""),
            r#"{"property":"a"}"#,
        ),
        (
            r#"{"type":"Point","coordinates":[1,2],"bbox":"a"}"#,
            found(Expected::Token("["), "\"a\""),
            "\"a\"",
        ),
        (r#"{"bbox":[1,2,3]}"#, FaultKind::BoxCount(3), "[1,2,3]"),
        (
            r#"{"bbox":[1,2,3,"4"]}"#,
            found(Expected::Number, "\"4\""),
            "\"4\"",
        ),
    ] {
        assert_eq!(refused(text), (kind, part), "{text}");
    }
}
