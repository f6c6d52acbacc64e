//! The ceilings, and texts that are made to break a reader.

use std::time::{Duration, Instant};

use crate::filter::{FaultKind, Limits, parse_json, to_json};

fn kind(json: &str, limits: &Limits) -> Option<FaultKind> {
    parse_json(json, limits).err().map(|fault| fault.kind)
}

/// `open` `times` times, then `inner`, then `close` as often.
fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    [&open.repeat(times), inner, &close.repeat(times)].concat()
}

#[test]
fn depth() {
    let limits = Limits::default();
    for (open, inner, close) in [
        ("[", "", "]"),
        (r#"{"op":"not","args":["#, "true", "]}"),
        (r#"{"op":"and","args":[true,"#, "true", "]}"),
        (
            r#"{"args":[{"property":"a"},1],"op":"in","args":["#,
            "1",
            "]}",
        ),
        (r#"{"op":"f","args":["#, r#"{"interval":["..",".."]}"#, "]}"),
        (r#"{"type":"GeometryCollection","geometries":["#, "", "]}"),
    ] {
        let deep = nested(open, inner, close, 10_000);
        let got = kind(
            &deep,
            &Limits {
                length_bytes: usize::MAX,
                ..limits
            },
        );
        assert_eq!(got, Some(FaultKind::TooDeep(limits.depth)), "{open}");
    }
    let not = |times| nested(r#"{"op":"not","args":["#, "true", "]}", times);
    assert_eq!(kind(&not(limits.depth - 1), &limits), None);
    assert_eq!(
        kind(&not(limits.depth), &limits),
        Some(FaultKind::TooDeep(limits.depth))
    );
    let list = |times| nested(r#"{"op":"in","args":[1,["#, "1", "]]}", times);
    assert_eq!(kind(&list(limits.depth - 1), &limits), None);
    assert_eq!(
        kind(&list(limits.depth), &limits),
        Some(FaultKind::TooDeep(limits.depth))
    );
    let at_the_bottom = nested(
        r#"{"op":"isNull","args":["#,
        r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}"#,
        "]}",
        limits.depth - 1,
    );
    assert_eq!(kind(&at_the_bottom, &limits), None);
}

#[test]
fn length_nodes_and_vertices() {
    let call = |args: &str| format!(r#"{{"op":"f","args":[{args}]}}"#);
    let limits = Limits {
        length_bytes: 100,
        nodes: 10,
        vertices: 4,
        ..Limits::default()
    };
    let spaces = |n: usize| format!("true{}", " ".repeat(n));
    assert_eq!(kind(&spaces(96), &limits), None);
    assert_eq!(kind(&spaces(97), &limits), Some(FaultKind::TooLong(100)));
    let list = |n: usize| call(&format!("{}1", "1,".repeat(n - 1)));
    assert_eq!(kind(&list(9), &limits), None);
    assert_eq!(kind(&list(10), &limits), Some(FaultKind::TooManyNodes(10)));
    let limits = Limits {
        length_bytes: 1000,
        ..limits
    };
    let points = |n: usize| {
        let more = "[0,0],".repeat(n - 1);
        format!(r#"{{"type":"MultiPoint","coordinates":[{more}[0,0]]}}"#)
    };
    for (first, second, expected) in [
        (1, 3, None),
        (4, 1, Some(FaultKind::TooManyVertices(4))),
        (5, 1, Some(FaultKind::TooManyVertices(4))),
    ] {
        let two = call(&[points(first), points(second)].join(","));
        assert_eq!(kind(&two, &limits), expected, "{first} {second}");
    }
}

/// `between` with a text writes its value twice; of values that are `between` again this makes 2ⁿ of them.
#[test]
fn doubled_values_count_twice() {
    let limits = Limits::default();
    let doubled =
        |inner: &str, times| nested(r#"{"op":"between","args":["#, inner, r#","a","b"]}"#, times);
    let property = r#"{"property":"a"}"#;
    assert_eq!(kind(&doubled(property, 5), &limits), None);
    assert_eq!(
        kind(&doubled(property, 20), &limits),
        Some(FaultKind::TooManyNodes(limits.nodes))
    );
    let few = Limits {
        nodes: 100,
        ..limits
    };
    assert_eq!(
        kind(&doubled(property, 20), &few),
        Some(FaultKind::TooManyNodes(100))
    );
    // One part each, but of many bytes.
    let text = format!("\"{}\"", "a".repeat(60_000));
    assert_eq!(kind(&doubled(&text, 1), &limits), None);
    assert_eq!(
        kind(&doubled(&text, 2), &limits),
        Some(FaultKind::TooLong(limits.length_bytes))
    );
    let vertices = "[0,0],".repeat(5000);
    let points = format!(r#"{{"type":"MultiPoint","coordinates":[{vertices}[0,0]]}}"#);
    assert_eq!(
        kind(&doubled(&points, 1), &limits),
        Some(FaultKind::TooManyVertices(limits.vertices))
    );
}

/// It also puts its value deeper than it is written. What counts is the depth of the tree.
#[test]
fn depth_is_that_of_the_tree() {
    let (open, inner) = (r#"{"op":"between","args":["#, r#"{"property":"a"}"#);
    let mut seen = [0, 0];
    for times in 1..8 {
        for close in [
            r#","a","b"]}"#,
            ",1,2]}",
            r#",1,{"op":"casei","args":["b"]}]}"#,
        ] {
            let json = nested(open, inner, close, times);
            let tree = parse_json(&json, &Limits::default()).unwrap();
            for depth in 1..20 {
                let limits = Limits {
                    depth,
                    ..Limits::default()
                };
                let is_fine = parse_json(&json, &limits).is_ok();
                seen[usize::from(is_fine)] += 1;
                assert_eq!(
                    parse_json(&to_json(&tree), &limits).is_ok(),
                    is_fine,
                    "{json} {depth}"
                );
            }
        }
    }
    assert!(seen[0] > 50 && seen[1] > 50, "{seen:?}");
}

#[test]
fn large_texts_end_soon() {
    let limits = Limits::default();
    let megabyte = |part: &str| part.repeat((1 << 20) / part.len());
    // Filled up to the ceiling.
    let full = |open: &str, part: &str| {
        let times = (limits.length_bytes - open.len()) / part.len();
        [open, &part.repeat(times)].concat()
    };
    let closed = |mut open: String, close: &str| {
        open.truncate(open.len() - close.len());
        open.truncate(open.rfind(',').map_or(0, |i| i + 1));
        open + close
    };
    let polygons = r#"{"type":"MultiPolygon","coordinates":["#;
    let texts = [
        megabyte("["),
        megabyte("1,"),
        megabyte("\"é\","),
        full("", "["),
        full("", "{"),
        full("", " "),
        full("", "1"),
        full("", "a"),
        full("\"", "\\\\"),
        full("[", "[],"),
        full("[", "\"\\u00e9\","),
        full("{", "\"a\":1,"),
        full("{\"op\":1", ",\"op\":1"),
        closed(full("[1", ",1"), "1]"),
        closed(full(polygons, "[],"), "5]}"),
        closed(full(&[polygons, "[["].concat(), "[0,0],"), "5]]]}"),
    ];
    for text in texts {
        let start = Instant::now();
        assert!(parse_json(&text, &limits).is_err());
        // Measured: under a millisecond in release. The ceiling leaves room for an unoptimised build on a busy machine.
        let took = start.elapsed();
        assert!(
            took < Duration::from_millis(100),
            "{took:?} for {}",
            &text[..8]
        );
    }
}
