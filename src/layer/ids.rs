//! The public id of each row, and the way back from an id to its row.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::column::{Column, Values};
use super::row_set::RowSet;
use super::section::{Section, SectionVisitor};
use super::text::Arena;
use crate::model::{FeatureIdRef, ValueRef};

/// Where ids come from.
#[derive(Debug, Clone)]
pub(crate) enum IdColumn {
    /// A property column, by its place.
    Property(usize),
    /// 32-bit numbers: places in the file.
    Small(Arc<Section<u32>>),
    /// Integers of the file.
    Int(Arc<Section<i64>>),
    /// Texts of the file.
    Text(Arc<Arena>),
    /// Integers that a view gave to the rows that it shows, in their order. Never written to a snapshot.
    Given(Arc<RowSet>, Arc<Section<i64>>),
}

/// Ids of a segment.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub(super) column: IdColumn,
    /// Rows in the order of their ids; none for those that a view gave.
    pub(super) by_id: Arc<Section<u32>>,
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
            IdColumn::Given(rows, ids) => {
                FeatureIdRef::Int(ids.get(rows.rank(row)).copied().unwrap_or(0))
            }
        }
    }

    /// True if ids are integers, false if texts.
    pub(crate) fn are_integers(&self, columns: &[Column]) -> bool {
        match &self.column {
            IdColumn::Property(place) => matches!(*columns[*place].values, Values::Int(_)),
            IdColumn::Small(_) | IdColumn::Int(_) | IdColumn::Given(..) => true,
            IdColumn::Text(_) => false,
        }
    }

    /// The row of an id.
    pub(crate) fn find(&self, columns: &[Column], id: FeatureIdRef<'_>) -> Option<usize> {
        if let (IdColumn::Given(rows, ids), FeatureIdRef::Int(id)) = (&self.column, id) {
            // Looked for one by one, in a millisecond for a million: an order of them in each of many views would cost half as much again
            // as the ids themselves.
            return ids
                .iter()
                .position(|i| *i == id)
                .and_then(|rank| rows.nth(rank));
        }
        self.by_id
            .binary_search_by(|row| self.get(columns, *row as usize).cmp(&id))
            .ok()
            .map(|place| self.by_id[place] as usize)
    }

    pub(super) fn shape(&self) -> IdShape {
        match &self.column {
            IdColumn::Property(p) => IdShape::Property(*p),
            IdColumn::Small(_) => IdShape::Small,
            IdColumn::Int(_) | IdColumn::Given(..) => IdShape::Int,
            IdColumn::Text(_) => IdShape::Text,
        }
    }

    pub(super) fn of_shape(shape: IdShape) -> Self {
        let column = match shape {
            IdShape::Property(p) => IdColumn::Property(p),
            IdShape::Small => IdColumn::Small(Arc::default()),
            IdShape::Int => IdColumn::Int(Arc::default()),
            IdShape::Text => IdColumn::Text(Arc::default()),
        };
        Self {
            column,
            by_id: Arc::default(),
        }
    }

    pub(super) fn visit<V: SectionVisitor>(&mut self, v: &mut V) -> Result<(), V::Error> {
        match &mut self.column {
            IdColumn::Property(_) => {}
            IdColumn::Small(s) => v.section("id", Arc::make_mut(s))?,
            IdColumn::Int(s) | IdColumn::Given(_, s) => v.section("id", Arc::make_mut(s))?,
            IdColumn::Text(a) => Arc::make_mut(a).visit("id", v)?,
        }
        v.section("id.order", Arc::make_mut(&mut self.by_id))
    }

    pub(super) fn is_sound(&self, columns: &[Column], rows: usize) -> bool {
        let column = match &self.column {
            IdColumn::Property(p) => columns
                .get(*p)
                .is_some_and(|c| matches!(*c.values, Values::Int(_) | Values::Text(_))),
            IdColumn::Small(s) => s.len() == rows,
            IdColumn::Int(s) | IdColumn::Given(_, s) => s.len() == rows,
            IdColumn::Text(a) => a.len() == rows && a.is_sound(),
        };
        column && self.by_id.len() == rows && self.by_id.iter().all(|r| (*r as usize) < rows)
    }
}
