//! Plans against the plain meaning of filters, over random tables.

use std::time::Instant;

mod memory;
mod random;

use self::memory::Memory;
use self::random::Random;
use super::cells::TableRow;
use super::evaluate::truth;
use super::plan::Bound;
use super::{Encoding, FaultKind, Filter, Frame, Limits, Table};
use crate::geometry::crs::Crs;

fn parse(text: &str, memory: &Memory) -> Filter {
    let frame = Frame {
        schema: &memory.schema,
        filter_crs: Crs::CRS84,
        storage_crs: Crs::CRS84,
    };
    Filter::parse(Encoding::Text, text, &frame, &Limits::default())
        .unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}

/// What the plan selects, asked in two ways.
fn planned(bound: &mut Bound<'_, Memory>, rows: usize) -> Vec<bool> {
    let mut selected = Vec::new();
    for block in 0..rows.div_ceil(64) {
        let all = bound.block(block, u64::MAX);
        // Asked for some rows only, it says the same of them.
        let odd = 0xAAAA_AAAA_AAAA_AAAA;
        assert_eq!(bound.block(block, odd), all & odd);
        selected.extend((0..64).map(|i| all & (1 << i) != 0));
    }
    assert!(
        selected[rows..].iter().all(|s| !s),
        "rows that do not exist"
    );
    selected.truncate(rows);
    selected
}

#[test]
fn plans_select_what_the_meaning_selects() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let memory = Memory::random(&mut random, 150);
        for _ in 0..60 {
            let text = random.filter(3);
            let filter = parse(&text, &memory);
            let expected: Vec<bool> = (0..memory.rows())
                .map(|row| {
                    let row = TableRow {
                        table: &memory,
                        row,
                        to_filter: None,
                        to_crs84: None,
                    };
                    truth(&filter.predicate, &row) == Some(true)
                })
                .collect();
            let selected = planned(&mut filter.bind(&memory), memory.rows());
            assert_eq!(selected, expected, "seed {seed}: {text}");
            let again = parse(filter.canonical(), &memory);
            assert_eq!(again.canonical(), filter.canonical(), "seed {seed}: {text}");
            let selected = planned(&mut again.bind(&memory), memory.rows());
            assert_eq!(selected, expected, "canonical form, seed {seed}: {text}");
        }
    }
}

#[test]
fn windows_hold_all_rows_that_are_selected() {
    for seed in 0..40 {
        let mut random = Random::new(1000 + seed);
        let memory = Memory::random(&mut random, 150);
        for _ in 0..40 {
            let text = format!("{} AND {}", random.spatial(), random.filter(2));
            let filter = parse(&text, &memory);
            let Some(windows) = filter.windows() else {
                continue;
            };
            let selected = planned(&mut filter.bind(&memory), memory.rows());
            for row in (0..memory.rows()).filter(|r| selected[*r]) {
                let bbox = memory.grid_bbox(row).expect("selected rows have a place");
                assert!(windows.iter().any(|w| w.intersects(&bbox)), "{text}");
            }
        }
    }
}

#[test]
fn spellings_of_one_filter_have_one_hash() {
    let memory = Memory::random(&mut Random::new(1), 1);
    let hash = |text: &str| parse(text, &memory).hash();
    for (a, b) in [
        ("i = 1 AND s = 'a'", "(('a' = s)) and (1=i) AND i=1"),
        ("i < 1 OR i > 5", "5 < i or 1 > i"),
        ("NOT (NOT (i = 1))", "i IN (1, 1)"),
        ("s NOT IN ('b', 'a')", "NOT (s IN ('a','b'))"),
        (
            "S_WITHIN(POINT(1 1), geometry)",
            "s_contains(geom, POINT (1.0 1))",
        ),
        (
            "T_AFTER(DATE('2020-01-01'), d)",
            "t_before(d, date('2020-01-01'))",
        ),
        ("b = TRUE AND TRUE", "true AND TRUE = b"),
    ] {
        assert_eq!(hash(a), hash(b), "{a} / {b}");
    }
    for (a, b) in [
        ("i = 1", "i = 2"),
        ("i = 1 AND s = 'a'", "i = 1 OR s = 'a'"),
        ("s = 'a'", "CASEI(s) = 'a'"),
        ("s LIKE 'a%'", "s = 'a%'"),
        ("S_WITHIN(geom, POINT(1 1))", "S_CONTAINS(geom, POINT(1 1))"),
    ] {
        assert_ne!(hash(a), hash(b), "{a} / {b}");
    }
}

