//! A layer for tests: rows in a list.

use std::ops::ControlFlow;

use super::source::{TileRow, TileRows};
use crate::geometry::grid::{GridBox, GridPoint, from_lonlat};
use crate::geometry::paths::{GridPaths, PathKind};
use crate::geometry::prepare::Prepare;
use crate::model::{DataType, FeatureId, FeatureIdRef, Field, Schema, ValueRef};

pub struct Row {
    pub id: FeatureId,
    pub values: Vec<ValueRef<'static>>,
    xy: Vec<GridPoint>,
    importance: Vec<u8>,
    ends: Vec<u32>,
    kinds: Vec<u8>,
}

impl TileRow for Row {
    fn id(&self) -> FeatureIdRef<'_> {
        self.id.as_ref()
    }

    fn value(&self, field: usize) -> ValueRef<'_> {
        self.values[field]
    }

    fn grid_bbox(&self) -> Option<GridBox> {
        Some(GridBox::around(&self.xy)).filter(|b| !b.is_empty())
    }

    fn grid_paths(&self) -> GridPaths<'_> {
        GridPaths::mixed(&self.kinds, &self.xy, &self.importance, &self.ends, 0)
    }
}

pub struct Rows {
    pub name: String,
    pub schema: Schema,
    pub properties: Vec<usize>,
    pub zooms: (u8, u8),
    pub small_ids: bool,
    pub list: Vec<Row>,
}

impl Rows {
    pub fn new(fields: &[(&str, DataType)]) -> Self {
        Self {
            name: "layer".to_owned(),
            schema: Schema {
                fields: fields
                    .iter()
                    .map(|(name, t)| Field::new(*name, *t))
                    .collect(),
                ..Schema::default()
            },
            properties: (0..fields.len()).collect(),
            zooms: (0, 14),
            small_ids: true,
            list: Vec::new(),
        }
    }

    /// Adds a row whose paths are on the world grid.
    pub fn push(
        &mut self,
        id: i64,
        values: Vec<ValueRef<'static>>,
        paths: &[(PathKind, bool, Vec<GridPoint>)],
    ) {
        let mut prepare = Prepare::default();
        prepare.begin();
        for (kind, hole, xy) in paths {
            prepare.add(*kind, *hole, xy.iter().copied());
        }
        let done = prepare.finish();
        self.list.push(Row {
            id: FeatureId::Int(id),
            values,
            xy: done.xy.to_vec(),
            importance: done.importance.to_vec(),
            ends: done.ends.to_vec(),
            kinds: done.kinds.to_vec(),
        });
    }

    /// A layer of one polygon, line or point per entry, in degrees, without properties.
    pub fn of(kind: PathKind, shapes: &[&[[f64; 2]]]) -> Self {
        let mut rows = Self::new(&[]);
        for (i, shape) in shapes.iter().enumerate() {
            let xy = shape.iter().map(|p| from_lonlat(p[0], p[1])).collect();
            rows.push(i as i64, vec![], &[(kind, false, xy)]);
        }
        rows
    }
}

impl TileRows for Rows {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn tile_properties(&self) -> &[usize] {
        &self.properties
    }

    fn tile_zooms(&self) -> (u8, u8) {
        self.zooms
    }

    fn ids_are_small_integers(&self) -> bool {
        self.small_ids
    }

    fn scan(&self, windows: &[GridBox], visit: &mut dyn FnMut(&dyn TileRow) -> ControlFlow<()>) {
        for row in &self.list {
            let inside = row
                .grid_bbox()
                .is_some_and(|b| windows.iter().any(|w| w.intersects(&b)));
            if inside && visit(row).is_break() {
                return;
            }
        }
    }
}
