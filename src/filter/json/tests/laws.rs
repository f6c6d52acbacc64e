//! What is written is read as the same tree.

use proptest::collection::vec;
use proptest::prelude::*;

use super::e;
use crate::filter::ast::{
    ArithmeticOp, ArrayOp, Bound, CompareOp, Expr, FoldOp, Node, SpatialOp, TemporalOp,
};
use crate::filter::{BboxLiteral, Limits, Shape, parse_json, parse_text, to_json, to_text};
use crate::geometry::source::GeometryKind;
use crate::model::temporal::Date;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,8}",
        1 => any::<String>(),
        1 => Just("\"\\\u{0}\u{7f}\u{2028}'é🦀".to_owned()),
    ]
}

fn ordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
        -180.0..180.0,
        (-180..180_i32).prop_map(f64::from),
    ]
}

fn day() -> impl Strategy<Value = Node> {
    (-719_528..2_932_896_i32).prop_map(|d| Node::Date(Date(d)))
}

fn instant() -> impl Strategy<Value = Node> {
    let step = prop_oneof![Just(1), Just(1000), Just(1_000_000)];
    (-62_167_219_200_000_000..253_402_300_799_999_999_i64, step)
        .prop_map(|(us, step)| Node::Timestamp(us / step * step))
}

/// A geometry of any kind, with heights or without; of a collection every other member may have them.
fn shape() -> impl Strategy<Value = Shape> {
    let member = (1..=6_u8, 0..3_u32, 0..3_u32);
    let members = prop_oneof![
        3 => vec(member.clone(), 1..2).prop_map(|m| (false, m)),
        1 => vec(member, 0..4).prop_map(|m| (true, m)),
    ];
    (members, 0..4_usize, vec(ordinate(), 30)).prop_map(|((is_list, members), heights, pool)| {
        let kind_of = |number| GeometryKind::from_number(number).unwrap();
        let ordinate = |i: usize| pool[i % pool.len()];
        let (mut counts, mut xy, mut z) = (Vec::new(), Vec::<[f64; 2]>::new(), Vec::new());
        if is_list {
            counts.push(members.len() as u32);
        }
        for (number, (kind, a, b)) in members.iter().enumerate() {
            if is_list {
                counts.push(u32::from(*kind));
            }
            let mut paths = Vec::new();
            structure(kind_of(*kind), *a, *b, &mut counts, &mut paths);
            let has_z = (heights >> (number % 2)) & 1 == 1;
            for (count, is_ring) in paths {
                let start = xy.len();
                for i in start..start + count as usize {
                    let is_last = is_ring && i + 1 == start + count as usize;
                    let place = [ordinate(i), ordinate(i * 7 + 3)];
                    xy.push(if is_last { xy[start] } else { place });
                    z.push(if has_z { ordinate(i * 5 + 1) } else { f64::NAN });
                }
            }
        }
        if z.iter().all(|z| z.is_nan()) {
            z.clear();
        }
        let kind = if is_list {
            GeometryKind::GeometryCollection
        } else {
            kind_of(members[0].0)
        };
        Shape {
            kind,
            counts,
            xy,
            z,
        }
    })
}

/// Appends the structure of a geometry, and for each of its paths the number of vertices and whether it is a ring.
fn structure(
    kind: GeometryKind,
    a: u32,
    b: u32,
    counts: &mut Vec<u32>,
    paths: &mut Vec<(u32, bool)>,
) {
    let mut lists = |least: u32, is_ring: bool, lists: u32| {
        counts.push(lists);
        for _ in 0..lists {
            counts.push(least + b);
            paths.push((least + b, is_ring));
        }
    };
    match kind {
        GeometryKind::MultiLineString => lists(2, false, a),
        GeometryKind::Polygon => lists(4, true, a),
        GeometryKind::MultiPolygon => {
            counts.push(a);
            for _ in 0..a {
                structure(GeometryKind::Polygon, b + 1, a, counts, paths);
            }
        }
        _ => {
            let count = match kind {
                GeometryKind::Point => a.min(1),
                GeometryKind::LineString if a == 1 => 2,
                _ => a,
            };
            counts.push(count);
            paths.push((count, false));
        }
    }
}

fn literal() -> impl Strategy<Value = Node> {
    prop_oneof![
        any::<bool>().prop_map(Node::Bool),
        any::<i64>().prop_map(Node::Int),
        (-9..9_i64).prop_map(Node::Int),
        ordinate().prop_map(Node::Float),
        word().prop_map(Node::Text),
        word().prop_map(Node::Property),
        day(),
        instant(),
        shape().prop_map(Node::Geometry),
        vec(ordinate(), 6).prop_map(|n| Node::Bbox(BboxLiteral {
            low: [n[0], n[1]],
            high: [n[2], n[3]],
            heights: (n[0] > 0.0).then_some([n[4], n[5]]),
        })),
    ]
}

