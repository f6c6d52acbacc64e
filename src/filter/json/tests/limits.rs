//! The ceilings, and texts that are made to break a reader.

use std::time::{Duration, Instant};

use crate::filter::{FaultKind, Limits, parse_json};

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
    assert_eq!(kind(&not(limits.depth), &limits), None);
    assert_eq!(
        kind(&not(limits.depth + 1), &limits),
        Some(FaultKind::TooDeep(limits.depth))
    );
    let list = |times| nested(r#"{"op":"in","args":[1,["#, "1", "]]}", times);
    assert_eq!(kind(&list(limits.depth), &limits), None);
    assert_eq!(
        kind(&list(limits.depth + 1), &limits),
        Some(FaultKind::TooDeep(limits.depth))
    );
    let at_the_bottom = nested(
        r#"{"op":"not","args":["#,
        r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}"#,
        "]}",
        limits.depth,
    );
    assert_eq!(kind(&at_the_bottom, &limits), None);
}

#[test]
fn length_nodes_and_vertices() {
    let limits = Limits {
        length_bytes: 100,
        nodes: 10,
        vertices: 4,
        ..Limits::default()
    };
    let spaces = |n: usize| format!("true{}", " ".repeat(n));
    assert_eq!(kind(&spaces(96), &limits), None);
    assert_eq!(kind(&spaces(97), &limits), Some(FaultKind::TooLong(100)));
    let list = |n: usize| format!("[{}1]", "1,".repeat(n - 1));
    assert_eq!(kind(&list(9), &limits), None);
    assert_eq!(kind(&list(10), &limits), Some(FaultKind::TooManyNodes(10)));
    let points = |n: usize| {
        format!(
            r#"{{"type":"MultiPoint","coordinates":[{}[0,0]]}}"#,
            "[0,0],".repeat(n - 1)
        )
    };
    assert_eq!(kind(&points(4), &limits), None);
    assert_eq!(
        kind(&points(5), &limits),
        Some(FaultKind::TooManyVertices(4))
    );
    let two = format!(
        "[{},{}]",
        r#"{"type":"Point","coordinates":[0,0]}"#,
        points(2)
    );
    let limits = Limits {
        length_bytes: 1000,
        ..limits
    };
    assert_eq!(kind(&two, &limits), None);
    assert_eq!(
        kind(&two.replace("[0,0]]", "[0,0],[0,0],[0,0]]"), &limits),
        Some(FaultKind::TooManyVertices(4))
    );
}

/// `between` with a text writes its value twice; of values that are `between` again this would make 2⁶⁰ parts.
#[test]
fn doubled_values_count_twice() {
    let doubling = nested(
        r#"{"op":"between","args":["#,
        r#"{"property":"a"}"#,
        r#","a","b"]}"#,
        60,
    );
    let limits = Limits::default();
    assert_eq!(
        kind(&doubling, &limits),
        Some(FaultKind::TooManyNodes(limits.nodes))
    );
}

#[test]
fn large_texts_end_soon() {
    let limits = Limits::default();
    let megabyte = |part: &str| part.repeat((1 << 20) / part.len());
    let just = |part: &str| part.repeat(limits.length_bytes / part.len());
    let texts = [
        megabyte("["),
        megabyte("1,"),
        megabyte("\"é\","),
        just("["),
        just("{"),
        just(" "),
        just("1"),
        just("a"),
        format!("[{}", just("[],").get(1..).unwrap_or_default()),
        format!("[{}", just("\"\\u00e9\",").get(1..).unwrap_or_default()),
        format!("\"{}", just("\\\\").get(1..).unwrap_or_default()),
        format!("{{{}", just("\"a\":1,").get(1..).unwrap_or_default()),
        format!("{{\"op\":{}", just("\"a\",").get(6..).unwrap_or_default()),
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
