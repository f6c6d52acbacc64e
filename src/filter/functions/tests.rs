use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::filter::ast::{ArithmeticOp, ArrayOp, CompareOp, FoldOp, SpatialOp, TemporalOp};
use crate::filter::shape::Shape;
use crate::geometry::source::GeometryKind;
use crate::model::temporal::{DAY_US, Date, DateTime};

const NULL: Value<'static> = Value::Null;

fn text(t: &str) -> Value<'_> {
    Value::Text(t.into())
}

fn int(n: i64) -> Value<'static> {
    Value::Int(n)
}

fn float(n: f64) -> Value<'static> {
    Value::Float(n)
}

fn date(t: &str) -> Value<'static> {
    Value::Date(Date::parse(t).unwrap().0)
}

fn instant(t: &str) -> Value<'static> {
    Value::Timestamp(DateTime::parse(t, |_| 0).unwrap().instant_us)
}

fn call<'v>(name: &str, arguments: &[Value<'v>]) -> Value<'v> {
    find(name)
        .unwrap_or_else(|| panic!("{name}"))
        .call(arguments)
}

#[test]
fn texts() {
    for (name, arguments, expected) in [
        ("upper", vec![text("été ß")], text("ÉTÉ SS")),
        ("lower", vec![text("ÉTÉ ΟΔΟΣ")], text("été οδος")),
        ("trim", vec![text(" \t\u{a0}a b\n")], text("a b")),
        ("trim", vec![text("   ")], text("")),
        ("length", vec![text("été🗺")], int(4)),
        ("length", vec![text("")], int(0)),
        ("concat", vec![text("a"), text("é")], text("aé")),
        (
            "concat",
            vec![text("a"), text(""), text("b"), text("c")],
            text("abc"),
        ),
        ("concat", vec![text("a"), NULL], NULL),
        (
            "substring",
            vec![text("étage"), int(2), int(3)],
            text("tag"),
        ),
        ("substring", vec![text("étage"), int(1)], text("étage")),
        ("substring", vec![text("étage"), int(5)], text("e")),
        ("substring", vec![text("étage"), int(6)], text("")),
        ("substring", vec![text("étage"), int(0), int(2)], text("é")),
        ("substring", vec![text("étage"), int(-9), int(2)], text("")),
        ("substring", vec![text("étage"), int(-9)], text("étage")),
        ("substring", vec![text("étage"), int(2), int(-1)], NULL),
        (
            "substring",
            vec![text("étage"), float(2.0), int(1)],
            text("t"),
        ),
        ("substring", vec![text("étage"), float(2.5), int(1)], NULL),
        (
            "substring",
            vec![text("étage"), int(i64::MAX), int(i64::MAX)],
            text(""),
        ),
        (
            "substring",
            vec![text("étage"), int(i64::MIN), int(i64::MAX)],
            text(""),
        ),
        ("left", vec![text("étage"), int(2)], text("ét")),
        ("left", vec![text("étage"), int(99)], text("étage")),
        ("left", vec![text("étage"), int(0)], text("")),
        ("left", vec![text("étage"), int(-1)], NULL),
        ("right", vec![text("pavé"), int(2)], text("vé")),
        ("right", vec![text("pavé"), int(99)], text("pavé")),
        ("right", vec![text("pavé"), float(1e300)], NULL),
        (
            "replace",
            vec![text("a-b-c"), text("-"), text("é")],
            text("aébéc"),
        ),
        (
            "replace",
            vec![text("aaa"), text("aa"), text("b")],
            text("ba"),
        ),
        (
            "replace",
            vec![text("abc"), text(""), text("x")],
            text("abc"),
        ),
        (
            "replace",
            vec![text("abc"), text("b"), text("")],
            text("ac"),
        ),
        (
            "starts_with",
            vec![text("04001"), text("04")],
            Value::Bool(true),
        ),
        (
            "starts_with",
            vec![text("04001"), text("4")],
            Value::Bool(false),
        ),
        (
            "ends_with",
            vec![text("04001"), text("01")],
            Value::Bool(true),
        ),
        (
            "contains",
            vec![text("04001"), text("400")],
            Value::Bool(true),
        ),
        (
            "contains",
            vec![text("04001"), text("5")],
            Value::Bool(false),
        ),
        ("contains", vec![text("04001"), text("")], Value::Bool(true)),
        ("contains", vec![NULL, text("")], NULL),
    ] {
        assert_eq!(call(name, &arguments), expected, "{name} {arguments:?}");
    }
}

