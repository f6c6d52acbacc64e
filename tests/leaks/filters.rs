//! Row filters of profiles, in a form of their own: written as CQL2 for the server, judged here without it.

use guichet::model::DataType;

use crate::maker::Maker;
use crate::world::{Layer, Row, Value};

/// Which rows. Properties are named: another layer's have other names.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    All,
    Nothing,
    Is(String, Value),
    AtLeast(String, f64),
    IsNull(String),
    Not(Box<Test>),
    And(Box<[Test; 2]>),
    Or(Box<[Test; 2]>),
}

impl Test {
    /// Three-valued: what is compared with nothing is unknown. A property that the layer lacks is unknown too; `is_faulty` tells.
    pub fn truth(&self, layer: &Layer, row: &Row) -> Option<bool> {
        let value = |name: &str| {
            let place = layer.fields.iter().position(|f| f.name == name)?;
            Some(&row.values[place])
        };
        match self {
            Self::All => Some(true),
            Self::Nothing => Some(false),
            Self::Is(name, wanted) => match value(name)? {
                Value::Null => None,
                found => Some(found == wanted),
            },
            Self::AtLeast(name, least) => match value(name)? {
                Value::Int(i) => Some(*i as f64 >= *least),
                Value::Number(x) => Some(x >= least),
                _ => None,
            },
            Self::IsNull(name) => Some(*value(name)? == Value::Null),
            Self::Not(inner) => inner.truth(layer, row).map(|t| !t),
            Self::And(both) => match both.each_ref().map(|t| t.truth(layer, row)) {
                [Some(false), _] | [_, Some(false)] => Some(false),
                [Some(true), Some(true)] => Some(true),
                _ => None,
            },
            Self::Or(both) => match both.each_ref().map(|t| t.truth(layer, row)) {
                [Some(true), _] | [_, Some(true)] => Some(true),
                [Some(false), Some(false)] => Some(false),
                _ => None,
            },
        }
    }

    /// The properties that it names.
    pub fn properties(&self) -> Vec<String> {
        match self {
            Self::All | Self::Nothing => Vec::new(),
            Self::Is(name, _) | Self::AtLeast(name, _) | Self::IsNull(name) => vec![name.clone()],
            Self::Not(inner) => inner.properties(),
            Self::And(both) | Self::Or(both) => both.iter().flat_map(Self::properties).collect(),
        }
    }

    /// True if it names a property that the layer lacks.
    pub fn is_faulty(&self, layer: &Layer) -> bool {
        match self {
            Self::All | Self::Nothing => false,
            Self::Is(name, _) | Self::AtLeast(name, _) | Self::IsNull(name) => {
                layer.fields.iter().all(|f| f.name != *name)
            }
            Self::Not(inner) => inner.is_faulty(layer),
            Self::And(both) | Self::Or(both) => both.iter().any(|t| t.is_faulty(layer)),
        }
    }

    /// The text of it in CQL2.
    pub fn text(&self) -> String {
        let name = |n: &String| format!("\"{}\"", n.replace('"', "\"\""));
        match self {
            Self::All => "TRUE".to_owned(),
            Self::Nothing => "FALSE".to_owned(),
            Self::Is(n, value) => {
                let literal = value
                    .literal(DataType::String)
                    .expect("texts and numbers alone");
                format!("{} = {literal}", name(n))
            }
            Self::AtLeast(n, least) => format!("{} >= {least}", name(n)),
            Self::IsNull(n) => format!("{} IS NULL", name(n)),
            Self::Not(inner) => format!("NOT ({})", inner.text()),
            Self::And(both) => format!("({}) AND ({})", both[0].text(), both[1].text()),
            Self::Or(both) => format!("({}) OR ({})", both[0].text(), both[1].text()),
        }
    }

    /// A test that some rows of the layer pass and some do not, if it has properties for that.
    pub fn random(maker: &mut Maker, layer: &Layer, depth: usize) -> Self {
        if depth > 0 && maker.rng.one_in(3) {
            let both = [
                Self::random(maker, layer, depth - 1),
                Self::random(maker, layer, depth - 1),
            ];
            return match maker.rng.below(3) {
                0 => Self::And(Box::new(both)),
                1 => Self::Or(Box::new(both)),
                _ => Self::Not(Box::new(both[0].clone())),
            };
        }
        let place = maker.rng.below(layer.fields.len());
        let field = &layer.fields[place];
        let name = field.name.clone();
        match field.data_type {
            DataType::String if !field.codes.is_empty() => {
                let codes: Vec<_> = field.codes.keys().cloned().collect();
                Self::Is(name, Value::Text(maker.rng.pick(&codes).clone()))
            }
            DataType::Integer => {
                let of_row = (!layer.rows.is_empty())
                    .then(|| maker.rng.pick(&layer.rows).values[place].clone());
                match of_row {
                    Some(Value::Int(i)) => Self::AtLeast(name, i as f64),
                    _ => Self::IsNull(name),
                }
            }
            _ if maker.rng.one_in(3) => Self::IsNull(name),
            _ => Self::All,
        }
    }
}
