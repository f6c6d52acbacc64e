//! What holds for every tree and every text.

use proptest::prelude::*;

use super::*;
use crate::filter::json::is_operator;

/// Every tree that a parser can make; `depth` operators at most are inside of each other.
fn predicate(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![any::<bool>().prop_map(b), name().prop_map(|n| p(&n))];
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = || predicate(depth - 1);
    let operand = || value(depth - 1);
    let pair = move || (operand(), operand());
    prop_oneof![
        1 => leaf,
        1 => prop::collection::vec(inner(), 2..4).prop_map(|members| and(flat(members, true))),
        1 => prop::collection::vec(inner(), 2..4).prop_map(|members| or(flat(members, false))),
        1 => inner().prop_map(not),
        1 => operand().prop_map(null),
        2 => (prop::sample::select(CompareOp::ALL), pair())
            .prop_map(|(op, (x, y))| cmp(x, op.text(), y)),
        1 => (operand(), pattern(2)).prop_map(|(x, y)| like(x, y)),
        1 => (operand(), number(depth - 1), number(depth - 1)).prop_map(|(x, y, z)| between(x, y, z)),
        1 => (operand(), prop::collection::vec(operand(), 0..3)).prop_map(|(x, list)| one_of(x, list)),
        1 => (prop::sample::select(SpatialOp::ALL), pair()).prop_map(|(op, (x, y))| space(op, x, y)),
        1 => (prop::sample::select(TemporalOp::ALL), pair()).prop_map(|(op, (x, y))| time(op, x, y)),
        1 => (prop::sample::select(ArrayOp::ALL), pair()).prop_map(|(op, (x, y))| arrays(op, x, y)),
        1 => (callee(), prop::collection::vec(operand(), 0..3)).prop_map(|(name, list)| call(&name, list)),
    ]
    .boxed()
}

/// Members as parsers leave them: none of them of the same kind as the whole.
fn flat(members: Vec<Expr>, conjunction: bool) -> Vec<Expr> {
    let flatten = |member: Expr| match member.node {
        Node::And(inner) if conjunction => inner,
        Node::Or(inner) if !conjunction => inner,
        node => vec![e(node)],
    };
    members.into_iter().flat_map(flatten).collect()
}

fn value(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        2 => number(0),
        2 => text().prop_map(|value| t(&value)),
        1 => any::<bool>().prop_map(b),
        1 => moment(),
        1 => (end(depth), end(depth)).prop_map(|(first, last)| interval(first, last)),
        1 => geometry(),
        1 => (any_point(), any_point(), prop::option::of(any_point()))
            .prop_map(|(low, high, heights)| bbox(low, high, heights)),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        3 => leaf,
        2 => number(depth),
        1 => (prop::sample::select(FoldOp::ALL), value(depth - 1))
            .prop_map(|(op, x)| e(Node::Fold(op, Box::new(x)))),
        2 => prop::collection::vec(value(depth - 1), 0..3).prop_map(list),
        1 => predicate(depth - 1),
    ]
    .boxed()
}

/// Something that may be a number: no literal of another type.
fn number(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(i),
        (-20i64..20).prop_map(i),
        ordinate().prop_map(f),
        name().prop_map(|n| p(&n)),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let operator = prop::sample::select(ArithmeticOp::ALL);
    prop_oneof![
        leaf,
        (operator, value(depth - 1), value(depth - 1)).prop_map(|(op, x, y)| math(x, op.text(), y)),
        (callee(), prop::collection::vec(value(depth - 1), 0..3))
            .prop_map(|(n, list)| call(&n, list)),
    ]
    .boxed()
}

/// The name of a function: no operator's.
fn callee() -> impl Strategy<Value = String> {
    name().prop_filter("an operator", |name| !is_operator(name))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé_:][a-z0-9.:_\u{300}]{0,5}",
        "(?i:and|not|null|div|date|point|pointz|z|empty|casei|s_within|bbox|interval)",
        any::<String>(),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a'\\\\%_n\n\t\u{7}]{0,6}",
        any::<String>(),
        Just("..".to_owned())
    ]
}

