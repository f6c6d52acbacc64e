//! `[layer.fields.…]`: what the properties of a layer mean.

use std::collections::BTreeMap;

use super::table::Table;

/// The types a property can be declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// true or false.
    Boolean,
    /// A 64-bit integer.
    Integer,
    /// A double.
    Number,
    /// Text.
    String,
    /// A calendar day.
    Date,
    /// An instant.
    DateTime,
    /// Any JSON value.
    Json,
}

impl FieldType {
    /// The words of the configuration.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("boolean", Self::Boolean),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("string", Self::String),
        ("date", Self::Date),
        ("date-time", Self::DateTime),
        ("json", Self::Json),
    ];
}

/// One declared property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the source.
    pub name: String,
    /// Its type; `None` leaves it to inference.
    pub data_type: Option<FieldType>,
    /// What people read instead of the name.
    pub title: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// Meaning of its codes: code → label.
    pub codes: BTreeMap<String, String>,
}

/// Reads `fields`, in the order of the file.
pub(super) fn read(layer: &Table<'_>) -> Vec<Field> {
    let Some(t) = layer.table("fields", "[layer.fields]") else {
        return Vec::new();
    };
    let entries = t.entries();
    let read = |(name, node): &(&str, super::node::Node<'_>)| {
        Some(read_one(
            name,
            node.table(format!("[layer.fields.{name}]"))?,
        ))
    };
    entries.iter().filter_map(read).collect()
}

fn read_one(name: &str, t: Table<'_>) -> Field {
    let codes = t.table("codes", "codes").map(|codes| {
        let pair =
            |(code, label): (&str, super::node::Node<'_>)| Some((code.to_owned(), label.string()?));
        codes.entries().into_iter().filter_map(pair).collect()
    });
    let field = Field {
        name: name.to_owned(),
        data_type: t.get("type").and_then(|n| n.choice(&FieldType::WORDS)),
        title: t.string("title"),
        description: t.string("description"),
        codes: codes.unwrap_or_default(),
    };
    t.finish();
    field
}
