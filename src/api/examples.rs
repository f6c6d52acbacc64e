//! Filters to begin with, made of what a collection says of itself (its properties, their codes, its extent) or of one of its items.

use std::ops::ControlFlow;

use super::extent;
use crate::catalog::VisibleLayer;
use crate::filter::ast::{CompareOp, SpatialOp};
use crate::filter::{BboxLiteral, Expr, Node, Span, to_text};
use crate::model::temporal::Date;
use crate::model::{DataType, Field, ValueRef};

/// 2024-01-01, a day that has something on either side in most data.
const DAY: i32 = 19_723;
const DAY_US: i64 = crate::model::temporal::DAY_US;
/// Items among which one is looked for that has many values.
const LOOKED_AT: usize = 64;
/// Letters that a text must begin with: enough to say something, few enough for others to begin so too.
const LETTERS: usize = 3;

/// One example for each kind of property that there is: text, number, moment, boolean, geometry; last, the first two joined. Of the layer as
/// its items show it: each is true of one of them, the same for all.
pub(super) fn of_items(layer: &VisibleLayer) -> Vec<String> {
    let fields = fields(layer);
    let mut best = (0, Vec::new());
    let mut left = LOOKED_AT;
    layer.scan_offset(layer.feature_count() / 2, &mut |row| {
        let values = fields
            .iter()
            .filter_map(|(place, field)| true_of(field, row.value(*place)));
        let values: Vec<Expr> = values.collect();
        if values.len() > best.0 {
            best = (values.len(), values);
        }
        left -= 1;
        if left == 0 || best.0 == fields.len() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    completed(layer, best.1).iter().map(to_text).collect()
}

/// The same of the layer as it is described, where nobody may be shown a value.
pub(super) fn trees(layer: &VisibleLayer) -> Vec<Expr> {
    let fields = fields(layer).into_iter();
    let examples = fields.filter_map(|(_, field)| about(field)).collect();
    completed(layer, examples)
}

/// A field for each kind, with its place.
fn fields(layer: &VisibleLayer) -> Vec<(usize, &Field)> {
    let schema = layer.schema();
    let metadata = layer.metadata();
    let all = || schema.fields.iter().enumerate();
    let first = |types: &[DataType]| all().find(|(_, f)| types.contains(&f.data_type));
    let label = metadata.label.as_deref().and_then(|l| schema.index_of(l));
    let label = label.map(|place| (place, &schema.fields[place]));
    let text = label
        .filter(|(_, f)| f.data_type == DataType::String)
        .or_else(|| first(&[DataType::String]));
    let time = layer
        .time_field()
        .map(|place| (place, &schema.fields[place]));
    let time = time.or_else(|| first(&[DataType::Date, DataType::DateTime]));
    let is_number =
        |(_, f): &(usize, &Field)| matches!(f.data_type, DataType::Integer | DataType::Number);
    let numbers = || all().filter(is_number);
    // Numbers that only name something are not worth comparing.
    let number = numbers()
        .find(|(_, f)| !is_key(&f.name))
        .or(numbers().next());
    let fields = [text, number, time, first(&[DataType::Boolean])];
    fields.into_iter().flatten().collect()
}

/// With one of the geometry, and one of two conditions.
fn completed(layer: &VisibleLayer, mut examples: Vec<Expr>) -> Vec<Expr> {
    if let Some(bbox) = extent::bbox(layer) {
        examples.push(inside(layer.schema().geometry_name(), bbox));
    }
    if let [a, b, ..] = examples.as_slice() {
        examples.push(part(Node::And(vec![a.clone(), b.clone()])));
    }
    examples
}

/// A condition that a value fulfils; `None` for no value, and for one that makes no good example.
fn true_of(field: &Field, value: ValueRef<'_>) -> Option<Expr> {
    let (operator, value) = match value {
        ValueRef::Bool(b) => (CompareOp::Equal, Node::Bool(b)),
        ValueRef::Int(i) if field.codes.contains_key(&i.to_string()) => {
            (CompareOp::Equal, Node::Int(i))
        }
        ValueRef::Int(i) => (CompareOp::GreaterOrEqual, Node::Int(i)),
        ValueRef::Float(f) if f.is_finite() && f.abs() < 1e15 => {
            (CompareOp::GreaterOrEqual, Node::Int(f.floor() as i64))
        }
        ValueRef::Text(text) if field.codes.contains_key(text) => {
            (CompareOp::Equal, Node::Text(text.to_owned()))
        }
        ValueRef::Text(text) => {
            // What means something in a pattern is left out of it.
            let plain = text.chars().take_while(|c| !"%_\\".contains(*c));
            let beginning: String = plain.take(LETTERS).collect();
            return (!beginning.trim().is_empty()).then(|| starting(field, &beginning));
        }
        ValueRef::Date(date) => (CompareOp::GreaterOrEqual, Node::Date(date)),
        ValueRef::DateTime(time) => {
            let second = time.instant_us.div_euclid(1_000_000) * 1_000_000;
            (CompareOp::GreaterOrEqual, Node::Timestamp(second))
        }
        ValueRef::Float(_) | ValueRef::Null | ValueRef::Json(_) => return None,
    };
    let sides = [property(field), part(value)];
    Some(part(Node::Compare(operator, Box::new(sides))))
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
            None => return Some(starting(field, "A")),
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

fn starting(field: &Field, beginning: &str) -> Expr {
    let pattern = part(Node::Text(format!("{beginning}%")));
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
