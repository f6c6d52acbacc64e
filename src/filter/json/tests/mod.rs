mod accepts;
mod laws;
mod limits;
mod refuses;

use crate::filter::ast::{Expr, Node, Span};
use crate::filter::{Fault, FaultKind, Limits, parse_json};

fn parsed(json: &str) -> Node {
    match parse_json(json, &Limits::default()) {
        Ok(expr) => expr.node,
        Err(fault) => panic!("{json}\n{fault:?}"),
    }
}

/// A value that cannot stand alone.
fn value(json: &str) -> Node {
    match parsed(&format!(r#"{{"op":"f","args":[{json}]}}"#)) {
        Node::Function(_, mut args) => args.swap_remove(0).node,
        other => panic!("{other:?}"),
    }
}

/// The kind of the fault, and the part of the filter that it points at.
fn refused(json: &str) -> (FaultKind, &str) {
    match parse_json(json, &Limits::default()) {
        Ok(expr) => panic!("{json}\n{expr:?}"),
        Err(Fault { at, kind }) => (kind, &json[at.start as usize..at.end as usize]),
    }
}

/// A part without a place.
fn e(node: Node) -> Expr {
    Expr::new(node, Span::default())
}

fn property(name: &str) -> Expr {
    e(Node::Property(name.to_owned()))
}

fn text(text: &str) -> Expr {
    e(Node::Text(text.to_owned()))
}

fn int(value: i64) -> Expr {
    e(Node::Int(value))
}