fn bound() -> impl Strategy<Value = Bound> {
    let at = |node: Node| Bound::At(e(node));
    prop_oneof![
        Just(Bound::Open),
        day().prop_map(at),
        instant().prop_map(at),
        word().prop_map(move |w| at(Node::Property(w))),
        Just(at(Node::Function("now".to_owned(), Vec::new()))),
    ]
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

/// Two members or more, none of which is again one of the kind.
fn members(
    inner: BoxedStrategy<Expr>,
    is_of_kind: fn(&Node) -> bool,
) -> impl Strategy<Value = Vec<Expr>> {
    let other = inner.prop_map(move |m| {
        let m = predicate(m);
        if is_of_kind(&m.node) {
            e(Node::Not(Box::new(m)))
        } else {
            m
        }
    });
    vec(other, 2..5)
}

/// A value that is neither true nor false made something that is.
fn predicate(value: Expr) -> Expr {
    if value.node.may_be_true() {
        value
    } else {
        e(Node::IsNull(Box::new(value)))
    }
}

fn is_number_like(expr: &Expr) -> bool {
    !matches!(
        expr.node,
        Node::Text(_) | Node::Fold(..) | Node::Date(_) | Node::Timestamp(_)
    )
}

fn operation(inner: &BoxedStrategy<Expr>) -> impl Strategy<Value = Node> + use<> {
    let pair = || (inner.clone(), inner.clone()).prop_map(|(a, b)| Box::new([a, b]));
    let pattern = (word(), vec(one_of(FoldOp::ALL), 0..3)).prop_map(|(w, folds)| {
        let text = e(Node::Text(w));
        folds
            .into_iter()
            .fold(text, |t, op| e(Node::Fold(op, Box::new(t))))
    });
    let number = || {
        inner
            .clone()
            .prop_filter("between takes texts as two comparisons", is_number_like)
    };
    prop_oneof![
        members(inner.clone(), |n| matches!(n, Node::And(_))).prop_map(Node::And),
        members(inner.clone(), |n| matches!(n, Node::Or(_))).prop_map(Node::Or),
        inner
            .clone()
            .prop_map(|a| Node::Not(Box::new(predicate(a)))),
        inner.clone().prop_map(|a| Node::IsNull(Box::new(a))),
        (one_of(CompareOp::ALL), pair()).prop_map(|(op, p)| Node::Compare(op, p)),
        (one_of(ArithmeticOp::ALL), pair()).prop_map(|(op, p)| Node::Arithmetic(op, p)),
        (one_of(SpatialOp::ALL), pair()).prop_map(|(op, p)| Node::Spatial(op, p)),
        (one_of(TemporalOp::ALL), pair()).prop_map(|(op, p)| Node::Temporal(op, p)),
        (one_of(ArrayOp::ALL), pair()).prop_map(|(op, p)| Node::ArrayRelation(op, p)),
        (one_of(FoldOp::ALL), inner.clone()).prop_map(|(op, a)| Node::Fold(op, Box::new(a))),
        (inner.clone(), pattern).prop_map(|(a, p)| Node::Like(Box::new([a, p]))),
        (inner.clone(), number(), number())
            .prop_map(|(a, b, c)| Node::Between(Box::new([a, b, c]))),
        (inner.clone(), vec(inner.clone(), 0..4)).prop_map(|(a, l)| Node::In(Box::new(a), l)),
        vec(inner.clone(), 0..4).prop_map(Node::Array),
        ("[a-zA-Z][a-z0-9]{0,6}é?x", vec(inner.clone(), 0..4))
            .prop_map(|(n, l)| Node::Function(n, l)),
        (bound(), bound()).prop_map(|(a, b)| Node::Interval(Box::new([a, b]))),
    ]
}

/// Trees as the parsers make them, of any types.
fn tree() -> impl Strategy<Value = Expr> {
    literal()
        .prop_map(e)
        .prop_recursive(6, 60, 4, |inner| operation(&inner).prop_map(e))
        .prop_map(predicate)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(tree in tree()) {
        let limits = Limits { length_bytes: usize::MAX, ..Limits::default() };
        let json = to_json(&tree);
        let read = parse_json(&json, &limits);
        prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", json);
        // Also the numbers that are equal without being the same.
        prop_assert_eq!(&to_json(&read.unwrap()), &json);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    }

    /// Both encodings say the same.
    #[test]
    fn text_is_json(tree in tree()) {
        let limits = Limits { length_bytes: usize::MAX, ..Limits::default() };
        let text = to_text(&tree);
        let read = parse_text(&text, &limits);
        prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", text);
        prop_assert_eq!(&to_json(&read.unwrap()), &to_json(&tree));
    }

    /// Any other reader's JSON: with spaces, and members in another order.
    #[test]
    fn layout_means_nothing(tree in tree()) {
        let limits = Limits { length_bytes: usize::MAX, ..Limits::default() };
        let json = to_json(&tree);
        // 64-bit integers and doubles stay what they are in serde_json.
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let read = parse_json(&pretty, &limits);
        prop_assert_eq!(read.as_ref(), Ok(&tree), "{}", pretty);
    }

    /// Whatever is wrong with a text, its fault can be shown.
    #[test]
    fn damage_is_a_fault(tree in tree(), place in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = to_json(&tree).into_bytes();
        let place = place.index(bytes.len());
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] = with;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Err(fault) = parse_json(&text, &Limits::default()) {
            let shown = fault.place(&text);
            prop_assert!(shown.part.chars().count() <= 61);
            prop_assert!(shown.character <= text.chars().count() + 1);
            prop_assert!(text.is_char_boundary(fault.at.start as usize));
            prop_assert!(text.is_char_boundary(fault.at.end as usize));
            for language in [crate::model::Language::Fr, crate::model::Language::En] {
                let words = fault.describe(language);
                prop_assert!(words.ends_with(['.', '?']), "{}", words);
                prop_assert!(words.chars().count() < 400, "{}", words);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:0-9a-z\\\\ .eE+-]{0,60}") {
        let ours = parse_json(&text, &Limits::default());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // What is JSON to nobody is none to us.
        prop_assert!(ours.is_err() || theirs.is_ok(), "{:?}", ours);
    }
}