fn pattern(depth: u32) -> BoxedStrategy<Expr> {
    let leaf = text().prop_map(|value| t(&value));
    if depth == 0 {
        return leaf.boxed();
    }
    let folded = pattern(depth - 1);
    prop_oneof![
        2 => leaf,
        1 => (prop::sample::select(FoldOp::ALL), folded)
            .prop_map(|(op, x)| e(Node::Fold(op, Box::new(x)))),
    ]
    .boxed()
}

/// The days and instants of years of four digits.
fn moment() -> impl Strategy<Value = Expr> {
    const FIRST: i32 = -719_528;
    const LAST: i32 = 2_932_896;
    const DAY_US: i64 = 86_400_000_000;
    let instants = FIRST as i64 * DAY_US..(LAST as i64 + 1) * DAY_US;
    prop_oneof![
        (FIRST..=LAST).prop_map(|days| e(Node::Date(Date(days)))),
        (instants, 0u32..7).prop_map(|(us, digits)| {
            let unit = 10i64.pow(digits);
            e(Node::Timestamp(us.div_euclid(unit) * unit))
        }),
    ]
}

fn end(depth: u32) -> BoxedStrategy<Option<Expr>> {
    let arguments = if depth == 0 {
        Just(Vec::new()).boxed()
    } else {
        prop::collection::vec(value(depth - 1), 0..2).boxed()
    };
    prop_oneof![
        Just(None),
        moment().prop_map(Some),
        name().prop_map(|n| Some(p(&n))),
        (callee(), arguments).prop_map(|(n, list)| Some(call(&n, list))),
    ]
    .boxed()
}

fn ordinate() -> impl Strategy<Value = f64> {
    let finite = any::<f64>().prop_filter("finite", |value| value.is_finite());
    prop_oneof![-180.0..180.0, finite, (-200i32..200).prop_map(f64::from),]
}

fn any_point() -> impl Strategy<Value = [f64; 2]> {
    [ordinate(), ordinate()]
}

/// A shape with the parts of one that is read, as `(kind, counts, rings)`.
fn geometry() -> impl Strategy<Value = Expr> {
    let lines = prop::collection::vec(2..5u32, 0..3);
    let rings = || prop::collection::vec(4..6u32, 0..3);
    let polygons = prop::collection::vec(prop::collection::vec(4..6u32, 1..3), 0..3);
    let parts = prop_oneof![
        (0..2u32).prop_map(|n| (GeometryKind::Point, vec![n])),
        (0..3u32).prop_map(|n| (GeometryKind::MultiPoint, vec![n])),
        prop_oneof![Just(0), 2..5u32].prop_map(|n| (GeometryKind::LineString, vec![n])),
        lines.prop_map(|n| (GeometryKind::MultiLineString, counted(n))),
        rings().prop_map(|n| (GeometryKind::Polygon, counted(n))),
        polygons.prop_map(|n| {
            let mut counts = vec![n.len() as u32];
            counts.extend(n.into_iter().flat_map(counted));
            (GeometryKind::MultiPolygon, counts)
        }),
    ];
    let simple = (parts, any::<bool>()).prop_flat_map(|((kind, counts), has_z)| {
        let vertices: usize = paths(kind, &counts).into_iter().map(|n| n as usize).sum();
        let xy = prop::collection::vec(any_point(), vertices);
        let z = prop::collection::vec(ordinate(), if has_z { vertices } else { 0 });
        (Just(kind), Just(counts), xy, z)
    });
    let simple = simple.prop_map(|(kind, counts, mut xy, z)| {
        let mut first = 0;
        for n in paths(kind, &counts) {
            let last = first + n as usize;
            if kind.dimension() == Some(2) {
                xy[last - 1] = xy[first];
            }
            first = last;
        }
        Shape {
            kind,
            counts,
            xy,
            z,
        }
    });
    let collect = |members: Vec<Shape>| {
        let mut whole = Shape {
            kind: GeometryKind::GeometryCollection,
            counts: vec![members.len() as u32],
            xy: Vec::new(),
            z: Vec::new(),
        };
        let has_z = members.iter().any(|member| !member.z.is_empty());
        for member in members {
            whole.counts.push(member.kind as u32);
            whole.counts.extend(&member.counts);
            if has_z {
                whole.z.extend(&member.z);
                whole.z.resize(whole.xy.len() + member.xy.len(), f64::NAN);
            }
            whole.xy.extend(&member.xy);
        }
        whole
    };
    let tree = simple.prop_recursive(2, 8, 3, move |member| {
        prop::collection::vec(member, 0..3).prop_map(collect)
    });
    tree.prop_map(|shape| e(Node::Geometry(shape)))
}

