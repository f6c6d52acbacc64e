//! One row of a table, as the evaluator sees it.

use std::borrow::Cow;

use super::arrays;
use super::evaluate::Cells;
use super::shape::Shape;
use super::table::{Table, Values};
use super::term::GeometryFrame;
use super::value::Value;
use crate::geometry::crs::Transform;
use crate::geometry::source::SourceGeometry;

/// A row, and how its geometry comes into the frame of the filter.
pub(super) struct TableRow<'t, T: Table> {
    pub(super) table: &'t T,
    pub(super) row: usize,
    pub(super) to_filter: Option<&'t Transform>,
    pub(super) to_crs84: Option<&'t Transform>,
}

impl<'t, T: Table> Cells<'t> for TableRow<'t, T> {
    fn value(&self, field: usize) -> Value<'t> {
        let column = self.table.column(field);
        let row = self.row;
        if column
            .valid
            .is_some_and(|v| v[row / 64] & (1 << (row % 64)) == 0)
        {
            return Value::Null;
        }
        let text = |text: &'t str| Value::Text(Cow::Borrowed(text));
        match column.values {
            Values::Bool(v) => Value::Bool(v[row] != 0),
            Values::Int8(v) => Value::Int(v[row].into()),
            Values::Int16(v) => Value::Int(v[row].into()),
            Values::Int32(v) => Value::Int(v[row].into()),
            Values::Int64(v) => Value::Int(v[row]),
            Values::Float(v) if v[row].is_finite() => Value::Float(v[row]),
            Values::Float(_) => Value::Null,
            Values::Text(texts) => text(texts.get(row)),
            Values::Dictionary(codes, words) => text(words.get(codes.get(row))),
            Values::Date(v) => Value::Date(v[row]),
            Values::Timestamp(v, _) => Value::Timestamp(v[row]),
            Values::Json(texts) => arrays::from_json(texts.get(row)),
            Values::JsonDictionary(codes, words) => arrays::from_json(words.get(codes.get(row))),
        }
    }

    fn is_null(&self, field: usize) -> bool {
        let column = self.table.column(field);
        let row = self.row;
        column
            .valid
            .is_some_and(|v| v[row / 64] & (1 << (row % 64)) == 0)
            || matches!(column.values, Values::Float(v) if !v[row].is_finite())
    }

    fn civil(&self, field: usize) -> Value<'t> {
        match (self.value(field), self.table.column(field).values) {
            (Value::Timestamp(us), Values::Timestamp(_, clocks)) => {
                Value::Timestamp(clocks.day_clock_us(self.row, us))
            }
            (other, _) => other,
        }
    }

    fn geometry(&self) -> Option<SourceGeometry<'t>> {
        self.table.geometry(self.row)
    }

    fn shape(&self, frame: GeometryFrame) -> Option<Shape> {
        let geometry = self.geometry()?;
        let mut shape = Shape {
            kind: geometry.kind,
            counts: geometry.counts.to_vec(),
            xy: geometry.xy.to_vec(),
            z: geometry.z.to_vec(),
        };
        let transform = match frame {
            GeometryFrame::Filter => self.to_filter,
            GeometryFrame::Crs84 => self.to_crs84,
        };
        if let Some(transform) = transform {
            transform.convert(&mut shape.xy).ok()?;
        }
        Some(shape)
    }
}
