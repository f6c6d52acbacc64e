use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::filter::compare::equal;
use crate::filter::shape::Shape;
use crate::filter::value::Interval;
use crate::geometry::source::GeometryKind;
use crate::model::temporal::DAY_US;

use ArrayOp::{ContainedBy, Contains, Equals, Overlaps};

fn array(json: &str) -> Vec<Value<'_>> {
    match from_json(json) {
        Value::Array(values) => values,
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn relations_of_sets() {
    let (t, f, open) = (Some(true), Some(false), None);
    // a, b; a contains b, is contained by it, equals it, overlaps it.
    for (a, b, expected) in [
        ("[]", "[]", [t, t, t, f]),
        ("[1]", "[]", [t, f, f, f]),
        ("[1,2,3]", "[2,1]", [t, f, f, t]),
        ("[1,2]", "[2,1,2,1]", [t, t, t, t]),
        ("[1,2]", "[2.0,1e0]", [t, t, t, t]),
        ("[1,2]", "[3,4]", [f, f, f, f]),
        ("[1,2]", "[2,3]", [f, f, f, t]),
        ("[1]", r#"["1"]"#, [f, f, f, f]),
        (r#"["a",true,1]"#, r#"[1,"a",true]"#, [t, t, t, t]),
        (r#"["A"]"#, r#"["a"]"#, [f, f, f, f]),
        (r#"["é"]"#, r#"["\u00e9"]"#, [t, t, t, t]),
        ("[true]", "[1]", [f, f, f, f]),
        ("[0]", "[-0.0]", [t, t, t, t]),
        ("[9007199254740993]", "[9007199254740992.0]", [f, f, f, f]),
        // Arrays in arrays are sets, too.
        ("[[1,2],[3]]", "[[3],[2,1,1]]", [t, t, t, t]),
        ("[[1,2]]", "[1,2]", [f, f, f, f]),
        ("[[]]", "[]", [t, f, f, f]),
        // NULL is a member that is not known.
        ("[1,null]", "[1]", [t, open, open, t]),
        ("[1,null]", "[2]", [open, f, f, open]),
        ("[1]", "[null]", [open, open, open, open]),
        ("[null]", "[null]", [open, open, open, open]),
        ("[null]", "[]", [t, f, f, f]),
        ("[1,2,null]", "[2,1]", [t, open, open, t]),
        ("[1,null]", "[1,null]", [open, open, open, t]),
        ("[[1,null]]", "[[1]]", [open, open, open, open]),
        (r#"[{"a":1}]"#, r#"["a"]"#, [open, open, open, open]),
    ] {
        let (a, b) = (array(a), array(b));
        let found = [Contains, ContainedBy, Equals, Overlaps].map(|op| holds(op, &a, &b));
        assert_eq!(found, expected, "{a:?} {b:?}");
        let turned = [ContainedBy, Contains, Equals, Overlaps].map(|op| holds(op, &b, &a));
        assert_eq!(turned, expected, "turned round: {a:?} {b:?}");
    }
}

#[test]
fn moments_and_geometries_are_members() {
    let noon = Value::Timestamp(DAY_US + DAY_US / 2);
    let night = Value::Timestamp(DAY_US);
    let day = Value::Date(1);
    let whole = Value::Interval(Interval {
        start: 1,
        end: 1,
        days: true,
    });
    let one = std::slice::from_ref;
    assert_eq!(holds(Equals, one(&noon), one(&night)), Some(false));
    assert_eq!(holds(Equals, one(&noon), one(&day)), Some(true));
    assert_eq!(holds(Equals, one(&day), one(&whole)), Some(true));
    // Where a day is among them, all instants are days.
    let both = [noon.clone(), day.clone()];
    assert_eq!(holds(Equals, &both, one(&night)), Some(true));
    let nested = Value::Array(vec![noon, Value::Int(1)]);
    let other = Value::Array(vec![Value::Int(1), day]);
    assert_eq!(holds(Equals, one(&nested), one(&other)), Some(true));
    let point = |x| {
        Value::Geometry(Arc::new(Shape {
            kind: GeometryKind::Point,
            counts: vec![1],
            xy: vec![[x, 2.0]],
            z: vec![f64::NAN],
        }))
    };
    assert_eq!(holds(Equals, &[point(1.0)], &[point(1.0)]), Some(true));
    assert_eq!(holds(Overlaps, &[point(1.0)], &[point(3.0)]), Some(false));
    assert_eq!(equal(&point(1.0), &point(1.0)), Some(true));
}

#[test]
fn what_json_gives() {
    let text = |t: &'static str| Value::Text(t.into());
    for (json, expected) in [
        ("[]", Value::Array(vec![])),
        (
            " [1, -2, 2.5, 1e2, true, null, \"a\"] ",
            Value::Array(vec![
                Value::Int(1),
                Value::Int(-2),
                Value::Float(2.5),
                Value::Float(100.0),
                Value::Bool(true),
                Value::Null,
                text("a"),
            ]),
        ),
        (
            "[9223372036854775807,9223372036854775808]",
            Value::Array(vec![
                Value::Int(i64::MAX),
                Value::Float(9_223_372_036_854_775_808.0),
            ]),
        ),
        (
            r#"["\u00e9\n", {"a": [1, {}]}, [[]]]"#,
            Value::Array(vec![
                text("é\n"),
                Value::Null,
                Value::Array(vec![Value::Array(vec![])]),
            ]),
        ),
        ("", Value::Null),
        ("1", Value::Null),
        ("null", Value::Null),
        ("\"[1]\"", Value::Null),
        ("{\"a\":[1]}", Value::Null),
        ("[1,]", Value::Null),
        ("[1] 2", Value::Null),
        ("[1", Value::Null),
        ("[1e999]", Value::Null),
        ("[NaN]", Value::Null),
        ("[\"\\ud800\"]", Value::Null),
    ] {
        assert_eq!(from_json(json), expected, "{json}");
    }
    let Value::Array(values) = from_json(r#"["abc"]"#) else {
        panic!("an array");
    };
    assert!(matches!(
        values[0],
        Value::Text(std::borrow::Cow::Borrowed("abc"))
    ));
}

#[test]
fn depth_has_an_end() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(matches!(from_json(&nested(100)), Value::Array(_)));
    for depth in [128, 200, 1_000_000] {
        assert_eq!(from_json(&nested(depth)), Value::Null);
    }
    assert_eq!(from_json(&"[".repeat(1_000_000)), Value::Null);
    let deep = nested(127);
    let deep = array(&deep);
    assert_eq!(holds(Equals, &deep, &deep), Some(true));
}

/// Pairs of 10,000 and 200,000 members would be two thousand million.
#[test]
fn large_arrays_are_not_compared_pair_by_pair() {
    let few: Vec<Value<'_>> = (0..10_000).map(|n| Value::Int(n * 2 + 1)).collect();
    let many: Vec<Value<'_>> = (0..200_000).rev().map(|n| Value::Int(n * 2)).collect();
    let start = Instant::now();
    assert_eq!(holds(Overlaps, &few, &many), Some(false));
    assert_eq!(holds(Contains, &many, &few), Some(false));
    // Takes some 50 ms.
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// The relations from pairs of members, in three-valued logic.
fn oracle(op: ArrayOp, a: &[Value<'_>], b: &[Value<'_>]) -> Option<bool> {
    let any = |mut found: Vec<Option<bool>>| {
        found.sort();
        match found[..] {
            [.., Some(true)] => Some(true),
            [None, ..] => None,
            _ => Some(false),
        }
    };
    let all = |found: Vec<Option<bool>>| {
        any(found.into_iter().map(|x| x.map(|x| !x)).collect()).map(|x| !x)
    };
    let has = |set: &[Value<'_>], m: &Value<'_>| any(set.iter().map(|x| equal(x, m)).collect());
    match op {
        Contains => all(b.iter().map(|m| has(a, m)).collect()),
        ContainedBy => oracle(Contains, b, a),
        Equals => all(vec![oracle(Contains, a, b), oracle(Contains, b, a)]),
        Overlaps => any(b.iter().map(|m| has(a, m)).collect()),
    }
}

fn member() -> impl Strategy<Value = Value<'static>> {
    prop_oneof![
        3 => (0i64..4).prop_map(Value::Int),
        2 => (0i64..8).prop_map(|n| Value::Float(n as f64 / 2.0)),
        2 => "[ab]".prop_map(|t| Value::Text(t.into())),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
        1 => (0i32..3).prop_map(Value::Date),
        1 => proptest::collection::vec((0i64..3).prop_map(Value::Int), 0..3).prop_map(Value::Array),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn agrees_with_pairs(
        a in proptest::collection::vec(member(), 0..6),
        b in proptest::collection::vec(member(), 0..6),
    ) {
        for op in ArrayOp::ALL {
            prop_assert_eq!(holds(*op, &a, &b), oracle(*op, &a, &b), "{:?}", op);
        }
    }

    #[test]
    fn json_of_any_bytes_is_total(text in "[\\[\\]{},:\"0-9eE.+\\-a-u\\\\ ]{0,40}") {
        from_json(&text);
    }
}
