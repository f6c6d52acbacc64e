//! The public id of each row, and the way back from an id to its row.

use serde::{Deserialize, Serialize};

use super::column::{Column, Values};
use super::section::{Section, SectionVisitor};
use super::text::Arena;
use crate::model::{FeatureIdRef, ValueRef};

/// Where ids come from.
#[derive(Debug)]
pub(crate) enum IdColumn {
    /// A property column, by its place.
    Property(usize),
    /// 32-bit numbers: places in the file.
    Small(Section<u32>),
    /// Integers of the file.
    Int(Section<i64>),
    /// Texts of the file.
    Text(Arena),
}

/// Ids of a segment.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(super) column: IdColumn,
    /// Rows in the order of their ids.
    pub(super) by_id: Section<u32>,
}

/// What a snapshot's header says of the ids.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IdShape {
    Property(usize),
    Small,
    Int,
    Text,
}

impl Ids {
    /// The id of a row. `columns` are those of the same segment.
    pub(crate) fn get<'a>(&'a self, columns: &'a [Column], row: usize) -> FeatureIdRef<'a> {
        match &self.column {
            IdColumn::Property(place) => match columns[*place].get(row) {
                ValueRef::Int(i) => FeatureIdRef::Int(i),
                ValueRef::Text(t) => FeatureIdRef::Text(t),
                // Refused when the layer is built: an id column is of integers or texts, without nulls.
                _ => FeatureIdRef::Text(""),
            },
            IdColumn::Small(s) => FeatureIdRef::Int(s[row].into()),
            IdColumn::Int(s) => FeatureIdRef::Int(s[row]),
            IdColumn::Text(a) => FeatureIdRef::Text(a.get(row)),
        }
    }

    /// True if ids are integers, false if texts.
    pub(crate) fn are_integers(&self, columns: &[Column]) -> bool {
        match &self.column {
            IdColumn::Property(place) => matches!(columns[*place].values, Values::Int(_)),
            IdColumn::Small(_) | IdColumn::Int(_) => true,
            IdColumn::Text(_) => false,
        }
    }

    /// The row of an id.
    pub(crate) fn find(&self, columns: &[Column], id: FeatureIdRef<'_>) -> Option<usize> {
        self.by_id
            .binary_search_by(|row| self.get(columns, *row as usize).cmp(&id))
            .ok()
            .map(|place| self.by_id[place] as usize)
    }

    pub(super) fn shape(&self) -> IdShape {
        match &self.column {
            IdColumn::Property(p) => IdShape::Property(*p),
            IdColumn::Small(_) => IdShape::Small,
            IdColumn::Int(_) => IdShape::Int,
            IdColumn::Text(_) => IdShape::Text,
        }
    }

    pub(super) fn of_shape(shape: IdShape) -> Self {
        let column = match shape {
            IdShape::Property(p) => IdColumn::Property(p),
            IdShape::Small => IdColumn::Small(Section::default()),
            IdShape::Int => IdColumn::Int(Section::default()),
            IdShape::Text => IdColumn::Text(Arena::default()),
        };
        Self {
            column,
            by_id: Section::default(),
        }
    }

    pub(super) fn visit<V: SectionVisitor>(&mut self, v: &mut V) -> Result<(), V::Error> {
        match &mut self.column {
            IdColumn::Property(_) => {}
            IdColumn::Small(s) => v.section("id", s)?,
            IdColumn::Int(s) => v.section("id", s)?,
            IdColumn::Text(a) => a.visit("id", v)?,
        }
        v.section("id.order", &mut self.by_id)
    }

    pub(super) fn is_sound(&self, columns: &[Column], rows: usize) -> bool {
        let column = match &self.column {
            IdColumn::Property(p) => columns
                .get(*p)
                .is_some_and(|c| matches!(c.values, Values::Int(_) | Values::Text(_))),
            IdColumn::Small(s) => s.len() == rows,
            IdColumn::Int(s) => s.len() == rows,
            IdColumn::Text(a) => a.len() == rows && a.is_sound(),
        };
        column && self.by_id.len() == rows && self.by_id.iter().all(|r| (*r as usize) < rows)
    }
}