#[test]
fn parts_of_texts_are_borrowed() {
    let value = [text("  abc "), int(2)];
    for (name, arguments) in [
        ("trim", &value[..1]),
        ("left", &value),
        ("substring", &value),
    ] {
        assert!(
            matches!(
                call(name, arguments),
                Value::Text(std::borrow::Cow::Borrowed(_))
            ),
            "{name}"
        );
    }
    let owned = [Value::Text(" é ".to_owned().into())];
    assert_eq!(call("trim", &owned), text("é"));
}

#[test]
fn texts_do_not_grow_for_ever() {
    let long = "a".repeat(60_000);
    let longer = "a".repeat(100_000);
    assert_eq!(call("concat", &[text(&long), text(&long)]), NULL);
    assert_eq!(call("concat", &[text(&longer), text("b")]), NULL);
    assert_eq!(call("concat", &[text(&longer), text("")]), text(&longer));
    let more = [text(&long), text("a"), text("aa")];
    assert_eq!(call("replace", &more), NULL);
    let same = [text(&longer), text("a"), text("b")];
    assert_eq!(call("replace", &same), text(&"b".repeat(100_000)));
    // Ten times more at each of 60 levels.
    let mut value = text("a");
    for _ in 0..60 {
        value = call("replace", &[value, text("a"), text("aaaaaaaaaa")]);
    }
    assert_eq!(value, NULL);
}

#[test]
fn numbers() {
    for (name, arguments, expected) in [
        ("abs", vec![int(-3)], int(3)),
        ("abs", vec![float(-3.5)], float(3.5)),
        ("abs", vec![int(i64::MIN)], NULL),
        ("sign", vec![float(-0.1)], int(-1)),
        ("sign", vec![float(-0.0)], int(0)),
        ("sign", vec![int(7)], int(1)),
        ("ceiling", vec![float(1.2)], int(2)),
        ("ceiling", vec![float(-1.2)], int(-1)),
        ("ceiling", vec![int(i64::MAX)], int(i64::MAX)),
        ("floor", vec![float(-1.2)], int(-2)),
        ("floor", vec![float(1e300)], float(1e300)),
        ("round", vec![float(2.5)], int(3)),
        ("round", vec![float(-2.5)], int(-3)),
        ("round", vec![float(0.499_999_999_999_999_94)], int(0)),
        (
            "round",
            vec![float(9_223_372_036_854_775_808.0)],
            float(9_223_372_036_854_775_808.0),
        ),
        ("sqrt", vec![int(9)], float(3.0)),
        ("sqrt", vec![int(-1)], NULL),
        ("ln", vec![int(1)], float(0.0)),
        ("ln", vec![int(0)], NULL),
        ("exp", vec![int(0)], float(1.0)),
        ("exp", vec![int(1000)], NULL),
        ("least", vec![int(3), float(2.5), int(4)], float(2.5)),
        ("least", vec![int(3), NULL], NULL),
        ("greatest", vec![int(3), float(2.5), int(4)], int(4)),
        (
            "greatest",
            vec![float(9_007_199_254_740_992.0), int(9_007_199_254_740_993)],
            int(9_007_199_254_740_993),
        ),
        ("greatest", vec![int(1), text("2")], NULL),
    ] {
        assert_eq!(call(name, &arguments), expected, "{name} {arguments:?}");
    }
}

#[test]
fn moments() {
    for (name, argument, expected) in [
        ("year", date("2024-02-29"), int(2024)),
        ("month", date("2024-02-29"), int(2)),
        ("day", date("2024-02-29"), int(29)),
        ("year", date("0000-01-01"), int(0)),
        ("year", instant("1969-12-31T23:59:59.999999Z"), int(1969)),
        ("day", instant("2024-03-01T00:30:00+01:00"), int(29)),
        ("hour", instant("1969-12-31T23:59:59Z"), int(23)),
        ("hour", instant("2024-01-01T00:00:00Z"), int(0)),
        ("hour", date("2024-01-01"), NULL),
        ("year", Value::Date(i32::MAX), NULL),
        ("month", Value::Date(i32::MIN), NULL),
        ("day", Value::Timestamp(i64::MAX), NULL),
        ("hour", Value::Timestamp(i64::MIN), int(19)),
        ("year", NULL, NULL),
    ] {
        assert_eq!(
            call(name, std::slice::from_ref(&argument)),
            expected,
            "{name} {argument:?}"
        );
    }
}

