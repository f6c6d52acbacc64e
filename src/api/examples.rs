//! Filters to begin with, made of what a collection says of itself: its properties, their codes, its extent.

use super::extent;
use crate::catalog::VisibleLayer;
use crate::filter::ast::{CompareOp, SpatialOp};
use crate::filter::{BboxLiteral, Expr, Node, Span, to_text};
use crate::model::temporal::Date;
use crate::model::{DataType, Field};

/// 2024-01-01, a day that has something on either side in most data.
const DAY: i32 = 19_723;
const DAY_US: i64 = crate::model::temporal::DAY_US;

/// One example for each kind of property that there is: text, number, moment, boolean, geometry; last, the first two joined.
pub(super) fn of(layer: &VisibleLayer) -> Vec<String> {
    trees(layer).iter().map(to_text).collect()
}

/// The same, not yet written in any encoding.
pub(super) fn trees(layer: &VisibleLayer) -> Vec<Expr> {
    let schema = layer.schema();
    let metadata = layer.metadata();
    let first = |types: &[DataType]| schema.fields.iter().find(|f| types.contains(&f.data_type));
    let label = metadata.label.as_deref().and_then(|l| schema.index_of(l));
    let label = label.map(|place| &schema.fields[place]);
    let text = label
        .filter(|f| f.data_type == DataType::String)
        .or_else(|| first(&[DataType::String]));
    let time = layer.time_field().map(|place| &schema.fields[place]);
    let time = time.or_else(|| first(&[DataType::Date, DataType::DateTime]));
    let is_number = |f: &&Field| matches!(f.data_type, DataType::Integer | DataType::Number);
    let numbers = || schema.fields.iter().filter(is_number);
    // Numbers that only name something are not worth comparing.
    let number = numbers().find(|f| !is_key(&f.name)).or(numbers().next());
    let fields = [text, number, time, first(&[DataType::Boolean])];
    let mut examples: Vec<Expr> = fields.into_iter().flatten().filter_map(about).collect();
    if let Some(bbox) = extent::bbox(layer) {
        examples.push(inside(schema.geometry_name(), bbox));
    }
    if let [a, b, ..] = examples.as_slice() {
        examples.push(part(Node::And(vec![a.clone(), b.clone()])));
    }
    examples
}

fn is_key(name: &str) -> bool {
    let name = name.to_lowercase();
    ["id", "code", "ogc_fid"].iter().any(|k| name.ends_with(k)) || name.starts_with("id_")
}

/// A name as a filter writes it.
pub(super) fn name(name: &str) -> String {
    to_text(&part(Node::Property(name.to_owned())))
}

/// Nobody wrote it: it stands nowhere.
fn part(node: Node) -> Expr {
    Expr::new(node, Span::default())
}

fn about(field: &Field) -> Option<Expr> {
    let (operator, value) = match field.data_type {
        DataType::String => match field.codes.keys().next() {
            Some(code) => (CompareOp::Equal, Node::Text(code.clone())),
            None => return Some(starting(field)),
        },
        DataType::Integer | DataType::Number => (CompareOp::Greater, Node::Int(100)),
        DataType::Date => (CompareOp::GreaterOrEqual, Node::Date(Date(DAY))),
        DataType::DateTime => (
            CompareOp::GreaterOrEqual,
            Node::Timestamp(i64::from(DAY) * DAY_US),
        ),
        DataType::Boolean => (CompareOp::Equal, Node::Bool(true)),
        DataType::Json => return None,
    };
    let sides = [property(field), part(value)];
    Some(part(Node::Compare(operator, Box::new(sides))))
}

fn property(field: &Field) -> Expr {
    part(Node::Property(field.name.clone()))
}

fn starting(field: &Field) -> Expr {
    let pattern = part(Node::Text("A%".to_owned()));
    part(Node::Like(Box::new([property(field), pattern])))
}

fn inside(geometry: &str, [west, south, east, north]: [f64; 4]) -> Expr {
    let bbox = Node::Bbox(BboxLiteral {
        low: [west, south],
        high: [east, north],
        heights: None,
    });
    let geometry = part(Node::Property(geometry.to_owned()));
    part(Node::Spatial(
        SpatialOp::Intersects,
        Box::new([geometry, part(bbox)]),
    ))
}
