//! Properties as query parameters (OGC 17-069r4 §7.15.5, `/rec/core/fc-filters`): `name=Aix` keeps the rows whose property equals.

use super::fault::FaultKind;
use crate::model::temporal::{Date, DateTime, Zone, parse_instant};
use crate::model::{DataType, Field, Schema, ValueRef};

/// Names that mean something else in a query, now or in parts of the standard that this server will take up; a property of such a
/// name cannot be asked for in this way.
pub const RESERVED: &[&str] = &[
    "bbox",
    "bbox-crs",
    "crs",
    "cursor",
    "datetime",
    "f",
    "filter",
    "filter-crs",
    "filter-lang",
    "ids",
    "key",
    "lang",
    "limit",
    "offset",
    "profile",
    "properties",
    "q",
    "sig",
    "sortby",
];

/// The properties that can be query parameters, with their places: all but nested values and [`RESERVED`] names.
pub fn queryable_fields(schema: &Schema) -> impl Iterator<Item = (usize, &Field)> {
    let queryable =
        |f: &Field| f.data_type != DataType::Json && !RESERVED.contains(&f.name.as_str());
    schema
        .fields
        .iter()
        .enumerate()
        .filter(move |(_, f)| queryable(f))
}

/// `property = value`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Equality {
    field: usize,
    value: Wanted,
}

#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Date(Date),
    /// An instant, microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// Written without a zone: compared with what the clock showed, microseconds since 1970-01-01T00:00:00 of the same zone.
    Civil(i64),
}

impl Equality {
    /// Reads the value as the field's type.
    pub(super) fn parse(place: usize, field: &Field, text: &str) -> Result<Self, FaultKind> {
        let value = match field.data_type {
            DataType::Boolean => boolean(text).map(Wanted::Bool),
            DataType::Integer => text.parse().ok().map(Wanted::Int),
            DataType::Number => text
                .parse()
                .ok()
                .filter(|x: &f64| x.is_finite())
                .map(Wanted::Float),
            DataType::String => Some(Wanted::Text(text.to_owned())),
            DataType::Date => Date::parse(text).map(Wanted::Date),
            DataType::DateTime => date_time(text),
            DataType::Json => None,
        };
        value
            .map(|value| Self {
                field: place,
                value,
            })
            .ok_or_else(|| FaultKind::NotOfType {
                given: text.to_owned(),
                expected: field.data_type,
            })
    }

    /// The place of the property.
    pub(super) fn field(&self) -> usize {
        self.field
    }

    /// True if the value equals; null equals nothing.
    pub(super) fn holds(&self, value: ValueRef<'_>) -> bool {
        match (&self.value, value) {
            (Wanted::Bool(a), ValueRef::Bool(b)) => *a == b,
            (Wanted::Int(a), ValueRef::Int(b)) => *a == b,
            (Wanted::Float(a), ValueRef::Float(b)) => *a == b,
            (Wanted::Text(a), ValueRef::Text(b)) => a == b,
            (Wanted::Date(a), ValueRef::Date(b)) => *a == b,
            (Wanted::Instant(a), ValueRef::DateTime(b)) => *a == b.instant_us,
            (Wanted::Civil(a), ValueRef::DateTime(b)) => *a == b.civil_us(),
            _ => false,
        }
    }
}

/// `true` and `false`, and what GDAL sends for them.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn date_time(text: &str) -> Option<Wanted> {
    if let Some((us, inexact)) = parse_instant(text) {
        return (!inexact).then_some(Wanted::Instant(us));
    }
    let t = DateTime::parse(text, |_| 0)?;
    Some(match t.style.zone {
        Zone::Naive(_) => Wanted::Civil(t.instant_us),
        Zone::Utc | Zone::Offset(_) => Wanted::Instant(t.instant_us),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(data_type: DataType, text: &str, value: ValueRef<'_>) -> bool {
        let field = Field::new("a", data_type);
        Equality::parse(0, &field, text).expect(text).holds(value)
    }

    #[test]
    fn values_are_compared_by_type() {
        assert!(holds(DataType::Boolean, "1", ValueRef::Bool(true)));
        assert!(holds(DataType::Boolean, "0", ValueRef::Bool(false)));
        assert!(holds(DataType::Boolean, "true", ValueRef::Bool(true)));
        assert!(holds(
            DataType::Integer,
            "-9007199254740993",
            ValueRef::Int(-9_007_199_254_740_993)
        ));
        assert!(holds(DataType::Number, "1e3", ValueRef::Float(1000.0)));
        assert!(holds(DataType::String, "", ValueRef::Text("")));
        assert!(!holds(DataType::String, "", ValueRef::Null));
        assert!(holds(
            DataType::Date,
            "2020-02-29",
            ValueRef::Date(Date(18_321))
        ));
    }

    #[test]
    fn instants_are_compared_as_instants_and_naive_ones_by_the_clock() {
        let naive = DateTime::parse("2020-06-01 12:00:00", |_| 120).expect("naive");
        assert!(holds(
            DataType::DateTime,
            "2020-06-01T10:00:00Z",
            ValueRef::DateTime(naive)
        ));
        assert!(holds(
            DataType::DateTime,
            "2020-06-01T12:00:00",
            ValueRef::DateTime(naive)
        ));
        assert!(holds(
            DataType::DateTime,
            "2020-06-01 12:00:00",
            ValueRef::DateTime(naive)
        ));
        assert!(!holds(
            DataType::DateTime,
            "2020-06-01T10:00:00",
            ValueRef::DateTime(naive)
        ));
    }

    #[test]
    fn values_of_another_type_are_refused() {
        for (data_type, text) in [
            (DataType::Boolean, "yes"),
            (DataType::Boolean, "2"),
            (DataType::Integer, "1.5"),
            (DataType::Integer, "9223372036854775808"),
            (DataType::Integer, ""),
            (DataType::Number, "NaN"),
            (DataType::Number, "inf"),
            (DataType::Date, "2020-13-01"),
            (DataType::DateTime, "noon"),
        ] {
            let fault = Equality::parse(0, &Field::new("a", data_type), text).expect_err(text);
            assert!(
                matches!(fault, FaultKind::NotOfType { expected, .. } if expected == data_type),
                "{text}"
            );
        }
    }
}