#[test]
fn conversions() {
    for (name, argument, expected) in [
        ("to_number", text("12"), int(12)),
        ("to_number", text(" -3.50 "), float(-3.5)),
        ("to_number", text("+7"), int(7)),
        ("to_number", text("1e3"), float(1000.0)),
        ("to_number", text(".5"), float(0.5)),
        (
            "to_number",
            text("9223372036854775808"),
            float(9_223_372_036_854_775_808.0),
        ),
        ("to_number", text("1e999"), NULL),
        ("to_number", text("3,5"), NULL),
        ("to_number", text("1 000"), NULL),
        ("to_number", text("inf"), NULL),
        ("to_number", text("NaN"), NULL),
        ("to_number", text("0x10"), NULL),
        ("to_number", text("e"), NULL),
        ("to_number", text("-"), NULL),
        ("to_number", text(""), NULL),
        ("to_text", int(i64::MIN), text("-9223372036854775808")),
        ("to_text", float(3.0), text("3")),
        ("to_text", float(0.1), text("0.1")),
        ("to_text", float(-0.0), text("0")),
        (
            "to_text",
            float(-1_206_713_207_616_005_600.0),
            text("-1206713207616005632"),
        ),
        ("to_text", float(1e21), text("1000000000000000000000")),
        ("to_text", Value::Bool(true), text("true")),
        ("to_text", text("a"), text("a")),
        ("to_text", date("2024-02-29"), text("2024-02-29")),
        (
            "to_text",
            instant("2024-02-29T12:00:00Z"),
            text("2024-02-29T12:00:00Z"),
        ),
        (
            "to_text",
            instant("2024-02-29T12:00:00.120Z"),
            text("2024-02-29T12:00:00.12Z"),
        ),
        (
            "to_text",
            instant("1969-12-31T23:59:59.000001Z"),
            text("1969-12-31T23:59:59.000001Z"),
        ),
        ("to_text", Value::Timestamp(i64::MAX), NULL),
        ("to_text", Value::Date(i32::MIN), NULL),
        ("to_text", NULL, NULL),
        (
            "to_date",
            instant("2024-02-29T23:59:59Z"),
            date("2024-02-29"),
        ),
        ("to_date", Value::Timestamp(-1), Value::Date(-1)),
        ("to_date", text("2024-02-29"), date("2024-02-29")),
        ("to_date", text("2023-02-29"), NULL),
        ("to_date", text("29/02/2024"), NULL),
        ("to_date", date("2024-02-29"), date("2024-02-29")),
    ] {
        assert_eq!(
            call(name, std::slice::from_ref(&argument)),
            expected,
            "{name} {argument:?}"
        );
    }
}

#[test]
fn geometries() {
    let shape = |kind, counts: &[u32], xy: &[[f64; 2]]| {
        Value::Geometry(Arc::new(Shape {
            kind,
            counts: counts.to_vec(),
            xy: xy.to_vec(),
            z: vec![],
        }))
    };
    let point = shape(GeometryKind::Point, &[1], &[[5.5, 43.25]]);
    let empty = shape(GeometryKind::Point, &[0], &[]);
    let line = shape(GeometryKind::LineString, &[2], &[[0.0, 1.0], [2.0, 3.0]]);
    let broken = shape(GeometryKind::Point, &[1], &[[f64::NAN, 0.0]]);
    for (name, argument, expected) in [
        ("geometry_type", &point, text("Point")),
        ("geometry_type", &line, text("LineString")),
        ("vertex_count", &line, int(2)),
        ("vertex_count", &empty, int(0)),
        ("x", &point, float(5.5)),
        ("y", &point, float(43.25)),
        ("x", &line, NULL),
        ("x", &empty, NULL),
        ("x", &broken, NULL),
        ("y", &broken, float(0.0)),
    ] {
        assert_eq!(
            call(name, std::slice::from_ref(argument)),
            expected,
            "{name} {argument:?}"
        );
    }
}

#[test]
fn names_are_found_in_any_case_and_guessed() {
    assert_eq!(find("Upper").map(|f| f.name), Some("upper"));
    assert_eq!(find("TO_NUMBER").map(|f| f.name), Some("to_number"));
    assert!(find("buffer").is_none());
    assert_eq!(near("uper"), Some("upper"));
    assert_eq!(near("startswith"), Some("starts_with"));
    assert_eq!(near("Lenght"), Some("length"));
    assert_eq!(near("buffer"), None);
}

