use super::*;
use crate::model::temporal::{Date, DateTime};

/// `date`, `start` and `end` of the three rows of the standard's test data that have any.
const ROWS: [[&str; 3]; 3] = [
    ["2021-04-16", "2021-04-16T10:15:59Z", "2022-04-16T10:16:06Z"],
    ["2023-04-16", "2022-04-16T10:13:19Z", "2024-02-22T09:37:52Z"],
    ["2022-04-16", "2022-04-16T10:15:10Z", "2022-12-16T10:14:53Z"],
];

/// The standard's answer key (annex A, temporal functions, also with the property second): function, arguments, count of rows.
#[rustfmt::skip]
const KEY: &[(&str, &str, &str, usize)] = &[
    ("t_after", "2022-04-16", "date", 1),
    ("t_before", "2022-04-16", "date", 1),
    ("t_disjoint", "2022-04-16", "date", 2),
    ("t_equals", "2022-04-16", "date", 1),
    ("t_intersects", "2022-04-16", "date", 1),
    ("t_after", "2022-01-01/2022-12-31", "date", 1),
    ("t_before", "2022-01-01/2022-12-31", "date", 1),
    ("t_disjoint", "2022-01-01/2022-12-31", "date", 2),
    ("t_equals", "2022-01-01/2022-12-31", "date", 0),
    ("t_equals", "2022-04-16/2022-04-16", "date", 1),
    ("t_intersects", "2022-01-01/2022-12-31", "date", 1),
    ("t_after", "2022-04-16T10:13:19Z", "start", 1),
    ("t_before", "2022-04-16T10:13:19Z", "start", 1),
    ("t_disjoint", "2022-04-16T10:13:19Z", "start", 2),
    ("t_equals", "2022-04-16T10:13:19Z", "start", 1),
    ("t_intersects", "2022-04-16T10:13:19Z", "start", 1),
    ("t_after", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", "start", 1),
    ("t_before", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", "start", 0),
    ("t_disjoint", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", "start", 1),
    ("t_equals", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", "start", 0),
    ("t_intersects", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", "start", 2),
    ("t_after", "2023-01-01T00:00:00Z/..", "start/end", 2),
    ("t_before", "../2022-04-16T10:13:19Z", "start/end", 1),
    ("t_disjoint", "2022-04-16T10:13:19Z/2022-04-16T10:15:09Z", "start/end", 1),
    ("t_equals", "2021-04-16T10:15:59Z/2022-04-16T10:16:06Z", "start/end", 1),
    ("t_intersects", "2022-04-16T10:13:19Z/2022-04-16T10:15:09Z", "start/end", 2),
    ("t_contains", "2021-04-16T10:13:19Z/2023-04-16T10:15:10Z", "start/end", 2),
    ("t_during", "2022-07-01T00:00:00Z/2022-12-31T23:59:59Z", "start/end", 1),
    ("t_finishes", "2022-04-16T10:13:19Z/2022-04-16T10:16:06Z", "start/end", 1),
    ("t_finishedby", "2022-04-16T10:13:19Z/2022-04-16T10:16:06Z", "start/end", 0),
    ("t_meets", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", "start/end", 1),
    ("t_metby", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", "start/end", 0),
    ("t_overlappedby", "2020-04-16T10:13:19Z/2022-04-16T10:15:10Z", "start/end", 0),
    ("t_overlaps", "2022-04-16T10:13:19Z/2023-04-16T10:15:10Z", "start/end", 0),
    ("t_startedby", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", "start/end", 0),
    ("t_starts", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", "start/end", 1),
    ("t_after", "date", "2022-04-16", 1),
    ("t_before", "date", "2022-04-16", 1),
    ("t_disjoint", "date", "2022-04-16", 2),
    ("t_equals", "date", "2022-04-16", 1),
    ("t_intersects", "date", "2022-04-16", 1),
    ("t_after", "date", "2022-01-01/2022-12-31", 1),
    ("t_before", "date", "2022-01-01/2022-12-31", 1),
    ("t_disjoint", "date", "2022-01-01/2022-12-31", 2),
    ("t_equals", "date", "2022-01-01/2022-12-31", 0),
    ("t_equals", "date", "2022-04-16/2022-04-16", 1),
    ("t_intersects", "date", "2022-01-01/2022-12-31", 1),
    ("t_after", "start", "2022-04-16T10:13:19Z", 1),
    ("t_before", "start", "2022-04-16T10:13:19Z", 1),
    ("t_disjoint", "start", "2022-04-16T10:13:19Z", 2),
    ("t_equals", "start", "2022-04-16T10:13:19Z", 1),
    ("t_intersects", "start", "2022-04-16T10:13:19Z", 1),
    ("t_after", "start", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", 0),
    ("t_before", "start", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", 1),
    ("t_disjoint", "start", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", 1),
    ("t_equals", "start", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", 0),
    ("t_intersects", "start", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", 2),
    ("t_after", "start/end", "../2022-04-16T10:13:19Z", 1),
    ("t_before", "start/end", "2023-01-01T00:00:00Z/..", 2),
    ("t_disjoint", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:09Z", 1),
    ("t_equals", "start/end", "2021-04-16T10:15:59Z/2022-04-16T10:16:06Z", 1),
    ("t_intersects", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:09Z", 2),
    ("t_contains", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", 1),
    ("t_during", "start/end", "2022-01-01T00:00:00Z/2022-12-31T23:59:59Z", 1),
    ("t_finishes", "start/end", "2020-04-16T10:13:19Z/2022-04-16T10:16:06Z", 1),
    ("t_finishedby", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:16:06Z", 1),
    ("t_meets", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", 0),
    ("t_metby", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", 1),
    ("t_overlappedby", "start/end", "2020-04-16T10:13:19Z/2022-04-16T10:15:10Z", 2),
    ("t_overlaps", "start/end", "2022-04-16T10:13:19Z/2023-04-16T10:15:10Z", 1),
    ("t_startedby", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", 1),
    ("t_starts", "start/end", "2022-04-16T10:13:19Z/2022-04-16T10:15:10Z", 0),
];

fn moment(text: &str) -> Value<'static> {
    match Date::parse(text) {
        Some(day) => Value::Date(day.0),
        None => Value::Timestamp(
            DateTime::parse(text, |_| 0)
                .unwrap_or_else(|| panic!("{text}"))
                .instant_us,
        ),
    }
}

/// `a/b`, or a moment; names of properties are those of the row.
fn argument(text: &str, row: &[&str; 3]) -> Interval {
    let value = |text: &str| match text {
        "date" => moment(row[0]),
        "start" => moment(row[1]),
        "end" => moment(row[2]),
        text => moment(text),
    };
    let built = match text.split_once('/') {
        None => value(text),
        Some(("..", end)) => interval(End::Open, End::At(&value(end))),
        Some((start, "..")) => interval(End::At(&value(start)), End::Open),
        Some((start, end)) => interval(End::At(&value(start)), End::At(&value(end))),
    };
    Interval::of(&built).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn the_standards_answer_key() {
    assert_eq!(KEY.len(), 72);
    for (name, a, b, expected) in KEY {
        let op = TemporalOp::find(name).unwrap();
        let count = ROWS
            .iter()
            .filter(|row| holds(op, argument(a, row), argument(b, row)))
            .count();
        assert_eq!(count, *expected, "{name}({a}, {b})");
    }
}

/// Moments of a small world with both open ends.
const WORLD: [i64; 7] = [i64::MIN, -2, -1, 0, 1, 2, i64::MAX];

fn intervals() -> Vec<Interval> {
    let mut all = Vec::new();
    for (i, start) in WORLD.iter().enumerate() {
        for end in &WORLD[i..] {
            all.push(Interval {
                start: *start,
                end: *end,
                days: false,
            });
        }
    }
    all
}

fn moments(a: Interval) -> impl Iterator<Item = i64> + Clone {
    WORLD
        .into_iter()
        .filter(move |m| a.start <= *m && *m <= a.end)
}

/// The relations by the moments that the intervals share.
fn oracle(op: TemporalOp, a: Interval, b: Interval) -> bool {
    let inside = |m: i64, of: Interval| of.start < m && m < of.end;
    let within = |a: Interval, b: Interval| moments(a).all(|m| moments(b).any(|n| n == m));
    let all_before = |a: Interval, b: Interval| moments(a).all(|m| moments(b).all(|n| m < n));
    let first = |a: Interval| moments(a).min();
    let last = |a: Interval| moments(a).max();
    match op {
        TemporalOp::Before => all_before(a, b),
        TemporalOp::After => all_before(b, a),
        TemporalOp::Disjoint => moments(a).all(|m| moments(b).all(|n| n != m)),
        TemporalOp::Intersects => moments(a).any(|m| moments(b).any(|n| n == m)),
        TemporalOp::Equals => within(a, b) && within(b, a),
        TemporalOp::During => moments(a).all(|m| inside(m, b)),
        TemporalOp::Contains => oracle(TemporalOp::During, b, a),
        TemporalOp::Starts => first(a) == first(b) && within(a, b) && !within(b, a),
        TemporalOp::StartedBy => oracle(TemporalOp::Starts, b, a),
        TemporalOp::Finishes => last(a) == last(b) && within(a, b) && !within(b, a),
        TemporalOp::FinishedBy => oracle(TemporalOp::Finishes, b, a),
        TemporalOp::Meets => last(a) == first(b),
        TemporalOp::MetBy => oracle(TemporalOp::Meets, b, a),
        TemporalOp::Overlaps => {
            first(b).is_some_and(|m| inside(m, a)) && last(a).is_some_and(|m| inside(m, b))
        }
        TemporalOp::OverlappedBy => oracle(TemporalOp::Overlaps, b, a),
    }
}

#[test]
fn each_relation_is_that_of_the_moments() {
    for a in intervals() {
        for b in intervals() {
            for op in TemporalOp::ALL {
                assert_eq!(holds(*op, a, b), oracle(*op, a, b), "{op:?} {a:?} {b:?}");
            }
        }
    }
}

/// Two intervals of some length are in exactly one of Allen's thirteen relations.
#[test]
fn one_relation_of_thirteen() {
    let others = [TemporalOp::Disjoint, TemporalOp::Intersects];
    for a in intervals().into_iter().filter(|a| a.start < a.end) {
        for b in intervals().into_iter().filter(|b| b.start < b.end) {
            let relations: Vec<_> = TemporalOp::ALL
                .iter()
                .filter(|op| !others.contains(op) && holds(**op, a, b))
                .collect();
            assert_eq!(relations.len(), 1, "{relations:?} {a:?} {b:?}");
        }
    }
}

#[test]
fn days_meet_instants_as_days() {
    let day = Interval::of(&moment("2024-02-29")).unwrap();
    let noon = Interval::of(&moment("2024-02-29T12:00:00Z")).unwrap();
    let next = Interval::of(&moment("2024-03-01T00:00:00Z")).unwrap();
    for (a, b, equals, before) in [
        (day, noon, true, false),
        (noon, day, true, false),
        (day, next, false, true),
        (noon, next, false, true),
    ] {
        assert_eq!(holds(TemporalOp::Equals, a, b), equals, "{a:?} {b:?}");
        assert_eq!(holds(TemporalOp::Before, a, b), before, "{a:?} {b:?}");
    }
    let open = argument("../2024-02-29T12:00:00Z", &ROWS[0]);
    assert_eq!(open.to_days().start, i64::MIN);
    assert!(holds(TemporalOp::Intersects, open, day));
    let open = argument("2024-02-29T12:00:00Z/..", &ROWS[0]);
    assert_eq!(open.to_days().end, i64::MAX);
    assert!(holds(TemporalOp::Intersects, open, day));
}

#[test]
fn days_of_instants_are_rounded_down() {
    for (us, day) in [
        (0, 0),
        (-1, -1),
        (DAY_US - 1, 0),
        (DAY_US, 1),
        (-DAY_US, -1),
        (-DAY_US - 1, -2),
        (i64::MAX, 106_751_991),
        (i64::MIN, -106_751_992),
    ] {
        assert_eq!(to_day(us), day, "{us}");
    }
}

#[test]
fn intervals_of_two_ends() {
    let (day, instant, null, text) = (
        Value::Date(10),
        Value::Timestamp(9 * DAY_US + 5),
        Value::Null,
        Value::Text("2024-01-01".into()),
    );
    let built = |start, end, days| Value::Interval(Interval { start, end, days });
    for (start, end, expected) in [
        (End::At(&day), End::At(&day), built(10, 10, true)),
        (End::At(&instant), End::At(&day), built(9, 10, true)),
        (End::At(&day), End::At(&instant), Value::Null),
        (
            End::At(&instant),
            End::At(&instant),
            built(9 * DAY_US + 5, 9 * DAY_US + 5, false),
        ),
        (End::Open, End::At(&day), built(i64::MIN, 10, true)),
        (End::At(&day), End::Open, built(10, i64::MAX, true)),
        (
            End::At(&instant),
            End::Open,
            built(9 * DAY_US + 5, i64::MAX, false),
        ),
        (End::Open, End::Open, built(i64::MIN, i64::MAX, false)),
        (End::At(&null), End::Open, Value::Null),
        (End::Open, End::At(&null), Value::Null),
        (End::At(&day), End::At(&null), Value::Null),
        (End::At(&text), End::Open, Value::Null),
    ] {
        assert_eq!(interval(start, end), expected, "{start:?} {end:?}");
    }
    assert_eq!(Interval::of(&Value::Null), None);
    assert_eq!(Interval::of(&Value::Int(3)), None);
}
