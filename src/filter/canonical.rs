//! One spelling for filters that say the same.
//!
//! Not every pair of equivalent filters gets one spelling (that cannot be decided), but what clients vary without meaning anything by it
//! does: order and repetition of members, brackets, sides of a comparison, case of names of functions, the two names of the geometry.

use super::ast::{Bound, CompareOp, Expr, Node, Span};
use super::to_text;
use crate::model::Schema;

/// The tree in its canonical form. The schema tells the name of the geometry.
pub(super) fn canonical(expr: &Expr, schema: &Schema) -> Expr {
    Canon { schema }.expr(expr)
}

struct Canon<'a> {
    schema: &'a Schema,
}

impl Canon<'_> {
    fn expr(&self, expr: &Expr) -> Expr {
        let node = match &expr.node {
            Node::And(members) => self.members(members, true),
            Node::Or(members) => self.members(members, false),
            Node::Not(inner) => match self.expr(inner).node {
                Node::Not(twice) => twice.node,
                Node::Bool(known) => Node::Bool(!known),
                other => Node::Not(Box::new(plain(other))),
            },
            Node::Compare(op, sides) => {
                let [a, b] = self.pair(sides);
                if is_literal(&a) && !is_literal(&b)
                    || (is_literal(&a) == is_literal(&b)
                        && is_symmetric(*op)
                        && to_text(&b) < to_text(&a))
                {
                    Node::Compare(op.turned(), Box::new([b, a]))
                } else {
                    Node::Compare(*op, Box::new([a, b]))
                }
            }
            Node::In(wanted, list) => {
                let wanted = self.expr(wanted);
                let mut list = self.sorted(list);
                if list.len() == 1 {
                    let only = list.remove(0);
                    return self.expr(&plain(Node::Compare(
                        CompareOp::Equal,
                        Box::new([wanted, only]),
                    )));
                }
                Node::In(Box::new(wanted), list)
            }
            Node::Like(sides) => Node::Like(Box::new(self.pair(sides))),
            Node::Between(parts) => {
                let [a, b, c] = &**parts;
                Node::Between(Box::new([self.expr(a), self.expr(b), self.expr(c)]))
            }
            Node::IsNull(inner) => Node::IsNull(Box::new(self.expr(inner))),
            Node::Arithmetic(op, sides) => Node::Arithmetic(*op, Box::new(self.pair(sides))),
            Node::Fold(op, inner) => Node::Fold(*op, Box::new(self.expr(inner))),
            Node::Spatial(op, sides) => {
                let [a, b] = self.pair(sides);
                if is_literal(&a) && !is_literal(&b) {
                    Node::Spatial(op.reversed(), Box::new([b, a]))
                } else {
                    Node::Spatial(*op, Box::new([a, b]))
                }
            }
            Node::Temporal(op, sides) => {
                let [a, b] = self.pair(sides);
                if is_literal(&a) && !is_literal(&b) {
                    Node::Temporal(op.reversed(), Box::new([b, a]))
                } else {
                    Node::Temporal(*op, Box::new([a, b]))
                }
            }
            Node::ArrayRelation(op, sides) => Node::ArrayRelation(*op, Box::new(self.pair(sides))),
            Node::Array(members) => Node::Array(members.iter().map(|m| self.expr(m)).collect()),
            Node::Interval(ends) => {
                let [a, b] = &**ends;
                Node::Interval(Box::new([self.bound(a), self.bound(b)]))
            }
            Node::Function(name, arguments) => Node::Function(
                name.to_ascii_lowercase(),
                arguments.iter().map(|a| self.expr(a)).collect(),
            ),
            Node::Property(name) if name == "geometry" && self.schema.index_of(name).is_none() => {
                Node::Property(self.schema.geometry_name().to_owned())
            }
            leaf => leaf.clone(),
        };
        plain(node)
    }

    fn bound(&self, bound: &Bound) -> Bound {
        match bound {
            Bound::Open => Bound::Open,
            Bound::At(expr) => Bound::At(self.expr(expr)),
        }
    }

    fn pair(&self, [a, b]: &[Expr; 2]) -> [Expr; 2] {
        [self.expr(a), self.expr(b)]
    }

    fn members(&self, members: &[Expr], and: bool) -> Node {
        let mut flat = Vec::with_capacity(members.len());
        for member in members {
            match (self.expr(member).node, and) {
                // A NOT taken away, or an IN of one, may bring up members of the same kind.
                (Node::And(inner), true) | (Node::Or(inner), false) => flat.extend(inner),
                (other, _) => flat.push(plain(other)),
            }
        }
        sort(&mut flat);
        match flat.len() {
            1 => flat.remove(0).node,
            _ if and => Node::And(flat),
            _ => Node::Or(flat),
        }
    }

    fn sorted(&self, members: &[Expr]) -> Vec<Expr> {
        let mut sorted: Vec<_> = members.iter().map(|m| self.expr(m)).collect();
        sort(&mut sorted);
        sorted
    }
}

fn plain(node: Node) -> Expr {
    Expr::new(node, Span::default())
}

/// By their text, each once.
fn sort(members: &mut Vec<Expr>) {
    let mut keyed: Vec<_> = members.drain(..).map(|m| (to_text(&m), m)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.dedup_by(|a, b| a.0 == b.0);
    members.extend(keyed.into_iter().map(|(_, m)| m));
}

fn is_literal(expr: &Expr) -> bool {
    match &expr.node {
        Node::Bool(_)
        | Node::Int(_)
        | Node::Float(_)
        | Node::Text(_)
        | Node::Date(_)
        | Node::Timestamp(_)
        | Node::Geometry(_)
        | Node::Bbox(_) => true,
        Node::Interval(ends) => ends.iter().all(|e| match e {
            Bound::Open => true,
            Bound::At(expr) => is_literal(expr),
        }),
        Node::Fold(_, inner) => is_literal(inner),
        _ => false,
    }
}

fn is_symmetric(op: CompareOp) -> bool {
    matches!(op, CompareOp::Equal | CompareOp::NotEqual)
}