/// A name of the grammar would be read as what it means there.
#[test]
fn names_are_free_and_told_apart() {
    let mut taken: Vec<String> = [
        "and",
        "or",
        "not",
        "like",
        "between",
        "in",
        "is",
        "null",
        "isnull",
        "true",
        "false",
        "date",
        "timestamp",
        "interval",
        "bbox",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "property",
        "op",
        "args",
    ]
    .map(str::to_owned)
    .to_vec();
    for names in [
        CompareOp::ALL.iter().map(|o| o.json()).collect::<Vec<_>>(),
        ArithmeticOp::ALL.iter().map(|o| o.json()).collect(),
        FoldOp::ALL.iter().map(|o| o.json()).collect(),
        SpatialOp::ALL.iter().map(|o| o.json()).collect(),
        TemporalOp::ALL.iter().map(|o| o.json()).collect(),
        ArrayOp::ALL.iter().map(|o| o.json()).collect(),
    ] {
        taken.extend(names.into_iter().map(str::to_lowercase));
    }
    for function in all() {
        assert!(
            function
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{}",
            function.name
        );
        assert!(
            !taken.contains(&function.name.to_owned()),
            "{}",
            function.name
        );
        taken.push(function.name.to_owned());
    }
}

#[test]
fn the_table_is_complete() {
    for f in all() {
        assert!(f.summary.fr.ends_with(['.', '…']), "{}", f.name);
        assert!(f.summary.en.ends_with(['.', '…']), "{}", f.name);
        assert!(f.cost > 0 && f.least <= f.most && f.least > 0, "{}", f.name);
        assert!(
            !f.arguments.is_empty() && f.arguments.len() <= f.most,
            "{}",
            f.name
        );
        assert!(
            f.arguments.iter().all(|a| !a.types.is_empty()),
            "{}",
            f.name
        );
        assert!(f.argument(f.most - 1).is_some());
        assert!(f.argument(f.most).is_none());
    }
    assert_eq!(find("concat").unwrap().argument(7).unwrap().name, "part");
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        Just(NULL),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-5i64..5).prop_map(Value::Int),
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(Value::Float),
        "\\PC{0,8}".prop_map(|t| Value::Text(t.into())),
        any::<i32>().prop_map(Value::Date),
        any::<i64>().prop_map(Value::Timestamp),
        (0i64..3000 * DAY_US).prop_map(Value::Timestamp),
    ]
}

fn has_type(value: &Value<'_>, of: Type) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => of == Type::Bool,
        Value::Int(_) => of == Type::Number,
        Value::Float(n) => of == Type::Number && n.is_finite(),
        Value::Text(_) => of == Type::Text,
        Value::Date(_) => of == Type::Date,
        Value::Timestamp(_) => of == Type::Timestamp,
        Value::Interval(_) => of == Type::Interval,
        Value::Geometry(_) => of == Type::Geometry,
        Value::Array(_) => of == Type::Array,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is passed, each function gives a value of its type or NULL, the same each time, and NULL for arguments of other types.
    #[test]
    fn functions_are_total(arguments in proptest::collection::vec(any_value(), 0..5)) {
        for f in all() {
            let result = f.call(&arguments);
            prop_assert!(has_type(&result, f.returns), "{} {:?}", f.name, result);
            prop_assert_eq!(&f.call(&arguments), &result);
            let typed = (f.least..=f.most).contains(&arguments.len())
                && arguments.iter().enumerate().all(|(i, a)| {
                    !a.is_null() && f.argument(i).is_some_and(|p| p.types.iter().any(|t| has_type(a, *t)))
                });
            prop_assert!(typed || result.is_null(), "{}", f.name);
        }
    }

    #[test]
    fn parts_make_the_whole(t in "\\PC{0,10}", n in 0i64..12) {
        let (left, right) = (
            call("left", &[text(&t), int(n)]),
            call("substring", &[text(&t), int(n + 1)]),
        );
        prop_assert_eq!(call("concat", &[left, right]), text(&t));
        prop_assert_eq!(call("length", &[call("right", &[text(&t), int(n)])]), int(n.min(t.chars().count() as i64)));
    }

    #[test]
    fn numbers_survive_as_texts(n in any::<f64>(), whole in any::<i64>()) {
        if n.is_finite() {
            let back = call("to_number", &[call("to_text", &[float(n)])]);
            prop_assert_eq!(crate::filter::compare::equal(&back, &float(n)), Some(true));
        }
        prop_assert_eq!(call("to_number", &[call("to_text", &[int(whole)])]), int(whole));
    }
}
