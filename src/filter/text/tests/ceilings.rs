//! Nobody makes the parser recurse, wait or fill memory.

use std::time::{Duration, Instant};

use super::*;
use crate::filter::{Fault, FaultKind};

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