fn fault(text: &str, memory: &Memory) -> FaultKind {
    let frame = Frame {
        schema: &memory.schema,
        filter_crs: Crs::CRS84,
        storage_crs: Crs::CRS84,
    };
    Filter::parse(Encoding::Text, text, &frame, &Limits::default())
        .expect_err(text)
        .kind
}

#[test]
fn what_is_dear_is_refused_before_it_is_paid() {
    let memory = Memory::random(&mut Random::new(1), 1);
    let began = Instant::now();
    let nested = |inner: &str, wrap: fn(String) -> String| {
        (0..60).fold(inner.to_owned(), |inner, _| wrap(inner))
    };
    // Each level once: lists in lists are checked in linear time.
    parse(
        &nested("i IN (1, 2)", |s| format!("({s}) IN (TRUE, FALSE)")),
        &memory,
    );
    let members: Vec<_> = (0..3_000).map(|i| format!("'{i}'")).collect();
    let ins: Vec<_> = (0..1_500).map(|_| "s IN ('a', 'b')").collect();
    for text in [
        format!("A_CONTAINEDBY(j, ({}))", members.join(",")),
        format!("CASEI(ACCENTI(concat(s, '{}'))) = 'x'", "é".repeat(3_000)),
        format!(
            "{} = 'x'",
            nested("s", |s| format!("replace({s}, 'a', 'bbbb')"))
        ),
        ins.join(" OR "),
    ] {
        assert!(
            matches!(fault(&text, &memory), FaultKind::TooCostly { .. }),
            "{text:.60}"
        );
    }
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
}

#[test]
fn days_and_hours_are_those_of_the_clock_that_wrote_them() {
    // The instants of `t` lie half an hour and more apart from 2020-01-01T00:00:00Z on, and are written two hours ahead without a zone.
    let memory = Memory::random(&mut Random::new(3), 150);
    let count = |text: &str| {
        let filter = parse(text, &memory);
        let selected = planned(&mut filter.bind(&memory), memory.rows());
        selected.iter().filter(|s| **s).count()
    };
    assert!(count("t = TIMESTAMP('2020-01-01T00:00:00Z')") > 0);
    for (a, b) in [
        (
            "t = '2020-01-01T02:00:00'",
            "t = TIMESTAMP('2020-01-01T00:00:00Z')",
        ),
        ("t = '2020-01-01'", "t = DATE('2020-01-01')"),
        (
            "t = DATE('2020-01-01')",
            "t >= TIMESTAMP('2019-12-31T22:00:00Z') AND t < TIMESTAMP('2020-01-01T22:00:00Z')",
        ),
        (
            "T_INTERSECTS(t, DATE('2020-01-01'))",
            "t IN (DATE('2020-01-01'))",
        ),
        (
            "hour(t) = 2 AND day(t) = 1",
            "t = TIMESTAMP('2020-01-01T00:00:00Z')",
        ),
    ] {
        assert_eq!(count(a), count(b), "{a} / {b}");
    }
}

#[test]
fn lists_are_what_their_comparisons_are() {
    let memory = Memory::random(&mut Random::new(9), 150);
    let select = |text: &str| {
        let filter = parse(text, &memory);
        planned(&mut filter.bind(&memory), memory.rows())
    };
    for (list, comparisons) in [
        ("'2019-12-31' IN (d)", "d = DATE('2019-12-31')"),
        (
            "d IN ('2019-12-31', '2020-01-01')",
            "d = '2019-12-31' OR d = '2020-01-01'",
        ),
        (
            "t IN (DATE('2020-01-01'), TIMESTAMP('2020-01-01T16:40:00Z'))",
            "t = DATE('2020-01-01') OR t = TIMESTAMP('2020-01-01T16:40:00Z')",
        ),
        ("i IN (1, f, 2.0)", "i = 1 OR i = f OR i = 2"),
        ("NOT (s IN ('zzz', NULL_OF))", "FALSE"),
        ("s IN ()", "FALSE"),
        ("NOT (s IN ())", "TRUE"),
    ] {
        let list = list.replace("NULL_OF", "to_text(1 / 0)");
        assert_eq!(select(&list), select(comparisons), "{list}");
    }
    assert!(select("'2019-12-31' IN (d)").contains(&true));
}

#[test]
fn an_empty_literal_hides_no_row() {
    let memory = Memory::random(&mut Random::new(5), 150);
    for text in [
        "S_EQUALS(geom, POLYGON EMPTY)",
        "S_WITHIN(geom, POINT EMPTY)",
    ] {
        assert!(parse(text, &memory).windows().is_none(), "{text}");
    }
}
