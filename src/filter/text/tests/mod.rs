//! What is said in the module's documentation, and that nobody can make the parser panic, recurse or wait.

mod ceilings;
mod faults;
mod laws;
mod table;

use super::{parse_text, to_text};
use crate::filter::ast::{
    ArithmeticOp, ArrayOp, Bound, CompareOp, FoldOp, Span, SpatialOp, TemporalOp,
};
use crate::filter::shape::{BboxLiteral, Shape};
use crate::filter::{Expr, Limits, Node};
use crate::geometry::source::GeometryKind;
use crate::model::temporal::{Date, DateTime};

fn e(node: Node) -> Expr {
    Expr::new(node, Span::default())
}

fn p(name: &str) -> Expr {
    e(Node::Property(name.to_owned()))
}

fn i(value: i64) -> Expr {
    e(Node::Int(value))
}

fn f(value: f64) -> Expr {
    e(Node::Float(value))
}

fn b(value: bool) -> Expr {
    e(Node::Bool(value))
}

fn t(value: &str) -> Expr {
    e(Node::Text(value.to_owned()))
}

fn day(text: &str) -> Expr {
    e(Node::Date(Date::parse(text).expect("a day")))
}

fn instant(text: &str) -> Expr {
    let instant = DateTime::parse(text, |_| 0).expect("an instant");
    e(Node::Timestamp(instant.instant_us))
}

fn interval(first: Option<Expr>, last: Option<Expr>) -> Expr {
    let bound = |end: Option<Expr>| end.map_or(Bound::Open, Bound::At);
    e(Node::Interval(Box::new([bound(first), bound(last)])))
}

fn and(members: impl Into<Vec<Expr>>) -> Expr {
    e(Node::And(members.into()))
}

fn or(members: impl Into<Vec<Expr>>) -> Expr {
    e(Node::Or(members.into()))
}

fn not(inner: Expr) -> Expr {
    e(Node::Not(Box::new(inner)))
}

fn null(inner: Expr) -> Expr {
    e(Node::IsNull(Box::new(inner)))
}

fn cmp(left: Expr, op: &str, right: Expr) -> Expr {
    let op = CompareOp::find(op).expect("a comparison");
    e(Node::Compare(op, Box::new([left, right])))
}

fn math(left: Expr, op: &str, right: Expr) -> Expr {
    let op = ArithmeticOp::find(op).expect("an operator");
    e(Node::Arithmetic(op, Box::new([left, right])))
}

fn like(left: Expr, pattern: Expr) -> Expr {
    e(Node::Like(Box::new([left, pattern])))
}

fn between(value: Expr, low: Expr, high: Expr) -> Expr {
    e(Node::Between(Box::new([value, low, high])))
}

fn one_of(value: Expr, members: impl Into<Vec<Expr>>) -> Expr {
    e(Node::In(Box::new(value), members.into()))
}

fn casei(inner: Expr) -> Expr {
    e(Node::Fold(FoldOp::Casei, Box::new(inner)))
}

fn accenti(inner: Expr) -> Expr {
    e(Node::Fold(FoldOp::Accenti, Box::new(inner)))
}

fn space(op: SpatialOp, left: Expr, right: Expr) -> Expr {
    e(Node::Spatial(op, Box::new([left, right])))
}

fn time(op: TemporalOp, left: Expr, right: Expr) -> Expr {
    e(Node::Temporal(op, Box::new([left, right])))
}

fn arrays(op: ArrayOp, left: Expr, right: Expr) -> Expr {
    e(Node::ArrayRelation(op, Box::new([left, right])))
}

fn list(members: impl Into<Vec<Expr>>) -> Expr {
    e(Node::Array(members.into()))
}

fn call(name: &str, arguments: impl Into<Vec<Expr>>) -> Expr {
    e(Node::Function(name.to_owned(), arguments.into()))
}

fn shape(kind: GeometryKind, counts: &[u32], xy: &[[f64; 2]], z: &[f64]) -> Expr {
    e(Node::Geometry(Shape {
        kind,
        counts: counts.to_vec(),
        xy: xy.to_vec(),
        z: z.to_vec(),
    }))
}

fn point(x: f64, y: f64) -> Expr {
    shape(GeometryKind::Point, &[1], &[[x, y]], &[])
}

fn bbox(low: [f64; 2], high: [f64; 2], heights: Option<[f64; 2]>) -> Expr {
    e(Node::Bbox(BboxLiteral { low, high, heights }))
}

fn parse(text: &str) -> Expr {
    parse_text(text, &Limits::default()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"))
}