fn counted(counts: Vec<u32>) -> Vec<u32> {
    let mut all = vec![counts.len() as u32];
    all.extend(counts);
    all
}

/// The numbers of vertices of the paths of a geometry that is no collection.
fn paths(kind: GeometryKind, counts: &[u32]) -> Vec<u32> {
    let mut rest = counts.iter().copied();
    let mut paths = Vec::new();
    match kind {
        GeometryKind::Point | GeometryKind::MultiPoint | GeometryKind::LineString => {
            return counts.to_vec();
        }
        GeometryKind::Polygon | GeometryKind::MultiLineString => paths.extend(rest.skip(1)),
        _ => {
            for _ in 0..rest.next().unwrap_or(0) {
                let rings = rest.next().unwrap_or(0);
                paths.extend(rest.by_ref().take(rings as usize));
            }
        }
    }
    paths
}

const SEEDS: &[&str] = &[
    "a NOT IN (1, -2.5e3, 'x''y\\'z') AND NOT (b >= DATE('2024-02-29') OR c IS NOT NULL)",
    "CASEI(ACCENTI(\"a \"\"b\")) LIKE casei('%\\_x') OR f(a, (1, 'b'), TRUE) < (-(x) ^ 2) div 3 % 4",
    "S_INTERSECTS(g, GEOMETRYCOLLECTION(POINT Z (1 2 3), POLYGON((0 0, 1 0, 1 1, 0 0)), MULTIPOINT((1 2), 3 4)))",
    "T_DURING(INTERVAL('..', '2024-02-29T00:00:00.5Z'), INTERVAL(a, f(b))) = A_EQUALS(('x'), ((1,), ()))",
    "été:x BETWEEN 'a' AND 'b' AND S_WITHIN(BBOX(1, 2, 3, 4, 5, 6), g) IS NULL",
];

const PIECES: &[&str] = &[
    "(",
    ")",
    ",",
    "'",
    "\"",
    "\\",
    "-",
    "^",
    "<",
    ">",
    " AND ",
    " OR ",
    " NOT ",
    " IN (",
    " IS NULL",
    " LIKE ",
    " BETWEEN ",
    "1",
    ".",
    "e9",
    "é",
    "\u{3000}",
    "\u{0}",
    "POINT",
    " EMPTY",
    " Z ",
    "..",
    "DATE(",
    "POLYGON((",
    "A_EQUALS(",
    "INTERVAL(",
    "CASEI(",
    "TRUE",
    "🦀",
];

/// Whatever it is: it is refused at a place that exists, or it is read and can be read again as it is printed.
fn is_handled(text: &str) {
    match parse_text(text, &Limits::default()) {
        Ok(tree) => {
            let printed = to_text(&tree);
            assert_eq!(parse(&printed), tree, "{text} is printed as {printed}");
            assert_eq!(to_text(&parse(&printed)), printed);
        }
        Err(fault) => {
            let (start, end) = (fault.at.start as usize, fault.at.end as usize);
            assert!(text.get(start..end).is_some(), "{text}: {fault:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn trees_survive_printing(tree in predicate(4)) {
        let printed = to_text(&tree);
        let limits = Limits::default();
        prop_assert_eq!(parse_text(&printed, &limits), Ok(tree), "{}", printed);
    }

    #[test]
    fn any_text_is_handled(text in any::<String>()) {
        is_handled(&text);
    }

    #[test]
    fn shuffled_pieces_are_handled(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        is_handled(&pieces.concat());
    }

    #[test]
    fn damaged_filters_are_handled(
        seed in prop::sample::select(SEEDS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..8, prop::sample::select(PIECES)), 1..4),
    ) {
        let mut text: Vec<char> = seed.chars().collect();
        for (place, cut, piece) in edits {
            let from = place.index(text.len() + 1);
            let to = (from + cut).min(text.len());
            text.splice(from..to, piece.chars());
        }
        is_handled(&text.into_iter().collect::<String>());
    }
}

#[test]
fn seeds_are_filters() {
    for seed in SEEDS {
        parse(seed);
        is_handled(seed);
    }
}
