//! From the tree to JSON.

use super::super::ast::{Bound, Expr, Node};
use super::super::instant::format_instant;
use super::super::shape::{BboxLiteral, Shape};
use crate::geometry::source::{GeometryKind, Step};

/// The filter in CQL2 JSON, without spaces, as the schema has it where the schema can say it. Read again it gives the same tree, unless a
/// function has the name of an operator (`"and"(a, b)` in text): the schema keeps those names from functions, and no function has one.
pub fn to_json(expr: &Expr) -> String {
    let mut out = Printer { out: String::new() };
    out.expr(expr);
    out.out
}

struct Printer {
    out: String,
}

impl Printer {
    fn expr(&mut self, expr: &Expr) {
        match &expr.node {
            Node::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Node::Int(value) => self.push(itoa::Buffer::new().format(*value)),
            Node::Float(value) => self.number(*value),
            Node::Text(text) => self.string(text),
            Node::Date(date) => self.push(&format!("{{\"date\":\"{date}\"}}")),
            Node::Timestamp(us) => {
                self.push(&format!("{{\"timestamp\":\"{}\"}}", format_instant(*us)));
            }
            Node::Interval(ends) => {
                self.push("{\"interval\":[");
                self.list(ends.iter(), Self::bound);
                self.push("]}");
            }
            Node::Geometry(shape) => self.shape(shape),
            Node::Bbox(corners) => self.bbox(corners),
            Node::Array(members) => self.array(members),
            Node::Property(name) => {
                self.push("{\"property\":");
                self.string(name);
                self.push("}");
            }
            Node::And(members) => self.call("and", members),
            Node::Or(members) => self.call("or", members),
            Node::Not(operand) => self.call("not", [&**operand]),
            Node::Compare(op, operands) => self.call(op.json(), &**operands),
            Node::Like(operands) => self.call("like", &**operands),
            Node::Between(operands) => self.call("between", &**operands),
            Node::In(value, list) => {
                self.push("{\"op\":\"in\",\"args\":[");
                self.expr(value);
                self.push(",");
                self.array(list);
                self.push("]}");
            }
            Node::IsNull(operand) => self.call("isNull", [&**operand]),
            Node::Arithmetic(op, operands) => self.call(op.json(), &**operands),
            Node::Fold(op, operand) => self.call(op.json(), [&**operand]),
            Node::Spatial(op, operands) => self.call(op.json(), &**operands),
            Node::Temporal(op, operands) => self.call(op.json(), &**operands),
            Node::ArrayRelation(op, operands) => self.call(op.json(), &**operands),
            Node::Function(name, args) => self.call(name, args),
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// The shortest decimal that gives the same double again; `1.0` stays apart from `1`.
    fn number(&mut self, value: f64) {
        self.push(zmij::Buffer::new().format(value));
    }

    fn string(&mut self, text: &str) {
        let written = serde_json::to_string(text).expect("a text is written without fail");
        self.push(&written);
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.push(",");
            }
            write(self, item);
        }
    }

    fn array(&mut self, members: &[Expr]) {
        self.push("[");
        self.list(members, Self::expr);
        self.push("]");
    }

    fn call<'e>(&mut self, op: &str, args: impl IntoIterator<Item = &'e Expr>) {
        self.push("{\"op\":");
        self.string(op);
        self.push(",\"args\":[");
        self.list(args, Self::expr);
        self.push("]}");
    }

    fn bound(&mut self, bound: &Bound) {
        match bound {
            Bound::Open => self.push("\"..\""),
            Bound::At(end) => match &end.node {
                Node::Date(date) => self.push(&format!("\"{date}\"")),
                Node::Timestamp(us) => self.push(&format!("\"{}\"", format_instant(*us))),
                _ => self.expr(end),
            },
        }
    }

    fn bbox(&mut self, corners: &BboxLiteral) {
        let ([x1, y1], [x2, y2]) = (corners.low, corners.high);
        self.push("{\"bbox\":[");
        match corners.heights {
            None => self.list([x1, y1, x2, y2], Self::number),
            Some([z1, z2]) => self.list([x1, y1, z1, x2, y2, z2], Self::number),
        }
        self.push("]}");
    }

    fn shape(&mut self, shape: &Shape) {
        let mut kind = shape.kind;
        shape.as_source().walk(&mut |step| match step {
            Step::Begin(k) => {
                kind = k;
                self.separate();
                let list = match k {
                    GeometryKind::GeometryCollection => "geometries",
                    _ => "coordinates",
                };
                self.push(&format!("{{\"type\":\"{}\",\"{list}\":", k.name()));
            }
            Step::Open(_) => {
                self.separate();
                self.push("[");
            }
            Step::Vertices { start, end } => {
                self.separate();
                if kind == GeometryKind::Point && start < end {
                    self.position(shape, start);
                } else {
                    self.push("[");
                    self.list(start..end, |out, i| out.position(shape, i));
                    self.push("]");
                }
            }
            Step::Close => self.push("]"),
            Step::End => self.push("}"),
        });
    }

    /// A comma, if something of the same list stands before.
    fn separate(&mut self) {
        if self.out.ends_with([']', '}']) {
            self.push(",");
        }
    }

    fn position(&mut self, shape: &Shape, i: usize) {
        let height = shape.z.get(i).copied().filter(|z| !z.is_nan());
        self.push("[");
        self.list(shape.xy[i].into_iter().chain(height), Self::number);
        self.push("]");
    }
}
