//! A segment as filters see it.

use super::column::{Ints, Values};
use super::segment::Segment;
use super::text::{Codes, Texts};
use crate::filter;
use crate::geometry::grid::GridBox;
use crate::geometry::source::SourceGeometry;

impl filter::Table for Segment {
    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, field: usize) -> filter::Column<'_> {
        let column = &self.columns[field];
        filter::Column {
            values: values(&column.values),
            valid: (!column.valid.is_empty()).then_some(&**column.valid),
            zones: column.zones.as_zones(),
        }
    }

    fn geometry(&self, row: usize) -> Option<SourceGeometry<'_>> {
        self.source_geometry(row)
    }

    fn grid_bbox(&self, row: usize) -> Option<GridBox> {
        Segment::grid_bbox(self, row)
    }
}

fn values(values: &Values) -> filter::Values<'_> {
    match values {
        Values::Bool(v) => filter::Values::Bool(v),
        Values::Int(Ints::W1(v)) => filter::Values::Int8(v),
        Values::Int(Ints::W2(v)) => filter::Values::Int16(v),
        Values::Int(Ints::W4(v)) => filter::Values::Int32(v),
        Values::Int(Ints::W8(v)) => filter::Values::Int64(v),
        Values::Float(v) => filter::Values::Float(v),
        Values::Text(Texts::Plain(arena)) => filter::Values::Text(arena.as_texts()),
        Values::Text(Texts::Dictionary { codes: c, words }) => {
            filter::Values::Dictionary(codes(c), words.as_texts())
        }
        Values::Date(v) => filter::Values::Date(v),
        Values::DateTime {
            instant_us,
            styles,
            style_of,
        } => filter::Values::Timestamp(instant_us, filter::Clocks { styles, style_of }),
        Values::Json(Texts::Plain(arena)) => filter::Values::Json(arena.as_texts()),
        Values::Json(Texts::Dictionary { codes: c, words }) => {
            filter::Values::JsonDictionary(codes(c), words.as_texts())
        }
    }
}

fn codes(codes: &Codes) -> filter::Codes<'_> {
    match codes {
        Codes::W1(v) => filter::Codes::U8(v),
        Codes::W2(v) => filter::Codes::U16(v),
        Codes::W4(v) => filter::Codes::U32(v),
    }
}
